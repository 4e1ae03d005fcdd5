"""The slope of every score in every parameter, row by row: what exact fits and error bars rest on.

One pass forward, one backward for each output, for all rows at once; products of a layer's inputs
and its slopes fill the parameters' places. Callers go over many rows in blocks: `rows_for`.
"""

import numpy as np

from ..core.arrays import Array
from ..core.passes import views
from ..core.structure import Structure

ROOM = 1 << 18
"""Numbers of a Jacobian that are worked on together: 2 MiB of float64, about a core's cache."""


def rows_for(network: Structure, room: int = ROOM) -> int:
    """How many rows have a Jacobian of about `room` numbers."""
    return max(1, room // (network.layers[-1] * int(network.parameters.shape[-1])))


def score_jacobian(network: Structure, inputs: Array, out: Array | None = None) -> Array:
    """d scores / d parameters, (rows, outputs, parameters), for `inputs` (rows, inputs) as the
    layers want them (checked, scaled); in the network's dtype, in the order of its `parameters`.

    `out` of that shape is written over, if given: zeros, or what an earlier call left there. Biases
    of a layer without them have slope 0. Dropout plays no part.
    """
    dense, outputs = network.passes.dense, network.layers[-1]
    shape = len(inputs), outputs, network.parameters.shape[-1]
    found = np.zeros(shape, network.dtype) if out is None else out
    into = [views(network.layers, found[:, k]) for k in range(outputs)]
    values, slopes = [inputs], list[Array]()
    for layer in dense[:-1]:
        scores = values[-1] @ layer.weights + layer.biases
        made, slope = np.empty_like(scores), np.empty_like(scores)
        assert layer.activation is not None  # the last alone has none
        layer.activation.forward(scores, made)
        layer.activation.slope(scores, made, slope)
        values.append(made)
        slopes.append(slope)
    for k in range(outputs):
        last_weights, last_biases = into[k][-1]
        last_weights[:, :, k] = values[-1]
        last_biases[:, k] = dense[-1].has_bias
        delta = np.broadcast_to(dense[-1].weights[:, k], values[-1].shape)
        for index in range(len(dense) - 2, -1, -1):
            delta = delta * slopes[index]
            weights, biases = into[k][index]
            np.multiply(values[index][:, :, None], delta[:, None, :], out=weights)
            if dense[index].has_bias:
                biases[...] = delta
            if index:
                delta = delta @ dense[index].weights.T
    return found
