"""The slope of every score in every parameter, row by row: what exact fits and error bars rest on.

One pass forward, one backward for each output, for all rows at once; products of a layer's inputs
and its slopes fill the parameters' places. Callers go over many rows in blocks: `rows_for`.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from ..core.arrays import Array
from ..core.layers import Trace
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
    size, traces = rows_for(network), list[Trace]()  # what is made on the way stays in the cache
    for start in range(0, len(inputs), size):
        part = slice(start, start + size)
        traces = forward(network, inputs[part], traces)
        _fill(network, inputs[part], traces, found[part])
    return found


def forward(network: Structure, inputs: Array, traces: Sequence[Trace] = ()) -> list[Trace]:
    """What each dense layer keeps of these rows: scores, outputs and, of all but the last, the
    slope of the activation; in the arrays of `traces` where these fit. Dropout plays no part."""
    rows, kept = len(inputs), list(traces)
    if not kept or len(kept[0].scores) != rows:
        kept = [layer.trace((), rows, network.dtype) for layer in network.passes.dense]
    for layer, trace in zip(network.passes.dense, kept, strict=True):
        inputs = layer.forward(inputs, trace)
        if layer.activation is not None:
            layer.activation.slope(trace.scores, trace.outputs, trace.slope)
    return kept


def _fill(network: Structure, inputs: Array, traces: list[Trace], found: Array) -> None:
    dense, outputs = network.passes.dense, network.layers[-1]
    if outputs > 1 or not all(network.bias):  # else nothing stays 0
        found[...] = 0.0
    values = [inputs, *(trace.outputs for trace in traces[:-1])]
    for k in range(outputs):
        into = views(network.layers, found[:, k])
        into[-1][0][:, :, k] = values[-1]
        into[-1][1][:, k] = dense[-1].has_bias
        above: Array = dense[-1].weights[:, k]  # d score / d outputs of the layer
        for index in range(len(dense) - 2, -1, -1):
            weights, biases = into[index]
            delta = np.multiply(above, traces[index].slope, out=traces[index].delta)
            np.multiply(values[index][:, :, None], delta[:, None, :], out=weights)
            if dense[index].has_bias:
                biases[...] = delta
            if index:
                above = np.dot(delta, dense[index].transposed, out=traces[index - 1].delta)


Kind = TypeVar("Kind", bound=Structure)


def twin(network: Kind, **changes: Any) -> Kind:
    """A float64 network with the same parameters, in a vector of its own, or those of `changes`."""
    made = type(network).__new__(type(network))
    own = {"_parameters": network.parameters.astype(np.float64), "dtype": np.dtype(np.float64)}
    made.__dict__.update({**network.__dict__, **own, **changes})
    made._lay_out()
    return made
