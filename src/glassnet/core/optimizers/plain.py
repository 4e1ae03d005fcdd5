"""SGD, and the optimizers that divide each step by the size of past gradients. Simple to hard.

To add one: a class with `update`, a few lines in place, and its line in the list at the end.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .base import Block, Optimizer, divided_step, fold_squares


@dataclass(frozen=True)
class SGD(Optimizer):
    """Down the gradient, with momentum (Polyak 1964) or Nesterov's (Sutskever et al. 2013, eq. 3).

    velocity = momentum x velocity - learning_rate x gradient; parameters += velocity. Nesterov
    steps by momentum x velocity - learning_rate x gradient, taken with the new velocity.
    """

    learning_rate: float = 0.1
    momentum: float = 0.9
    nesterov: bool = False
    slots: ClassVar[int] = 1

    def update(self, block: Block, learning_rate: float, step: int) -> None:
        (velocity,) = block.slots
        np.multiply(block.gradients, learning_rate, out=block.scratch)
        if not self.momentum:
            block.parameters -= block.scratch
            return
        velocity *= self.momentum
        velocity -= block.scratch
        if self.nesterov:
            block.parameters -= block.scratch
            np.multiply(velocity, self.momentum, out=block.scratch)
            block.parameters += block.scratch
        else:
            block.parameters += velocity


@dataclass(frozen=True)
class Adagrad(Optimizer):
    """Steps divided by the root of the sum of all squared gradients (Duchi et al. 2011, fig. 1)."""

    learning_rate: float = 0.05
    epsilon: float = 1e-8
    slots: ClassVar[int] = 1

    def update(self, block: Block, learning_rate: float, step: int) -> None:
        (squares,) = block.slots
        np.multiply(block.gradients, block.gradients, out=block.scratch)
        squares += block.scratch
        divided_step(block, block.gradients, squares, learning_rate, self.epsilon)


@dataclass(frozen=True)
class RMSprop(Optimizer):
    """Steps divided by the root of a running mean of squared gradients (Hinton 2012, lecture 6)."""

    learning_rate: float = 0.001
    decay: float = 0.9
    epsilon: float = 1e-7
    slots: ClassVar[int] = 1

    def update(self, block: Block, learning_rate: float, step: int) -> None:
        (squares,) = block.slots
        fold_squares(squares, block, self.decay)
        divided_step(block, block.gradients, squares, learning_rate, self.epsilon)


PLAIN: dict[str, type[Optimizer]] = {"sgd": SGD, "adagrad": Adagrad, "rmsprop": RMSprop}
