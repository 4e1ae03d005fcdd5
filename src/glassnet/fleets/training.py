"""The training of many members: the loop of core/training.py, with a number for each of them.

A member that stops or diverges leaves the others alone, and is taken out after the epoch, so that
it costs nothing more.
"""

import math
from typing import Any

import numpy as np

from ..core.arrays import Array, each_float, some
from ..core.plan import Plan, Source
from ..core.training import Training
from .fleet import Fleet
from .history import NOT_TRAINED, FleetHistory
from .stepping import FleetStepper


class FleetTraining(Training):
    """One call of `fit` for some members of a fleet.

    Beside what Training says: `network` is a fleet of the members that are still there, `members`
    are their numbers in the whole `fleet`, which gets their parameters when they leave; `loss`,
    `learning_rate` and the like are arrays, one for each that is there. In the history they are
    arrays over the whole fleet.
    """

    network: Fleet
    members: Array

    def __init__(
        self, fleet: Fleet, members: Array, source: Source, rows: int | None, plan: Plan
    ) -> None:
        self.fleet, self.members = fleet, members
        self.alive = np.ones(len(members), dtype=bool)
        self.idle = ~self.alive  # who makes no step with the present batch
        self.whole, self.drops = True, any(some(rate) for rate in fleet.dropout)
        self.leaving: dict[int, str] = {}
        source.members = members
        super().__init__(fleet.take(members), source, rows, plan)
        # The rates of each member's last step.
        rates = np.ravel(self.base_rate).astype(np.float64)  # from whole numbers too
        self.rates = np.array(np.broadcast_to(rates, len(members)))
        self.history: FleetHistory = FleetHistory(len(fleet))
        self.progress.history = self.history

    def make_stepper(self) -> FleetStepper:
        plan = self.plan
        self.steps = FleetStepper(
            plan.optimizer, self.passes, self.members, plan.combine, plan.look
        )
        return self.steps

    def stop(self, reason: str, members: Any = None) -> None:
        """End the training of all after this batch, or of some `members` after this epoch."""
        if members is None:
            super().stop(reason)
            return
        for number in np.ravel(members).tolist():
            self.leaving.setdefault(number, reason)

    def advance(self) -> None:
        """Count the step. Who makes none draws no dropout for it either, as alone."""
        super().advance()
        self.idle = ~self.alive | (self.share == 0)
        self.whole = not self.idle.any()
        self.positions = {}
        if self.drops and not self.whole:
            drawn = self.network.streams.dropout
            places = np.flatnonzero(self.idle).tolist()
            self.positions = {place: drawn[place].state for place in places}

    def take_loss(self, mean: Any) -> None:
        """Losses of the members; who sees no row of the batch has none, and makes no step."""
        for place, position in self.positions.items():
            self.network.streams.dropout[place].state = position
        np.copyto(self.rates, np.ravel(self.learning_rate), where=~self.idle)
        self.loss = each_float(mean) if self.whole else np.where(self.idle, 0.0, each_float(mean))
        if math.isfinite(self.loss.sum()):
            return
        for place in np.flatnonzero(~np.isfinite(self.loss)).tolist():
            if not self.steps.sound_members()[place]:
                self.steps.undo_member(place)
            self.lose(place, f"the loss became {self.loss[place]}")
            self.loss[place] = 0.0

    def take_step(self) -> None:
        for place, what in self.steps.steps_of_members(self.learning_rate, self.idle).items():
            if self.alive[place]:
                self.steps.undo_member(place)
                self.lose(place, what)

    def lose(self, place: int, what: str) -> None:
        """A member has diverged: it keeps its last finite parameters and makes no more steps."""
        self.alive[place], self.idle[place] = False, True
        reason = f"diverged in epoch {self.epoch}, batch {self.batch}: {what}"
        self.leaving[int(self.members[place])] = reason
        if not self.alive.any():
            super().stop("all members stopped")

    def for_record(self, values: dict[str, Any]) -> dict[str, Any]:
        """Arrays over the whole fleet; nan for those who are not there."""
        record = {}
        if "learning_rate" in values:
            values = {**values, "learning_rate": self.rates}
        all_there = len(self.members) == len(self.fleet) and bool(self.alive.all())
        for name, value in values.items():
            present = np.empty(len(self.members))
            present[...] = np.ravel(value)
            if all_there:
                record[name] = present
                continue
            record[name] = np.full(len(self.fleet), np.nan)
            record[name][self.members[self.alive]] = present[self.alive]
        return record

    def look_at_the_target(self, loss: Any, target: float) -> None:
        self.stop(f"target loss of {target:g} reached", np.flatnonzero(loss <= target))

    def close_epoch(self, seconds: float) -> None:
        super().close_epoch(seconds)
        if self.leaving:
            self.thin_out()

    def thin_out(self) -> None:
        """Take out who leaves; the others move together."""
        self.give_back()
        self.note_reasons()
        stay = ~np.isin(self.members, list(self.leaving))
        self.leaving = {}
        if not stay.any():
            super().stop("all members stopped")
            return
        self.members, self.alive = self.members[stay], self.alive[stay]
        self.rates = self.rates[stay]
        if np.ndim(self.base_rate):
            self.base_rate = self.base_rate[stay]
        self.network = self.network.take(np.flatnonzero(stay))
        self.passes = self.network.passes
        self.parameters, self.gradients = self.network.parameters, self.network.gradients
        self.workspaces.clear()
        self.source.members = self.members
        self.steps.thin_out(stay, self.plan.optimizer, self.passes, self.members)

    def settle(self) -> bool:
        """See to it that the final parameters are sound, and give them to the whole fleet."""
        for place in np.flatnonzero(~self.steps.sound_members()).tolist():
            self.steps.undo_member(place)
            reason = "diverged: a hook made the parameters too large"
            self.leaving.setdefault(int(self.members[place]), reason)
        self.note_reasons()
        for number in self.members.tolist():
            if self.history.reasons[number] == NOT_TRAINED:
                self.history.reasons[number] = self.stopped or "all epochs done"
        self.give_back()
        return False

    def note_reasons(self) -> None:
        """Why those ended who leave."""
        for number, reason in self.leaving.items():
            self.history.reasons[number] = reason

    def put_back(self, numbers: Array, parameters: Array) -> None:
        """Give members, whether they are still there or not, these parameters."""
        self.give_back()
        self.fleet.parameters[numbers] = parameters
        self.parameters[...] = self.fleet.parameters[self.members]

    def give_back(self) -> None:
        self.fleet.parameters[self.members] = self.parameters
