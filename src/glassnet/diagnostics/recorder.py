"""Recorder: what happens in each layer while a network learns, as plain data.

When to record and what to keep is here; to look at more, see layer_watch.py and layer_numbers.py.
plots.layer_statistics draws it. In such records the author of the original project found his dead
units.
"""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array
from ..core.callback import Callback
from ..core.training import Training
from .layer_numbers import AFTER, BEFORE, OF_UNITS, cost
from .layer_watch import HEAD, LayerWatch

PER_EPOCH = 10
"""Records an epoch has at least, where it has so many steps."""

SHARE = 0.04
"""Of the time of training, what records may take: about, see cost."""

FIRST = 64
"""Records that there may be whatever they cost. Until they are far enough apart, every other one
goes then; in all that takes some hundredths of a second."""


class Recorder(Callback):
    """Write down, every so many steps, how each layer fares, always on the same few rows.

    Args:
        every: steps from one record to the next. None: 10 records an epoch or more. Where steps
            are so short that this would slow training down, 32 to 64 in all, and later as many as
            take 4 % of its time.
        keep: records at most, at least 2. Where one more would come, every other one goes, and
            the steps from one to the next double: so a long training is covered evenly.
        sample: rows to look at, drawn from the training rows by a stream of its own (of batches
            that you make: the first rows of the first); or your own, X (rows, inputs).
        units: also numbers of each unit.

    `records` is a list of dicts, JSON as it stands: "step" and "epoch" from 1, "loss" of the batch
    and "learning_rate"; "layers" has a dict for each layer of weights, the last one is the output:

    - "scores_mean", "scores_spread" and "scores_zero_share" of the sample, without dropout, before
      the step, and the same of "outputs" (those of the last layer are its scores);
    - "saturated_share": of outputs where the slope of the activation is below 5 % of its largest;
      None where it is not flat at both ends, as tanh is. "dead_share": of units whose slope is 0 in
      all rows, or that give the same in all;
    - "gradient_mean", ... of the weights in the present batch, and "gradient_norm", as callbacks
      before this one left them; "weights_norm"; "update_mean", ... of the step, "update_ratio", its
      norm over that of the weights, and "alignment", the cosine between it and the step before:
      below 0 where training swings to and fro;
    - "units", if wanted: "mean" output, "active" (share of rows where it is not flat), "dead", each
      a list. A number that does not exist is None.

    A record changes no bit of the training. A further `fit` goes on counting; use another Recorder
    for another network. A fleet, and restarts, refuse it: they are many networks.
    """

    for_one = True
    watches = True

    def __init__(
        self, every: int | None = None, *, keep: int = 1000, sample: Any = 64, units: bool = False
    ) -> None:
        self.every = None if every is None else checks.whole("every", every)
        self.keep, self.units = checks.whole("keep", keep, 2), checks.flag("units", units)
        if sample is None or np.isscalar(sample):
            sample = checks.whole("sample", sample, 2, " Or rows of your own, X (rows, inputs).")
        self.sample = sample
        self._layers: tuple[int, ...] = ()
        self._table, self._count, self._spacing, self._affordable = np.empty((0, 0)), 0, 0, 0.0
        self._begun = self._ended = (0, 0)  # steps and epochs: of the fits before, and of all
        self._at_work: LayerWatch | None = None

    @property
    def records(self) -> list[dict[str, Any]]:
        """All records, from the first step on, as new lists and dicts."""
        return [self._read(row) for row in self._table[: self._count]]

    @property
    def latest(self) -> dict[str, Any] | None:
        """The last record, or None."""
        return self._read(self._table[self._count - 1]) if self._count else None

    def state(self) -> dict[str, Any]:
        """For checkpoints."""
        found = {
            "table": self._table[: self._count],
            "spacing": self._spacing,
            "begun": list(self._begun),
        }
        work = self._at_work
        if work is not None and (work.step + 1) % self._spacing == 0:
            found |= {"step": work.step, "before": work.before}
        return found

    def restore_state(self, state: dict[str, Any]) -> None:
        """From a checkpoint."""
        table, columns, work = np.array(state["table"]), self._table.shape[1], self._at_work
        if work is None or table.dtype != np.float64 or table.shape[1:] != (columns,):
            raise ValueError(f"table must have {columns} columns of float64; got {table.shape}.")
        if not np.isfinite(table[:, :2]).all():
            raise ValueError("table must have finite steps and epochs.")
        spacing = checks.whole("spacing", state["spacing"])
        steps, epochs = (checks.whole("begun", each, 0) for each in state["begun"])
        if "before" in state:
            work.step, work.before[...] = checks.whole("step", state["step"], 0), state["before"]
        self._table, self._count, self._spacing = table, len(table), spacing
        self._begun = steps, epochs

    def on_fit_begin(self, training: Training) -> None:
        """Go on counting, draw the sample, and settle how far apart records are."""
        network = training.network
        if self._count and self._layers != network.layers:
            raise ValueError(
                f"this Recorder has records of a network {list(self._layers)}; got one of layers "
                f"{list(network.layers)}. Use a new Recorder() for each network."
            )
        self._begun, self._at_work = self._ended, LayerWatch.on(training, self.sample)
        rows = training.source.size
        if training.rows is not None and training.batches is not None:
            rows = -(-training.rows // training.batches)
        sample = len(self._at_work.inputs)
        self._affordable = cost(network, rows, sample, self.units) / SHARE
        if not self._count:
            self._layers = network.layers
            units = len(OF_UNITS) * sum(network.layers[1:]) if self.units else 0
            each = (len(BEFORE) + len(AFTER)) * (len(network.layers) - 1)
            self._table = np.empty((0, len(HEAD) + each + units))
            self._spacing = self.every or max(1, (training.batches or 1) // PER_EPOCH)

    def on_gradients(self, training: Training) -> None:
        """Before a step that is to be recorded: the sample through the layers; and the parameters,
        before that step and the one ahead of it."""
        step = self._begun[0] + training.step - 1
        due = step % self._spacing == 0
        while due and self._count >= self._most():
            self._thin_out()
            due = step % self._spacing == 0
        work = self._at_work
        assert work is not None
        if due or (step + 1) % self._spacing == 0:
            work.remember(step, training.parameters)
        if due:
            work.row = self._new_row()
            epoch = self._begun[1] + training.epoch
            work.row[: len(HEAD)] = step + 1, epoch, training.loss, training.learning_rate
            work.look(training, self.units)

    def after_step(self, training: Training) -> None:
        work = self._at_work
        if work is not None and work.row is not None:
            work.row[HEAD.index("learning_rate")] = training.learning_rate  # solvers find it late
            work.finish(training)
            work.row = None

    def on_fit_end(self, training: Training) -> None:
        self._ended = self._begun[0] + training.step, self._begun[1] + training.epoch
        self._at_work = None

    def _most(self) -> int:
        """How many records there may be at the present spacing."""
        dear = self.every is None and self._spacing < self._affordable
        return min(FIRST, self.keep) if dear else self.keep

    def _thin_out(self) -> None:
        self._spacing *= 2
        rows = self._table[: self._count]
        self._table = rows[(rows[:, 0] - 1) % self._spacing == 0]
        self._count = len(self._table)

    def _new_row(self) -> Array:
        if self._count == len(self._table):
            more = min(max(1, self._count), self.keep - self._count)
            self._table = np.concatenate([self._table, np.empty((more, self._table.shape[1]))])
        row: Array = self._table[self._count]
        row[:] = math.nan
        self._count += 1
        return row

    def _read(self, row: Array) -> dict[str, Any]:
        values = [value if math.isfinite(value) else None for value in row.tolist()]
        record: dict[str, Any] = dict(zip(HEAD, values, strict=False))
        record["step"], record["epoch"] = int(row[0]), int(row[1])
        rest, sizes = iter(values[len(HEAD) :]), self._layers[1:]
        each: list[dict[str, Any]] = [{} for _ in sizes]
        for names in (BEFORE, AFTER):
            for layer in each:
                layer |= zip(names, rest, strict=False)
        if self.units:
            for layer, size in zip(each, sizes, strict=True):
                layer["units"] = {name: list(islice(rest, size)) for name in OF_UNITS}
                layer["units"]["dead"] = [bool(dead) for dead in layer["units"]["dead"]]
        record["layers"] = each
        return record
