"""`train_test_split`: rows for training and rows for testing, drawn at random.

With `stratify` each class by itself.
"""

from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array
from ..core.random import Stream
from .arrays import regular


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
        ValueError: lengths differ, a part would be empty, or `stratify` finds no labels in y.
    """
    X, y = regular("X", X, np.asanyarray), regular("y", y, np.asanyarray)
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
    if y.dtype.kind in "OT":  # of objects, NumPy finds no equal rows
        y = np.array([repr(each) for each in y.ravel().tolist()]).reshape(y.shape)
    _, labels, counts = np.unique(y, axis=0, return_inverse=True, return_counts=True)
    _check_labels(y, len(counts))
    return in_shares(labels.reshape(-1), counts)


def in_shares(labels: Array, counts: Array) -> Array:
    """Places in `labels` (rows,), of which there are `counts`, in an order of which any first part
    holds each label in its share."""
    order = np.argsort(labels, kind="stable")
    within = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
    rank = np.empty(len(labels))
    rank[order] = (within + 0.5) / np.repeat(counts, counts)
    return np.argsort(rank, kind="stable")


def _check_labels(y: Array, count: int) -> None:
    """Refuse numbers that are no labels: their shares cannot be kept."""
    with np.errstate(invalid="ignore"):
        real = y.dtype.kind == "f" and bool((y % 1 != 0).any())
    if real or (count > 10 and 2 * count > len(y)):
        what = "real numbers" if real else f"{count} different values in {len(y)} rows"
        raise ValueError(
            f"stratify=True needs labels that occur several times; y has {what}. Pass "
            "stratify=False, or cut y into a few classes first and split by these."
        )
