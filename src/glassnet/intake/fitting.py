"""What `fit` is asked for: every argument checked, everything open settled, then training runs.

Nothing is changed before all checks have passed: a failed call leaves the network as it was.
"""

import copy
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any, cast

from .. import blas
from ..core import checks
from ..core.callback import begin
from ..core.doors import door
from ..core.history import History
from ..core.loss import Loss
from ..core.network import Network
from ..core.passes import Batch
from ..core.plan import Plan, Source
from ..core.structure import Structure
from ..core.training import Training
from ..schedules import Constant
from ..sources.rows import Rows
from ..sources.shuffled import Shuffled, ShuffledEach
from ..sources.whole import Whole, piece_of
from .architecture import check_members, check_memory
from .bounds import keep_bounds
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
from .options import Options
from .plans import refuse_what_is_for_one, refuse_what_is_for_steps
from .state import all_or_nothing, in_its_dtype
from .targets import all_alike, settle_loss

SMALLEST_BATCH, LARGEST_BATCH = 32, 100


def fit(self: Network, X: Any, y: Any, restarts: Any, **options: Any) -> History:
    """See Network.fit, whose signature names the options and their defaults."""
    asked, starts = Options(**options), checks.whole("restarts", restarts)
    plan = asked.plan()
    if check_members(starts, "restarts") > 1:
        check_memory(self.layers, self.dtype, starts, "restarts")
        refuse_what_is_for_one(plan, asked.resume)
    with ExitStack() as stack:
        with all_or_nothing(self):
            in_its_dtype(self, plan.optimizer)
            if asked.resume is not None:
                door("resume")(self, plan, asked.resume)
            plan.began = self.streams.order.state
            source, rows = prepared(self, X, y, asked, plan)
            size = source.size if plan.optimizer.training is None else rows
            settings = asked.settings(plan, self, rows, size)
            if starts == 1:
                stack.enter_context(means(self, source, plan))
                training = (plan.optimizer.training or Training)(self, source, rows, plan)
                training.history.environment = door("environment")()
                training.history.settings = settings
                begin(training)
        if starts > 1:
            history = cast(History, door("run_restarts")(self, starts, source, rows, plan))
            history.settings = self.history.settings = {**settings, "restarts": starts}
            return history
        try:
            training.run()
        finally:
            self.history.append_call(training.history)
    return training.history


def prepared(
    network: Structure, X: Any, y: Any, asked: Options, plan: Plan
) -> tuple[Source, int | None]:
    """Where batches come from, and how many rows; all is checked, and settled on the network."""
    with all_or_nothing(network):
        in_its_dtype(network, plan.optimizer)
        by, source, rows = _prepare(network, X, y, asked, plan)
    network.loss, network.input_scaling, network.target_scaling = by.loss, by.inputs, by.targets
    if network.columns is None and by.names:
        network.columns = {"names": by.names}
    return source, rows


def _prepare(
    network: Structure, X: Any, y: Any, asked: Options, plan: Plan
) -> tuple[Settled, Source, int | None]:
    """What is settled, where batches come from, how many rows; validation goes into the plan."""
    validation: Rows | None = None
    source: Source
    batches = y is None and is_batches(X)
    refuse_what_is_for_steps(plan.optimizer, network.dropout, batches, plan.callbacks)
    keep_bounds(network, plan)
    if batches:
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


def _read(network: Structure, X: Any, y: Any, asked: Options) -> tuple[Rows, Rows | None, Settled]:
    """The rows to train with, those held back, and what the former settle."""
    names = text_names(X)
    X = check_inputs(network, X, standardize=asked.standardize)
    loss = network.loss or settle_loss(y, wanted(network, "y", asked.masked))
    rows, validation = raw_rows(network, loss, X, y, asked.masked), None
    if asked.sample_weight is not None:
        rows.weights = read_weights(asked.sample_weight, len(X), network.dtype, lead=network.lead)
    if asked.share:
        rows, validation = split(rows, asked.share, network.streams.order)
        usable_weights(validation, "validation")
    if asked.class_weight is not None:
        rows = weigh_classes(rows, asked.class_weight, network)
    usable_weights(rows)
    by = settle(network, loss, _seen_by_all(rows), asked.standardize)
    by.names = known_names(network) or names
    if validation is not None:
        validation = scaled(validation, by, keep=True)
    return scaled(rows, by), validation, by


def _seen_by_all(rows: Rows) -> Rows:
    """The rows with the mean of the members' weights: scaling is the same for all of them."""
    if rows.weights is None or rows.weights.ndim == 1:
        return rows
    return replace(rows, weights=rows.weights.mean(axis=0))


def _validator(
    network: Structure, rows: Rows, named: dict[str, Metric], by: Settled, asked: bool
) -> Callable[[Structure, Any], dict[str, Any]]:
    """What evaluates the validation rows. Metrics that were asked for are tried at once, so that
    one that does not suit these targets is told before training."""
    if asked:
        trial = copy.copy(network)
        trial.loss, trial.input_scaling, trial.target_scaling = by.loss, by.inputs, by.targets
        evaluate_rows(trial, rows, named)
    return partial(_validate, rows=rows, metrics=named)


def _validate(
    network: Structure, members: Any, *, rows: Rows, metrics: dict[str, Metric]
) -> dict[str, Any]:
    """`members` are the numbers of those of a fleet that the network has, or of the only one."""
    if members is not None and rows.weights is not None and rows.weights.ndim == 2:
        rows = replace(rows, weights=rows.weights[members])
    return evaluate_rows(network, rows, metrics, in_training=True)


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


@contextmanager
def means(network: Structure, source: Source, plan: Plan) -> Iterator[None]:
    """While a training runs: its threads, and Ctrl-C, which it gets after the present batch."""
    sizes = pairwise(network.layers)
    largest = source.size * max(inputs * outputs for inputs, outputs in sizes)
    saved = any(getattr(each, "last", False) for each in plan.callbacks)
    with Interrupts(sigterm=saved) as interrupts, blas.threads_for(largest) as threads:
        plan.interrupted = interrupts.asked
        plan.combine = blas.combiner(network.parameters)
        if threads == 1:
            plan.largest_product = blas.largest_product()
            plan.reads_ahead = blas.cores() > 1
        yield
    if interrupts.pending:
        raise KeyboardInterrupt


def _shuffled(
    network: Structure, rows: Rows, asked: Options, plan: Plan
) -> Shuffled | ShuffledEach:
    size = asked.batch_size
    if plan.optimizer.full_batch:
        if size is not None and size < len(rows):
            raise ValueError(
                f"the optimizer {type(plan.optimizer).__name__} needs all rows in one batch; got "
                f"batch_size={size} for {len(rows)} rows. Leave batch_size out, or use 'adam'."
            )
        size = len(rows)
    if plan.optimizer.training is not None:
        return Whole(rows, piece_of(network.layers))
    size = size or default_batch(len(rows))
    if asked.shuffle and getattr(network, "own_order", False):
        return ShuffledEach(rows, size, network.streams.own_orders)
    return Shuffled(rows, size, network.streams.order if asked.shuffle else None)


def default_batch(rows: int) -> int:
    """A hundredth of the rows, within limits: few rows want small batches, or an epoch has too few
    steps to learn from; more than 100 gain little speed. Measured: docs/defaults.md."""
    return min(max(rows // 100, SMALLEST_BATCH), LARGEST_BATCH)


def _warn_of_little(rows: Rows, loss: Loss) -> None:
    """What can be trained and is probably not what was meant."""
    found = ""
    if len(rows) == 1:
        found = "X has one row to train with: nothing can be learned from how rows differ."
    elif loss.targets != "numbers" and all_alike(rows.targets, rows.places):
        found = "y holds one class only: the network can but learn to say so."
    if found:
        warnings.warn(found, stacklevel=6)  # where the user calls fit


def _refuse_what_needs_arrays(asked: Options) -> None:
    names = ("batch_size", "sample_weight", "class_weight")
    given = [name for name in names if getattr(asked, name) is not None]
    given += [name for name in ("standardize", "validation_split") if getattr(asked, name)]
    if given:
        raise ValueError(
            f"X is an iterable of batches, for which {', '.join(given)} cannot be used: it needs "
            "arrays X and y. Give weights with the batches: (X, y, weights)."
        )


def _settle_given(network: Structure, source: Given, masked: bool) -> Settled:
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


def _validation(network: Structure, given: Any, by: Settled, masked: bool) -> Rows:
    if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
        raise ValueError(
            "validation_data must be (X_val, y_val) or (X_val, y_val, weights); got "
            f"{checks.show(given)}."
        )
    return read_rows(network, *parts(given), missing=masked, by=by, suffix="_val")
