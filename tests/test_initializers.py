"""Initial weights: the variance, distribution and shape that each name promises; fixed seeds."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import Network
from glassnet.activations import ACTIVATIONS, OwnActivation
from glassnet.core.arrays import Array
from glassnet.core.random import Stream
from glassnet.initializers import INITIALIZERS

SHAPE = INPUTS, OUTPUTS = 400, 250
COUNT = INPUTS * OUTPUTS
SIGMAS = 4.0
VARIANCES = {"he": 2.0 / INPUTS, "glorot": 2.0 / (INPUTS + OUTPUTS), "lecun": 1.0 / INPUTS}
INDEPENDENT = [f"{rule}_{kind}" for rule in VARIANCES for kind in ("normal", "uniform")]
ORTHOGONAL = ["orthogonal_normal", "orthogonal_uniform"]


def drawn(name: str, inputs: int = INPUTS, outputs: int = OUTPUTS, seed: int = 1) -> Array:
    return INITIALIZERS[name](Stream(seed), inputs, outputs)


def test_every_initializer_is_covered_here() -> None:
    assert {*INDEPENDENT, *ORTHOGONAL, "zeros"} == set(INITIALIZERS)


@pytest.mark.parametrize("name", INDEPENDENT)
def test_mean_and_variance_are_those_of_the_paper(name: str) -> None:
    weights, variance = drawn(name), VARIANCES[name.split("_")[0]]
    kurtosis = 3.0 if name.endswith("normal") else 1.8
    assert abs(weights.mean()) < SIGMAS * math.sqrt(variance / COUNT)
    spread_of_variance = variance * math.sqrt((kurtosis - 1.0) / COUNT)
    assert abs(weights.var() - variance) < SIGMAS * spread_of_variance


@pytest.mark.parametrize("name", INDEPENDENT)
def test_the_distribution_is_the_one_in_the_name(name: str) -> None:
    stats = pytest.importorskip("scipy.stats", reason="needs SciPy, for its tests")
    variance = VARIANCES[name.split("_")[0]]
    limit = math.sqrt(3.0 * variance)
    wanted = stats.norm(0.0, math.sqrt(variance))
    if name.endswith("uniform"):
        wanted = stats.uniform(-limit, 2.0 * limit)
    assert stats.kstest(drawn(name).ravel(), wanted.cdf).pvalue > 1e-3


@pytest.mark.parametrize("rule", VARIANCES)
def test_uniform_weights_stay_within_their_limit_and_reach_for_it(rule: str) -> None:
    limit = math.sqrt(3.0 * VARIANCES[rule])
    largest = np.abs(drawn(f"{rule}_uniform")).max()
    assert 0.999 * limit < largest <= limit


@pytest.mark.parametrize("name", ORTHOGONAL)
@pytest.mark.parametrize("shape", [(30, 12), (12, 30), (20, 20), (1, 5), (5, 1), (1, 1)])
def test_orthogonal_weights_have_right_angles_and_length_one(
    shape: tuple[int, int], name: str
) -> None:
    weights = drawn(name, *shape)
    assert weights.shape == shape
    narrow = weights if shape[0] >= shape[1] else weights.T
    np.testing.assert_allclose(narrow.T @ narrow, np.eye(min(shape)), atol=1e-13)


def test_orthogonal_weights_are_as_likely_one_way_as_the_other() -> None:
    """The signs of the decomposition are put right: else some entries have a mean other than 0."""
    many = np.array([drawn("orthogonal_normal", 3, 3, seed) for seed in range(3000)])
    spread = 1.0 / math.sqrt(3.0)  # of an entry of a random unit vector of three numbers
    assert np.abs(many.mean(axis=0)).max() < SIGMAS * spread / math.sqrt(len(many))
    np.testing.assert_allclose(many.var(axis=0), 1.0 / 3.0, rtol=0.1)


def test_zeros_are_zeros() -> None:
    assert drawn("zeros", 3, 2).tolist() == [[0.0, 0.0]] * 3


@given(
    name=st.sampled_from(sorted(INITIALIZERS)),
    inputs=st.integers(1, 12),
    outputs=st.integers(1, 12),
)
def test_weights_have_their_shape_and_are_finite(name: str, inputs: int, outputs: int) -> None:
    weights = drawn(name, inputs, outputs)
    assert weights.shape == (inputs, outputs)
    assert weights.dtype == np.float64
    assert np.isfinite(weights).all()


@pytest.mark.parametrize("name", [*INDEPENDENT, *ORTHOGONAL])
def test_a_seed_gives_its_weights_again_and_another_seed_gives_others(name: str) -> None:
    np.testing.assert_array_equal(drawn(name, 4, 3), drawn(name, 4, 3))
    assert not np.array_equal(drawn(name, 4, 3), drawn(name, 4, 3, seed=2))


# In a network


@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_network_starts_from_the_initializer_that_it_names(name: str) -> None:
    network = Network([5, 4, 3], initializer=name, dtype="float64", seed=2)
    stream = network.reset().streams.parameters[0]
    stream.state = Network([5, 4, 3], initializer="zeros", seed=2).streams.parameters[0].state
    for weights in network.weights:
        np.testing.assert_array_equal(weights, INITIALIZERS[name](stream, *weights.shape))
    assert not any(biases.any() for biases in network.biases)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_automatic_initializer_goes_by_the_activation(activation: str) -> None:
    auto = Network([5, 40, 3], activation=activation, seed=2)
    named = Network(
        [5, 40, 3],
        activation=activation,
        initializer=ACTIVATIONS[activation].initializer,
        seed=2,
    )
    np.testing.assert_array_equal(auto.weights[0], named.weights[0])
    limit = math.sqrt(6.0 / 43.0)  # the last layer has no activation: Glorot, uniform
    assert np.abs(auto.weights[-1]).max() <= limit


def test_an_own_activation_may_name_its_initializer() -> None:
    own = OwnActivation("cube", np.square, np.square, initializer="zeros")
    assert not Network([5, 4, 3], activation=own, seed=2).weights[0].any()


def test_signals_keep_their_size_through_many_layers() -> None:
    X = Stream(3).normal((200, 256))
    for activation in ("relu", "selu", "tanh"):
        network = Network([256] * 9, activation=activation, loss="squared_error", seed=1)
        spread = float(network.predict(X).std())
        assert 0.1 < spread < 3.0, activation


def test_initial_weights_do_not_depend_on_the_precision() -> None:
    settings: dict[str, Any] = {"seed": 5}
    single, double = (Network([5, 4, 3], dtype=d, **settings) for d in ("float32", "float64"))
    np.testing.assert_array_equal(single.parameters, double.parameters.astype(np.float32))
