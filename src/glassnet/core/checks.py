"""Checks of single values that a user passes: numbers, choices, sizes. Arrays: see intake.

Every refusal names the argument, what was given and what is allowed. To add a check: a function
that takes the name of the argument first and gives the value back in its proper type.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from .errors import not_here


def show(value: object) -> str:
    """What was given, in at most 80 characters: never a whole array."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if isinstance(value, np.generic):
        value = value.item()
    try:
        text = repr(value)
    except ValueError:  # Python does not write out an integer of thousands of digits
        text = f"an integer of {value.bit_length()} bits" if isinstance(value, int) else "a value"
    text = text.replace("\n", " ")
    return text if len(text) <= 80 else text[:77] + "..."


def whole(name: str, value: Any, low: int = 1, hint: str = "") -> int:
    """An integer of at least `low`; bool is not an integer."""
    message = f"{name} must be an integer of at least {low}; got {show(value)}.{hint}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise (ValueError if isinstance(value, (float, np.floating)) else TypeError)(message)
    if value < low:
        raise ValueError(message)
    return int(value)


def number(name: str, value: Any, allowed: str = "a finite number") -> float:
    """A finite real number, as float."""
    message = f"{name} must be {allowed}; got {show(value)}."
    real = isinstance(value, (int, float, np.integer, np.floating))
    if isinstance(value, (bool, np.bool_)) or not real:
        raise TypeError(message)
    given = value.item() if isinstance(value, np.generic) else value
    if not abs(given) <= sys.float_info.max:  # nan, infinity, and integers beyond float
        raise ValueError(message)
    return float(given)


def positive(name: str, value: Any, zero: bool = False) -> float:
    """A finite number above 0, or of at least 0."""
    allowed = "a finite number of at least 0" if zero else "a finite number above 0"
    given = number(name, value, allowed)
    if given < 0 or (given == 0 and not zero):
        raise ValueError(f"{name} must be {allowed}; got {show(value)}.")
    return given


def fraction(name: str, value: Any, zero: bool = True) -> float:
    """A number in [0, 1), or in (0, 1)."""
    allowed = f"a number in {'[' if zero else '('}0, 1)"
    given = number(name, value, allowed)
    if not (0.0 <= given < 1.0) or (given == 0 and not zero):
        raise ValueError(f"{name} must be {allowed}; got {show(value)}.")
    return given


def several(value: Any) -> bool:
    """True for a list or the like, of one axis, where one number may stand too."""
    sequence = isinstance(value, Sequence) and not isinstance(value, (str, bytes))
    return sequence or getattr(value, "ndim", 0) == 1


def flag(name: str, value: Any) -> bool:
    """True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False; got {show(value)}.")
    return bool(value)


def choice(name: str, value: Any, table: Mapping[str, Any], kind: type[Any] | None = None) -> Any:
    """An entry of `table` by its name, or an object of class `kind` as it is."""
    if kind is not None and isinstance(value, kind):
        return value
    if isinstance(value, str) and value in table:
        return table[value]
    names = ", ".join(table)
    if isinstance(value, str):
        near = closest(value, table) or not_here(value)
        raise ValueError(f"{name} must be one of {names}; got {show(value)}.{near}")
    also = f", or an object of class {kind.__name__}" if kind is not None else ""
    raise TypeError(f"{name} must be one of the names {names}{also}; got {show(value)}.")


def seed(value: Any) -> int | None:
    """None, or an integer of at least 0."""
    return None if value is None else whole("seed", value, 0, " Or None for a random start.")


def closest(word: str, words: Iterable[str]) -> str:
    """' Did you mean ...?' where a word is close to one of `words`, else nothing."""
    import difflib  # late: 5 ms that only a mistake needs

    found = difflib.get_close_matches(word.lower(), list(words), n=1)
    return f" Did you mean {found[0]!r}?" if found else ""
