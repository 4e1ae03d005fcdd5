"""What each input adds to an output, beside a baseline: integrated gradients.

The sum of a row's attributions is what the output differs by (completeness); `gap` says how nearly.
Shapley values, which give the same kind of result, are in shapley.py.
"""

import itertools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ..core.arrays import Array
from ..core.checks import number, show, whole
from .functions import Function, pieces

LEVELS: Final = 40
SEGMENTS: Final = 1 << 10
"""How often a piece of the way may be halved, and into how many pieces at a time the way of a row,
on average. Beyond that the gap stays as it is."""


@dataclass(frozen=True, eq=False)
class Attributions:
    """values (rows, inputs) add up to outputs - base_values, both (rows,), up to `gap`; float64, in
    units of the output. np.asarray of it gives the values."""

    values: Array
    base_values: Array
    outputs: Array

    @property
    def gap(self) -> Array:
        """(rows,): what is missing to completeness, outputs - base_values - the sum of values."""
        return np.asarray(self.outputs - self.base_values - self.values.sum(axis=1))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.values, dtype=dtype, copy=copy)


@np.errstate(all="ignore")
def integrated_gradients(
    network: Any,
    X: Any,
    baseline: Any = None,
    *,
    output: Any = None,
    of: str = "outputs",
    steps: int = 8,
    tolerance: float = 1e-6,
) -> Attributions:
    """What each input adds on the straight way from a baseline to each row of X.

    (x - baseline) x the mean of d output / d input on that way (Sundararajan, Taly and Yan 2017,
    eq. 1), by Gauss-Legendre; pieces of the way whose sum misses the difference of the outputs at
    their ends are halved, as often as it takes: also the kinks of ReLU are met.

    Args:
        network, X, of: see input_gradients.
        baseline: (inputs,), or (rows, inputs) with one for each row; None: what the first layer
            sees as 0, which is the mean of the training inputs with standardize=True, else 0.
        output: the column of predict, or the text of its label; None where there is one output.
        steps: points on each piece of the way, 1 to 256.
        tolerance: 1e-10 to 1: the gap that is allowed, as a share of the sum of the sizes of a
            row's attributions.

    Returns:
        Attributions: values (rows, inputs), base_values and outputs (rows,), and their gap.

    Raises:
        ValueError, TypeError: an argument is not as above.
    """
    function = Function(network, X, of, "integrated_gradients")
    place = function.place(output)
    if whole("steps", steps) > 256:
        raise ValueError(f"steps must be an integer of 1 to 256; got {show(steps)}.")
    if not 1e-10 <= number("tolerance", tolerance) <= 1.0:
        raise ValueError(f"tolerance must be a number of 1e-10 to 1; got {show(tolerance)}.")
    starts = _starts(function, baseline)
    found = np.empty(function.X.shape)
    ends = np.empty((2, len(found)))
    for part in pieces(len(found), 256 * function.width):  # room for many pieces of each way
        path = _Path(function, place, starts[part], function.scaled(function.X[part]), steps)
        found[part] = path.integral(tolerance)
        ends[:, part] = path.first, path.last
    return Attributions(found, *ends)


def _starts(function: Function, baseline: Any) -> Array:
    """The baseline of each row, as the layers want it."""
    shape = function.X.shape
    if baseline is None:
        return np.broadcast_to(0.0, shape)
    given = baseline if np.ndim(baseline) != 1 else np.asarray(baseline)[None]
    read = function.network.check_inputs(given, "baseline")
    if len(read) not in (1, shape[0]):
        raise ValueError(
            f"baseline must have shape ({shape[1]},), or {shape} with one for each row of X; got "
            f"shape {read.shape}."
        )
    return np.broadcast_to(function.scaled(read), shape)


class _Path:
    """The straight ways from `starts` to `ends`, (rows, inputs), and the output at both."""

    def __init__(
        self, function: Function, place: int, starts: Array, ends: Array, steps: int
    ) -> None:
        self.function, self.place = function, place
        self.starts, self.way = starts, ends - starts
        self.first, self.last = (function.values(each)[:, place] for each in (starts, ends))
        nodes, weights = np.polynomial.legendre.leggauss(steps)
        self.nodes, self.weights = 0.5 * (nodes + 1.0), 0.5 * weights

    def integral(self, tolerance: float) -> Array:
        """The attributions (rows, inputs). A piece of a way is a row, where it starts and how long
        it is (of 1), and the outputs at its ends; what is good enough is added up, the rest cut in
        two."""
        total = np.zeros(self.way.shape)
        rows, low, width = np.arange(len(total)), np.zeros(len(total)), 1.0
        before, after, allowed, rounding = self.first, self.last, np.zeros(0), np.zeros(0)
        for level in itertools.count():
            parts = self.over(rows, low, width)
            if level == 0:
                size = np.abs(parts).sum(axis=1)
                allowed = 0.5 * tolerance * size
                rounding = 64.0 * np.finfo(np.float64).eps * (size + abs(before) + abs(after))
            gap = np.abs(parts.sum(axis=1) - (after - before))
            # Half of what is allowed goes to pieces by their length, half to those left at the end.
            enough = np.bincount(rows, gap, len(total)) <= allowed
            bad = (gap > allowed[rows] * width + rounding[rows]) & ~enough[rows]
            if level == LEVELS or bad.sum() > SEGMENTS * len(total):
                bad[:] = False
            np.add.at(total, rows[~bad], parts[~bad])
            if not bad.any():
                break
            rows, low, width = rows[bad], low[bad], 0.5 * width
            middle = self.function.values(self.points(rows, low + width))[:, self.place]
            before, after = np.r_[before[bad], middle], np.r_[middle, after[bad]]
            rows, low = np.r_[rows, rows], np.r_[low, low + width]
        return total

    def points(self, rows: Array, where: Array) -> Array:
        """(pieces, inputs): the points at `where`, in [0, 1], on the ways of these rows."""
        return np.asarray(self.starts[rows] + where[:, None] * self.way[rows])

    def over(self, rows: Array, low: Array, width: float) -> Array:
        """(pieces, inputs): the integrals over pieces of the ways of these rows."""
        found, steps = np.empty((len(rows), self.way.shape[1])), len(self.nodes)
        for part in pieces(len(rows), steps * self.function.width):
            where = low[part, None] + width * self.nodes
            points = self.points(np.repeat(rows[part], steps), where.ravel())
            slopes = self.function.slopes(points, [self.place]).reshape(-1, steps, found.shape[1])
            found[part] = self.weights @ slopes
        return np.asarray(found * width * self.way[rows])
