"""Losses: their values by hand, where they are smallest, and their kinks.

A new loss is covered by being in LOSSES; give it an example in BY_HAND and a best score in BEST.
Links, settings, extremes and other libraries: test_losses_*.py; gradients:
core/test_gradients.py.
"""

import math
from typing import Any

import numpy as np
import pytest
from loss_values import compute, outputs_of

from glassnet.core.arrays import Array
from glassnet.core.loss import Loss
from glassnet.losses import (
    LOSSES,
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

LOG2 = math.log(2.0)


# By hand

SHARE = 1.0 / (1.0 + math.exp(-1.0))  # of two classes whose scores are 1 apart
SOFT = math.log(1.0 + math.e)  # softplus of 1

BY_HAND: dict[str, tuple[Loss, Any, Any, float, Any]] = {
    "squared_error": (SquaredError(), [3.0, 1.0], [1.0, 1.5], (4.0 + 0.25) / 2, [2.0, -0.5]),
    "squared_error, relu": (
        SquaredError(activation="relu"),
        [3.0, -1.0],
        [1.0, 1.5],
        (4.0 + 2.25) / 2,
        [2.0, 0.0],
    ),
    "absolute_error": (AbsoluteError(), [3.0, 1.0], [1.0, 1.5], 1.25, [0.5, -0.5]),
    "huber": (Huber(), [3.0, 1.0], [1.0, 1.5], (1.5 + 0.125) / 2, [0.5, -0.25]),
    "huber, delta 3": (Huber(3.0), [3.0], [1.0], 2.0, [2.0]),
    "pinball": (Pinball(), [3.0, 1.0], [1.0, 1.5], (1.0 + 0.25) / 2, [0.25, -0.25]),
    "pinball, two": (Pinball((0.1, 0.8)), [3.0, 0.0], [1.0], (1.8 + 0.8) / 2, [0.45, -0.4]),
    "poisson": (Poisson(), [LOG2], [3.0], 2.0 - 3.0 * LOG2 + 3.0 * math.log(3.0) - 3.0, [-1.0]),
    "poisson, none": (Poisson(), [LOG2], [0.0], 2.0, [2.0]),
    "gamma": (Gamma(), [LOG2], [3.0], 1.5 - 1.0 - math.log(1.5), [-0.5]),
    "gaussian": (
        GaussianLikelihood(floor=1e-300),
        [3.0, 1.0],
        [1.0],
        0.5 * math.log(2.0 * math.pi * SOFT) + 2.0 / SOFT,
        [2.0 / SOFT, SHARE * 0.5 * (1.0 - 4.0 / SOFT) / SOFT],
    ),
    "logistic": (Logistic(), [1.0, 0.0], [0.0, 1.0], (SOFT + LOG2) / 2, [SHARE / 2, -0.25]),
    "logistic, share": (Logistic(), [1.0], [0.25], SOFT - 0.25, [SHARE - 0.25]),
    "softmax_cross_entropy": (
        SoftmaxCrossEntropy(),
        [1.0, 2.0],
        1,
        SOFT - 1.0,
        [1.0 - SHARE, SHARE - 1.0],
    ),
    "softmax, shares": (
        SoftmaxCrossEntropy(),
        [1.0, 2.0],
        [0.25, 0.75],
        SOFT - 0.75,
        [0.75 - SHARE, SHARE - 0.75],
    ),
    "softmax, smoothing": (
        SoftmaxCrossEntropy(smoothing=0.5),
        [1.0, 2.0],
        1,
        SOFT - 0.75,
        [0.75 - SHARE, SHARE - 0.75],
    ),
}


def test_every_loss_has_an_example_worked_by_hand() -> None:
    assert {type(each[0]) for each in BY_HAND.values()} == {type(each) for each in LOSSES.values()}


@pytest.mark.parametrize("case", BY_HAND)
def test_a_loss_and_its_gradient_by_hand(case: str) -> None:
    loss, scores, targets, wanted, gradient = BY_HAND[case]
    found = compute(loss, [scores], [targets])
    assert found.losses.tolist() == pytest.approx([wanted], rel=1e-14)
    assert found.gradient.tolist()[0] == pytest.approx(gradient, rel=1e-13)


@pytest.mark.parametrize("case", BY_HAND)
def test_rows_and_members_are_computed_each_for_itself(case: str) -> None:
    loss, scores, targets, wanted, gradient = BY_HAND[case]
    found = compute(loss, [[scores] * 3] * 2, [targets] * 3)
    np.testing.assert_allclose(found.losses, np.full((2, 3), wanted), rtol=1e-13)
    np.testing.assert_allclose(found.gradient, np.tile(gradient, (2, 3, 1)), rtol=1e-13)


@pytest.mark.parametrize("case", BY_HAND)
@pytest.mark.parametrize("lead", [(), (2,)])
def test_scores_may_lie_in_memory_units_first(lead: tuple[int, ...], case: str) -> None:
    """As in the last layer: the engine lays the scores out so, predictions the other way."""
    loss, scores, targets, *_ = BY_HAND[case]
    factors = np.array([[1.0], [0.5], [-2.0]])
    rows = np.broadcast_to(factors * scores, (*lead, 3, len(scores)))
    wanted = compute(loss, rows, [targets] * 3)
    turned = np.ascontiguousarray(rows.swapaxes(-1, -2)).swapaxes(-1, -2)
    gradient = np.full_like(turned, np.nan)
    losses = loss.compute(turned, np.array([targets] * 3), gradient)
    np.testing.assert_allclose(losses, wanted.losses, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(gradient, wanted.gradient, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("case", BY_HAND)
def test_scores_and_targets_stay_as_they_are(case: str) -> None:
    loss, scores, targets, *_ = BY_HAND[case]
    used, wanted = np.array([scores]), np.array([targets])
    loss.compute(used, wanted, np.empty_like(used))
    np.testing.assert_array_equal(used, [scores])
    np.testing.assert_array_equal(wanted, [targets])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", BY_HAND)
def test_every_loss_keeps_the_precision_of_its_scores(case: str, dtype: Any) -> None:
    loss, scores, targets, wanted, gradient = BY_HAND[case]
    if dtype == np.float32 and case == "gaussian":
        loss = GaussianLikelihood()  # the other floor is 0 there
    found = compute(loss, [scores], [targets], dtype=dtype)
    assert found.losses.dtype == dtype
    tolerance = 1e-5 if dtype == np.float32 else 1e-13
    assert found.losses.tolist() == pytest.approx([wanted], rel=tolerance, abs=1e-6)
    assert found.gradient.tolist()[0] == pytest.approx(gradient, rel=tolerance, abs=1e-6)
    assert loss.link(np.array([scores], dtype)).dtype == dtype


# Where it is smallest

BEST: dict[str, tuple[Any, Any]] = {
    "squared_error": ([2.0], [2.0]),
    "huber": ([2.0], [2.0]),
    "poisson": ([math.log(3.0)], [3.0]),
    "gamma": ([math.log(0.2)], [0.2]),
    "logistic": ([math.log(0.3 / 0.7)], [0.3]),
    "softmax_cross_entropy": ([math.log(0.3), math.log(0.5), math.log(0.2)], [0.3, 0.5, 0.2]),
    "absolute_error": ([2.0], [2.0]),
    "pinball": ([2.0], [2.0]),
    # The best variance of one target is 0: not reached, see the test of many targets.
}


@pytest.mark.parametrize("name", BEST)
def test_a_loss_is_smallest_where_the_prediction_is_right(name: str) -> None:
    loss, (scores, targets) = LOSSES[name], BEST[name]
    np.testing.assert_allclose(outputs_of(loss, [scores])[0], targets, rtol=1e-13)
    best = compute(loss, [scores], [targets])
    np.testing.assert_allclose(best.gradient, 0.0, atol=1e-15)
    for move in np.random.default_rng(1).normal(size=(50, len(scores))):
        assert compute(loss, [scores + move], [targets]).losses[0] >= best.losses[0]


@pytest.mark.parametrize(
    "name", ["squared_error", "absolute_error", "huber", "pinball", "poisson", "gamma"]
)
def test_a_right_prediction_of_a_number_costs_nothing(name: str) -> None:
    loss, (scores, targets) = LOSSES[name], BEST[name]
    assert compute(loss, [scores], [targets]).losses[0] == pytest.approx(0.0, abs=1e-15)


SAMPLE = np.random.default_rng(3).gamma(2.0, 1.5, 101)


def mean_gradient(loss: Loss, scores: Any) -> Array:
    """Of the same scores for every row of SAMPLE."""
    rows = np.tile(np.array(scores, float), (len(SAMPLE), 1))
    return np.asarray(compute(loss, rows, SAMPLE[:, None]).gradient.mean(axis=0))


@pytest.mark.parametrize(
    ("loss", "scores"),
    [
        (SquaredError(), [SAMPLE.mean()]),
        (AbsoluteError(), [np.median(SAMPLE)]),
        (Pinball(), [np.median(SAMPLE)]),
        (Poisson(), [math.log(SAMPLE.mean())]),
        (Gamma(), [math.log(SAMPLE.mean())]),
        (GaussianLikelihood(1e-9), [SAMPLE.mean(), math.log(math.expm1(SAMPLE.var() - 1e-9))]),
    ],
    ids=lambda each: getattr(each, "name", None),
)
def test_the_best_constant_is_the_statistic_that_it_should_be(loss: Loss, scores: Any) -> None:
    np.testing.assert_allclose(mean_gradient(loss, scores), 0.0, atol=1e-14)


@pytest.mark.parametrize("level", [0.1, 0.25, 0.9])
def test_the_best_constant_of_pinball_is_the_quantile(level: float) -> None:
    quantile = float(np.quantile(SAMPLE, level))
    assert mean_gradient(Pinball((level,)), [quantile - 1e-6])[0] <= 1e-15
    assert mean_gradient(Pinball((level,)), [quantile + 1e-6])[0] >= -1e-15


# Kinks


@pytest.mark.parametrize("loss", [AbsoluteError(), Pinball(), Pinball((0.1, 0.9)), Huber()])
def test_the_gradient_is_zero_where_the_prediction_is_exact(loss: Loss) -> None:
    scores = [[2.0] * loss.statistics]
    np.testing.assert_array_equal(compute(loss, scores, [[2.0]]).gradient, np.zeros_like(scores))


def test_huber_goes_over_smoothly_at_delta() -> None:
    found = compute(Huber(0.5), [[0.5], [np.nextafter(0.5, 1.0)], [-0.5]], [[0.0]] * 3)
    np.testing.assert_allclose(found.losses, 0.125, rtol=1e-15)
    np.testing.assert_allclose(found.gradient[:, 0], [0.5, 0.5, -0.5], rtol=1e-15)


def test_half_of_the_median_pinball_is_the_absolute_error() -> None:
    scores, targets = [[3.0, -1.0]], [[1.0, 2.0]]
    absolute, pinball = (compute(loss, scores, targets) for loss in (AbsoluteError(), Pinball()))
    np.testing.assert_allclose(absolute.losses, 2.0 * pinball.losses)
    np.testing.assert_allclose(absolute.gradient, 2.0 * pinball.gradient)
