"""What a file format is: text and arrays to bytes, and back.

To add a format: a module with the members of `Format`, and a line in `FORMATS` of the package.
Formats know nothing of networks: `header.py` says which texts and arrays a network is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

MAX_AXES: Final = 8
MAX_AXIS: Final = 2**48
MAX_ITEMS: Final = 2**59
"""The lengths of the axes multiplied, those of 0 left out: NumPy counts them in 63 bits."""

_NAME: Final = re.compile(r"[A-Za-z0-9_.\-/]{1,200}")
_KNOWN_STARTS: Final = {
    b"........[{]": "a safetensors file",
    rb"PK\x03\x04": "a zip archive (.npz, or another program's file)",
    rb"\x93NUMPY": "a NumPy array (.npy)",
    rb"\x80": "a pickle",
    rb"\x89HDF": "an HDF5 file",
    b"version https://git-lfs": "a pointer of Git LFS: fetch the file itself with git lfs pull",
}


class RefusedError(ValueError):
    """What a format or the header raises for content that is not as it should be.

    `where` is the place: "byte 8", "header", the name of an array. It never leaves the package:
    who knows the path makes a ModelFileError of it.
    """

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(reason)
        self.where = where


def is_name(name: str) -> bool:
    """Whether an array may be so named. Names are keys, never paths."""
    return _NAME.fullmatch(name) is not None and ".." not in name and not name.startswith("/")


def unlike(kind: str, start: bytes, size: int) -> RefusedError:
    """The error for a file that is not of this kind; it says what the file looks like instead."""
    for mark, other in _KNOWN_STARTS.items():
        if other != kind and re.match(mark, start, re.DOTALL):
            return RefusedError("byte 0", f"not {kind}; it looks like {other}")
    reason = f"not {kind}, or a damaged or incomplete one ({size} bytes)"
    return RefusedError("byte 0", reason)


class Packed(Protocol):
    """An array that is smaller in its file than in memory: a bomb, perhaps. It is looked at in
    parts first; `numpy.asarray` makes the whole of it."""

    @property
    def dtype(self) -> np.dtype[Any]: ...

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def nbytes(self) -> int: ...

    @property
    def order(self) -> Literal["C", "F"]:
        """In which its values come in parts."""

    def parts(self) -> Iterator[Array]:
        """All its values, in rows of some, one after another."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array: ...


class Format(Protocol):
    """A module of this package that reads and writes one kind of file."""

    SUFFIX: str
    """The end of the names of such files, with its dot."""

    START: int
    """How many bytes `check_start` wants to see."""

    def check_start(self, start: bytes, size: int) -> object:
        """Raise RefusedError unless a file of `size` bytes that starts so is of this format."""

    def encode(self, texts: Mapping[str, str], arrays: Mapping[str, Array]) -> list[memoryview]:
        """The parts of a file, in their order; RefusedError if it could not be read again."""

    def decode(
        self, data: bytes | bytearray
    ) -> tuple[dict[str, str], Mapping[str, Array | Packed]]:
        """The texts and arrays of a whole file; the arrays may be views of `data`."""
