"""Hops: once a fit has come to rest, it goes on from its best parameters with two units made anew.

An exact fit ends in the nearest minimum, and networks have many. What decides when a descent is not
worth its steps any more is in `judge`, what a hop changes in `renew`.
"""

import math
from typing import Any

import numpy as np

from ..core.arrays import Array, put_within
from ..core.doors import door
from ..core.passes import Batch, views
from .damped import DampedTraining
from .training import inner

UNITS = 2
"""Hidden units that a hop makes anew: of 1, 2, 3 and 5 (of 7 to 27) 2 and 3 do a little better."""

FINE = 1e-4
"""The share of the objective by which a step of the best descent so far has to lower it."""

REACH = 30
"""Steps within which another one should get below the best, at the pace of its last step."""

PATIENCE = 5
"""Steps in a row that are slower, after which a descent is left."""


class HoppingTraining(DampedTraining):
    """Iterated local search (Lourenço, Martin and Stützle 2003) over damped descents.

    More slots: the best parameters, the slopes there and the curvatures; then, the first number of
    each, the objective there, the hops begun, the slow steps in a row, and whether to leave this
    descent.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        settings: Any = self.plan.optimizer
        self.hops = settings.hops if len(self.network.layers) > 2 else 0
        self.best, self.notes = self.stepper.slots[2:4], self.stepper.slots[5:9, 0]
        self.notes[0] = math.inf

    def run_step(self, batch: Batch) -> None:
        """First to where the next descent begins, where one has ended."""
        if self.notes[3]:
            try:
                self.hop(batch)
            except BaseException:  # in the middle of trying
                self.stepper.undo()
                raise
        super().run_step(batch)

    def iterate(self, batch: Batch) -> None:
        before, self.rests = self.objective(self.loss), False
        super().iterate(batch)
        if self.hops:
            self.judge(before - self.objective(self.loss))

    def rest(self, why: str) -> None:
        """The end where all hops are done, else of this descent."""
        if self.notes[1] > self.hops or not self.hops:
            super().rest(why)
        self.rests = True

    def judge(self, fall: float) -> None:
        """Note what is the best so far, and whether to leave this descent."""
        here, (lowest, hops, slow, _) = self.objective(self.loss), self.notes.tolist()
        if here < lowest:
            lowest, self.best[0], self.best[1] = here, self.parameters, self.gradients
            self.stepper.slots[4, : len(self.sizes)] = self.sizes
        slow = slow + 1 if fall < max(FINE * abs(here), (here - lowest) / REACH) else 0
        leaves = hops <= self.hops and (self.rests or slow >= PATIENCE)
        self.notes[:] = lowest, hops, slow, leaves

    def hop(self, batch: Batch) -> None:
        """Back to the best parameters; from there to a new start, but for the last descent."""
        self.stepper.slots[:2] = 0.0  # damping as at first
        finite = False
        while not finite and self.notes[1] <= self.hops:
            np.copyto(self.parameters, self.best[0])
            self.notes[1:] = self.notes[1] + 1, 0, 0
            if self.notes[1] <= self.hops:
                self.renew()
            self.loss = self.evaluate(batch)
            finite = math.isfinite(self.loss + inner(self.gradients, self.gradients))
        if not finite:
            raise self.diverged("what was the best is not finite any more")

    def renew(self) -> None:
        """Units that do little (outgoing weights^2 x their curvature, Le Cun et al. 1990, times a
        random factor) get new incoming weights, a bias of 0, and outgoing weights of 0."""
        network, stream = self.network, self.network.streams.parameters[0]
        effect = np.zeros(len(self.parameters))
        effect[self.free] = self.stepper.slots[4, : effect[self.free].size]
        effect *= self.best[0] ** 2
        sums = [views(network.layers, effect)[place][0].sum(axis=1) for place in self.places]
        little = np.log(np.concatenate(sums) + np.finfo(float).tiny)
        little += stream.normal(little.shape)
        owners = np.repeat(self.places, network.layers[1:-1])
        numbers = np.concatenate([np.arange(units) for units in network.layers[1:-1]])
        for each in np.argsort(little)[:UNITS]:
            place, unit = int(owners[each]), int(numbers[each])
            network.weights[place - 1][:, unit] = self.draw(place - 1)
            network.biases[place - 1][unit] = 0.0
            network.weights[place][unit] = 0.0
        put_within(self.parameters, network.bounds, mirrored=True)

    @property
    def places(self) -> range:
        """The layers that hidden units go out to."""
        return range(1, len(self.network.layers) - 1)

    def draw(self, place: int) -> Array:
        """(inputs,) initial weights of one unit of a hidden layer."""
        network = self.network
        name, own = network.initializer, network.activations[place].initializer
        made = door("initializers")[own if name in ("auto", "zeros") else name]
        size = network.layers[place : place + 2]
        found: Array = made(network.streams.parameters[0], *size)[:, 0]
        return found * float(np.ravel(network.initializer_scale)[0])

    def close_epoch(self, seconds: float) -> None:
        """The last record is of the best parameters, which the network ends with."""
        if self.stopped or self.epoch >= self.epochs:
            self.return_to_best()
        super().close_epoch(seconds)
        if self.stopped and self.return_to_best():  # a callback has stopped it after its record
            record = self.history[-1]
            record.update(self.for_record({"loss": self.loss}))
            if "val_loss" in record and self.plan.validate is not None:
                found = self.plan.validate(self.network, self.members)
                record.update({f"val_{name}": found[name] for name in found})

    def look_at_the_target(self, loss: float, target: float) -> None:
        """What has reached it is what is wanted, be the objective lower elsewhere."""
        super().look_at_the_target(loss, target)
        if loss <= target:
            self.notes[0] = math.inf

    def settle(self) -> bool:
        self.return_to_best()
        return super().settle()

    def return_to_best(self) -> bool:
        """Unless a callback has settled on other parameters than the last step led to; whether."""
        lowest = float(self.notes[0])
        unchanged = np.array_equal(self.parameters, self.stepper.kept)
        lower = lowest < math.inf and not self.objective(self.loss) <= lowest  # nan is not
        leaves = lower and unchanged
        if leaves:
            self.parameters[...], self.stepper.slots[-1] = self.best
            np.copyto(self.stepper.kept, self.parameters)
            self.loss = lowest - self.objective(0.0)
            self.total, self.weight = self.loss * self.share, self.share
        return leaves

    def for_record(self, values: dict[str, Any]) -> dict[str, Any]:
        """The hops begun beside the loss."""
        own = {"hops": min(int(self.notes[1]), self.hops)} if "loss" in values else {}
        return {**super().for_record(values), **(own if self.hops else {})}
