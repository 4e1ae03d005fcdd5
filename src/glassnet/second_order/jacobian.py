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

    `out` of that shape is written over, if given. Biases of a layer without them have slope 0.
    Dropout plays no part.
    """
    shape = len(inputs), network.layers[-1], network.parameters.shape[-1]
    found = np.empty(shape, network.dtype) if out is None else out
    size = rows_for(network)  # what is made on the way stays in the cache
    for start in range(0, len(inputs), size):
        _fill(network, inputs[start : start + size], found[start : start + size])
    return found


def _fill(network: Structure, inputs: Array, found: Array) -> None:
    dense, outputs = network.passes.dense, network.layers[-1]
    if outputs > 1 or not all(network.bias):  # else nothing stays 0
        found[...] = 0.0
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
