"""The type of all arrays, and the quick look that lets plain ones pass.

What is not plain (lists, data frames, text, gaps ...) is read, or refused in words, by the room
`intake`.
"""

import functools
import math
from typing import Any

import numpy as np

# As numpy.typing.NDArray[Any], whose import would take 5 ms.
Array = np.ndarray[tuple[Any, ...], np.dtype[Any]]


def each_float(value: Any) -> Any:
    """A float, or an array of float64 with one for each member."""
    return float(value) if np.ndim(value) == 0 else np.asarray(value, dtype=np.float64)


def ratio(total: Any, weight: Any) -> Any:
    """total / weight, a float or one for each member; nan where the weight is 0."""
    if isinstance(weight, float) and isinstance(total, float):
        return total / weight if weight else math.nan
    return np.divide(total, weight, out=np.full(np.shape(total), np.nan), where=weight != 0)


def some(value: Any) -> bool:
    """Whether a number, or one of several, is not 0."""
    return bool(value) if isinstance(value, (float, int)) else bool(np.any(value))


def put_within(values: Array, bounds: Array | None, mirrored: bool = False) -> None:
    """Bring values (..., n) into bounds (2, n), where there are any: to the nearest one, or, for
    starts, `mirrored` at the bound, so that they keep their size where they can."""
    if bounds is not None:
        low, high = bounds
        if mirrored:
            values[...] = np.where(values < low, 2.0 * low - values, values)
            values[...] = np.where(values > high, 2.0 * high - values, values)
        np.clip(values, low, high, out=values, casting="same_kind")


def is_plain(value: Any, columns: int, dtype: np.dtype[Any]) -> bool:
    """True where `value` is surely an array (rows, columns) of numbers whose squares are finite.

    For a small array one product tells: nan and infinity carry over into it. This is the way of
    `predict` for one row, where a full look would cost as much as the network.
    """
    plain = type(value) is np.ndarray and value.dtype == dtype and value.ndim == 2
    if plain and value.shape[1] == columns and 0 < value.size < 4096:
        flat = value.ravel()
        return math.isfinite(flat.dot(flat))
    return False


def zeros_beside(values: Array) -> Array:
    """Zeros, not to be written to, that go with `values`: an array as large, kept for the next
    call, or one row of them where that is too large to keep."""
    kept = values.nbytes <= 1 << 19
    return _zeros(values.shape, values.dtype) if kept else np.zeros(values.shape[-1:], values.dtype)


@functools.lru_cache(maxsize=4)
def _zeros(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    zeros = np.zeros(shape, dtype)
    zeros.flags.writeable = False
    return zeros
