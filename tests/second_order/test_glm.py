"""Networks without hidden layer are generalised linear models: L-BFGS finds the coefficients that
statistics packages find, within 1e-6."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("scipy", reason="to compare with")
pytest.importorskip("sklearn", reason="to compare with")

from scipy.optimize import least_squares
from sklearn import linear_model as sk

from glassnet import LBFGS, Network
from glassnet.losses import AbsoluteError, Huber, Loss, Pinball

Array = NDArray[Any]
EXACT = LBFGS(tolerance=1e-10, loss_tolerance=0)


class Data:
    """Rows of which each kind of target depends in a linear way; seeds are different data."""

    def __init__(self, seed: int, rows: int = 300, columns: int = 4) -> None:
        generator = np.random.default_rng(seed)
        self.X = generator.normal(size=(rows, columns)) * np.linspace(0.5, 2.0, columns) + 0.3
        self.scores = self.X @ generator.normal(size=columns) * 0.5 + 0.4
        self.numbers = self.scores + generator.standard_t(3, size=rows)
        self.flags = (generator.random(rows) < 1 / (1 + np.exp(-self.scores))).astype(int)
        self.counts = generator.poisson(np.exp(self.scores)).astype(float)
        self.amounts = generator.gamma(2.0, np.exp(self.scores) / 2.0)
        noise = generator.gumbel(size=(rows, 3))
        self.classes = (self.X @ generator.normal(size=(columns, 3)) + noise).argmax(axis=1)
        self.weights = generator.uniform(0.2, 3.0, size=rows)


SEEDS = pytest.mark.parametrize("seed", [0, 1, 2])
PENALTIES = pytest.mark.parametrize("alpha", [0.0, 0.01, 1.0])
WEIGHTED = pytest.mark.parametrize("weighted", [False, True])


def fitted(
    data: Data, y: Array, loss: Any, decay: float, weighted: bool, outputs: int = 1
) -> Network:
    net = Network([data.X.shape[1], outputs], loss=loss, dtype="float64", seed=0)
    weights = data.weights if weighted else None
    net.fit(data.X, y, epochs=1000, optimizer=EXACT, weight_decay=decay, sample_weight=weights)
    return net


def assert_same(net: Network, reference: Any) -> None:
    np.testing.assert_allclose(net.weights[0].T, np.atleast_2d(reference.coef_), atol=1e-6)
    np.testing.assert_allclose(net.biases[0], np.ravel(reference.intercept_), atol=1e-6)


@SEEDS
@PENALTIES
@WEIGHTED
def test_squares_equal_ridge(seed: int, alpha: float, weighted: bool) -> None:
    data = Data(seed)
    weights = data.weights if weighted else np.ones(300)
    reference = sk.Ridge(alpha=alpha * weights.sum(), solver="cholesky")
    reference.fit(data.X, data.numbers, sample_weight=weights)
    assert_same(fitted(data, data.numbers, "squared_error", 2 * alpha, weighted), reference)


@SEEDS
@PENALTIES
@WEIGHTED
@pytest.mark.parametrize("kind", ["poisson", "gamma"])
def test_poisson_and_gamma_equal_scikit_learn(
    seed: int, alpha: float, weighted: bool, kind: str
) -> None:
    data = Data(seed)
    y = data.counts if kind == "poisson" else data.amounts
    made = sk.PoissonRegressor if kind == "poisson" else sk.GammaRegressor
    reference = made(alpha=alpha, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    reference.fit(data.X, y, sample_weight=data.weights if weighted else None)
    assert_same(fitted(data, y, kind, alpha, weighted), reference)


def logistic(data: Data, y: Array, alpha: float, weighted: bool) -> Any:
    """scikit-learn's sum of losses + squares / (2 C), where ours is a mean."""
    weights = data.weights if weighted else np.ones(300)
    strength = 1.0 / (alpha * weights.sum()) if alpha else np.inf
    made = sk.LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    return made.fit(data.X, y, sample_weight=weights)


@SEEDS
@PENALTIES
@WEIGHTED
def test_logistic_equals_scikit_learn(seed: int, alpha: float, weighted: bool) -> None:
    data = Data(seed)
    reference = logistic(data, data.flags, alpha, weighted)
    assert_same(fitted(data, data.flags, "logistic", alpha, weighted), reference)


@SEEDS
@PENALTIES
@WEIGHTED
def test_multinomial_equals_scikit_learn(seed: int, alpha: float, weighted: bool) -> None:
    """But for one number that may be added to all scores of a row, which changes nothing."""
    data = Data(seed)
    reference = logistic(data, data.classes, alpha, weighted)
    net = fitted(data, data.classes, "softmax_cross_entropy", alpha, weighted, 3)
    found = np.vstack([net.weights[0], net.biases[0]])
    wanted = np.vstack([reference.coef_.T, reference.intercept_])
    np.testing.assert_allclose(
        found - found.mean(axis=1, keepdims=True),
        wanted - wanted.mean(axis=1, keepdims=True),
        atol=1e-6,
    )


@SEEDS
@pytest.mark.parametrize("delta", [0.3, 1.0, 3.0])
def test_huber_of_a_fixed_scale_reaches_the_objective_of_scipy(seed: int, delta: float) -> None:
    data = Data(seed)
    net = fitted(data, data.numbers, Huber(delta), 0.0, False)
    ones = np.column_stack([data.X, np.ones(300)])

    def residuals(place: Array) -> Array:
        return np.asarray(ones @ place - data.numbers)

    settings: Any = {"loss": "huber", "f_scale": delta, "xtol": 1e-14, "ftol": 1e-14}
    reference = least_squares(residuals, np.zeros(5), lambda place: ones, **settings)
    assert net.evaluate(data.X, data.numbers)["loss"] - reference.cost / 300 < 1e-9


@SEEDS
@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_quantiles_reach_the_objective_of_linear_programming(seed: int, level: float) -> None:
    """With a memory as large as the parameters, as the docstring of LBFGS says."""
    data = Data(seed)
    reference = sk.QuantileRegressor(quantile=level, alpha=0.0).fit(data.X, data.numbers)
    residuals = data.numbers - reference.predict(data.X)
    lowest = np.maximum(level * residuals, (level - 1) * residuals).mean()
    losses: list[tuple[Loss, float]] = [(Pinball(level), 1.0)]
    losses += [(AbsoluteError(), 2.0)] if level == 0.5 else []
    for loss, times in losses:
        net = Network([4, 1], loss=loss, dtype="float64", seed=0)
        optimizer = LBFGS(memory=20, tolerance=0, loss_tolerance=0)
        history = net.fit(data.X, data.numbers, epochs=2000, optimizer=optimizer)
        assert history[-1]["loss"] / times - lowest < 1e-5
        assert history.stopped.startswith("no step lowers the loss")


@pytest.mark.parametrize("family", ["Binomial", "Poisson", "Gamma"])
def test_likelihoods_equal_statsmodels(family: str) -> None:
    reason = "statsmodels is not installed; scikit-learn is compared with above"
    statsmodels = pytest.importorskip("statsmodels.api", reason=reason)
    data, names = Data(0), {"Binomial": "logistic", "Poisson": "poisson", "Gamma": "gamma"}
    y = {"Binomial": data.flags, "Poisson": data.counts, "Gamma": data.amounts}[family]
    links = statsmodels.families.links
    made = getattr(statsmodels.families, family)
    kind = made() if family != "Gamma" else made(link=links.Log())
    ones = np.column_stack([data.X, np.ones(300)])
    reference = statsmodels.GLM(y, ones, family=kind).fit(tol=1e-12, maxiter=1000)
    net = fitted(data, y, names[family], 0.0, False)
    np.testing.assert_allclose(
        np.append(net.weights[0], net.biases[0]), reference.params, atol=1e-6
    )
