"""The history of many members, as arrays; of one of them, as it would have alone.

What a record holds is decided in core/training.py; here it gets an axis of members.
"""

from itertools import zip_longest
from typing import Any

import numpy as np

from ..core.history import History


class FleetHistory(History):
    """The history of many members: each value of a record is an array (members,) of float64, nan
    where a member had no such epoch any more. `reasons` says why each ended."""

    def __init__(self, members: int) -> None:
        super().__init__()
        self.members, self.reasons = members, ["all epochs done"] * members

    @classmethod
    def of_one(cls, members: int, number: int, history: History) -> "FleetHistory":
        """What one of many members did, alone."""
        made = cls(members)
        for record in history:
            made.append({name: _at(number, value, members) for name, value in record.items()})
        made.seconds, made.reasons[number] = history.seconds, history.stopped
        made.stopped, made.environment = history.stopped, history.environment
        return made

    def take_over(self, other: "FleetHistory") -> None:
        """Add what other members did in the same call, epoch by epoch."""
        for place, record in enumerate(other):
            if place == len(self):
                self.append(record)
                continue
            for name, values in record.items():
                if isinstance(values, np.ndarray):
                    mine = self[place].setdefault(name, np.full(self.members, np.nan))
                    np.copyto(mine, values, where=np.isnan(mine))
        seconds = zip_longest(self.seconds, other.seconds, fillvalue=0.0)
        self.seconds = [mine + theirs for mine, theirs in seconds]
        self.reasons = [
            theirs if mine == "all epochs done" else mine
            for mine, theirs in zip(self.reasons, other.reasons, strict=True)
        ]
        self.stopped, self.environment = other.stopped, other.environment

    def member(self, number: int) -> History:
        """The history of one member, as it would have alone; the clock times are the fleet's."""
        alone = History()
        for record in self:
            if not np.isnan(record["learning_rate"][number]):
                alone.append({name: _of_member(value, number) for name, value in record.items()})
        alone.seconds = self.seconds[: len(alone)]
        alone.stopped, alone.environment = self.reasons[number], self.environment
        return alone

    def append_call(self, call: History) -> None:
        """Add the history of a further call of `fit`, its epochs counted on."""
        super().append_call(call)
        self.reasons = call.reasons if isinstance(call, FleetHistory) else self.reasons


def _at(number: int, value: Any, members: int) -> Any:
    if not isinstance(value, float):
        return value
    values = np.full(members, np.nan)
    values[number] = value
    return values


def _of_member(value: Any, number: int) -> Any:
    return float(value[number]) if isinstance(value, np.ndarray) else value
