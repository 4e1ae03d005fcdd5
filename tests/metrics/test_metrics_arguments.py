"""What every metric refuses, and in what words; what it takes from other libraries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from glassnet.metrics import METRICS

LABELS = np.array([0, 1, 2, 1])
OUTPUTS = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0.5, 0.3, 0.2]])
REAL = ["mean_absolute_error", "mean_squared_error", "r2", "root_mean_squared_error"]
COUNTING = [name for name in METRICS if name not in REAL]


def valid(name: str) -> tuple[Any, Any]:
    return (np.eye(3)[LABELS], OUTPUTS) if name in REAL else (LABELS, OUTPUTS)


@pytest.fixture(params=METRICS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def refused(name: str, targets: Any, outputs: Any, weights: Any = None) -> str:
    with pytest.raises((TypeError, ValueError)) as caught:
        METRICS[name](targets, outputs, weights)
    assert len(str(caught.value)) <= 300
    return str(caught.value)


def test_targets_and_outputs_have_as_many_rows(name: str) -> None:
    targets, outputs = valid(name)
    message = refused(name, targets[:3], outputs)
    assert "targets have 3 rows" in message
    assert "outputs 4" in message


@pytest.mark.parametrize("empty", [[], np.empty((0, 3)), np.empty((3, 0))])
def test_nothing_is_refused(name: str, empty: Any) -> None:
    assert "targets is of shape" in refused(name, empty, empty)


@pytest.mark.parametrize("wrong", [np.ones((4, 3, 1)), 3.0, np.float64(2)])
def test_other_numbers_of_dimensions_are_refused(name: str, wrong: Any) -> None:
    targets, outputs = valid(name)
    assert "targets" in refused(name, wrong, outputs)
    assert "outputs" in refused(name, targets, wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "text",
        {"a": 1},
        [1, "a", 2, 1],
        [[1, 2], [3], [4], [5]],
        np.ones(4, complex),
        np.array(["2020-01-01"] * 4, "datetime64[D]"),
        np.ma.masked_array(np.ones(4), [0, 1, 0, 0]),
        np.array([object()] * 4),
        np.array([["a", "b"]] * 4),
    ],
    ids=[
        "None", "one text", "dict", "mixed", "ragged", "complex", "dates", "masked", "objects",
        "table of text",
    ],
)  # fmt: skip
def test_what_is_no_table_of_numbers_is_refused(name: str, wrong: Any) -> None:
    targets, outputs = valid(name)
    assert "targets" in refused(name, wrong, outputs)
    assert "outputs" in refused(name, targets, wrong)
    assert "weights" in refused(name, targets, outputs, "text")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_outputs_that_are_not_finite_are_refused_with_their_place(name: str, value: float) -> None:
    targets, outputs = valid(name)
    outputs = outputs.copy()
    outputs[2, 1] = value
    message = refused(name, targets, outputs)
    assert f"outputs hold {value} at row 2, column 1" in message


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ([1, 1, 1], "weights have 3 rows"),
        ([1, -0.5, 1, 1], "-0.5 at row 1"),
        ([1, np.nan, 1, 1], "nan at row 1"),
        ([1, np.inf, 1, 1], "inf at row 1"),
        ([0, 0, 0, 0], "all weights are 0"),
        (np.ones((4, 2)), "weights"),
        (["1", "1", "1", "1"], "weights is of dtype"),
    ],
)
def test_weights_are_numbers_of_at_least_zero(name: str, weights: Any, reason: str) -> None:
    assert reason in refused(name, *valid(name), weights)


def test_weights_within_a_row_do_not_matter_if_equal(name: str) -> None:
    targets, outputs = valid(name)
    weights = np.array([1.0, 2.0, 0.0, 1.0])
    spread = np.repeat(weights[:, None], 3, axis=1)
    metric = METRICS[name]
    assert metric(targets, outputs, spread) == pytest.approx(metric(targets, outputs, weights))


@pytest.mark.parametrize("name", COUNTING)
def test_weights_that_differ_within_a_row_are_refused_for_labels(name: str) -> None:
    weights = np.arange(12).reshape(4, 3)
    assert "differ within a row" in refused(name, LABELS, OUTPUTS, weights)


def test_unknown_targets_alone_are_refused(name: str) -> None:
    targets, outputs = valid(name)
    assert "unknown" in refused(name, np.full(np.shape(targets), np.nan), outputs)


@pytest.mark.parametrize("name", COUNTING)
@pytest.mark.parametrize(
    ("targets", "reason"),
    [
        ([0, 1, 3, 1], "label 3 at row 2, allowed are 0 to 2"),
        ([0, -1, 2, 1], "label -1 at row 1"),
        ([0, 0.5, 2, 1], "0.5 at row 1"),
        ([0, np.inf, 2, 1], "inf at row 1"),
        (["a", "b", "c", "b"], "text"),
        (np.array([[2, 0, 0]] * 4), "label 2 at row 0, column 0"),
        (np.ones((4, 2)), "do not fit"),
    ],
)
def test_labels_must_be_columns_of_the_outputs(name: str, targets: Any, reason: str) -> None:
    assert reason in refused(name, targets, OUTPUTS)


@pytest.mark.parametrize("name", COUNTING)
def test_one_output_has_the_labels_0_and_1(name: str) -> None:
    message = refused(name, [0, 1, 2, 1], OUTPUTS[:, :1])
    assert "label 2 at row 2, allowed are 0 to 1" in message
    assert "evaluate" in message


@pytest.mark.parametrize("name", COUNTING)
def test_probabilities_without_columns_are_not_taken_for_labels(name: str) -> None:
    assert "0.8 at row 0" in refused(name, [0, 1, 0, 1], OUTPUTS[:, 0])


@pytest.mark.parametrize("name", COUNTING)
def test_text_and_numbers_are_not_compared(name: str) -> None:
    assert "text" in refused(name, ["a", "b", "c", "b"], [0, 1, 2, 1])


def test_data_frames_lists_and_read_only_arrays_are_taken(name: str) -> None:
    targets, outputs = valid(name)
    expected = METRICS[name](targets, outputs)
    frozen = outputs.copy()
    frozen.flags.writeable = False
    assert METRICS[name](targets.tolist(), frozen) == expected
    assert METRICS[name](np.asfortranarray(targets), np.asfortranarray(outputs)) == expected
    assert METRICS[name](targets, outputs.astype(">f8")) == expected
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame(outputs)
    column = pandas.Series(targets) if targets.ndim == 1 else pandas.DataFrame(targets)
    assert METRICS[name](column, frame) == expected


def test_text_from_pandas_is_text() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    names = pandas.Series(["a", "b", "a"])
    accuracy: Callable[..., float] = METRICS["accuracy"]
    assert accuracy(names, np.array(["a", "b", "b"])) == pytest.approx(2 / 3)
    assert accuracy(names.astype("category"), names) == 1.0


def test_arguments_are_not_changed(name: str) -> None:
    targets, outputs = (array.copy() for array in valid(name))
    weights = np.array([1.0, 0.0, 2.0, 1.0])
    METRICS[name](targets, outputs, weights)
    np.testing.assert_array_equal(targets, valid(name)[0])
    np.testing.assert_array_equal(outputs, valid(name)[1])
    assert weights.tolist() == [1.0, 0.0, 2.0, 1.0]
