"""Files that earlier versions wrote: they must load for ever, to the same numbers."""

from pathlib import Path

import numpy as np
import pytest
from fleets_to_save import same_fleet
from networks_to_save import same

from glassnet import Fleet, Network, load
from glassnet.activations import LeakyReLU
from glassnet.core.scaling import Scaling
from glassnet.losses import SquaredError

GOLDEN = Path(__file__).with_name("golden")
SUFFIXES = [".npz", ".pkl", ".safetensors"]
ROWS = [[1.0, -1.0], [0.5, 2.0]]


def network():
    """As golden/network.* has it."""
    net = Network([2, 3, 2], dropout=0.25, loss="softmax_cross_entropy", classes=["no", "ja ü"])
    net.weights[0][:] = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]]
    net.biases[0][:] = [0.125, 0.5, -1.0]
    net.weights[1][:] = [[1.0, -1.0], [0.5, 0.25], [-2.0, 1.5]]
    net.biases[1][:] = [0.25, -0.5]
    net.seed = 7
    net.columns = {"inputs": ["größe", 2, None]}
    net.input_scaling = Scaling(np.array([1.0, -2.0]), np.array([0.5, 0.25]))
    net.history.environment = {"numpy": "2.4.6"}
    return net


def fleet():
    """As golden/fleet.* has it."""
    loss = SquaredError(LeakyReLU(0.1))
    made = Fleet([2, 2, 1], 2, activation="tanh", loss=loss, dtype="float64", seed=[3, None])
    made.weights[0][:] = [[[0.5, -1.0], [1.5, 0.25]], [[2.0, 1.0], [-0.5, -1.25]]]
    made.biases[0][:] = [[0.125, 0.5], [-1.0, 0.0]]
    made.weights[1][:] = [[[1.0], [-1.0]], [[0.5], [0.25]]]
    made.biases[1][:] = [[0.25], [-0.5]]
    made.target_scaling = Scaling(np.array([10.0]), np.array([2.0]))
    return made


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_network_of_version_1_loads_for_ever(suffix):
    loaded = load(GOLDEN / f"network{suffix}")
    assert same(loaded, network())
    # In NumPy alone: scaled inputs, a leaky ReLU of 0.01, a softmax.
    hidden = (np.array(ROWS) - [1, -2]) * [0.5, 0.25] @ network().weights[0] + [0.125, 0.5, -1]
    hidden = np.where(hidden > 0, hidden, 0.01 * hidden)
    odds = np.exp(hidden @ network().weights[1] + [0.25, -0.5])
    outputs = odds / odds.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(loaded.predict(ROWS), outputs, rtol=1e-6)
    np.testing.assert_allclose(outputs[:, 1], [0.1265087, 0.0166468], rtol=1e-5)
    assert loaded.classify(ROWS).tolist() == ["no", "no"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_fleet_of_version_1_loads_for_ever(suffix):
    loaded = load(GOLDEN / f"fleet{suffix}")
    wanted = fleet()
    assert same_fleet(loaded, wanted)
    hidden = np.tanh(np.array(ROWS) @ wanted.weights[0] + wanted.biases[0][:, None])
    scores = hidden @ wanted.weights[1] + wanted.biases[1][:, None]
    outputs = np.where(scores > 0, scores, 0.1 * scores) / 2 + 10
    np.testing.assert_allclose(loaded.predict(ROWS), outputs, rtol=1e-12)


def test_golden_files_are_small():
    paths = [path for path in GOLDEN.iterdir() if path.suffix in SUFFIXES]
    assert len(paths) == 9
    assert all(path.stat().st_size < 4096 for path in paths)
