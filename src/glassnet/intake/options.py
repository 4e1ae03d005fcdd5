"""The options of `fit`, and what each of them is checked for by itself.

To add one: to the signature of Network.fit, which explains it, and here, where it is checked.
"""

import math
import sys
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array
from ..core.plan import Plan
from ..core.stepping import LOOK
from ..core.structure import Structure
from .plans import (
    for_solver,
    make_callbacks,
    make_optimizer,
    make_schedule,
    others_change_parameters,
)

FOR_EVER = 1 << 62  # epochs; a number that fits a float

PLAIN = (str, int, float, bool, type(None))


@dataclass
class Options:
    """The options of Network.fit, which explains them and has their defaults."""

    epochs: Any
    batch_size: Any
    verbose: Any
    optimizer: Any
    learning_rate: Any
    schedule: Any
    weight_decay: Any
    validation_data: Any
    validation_split: Any
    sample_weight: Any
    class_weight: Any
    metrics: Any
    callbacks: Any
    early_stopping: Any
    standardize: Any
    missing: Any
    target_loss: Any
    time_limit: Any
    shuffle: Any
    resume: Any

    def __post_init__(self) -> None:
        self.masked = checks.choice("missing", self.missing, {"error": False, "mask": True})
        checks.flag("standardize", self.standardize)
        checks.flag("shuffle", self.shuffle)
        self.share = checks.fraction("validation_split", self.validation_split)
        if self.batch_size is not None:
            checks.whole("batch_size", self.batch_size)
        if self.share and self.validation_data is not None:
            raise ValueError("pass validation_data or validation_split, not both.")
        empty = isinstance(self.metrics, list | tuple | dict) and not self.metrics
        some = self.metrics is not None and not empty
        if some and not self.share and self.validation_data is None:
            raise ValueError(
                "metrics are computed on validation rows, and there are none: pass validation_data "
                "or validation_split, or call evaluate(X, y, metrics=...) after training."
            )

    def plan(self, members: int | None = None) -> Plan:
        """What the training loop needs of it, without what depends on data."""
        target, limit = self.target_loss, self.time_limit
        verbose = checks.flag("verbose", self.verbose)
        rate, decay = self.learning_rate, self.weight_decay
        optimizer = make_optimizer(self.optimizer, rate, decay, members)
        callbacks = make_callbacks(self.callbacks, self.early_stopping, verbose)
        if optimizer.training is None:
            schedule = make_schedule(self.learning_rate, self.schedule)
        else:
            schedule = for_solver(self.schedule, optimizer)
        return Plan(
            optimizer=optimizer,
            schedule=schedule,
            epochs=min(checks.whole("epochs", self.epochs), FOR_EVER),
            callbacks=callbacks,
            look=1 if others_change_parameters(optimizer, callbacks) else LOOK,
            target_loss=None if target is None else checks.number("target_loss", target),
            time_limit=None if limit is None else checks.positive("time_limit", limit),
        )

    def settings(self, plan: Plan, network: Structure, rows: int | None, size: Any) -> Any:
        """What was asked for and what became of it, as plain data; sizes of the parameters at the
        start too, which nobody can tell afterwards."""
        made = {"name": type(plan.optimizer).__name__}
        for each in fields(plan.optimizer):
            if each.init and type(value := getattr(plan.optimizer, each.name)) in PLAIN:
                made[each.name] = value
        names = "epochs", "schedule", "class_weight", "early_stopping", "standardize", "missing"
        asked = {name: value for name in names if plain(value := simple(getattr(self, name)))}
        sizes = [[_size(part) for part in parts] for parts in (network.weights, network.biases)]
        rate: Any = plan.optimizer.learning_rate
        return {
            **asked,
            "optimizer": made,
            "learning_rate": "function" if callable(self.learning_rate) else float(rate),
            "batch_size": int(size),
            "rows": rows,
            "start": {"weights": sizes[0], "biases": sizes[1]},
        }


def simple(value: Any) -> Any:
    """Numbers and text of NumPy as those of Python, in a dictionary too."""
    if isinstance(value, dict):
        return {simple(key): simple(each) for key, each in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def plain(value: Any) -> bool:
    """Whether it is JSON as it stands, but for the keys of dictionaries."""
    if type(value) is dict:
        return all(map(plain, [*value.keys(), *value.values()]))
    return type(value) in PLAIN


def _size(values: Array) -> float:
    """The root of the mean square; the largest float where that is none."""
    with np.errstate(all="ignore"):
        size = float(np.sqrt(np.mean(np.square(values, dtype=np.float64)))) if values.size else 0.0
    return size if math.isfinite(size) else sys.float_info.max
