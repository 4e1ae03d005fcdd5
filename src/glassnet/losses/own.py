"""A loss of your own: `OwnLoss("cubic", values, gradient)`, with a third function `output` where
predictions are not the scores themselves."""

from collections.abc import Callable
from dataclasses import dataclass

from ..core.arrays import Array
from ..core.loss import Loss


def scores_as_they_are(scores: Array) -> Array:
    return scores


@dataclass(frozen=True)
class OwnLoss(Loss):
    """A loss given by functions of (scores, targets), both (..., rows, outputs).

    `values` gives the loss of each output, `gradient` d values / d scores, both of the shape of the
    scores and not averaged; `output(scores)` what predict gives. Saved by its name, as an
    OwnActivation is.
    """

    name: str
    values: Callable[[Array, Array], Array]
    gradient: Callable[[Array, Array], Array]
    output: Callable[[Array], Array] = scores_as_they_are

    def cells(self, scores: Array, targets: Array, gradient: Array) -> Array:
        gradient[...] = self.gradient(scores, targets)
        losses = self.values(scores, targets)
        if losses.shape != scores.shape:
            raise ValueError(
                f"values of the loss {self.name!r} must give one number for each score, shape "
                f"{scores.shape}; it gave shape {losses.shape}."
            )
        return losses

    def link(self, scores: Array) -> Array:
        return self.output(scores)
