"""Rows: a checked data set that stays as it came (bytes, a memory-mapped file).

Only the rows of a batch are converted and scaled, inputs and targets alike. What a loss works on is
made in `Rows.for_loss`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.passes import Batch
from ..core.scaling import Scaling


@dataclass
class Rows:
    """A checked data set: `X` (rows, inputs) and `targets`, labels (rows,) or numbers (rows,
    columns) with nan for unknown, both of any numeric dtype; `weights` (rows,), (members, rows) or
    None. `places` are the numbers of the rows that belong to it, None for all: a part of the data
    is not copied. `gaps`: whether a target is unknown; None is found out."""

    X: Array
    targets: Array
    weights: Array | None
    scaling: Scaling
    dtype: np.dtype[Any]
    places: Array | None = None
    target_scaling: Scaling | None = None
    gaps: bool | None = None

    def __post_init__(self) -> None:
        self._of_loss = np.dtype(np.int64) if self.targets.ndim == 1 else self.dtype
        same = self.targets.dtype == self._of_loss and self.targets.flags.c_contiguous
        self._for_loss = same and self.target_scaling is None
        if self.gaps is None:
            self.gaps = self.targets.ndim == 2 and _holds_nan(self.targets)

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
        if not self._for_loss:
            targets = self.for_loss(targets)
        known = None
        if self.gaps:
            known = np.logical_not(np.isnan(targets)).astype(self.dtype)
            targets = np.where(known > 0, targets, self.dtype.type(1.0))
        return Batch(raw, targets, weights, known)

    def for_loss(self, targets: Array) -> Array:
        """Some of the targets as a loss works on them: labels int64; numbers scaled, in the
        network's dtype. The same numbers, whether a few rows at a time or all at once."""
        if self.target_scaling is not None:
            exact = np.empty(targets.shape, np.float64)
            targets = self.target_scaling.apply(targets, exact)
        return np.ascontiguousarray(targets, dtype=self._of_loss)

    def converted(self) -> "Rows":
        """The same rows, with all targets converted and scaled in advance."""
        if self._for_loss:
            return self
        return replace(self, targets=self.for_loss(self.targets), target_scaling=None)

    def in_order(self, size: int) -> Iterator[Batch]:
        """All rows, `size` at a time, in their order: for evaluating."""
        inputs = np.empty((min(size, len(self)), self.X.shape[1]), self.dtype)
        for start in range(0, len(self), size):
            stop = min(start + size, len(self))
            part: Any = slice(start, stop) if self.places is None else self.places[start:stop]
            weights = self.weights_of(None, part)
            yield self.batch(self.X[part], self.targets[part], weights, inputs[: stop - start])


def _holds_nan(values: Array) -> bool:
    """Whether a number is nan: then, and only then, the sum of squares is. It takes no memory."""
    if values.dtype.kind != "f":
        return False
    with np.errstate(all="ignore"):
        return bool(np.isnan(np.einsum("ij,ij->", values, values)))
