"""The .pkl format: a pickle of one dict of texts and plain arrays, bytes <-> texts and arrays.

`pickle.load` reads it under NumPy 1 and 2; glassnet never calls that: pickle_reader.py reads the
bytes as data. Files of the original project are read too. Beware that *other people's*
`pickle.load` runs what a file says: prefer .safetensors. Another dtype: pickle_arrays.DTYPES.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from . import original
from .base import Array, RefusedError, is_name, unlike
from .header import KEY
from .pickle_reader import read
from .strict_json import shown

SUFFIX: Final = ".pkl"
START: Final = 64
"""How many bytes `check_start` wants to see."""

MAX_TEXT: Final = 2 * 1024**2
MAX_ARRAYS: Final = 10_000

_RECONSTRUCT: Final = b"cnumpy.core.multiarray\n_reconstruct\n"  # NumPy 2 knows this name as well
_EMPTY: Final = b"cnumpy\nndarray\n(K\x00tC\x01b\x87"


def encode(texts: Mapping[str, str], arrays: Mapping[str, Array]) -> list[memoryview]:
    """The parts of a file of protocol 4, in their order; written one after another they are it.

    Args:
        texts: stored as they are.
        arrays: of a dtype in `pickle_arrays.DTYPES`, stored in C order, little-endian.
    """
    if len(arrays) > MAX_ARRAYS:
        raise RefusedError("file", f"{len(arrays)} arrays, allowed are {MAX_ARRAYS}")
    start, memo = b"\x80\x04}(", _Memo()
    parts: list[memoryview] = []
    for name, text in texts.items():
        if len(text.encode()) > MAX_TEXT:
            raise RefusedError(name, f"longer than the {MAX_TEXT} bytes that are allowed")
        start += _text(name) + _text(text)
    for name, array in arrays.items():
        little = array.dtype.newbyteorder("<")
        data = np.ascontiguousarray(array, dtype=little).reshape(-1).view(np.uint8).data
        shape = b"(" + b"".join(map(_whole, array.shape)) + b"t"
        start += _text(name) + memo.once(_RECONSTRUCT) + memo.once(_EMPTY) + b"R(K\x01" + shape
        start += memo.once(_dtype(little)) + b"\x89\x8e" + data.nbytes.to_bytes(8, "little")
        parts += [memoryview(start), data]
        start = b"tb"
    return [*parts, memoryview(start + b"u.")]


def check_start(start: bytes, size: int) -> None:
    """See that a file starts as a pickle of a dict does, from its first `START` bytes.

    Raises:
        RefusedError: this is no pickle; the reason says what it looks like instead.
    """
    if start[:1] == b"\x80" and start[1:2] > b"\x05":
        raise RefusedError("byte 1", f"a pickle of protocol {start[1]}, known are 0 to 5")
    if start[2:8] == bytes(6) or not start.startswith((b"\x80", b"(d", b"}")):
        raise unlike("a pickle of a dict", start, size)


def decode(data: bytes | bytearray) -> tuple[dict[str, str], dict[str, Array]]:
    """The texts and the arrays of a whole file.

    The arrays are read-only, and views of `data` where they can be: copy what is to be kept.

    Raises:
        RefusedError: anything in the file is not as it should be.
    """
    check_start(bytes(data[:START]), len(data))
    found = read(data)
    if found.keys() == original.KEYS:
        texts, arrays = original.translate(**found)
    else:
        texts = {name: value for name, value in found.items() if type(value) is str}
        arrays = {name: _array(name, value) for name, value in found.items() if name not in texts}
    _check_sizes(texts, arrays, len(data))
    return texts, {
        name: array.astype(array.dtype.newbyteorder("="), copy=False)
        for name, array in arrays.items()
    }


class _Memo:
    """What was written already and is only pointed to from then on."""

    def __init__(self) -> None:
        self.places: dict[bytes, int] = {}

    def once(self, opcodes: bytes) -> bytes:
        if opcodes in self.places:
            return b"h%c" % self.places[opcodes]
        self.places[opcodes] = len(self.places)
        return opcodes + b"q%c" % self.places[opcodes]


def _text(text: str) -> bytes:
    raw = text.encode()
    return b"X" + len(raw).to_bytes(4, "little") + raw


def _whole(number: int) -> bytes:
    if number < 256:
        return b"K%c" % number
    return b"\x8a\x08" + number.to_bytes(8, "little", signed=True)


def _dtype(dtype: np.dtype[Any]) -> bytes:
    order = "|" if dtype.itemsize == 1 else "<"
    start = b"cnumpy\ndtype\n" + _text(dtype.str[1:]) + b"\x89\x88\x87R(K\x03" + _text(order)
    return start + b"NNN" + 2 * (b"J" + 4 * b"\xff") + b"K\x00tb"


def _array(name: str, value: Any) -> Array:
    if not is_name(name):
        raise RefusedError("file", f"{shown(name)} is not a name for an array")
    if not isinstance(value, np.ndarray):
        raise RefusedError(name, "must be an array")
    return value


def _check_sizes(texts: Mapping[str, str], arrays: Mapping[str, Array], size: int) -> None:
    """No text but the header, none too long; not one array under many names."""
    unknown = [name for name in texts if name != KEY]
    if unknown:
        raise RefusedError("file", f"the text {shown(unknown[0])} is unknown")
    if any(len(text) > MAX_TEXT for text in texts.values()) or len(arrays) > MAX_ARRAYS:
        raise RefusedError("file", f"a text longer than {MAX_TEXT}, or over {MAX_ARRAYS} arrays")
    if sum(array.nbytes for array in arrays.values()) > size:
        raise RefusedError("file", "its arrays are larger than the file: one has many names")
