"""Batches of rows drawn in random order, gathered into buffers that are used again.

Shuffled is for one order, shared by the members of a fleet; ShuffledEach for an order of each.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.passes import Batch
from ..core.random import Stream
from .ahead import ahead
from .rows import Rows

STRETCH = 1 << 21
"""Bytes of inputs that are gathered at once: one batch or several. Two buffers for them are used in
turn. One that is used again at once would still lie in the cache of every core that took part in
its products, and writing into it would wait for all of them to give it up."""


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

    def epoch(self, reads_ahead: bool = False, start: int = 0) -> Iterator[Batch]:
        """The batches of one epoch: views of buffers, each good until the next is asked for."""
        rows, total = self.rows, len(self.rows)
        if self.count == 1 and rows.places is None:
            weights = rows.weights_of(self.members, slice(None))
            whole = rows.batch(rows.X, rows.targets, weights, self._buffers[0])
            yield from [whole][start:]
            return
        order = None if self.stream is None else self.stream.order(total)
        first, passed = divmod(start, self.stretch // self.size)
        stretches = -(-total // self.stretch) - first
        gather = partial(self._gather, order, first)
        in_turn = reads_ahead and len(self._buffers) == 2 and stretches > 1
        made = ahead(gather, stretches) if in_turn else map(gather, range(stretches))
        for stretch in made:
            yield from islice(stretch.cut(self.size), passed, None)
            passed = 0

    def _gather(self, order: Any, first: int, number: int) -> Batch:
        # Without mode="clip" NumPy gathers into a buffer of its own first. All places are valid.
        rows, start = self.rows, (first + number) * self.stretch
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

    def epoch(self, reads_ahead: bool = False, start: int = 0) -> Iterator[Batch]:
        """The batches of one epoch; one of all rows is the same for all, in their order."""
        rows, total = self.rows, len(self.rows)
        if self.count == 1 and rows.places is None:
            weights = rows.weights_of(self.members, slice(None))
            yield rows.batch(rows.X, rows.targets, weights, np.empty(rows.X.shape, rows.dtype))
            return
        members = range(len(self.streams)) if self.members is None else self.members
        orders = [self.streams[i].order(total) for i in members]
        for begin in range(start * self.size, total, self.size):
            stop = min(begin + self.size, total)
            places = np.stack([order[begin:stop] for order in orders])
            places = places if rows.places is None else rows.places[places]
            raw, weights = rows.X[places], rows.weights_of(self.members, places)
            yield rows.batch(raw, rows.targets[places], weights, np.empty(raw.shape, rows.dtype))
