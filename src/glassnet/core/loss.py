"""What a loss is: from raw scores and targets to one loss a row, and its gradient.

A loss owns its link, the function from scores to what `predict` gives. Those that come with
glassnet, and how to add one or bring your own, are in glassnet/losses.
"""

import numpy as np

from .arrays import Array


class Loss:
    """The loss of a row is the mean over its targets, that of a batch the mean over its rows."""

    name: str
    targets: str = "numbers"  # or "flags" (0 .. 1 for each output), "labels" (one a row)
    metric: str = ""  # the name of a metric worth showing beside the loss

    @property
    def rescalable(self) -> bool:
        """Whether targets may be standardised: predictions can be scaled back."""
        return False

    @property
    def statistics(self) -> int:
        """Scores for each column of targets: 2 for a mean and a variance."""
        return 1

    def compute(
        self, scores: Array, targets: Array, gradient: Array, known: Array | None = None
    ) -> Array:
        """The loss of each row, (..., rows); d loss / d scores is written into `gradient`.

        `known`, of the shape of the targets, is 1 where a target is known and 0 where it is not:
        an unknown one adds neither loss nor gradient.
        """
        losses = self.cells(scores, targets, gradient)
        if known is not None:
            # Written over, not multiplied: the loss of a gap may be infinite, and 0 x inf is nan.
            gaps = known == 0
            losses = np.where(gaps, 0.0, losses)
            np.copyto(gradient, 0.0, where=np.concatenate([gaps] * self.statistics, axis=-1))
        columns = losses.shape[-1]
        if columns > 1:
            gradient *= 1.0 / columns
        mean: Array = losses[..., 0] if columns == 1 else losses.sum(axis=-1) * (1.0 / columns)
        return mean

    def cells(self, scores: Array, targets: Array, gradient: Array) -> Array:
        """The loss of each target, (..., rows, targets); its slope goes into `gradient`."""
        raise NotImplementedError

    def link(self, scores: Array) -> Array:
        """What `predict` gives: (..., rows, outputs). May write over `scores`."""
        return scores

    def complaint(self, targets: Array) -> str:
        """What is wrong with these finite targets, or an empty text."""
        return ""
