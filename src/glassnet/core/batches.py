"""Batches: rows drawn in random order, gathered into buffers that are used again.

Data stay as they came (bytes, a memory-mapped file): only the rows of a
batch are converted and scaled.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from .ahead import ahead
from .arrays import Array
from .passes import Batch
from .random import Stream
from .scaling import Scaling

STRETCH = 1 << 21
"""Bytes of inputs that are gathered at once: one batch or several. Two buffers for them are used in
turn. One that is used again at once would still lie in the cache of every core that took part in
its products, and writing into it would wait for all of them to give it up."""


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


class Shuffled:
    """The batches of an epoch after the other: each row once an epoch, the last batch may be short.

    Batches are gathered in stretches of one or more; read ahead, the next stretch while the
    present one is trained with. One batch of all rows needs no order and no copy, so there is none.
    """

    def __init__(self, rows: Rows, size: int, stream: Stream | None) -> None:
        self.rows, self.size, self.stream = rows, min(size, len(rows)), stream
        self.members: Array | None = None  # those of a fleet whose weights are wanted
        self.count = -(-len(rows) // self.size)
        batch_bytes = self.size * rows.X.shape[1] * rows.dtype.itemsize
        self.stretch = self.size * min(self.count, max(1, STRETCH // batch_bytes))
        shape = self.stretch, rows.X.shape[1]
        buffers = 1 if batch_bytes > STRETCH else 2
        self._buffers = [np.empty(shape, rows.dtype) for _ in range(buffers)]
        self._raw = None if rows.X.dtype == rows.dtype else np.empty(shape, rows.X.dtype)

    def epoch(self, reads_ahead: bool = False) -> Iterator[Batch]:
        """The batches of one epoch: views of buffers, each good until the next is asked for."""
        rows, total = self.rows, len(self.rows)
        if self.count == 1 and rows.places is None:
            weights = rows.weights_of(self.members, slice(None))
            yield rows.batch(rows.X, rows.targets, weights, self._buffers[0])
            return
        order = None if self.stream is None else self.stream.order(total)
        stretches = -(-total // self.stretch)
        gather = partial(self._gather, order)
        in_turn = reads_ahead and len(self._buffers) == 2 and stretches > 1
        made = ahead(gather, stretches) if in_turn else map(gather, range(stretches))
        for stretch in made:
            yield from stretch.cut(self.size)

    def _gather(self, order: Any, number: int) -> Batch:
        # Without mode="clip" NumPy gathers into a buffer of its own first. All places are valid.
        rows, start = self.rows, number * self.stretch
        stop = min(start + self.stretch, len(rows))
        places = np.arange(start, stop) if order is None else order[start:stop]
        places = places if rows.places is None else rows.places[places]
        inputs = self._buffers[number % len(self._buffers)][: len(places)]
        raw = inputs if self._raw is None else self._raw[: len(places)]
        if rows.X.flags.c_contiguous:
            rows.X.take(places, axis=0, out=raw, mode="clip")
        else:  # take would copy all of it first, from the disk too
            raw[...] = rows.X[places]
        weights = rows.weights_of(self.members, places)
        return rows.batch(raw, rows.targets[places], weights, inputs)


class ShuffledEach:
    """The same with an order of its own for each member of a fleet: arrays (members, rows, ...)."""

    def __init__(self, rows: Rows, size: int, streams: Sequence[Stream]) -> None:
        self.rows, self.size, self.streams = rows, min(size, len(rows)), streams
        self.members: Array | None = None
        self.count = -(-len(rows) // self.size)

    def epoch(self, reads_ahead: bool = False) -> Iterator[Batch]:
        """The batches of one epoch; one of all rows is the same for all, in their order."""
        rows, total = self.rows, len(self.rows)
        if self.count == 1 and rows.places is None:
            weights = rows.weights_of(self.members, slice(None))
            yield rows.batch(rows.X, rows.targets, weights, np.empty(rows.X.shape, rows.dtype))
            return
        members = range(len(self.streams)) if self.members is None else self.members
        orders = [self.streams[i].order(total) for i in members]
        for start in range(0, total, self.size):
            stop = min(start + self.size, total)
            places = np.stack([order[start:stop] for order in orders])
            places = places if rows.places is None else rows.places[places]
            raw, weights = rows.X[places], rows.weights_of(self.members, places)
            yield rows.batch(raw, rows.targets[places], weights, np.empty(raw.shape, rows.dtype))
