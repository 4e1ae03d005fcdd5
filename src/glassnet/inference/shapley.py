"""Shapley values: what each input adds to an output, over all orders in which inputs could come in.

Exact, over all 2^inputs coalitions. To add a way for more inputs (a sample of coalitions), put it
beside, with a name that says so.
"""

import math
from typing import Any, Final

import numpy as np

from ..core.arrays import Array
from ..core.checks import show, whole
from .attributions import Attributions
from .functions import NUMBERS, Function

LARGEST: Final = 24
"""Inputs at most: 2^24 coalitions of a row are 128 MiB."""


@np.errstate(all="ignore")
def shapley_values(
    network: Any,
    X: Any,
    background: Any,
    *,
    output: Any = None,
    of: str = "outputs",
    max_inputs: int = 15,
) -> Attributions:
    """The Shapley values of each row of X, exact (Shapley 1953, eq. 12).

    The worth of a coalition of inputs is the mean output with these inputs from the row and the
    others from the rows of `background`, one after another (Lundberg and Lee 2017, eq. 11; also
    called interventional): what `shap.explainers.Exact` gives with an Independent masker.

    Args:
        network, X, of: see input_gradients.
        background: (background rows, inputs): what the others are replaced by, some hundred
            training rows, say.
        output: the column of predict, or the text of its label; None where there is one output.
        max_inputs: refuse networks with more inputs, as each doubles the cost; 24 at most.

    Returns:
        Attributions: values (rows, inputs), base_values (the mean output of the background) and
        outputs (rows,).

    Raises:
        ValueError, TypeError: an argument is not as above.
    """
    function = Function(network, X, of, "shapley_values")
    place = function.place(output)
    others = network.check_inputs(background, "background")
    _check_cost(function, len(others), max_inputs)
    others = function.scaled(others)
    coalitions = 1 << function.inputs
    room = max(1, NUMBERS // function.width)  # points to evaluate together
    step = max(1, room // (coalitions * len(others)))
    found, ends = np.empty(function.X.shape), np.empty((2, len(function.X)))
    for start in range(0, len(found), step):
        part = slice(start, start + step)
        rows = function.scaled(function.X[part])
        worth = np.empty((len(rows), coalitions))
        many = max(1, room // (len(rows) * len(others)))
        for first in range(0, coalitions, many):
            which = np.arange(first, min(first + many, coalitions))
            worth[:, which] = _worth(function, place, rows, others, which)
        found[part] = _shares(worth, function.inputs)
        ends[:, part] = worth[:, 0], worth[:, -1]
    return Attributions(found, *ends)


def _check_cost(function: Function, others: int, max_inputs: Any) -> None:
    """Refuse what would take too long, with what it would take."""
    if whole("max_inputs", max_inputs) > LARGEST:
        raise ValueError(f"max_inputs must be 1 to {LARGEST}; got {show(max_inputs)}.")
    if function.inputs > max_inputs:
        each, rows = others << function.inputs, len(function.X)
        also = f", or max_inputs={function.inputs}" if function.inputs <= LARGEST else ""
        raise ValueError(
            f"network has {function.inputs} inputs, more than max_inputs={max_inputs}: exact "
            f"Shapley values take 2^{function.inputs} coalitions x {others} background rows = "
            f"{each:,} evaluations for each of {rows} row(s). Use integrated_gradients{also}."
        )


def _worth(function: Function, place: int, rows: Array, others: Array, which: Array) -> Array:
    """(rows, coalitions): the mean outputs of some coalitions, numbers whose bits are inputs."""
    inside = (which[:, None] >> np.arange(function.inputs)) & 1 == 1
    points = np.where(inside[:, None, :], rows[:, None, None, :], others)
    values = function.values(points.reshape(-1, function.inputs))[:, place]
    return np.asarray(values.reshape(points.shape[:-1]).mean(axis=-1))


def _shares(worth: Array, inputs: int) -> Array:
    """(rows, inputs) out of (rows, coalitions): for each input the weighted mean of what it adds to
    the coalitions without it."""
    sizes = np.bitwise_count(np.arange(1 << (inputs - 1)))
    weights = np.array([1.0 / (inputs * math.comb(inputs - 1, size)) for size in range(inputs)])
    found = np.empty((len(worth), inputs))
    for k in range(inputs):
        pairs = worth.reshape(len(worth), -1, 2, 1 << k)
        added = pairs[:, :, 1] - pairs[:, :, 0]
        found[:, k] = added.reshape(len(worth), -1) @ weights[sizes]
    return found
