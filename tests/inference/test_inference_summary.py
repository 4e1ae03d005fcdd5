"""`summarize` against ordinary least squares, SciPy, scikit-learn and statsmodels; what it says of
parameters that cannot be determined; and what it refuses."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("scipy", reason="to compare with")
pytest.importorskip("sklearn", reason="to compare with")

from scipy import optimize, stats
from sklearn.linear_model import LinearRegression

from glassnet import LBFGS, Fleet, Network, OwnActivation
from glassnet.core.network import Network as Core
from glassnet.inference import Summary, summarize
from glassnet.inference import linearised as inside

Array = NDArray[Any]
EXACT: dict[str, Any] = {
    "epochs": 2000,
    "optimizer": LBFGS(tolerance=1e-11, loss_tolerance=0),
    "batch_size": None,
}


def rows(count: int = 60, columns: int = 3, seed: int = 0) -> tuple[Array, Array, Any]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(count, columns)) + 0.4
    return X, X @ np.linspace(1, 2, columns) + 0.5 + rng.normal(size=count), rng


def linear(loss: Any = "squared_error", outputs: int = 1, columns: int = 3, **more: Any) -> Network:
    return Network([columns, outputs], loss=loss, dtype="float64", seed=0, **more)


def with_ones(X: Array) -> Array:
    return np.column_stack([X, np.ones(len(X))])


def fitted(X: Array, y: Array, loss: Any = "squared_error", **more: Any) -> Network:
    outputs = 1 if y.ndim == 1 or y.shape[1] == 1 else y.shape[1]
    net = linear(loss, outputs * (2 if loss == "gaussian" else 1), X.shape[1])
    net.fit(X, y, **EXACT, **more)
    return net


# No hidden layer: ordinary least squares


def test_a_network_without_hidden_layer_is_ordinary_least_squares() -> None:
    X, y, _ = rows()
    found = summarize(fitted(X, y), X, y)
    reference = LinearRegression().fit(X, y)
    A = with_ones(X)
    residuals = y - reference.predict(X)
    variance = residuals @ residuals / (60 - 4)
    covariance = variance * np.linalg.inv(A.T @ A)
    np.testing.assert_allclose(found.estimates, [*reference.coef_, reference.intercept_], rtol=1e-9)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(found.standard_errors**2, np.diagonal(covariance), rtol=1e-9)
    np.testing.assert_allclose(found.residual_sum_of_squares, residuals @ residuals, rtol=1e-12)
    np.testing.assert_allclose(found.residual_standard_error, variance**0.5, rtol=1e-12)
    assert (found.degrees_of_freedom, found.rank, found.undetermined) == (56, 4, [])
    np.testing.assert_allclose(found.t_values, found.estimates / found.standard_errors)
    wanted = 2 * stats.t.sf(np.abs(found.t_values), 56)
    np.testing.assert_allclose(found.p_values, wanted, rtol=1e-9)
    reach = stats.t.ppf(0.95, 56) * found.standard_errors
    np.testing.assert_allclose(found.intervals(0.9)[:, 1] - found.estimates, reach, rtol=1e-9)
    lengths = np.linalg.norm(A, axis=0)
    np.testing.assert_allclose(found.condition_number, np.linalg.cond(A / lengths), rtol=1e-9)
    assert found.to_minimum < 1e-6
    assert found.warnings == []


@pytest.mark.parametrize("weighted", [False, True])
def test_likelihood_and_criteria_equal_the_formulas_of_normal_noise(weighted: bool) -> None:
    X, y, rng = rows()
    weights = rng.uniform(0.2, 3.0, 60) if weighted else None
    found = summarize(fitted(X, y, sample_weight=weights), X, y, weights)
    w = np.ones(60) if weights is None else weights
    root = np.sqrt(w)
    beta, (rss,), *_ = np.linalg.lstsq(with_ones(X) * root[:, None], y * root, rcond=None)
    np.testing.assert_allclose(found.estimates, beta, rtol=1e-8)
    np.testing.assert_allclose(found.residual_sum_of_squares, rss, rtol=1e-12)
    spread = np.sqrt(rss / 60 / w)
    likelihood = stats.norm.logpdf(y, with_ones(X) @ beta, spread).sum()
    np.testing.assert_allclose(found.log_likelihood, likelihood, rtol=1e-10)
    np.testing.assert_allclose(found.aic, 2 * 4 - 2 * likelihood, rtol=1e-10)
    np.testing.assert_allclose(found.bic, np.log(60) * 4 - 2 * likelihood, rtol=1e-10)


def test_two_outputs_have_the_covariance_of_two_regressions_with_pooled_noise() -> None:
    X, y, rng = rows()
    Y = np.column_stack([y, -y + rng.normal(size=60)])
    found = summarize(fitted(X, Y), X, Y)
    A = with_ones(X)
    inverse = np.linalg.inv(A.T @ A)
    _, squares, *_ = np.linalg.lstsq(A, Y, rcond=None)
    pooled = squares.sum() / (2 * 60 - 8)
    wanted = np.sqrt(pooled * np.diagonal(inverse))
    np.testing.assert_allclose(found.standard_errors[[0, 2, 4, 6]], wanted, rtol=1e-9)
    np.testing.assert_allclose(found.standard_errors[[1, 3, 5, 7]], wanted, rtol=1e-9)
    assert found.names[1] == "weights[0][0, 1]"
    assert found.degrees_of_freedom == 112


def test_unknown_targets_and_rows_of_weight_zero_count_for_nothing() -> None:
    X, y, _ = rows()
    net = fitted(X[:50], y[:50])
    found = summarize(net, X[:50], y[:50])
    gaps = np.where(np.arange(60) < 50, y, np.nan)
    for other in (summarize(net, X, gaps), summarize(net, X, y, np.arange(60) < 50)):
        np.testing.assert_allclose(other.standard_errors, found.standard_errors, rtol=1e-12)
        np.testing.assert_allclose(other.log_likelihood, found.log_likelihood, rtol=1e-12)
        assert other.observations == 50


def test_unknown_targets_of_a_mean_and_a_variance_count_for_nothing() -> None:
    X, y, _ = rows()
    net = fitted(X[:50], y[:50], "gaussian")
    found = summarize(net, X[:50], y[:50])
    other = summarize(net, X, np.where(np.arange(60) < 50, y, np.nan))
    np.testing.assert_allclose(other.covariance, found.covariance, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(other.log_likelihood, found.log_likelihood, rtol=1e-12)


# Hidden layers: SciPy


def test_standard_errors_of_a_hidden_layer_equal_those_of_curve_fit() -> None:
    rng = np.random.default_rng(5)
    x = np.linspace(-2, 3, 40)
    y = 2.0 / (1 + np.exp(-1.5 * x + 0.5)) + 0.1 + 0.05 * rng.normal(size=40)

    def curve(x: Array, steep: float, height: float, shift: float, foot: float) -> Array:
        return np.asarray(height / (1 + np.exp(-steep * x - shift)) + foot)

    best, covariance = optimize.curve_fit(
        curve, x, y, p0=[1.5, 2, -0.5, 0.1], ftol=1e-15, xtol=1e-15, gtol=1e-15
    )
    net = Network([1, 1, 1], activation="sigmoid", loss="squared_error", dtype="float64", seed=0)
    net.parameters[...] = best
    found = summarize(net, x[:, None], y)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-4, atol=1e-9)
    assert found.names == ["weights[0][0, 0]", "weights[1][0, 0]", "biases[0][0]", "biases[1][0]"]
    assert found.to_minimum < 1e-3


def test_an_activation_after_the_last_layer_is_part_of_the_model() -> None:
    from glassnet.losses import SquaredError

    X, y, _ = rows()
    y = np.tanh(0.2 * y)
    net = fitted(X, y, SquaredError("tanh"))

    def residuals(p: Array) -> Array:
        return np.asarray(np.tanh(with_ones(X) @ p) - y)

    fit = optimize.least_squares(residuals, net.parameters, xtol=1e-15, ftol=1e-15, gtol=1e-15)
    slopes = with_ones(X) * (1 - np.tanh(with_ones(X) @ fit.x) ** 2)[:, None]
    covariance = 2 * fit.cost / 56 * np.linalg.inv(slopes.T @ slopes)
    found = summarize(net, X, y)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-5, atol=1e-10)


def test_layers_without_biases_have_none_in_the_table() -> None:
    X, y, _ = rows()
    net = Network([3, 2, 1], bias=[False, True], loss="squared_error", dtype="float64", seed=1)
    found = summarize(net, X, y)
    assert [name for name in found.names if name.startswith("b")] == ["biases[1][0]"]
    assert found.covariance.shape == (9, 9)
    assert found.degrees_of_freedom == 60 - found.rank


def test_a_float32_network_is_looked_at_in_float64_and_left_alone() -> None:
    X, y, _ = rows()
    net = Network([3, 4, 1], activation="tanh", loss="squared_error", seed=0)
    net.fit(X, y, epochs=5)
    twin = Network([3, 4, 1], activation="tanh", loss="squared_error", dtype="float64")
    twin.parameters[...] = net.parameters
    before = net.parameters.tobytes()
    np.testing.assert_allclose(
        summarize(net, X, y).covariance, summarize(twin, X, y).covariance, rtol=1e-9
    )
    assert net.parameters.tobytes() == before
    assert net.dtype == np.float32


def test_standardising_changes_no_number_that_has_the_users_unit() -> None:
    X, y, _ = rows()
    X, y = 100 * X + 1000, 50 * y - 3000
    plain = linear()
    A = with_ones(X)
    beta, *_ = np.linalg.lstsq(A, y, rcond=None)
    plain.parameters[...] = beta
    scaled = linear()
    scaled.fit(X, y, standardize=True, **EXACT)
    one, other = summarize(plain, X, y), summarize(scaled, X, y)
    for name in ("residual_sum_of_squares", "residual_standard_error", "log_likelihood", "bic"):
        np.testing.assert_allclose(getattr(other, name), getattr(one, name), rtol=1e-9)
    np.testing.assert_allclose(other.t_values[:3], one.t_values[:3], rtol=1e-6)


# Other likelihoods: the formulas, and statsmodels


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("loss", ["logistic", "poisson", "gamma"])
def test_generalised_linear_models_equal_statsmodels(loss: str, weighted: bool) -> None:
    api: Any = pytest.importorskip("statsmodels.api", reason="needs statsmodels")
    X, score, rng = rows(150)
    score = 0.3 * score
    y = {
        "logistic": (rng.random(150) < 1 / (1 + np.exp(-score))).astype(float),
        "poisson": rng.poisson(np.exp(score)).astype(float),
        "gamma": rng.gamma(3.0, np.exp(score) / 3.0),
    }[loss]
    weights = rng.integers(1, 4, 150).astype(float) if weighted else None
    family = {
        "logistic": api.families.Binomial(),
        "poisson": api.families.Poisson(),
        "gamma": api.families.Gamma(api.families.links.Log()),
    }[loss]
    theirs = api.GLM(y, with_ones(X), family=family, freq_weights=weights).fit(tol=1e-14)
    found = summarize(fitted(X, y, loss, sample_weight=weights), X, y, weights)
    np.testing.assert_allclose(found.estimates, theirs.params, rtol=1e-6)
    np.testing.assert_allclose(found.standard_errors, theirs.bse, rtol=1e-6)
    np.testing.assert_allclose(found.p_values, theirs.pvalues, rtol=1e-5, atol=1e-12)
    np.testing.assert_allclose(found.dispersion, theirs.scale, rtol=1e-6)
    np.testing.assert_allclose(found.log_likelihood, theirs.llf, rtol=1e-8)
    np.testing.assert_allclose(found.aic, theirs.aic, rtol=1e-8)


@pytest.mark.parametrize("loss", ["logistic", "poisson", "gamma"])
def test_fisher_information_is_that_of_the_textbook(loss: str) -> None:
    X, score, rng = rows(80)
    mean = np.exp(0.2 * score)
    y = {
        "logistic": (rng.random(80) < 0.5).astype(float),
        "poisson": rng.poisson(mean).astype(float),
        "gamma": rng.gamma(3.0, mean / 3.0),
    }[loss]
    net = fitted(X, y, loss)
    mean, A = net.predict(X)[:, 0], with_ones(X)
    own = {"logistic": mean * (1 - mean), "poisson": mean, "gamma": np.ones(80)}[loss]
    spread = np.sum((y / mean - 1) ** 2) / 76 if loss == "gamma" else 1.0
    covariance = spread * np.linalg.inv(A.T @ (own[:, None] * A))
    found = summarize(net, X, y)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-9, atol=1e-14)
    log_density = {
        "logistic": lambda: stats.bernoulli.logpmf(y.astype(int), mean),
        "poisson": lambda: stats.poisson.logpmf(y, mean),
        "gamma": lambda: stats.gamma.logpdf(y, 1 / spread, scale=mean * spread),
    }[loss]()
    np.testing.assert_allclose(found.log_likelihood, log_density.sum(), rtol=1e-10)
    assert found.dispersion == pytest.approx(spread)
    assert np.isnan(found.residual_standard_error)
    assert " z " in str(found)


def test_information_of_a_mean_and_a_variance_is_the_expected_curvature() -> None:
    X, y, rng = rows(80)
    net = fitted(X, y, "gaussian")
    found = summarize(net, X, y)
    outputs = net.predict(X)
    np.testing.assert_allclose(
        found.log_likelihood,
        stats.norm.logpdf(y, outputs[:, 0], np.sqrt(outputs[:, 1])).sum(),
        rtol=1e-10,
    )
    # Averaged over targets drawn from the network itself, the outer product of slopes is it.
    draws, total = 4000, np.zeros((8, 8))
    scores, A = with_ones(X) @ np.vstack([net.weights[0], net.biases[0]]), with_ones(X)
    for _ in range(draws):
        drawn = outputs[:, :1] + np.sqrt(outputs[:, 1:]) * rng.normal(size=(80, 1))
        slope = np.empty_like(scores)
        assert net.loss is not None
        net.loss.compute(scores, drawn, slope)
        each = np.concatenate([A * slope[:, :1], A * slope[:, 1:]], axis=1)
        total += each.T @ each
    order = [0, 4, 1, 5, 2, 6, 3, 7]
    information = (total / draws)[np.ix_(order, order)]
    wanted = np.linalg.inv(found.covariance)
    np.testing.assert_allclose(information, wanted, rtol=0.2, atol=0.02 * np.abs(wanted).max())


def test_standardised_means_and_variances_have_the_likelihood_of_the_users_unit() -> None:
    X, y, _ = rows()
    y = 1000 * y
    net = Network([3, 2], loss="gaussian", dtype="float64", seed=0)
    net.fit(X, y, standardize=True, epochs=50)
    outputs = net.predict(X)
    wanted = stats.norm.logpdf(y, outputs[:, 0], np.sqrt(outputs[:, 1])).sum()
    np.testing.assert_allclose(summarize(net, X, y).log_likelihood, wanted, rtol=1e-10)


def test_differences_between_classes_have_the_covariance_of_multinomial_regression() -> None:
    X, _, rng = rows(120, 2)
    labels = rng.integers(0, 3, 120)
    net = linear("softmax_cross_entropy", 3, 2)
    net.fit(X, labels, **EXACT)
    found = summarize(net, X, labels)
    assert (found.rank, len(found.undetermined)) == (6, 9)
    # Against class 0: coefficients of classes 1 and 2.
    p, A = net.predict(X)[:, 1:], with_ones(X)
    each = np.einsum("rk,kl->rkl", p, np.eye(2)) - p[:, :, None] * p[:, None, :]
    information = np.einsum("ra,rkl,rb->kalb", A, each, A).reshape(6, 6)
    contrast = np.zeros((6, 9))
    for k in (1, 2):
        for a in range(3):
            contrast[(k - 1) * 3 + a, 3 * a + k] += 1
            contrast[(k - 1) * 3 + a, 3 * a] -= 1
    np.testing.assert_allclose(
        contrast @ found.covariance @ contrast.T, np.linalg.inv(information), rtol=1e-8, atol=1e-12
    )
    assert "[0, 0], weights[0][0, 1]" in found.warnings[0]
    assert "differences only" in found.warnings[1]
    one_hot = summarize(net, X, 0.999 * np.eye(3)[labels] + 0.001 / 3)
    np.testing.assert_allclose(one_hot.covariance, found.covariance, rtol=1e-9)
    assert one_hot.observations == 120


# What is singular


def test_a_column_twice_gives_the_pseudo_inverse_and_says_which_parameters() -> None:
    X, y, _ = rows()
    X = np.column_stack([X, X[:, 1]])
    net = linear(columns=4)
    A = with_ones(X)
    net.parameters[...] = np.linalg.lstsq(A, y, rcond=None)[0]
    found = summarize(net, X, y)
    assert found.undetermined == ["weights[0][1, 0]", "weights[0][3, 0]"]
    assert (found.rank, found.degrees_of_freedom, found.condition_number) == (4, 56, np.inf)
    wanted = found.dispersion * np.linalg.pinv(A.T @ A)
    np.testing.assert_allclose(found.covariance, wanted, rtol=1e-8, atol=1e-12)
    assert (
        "rank 4 of 5: these rows do not determine weights[0][1, 0], weights[0][3, 0]"
        in (found.warnings[0])
    )
    assert "Warning: rank 4 of 5" in str(found)


def test_a_dead_unit_is_named() -> None:
    X, y, _ = rows()
    net = Network([3, 2, 1], activation="relu", loss="squared_error", dtype="float64", seed=0)
    net.weights[0][:, 1], net.biases[0][1] = 0.0, -1.0
    found = summarize(net, X, y)
    dead = [f"weights[0][{i}, 1]" for i in range(3)] + ["weights[1][1, 0]", "biases[0][1]"]
    assert set(dead) <= set(found.undetermined)
    at = [found.names.index(name) for name in dead]
    np.testing.assert_allclose(found.standard_errors[at], 0.0, atol=1e-14)


def test_more_parameters_than_rows_are_refused_but_not_where_the_mean_says_the_noise() -> None:
    X, y, _ = rows(5, 6)
    with pytest.raises(ValueError, match=r"more observations than parameters.*got 5 for rank 5"):
        summarize(linear(columns=6), X, y)
    found = summarize(linear("poisson", columns=6), X, np.abs(y))
    assert found.rank == 5
    assert len(found.undetermined) == 7


def test_residuals_of_zero_leave_no_error() -> None:
    X = np.arange(6.0)[:, None]
    net = Network([1, 1], loss="squared_error", dtype="float64")
    net.parameters[...] = [2.0, 1.0]
    found = summarize(net, X, 2 * X + 1)
    np.testing.assert_array_equal(found.standard_errors, 0.0)
    np.testing.assert_array_equal(found.p_values, 0.0)
    assert found.log_likelihood == np.inf
    assert "inf" in str(found)


def test_residuals_of_rounding_are_at_their_minimum() -> None:
    X, y, _ = rows()
    net = linear()
    net.parameters[...] = [1.1, 0.3, -0.7, 0.1]
    y = X[:, 0] * 1.1 + (0.3 * X[:, 1] - 0.7 * X[:, 2] + 0.1)
    found = summarize(net, X, y)
    assert 0 < found.residual_sum_of_squares < 1e-25
    assert found.warnings == []


def test_a_fit_that_is_not_finished_is_called_so() -> None:
    X, y, _ = rows()
    net = fitted(X, y)
    net.parameters[0] += 2.0 * summarize(net, X, y).standard_errors[0]
    found = summarize(net, X, y)
    assert found.to_minimum > 0.1
    assert "not at the minimum" in str(found)


# In words


def test_intervals_of_parameters_check_their_level() -> None:
    X, y, _ = rows()
    with pytest.raises(ValueError, match=r"level must be a number in \(0, 1\); got 95"):
        summarize(fitted(X, y), X, y).intervals(95)


def test_the_table_is_readable() -> None:
    X, y, _ = rows()
    lines = str(summarize(fitted(X, y), X, y)).splitlines()
    assert lines[0].strip() == "Network [3, 1], squared_error"
    words = lines[8].split()
    assert words == ["parameter", "estimate", "std", "error", "t", "P>|t|", "[0.025", "0.975]"]
    assert [line.split(" ")[0] for line in lines[10:14]] == [
        *(f"weights[0][{i}," for i in range(3)),
        "biases[0][0]",
    ]
    assert len(lines) == 15


def test_a_long_table_is_cut() -> None:
    X, y, _ = rows(400)
    net = Network([3, 20, 1], activation="tanh", loss="squared_error", dtype="float64", seed=0)
    assert "... and 41 more" in str(summarize(net, X, y))


def test_blocks_of_rows_give_what_all_rows_at_once_give(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y, _ = rows()
    net = Network([3, 4, 1], activation="tanh", loss="squared_error", dtype="float64", seed=0)
    whole = summarize(net, X, y)
    monkeypatch.setattr(inside.Linearised, "at_once", lambda self: 7)
    np.testing.assert_allclose(summarize(net, X, y).covariance, whole.covariance, rtol=1e-7)


# Refusals


def refused(message: str, net: Any, *given: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        summarize(net, *given)


def test_what_is_no_likelihood_is_refused() -> None:
    X, y, _ = rows()
    refused("needs a loss that is a likelihood.*'huber'.*conformal", linear("huber"), X, y)
    refused("loss='auto' is settled by the first fit", linear("auto"), X, y)
    refused("network must be a Network", Fleet([3, 1], members=2), X, y)
    refused("network must be a Network; got 'net'", "net", X, y)


def test_bad_rows_are_refused_as_in_fit() -> None:
    X, y, _ = rows()
    refused("X has 2 columns", linear(), X[:, :2], y)
    refused("y has 59 rows", linear(), X, y[:59])
    refused("sample_weight must be at least 0", linear(), X, y, -np.ones(60))
    refused("X contains NaN", linear(), np.where(X > 1, np.nan, X), y)


def test_a_network_that_has_diverged_is_refused() -> None:
    X, y, _ = rows()
    net = linear()
    net.parameters[...] = 1e308
    refused("scores of the network are not finite.*up to (nan|inf).*diverged", net, X, y)


def test_too_many_parameters_are_refused_before_anything_is_allocated() -> None:
    X, y, _ = rows()
    net: Core = Network([3, 1000, 1000, 1], loss="squared_error")
    refused(r"1,006,001 parameters needs 67,.* GiB.*last_layer", net, X, y)


def test_own_activations_are_taken() -> None:
    X, y, _ = rows()
    cube = OwnActivation("cube", lambda s: s**3, lambda s: 3 * s**2)
    net = Network([3, 2, 1], activation=cube, loss="squared_error", dtype="float64", seed=0)
    assert isinstance(summarize(net, X, y), Summary)
