"""History: what a training leaves behind, as plain data.

A list of one dictionary an epoch, JSON as it stands. Clock times and the machine are kept beside
it, so that equal runs have equal histories.
"""

from typing import Any


class History(list[dict[str, Any]]):
    """Records {"epoch", "loss", "learning_rate", "val_loss", ...}, from the first epoch on.

    `seconds` is the time of each epoch; `stopped` says why training ended; `environment` names the
    NumPy, the BLAS, its kernels and threads, on which the bits of the result depend; `settings`
    says in plain data what the (last) call was asked for, and how large parameters started.
    """

    def __init__(self, records: Any = ()) -> None:
        super().__init__(records)
        self.seconds: list[float] = []
        self.stopped = ""
        self.environment: dict[str, Any] = {}
        self.settings: dict[str, Any] = {}

    def __repr__(self) -> str:
        if not self:
            return f"<History of 0 epochs{'; ' * bool(self.stopped)}{self.stopped}>"
        last = self[-1]
        numbers = {name: value for name, value in last.items() if isinstance(value, float)}
        values = ", ".join(f"{name} {value:.6g}" for name, value in numbers.items())
        return f"<History of {len(self)} epochs; the last: {values or 'none'}; {self.stopped}>"

    def column(self, name: str) -> list[Any]:
        """The values of one name, epoch by epoch; None where an epoch has none."""
        if self and not any(name in record for record in self):
            raise KeyError(f"no epoch has {name!r}; there are {', '.join(self[-1])}")
        return [record.get(name) for record in self]

    def append_call(self, call: "History") -> None:
        """Add the history of a further call of `fit`, its epochs counted on."""
        first = len(self)
        self.extend({**record, "epoch": first + i + 1} for i, record in enumerate(call))
        self.seconds += call.seconds
        self.stopped, self.environment = call.stopped, call.environment
        self.settings = call.settings
