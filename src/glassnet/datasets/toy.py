"""Small made-up problems with two inputs (the sine has one): quick to learn, easy to draw.

Rows take turns among the classes, so any number of rows is balanced to within one row and any
slice of them nearly so. The shapes are fixed: another seed gives other rows of the same problem,
as a test needs them, and with seed=None each call does. To add a problem, add a function here and
its name to datasets/__init__.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from glassnet.core import checks
from glassnet.core.random import Stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Points = NDArray[np.float32]
    Labels = NDArray[np.int64]

N = TypeVar("N", int, float)

MOST_ROWS: Final = 100_000_000
MOST_CLASSES: Final = 100
MOST_TURNS: Final = 100.0
MOST_NOISE: Final = 1e6


def xor(rows: int = 4, *, noise: float = 0.0, seed: int | None = 0) -> tuple[Points, Labels]:
    """Exclusive or: the four corners of the unit square, 1 where exactly one input is 1.

    Args:
        rows: number of rows, >= 4; the corners take turns. `xor()` is the four exact rows.
        noise: standard deviation of what is added to each input, >= 0.
        seed: seed of the noise.

    Returns:
        X (rows, 2) float32, y (rows,) int64 of 0 and 1. A label says in which quadrant around
        (0.5, 0.5) the point lies, noise included: 1 if exactly one input is above 0.5.
    """
    rows, noise, stream = _checked(rows, 4, noise, seed)
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    points = _with_noise(corners[np.arange(rows) % 4], noise, stream)
    above = points > 0.5
    return points, (above[:, 0] != above[:, 1]).astype(np.int64)


def spirals(
    rows: int = 200,
    classes: int = 2,
    *,
    noise: float = 0.02,
    turns: float = 1.0,
    seed: int | None = 0,
) -> tuple[Points, Labels]:
    """Arms that wind out of the origin to the unit circle, one a class.

    Args:
        rows: number of rows, at least one a class.
        classes: number of arms, 2 to 100, at equal angles.
        noise: standard deviation of what is added to each input, >= 0.
        turns: how many times an arm goes round, 0 to 100.
        seed: seed of the places on the arms and of the noise.

    Returns:
        X (rows, 2) float32, y (rows,) int64 of 0 .. classes-1.
    """
    classes = _at_most("classes", checks.whole("classes", classes, 2), MOST_CLASSES)
    rows, noise, stream = _checked(rows, classes, noise, seed)
    turns = _at_most("turns", checks.positive("turns", turns, zero=True), MOST_TURNS)
    labels = np.arange(rows) % classes
    radius = np.sqrt(stream.uniform((rows,)))  # the root: as dense outside as near the origin
    points = _on_circle(turns * radius + labels / classes, radius)
    return _with_noise(points, noise, stream), labels


def moons(rows: int = 200, *, noise: float = 0.1, seed: int | None = 0) -> tuple[Points, Labels]:
    """Two half circles of radius 1, each with one end inside the other.

    Args:
        rows: number of rows, >= 2.
        noise: standard deviation of what is added to each input, >= 0.
        seed: seed of the places on the half circles and of the noise.

    Returns:
        X (rows, 2) float32, y (rows,) int64: 0 for the upper half circle, around (0, 0), and 1
        for the lower one, around (1, 0.5).
    """
    rows, noise, stream = _checked(rows, 2, noise, seed)
    labels = np.arange(rows) % 2
    points = _on_circle((stream.uniform((rows,)) + labels) / 2, 1.0)
    points += labels[:, np.newaxis] * np.array([1.0, 0.5])
    return _with_noise(points, noise, stream), labels


def circles(
    rows: int = 200, *, noise: float = 0.05, factor: float = 0.5, seed: int | None = 0
) -> tuple[Points, Labels]:
    """A circle inside a circle, both around the origin.

    Args:
        rows: number of rows, >= 2.
        noise: standard deviation of what is added to each input, >= 0.
        factor: radius of the inner circle, 0 to 1; that of the outer one is 1.
        seed: seed of the places on the circles and of the noise.

    Returns:
        X (rows, 2) float32, y (rows,) int64: 0 for the outer circle, 1 for the inner one.
    """
    rows, noise, stream = _checked(rows, 2, noise, seed)
    factor = _at_most("factor", checks.positive("factor", factor, zero=True), 1.0)
    labels = np.arange(rows) % 2
    points = _on_circle(stream.uniform((rows,)), np.where(labels == 1, factor, 1.0))
    return _with_noise(points, noise, stream), labels


def blobs(
    rows: int = 200, classes: int = 3, *, noise: float = 0.2, seed: int | None = 0
) -> tuple[Points, Labels]:
    """Round clouds of points, one a class, at equal distances on the unit circle.

    Args:
        rows: number of rows, at least one a class.
        classes: number of clouds, 2 to 100.
        noise: standard deviation of a cloud in each input, >= 0.
        seed: seed of the points.

    Returns:
        X (rows, 2) float32, y (rows,) int64 of 0 .. classes-1.
    """
    classes = _at_most("classes", checks.whole("classes", classes, 2), MOST_CLASSES)
    rows, noise, stream = _checked(rows, classes, noise, seed)
    labels = np.arange(rows) % classes
    return _with_noise(_on_circle(labels / classes, 1.0), noise, stream), labels


def sine(rows: int = 200, *, noise: float = 0.1, seed: int | None = 0) -> tuple[Points, Points]:
    """One period of the sine, for regression: y = sin(x) + noise.

    Args:
        rows: number of rows, >= 1.
        noise: standard deviation of what is added to y, >= 0.
        seed: seed of the inputs and of the noise.

    Returns:
        X (rows, 1) float32, spread evenly at random over -pi .. pi; y (rows, 1) float32.
    """
    rows, noise, stream = _checked(rows, 1, noise, seed)
    inputs = ((2.0 * stream.uniform((rows, 1)) - 1.0) * np.pi).astype(np.float32)
    return inputs, _with_noise(np.sin(inputs.astype(np.float64)), noise, stream)


def _checked(rows: int, least: int, noise: float, seed: int | None) -> tuple[int, float, Stream]:
    rows = checks.whole("rows", rows, least, " Each class needs a row.")
    noise = checks.positive("noise", noise, zero=True)
    stream = Stream(checks.seed(seed), "toy")
    return _at_most("rows", rows, MOST_ROWS), _at_most("noise", noise, MOST_NOISE), stream


def _at_most(name: str, value: N, most: N) -> N:
    if value > most:
        raise ValueError(f"{name} must be at most {most:,}; got {checks.show(value)}.")
    return value


def _on_circle(
    turns: NDArray[np.float64], radius: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """(rows, 2) points at angles counted in turns, against the clock from the first axis."""
    angle = 2.0 * np.pi * turns
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _with_noise(points: NDArray[np.float64], noise: float, stream: Stream) -> Points:
    return (points + noise * stream.normal(points.shape)).astype(np.float32)
