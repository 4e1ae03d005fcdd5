"""Metrics of labels: how often outputs name the right class.

All take `(targets, outputs, weights=None)` and give a float. Targets are labels (rows,) or one-hot
rows; a matrix of 0 and 1 that is not one-hot means several labels a row. Outputs are (rows,
outputs) as `predict` gives them, or labels (rows,) as `classify` does; 1 is best (log_loss: 0).
To add one, write it here and name it in __init__.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from glassnet.core.checks import show
from glassnet.metrics.arguments import Labelled, decide, read_labels
from glassnet.metrics.tables import (
    check_same_kind,
    labels_or_numbers,
    places_of,
    whole_numbers,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[Any]
    Floats = NDArray[np.float64]
    Indices = NDArray[np.int64]

MOST_CLASSES: Final = 10_000


def accuracy(targets: ArrayLike, outputs: ArrayLike, weights: ArrayLike | None = None) -> float:
    """The share of rows that are predicted right; of several labels a row, all that are known.

    The prediction is the largest output, or whether it is at least 0.5 where there is one output or
    where a row may have several labels. As `Network.test_accuracy`.
    """
    labelled = read_labels(targets, outputs, weights)
    right, shares = labelled.targets == labelled.predicted, labelled.weights
    if labelled.several:
        right, shares = (right | (shares == 0)).all(axis=1), shares.max(axis=1)
    return float(np.average(right, weights=shares))


def balanced_accuracy(
    targets: ArrayLike, outputs: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """The mean over the classes of the share of their rows that are predicted right.

    Classes without a row are left out. Not for several labels a row.
    """
    labelled = _one_label_a_row(targets, outputs, weights, "balanced_accuracy")
    counts = _count(labelled)
    there = counts.actual > 0
    return float(np.mean(counts.hits[there] / counts.actual[there]))


def top_k_accuracy(
    targets: ArrayLike, outputs: ArrayLike, weights: ArrayLike | None = None, *, k: int = 2
) -> float:
    """The share of rows whose true class is among the `k` largest of their outputs.

    Args:
        targets: labels (rows,) or one-hot rows.
        outputs: (rows, outputs) as `predict` gives them, more than one output. Of equal outputs
            the first counts as the larger one, as in `accuracy`, which is this with k=1.
        weights: (rows,) or None.
        k: 1 .. outputs.
    """
    labelled = _one_label_a_row(targets, outputs, weights, "top_k_accuracy")
    table = labelled.outputs
    if table is None or table.shape[1] == 1:
        raise ValueError("outputs have one column: top_k_accuracy needs several, (rows, outputs).")
    if isinstance(k, bool) or not isinstance(k, int | np.integer):
        raise TypeError(f"k={k!r} is not an integer.")
    if not 1 <= k <= table.shape[1]:
        raise ValueError(f"k={k} is out of range: give 1 to {table.shape[1]}, one an output.")
    place = labelled.targets[:, np.newaxis]
    own = np.take_along_axis(table, place, axis=1)
    ahead = (table > own) | ((table == own) & (np.arange(table.shape[1]) < place))
    return float(np.average(ahead.sum(axis=1) < k, weights=labelled.weights))


def precision(targets: ArrayLike, outputs: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Of the rows predicted to be of a class, the share that are.

    For labels 0 and 1 (one output, or two) that of class 1; for more classes the mean over those
    that occur in targets or predictions; with several labels a row the mean over the outputs.
    A class that was never predicted counts as 0.
    """
    counts = _counts_to_average(read_labels(targets, outputs, weights))
    return _mean_share(counts.hits, counts.predicted)


def recall(targets: ArrayLike, outputs: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Of the rows of a class, the share that is predicted to be; averaged as in `precision`.

    A class without a row, but predicted, counts as 0.
    """
    counts = _counts_to_average(read_labels(targets, outputs, weights))
    return _mean_share(counts.hits, counts.actual)


def f1(targets: ArrayLike, outputs: ArrayLike, weights: ArrayLike | None = None) -> float:
    """The harmonic mean of a class's precision and recall; averaged as in `precision`.

    It is 0 where both are.
    """
    counts = _counts_to_average(read_labels(targets, outputs, weights))
    return _mean_share(2.0 * counts.hits, counts.predicted + counts.actual)


def log_loss(targets: ArrayLike, outputs: ArrayLike, weights: ArrayLike | None = None) -> float:
    """The mean of -ln(probability given to the true class), in nats; 0 is best.

    Outputs must be probabilities, (rows, outputs). One below the machine epsilon of their dtype
    counts as the epsilon, so that the mean stays finite. Not for several labels a row.
    """
    labelled = _one_label_a_row(targets, outputs, weights, "log_loss")
    table = labelled.outputs
    if table is None or table.dtype.kind != "f" or table.min() < 0.0 or table.max() > 1.0:
        raise ValueError("outputs must be probabilities (rows, outputs) for log_loss, each 0 to 1.")
    if table.shape[1] == 1:
        table = np.concatenate([1.0 - table, table], axis=1)
    own = np.take_along_axis(table, labelled.targets[:, np.newaxis], axis=1)[:, 0]
    surprise = -np.log(np.maximum(own, np.finfo(table.dtype).eps), dtype=np.float64)
    return float(np.average(surprise, weights=labelled.weights)) + 0.0  # no -0.0


def confusion_matrix(
    labels: ArrayLike, predicted: ArrayLike, classes: int | Sequence[Any] | None = None
) -> Indices:
    """How often each class was taken for which.

    Args:
        labels: the true labels (rows,), whole numbers or text.
        predicted: the predicted labels (rows,), as `net.classify(X)` gives them, or the outputs
            (rows, outputs), as `net.predict(X)` does.
        classes: the number of classes, for labels 0 .. classes-1; or the list of all labels, in
            the order of the result (`net.classes`). Without it as many as outputs, or 0 .. the
            largest label, or all texts that occur, sorted.

    Returns:
        (classes, classes) int64 counts: row k is the true class k, column k the predicted one.
    """
    true, guessed = labels_or_numbers(labels, "labels"), labels_or_numbers(predicted, "predicted")
    if len(true) != len(guessed):
        raise ValueError(f"labels have {len(true)} rows, predicted {len(guessed)}: give as many.")
    are_outputs = guessed.ndim == 2 and (guessed.shape[1] > 1 or guessed.dtype.kind == "f")
    true = _column(true, "labels")
    if are_outputs:
        columns, count = decide(guessed), max(guessed.shape[1], 2)
        names = range(count) if classes is None else _names(classes)
        if len(names) != count:
            raise ValueError(f"classes names {len(names)}, but predicted has {count} outputs.")
    else:
        guessed = _column(guessed, "predicted")
        check_same_kind(true, guessed)
        names = _names(_occurring(true, guessed) if classes is None else classes)
        columns = places_of(guessed, names, "predicted")
    size = len(names)
    cells = places_of(true, names, "labels") * size + columns
    return np.bincount(cells, minlength=size * size).reshape(size, size).astype(np.int64)


def _column(labels: Array, name: str) -> Array:
    if labels.ndim == 2 and labels.shape[1] > 1:
        raise ValueError(f"{name} of shape {labels.shape} are not labels (rows,).")
    return labels.reshape(-1)


def _occurring(true: Array, guessed: Array) -> int | Sequence[Any]:
    if true.dtype.kind == "U":
        return sorted({*true.tolist(), *guessed.tolist()})
    largest = max(whole_numbers(true, "labels").max(), whole_numbers(guessed, "predicted").max())
    return max(int(largest), 0) + 1


def _names(classes: int | Sequence[Any]) -> Sequence[Any]:
    """The labels in their order; range(...) for 0 .. classes-1."""
    if isinstance(classes, int | np.integer) and not isinstance(classes, bool):
        names: Sequence[Any] = range(int(classes))
    elif isinstance(classes, Sequence | np.ndarray) and not isinstance(classes, str):
        names = list(classes)
    else:
        raise TypeError(f"classes={show(classes)} is neither a number nor a list of labels.")
    if not 1 <= len(names) <= MOST_CLASSES:
        raise ValueError(f"{len(names)} classes: a confusion matrix has 1 to {MOST_CLASSES:,}.")
    for each in names:
        if not isinstance(each, str | int | float | np.generic):
            raise TypeError(f"classes must be labels, text or numbers; got {show(each)}.")
    return names


def _one_label_a_row(
    targets: ArrayLike, outputs: ArrayLike, weights: ArrayLike | None, name: str
) -> Labelled:
    labelled = read_labels(targets, outputs, weights)
    if labelled.several:
        raise ValueError(f"targets are several labels a row, {name} needs one label a row.")
    return labelled


class Counts(NamedTuple):
    """The weights of rows, summed, for each class: predicted right, predicted, and true."""

    hits: Floats
    predicted: Floats
    actual: Floats


def _count(labelled: Labelled) -> Counts:
    targets, predicted, weights = labelled.targets, labelled.predicted, labelled.weights
    if labelled.several:
        cells = (targets * predicted, predicted, targets)
        return Counts(*((cell * weights).sum(axis=0) for cell in cells))
    right = targets == predicted
    chosen = ((targets[right], weights[right]), (predicted, weights), (targets, weights))
    return Counts(*(np.bincount(of, by, labelled.classes).astype(np.float64) for of, by in chosen))


def _counts_to_average(labelled: Labelled) -> Counts:
    """The counts of the classes that precision, recall and f1 are the mean over."""
    counts = _count(labelled)
    if labelled.yes_or_no:
        return Counts(*(count[1:] for count in counts))
    if labelled.several:
        return counts
    there = counts.predicted + counts.actual > 0
    return Counts(*(count[there] for count in counts))


def _mean_share(parts: Floats, wholes: Floats) -> float:
    """The mean of parts / wholes, 0 / 0 being 0."""
    shares = np.divide(parts, wholes, out=np.zeros_like(wholes), where=wholes > 0)
    return float(np.mean(shares))
