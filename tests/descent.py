"""A bowl, and the way of an optimizer down a slope, for the tests of optimizers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.optimizer import Block, Optimizer

Slope = Callable[[Array], Array]
STEEPNESS = np.array([1.0, 3.0, 10.0])
START = np.array([2.0, -1.5, 1.0])


def block_of(optimizer: Optimizer, parameters: Array, weights: int | None = None) -> Block:
    flat = parameters.copy()
    slots = tuple(np.zeros_like(flat) for _ in range(optimizer.slots))
    return Block(flat, np.zeros_like(flat), slots, np.empty_like(flat), flat[:weights])


def descend(
    optimizer: Optimizer, slope: Slope, start: Array, steps: int, rates: Any = None
) -> Array:
    """(steps, parameters): where each step leads, by `rates` or the optimizer's own rate."""
    block, path = block_of(optimizer, start), []
    for step in range(1, steps + 1):
        block.gradients[...] = slope(block.parameters)
        rate = optimizer.learning_rate if rates is None else rates[step - 1]
        optimizer.update(block, rate, step)
        path.append(block.parameters.copy())
    return np.array(path)


def parabola(place: Array) -> Array:
    """The slope of a bowl with its bottom at 0."""
    return STEEPNESS * place
