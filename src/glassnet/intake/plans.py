"""Names and shorthands of `fit`, made into objects: the optimizer, the schedule, the callbacks.

The names come from the registries; to add an entry, add it there.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..core import checks
from ..core.callback import HOOKS, Callback, overridden
from ..core.doors import door
from ..core.optimizer import Optimizer
from ..core.plan import Plan
from ..core.progress import Progress, Schedule
from ..optimizers import OPTIMIZERS, Adam
from ..schedules import SCHEDULES, Constant, ReduceOnPlateau, WarmUp
from ..second_order import SOLVERS

DEFAULT_OPTIMIZER = Adam()
"""With the one-cycle schedule; chosen by measurement, see docs/defaults.md."""


def make_optimizer(
    optimizer: Any, learning_rate: Any, weight_decay: Any, members: int | None = None
) -> Optimizer:
    """The optimizer with the settings that `fit` names itself, for as many members."""
    if optimizer is None:
        optimizer = DEFAULT_OPTIMIZER
    if isinstance(optimizer, type) and issubclass(optimizer, Optimizer):
        raise TypeError(f"optimizer is a class; pass an object: {optimizer.__name__}().")
    chosen = checks.choice("optimizer", optimizer, {**OPTIMIZERS, **SOLVERS}, Optimizer)
    made: Optimizer = chosen() if isinstance(chosen, type) else chosen
    changes: dict[str, Any] = {}
    if learning_rate is not None and made.training is not None:
        raise ValueError(
            f"learning_rate does not apply to {type(made).__name__}, which finds the length of "
            f"each step itself; got {checks.show(learning_rate)}. Leave it out, or use 'adam'."
        )
    if learning_rate is not None:
        changes["learning_rate"] = 1.0 if callable(learning_rate) else learning_rate
    if weight_decay is not None:
        refuse_decay("weight_decay", weight_decay, made)
        changes["weight_decay"] = weight_decay
    made = replace(made, **changes) if changes else made
    for name, count in made.members.items():
        given = getattr(made, name)
        if members is None:
            raise TypeError(
                f"{name} must be one number; got {checks.show(list(given))}. A list, one for each "
                "member, is for a Fleet."
            )
        if count != members:
            raise ValueError(
                f"{name} must be one number, or one for each of {members} members; got {count}."
            )
    return made


def refuse_decay(name: str, given: Any, optimizer: Optimizer) -> None:
    """Refuse a weight decay beside an optimizer that finds its own."""
    if not optimizer.__dataclass_fields__["weight_decay"].init:
        raise ValueError(
            f"{name} does not apply to {type(optimizer).__name__}, which finds the decay itself; "
            f"got {checks.show(given)}. Leave it out (alpha: pass 0), or use LevenbergMarquardt()."
        )


def make_schedule(learning_rate: Any, schedule: Any) -> Schedule:
    """What multiplies the learning rate; a learning rate that is a function is that itself."""
    if callable(learning_rate):
        if schedule not in (None, "one_cycle", "constant"):
            raise ValueError(
                "pass a function as learning_rate or a schedule, not both; got "
                f"schedule={checks.show(schedule)}."
            )
        return _checked(learning_rate, "learning_rate")
    if callable(schedule) and not isinstance(schedule, type):
        return _checked(schedule, "schedule")
    if isinstance(schedule, type):
        raise TypeError(f"schedule is a class; pass an object: {schedule.__name__}().")
    if not isinstance(schedule, str):
        raise TypeError(
            f"schedule must be one of the names {', '.join(SCHEDULES)}, or a function of a "
            f"Progress; got {checks.show(schedule)}."
        )
    found: Schedule = checks.choice("schedule", schedule, SCHEDULES)
    return found


def _checked(function: Schedule, name: str) -> Schedule:
    """Try a user's function of a Progress once, before training."""
    value = function(Progress(0.0, 1))
    checks.positive(f"what the function {name} gives at the start", value, zero=True)
    return function


def for_solver(schedule: Any, optimizer: Optimizer) -> Schedule:
    """The schedule of an optimizer that has a training of its own: none, but for the default."""
    if schedule not in (None, "one_cycle", "constant"):
        raise ValueError(
            f"schedule does not apply to {type(optimizer).__name__}, which finds the length of "
            f"each step itself; got {checks.show(schedule)}. Leave it out, or use 'adam'."
        )
    return Constant()


def refuse_what_is_for_steps(
    optimizer: Optimizer, dropout: Sequence[Any], batches: bool, callbacks: Sequence[Any] = ()
) -> None:
    """Refuse what an optimizer with a training of its own, which sees all rows, has no use for."""
    if optimizer.training is None:
        return
    name = type(optimizer).__name__
    if np.any(dropout):
        raise ValueError(
            f"the optimizer {name} needs a loss that is the same each time it is asked for, so "
            "there can be no dropout. Use Network(..., dropout=0.0), or 'adam'."
        )
    if batches:
        raise ValueError(
            f"the optimizer {name} goes over all rows several times a step; got an iterable of "
            "batches. Pass arrays X and y (memory-mapped, if they are large), or use 'adam'."
        )
    for callback in callbacks:
        if getattr(callback, "changes_gradients", False):
            raise ValueError(
                f"the optimizer {name} goes by the loss itself, and cannot follow gradients that a "
                f"callback has changed. Leave {type(callback).__name__} out: the loss never rises."
            )


def refuse_what_is_for_one(plan: Plan, resume: Any) -> None:
    """Refuse what looks at one network, where many are trained together."""
    if resume is not None:
        raise ValueError(
            f"resume={checks.show(resume)} is for the training of one network, not for a fleet or "
            "restarts, which have no checkpoints."
        )
    schedule: Any = plan.schedule
    while isinstance(schedule, WarmUp):
        schedule = schedule.then
    if isinstance(schedule, ReduceOnPlateau):
        raise ValueError(
            "the schedule 'reduce_on_plateau' goes by the history of one network; in a fleet, and "
            "with restarts, all share the schedule. Use 'one_cycle', 'cosine' or early_stopping."
        )
    for callback in plan.callbacks:
        if getattr(callback, "for_one", False):
            raise ValueError(
                f"{type(callback).__name__} looks at one network, not at a fleet or restarts: "
                "train one Network with it, for instance fleet[0]."
            )


def others_change_parameters(optimizer: Optimizer, callbacks: Sequence[Callback]) -> bool:
    """Whether anybody but an optimizer of glassnet's may, between two batches of an epoch. A
    callback with `watches` says that it changes nothing."""
    hooks = ("on_gradients", "after_step", "on_batch_end")
    acting = [each for each in callbacks if not getattr(each, "watches", False)]
    hooked = any(overridden(acting, hook) for hook in hooks)
    return hooked or type(optimizer) not in OPTIMIZERS.values()


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
    made += [door("progress")()] if verbose else []
    return sorted(made, key=lambda each: getattr(each, "last", False))
