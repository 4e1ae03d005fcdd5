"""The optimizer at work: its memory, and the step over the flat vector in blocks.

A step passes over parameters, gradients and slots several times. In blocks that fit the cache, only
the first of these passes reads main memory.
"""

import numpy as np

from .arrays import Array
from .optimizer import Block, Optimizer
from .passes import BLOCK, Passes

KEEP = 64
"""Steps between two copies of the parameters, to go back to. One before every step would cost a
wide network a tenth of its training; one is made before each step that could do harm."""

LARGEST = 1e24
"""Training has diverged where the squares of all parameters add up to more."""


class Stepper:
    """One training's optimizer: `slots` (memories, ..., parameters) and the `count` of steps."""

    def __init__(self, optimizer: Optimizer, passes: Passes) -> None:
        self.optimizer, self.count = optimizer, 0
        self.parameters, self.gradients = passes.parameters.ravel(), passes.gradients.ravel()
        shape, dtype = passes.parameters.shape, self.parameters.dtype
        self.slots = np.zeros((optimizer.slots, *shape), dtype)
        scratch = np.empty((*shape[:-1], min(BLOCK, shape[-1])), dtype)
        starts = range(0, shape[-1], BLOCK)
        self.blocks = [self._block(passes, start, scratch) for start in starts]
        self.kept = self.parameters.copy()

    def _block(self, passes: Passes, start: int, scratch: Array) -> Block:
        parameters = passes.parameters[..., start : start + BLOCK]
        return Block(
            parameters,
            passes.gradients[..., start : start + BLOCK],
            tuple(slot[..., start : start + BLOCK] for slot in self.slots),
            scratch[..., : parameters.shape[-1]],
            parameters[..., : max(0, passes.weight_count - start)],
        )

    def step(self, learning_rate: float) -> bool:
        """One step. False where the parameters were found unsound, before it or after it; looked
        at where a step could do harm, and now and then: else the next loss will tell."""
        risky = not self.gradients.dot(self.gradients) * learning_rate**2 <= LARGEST
        if risky or self.count % KEEP == 0:
            if not self.sound():
                return False
            np.copyto(self.kept, self.parameters)
        self.count += 1
        for block in self.blocks:
            self.optimizer.update(block, learning_rate, self.count)
        return not risky or self.sound()

    def sound(self) -> bool:
        """Whether the parameters are finite, and of a size that means something."""
        return bool(self.parameters.dot(self.parameters) <= LARGEST)

    def undo(self) -> None:
        """Back to the last copy of the parameters: those before a step that could do harm."""
        np.copyto(self.parameters, self.kept)
