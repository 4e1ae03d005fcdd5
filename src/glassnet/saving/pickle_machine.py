"""The machine that reads pickles: its place in the file, its stack, its memo, and its room.

It knows no opcodes (pickle_reader.py has them) and takes nothing that the file has not got. What
all objects of a file take of memory is limited by `ROOM`: who makes one calls `spend`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, Final, NoReturn

from .base import RefusedError
from .pickle_arrays import Values

MAX_DEPTH: Final = 64
ROOM: Final = 12 * 1024**2
"""Bytes of memory for all objects of a file, to which the size of the file is added."""

STEP: Final = 12
"""Bytes of that room for an opcode: a place in a stack or a list."""

MARK: Final = sys.getsizeof([])
"""Bytes of that room for a mark, as long as it is there."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Machine:
    """At the beginning of `data`, with nothing on its stack."""

    def __init__(self, data: bytes | bytearray) -> None:
        self.data, self.view = data, memoryview(data).toreadonly()
        self.at = self.start = 0  # the next byte; the first one of the present opcode
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []  # the stacks below the marks
        self.memo: dict[int, Any] = {}
        self.room = ROOM + len(data)

    def refuse(self, reason: str) -> NoReturn:
        """Raise RefusedError, which names the opcode's place."""
        raise RefusedError(f"byte {self.start}", reason)

    def spend(self, count: int) -> None:
        """Take bytes from the room that is left."""
        self.room -= count
        if self.room < 0:
            self.refuse("more objects, or larger ones, than are read of a file of this size")

    # From the file

    def opcode(self) -> int:
        """The next byte, at which an opcode begins."""
        self.start = self.at
        if self.at == len(self.data):
            self.refuse("the pickle ends here, before its end")
        self.at += 1
        self.spend(STEP)
        return self.data[self.start]

    def take(self, count: int) -> memoryview:
        """The next bytes, not copied."""
        left = len(self.data) - self.at
        if count > left:
            self.refuse(f"the pickle wants {count} bytes here, {left} are left")
        self.at += count
        return self.view[self.at - count : self.at]

    def number(self, size: int, signed: bool = False) -> int:
        """The next `size` bytes as an integer."""
        return int.from_bytes(self.take(size), "little", signed=signed)

    def line(self, limit: int = 100) -> memoryview:
        """The bytes up to the end of the line, which is passed over."""
        end = self.data.find(b"\n", self.at, self.at + limit + 1)
        if end < 0:
            self.refuse(f"no end of a line of at most {limit} bytes")
        return self.take(end + 1 - self.at)[:-1]

    def text(self, raw: memoryview, decode: Callable[[memoryview], str], wide: bool) -> str:
        """The bytes as a text; `wide` where it may have letters of more than a byte in memory."""
        most = len(raw) * (6 if wide else 2)  # while it is being made
        self.spend(most)
        try:
            text = decode(raw)
        except ValueError:
            self.refuse("a damaged text")
        if not text.isascii() and _SURROGATE.search(text):
            self.refuse("a text with half a letter")
        self.room += most
        return text

    # The stack

    def push(self, value: Any) -> None:
        """Put a new object on the stack."""
        self.spend(sys.getsizeof(value))
        self.stack.append(value)

    def pop(self) -> Any:
        """Take the last object from the stack."""
        if not self.stack:
            self.refuse("nothing is on the stack")
        return self.stack.pop()

    def top(self, kind: type[Any]) -> Any:
        """The last object on the stack, which must be of this type."""
        if not self.stack or type(self.stack[-1]) is not kind:
            self.refuse(f"no {kind.__name__} is on the stack")
        return self.stack[-1]

    def since_mark(self) -> list[Any]:
        """Take all objects from the stack that lie above the last mark, and the mark."""
        if not self.marks:
            self.refuse("no mark is on the stack")
        items, self.stack = self.stack, self.marks.pop()
        self.room += MARK
        return items

    # The end

    def result(self) -> dict[str, Any]:
        """The one object that is left, if it is a dict, and complete."""
        if self.at != len(self.data):
            self.refuse(f"{len(self.data) - self.at} bytes follow the end of the pickle")
        if self.marks or len(self.stack) != 1:
            self.refuse("the pickle does not end with one object")
        found: dict[str, Any] = self._plain(self.top(dict), 1)
        return found

    def _plain(self, value: Any, depth: int) -> Any:
        """The value with arrays in the place of what stood for them; in new lists and dicts."""
        kind = type(value)
        if value is None or kind in (bool, int, str):
            return value
        if kind is Values and value.value is not None:
            return value.value
        if kind not in (list, tuple, dict):
            self.refuse("something that is no text, number or array, or not complete")
        if depth > MAX_DEPTH:
            self.refuse(f"nested more than {MAX_DEPTH} levels deep, or without end")
        self.spend(sys.getsizeof(value) + STEP * len(value))
        if kind is dict:
            return {key: self._plain(each, depth + 1) for key, each in value.items()}
        return kind(self._plain(each, depth + 1) for each in value)
