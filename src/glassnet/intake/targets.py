"""Targets: what a user passes as y, checked and told apart; and `loss="auto"`.

Integer labels are column numbers and are never re-encoded (a batch may lack a class); labels of
another kind need `classes=`. Where y could mean two things it is refused, not guessed. Numbers stay
as the user has them, and are looked through block by block: y may be a large file.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.checks import show
from ..losses import LOSSES, Loss
from .arrays import (
    blocks_of_rows,
    cell,
    column_names,
    finite,
    numbers,
    refuse_what_is_no_array,
)

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
    if wanted.outputs > 1 and values.shape[1] == 1:
        return LOSSES["softmax_cross_entropy"]
    if not all(map(_zeros_and_ones, _known(values, wanted))):
        return LOSSES["squared_error"]
    one_hot = wanted.outputs > 1 and _one_a_row(values)
    return LOSSES["softmax_cross_entropy" if one_hot else "logistic"]


def read_targets(loss: Loss, y: Any, rows: int, wanted: Wanted) -> Array:
    """y as labels (rows,) or as numbers (rows, columns), of any numeric dtype; unknown ones are
    nan. An array of numbers is not copied."""
    values = _values(y, wanted)
    if len(values) != rows:
        raise ValueError(
            f"{wanted.name} has {len(values)} rows, but its X has {rows}: inconsistent numbers of "
            "samples. Pass one target for each row."
        )
    if loss.targets == "labels":
        return _labels_or_shares(values, wanted)
    columns, odd = divmod(wanted.outputs, loss.statistics)
    if values.shape[1] == 1 < columns == wanted.outputs and _whole(values):
        # One integer for several outputs can only be a label: its one-hot row is meant.
        labels = _whole_labels(values[:, 0], wanted).astype(np.intp)
        values = np.eye(columns, dtype=np.uint8)[labels]
    if odd or values.shape[1] != columns:
        raise ValueError(
            f"{wanted.name} has {values.shape[1]} columns, but a network with {wanted.outputs} "
            f"outputs and the loss {loss.name!r} ({loss.statistics} outputs for each target) "
            f"needs {columns if not odd else 'a number that fits'}."
        )
    _check_values(loss, values, wanted)
    return values


def labels_in(targets: Array) -> Array | None:
    """(rows,) the labels where checked targets are labels, or a column of 0 and 1; else None."""
    if targets.ndim == 1:
        return targets
    column = targets[:, 0] if targets.shape[1] == 1 else None
    zeros_and_ones = column is not None and all(map(_zeros_and_ones, blocks_of_rows(column)))
    return column if zeros_and_ones else None


def all_alike(targets: Array, places: Array | None = None) -> bool:
    """Whether the targets (at some places) are the same in every row."""
    first = targets[0 if places is None else places[0]]
    return not any((block != first).any() for block in blocks_of_rows(targets, places))


def read_labels(y: Any, rows: int, wanted: Wanted) -> Array:
    """y as labels (rows,) int64, or as 0/1 (rows, outputs) where rows carry several labels."""
    values = _values(y, wanted)
    if len(values) != rows:
        raise ValueError(f"{wanted.name} has {len(values)} rows, but X_test has {rows}.")
    zeros_and_ones = all(map(_zeros_and_ones, blocks_of_rows(values)))
    if wanted.outputs == 1 and values.shape[1] == 1 and zeros_and_ones:
        return np.asarray(values[:, 0].astype(np.int64))
    if wanted.outputs > 1 and values.shape[1] == 1 and _whole(values):
        return _whole_labels(values[:, 0], wanted).astype(np.int64)
    if values.shape[1] == wanted.outputs > 1 and zeros_and_ones:
        return np.asarray(_columns(values) if _one_a_row(values) else values).astype(np.int64)
    raise ValueError(
        f"{wanted.name} must be labels: integers (rows,), one-hot rows, or 0 and 1; got "
        f"{show(values)} from {values.min()} to {values.max()}. For real-valued targets use "
        "evaluate(X, y)."
    )


def encode(labels: Array, classes: Sequence[Any], name: str) -> Array:
    """Column numbers (rows,) for labels that stand in `classes`."""
    index = {label: place for place, label in enumerate(classes)}
    found, start = _for_places(len(labels), len(classes)), 0
    for block in blocks_of_rows(labels):
        each = block.tolist()
        try:
            found[start : start + len(each)] = [index[label] for label in each]
        except (KeyError, TypeError):
            known = (isinstance(label, Hashable) and label in index for label in each)
            place = next(i for i, found_it in enumerate(known) if not found_it)
            raise ValueError(
                f"{name} has the label {show(each[place])} at index {start + place}, which is not "
                f"in classes: {show(list(classes))}."
            ) from None
        start += len(each)
    return found


def _for_places(rows: int, columns: int) -> Array:
    """Room for the number of a column in each row, in as few bytes as will do."""
    return np.empty(rows, np.min_scalar_type(columns - 1))


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


def _known(values: Array, wanted: Wanted) -> Iterator[Array]:
    """Blocks of the numbers that are known, 1-D; `values` are checked."""
    for block in blocks_of_rows(values):
        flat = block.reshape(-1)
        gaps = np.isnan(flat) if wanted.missing and flat.dtype.kind == "f" else np.False_
        flat = flat[~gaps] if gaps.any() else flat
        if flat.size:
            yield flat


def _zeros_and_ones(values: Array) -> bool:
    return bool(values.dtype == bool or np.all((values == 0) | (values == 1)))


def _whole(values: Array) -> bool:
    """Whether there are integers only."""
    return values.dtype.kind != "f" or not any((b % 1).any() for b in blocks_of_rows(values))


def _one_a_row(values: Array) -> bool:
    """Whether zeros and ones are one-hot rows."""
    return all((block.sum(axis=1) == 1).all() for block in blocks_of_rows(values))


def _columns(values: Array) -> Array:
    """(rows,) the column of the largest number in each row."""
    found, start = _for_places(*values.shape), 0
    for block in blocks_of_rows(values):
        found[start : start + len(block)] = block.argmax(axis=1)
        start += len(block)
    return found


def _labels_or_shares(values: Array, wanted: Wanted) -> Array:
    """Labels from one column of integers or one-hot rows; else rows of probabilities."""
    if any(np.isnan(block).any() for block in blocks_of_rows(values) if wanted.missing):
        raise ValueError(f"{wanted.name} contains NaN: a label cannot be unknown; drop such rows.")
    if values.shape[1] == 1:
        return _whole_labels(values[:, 0], wanted)
    if values.shape[1] != wanted.outputs:
        raise ValueError(
            f"{wanted.name} has {values.shape[1]} columns, but the network has {wanted.outputs} "
            "outputs; pass integer labels (rows,) or one column for each output."
        )
    if not all(map(_probabilities, blocks_of_rows(values))):
        raise ValueError(
            f"each row of {wanted.name} must be the probabilities of the classes: at least 0, "
            "with sum 1. For several labels a row use loss='logistic'."
        )
    return _columns(values) if all(map(_zeros_and_ones, blocks_of_rows(values))) else values


def _probabilities(values: Array) -> bool:
    sums = values.sum(axis=1, dtype=np.float64)
    return bool(values.min() >= 0 and np.abs(sums - 1.0).max() <= 1e-3)


def _whole_labels(labels: Array, wanted: Wanted) -> Array:
    outputs, start = wanted.outputs, 0
    for block in blocks_of_rows(labels):
        wrong = (block < 0) | (block >= outputs)
        if block.dtype.kind == "f":
            wrong |= block % 1 != 0
        if wrong.any():
            place = start + int(np.argmax(wrong))
            raise ValueError(
                f"{wanted.name} must be integer labels from 0 to {outputs - 1}, the numbers of the "
                f"network's {outputs} outputs; got {labels[place]} at {cell((place,))}. For other "
                "labels pass Network(..., classes=[...])."
            )
        start += len(block)
    return labels


def _check_values(loss: Loss, values: Array, wanted: Wanted) -> None:
    known = partial(_known, values, wanted)
    if next(known(), None) is None:
        raise ValueError(f"{wanted.name} has no known value at all.")
    if loss.targets == "flags" and any(part.min() < 0 or part.max() > 1 for part in known()):
        lowest, highest = min(part.min() for part in known()), max(part.max() for part in known())
        raise ValueError(
            f"{wanted.name} must lie in [0, 1] for the loss {loss.name!r}; it goes from "
            f"{lowest} to {highest}. For other numbers use loss='squared_error'."
        )
    complaint = next(filter(None, map(loss.complaint, known())), "")
    if complaint:
        raise ValueError(
            f"{wanted.name} does not suit the loss {loss.name!r}: {complaint}; the lowest is "
            f"{min(part.min() for part in known())}."
        )
