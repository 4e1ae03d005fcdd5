"""Pickles read as data: an interpreter of their bytes that imports nothing and calls nothing.

Python's own would do what a file says. Here a function that a file names is a text, what NumPy
writes for plain arrays is recognised (pickle_arrays.py), and everything else is refused. To take
another opcode: a function, and a line in `_OPCODES`; `pickletools` says what opcodes mean.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Any, Final

from .base import RefusedError
from .pickle_arrays import NAMES, Named, build, make
from .pickle_machine import MARK, Machine
from .strict_json import shown

MAX_STEPS: Final = 200_000
"""Opcodes in one file. An array has some 30 as NumPy writes it, 15 as glassnet does."""

_STOP: Final = ord(".")
_IN_MEMO: Final = 100  # bytes of room, as an entry of a dict
_OF_ARRAY: Final = 300
_WIDE: Final = re.compile(rb"[\xc4-\xff]")  # begins what takes more than a byte in memory
_WIDE_ESCAPE: Final = re.compile(rb"\\u(?!00)|\\U")
_INTEGER: Final = re.compile(rb"-?[0-9]{1,19}")


def read(data: bytes | bytearray) -> dict[str, Any]:
    """The dict that a pickle of protocol 0 to 5 holds.

    In it may be dicts with texts as keys, lists, tuples, texts, integers, truth values, None, and
    arrays of the dtypes in `pickle_arrays.DTYPES`: read-only, in the byte order of the file, and
    views of `data` where that is not of protocol 0 to 2.

    Raises:
        RefusedError: there is anything else in it, or too much.
    """
    machine = Machine(data)
    for _ in range(MAX_STEPS):
        code = machine.opcode()
        if code == _STOP:
            break
        if code not in _OPCODES:
            machine.refuse(f"opcode {code:#04x}, which plain arrays do not need")
        step, *arguments = _OPCODES[code]
        step(machine, *arguments)
    else:
        machine.refuse(f"more than {MAX_STEPS} opcodes")
    return machine.result()


# Of the file


def _protocol(machine: Machine) -> None:
    if machine.start != 0 or machine.number(1) > 5:
        machine.refuse("protocols 0 to 5 are read, named once")


def _frame(machine: Machine) -> None:
    size, left = machine.number(8), len(machine.data) - machine.at
    if size > left:
        machine.refuse(f"a frame of {size} bytes, {left} are left")


# Numbers, texts, bytes


def _whole(machine: Machine, size: int, signed: bool = False) -> None:
    machine.push(machine.number(size, signed))


def _long(machine: Machine) -> None:
    size = machine.number(1)
    if size > 8:
        machine.refuse(f"an integer of {size} bytes, allowed are 8")
    machine.push(machine.number(size, signed=True))


def _whole_line(machine: Machine, end: bytes = b"") -> None:
    line = bytes(machine.line())
    digits = line.removesuffix(end)
    if _INTEGER.fullmatch(digits) is None or digits + end != line:
        machine.refuse(f"{shown(line)} is no integer of at most 19 digits")
    machine.push(line == b"01" if line in (b"00", b"01") else int(digits))


def _bytes(machine: Machine, size: int) -> None:
    machine.push(machine.take(machine.number(size)))


def _text(machine: Machine, size: int) -> None:
    machine.push(_decoded(machine, machine.take(machine.number(size))))


def _text_line(machine: Machine) -> None:
    raw = machine.line(len(machine.data))
    machine.push(machine.text(raw, _unescape, wide=_WIDE_ESCAPE.search(raw) is not None))


def _decoded(machine: Machine, raw: memoryview) -> str:
    return machine.text(raw, _utf8, wide=_WIDE.search(raw) is not None)


def _utf8(raw: memoryview) -> str:
    return str(raw, "utf-8", "strict")


def _unescape(raw: memoryview) -> str:
    return codecs.raw_unicode_escape_decode(raw)[0]


# Lists, tuples, dicts


def _mark(machine: Machine) -> None:
    machine.spend(MARK)
    machine.marks.append(machine.stack)
    machine.stack = []


def _empty(machine: Machine, kind: type[Any]) -> None:
    machine.push(kind())


def _tuple(machine: Machine, count: int) -> None:
    items = [machine.pop() for _ in range(count)]
    machine.push(tuple(reversed(items)))


def _since_mark(machine: Machine, kind: type[Any]) -> None:
    machine.push(kind(machine.since_mark()))


def _append(machine: Machine) -> None:
    value = machine.pop()
    machine.top(list).append(value)


def _appends(machine: Machine) -> None:
    values = machine.since_mark()
    machine.top(list).extend(values)


def _dict(machine: Machine) -> None:
    items = machine.since_mark()
    machine.push({})
    _fill(machine, items)


def _set_item(machine: Machine) -> None:
    value, key = machine.pop(), machine.pop()
    _fill(machine, [key, value])


def _set_items(machine: Machine) -> None:
    _fill(machine, machine.since_mark())


def _fill(machine: Machine, items: list[Any]) -> None:
    found = machine.top(dict)
    if len(items) % 2:
        machine.refuse("a key without a value")
    for key, value in zip(items[::2], items[1::2], strict=True):
        if type(key) is not str:
            machine.refuse("a key that is no text")
        if key in found:
            machine.refuse(f"the key {shown(key)} is given twice")
        machine.spend(_IN_MEMO if found else 2 * _IN_MEMO)
        found[key] = value


# The memo


def _put(machine: Machine, index: int) -> None:
    if not machine.stack:
        machine.refuse("nothing is on the stack")
    machine.spend(_IN_MEMO)
    machine.memo[index] = machine.stack[-1]


def _get(machine: Machine, index: int) -> None:
    if index not in machine.memo:
        machine.refuse(f"nothing was remembered as {index}")
    machine.stack.append(machine.memo[index])


def _memoize(machine: Machine) -> None:
    _put(machine, len(machine.memo))


def _by_number(machine: Machine, step: Callable[[Machine, int], None], size: int) -> None:
    step(machine, machine.number(size))


def _by_line(machine: Machine, step: Callable[[Machine, int], None]) -> None:
    _whole_line(machine)
    step(machine, machine.pop())


# Names and calls


def _name_lines(machine: Machine) -> None:
    _name(machine, *(_decoded(machine, machine.line()) for _ in range(2)))


def _name_of_stack(machine: Machine) -> None:
    name, module = machine.pop(), machine.pop()
    _name(machine, module, name)


def _name(machine: Machine, module: Any, name: Any) -> None:
    if type(module) is not str or type(name) is not str:
        machine.refuse("a name that is no text")
    if (module, name) not in NAMES:
        machine.refuse(f"it names {shown(module)}, {shown(name)}; only plain arrays are read")
    machine.push(Named(name))


def _reduce(machine: Machine) -> None:
    arguments, called = machine.pop(), machine.pop()
    machine.spend(_OF_ARRAY)
    try:
        machine.push(make(called, arguments))
    except RefusedError as error:
        machine.refuse(str(error))


def _build(machine: Machine) -> None:
    state = machine.pop()
    try:
        build(machine.stack[-1] if machine.stack else None, state)
    except RefusedError as error:
        machine.refuse(str(error))


_OPCODES: Final[dict[int, tuple[Any, ...]]] = {
    0x80: (_protocol,),
    0x95: (_frame,),
    0x4E: (Machine.push, None),  # N
    0x88: (Machine.push, True),
    0x89: (Machine.push, False),
    0x4B: (_whole, 1),  # K
    0x4D: (_whole, 2),  # M
    0x4A: (_whole, 4, True),  # J
    0x8A: (_long,),
    0x49: (_whole_line,),  # I
    0x4C: (_whole_line, b"L"),
    0x43: (_bytes, 1),  # C
    0x42: (_bytes, 4),  # B
    0x8E: (_bytes, 8),
    0x96: (_bytes, 8),
    0x8C: (_text, 1),
    0x58: (_text, 4),  # X
    0x8D: (_text, 8),
    0x56: (_text_line,),  # V
    0x28: (_mark,),  # (
    0x5D: (_empty, list),  # ]
    0x29: (_empty, tuple),  # )
    0x7D: (_empty, dict),  # }
    0x85: (_tuple, 1),
    0x86: (_tuple, 2),
    0x87: (_tuple, 3),
    0x74: (_since_mark, tuple),  # t
    0x6C: (_since_mark, list),  # l
    0x61: (_append,),  # a
    0x65: (_appends,),  # e
    0x64: (_dict,),  # d
    0x73: (_set_item,),  # s
    0x75: (_set_items,),  # u
    0x71: (_by_number, _put, 1),  # q
    0x72: (_by_number, _put, 4),  # r
    0x70: (_by_line, _put),  # p
    0x94: (_memoize,),
    0x68: (_by_number, _get, 1),  # h
    0x6A: (_by_number, _get, 4),  # j
    0x67: (_by_line, _get),  # g
    0x63: (_name_lines,),  # c
    0x93: (_name_of_stack,),
    0x52: (_reduce,),  # R
    0x62: (_build,),  # b
}
"""What an opcode does: a function, and what it is given beside the machine."""
