"""The settings of losses, and losses of one's own."""

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest
from loss_values import compute, outputs_of

from glassnet import Network
from glassnet.activations import Identity, LeakyReLU, OwnActivation, Tanh
from glassnet.core.arrays import Array
from glassnet.core.loss import Loss
from glassnet.losses import (
    LOSSES,
    AbsoluteError,
    GaussianLikelihood,
    Huber,
    OwnLoss,
    Pinball,
    SoftmaxCrossEntropy,
    SquaredError,
)

# Settings


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
@pytest.mark.parametrize(("kind", "setting"), [(Huber, "delta"), (GaussianLikelihood, "floor")])
def test_sizes_must_be_above_zero(kind: Any, setting: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"^{setting} must be a finite number above 0; got"):
        kind(value)


@pytest.mark.parametrize("value", [-0.1, 1.0, math.nan])
def test_smoothing_lies_between_zero_and_one(value: float) -> None:
    with pytest.raises(ValueError, match=r"^smoothing must be a number in \[0, 1\)"):
        SoftmaxCrossEntropy(value)


@pytest.mark.parametrize("levels", [(), (0.0,), (1.0,), (0.9, 0.1), (0.5, 0.5), (0.5, math.nan)])
def test_quantiles_rise_between_zero_and_one(levels: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="quantiles"):
        Pinball(levels)


@pytest.mark.parametrize("value", ["0.1", True, None])
@pytest.mark.parametrize("kind", [Huber, GaussianLikelihood, SoftmaxCrossEntropy, Pinball])
def test_settings_that_are_no_numbers_are_refused(kind: Any, value: object) -> None:
    with pytest.raises(TypeError, match="must be"):
        kind(value)


def test_a_link_that_is_no_activation_is_refused_with_the_closest() -> None:
    with pytest.raises(ValueError, match="Did you mean 'sigmoid'"):
        SquaredError(activation="sigmod")
    with pytest.raises(TypeError, match="activation"):
        AbsoluteError(activation=None)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("kind", [SquaredError, AbsoluteError])
def test_a_link_may_be_an_object_with_settings(kind: Any) -> None:
    loss, scores = kind(LeakyReLU(0.1)), [[-1.0, 2.0]]
    assert outputs_of(loss, scores).tolist() == [[-0.1, 2.0]]
    found = compute(loss, scores, [[-0.2, 1.0]])
    wanted = {SquaredError: (0.01 + 1, [0.01, 1.0]), AbsoluteError: (0.1 + 1, [0.05, 0.5])}[kind]
    np.testing.assert_allclose(found.losses, [wanted[0] / 2])
    np.testing.assert_allclose(found.gradient, [wanted[1]])
    assert not loss.rescalable
    assert loss == kind(LeakyReLU(0.1)) != kind(LeakyReLU(0.2))
    assert pickle.loads(pickle.dumps(loss)) == loss


def test_a_link_with_the_settings_of_its_name_is_the_name() -> None:
    assert SquaredError(LeakyReLU()) == SquaredError("leaky_relu")
    assert SquaredError(Tanh()).activation == "tanh"
    assert SquaredError(Identity()).rescalable
    assert SquaredError("leaky_relu").maker == LeakyReLU()


def test_a_link_may_be_ones_own() -> None:
    own = OwnActivation("negative", np.negative, np.ones_like)
    loss = SquaredError(own)
    assert loss.maker is loss.activation is own
    assert outputs_of(loss, [[3.0]]).tolist() == [[-3.0]]


@pytest.mark.parametrize(("name", "allowed", "refused"), [("poisson", 0, -1), ("gamma", 1e-9, 0)])
def test_targets_that_a_distribution_cannot_give_are_complained_about(
    name: str, allowed: float, refused: float
) -> None:
    assert not LOSSES[name].complaint(np.array([[allowed]]))
    words = {"poisson": "counts must not be negative", "gamma": "amounts must be above 0"}
    assert LOSSES[name].complaint(np.array([[3.0], [refused]])) == words[name]


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_stands_under_its_name(name: str) -> None:
    assert LOSSES[name].name == name


# One's own


def distance(scores: Array, targets: Array) -> Array:
    return np.asarray(np.abs(scores - targets) ** 3)


def distance_slope(scores: Array, targets: Array) -> Array:
    return np.asarray(3.0 * (scores - targets) * np.abs(scores - targets))


def test_an_own_loss_is_two_functions() -> None:
    loss = OwnLoss("cubic", distance, distance_slope)
    found = compute(loss, [[3.0, 0.0]], [[1.0, 1.0]])
    assert found.losses.tolist() == [4.5]
    assert found.gradient.tolist() == [[6.0, -1.5]]
    assert outputs_of(loss, [[3.0]]).tolist() == [[3.0]]


def test_an_own_loss_may_have_a_link() -> None:
    assert outputs_of(OwnLoss("c", distance, distance_slope, np.exp), [[0.0]]).tolist() == [[1.0]]


def test_an_own_loss_that_averages_is_told_so() -> None:
    def averaged(scores: Array, targets: Array) -> Array:
        return np.asarray(np.mean((scores - targets) ** 2))

    loss = OwnLoss("mean", averaged, distance_slope)
    with pytest.raises(ValueError, match=r"one number for each score, shape \(1, 2\)"):
        compute(loss, [[3.0, 0.0]], [[1.0, 1.0]])


def test_a_network_learns_with_an_own_loss() -> None:
    X = np.linspace(-1.0, 1.0, 40)[:, None]
    loss = OwnLoss("cubic", distance, distance_slope)
    network = Network([1, 8, 1], loss=loss, seed=1)
    history = network.fit(X, np.sin(3.0 * X), epochs=60, learning_rate=0.02)
    assert history[-1]["loss"] < 0.05 * history[0]["loss"]


def test_what_a_loss_must_have_is_said_where_it_is_missing() -> None:
    with pytest.raises(NotImplementedError):
        compute(Loss(), [[1.0]], [[1.0]])


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_a_copy_of_a_loss_is_equal_to_it(name: str) -> None:
    loss = LOSSES[name]
    assert copy.copy(loss) == loss
    assert copy.copy(loss) is not loss
