"""Rows: a checked data set that stays as it came (bytes, a memory-mapped file).

Only the rows of a batch are converted and scaled.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.passes import Batch
from ..core.scaling import Scaling


@dataclass
class Rows:
    """A checked data set: `X` (rows, inputs) of any numeric dtype, `targets` labels (rows,) or
    numbers (rows, columns) with nan for unknown, `weights` (rows,), (members, rows) or None.
    `places` are the numbers of the rows that belong to it, None for all: a part of the data is not
    copied."""

    X: Array
    targets: Array
    weights: Array | None
    scaling: Scaling
    dtype: np.dtype[Any]
    places: Array | None = None

    def __post_init__(self) -> None:
        self._gaps = self.targets.dtype.kind == "f" and bool(np.isnan(self.targets).any())

    def __len__(self) -> int:
        return len(self.X if self.places is None else self.places)

    def weights_of(self, members: Any, places: Any) -> Array | None:
        """The weights of rows at some places; (members, rows) where each member has its own, or
        (rows,) of the one whose number `members` is."""
        if self.weights is None or self.weights.ndim == 1:
            return None if self.weights is None else self.weights[places]
        chosen: Array = self.weights if members is None else self.weights[members]
        if chosen.ndim == 1:
            return np.asarray(chosen[places])
        if np.ndim(places) == 2:
            return np.take_along_axis(chosen, places, axis=1)
        # Each member's weights are added up in the order in memory, as they are alone.
        return np.ascontiguousarray(chosen[:, places])

    def batch(self, raw: Array, targets: Array, weights: Array | None, inputs: Array) -> Batch:
        """A batch of these rows; `inputs` is the buffer for what is converted or scaled."""
        if not (raw.dtype == self.dtype and self.scaling.plain):
            raw = self.scaling.apply(raw, inputs)
        known = None
        if self._gaps:
            known = np.logical_not(np.isnan(targets)).astype(self.dtype)
            targets = np.where(known > 0, targets, self.dtype.type(1.0))
        return Batch(raw, targets, weights, known)

    def in_order(self, size: int) -> Iterator[Batch]:
        """All rows, `size` at a time, in their order: for evaluating."""
        inputs = np.empty((min(size, len(self)), self.X.shape[1]), self.dtype)
        for start in range(0, len(self), size):
            stop = min(start + size, len(self))
            part: Any = slice(start, stop) if self.places is None else self.places[start:stop]
            weights = self.weights_of(None, part)
            yield self.batch(self.X[part], self.targets[part], weights, inputs[: stop - start])
