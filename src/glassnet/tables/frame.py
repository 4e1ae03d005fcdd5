"""A table of any make as columns of numbers or of cells: arrays, data frames, dicts of columns.

A column comes out as float64, nan where a cell is missing, or as objects: text, None where it is
missing. To read another kind of cell, see `_plain`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.checks import show

ABSENT = ("NAType", "NaTType")
"""Names of the classes by which pandas says that a cell is missing."""


@dataclass(frozen=True)
class Frame:
    """Columns of one length, by name.

    `columns` are arrays (rows,), float64 with nan or objects with None; `named` is False where the
    table had no names, which then are the numbers of the columns from 0.
    """

    names: tuple[str, ...]
    columns: tuple[Array, ...]
    named: bool

    @property
    def rows(self) -> int:
        return len(self.columns[0])

    def take(self, places: Array) -> "Frame":
        """Some rows, by their numbers or by True and False."""
        return Frame(self.names, tuple(each[places] for each in self.columns), self.named)


def read_frame(X: Any, name: str = "X") -> Frame:
    """`X` as a Frame.

    Args:
        X: an array or list of rows (rows, columns), a data frame of pandas or polars, a dict of
            columns, or a Frame. Cells are numbers, booleans, text, or missing: None, nan, NA.

    Raises:
        ValueError, TypeError: it is no table, holds infinity, dates or other objects, has no row or
            column, or two columns of one name.
    """
    if isinstance(X, Frame):
        return X
    names, columns, named = _columns(X, name)
    if len(set(names)) != len(names):
        twice = next(each for each in names if names.count(each) > 1)
        raise ValueError(f"{name} has several columns named {show(twice)}; give each its own name.")
    read = tuple(
        _column(column, f"{name}, column {show(each)}")
        for each, column in zip(names, columns, strict=True)
    )
    lengths = {len(column) for column in read}
    if not read or lengths == {0}:
        shape = (len(X) if np.ndim(X) else 0, len(read))
        raise ValueError(
            f"{name} is empty: {shape[0]} row(s) and {shape[1]} feature(s) (shape={shape}) while a "
            "minimum of 1 is required."
        )
    if len(lengths) > 1:
        raise ValueError(f"{name} has columns of different lengths: {show(sorted(lengths))}.")
    return Frame(tuple(names), read, named)


def _columns(X: Any, name: str) -> tuple[list[str], list[Any], bool]:
    """Names and columns, as they are, and whether the table named them."""
    if hasattr(X, "toarray"):
        raise TypeError(f"{name} is a sparse {type(X).__name__}; pass {name}.toarray().")
    names = getattr(X, "columns", None)
    if isinstance(X, Mapping) or (names is not None and not callable(names)):
        keys = list(X) if isinstance(X, Mapping) else list(names)  # type: ignore[arg-type]
        texts = all(isinstance(key, str) for key in keys)
        if isinstance(X, Mapping) and not texts:
            raise TypeError(f"{name} is a dict whose keys are no text: {show(keys)}.")
        columns = [X[key] for key in keys] if len(set(keys)) == len(keys) else [[] for _ in keys]
        return [str(key) for key in keys], columns, texts
    array = _array(X, name)
    if array.ndim != 2:
        raise ValueError(
            f"Expected 2D array {name} of shape (rows, columns), got {array.ndim}D array of shape "
            f"{array.shape}. Reshape your data: {name}.reshape(-1, 1) is one column, "
            f"{name}.reshape(1, -1) one row."
        )
    return [str(k) for k in range(array.shape[1])], list(array.T), False


def _array(X: Any, name: str) -> Array:
    """Rows as an array; of numbers beside text, objects."""
    if isinstance(X, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; pass {name}.filled(np.nan).")
    if isinstance(X, str | bytes) or not (isinstance(X, Iterable) or hasattr(X, "__array__")):
        raise TypeError(f"{name} must be a table (an array, a data frame, a dict); got {show(X)}.")
    try:
        array = np.asarray(X)
        return np.asarray(X, dtype=object) if isinstance(X, Sequence) else array
    except ValueError:
        raise ValueError(f"{name} has rows of different lengths; each needs all columns.") from None


def _column(column: Any, place: str) -> Array:
    """One column, read."""
    kind = str(getattr(column, "dtype", "")).lower()
    labels = kind.startswith(("categor", "enum"))
    cells = np.asarray(column)
    if cells.ndim != 1:
        raise ValueError(f"{place}: a column must have one axis; got {show(cells)}.")
    if cells.dtype.kind in "fiub" and not labels:
        return _finite(cells.astype(np.float64), place)
    if cells.dtype.kind == "c":
        raise ValueError(f"Complex data not supported: {place} holds {cells.dtype}.")
    if cells.dtype.kind in "mMV":
        raise ValueError(
            f"{place} holds {cells.dtype}, neither numbers nor text; turn it into numbers of your "
            "choice first, for instance days since a date."
        )
    plain = [_plain(cell, row, place) for row, cell in enumerate(cells.tolist())]
    if not labels and not any(isinstance(cell, str) for cell in plain):
        numbers = [math.nan if cell is None else cell for cell in plain]
        return _finite(np.array(numbers, dtype=np.float64), place)
    texts = np.empty(len(plain), dtype=object)
    texts[:] = [cell if cell is None or isinstance(cell, str) else text_of(cell) for cell in plain]
    return texts


def _plain(cell: Any, row: int, place: str) -> float | str | None:
    """A cell as a float, a text, or None where it is missing."""
    if cell is None or type(cell).__name__ in ABSENT:
        return None
    if isinstance(cell, str):
        return str(cell)
    if not isinstance(cell, Real | np.bool_):
        raise TypeError(
            f"{place}, row {row}: argument must be a string, a boolean or a number, or None where "
            f"it is missing; got {show(cell)}."
        )
    value = float(cell)
    return None if math.isnan(value) else value


def _finite(column: Array, place: str) -> Array:
    if np.isinf(column).any():
        row = int(np.argmax(np.isinf(column)))
        raise ValueError(
            f"{place} contains infinity, first in row {row}; write nan where it is not known."
        )
    return column


def text_of(number: float) -> str:
    """A number as the name of a category: 3 rather than 3.0."""
    return str(int(number)) if number.is_integer() else repr(number)
