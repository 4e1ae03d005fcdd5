"""The history of many members, as arrays; of one of them, as it would have alone.

What a record holds is decided in core/training.py; here it gets an axis of members.
"""

from itertools import zip_longest
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.history import History

NOT_TRAINED = "not trained"


class FleetHistory(History):
    """The history of many members: each value of a record is an array (members,) of float64, nan
    where a member had no such epoch any more. `reasons` says why each ended."""

    def __init__(self, members: int) -> None:
        super().__init__()
        self.members, self.reasons = members, [NOT_TRAINED] * members

    @classmethod
    def of_one(cls, members: int, number: int, history: History) -> "FleetHistory":
        """What one of many members did, alone."""
        made = cls(members)
        for record in history:
            made.append({name: _at(name, value, number, members) for name, value in record.items()})
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
            mine if theirs == NOT_TRAINED else theirs
            for mine, theirs in zip(self.reasons, other.reasons, strict=True)
        ]
        self.stopped, self.environment = other.stopped, other.environment

    def member(self, number: int) -> History:
        """The history of one member, as it would have alone; the clock times are the fleet's."""
        alone = History()
        for record, seconds in zip(self, self.seconds, strict=True):
            if not np.isnan(record["learning_rate"][number]):
                own = {name: _of_member(name, value, number) for name, value in record.items()}
                own["epoch"] = len(alone) + 1  # of its own, where an earlier call left it behind
                alone.append({name: value for name, value in own.items() if value is not None})
                alone.seconds.append(seconds)
        alone.stopped, alone.environment = self.reasons[number], self.environment
        return alone

    def take(self, members: Array) -> "FleetHistory":
        """The history of some members."""
        some = FleetHistory(len(members))
        for record in self:
            some.append(
                {k: v[members] if isinstance(v, np.ndarray) else v for k, v in record.items()}
            )
        some.reasons = [self.reasons[number] for number in members]
        some.seconds, some.stopped = list(self.seconds), self.stopped
        some.environment = self.environment
        return some

    def append_call(self, call: History) -> None:
        """Add the history of a further call of `fit`, its epochs counted on."""
        super().append_call(call)
        self.reasons = call.reasons if isinstance(call, FleetHistory) else self.reasons

    def __eq__(self, other: object) -> bool:
        """Whether all records are equal; nan is equal to nan."""
        if not isinstance(other, FleetHistory) or len(self) != len(other):
            return False
        return all(_same(mine, theirs) for mine, theirs in zip(self, other, strict=True))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __repr__(self) -> str:
        early = sum(reason != "all epochs done" for reason in self.reasons)
        last = self[-1] if self else {}
        ranges = [_range(name, v) for name, v in last.items() if isinstance(v, np.ndarray)]
        values = f"; the last: {', '.join(ranges)}" if ranges else ""
        return (
            f"<FleetHistory of {self.members} members, {len(self)} epochs{values}; "
            f"{early} ended early>"
        )


def _at(name: str, value: Any, number: int, members: int) -> Any:
    if name == "epoch" or not isinstance(value, (int, float)):
        return value
    values = np.full(members, np.nan)
    values[number] = value
    return values


def _of_member(name: str, value: Any, number: int) -> Any:
    """A value as it is alone; None for what only other members have."""
    if not isinstance(value, np.ndarray):
        return value
    if name == "batches":
        return None if np.isnan(value[number]) else int(value[number])
    return float(value[number])


def _same(mine: dict[str, Any], theirs: dict[str, Any]) -> bool:
    return mine.keys() == theirs.keys() and all(
        np.array_equal(value, theirs[name], equal_nan=isinstance(value, np.ndarray))
        for name, value in mine.items()
    )


def _range(name: str, values: Array) -> str:
    known = values[~np.isnan(values)]
    return f"{name} {known.min():.6g} to {known.max():.6g}" if known.size else f"{name} nan"
