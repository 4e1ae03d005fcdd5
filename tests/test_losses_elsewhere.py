"""Losses against PyTorch, scikit-learn and SciPy, where those are installed."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.core.arrays import Array
from glassnet.core.loss import Loss
from glassnet.losses import (
    AbsoluteError,
    Gamma,
    GaussianLikelihood,
    Huber,
    Logistic,
    Pinball,
    Poisson,
    SoftmaxCrossEntropy,
    SquaredError,
)

ROWS = 40
RANDOM = np.random.default_rng(12)
SCORES = 2.0 * RANDOM.normal(size=(ROWS, 3))
NUMBERS = RANDOM.normal(size=(ROWS, 3))
AMOUNTS = RANDOM.gamma(2.0, 1.0, (ROWS, 3)) + 0.01
COUNTS = RANDOM.poisson(1.5, (ROWS, 3)).astype(float)
FLAGS = RANDOM.integers(0, 2, (ROWS, 3)).astype(float)
SHARES = RANDOM.dirichlet(np.ones(3), ROWS)
LABELS = RANDOM.integers(0, 3, ROWS)
SPREADS = RANDOM.normal(size=(ROWS, 3))


def compute(loss: Loss, scores: Array, targets: Array) -> tuple[Array, Array]:
    gradient = np.empty_like(scores)
    return loss.compute(scores, targets, gradient), gradient


def own(loss: Loss, scores: Array, targets: Array) -> Array:
    return compute(loss, scores, targets)[0]


# PyTorch: loss and gradient

Theirs = Callable[[Any, Any, Any], Any]


def gaussian(f: Any, scores: Any, targets: Any) -> Any:
    variances = f.softplus(scores[:, 3:], threshold=1000.0) + 1e-3
    return f.gaussian_nll_loss(
        scores[:, :3], targets, variances, full=True, eps=1e-12, reduction="none"
    ).mean(dim=1)


def poisson(f: Any, scores: Any, targets: Any) -> Any:
    """PyTorch leaves out what does not depend on the scores."""
    losses = f.poisson_nll_loss(scores, targets, log_input=True, reduction="none")
    return (losses + targets.xlogy(targets) - targets).mean(dim=1)


def pinball(f: Any, scores: Any, targets: Any) -> Any:
    difference = targets - scores
    return (0.2 * f.relu(difference) + 0.8 * f.relu(-difference)).mean(dim=1)


PYTORCH: dict[str, tuple[Loss, Array, Array, Theirs]] = {
    "squared error": (
        SquaredError(),
        SCORES,
        NUMBERS,
        lambda f, s, t: f.mse_loss(s, t, reduction="none").mean(dim=1),
    ),
    "squared error, tanh": (
        SquaredError(activation="tanh"),
        SCORES,
        NUMBERS,
        lambda f, s, t: f.mse_loss(s.tanh(), t, reduction="none").mean(dim=1),
    ),
    "absolute error": (
        AbsoluteError(),
        SCORES,
        NUMBERS,
        lambda f, s, t: f.l1_loss(s, t, reduction="none").mean(dim=1),
    ),
    "huber": (
        Huber(0.7),
        SCORES,
        NUMBERS,
        lambda f, s, t: f.huber_loss(s, t, delta=0.7, reduction="none").mean(dim=1),
    ),
    "pinball": (Pinball((0.2,)), SCORES, NUMBERS, pinball),
    "poisson": (Poisson(), SCORES, COUNTS, poisson),
    "gaussian": (GaussianLikelihood(1e-3), np.hstack([SCORES, SPREADS]), NUMBERS, gaussian),
    "logistic": (
        Logistic(),
        SCORES,
        FLAGS,
        lambda f, s, t: f.binary_cross_entropy_with_logits(s, t, reduction="none").mean(dim=1),
    ),
    "logistic, shares": (
        Logistic(),
        SCORES,
        SHARES,
        lambda f, s, t: f.binary_cross_entropy_with_logits(s, t, reduction="none").mean(dim=1),
    ),
    "softmax, labels": (
        SoftmaxCrossEntropy(),
        SCORES,
        LABELS,
        lambda f, s, t: f.cross_entropy(s, t, reduction="none"),
    ),
    "softmax, shares": (
        SoftmaxCrossEntropy(),
        SCORES,
        SHARES,
        lambda f, s, t: f.cross_entropy(s, t, reduction="none"),
    ),
    "softmax, smoothing": (
        SoftmaxCrossEntropy(0.1),
        SCORES,
        LABELS,
        lambda f, s, t: f.cross_entropy(s, t, reduction="none", label_smoothing=0.1),
    ),
    "softmax, smoothed shares": (
        SoftmaxCrossEntropy(0.1),
        SCORES,
        SHARES,
        lambda f, s, t: f.cross_entropy(s, t, reduction="none", label_smoothing=0.1),
    ),
}


@pytest.mark.parametrize("case", PYTORCH)
def test_losses_and_gradients_equal_those_of_pytorch(case: str) -> None:
    torch = pytest.importorskip("torch", reason="needs PyTorch, to compare with")
    loss, scores, targets, theirs = PYTORCH[case]
    used = torch.tensor(scores, requires_grad=True)
    wanted = theirs(torch.nn.functional, used, torch.tensor(targets))
    wanted.sum().backward()
    losses, gradient = compute(loss, scores, targets)
    np.testing.assert_allclose(losses, wanted.detach().numpy(), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(gradient, used.grad.numpy(), rtol=1e-11, atol=1e-14)


# scikit-learn: the mean over rows


def sklearn_metrics() -> Any:
    return pytest.importorskip("sklearn.metrics", reason="needs scikit-learn, to compare with")


def test_half_deviances_equal_those_of_scikit_learn() -> None:
    metrics = sklearn_metrics()
    for loss, targets, deviance in (
        (Poisson(), COUNTS, metrics.mean_poisson_deviance),
        (Gamma(), AMOUNTS, metrics.mean_gamma_deviance),
    ):
        wanted = 0.5 * deviance(targets.ravel(), np.exp(SCORES).ravel())
        assert own(loss, SCORES, targets).mean() == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.8])
def test_pinball_equals_that_of_scikit_learn(level: float) -> None:
    wanted = sklearn_metrics().mean_pinball_loss(NUMBERS, SCORES, alpha=level)
    assert own(Pinball((level,)), SCORES, NUMBERS).mean() == pytest.approx(wanted, rel=1e-13)


def test_several_quantiles_are_the_mean_of_single_ones() -> None:
    wanted = [
        sklearn_metrics().mean_pinball_loss(NUMBERS[:, 0], SCORES[:, place], alpha=level)
        for place, level in enumerate((0.1, 0.5, 0.8))
    ]
    found = own(Pinball((0.1, 0.5, 0.8)), SCORES, NUMBERS[:, :1])
    assert found.mean() == pytest.approx(np.mean(wanted), rel=1e-13)


def test_cross_entropies_equal_those_of_scikit_learn() -> None:
    metrics = sklearn_metrics()
    softmax, logistic = SoftmaxCrossEntropy(), Logistic()
    wanted = metrics.log_loss(LABELS, softmax.link(SCORES.copy()))
    assert own(softmax, SCORES, LABELS).mean() == pytest.approx(wanted, rel=1e-12)
    wanted = metrics.log_loss(FLAGS[:, 0], logistic.link(SCORES[:, 0].copy()))
    assert own(logistic, SCORES[:, :1], FLAGS[:, :1]).mean() == pytest.approx(wanted, rel=1e-12)


def test_errors_equal_those_of_scikit_learn() -> None:
    metrics = sklearn_metrics()
    for loss, wanted in (
        (SquaredError(), metrics.mean_squared_error(NUMBERS, SCORES)),
        (AbsoluteError(), metrics.mean_absolute_error(NUMBERS, SCORES)),
    ):
        assert own(loss, SCORES, NUMBERS).mean() == pytest.approx(wanted, rel=1e-13)


# SciPy: densities


def scipy_stats() -> Any:
    return pytest.importorskip("scipy.stats", reason="needs SciPy, to compare with")


def test_the_gaussian_loss_is_minus_the_log_of_the_density() -> None:
    loss, scores = GaussianLikelihood(1e-3), np.hstack([SCORES, SPREADS])
    outputs = loss.link(scores.copy())
    density = scipy_stats().norm.logpdf(NUMBERS, outputs[:, :3], np.sqrt(outputs[:, 3:]))
    np.testing.assert_allclose(own(loss, scores, NUMBERS), -density.mean(axis=1), rtol=1e-12)


def test_the_poisson_loss_is_the_log_of_the_density_below_its_best() -> None:
    stats = scipy_stats()
    best = stats.poisson.logpmf(COUNTS, COUNTS)
    wanted = (best - stats.poisson.logpmf(COUNTS, np.exp(SCORES))).mean(axis=1)
    np.testing.assert_allclose(own(Poisson(), SCORES, COUNTS), wanted, rtol=1e-11, atol=1e-13)


def test_the_gamma_loss_is_the_log_of_the_density_below_its_best() -> None:
    """With shape 1, an exponential distribution."""
    stats = scipy_stats()
    best = stats.gamma.logpdf(AMOUNTS, 1.0, scale=AMOUNTS)
    wanted = (best - stats.gamma.logpdf(AMOUNTS, 1.0, scale=np.exp(SCORES))).mean(axis=1)
    np.testing.assert_allclose(own(Gamma(), SCORES, AMOUNTS), wanted, rtol=1e-11, atol=1e-13)


def test_links_equal_those_of_scipy() -> None:
    special = pytest.importorskip("scipy.special", reason="needs SciPy, to compare with")
    softmax = SoftmaxCrossEntropy().link(SCORES.copy())
    np.testing.assert_allclose(softmax, special.softmax(SCORES, axis=1), rtol=1e-13)
    np.testing.assert_allclose(Logistic().link(SCORES.copy()), special.expit(SCORES), rtol=1e-13)
    assert math.isclose(
        own(SoftmaxCrossEntropy(), SCORES[:1], np.array([0]))[0],
        (special.logsumexp(SCORES[0]) - SCORES[0, 0]),
        rel_tol=1e-12,
    )
