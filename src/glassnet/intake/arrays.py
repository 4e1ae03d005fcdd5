"""Checks of arrays that a user passes: whatever holds numbers comes in, everything else is told.

Text, dates, masks and missing values are never turned into numbers in silence. Nothing is copied
that need not be: a memory-mapped file stays on its disk.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.checks import show

BLOCK = 1 << 18
"""Data are looked through so many numbers at a time, so that a check needs little memory."""


def read_matrix(
    value: Any, columns: int, dtype: np.dtype[Any], name: str = "X", squares: bool = False
) -> Array:
    """`value` as an array (rows, columns) of finite numbers, in a dtype of its own.

    `dtype` is what it will be computed in: a value too large for it is refused, with `squares`
    also one whose square is.
    """
    plain = type(value) is np.ndarray and value.dtype.kind in "fiub"
    array = value if plain else numbers(name, value)
    if array.size == 0:
        raise ValueError(f"{name} is empty: its shape is {array.shape}; at least 1 row is needed.")
    if array.ndim != 2:
        raise ValueError(_not_two_dimensional(name, array, columns))
    if array.shape[1] != columns:
        raise ValueError(
            f"{name} has {array.shape[1]} columns, but this network has {columns} inputs. Pass the "
            f"same columns as in training, or make a network with layers=[{array.shape[1]}, ...]."
        )
    finite(name, array, dtype, names=column_names(value), squares=squares)
    return array


def numbers(name: str, value: Any) -> Array:
    """`value` as an array of numbers or bools, of any shape; may hold nan."""
    refuse_what_is_no_array(name, value)
    array = regular(name, value)
    kind = array.dtype.kind
    if kind in "fiub":
        return array
    if kind == "O":
        return _from_objects(name, array, column_names(value))
    if kind in "USTa":
        raise ValueError(_text_found(name, value))
    if kind == "c":
        raise ValueError(f"Complex data not supported: {name} has dtype {array.dtype}.")
    if kind == "V":
        fields = array.dtype.names or ()
        raise ValueError(
            f"{name} is a structured array with fields {show(fields)}; "
            f"stack them into columns: np.column_stack([{name}[f] for f in fields])."
        )
    raise ValueError(
        f"{name} holds dates or durations (dtype {array.dtype}), which are not numbers; "
        f"turn them into numbers of your choice first, for instance days since a date."
    )


def regular(name: str, value: Any, convert: Callable[[Any], Array] = np.asarray) -> Array:
    """`value` as an array of whatever it holds, or the row that has another length in words."""
    try:
        return convert(value)
    except (ValueError, TypeError, RuntimeError) as error:
        raise ValueError(f"{name} is not a regular array: {_first_ragged(value, error)}") from None


def finite(
    name: str,
    array: Array,
    dtype: np.dtype[Any],
    names: list[str] | None = None,
    missing: bool = False,
    squares: bool = False,
) -> None:
    """Refuse nan (unless `missing`), infinity, and what is (or its square is) too large."""
    if array.dtype.kind != "f":
        return
    limit = float(np.finfo(dtype).max) ** (0.5 if squares else 1.0)
    first = 0
    for block in blocks_of_rows(array):
        if not _sum_of_squares(block) <= limit:
            low, high = _extremes(block, missing)
            if not (low >= -limit and high <= limit):
                _name_the_bad(name, block, first, limit, dtype, names, missing)
        first += len(block)


def column_names(value: Any) -> list[str] | None:
    """The names of the columns of a data frame, or None."""
    names = getattr(value, "columns", None)
    return None if names is None or callable(names) else [str(name) for name in names]


def blocks_of_rows(values: Array, places: Array | None = None) -> Iterator[Array]:
    """Consecutive rows of an array, or those at some places, about BLOCK numbers at a time."""
    step = max(1, BLOCK // max(1, values[:1].size))
    for start in range(0, len(values if places is None else places), step):
        part = slice(start, start + step)
        yield values[part if places is None else places[part]]


def cell(index: tuple[int, ...], names: list[str] | None = None) -> str:
    """'row 3, column 1' in words, counted from 0 as an index is, by name where there is one."""
    if len(index) != 2:
        return f"index {', '.join(map(str, index))}" if index else "its only place"
    column = repr(names[index[1]]) if names and index[1] < len(names) else str(index[1])
    return f"row {index[0]}, column {column}"


def _sum_of_squares(block: Array) -> float:
    """Nan and infinity carry over into it, so that one product, the quickest look at numbers that
    there is, clears a block. In float32 of 60,000 x 784 numbers: 8 ms instead of 14."""
    flat = block.reshape(-1)
    with np.errstate(all="ignore"):
        return float(flat.dot(flat))


def _extremes(block: Array, missing: bool) -> tuple[float, float]:
    if not missing:
        return float(block.min()), float(block.max())
    known = block[~np.isnan(block)]
    return (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)


def _name_the_bad(
    name: str,
    block: Array,
    first: int,
    limit: float,
    dtype: np.dtype[Any],
    names: list[str] | None,
    missing: bool,
) -> None:
    nan = np.isnan(block)
    bad = nan if nan.any() and not missing else (np.abs(block) > limit) & ~nan
    position = tuple(int(i) for i in np.argwhere(bad)[0])
    place = cell((position[0] + first, *position[1:]), names)
    count = f"{int(bad.sum())} such value(s) in this part of the data"
    if bad is nan:
        raise ValueError(
            f"{name} contains NaN, first at {place} ({count}). Fill or drop what is missing first."
        )
    raise ValueError(
        f"{name} contains infinity or a value too large for {dtype} (beyond {limit:.2g}), first at "
        f"{place}: {block[position]} ({count}). Scale the data (standardize=True), or use "
        "dtype='float64'."
    )


def refuse_what_is_no_array(name: str, value: Any) -> None:
    """Tell text, sets, sparse matrices, masks ... that NumPy would take for something else."""
    kind = type(value).__name__
    if value is None:
        raise ValueError(f"{name} is None; pass an array of numbers.")
    if hasattr(value, "toarray"):
        raise TypeError(f"{name} is a sparse {kind}; pass {name}.toarray().")
    if isinstance(value, (str, bytes, Mapping, Set, Iterator)) or callable(value):
        raise TypeError(f"{name} must be an array of numbers; got {kind}: {show(value)}.")
    if kind == "matrix":
        raise TypeError(f"{name} is a np.matrix, which is not supported; pass np.asarray({name}).")
    refuse_what_would_be_lost(name, value)


def refuse_what_would_be_lost(name: str, value: Any) -> None:
    """Tell masks and dates, which NumPy drops on the way to numbers, and tensors with gradients."""
    if getattr(value, "requires_grad", False) is True:
        raise ValueError(f"{name} is a tensor that requires gradients; pass {name}.detach().")
    rows = value if isinstance(value, (list, tuple)) else (value,)
    masks = [np.ma.getmaskarray(row) for row in rows if isinstance(row, np.ma.MaskedArray)]
    if count := sum(int(mask.sum()) for mask in masks):
        what = "is a masked array" if rows is not value else "is a list of masked arrays"
        raise ValueError(
            f"{name} {what} with {count} masked values; fill them or drop their rows first (gaps "
            "in targets: .filled(np.nan), and missing='mask' in fit)."
        )
    for column, dtype in _column_types(value):
        if str(dtype).lower().startswith(("date", "time", "duration", "period")):
            raise ValueError(
                f"{name} holds dates or durations in column {column!r} ({dtype}), which are not "
                "numbers; turn them into numbers of your choice first, for instance days."
            )


def _column_types(value: Any) -> list[tuple[Any, Any]]:
    """(name, dtype) of each column of a data frame."""
    for types in (getattr(value, "schema", None), getattr(value, "dtypes", None)):
        if isinstance(types, Mapping) or type(types).__name__ == "Series":
            return list(types.items())  # type: ignore[union-attr]  # a Series has items too
    return []


def _not_two_dimensional(name: str, array: Array, columns: int) -> str:
    start = f"Expected 2D array {name} of shape (rows, {columns}), got "
    if array.ndim == 0:
        return start + f"a single number: {show(array.item())}."
    if array.ndim == 1:
        shape = "(1, -1)" if array.size == columns else "(-1, 1)"
        what = "one row" if array.size == columns else "one column"
        return start + (
            f"1D array of shape {array.shape}. Reshape your data: {name}.reshape{shape} for {what}."
        )
    return start + f"shape {array.shape}. Flatten each row: {name}.reshape(len({name}), -1)."


def _first_ragged(value: Any, error: Exception) -> str:
    try:
        lengths = [len(row) for row in value]
    except TypeError:
        return show(str(error))
    odd = next((i for i, n in enumerate(lengths) if n != lengths[0]), None)
    if odd is None:
        return show(str(error))
    return f"row {odd} has {lengths[odd]} values where row 0 has {lengths[0]}."


def _text_found(name: str, value: Any) -> str:
    """Looks at what the user gave: NumPy makes text of the numbers beside a text."""
    cells = np.ndenumerate(np.asarray(value, dtype=object))
    texts = ((place, each) for place, each in cells if isinstance(each, (str, bytes)))
    place, text = next(texts, ((), ""))
    return (
        f"{name} holds text, first at {cell(place, column_names(value))}: {show(str(text))}. Text "
        "is not converted silently; turn numbers in text into numbers first "
        f"({name}.astype(float))."
    )


def _from_objects(name: str, array: Array, names: list[str] | None) -> Array:
    """Numbers out of an array of Python objects, cell by cell."""
    out = np.empty(array.shape, np.float64)
    for position, given in np.ndenumerate(array):
        out[position] = _one_number(name, given, cell(position, names))
    return out


def _one_number(name: str, given: Any, place: str) -> float:
    if given is None or type(given).__name__ in ("NAType", "NaTType"):
        return float("nan")
    if isinstance(given, (str, bytes)):
        raise ValueError(f"{name} holds text at {place}: {show(given)}. Text is not a number.")
    odd = (list, tuple, np.ndarray, np.complexfloating, np.datetime64, np.timedelta64)
    if isinstance(given, odd) or not hasattr(given, "__float__"):
        raise TypeError(
            f"{name}: argument must be a number, not a string or what is no number; "
            f"got {type(given).__name__} at {place}."
        )
    try:
        return float(given)
    except OverflowError:
        raise ValueError(f"{name}: the integer at {place} is too large for float64.") from None
