"""Partial dependence: how the output changes with one input, all others as in the data.

To add one of two inputs, put it beside.
"""

from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.checks import choice, closest, show, whole
from ..intake import arrays
from ..intake.data import known_names, text_names
from .functions import Function, pieces

KINDS = {"average": False, "individual": True}


@np.errstate(all="ignore")
def partial_dependence(
    network: Any,
    X: Any,
    column: Any,
    grid: Any = 50,
    kind: str = "average",
    *,
    output: Any = None,
    of: str = "outputs",
) -> tuple[Array, Array]:
    """(grid, values): the outputs when a column of X is set to each value of a grid.

    Args:
        network, of: see input_gradients.
        X: (rows, inputs): what the other inputs are, the training data, say.
        column: its number, from 0, or its name in the data frame of the fit, or in that of X.
        grid: how many values, at least 2, between the 5 % and the 95 % quantile of the column (all
            its values where it has no more than that), or the values themselves, (points,).
        kind: "average" over the rows (Friedman 2001, eq. 53), or "individual": a curve for each row
            (individual conditional expectation, Goldstein et al. 2015).
        output: the column of predict, or the text of its label; None: all of them.

    Returns:
        grid (points,) and values, float64: (points,), or (rows, points) with "individual"; with a
        leading axis of outputs where there are several and `output` is None.

    Raises:
        ValueError, TypeError: an argument is not as above.
    """
    function = Function(network, X, of, "partial_dependence")
    each = choice("kind", kind, KINDS)
    place = slice(None) if output is None and function.outputs > 1 else function.place(output)
    which = _which(function, X, column)
    points = _grid(function.X[:, which], grid)
    offset, scale = (
        np.broadcast_to(number, function.inputs)[which]
        for number in (function.scaling.offset, function.scaling.scale)
    )
    rows = len(function.X)
    found = np.zeros((function.outputs, *([rows] if each else []), len(points)))
    for part in pieces(rows, function.width):
        inputs = function.scaled(function.X[part])
        for index, value in enumerate((points - offset) * scale):
            inputs[:, which] = value
            values = function.values(inputs).T
            if each:
                found[:, part, index] = values
            else:
                found[:, index] += values.sum(axis=1) / rows
    return points, found[place]


def _which(function: Function, X: Any, column: Any) -> int:
    """The number of the column that a user names."""
    inputs = function.inputs
    if not isinstance(column, str):
        index = whole("column", column, 0, f" Columns are 0 .. {inputs - 1}, or names.")
        if index >= inputs:
            raise ValueError(f"column must be one of 0 .. {inputs - 1}; got {show(column)}.")
        return index
    names = known_names(function.network) or text_names(X)
    if names is None:
        raise ValueError(
            f"column must be a number of 0 .. {inputs - 1}, as neither the data of the fit nor X "
            f"have names; got {show(column)}."
        )
    if column not in names:
        near = closest(column, names)
        raise ValueError(f"column must be one of {show(names)}; got {show(column)}.{near}")
    return names.index(column)


def _grid(values: Array, grid: Any) -> Array:
    """The values that the column is set to, as the user has them."""
    if isinstance(grid, (int, np.integer)):
        count = whole("grid", grid, 2)
        values = values.astype(np.float64)
        unique = np.unique(values)
        if len(unique) <= count:
            return unique
        low, high = np.quantile(values, (0.05, 0.95))
        if low == high:  # most rows have one value
            low, high = unique[0], unique[-1]
        return np.linspace(low, high, count)
    given = arrays.numbers("grid", grid)
    if given.ndim != 1 or not given.size:
        raise ValueError(
            f"grid must be a number of values, or the values (points,); got shape {given.shape}."
        )
    arrays.finite("grid", given, np.dtype(np.float64))
    return given.astype(np.float64)
