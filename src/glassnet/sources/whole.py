"""All rows as the one batch of an epoch, walked over in pieces that are converted on the way.

For optimizers that look at all rows before each step (glassnet/second_order): however many rows
there are, no more than a piece of them is copied.
"""

from collections.abc import Iterator, Sequence

from ..core.passes import Batch
from ..core.random import Stream
from .rows import Rows
from .shuffled import Shuffled

ROOM = 1 << 21
"""Numbers that the buffers of a piece may have, about."""

SMALLEST, LARGEST = 256, 8192


def piece_of(layers: Sequence[int]) -> int:
    """How many rows of a network a piece has."""
    return min(LARGEST, max(SMALLEST, ROOM // (3 * sum(layers))))


class AllRows(Batch):
    """A batch that has not been read yet: `cut` reads its rows, in their order."""

    def __init__(self, rows: Rows, total: float) -> None:
        super().__init__(rows.X, rows.targets)  # as they came: not converted, not scaled
        self._rows, self._total = rows, total

    @property
    def rows(self) -> int:
        return len(self._rows)

    def cut(self, size: int) -> Iterator[Batch]:
        """The rows converted and scaled, `size` at a time, each piece good until the next."""
        return self._rows.in_order(size)

    def total_weight(self) -> float:
        return self._total


class Whole(Shuffled):
    """A source of one batch an epoch; `size` is that of a piece, `stream` is not used."""

    def __init__(self, rows: Rows, size: int, stream: Stream | None = None) -> None:
        self.rows, self.size, self.stream = rows, min(size, len(rows)), stream
        self.members, self.count = None, 1
        self._total = 0.0

    def epoch(self, reads_ahead: bool = False, start: int = 0) -> Iterator[Batch]:
        """The one batch, or none where a training goes on behind it."""
        if not self._total:
            plain = self.rows.weights is None and not self.rows.gaps
            pieces = () if plain else self.rows.in_order(self.size)
            self._total = float(len(self.rows)) if plain else sum(p.total_weight() for p in pieces)
        yield from [AllRows(self.rows, self._total)][start:]
