"""The outputs of a network for many rows: in pieces that fit the cache, on all cores.

A piece goes through all layers before the next. The products of a piece are too small for the
threads of the BLAS to pay; threads that have pieces of their own do, for what is no product too.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from .. import blas
from ..core.arrays import Array
from ..core.layers import Dense
from ..core.loss import Loss
from ..core.network import Network

ROOM = 1 << 15
"""Numbers of the widest layer in a piece."""

WORTH_A_THREAD = 5_000_000
"""Multiplications from which it pays to start a thread."""


def predict(network: Network, loss: Loss, X: Any) -> Array:
    """(rows, outputs) for X (rows, inputs), dense or sparse."""
    multiplications = X.shape[0] * network.passes.weight_count
    if multiplications < blas.SMALL_PRODUCT and isinstance(X, np.ndarray):
        with np.errstate(all="ignore"):
            return loss.link(network.passes.scores(X.astype(network.dtype, copy=False)))
    outputs = np.empty((X.shape[0], network.layers[-1]), network.dtype)
    rows = max(32, min(2048, ROOM // max(network.layers[1:])))
    with blas.threads_for(0) as threads:
        largest = blas.largest_product() if threads == 1 else 0
        workers = _workers(multiplications) if threads == 1 else 1
        share = -(-X.shape[0] // (workers * rows)) * rows
        parts = [slice(i, i + share) for i in range(0, X.shape[0], share)]
        work = partial(_fill, network, loss, rows, largest)
        if len(parts) == 1:
            work(X, outputs)
            return outputs
        with ThreadPoolExecutor(len(parts) - 1) as pool:
            others = [pool.submit(work, X[each], outputs[each]) for each in parts[1:]]
            work(X[parts[0]], outputs[parts[0]])
            for each in others:
                each.result()
    return outputs


def _workers(multiplications: int) -> int:
    """Threads that pay; one where the user has decided about those of the BLAS."""
    decided = any(os.environ.get(name) for name in blas.SET_BY_USER)
    return 1 if decided else max(1, min(blas.cores(), multiplications // WORTH_A_THREAD))


def _fill(network: Network, loss: Loss, rows: int, largest: int, X: Any, outputs: Array) -> None:
    """The outputs for some rows, `rows` at a time."""
    dense = [layer for layer in network.passes.stack if isinstance(layer, Dense)]
    traces = list[Any]()
    with np.errstate(all="ignore"):  # each thread has its own
        for start in range(0, X.shape[0], rows):
            part = X[start : start + rows]
            part = part if isinstance(part, np.ndarray) else part.toarray()
            values = part.astype(network.dtype, copy=False)
            if start == 0 or len(values) < rows:
                traces = [each.trace((), len(values), network.dtype, largest) for each in dense]
            for layer, trace in zip(dense, traces, strict=True):
                values = layer.forward(values, trace)
            outputs[start : start + rows] = loss.link(values)
