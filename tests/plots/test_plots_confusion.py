"""The confusion matrix as a picture."""

import numpy as np
import pytest

from glassnet import plots

pytest.importorskip("matplotlib", reason="pictures need matplotlib")


def cells(ax):
    """The texts in the cells as {(row, column): text}."""
    return {
        (round(text.get_position()[1]), round(text.get_position()[0])): text.get_text()
        for text in ax.texts
    }


def test_rows_are_true_classes_and_columns_predicted_ones(drawn):
    ax = drawn(plots.confusion_matrix([[50, 3], [0, 47]], classes=["no", "yes"]))
    assert cells(ax) == {(0, 0): "50", (0, 1): "3", (1, 0): "0", (1, 1): "47"}
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("true", "predicted")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["no", "yes"]
    assert ax.get_ylim() == (1.5, -0.5)
    assert ax.get_title(loc="left") == "97 of 100 right (97.0 %)"


@pytest.mark.parametrize(
    ("normalize", "expected", "title"),
    [
        ("true", ["80.0", "20.0", "0", "100"], "% of the true class"),
        ("pred", ["100", "25.0", "0", "75.0"], "% of the predicted class"),
        ("all", ["50.0", "12.5", "0", "37.5"], "% of all rows"),
    ],
)
def test_shares_are_written_in_percent(normalize, expected, title, drawn):
    ax = drawn(plots.confusion_matrix([[4, 1], [0, 3]], normalize=normalize))
    assert list(cells(ax).values()) == expected
    assert title in ax.get_title(loc="left")


def test_a_class_that_never_occurs_has_shares_of_zero(drawn):
    ax = drawn(plots.confusion_matrix([[3, 0], [0, 0]], normalize="true"))
    assert cells(ax)[1, 1] == "0"


def test_text_is_light_on_dark_cells_and_dark_on_light_ones(drawn):
    ax = drawn(plots.confusion_matrix([[100, 1], [1, 100]]))
    colours = {text.get_text(): text.get_color() for text in ax.texts}
    assert colours == {"100": "white", "1": "black"}


def test_weighted_counts_keep_their_digits(drawn):
    ax = drawn(plots.confusion_matrix([[0.5, 1.25], [3, 100]]))
    assert list(cells(ax).values()) == ["0.5", "1.25", "3", "100"]


def test_thirty_classes_with_long_names_fit(drawn, stream):
    matrix = stream.integers(0, 3, (30, 30)) + 400 * np.eye(30, dtype=int)
    names = [f"a class with a long name {k}" for k in range(30)]
    ax = drawn(plots.confusion_matrix(matrix, classes=names))
    labels = [tick.get_text() for tick in ax.get_xticklabels()]
    assert len(set(labels)) == 30
    assert max(map(len, labels)) == 20
    assert {tick.get_rotation() for tick in ax.get_xticklabels()} == {45}
    cell = ax.get_window_extent().width / 30
    assert max(text.get_window_extent().width for text in ax.texts) < cell
    assert "0" not in cells(ax).values()


def test_too_many_classes_for_numbers_get_a_colour_bar(drawn):
    from matplotlib.figure import Figure

    ax = Figure(figsize=(3, 3)).add_subplot()
    drawn(plots.confusion_matrix(np.eye(120, dtype=int), ax=ax))
    assert not ax.texts
    assert len(ax.figure.axes) == 2
    assert len(ax.get_xticks()) < 60


def test_no_rows_at_all_is_said(drawn):
    ax = drawn(plots.confusion_matrix(np.zeros((2, 2), int)))
    assert ax.get_title(loc="left") == "no rows"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plots.confusion_matrix([1, 2]), ValueError, r"shape \(classes, classes\)"),
        (lambda: plots.confusion_matrix([[1, 2]]), ValueError, "matrix must be square"),
        (lambda: plots.confusion_matrix([[-1]]), ValueError, "0 or more; got -1"),
        (lambda: plots.confusion_matrix([["a"]]), ValueError, "matrix holds text"),
        (lambda: plots.confusion_matrix([[float("nan")]]), ValueError, "matrix contains NaN"),
        (lambda: plots.confusion_matrix([[1]], ["a", "b"]), ValueError, "classes holds 2 names"),
        (lambda: plots.confusion_matrix([[1]], "a"), TypeError, "classes must be a list"),
        (lambda: plots.confusion_matrix([[1]], None, "rows"), ValueError, "'true', 'pred', 'all'"),
        (lambda: plots.confusion_matrix([[1]], None, True), ValueError, "got True"),
    ],
)
def test_what_is_no_square_of_counts_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
