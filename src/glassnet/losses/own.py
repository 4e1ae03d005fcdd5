"""A loss of your own: `OwnLoss("cubic", values, gradient)`, with a third function `output` where
predictions are not the scores themselves."""

from collections.abc import Callable
from dataclasses import dataclass

from ..activations import check_own, shaped
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

    def __post_init__(self) -> None:
        from . import LOSSES  # late: it is joined there after this file

        check_own(self, LOSSES, "values", "gradient", "output")

    def cells(self, scores: Array, targets: Array, gradient: Array) -> Array:
        targets = targets.view()
        targets.flags.writeable = False  # they may be the user's own y
        gradient[...] = shaped(self.gradient(scores, targets), scores, "gradient", self.name)
        return shaped(self.values(scores, targets), scores, "values", self.name)

    def link(self, scores: Array) -> Array:
        return shaped(self.output(scores), scores, "output", self.name)
