"""Numeric slopes of any function of one number, with how far they can be wrong, and with kinks.

Central differences over many steps, extrapolated, sharpened by a complex step where the function
takes one. To look closer or farther: LEVELS and `_steps`.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...core.arrays import Array

LEVELS = 16
EPS = float(np.finfo(np.float64).eps)
STEP = 1e-30
KINK = 1e-6
"""Slopes to the left and to the right that differ by more than this share are those of a kink."""

FAR = 1e6
"""Beyond this size a point is rounded so much that a difference alone tells nothing."""


@dataclass
class Slopes:
    """At each of some points: `value`, the numeric slope, and `error`, how far it can be wrong;
    `low` and `high`, what may pass for a slope: at a kink all between both sides. `known` is False
    where the function gives no finite numbers. `scale` is a usual size of a slope, `size` one of a
    value."""

    value: Array
    error: Array
    low: Array
    high: Array
    known: Array
    scale: float
    size: float

    def taken(self, given: Array, right: Array) -> tuple[Array, Array]:
        """Slopes to go on with, and how far they can be wrong: the numeric ones, but the given ones
        at kinks, where these are right, and where nobody can tell."""
        free = right & ((self.low != self.high) | ~self.known)
        apart = np.where(right, np.abs(given - self.value) / 8.0, 0.0)
        errors = np.where(free, 0.0, np.maximum(self.error, apart))
        return np.where(free, given, self.value), errors

    def right(self, given: Array, tolerance: float) -> Array:
        """Where `given` can be the slope, or nobody can tell."""
        room = tolerance * np.maximum(np.abs(given), np.abs(self.value))
        room += 8.0 * self.error + 1e-12 * self.scale
        within = (given >= self.low - room) & (given <= self.high + room)
        return np.asarray((np.isfinite(given) & within) | ~self.known)


@np.errstate(all="ignore")
def differentiate(
    function: Callable[[Array], Array], points: Array, beside: Slopes | None = None
) -> Slopes:
    """Slopes of `function` at `points` (n,), `beside` those at others: what is tiny beside them is
    no more than rounding.

    `function` takes (m, n), each row in place of the points, and gives (m, n), each number from the
    one in its place. Of central differences over steps that shrink by a factor, extrapolated to 0
    (Richardson 1911), the one is taken that its neighbours and rounding leave most certain (Ridders
    1982). A complex step (Squire and Trapp 1998) that agrees replaces it: there is no more rounding
    in it. Slopes of both sides that stay apart however short the step say that there is a kink.
    """
    steps, ratio = _steps(points)
    above, below = points + steps, points - steps
    found = function(np.concatenate([points[None], above, below]))
    middle, up, down = found[0], found[1 : LEVELS + 1], found[LEVELS + 1 :]
    central = (up - down) / (above - below)
    size = max(usual(found[0], points), 0.0 if beside is None else beside.size)
    noise = _noise(found, size, points * central) / steps
    value, error = _extrapolated(central, noise, ratio)
    sides = [central, (up - middle) / (above - points), (middle - down) / (points - below)]
    centre, right, left, doubt, kink = _sides(sides, noise, ratio)
    exact = _complex_step(function, points)
    agree = (np.abs(exact - value) <= 8.0 * error + 1e-10 * np.abs(exact)) & ~kink
    sharp = agree & (error <= 1e-9 * np.abs(value))
    # A step across a kink is well hidden where values are coarse: both sides then tell it.
    error = np.maximum(np.where(kink, 0.0, np.maximum(error, np.abs(value - centre))), doubt)
    value = np.where(agree, exact, value)
    error = np.where(sharp, 8.0 * EPS * np.abs(value), error)
    known = np.isfinite(middle) & np.isfinite(value) & np.isfinite(error)
    known &= agree | (np.abs(points) <= FAR)
    value = np.where(known, value, 0.0)
    scale = usual(value, points, known & (value != 0.0))
    return Slopes(
        value,
        np.where(known, error, 0.0),
        np.where(kink, np.minimum(np.minimum(left, right), value), value),
        np.where(kink, np.maximum(np.maximum(left, right), value), value),
        known,
        max(scale, 0.0 if beside is None else beside.scale),
        size,
    )


def usual(values: Array, points: Array, there: Any = True) -> float:
    """What four fifths of the finite values do not exceed; of those at points of a usual size,
    where there are some."""
    there = np.isfinite(values) & there
    near = there & (np.abs(points) <= 10.0)
    sizes = np.abs(values[near if near.sum() >= 8 else there])
    return float(np.quantile(sizes, 0.8)) if sizes.size else 0.0


def _steps(points: Array) -> tuple[Array, Array]:
    """(LEVELS, n) steps, from a quarter of the size of a point down to where rounding takes over;
    and the factor by which they shrink, (n,)."""
    size = np.abs(points)
    first, last = 0.25 * np.maximum(1.0, size), np.maximum(2e-8, 100.0 * EPS * size)
    ratio = (first / last) ** (1.0 / (LEVELS - 1))
    return first * ratio ** -np.arange(LEVELS, dtype=float)[:, None], ratio


def _noise(found: Array, usual_size: float, moved: Array) -> Array:
    """How far values can be wrong by rounding: of their own, of sums on the way to them (a usual
    value stands for these), and of the points (slopes times these)."""
    middle, up, down = found[0], found[1 : LEVELS + 1], found[LEVELS + 1 :]
    with_float32 = np.array_equal(found, found.astype(np.float32), equal_nan=True)
    eps = float(np.finfo(np.float32).eps) if with_float32 and found.any() else EPS
    size = np.maximum(np.maximum(np.abs(up), np.abs(down)), np.abs(middle))
    return np.asarray(4.0 * eps * (size + usual_size + np.abs(moved)))


def _extrapolated(central: Array, noise: Array, ratio: Array) -> tuple[Array, Array]:
    """The most certain of all extrapolations, and its error."""
    value, error = np.zeros(central.shape[1]), np.full(central.shape[1], np.inf)
    table = central
    for order in range(1, 5):
        factor = ratio ** (2 * order)
        better = table[1:] + (table[1:] - table[:-1]) / (factor - 1.0)
        doubt = np.maximum(np.abs(better - table[1:]), np.abs(better - table[:-1])) + noise[order:]
        doubt = np.where(np.isfinite(doubt), doubt, np.inf)
        best = doubt.argmin(axis=0)[None]
        least, there = (np.take_along_axis(each, best, 0)[0] for each in (doubt, better))
        value, error = np.where(least < error, there, value), np.minimum(least, error)
        table = better
    return value, error


def _sides(sides: list[Array], noise: Array, ratio: Array) -> tuple[Array, ...]:
    """The central slope and those to the right and left, where the latter are surely most alike;
    how far they can be wrong; and whether they differ for all that."""
    shrink = ratio**2, ratio, ratio
    pairs = zip(sides, shrink, strict=True)
    each = [(side[1:] + (side[1:] - side[:-1]) / (by - 1.0))[2:] for side, by in pairs]
    gap, doubt = np.abs(each[1] - each[2]), 8.0 * noise[3:]
    apart = np.where(np.isfinite(gap), gap + doubt, np.inf)
    best = apart.argmin(axis=0)[None]
    all_five = (np.take_along_axis(one, best, 0)[0] for one in (*each, gap, doubt))
    centre, right, left, gap, doubt = all_five
    # Where both shrink with the step, or grow, in turn, their best sum has a gap of less than that.
    kink = (gap > 3.0 * ratio * doubt) & (gap > KINK * (np.abs(left) + np.abs(right)))
    return centre, right, left, np.where(kink, doubt + 1e-3 * gap, gap + doubt), kink


def _complex_step(function: Callable[[Array], Array], points: Array) -> Array:
    """(n,) slopes; nan where the function takes no complex numbers, or drops their second part."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that are dropped
            found: Any = function((points + STEP * 1j)[None])[0]
    except Exception:  # of a user's function any may come
        return np.full(len(points), np.nan)
    return np.asarray(found.imag / STEP)
