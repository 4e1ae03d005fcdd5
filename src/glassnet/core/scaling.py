"""Scaling: what is subtracted from a column and what it is multiplied with before the network.

Settled at the first fit and stored with the network, so that predicting does the same. Bytes (the
pixels of images) are told apart from numbers, so that nothing is divided by 255 twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from .checks import blocks_of_rows

Array = NDArray[Any]


@dataclass(frozen=True)
class Scaling:
    """used = (given - offset) x scale.

    `offset` and `scale` are float64, of shape () or (columns,); `source` is "bytes" where the data
    were uint8 scaled by their range, else "numbers".
    """

    offset: Array
    scale: Array
    source: str = "numbers"

    def __post_init__(self) -> None:
        offset, scale = bool(np.any(self.offset)), bool(np.any(self.scale != 1.0))
        object.__setattr__(self, "_moves", offset)
        object.__setattr__(self, "plain", not offset and not scale)

    _moves: ClassVar[bool]
    plain: ClassVar[bool]
    """True where scaling changes nothing. (Both are attributes: asked for with every batch.)"""

    def apply(self, values: Array, out: Array) -> Array:
        """Scale `values` into `out`, a float array of the same shape (it may be `values`)."""
        if self._moves:
            # The difference is formed before rounding: a year or a kelvin keeps its decimals.
            exact = np.subtract(values, self.offset, dtype=np.float64)
            return np.multiply(exact, self.scale, out=out, casting="same_kind")
        if values is not out:
            np.copyto(out, values, casting="same_kind")
        if not self.plain:
            out *= self.scale.astype(out.dtype)
        return out

    def undo(self, values: Array) -> Array:
        """What was given, from what was used; a new array of the dtype of `values`."""
        return (values / self.scale + self.offset).astype(values.dtype)


def plain(source: str = "numbers", scale: float = 1.0) -> Scaling:
    return Scaling(np.zeros(()), np.asarray(scale, dtype=np.float64), source)


def standard(values: Array, columns: int, known_only: bool = False) -> Scaling:
    """Mean 0 and spread (standard deviation) 1 for each column of `values` (rows, columns).

    A column that never changes keeps a scale of 1. One pass in blocks, in float64 with the first
    row subtracted, so that a large mean does not eat a small spread. `known_only` leaves out nan.
    """
    count, total, squares = np.zeros(columns), np.zeros(columns), np.zeros(columns)
    start = np.array(values[0], dtype=np.float64)
    start[np.isnan(start)] = 0.0
    for block in blocks_of_rows(values):
        shifted = block.astype(np.float64) - start
        known = ~np.isnan(shifted) if known_only else np.ones(shifted.shape, bool)
        shifted[~known] = 0.0
        count += known.sum(axis=0)
        total += shifted.sum(axis=0)
        squares += (shifted * shifted).sum(axis=0)
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
        return plain(source, float(input_scale))
    if X.dtype == np.uint8 and any(block.max() > 1 for block in blocks_of_rows(X)):
        return plain("bytes", 1.0 / 255.0)
    return plain()


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
