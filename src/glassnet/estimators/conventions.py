"""Where scikit-learn's MLP computes something else than the engine: sums, an epsilon.

To follow it in something more: a loss or an optimizer in here, which base.py or parameters.py uses.
"""

from dataclasses import dataclass
from typing import Any

from .. import optimizers
from ..core.arrays import Array
from ..core.loss import Loss
from ..core.optimizer import Block, power, root


@dataclass(frozen=True)
class Summed(Loss):
    """`factor` x the sum over columns of another loss, of which the engine takes the mean; that
    share `smoothing` of the certainty of targets of 0 and 1 is spread over both."""

    of: Loss
    factor: float = 1.0
    smoothing: float = 0.0

    def compute(
        self, scores: Array, targets: Array, gradient: Array, known: Array | None = None
    ) -> Array:
        if self.smoothing:
            targets = targets * (1.0 - self.smoothing) + 0.5 * self.smoothing
        losses = self.of.compute(scores, targets, gradient, known)
        if (factor := self.factor * targets.shape[-1]) != 1.0:
            gradient *= factor
            losses *= factor
        return losses

    def link(self, scores: Array) -> Array:
        return self.of.link(scores)


@dataclass(frozen=True)
class Adam(optimizers.Adam):
    """Adam whose epsilon is added to the root of the running mean itself, before its correction
    (Kingma and Ba 2015, end of section 2: their epsilon-hat)."""

    def update(self, block: Block, learning_rate: Any, step: Any) -> None:
        mean, squares = block.slots
        optimizers.fold_mean(mean, block, self.first_decay)
        optimizers.fold_squares(squares, block, self.second_decay)
        rate = learning_rate / (1.0 - power(self.first_decay, step))
        correction = 1.0 - power(self.second_decay, step)
        epsilon = self.epsilon / root(correction)
        optimizers.divided_step(block, mean, squares, rate, epsilon, correction)
