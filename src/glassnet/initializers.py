"""Initial weights: how large random weights start, so that signals keep their size.

Each is a function of (stream, inputs, outputs) -> (inputs, outputs) float64, named by its variance
and its distribution. To add one: the function and a line in INITIALIZERS.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from .core.arrays import Array
from .core.random import Stream

Initializer = Callable[[Stream, int, int], Array]


def he_variance(inputs: int, outputs: int) -> float:
    """2 / inputs: for units that pass about half of their scores (He et al. 2015, eq. 10)."""
    return 2.0 / inputs


def glorot_variance(inputs: int, outputs: int) -> float:
    """2 / (inputs + outputs) (Glorot and Bengio 2010, eq. 12)."""
    return 2.0 / (inputs + outputs)


def lecun_variance(inputs: int, outputs: int) -> float:
    """1 / inputs (LeCun et al. 1998, eq. 16)."""
    return 1.0 / inputs


def normal(
    variance: Callable[[int, int], float], stream: Stream, inputs: int, outputs: int
) -> Array:
    return np.asarray(stream.normal((inputs, outputs)) * variance(inputs, outputs) ** 0.5)


def uniform(
    variance: Callable[[int, int], float], stream: Stream, inputs: int, outputs: int
) -> Array:
    limit = (3.0 * variance(inputs, outputs)) ** 0.5
    return np.asarray((2.0 * stream.uniform((inputs, outputs)) - 1.0) * limit)


def orthogonal(
    draw: Callable[[Stream, tuple[int, int]], Array],
    stream: Stream,
    inputs: int,
    outputs: int,
) -> Array:
    """Columns (or rows, where there are fewer) at right angles and of length 1 (Saxe et al. 2014).

    From the QR decomposition of a random matrix, with the signs that make it unique.
    """
    tall = draw(stream, (max(inputs, outputs), min(inputs, outputs)))
    q, r = np.linalg.qr(tall)
    q = q * np.where(np.diag(r) < 0, -1.0, 1.0)
    return q if inputs >= outputs else q.T


def centred(stream: Stream, shape: tuple[int, int]) -> Array:
    return stream.uniform(shape) - 0.5


def zeros(stream: Stream, inputs: int, outputs: int) -> Array:
    """All weights 0: every unit of a layer then stays equal to the others. To show just that."""
    return np.zeros((inputs, outputs))


INITIALIZERS: dict[str, Initializer] = {
    "he_normal": partial(normal, he_variance),
    "he_uniform": partial(uniform, he_variance),
    "glorot_normal": partial(normal, glorot_variance),
    "glorot_uniform": partial(uniform, glorot_variance),
    "lecun_normal": partial(normal, lecun_variance),
    "lecun_uniform": partial(uniform, lecun_variance),
    "orthogonal_normal": partial(orthogonal, Stream.normal),
    "orthogonal_uniform": partial(orthogonal, centred),
    "zeros": zeros,
}
