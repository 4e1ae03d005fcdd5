"""Settings to try: distributions, lists, and the combinations that a search makes of them.

To add a distribution: a class with `at(shares)`, which turns numbers in [0, 1) into values, and a
function that checks its arguments; name it in __init__.py.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array
from ..core.random import Stream

MOST_LISTED = 1 << 20
"""Combinations of lists that are numbered one by one, so that none is drawn twice."""


@dataclass(frozen=True)
class Distribution:
    """Values of a setting between two; `at` turns numbers in [0, 1) into them, uniform ones into
    random ones."""

    low: float
    high: float

    def at(self, shares: Array) -> Array:
        raise NotImplementedError("a Distribution must have a method at(shares)")


class Uniform(Distribution):
    """See uniform."""

    def at(self, shares: Array) -> Array:
        return np.clip(self.low + (self.high - self.low) * shares, self.low, self.high)


class LogUniform(Distribution):
    """See log_uniform."""

    def at(self, shares: Array) -> Array:
        low, high = math.log(self.low), math.log(self.high)
        return np.clip(np.exp(low + (high - low) * shares), self.low, self.high)


def uniform(low: float, high: float) -> Uniform:
    """Any number from low to high alike: for dropout, momentum."""
    low, high = checks.number("low", low), checks.number("high", high)
    if not (low < high and math.isfinite(high - low)):
        raise ValueError(f"low must be below high; got low={low:g}, high={high:g}.")
    return Uniform(low, high)


def log_uniform(low: float, high: float) -> LogUniform:
    """Any order of magnitude from low to high alike, both above 0: for learning rates, decays."""
    low, high = checks.positive("low", low), checks.positive("high", high)
    if not low < high:
        raise ValueError(f"low must be below high; got low={low:g}, high={high:g}.")
    return LogUniform(low, high)


def combinations(
    settings: Any, number: int | None, grid: bool, seed: int | None
) -> dict[str, list[Any]]:
    """{name: values}, one value for each combination to try."""
    read = _read(settings)
    lists = {name: each for name, each in read.items() if isinstance(each, list)}
    if grid:
        _refuse_for_grid(number, {name: read[name] for name in read if name not in lists})
        return _listed(lists, None, seed)
    count = 64 if number is None else checks.whole("number", number)
    if len(lists) == len(read) and math.prod(map(len, lists.values())) <= MOST_LISTED:
        return _listed(lists, count, seed)
    return {
        name: _drawn(each, count, Stream(seed, f"search {name}")) for name, each in read.items()
    }


def _read(settings: Any) -> dict[str, list[Any] | Distribution]:
    """The settings, lists as lists of Python's numbers."""
    if not isinstance(settings, Mapping) or not settings:
        raise (ValueError if settings == {} else TypeError)(
            "settings must be a dictionary of a list or a distribution for each setting, like "
            f"{{'learning_rate': log_uniform(1e-4, 0.1)}}; got {checks.show(settings)}."
        )
    return {str(name): _values(str(name), each) for name, each in settings.items()}


def _values(name: str, given: Any) -> list[Any] | Distribution:
    if isinstance(given, Distribution):
        return given
    several = isinstance(given, Iterable) and getattr(given, "ndim", 1) == 1
    if isinstance(given, str | Mapping) or not several:
        raise TypeError(
            f"settings[{name!r}] must be a list of values, uniform(low, high) or "
            f"log_uniform(low, high); got {checks.show(given)}."
        )
    values = [each.item() if isinstance(each, np.generic) else each for each in given]
    if not values:
        raise ValueError(f"settings[{name!r}] is empty; pass at least one value.")
    return values


def _refuse_for_grid(number: Any, others: dict[str, Any]) -> None:
    if number is not None:
        raise ValueError(
            "pass number (of random combinations) or grid=True (all combinations), not both."
        )
    for name, given in others.items():
        raise ValueError(
            f"grid=True needs lists; settings[{name!r}] is {checks.show(given)}. Pass a list like "
            "np.geomspace(low, high, 8), or leave grid out."
        )


def _listed(
    lists: dict[str, list[Any]], count: int | None, seed: int | None
) -> dict[str, list[Any]]:
    """All combinations of the lists, or as many of them as wanted, none twice."""
    sizes = [len(values) for values in lists.values()]
    places = np.arange(math.prod(sizes))
    if count is not None and count < len(places):
        places = np.sort(Stream(seed, "search").permutation(len(places))[:count])
    indices = np.unravel_index(places, sizes)
    return {
        name: [values[i] for i in each.tolist()]
        for (name, values), each in zip(lists.items(), indices, strict=True)
    }


def _drawn(given: Sequence[Any] | Distribution, count: int, stream: Stream) -> list[Any]:
    """One value from each of `count` parts of equal probability, in random order: a Latin
    hypercube (McKay, Beckman and Conover 1979), which leaves no gap as independent draws do."""
    shares = (stream.permutation(count) + stream.uniform((count,))) / count
    if isinstance(given, Distribution):
        return [float(value) for value in given.at(shares)]
    return [given[min(int(share * len(given)), len(given) - 1)] for share in shares]
