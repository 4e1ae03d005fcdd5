"""Parameters that are fixed or at a bound count as known: in tables, intervals and posteriors."""

from typing import Any

import numpy as np
import pytest
import small_problems

from glassnet import Network
from glassnet.inference import conformal, cross_conformal, laplace, predict_interval, summarize

optimize = pytest.importorskip("scipy.optimize", reason="to compare with")

X, Y = small_problems.amounts(rows=70, columns=2)
Y = Y[:, 0] + 0.1 * np.random.default_rng(5).normal(size=70)
FIT: dict[str, Any] = {"optimizer": "levenberg_marquardt", "epochs": 300}


def network(layers: Any = (2, 2, 1), **options: Any) -> Network:
    return Network(layers, **{"activation": "tanh", "loss": "squared_error", "seed": 1, **options})


def test_standard_errors_with_fixed_parameters_equal_those_of_curve_fit() -> None:
    x = np.linspace(0.0, 5.0, 40)
    y = 3.0 * (1.0 - np.exp(-0.7 * x)) + 0.05 * np.random.default_rng(2).normal(size=40)
    net = network((1, 1, 1), activation="exp", dtype="float64").constrain("biases[0]", 0.0)
    net.weights[0][:], net.weights[1][:], net.biases[1][:] = -0.5, -2.0, 2.0
    net.constrain("biases[1]", 3.1)
    net.fit(x[:, None], y, **FIT)

    def curve(x: Any, rate: float, height: float) -> Any:
        return height * np.exp(rate * x) + 3.1

    best, covariance = optimize.curve_fit(curve, x, y, [-0.5, -2.0], ftol=1e-15, xtol=1e-15)
    found = summarize(net, x[:, None], y)
    assert found.names == ["weights[0][0, 0]", "weights[1][0, 0]"]
    assert (found.rank, found.degrees_of_freedom) == (2, 38)
    np.testing.assert_allclose(found.estimates, best, rtol=1e-6)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-5)
    assert "Fixed: biases[0] = 0, biases[1] = 3.1" in str(found)
    assert found.warnings == []


def fixed_and_without() -> list[Network]:
    """The same model twice: a bias fixed at 0, and a layer that has none."""
    nets = [network(dtype="float64").constrain("biases[0]", 0.0), network(dtype="float64")]
    nets[1] = network(dtype="float64", bias=[False, True])
    nets[0].fit(X, Y, **FIT)
    nets[1].parameters = nets[0].parameters
    return nets


def test_intervals_and_posteriors_are_those_of_a_network_without_the_fixed_ones() -> None:
    one, other = fixed_and_without()
    mine, wanted = (predict_interval(net, X, data=(X, Y)) for net in (one, other))
    np.testing.assert_allclose(mine.lower, wanted.lower, rtol=1e-12)
    for subset in ("all", "last_layer"):
        a, b = (laplace(net, X, Y, subset=subset) for net in (one, other))
        assert a.names == b.names
        np.testing.assert_allclose(a.covariance, b.covariance, rtol=1e-12)
        np.testing.assert_allclose(a.log_marginal_likelihood, b.log_marginal_likelihood)
    tables = [summarize(net, X, Y) for net in (one, other)]
    assert tables[0].names == tables[1].names
    assert tables[0].aic == tables[1].aic


def test_a_posterior_of_the_last_layer_leaves_out_what_is_fixed_there() -> None:
    net = network().constrain("weights[1][1, 0]", 0.5).constrain("weights[0]")
    net.fit(X, Y, **FIT)
    assert laplace(net, X, Y, subset="last_layer").names == ["weights[1][0, 0]", "biases[1][0]"]
    full = laplace(net, X, Y)
    assert len(full.mean) == len(full.prior_precision) == 4


def test_parameters_of_float32_at_a_bound_count_as_known() -> None:
    net = network().constrain("weights[1]", (0.1, 0.3)).constrain("biases[1]", 0.7)
    net.fit(X, Y, epochs=200)
    at = ["weights[1][0, 0]", "weights[1][1, 0]"]
    assert net.weights[1].ravel().tolist() == [np.float32(0.3)] * 2
    found = summarize(net, X, Y)
    assert found.at_bounds == at
    assert found.fixed == {"biases[1]": 0.7}
    assert not {*at, "biases[1][0]"} & set(found.names)
    assert "fixed there: weights[1][0, 0], weights[1][1, 0]." in found.warnings[0]


def test_many_fixed_parameters_are_told_in_few_words() -> None:
    net = network((2, 9, 1)).constrain("weights[0]").constrain("biases[0]", (-9.0, 9.0))
    net.fit(X, Y, **FIT)
    lines = [line for line in str(summarize(net, X, Y)).splitlines() if line.startswith("Fixed")]
    assert len(lines) == 1
    assert len(summarize(net, X, Y).fixed) == 18


def test_with_nothing_left_to_look_at_it_says_so() -> None:
    net = network().constrain("all")
    with pytest.raises(ValueError, match=r"summarize has no parameter.*'free'"):
        summarize(net, X, Y)


def test_conformal_networks_have_the_bounds() -> None:
    net = network().constrain("weights[1]", (0.0, 0.5))
    made = cross_conformal(net, X, Y, folds=5, epochs=3)
    for each in made.networks:
        assert np.all((each.weights[1] >= 0) & (each.weights[1] <= 0.5))
    net.fit(X, Y, epochs=3)
    assert conformal(net, X, Y).predict(X).lower.shape == (70, 1)
