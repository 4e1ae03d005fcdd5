"""Batches: rows drawn in random order, gathered into buffers that are used again.

Data stay as they came (bytes, a memory-mapped file): only the rows of a
batch are converted and scaled.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import Array
from .passes import Batch
from .random import Stream
from .scaling import Scaling

RING = 4
"""Buffers for the inputs of a batch, used in turn. The last one is still in the cache of every core
that took part in its products: writing into it would wait for all of them to give it up (200 rows
of bytes to floats on two cores: 40 us instead of 160 to 300)."""


@dataclass
class Rows:
    """A checked data set: `X` (rows, inputs) of any numeric dtype, `targets` labels (rows,) or
    numbers (rows, columns) with nan for unknown, `weights` (rows,) or None. `places` are the
    numbers of the rows that belong to it, None for all: a part of the data is not copied."""

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
            weights = None if self.weights is None else self.weights[part]
            yield self.batch(self.X[part], self.targets[part], weights, inputs[: stop - start])


class Shuffled:
    """The batches of an epoch after the other: each row once an epoch, the last batch may be short.

    One batch of all rows needs no order and no copy, so there is none.
    """

    def __init__(self, rows: Rows, size: int, stream: Stream | None) -> None:
        self.rows, self.size, self.stream = rows, min(size, len(rows)), stream
        self.count = -(-len(rows) // self.size)
        shape = self.size, rows.X.shape[1]
        first = np.empty(shape, rows.dtype)
        more = RING - 1 if first.nbytes <= 1 << 20 else 0  # a larger one does not stay in a cache
        self._ring = itertools.cycle([first, *(np.empty_like(first) for _ in range(more))])
        self._raw = None if rows.X.dtype == rows.dtype else np.empty(shape, rows.X.dtype)
        self._targets = np.empty((self.size, *rows.targets.shape[1:]), rows.targets.dtype)

    def epoch(self) -> Iterator[Batch]:
        rows, total = self.rows, len(self.rows)
        if self.count == 1 and rows.places is None:
            yield rows.batch(rows.X, rows.targets, rows.weights, next(self._ring))
            return
        order = np.arange(total) if self.stream is None else self.stream.permutation(total)
        order = order if rows.places is None else rows.places[order]
        for start in range(0, total, self.size):
            yield self._gather(order[start : start + self.size])

    def _gather(self, places: Array) -> Batch:
        # Without mode="clip" NumPy gathers into a buffer of its own first. All places are valid.
        rows, count = self.rows, len(places)
        inputs = next(self._ring)[:count]
        raw = inputs if self._raw is None else self._raw[:count]
        if rows.X.flags.c_contiguous:
            rows.X.take(places, axis=0, out=raw, mode="clip")
        else:  # take would copy all of it first, from the disk too
            raw[...] = rows.X[places]
        targets = rows.targets.take(places, axis=0, out=self._targets[:count], mode="clip")
        weights = None if rows.weights is None else rows.weights[places]
        return rows.batch(raw, targets, weights, inputs)
