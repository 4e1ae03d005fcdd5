"""The outputs of a network for many rows: in pieces that fit the cache, each through all layers.

Products have the threads that the BLAS has. Threads of our own, each with pieces of its own, were
tried: they won a little where a layer has hundreds of inputs, and lost up to half elsewhere.
"""

from typing import Any

import numpy as np

from .. import blas
from ..core.arrays import Array
from ..core.layers import Dense
from ..core.loss import Loss
from ..core.network import Network

ROOM = 1 << 15
"""Numbers of the widest layer in a piece."""


def predict(network: Network, loss: Loss, X: Any) -> Array:
    """(rows, outputs) for X (rows, inputs), dense or sparse."""
    few = X.shape[0] * network.passes.weight_count < blas.SMALL_PRODUCT
    with np.errstate(all="ignore"):
        if few and isinstance(X, np.ndarray):
            return loss.link(network.passes.scores(X.astype(network.dtype, copy=False)))
        return _in_pieces(network, loss, X)


def _in_pieces(network: Network, loss: Loss, X: Any) -> Array:
    """The same, with buffers that serve for all pieces."""
    outputs = np.empty((X.shape[0], network.layers[-1]), network.dtype)
    rows = max(32, min(2048, ROOM // max(network.layers[1:])))
    largest = blas.largest_product() if blas.describe()["threads"] == 1 else 0
    dense = [layer for layer in network.passes.stack if isinstance(layer, Dense)]
    traces = list[Any]()
    for start in range(0, X.shape[0], rows):
        part = X[start : start + rows]
        part = part if isinstance(part, np.ndarray) else part.toarray()
        values = part.astype(network.dtype, copy=False)
        if start == 0 or len(values) < rows:
            traces = [each.trace((), len(values), network.dtype, largest) for each in dense]
        for layer, trace in zip(dense, traces, strict=True):
            values = layer.forward(values, trace)
        outputs[start : start + rows] = loss.link(values)
    return outputs
