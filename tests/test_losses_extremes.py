"""Losses far from where they are used: exact, or the limit, and never nan where there is one."""

import math
from typing import Any

import loss_values
import numpy as np
import pytest

from glassnet import DivergenceError, Network
from glassnet.core.arrays import Array
from glassnet.core.loss import Loss
from glassnet.losses import (
    LOSSES,
    AbsoluteError,
    Gamma,
    GaussianLikelihood,
    Huber,
    Logistic,
    Pinball,
    Poisson,
    SoftmaxCrossEntropy,
)

TINY = 4.248354255291589e-18  # log(1 + exp(-40))
SOFTMAX = SoftmaxCrossEntropy()
BOTH = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def compute(
    loss: Loss, scores: Any, targets: Any, dtype: Any = np.float64
) -> tuple[list[float], list[list[float]]]:
    """The loss of each row and its gradient, as lists."""
    found = loss_values.compute(loss, scores, targets, dtype=dtype)
    return found.losses.tolist(), found.gradient.tolist()


# Softmax cross-entropy


@BOTH
def test_a_loss_of_softmax_far_below_the_precision_of_one_is_exact(dtype: Any) -> None:
    losses, gradient = compute(SOFTMAX, [[40.0, 0.0]], [0], dtype)
    assert losses == pytest.approx([TINY], rel=1e-6 if dtype == np.float32 else 1e-14)
    assert gradient[0] == pytest.approx([-TINY, TINY], rel=1e-6)


@BOTH
@pytest.mark.parametrize("size", [100.0, 1e4, 1e30])
@pytest.mark.parametrize("far", [0.0, 7.0])
def test_softmax_is_exact_for_scores_of_any_size(far: float, size: float, dtype: Any) -> None:
    right, right_slope = compute(SOFTMAX, [[size, far, -size]], [0], dtype)
    wrong, wrong_slope = compute(SOFTMAX, [[size, far, -size]], [2], dtype)
    assert right == pytest.approx([0.0], abs=1e-40)
    assert wrong == pytest.approx([2.0 * size], rel=1e-6)
    assert right_slope[0] == pytest.approx([0.0, 0.0, 0.0], abs=1e-40)
    assert wrong_slope[0] == pytest.approx([1.0, 0.0, -1.0], rel=1e-15, abs=1e-40)


@BOTH
@pytest.mark.parametrize("size", [1e4, 1e30])
def test_equal_scores_of_any_size_are_a_tie(size: float, dtype: Any) -> None:
    losses, gradient = compute(SOFTMAX, [[size, size], [-size, -size]], [0, 1], dtype)
    assert losses == pytest.approx([math.log(2.0)] * 2, rel=1e-6)
    assert gradient == [[-0.5, 0.5], [0.5, -0.5]]


@BOTH
def test_a_score_of_minus_infinity_is_a_class_that_cannot_be(dtype: Any) -> None:
    losses, gradient = compute(SOFTMAX, [[1.0, -math.inf]] * 2, [0, 1], dtype)
    assert losses == [0.0, math.inf]
    assert gradient == [[0.0, 0.0], [1.0, -1.0]]
    losses, gradient = compute(SOFTMAX, [[1.0, -math.inf]], [[1.0, 0.0]], dtype)
    assert losses == [0.0]
    assert gradient == [[0.0, 0.0]]


@BOTH
@pytest.mark.parametrize("size", [1e4, 1e30, math.inf])
def test_softmax_outputs_of_any_scores_are_probabilities(size: float, dtype: Any) -> None:
    scores = [[size, 0.0, -size], [-size, 0.0, 1.0], [size, size, 0.0]]
    with np.errstate(over="ignore"):
        outputs = SOFTMAX.link(np.array(scores, dtype))
    share = 1.0 / (1.0 + math.exp(-1.0))
    wanted = [[1.0, 0.0, 0.0], [0.0, 1.0 - share, share], [0.5, 0.5, 0.0]]
    np.testing.assert_allclose(outputs, wanted, rtol=1e-6)


def test_nan_is_not_hidden() -> None:
    assert np.isnan(SOFTMAX.link(np.array([[math.nan, 1.0]]))).any()
    for loss in LOSSES.values():
        targets: Any = [0] if loss.targets == "labels" else [[0.5]]
        scores = [[math.nan] * max(loss.statistics, 2 if loss.targets == "labels" else 1)]
        assert math.isnan(compute(loss, scores, targets)[0][0])


# Logistic


@BOTH
def test_a_logistic_loss_far_below_the_precision_of_one_is_exact(dtype: Any) -> None:
    losses, _ = compute(Logistic(), [[40.0], [-40.0]], [[1.0], [0.0]], dtype)
    assert losses == pytest.approx([TINY, TINY], rel=1e-5)


@BOTH
@pytest.mark.parametrize("size", [100.0, 1e4, 1e30])
def test_logistic_is_exact_for_scores_of_any_size(size: float, dtype: Any) -> None:
    losses, gradient = compute(
        Logistic(), [[size], [size], [-size], [-size]], [[1.0], [0.0], [1.0], [0.0]], dtype
    )
    assert losses == pytest.approx([0.0, size, size, 0.0], rel=1e-6, abs=1e-40)
    np.testing.assert_allclose(gradient, [[0.0], [1.0], [-1.0], [0.0]], atol=1e-40)


@BOTH
def test_logistic_outputs_of_any_scores_are_probabilities(dtype: Any) -> None:
    scores = np.array([[-math.inf, -1e30, -1e4, 1e4, 1e30, math.inf]], dtype)
    with np.errstate(over="ignore"):
        outputs = Logistic().link(scores)
    assert outputs.tolist() == [[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]]


# Losses on numbers


@BOTH
@pytest.mark.parametrize("size", [1e4, 1e30, math.inf])
def test_losses_that_grow_in_a_straight_line_do_so_to_the_end(size: float, dtype: Any) -> None:
    for loss, factor in ((AbsoluteError(), 1.0), (Pinball(), 0.5), (Huber(), 1.0)):
        losses, gradient = compute(loss, [[size], [-size]], [[1.0], [1.0]], dtype)
        assert losses == pytest.approx([factor * size] * 2, rel=1e-3)
        assert gradient == [[factor], [-factor]]


@BOTH
@pytest.mark.parametrize("name", [name for name in LOSSES if name != "softmax_cross_entropy"])
@pytest.mark.parametrize("size", [1e4, 1e30])
def test_no_loss_of_a_large_score_is_nan(size: float, name: str, dtype: Any) -> None:
    loss = LOSSES[name]
    for signs in ((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)):
        scores = [[size * sign for sign in signs[: loss.statistics]]]
        losses, gradient = compute(loss, scores, [[0.5]], dtype)
        assert losses[0] >= 0.0
        if math.isfinite(losses[0]):
            assert np.isfinite(gradient).all()


def test_counts_with_a_rate_next_to_zero_and_amounts_next_to_zero_are_exact() -> None:
    losses, gradient = compute(Poisson(), [[-1e4]], [[2.0]])
    assert losses == pytest.approx([2e4 + 2.0 * math.log(2.0) - 2.0])
    assert gradient == [[-2.0]]
    losses, gradient = compute(Gamma(), [[1e4]], [[2.0]])
    assert losses == pytest.approx([1e4 - math.log(2.0) - 1.0])
    assert gradient == [[1.0]]


@BOTH
def test_a_nearly_right_amount_costs_half_the_square_of_its_error(dtype: Any) -> None:
    error = 2.0**-9
    losses, gradient = compute(Gamma(), [[error]], [[1.0]], dtype)
    assert losses == pytest.approx([0.5 * error**2 - error**3 / 6.0], rel=3e-3)
    assert gradient[0] == pytest.approx([error - 0.5 * error**2], rel=1e-5)


@BOTH
@pytest.mark.parametrize("score", [-1e30, -1e4, 1e4, 1e30])
def test_no_score_makes_a_variance_zero_or_infinite(score: float, dtype: Any) -> None:
    outputs = GaussianLikelihood().link(np.array([[3.0, score]], dtype))
    assert outputs[0, 0] == 3.0
    assert outputs[0, 1] == pytest.approx(max(score, 1e-6), rel=1e-6)


# Whole networks

EDGE: dict[str, tuple[int, Array]] = {
    "softmax_cross_entropy": (2, np.array([0, 1])),
    "logistic": (2, np.array([[1.0, 0.0], [0.0, 1.0]])),
    "absolute_error": (2, np.ones((2, 2))),
}


def overflowing(loss: str) -> tuple[Network, Array]:
    """A network whose scores are infinite, of the sign of the label, and its inputs."""
    network = Network([2, 2], loss=loss, dtype="float64")
    network.weights[0][...] = [[1e200, -1e200], [-1e200, 1e200]]
    return network, np.array([[1e150, 0.0], [0.0, 1e150]])


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "logistic"])
def test_infinite_scores_are_predicted_as_certain(loss: str) -> None:
    network, X = overflowing(loss)
    np.testing.assert_array_equal(network.predict(X), np.eye(2))


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "logistic"])
def test_infinite_scores_are_evaluated_as_their_limit(loss: str) -> None:
    network, X = overflowing(loss)
    right = EDGE[loss][1]
    assert network.evaluate(X, right)["loss"] == 0.0
    assert network.evaluate(X, right[::-1])["loss"] > 1e300


@pytest.mark.parametrize("loss", EDGE)
def test_infinite_scores_in_training_are_an_error(loss: str) -> None:
    network, X = overflowing(loss)
    before = network.parameters.copy()
    with pytest.raises(DivergenceError, match="epoch 1, batch 1"):
        network.fit(X, EDGE[loss][1], epochs=1)
    np.testing.assert_array_equal(network.parameters, before)
