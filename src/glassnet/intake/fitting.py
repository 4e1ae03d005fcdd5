"""What `fit` is asked for: every argument checked, everything open settled, then training runs.

Nothing is changed before all checks have passed: a failed call leaves the network as it was.
"""

import copy
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from .. import blas
from ..core import checks
from ..core.batches import Rows, Shuffled
from ..core.doors import door
from ..core.history import History
from ..core.loss import Loss
from ..core.network import Network
from ..core.passes import Batch
from ..core.plan import Plan, Source
from ..core.training import Training
from ..schedules import Constant
from .data import (
    Settled,
    check_inputs,
    known_names,
    raw_rows,
    read_rows,
    read_weights,
    scaled,
    settle,
    split,
    text_names,
    usable_weights,
    wanted,
    weigh_classes,
)
from .evaluation import Metric, evaluate_rows, metrics_named
from .given import Given, is_batches, parts
from .interrupts import Interrupts
from .plans import make_callbacks, make_optimizer, make_schedule
from .targets import settle_loss

SMALLEST_BATCH, LARGEST_BATCH = 32, 100
FOR_EVER = 1 << 62  # epochs; a number that fits a float


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

    def plan(self) -> Plan:
        """What the training loop needs of it, without what depends on data."""
        target, limit = self.target_loss, self.time_limit
        verbose = checks.flag("verbose", self.verbose)
        return Plan(
            optimizer=make_optimizer(self.optimizer, self.learning_rate, self.weight_decay),
            schedule=make_schedule(self.learning_rate, self.schedule),
            epochs=min(checks.whole("epochs", self.epochs), FOR_EVER),
            callbacks=make_callbacks(self.callbacks, self.early_stopping, verbose),
            target_loss=None if target is None else checks.number("target_loss", target),
            time_limit=None if limit is None else checks.positive("time_limit", limit),
        )


def fit(self: Network, X: Any, y: Any, **options: Any) -> History:
    """See Network.fit, whose signature names the options and their defaults."""
    asked = Options(**options)
    plan = asked.plan()
    position = self.streams[1].state
    try:
        by, source, rows = _prepare(self, X, y, asked, plan)
    except BaseException:
        self.streams[1].state = position  # rows for validation may have been drawn
        raise
    self.loss, self.input_scaling, self.target_scaling = by.loss, by.inputs, by.targets
    if self.columns is None and by.names:
        self.columns = {"names": by.names}
    return _run(self, source, rows, plan)


def _prepare(
    network: Network, X: Any, y: Any, asked: Options, plan: Plan
) -> tuple[Settled, Source, int | None]:
    """What is settled, where batches come from, how many rows; validation goes into the plan."""
    validation: Rows | None = None
    source: Source
    if y is None and is_batches(X):
        _refuse_what_needs_arrays(asked)
        source, count = _given(X, asked, plan), None
        by = _settle_given(network, source, asked.masked)
    else:
        rows, validation, by = _read(network, X, y, asked)
        source, count = _shuffled(network, rows, asked, plan), len(rows)
        _warn_of_little(rows, by.loss)
    if asked.validation_data is not None:
        validation = _validation(network, asked.validation_data, by, asked.masked)
    known = ["loss", "learning_rate"]
    if validation is not None:
        named = metrics_named(asked.metrics, by.loss.metric)
        plan.validate = _validator(network, validation, named, by, asked.metrics is not None)
        known += [f"val_{name}" for name in ("loss", *named)]
    _check_monitors(plan.callbacks, known)
    return by, source, count


def _read(network: Network, X: Any, y: Any, asked: Options) -> tuple[Rows, Rows | None, Settled]:
    """The rows to train with, those held back, and what the former settle."""
    names = text_names(X)
    X = check_inputs(network, X, standardize=asked.standardize)
    loss = network.loss or settle_loss(y, wanted(network, "y", asked.masked))
    rows, validation = raw_rows(network, loss, X, y, asked.masked), None
    if asked.sample_weight is not None:
        rows.weights = read_weights(asked.sample_weight, len(X), network.dtype)
    if asked.share:
        rows, validation = split(rows, asked.share, network.streams[1])
        usable_weights(validation, "validation")
    if asked.class_weight is not None:
        rows = weigh_classes(rows, asked.class_weight, network)
    usable_weights(rows)
    by = settle(network, loss, rows, asked.standardize)
    by.names = known_names(network) or names
    if validation is not None:
        validation = scaled(validation, by, keep=True)
    return scaled(rows, by), validation, by


def _validator(
    network: Network, rows: Rows, named: dict[str, Metric], by: Settled, asked: bool
) -> Callable[[], dict[str, float]]:
    """What evaluates the validation rows. Metrics that were asked for are tried at once, so that
    one that does not suit these targets is told before training."""
    if asked:
        trial = copy.copy(network)
        trial.loss, trial.input_scaling, trial.target_scaling = by.loss, by.inputs, by.targets
        evaluate_rows(trial, rows, named)
    return partial(evaluate_rows, network, rows, named)


def _check_monitors(callbacks: Sequence[Any], known: list[str]) -> None:
    """Refuse, before anything is trained, to watch what will not be in the history. A user's own
    callback may add to it, so beside one the name is taken as it is."""
    if not all(type(callback).__module__.startswith("glassnet.") for callback in callbacks):
        return
    for callback in callbacks:
        name = getattr(callback, "monitor", None)
        if isinstance(name, str) and name not in known:
            raise ValueError(
                f"{type(callback).__name__} has monitor={name!r}, which will not be in the "
                f"history; there will be {', '.join(known)}. For others pass validation_data and "
                "metrics, whose names get val_ before them."
            )


def _given(X: Any, asked: Options, plan: Plan) -> Given:
    """A user's batches as a source."""
    source = Given(X, plan.epochs)
    if plan.optimizer.full_batch and source.count != 1:
        raise ValueError(
            f"the optimizer {type(plan.optimizer).__name__} needs all rows in one batch; pass "
            "arrays X and y, or one batch, or use 'adam'."
        )
    unknown = source.count is None and plan.epochs == 1
    if unknown and asked.schedule == "one_cycle" and not callable(asked.learning_rate):
        plan.schedule = Constant()  # nobody knows how far along a generator is
    return source


def _run(network: Network, source: Source, rows: int | None, plan: Plan) -> History:
    """Train; the history is the network's too, also of a training that was broken off."""
    sizes = pairwise(network.layers)
    largest = source.size * max(inputs * outputs for inputs, outputs in sizes)
    with Interrupts() as interrupts, blas.threads_for(largest) as threads:
        plan.interrupted = interrupts.asked
        if threads == 1:
            plan.largest_product = blas.largest_product()
            plan.reads_ahead = blas.cores() > 1
        training = Training(network, source, rows, plan)
        training.history.environment = door("environment")()
        try:
            training.run()
        finally:
            network.history.append_call(training.history)
    if interrupts.pending:
        raise KeyboardInterrupt
    return training.history


def _shuffled(network: Network, rows: Rows, asked: Options, plan: Plan) -> Shuffled:
    size = asked.batch_size
    if plan.optimizer.full_batch:
        if size is not None and size < len(rows):
            raise ValueError(
                f"the optimizer {type(plan.optimizer).__name__} needs all rows in one batch; got "
                f"batch_size={size} for {len(rows)} rows. Leave batch_size out, or use 'adam'."
            )
        size = len(rows)
    stream = network.streams[1] if asked.shuffle else None
    return Shuffled(rows, size or default_batch(len(rows)), stream)


def default_batch(rows: int) -> int:
    """A hundredth of the rows, within limits: few rows want small batches, or an epoch has too few
    steps to learn from; more than 100 gain little speed. Measured: docs/defaults.md."""
    return min(max(rows // 100, SMALLEST_BATCH), LARGEST_BATCH)


def _warn_of_little(rows: Rows, loss: Loss) -> None:
    """What can be trained and is probably not what was meant."""
    targets = rows.targets if rows.places is None else rows.targets[rows.places]
    found = ""
    if len(rows) == 1:
        found = "X has one row to train with: nothing can be learned from how rows differ."
    elif loss.targets != "numbers" and not np.ptp(targets, axis=0).any():
        found = "y holds one class only: the network can but learn to say so."
    if found:
        warnings.warn(found, stacklevel=5)  # where the user calls fit


def _refuse_what_needs_arrays(asked: Options) -> None:
    names = ("batch_size", "sample_weight", "class_weight")
    given = [name for name in names if getattr(asked, name) is not None]
    given += [name for name in ("standardize", "validation_split") if getattr(asked, name)]
    if given:
        raise ValueError(
            f"X is an iterable of batches, for which {', '.join(given)} cannot be used: it needs "
            "arrays X and y. Give weights with the batches: (X, y, weights)."
        )


def _settle_given(network: Network, source: Given, masked: bool) -> Settled:
    """Settle by the first batch, and tell the source how to read each."""
    X, y, weights = parts(source.first)
    loss = network.loss or settle_loss(y, wanted(network, "y", masked))
    by = settle(network, loss, raw_rows(network, loss, check_inputs(network, X), y, masked), False)

    def read(X: Any, y: Any, weights: Any) -> Batch:
        rows = read_rows(network, X, y, weights, missing=masked, by=by, idle=True)
        return next(rows.in_order(len(rows)))

    source.size = read(X, y, weights).rows
    source.read = read
    return by


def _validation(network: Network, given: Any, by: Settled, masked: bool) -> Rows:
    if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
        raise ValueError(
            "validation_data must be (X_val, y_val) or (X_val, y_val, weights); got "
            f"{checks.show(given)}."
        )
    return read_rows(network, *parts(given), missing=masked, by=by, suffix="_val")
