"""What `Network.test_accuracy` answers: how many rows are predicted right, as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.metrics.arguments import read_labels
from glassnet.metrics.tables import labels_or_numbers, places_of

if TYPE_CHECKING:
    from glassnet.core.network import Network


def test_accuracy(network: Network, X_test: Any, y_test: Any) -> float:
    """The fraction in 0 .. 1 of rows that `network` predicts right.

    Args:
        network: a fitted network.
        X_test: (rows, inputs).
        y_test: labels (rows,), one-hot rows, or rows of 0 and 1 for several labels a row, of which
            all must be right.

    Raises:
        ValueError: y_test holds real values, for which `net.evaluate(X, y)` is meant.
    """
    labels = labels_or_numbers(y_test, "y_test")
    if network.classes is not None and labels.size == len(labels):
        labels = places_of(labels.reshape(-1), network.classes, "y_test")
    elif labels.dtype.kind == "f" and not np.array_equal(labels, np.rint(labels)):
        raise ValueError(
            "y_test holds real values, but test_accuracy counts labels: net.evaluate(X, y) "
            "measures how far off real values are."
        )
    labelled = read_labels(labels, network.predict(X_test), None)
    right = labelled.targets == labelled.predicted
    return float(np.mean(right.all(axis=1) if labelled.several else right))


test_accuracy.__test__ = False  # type: ignore[attr-defined]  # pytest: this is no test
