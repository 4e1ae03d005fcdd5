"""Settling how data are scaled: the range of bytes, or the mean and spread of each column."""

from dataclasses import replace

import numpy as np

from ..core.arrays import Array
from ..core.scaling import Scaling, uniform_scaling
from .arrays import blocks_of_rows


def standard(values: Array, columns: int, name: str = "X", known_only: bool = False) -> Scaling:
    """Mean 0 and spread (standard deviation) 1 for each column of `values` (rows, columns).

    A column that never changes keeps a scale of 1. One pass in blocks, in float64 with the first
    row subtracted, so that a large mean does not eat a small spread. `known_only` leaves out nan.
    A ValueError names the column whose squares leave float64.
    """
    count, total, squares = np.zeros(columns), np.zeros(columns), np.zeros(columns)
    start = np.array(values[0], dtype=np.float64)
    start[np.isnan(start)] = 0.0
    for block in blocks_of_rows(values):
        with np.errstate(over="ignore"):
            shifted = block.astype(np.float64) - start
            known = ~np.isnan(shifted) if known_only else np.ones(shifted.shape, bool)
            shifted[~known] = 0.0
            count += known.sum(axis=0)
            total += shifted.sum(axis=0)
            squares += (shifted * shifted).sum(axis=0)
    if not np.isfinite(squares).all():
        column = int(np.argmin(np.isfinite(squares)))
        raise ValueError(f"{name} spreads too far to standardise in column {column}: divide it.")
    count = np.maximum(count, 1.0)
    mean = total / count
    spread = np.sqrt(np.maximum(squares / count - mean * mean, 0.0))
    largest = np.abs(start + mean) + np.sqrt(squares / count)
    constant = spread <= 1e-12 * largest
    return Scaling(start + mean, np.where(constant, 1.0, 1.0 / np.where(constant, 1.0, spread)))


def settle_inputs(X: Array, input_scale: float | None, standardize: bool) -> Scaling:
    """The scaling of inputs that a first fit on checked `X` (rows, inputs) settles."""
    source = "bytes" if X.dtype == np.uint8 else "numbers"
    if standardize:
        return replace(standard(X, X.shape[1]), source=source)
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
