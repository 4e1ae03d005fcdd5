"""Metrics of labels: values worked by hand, an independent reference, and relations that hold."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from glassnet import metrics
from glassnet.metrics import (
    METRICS,
    accuracy,
    balanced_accuracy,
    f1,
    log_loss,
    precision,
    recall,
    top_k_accuracy,
)

Metric = Callable[..., float]

# three classes; largest outputs: 0, 2, 1, 1, 2
OUTPUTS = np.array(
    [[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.3, 0.5, 0.2], [0.4, 0.5, 0.1], [0.0, 0.2, 0.8]]
)
LABELS = np.array([0, 1, 1, 0, 2])
PREDICTED = np.array([0, 2, 1, 1, 2])
ONE_HOT = np.eye(3)[LABELS]

# yes or no; at 0.5 and above it is yes: 1, 1, 0, 0, 1
CHANCES = np.array([[0.9], [0.5], [0.4], [0.1], [0.8]])
ANSWERS = np.array([1, 0, 1, 0, 1])

# several labels a row
CELLS = np.array([[1, 1, 0], [0, 0, 0], [1, 0, 1], [0, 1, 0]])
CELL_OUTPUTS = np.array([[0.9, 0.2, 0.1], [0.1, 0.2, 0.6], [0.7, 0.1, 0.9], [0.6, 0.5, 0.3]])
# decided: [[1, 0, 0], [0, 0, 1], [1, 0, 1], [1, 1, 0]]

BY_HAND = {
    accuracy: (3 / 5, 3 / 5, 1 / 4),
    precision: ((1 + 1 / 2 + 1 / 2) / 3, 2 / 3, (2 / 3 + 1 + 1 / 2) / 3),
    recall: ((1 / 2 + 1 / 2 + 1) / 3, 2 / 3, (1 + 1 / 2 + 1) / 3),
    f1: ((2 / 3 + 1 / 2 + 2 / 3) / 3, 2 / 3, (4 / 5 + 2 / 3 + 2 / 3) / 3),
}


@pytest.mark.parametrize("metric", BY_HAND)
def test_values_worked_by_hand_come_out(metric: Metric) -> None:
    classes, yes_or_no, several = BY_HAND[metric]
    assert metric(LABELS, OUTPUTS) == pytest.approx(classes, abs=1e-15)
    assert metric(ANSWERS, CHANCES) == pytest.approx(yes_or_no, abs=1e-15)
    assert metric(CELLS, CELL_OUTPUTS) == pytest.approx(several, abs=1e-15)


def test_balanced_accuracy_is_the_mean_recall() -> None:
    assert balanced_accuracy(LABELS, OUTPUTS) == pytest.approx((1 / 2 + 1 / 2 + 1) / 3)
    assert balanced_accuracy(ANSWERS, CHANCES) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert balanced_accuracy([0, 0, 0, 1], [0, 0, 2, 1]) == pytest.approx((2 / 3 + 1) / 2)


def test_log_loss_is_the_mean_surprise() -> None:
    expected = -np.mean(np.log([0.7, 0.3, 0.5, 0.4, 0.8]))
    assert log_loss(LABELS, OUTPUTS) == pytest.approx(expected, rel=1e-14)
    expected = -np.mean(np.log([0.9, 0.5, 0.4, 0.9, 0.8]))
    assert log_loss(ANSWERS, CHANCES) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_loss_is_finite_and_never_minus_zero(dtype: Any) -> None:
    wrong = log_loss([0, 1], np.array([[0, 1], [1, 0]], dtype))
    assert wrong == pytest.approx(-math.log(np.finfo(dtype).eps))
    assert str(log_loss([1, 0], np.array([[0, 1], [1, 0]], dtype))) == "0.0"


def test_top_k_accuracy_counts_the_k_largest() -> None:
    assert top_k_accuracy(LABELS, OUTPUTS) == 1.0
    assert top_k_accuracy(LABELS, OUTPUTS, k=1) == accuracy(LABELS, OUTPUTS)
    assert top_k_accuracy([2, 2, 2, 2, 2], OUTPUTS) == pytest.approx(2 / 5)
    assert top_k_accuracy([2, 2, 2, 2, 2], OUTPUTS, k=3) == 1.0


def test_of_equal_outputs_the_first_counts_as_larger() -> None:
    same = np.full((3, 3), 1 / 3)
    assert accuracy([0, 1, 2], same) == pytest.approx(1 / 3)
    assert [top_k_accuracy([0, 1, 2], same, k=k) for k in (1, 2, 3)] == pytest.approx(
        [1 / 3, 2 / 3, 1]
    )


@pytest.mark.parametrize("metric", [*BY_HAND, balanced_accuracy])
def test_labels_one_hot_rows_columns_and_predicted_labels_are_the_same(metric: Metric) -> None:
    expected = metric(LABELS, OUTPUTS)
    for targets in (LABELS.tolist(), LABELS[:, None], ONE_HOT, ONE_HOT.astype(bool), LABELS * 1.0):
        assert metric(targets, OUTPUTS) == expected
    assert metric(LABELS, OUTPUTS.astype(np.float32)) == expected
    assert metric(LABELS, PREDICTED) == expected
    assert metric(LABELS.astype(np.uint8), PREDICTED.astype(float)) == expected
    names = np.array(["ant", "bee", "cat"])
    assert metric(names[LABELS], names[PREDICTED]) == expected
    assert metric(list(names[LABELS]), names[PREDICTED].astype(object)[:, None]) == expected
    assert metric(LABELS - 7, PREDICTED - 7) == expected


@pytest.mark.parametrize("metric", [*BY_HAND, balanced_accuracy, log_loss])
def test_one_output_and_two_outputs_of_the_same_network_agree(metric: Metric) -> None:
    chances = np.array([[0.9], [0.6], [0.4], [0.1], [0.8]])
    both = np.concatenate([1 - chances, chances], axis=1)
    assert metric(ANSWERS, chances) == pytest.approx(metric(ANSWERS, both), rel=1e-12)
    assert metric(ANSWERS == 1, chances) == metric(ANSWERS, chances)


def test_probabilities_as_targets_mean_their_likeliest_label() -> None:
    assert accuracy([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]], OUTPUTS[:2]) == 0.0
    assert accuracy([[0.6, 0.1, 0.3], [0.1, 0.1, 0.8]], OUTPUTS[:2]) == 1.0
    assert accuracy([0.7, 0.4, 0.6, 0.1, 1.0], CHANCES) == pytest.approx(3 / 5)
    assert accuracy([[0.9, 0.8], [0.4, 0.1]], [[0.9, 0.6], [0.1, 0.7]]) == 0.5


def test_undefined_shares_count_as_zero() -> None:
    assert precision([1, 1, 0], [0, 0, 0]) == 0.0
    assert recall([0, 0, 0], [1, 0, 0]) == 0.0
    assert f1([0, 0, 0], [0, 0, 0]) == 0.0
    # class 1 never predicted, class 3 never true, class 2 neither: it is left out
    assert precision([0, 1, 3], np.eye(4)[[0, 0, 3]]) == pytest.approx((1 / 2 + 0 + 1) / 3)
    assert recall([0, 1, 1], np.eye(4)[[0, 1, 3]]) == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert f1(np.array([[1, 0], [1, 0], [0, 0]]), np.array([[1, 0], [1, 0], [0, 0]])) == 0.5


def data(draw: Any, kind: str) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    rows = draw(st.integers(1, 40))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    weights = random.integers(1, 5, rows).astype(float)
    if kind == "yes or no":
        return random.integers(0, 2, rows), random.random((rows, 1)), weights
    if kind == "several":
        cells = random.integers(0, 2, (rows, 4))
        cells[0] = [1, 1, 0, 0]  # so that the rows are not one-hot
        return cells, random.random((rows, 4)), weights
    outputs = random.random((rows, 4))
    return random.integers(0, 4, rows), outputs / outputs.sum(axis=1, keepdims=True), weights


KINDS = ["yes or no", "classes", "several"]
FOR_ONE_LABEL = [balanced_accuracy, log_loss, top_k_accuracy]
PAIRS = [(metric, kind) for metric in BY_HAND for kind in KINDS] + [
    (metric, kind)
    for metric in FOR_ONE_LABEL
    for kind in KINDS[:2]
    if (metric, kind) != (top_k_accuracy, "yes or no")
]


@pytest.mark.parametrize(("metric", "kind"), PAIRS)
@settings(max_examples=25, deadline=None)
@given(source=st.data())
def test_weights_order_and_range_relations_hold(
    metric: Metric, kind: str, source: st.DataObject
) -> None:
    targets, outputs, weights = data(source.draw, kind)
    value = metric(targets, outputs, weights)
    assert type(value) is float
    assert value >= 0.0
    assert value <= 1.0 + 1e-12 or metric is log_loss
    again = np.repeat(np.arange(len(targets)), weights.astype(int))
    assert metric(targets[again], outputs[again]) == pytest.approx(value, abs=1e-12)
    assert metric(targets, outputs, 7 * weights[:, None]) == pytest.approx(value, abs=1e-12)
    assert metric(targets, outputs, None) == pytest.approx(
        metric(targets, outputs, np.ones(len(targets))), abs=1e-12
    )
    mixed = np.random.default_rng(0).permutation(len(targets))
    shuffled = metric(targets[mixed], outputs[mixed], weights[mixed])
    assert shuffled == pytest.approx(value, abs=1e-12)
    junk = np.concatenate([targets, targets[:1] * 0 + 1]), np.concatenate([outputs, outputs[:1]])
    assert metric(*junk, np.append(weights, 0.0)) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(("metric", "kind"), PAIRS)
@settings(max_examples=25, deadline=None)
@given(source=st.data())
def test_values_equal_those_of_scikit_learn(
    metric: Metric, kind: str, source: st.DataObject
) -> None:
    theirs = pytest.importorskip("sklearn.metrics")
    targets, outputs, weights = data(source.draw, kind)
    value = metric(targets, outputs, weights)
    if kind == "several":
        predicted = (outputs >= 0.5).astype(int)
        if metric is accuracy:
            expected = theirs.accuracy_score(targets, predicted, sample_weight=weights)
        else:
            function = getattr(theirs, f"{metric.__name__}_score")
            expected = function(
                targets, predicted, average="macro", sample_weight=weights, zero_division=0
            )
        assert value == pytest.approx(expected, abs=1e-12)
        return
    binary = kind == "yes or no"
    predicted = (outputs[:, 0] >= 0.5).astype(int) if binary else outputs.argmax(axis=1)
    if metric is log_loss:
        labels = range(2 if binary else 4)
        expected = theirs.log_loss(targets, outputs, labels=labels, sample_weight=weights)
    elif metric is top_k_accuracy:
        expected = theirs.top_k_accuracy_score(
            targets, outputs, k=2, labels=range(4), sample_weight=weights
        )
    elif metric is balanced_accuracy:
        if set(predicted) - set(targets) or len(set(targets)) == 1:
            return  # scikit-learn warns here
        expected = theirs.balanced_accuracy_score(targets, predicted, sample_weight=weights)
    elif metric is accuracy:
        expected = theirs.accuracy_score(targets, predicted, sample_weight=weights)
    else:
        function = getattr(theirs, f"{metric.__name__}_score")
        expected = function(
            targets,
            predicted,
            average="binary" if binary else "macro",
            sample_weight=weights,
            zero_division=0,
        )
    assert value == pytest.approx(expected, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(source=st.data())
def test_renaming_classes_changes_nothing(source: st.DataObject) -> None:
    targets, outputs, weights = data(source.draw, "classes")
    order = np.array([2, 0, 3, 1])
    for metric in (*BY_HAND, *FOR_ONE_LABEL):
        value = metric(targets, outputs, weights)
        renamed = metric(order[targets], outputs[:, np.argsort(order)], weights)
        assert renamed == pytest.approx(value, abs=1e-12)


def test_unknown_targets_are_left_out() -> None:
    unknown = np.array([1.0, 0.0, np.nan, 0.0, 1.0])
    assert accuracy(unknown, CHANCES) == accuracy(ANSWERS[[0, 1, 3, 4]], CHANCES[[0, 1, 3, 4]])
    assert accuracy(unknown[:, None], CHANCES) == accuracy(unknown, CHANCES)
    cells = CELLS.astype(float)
    cells[0, 1] = cells[1] = np.nan
    assert accuracy(cells, CELL_OUTPUTS) == pytest.approx(2 / 3)
    one_hot = ONE_HOT.copy()
    one_hot[0] = np.nan
    assert accuracy(one_hot, OUTPUTS) == accuracy(LABELS[1:], OUTPUTS[1:])
    assert accuracy(one_hot, OUTPUTS, np.ones(5)) == accuracy(LABELS[1:], OUTPUTS[1:])


@pytest.mark.parametrize("metric", FOR_ONE_LABEL)
def test_metrics_for_one_label_a_row_refuse_several(metric: Metric) -> None:
    with pytest.raises(ValueError, match=f"{metric.__name__} needs one label a row"):
        metric(CELLS, CELL_OUTPUTS)


@pytest.mark.parametrize("k", [0, -1, 4, True, 1.0, "1", None])
def test_k_is_a_number_of_outputs(k: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="k="):
        top_k_accuracy(LABELS, OUTPUTS, k=k)


@pytest.mark.parametrize(("targets", "outputs"), [(ANSWERS, CHANCES), (LABELS, PREDICTED)])
def test_top_k_accuracy_needs_several_outputs(targets: Any, outputs: Any) -> None:
    with pytest.raises(ValueError, match="needs several"):
        top_k_accuracy(targets, outputs)


@pytest.mark.parametrize(
    "outputs", [PREDICTED, OUTPUTS * 2, OUTPUTS - 0.5, np.eye(3, dtype=int)[PREDICTED]]
)
def test_log_loss_needs_probabilities(outputs: Any) -> None:
    with pytest.raises(ValueError, match="probabilities"):
        log_loss(LABELS, outputs)


def test_the_registry_holds_every_metric_under_its_own_name() -> None:
    for name, metric in METRICS.items():
        assert metric.__name__ == name
        assert getattr(metrics, name) is metric
    others = {"METRICS", "confusion_matrix"}
    assert set(METRICS) == set(metrics.__all__) - others
    assert list(METRICS) == sorted(METRICS)
    assert metrics.__all__ == sorted(metrics.__all__)


@pytest.mark.parametrize("wrong", [1e300, -1e300, 2**64 - 1])
def test_labels_beyond_64_bits_are_refused_without_a_warning(wrong: float) -> None:
    with pytest.raises(ValueError, match=r"hold .* at row 0: labels are at most 2\*\*62"):
        accuracy([wrong, 0], [0, 1])
