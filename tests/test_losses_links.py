"""What losses make of scores, and of targets that are unknown, labels or probabilities."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loss_values import compute, outputs_of

from glassnet.activations import ACTIVATIONS
from glassnet.core.loss import Loss
from glassnet.losses import (
    LOSSES,
    AbsoluteError,
    Gamma,
    GaussianLikelihood,
    Logistic,
    Pinball,
    Poisson,
    SoftmaxCrossEntropy,
    SquaredError,
)

# Links

finite = st.floats(-1e3, 1e3)
rows_of_scores = st.lists(st.lists(finite, min_size=6, max_size=6), min_size=1, max_size=4)


@given(scores=rows_of_scores)
def test_softmax_outputs_are_probabilities(scores: list[list[float]]) -> None:
    outputs = outputs_of(SoftmaxCrossEntropy(), scores)
    assert (outputs >= 0).all()
    np.testing.assert_allclose(outputs.sum(axis=1), 1.0, rtol=1e-14)
    best = np.argmax(scores, axis=1)[:, None]
    np.testing.assert_array_equal(np.take_along_axis(outputs, best, 1)[:, 0], outputs.max(axis=1))


@given(scores=rows_of_scores, shift=finite)
def test_softmax_does_not_change_with_all_scores_moved(
    scores: list[list[float]], shift: float
) -> None:
    moved = outputs_of(SoftmaxCrossEntropy(), np.array(scores) + shift)
    np.testing.assert_allclose(moved, outputs_of(SoftmaxCrossEntropy(), scores), atol=1e-12)


@given(scores=rows_of_scores)
def test_logistic_outputs_are_probabilities(scores: list[list[float]]) -> None:
    with np.errstate(over="ignore"):
        outputs = outputs_of(Logistic(), scores)
        mirrored = outputs_of(Logistic(), -np.array(scores))
    assert ((outputs >= 0) & (outputs <= 1)).all()
    np.testing.assert_allclose(outputs + mirrored, 1.0, rtol=1e-14)


@given(scores=rows_of_scores)
def test_quantiles_are_sorted_and_only_moved(scores: list[list[float]]) -> None:
    outputs = outputs_of(Pinball((0.1, 0.5, 0.9)), scores)  # three quantiles of two columns
    for column in range(2):
        levels = outputs[:, column::2]
        assert (np.diff(levels, axis=1) >= 0).all()
        np.testing.assert_array_equal(levels, np.sort(np.array(scores)[:, column::2], axis=1))


@given(scores=rows_of_scores)
def test_variances_are_above_zero_and_means_are_left(scores: list[list[float]]) -> None:
    outputs = outputs_of(GaussianLikelihood(1e-3), scores)
    np.testing.assert_array_equal(outputs[:, :3], np.array(scores)[:, :3])
    assert (outputs[:, 3:] >= 1e-3).all()


@pytest.mark.parametrize("kind", [Poisson, Gamma])
def test_means_of_counts_and_amounts_are_exponentials(kind: type[Loss]) -> None:
    np.testing.assert_allclose(outputs_of(kind(), [[0.0, 1.0, -2.0]]), np.exp([[0.0, 1.0, -2.0]]))


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("kind", [SquaredError, AbsoluteError])
def test_any_activation_may_make_the_outputs(kind: Any, name: str) -> None:
    scores = np.array([[0.5, -1.5]])
    wanted = np.empty_like(scores)
    ACTIVATIONS[name].forward(scores, wanted)
    np.testing.assert_array_equal(kind(activation=name).link(scores.copy()), wanted)
    found = compute(kind(activation=name), scores, wanted)
    np.testing.assert_array_equal(found.losses, [0.0])


# Masks

MASKABLE = [name for name in LOSSES if LOSSES[name].targets != "labels"]


@pytest.mark.parametrize("name", MASKABLE)
def test_an_unknown_target_has_no_loss_and_a_gradient_of_exactly_zero(name: str) -> None:
    loss = LOSSES[name]
    scores = np.random.default_rng(1).normal(size=(3, 2 * loss.statistics))
    targets, known = np.full((3, 2), 0.5), np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    masked, full = compute(loss, scores, targets, known), compute(loss, scores, targets)
    each = np.tile(known, loss.statistics)
    np.testing.assert_array_equal(masked.gradient, np.where(each > 0, full.gradient, 0.0))
    assert masked.losses[2] == 0.0
    complement = compute(loss, scores, targets, 1.0 - known)
    np.testing.assert_allclose(masked.losses + complement.losses, full.losses, rtol=1e-13)


# Labels and probabilities


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_labels_are_one_hot_probabilities(smoothing: float) -> None:
    scores = 3.0 * np.random.default_rng(2).normal(size=(20, 4))
    labels = np.arange(20) % 4
    loss = SoftmaxCrossEntropy(smoothing)
    by_label, by_row = compute(loss, scores, labels), compute(loss, scores, np.eye(4)[labels])
    np.testing.assert_allclose(by_label.losses, by_row.losses, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(by_label.gradient, by_row.gradient, rtol=1e-12, atol=1e-15)


def test_smoothing_spreads_its_share_over_all_classes() -> None:
    scores, labels = np.random.default_rng(2).normal(size=(5, 4)), np.array([0, 1, 2, 3, 1])
    smoothed = compute(SoftmaxCrossEntropy(0.2), scores, labels)
    shares = 0.8 * np.eye(4)[labels] + 0.2 / 4
    wanted = compute(SoftmaxCrossEntropy(), scores, shares)
    np.testing.assert_allclose(smoothed.losses, wanted.losses, rtol=1e-14)
    np.testing.assert_allclose(smoothed.gradient, wanted.gradient, rtol=1e-12)


def test_probabilities_that_do_not_sum_to_one_weigh_the_row() -> None:
    scores, shares = [[0.3, -1.0, 2.0]], np.array([[0.2, 0.5, 0.3]])
    for loss in (SoftmaxCrossEntropy(), SoftmaxCrossEntropy(0.3)):
        once, thrice = compute(loss, scores, shares), compute(loss, scores, 3.0 * shares)
        np.testing.assert_allclose(thrice.losses, 3.0 * once.losses)
        np.testing.assert_allclose(thrice.gradient, 3.0 * once.gradient)


def test_softmax_of_two_classes_is_logistic_of_their_difference() -> None:
    scores, labels = np.random.default_rng(4).normal(size=(9, 2)), np.arange(9) % 2
    both = compute(SoftmaxCrossEntropy(), scores, labels)
    one = compute(Logistic(), scores[:, 1:] - scores[:, :1], labels[:, None])
    np.testing.assert_allclose(both.losses, one.losses, rtol=1e-13)
    np.testing.assert_allclose(both.gradient[:, 1:], one.gradient, rtol=1e-12)


def test_labels_of_any_integer_type_will_do() -> None:
    scores = [[0.5, -0.5, 1.0]] * 300  # more rows than a byte can count
    wanted = compute(SoftmaxCrossEntropy(), scores, np.array([2, 0] * 150))
    for dtype in (np.uint8, np.int32, np.int64):
        found = compute(SoftmaxCrossEntropy(), scores, np.array([2, 0] * 150, dtype))
        np.testing.assert_array_equal(found.losses, wanted.losses)
