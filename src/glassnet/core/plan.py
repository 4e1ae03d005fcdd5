"""What a training works on and is asked for: a source of batches, and a plan.

To add an option of `fit` that the loop needs: a field here, set in intake/fitting.py.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .arrays import Array
from .callback import Callback
from .optimizer import Combine, Optimizer
from .passes import Batch
from .progress import Schedule
from .structure import Structure


class Source(Protocol):
    """Where batches come from: `count` in an epoch, or None where nobody knows before its end, of
    `size` rows each. With `reads_ahead` they may be made in another thread; `start` of them, those
    trained with before a training was resumed, are passed over. `members` are those of a fleet for
    whom the batches are."""

    members: Array | None

    @property
    def count(self) -> int | None: ...

    @property
    def size(self) -> int: ...

    def epoch(self, reads_ahead: bool = False, start: int = 0) -> Iterable[Batch]: ...


@dataclass
class Plan:
    """What `fit` was asked for, checked; `largest_product` is what Passes.workspace says,
    `combine` and `look` what Stepper, and `time_share` the part of `time_limit` for this group of
    a fleet's members."""

    optimizer: Optimizer
    schedule: Schedule
    epochs: int
    callbacks: Sequence[Callback] = ()
    validate: Callable[[Structure, Any], dict[str, Any]] | None = None
    interrupted: Callable[[], str] = str  # the signal that came, in words
    target_loss: float | None = None
    time_limit: float | None = None
    time_share: float | None = None
    largest_product: int = 0
    combine: Combine | None = None
    look: int = 1
    reads_ahead: bool = False
    began: dict[str, Any] = field(default_factory=dict)  # where the order of rows was at the call
    resume: Callable[[Any], None] | None = None  # puts a Training where it was broken off
