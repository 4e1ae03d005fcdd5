"""Adam and its kin: running means of the gradients and of their squares.

To add one: a class with `update`, a few lines in place, and its line in the list at the end.
"""

from dataclasses import dataclass
from typing import ClassVar

from .base import Block, Optimizer, divided_step, fold_mean, fold_squares


@dataclass(frozen=True)
class Adam(Optimizer):
    """Running means of gradients and of their squares (Kingma and Ba 2015, algorithm 1)."""

    learning_rate: float = 0.001
    first_decay: float = 0.9
    second_decay: float = 0.999
    epsilon: float = 1e-8
    slots: ClassVar[int] = 2

    def update(self, block: Block, learning_rate: float, step: int) -> None:
        self.shrink(block, learning_rate)
        mean, squares = block.slots
        fold_mean(mean, block, self.first_decay)
        fold_squares(squares, block, self.second_decay)
        rate = learning_rate / (1.0 - self.first_decay**step)
        divided_step(block, mean, squares, rate, self.epsilon, 1.0 - self.second_decay**step)


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2)."""

    weight_decay: float = 0.01
    decoupled: ClassVar[bool] = True


@dataclass(frozen=True)
class NAdam(Adam):
    """Adam whose mean looks one step ahead, as Nesterov's momentum does (Dozat 2016, algorithm 2),
    with a constant decay of the mean."""

    def update(self, block: Block, learning_rate: float, step: int) -> None:
        self.shrink(block, learning_rate)
        mean, squares = block.slots
        fold_mean(mean, block, self.first_decay)
        fold_squares(squares, block, self.second_decay)
        ahead = mean * (self.first_decay / (1.0 - self.first_decay ** (step + 1)))
        ahead += block.gradients * ((1.0 - self.first_decay) / (1.0 - self.first_decay**step))
        correction = 1.0 - self.second_decay**step
        divided_step(block, ahead, squares, learning_rate, self.epsilon, correction)


ADAM: dict[str, type[Optimizer]] = {"adam": Adam, "adamw": AdamW, "nadam": NAdam}
