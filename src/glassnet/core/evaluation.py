"""Loss and metrics of a network on rows that it does not learn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .batches import Rows
from .checks import closest, show
from .doors import door

if TYPE_CHECKING:
    from .network import Network

Metric = Callable[..., float]

ROWS_AT_ONCE = 2048
"""Rows that go through the layers together: enough for full speed, few enough for the cache."""


def metrics_named(metrics: Any, default: str) -> dict[str, Metric]:
    """Metrics by name, from names, functions, or a dictionary of functions; None: the default."""
    if metrics is None:
        metrics = (default,) if default else ()
    if isinstance(metrics, str) or callable(metrics):
        metrics = (metrics,)
    if isinstance(metrics, Mapping):
        return dict(metrics)
    found: dict[str, Metric] = {}
    for metric in metrics:
        if callable(metric):
            found[getattr(metric, "__name__", type(metric).__name__)] = metric
            continue
        table = door("metrics")
        if metric not in table:
            raise ValueError(
                f"metrics must be names of {', '.join(table)}, or functions of (targets, outputs, "
                f"weights); got {show(metric)}.{closest(str(metric), table)}"
            )
        found[metric] = table[metric]
    return found


def evaluate_rows(network: Network, rows: Rows, metrics: Mapping[str, Metric]) -> dict[str, float]:
    """{"loss": weighted mean over rows, metric: value, ...}; the loss is that of training, on the
    scale of training; metrics see targets and predictions as the user has them."""
    loss = network.settled_loss("evaluate")
    total, weight = 0.0, 0.0
    targets: list[NDArray[Any]] = []
    outputs: list[NDArray[Any]] = []
    with np.errstate(all="ignore"):
        for batch in rows.in_order(ROWS_AT_ONCE):
            scores = network.passes.scores(batch.inputs)
            losses = loss.compute(scores, batch.targets, np.empty_like(scores), batch.known)
            weights = np.ones(batch.rows) if batch.weights is None else batch.weights
            total += float(losses.astype(np.float64) @ weights)
            weight += batch.total_weight()
            if metrics:
                outputs.append(network.to_outputs(scores))
                targets.append(network.to_given(batch.targets, batch.known))
    values = {"loss": total / weight if weight else float("nan")}
    if metrics:
        wanted, given = np.concatenate(targets), np.concatenate(outputs)
        weights = rows.weights if rows.places is None or rows.weights is None else (
            rows.weights[rows.places]
        )
        for name, metric in metrics.items():
            values[name] = float(metric(wanted, given, weights))
    return values
