"""Functions to walk down, with their slopes: for the tests of line searches and of L-BFGS."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.second_order.line_search import Trial

Array = NDArray[Any]
Function = Callable[[Array], tuple[float, Array]]


def quadratic(rows: int, seed: int, condition: float) -> tuple[Function, Array]:
    """A quadratic with eigenvalues from 1 to `condition`, and where it is lowest."""
    generator = np.random.default_rng(seed)
    turn = np.linalg.qr(generator.normal(size=(rows, rows)))[0]
    matrix = turn @ np.diag(np.geomspace(1.0, condition, rows)) @ turn.T
    lowest = generator.normal(size=rows)

    def function(place: Array) -> tuple[float, Array]:
        slope = matrix @ (place - lowest)
        return float(0.5 * (place - lowest) @ slope), slope

    return function, lowest


def valley(place: Array) -> tuple[float, Array]:
    """Rosenbrock's function in any number of dimensions; lowest at 1."""
    ahead, here = place[1:], place[:-1]
    value = np.sum(100.0 * (ahead - here**2) ** 2 + (1.0 - here) ** 2)
    slope = np.zeros_like(place)
    slope[:-1] = -400.0 * here * (ahead - here**2) - 2.0 * (1.0 - here)
    slope[1:] += 200.0 * (ahead - here**2)
    return float(value), slope


class Line:
    """A function along a direction, as a line search sees it; `steps` are those tried."""

    def __init__(self, function: Function, place: Array, direction: Array) -> None:
        self.function, self.place, self.direction = function, place, direction
        self.steps: list[float] = []
        self.start = self(0.0)
        self.steps.clear()

    def __call__(self, step: float) -> Trial[Array]:
        self.steps.append(step)
        with np.errstate(all="ignore"):
            value, slope = self.function(self.place + step * self.direction)
            return Trial(step, value, float(slope @ self.direction), slope)
