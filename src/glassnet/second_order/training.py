"""What the trainings of this room share: one step an epoch, over all rows in pieces.

To make another: derive, write `iterate`, name the class as `training` in its Optimizer. Whatever
must outlive a broken run is in the stepper's slots and count, or among snapshot.KEPT.
"""

import math
from typing import Any

import numpy as np

from ..core.arrays import Array, put_within
from ..core.errors import DivergenceError
from ..core.passes import Batch
from ..core.training import Training
from ..sources.whole import piece_of

SIZES = 2e-5, 5e4
"""Of inputs and targets: smaller or larger ones are mentioned where a training ends by itself."""


def inner(one: Array, other: Array) -> float:
    """The sum of products of two vectors, in float64, without a copy of them."""
    return float(np.einsum("i,i->", one, other, dtype=np.float64))


def largest(slopes: Array) -> float:
    return float(np.abs(slopes).max())


class SolverTraining(Training):
    """A training whose step evaluates the objective itself: mean loss + decay/2 x sum w^2.

    After a step `loss` is that of its end, so the record of an epoch has the loss of the parameters
    that it ends with, and their "largest_slope"; `learning_rate` is the length of the step.
    `stepper.count` counts evaluations; `stepper.kept` and the last slot have the place that the
    last step led to and its slope.
    """

    takes_bounds = False  # of a range; fixed parameters are no trouble

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        bounds, every = self.network.bounds, np.arange(len(self.parameters))
        self.fixed = every[:0] if bounds is None else every[bounds[0] == bounds[1]]
        self.free: Any = slice(None) if bounds is None else every[bounds[0] < bounds[1]]

    def run_step(self, batch: Batch) -> None:
        """The objective and its slope, hook, an iteration, hooks."""
        self.advance()
        self.look(batch)
        slopes = self.gradients.copy()
        self.notify("on_gradients")
        if not np.array_equal(slopes, self.gradients):
            raise ValueError(
                f"a callback changed the gradients (clipping?), which {self.name} cannot follow: "
                "it goes by the loss itself, which never rises. Leave the callback out."
            )
        stopped = self.stopped
        try:
            self.iterate(batch)
        except BaseException:  # in the middle of trying
            self.stepper.undo()
            raise
        if self.stopped and not stopped:
            self.stopped += self.advice(batch)
        np.copyto(self.stepper.kept, self.parameters)
        self.stepper.slots[-1] = self.gradients
        self.total, self.weight = self.loss * self.share, self.share
        self.notify("after_step")
        self.notify("on_batch_end")

    def advice(self, batch: Batch) -> str:
        """What to add to the reason of an end, where columns are of another size than starts are
        made for."""
        most = np.zeros(2)
        for piece in batch.cut(piece_of(self.network.layers)):
            targets = piece.targets if self.criterion.rescalable else np.ones(1)
            most = np.maximum(most, [np.abs(each).max() for each in (piece.inputs, targets)])
        found = [
            f"{name} reach {size:.1e}"
            for name, size in zip(("inputs", "targets"), most.tolist(), strict=True)
            if size > SIZES[1] or 0.0 < size < SIZES[0]
        ]
        sizes = " and ".join(found)
        return f"; {sizes}: from a random start, standardize=True goes further" if found else ""

    @property
    def held(self) -> int:
        """How many parameters, the first ones, the penalty is for: the weights."""
        return self.passes.weight_count

    @property
    def decayed(self) -> Any:
        """The places of those that are not fixed."""
        if isinstance(self.free, slice):
            return slice(self.held)
        return self.free[: np.searchsorted(self.free, self.held)]

    @property
    def decay(self) -> float:
        """The share of the sum of their squares in the objective, times 2."""
        return float(self.plan.optimizer.weight_decay)

    @property
    def name(self) -> str:
        return type(self.plan.optimizer).__name__

    def iterate(self, batch: Batch) -> None:
        """From `parameters`, with their `loss` and `gradients`, to better ones, with theirs."""
        raise NotImplementedError

    def look(self, batch: Batch) -> None:
        """`loss` and `gradients` of the present parameters: computed, but where the last step ended
        here and nobody has changed them since."""
        if self.stepper.count and np.array_equal(self.parameters, self.stepper.kept):
            np.copyto(self.gradients, self.stepper.slots[-1])
            return
        self.loss = self.evaluate(batch)
        if not math.isfinite(self.loss + inner(self.gradients, self.gradients)):
            raise self.diverged(f"the loss is {self.loss:g}, or its slope too large")
        np.copyto(self.stepper.kept, self.parameters)

    def evaluate(self, batch: Batch) -> float:
        """The mean loss of all rows, and into `gradients` the slope of the objective; the sums over
        pieces are taken in float64."""
        self.stepper.count += 1
        total = weight = 0.0
        slopes = np.zeros(self.gradients.shape, np.float64)
        for piece in batch.cut(piece_of(self.network.layers)):
            share = float(piece.total_weight())
            if share:
                work = self.work = self.workspace(piece)
                mean = self.passes.loss_and_gradients(self.criterion, piece, work)
                total, weight = total + share * float(mean), weight + share
                slopes += share * self.gradients
        np.divide(slopes, weight, out=self.gradients, casting="same_kind")
        self.batch_rows = batch.rows
        if self.decay:
            self.gradients[self.decayed] += self.decay * self.parameters[self.decayed]
        self.gradients[self.fixed] = 0.0
        return total / weight

    def objective(self, loss: float) -> float:
        """The loss and the penalty of the present parameters."""
        held = self.parameters[self.decayed]
        return loss + 0.5 * self.decay * inner(held, held) if self.decay else loss

    def move(self, direction: Array, step: float) -> bool:
        """From `stepper.kept` so far along; whether the numbers there can be worked with."""
        way = step * direction
        np.add(self.stepper.kept, way, out=self.parameters, casting="same_kind")
        if self.network.bounds is not None:
            low, high = self.network.bounds  # to be met exactly, whatever a sum is rounded to
            np.copyto(self.parameters, low, "same_kind", where=way <= low - self.stepper.kept)
            np.copyto(self.parameters, high, "same_kind", where=way >= high - self.stepper.kept)
            put_within(self.parameters, self.network.bounds)
        return self.stepper.sound()

    def open_slopes(self, slopes: Array) -> Array:
        """The slopes, but 0 where a bound is in the way down."""
        if self.network.bounds is None:
            return slopes
        low, high = self.network.bounds
        shut = np.where(slopes > 0.0, self.parameters <= low, self.parameters >= high)
        return np.where(shut, 0.0, slopes)

    def for_record(self, values: dict[str, Any]) -> dict[str, Any]:
        """The largest slope of the objective beside the loss."""
        own = (
            {"largest_slope": largest(self.open_slopes(self.stepper.slots[-1]))}
            if "loss" in values
            else {}
        )
        return {**values, **own}

    def diverged(self, what: str) -> DivergenceError:
        """The error to raise; sees to it that the parameters are finite."""
        self.settle()
        self.stop("diverged")
        return DivergenceError(
            f"{self.name} cannot go on in epoch {self.epoch}: {what}. The network keeps its last "
            "finite parameters. Try standardize=True, or reset() to start anew.",
            self.epoch,
            self.batch,
            self.learning_rate,
        )
