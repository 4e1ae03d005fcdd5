"""`train_test_split`: rows for training and rows for testing, drawn at random."""

from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array
from ..core.random import Stream


def train_test_split(
    X: Any, y: Any, test_size: float | int = 0.2, *, seed: int | None = None, stratify: bool = False
) -> tuple[Any, Any, Any, Any]:
    """Split rows at random into X_train, X_test, y_train, y_test.

    Args:
        X: (rows, ...) array; y: (rows,) or (rows, columns).
        test_size: the share of rows to test with, in (0, 1), or their number.
        seed: the same seed gives the same split; None another one each time.
        stratify: each label (or one-hot row) keeps its share in both parts.

    Raises:
        ValueError: lengths differ, or a part would be empty.
    """
    X, y = np.asanyarray(X), np.asanyarray(y)
    if X.ndim == 0 or y.ndim == 0 or len(X) != len(y):
        raise ValueError(
            f"X and y must have one entry for each row; got shapes {X.shape} and {y.shape}."
        )
    count = _test_count(test_size, len(X))
    order = Stream(checks.seed(seed), "split").permutation(len(X))
    tested = np.zeros(len(X), bool)
    chosen = _by_label(y[order]) if checks.flag("stratify", stratify) else np.arange(len(X))
    tested[chosen[:count]] = True
    test, train = order[tested], order[~tested]
    return X[train], X[test], y[train], y[test]


def _test_count(test_size: float | int, rows: int) -> int:
    if isinstance(test_size, (int, np.integer)) and not isinstance(test_size, bool):
        count = checks.whole("test_size", test_size)
    else:
        count = round(rows * checks.fraction("test_size", test_size, zero=False))
    if not 0 < count < rows:
        raise ValueError(
            f"test_size={test_size} of {rows} rows leaves {rows - count} rows to train and {count} "
            "to test with; each needs at least 1."
        )
    return count


def _by_label(y: Array) -> Array:
    """Places in `y` in an order of which any first part holds each label in its share."""
    _, labels = np.unique(y, axis=0, return_inverse=True)
    labels = labels.reshape(-1)
    rank = np.empty(len(y))
    for label in range(int(labels.max()) + 1):
        mine = np.flatnonzero(labels == label)
        rank[mine] = (np.arange(len(mine)) + 0.5) / len(mine)
    return np.argsort(rank, kind="stable")
