"""Gauss-Newton's step, damped as far as it takes to make the loss fall: what Levenberg-Marquardt's
and Bayesian regularisation's trainings share.

The matrix comes from curvature.py and jacobian.py; how the damping grows and shrinks is in
`descend`.
"""

import math
from typing import Any

import numpy as np

from ..core.arrays import Array
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

    takes_bounds = True

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
        curvature = gauss_newton(self.network, self.criterion, batch, self.free)
        curvature /= float(batch.total_weight())
        self.weigh(curvature, batch)
        own = np.einsum("ii->i", curvature)
        own[: self.parameters[self.decayed].size] += self.decay
        self.sizes = at_least(own)
        scales = self.stepper.slots[1, : len(own)]
        np.maximum(scales, own if settings.scaling == "curvature" else own.mean(), out=scales)
        before, slopes = self.loss, self.gradients.copy()
        if self.descend(curvature, at_least(scales), batch):
            self.learning_rate = 1.0
            self.finish(self.steepness())
        else:
            self.stepper.undo()
            self.loss, self.gradients[...] = before, slopes
            self.rest(LOWEST)

    def steepness(self) -> float:
        """The largest slope, each in the unit of its parameter's curvature: over the root of twice
        the loss, for squared errors, the cosine that Moré (1978) stops by."""
        slopes = self.open_slopes(self.gradients)[self.free]
        return float(np.abs(slopes / np.sqrt(self.sizes)).max())

    def step_of(
        self, curvature: Array, damping: float, scales: Array, slopes: Array
    ) -> tuple[Array, float]:
        """The damped step (parameters,), and by how much the objective should fall with it.

        Fixed parameters are in no matrix. One at a bound that is in its way down stays there; one
        that the step takes beyond a bound goes up to it, and the others are solved for anew.
        """
        bounds, slopes = self.network.bounds, slopes[self.free]
        if bounds is None:
            step = solve(curvature, damping * scales, slopes)
            return step, 0.5 * (damping * inner(step * scales, step) - inner(slopes, step))
        low, high = bounds[:, self.free] - self.stepper.kept[self.free]
        step = np.zeros(len(slopes))
        moves = np.where(slopes > 0.0, low < 0.0, high > 0.0)
        while (go := np.flatnonzero(moves)).size:
            pull = slopes[go] + curvature[go] @ np.where(moves, 0.0, step)
            step[go] = solve(curvature[np.ix_(go, go)], damping * scales[go], pull)
            beyond = (step < low) | (step > high)
            if not beyond.any():
                break
            np.clip(step, low, high, out=step)
            moves &= ~beyond
        whole = np.zeros(len(self.parameters))
        whole[self.free] = step
        return whole, -inner(slopes, step) - 0.5 * inner(curvature @ step, step)

    def descend(self, curvature: Array, scales: Array, batch: Batch) -> bool:
        """Damp until the objective falls as foretold, and go there; whether there is such a step.
        Where the loss cannot tell any more, its slope can."""
        slopes, here = self.gradients.copy(), self.objective(self.loss)
        steep = self.steepness()
        settings: Any = self.plan.optimizer
        damping, growth = self.stepper.slots[0, :2].tolist()
        damping, growth = (damping, growth) if growth else (settings.damping, 2.0)
        while damping < HOPELESS:
            step, foretold = self.step_of(curvature, damping, scales, slopes)
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
            self.rest(f"the slope is within the tolerance of {settings.tolerance:g}")
        elif len(past) == CALM - 1 and moved <= share * abs(self.loss):
            words = f"in {CALM} steps the loss fell by less than {share:g} of itself"
            self.rest(words if share else LOWEST)

    def rest(self, why: str) -> None:
        """The end, where there is nothing left to gain."""
        self.stop(why)

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
    units = 1.0 / np.sqrt(np.einsum("ii->i", curvature) + damping)
    damped = curvature * units
    damped *= units[:, None]
    np.einsum("ii->i", damped)[...] = 1.0
    try:
        found: Array = np.linalg.solve(damped, -units * slopes)
    except np.linalg.LinAlgError:
        return np.full(len(slopes), np.nan)
    return np.asarray(found * units)
