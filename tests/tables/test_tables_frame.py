"""Tables of any make are read alike, and what is no table is told in words."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars
import pytest

from glassnet.tables import read_frame

COLUMNS: dict[str, list[Any]] = {
    "size": [1.5, None, 3.0],
    "rooms": [1, 2, 3],
    "garden": [True, False, True],
    "town": ["Ulm", None, "Bonn"],
}
MAKES = {
    "dict": COLUMNS,
    "dict of arrays": {k: np.array(v, dtype=object) for k, v in COLUMNS.items()},
    "pandas": pd.DataFrame(COLUMNS),
    "pandas, categories": pd.DataFrame(COLUMNS).astype({"town": "category"}),
    "pandas, nullable": pd.DataFrame(COLUMNS).convert_dtypes(),
    "polars": polars.DataFrame(COLUMNS),
    "polars, categories": polars.DataFrame(COLUMNS).with_columns(
        polars.col("town").cast(polars.Categorical)
    ),
}


@pytest.mark.parametrize("make", MAKES)
def test_tables_of_every_make_give_the_same_columns(make: str) -> None:
    frame = read_frame(MAKES[make])
    assert frame.names == tuple(COLUMNS)
    assert frame.named
    assert frame.rows == 3
    size, rooms, garden, town = frame.columns
    np.testing.assert_array_equal(size, [1.5, np.nan, 3.0])
    np.testing.assert_array_equal(rooms, [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(garden, [1.0, 0.0, 1.0])
    assert list(town) == ["Ulm", None, "Bonn"]


@pytest.mark.parametrize("X", [[[1, "a"], [2, "b"]], np.array([[1, "a"], [2, "b"]], dtype=object)])
def test_rows_of_numbers_and_text_give_columns_of_each(X: Any) -> None:
    frame = read_frame(X)
    assert not frame.named
    assert frame.names == ("0", "1")
    np.testing.assert_array_equal(frame.columns[0], [1.0, 2.0])
    assert list(frame.columns[1]) == ["a", "b"]


def test_some_rows_are_taken_of_all_columns() -> None:
    part = read_frame(COLUMNS).take(np.array([False, False, True]))
    assert [list(column) for column in part.columns] == [[3.0], [3.0], [1.0], ["Bonn"]]


def test_numbers_beside_text_in_one_column_become_their_text() -> None:
    frame = read_frame({"a": ["x", 3, 3.0, 2.5, np.nan, pd.NA]})
    assert list(frame.columns[0]) == ["x", "3", "3", "2.5", None, None]


def test_numbers_that_a_data_frame_calls_categories_are_categories() -> None:
    frame = read_frame(pd.DataFrame({"zip": pd.Categorical([3, 4, None])}))
    assert list(frame.columns[0]) == ["3", "4", None]


def test_columns_of_a_data_frame_named_by_numbers_have_no_names() -> None:
    assert not read_frame(pd.DataFrame([[1, 2]])).named


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "nothing": (None, TypeError, "must be a table"),
    "text": ("a,b", TypeError, "must be a table"),
    "number": (3, TypeError, "must be a table"),
    "one axis": ([1.0, 2.0], ValueError, "Expected 2D array.*Reshape your data"),
    "three axes": (np.zeros((2, 2, 2)), ValueError, "Expected 2D array"),
    "ragged": ([[1], [1, 2]], ValueError, "rows of different lengths"),
    "no row": (np.zeros((0, 2)), ValueError, "empty"),
    "no column": (np.zeros((3, 0)), ValueError, r"0 feature\(s\) \(shape=\(3, 0\)\)"),
    "empty dict": ({}, ValueError, "empty"),
    "uneven": ({"a": [1], "b": [1, 2]}, ValueError, r"different lengths: \[1, 2\]"),
    "dict of numbers": ({1: [1]}, TypeError, "keys are no text"),
    "twice": (pd.DataFrame([[1, 2]], columns=["a", "a"]), ValueError, "several columns named 'a'"),
    "infinity": ({"a": [1.0, np.inf]}, ValueError, "'a' contains infinity, first in row 1"),
    "date": ({"a": np.array(["2020-01-01"], dtype="datetime64[D]")}, ValueError, "days since"),
    "complex": ({"a": np.array([1j])}, ValueError, "Complex data not supported"),
    "object": ({"a": [1, Decimal(2)]}, TypeError, "row 1: argument must be a string.*number"),
    "list in a cell": ({"a": np.array([None, [1]], dtype=object)}, TypeError, "row 1"),
    "two axes in a column": ({"a": np.zeros((2, 2))}, ValueError, "one axis"),
    "masked": (np.ma.masked_array([[1.0]]), TypeError, "filled"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_table_is_told_in_words(case: str) -> None:
    X, kind, words = REFUSED[case]
    with pytest.raises(kind, match=words):
        read_frame(X)


def test_sparse_matrices_are_told_how_to_become_tables() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match="toarray"):
        read_frame(sparse.eye(3))
