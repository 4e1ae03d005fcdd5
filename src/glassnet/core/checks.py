"""Checks of single values that a user passes: numbers, choices, sizes. Arrays: see arrays.py.

Every refusal names the argument, what was given, what is allowed and what to do. To add a check: a
function that takes the name of the argument first and gives the value back in its proper type.
"""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

BLOCK_BYTES = 1 << 22
"""Data are looked through in blocks of about this size, so that a check needs little memory."""


def show(value: object) -> str:
    """What was given, in at most 80 characters: never a whole array."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def whole(name: str, value: object, low: int = 1, hint: str = "") -> int:
    """An integer of at least `low`; bool is not an integer."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        kind = TypeError if not isinstance(value, (float, np.floating)) else ValueError
        raise kind(f"{name} must be an integer of at least {low}; got {show(value)}.{_space(hint)}")
    if value < low:
        raise ValueError(f"{name} must be at least {low}; got {value}.{_space(hint)}")
    return int(value)


def number(name: str, value: object, allowed: str = "a finite number", hint: str = "") -> float:
    """A finite real number, as float."""
    real = isinstance(value, (int, float, np.integer, np.floating))
    if isinstance(value, (bool, np.bool_)) or not real:
        raise TypeError(f"{name} must be {allowed}; got {show(value)}.{_space(hint)}")
    try:
        given = float(value)  # type: ignore[arg-type]  # a real number, see above
    except OverflowError:
        given = math.inf
    if not math.isfinite(given):
        raise ValueError(f"{name} must be {allowed}; got {show(value)}.{_space(hint)}")
    return given


def positive(name: str, value: object, zero: bool = False, hint: str = "") -> float:
    """A finite number above 0, or of at least 0."""
    allowed = "a finite number of at least 0" if zero else "a finite number above 0"
    given = number(name, value, allowed, hint)
    if given < 0 or (given == 0 and not zero):
        raise ValueError(f"{name} must be {allowed}; got {show(value)}.{_space(hint)}")
    return given


def fraction(name: str, value: object, zero: bool = True, hint: str = "") -> float:
    """A number in [0, 1), or in (0, 1)."""
    allowed = f"a number in {'[' if zero else '('}0, 1)"
    given = number(name, value, allowed, hint)
    if not (0.0 <= given < 1.0) or (given == 0 and not zero):
        raise ValueError(f"{name} must be {allowed}; got {show(value)}.{_space(hint)}")
    return given


def flag(name: str, value: object) -> bool:
    """True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False; got {show(value)}.")
    return bool(value)


def choice(name: str, value: object, table: Mapping[str, T], kind: type[Any]) -> T:
    """An entry of `table` by its name, or an object of class `kind` as it is."""
    if isinstance(value, kind):
        return value  # type: ignore[no-any-return]  # an object of the class that the table holds
    if isinstance(value, str) and value in table:
        return table[value]
    names = ", ".join(table)
    if isinstance(value, str):
        raise ValueError(f"{name} must be one of {names}; got {show(value)}.{closest(value, table)}")
    raise TypeError(
        f"{name} must be one of the names {names}, or an object of class {kind.__name__}; "
        f"got {show(value)}."
    )


def closest(word: str, words: Iterable[str]) -> str:
    """' Did you mean ...?' where a word is close to one of `words`, else nothing."""
    found = difflib.get_close_matches(word.lower(), list(words), n=1)
    return f" Did you mean {found[0]!r}?" if found else ""


def per_layer(name: str, value: Any, count: int, single: tuple[type[Any], ...]) -> list[Any]:
    """One value for each of `count` layers: given once for all, or one by one."""
    if isinstance(value, single) or not isinstance(value, (Sequence, np.ndarray)):
        return [value] * count
    if len(value) != count:
        raise ValueError(
            f"{name} must be one value or a list of {count}, one per layer that has it; "
            f"got {len(value)}: {show(value)}."
        )
    return list(value)


def sizes(layers: object) -> tuple[int, ...]:
    """The numbers of units of all layers, input and output included."""
    hint = "Give all sizes, input and output included, for instance [784, 32, 16, 10]."
    if isinstance(layers, (str, bytes, Mapping)) or not isinstance(layers, Iterable):
        raise TypeError(f"layers must be a list of integers; got {show(layers)}. {hint}")
    given = list(layers)
    if len(given) < 2:
        raise ValueError(f"layers must have at least 2 sizes; got {show(layers)}. {hint}")
    return tuple(whole(f"layers[{i}]", size, 1, hint) for i, size in enumerate(given))


def optional_positive(name: str, value: object) -> float | None:
    """None, or a finite number above 0."""
    return None if value is None else positive(name, value)


def optional_number(name: str, value: object) -> float | None:
    """None, or a finite number."""
    return None if value is None else number(name, value)


def name_of(name: str, value: object, names: Sequence[str]) -> str:
    """One of `names`."""
    return choice(name, value, {each: each for each in names}, bytes)


def labels(name: str, value: object, outputs: int) -> list[Any] | None:
    """None, or as many different labels as there are outputs (two for one output)."""
    if value is None:
        return None
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise TypeError(f"{name} must be a list of labels; got {show(value)}.")
    given = [each.item() if isinstance(each, np.generic) else each for each in value]
    kinds = {isinstance(each, str) for each in given}
    odd = next((each for each in given if not isinstance(each, (str, int, float))), None)
    if odd is not None or len(kinds) > 1:
        raise TypeError(f"{name} must be all text or all numbers; got {show(given)}.")
    wanted = 2 if outputs == 1 else outputs
    if len(given) != wanted or len(set(given)) != wanted:
        raise ValueError(
            f"{name} must be {wanted} different labels for {outputs} output(s); got {show(given)}."
        )
    return given


def float_type(value: Any) -> np.dtype[Any]:
    """float32 or float64."""
    try:
        dtype = np.dtype(value)
    except TypeError:
        dtype = np.dtype(object)
    if value is None or dtype not in (np.float32, np.float64):
        raise ValueError(f"dtype must be 'float32' or 'float64'; got {show(value)}.")
    return dtype


def parameter_count(layers: Sequence[int]) -> int:
    """The number of weights and biases."""
    return sum((a + 1) * b for a, b in zip(layers, layers[1:], strict=False))


def memory(layers: Sequence[int], dtype: np.dtype[Any]) -> None:
    """Refuse a network that cannot fit this machine's memory, before anything is allocated."""
    needed = 2 * parameter_count(layers) * dtype.itemsize  # parameters and gradients
    if needed > (there := _physical_memory()):
        raise ValueError(
            f"layers={show(list(layers))} needs {needed / 2**30:,.1f} GiB for its parameters and "
            f"gradients; this machine has {there / 2**30:,.1f} GiB. Use fewer units."
        )


def _physical_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not on Windows
        return 1 << 36


def seed(value: object) -> int | None:
    """None, or an integer of at least 0."""
    return None if value is None else whole("seed", value, 0, "Or None for a random start.")


def blocks_of_rows(values: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Consecutive rows of an array, about BLOCK_BYTES at a time."""
    row_bytes = max(1, values[:1].nbytes)
    step = max(1, BLOCK_BYTES // row_bytes)
    for start in range(0, len(values), step):
        yield values[start : start + step]


def _space(hint: str) -> str:
    return f" {hint}" if hint else ""
