"""What an optimizer is: settings, and an `update` of one block of the flat vectors.

A block is a part of the network that fits the cache, so that every pass over it after the first
reads from there. Optimizers are immutable; their memory, the slots, belongs to the training. Those
that come with glassnet are in glassnet/optimizers.py.
"""

import copy
import math
from collections.abc import Callable
from dataclasses import KW_ONLY, MISSING, Field, dataclass, fields, replace
from typing import Any, ClassVar

import numpy as np

from .arrays import Array, some
from .checks import flag, fraction, positive, several

Combine = Callable[[Array, Any, Array, Any], None]
"""What does Block.combine in one pass: see combiner in glassnet/blas.py."""


@dataclass
class Block:
    """A stretch of the flat vectors; `scratch` is free to write over, `slots` start at 0."""

    parameters: Array
    gradients: Array
    slots: tuple[Array, ...]
    scratch: Array
    decayed: Array  # the weights among the parameters: decay never touches a bias
    in_one_pass: Combine | None = None

    def combine(self, values: Array, share: Any, others: Array, factor: Any) -> None:
        """values = share x values + factor x others; share and factor are numbers, or one for each
        member. Writes over `scratch`, which may be `others`."""
        if self.in_one_pass is not None:
            self.in_one_pass(values, share, others, factor)
            return
        if not _is_one(factor):
            times(others, factor, self.scratch)
            others = self.scratch
        if not _is_one(share):
            times(values, share, values)
        values += others


@dataclass(frozen=True)
class Optimizer:
    """Settings that all optimizers share.

    `weight_decay` adds weight_decay/2 x the sum of squared weights to the loss, `l1` adds
    l1 x the sum of their sizes; biases are never decayed. AdamW and Lion decouple
    `weight_decay`: weights shrink by learning_rate x weight_decay a step instead (Loshchilov and
    Hutter 2019, algorithm 2). For a Fleet each number may be a list with one for each member.
    An `update` that does nothing but Block.combine says so by `combines`: it gets blocks as long
    as the vectors where the BLAS does that, in its threads.
    """

    learning_rate: float = 0.01
    _: KW_ONLY  # so that SGD(0.1, 0.9) has a momentum of 0.9, not a decay
    weight_decay: float = 0.0
    l1: float = 0.0
    slots: ClassVar[int] = 0
    decoupled: ClassVar[bool] = False
    full_batch: ClassVar[bool] = False
    combines: ClassVar[bool] = False
    training: ClassVar[Any] = None  # a Training of its own, where steps need more than `update`
    dtype: ClassVar[str | None] = None  # of the network, where it cannot do with another
    matrices: ClassVar[int] = 0  # (parameters, parameters) of float64 that it works with
    chosen_by: ClassVar[str | None] = None  # of restarts the best has most of this, not least loss

    def __post_init__(self) -> None:
        for setting in fields(self):
            name, value = setting.name, getattr(self, setting.name)
            if isinstance(setting.default, bool):
                flag(name, value)
            elif not _is_number(setting):
                continue
            elif several(value):
                each = tuple(_checked(name, one, f"[{i}]") for i, one in enumerate(value))
                object.__setattr__(self, name, each)
            else:
                _checked(name, value)
                if hasattr(value, "item"):  # of NumPy: a history is plain data
                    object.__setattr__(self, name, value.item())

    @property
    def members(self) -> dict[str, int]:
        """The settings that have one number for each member, and how many those are."""
        numbers = (setting.name for setting in fields(self) if _is_number(setting))
        values = {name: getattr(self, name) for name in numbers}
        return {name: len(value) for name, value in values.items() if isinstance(value, tuple)}

    def of_members(self, members: Array) -> "Optimizer":
        """The same for some members: settings of their own as arrays (members, 1) of float64."""
        chosen = copy.copy(self)
        for name in self.members:
            object.__setattr__(chosen, name, column(getattr(self, name))[members])
        return chosen

    def of_member(self, number: int) -> "Optimizer":
        """The same for one member alone."""
        return replace(self, **{name: getattr(self, name)[number] for name in self.members})

    def update(self, block: Block, learning_rate: Any, step: Any) -> None:
        """One step in place; `step` counts from 1.

        In a fleet the arrays of the block have shape (members, parameters), and what differs
        between members, the rate, a setting or the step, has shape (members, 1): see `times`.
        """
        raise NotImplementedError("an optimizer must have a method update(block, rate, step)")

    def shrink(self, block: Block, learning_rate: Any) -> None:
        """The decoupled weight decay, before the step."""
        if self.decoupled and some(self.weight_decay):
            times(block.decayed, 1.0 - learning_rate * self.weight_decay, block.decayed)


def _is_number(setting: "Field[Any]") -> bool:
    """Whether a setting is a number; of another kind (own optimizers) it is not looked at here."""
    return setting.default is MISSING or isinstance(setting.default, (int, float))


def _checked(name: str, value: Any, place: str = "") -> float:
    if name in ("weight_decay", "l1", "tolerance", "loss_tolerance", "hops"):
        return positive(name + place, value, zero=True)
    if name in ("momentum", "decay", "first_decay", "second_decay"):
        return fraction(name + place, value)
    return positive(name + place, value)


def column(value: Any) -> Any:
    """A number as it is; a tuple of them, one for each member, as an array (members, 1)."""
    return np.array(value, dtype=np.float64)[:, None] if isinstance(value, tuple) else value


def rounded(value: Any, like: Array) -> Any:
    """A number as it is; one for each member, (members, 1), in the dtype of `like`.

    NumPy rounds a number to the dtype of the array beside it, and computes with two arrays in the
    larger dtype. So each member goes the way, to the last bit, that it goes alone.
    """
    return value.astype(like.dtype) if isinstance(value, np.ndarray) else value


def _is_one(factor: Any) -> bool:
    return isinstance(factor, float) and factor == 1.0


def times(values: Array, factor: Any, out: Array) -> None:
    """out = values x factor, a number or one for each member."""
    np.multiply(values, rounded(factor, out), out=out)


def each(function: Callable[..., float], *values: Any) -> Any:
    """The function of numbers; where some are arrays (members, 1), of each member's."""
    if not any(isinstance(value, np.ndarray) for value in values):
        return function(*values)
    columns = (column.ravel().tolist() for column in np.broadcast_arrays(*values))
    return np.array([function(*row) for row in zip(*columns, strict=True)])[:, None]


def power(base: Any, exponent: Any) -> Any:
    return each(pow, base, exponent)


def root(value: Any) -> Any:
    return each(math.sqrt, value)
