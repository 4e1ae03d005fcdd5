"""The normal and Student's t distribution, by the standard library alone: to ten digits and more.

Tails are worked out as tails, never as one minus what is nearly one. To add a distribution: a
function for its tail and one for its quantile.
"""

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Any

from ..core import checks

PLACES = 1e-15
"""Where a continued fraction no longer changes."""


def two_sided(t: float, dof: float) -> float:
    """P(|T| >= |t|) for Student's t with `dof` degrees of freedom; dof=inf is the normal one.

    The incomplete beta function I_x(dof/2, 1/2), x = dof / (dof + t^2): Abramowitz and Stegun
    1964, 26.5.27 and 26.7.1.
    """
    if math.isnan(t) or math.isinf(t):
        return math.nan if math.isnan(t) else 0.0
    if math.isinf(dof):
        return math.erfc(abs(t) / math.sqrt(2.0))
    share = t / dof * t
    if math.isinf(share):  # x has left the numbers: the leading term of the series in 1 / t
        return math.exp(_log_constant(dof) - dof * (math.log(abs(t)) - 0.5 * math.log(dof)))
    x, rest = 1.0 / (1.0 + share), share / (1.0 + share)
    # x^a (1-x)^b / B(a, b), where 1-x is small by the logarithm of 1 + t^2/dof.
    log_x = -math.log1p(share)
    height = math.exp(0.5 * dof * log_x + _log_constant(dof)) * math.sqrt(rest)
    a = 0.5 * dof
    if x < (a + 1.0) / (a + 2.5):
        return height * _fraction(a, 0.5, x)
    return 1.0 - dof * height * _fraction(0.5, a, rest)


def cdf(t: float, dof: float) -> float:
    """P(T <= t) for Student's t."""
    tail = 0.5 * two_sided(t, dof)
    return tail if t < 0 else 1.0 - tail


@lru_cache(maxsize=256)
def quantile(level: float, dof: float = math.inf) -> float:
    """The t with P(T <= t) = `level`, in (0, 1); of the normal distribution without `dof`."""
    if level > 0.5:
        return -quantile(1.0 - level, dof)
    if level == 0.5 or math.isinf(dof):
        return NormalDist().inv_cdf(level)
    high = 1.0
    while two_sided(high, dof) > 2.0 * level:
        high *= 2.0
    low = 0.0 if high == 1.0 else 0.5 * high
    while low < (middle := 0.5 * (low + high)) < high:
        low, high = (middle, high) if two_sided(middle, dof) > 2.0 * level else (low, middle)
    return -high


def check_level(level: Any) -> float:
    """How often an interval shall hold, in (0, 1)."""
    return checks.fraction("level", level, zero=False)


def reach(level: Any, dof: float = math.inf) -> float:
    """How many standard deviations an interval of this level goes to either side."""
    return quantile(0.5 + 0.5 * check_level(level), dof)


def _log_constant(dof: float) -> float:
    """log of 1 / (a B(a, 1/2)), a = dof/2: gamma(a + 1/2) / (a gamma(a) gamma(1/2))."""
    a = 0.5 * dof
    if a < 50.0:
        ratio = math.lgamma(a + 0.5) - math.lgamma(a)
    else:  # whose difference would lose digits: Abramowitz and Stegun, from 6.1.47
        ratio = 0.5 * math.log(a) - 1 / (8 * a) + 1 / (192 * a**3) - 1 / (640 * a**5)
        ratio += 17 / (14336 * a**7)
    return ratio - math.log(a) - 0.5 * math.log(math.pi)


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function (A. and S. 26.5.8), from its front
    by the way of Lentz 1976: I_x = x^a (1-x)^b / (a B(a, b)) times this."""
    tiny = 1e-300
    c, d = 1.0, 1.0 / _not_zero(1.0 - (a + b) * x / (a + 1.0), tiny)
    found = d
    for m in range(1, 100_000):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        for term in (even, odd):
            d = 1.0 / _not_zero(1.0 + term * d, tiny)
            c = _not_zero(1.0 + term / c, tiny)
            found *= c * d
        if abs(c * d - 1.0) < PLACES:
            break
    return found


def _not_zero(value: float, tiny: float) -> float:
    return value if abs(value) > tiny else tiny
