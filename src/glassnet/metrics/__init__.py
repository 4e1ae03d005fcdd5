"""How good outputs are: functions of (targets, outputs, weights) that give one number.

`fit(metrics=["f1"])` and `evaluate` find them by name in METRICS. To add a metric, write it in
classification.py (labels) or regression.py (real values), and name it here.
"""

from collections.abc import Callable
from typing import Final

from glassnet.metrics.classification import (
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    f1,
    log_loss,
    precision,
    recall,
    top_k_accuracy,
)
from glassnet.metrics.regression import (
    mean_absolute_error,
    mean_squared_error,
    r2,
    root_mean_squared_error,
)

METRICS: Final[dict[str, Callable[..., float]]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "f1": f1,
    "log_loss": log_loss,
    "mean_absolute_error": mean_absolute_error,
    "mean_squared_error": mean_squared_error,
    "precision": precision,
    "r2": r2,
    "recall": recall,
    "root_mean_squared_error": root_mean_squared_error,
    "top_k_accuracy": top_k_accuracy,
}

__all__ = [
    "METRICS",
    "accuracy",
    "balanced_accuracy",
    "confusion_matrix",
    "f1",
    "log_loss",
    "mean_absolute_error",
    "mean_squared_error",
    "precision",
    "r2",
    "recall",
    "root_mean_squared_error",
    "top_k_accuracy",
]
