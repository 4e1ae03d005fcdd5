"""A case: a network, its rows, what is known of its training; and what is measured of them once.

Rules ask it for numbers. To add a measure that several rules need: a cached property here.
"""

import math
from functools import cached_property
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.network import Network
from ..core.passes import Batch, views
from ..core.random import Stream
from ..intake.data import check_inputs, raw_rows, scaled, settled
from ..second_order import SOLVERS
from ..second_order.jacobian import forward, twin
from . import probes
from .probes import Probe, Ridge, relative_error

SHUFFLES = 6
ROWS = 2000
"""Rows that are looked at, and that short trainings see; of more, so many are drawn."""


LONGEST = 1000
"""Epochs of the trials of a training that diverged."""


class Rows:
    """Rows as the user has them (`X`, `y`), and their targets as columns of numbers, (rows,
    columns): labels become columns of 0 and 1."""

    def __init__(self, network: Network, X: Any, y: Any, suffix: str = "") -> None:
        X = check_inputs(network, X, f"X{suffix}")
        loss = network.settled_loss("diagnose")
        read = raw_rows(network, loss, X, y, True, suffix).targets
        places = np.flatnonzero(~np.isnan(read.reshape(len(read), -1)).any(axis=1))
        if not len(places):
            raise ValueError(
                f"y{suffix} has no row with known targets in all columns; only such are looked at."
            )
        self.given, self.drawn = len(read), len(places) > ROWS
        if self.drawn:  # before anything is made of them: there may be millions
            places = places[np.sort(Stream(0, "diagnosis").permutation(len(places))[:ROWS])]
        self.X, self.y, few = X[places], np.asarray(y)[places], read[places]
        self.labels = few if few.ndim == 1 else None
        columns = np.eye(network.layers[-1])[few] if few.ndim == 1 else few
        self.targets = np.asarray(columns, np.float64)

    def _keep(self, which: Array) -> None:
        self.X, self.y, self.targets = self.X[which], self.y[which], self.targets[which]
        self.labels = None if self.labels is None else self.labels[which]

    def __len__(self) -> int:
        return len(self.X)

    def part(self, which: Array) -> "Rows":
        """Some of them."""
        made = Rows.__new__(Rows)
        made.__dict__.update(self.__dict__)
        made._keep(which)
        return made


class Case:
    """What is diagnosed. `settings` are those of the history, or what is assumed; `held` are rows
    for validation, or None."""

    def __init__(
        self,
        network: Network,
        rows: Rows,
        held: Rows | None,
        settings: dict[str, Any],
        history: Any,
    ) -> None:
        self.network, self.rows, self.held = network, rows, held
        self.settings, self.history = settings, list(history)
        self.stopped = getattr(history, "stopped", "")
        self.means = rows.targets.mean(axis=0)

    @property
    def tells_apart(self) -> bool:
        """Whether targets are labels or flags, not numbers."""
        return self.network.settled_loss("diagnose").targets != "numbers"

    @cached_property
    def seen(self) -> Array:
        """(rows, inputs) as the first layer gets them, float64."""
        return self.network.scale_inputs(self.rows.X).astype(np.float64)

    @cached_property
    def raw(self) -> Array:
        """(rows, inputs) as the user has them, float64."""
        return np.asarray(self.rows.X, np.float64)

    @cached_property
    def exact(self) -> Network:
        """The network in float64."""
        return twin(self.network, dropout=(0.0,) * len(self.network.dropout))

    @cached_property
    def few(self) -> Array:
        """Places of the rows that probes see: spread over all, since rows are often sorted."""
        count = len(self.rows)
        return np.linspace(0, count - 1, min(count, probes.ROWS)).round().astype(int)

    @cached_property
    def traces(self) -> Any:
        """What each dense layer makes of the rows: scores, outputs, slopes."""
        with np.errstate(all="ignore"):
            return forward(self.exact, self.seen)

    @cached_property
    def _ridges(self) -> tuple[Ridge, Ridge]:
        """What the linear and the curved probe make of the inputs, for any targets."""
        few = self.seen[self.few]
        return Ridge(probes.standardised(few)), Ridge(probes.bent(few))

    @cached_property
    def linear(self) -> Probe:
        return self._ridges[0].fit(self.rows.targets[self.few])

    @cached_property
    def curved(self) -> Probe:
        return self._ridges[1].fit(self.rows.targets[self.few])

    @cached_property
    def curved_without_bias(self) -> Probe:
        few = self.few
        return probes.curved(self.seen[few], self.rows.targets[few], bias=False)

    @property
    def learnable(self) -> float:
        """The lower of the errors of the probes, on rows left out."""
        return min(self.linear.error, self.curved.error)

    @cached_property
    def learnable_by_chance(self) -> float:
        """The lowest error of the probes on targets that are shuffled against the inputs."""
        if self.learnable < 0.7:  # below any chance
            return 1.0
        few, stream = self.few, Stream(0, "shuffles")
        targets = self.rows.targets[few]
        orders = [stream.permutation(len(targets)) for _ in range(SHUFFLES)]
        return min(ridge.fit(targets[order]).error for order in orders for ridge in self._ridges)

    @cached_property
    def start_gradient_sizes(self) -> list[float]:
        """As `gradient_sizes`, of a network that is not trained."""
        return self._gradient_sizes(self._fresh())

    @cached_property
    def error(self) -> float:
        """Of the network, on the rows it was trained with."""
        return self.error_of(self.network, self.rows)

    @cached_property
    def held_error(self) -> float:
        """Of the network on rows for validation; nan without them."""
        return math.nan if self.held is None else self.error_of(self.network, self.held)

    @property
    def behind(self) -> float:
        """How many times as much as the better probe it errs."""
        own = self.error if self.held is None else self.held_error
        return own / max(self.learnable, 1e-9)

    def error_of(self, network: Network, rows: Rows) -> float:
        """The mean squared error of predictions (of probabilities: Brier's score) over that of the
        mean of the training rows."""
        return relative_error(self.predicted(network, rows), rows.targets, self.means)

    def predicted(self, network: Network, rows: Rows) -> Array:
        """Predictions, (rows, columns) as the targets are."""
        loss = network.settled_loss("diagnose")
        parts = np.split(network.predict(rows.X).astype(np.float64), loss.statistics, axis=1)
        levels = getattr(loss, "quantiles", (0.5,))  # else means, and behind them variances
        return parts[int(np.argmin(np.abs(np.asarray(levels) - 0.5)))]

    @cached_property
    def gradient_sizes(self) -> list[float]:
        """The root mean square of d loss / d scores over units and rows, for each layer."""
        return self._gradient_sizes(self.exact)

    def _gradient_sizes(self, network: Network) -> list[float]:
        inputs, targets = self.batch
        batch = Batch(inputs, targets)
        work = network.passes.workspace(batch.rows)
        with np.errstate(all="ignore"):
            network.passes.loss_and_gradients(network.settled_loss("diagnose"), batch, work)
        dense = [
            t
            for t, each in zip(work.traces, network.passes.stack, strict=True)
            if each in network.passes.dense
        ]
        return [float(np.sqrt(np.mean(np.square(t.delta)))) * batch.rows for t in dense]

    @cached_property
    def batch(self) -> tuple[Array, Array]:
        """Inputs and targets as the loss takes them."""
        by = settled(self.network)
        rows = raw_rows(self.exact, by.loss, self.rows.X, self.rows.y, True)
        rows.dtype = np.dtype(np.float64)
        made = next(scaled(rows, by).in_order(len(rows)))
        return made.inputs, made.targets

    @property
    def ran(self) -> int | None:
        """After how many epochs it was stopped, so that trials stop there too; None where it did
        all of them. What diverged may need more than it had."""
        done = max(len(self.history), 1)
        if self.stopped == "diverged":
            done = max(done, LONGEST)
        return done if done < self.settings.get("epochs", 0) else None

    @property
    def hidden(self) -> range:
        """The numbers of the hidden layers, from 0."""
        return range(len(self.network.layers) - 2)

    @property
    def solver(self) -> bool:
        """Whether it was trained by all rows at once."""
        return self.settings.get("optimizer", {}).get("name") in {
            kind.__name__ for kind in SOLVERS.values()
        }

    @cached_property
    def usual_sizes(self) -> list[float]:
        """How large the weights of each layer are when an initializer has made them."""
        return [float(np.sqrt(np.mean(np.square(each)))) for each in self._fresh().weights]

    def _fresh(self) -> Network:
        """One with the same settings, not trained, in float64."""
        made = twin(self.exact)
        made.bounds = None
        made.initializer = "auto" if made.initializer == "zeros" else made.initializer
        return made.reset()

    def start(self, kind: str) -> list[float] | None:
        """How large weights or biases of each layer were when training began, if that is known."""
        found = self.settings.get("start", {}).get(kind)
        return found if found and len(found) == len(self.network.layers) - 1 else None

    def columns_of(self, flat: Array) -> list[tuple[Array, Array]]:
        """Weights and biases of each layer, in a vector like `parameters`."""
        return views(self.network.layers, flat)
