"""Names and shorthands of `fit`, made into objects: the optimizer, the schedule, the callbacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from . import checks
from .callback import HOOKS, Callback
from .doors import door
from .optimizers import OPTIMIZERS, Optimizer
from .schedules import SCHEDULES, Progress, Schedule


def make_optimizer(optimizer: Any, learning_rate: Any, weight_decay: Any) -> Optimizer:
    """The optimizer with the settings that `fit` names itself."""
    chosen = checks.choice("optimizer", optimizer, _Made(OPTIMIZERS), Optimizer)
    changes: dict[str, float] = {}
    if learning_rate is not None:
        rate = 1.0 if callable(learning_rate) else learning_rate
        changes["learning_rate"] = checks.positive("learning_rate", rate)
    if weight_decay is not None:
        changes["weight_decay"] = checks.positive("weight_decay", weight_decay, zero=True)
    return replace(chosen, **changes) if changes else chosen


def make_schedule(learning_rate: Any, schedule: Any) -> Schedule:
    """What multiplies the learning rate; a learning rate that is a function is that itself."""
    if callable(learning_rate):
        if schedule not in (None, "one_cycle", "constant"):
            raise ValueError(
                "pass a function as learning_rate or a schedule, not both; got "
                f"schedule={checks.show(schedule)}."
            )
        return _checked(learning_rate)
    if callable(schedule):
        return _checked(schedule)
    return checks.choice("schedule", schedule, SCHEDULES, Schedule_)


class Schedule_:  # a class that nothing is an instance of: any function is a schedule
    pass


def _checked(function: Schedule) -> Schedule:
    """Try a user's schedule once, before training."""
    value = function(Progress(0.0, 1))
    checks.positive("the schedule's value at the start", value, zero=True)
    return function


class _Made(dict[str, Any]):
    """A table of classes that gives an object of the class, with its default settings."""

    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name)()


def make_callbacks(given: Any, early_stopping: Any, verbose: bool) -> list[Callback]:
    """The user's callbacks, and those that arguments of `fit` stand for, progress last."""
    if isinstance(given, Callback) or not isinstance(given, Sequence):
        raise TypeError(f"callbacks must be a list of callbacks; got {checks.show(given)}.")
    for each in given:
        if isinstance(each, type) or not any(hasattr(each, hook) for hook in HOOKS):
            raise TypeError(
                f"each of callbacks must be an object with one of the hooks {', '.join(HOOKS)}; "
                f"got {checks.show(each)}."
            )
    made = list(given)
    if early_stopping is not None and early_stopping is not False:
        if not isinstance(early_stopping, Callback):
            patience = 10 if early_stopping is True else early_stopping
            early_stopping = door("early_stopping")(
                patience=checks.whole("early_stopping", patience)
            )
        made.append(early_stopping)
    return [*made, door("progress")()] if verbose else made
