"""The Laplace posterior: where it is exact, what it becomes in the limit, and what it refuses."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("scipy", reason="to compare with")

from scipy import stats

from glassnet import LBFGS, Network
from glassnet.inference import laplace, summarize

Array = NDArray[Any]


def rows(count: int = 30, seed: int = 0) -> tuple[Array, Array, Any]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(count, 2))
    return X, X @ [1.0, -2.0] + 0.5 + 0.3 * rng.normal(size=count), rng


def ridge(X: Array, y: Array, prior: float, noise: float) -> Any:
    """A linear network at the mode, and the exact posterior of Bayesian regression."""
    A = np.column_stack([X, np.ones(len(X))])
    precision = A.T @ A / noise**2 + prior * np.eye(3)
    net = Network([2, 1], loss="squared_error", dtype="float64")
    net.parameters[...] = np.linalg.solve(precision, A.T @ y / noise**2)
    return net, A, precision


def test_for_a_linear_network_posterior_and_evidence_are_exact() -> None:
    X, y, rng = rows()
    net, A, precision = ridge(X, y, 0.7, 0.3)
    found = laplace(net, X, y, prior_precision=0.7, noise=0.3)
    np.testing.assert_allclose(found.precision, precision, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.covariance, np.linalg.inv(precision), rtol=1e-10, atol=1e-15)
    together = stats.multivariate_normal(np.zeros(30), A @ A.T / 0.7 + 0.09 * np.eye(30))
    np.testing.assert_allclose(found.log_marginal_likelihood, together.logpdf(y), rtol=1e-9)
    own = np.linalg.eigvalsh(A.T @ A / 0.09)
    np.testing.assert_allclose(found.effective_parameters, np.sum(own / (own + 0.7)), rtol=1e-10)
    new = rng.normal(size=(4, 2))
    B = np.column_stack([new, np.ones(4)])
    predictive = found.predict(new)
    np.testing.assert_allclose(predictive.mean, net.predict(new), rtol=1e-12)
    wanted = np.einsum("ij,jk,ik->i", B, np.linalg.inv(precision), B)
    np.testing.assert_allclose(predictive.variance[:, 0], wanted, rtol=1e-10)
    np.testing.assert_allclose(predictive.noise_variance, 0.09)


def test_a_vanishing_prior_gives_the_covariance_of_summarize() -> None:
    X, y, _ = rows()
    net = Network([2, 3, 1], activation="tanh", loss="squared_error", dtype="float64", seed=0)
    summary = summarize(net, X, y)
    found = laplace(net, X, y, prior_precision=1e-20, noise=summary.residual_standard_error)
    np.testing.assert_allclose(found.covariance, summary.covariance, rtol=1e-6)
    assert found.names == summary.names


def test_without_noise_it_is_taken_from_the_residuals() -> None:
    X, y, _ = rows()
    net, _, _ = ridge(X, y, 0.7, 0.3)
    found = laplace(net, X, y)
    spread = np.sqrt(np.mean((y - net.predict(X)[:, 0]) ** 2))
    np.testing.assert_allclose(found.noise, spread, rtol=1e-12)
    assert found.log_likelihood == pytest.approx(summarize(net, X, y).log_likelihood)


def test_noise_and_predictions_have_the_unit_of_standardised_targets() -> None:
    X, y, _ = rows()
    Y = np.column_stack([1000 * y, y - 5])
    net = Network([2, 4, 2], activation="tanh", dtype="float64", seed=0)
    net.fit(X, Y, standardize=True, epochs=30)
    assert net.target_scaling is not None
    twin = Network([2, 4, 2], activation="tanh", dtype="float64", loss="squared_error")
    twin.parameters[...] = net.parameters
    assert net.input_scaling is not None
    scaled = [(X - net.input_scaling.offset) * net.input_scaling.scale]
    scaled.append((Y - net.target_scaling.offset) * net.target_scaling.scale)
    unit = net.target_scaling.scale
    found = laplace(net, X, Y, noise=[200.0, 0.2])
    other = laplace(twin, *scaled, noise=[200.0, 0.2] * unit)
    np.testing.assert_allclose(found.precision, other.precision, rtol=1e-9)
    shift = 30 * np.log(unit).sum()
    wanted = other.log_marginal_likelihood + shift
    np.testing.assert_allclose(found.log_marginal_likelihood, wanted, rtol=1e-9)
    one, two = found.predict(X), other.predict(scaled[0])
    np.testing.assert_allclose(one.mean, net.predict(X), rtol=1e-9)
    np.testing.assert_allclose(one.variance, two.variance / unit**2, rtol=1e-9)
    assert one.noise_variance is not None
    np.testing.assert_allclose(one.noise_variance[0], [200.0**2, 0.04], rtol=1e-9)
    alike = laplace(net, X, Y, noise=0.5)
    np.testing.assert_allclose(alike.noise, [0.5, 0.5])


def test_one_logistic_output_has_the_probabilities_of_mackay() -> None:
    X, score, rng = rows()
    y = (rng.random(30) < 1 / (1 + np.exp(-score))).astype(int)
    net = Network([2, 1], loss="logistic", dtype="float64", seed=0)
    net.fit(X, y, epochs=500, optimizer=LBFGS())
    found = laplace(net, X, y, prior_precision=0.1)
    p, A = net.predict(X), np.column_stack([X, np.ones(30)])
    precision = A.T @ (p * (1 - p) * A) + 0.1 * np.eye(3)
    np.testing.assert_allclose(found.precision, precision, rtol=1e-10, atol=1e-12)
    variance = np.einsum("ij,jk,ik->i", A, np.linalg.inv(precision), A)
    score = A @ net.parameters / np.sqrt(1 + np.pi / 8 * variance)
    np.testing.assert_allclose(found.predict(X).mean[:, 0], 1 / (1 + np.exp(-score)), rtol=1e-9)
    assert found.predict(X).noise_variance is None


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_rates_are_those_of_draws_from_the_posterior(loss: str) -> None:
    X, score, rng = rows()
    y = rng.poisson(np.exp(0.3 * score)) + (loss == "gamma") * 0.5
    net = Network([2, 1], loss=loss, dtype="float64", seed=0)
    net.fit(X, y, epochs=500, optimizer=LBFGS())
    found = laplace(net, X, y)
    draws = rng.multivariate_normal(found.mean, found.covariance, size=200_000)
    rates = np.exp(draws @ np.column_stack([X[:5], np.ones(5)]).T)
    predictive = found.predict(X[:5])
    np.testing.assert_allclose(predictive.mean[:, 0], rates.mean(axis=0), rtol=0.01)
    np.testing.assert_allclose(predictive.variance[:, 0], rates.var(axis=0), rtol=0.05)
    noise = rates if loss == "poisson" else found.noise**2 * rates**2
    assert predictive.noise_variance is not None
    np.testing.assert_allclose(predictive.noise_variance[:, 0], noise.mean(axis=0), rtol=0.02)


def test_a_mean_and_a_variance_are_predicted_with_both_kinds_of_uncertainty() -> None:
    X, y, _ = rows(100)
    net = Network([2, 2], loss="gaussian", dtype="float64", seed=0)
    net.fit(X, y, epochs=300, optimizer=LBFGS())
    predictive = laplace(net, X, y).predict(X)
    outputs = net.predict(X)
    np.testing.assert_allclose(predictive.mean, outputs[:, :1])
    np.testing.assert_allclose(predictive.noise_variance, outputs[:, 1:])
    assert predictive.variance.shape == (100, 1)
    assert (predictive.variance < outputs[:, 1:]).all()


def test_the_last_layer_alone_is_regression_on_its_inputs() -> None:
    X, y, _ = rows()
    net = Network([2, 400, 400, 1], activation="tanh", loss="squared_error", seed=0)
    found = laplace(net, X, y, noise=0.3, prior_precision=2.0, subset="last_layer")
    wide = X
    for weights, biases in zip(net.weights[:-1], net.biases[:-1], strict=True):
        wide = np.tanh(wide @ weights.astype(float) + biases)
    A = np.column_stack([wide, np.ones(30)])
    precision = A.T @ A / 0.09 + 2.0 * np.eye(401)
    np.testing.assert_allclose(found.precision, precision, rtol=1e-9, atol=1e-8)
    assert found.names[0] == "weights[2][0, 0]"
    assert found.names[-1] == "biases[2][0]"
    np.testing.assert_allclose(found.predict(X).mean, net.predict(X), rtol=1e-4, atol=1e-5)


def test_each_parameter_may_have_a_prior_of_its_own() -> None:
    X, y, _ = rows()
    net, A, _ = ridge(X, y, 0.7, 0.3)
    found = laplace(net, X, y, prior_precision=[1.0, 2.0, 3.0], noise=0.3)
    np.testing.assert_allclose(found.precision, A.T @ A / 0.09 + np.diag([1, 2, 3]), rtol=1e-10)


def test_more_parameters_than_rows_are_no_trouble() -> None:
    X, y, _ = rows(4)
    net = Network([2, 10, 1], activation="tanh", loss="squared_error", dtype="float64", seed=0)
    assert np.isfinite(laplace(net, X, y, noise=0.1).log_marginal_likelihood)


@pytest.mark.parametrize(
    ("loss", "given", "message"),
    [
        ("squared_error", {"prior_precision": 0.0}, "prior_precision must be a finite number abov"),
        ("squared_error", {"prior_precision": [1, 2]}, "one for each of the 3 parameters"),
        ("squared_error", {"noise": -1}, "noise must be a finite number above 0"),
        ("squared_error", {"noise": [1, 2]}, "one for each of the 1 targets"),
        ("squared_error", {"subset": "first"}, "subset must be one of all, last_layer"),
        ("logistic", {"noise": 1.0}, r"noise is for networks.*'logistic'.*Leave it out"),
        ("huber", {}, "laplace needs a loss that is a likelihood"),
    ],
)
def test_bad_arguments_are_refused(loss: str, given: dict[str, Any], message: str) -> None:
    X, y, _ = rows()
    net = Network([2, 1], loss=loss)
    with pytest.raises((ValueError, TypeError), match=message):
        laplace(net, X, (y > 0).astype(float), **given)


def test_residuals_of_zero_are_no_noise() -> None:
    net = Network([1, 1], loss="squared_error", dtype="float64")
    net.parameters[...] = [2.0, 1.0]
    X = np.arange(5.0)[:, None]
    with pytest.raises(ValueError, match=r"these are all 0\. Pass noise="):
        laplace(net, X, 2 * X + 1)
