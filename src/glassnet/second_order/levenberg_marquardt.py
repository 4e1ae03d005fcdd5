"""Levenberg-Marquardt: Gauss-Newton's step, damped as far as it takes to make the loss fall.

The settings and the training. The matrix comes from curvature.py and jacobian.py; how the damping
grows and shrinks is in `descend`.
"""

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from ..core import checks
from ..core.arrays import Array, some
from ..core.optimizer import Optimizer
from ..core.passes import Batch
from ..losses import AbsoluteError, Pinball
from .curvature import gauss_newton
from .training import SolverTraining, inner, largest

NOISE = 1 << 14
"""Units in the last place of the objective that a difference must exceed to mean anything: of small
residuals of large targets, not the squares are rounded most but the differences."""

ENOUGH = 0.5
"""A step is taken where the objective falls by this share of what was foretold. Less is usual
(1e-4), but small steps that keep to the valley lead lower: to 0.8 of the loss after 300 steps."""

HOPELESS = 1e16
"""Damping, beside the curvature's own diagonal, from which a step is lost in rounding."""

LEAST = 1e-18
"""The least damping."""

FLAT = 1e-14
"""Of the largest scale: the smallest that a parameter has. One without any curvature, such as of a
dead unit, then stays where it is."""

CALM = 3
"""Steps in a row with next to no progress after which there will be none: the last of them often
gain digits of the parameters that the loss does not show."""

LOWEST = "no step lowers the loss any more, as far as rounding lets it be seen"


class DampedTraining(SolverTraining):
    """Iterations of Levenberg and Marquardt. `stepper.slots`: the damping and its growth, the
    scale that it has for each parameter, and the gradients."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        if isinstance(self.criterion, AbsoluteError | Pinball):
            raise ValueError(
                f"the loss {self.criterion.name!r} is made of straight lines and has no curvature, "
                f"by which {self.name} goes. Use optimizer='lbfgs', or the loss 'huber'."
            )

    def weigh(self, curvature: Array, batch: Batch) -> None:
        """Settle `decay` before a step, from the curvature of the mean loss."""

    def iterate(self, batch: Batch) -> None:
        """One step that lowers the objective; or none, and the reason why."""
        settings: Any = self.plan.optimizer
        curvature = gauss_newton(self.network, self.criterion, batch) / float(batch.total_weight())
        self.weigh(curvature, batch)
        own = np.einsum("ii->i", curvature)
        own[: self.held] += self.decay
        self.sizes = at_least(own)
        scales = self.stepper.slots[1]
        np.maximum(scales, own if settings.scaling == "curvature" else own.mean(), out=scales)
        before, slopes = self.loss, self.gradients.copy()
        if self.descend(curvature, at_least(scales), batch):
            self.learning_rate = 1.0
            self.finish(self.steepness())
        else:
            self.stepper.undo()
            self.loss, self.gradients[...] = before, slopes
            self.stop(LOWEST)

    def steepness(self) -> float:
        """The largest slope, each in the unit of its parameter's curvature: over the root of twice
        the loss, for squared errors, the cosine that Moré (1978) stops by."""
        return float(np.abs(self.gradients / np.sqrt(self.sizes)).max())

    def descend(self, curvature: Array, scales: Array, batch: Batch) -> bool:
        """Damp until the objective falls as foretold, and go there; whether there is such a step.
        Where the loss cannot tell any more, its slope can."""
        slopes, here = self.gradients.copy(), self.objective(self.loss)
        steep = self.steepness()
        settings: Any = self.plan.optimizer
        damping, growth = self.stepper.slots[0, :2].tolist()
        damping, growth = (damping, growth) if growth else (settings.damping, 2.0)
        while damping < HOPELESS:
            step = solve(curvature, damping * scales, slopes)
            foretold = 0.5 * (damping * inner(step * scales, step) - inner(slopes, step))
            fall = -math.inf
            if self.move(step, 1.0):
                self.loss = self.evaluate(batch)
                sound = math.isfinite(inner(self.gradients, self.gradients))
                fall = here - self.objective(self.loss) if sound else -math.inf
            if abs(fall) <= self.noise(here):
                fall = foretold
                taken = self.steepness() < steep
            else:
                taken = fall > 0.0 and fall >= ENOUGH * foretold
            if taken:
                # Nielsen 1999: a third of the damping, where all was as foretold.
                share = fall / foretold if foretold > 0.0 else 0.5
                shrink = max(1.0 / 3.0, 1.0 - (2.0 * share - 1.0) ** 3)
                self.stepper.slots[0, :2] = max(damping * shrink, LEAST), 2.0
                return True
            damping, growth = damping * growth, growth * 2.0
        return False

    def finish(self, steep: float) -> None:
        """Stop where there is nothing left to gain."""
        settings: Any = self.plan.optimizer
        past = [record["loss"] for record in self.history[1 - CALM :]]
        moved = max((abs(each - self.loss) for each in past), default=0.0)
        share = settings.loss_tolerance
        if self.loss == 0.0 and not self.decay:
            self.stop("the loss is 0")
        elif steep <= settings.tolerance * math.sqrt(2.0 * abs(self.objective(self.loss))):
            self.stop(f"the slope is within the tolerance of {settings.tolerance:g}")
        elif len(past) == CALM - 1 and moved <= share * abs(self.loss):
            words = f"in {CALM} steps the loss fell by less than {share:g} of itself"
            self.stop(words if share else LOWEST)

    def noise(self, value: float) -> float:
        """By how much rounding may change such a value of the objective."""
        return NOISE * float(np.finfo(self.parameters.dtype).eps) * abs(value)

    def for_record(self, values: dict[str, Any]) -> dict[str, Any]:
        """The damping beside the loss."""
        own = {"damping": float(self.stepper.slots[0, 0])} if "loss" in values else {}
        return {**super().for_record(values), **own}


def at_least(curvatures: Array) -> Array:
    """Those of each parameter, none too small beside the others to divide by; 1 where none has any
    (far out on a Huber loss), so that steps go along the slope."""
    most = largest(curvatures)
    return np.maximum(curvatures, max(FLAT * most, np.finfo(float).tiny) if most else 1.0)


def solve(curvature: Array, damping: Array, slopes: Array) -> Array:
    """-(curvature + diag(damping))^-1 slopes, float64, solved with a diagonal of ones."""
    damped = curvature + np.diag(damping)
    units = 1.0 / np.sqrt(np.einsum("ii->i", damped))
    try:
        found: Array = np.linalg.solve(damped * units * units[:, None], -units * slopes)
    except np.linalg.LinAlgError:
        return np.full(len(slopes), np.nan)
    return np.asarray(found * units)


@dataclass(frozen=True)
class LevenbergMarquardt(Optimizer):
    """Levenberg-Marquardt (Levenberg 1944; Marquardt 1963), damped by Nielsen's rule (1999):
    to a minimum of a smooth loss of all rows, in few steps, for some thousand parameters.

    Losses other than squared error go by their generalised Gauss-Newton matrix (Schraudolph 2002).
    Each epoch is one step; the history has its damping. Training ends by itself; `stopped` of the
    history says why. A float32 network becomes a float64 one: a matrix of float32 would hide what
    the last digits depend on.

    Args:
        damping: of the first step, as a share of the curvature, above 0.
        scaling: "equal" damps all parameters by their mean curvature (Levenberg 1944, and what
            networks learn best with: 0.7 of the loss after 300 steps); "curvature" each by the
            largest of its own so far (Moré 1978), for parameters of very different sizes.
        tolerance: end where the cosine between residuals and any parameter's slopes is at most
            this, at least 0.
        loss_tolerance: end where three steps together lower the loss by no more than this share.
    """

    learning_rate: float = field(default=1.0, init=False, repr=False)
    damping: float = 1e-3
    scaling: str = "equal"
    tolerance: float = 1e-12
    loss_tolerance: float = 1e-13
    slots: ClassVar[int] = 3
    full_batch: ClassVar[bool] = True
    training: ClassVar[Any] = DampedTraining
    dtype: ClassVar[str | None] = "float64"
    matrices: ClassVar[int] = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.choice("scaling", self.scaling, dict.fromkeys(("equal", "curvature")))
        if some(self.l1):
            raise ValueError(
                f"l1 must be 0 for {type(self).__name__}, which needs a smooth loss; got "
                f"{checks.show(self.l1)}. Use weight_decay, or an optimizer such as 'adam'."
            )
