"""Python values as strict JSON and arrays, and back, each exactly what it was.

What JSON lacks is an object with an empty name: {"": its kind, "of": how it is written}. To keep
another kind of value: a line in `packed` and one in `_MADE`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ..core.checks import show
from .base import Array, RefusedError
from .safetensors import DTYPES

NAME: Final = "values."
MAX_DEPTH: Final = 24
_ODD: Final = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_CODES: Final = set(DTYPES.values())


def packed(value: Any, arrays: dict[str, Array], where: str = "") -> Any:
    """The value as JSON takes it; arrays and NumPy's numbers go to `arrays`.

    Raises RefusedError: a value that is neither plain data nor an array of numbers; `where` it is.
    """
    kind = type(value)
    if where.count(" > ") > MAX_DEPTH:
        raise RefusedError(where, f"lies more than {MAX_DEPTH} levels deep")
    if kind is dict:
        return _packed_dict(value, arrays, where)
    if kind in (list, tuple):
        each = [packed(one, arrays, f"{where} > {place}") for place, one in enumerate(value)]
        return each if kind is list else {"": "tuple", "of": each}
    if kind is float and not math.isfinite(value):
        return {"": "float", "of": str(value)}
    if value is None or kind in (bool, int, float, str):
        return value
    code = value.dtype.newbyteorder("<").str if isinstance(value, (np.generic, np.ndarray)) else ""
    if code in _CODES and kind is np.ndarray:
        arrays[name := f"{NAME}{len(arrays)}"] = value
        return {"": "array", "of": name}
    if code in _CODES and isinstance(value, np.generic):
        return {"": "number", "of": [code, packed(value.item(), arrays, where)]}
    what = f"{kind.__name__}{f' of {value.dtype}' if code else ''}"
    allowed = "None, numbers, texts, lists, tuples, dicts and arrays of numbers can be kept"
    raise RefusedError(where, f"of type {what}; {allowed}")


def _packed_dict(value: dict[Any, Any], arrays: dict[str, Array], where: str) -> Any:
    if "" not in value and all(type(name) is str for name in value):
        return {name: packed(each, arrays, f"{where} > {name}") for name, each in value.items()}
    pairs = []
    for name, each in value.items():
        place = f"{where} > {name if type(name) is str else show(name)}"
        pairs.append([packed(name, arrays, f"{place}, a key"), packed(each, arrays, place)])
    return {"": "dict", "of": pairs}


def unpacked(value: Any, arrays: dict[str, Array]) -> Any:
    """What `packed` was given.

    Raises ValueError, TypeError, KeyError, OverflowError: `packed` never made this.
    """
    if isinstance(value, list):
        return [unpacked(each, arrays) for each in value]
    if not isinstance(value, dict):
        return value
    if "" not in value:
        return {name: unpacked(each, arrays) for name, each in value.items()}
    of = value["of"]
    if value[""] == "array":
        return arrays[of]
    if value[""] == "float":
        return _ODD[of]
    return _MADE[value[""]](unpacked(of, arrays))


def _number(pair: tuple[str, Any]) -> Any:
    code, value = pair
    if code not in _CODES:
        raise ValueError(f"no such number: {code!r:.40}")
    return np.dtype(code).type(value)


_MADE: Final[dict[str, Callable[[Any], Any]]] = {"tuple": tuple, "dict": dict, "number": _number}
