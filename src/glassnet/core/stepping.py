"""The optimizer at work: its memory, and the step over the flat vector in blocks.

A step passes over parameters, gradients and slots several times. In blocks that fit the cache, only
the first of these passes reads main memory.
"""

from typing import Any

import numpy as np

from .arrays import Array
from .optimizer import Block, Optimizer
from .passes import BLOCK, Passes


class Stepper:
    """One training's optimizer: `slots` (memories, ..., parameters) and the `count` of steps."""

    def __init__(self, optimizer: Optimizer, passes: Passes) -> None:
        self.optimizer, self.count = optimizer, 0
        parameters = passes.parameters
        self.slots = np.zeros((optimizer.slots, *parameters.shape), parameters.dtype)
        scratch = np.empty(
            (*parameters.shape[:-1], min(BLOCK, parameters.shape[-1])), self.slots.dtype
        )
        starts = range(0, parameters.shape[-1], BLOCK)
        self.blocks = [self._block(passes, start, scratch) for start in starts]
        self.parameters, self.before = parameters, parameters.copy()
        self.befores = [self.before[..., start : start + BLOCK] for start in starts]

    def _block(self, passes: Passes, start: int, scratch: Array) -> Block:
        parameters = passes.parameters[..., start : start + BLOCK]
        return Block(
            parameters,
            passes.gradients[..., start : start + BLOCK],
            tuple(slot[..., start : start + BLOCK] for slot in self.slots),
            scratch[..., : parameters.shape[-1]],
            parameters[..., : max(0, passes.weight_count - start)],
        )

    def step(self, learning_rate: float) -> Any:
        """One step. Gives the sum of squared parameters, which is not finite if one of them is not:
        a product on numbers that are in the cache anyway."""
        self.count += 1
        size: Any = 0.0
        for block, before in zip(self.blocks, self.befores, strict=True):
            np.copyto(before, block.parameters)
            self.optimizer.update(block, learning_rate, self.count)
            size = size + np.vecdot(block.parameters, block.parameters)
        return size

    def undo(self) -> None:
        """Back to the parameters before the last step."""
        np.copyto(self.parameters, self.before)
