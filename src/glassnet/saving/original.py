"""The model files of the project that glassnet grew out of: a pickle of two lists of arrays.

{"weights": [...], "biases": [...]}, float64, weights (outputs, inputs), and nothing else: there
every layer, the last one too, is a leaky ReLU of slope 0.1 below zero. Its networks were trained
on squared error. They are read, never written. What else is fixed belongs into `_header`.
"""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np

from ..activations import LeakyReLU
from ..losses import SquaredError
from .base import Array, RefusedError
from .header import FORMAT_VERSION, KEY
from .pieces import describe_piece

KEYS: Final = {"weights", "biases"}

_ACTIVATION: Final = LeakyReLU(0.1)


def translate(weights: Any, biases: Any) -> tuple[dict[str, str], dict[str, Array]]:
    """The texts and arrays that a file of glassnet has of the same network.

    Raises:
        RefusedError: these are no lists of matrices and vectors, one of each for a layer.
    """
    fits = type(weights) is type(biases) is list and len(weights) == len(biases) > 0
    if not (fits and _have_axes(weights, 2) and _have_axes(biases, 1)):
        raise RefusedError("weights", "must be a list of matrices, and biases one of as many rows")
    sizes = [weights[0].shape[1], *(len(each) for each in weights)]
    arrays: dict[str, Array] = {}
    for index, (matrix, vector) in enumerate(zip(weights, biases, strict=True)):
        arrays[f"layers.{index}.weights"] = matrix.T
        arrays[f"layers.{index}.biases"] = vector
    return {KEY: json.dumps(_header(sizes))}, arrays


def _have_axes(arrays: list[Any], count: int) -> bool:
    return all(isinstance(each, np.ndarray) and each.ndim == count for each in arrays)


def _header(sizes: list[int]) -> dict[str, Any]:
    hidden = len(sizes) - 2
    # No scaling of inputs is settled: pixels may be given as bytes, or divided by 255 already.
    empty = ("classes", "columns", "input_scale", "seed", "input_scaling", "target_scaling")
    return {
        "format_version": FORMAT_VERSION,
        "glassnet_version": "original",
        "kind": "network",
        "layers": sizes,
        "activations": [describe_piece(_ACTIVATION)] * hidden,
        "dropout": [0.0] * hidden,
        "bias": [True] * (hidden + 1),
        "initializer": "auto",
        "loss": describe_piece(SquaredError(_ACTIVATION)),
        "dtype": "float64",
        **dict.fromkeys(empty),
    }
