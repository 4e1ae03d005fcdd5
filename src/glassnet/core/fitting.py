"""What `fit` is asked for: every argument checked, everything open settled, then training runs.

Nothing is changed before all checks have passed, so that a failed call leaves the network as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from . import checks
from .batches import Rows, Shuffled
from .blas import environment
from .callback import Callback
from .data import Settled, read_rows, settle, split, weigh_classes
from .evaluation import metrics_named
from .given import Given, is_batches, parts
from .history import History
from .optimizers import Optimizer
from .passes import Batch
from .plans import make_callbacks, make_optimizer, make_schedule
from .schedules import Schedule
from .training import Plan, Training

if TYPE_CHECKING:
    from .network import Network

DEFAULT_BATCH = 100


def fit(
    self: Network,
    X: Any,
    y: Any = None,
    *,
    epochs: int = 20,
    batch_size: int | None = None,
    verbose: bool = False,
    optimizer: str | Optimizer = "adam",
    learning_rate: float | Schedule | None = None,
    schedule: str | Schedule = "one_cycle",
    weight_decay: float | None = None,
    validation_data: Sequence[Any] | None = None,
    validation_split: float = 0.0,
    sample_weight: Any = None,
    class_weight: Any = None,
    metrics: Any = None,
    callbacks: Sequence[Callback] = (),
    early_stopping: Any = None,
    standardize: bool = False,
    missing: str = "error",
    target_loss: float | None = None,
    time_limit: float | None = None,
    shuffle: bool = True,
) -> History:
    """Train on X (rows, inputs) and y; gives the history of this call.

    Args:
        X: numbers, bytes (uint8 images: scaled by 1/255) or a memory-mapped array of any size; or,
            without y, an iterable of batches (X, y) or (X, y, weights), walked once per epoch.
        y: labels (rows,), one-hot rows, 0/1 values, probabilities or numbers (rows, columns).
        epochs: times that all rows are seen. batch_size: rows in a step; None: 100, at most all.
        verbose: a line that shows progress, on standard error.
        optimizer: a name or an object with its settings: `SGD(learning_rate=0.1, momentum=0.9)`.
        learning_rate: a number above 0 (None: that of the optimizer), or a function
            `Progress -> learning rate`.
        schedule: a name or an object: what the learning rate is multiplied with over this call.
        weight_decay: at least 0, of weights, never of biases; see Optimizer.
        validation_data: (X, y) or (X, y, weights), evaluated after each epoch;
            validation_split: the share of rows in [0, 1) drawn for that instead.
        sample_weight: (rows,) at least 0: with one full batch, weight 2 equals the row twice.
        class_weight: {label: weight}, or "balanced".
        metrics: names or functions, evaluated on the validation rows.
        callbacks: objects with hooks; see Callback.
        early_stopping: epochs to wait for a lower (validation) loss, or an EarlyStopping; the best
            parameters are restored.
        standardize: inputs, and targets of a regression, to mean 0 and spread 1; stored.
        missing: "mask": nan in numeric targets means unknown; "error": refused.
        target_loss: stop when the loss (of validation where given) is at most this.
        time_limit: seconds after which to stop, after the batch. shuffle: rows in random order.

    Parameters and random streams go on where they were; optimizer and schedule start anew.

    Raises:
        ValueError, TypeError: an argument is not as above; nothing was changed.
        DivergenceError: loss or parameters left the finite numbers; the last finite are kept.
        KeyboardInterrupt: Ctrl-C, after the batch; network and history are consistent.
    """
    masked = checks.name_of("missing", missing, ("error", "mask")) == "mask"
    checks.flag("standardize", standardize), checks.flag("shuffle", shuffle)
    plan = Plan(
        optimizer=make_optimizer(optimizer, learning_rate, weight_decay),
        schedule=make_schedule(learning_rate, schedule),
        epochs=checks.whole("epochs", epochs),
        callbacks=make_callbacks(callbacks, early_stopping, checks.flag("verbose", verbose)),
        target_loss=checks.optional_number("target_loss", target_loss),
        time_limit=checks.optional_positive("time_limit", time_limit),
    )
    size = None if batch_size is None else checks.whole("batch_size", batch_size)
    share = checks.fraction("validation_split", validation_split)
    if y is None and is_batches(X):
        if standardize or share or sample_weight is not None or class_weight is not None or size:
            raise ValueError(
                "X is an iterable of batches: standardize, validation_split, sample_weight, "
                "class_weight and batch_size need arrays X and y. Weights go into the batches."
            )
        source: Given | Shuffled = Given(X, plan.epochs)
        by, count = _settle_given(self, source, masked), None
    else:
        by = settle(self, X, y, standardize, masked)
        rows = read_rows(self, X, y, sample_weight, missing=masked, by=by)
        rows = rows if class_weight is None else weigh_classes(rows, class_weight, self)
        if share:
            rows, plan.validation = split(rows, share, self._streams[1])
        source, count = _shuffled(self, rows, size, shuffle, plan), len(rows)
    if validation_data is not None:
        plan.validation = _validation(self, validation_data, by, masked, share)
    default = by.loss.metric if plan.validation is not None else ""
    plan.metrics = metrics_named(metrics, default)
    self.loss, self.input_scaling, self.target_scaling = by.loss, by.inputs, by.targets
    return _run(self, Training(self, source, count, plan))


def _run(network: Network, training: Training) -> History:
    training.history.environment = environment()
    try:
        return training.run()
    finally:
        network.history.append_call(training.history)


def _shuffled(
    network: Network, rows: Rows, size: int | None, shuffle: bool, plan: Plan
) -> Shuffled:
    if plan.optimizer.full_batch and size is not None and size < len(rows):
        raise ValueError(
            f"the optimizer {type(plan.optimizer).__name__} needs all rows in one batch; got "
            f"batch_size={size} for {len(rows)} rows. Leave batch_size out, or use 'adam'."
        )
    size = size or (len(rows) if plan.optimizer.full_batch else DEFAULT_BATCH)
    return Shuffled(rows, size, network._streams[1] if shuffle else None)


def _settle_given(network: Network, source: Given, masked: bool) -> Settled:
    """Settle by the first batch, and tell the source how to read each."""
    X, y, weights = parts(source.first)
    by = settle(network, X, y, False, masked)

    def read(X: Any, y: Any, weights: Any) -> Batch:
        rows = read_rows(network, X, y, weights, missing=masked, by=by, keep=True)
        return next(rows.in_order(len(rows)))

    read(X, y, weights)
    source.read = read
    return by


def _validation(
    network: Network, given: Sequence[Any], by: Settled, masked: bool, share: float
) -> Rows:
    if share:
        raise ValueError("pass validation_data or validation_split, not both.")
    if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
        raise ValueError(
            "validation_data must be (X_val, y_val) or (X_val, y_val, weights); got "
            f"{checks.show(given)}."
        )
    return read_rows(network, *parts(given), missing=masked, by=by, suffix="_val", keep=True)
