"""How NumPy's plain arrays look in a pickle: what is recognised, and made, by pattern alone.

Nothing is called on a file's word: `CALLS` are the few functions that plain arrays need, each with
the forms of its arguments that NumPy 1 and 2 write; all else is a ValueError. To take another: a
function, and a line in `CALLS`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, Final, NamedTuple

import numpy as np

from .base import MAX_AXES, MAX_AXIS, MAX_ITEMS, Array
from .pickle_source import MAX_SHORT, Text
from .strict_json import shown

DTYPES: Final = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")


class Call(NamedTuple):
    """A function that a file may name: what is made, from how many arguments."""

    make: Callable[..., object]
    needs: int


class Unbuilt:
    """A dtype, by its code, or an array; of use once `build` gave it its value."""

    __slots__ = ("code", "value")

    def __init__(self, code: str = "") -> None:
        self.code = code
        self.value: np.dtype[Any] | Array | None = None


def build(target: Any, state: Any) -> None:
    """Give a dtype or an array what it lacks; once, as it is then complete.

    Raises:
        ValueError: it is neither, has it already, or the state is none that NumPy writes.
    """
    if type(target) is not Unbuilt or target.value is not None or type(state) is not tuple:
        raise ValueError("BUILD of something that is no dtype or array, or is built already")
    if target.code:
        target.value = _dtype_of(target.code, state)
    else:
        if len(state) != 5 or not _same(state[0], 1) or type(state[3]) is not bool:
            raise ValueError("an array's state that NumPy does not write")
        target.value = _array(state[2], state[1], "F" if state[3] else "C", state[4])


def as_text(value: Any) -> Any:
    """A few bytes as the text that they are to Python 2, which writes no others; the rest as it
    is."""
    if type(value) is memoryview and value.nbytes <= MAX_SHORT:
        return str(value, "ascii", "replace")
    return value


def _reconstruct(kind: Any, shape: Any, code: Any) -> Unbuilt:
    if not _same((kind, shape, code), (_NDARRAY, (0,), memoryview(b"b"))):
        raise ValueError("_reconstruct of something that is no plain array")
    return Unbuilt()


def _dtype(code: Any, align: Any, copy: Any) -> Unbuilt:
    code = as_text(code)
    if type(code) is not str or code not in DTYPES:
        named = shown(code) if type(code) is str else ""
        raise ValueError(f"a dtype {named} that is none of {', '.join(DTYPES)}")
    if not any(_same((align, copy), pair) for pair in ((False, True), (0, 1))):
        raise ValueError("a dtype with options")
    return Unbuilt(code)


def _dtype_of(code: str, state: tuple[Any, ...]) -> np.dtype[Any]:
    given = tuple(map(as_text, state[:9]))  # one more than there may be
    for order in "|" if code.endswith("1") else "<>":
        if _same(given, (3, order, None, None, None, -1, -1, 0)):
            return np.dtype(order + code)
    raise ValueError(f"a state of the dtype {code} that NumPy does not write")


def _scalar(dtype: Any, raw: Any) -> Any:
    return _array(dtype, (), "C", raw)[()]


def _from_buffer(raw: Any, dtype: Any, shape: Any, order: Any) -> Array:
    if type(order) is not str or order not in ("C", "F"):
        raise ValueError("an array whose order is neither C nor F")
    return _array(dtype, shape, order, raw)


def _encode(text: Any, encoding: Any) -> memoryview:
    """Bytes, as protocols 0 to 2 have them."""
    if type(text) not in (str, Text) or not _same(encoding, "latin1"):
        raise ValueError("an encoding that is not of bytes")
    return memoryview(text.encode("latin1")) if type(text) is str else text.latin1()


def _no_bytes() -> memoryview:
    return memoryview(b"")


def _array(dtype: Any, shape: Any, order: Any, raw: Any) -> Array:
    kind = dtype.value if type(dtype) is Unbuilt else None
    if not isinstance(kind, np.dtype) or type(raw) is not memoryview:
        raise ValueError("an array without a dtype, or without bytes")
    if type(shape) is not tuple or len(shape) > MAX_AXES:
        raise ValueError(f"a shape that is none of at most {MAX_AXES} axes")
    if not all(type(n) is int and 0 <= n <= MAX_AXIS for n in shape):
        raise ValueError("a shape that is none of whole numbers >= 0")
    needed = prod(shape) * kind.itemsize
    if needed != raw.nbytes:
        raise ValueError(f"shape {shown(list(shape))} needs {needed} bytes, not {raw.nbytes}")
    if prod(filter(None, shape)) >= MAX_ITEMS:
        raise ValueError(f"shape {shown(list(shape))} is too large")
    if kind == np.bool_ and np.frombuffer(raw, np.uint8).max(initial=0) > 1:
        raise ValueError("a truth value that is neither 0 nor 1")
    return np.ndarray(shape, kind, raw, order=order)


def _same(value: Any, wanted: Any) -> bool:
    """Equal, and of the same types all the way down."""
    if type(value) is not type(wanted):
        return False
    if type(wanted) is tuple:
        return len(value) == len(wanted) and all(map(_same, value, wanted))
    return bool(value == wanted)


_NDARRAY: Final = Call(Unbuilt, -1)  # an argument, never called

CALLS: Final = {
    ("numpy", "ndarray"): _NDARRAY,
    ("numpy", "dtype"): Call(_dtype, 3),
    ("_codecs", "encode"): Call(_encode, 2),
    ("__builtin__", "bytes"): Call(_no_bytes, 0),
}
for _core in ("numpy.core", "numpy._core"):  # NumPy 1, 2
    CALLS[f"{_core}.multiarray", "_reconstruct"] = Call(_reconstruct, 3)
    CALLS[f"{_core}.multiarray", "scalar"] = Call(_scalar, 2)
    CALLS[f"{_core}.numeric", "_frombuffer"] = Call(_from_buffer, 4)
"""The functions and classes that a file may name, by module and name."""
