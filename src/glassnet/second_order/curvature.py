"""The curvature of a loss: its second derivative in the scores, and the matrix that it gives for
the parameters (generalised Gauss-Newton).

No loss says its curvature: it is the slope of its gradient, by a complex step, which rounds nothing
away (Squire and Trapp 1998); functions of the user's own are asked on both sides instead.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..activations import OwnActivation
from ..core.arrays import Array
from ..core.loss import Loss
from ..core.passes import Batch
from ..core.structure import Structure
from ..losses import OwnLoss, SquaredError
from .jacobian import ROOM, rows_for, score_jacobian

STEP = 1e-30


def curvature(loss: Loss, scores: Array, targets: Array, known: Array | None = None) -> Array:
    """d2 loss / d scores2 of each row, (rows, outputs, outputs), for scores (rows, outputs);
    float64. Targets and `known` as Loss.compute takes them."""
    scores = scores.astype(np.float64)
    rows, outputs = scores.shape
    if quadratic(loss):
        own = np.full((rows, outputs), 2.0 / outputs) if known is None else known * (2.0 / outputs)
        return np.asarray(own[:, :, None] * np.eye(outputs))
    own_functions = isinstance(loss, OwnLoss) or isinstance(
        getattr(loss, "maker", None), OwnActivation
    )
    found = np.empty((rows, outputs, outputs))
    for k in range(outputs):
        if own_functions:
            step = np.cbrt(np.finfo(float).eps) * np.maximum(1.0, np.abs(scores[:, k]))
            ends = [_gradient(loss, scores, k, by, targets, known) for by in (step, -step)]
            found[:, :, k] = (ends[0] - ends[1]) / (2.0 * step[:, None])
        else:
            shifted = _gradient(loss, scores.astype(complex), k, STEP * 1j, targets, known)
            found[:, :, k] = shifted.imag / STEP
    return 0.5 * (found + found.swapaxes(1, 2))


def quadratic(loss: Loss) -> bool:
    """Whether it is the square of what scores differ by, whose curvature is the same everywhere."""
    return type(loss) is SquaredError and loss.activation == "identity"


def _gradient(
    loss: Loss, scores: Array, k: int, by: Any, targets: Array, known: Array | None
) -> Array:
    shifted = scores.copy()
    shifted[:, k] += by
    gradient = np.empty_like(shifted)
    loss.compute(shifted, targets, gradient, known)
    return gradient


def curvature_root(loss: Loss, scores: Array, targets: Array, known: Array | None = None) -> Array:
    """R with R'R = what of the curvature is not negative: (rows, outputs) where it is diagonal,
    else (rows, outputs, outputs)."""
    found = curvature(loss, scores, targets, known)
    own = np.einsum("rkk->rk", found)
    if np.count_nonzero(found) == np.count_nonzero(own):
        return np.asarray(np.sqrt(np.maximum(own, 0.0)))
    values, vectors = np.linalg.eigh(found)
    return np.asarray(np.sqrt(np.maximum(values, 0.0))[:, :, None] * vectors.swapaxes(1, 2))


def weighted_jacobians(network: Structure, loss: Loss, batch: Batch) -> Iterator[Array]:
    """The rows of B, of which B'B is the sum over rows of weight x (d scores)' curvature
    (d scores): pieces (rows x outputs, parameters), each good until the next."""
    # At least half as many rows as parameters: with fewer, adding up takes as long as multiplying.
    size = rows_for(network, max(ROOM, network.parameters.size**2 // 2))
    out: Array = np.empty(0)
    for piece in batch.cut(size):
        shape = piece.rows, network.layers[-1], network.parameters.size
        if out.shape != shape:
            out = np.empty(shape, network.dtype)
        if quadratic(loss) and piece.known is None:  # whatever the scores are
            root = np.full(shape[:2], np.sqrt(2.0 / shape[1]))
        else:
            scores = network.passes.scores(piece.inputs)
            root = curvature_root(loss, scores, piece.targets, piece.known)
        if piece.weights is not None:
            root *= np.sqrt(piece.weights).reshape(-1, *[1] * (root.ndim - 1))
        slopes = score_jacobian(network, piece.inputs, out)
        if root.ndim == 2:
            made = np.multiply(slopes, root[:, :, None], out=slopes)
        else:
            made = np.matmul(root, slopes)
        yield made.reshape(-1, shape[-1])


def gauss_newton(network: Structure, loss: Loss, batch: Batch, places: Any = slice(None)) -> Array:
    """The sum over rows of weight x (d scores)' curvature (d scores), (parameters, parameters) of
    float64, for all or for those at some `places`: the second derivative of the loss but for the
    bend of the network itself (Schraudolph 2002), which never has a negative eigenvalue."""
    found = np.zeros((network.parameters[places].size,) * 2)
    room = np.empty_like(found)
    for piece in weighted_jacobians(network, loss, batch):
        own = piece[:, places]
        found += np.matmul(own.T, own, out=room)
    return found
