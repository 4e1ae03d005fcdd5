"""How a wrong derivative is wrong, in words: its sign, a factor, a missing term, part of its range.

`phrase` is what a sentence says after "the slope of ...". To know one more way of being wrong: a
line in `_overall` or `_in_part`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...core.arrays import Array

ALIKE = 1e-5
"""Factors that differ by no more than this share are one factor."""


@dataclass(frozen=True)
class GradientFault:
    """One place where a derivative is wrong.

    Attributes:
        place: "activation", "loss", "layer" or "passes" (what joins these). name: of the activation
            or loss, or "weights", "biases", "inputs" for a product of a layer.
        says: one sentence. where: {"layer": 2}, layers counted from 1, or {"outputs": [0]}.
        engine, numeric: what the engine has and what the function does, at one point, where there
            is one. factor: engine over numeric, where that is the same everywhere, else None.
    """

    place: str
    says: str
    name: str = ""
    where: dict[str, Any] = field(default_factory=dict)
    engine: float | None = None
    numeric: float | None = None
    factor: float | None = None

    def __str__(self) -> str:
        return self.says


def phrase(
    given: Array,
    wanted: Array,
    wrong: Array,
    parts: Mapping[str, Array] | None = None,
    counts: Mapping[str, int] | None = None,
) -> tuple[str, float | None]:
    """What is wrong, and the factor, if there is one for all: for numbers (n,), those that are
    wanted, and where they differ. `parts` are groups (n,) of True and False to which it may be
    confined, by name; `counts` numbers that may have slipped in as a factor."""
    factor = _factor(given, wanted)
    found = _overall(given, wanted, wrong, factor, counts or {})
    if not found:
        found = _in_part(given, wanted, wrong, parts or {})
    return found, factor


def _factor(given: Array, wanted: Array) -> float | None:
    """given / wanted, if it is the same wherever it can be told."""
    size = np.abs(wanted)
    told = size > 1e-4 * size.max(initial=0.0)
    if not told.any() or not np.isfinite(given).all():
        return None
    ratios = given[told] / wanted[told]
    middle = float(np.median(ratios))
    apart = np.abs(ratios - middle).max()
    others = np.abs(given - middle * wanted)[~told].max(initial=0.0)
    alike = apart <= ALIKE * max(abs(middle), 1e-3) and others <= 1e-4 * size.max()
    return middle if alike else None


def _overall(
    given: Array, wanted: Array, wrong: Array, factor: float | None, counts: Mapping[str, int]
) -> str:
    """What holds for all numbers alike."""
    if not np.isfinite(given[wrong]).all():
        return "is not finite"
    apart = float((np.abs(given - wanted)[wrong] / (np.abs(wanted[wrong]) + 1e-300)).max())
    if apart <= 1e-6:
        digits = math.floor(-math.log10(apart))
        return f"is right to {digits} digits only, as if rounded to float32 on the way"
    if factor is not None:
        return _of_factor(factor, counts)
    away = given - wanted
    if np.ptp(away) <= ALIKE * np.abs(away).max():
        return f"is {_number(abs(away[0]))} too {'large' if away[0] > 0 else 'small'} everywhere"
    return ""


def _of_factor(factor: float, counts: Mapping[str, int]) -> str:
    if abs(factor) < 1e-9:
        return "is 0 everywhere"
    start = "has the wrong sign" if factor < 0 else ""
    if abs(abs(factor) - 1.0) <= ALIKE:
        return start
    for name, count in counts.items():
        for by, word in ((1.0 / count, "divided"), (count, "multiplied")):
            if count > 2 and abs(abs(factor) - by) <= ALIKE * by:
                twice = f"is {word} by the number of {name} once too often"
                return f"{start}, and {twice}" if start else twice
    return f"{start}{', and ' if start else ''}is {_number(abs(factor))} times what it must be"


def _in_part(given: Array, wanted: Array, wrong: Array, parts: Mapping[str, Array]) -> str:
    """What holds for some of the numbers only."""
    decided = wrong | (wanted != 0.0)
    for name, inside in parts.items():
        if inside.any() and not inside.all() and not wrong[~inside].any() and wrong[inside].any():
            how = "" if wrong[inside & decided].all() else " in places"
            factor = _factor(given[inside], wanted[inside])
            times = "" if factor is None else f" ({_of_factor(factor, {})})"
            return f"is wrong{how} {name}, and right elsewhere{times}"
    count, of = int(wrong.sum()), len(wrong)
    return "is wrong" if count == of else f"is wrong at {count} of {of} points"


def _number(value: float) -> str:
    return f"{value:.6g}"


def ratio_of(given: float, wanted: float) -> float | None:
    """given / wanted; None where that is no number."""
    return given / wanted if wanted and math.isfinite(given / wanted) else None


def product_phrase(
    given: Array, wanted: Array, others: Mapping[str, Array], counts: Mapping[str, int]
) -> str:
    """What is wrong with a product of matrices; `others` are wrong ones that it may be, by what is
    to be said then."""
    turned = {"is transposed": wanted.T} if wanted.shape == wanted.shape[::-1] else {}
    for words, other in {**others, **turned}.items():
        if np.allclose(given, other, rtol=1e-9, atol=0.0):
            return words
    for axis in range(wanted.ndim):
        for by in (1, -1):
            if np.allclose(given, np.roll(wanted, by, axis=axis), rtol=1e-9, atol=0.0):
                return "is shifted by one place"
    units = np.broadcast_to(np.arange(wanted.shape[-1]), wanted.shape).ravel()
    parts = {f"for unit {k}": units == k for k in range(min(wanted.shape[-1], 32))}
    wrong = ~np.isclose(given, wanted, rtol=1e-9, atol=1e-12)
    return phrase(given.ravel(), wanted.ravel(), wrong.ravel(), parts, counts)[0]
