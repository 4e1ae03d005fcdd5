"""Small data and small looks into a network, for tests of every room. NumPy only."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.core.structure import Structure

Array = NDArray[Any]


def inputs(rows: int = 40, columns: int = 3, seed: int = 0) -> Array:
    """(rows, columns) normal numbers, float64."""
    return np.random.default_rng(seed).normal(size=(rows, columns))


def yes_or_no(rows: int = 40, columns: int = 3, seed: int = 0) -> tuple[Array, Array]:
    """Inputs, and 0 or 1 by the sign of their sum."""
    X = inputs(rows, columns, seed)
    return X, (X.sum(axis=1) > 0).astype(np.int64)


def three_classes(rows: int = 45, columns: int = 3, seed: int = 0) -> tuple[Array, Array]:
    """Inputs, and the column of the largest of the first three: 0, 1 or 2."""
    X = inputs(rows, columns, seed)
    return X, X[:, :3].argmax(axis=1)


def amounts(
    rows: int = 40, columns: int = 3, outputs: int = 1, seed: int = 0
) -> tuple[Array, Array]:
    """Inputs, and (rows, outputs) numbers that depend on them."""
    X = inputs(rows, columns, seed)
    mix = np.random.default_rng(seed + 1).normal(size=(columns, outputs))
    return X, np.sin(X) @ mix + 0.5


def state(network: Structure) -> dict[str, Any]:
    """All that a call could change, in a form that compares."""
    scalings = (network.input_scaling, network.target_scaling)
    return {
        "parameters": network.parameters.tobytes(),
        "loss": network.loss,
        "scalings": [s and (s.offset.tolist(), s.scale.tolist(), s.source) for s in scalings],
        "history": [dict(record) for record in network.history],
        "streams": network.streams.states(),
        "shape": (network.layers, network.activations, network.dropout, network.bias),
        "classes": network.classes,
    }
