"""Optimizers: how a gradient becomes a step. Simple to hard.

Each is a few lines, in place, on one block of the flat vectors: `update` reads block.gradients and
writes block.parameters and block.slots, its memory between steps. To add one: a class, and a line
in OPTIMIZERS at the end.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from .core.arrays import Array, some
from .core.optimizer import Block, Optimizer, column, each, power, root, rounded, times


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
    combines: ClassVar[bool] = True

    def update(self, block: Block, learning_rate: Any, step: Any) -> None:
        (velocity,) = block.slots
        if not some(self.momentum):
            block.combine(block.parameters, 1.0, block.gradients, -learning_rate)
            return
        block.combine(velocity, self.momentum, block.gradients, -learning_rate)
        if self.nesterov:
            block.combine(block.parameters, 1.0, block.gradients, -learning_rate)
            block.combine(block.parameters, 1.0, velocity, self.momentum)
        else:
            block.combine(block.parameters, 1.0, velocity, 1.0)


@dataclass(frozen=True)
class Adagrad(Optimizer):
    """Steps divided by the root of the sum of all squared gradients (Duchi et al. 2011, fig. 1)."""

    learning_rate: float = 0.05
    epsilon: float = 1e-8
    slots: ClassVar[int] = 1

    def update(self, block: Block, learning_rate: Any, step: Any) -> None:
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

    def update(self, block: Block, learning_rate: Any, step: Any) -> None:
        (squares,) = block.slots
        fold_squares(squares, block, self.decay)
        divided_step(block, block.gradients, squares, learning_rate, self.epsilon)


@dataclass(frozen=True)
class Adam(Optimizer):
    """Running means of gradients and of their squares (Kingma and Ba 2015, algorithm 1).

    The default rate goes with the one-cycle schedule of `fit`, whose mean is half of it; the 0.001
    of the paper is for a constant rate.
    """

    learning_rate: float = 0.005
    first_decay: float = 0.9
    second_decay: float = 0.999
    epsilon: float = 1e-8
    slots: ClassVar[int] = 2

    def update(self, block: Block, learning_rate: Any, step: Any) -> None:
        self.shrink(block, learning_rate)
        mean, squares = block.slots
        fold_mean(mean, block, self.first_decay)
        fold_squares(squares, block, self.second_decay)
        rate = learning_rate / (1.0 - power(self.first_decay, step))
        correction = 1.0 - power(self.second_decay, step)
        divided_step(block, mean, squares, rate, self.epsilon, correction)


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2)."""

    weight_decay: float = field(default=0.01, kw_only=True)
    decoupled: ClassVar[bool] = True


@dataclass(frozen=True)
class NAdam(Adam):
    """Adam whose mean looks one step ahead, as Nesterov's momentum does (Dozat 2016, algorithm 2),
    with a constant decay of the mean."""

    def update(self, block: Block, learning_rate: Any, step: Any) -> None:
        self.shrink(block, learning_rate)
        mean, squares = block.slots
        fold_mean(mean, block, self.first_decay)
        fold_squares(squares, block, self.second_decay)
        ahead, share = np.empty_like(mean), 1.0 - power(self.first_decay, step)
        times(block.gradients, (1.0 - self.first_decay) / share, block.scratch)
        times(mean, self.first_decay / (1.0 - power(self.first_decay, step + 1)), ahead)
        ahead += block.scratch
        correction = 1.0 - power(self.second_decay, step)
        divided_step(block, ahead, squares, learning_rate, self.epsilon, correction)


@dataclass(frozen=True)
class Lion(Optimizer):
    """Steps of one size, along the sign of a running mean (Chen et al. 2023, algorithm 2)."""

    learning_rate: float = 0.0001
    first_decay: float = 0.9
    second_decay: float = 0.99
    slots: ClassVar[int] = 1
    decoupled: ClassVar[bool] = True

    def update(self, block: Block, learning_rate: Any, step: Any) -> None:
        self.shrink(block, learning_rate)
        (mean,) = block.slots
        # Only the sign counts, so both terms may be divided by 1 - first_decay.
        times(mean, self.first_decay / (1.0 - self.first_decay), block.scratch)
        block.scratch += block.gradients
        np.sign(block.scratch, out=block.scratch)
        block.combine(block.parameters, 1.0, block.scratch, -learning_rate)
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

    def __post_init__(self) -> None:
        super().__post_init__()
        settings = self.shrinkage, self.growth, self.smallest, self.largest
        if not np.all(each(_sound, *map(column, settings))):
            raise ValueError(
                "growth must be above 1, shrinkage below 1 and smallest at most largest; got "
                f"growth={self.growth}, shrinkage={self.shrinkage}, smallest={self.smallest}, "
                f"largest={self.largest}."
            )

    def update(self, block: Block, learning_rate: Any, step: Any) -> None:
        sizes, previous = block.slots
        np.copyto(sizes, learning_rate, where=np.equal(step, 1), casting="same_kind")
        agreement = np.sign(block.gradients) * np.sign(previous)
        sizes *= np.where(agreement > 0, self.growth, np.where(agreement < 0, self.shrinkage, 1.0))
        np.clip(sizes, self.smallest, self.largest, out=sizes)
        previous[...] = np.where(agreement < 0, 0.0, block.gradients)
        np.sign(previous, out=block.scratch)
        block.scratch *= sizes
        block.parameters -= block.scratch


def _sound(shrinkage: float, growth: float, smallest: float, largest: float) -> bool:
    return shrinkage < 1.0 < growth and smallest <= largest


def fold_mean(mean: Array, block: Block, decay: Any) -> None:
    block.combine(mean, decay, block.gradients, 1.0 - decay)


def fold_squares(squares: Array, block: Block, decay: Any) -> None:
    np.multiply(block.gradients, block.gradients, out=block.scratch)
    block.combine(squares, decay, block.scratch, 1.0 - decay)


def divided_step(
    block: Block,
    direction: Array,
    squares: Array,
    rate: Any,
    epsilon: Any,
    correction: Any = 1.0,
) -> None:
    """parameters -= rate x direction / (sqrt(squares / correction) + epsilon), computed in the
    order that Kingma and Ba give at the end of section 2."""
    shrunk = root(correction)
    np.sqrt(squares, out=block.scratch)
    block.scratch += rounded(epsilon * shrunk, block.scratch)
    np.divide(direction, block.scratch, out=block.scratch)
    block.combine(block.parameters, 1.0, block.scratch, -rate * shrunk)


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "adagrad": Adagrad,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
    "nadam": NAdam,
    "lion": Lion,
    "rprop": Rprop,
}
