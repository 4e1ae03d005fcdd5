"""Targets: what a user passes as y, turned into what a loss works on; and `loss="auto"`.

Integer labels are column numbers and are never re-encoded (a batch may lack a class); labels of
another kind need `classes=`. Where y could mean two things it is refused, not guessed.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.checks import show
from ..losses import LOSSES, Loss
from .arrays import cell, column_names, finite, numbers, refuse_what_is_no_array

Classes = Sequence[Any] | None


@dataclass
class Wanted:
    """How y is to be read: by the network's outputs, classes and dtype; `missing` as in fit."""

    outputs: int
    classes: Classes
    dtype: np.dtype[Any]
    missing: bool = False
    name: str = "y"


def settle_loss(y: Any, wanted: Wanted) -> Loss:
    """The loss that loss="auto" means for this y."""
    values = _values(y, wanted)
    known = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    if wanted.outputs == 1:
        return LOSSES["logistic" if _zeros_and_ones(known) else "squared_error"]
    if values.shape[1] == 1:
        return LOSSES["softmax_cross_entropy"]
    if _zeros_and_ones(known):
        one_hot = known.size == values.size and bool((values.sum(axis=1) == 1).all())
        return LOSSES["softmax_cross_entropy" if one_hot else "logistic"]
    return LOSSES["squared_error"]


def read_targets(loss: Loss, y: Any, rows: int, wanted: Wanted) -> Array:
    """y as labels (rows,) int64 or as numbers (rows, columns); unknown ones are nan."""
    values = _values(y, wanted)
    if len(values) != rows:
        raise ValueError(
            f"{wanted.name} has {len(values)} rows, but its X has {rows}: inconsistent numbers of "
            "samples. Pass one target for each row."
        )
    if loss.targets == "labels":
        return _labels_or_shares(values, wanted)
    columns, odd = divmod(wanted.outputs, loss.statistics)
    if values.shape[1] == 1 < columns == wanted.outputs and not np.any(values % 1):
        # One integer for several outputs can only be a label: its one-hot row is meant.
        values = np.eye(columns)[_whole_labels(values[:, 0], wanted)]
    if odd or values.shape[1] != columns:
        raise ValueError(
            f"{wanted.name} has {values.shape[1]} columns, but a network with {wanted.outputs} "
            f"outputs and the loss {loss.name!r} ({loss.statistics} outputs for each target) "
            f"needs {columns if not odd else 'a number that fits'}."
        )
    _check_values(loss, values, wanted)
    return np.ascontiguousarray(values, dtype=np.float64)


def read_labels(y: Any, rows: int, wanted: Wanted) -> Array:
    """y as labels (rows,) int64, or as 0/1 (rows, outputs) where rows carry several labels."""
    values = _values(y, wanted)
    if len(values) != rows:
        raise ValueError(f"{wanted.name} has {len(values)} rows, but X_test has {rows}.")
    zeros_and_ones = _zeros_and_ones(values)
    if wanted.outputs == 1 and values.shape[1] == 1 and zeros_and_ones:
        return np.asarray(values[:, 0].astype(np.int64))
    if wanted.outputs > 1 and values.shape[1] == 1 and not np.any(values % 1):
        return _whole_labels(values[:, 0], wanted)
    if values.shape[1] == wanted.outputs > 1 and zeros_and_ones:
        one_hot = bool((values.sum(axis=1) == 1).all())
        return np.asarray(values.argmax(axis=1) if one_hot else values.astype(np.int64))
    raise ValueError(
        f"{wanted.name} must be labels: integers (rows,), one-hot rows, or 0 and 1; got "
        f"{show(values)} from {values.min()} to {values.max()}. For real-valued targets use "
        "evaluate(X, y)."
    )


def encode(labels: Array, classes: Sequence[Any], name: str) -> Array:
    """Column numbers (rows,) for labels that stand in `classes`."""
    index = {label: place for place, label in enumerate(classes)}
    for place, label in enumerate(labels.tolist()):
        if not isinstance(label, Hashable) or label not in index:
            raise ValueError(
                f"{name} has the label {show(label)} at index {place}, which is not in classes: "
                f"{show(list(classes))}."
            )
    return np.array([index[label] for label in labels.tolist()], dtype=np.int64)


def _values(y: Any, wanted: Wanted) -> Array:
    """y as numbers (rows, columns), labels encoded, a single column where it is 1-D."""
    if y is None:
        raise ValueError(f"{wanted.name} is None: training and evaluating need the wanted values.")
    if wanted.classes is not None:
        refuse_what_is_no_array(wanted.name, y)
        raw = np.asarray(y, dtype=object if isinstance(y, (list, tuple)) else None)
        if raw.ndim == 1 or (raw.ndim == 2 and raw.shape[1] == 1):
            return encode(raw.reshape(-1), wanted.classes, wanted.name)[:, None]
    values = _numbers_or_advice(y, wanted)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2:
        raise ValueError(
            f"{wanted.name} must have one value or one row of values for each row of X, shape "
            f"(rows,) or (rows, columns); got shape {values.shape}."
        )
    finite(wanted.name, values, wanted.dtype, column_names(y), missing=wanted.missing)
    return values


def _numbers_or_advice(y: Any, wanted: Wanted) -> Array:
    try:
        return numbers(wanted.name, y)
    except ValueError as error:
        if "text" not in str(error):
            raise
        raise ValueError(
            f"{error} For a network that tells labels apart pass Network(..., classes=[...]) with "
            "the labels in the order of the outputs."
        ) from None


def _zeros_and_ones(values: Array) -> bool:
    return bool(values.dtype == bool or np.all((values == 0) | (values == 1)))


def _labels_or_shares(values: Array, wanted: Wanted) -> Array:
    """Labels from one column of integers or one-hot rows; else rows of probabilities."""
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise ValueError(f"{wanted.name} contains NaN: a label cannot be unknown; drop such rows.")
    if values.shape[1] == 1:
        return _whole_labels(values[:, 0], wanted)
    if values.shape[1] != wanted.outputs:
        raise ValueError(
            f"{wanted.name} has {values.shape[1]} columns, but the network has {wanted.outputs} "
            "outputs; pass integer labels (rows,) or one column for each output."
        )
    if values.min() < 0 or np.abs(values.sum(axis=1, dtype=np.float64) - 1.0).max() > 1e-3:
        raise ValueError(
            f"each row of {wanted.name} must be the probabilities of the classes: at least 0, "
            "with sum 1. For several labels a row use loss='logistic'."
        )
    if _zeros_and_ones(values):
        return np.asarray(values.argmax(axis=1))
    return np.ascontiguousarray(values, dtype=wanted.dtype)


def _whole_labels(labels: Array, wanted: Wanted) -> Array:
    outputs = wanted.outputs
    whole = labels.astype(np.int64) if np.abs(labels).max() < 2**53 else labels
    wrong = (whole != labels) | (labels < 0) | (labels >= outputs)
    if wrong.any():
        place = int(np.argmax(wrong))
        raise ValueError(
            f"{wanted.name} must be integer labels from 0 to {outputs - 1}, the numbers of the "
            f"network's {outputs} outputs; got {labels[place]} at {cell((place,))}. For other "
            "labels pass Network(..., classes=[...])."
        )
    return np.ascontiguousarray(whole, dtype=np.int64)


def _check_values(loss: Loss, values: Array, wanted: Wanted) -> None:
    known = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    if known.size == 0:
        raise ValueError(f"{wanted.name} has no known value at all.")
    if loss.targets == "flags" and (known.min() < 0 or known.max() > 1):
        raise ValueError(
            f"{wanted.name} must lie in [0, 1] for the loss {loss.name!r}; it goes from "
            f"{known.min()} to {known.max()}. For other numbers use loss='squared_error'."
        )
    complaint = loss.complaint(known)
    if complaint:
        raise ValueError(
            f"{wanted.name} does not suit the loss {loss.name!r}: {complaint}; the lowest is "
            f"{known.min()}."
        )
