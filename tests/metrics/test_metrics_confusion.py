"""The confusion matrix: counts, the order of its classes, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.metrics import confusion_matrix

TRUE = [0, 1, 2, 2, 1]
FOUND = [0, 2, 2, 1, 1]
MATRIX = [[1, 0, 0], [0, 1, 1], [0, 1, 1]]


def test_rows_are_true_and_columns_are_predicted() -> None:
    counts = confusion_matrix([0, 0, 0, 1], [1, 1, 0, 1])
    assert counts.tolist() == [[1, 2], [0, 1]]
    assert counts.dtype == np.int64


@pytest.mark.parametrize("classes", [None, 3, np.int64(3), [0, 1, 2], np.arange(3), range(3)])
def test_classes_may_be_counted_or_listed(classes: Any) -> None:
    assert confusion_matrix(TRUE, FOUND, classes).tolist() == MATRIX


def test_classes_that_do_not_occur_have_rows_and_columns_of_zeros() -> None:
    counts = confusion_matrix(TRUE, FOUND, 5)
    assert counts.shape == (5, 5)
    assert counts[:3, :3].tolist() == MATRIX
    assert counts.sum() == len(TRUE)


def test_text_is_sorted_or_in_the_order_of_classes() -> None:
    names = np.array(["bee", "ant", "cat"])
    true, found = names[TRUE], names[FOUND]
    order = [1, 0, 2]
    assert confusion_matrix(true, found).tolist() == np.array(MATRIX)[order][:, order].tolist()
    assert confusion_matrix(list(true), found, list(names)).tolist() == MATRIX
    assert confusion_matrix(true.astype(object), found, names).tolist() == MATRIX


def test_other_labels_work_with_a_list_of_them() -> None:
    names = [-5, 70, 3]
    true, found = ([names[place] for place in places] for places in (TRUE, FOUND))
    assert confusion_matrix(true, found, names).tolist() == MATRIX
    halves = [0.5, 1.5, 2.5]
    true, found = (np.array(halves)[places] for places in (TRUE, FOUND))
    assert confusion_matrix(true, found, halves).tolist() == MATRIX


def test_outputs_may_stand_for_labels() -> None:
    outputs = np.eye(3)[FOUND] + 0.1
    assert confusion_matrix(TRUE, outputs).tolist() == MATRIX
    assert confusion_matrix(np.array(["a", "b", "c"])[TRUE], outputs, ["a", "b", "c"]).tolist() == (
        MATRIX
    )
    assert confusion_matrix([0, 1, 1], [[0.4], [0.5], [0.3]]).tolist() == [[1, 0], [1, 1]]
    assert confusion_matrix([[0], [1]], np.array([[0], [1]])).tolist() == [[1, 0], [0, 1]]
    with pytest.raises(ValueError, match=r"names 4, .* 3 outputs"):
        confusion_matrix(TRUE, outputs, 4)


@settings(max_examples=40, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=40),
    as_text=st.booleans(),
)
def test_counts_equal_those_of_scikit_learn(pairs: list[tuple[int, int]], as_text: bool) -> None:
    theirs = pytest.importorskip("sklearn.metrics")
    true, found = zip(*pairs, strict=True)
    names: list[Any] = list("fedcba") if as_text else [0, 1, 2, 3, 4, 5]
    true, found = [names[k] for k in true], [names[k] for k in found]
    expected = theirs.confusion_matrix(true, found, labels=names)
    np.testing.assert_array_equal(confusion_matrix(true, found, names), expected)
    transposed = confusion_matrix(found, true, names)
    np.testing.assert_array_equal(transposed, expected.T)


@pytest.mark.parametrize(
    ("labels", "predicted", "classes", "reason"),
    [
        ([0, 1], [0], None, "labels have 2 rows, predicted 1"),
        ([0, -1], [0, 1], None, "label -1 at row 1"),
        ([0, 3], [0, 1], 3, "label 3 at row 1, allowed are 0 to 2"),
        ([0, 1], [0, 3], 3, "predicted hold the label 3"),
        ([0, 1.5], [0, 1], None, "1.5 at row 1"),
        ([0, 1], [0, np.nan], None, "nan at row 1"),
        ([0, 1], [0, 4], [0, 1], "predicted hold the label 4"),
        ([0, 1], [0, 1], [0, 1, 0], "twice"),
        ([0, 1], [0, 1], 0, "0 classes"),
        ([0, 1], [0, 1], [], "0 classes"),
        ([0, 10**9], [0, 1], None, "1 to 10,000"),
        (np.eye(2), [0, 1], None, r"labels of shape \(2, 2\)"),
        ([0, 1], [[np.nan, 1.0], [1.0, 0.0]], None, "outputs hold nan at row 0, column 0"),
        ([], [], None, r"labels is of shape \(0,\)"),
        ([], [], 3, "at least one row"),
    ],
)
def test_wrong_values_are_refused(labels: Any, predicted: Any, classes: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        confusion_matrix(labels, predicted, classes)


@pytest.mark.parametrize("classes", [True, "abc", 2.0, {0, 1}])
def test_classes_of_another_kind_are_refused(classes: Any) -> None:
    with pytest.raises(TypeError, match="classes="):
        confusion_matrix([0, 1], [0, 1], classes)


def test_text_against_numbers_is_refused() -> None:
    with pytest.raises(TypeError, match="text"):
        confusion_matrix(["a", "b"], [0, 1])
    with pytest.raises(TypeError, match="text"):
        confusion_matrix(["a", "b"], [[0.1], [0.9]])


@pytest.mark.parametrize("classes", [[[0], [1]], np.eye(2), [{}, 1], [None, 1]])
def test_classes_that_are_no_labels_are_refused(classes: Any) -> None:
    with pytest.raises(TypeError, match="classes must be labels, text or numbers"):
        confusion_matrix([0, 1], [0, 1], classes)
