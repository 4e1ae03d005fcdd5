"""The optimizer at work: its memory, and the step over the flat vector in blocks.

A step passes over parameters, gradients and slots several times. In blocks that fit the cache, only
the first of these passes reads main memory.
"""

import numpy as np

from .arrays import Array
from .optimizer import Block, Optimizer
from .passes import BLOCK, Passes

LARGEST = 1e24
"""Training has diverged where the squares of all parameters add up to more."""

SUSPECT = 1e12
"""Where they add up to more than this, each step is watched as one that could do harm."""

KEEP = 64
"""Steps between two copies of the parameters, to go back to; one more is made before each step
that could do harm. One before every step would cost a wide network a tenth of its training."""


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
        self.kept, self.size = self.parameters.copy(), 0.0

    def _block(self, passes: Passes, start: int, scratch: Array) -> Block:
        parameters = passes.parameters[..., start : start + BLOCK]
        return Block(
            parameters,
            passes.gradients[..., start : start + BLOCK],
            tuple(slot[..., start : start + BLOCK] for slot in self.slots),
            scratch[..., : parameters.shape[-1]],
            parameters[..., : max(0, passes.weight_count - start)],
        )

    def step(self, learning_rate: float) -> str:
        """One step, and an empty text; or what went wrong: then `undo` goes back."""
        squares = float(self.gradients.dot(self.gradients))
        harmless = squares * learning_rate * learning_rate <= LARGEST and self.size <= SUSPECT
        if not harmless or self.count % KEEP == 0:
            if not self.sound():
                return "the parameters became too large"
            np.copyto(self.kept, self.parameters)
        if squares == np.inf and self._squares_overflow():
            return f"the gradients became too large for {self.gradients.dtype}"
        self.count += 1
        for block in self.blocks:
            self.optimizer.update(block, learning_rate, self.count)
        return "" if self.sound() else "the parameters became too large"

    def _squares_overflow(self) -> bool:
        """Whether one gradient alone is so large: divided by the root of its square a step is 0."""
        largest = np.abs(self.gradients).max()
        return not np.isfinite(largest * largest)

    def sound(self) -> bool:
        """Whether the parameters are finite, and of a size that means something."""
        self.size = float(self.parameters.dot(self.parameters))
        return self.size <= LARGEST

    def undo(self) -> None:
        """Back to the last copy of the parameters: those before a step along huge gradients or of
        huge parameters. Where another step did harm (an own optimizer), up to `KEEP` steps back."""
        np.copyto(self.parameters, self.kept)
