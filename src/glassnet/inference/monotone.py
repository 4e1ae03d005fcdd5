"""`prove_monotone`: whether an output rises, or falls, with an input, whatever the inputs are.

Its slope is bounded by interval arithmetic over the slopes that activations can have
(intake/monotone.py), with all rounding counted against the claim; where that does not suffice,
rows are sought that disprove it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array
from ..core.network import Network
from ..core.random import Stream
from ..intake.monotone import DIRECTIONS, input_of, known_output, slope_range
from .functions import Function

TRIED = 3000
"""Rows that a counterexample is sought at."""

LEAST = float(np.nextafter(0.0, 1.0))


@dataclass(frozen=True)
class Proof:
    """Whether an output never falls ("increasing"), or never rises, with an input.

    Attributes:
        holds: True: proven for all inputs; False: `counterexample` disproves it; None: unknown.
        lower, upper: between which d score / d input lies for all inputs, in the unit of the user:
            of the output itself where it is a number, of the log-odds of a probability, the
            logarithm of a rate; for several classes of the log-odds against any other.
        counterexample: (2, inputs) two rows that differ in this input alone; from the first to the
            second, where it is larger, `predict` goes the other way. Or None.
    """

    column: int
    output: int
    direction: str
    holds: bool | None
    lower: float
    upper: float
    counterexample: Array | None

    def __str__(self) -> str:
        claim = f"output {self.output} is {self.direction} in input {self.column}"
        slopes = f"its slope lies between {self.lower:.4g} and {self.upper:.4g}"
        if self.holds:
            return f"Proven for all inputs: {claim}; {slopes}."
        if self.holds is None:
            return (
                f"Unknown whether {claim}: {slopes}, as far as intervals show; no rows disprove it."
            )
        assert self.counterexample is not None
        start, end = self.counterexample[:, self.column].tolist()
        return f"Disproved that {claim}: see counterexample, from {start:.4g} to {end:.4g}."


@np.errstate(all="ignore")
def prove_monotone(
    network: Network,
    column: Any,
    direction: str = "increasing",
    *,
    output: Any = None,
    X: Any = None,
    slopes: Mapping[str, tuple[float, float]] | None = None,
    seed: int | None = 0,
) -> Proof:
    """Whether an output rises (or falls) with an input, for all inputs: proven, disproved or open.

    A proof is of the function that the parameters make, exactly; what is computed of it, in
    float32 above all, may stray by rounding. Networks made by constrain(monotone=...) are proven
    always; others may be monotone though intervals do not show it.

    Args:
        network: any Network, trained or not.
        column: of the input, or its name in the data frame that the network was fitted to.
        direction: "increasing" (never falls) or "decreasing".
        output: the column of predict, or the text of its label; None where there is one output.
        X: (rows, inputs) near which a counterexample is sought; None: drawn at random.
        slopes: {name: (least, largest)} slope of your own activations, which nobody else knows.
        seed: for what is drawn.

    Raises:
        ValueError, TypeError: an argument is not as above.
    """
    sign = checks.choice("direction", direction, DIRECTIONS)
    of, zeros = "scores" if getattr(network, "loss", None) is None else "outputs", None
    if isinstance(network, Network):
        known_output(network.loss)
        scaling = network.input_scaling
        by_bytes = scaling is not None and scaling.source == "bytes"
        zeros = np.zeros((1, network.layers[0]), np.uint8 if by_bytes else network.dtype)
    function = Function(network, zeros if X is None else X, of, "prove_monotone")
    place, number = function.place(output), input_of(network, column, "column")
    lower, upper = _bounds(function, network, number, place, slopes or {})
    holds: bool | None = (lower >= 0.0) if sign > 0 else (upper <= 0.0)
    found = None
    if not holds:
        found = _disprove(function, network, number, place, sign, X is None, seed)
        holds = None if found is None else False
    return Proof(number, place, direction, holds, lower, upper, found)


def _bounds(
    function: Function, network: Network, column: int, place: int, own: Mapping[str, Any]
) -> tuple[float, float]:
    """Between which d score / d input lies."""
    weights = [each.astype(np.float64) for each in network.weights]
    last, loss = weights[-1], network.loss
    if loss is not None and loss.name == "softmax_cross_entropy":  # one class against each other
        last = last[:, [place]] - np.delete(last, place, axis=1)
    elif loss is not None and loss.name == "pinball":  # what is predicted is sorted
        last = last[
            :, place % (last.shape[1] // loss.statistics) :: last.shape[1] // loss.statistics
        ]
    else:
        last = last[:, [place]]
    low = high = np.eye(network.layers[0])[column]
    for each, activation in zip(weights[:-1], network.activations, strict=True):
        low, high = _times(*_through(low, high, each), *_slopes(activation, own))
    low, high = _through(low, high, last)
    if (link := getattr(loss, "maker", None)) is not None:
        low, high = _times(low, high, *_slopes(link, own))
    unit = np.broadcast_to(function.scaling.scale, network.layers[0])[column]
    for factor in (unit, function.units[place]):
        low, high = _times(low, high, factor, factor)
    return float(low.min()), float(high.max())


def _slopes(activation: Any, own: Mapping[str, Any]) -> tuple[float, float]:
    """The least and the largest slope of an activation, as far as anybody says."""
    found = slope_range(activation) or own.get(activation.name)
    if found is None:
        raise ValueError(
            f"network has an activation of your own, {activation.name!r}, whose slopes nobody else "
            f"knows: pass slopes={{{activation.name!r}: (least, largest)}}."
        )
    ends = np.asarray(found, dtype=np.float64)
    if ends.shape != (2,) or not ends[0] <= ends[1]:
        raise ValueError(
            f"slopes[{activation.name!r}] must be (least, largest); got {checks.show(found)}."
        )
    return float(ends[0]), float(ends[1])


def _through(low: Array, high: Array, weights: Array) -> tuple[Array, Array]:
    """Bounds (outputs,) of v @ weights for all v from `low` to `high`, (units,)."""
    return _sums(low, high, weights), -_sums(-high, -low, weights)


def _sums(low: Array, high: Array, weights: Array) -> Array:
    """Lower bounds of v @ weights. What a sum is rounded by is at most units x eps of the sum of
    sizes (Higham 2002, section 3.1); of terms none of which is negative it never gets below 0."""
    ends = np.where(weights > 0.0, low[:, None], high[:, None])
    terms = np.where(weights == 0.0, 0.0, ends * weights)
    count = len(terms) + 4
    room = count * (np.finfo(float).eps * np.abs(terms).sum(axis=0) + LEAST)
    least = np.nextafter(terms.sum(axis=0) - room, -np.inf)
    above = np.where(weights == 0.0, True, np.sign(ends) * np.sign(weights) >= 0.0).all(axis=0)
    least = np.where(np.isnan(least), -np.inf, least)
    return np.asarray(np.where(above, np.maximum(least, 0.0), least))


def _times(low: Array, high: Array, least: float, largest: float) -> tuple[Array, Array]:
    """Bounds of v x s for all v from `low` to `high` and s from `least` to `largest`."""
    if least == largest == 1.0:
        return low, high
    return _products(low, high, least, largest), -_products(-high, -low, least, largest)


def _products(low: Array, high: Array, least: float, largest: float) -> Array:
    """Lower bounds of products; 0 x infinity is 0, as infinity is but a bound."""
    ends = [v * s for v in (low, high) for s in (least, largest)]
    found = np.min(np.nan_to_num(ends, nan=0.0, posinf=np.inf, neginf=-np.inf), axis=0)
    above = ((low >= 0.0) & (least >= 0.0)) | ((high <= 0.0) & (largest <= 0.0))
    return np.asarray(np.where(above, np.maximum(found, 0.0), np.nextafter(found, -np.inf)))


def _disprove(
    function: Function,
    network: Network,
    column: int,
    place: int,
    sign: int,
    draw: bool,
    seed: int | None,
) -> Array | None:
    """Two rows (2, inputs) between which the output goes the other way, or None."""
    if function.scaling.source == "bytes":
        return None  # between whole numbers, which steps as below do not keep to
    starts = function.scaled(function.X)
    if draw:
        stream = Stream(checks.seed(seed), "proof")
        wide = 10.0 ** (2.0 * stream.uniform((TRIED, 1)) - 1.0)
        starts = wide * stream.normal((TRIED, network.layers[0]))
    uphill = sign * function.slopes(starts, [place])[:, 0, column]
    starts = np.repeat(starts[np.argsort(uphill, kind="stable")[:100]], 12, axis=0)
    ends = starts.copy()
    ends[:, column] += np.tile(10.0 ** np.linspace(-3.0, 2.0, 12), len(ends) // 12)
    falls = sign * (function.values(ends) - function.values(starts))[:, place]
    if np.isnan(falls).all():
        return None
    worst = int(np.nanargmin(falls))
    scale, offset = function.scaling.scale, function.scaling.offset
    pair = np.stack([starts[worst], ends[worst]]) / scale + offset
    other = np.arange(len(pair[0])) != column
    pair[1, other] = pair[0, other]
    rows = pair.astype(network.dtype)
    shown = (
        network.predict(rows)
        if network.loss is not None
        else network.passes.scores(network.scale_inputs(rows))
    )
    values = shown[:, place].astype(np.float64)
    rounding = 64.0 * np.finfo(network.dtype).eps * np.abs(values).max()
    return pair if sign * (values[1] - values[0]) < -rounding else None
