"""The type of all arrays, and the quick look that lets plain ones pass.

What is not plain (lists, data frames, text, gaps ...) is read, or refused in words, by the room
`intake`.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .doors import door

Array = NDArray[Any]


def checked_matrix(value: Any, columns: int, dtype: np.dtype[Any], name: str = "X") -> Array:
    """`value` as an array (rows, columns) of finite numbers, not copied where it is one already.

    For a small array one product tells: nan and infinity carry over into it. This is the way of
    `predict` for one row, where a full look would cost as much as the network.
    """
    plain = type(value) is np.ndarray and value.dtype == dtype and value.ndim == 2
    if plain and value.shape[1] == columns and 0 < value.size < 4096:
        flat = value.ravel()
        if math.isfinite(flat.dot(flat)):
            return np.asarray(value)
    matrix: Array = door("read_matrix")(value, columns, dtype, name)
    return matrix
