"""One array as NumPy's .npy bytes, as they lie in an .npz file: bytes <-> array.

Its header is the text of a Python dict. It is read by a fixed pattern, never by Python, and what
it says is held against the bytes that are there. Another kind of number: add it to `DTYPES`.
"""

from __future__ import annotations

import re
from math import prod
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from .base import MAX_AXES, MAX_AXIS, MAX_ITEMS, Array, RefusedError
from .strict_json import shown

DTYPES: Final = {
    *(order + code for order in "<>" for code in ("f2", "f4", "f8", "i2", "i4", "i8")),
    *(order + code for order in "<>" for code in ("u2", "u4", "u8")),
    *("|i1", "|u1", "|b1"),
}
"""What may stand in a header; arrays in big-endian order come back in little-endian."""

MAX_HEADER: Final = 10_000
MAX_START: Final = 12 + MAX_HEADER
"""Bytes before the numbers."""

_MAGIC: Final = b"\x93NUMPY"
_HEADER: Final = re.compile(
    rb"\{'descr': '([^'\\]{2,9})', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\), ?\} *\n"
)
_LENGTH: Final = rb"(?:0|[1-9][0-9]{0,14})"
_SHAPE: Final = re.compile(rb"(?:%b,|%b(?:, %b)+,?)?" % ((_LENGTH,) * 3))


def head(array: Array) -> bytes:
    """What stands before the array's numbers, which follow in C order, little-endian."""
    code = array.dtype.newbyteorder("<").str
    text = f"{{'descr': '{code}', 'fortran_order': False, 'shape': {array.shape}, }}".encode()
    text += b" " * (-(len(_MAGIC) + 5 + len(text)) % 64) + b"\n"
    return _MAGIC + b"\1\0" + len(text).to_bytes(2, "little") + text


class Head(NamedTuple):
    """What stands before the numbers."""

    begin: int
    """How many bytes that takes."""
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    order: Literal["C", "F"]


def parse(name: str, data: memoryview) -> Array:
    """The array that these bytes are, a view of them unless they are in big-endian order.

    Raises:
        RefusedError: they are not exactly one array, or one of a kind that is not allowed here.
    """
    begin, dtype, shape, order = read_head(name, bytes(data[:MAX_START]), len(data))
    array: Array = np.ndarray(shape, dtype, data[begin:], order=order)
    check_truth(name, array)
    if dtype.str[0] == ">":  # in place where nobody else has these bytes
        array = array.byteswap(inplace=array.flags.writeable).view(dtype.newbyteorder("<"))
    return array


def read_head(name: str, start: bytes, size: int) -> Head:
    """The head of an array of `size` bytes, its own among them, from the first `MAX_START` of them.

    Raises:
        RefusedError: it is none, or does not fit the size.
    """
    magic, version = start[:6], start[6:8]
    if magic != _MAGIC or version not in (b"\1\0", b"\2\0", b"\3\0"):
        raise RefusedError(name, f"no array as NumPy writes it (.npy 1 to 3): {magic + version!r}")
    begin = 10 if version == b"\1\0" else 12
    length = int.from_bytes(start[8:begin], "little")
    if length > min(MAX_HEADER, size - begin):
        raise RefusedError(name, f"a header of {length} bytes, in an array of {size}")
    end = begin + length
    text = start[begin:end]
    found = _HEADER.fullmatch(text)
    if found is None or _SHAPE.fullmatch(found[3]) is None:
        raise RefusedError(name, f"the header {shown(text[:60])} is not as NumPy writes it")
    code = found[1].decode("latin-1")
    if code not in DTYPES:
        raise RefusedError(name, f"dtype {shown(code)}; allowed are whole and real numbers, bool")
    shape = tuple(int(digits) for digits in re.findall(rb"[0-9]+", found[3]))
    dtype = np.dtype(code)
    _check_shape(name, shape, size - end, dtype)
    return Head(end, dtype, shape, "F" if found[2] == b"True" else "C")


def check_truth(name: str, array: Array) -> None:
    """That truth values are 0 or 1, as all else would be neither true nor false."""
    if array.dtype == np.bool_ and array.view(np.uint8).max(initial=0) > 1:
        raise RefusedError(name, "a truth value that is neither 0 nor 1")


def _check_shape(name: str, shape: tuple[int, ...], size: int, dtype: np.dtype[Any]) -> None:
    if len(shape) > MAX_AXES:
        raise RefusedError(name, f"{len(shape)} axes, allowed are {MAX_AXES}")
    if max(shape, default=0) > MAX_AXIS or prod(filter(None, shape)) >= MAX_ITEMS:
        raise RefusedError(name, f"shape {shown(shape)} is too large")
    needed = prod(shape) * dtype.itemsize
    if needed != size:
        raise RefusedError(name, f"shape {shown(shape)} needs {needed} bytes, not {size}")
