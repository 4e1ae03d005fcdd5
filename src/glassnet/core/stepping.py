"""The optimizer at work: its memory, and the step over the flat vectors in blocks.

A step passes over parameters, gradients and slots several times. In blocks that fit the cache, only
the first of these passes reads main memory. Many networks have one of their own: glassnet/fleets.
"""

from typing import Any

import numpy as np

from .arrays import Array
from .optimizer import Block, Combine, Optimizer
from .passes import Passes, width_of_blocks

LARGEST = 1e24
"""Training has diverged where the squares of all parameters add up to more."""

SUSPECT = 1e12
"""Where they add up to more than this, each step is watched as one that could do harm."""

KEEP = 64
"""Steps between two copies of the parameters, to go back to; one more is made before each step
that could do harm. One before every step would cost a wide network a tenth of its training."""

LOOK = 8
"""Steps between two looks at the parameters, where nobody but an optimizer of glassnet's changes
them and steps are calm: none longer, by learning rate and gradient, than the parameters were at the
last look. Eight such of SGD cannot bring what is not suspect beyond LARGEST; where another does (a
huge rate, tiny gradients), it is told up to eight steps late. Looking each time would cost a wide
network 2 % of its training."""

PARAMETERS = "the parameters became too large"


class Stepper:
    """One training's optimizer: `slots` (memories, ..., parameters) and the `count` of steps.
    `combine` is what Block.combine may use, `look` is LOOK or 1."""

    def __init__(
        self, optimizer: Optimizer, passes: Passes, combine: Combine | None = None, look: int = 1
    ) -> None:
        self.optimizer, self.combine, self.look, self.count = optimizer, combine, look, 0
        self.parameters, self.gradients = passes.parameters, passes.gradients
        self.slots = np.zeros((optimizer.slots, *self.parameters.shape), self.parameters.dtype)
        self.kept, self.size = self.parameters.copy(), 0.0
        self.cut(passes)

    def cut(self, passes: Passes) -> None:
        """The blocks in which the flat vectors are gone over."""
        count, width = passes.parameters.shape[-1], width_of_blocks(passes.parameters)
        if self.optimizer.combines and self.combine is not None:
            width = count
        scratch = np.empty((*passes.lead, width), self.parameters.dtype)
        starts = range(0, count, width)
        self.blocks = [self._block(passes, slice(i, i + width), scratch) for i in starts]

    def _block(self, passes: Passes, part: slice, scratch: Array) -> Block:
        parameters = passes.parameters[..., part]
        return Block(
            parameters,
            passes.gradients[..., part],
            tuple(slot[..., part] for slot in self.slots),
            scratch[..., : parameters.shape[-1]],
            parameters[..., : max(0, passes.weight_count - part.start)],
            self.combine,
        )

    def step(self, learning_rate: float) -> str:
        """One step, and an empty text; or what went wrong: then `undo` goes back."""
        squares = float(self.gradients.dot(self.gradients))
        harmless = squares * learning_rate * learning_rate <= LARGEST and self.size <= SUSPECT
        if not harmless or self.count % KEEP == 0:
            if not self.sound():
                return PARAMETERS
            np.copyto(self.kept, self.parameters)
        if squares == np.inf and squares_overflow(self.gradients):
            return too_large(self.gradients)
        calm = harmless and squares * learning_rate * learning_rate <= self.size
        self.count += 1
        self.update(learning_rate, self.count)
        if calm and self.count % self.look:
            return ""
        return "" if self.sound() else PARAMETERS

    def update(self, learning_rate: Any, step: Any) -> None:
        for block in self.blocks:
            self.optimizer.update(block, learning_rate, step)

    def sound(self) -> bool:
        """Whether the parameters are finite, and of a size that means something."""
        self.size = float(self.parameters.dot(self.parameters))
        return self.size <= LARGEST

    def undo(self) -> None:
        """Back to the last copy of the parameters: those before a step along huge gradients or of
        huge parameters. Where another step did harm (an own optimizer), up to `KEEP` steps back."""
        np.copyto(self.parameters, self.kept)


def squares_overflow(gradients: Array) -> bool:
    """Whether one gradient alone is so large: divided by the root of its square a step is 0."""
    largest = np.abs(gradients).max()
    return not np.isfinite(largest * largest)


def too_large(gradients: Array) -> str:
    return f"the gradients became too large for {gradients.dtype}"
