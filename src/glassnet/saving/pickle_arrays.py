"""How NumPy's plain arrays look in a pickle: what is recognised, and made, by pattern alone.

Nothing is called on a file's word: `make` and `build` know the few functions and the forms of
their arguments that NumPy 1 and 2 write, and refuse all else. To take another: a function, and
lines in `NAMES` and `_MADE`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any, Final

import numpy as np

from .base import MAX_AXES, MAX_AXIS, MAX_ITEMS, Array, RefusedError
from .strict_json import shown

DTYPES: Final = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")

NAMES: Final = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
    ("__builtin__", "bytes"),
    *((f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")),  # NumPy 1, 2
    *((f"numpy.{core}.multiarray", "scalar") for core in ("core", "_core")),
    *((f"numpy.{core}.numeric", "_frombuffer") for core in ("core", "_core")),
}
"""The functions and classes that a file may name: module, name. No two have one name."""


class Named(str):
    """A function or a class, by its name, which is all that it ever is here."""

    __slots__ = ()


class DType:
    """A dtype; of use once `build` knew its byte order."""

    __slots__ = ("code", "dtype")

    def __init__(self, code: str) -> None:
        self.code = code
        self.dtype: np.dtype[Any] | None = None


class Values:
    """An array or one of NumPy's numbers; of use once `value` is there."""

    __slots__ = ("value",)

    def __init__(self, value: Array | np.generic | None = None) -> None:
        self.value = value


def make(called: Any, arguments: Any) -> object:
    """What stands for the result of the call: DType, Values, or a memoryview for bytes.

    Raises:
        RefusedError: NumPy writes no such call for a plain array.
    """
    known = _MADE.get(called) if type(called) is Named else None
    if known is None or type(arguments) is not tuple or len(arguments) != known[1]:
        raise _refused("a call that plain arrays do not need")
    return known[0](*arguments)


def build(target: Any, state: Any) -> None:
    """Give a dtype or an array what it lacks; once, as it is then complete.

    Raises:
        RefusedError: it is neither, has it already, or the state is none that NumPy writes.
    """
    if type(state) is tuple and type(target) is DType and target.dtype is None:
        target.dtype = _dtype_of(target.code, state)
    elif type(state) is tuple and type(target) is Values and target.value is None:
        if len(state) != 5 or not _same(state[0], 1) or type(state[3]) is not bool:
            raise _refused("an array's state that NumPy does not write")
        target.value = _array(state[2], state[1], "F" if state[3] else "C", state[4])
    else:
        raise _refused("BUILD of something that is no dtype or array, or is built already")


def _reconstruct(kind: Any, shape: Any, code: Any) -> Values:
    if not _same((kind, shape, code), (Named("ndarray"), (0,), memoryview(b"b"))):
        raise _refused("_reconstruct of something that is no plain array")
    return Values()


def _dtype(code: Any, align: Any, copy: Any) -> DType:
    if type(code) is not str or code not in DTYPES:
        named = shown(code) if type(code) is str else ""
        raise _refused(f"a dtype {named} that is none of {', '.join(DTYPES)}")
    if not any(_same((align, copy), pair) for pair in ((False, True), (0, 1))):
        raise _refused("a dtype with options")
    return DType(code)


def _dtype_of(code: str, state: tuple[Any, ...]) -> np.dtype[Any]:
    orders = "|" if code.endswith("1") else "<>"
    for order in orders:
        if _same(state, (3, order, None, None, None, -1, -1, 0)):
            return np.dtype(order + code)
    raise _refused(f"a state of the dtype {code} that NumPy does not write")


def _scalar(dtype: Any, raw: Any) -> Values:
    return Values(_array(dtype, (), "C", raw)[()])


def _from_buffer(raw: Any, dtype: Any, shape: Any, order: Any) -> Values:
    if type(order) is not str or order not in ("C", "F"):
        raise _refused("an array whose order is neither C nor F")
    return Values(_array(dtype, shape, order, raw))


def _encode(text: Any, encoding: Any) -> memoryview:
    """Bytes, as protocols 0 to 2 have them."""
    if type(text) is not str or not _same(encoding, "latin1"):
        raise _refused("an encoding that is not of bytes")
    try:
        return memoryview(text.encode("latin1"))
    except UnicodeEncodeError:
        raise _refused("bytes as a text that holds none") from None


def _no_bytes() -> memoryview:
    return memoryview(b"")


_MADE: Final[Mapping[Any, tuple[Callable[..., object], int]]] = {
    "_reconstruct": (_reconstruct, 3),
    "dtype": (_dtype, 3),
    "scalar": (_scalar, 2),
    "_frombuffer": (_from_buffer, 4),
    "encode": (_encode, 2),
    "bytes": (_no_bytes, 0),
}
"""By the name that is called: what makes it, from how many arguments."""


def _array(dtype: Any, shape: Any, order: Any, raw: Any) -> Array:
    if type(dtype) is not DType or dtype.dtype is None or type(raw) is not memoryview:
        raise _refused("an array without a dtype, or without bytes")
    if type(shape) is not tuple or len(shape) > MAX_AXES:
        raise _refused(f"a shape that is none of at most {MAX_AXES} axes")
    if not all(type(n) is int and 0 <= n <= MAX_AXIS for n in shape):
        raise _refused("a shape that is none of whole numbers >= 0")
    needed = prod(shape) * dtype.dtype.itemsize
    if needed != raw.nbytes:
        raise _refused(f"shape {shown(list(shape))} needs {needed} bytes, not {raw.nbytes}")
    if prod(filter(None, shape)) >= MAX_ITEMS:
        raise _refused(f"shape {shown(list(shape))} is too large")
    array = np.frombuffer(raw, dtype.dtype)
    if dtype.code == "b1" and array.view(np.uint8).max(initial=0) > 1:
        raise _refused("a truth value that is neither 0 nor 1")
    return array.reshape(shape, order=order)


def _same(value: Any, wanted: Any) -> bool:
    """Equal, and of the same types all the way down."""
    if type(value) is not type(wanted):
        return False
    if type(wanted) is tuple:
        return len(value) == len(wanted) and all(map(_same, value, wanted))
    return bool(value == wanted)


def _refused(reason: str) -> RefusedError:
    return RefusedError("pickle", reason)
