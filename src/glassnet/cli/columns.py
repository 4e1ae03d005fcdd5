"""From the text cells of one column to numbers, and the search for cells that are missing.

To read another spelling of "nothing here", add it to MISSING. Every refusal names the file, the
line, the column and the cell.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .command import shown
from .console import counted
from .csvfile import Table

MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null", "?"})
LARGEST = (2 - 2**-23) * 2.0**127  # of float32, which networks compute in


def is_missing(cell: str) -> bool:
    """Whether a cell stands for "not known", in any case of its letters."""
    return cell.lower() in MISSING


def number(cell: str, decimal: str = ".") -> float | None:
    """The number that a cell holds, or None where it is text."""
    if decimal != ".":
        if "." in cell:  # a thousands point, most likely: never guess
            return None
        cell = cell.replace(decimal, ".")
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def is_text(table: Table, column: str, decimal: str) -> bool:
    """Whether more than half of a column's filled cells are text.

    Raises:
        ValueError: they are, but would be numbers with the other decimal sign.
    """
    filled = [row for row, cell in enumerate(table.cells(column)) if not is_missing(cell)]
    cells = table.columns[column]
    texts = [row for row in filled if number(cells[row], decimal) is None]
    if 2 * len(texts) <= len(filled):
        return False
    other = "," if decimal == "." else "."
    if 2 * sum(number(cells[row], other) is not None for row in texts) > len(filled):
        raise ValueError(refusal(table, texts[0], column, decimal))
    return True


def numbers(
    table: Table, column: str, decimal: str = ".", hint: str | None = None
) -> NDArray[np.float64]:
    """A column as numbers, of shape (rows,); `hint` is what to do about a cell of text.

    Raises:
        ValueError: at the first cell that is missing, text, not finite or too large.
    """
    values = [number(cell, decimal) for cell in table.cells(column)]
    for row, value in enumerate(values):
        if value is None or not abs(value) <= LARGEST:  # nan compares as false
            raise ValueError(refusal(table, row, column, decimal, hint))
    return np.array(values, dtype=np.float64)


def refusal(table: Table, row: int, column: str, decimal: str, hint: str | None = None) -> str:
    """Why a cell is no number."""
    cell = table.columns[column][row]
    place = f"{table.place(row, column)}: "
    if is_missing(cell):
        return f"{place}the cell is missing ({shown(cell)})"
    value = number(cell, decimal)
    if value is not None:
        trouble = "too large" if math.isfinite(value) else "not a finite number"
        return f"{place}{shown(cell)} is {trouble}"
    hint = hint or f"if the column holds categories, add --category {shown(column)}"
    other, name = (",", "comma") if decimal == "." else (".", "point")
    if number(cell, other) is not None:
        hint = f"if the {name} is its decimal sign, add --decimal {other}; if not, take it out"
    return f"{place}{shown(cell)} is not a number; {hint}"


def rows_with_missing(table: Table, columns: Sequence[str]) -> list[int]:
    """The rows in which a cell of these columns is missing."""
    found: set[int] = set()
    for column in columns:
        found.update(row for row, cell in enumerate(table.cells(column)) if is_missing(cell))
    return sorted(found)


def describe_missing(table: Table, columns: Sequence[str], rows: Sequence[int]) -> str:
    """How many cells are missing, where the first one is, and which column misses most."""
    count: Counter[str] = Counter()
    for column in columns:
        cells = table.cells(column)
        count[column] = sum(is_missing(cells[row]) for row in rows)
    first = next(name for name in columns if is_missing(table.columns[name][rows[0]]))
    worst, most = count.most_common(1)[0]
    return (
        f"{table.source}: {counted(count.total(), 'missing cell')} in {len(rows)} of "
        f"{counted(table.rows, 'row')} "
        f"(first: line {table.lines[rows[0]]}, column {shown(first)}; "
        f"most: column {shown(worst)}, {most})"
    )
