"""Optimizers that look at the sign of a gradient only.

To add one: a class with `update`, a few lines in place, and its line in the list at the end.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .base import Block, Optimizer, fold_mean


@dataclass(frozen=True)
class Lion(Optimizer):
    """Steps of one size, along the sign of a running mean (Chen et al. 2023, algorithm 2)."""

    learning_rate: float = 0.0001
    first_decay: float = 0.9
    second_decay: float = 0.99
    slots: ClassVar[int] = 1
    decoupled: ClassVar[bool] = True

    def update(self, block: Block, learning_rate: float, step: int) -> None:
        self.shrink(block, learning_rate)
        (mean,) = block.slots
        # Only the sign counts, so both terms may be divided by 1 - first_decay.
        np.multiply(mean, self.first_decay / (1.0 - self.first_decay), out=block.scratch)
        block.scratch += block.gradients
        np.sign(block.scratch, out=block.scratch)
        block.scratch *= learning_rate
        block.parameters -= block.scratch
        fold_mean(mean, block, self.second_decay)


@dataclass(frozen=True)
class Rprop(Optimizer):
    """A step size for each parameter that grows while its gradient keeps its sign: for the whole
    data in one batch. The variant that forgets a gradient after a change of sign (Igel and
    Huesken 2003, iRprop-)."""

    learning_rate: float = 0.01  # the first step size
    growth: float = 1.2
    shrinkage: float = 0.5
    largest: float = 50.0
    smallest: float = 1e-6
    slots: ClassVar[int] = 2
    full_batch: ClassVar[bool] = True

    def update(self, block: Block, learning_rate: float, step: int) -> None:
        sizes, previous = block.slots
        if step == 1:
            sizes[...] = learning_rate
        agreement = np.sign(block.gradients) * np.sign(previous)
        sizes *= np.where(agreement > 0, self.growth, np.where(agreement < 0, self.shrinkage, 1.0))
        np.clip(sizes, self.smallest, self.largest, out=sizes)
        previous[...] = np.where(agreement < 0, 0.0, block.gradients)
        np.sign(previous, out=block.scratch)
        block.scratch *= sizes
        block.parameters -= block.scratch


SIGNS: dict[str, type[Optimizer]] = {"lion": Lion, "rprop": Rprop}
