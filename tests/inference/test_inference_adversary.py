"""What inference once answered silently with nan, or with NumPy's warnings. To add one: the call,
and what it must say."""

from typing import Any

import numpy as np
import pytest

from glassnet import Network
from glassnet.inference import conformal, laplace, predict_interval, summarize


def test_conformal_refuses_a_network_whose_training_diverged():
    random = np.random.default_rng(0)
    X, y = random.normal(size=(40, 2)), random.normal(size=40)
    network = Network([2, 3, 1], seed=0, loss="squared_error")
    network.parameters[0] = np.nan
    with pytest.raises(ValueError, match="network gives nan for these rows"):
        conformal(network, X, y, level=0.9)


def test_an_interval_too_wide_for_the_exponential_is_all_there_is_without_a_warning():
    network = Network([1, 1], seed=0, loss="logistic", dtype="float64")
    network.parameters[:] = 40.0, 0.0  # certain of its rows: next to no information
    X = np.array([[-0.9], [0.9], [1.0]])
    found = predict_interval(network, 50.0 * X, data=(X, X[:, 0] > 0), kind="confidence")
    np.testing.assert_allclose(found.lower, 0.0, atol=1e-12)
    np.testing.assert_allclose(found.upper, 1.0, atol=1e-12)


def of_rows(network: Network) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    X = random.uniform(-1.0, 1.0, (50, network.layers[0]))
    return X, X[:, 0] + 0.1 * random.normal(size=50)


def interval(network: Network, X: Any, y: Any) -> Any:
    return predict_interval(network, X, data=(X, y))


def predictive(network: Network, X: Any, y: Any) -> Any:
    return laplace(network, X, y).predict(X)


@pytest.mark.parametrize("size", [1e80, 1e120, 1e200, 1e300])
@pytest.mark.parametrize("ask", [summarize, laplace, interval, predictive])
def test_parameters_whose_squares_are_too_large_are_refused_in_words(ask: Any, size: float):
    network = Network([2, 3, 1], activation="relu", loss="squared_error", dtype="float64", seed=0)
    X, y = of_rows(network)
    network.weights[0][0] = size
    with pytest.raises(ValueError, match=r"^scores of the network .*too large.*standardize=True"):
        ask(network, X, y)
    network.reset()
    with pytest.raises(ValueError, match=r"^targets are not finite .*up to .*e\+"):
        ask(network, X, y * size)


def test_slopes_and_rows_to_predict_that_are_too_large_are_refused_in_words():
    network = Network([2, 3, 1], activation="tanh", loss="squared_error", dtype="float64", seed=0)
    X, y = of_rows(network)
    posterior = laplace(Network([2, 1], loss="squared_error"), X, y)
    network.parameters[:] = 0.0
    network.weights[1][0] = 1e200  # of tanh(0): the scores are 0
    with pytest.raises(ValueError, match=r"^slopes of the network .*up to 1e\+200"):
        summarize(network, X, y)
    with pytest.raises(ValueError, match=r"^slopes of the likelihood .*too large"):
        summarize(network.reset(), X, y, sample_weight=np.full(50, 1e200))
    with pytest.raises(ValueError, match=r"^slopes of the network .*too large"):
        posterior.predict(X[:1] * 1e100)


@pytest.mark.parametrize("size", [1e120, 1e300])
def test_units_driven_to_their_ends_are_open_parameters_and_no_warning(size: float):
    network = Network([2, 3, 1], activation="tanh", loss="squared_error", dtype="float64", seed=0)
    X, y = of_rows(network)
    network.weights[0][:] = size
    found = summarize(network, X, y)
    assert found.rank == 2
    assert "do not determine weights[0][0, 0]" in str(found).replace("\n", " ")
    assert laplace(network, X, y).log_marginal_likelihood < -size
