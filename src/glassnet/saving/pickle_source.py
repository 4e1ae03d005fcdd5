"""The bytes of a pickle: what is read of them in order, and texts that need not be decoded yet.

Nothing is taken that the file has not got. What it refuses is a ValueError; who reads knows where.
To read another form of numbers or texts: a method here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final

from .strict_json import shown

MAX_SHORT: Final = 1000
"""Bytes of a text that is decoded at once; a longer one may be the bytes of an array."""

_PART: Final = 2**16
_INTEGER: Final = re.compile(rb"-?[0-9]{1,19}")
_TRUTH: Final = {b"00": False, b"01": True}
_WIDE: Final = re.compile(rb"[\xc4-\xff]")  # begins what takes more than a byte in memory
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ESCAPED: Final = codecs.getincrementaldecoder("raw_unicode_escape")  # imported now, by no file
_UTF8: Final = codecs.getincrementaldecoder("utf-8")


class Source:
    """At the beginning of `data`."""

    def __init__(self, data: bytes | bytearray) -> None:
        self.data, self.view = data, memoryview(data).toreadonly()
        self.at = 0

    @property
    def left(self) -> int:
        """How many bytes were not read yet."""
        return len(self.data) - self.at

    def take(self, count: int) -> memoryview:
        """The next bytes, not copied."""
        if count > self.left:
            raise ValueError(f"the pickle wants {count} bytes here, {self.left} are left")
        self.at += count
        return self.view[self.at - count : self.at]

    def number(self, size: int, signed: bool = False) -> int:
        return int.from_bytes(self.take(size), "little", signed=signed)

    def long(self) -> int:
        size = self.number(1)
        if size > 8:
            raise ValueError(f"an integer of {size} bytes, allowed are 8")
        return self.number(size, signed=True)

    def raw(self, size: int) -> memoryview:
        """Bytes, which stand behind how many they are, in `size` bytes."""
        return self.take(self.number(size))

    def line(self, limit: int = 100) -> memoryview:
        """The bytes up to the end of the line, which is passed over."""
        end = self.data.find(b"\n", self.at, self.at + limit + 1)
        if end < 0:
            raise ValueError(f"no end of a line of at most {limit} bytes")
        return self.take(end + 1 - self.at)[:-1]

    def digits(self, end: bytes = b"") -> int:
        """The integer of a line, or a truth value."""
        line = bytes(self.line())
        number = line.removesuffix(end)
        if _INTEGER.fullmatch(number) is None or number + end != line:
            raise ValueError(f"{shown(line)} is no integer of at most 19 digits")
        return _TRUTH[line] if line in _TRUTH else int(number)


class Text:
    """A text that is not decoded yet: in protocols 0 to 2, the bytes of an array are such texts."""

    __slots__ = ("escaped", "raw")

    def __init__(self, raw: memoryview, escaped: bool = False) -> None:
        self.raw, self.escaped = raw, escaped

    def __len__(self) -> int:
        return len(self.raw)

    def __sizeof__(self) -> int:
        return 300  # with what it points to

    def most(self) -> int:
        """Bytes of memory that `decoded` takes: a wide letter makes all of them wide."""
        return len(self.raw) * (6 if self.escaped or _WIDE.search(self.raw) else 2)

    def decoded(self) -> str:
        """The whole of it."""
        letters = str(self.raw, "raw_unicode_escape" if self.escaped else "utf-8")
        if not letters.isascii() and _SURROGATE.search(letters):
            raise ValueError("a text with half a letter")
        return letters

    def latin1(self) -> memoryview:
        """The bytes that its letters stand for, without the whole of it being decoded."""
        content, done = memoryview(bytearray(len(self.raw))), 0
        for letters in self._parts():
            part = letters.encode("latin1")
            content[done : done + len(part)] = part
            done += len(part)
        return content[:done].toreadonly()

    def _parts(self) -> Iterator[str]:
        decoder = (_ESCAPED if self.escaped else _UTF8)()
        for at in range(0, len(self.raw), _PART):
            part = bytes(self.raw[at : at + _PART])
            yield decoder.decode(part, final=at + _PART >= len(self.raw))
