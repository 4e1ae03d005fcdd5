"""Progress: where training stands, as a schedule sees it.

To let schedules see more: an attribute here, set in `Training.advance`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Progress:
    """Where training stands before a step: `epoch` counts finished epochs, with the share of the
    present one (2.25: a quarter of the third is done); `epochs` is their number; `history` has
    one dict for each finished epoch, `step` counts the finished steps. `memory` holds what a
    schedule worked out of the history so far; without it the schedule works it out again."""

    epoch: float
    epochs: int
    step: int = 0
    history: Sequence[dict[str, Any]] = field(default_factory=list)
    memory: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def fraction(self) -> float:
        """The share of the whole call that is done, in [0, 1)."""
        return self.epoch / self.epochs


Schedule = Callable[[Progress], float]
