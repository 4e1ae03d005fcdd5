"""Losses: their values by hand, where they are smallest, their links and masks.

Extremes are in test_losses_extremes.py, comparisons with other libraries in
test_losses_elsewhere.py, gradients everywhere in core/test_gradients.py. A new loss is covered by
being in LOSSES; give it an example in BY_HAND and a best score in BEST.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import Network
from glassnet.activations import ACTIVATIONS
from glassnet.core.arrays import Array
from glassnet.core.loss import Loss
from glassnet.losses import (
    LOSSES,
    AbsoluteError,
    Gamma,
    GaussianLikelihood,
    Huber,
    Logistic,
    OwnLoss,
    Pinball,
    Poisson,
    SoftmaxCrossEntropy,
    SquaredError,
)

LOG2 = math.log(2.0)


class Computed(NamedTuple):
    """The loss of each row, and d loss / d scores."""

    losses: Array
    gradient: Array


def compute(
    loss: Loss, scores: Any, targets: Any, known: Any = None, dtype: Any = np.float64
) -> Computed:
    """As the engine does it: into a buffer that holds anything, overflow left to itself."""
    used = np.array(scores, dtype)
    wanted = np.array(targets)
    if wanted.ndim == used.ndim:
        wanted = wanted.astype(dtype)
    gradient = np.full_like(used, np.nan)
    with np.errstate(all="ignore"):
        losses = loss.compute(used, wanted, gradient, None if known is None else np.array(known))
    return Computed(losses, gradient)


def outputs_of(loss: Loss, scores: Any) -> Array:
    return loss.link(np.array(scores, float))


# By hand

SHARE = 1.0 / (1.0 + math.exp(-1.0))  # of two classes whose scores are 1 apart
SOFT = math.log(1.0 + math.e)  # softplus of 1

BY_HAND: dict[str, tuple[Loss, Any, Any, float, Any]] = {
    "squared_error": (SquaredError(), [3.0, 1.0], [1.0, 1.5], (4.0 + 0.25) / 2, [2.0, -0.5]),
    "squared_error, relu": (
        SquaredError(activation="relu"),
        [3.0, -1.0],
        [1.0, 1.5],
        (4.0 + 2.25) / 2,
        [2.0, 0.0],
    ),
    "absolute_error": (AbsoluteError(), [3.0, 1.0], [1.0, 1.5], 1.25, [0.5, -0.5]),
    "huber": (Huber(), [3.0, 1.0], [1.0, 1.5], (1.5 + 0.125) / 2, [0.5, -0.25]),
    "huber, delta 3": (Huber(3.0), [3.0], [1.0], 2.0, [2.0]),
    "pinball": (Pinball(), [3.0, 1.0], [1.0, 1.5], (1.0 + 0.25) / 2, [0.25, -0.25]),
    "pinball, two": (Pinball((0.1, 0.8)), [3.0, 0.0], [1.0], (1.8 + 0.8) / 2, [0.45, -0.4]),
    "poisson": (Poisson(), [LOG2], [3.0], 2.0 - 3.0 * LOG2 + 3.0 * math.log(3.0) - 3.0, [-1.0]),
    "poisson, none": (Poisson(), [LOG2], [0.0], 2.0, [2.0]),
    "gamma": (Gamma(), [LOG2], [3.0], 1.5 - 1.0 - math.log(1.5), [-0.5]),
    "gaussian": (
        GaussianLikelihood(floor=1e-300),
        [3.0, 1.0],
        [1.0],
        0.5 * math.log(2.0 * math.pi * SOFT) + 2.0 / SOFT,
        [2.0 / SOFT, SHARE * 0.5 * (1.0 - 4.0 / SOFT) / SOFT],
    ),
    "logistic": (Logistic(), [1.0, 0.0], [0.0, 1.0], (SOFT + LOG2) / 2, [SHARE / 2, -0.25]),
    "logistic, share": (Logistic(), [1.0], [0.25], SOFT - 0.25, [SHARE - 0.25]),
    "softmax_cross_entropy": (
        SoftmaxCrossEntropy(),
        [1.0, 2.0],
        1,
        SOFT - 1.0,
        [1.0 - SHARE, SHARE - 1.0],
    ),
    "softmax, shares": (
        SoftmaxCrossEntropy(),
        [1.0, 2.0],
        [0.25, 0.75],
        SOFT - 0.75,
        [0.75 - SHARE, SHARE - 0.75],
    ),
    "softmax, smoothing": (
        SoftmaxCrossEntropy(smoothing=0.5),
        [1.0, 2.0],
        1,
        SOFT - 0.75,
        [0.75 - SHARE, SHARE - 0.75],
    ),
}


def test_every_loss_has_an_example_worked_by_hand() -> None:
    assert {type(each[0]) for each in BY_HAND.values()} == {type(each) for each in LOSSES.values()}


@pytest.mark.parametrize("case", BY_HAND)
def test_a_loss_and_its_gradient_by_hand(case: str) -> None:
    loss, scores, targets, wanted, gradient = BY_HAND[case]
    found = compute(loss, [scores], [targets])
    assert found.losses.tolist() == pytest.approx([wanted], rel=1e-14)
    assert found.gradient.tolist()[0] == pytest.approx(gradient, rel=1e-13)


@pytest.mark.parametrize("case", BY_HAND)
def test_rows_and_members_are_computed_each_for_itself(case: str) -> None:
    loss, scores, targets, wanted, gradient = BY_HAND[case]
    found = compute(loss, [[scores] * 3] * 2, [targets] * 3)
    np.testing.assert_allclose(found.losses, np.full((2, 3), wanted), rtol=1e-13)
    np.testing.assert_allclose(found.gradient, np.tile(gradient, (2, 3, 1)), rtol=1e-13)


@pytest.mark.parametrize("case", BY_HAND)
def test_scores_and_targets_stay_as_they_are(case: str) -> None:
    loss, scores, targets, *_ = BY_HAND[case]
    used, wanted = np.array([scores]), np.array([targets])
    loss.compute(used, wanted, np.empty_like(used))
    np.testing.assert_array_equal(used, [scores])
    np.testing.assert_array_equal(wanted, [targets])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", BY_HAND)
def test_every_loss_keeps_the_precision_of_its_scores(case: str, dtype: Any) -> None:
    loss, scores, targets, wanted, gradient = BY_HAND[case]
    if dtype == np.float32 and case == "gaussian":
        loss = GaussianLikelihood()  # the other floor is 0 there
    found = compute(loss, [scores], [targets], dtype=dtype)
    assert found.losses.dtype == dtype
    tolerance = 1e-5 if dtype == np.float32 else 1e-13
    assert found.losses.tolist() == pytest.approx([wanted], rel=tolerance, abs=1e-6)
    assert found.gradient.tolist()[0] == pytest.approx(gradient, rel=tolerance, abs=1e-6)
    assert loss.link(np.array([scores], dtype)).dtype == dtype


# Where it is smallest

BEST: dict[str, tuple[Any, Any]] = {
    "squared_error": ([2.0], [2.0]),
    "huber": ([2.0], [2.0]),
    "poisson": ([math.log(3.0)], [3.0]),
    "gamma": ([math.log(0.2)], [0.2]),
    "logistic": ([math.log(0.3 / 0.7)], [0.3]),
    "softmax_cross_entropy": ([math.log(0.3), math.log(0.5), math.log(0.2)], [0.3, 0.5, 0.2]),
    "absolute_error": ([2.0], [2.0]),
    "pinball": ([2.0], [2.0]),
    # The best variance of one target is 0: not reached, see the test of many targets.
}


@pytest.mark.parametrize("name", BEST)
def test_a_loss_is_smallest_where_the_prediction_is_right(name: str) -> None:
    loss, (scores, targets) = LOSSES[name], BEST[name]
    np.testing.assert_allclose(outputs_of(loss, [scores])[0], targets, rtol=1e-13)
    best = compute(loss, [scores], [targets])
    np.testing.assert_allclose(best.gradient, 0.0, atol=1e-15)
    for move in np.random.default_rng(1).normal(size=(50, len(scores))):
        assert compute(loss, [scores + move], [targets]).losses[0] >= best.losses[0]


@pytest.mark.parametrize(
    "name", ["squared_error", "absolute_error", "huber", "pinball", "poisson", "gamma"]
)
def test_a_right_prediction_of_a_number_costs_nothing(name: str) -> None:
    loss, (scores, targets) = LOSSES[name], BEST[name]
    assert compute(loss, [scores], [targets]).losses[0] == pytest.approx(0.0, abs=1e-15)


SAMPLE = np.random.default_rng(3).gamma(2.0, 1.5, 101)


def mean_gradient(loss: Loss, scores: Any) -> Array:
    """Of the same scores for every row of SAMPLE."""
    rows = np.tile(np.array(scores, float), (len(SAMPLE), 1))
    return np.asarray(compute(loss, rows, SAMPLE[:, None]).gradient.mean(axis=0))


@pytest.mark.parametrize(
    ("loss", "scores"),
    [
        (SquaredError(), [SAMPLE.mean()]),
        (AbsoluteError(), [np.median(SAMPLE)]),
        (Pinball(), [np.median(SAMPLE)]),
        (Poisson(), [math.log(SAMPLE.mean())]),
        (Gamma(), [math.log(SAMPLE.mean())]),
        (GaussianLikelihood(1e-9), [SAMPLE.mean(), math.log(math.expm1(SAMPLE.var() - 1e-9))]),
    ],
    ids=lambda each: getattr(each, "name", None),
)
def test_the_best_constant_is_the_statistic_that_it_should_be(loss: Loss, scores: Any) -> None:
    np.testing.assert_allclose(mean_gradient(loss, scores), 0.0, atol=1e-14)


@pytest.mark.parametrize("level", [0.1, 0.25, 0.9])
def test_the_best_constant_of_pinball_is_the_quantile(level: float) -> None:
    quantile = float(np.quantile(SAMPLE, level))
    assert mean_gradient(Pinball((level,)), [quantile - 1e-6])[0] <= 1e-15
    assert mean_gradient(Pinball((level,)), [quantile + 1e-6])[0] >= -1e-15


# Kinks


@pytest.mark.parametrize("loss", [AbsoluteError(), Pinball(), Pinball((0.1, 0.9)), Huber()])
def test_the_gradient_is_zero_where_the_prediction_is_exact(loss: Loss) -> None:
    scores = [[2.0] * loss.statistics]
    np.testing.assert_array_equal(compute(loss, scores, [[2.0]]).gradient, np.zeros_like(scores))


def test_huber_goes_over_smoothly_at_delta() -> None:
    found = compute(Huber(0.5), [[0.5], [np.nextafter(0.5, 1.0)], [-0.5]], [[0.0]] * 3)
    np.testing.assert_allclose(found.losses, 0.125, rtol=1e-15)
    np.testing.assert_allclose(found.gradient[:, 0], [0.5, 0.5, -0.5], rtol=1e-15)


def test_half_of_the_median_pinball_is_the_absolute_error() -> None:
    scores, targets = [[3.0, -1.0]], [[1.0, 2.0]]
    absolute, pinball = (compute(loss, scores, targets) for loss in (AbsoluteError(), Pinball()))
    np.testing.assert_allclose(absolute.losses, 2.0 * pinball.losses)
    np.testing.assert_allclose(absolute.gradient, 2.0 * pinball.gradient)


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
    scores = [[0.5, -0.5, 1.0]] * 2
    wanted = compute(SoftmaxCrossEntropy(), scores, np.array([2, 0]))
    for dtype in (np.uint8, np.int32, np.int64):
        found = compute(SoftmaxCrossEntropy(), scores, np.array([2, 0], dtype))
        np.testing.assert_array_equal(found.losses, wanted.losses)


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
        AbsoluteError(activation=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "allowed", "refused"), [("poisson", 0, -1), ("gamma", 1e-9, 0)])
def test_targets_that_a_distribution_cannot_give_are_complained_about(
    name: str, allowed: float, refused: float
) -> None:
    assert not LOSSES[name].complaint(np.array([[allowed]]))
    assert LOSSES[name].complaint(np.array([[3.0], [refused]]))


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
