"""What an optimizer is: settings, and an `update` of one block of the flat vectors.

A block is a part of the network that fits the cache, so that every pass over it after the first
reads from there. Optimizers are immutable; their memory, the slots, belongs to the training. Those
that come with glassnet are in glassnet/optimizers.py.
"""

from dataclasses import KW_ONLY, dataclass, fields
from typing import ClassVar

from .arrays import Array
from .checks import flag, fraction, positive


@dataclass
class Block:
    """A stretch of the flat vectors; `scratch` is free to write over, `slots` start at 0."""

    parameters: Array
    gradients: Array
    slots: tuple[Array, ...]
    scratch: Array
    decayed: Array  # the weights among the parameters: decay never touches a bias


@dataclass(frozen=True)
class Optimizer:
    """Settings that all optimizers share.

    `weight_decay` adds weight_decay/2 x the sum of squared weights to the loss, `l1` adds
    l1 x the sum of their sizes; biases are never decayed. AdamW and Lion decouple
    `weight_decay`: weights shrink by learning_rate x weight_decay a step instead (Loshchilov and
    Hutter 2019, algorithm 2).
    """

    learning_rate: float = 0.01
    _: KW_ONLY  # so that SGD(0.1, 0.9) has a momentum of 0.9, not a decay
    weight_decay: float = 0.0
    l1: float = 0.0
    slots: ClassVar[int] = 0
    decoupled: ClassVar[bool] = False
    full_batch: ClassVar[bool] = False

    def __post_init__(self) -> None:
        positive("learning_rate", self.learning_rate)
        for setting in fields(self):
            value = getattr(self, setting.name)
            if setting.name in ("weight_decay", "l1"):
                positive(setting.name, value, zero=True)
            elif setting.name in ("momentum", "decay", "first_decay", "second_decay"):
                fraction(setting.name, value)
            elif isinstance(setting.default, bool):
                flag(setting.name, value)
            elif setting.name != "learning_rate":
                positive(setting.name, value)

    def update(self, block: Block, learning_rate: float, step: int) -> None:
        """One step in place; `step` counts from 1."""
        raise NotImplementedError("an optimizer must have a method update(block, rate, step)")

    def shrink(self, block: Block, learning_rate: float) -> None:
        """The decoupled weight decay, before the step."""
        if self.decoupled and self.weight_decay:
            block.decayed *= 1.0 - learning_rate * self.weight_decay
