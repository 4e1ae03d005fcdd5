"""Cells of a column: numbers, text, and what is missing.

Add a spelling of a number or of nothing to the tables of cells.
"""

import pytest
from cli_helpers import table_of
from hypothesis import given
from hypothesis import strategies as st

from glassnet.cli.columns import MISSING, describe_missing, is_text, number, numbers
from glassnet.cli.tables import without_missing


@pytest.mark.parametrize(
    ("cell", "decimal", "value"),
    [
        ("1", ".", 1.0),
        ("-1.5e3", ".", -1500.0),
        ("1,5", ",", 1.5),
        ("1.5", ",", None),
        ("1,5", ".", None),
        ("1_000", ".", None),
        ("abc", ".", None),
    ],
)
def test_a_cell_is_a_number_or_text(cell: str, decimal: str, value: float | None) -> None:
    assert number(cell, decimal) == value


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_every_finite_number_is_read_as_it_was_written(value: float) -> None:
    table = table_of(a=[repr(value)])
    assert numbers(table, "a")[0] == value


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ("abc", r"line 3, column 'a': 'abc' is not a number; if the .* --category 'a'$"),
        (
            "1,5",
            r"'1,5' is not a number; if the comma is its decimal sign, add --decimal ,; if not, ",
        ),
        ("inf", r"'inf' is not a finite number$"),
        ("1e999", r"'1e999' is not a finite number$"),
        ("1e39", r"'1e39' is too large$"),
        ("", r"the cell is missing \(''\)$"),
        ("NA", r"the cell is missing \('NA'\)$"),
    ],
)
def test_a_cell_that_is_no_number_is_refused_with_its_place(cell: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        numbers(table_of(a=["1", cell, "3"]), "a")


def test_a_column_is_text_where_most_cells_are() -> None:
    assert is_text(table_of(a=["x", "y", "1", ""]), "a", ".")
    assert not is_text(table_of(a=["x", "1", "", ""]), "a", ".")


def test_numbers_with_the_other_decimal_sign_are_no_categories() -> None:
    with pytest.raises(ValueError, match=r"'1,5' is not a number; .* --decimal ,; if"):
        is_text(table_of(a=["1,5", "2,5", "x"]), "a", ".")
    with pytest.raises(ValueError, match=r"'1\.5' is not a number; .* --decimal \.; if"):
        is_text(table_of(a=["1.5", "2.5", "x"]), "a", ",")


# ---- missing cells


def test_missing_cells_are_counted_and_placed() -> None:
    table = table_of(a=["1", "?", "3", "NaN"], b=["x", "null", "y", "z"])
    with pytest.raises(ValueError, match="--missing drop") as caught:
        without_missing(table, ["b", "a"], drop=False)
    assert str(caught.value).startswith(
        "data.csv: 3 missing cells in 2 of 4 rows (first: line 3, column 'b'; most: column 'a', 2)"
    )


def test_rows_with_missing_cells_can_be_left_out() -> None:
    table = without_missing(table_of(a=["1", "", "3"], b=["x", "y", "NA"]), ["a"], drop=True)
    assert table.columns == {"a": ["1", "3"], "b": ["x", "NA"]}


def test_a_table_without_missing_cells_stays_as_it_is() -> None:
    table = table_of(a=["1"])
    assert without_missing(table, ["a"], drop=False) is table


def test_leaving_out_every_row_is_refused() -> None:
    with pytest.raises(ValueError, match="no row is left; leave the column out with --drop"):
        without_missing(table_of(a=["1", "2"], b=["", "?"]), ["a", "b"], drop=True)


def test_a_single_missing_cell_is_told_in_the_singular() -> None:
    assert "1 missing cell in" in describe_missing(table_of(a=[""]), ["a"], [0])


@pytest.mark.parametrize("word", sorted(MISSING))
def test_missing_is_spelled_in_any_case(word: str) -> None:
    with pytest.raises(ValueError, match="1 missing cell"):
        without_missing(table_of(a=[word.upper(), "1"]), ["a"], drop=False)
