"""How far to go along a line: a step that fulfils the strong Wolfe conditions.

Brackets first, then narrows down (Nocedal and Wright 2006, algorithms 3.5 and 3.6 in one loop).
What evaluates the function, and the vectors that belong to a step, is the caller's.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

DECREASE = 1e-4
"""The value falls by at least this share of what the slope at the start promises ..."""

CURVATURE = 0.9
"""... and what is left of the slope is at most this share of it (the same, 3.7)."""

PATIENCE = 4
"""Evaluations in a row, while narrowing down, that do not halve the slope on their side of the
change of sign: then there is a kink, and a step just behind it will do (the weak Wolfe conditions;
Lewis and Overton 2013)."""

LIMIT = 30
"""Evaluations at most. More of them only circle in rounding."""

Kept = TypeVar("Kept")


@dataclass
class Trial(Generic[Kept]):
    """A step, the function's value and slope there, and what the caller wants to keep with it."""

    step: float
    value: float
    slope: float
    kept: Kept

    @property
    def finite(self) -> bool:
        return math.isfinite(self.value) and math.isfinite(self.slope)


def strong_wolfe(
    evaluate: Callable[[float], Trial[Kept]],
    start: Trial[Kept],
    first: float,
    noise: float = 0.0,
    limit: int = LIMIT,
) -> Trial[Kept]:
    """The first step tried that fulfils both conditions; else the best found, or `start` itself.

    Every step but `start` has a value that is lower by what DECREASE says, give or take `noise`.

    Args:
        evaluate: the trial of a step; value and slope may be infinite or nan.
        start: the trial of step 0, whose slope is below 0. first: the step to try first.
        noise: differences between values up to this say nothing. Where values differ by no more,
            slopes alone decide: near a minimum a function is flat to the last bit long before its
            slope is (Hager and Zhang 2005).
        limit: evaluations at most.
    """
    low, high, step = start, None, first
    width, weak, stuck = math.inf, start, 0
    slopes = {True: math.inf, False: math.inf}  # the last behind and before the change of sign
    for _ in range(limit):
        trial = evaluate(step)
        promised = start.value + DECREASE * step * start.slope
        if not trial.finite or trial.value > min(promised, low.value) + noise:
            before, high = low, trial
        elif abs(trial.slope) <= -CURVATURE * start.slope:
            return trial
        else:
            weak = trial if trial.slope > 0.0 else weak
            ahead = math.copysign(1.0, high.step - low.step) if high is not None else 1.0
            before = low
            high, low = (low if trial.slope * ahead >= 0.0 else high), trial
        if high is None:
            step = further(before, low, noise)
            continue
        behind, size = trial.slope > 0.0, abs(trial.slope)
        stuck = 0 if size < 0.5 * slopes[behind] else stuck + 1
        slopes[behind] = size
        narrow = abs(high.step - low.step)
        slow, width = narrow > 0.6 * width, narrow
        step = between(low, high, noise, halve=slow)
        if step in (low.step, high.step) or (stuck >= PATIENCE and weak is not start):
            break
    return low if weak is start else weak


def further(before: Trial[Kept], last: Trial[Kept], noise: float) -> float:
    """The next step where the function still falls: 1.1 to 4 times the last stride on."""
    stride = last.step - before.step
    wanted = lowest_point(before, last, noise)
    nearest, furthest = last.step + 1.1 * stride, last.step + 4.0 * stride
    return furthest if math.isnan(wanted) else min(max(wanted, nearest), furthest)


def between(low: Trial[Kept], high: Trial[Kept], noise: float, halve: bool) -> float:
    """The next step between two, kept off both ends; the middle where that is wanted.

    Beyond where the function is not finite, nothing can be read off: a tenth of the way is left.
    """
    across = high.step - low.step
    if not high.finite:
        return low.step + 0.1 * across
    wanted = math.nan if halve else lowest_point(low, high, noise)
    if math.isnan(wanted):
        return low.step + 0.5 * across
    share = (wanted - low.step) / across
    return low.step + min(max(share, 0.1), 0.9) * across


def lowest_point(one: Trial[Kept], other: Trial[Kept], noise: float) -> float:
    """Where the cubic through two values and slopes is lowest (Nocedal and Wright 2006, 3.59), or
    nan. Values that differ by noise are taken from the slopes, which makes it a parabola."""
    across = other.step - one.step
    rise = (other.value - one.value) / across
    if abs(other.value - one.value) <= noise:
        rise = 0.5 * (one.slope + other.slope)
    d1 = one.slope + other.slope - 3.0 * rise
    square = d1 * d1 - one.slope * other.slope
    if not square >= 0.0:
        return math.nan
    d2 = math.copysign(math.sqrt(square), across)
    down = other.slope - one.slope + 2.0 * d2
    return other.step - across * (other.slope + d2 - d1) / down if down else math.nan
