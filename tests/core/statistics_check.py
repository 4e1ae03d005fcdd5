"""Statistics for the tests of random numbers, with NumPy alone.

`kolmogorov_smirnov` and `chi_square` give the probability of a deviation as large as the one seen:
with fixed seeds, less than 1e-3 means that the numbers are not what they should be.
"""

import math
from collections.abc import Callable

import numpy as np

from glassnet.core.arrays import Array

UNLIKELY = 1e-3


def kolmogorov_smirnov(values: Array, distribution: Callable[[Array], Array]) -> float:
    """The p-value of the largest distance between the values' distribution and the given one
    (Kolmogorov's limit, good for a thousand values and more)."""
    wanted = distribution(np.sort(values.ravel()))
    count = values.size
    steps = np.arange(count + 1) / count
    distance = max((steps[1:] - wanted).max(), (wanted - steps[:-1]).max())
    scaled = distance * math.sqrt(count)
    terms = [(-1) ** (k - 1) * math.exp(-2.0 * (k * scaled) ** 2) for k in range(1, 101)]
    return min(1.0, max(0.0, 2.0 * sum(terms))) if scaled > 0.2 else 1.0


def chi_square(counts: Array) -> float:
    """The p-value that all `counts` have one expectation (Wilson and Hilferty's cube root)."""
    expected, freedom = counts.sum() / counts.size, counts.size - 1
    statistic = float(((counts - expected) ** 2 / expected).sum())
    spread = 2.0 / (9.0 * freedom)
    normal = ((statistic / freedom) ** (1.0 / 3.0) - (1.0 - spread)) / math.sqrt(spread)
    return 0.5 * math.erfc(normal / math.sqrt(2.0))


def uniform_below(low: float, high: float) -> Callable[[Array], Array]:
    """The share of a uniform distribution on [low, high] that lies below a value."""

    def share(values: Array) -> Array:
        return np.clip((values - low) / (high - low), 0.0, 1.0)

    return share


def normal_below(spread: float) -> Callable[[Array], Array]:
    """The share of a normal distribution of mean 0 that lies below a value."""

    def share(values: Array) -> Array:
        return np.array([0.5 * math.erfc(-v / spread / math.sqrt(2.0)) for v in values])

    return share
