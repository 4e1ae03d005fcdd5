"""Callback: the hooks of a training run, all of them empty.

Derive, override what you need, pass the object in `fit(callbacks=[...])`. Each hook gets the one
object `training` (core/training.py): its network, epoch, batch, loss, learning_rate, gradients,
history, and `training.stop(reason)`. A hook that nobody overrides costs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .training import Training


class Callback:
    """The hooks, in the order in which they come."""

    def on_fit_begin(self, training: Training) -> None:
        """Before the first batch."""

    def on_epoch_begin(self, training: Training) -> None:
        """Before the first batch of an epoch."""

    def on_gradients(self, training: Training) -> None:
        """Between the gradients and the step: `training.gradients` may be changed in place."""

    def after_step(self, training: Training) -> None:
        """After the step: `training.parameters` may be changed in place."""

    def on_batch_end(self, training: Training) -> None:
        """After a batch; `training.loss` is its loss before the step."""

    def on_stop(self, training: Training) -> None:
        """After the batch with which training was stopped, before its epoch is closed."""

    def on_epoch_end(self, training: Training) -> None:
        """After an epoch; its record is `training.history[-1]`."""

    def on_fit_end(self, training: Training) -> None:
        """After the last batch, also when training was stopped or interrupted."""

    def state(self) -> dict[str, Any]:
        """What it remembers between epochs: plain data and arrays, for checkpoints."""
        return {}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave in another process, after on_fit_begin."""


HOOKS = tuple(name for name in vars(Callback) if name.startswith(("on_", "after_")))


def overridden(callbacks: Sequence[Callback], hook: str) -> list[Any]:
    """The methods of this name that do something."""
    empty = getattr(Callback, hook)
    found = [getattr(callback, hook, empty) for callback in callbacks]
    return [method for method in found if getattr(method, "__func__", method) is not empty]


def call_all(methods: Sequence[Any], training: Training) -> None:
    """Call each in its turn, also where one before it raises: what was taken is given back."""
    with ExitStack() as stack:
        for method in reversed(methods):
            stack.callback(method, training)


def begin(training: Training) -> None:
    """All callbacks begin, and a resumed training stands where it was; or those end again."""
    begun: list[Callback] = []
    try:
        for callback in training.plan.callbacks:
            call_all(overridden([callback], "on_fit_begin"), training)
            begun.append(callback)
        if training.plan.resume is not None:
            training.plan.resume(training)
    except BaseException as error:
        training.stopped = f"broken off by {type(error).__name__}"
        call_all(overridden(begun, "on_fit_end"), training)
        raise
    training.started = time.perf_counter()
