"""Who sees which rows: folds, and orders of which every first part is like the whole.

Everything is drawn from a Stream that is passed. To add a way to share out rows: a function that
gives numbers of rows or of folds.
"""

from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array
from ..core.random import Stream
from ..intake.splitting import in_shares


def make_folds(given: Any, repeats: int, rows: int, labels: Array | None, stream: Stream) -> Array:
    """(repeats, rows) the number of the fold of each row, from 0; `given` as in cross_validate."""
    if np.ndim(given) == 1 and not isinstance(given, str):
        return np.tile(_own_folds(given, rows), (repeats, 1))
    count = checks.whole("folds", given, 2)
    if count > rows:
        raise ValueError(f"folds={count} needs at least {count} rows; X has {rows}.")
    return np.stack([deal(rows, count, labels, stream) for _ in range(repeats)])


def _own_folds(given: Any, rows: int) -> Array:
    """The fold of each row by the user's own names for them."""
    names = np.asarray(given)
    if names.dtype.kind not in "iubUO":
        raise TypeError(
            "folds must be a number, or the fold of each row as integers or text; got "
            f"{checks.show(given)}."
        )
    if len(names) != rows:
        raise ValueError(
            f"folds must be a number, or the fold of each row; got {len(names)} for {rows} rows."
        )
    if names.dtype.kind == "O":
        names = np.array([repr(name) for name in names.tolist()])
    found, numbers = np.unique(names, return_inverse=True)
    if len(found) < 2:
        raise ValueError(f"folds must name at least 2 folds; got only {checks.show(found[0])}.")
    return np.asarray(numbers.reshape(-1))


def deal(rows: int, folds: int, labels: Array | None, stream: Stream) -> Array:
    """(rows,) the fold of each row, at random: dealt out like cards, label by label where there are
    labels, so that the sizes of folds, and the rows of a label in them, differ by one at most."""
    order = stream.permutation(rows)
    if labels is not None:
        order = order[np.argsort(labels[order], kind="stable")]
    found = np.empty(rows, np.int64)
    found[order] = np.arange(rows) % folds
    return found


def spread(rows: int, labels: Array | None, stream: Stream) -> Array:
    """(rows,) the numbers of the rows in random order; where there are labels, any first part
    holds each of them in its share."""
    order = stream.permutation(rows)
    if labels is None:
        return order
    _, numbers, counts = np.unique(labels[order], return_inverse=True, return_counts=True)
    return np.asarray(order[in_shares(numbers.reshape(-1), counts)])


def held_back(share: float, rows: int, name: str) -> int:
    """How many rows a share of them is; each part needs at least one."""
    count = round(rows * checks.fraction(name, share, zero=False))
    if not 0 < count < rows:
        raise ValueError(
            f"{name}={share} of {rows} rows leaves {rows - count} to train and {count} to measure "
            "with; each needs at least 1."
        )
    return count


def refuse_without_weight(rows: Array, weights: Array | None, what: str) -> None:
    """Refuse rows, (parts, rows) of True and False, of which none counts; `what` says what they are
    before the number of the part."""
    if weights is not None and not np.all(rows @ weights > 0):
        part = int(np.argmin(rows @ weights))
        raise ValueError(
            f"sample_weight is 0 for each of the {int(rows[part].sum())} rows {what} {part}; at "
            "least one must be above 0."
        )


def one_by_one(folds: Array) -> Array:
    """(folds, rows) True for the rows that are in a fold, from their numbers (repeats, rows)."""
    count = int(folds.max()) + 1
    return np.concatenate([each == np.arange(count)[:, None] for each in folds])


def mask(rows: int, places: Array) -> Array:
    """(rows,) True at some places."""
    found = np.zeros(rows, dtype=bool)
    found[places] = True
    return found
