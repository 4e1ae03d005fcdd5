"""Batches that a user makes: any iterable of (X, y) or (X, y, weights), walked once per epoch."""

from collections.abc import Callable, Iterable, Iterator, Sized
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
        if isinstance(batches, Iterator) and epochs > 1:
            raise ValueError(
                f"X is a generator, which gives its batches only once, but epochs={epochs}. Pass "
                "a list, an object whose __iter__ starts anew, or epochs=1."
            )
        walk = iter(batches)
        self.first = next(walk, None)
        if self.first is None:
            raise ValueError("X gives no batch; it must give (X, y) at least once.")
        self._batches: Any = batches
        if isinstance(batches, Iterator):
            self._batches = chain([self.first], walk)
        self.count = len(batches) if isinstance(batches, Sized) else None
        self.read: Callable[[Any, Any, Any], Batch]

    def epoch(self) -> Iterator[Batch]:
        for number, item in enumerate(self._batches, 1):
            try:
                batch = self.read(*parts(item))
            except (ValueError, TypeError) as error:
                kind = TypeError if isinstance(error, TypeError) else ValueError
                raise kind(f"batch {number}: {error}") from None
            yield batch


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
