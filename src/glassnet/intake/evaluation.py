"""Loss, metrics and labels: what a network is worth on rows that it does not learn from.

Metrics themselves are in glassnet/metrics; here they meet a network.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ..core.arrays import Array, each_float, ratio
from ..core.checks import closest, show
from ..core.doors import door
from ..core.network import Network
from ..core.structure import Structure
from ..sources.rows import Rows
from .data import check_inputs, read_rows, settled, wanted
from .targets import read_labels

Metric = Callable[..., float]


def metrics_named(metrics: Any, default: str) -> dict[str, Metric]:
    """Metrics by name, from names, functions, or a dictionary of functions; None: the default."""
    if metrics is None:
        metrics = (default,) if default else ()
    if isinstance(metrics, Mapping):
        named = [(str(name), _metric(metric)[1]) for name, metric in metrics.items()]
    elif isinstance(metrics, (str, np.ndarray)) or not isinstance(metrics, Iterable):
        named = [_metric(metrics)]
    else:
        named = [_metric(metric) for metric in metrics]
    _check_names([name for name, _ in named])
    return dict(named)


def _check_names(names: list[str]) -> None:
    """Refuse what would be overwritten in the results."""
    if "loss" in names:
        raise ValueError(
            "metrics must not have the name 'loss', which stands for the loss itself. Pass a "
            "dictionary {name: function}."
        )
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ValueError(
                f"metrics must have different names; got {show(name)} twice. Pass a dictionary "
                "{name: function}."
            )


def _metric(metric: Any) -> tuple[str, Metric]:
    """The name of a metric and its function."""
    if callable(metric) and not isinstance(metric, type):
        return getattr(metric, "__name__", type(metric).__name__), metric
    table = door("metrics")
    if isinstance(metric, str) and metric in table:
        return metric, table[metric]
    near = closest(metric, table) if isinstance(metric, str) else ""
    raise (ValueError if isinstance(metric, str) else TypeError)(
        f"metrics must be names of {', '.join(table)}, or functions of (targets, outputs, "
        f"weights); got {show(metric)}.{near}"
    )


def evaluate_rows(
    network: Structure, rows: Rows, metrics: Mapping[str, Metric], in_training: bool = False
) -> dict[str, Any]:
    """{"loss": weighted mean over rows, metric: value, ...}; the loss is that of training, on the
    scale of training; metrics see targets and predictions as the user has them. Of a fleet each
    value is an array (members,). In training a metric of outputs that are not finite is nan."""
    loss = network.settled_loss("evaluate")
    total: Any = np.zeros(network.lead) if network.lead else 0.0
    weight: Any = 0.0
    targets: list[Array] = []
    outputs: list[Array] = []
    with np.errstate(all="ignore"):
        for batch in rows.in_order(network.rows_at_once):
            scores = network.passes.scores(batch.inputs)
            largest = np.finfo(scores.dtype).max  # infinity would make nan of what has a limit
            np.clip(scores, -largest, largest, out=scores)
            losses = loss.compute(scores, batch.targets, np.empty_like(scores), batch.known)
            weights = np.ones(batch.rows) if batch.weights is None else batch.weights
            total += each_float(np.vecdot(losses.astype(np.float64), weights))
            weight += batch.total_weight()
            if metrics:
                outputs.append(network.to_outputs(scores))
                targets.append(_as_given(network, batch.targets, batch.known))
    values = {"loss": ratio(total, weight)}
    if metrics:
        shares = rows.weights_of(None, slice(None) if rows.places is None else rows.places)
        wanted, given = np.concatenate(targets), np.concatenate(outputs, axis=-2)
        for name, metric in metrics.items():
            if in_training and not network.lead and not np.isfinite(given).all():
                values[name] = math.nan
            else:
                values[name] = _values(name, metric, wanted, given, shares)
    return values


def _values(name: str, metric: Metric, targets: Array, outputs: Array, weights: Any) -> Any:
    """What a metric gives: a number, or an array with one for each member; nan for one whose
    outputs are not finite, which is no reason to be without the others."""
    if outputs.ndim == 2:
        return value_of(name, metric, targets, outputs, weights)
    each = weights if np.ndim(weights) == 2 else [weights] * len(outputs)
    pairs = zip(outputs, each, strict=True)
    return np.array(
        [
            value_of(name, metric, targets, one, weight) if np.isfinite(one).all() else np.nan
            for one, weight in pairs
        ]
    )


def value_of(name: str, metric: Metric, targets: Array, outputs: Array, weights: Any) -> float:
    """What a metric gives; its name goes into every error."""
    try:
        value = np.asarray(metric(targets, outputs, weights))
    except (ValueError, TypeError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(f"the metric {show(name)}: {error}") from error
    if value.ndim or value.dtype.kind not in "biuf":
        given = show(value.item() if value.ndim == 0 else value)
        raise TypeError(f"the metric {show(name)} must give one number; it gave {given}.")
    return float(value)


def evaluate(
    network: Network, X: Any, y: Any, sample_weight: Any, metrics: Any
) -> dict[str, float]:
    """See Network.evaluate."""
    loss = network.settled_loss("evaluate")
    rows = read_rows(network, X, y, sample_weight, missing=True, by=settled(network))
    return evaluate_rows(network, rows, metrics_named(metrics, loss.metric))


def classify(network: Network, X: Any) -> Array:
    """See Network.classify."""
    loss = network.settled_loss("classify")
    if loss.targets == "numbers" and (network.classes is None or loss.statistics > 1):
        raise ValueError(
            f"classify needs a network that tells labels apart; this one has the loss "
            f"{loss.name!r}. Use predict(X), or Network(..., loss='auto', classes=[...])."
        )
    outputs = network.predict(X)
    if loss.targets == "flags" and network.layers[-1] > 1:
        return (outputs >= 0.5).astype(np.int64)
    places = _places(outputs)
    return places if network.classes is None else np.array(network.classes)[places]


def test_accuracy(network: Network, X: Any, y: Any) -> float:
    """See Network.test_accuracy."""
    loss = network.settled_loss("test_accuracy")
    if loss.statistics > 1:
        raise ValueError(
            f"test_accuracy needs a network that tells labels apart; the loss {loss.name!r} has "
            f"{loss.statistics} outputs for each target. Use evaluate(X, y)."
        )
    check_inputs(network, X, "X_test")
    outputs = network.predict(X)
    labels = read_labels(y, len(outputs), wanted(network, "y_test", False))
    if loss.targets == "flags" and labels.ndim == 1 and outputs.shape[1] > 1:
        labels = np.eye(outputs.shape[1], dtype=np.int64)[labels]  # one label of several a row
    if labels.ndim == 2:
        return float(np.mean(((outputs >= 0.5) == labels).all(axis=1)))
    return float(np.mean(_places(outputs) == labels))


def _places(outputs: Array) -> Array:
    """The column of the largest output; of one output whether it is at least 0.5."""
    if outputs.shape[1] == 1:
        return (outputs[:, 0] >= 0.5).astype(np.int64)
    return np.asarray(outputs.argmax(axis=1))


def _as_given(network: Structure, targets: Array, known: Array | None) -> Array:
    """Targets as the user has them: not scaled, nan where unknown."""
    if network.target_scaling is not None:
        targets = network.target_scaling.undo(targets)
    return targets if known is None else np.where(known > 0, targets, np.nan)
