"""What a loss is: from raw scores and targets to one loss a row, and its gradient.

A loss owns its link, the function from scores to what `predict` gives. Your own, outside glassnet:
`Loss("cubic", values, gradient)`, or with a third function `link`. The losses that come with
glassnet override `cells` (numbers, output by output) or `compute` (labels).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def _same(scores: Array) -> Array:
    return scores


class Loss:
    """A loss on numeric targets, given by functions of (scores, targets), both (rows, outputs).

    `values(scores, targets)` -> (rows, outputs) losses, `gradient(scores, targets)` -> the same
    shape, d values / d scores. The loss of a row is the mean over its outputs, the loss of a batch
    the weighted mean over its rows; neither is divided in your functions. `link(scores)` -> outputs.
    """

    name: str = ""
    targets: str = "numbers"  # or "flags" (0..1 per output), "labels" (one integer a row)
    statistics: int = 1  # scores for each column of targets: 2 for a mean and a variance
    rescalable: bool = False  # targets may be standardised: predictions can be scaled back
    metric: str = ""  # the name of a metric worth showing beside the loss

    def __init__(
        self,
        name: str,
        values: Callable[[Array, Array], Array],
        gradient: Callable[[Array, Array], Array],
        link: Callable[[Array], Array] = _same,
    ) -> None:
        if not isinstance(name, str) or not name:
            raise ValueError(f"name must be a text that is not empty; got {name!r}.")
        if not (callable(values) and callable(gradient) and callable(link)):
            raise TypeError("values, gradient and link must be functions.")
        self.name, self._values, self._gradient, self._link = name, values, gradient, link

    def compute(
        self, scores: Array, targets: Array, gradient: Array, known: Array | None = None
    ) -> Array:
        """The loss of each row, (..., rows); d loss / d scores is written into `gradient`.

        `known`, of the shape of the targets, is 1 where a target is known and 0 where it is not:
        an unknown one adds neither loss nor gradient.
        """
        losses = self.cells(scores, targets, gradient)
        if known is not None:
            losses = losses * known
            gradient *= np.concatenate([known] * self.statistics, axis=-1)
        columns = losses.shape[-1]
        if columns == 1:
            return losses[..., 0]
        gradient *= 1.0 / columns
        return np.add.reduce(losses, axis=-1) * (1.0 / columns)

    def cells(self, scores: Array, targets: Array, gradient: Array) -> Array:
        """The loss of each target, (..., rows, targets); fills `gradient`."""
        gradient[...] = self._gradient(scores, targets)
        losses = self._values(scores, targets)
        if losses.shape != scores.shape:
            raise ValueError(
                f"values of the loss {self.name!r} must give one number for each score, shape "
                f"{scores.shape}; it gave shape {losses.shape}."
            )
        return losses

    def link(self, scores: Array) -> Array:
        """What `predict` gives: (..., rows, outputs). May write over `scores`."""
        return self._link(scores)

    def check_targets(self, targets: Array) -> str:
        """A sentence on what is wrong with these finite targets, or an empty one."""
        return ""

    def __repr__(self) -> str:
        return f"Loss({self.name!r})"
