"""Pickles read as data: a machine for their opcodes that imports nothing and calls nothing.

Python's own would do what a file says. Here a function that a file names is one of a few that
NumPy's plain arrays need (pickle_arrays.py), and everything else is refused. To take another
opcode: a line in `_OPCODES`, perhaps a method; `pickletools` says what opcodes mean.
"""

from __future__ import annotations

import sys
from typing import Any, Final

import numpy as np

from .base import RefusedError
from .pickle_arrays import CALLS, Call, Unbuilt, as_text, build
from .pickle_source import MAX_SHORT, Source, Text
from .strict_json import shown

MAX_STEPS: Final = 200_000
"""Opcodes in one file. An array has some 30 as NumPy writes it, 15 as glassnet does."""

MAX_DEPTH: Final = 64
ROOM: Final = 12 * 1024**2
"""Bytes of memory for all objects of a file, to which the size of the file is added."""

# What is taken of that room, beside what `sys.getsizeof` says of an object.
_STEP: Final = 12  # for an opcode: a place in a stack or a list
_MARK: Final = sys.getsizeof([])  # as long as the mark is there
_ENTRY: Final = 100  # of a dict, or of the memo
_ARRAY: Final = 200

_STOP: Final = ord(".")


def read(data: bytes | bytearray) -> dict[str, Any]:
    """The dict that a pickle of protocol 0 to 5 holds.

    In it may be dicts with texts as keys, lists, tuples, texts, integers, truth values, None, and
    arrays of the dtypes in `pickle_arrays.DTYPES`: read-only, in the byte order of the file, and
    views of `data` where Python 3 wrote it by protocol 3 to 5.

    Raises:
        RefusedError: there is anything else in it, or too much.
    """
    machine = _Machine(data)
    try:
        return machine.run()
    except ValueError as error:
        raise RefusedError(f"byte {machine.start}", str(error)) from None


class _Machine(Source):
    """It goes through the file with a stack and a memo. What it refuses is a ValueError."""

    def __init__(self, data: bytes | bytearray) -> None:
        super().__init__(data)
        self.start = 0  # where the present opcode begins
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []  # the stacks below the marks
        self.memo: dict[int, Any] = {}
        self.room = ROOM + len(data)
        self.values = ROOM + len(data)  # bytes of arrays that may still be made

    def run(self) -> dict[str, Any]:
        """Follow the opcodes to the last one; what is left is the dict."""
        for _ in range(MAX_STEPS):
            self.start = self.at
            (code,) = self.take(1)
            if code == _STOP:
                return self.result()
            if code not in _OPCODES:
                raise ValueError(f"opcode {code:#04x}, which plain arrays do not need")
            self.spend(_STEP)
            step, given, *arguments = _OPCODES[code]
            step(self, given(self, *arguments))
        raise ValueError(f"more than {MAX_STEPS} opcodes")

    def result(self) -> dict[str, Any]:
        """The one object that is left, if it is a dict, and complete."""
        if self.left:
            raise ValueError(f"{self.left} bytes follow the end of the pickle")
        if self.marks or len(self.stack) != 1:
            raise ValueError("the pickle does not end with one object")
        found: dict[str, Any] = self.plain(self.top(dict), 1)
        return found

    def plain(self, value: Any, depth: int) -> Any:
        """The value in new containers, with arrays and texts in the place of what stood for them.

        So a container that holds itself is too deep, and one with many places too large.
        """
        kind = type(value)
        if value is None or kind in (bool, int, str) or isinstance(value, (np.ndarray, np.generic)):
            return value
        if kind is Text:
            letters = self.decoded(value)
            self.spend(sys.getsizeof(letters))
            return letters
        if kind is Unbuilt and isinstance(value.value, np.ndarray):
            return value.value
        if kind not in (list, tuple, dict):
            raise ValueError("something that is no text, number or array, or not complete")
        if depth > MAX_DEPTH:
            raise ValueError(f"nested more than {MAX_DEPTH} levels deep, or without end")
        self.spend(sys.getsizeof(value) + _STEP * len(value))
        if kind is dict:
            return {key: self.plain(each, depth + 1) for key, each in value.items()}
        return kind(self.plain(each, depth + 1) for each in value)

    def spend(self, count: int) -> None:
        """Take bytes from the room that is left, before they are taken of the memory."""
        self.room -= count
        if self.room < 0:
            raise ValueError("more objects, or larger ones, than are read of a file of this size")

    # What an opcode is given: from the file, as by the methods of `Source` too

    def text(self, size: int) -> str | Text:
        return self.short(Text(self.raw(size)))

    def text_line(self) -> str | Text:
        return self.short(Text(self.line(self.left), escaped=True))

    def names(self) -> list[Any]:
        return [self.short(Text(self.line())) for _ in range(2)]

    def short(self, text: Text) -> str | Text:
        return self.decoded(text) if len(text) <= MAX_SHORT else text

    def decoded(self, text: Text) -> str:
        self.spend(most := text.most())
        letters = text.decoded()
        self.room += most
        return letters

    # What an opcode is given: from the stack, or always the same

    def last(self, count: int | None) -> list[Any]:
        """So many objects, taken from the stack; or all above the last mark, and the mark."""
        if count is None:
            if not self.marks:
                raise ValueError("no mark is on the stack")
            items, self.stack = self.stack, self.marks.pop()
            self.room += _MARK
            return items
        begin = len(self.stack) - count
        if begin < 0:
            raise ValueError(f"{count} objects are wanted, {len(self.stack)} are on the stack")
        items, self.stack[begin:] = self.stack[begin:], []
        return items

    def the(self, value: Any) -> Any:
        return value

    # What it does with that

    def push(self, value: Any) -> None:
        self.spend(sys.getsizeof(value))
        self.stack.append(value)

    def top(self, kind: type[Any]) -> Any:
        """The last object, which must be of this type, and stays."""
        if not self.stack or not isinstance(self.stack[-1], kind):
            raise ValueError(f"no {kind.__name__} is on the stack")
        return self.stack[-1]

    def mark(self, _: None) -> None:
        self.spend(_MARK)
        self.marks.append(self.stack)
        self.stack = []

    def push_tuple(self, items: list[Any]) -> None:
        self.push(tuple(items))

    def push_dict(self, items: list[Any]) -> None:
        self.push({})
        self.fill(items)

    def extend(self, items: list[Any]) -> None:
        self.top(list).extend(items)

    def fill(self, items: list[Any]) -> None:
        """Put keys and values, which stand in turn, into the dict."""
        found = self.top(dict)
        if len(items) % 2:
            raise ValueError("a key without a value")
        for name, value in zip(items[::2], items[1::2], strict=True):
            key = as_text(name)
            if type(key) is not str:
                raise ValueError("a key that is no short text")
            if key is not name:
                self.spend(sys.getsizeof(key))
            if key in found:
                raise ValueError(f"the key {shown(key)} is given twice")
            self.spend(_ENTRY if found else 2 * _ENTRY)
            found[key] = value

    def put(self, place: int | None) -> None:
        self.spend(_ENTRY)
        self.memo[len(self.memo) if place is None else place] = self.top(object)

    def get(self, place: int) -> None:
        if place not in self.memo:
            raise ValueError(f"nothing was remembered as {place}")
        self.stack.append(self.memo[place])

    def name(self, names: list[Any]) -> None:
        if not all(type(name) is str for name in names) or tuple(names) not in CALLS:
            raise ValueError(f"it names {shown(names)}; only plain arrays are read")
        self.push(CALLS[tuple(names)])

    def reduce(self, items: list[Any]) -> None:
        call, arguments = items
        if type(call) is not Call or type(arguments) is not tuple or len(arguments) != call.needs:
            raise ValueError("a call that plain arrays do not need")
        self.spend(_ARRAY + sum(len(each) for each in arguments if type(each) in (str, Text)))
        self.push(made := call.make(*arguments))
        self.count(made)

    def build(self, state: list[Any]) -> None:
        build(target := self.top(object), *state)
        self.count(target.value)

    def count(self, made: Any) -> None:
        """Arrays may share bytes of the file, but each is looked at once more: not without end."""
        self.values -= made.nbytes if isinstance(made, np.ndarray) else 0
        if self.values < 0:
            raise ValueError("arrays of more bytes than the file has")

    def protocol(self, number: int) -> None:
        if self.start != 0 or number > 5:
            raise ValueError("protocols 0 to 5 are read, named once")

    def frame(self, size: int) -> None:
        if size > self.left:
            raise ValueError(f"a frame of {size} bytes, more than are left")


_OPCODES: Final[dict[int, tuple[Any, ...]]] = {
    0x80: (_Machine.protocol, Source.number, 1),
    0x95: (_Machine.frame, Source.number, 8),
    0x4E: (_Machine.push, _Machine.the, None),  # N
    0x88: (_Machine.push, _Machine.the, True),
    0x89: (_Machine.push, _Machine.the, False),
    0x4B: (_Machine.push, Source.number, 1),  # K
    0x4D: (_Machine.push, Source.number, 2),  # M
    0x4A: (_Machine.push, Source.number, 4, True),  # J
    0x8A: (_Machine.push, Source.long),
    0x49: (_Machine.push, Source.digits),  # I
    0x4C: (_Machine.push, Source.digits, b"L"),  # L
    0x43: (_Machine.push, Source.raw, 1),  # C
    0x42: (_Machine.push, Source.raw, 4),  # B
    0x8E: (_Machine.push, Source.raw, 8),
    0x96: (_Machine.push, Source.raw, 8),
    0x55: (_Machine.push, Source.raw, 1),  # U, which Python 2 wrote
    0x54: (_Machine.push, Source.raw, 4),  # T, which Python 2 wrote
    0x8C: (_Machine.push, _Machine.text, 1),
    0x58: (_Machine.push, _Machine.text, 4),  # X
    0x8D: (_Machine.push, _Machine.text, 8),
    0x56: (_Machine.push, _Machine.text_line),  # V
    0x28: (_Machine.mark, _Machine.the, None),  # (
    0x5D: (_Machine.push, _Machine.last, 0),  # ]
    0x6C: (_Machine.push, _Machine.last, None),  # l
    0x29: (_Machine.push_tuple, _Machine.last, 0),  # )
    0x85: (_Machine.push_tuple, _Machine.last, 1),
    0x86: (_Machine.push_tuple, _Machine.last, 2),
    0x87: (_Machine.push_tuple, _Machine.last, 3),
    0x74: (_Machine.push_tuple, _Machine.last, None),  # t
    0x7D: (_Machine.push_dict, _Machine.last, 0),  # }
    0x64: (_Machine.push_dict, _Machine.last, None),  # d
    0x61: (_Machine.extend, _Machine.last, 1),  # a
    0x65: (_Machine.extend, _Machine.last, None),  # e
    0x73: (_Machine.fill, _Machine.last, 2),  # s
    0x75: (_Machine.fill, _Machine.last, None),  # u
    0x71: (_Machine.put, Source.number, 1),  # q
    0x72: (_Machine.put, Source.number, 4),  # r
    0x70: (_Machine.put, Source.digits),  # p
    0x94: (_Machine.put, _Machine.the, None),
    0x68: (_Machine.get, Source.number, 1),  # h
    0x6A: (_Machine.get, Source.number, 4),  # j
    0x67: (_Machine.get, Source.digits),  # g
    0x63: (_Machine.name, _Machine.names),  # c
    0x93: (_Machine.name, _Machine.last, 2),
    0x52: (_Machine.reduce, _Machine.last, 2),  # R
    0x62: (_Machine.build, _Machine.last, 1),  # b
}
"""What an opcode does, with what it is given, and the arguments of that."""
