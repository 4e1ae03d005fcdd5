"""Settling how data are scaled: the range of bytes, or the mean and spread of each column.

It is applied in core/scaling.py, batch by batch.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.scaling import Scaling, uniform_scaling
from ..sources.rows import Rows
from .arrays import blocks_of_rows


def standard(values: Array, rows: Rows | None = None, name: str = "X") -> Scaling:
    """Mean 0 and spread (standard deviation) 1 for each column of `values` (rows, columns).

    `rows` say which of them count, and with what weights; nan counts as unknown. A column that
    never changes keeps a scale of 1. One pass in blocks, in float64 with the first row subtracted,
    so that a large mean does not eat a small spread. A ValueError names the column whose squares
    leave float64.
    """
    start = np.array(values[0], dtype=np.float64)
    start[np.isnan(start)] = 0.0
    count, total, squares = (np.zeros(values.shape[1]) for _ in range(3))
    for block, weights in weighed(values, rows):
        with np.errstate(over="ignore", invalid="ignore"):
            shifted = block.astype(np.float64, order="C") - start  # added up in one order
            known = np.where(np.isnan(shifted), 0.0, weights[:, None])
            shifted[known == 0.0] = 0.0
            count += known.sum(axis=0)
            total += (known * shifted).sum(axis=0)
            squares += (known * shifted * shifted).sum(axis=0)
    if not np.isfinite(squares).all():
        column = int(np.argmin(np.isfinite(squares)))
        raise ValueError(f"{name} spreads too far to standardise in column {column}: divide it.")
    count = np.where(count > 0, count, 1.0)
    mean = total / count
    spread = np.sqrt(np.maximum(squares / count - mean * mean, 0.0))
    largest = np.abs(start + mean) + np.sqrt(squares / count)
    constant = spread <= 1e-12 * largest
    return Scaling(start + mean, np.where(constant, 1.0, 1.0 / np.where(constant, 1.0, spread)))


def weighed(values: Array, rows: Rows | None) -> Iterator[tuple[Array, Array]]:
    """Blocks of the rows that count, each with its weights in float64."""
    places = None if rows is None else rows.places
    weights = None if rows is None else rows.weights
    start = 0
    for block in blocks_of_rows(values, places):
        part = slice(start, start + len(block))
        start += len(block)
        where = part if places is None else places[part]
        yield block, np.ones(len(block)) if weights is None else weights[where].astype(np.float64)


def check_resolution(scaling: Scaling, dtype: np.dtype[Any]) -> None:
    """Refuse targets whose spread vanishes beside their mean in the dtype of predictions."""
    spread = 1.0 / scaling.scale
    lost = (scaling.scale != 1.0) & (spread < 8.0 * np.finfo(dtype).eps * np.abs(scaling.offset))
    if lost.any():
        column = int(np.argmax(lost))
        raise ValueError(
            f"y spreads by only {spread[column]:.3g} around {scaling.offset[column]:.9g} in column "
            f"{column}, which {dtype} cannot tell apart: use dtype='float64', or subtract a "
            "constant from y."
        )


def settle_inputs(X: Array, input_scale: float | None) -> Scaling:
    """The scaling of inputs that are not standardised, by the first checked `X` (rows, inputs)."""
    source = "bytes" if X.dtype == np.uint8 else "numbers"
    if input_scale is not None:
        return uniform_scaling(float(input_scale), source)
    if X.dtype == np.uint8 and any(block.max() > 1 for block in blocks_of_rows(X)):
        return uniform_scaling(1.0 / 255.0, "bytes")
    return uniform_scaling()


def check_source(X: Array, scaling: Scaling, name: str = "X") -> None:
    """Refuse floats where bytes were learned, and bytes where floats were."""
    if scaling.source == "bytes":
        if X.dtype.kind in "ui" and X.min() >= 0 and X.max() <= 255:
            return
        raise ValueError(
            f"{name} has dtype {X.dtype}, but this network was fitted to bytes (uint8, 0 .. 255), "
            f"which it scales itself: pass the bytes, or fit on floats from the start."
        )
    if X.dtype == np.uint8 and any(block.max() > 1 for block in blocks_of_rows(X)):
        raise ValueError(
            f"{name} holds bytes (uint8, up to {X.max()}), but this network was fitted to numbers "
            f"of another kind: scale {name} as its training data were, for instance {name} / 255."
        )
