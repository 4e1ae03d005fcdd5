"""The optimizer at work on many members: each is watched, and goes back, for itself.

The step is that of core/stepping.py; a rule about what is harmful belongs there too.
"""

from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.optimizer import Combine, Optimizer
from ..core.passes import Passes
from ..core.stepping import (
    KEEP,
    LARGEST,
    PARAMETERS,
    SUSPECT,
    Stepper,
    squares_overflow,
    too_large,
)


class FleetStepper(Stepper):
    """See Stepper. `members` are the numbers of those present, by which settings are looked up."""

    def __init__(
        self,
        optimizer: Optimizer,
        passes: Passes,
        members: Array,
        combine: Combine | None = None,
        look: int = 1,
    ) -> None:
        super().__init__(optimizer.of_members(members), passes, combine, look)
        self.sizes = np.zeros(len(members))
        self.counts: Any = 0  # of steps: an integer while it is the same for all, else (members, 1)

    def steps_of_members(self, learning_rate: Any, idle: Array) -> dict[int, str]:
        """One step of all but the idle ones; what went wrong, by the place of the member."""
        trouble: dict[int, str] = {}
        squares = np.vecdot(self.gradients, self.gradients)
        rate = learning_rate[:, 0] if np.ndim(learning_rate) else learning_rate
        harmless = (squares * rate * rate <= LARGEST) & (self.sizes <= SUSPECT)
        if not harmless.all() or self.count % KEEP == 0:
            well = self.sound_members()
            self.kept[well] = self.parameters[well]
            trouble.update(dict.fromkeys(np.flatnonzero(~well).tolist(), PARAMETERS))
            for place in np.flatnonzero(squares == np.inf).tolist():
                if squares_overflow(self.gradients[place]):
                    trouble[place] = too_large(self.gradients)
        calm = squares * rate * rate <= self.sizes
        self.count += 1
        self._update_but(idle, learning_rate)
        if self.count % self.look and (calm & harmless).all():
            return trouble
        well = self.sound_members()
        if not well.all():
            trouble.update((place, PARAMETERS) for place in np.flatnonzero(~well).tolist())
        return trouble

    def _update_but(self, idle: Array, learning_rate: Any) -> None:
        """Rows of weight 0 only say nothing about the step to make: those members make none."""
        places = np.flatnonzero(idle)
        if not len(places):
            self.counts = self.counts + 1
            self.update(learning_rate, self.counts)
            return
        parameters, slots = self.parameters[places], self.slots[:, places]
        self.counts = self.counts + ~idle[:, None]
        self.update(learning_rate, np.maximum(self.counts, 1))
        self.parameters[places], self.slots[:, places] = parameters, slots

    def sound_members(self) -> Array:
        """Which members are sound."""
        self.sizes = np.vecdot(self.parameters, self.parameters)
        return np.asarray(self.sizes <= LARGEST)

    def undo_member(self, place: int) -> None:
        """Back to the last copy of its parameters; see Stepper.undo."""
        self.parameters[place] = self.kept[place]

    def thin_out(self, stay: Array, optimizer: Optimizer, passes: Passes, members: Array) -> None:
        """Go on with those that stay, which `passes` has now; `members` are their numbers."""
        self.optimizer = optimizer.of_members(members)
        self.parameters, self.gradients = passes.parameters, passes.gradients
        self.slots, self.kept = self.slots[:, stay], self.kept[stay]
        self.sizes = self.sizes[stay]
        if np.ndim(self.counts):
            self.counts = self.counts[stay]
        self.cut(passes)
