"""What inference once answered silently with nan. To add one: the call, and what it must say."""

import numpy as np
import pytest

from glassnet import Network
from glassnet.inference import conformal, predict_interval


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
