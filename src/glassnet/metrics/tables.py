"""From what a user passes to an array of numbers or of text, or an error that says what is wrong.

Nothing is turned into numbers in silence: not text, dates, gaps of masked arrays, or mixtures.
To take in something more, change `numbers` or `labels_or_numbers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.core.checks import show
from glassnet.intake.arrays import refuse_what_would_be_lost

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[Any]
    Indices = NDArray[np.int64]


def numbers(values: ArrayLike, name: str) -> Array:
    """(rows,) or (rows, columns) of real numbers or bools, at least one row; may hold nan."""
    refuse_what_would_be_lost(name, values)
    try:
        array = np.asarray(values)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{name} is not a table of equal rows ({show(str(error))}).") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} is of dtype {array.dtype}: give real numbers, not {show(values)}.")
    return _some_rows(array, name)


def labels_or_numbers(values: ArrayLike, name: str) -> Array:
    """As `numbers`, or (rows,) text."""
    refuse_what_would_be_lost(name, values)
    if not _is_text(values):
        return numbers(values, name)
    return _some_rows(np.asarray(values, dtype=np.str_).reshape(-1), name)


def whole_numbers(labels: Array, name: str) -> Indices:
    """Labels as int64, if they are whole numbers."""
    if labels.dtype.kind == "f":
        check_finite(labels, name)
        real = labels != np.rint(labels)
        if real.any():
            raise ValueError(
                f"{name} hold {first(labels, real)}, but labels are whole numbers: for real "
                "targets use mean_squared_error or r2, or evaluate."
            )
    beyond = np.asarray(np.abs(labels.astype(np.float64)) > 2.0**62)
    if beyond.any():
        raise ValueError(f"{name} hold {first(labels, beyond)}: labels are at most 2**62.")
    return labels.astype(np.int64)


def places_of(labels: Array, classes: Sequence[Any], name: str) -> Indices:
    """The place of each label (rows,) in `classes`; range(n) stands for the labels 0 .. n-1."""
    if isinstance(classes, range):
        check_same_kind(labels, np.array([0]))
        whole = whole_numbers(labels, name)
        check_range(whole, len(classes), name)
        return whole
    places = {label: place for place, label in enumerate(classes)}
    if len(places) < len(classes):
        raise ValueError(f"classes={show(classes)} names a label twice.")
    for row, label in enumerate(labels.tolist()):
        if label not in places:
            raise ValueError(
                f"{name} hold the label {show(label)} at row {row}, which is not in "
                f"classes={show(classes)}."
            )
    return np.array([places[label] for label in labels.tolist()], dtype=np.int64)


def check_range(labels: Indices, classes: int, name: str) -> None:
    """Refuse labels that are not 0 .. classes-1."""
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        raise ValueError(
            f"{name} hold the label {first(labels, wrong)}, allowed are 0 to {classes - 1} "
            "(real values are for mean_squared_error, r2 and evaluate)."
        )


def check_same_kind(labels: Array, others: Array) -> None:
    """Refuse to compare text with numbers."""
    if (labels.dtype.kind == "U") != (others.dtype.kind == "U"):
        raise TypeError(
            "text labels cannot be compared with numbers: give text on both sides, as "
            "net.classify(X) does for a network with classes=."
        )


def check_finite(array: Array, name: str) -> None:
    """Refuse nan and infinity."""
    wrong = ~np.isfinite(array)
    if wrong.any():
        raise ValueError(f"{name} hold {first(array, wrong)}: give finite numbers.")


def first(array: Array, wrong: NDArray[np.bool_]) -> str:
    """The first of the wrong values and its place, in words."""
    place = tuple(int(index) for index in np.argwhere(wrong)[0])
    column = f", column {place[1]}" if len(place) > 1 else ""
    return f"{array[place]} at row {place[0]}{column}"


def _some_rows(array: Array, name: str) -> Array:
    if array.ndim not in (1, 2) or array.size == 0:
        raise ValueError(
            f"{name} is of shape {array.shape}: give (rows,) or (rows, columns), at least one row."
        )
    return array


def _is_text(values: ArrayLike) -> bool:
    """Whether all of it is text; NumPy would make text of numbers among text in silence."""
    try:
        array = np.asarray(values)
    except (ValueError, TypeError):
        return False
    if array.dtype.kind not in "OU" or array.ndim == 0 or array.size != len(array):
        return False
    objects = values if isinstance(values, np.ndarray) else np.asarray(values, dtype=object)
    return all(isinstance(value, str) for value in objects.flat)
