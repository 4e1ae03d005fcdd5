"""What is going on in a layer, in numbers: of a pass over some rows, of gradients, of a step.

To add a number: its name in BEFORE or AFTER, where its function gives it, and its value there.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ..core.activation import Activation
from ..core.arrays import Array
from ..core.layers import Dense, Trace
from ..core.structure import Structure
from ..second_order.training import inner

FLAT = 0.05
"""An activation is flat where its slope is below this share of its largest one."""

_NEAR, _FAR = np.linspace(-3.0, 3.0, 121), np.array([10.0, 31.0, 100.0, 314.0])
"""Scores to look for the largest slope at, and those (of both signs) to look for flat ends at."""

_MOMENTS = "mean", "spread", "zero_share"
BEFORE = (
    *(f"{each}_{how}" for each in ("scores", "outputs") for how in _MOMENTS),
    *("saturated_share", "dead_share"),
    *(f"gradient_{how}" for how in (*_MOMENTS, "norm")),
    "weights_norm",
)
AFTER = (*(f"update_{how}" for how in (*_MOMENTS, "ratio")), "alignment")
"""The numbers of a layer, in their order: from before a step, and from after it."""

OF_UNITS = "mean", "active", "dead"
"""The numbers of a unit: its mean output, the share of rows where it is not flat, dead or not."""


class Shape(NamedTuple):
    """The slope below which an activation is flat, and whether it saturates: is flat at both ends,
    as tanh is, and ReLU is not."""

    flat: float
    saturates: bool


class Flat(NamedTuple):
    """Which units are dead, (units,), and where they are flat, (rows, units)."""

    dead: Array
    flat: Array


def shape_of(activation: Activation | None, dtype: np.dtype[np.generic]) -> Shape:
    """Found by trying, so that it is right for a user's own too; None is the last layer's."""
    if activation is None:
        return Shape(0.0, False)
    scores = np.concatenate([-_FAR, _FAR, _NEAR]).astype(dtype)[:, None]
    outputs, slopes = np.empty_like(scores), np.empty_like(scores)
    with np.errstate(all="ignore"):
        activation.forward(scores, outputs)
        activation.slope(scores, outputs, slopes)
    ends, near = np.split(np.abs(slopes), [2 * len(_FAR)])
    flat = FLAT * float(near.max())
    return Shape(flat, bool((ends < flat).all()))


def of_sample(layer: Dense, trace: Trace, shape: Shape, ones: Array) -> tuple[list[float], Flat]:
    """The first of BEFORE, from a pass over the rows of a sample; and what of it is dead, and flat.
    `trace.slope` becomes its size.

    A unit is dead where its slope is 0 in all rows, or its output the same in all of several.
    """
    outputs, slope = trace.outputs, trace.slope
    dead = outputs[0] == outputs[-1]
    if dead.any():  # a quick look before the whole one
        dead = (outputs == outputs[0]).all(axis=0) & (len(outputs) > 1)
    *found, _ = moments(trace.scores.ravel("K"), ones)
    if layer.activation is None:
        return [*found, *found, math.nan, _share(dead)], Flat(dead, np.zeros(outputs.shape, bool))
    np.abs(slope, out=slope)
    dead |= ~slope.any(axis=0)
    flat = slope < shape.flat
    found += moments(outputs.ravel("K"), ones)[:3]
    found.append(_share(flat) if shape.saturates else math.nan)
    return [*found, _share(dead)], Flat(dead, flat)


def of_gradient(slopes: Array, weights: Array, ones: Array) -> list[float]:
    """The rest of BEFORE, of the gradient of a layer's weights and of the weights, both (n,)."""
    return [*moments(slopes, ones), norm(weights)]


def of_update(update: Array, last: Array | None, weights_norm: float, ones: Array) -> list[float]:
    """AFTER: of the step of a layer's weights (n,), and of the `last` one before it, if known."""
    *found, size = moments(update, ones)
    ratio = size / weights_norm if weights_norm else math.nan
    cosine = math.nan
    if last is not None and (product := size * norm(last)):
        cosine = max(-1.0, min(1.0, _inner(update, last) / product))
    return [*found, ratio, cosine]


def of_units(trace: Trace, found: Flat) -> Array:
    """OF_UNITS, one after the other, (3 x units,)."""
    means, active = trace.outputs.mean(axis=0), 1.0 - found.flat.mean(axis=0)
    return np.concatenate([means, active, found.dead])


def moments(values: Array, ones: Array) -> list[float]:
    """Mean, spread (around the mean, over n), share of zeros, and norm, of (n,) values; of `ones`
    there are as many at least."""
    count, squares = len(values), _inner(values, values)
    mean, square = float(values.dot(ones[:count])) / count, squares / count
    variance = square - mean * mean
    if not variance > 0.01 * square:  # the difference has few digits left
        deviation = values - mean
        variance = _inner(deviation, deviation) / count
    return [mean, math.sqrt(variance), _share(values == 0), math.sqrt(squares)]


def norm(values: Array) -> float:
    return math.sqrt(_inner(values, values))


def _share(of: Array) -> float:
    return np.count_nonzero(of) / of.size


def _inner(one: Array, other: Array) -> float:
    """In float64 only where squares leave what the dtype can hold: that takes ten times as long."""
    found = float(one.dot(other))
    return found if 1e-30 < abs(found) < math.inf else inner(one, other)


def cost(network: Structure, rows: int, sample: int, units: bool) -> float:
    """The time of a record with a sample of so many rows over that of a step of so many.

    By a rough model in microseconds, since equal trainings are to have equal records; measured for
    networks from [2, 2, 1] to [784, 512, 512, 10], where it is right within a factor of 1.6.
    """
    sizes, weights = network.layers[1:], network.passes.weight_count
    record = 20.0 + (70.0 if units else 40.0) * len(sizes) + 1e-3 * sample * sum(sizes)
    step = 30.0 + 12.0 * len(sizes) + 1.5e-3 * rows * sum(sizes)
    record += weights * (2e-5 * sample + 2.5e-3)
    return record / (step + weights * (4.5e-5 * rows + 3e-3))
