"""The outputs of a network for many rows: in pieces that fit the cache, each through all layers.

Where there is much to do, each core takes pieces of its own, with one thread of the BLAS: threads
that share a product wait for each other after it, and leave the rest of the work to one.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from .. import blas
from ..core.arrays import Array
from ..core.loss import Loss
from ..core.network import Network

MUCH = 15_000_000
"""Multiplications from which threads of our own are worth their start."""

ROOM = 1 << 16
"""Numbers of the widest layer in a piece: they fit the cache, and are enough that two threads
seldom ask for Python's lock."""


def predict(network: Network, loss: Loss, X: Any) -> Array:
    """(rows, outputs) for X (rows, inputs), dense or sparse."""
    work = X.shape[0] * network.passes.weight_count
    with np.errstate(all="ignore"):
        if work < blas.SMALL_PRODUCT and isinstance(X, np.ndarray):
            return loss.link(network.passes.scores(X.astype(network.dtype, copy=False)))
        # Units first in memory, as in core/layers.py: the link then runs along the rows.
        scores = np.empty((network.layers[-1], X.shape[0]), network.dtype).T
        rows = max(32, ROOM // max(network.layers[1:]))
        if work < MUCH:
            _fill(network, rows, X, scores)
        else:
            with blas.threads_for(0):
                _share(network, rows, _workers(), X, scores)
        return np.ascontiguousarray(loss.link(scores))


def _workers() -> int:
    """As many threads as cores; one where the user has decided."""
    decided = any(os.environ.get(name) for name in blas.SET_BY_USER)
    return 1 if decided else blas.cores()


def _share(network: Network, rows: int, workers: int, X: Any, scores: Array) -> None:
    """All rows, in pieces of `rows`, by so many threads, of which this is one."""
    share = -(-X.shape[0] // (workers * rows)) * rows
    first, *others = (slice(i, i + share) for i in range(0, X.shape[0], share))
    if not others:
        _fill(network, rows, X, scores)
        return
    with ThreadPoolExecutor(len(others)) as pool:
        filling = [pool.submit(_fill, network, rows, X[part], scores[part]) for part in others]
        _fill(network, rows, X[first], scores[first])
    for each in filling:
        each.result()  # or its error


def _fill(network: Network, rows: int, X: Any, scores: Array) -> None:
    """The scores of these rows, `rows` at a time."""
    rows = min(rows, X.shape[0])
    dense, room = network.passes.dense, list[Any]()
    for layer in dense:
        made = np.empty((rows, layer.weights.shape[1]), network.dtype)
        # The biases of a whole piece: adding a row to each row would take twice as long.
        room.append((made, np.empty_like(made), np.tile(layer.biases, (rows, 1))))
    with np.errstate(all="ignore"):  # each thread has its own
        for start in range(0, X.shape[0], rows):
            part = X[start : start + rows]
            part = part if isinstance(part, np.ndarray) else part.toarray()
            values, many = part.astype(network.dtype, copy=False), part.shape[0]
            for layer, (made, outputs, biases) in zip(dense, room, strict=True):
                np.dot(values, layer.weights, out=made[:many])
                values = made[:many]
                values += biases[:many]
                if layer.activation is not None:
                    layer.activation.forward(values, outputs[:many])
                    values = outputs[:many]
            scores[start : start + rows] = values
