"""L-BFGS: steps along the slope times an inverse curvature, made from the last few steps.

The settings, the product with the inverse curvature, and the training that uses both. To change how
long a step is: line_search.py.
"""

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from ..core import checks
from ..core.arrays import Array, some
from ..core.optimizer import Optimizer
from ..core.passes import Batch
from .line_search import LIMIT, Trial, strong_wolfe
from .training import SolverTraining, inner, largest

NOISE = 16
"""Units in the last place of the objective that a difference must exceed to mean anything."""

CIRCLE = 10
"""Epochs without any progress after which there will be none."""

LOWEST = "no step lowers the loss any more, as far as rounding lets it be seen"

Place = Trial[tuple[float, Array]]
"""Of a step: the objective, and kept with it the loss and the slope in all parameters."""


def curved(gradients: Array, steps: Array, changes: Array, newest: int) -> Array:
    """The inverse curvature times the gradients, float64 (parameters,).

    The two loops of Nocedal and Wright 2006, algorithm 7.4, from the scale 7.20. `steps` and
    `changes` (of the gradients) are (memory, parameters), used in a ring; `newest` is the place of
    the last pair. Pairs without a product above 0, such as zeros, are left out.
    """
    order = [(newest - back) % len(steps) for back in range(len(steps))]
    products = {i: product for i in order if (product := inner(steps[i], changes[i])) > 0.0}
    found, shares = gradients.astype(np.float64), dict[int, float]()
    for i, product in products.items():
        shares[i] = inner(steps[i], found) / product
        found -= shares[i] * changes[i]
    for i, product in list(products.items())[:1]:
        found *= product / inner(changes[i], changes[i])
    for i, product in reversed(products.items()):
        found += (shares[i] - inner(changes[i], found) / product) * steps[i]
    return found


class LBFGSTraining(SolverTraining):
    """Iterations of L-BFGS; `stepper.slots` are the steps, the changes of the gradients that they
    made, and the gradients."""

    def iterate(self, batch: Batch) -> None:
        """One step that lowers the objective; or none, and the reason why."""
        settings: Any = self.plan.optimizer
        memory, newest = settings.memory, (self.step - 2) % settings.memory
        steps, changes = self.stepper.slots[:memory], self.stepper.slots[memory:-1]
        slopes = self.gradients.copy()
        found = here = Trial(0.0, self.objective(self.loss), 0.0, (self.loss, slopes))
        if largest(slopes) > settings.tolerance:
            found = self.along(-curved(slopes, steps, changes, newest), here, batch)
            if found is here and steps.any():  # what was remembered leads nowhere
                self.stepper.slots[:-1] = 0.0
                found = self.along(-slopes.astype(np.float64), here, batch)
        self.learning_rate = found.step
        self.loss, self.gradients[...] = found.kept
        place = (newest + 1) % memory
        np.subtract(self.parameters, self.stepper.kept, out=steps[place])
        np.subtract(self.gradients, slopes, out=changes[place])
        least = np.finfo(slopes.dtype).eps * abs(inner(slopes, steps[place]))
        if inner(steps[place], changes[place]) <= least:
            steps[place] = changes[place] = 0.0
        if why := self.reason(here, found):
            self.stop(why)

    def along(self, direction: Array, here: Place, batch: Batch) -> Place:
        """The place that a search along this direction leads to, where the parameters then are;
        `here` itself where neither the objective nor the largest slope gets smaller."""
        here.slope = inner(here.kept[1], direction)
        found, length = here, math.sqrt(inner(direction, direction))

        def evaluate(step: float) -> Place:
            if not self.move(direction, step):
                return Trial(step, math.inf, math.inf, here.kept)
            loss, slopes = self.evaluate(batch), self.gradients.copy()
            return Trial(step, self.objective(loss), inner(slopes, direction), (loss, slopes))

        if here.slope < 0.0:
            first = 1.0 if self.stepper.slots[:-1].any() else min(1.0, 1.0 / length)
            found = strong_wolfe(
                evaluate, here, first, self.noise(here.value), self.evaluations_left()
            )
        if found.value >= here.value and largest(found.kept[1]) >= largest(here.kept[1]):
            self.stepper.undo()
            return here
        self.move(direction, found.step)
        return found

    def noise(self, value: float) -> float:
        """By how much rounding may change such a value of the objective."""
        return NOISE * float(np.finfo(self.parameters.dtype).eps) * abs(value)

    def circling(self) -> bool:
        """Whether in the last CIRCLE epochs neither the loss changed nor a slope got smaller."""
        past = self.history[-CIRCLE:]
        still = len(past) == CIRCLE and abs(past[0]["loss"] - self.loss) <= self.noise(self.loss)
        slopes = [record["largest_slope"] for record in past] if still else []
        return still and min(*slopes[1:], largest(self.gradients)) >= slopes[0]

    def evaluations_left(self) -> int:
        """In the next search."""
        most: int | None = getattr(self.plan.optimizer, "max_evaluations", None)
        return LIMIT if most is None else min(LIMIT, max(0, most - self.stepper.count))

    def reason(self, here: Place, found: Place) -> str:
        """Why to end after this step, or nothing."""
        settings: Any = self.plan.optimizer
        size = max(abs(here.value), abs(found.value))
        if largest(found.kept[1]) <= settings.tolerance:
            return f"no slope is above the tolerance of {settings.tolerance:g}"
        if not self.evaluations_left():
            return f"limit of {settings.max_evaluations} evaluations reached"
        if found is here or self.circling():
            return LOWEST
        if here.value - found.value <= settings.loss_tolerance * size and settings.loss_tolerance:
            return f"the loss fell by less than {settings.loss_tolerance:g} of itself"
        return ""


@dataclass(frozen=True)
class LBFGS(Optimizer):
    """Limited-memory BFGS (Liu and Nocedal 1989), with a line search for the strong Wolfe
    conditions: to a minimum of a smooth loss of all rows, as exactly as rounding allows.

    Each epoch is one step, from one or more evaluations of the loss on all rows; `learning_rate`
    in the history is its length, and "loss" is that after it. Nothing is drawn at random: there is
    no learning rate, schedule, batch size, dropout or l1. Training ends by itself; `stopped` of the
    history says why.

    Args:
        memory: how many of the last steps the curvature is made from, at least 1.
        tolerance: end where no slope of the objective (mean loss + weight_decay/2 x the sum of
            squared weights) is larger, at least 0.
        loss_tolerance: end where a step lowers the objective by no more than this share of it;
            0: never for this reason.
        max_evaluations: of the loss on all rows, or None.

    Losses with kinks (pinball, absolute error) take `loss_tolerance=0` and a memory as large as
    the number of parameters: a linear model then comes within 1e-5 of the lowest loss.
    """

    learning_rate: float = field(default=1.0, init=False, repr=False)
    memory: int = 10
    tolerance: float = 1e-5
    loss_tolerance: float = 1e-9
    max_evaluations: int | None = None
    full_batch: ClassVar[bool] = True
    training: ClassVar[Any] = LBFGSTraining

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.whole("memory", self.memory)
        if self.max_evaluations is not None:
            checks.whole("max_evaluations", self.max_evaluations)
        if some(self.l1):
            raise ValueError(
                f"l1 must be 0 for LBFGS, which needs a smooth loss; got {checks.show(self.l1)}. "
                "Use weight_decay, or an optimizer such as 'adam'."
            )
        object.__setattr__(self, "slots", 2 * self.memory + 1)
