"""Batches that a user makes: any iterable of (X, y) or (X, y, weights), walked once per epoch.

The first batch settles what arrays would; each is checked as arrays are.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

import numpy as np

from ..core.checks import show
from ..core.passes import Batch


class Given:
    """An iterable of batches as a source of training; `read(X, y, weights)` checks each of them.

    A list, a data loader or anything else with `__iter__` is walked anew each epoch; a generator
    can be walked once only, which is told before training.
    """

    def __init__(self, batches: Iterable[Any], epochs: int) -> None:
        walk, self.count = iter(batches), _length(batches)
        if epochs > 1 and _walked_once(batches, walk, self.count):
            raise ValueError(
                f"X is a generator, which gives its batches only once, but epochs={epochs}. Pass "
                "a list, an object whose __iter__ starts anew, or epochs=1."
            )
        self.first = next(walk, None)
        if self.first is None:
            raise ValueError("X gives no batch; it must give (X, y) at least once.")
        self._batches = batches
        self._begun: Iterator[Any] | None = chain([self.first], walk)
        self.read: Callable[[Any, Any, Any], Batch]
        self.size: int
        self.members: Any = None

    def epoch(self, reads_ahead: bool = False, start: int = 0) -> Iterator[Batch]:
        """The batches of the next epoch, read; the first epoch goes on with the walk begun.

        None is read ahead: the user's code is called when its batch is wanted, in his own thread.
        """
        walk, self._begun = self._begun or iter(self._batches), None
        number = 0
        for number, item in enumerate(walk, 1):
            if number <= start:
                continue
            try:
                batch = self.read(*parts(item))
            except (ValueError, TypeError) as error:
                kind = TypeError if isinstance(error, TypeError) else ValueError
                raise kind(f"batch {number}: {error}") from None
            if self.members is not None and batch.weights is not None and batch.weights.ndim == 2:
                batch.weights = batch.weights[self.members]  # of those who are still there
            yield batch
        if number == 0:
            raise ValueError(
                "X gave no batch in this epoch, though it did before: its __iter__ must start anew "
                "each time. Pass a list, or epochs=1."
            )


def _walked_once(batches: Any, walk: Iterator[Any], count: int | None) -> bool:
    """Whether a second walk would go on where the first one ended. What has a length and one
    iterator for all walks, as a data loader with lasting workers, sets it back."""
    return isinstance(batches, Iterator) or (count is None and walk is iter(batches))


def _length(batches: Any) -> int | None:
    """The number of batches, or None where nobody knows."""
    try:
        return len(batches) or None
    except Exception:  # a user's own code, which may not know it
        return None


def is_batches(X: Any) -> bool:
    """True for what is walked batch by batch, when no y was passed."""
    if isinstance(X, (list, tuple)):
        # Rows of numbers are data whose y was forgotten.
        return bool(X) and all(isinstance(i, (tuple, list)) and _holds_arrays(i) for i in X)
    array_like = isinstance(X, (str, bytes, dict, np.ndarray)) or hasattr(X, "__array__")
    return isinstance(X, Iterable) and not array_like


def _holds_arrays(item: Any) -> bool:
    return len(item) > 0 and hasattr(item[0], "__len__")


def parts(item: Any) -> tuple[Any, Any, Any]:
    """(X, y, weights or None) of one batch as a user gives it."""
    if not isinstance(item, (tuple, list)) or len(item) not in (2, 3):
        raise ValueError(f"each batch must be (X, y) or (X, y, weights); got {show(item)}.")
    return item[0], item[1], (item[2] if len(item) == 3 else None)
