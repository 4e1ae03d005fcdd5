"""`predict_interval`: equal to regression's where a network is one, covering, and refusing."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("scipy", reason="to compare with")

from scipy import stats

from glassnet import LBFGS, Network
from glassnet.inference import predict_interval, summarize
from glassnet.losses import SquaredError

Array = NDArray[Any]
EXACT: dict[str, Any] = {"epochs": 2000, "optimizer": LBFGS(tolerance=1e-11, loss_tolerance=0)}


def rows(count: int = 40, seed: int = 0) -> tuple[Array, Array, Any]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(count, 2))
    return X, X @ [1.0, -2.0] + 0.5 + rng.normal(size=count), rng


def fitted(X: Array, y: Array, loss: Any = "squared_error", outputs: int = 1, **more: Any) -> Any:
    net = Network([2, outputs], loss=loss, dtype="float64", seed=0)
    net.fit(X, y, **EXACT, **more)
    return net


def hat(X: Array, new: Array) -> Array:
    A, B = (np.column_stack([each, np.ones(len(each))]) for each in (X, new))
    return np.asarray(np.einsum("ij,jk,ik->i", B, np.linalg.inv(A.T @ A), B))


@pytest.mark.parametrize("kind", ["prediction", "confidence"])
@pytest.mark.parametrize("standardize", [False, True])
def test_intervals_of_a_network_without_hidden_layer_are_those_of_regression(
    kind: str, standardize: bool
) -> None:
    X, y, rng = rows()
    X, y, new = 10 * X + 3, 100 * y - 7, 10 * rng.normal(size=(5, 2)) + 3
    net = fitted(X, y, standardize=standardize)
    found = predict_interval(net, new, data=(X, y), level=0.9, kind=kind)
    spread = summarize(net, X, y).residual_standard_error
    wide = spread * np.sqrt(hat(X, new) + (kind == "prediction"))
    reach = stats.t.ppf(0.95, 37) * wide
    np.testing.assert_allclose(found.mean, net.predict(new), rtol=1e-9)
    np.testing.assert_allclose((found.upper - found.mean)[:, 0], reach, rtol=1e-9)
    np.testing.assert_allclose((found.mean - found.lower)[:, 0], reach, rtol=1e-9)


def test_weights_count() -> None:
    X, y, rng = rows()
    weights = rng.integers(0, 3, 40).astype(float)
    net = fitted(X, y, sample_weight=weights)
    found = predict_interval(net, X[:4], data=(X, y, weights), kind="confidence")
    kept = weights > 0
    other = predict_interval(net, X[:4], data=(X[kept], y[kept], weights[kept]), kind="confidence")
    np.testing.assert_allclose(found.upper, other.upper, rtol=1e-10)


def test_probabilities_stay_between_0_and_1_and_go_by_their_log_odds() -> None:
    X, score, rng = rows()
    y = (rng.random(40) < 1 / (1 + np.exp(-score))).astype(int)
    net = fitted(X, y, "logistic")
    found = predict_interval(net, 5 * X, data=(X, y), kind="confidence")
    p = net.predict(X)[:, 0]
    A = np.column_stack([X, np.ones(40)])
    inverse = np.linalg.inv(A.T @ ((p * (1 - p))[:, None] * A))
    B = np.column_stack([5 * X, np.ones(40)])
    score = B @ net.parameters
    high = score + stats.norm.ppf(0.975) * np.sqrt(np.einsum("ij,jk,ik->i", B, inverse, B))
    np.testing.assert_allclose(found.upper[:, 0], 1 / (1 + np.exp(-high)), rtol=1e-9)
    assert 0 <= found.lower.min() <= found.upper.max() <= 1


def test_two_classes_have_the_intervals_of_one_logistic_output() -> None:
    X, score, rng = rows()
    y = (rng.random(40) < 1 / (1 + np.exp(-score))).astype(int)
    one = fitted(X, y, "logistic")
    two = fitted(X, y, "softmax_cross_entropy", 2)
    known = {"data": (X, y), "kind": "confidence"}
    wanted, found = (predict_interval(net, X, **known) for net in (one, two))
    np.testing.assert_allclose(found.mean[:, 1:], wanted.mean, rtol=1e-5)
    np.testing.assert_allclose(found.lower[:, 1:], wanted.lower, rtol=1e-4)
    np.testing.assert_allclose(found.upper[:, :1], 1 - wanted.lower, rtol=1e-4)


def test_several_classes_keep_their_probabilities_inside() -> None:
    X, _, rng = rows(90)
    labels = rng.integers(0, 3, 90)
    net = fitted(X, labels, "softmax_cross_entropy", 3)
    found = predict_interval(net, X, data=(X, labels), kind="confidence")
    np.testing.assert_allclose(found.mean, net.predict(X), rtol=1e-10)
    assert (found.lower < found.mean).all()
    assert (found.mean < found.upper).all()


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_rates_stay_above_zero(loss: str) -> None:
    X, score, rng = rows()
    y = rng.poisson(np.exp(0.3 * score)) + (loss == "gamma") * 0.5
    net = fitted(X, y, loss)
    found = predict_interval(net, 3 * X, data=(X, y), kind="confidence")
    assert found.lower.min() > 0
    np.testing.assert_allclose(found.lower * found.upper, found.mean**2, rtol=1e-9)


def test_a_predicted_variance_is_the_noise_of_a_prediction() -> None:
    X, y, _ = rows(200)
    net = fitted(X, y, "gaussian", 2)
    sure, more = (
        predict_interval(net, X, data=(X, y), kind=kind) for kind in ("confidence", "prediction")
    )
    z = stats.norm.ppf(0.975)
    np.testing.assert_allclose(
        (more.upper - more.mean) ** 2 - (sure.upper - sure.mean) ** 2,
        z**2 * net.predict(X)[:, 1:],
        rtol=1e-9,
    )


def test_an_activation_after_the_last_layer_is_followed_by_its_slope() -> None:
    X, y, _ = rows()
    y = np.tanh(0.3 * y)
    net = fitted(X, y, SquaredError("tanh"))
    found = predict_interval(net, X, data=(X, y), kind="confidence")
    summary = summarize(net, X, y)
    slope = (1 - net.predict(X) ** 2) * np.column_stack([X, np.ones(40)])
    wide = np.sqrt(np.einsum("ij,jk,ik->i", slope, summary.covariance, slope))
    reach = stats.t.ppf(0.975, 37) * wide
    np.testing.assert_allclose((found.upper - found.mean)[:, 0], reach, rtol=1e-9)


@pytest.mark.parametrize("kind", ["prediction", "confidence"])
def test_95_percent_intervals_cover_95_percent_of_100_simulated_data_sets(kind: str) -> None:
    """True in 100 of 100 runs to within 2.6 standard deviations of a share of 100."""
    rng = np.random.default_rng(11)
    X = np.linspace(-2, 2, 40)[:, None]
    truth = Network([1, 1, 1], activation="tanh", loss="squared_error", dtype="float64")
    truth.parameters[...] = [1.5, 2.0, 0.3, -0.5]
    mean, inside = truth.predict(X), []
    place = np.array([[0.7]])
    for _ in range(100):
        y = mean + 0.2 * rng.normal(size=(40, 1))
        net = Network([1, 1, 1], activation="tanh", loss="squared_error", dtype="float64")
        net.parameters[...] = truth.parameters
        net.fit(X, y, epochs=200, optimizer=LBFGS(tolerance=1e-8))
        found = predict_interval(net, place, data=(X, y), kind=kind)
        noise = 0.2 * rng.normal() if kind == "prediction" else 0.0
        inside.append(found.covered(truth.predict(place)[0] + noise))
    assert abs(np.mean(inside) - 0.95) <= 2.6 * np.sqrt(0.95 * 0.05 / 100)


def test_many_rows_go_through_in_blocks() -> None:
    X, y, rng = rows()
    net = fitted(X, y)
    new = rng.normal(size=(100_000, 2))
    found = predict_interval(net, new, data=(X, y))
    part = predict_interval(net, new[-3:], data=(X, y))
    np.testing.assert_allclose(found.upper[-3:], part.upper, rtol=1e-10)


# Refusals


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"level": 1.0}, r"level must be a number in \(0, 1\); got 1.0"),
        ({"level": "high"}, "level must be a number in"),
        ({"kind": "both"}, "kind must be one of prediction, confidence; got 'both'"),
        ({"data": None}, r"data must be \(X, y\) or \(X, y, weights\)"),
        ({"data": (np.ones((1, 2)), np.ones(1))}, "more observations than parameters"),
        ({"X": np.ones((3, 3))}, "X has 3 columns"),
    ],
)
def test_bad_arguments_are_refused(change: dict[str, Any], message: str) -> None:
    X, y, _ = rows()
    given = {"X": X, "data": (X, y), **change}
    net = fitted(X, y)
    with pytest.raises((ValueError, TypeError), match=message):
        predict_interval(net, given.pop("X"), **given)


def test_an_interval_of_a_next_count_or_label_is_refused() -> None:
    X, y, _ = rows()
    net = Network([2, 1], loss="poisson")
    with pytest.raises(ValueError, match=r"normal noise.*'poisson'.*kind='confidence'"):
        predict_interval(net, X, data=(X, np.abs(y)))


def test_coverage_wants_a_target_for_each_interval() -> None:
    X, y, _ = rows()
    found = predict_interval(fitted(X, y), X, data=(X, y))
    assert 0.8 < found.covered(y) <= 1.0
    assert found.covered(list(y)) == found.covered(y[:, None])
    with pytest.raises(ValueError, match=r"y must have one target for each interval"):
        found.covered(np.ones((40, 2)))
