"""What a file format is: text and arrays to bytes, and back.

To add a format: a module with the members of `Format`, and a line in `FORMATS` of the package.
Formats know nothing of networks: `header.py` says which texts and arrays a network is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

Array = NDArray[Any]


class RefusedError(ValueError):
    """What a format or the header raises for content that is not as it should be.

    `where` is the place: "byte 8", "header", the name of an array. It never leaves the package:
    who knows the path makes a ModelFileError of it.
    """

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(reason)
        self.where = where


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

    def decode(self, data: bytes | bytearray) -> tuple[dict[str, str], dict[str, Array]]:
        """The texts and arrays of a whole file; the arrays may be views of `data`."""
