"""How outputs change with inputs: first and second derivatives, exact, row by row.

In the units of the user, through the scaling of inputs, the layers, the link and the scaling of
targets. To add a higher derivative, see functions.py.
"""

from typing import Any

import numpy as np

from ..core.arrays import Array
from .functions import Function, pieces


@np.errstate(all="ignore")
def input_gradients(network: Any, X: Any, output: Any = None, of: str = "outputs") -> Array:
    """d outputs / d inputs at each row of X: (rows, outputs, inputs), float64.

    Args:
        network: a Network with a settled loss (for scores any). It is not changed.
        X: (rows, inputs), as for predict.
        output: the column of predict, or the text of its label: then (rows, inputs). None: all.
        of: "outputs", what predict gives, or "scores", before the link of the loss.

    In units of output over units of input (of bytes: for one step of 0 .. 255), computed in
    float64 by the chain rule, without differences (but for an OwnLoss's own output function: by
    differences, about ten digits). At a kink it is the slope that training uses.

    Raises:
        ValueError, TypeError: an argument is not as above; the loss is not settled yet.
    """
    function = Function(network, X, of, "input_gradients")
    wanted = range(function.outputs) if output is None else [function.place(output)]
    found = np.empty((len(function.X), len(wanted), function.inputs))
    for part in pieces(len(found), len(wanted) * function.width):
        found[part] = function.slopes(function.scaled(function.X[part]), wanted)
    found *= function.scaling.scale
    return found if output is None else found[:, 0]


@np.errstate(all="ignore")
def second_derivatives(network: Any, X: Any, output: Any = None, of: str = "outputs") -> Array:
    """d2 output / d input d input at each row of X: (rows, inputs, inputs), float64, symmetric.

    Args:
        network, X, of: see input_gradients.
        output: the column of predict, or the text of its label; None where there is one output.

    Exact to rounding (the slopes of activations are derived by a complex step), but for an
    OwnActivation: by differences of its derivative, about ten digits. What is piecewise linear
    (ReLU, leaky ReLU, several quantiles) has second derivative 0 wherever it has one; its kinks add
    nothing, so that with such layers and a straight link all is 0.

    Raises:
        ValueError, TypeError: as input_gradients; an OwnLoss with an output function of its own.
    """
    function = Function(network, X, of, "second_derivatives")
    place, inputs = function.place(output), function.inputs
    found = np.empty((len(function.X), inputs, inputs))
    for part in pieces(len(found), inputs * (inputs + sum(network.layers[1:]))):
        found[part] = function.bends(function.scaled(function.X[part]), place)
    scale = np.broadcast_to(function.scaling.scale, inputs)
    found *= scale[:, None] * scale
    return found
