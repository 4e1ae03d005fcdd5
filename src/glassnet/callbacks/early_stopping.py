"""Early stopping: training ends when a value has not become better for some epochs.

The best parameters are put back at the end. A metric that rises goes into RISING.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core import checks
from ..core.callback import Callback
from ..core.training import Training
from ..fleets.training import FleetTraining


class EarlyStopping(Callback):
    """Stop after `patience` epochs without a better value, and restore the best parameters.

    Args:
        patience: epochs to wait, at least 1.
        monitor: the name of a value in the history; None: "val_loss" where there is one, else
            "loss". Losses and errors should fall; accuracies and the like should `rise`.
        rise: True where larger is better; None: by the name, with or without val_, as in RISING.
        min_change: an epoch is better only by more than this.
        restore: put the parameters of the best epoch back at the end.

    `best` and `best_epoch` tell what was found. In a fleet each member stops for itself, and they
    are of those trained together last, arrays where these are several: see the history instead.
    """

    RISING = (
        "accuracy",
        "balanced_accuracy",
        "top_k_accuracy",
        "precision",
        "recall",
        "f1",
        "r2",
    )

    def __init__(
        self,
        patience: int = 10,
        *,
        monitor: str | None = None,
        rise: bool | None = None,
        min_change: float = 0.0,
        restore: bool = True,
    ) -> None:
        self.patience = checks.whole("patience", patience)
        if not (monitor is None or isinstance(monitor, str)):
            raise TypeError(f"monitor must be a name or None; got {checks.show(monitor)}.")
        self.monitor = monitor
        self.rise = None if rise is None else checks.flag("rise", rise)
        self.min_change = checks.positive("min_change", min_change, zero=True)
        self.restore = checks.flag("restore", restore)
        self.best: Any = math.nan
        self.best_epoch: Any = 0
        self._kept: NDArray[Any] | None = None
        self._shape: tuple[int, ...] = ()
        self._members: NDArray[Any] = np.zeros(0, dtype=np.int64)

    def on_fit_begin(self, training: Training) -> None:
        self.best, self.best_epoch, self._kept = math.nan, 0, None
        self._shape = training.parameters.shape
        if isinstance(training, FleetTraining):
            self._members = training.members
            self.best = np.full(len(self._members), np.nan)
            self.best_epoch = np.zeros(len(self._members), dtype=np.int64)
            self._kept = training.parameters.copy()

    def state(self) -> dict[str, Any]:
        """For checkpoints."""
        kept = {} if self._kept is None else {"kept": self._kept}
        return {"best": self.best, "best_epoch": self.best_epoch, **kept}

    def restore_state(self, state: dict[str, Any]) -> None:
        """From a checkpoint."""
        kept = state.get("kept")
        if kept is not None and np.shape(kept) != self._shape:
            raise ValueError(f"kept must be of shape {self._shape}; got {np.shape(kept)}.")
        self.best, self.best_epoch = float(state["best"]), int(state["best_epoch"])
        self._kept = None if kept is None else np.array(kept)

    def on_epoch_end(self, training: Training) -> None:
        """Keep the parameters where the value is the best so far; stop where patience is over."""
        record = training.history[-1]
        name = self.monitor or ("val_loss" if "val_loss" in training.history[0] else "loss")
        if name not in record and training.stopped:
            return  # Ctrl-C: there was no time to validate
        if name not in record:
            raise ValueError(
                f"EarlyStopping monitors {name!r}, which is not in the history: {list(record)}. "
                "Pass validation_data, or metrics that have this name with val_ before it."
            )
        if isinstance(training, FleetTraining):
            self._look_at_members(training, name)
        elif self._better(name, record[name]):
            self.best, self.best_epoch = record[name], training.epoch
            self._kept = training.parameters.copy()
        elif training.epoch - self.best_epoch >= self.patience:
            training.stop(f"no better {name} in {self.patience} epochs")

    def on_fit_end(self, training: Training) -> None:
        """Put the best parameters back."""
        if not self.restore or self._kept is None:
            return
        if isinstance(training, FleetTraining):
            better = self.best_epoch > 0
            training.put_back(self._members[better], self._kept[better])
        else:
            np.copyto(training.parameters, self._kept)

    def _better(self, name: str, value: float) -> bool:
        if math.isnan(value):
            return False
        return math.isnan(self.best) or self._gain(name, value, self.best) > self.min_change

    def _gain(self, name: str, value: Any, best: Any) -> Any:
        rise = self.rise
        if rise is None:
            rise = name.removeprefix("val_") in self.RISING
        return value - best if rise else best - value

    def _look_at_members(self, training: FleetTraining, name: str) -> None:
        """The same for each member that is still there."""
        assert self._kept is not None
        members = training.members
        places = np.searchsorted(self._members, members)
        values, best = training.history[-1][name][members], self.best[places]
        with np.errstate(all="ignore"):
            better = np.isnan(best) | (self._gain(name, values, best) > self.min_change)
        better &= ~np.isnan(values)
        self.best[places[better]] = values[better]
        self.best_epoch[places[better]] = training.epoch
        self._kept[places[better]] = training.parameters[better]
        waited = training.epoch - self.best_epoch[places]
        late = members[~better & (waited >= self.patience)]
        training.stop(f"no better {name} in {self.patience} epochs", late)
