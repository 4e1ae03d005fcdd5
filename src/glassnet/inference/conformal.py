"""Conformal intervals: they cover as often as they say, whatever the network and the noise are.

All they ask is that rows come in no particular order. `conformal` takes a fitted network and rows
that it has not seen, `cross_conformal` trains networks of its own. To add one: a class with
`predict`, and the function that makes it.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array
from ..core.loss import Loss
from ..core.network import Network
from ..core.random import Stream
from ..fleets.fleet import Fleet
from ..intake.data import check_inputs, wanted
from ..intake.networks import check_network
from ..intake.targets import read_targets
from ..selection.rows import make_folds, one_by_one
from ..selection.task import Task, seeds
from ..selection.trial import diverged
from .distributions import check_level
from .intervals import Interval


def band(loss: Loss, outputs: Array) -> tuple[Array, Array, Array, Array]:
    """(lower, mean, upper, unit), each (..., rows, columns), of what `predict` gives: an interval
    to be widened on both sides by a multiple of `unit`.

    A mean and a variance give the mean, in units of the deviation (Lei et al. 2018, section 5.2);
    several quantiles the outermost of them (Romano et al. 2019); else the prediction.
    """
    pieces = np.split(outputs, loss.statistics, axis=-1)
    middle, one = pieces[len(pieces) // 2], np.ones(())
    if loss.name == "gaussian":
        return pieces[0], pieces[0], pieces[0], np.sqrt(pieces[1])
    return pieces[0], middle, pieces[-1], one


@dataclass(frozen=True)
class Conformal:
    """Intervals around one network's predictions; `margin` (columns,) is by how many units they
    are wider than the network's own, which has none: see `band`."""

    network: Network
    margin: Array
    level: float

    def predict(self, X: Any) -> Interval:
        """Intervals for X (rows, inputs); each covers its target with a probability of `level` or
        more."""
        lower, mean, upper, unit = band(_loss(self.network), _outputs(self.network, X))
        room = self.margin * unit
        return Interval(lower - room, mean, upper + room, self.level)


@dataclass(frozen=True)
class CrossConformal:
    """Intervals by networks of which each has not seen some of the rows.

    Attributes:
        networks: one for each fold, a Fleet or a list. folds: (rows,) which of them has not seen a
            row. scores: (rows, columns) by how many units the row lay outside its own.
    """

    networks: Fleet | list[Network]
    folds: Array
    scores: Array
    level: float

    def predict(self, X: Any) -> Interval:
        """Intervals for X (rows, inputs), around the mean of all networks (Barber et al. 2021)."""
        loss, count = _loss(self.networks[0]), len(self.folds)
        outputs = np.stack([_outputs(each, X) for each in self.networks])
        lower, mean, upper, unit = band(loss, outputs)
        unit, place = np.broadcast_to(unit, mean.shape), place_of(count, self.level)
        low, high = np.empty(mean.shape[1:]), np.empty(mean.shape[1:])
        # A few rows at a time: each has as many candidates as there are rows to learn from.
        for start in range(0, mean.shape[1], many := max(1, (1 << 20) // self.scores.size)):
            part = slice(start, start + many)
            room = self.scores[:, None] * unit[self.folds, part]
            below, above = lower[self.folds, part] - room, upper[self.folds, part] + room
            low[part] = np.partition(below, count - place, axis=0)[count - place]
            high[part] = np.partition(above, place - 1, axis=0)[place - 1]
        return Interval(low, mean.mean(axis=0), high, self.level)


def conformal(network: Network, X: Any, y: Any, *, level: float = 0.95) -> Conformal:
    """Split conformal intervals: from a fitted network and rows that it has not seen.

    New rows are covered with a probability of at least `level`, and of at most level + 1 / (rows +
    1), on the average over rows and calibrations (Lei et al. 2018, theorem 2.2), if they come from
    where (X, y) do; several targets each by itself.

    Args:
        network: fitted, with any loss on numbers; a gaussian likelihood makes intervals as wide as
            the noise is there, several quantiles (pinball) correct those.
        X, y: rows to calibrate with, which no fit and no early stopping has seen.
        level: in (0, 1); it needs at least level / (1 - level) rows: 19 for 0.95.

    Raises:
        ValueError, TypeError: an argument is not as above.
    """
    check_network(network)
    loss = _numbers_only(network.settled_loss("conformal"), "conformal")
    inputs, level = check_inputs(network, X), check_level(level)
    place = place_of(len(inputs), level)
    targets = read_targets(loss, y, len(inputs), wanted(network, "y", False))
    scores = _scores(loss, _outputs(network, X), targets)
    return Conformal(network, np.sort(scores, axis=0)[place - 1], level)


def cross_conformal(
    network: Network,
    X: Any,
    y: Any,
    *,
    level: float = 0.95,
    folds: Any = 10,
    seed: int | None = 0,
    **fit_options: Any,
) -> CrossConformal:
    """Intervals by networks that leave out a part of the rows each: CV+, and jackknife+.

    New rows are covered with a probability of at least 2 level - 1 (less a little for few, large
    folds) whatever the network, and in practice of about `level` (Barber et al. 2021, theorems 1
    and 4). No row is lost for calibration. Folds are trained together, as in `cross_validate`.

    Args:
        network: the recipe, neither trained nor changed; any loss on numbers, as in `conformal`.
        X, y: (rows, inputs) and targets, to train with.
        level: in (0, 1); it needs at least level / (1 - level) rows.
        folds: how many, or the fold of each row; as many as rows: jackknife+.
        seed: for folds and starts. fit_options: those of Network.fit.

    Raises:
        ValueError, TypeError: an argument is not as above; or one of the networks diverged.
        DivergenceError: all of them did.
    """
    level = check_level(level)
    if fit_options.get("sample_weight") is not None:
        raise ValueError("cross_conformal takes no sample_weight: its rows count alike.")
    task = Task("cross_conformal", network, X, y, None, (), fit_options)
    place_of(len(task.X), level)
    loss = _numbers_only(task.recipe["loss"], "cross_conformal")
    blank = task.fleet([0]).member(0)
    targets = read_targets(loss, task.y, len(task.X), wanted(blank, "y", False))
    found = make_folds(folds, 1, len(task.X), None, Stream(checks.seed(seed), "folds"))
    left_out = one_by_one(found)
    networks, reasons = task.train_each(seeds(seed, len(left_out)), ~left_out)
    if lost := [number for number, reason in enumerate(reasons) if diverged(reason)]:
        raise ValueError(
            f"the network without fold {lost[0]} {reasons[lost[0]]}: no interval can be had from "
            "it. Try a lower learning_rate, or standardize=True."
        )
    scores = np.empty(targets.shape)
    for one, rows in zip(networks, left_out, strict=True):
        scores[rows] = _scores(loss, _outputs(one, task.X[rows]), targets[rows])
    return CrossConformal(networks, found[0], scores, level)


def place_of(rows: int, level: float) -> int:
    """The place, from 1, of the score that bounds the next one: ceil((rows + 1) level)."""
    place = math.ceil((rows + 1) * level - 1e-9)  # 0.9 of 10 rows is 9, rounding or not
    if place > rows:
        needed = math.ceil(level / (1.0 - level) - 1e-9)
        raise ValueError(
            f"level={level:g} needs at least {needed} rows; got {rows}. Pass more, or a "
            "lower level."
        )
    return place


def _scores(loss: Loss, outputs: Array, targets: Array) -> Array:
    """(rows, columns) by how many units targets lie outside; below 0 for those inside."""
    lower, _, upper, unit = band(loss, outputs)
    return np.asarray(np.maximum(lower - targets, targets - upper) / unit)


def _outputs(network: Network, X: Any) -> Array:
    outputs = network.predict(X).astype(np.float64)
    if np.isnan(outputs).any():
        raise ValueError(
            "network gives nan for these rows: its training diverged, or X has values too large. "
            "Call network.reset() and fit again, with standardize=True."
        )
    return outputs


def _loss(network: Network) -> Loss:
    return network.settled_loss("conformal")


def _numbers_only(loss: Loss, caller: str) -> Loss:
    if loss.targets != "numbers":
        raise ValueError(
            f"{caller} makes intervals of numbers; the network has the loss {loss.name!r}, whose "
            "targets are labels. Use predict_interval(..., kind='confidence')."
        )
    return loss
