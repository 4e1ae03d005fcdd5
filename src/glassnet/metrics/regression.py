"""Metrics of real values: how far outputs are from targets.

All take `(targets, outputs, weights=None)`, targets and outputs of one shape, (rows, outputs) or
(rows,), and give a float. Weights are (rows,), or (rows, outputs) where single targets are
unknown: a cell of weight 0 is not looked at. To add one, write it here and name it in __init__.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glassnet.metrics.arguments import Numbers, read_numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def mean_squared_error(
    targets: ArrayLike, outputs: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """The mean of (output - target)**2 over all rows and outputs; 0 is best.

    Infinite where the squares are beyond float64.
    """
    numbers = read_numbers(targets, outputs, weights)
    with np.errstate(over="ignore"):
        squares = np.square(numbers.outputs - numbers.targets)
        return float(np.average(squares, weights=numbers.weights))


def root_mean_squared_error(
    targets: ArrayLike, outputs: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """The root of the mean squared error, in the units of the targets; 0 is best.

    Infinite where a difference is beyond float64.
    """
    numbers = read_numbers(targets, outputs, weights)
    errors = _sizes_of_errors(numbers)
    largest = errors.max()
    if largest in (0.0, np.inf):
        return float(largest)
    shares = np.square(errors / largest)  # within 0 .. 1, so that no square is beyond float64
    return float(largest * np.sqrt(np.average(shares, weights=numbers.weights)))


def mean_absolute_error(
    targets: ArrayLike, outputs: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """The mean of \\|output - target\\| over all rows and outputs; 0 is best."""
    numbers = read_numbers(targets, outputs, weights)
    with np.errstate(over="ignore"):
        return float(np.average(_sizes_of_errors(numbers), weights=numbers.weights))


def r2(targets: ArrayLike, outputs: ArrayLike, weights: ArrayLike | None = None) -> float:
    """The coefficient of determination: 1 is best, 0 is what the mean of the targets reaches.

    1 - (sum of squared errors) / (sum of squared distances of the targets from their mean), for
    each output, then the mean over the outputs. Where the targets are all equal it is 1.0 if the
    outputs hit them exactly, else 0.0.
    """
    numbers = read_numbers(targets, outputs, weights)
    columns = [
        _r2_of_column(wanted, given, shares)
        for wanted, given, shares in zip(
            numbers.targets.T, numbers.outputs.T, numbers.weights.T, strict=True
        )
        if shares.any()
    ]
    return float(np.mean(columns))


def _sizes_of_errors(numbers: Numbers) -> Floats:
    with np.errstate(over="ignore"):
        return np.abs(numbers.outputs - numbers.targets)


def _r2_of_column(wanted: Floats, given: Floats, shares: Floats) -> float:
    wanted, given, shares = wanted[shares > 0], given[shares > 0], shares[shares > 0]
    if wanted.min() == wanted.max():
        return float(np.array_equal(wanted, given))
    with np.errstate(over="ignore"):
        power = -np.frexp(np.abs(wanted).max())[1]  # exact, and no sum of targets is beyond float64
        wanted, given = np.ldexp(wanted, power), np.ldexp(given, power)
        distances = wanted - np.average(wanted, weights=shares)
        unit = np.abs(distances).max()  # so that neither large nor small targets square badly
        lost = shares @ np.square((wanted - given) / unit)
        return float(1.0 - lost / (shares @ np.square(distances / unit)))
