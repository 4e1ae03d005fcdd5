"""Python with NumPy (.py, format="numpy"): as python.py, for many rows at once, in the network's
dtype. To export a new activation, add its formula to `FORMULAS`: of an array x, with the names of
its settings in braces.
"""

from __future__ import annotations

from typing import Final

from .model import Model
from .python_common import functions, network, scaling, source

FORMULAS: Final = {
    "identity": "x",
    "relu": "np.maximum(x, 0.0)",
    "leaky_relu": "np.where(x > 0.0, x, x * {slope_below})",
    "elu": "np.maximum(x, 0.0) + {scale_below} * np.expm1(np.minimum(x, 0.0))",
    "selu": "{scale} * (np.maximum(x, 0.0) + {scale_below} * np.expm1(np.minimum(x, 0.0)))",
    "tanh": "np.tanh(x)",
    "sigmoid": "1.0 / (1.0 + np.exp(-x))",
    "softsign": "x / (1.0 + np.abs(x))",
    "softplus": "np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))",
    "silu": "x / (1.0 + np.exp(-x))",
    "gelu": "0.5 * x * (1.0 + np.tanh({root} * (x + {cubic} * x * x * x)))",
    "exp": "np.exp(x)",
    "gaussian": "np.exp(-x * x)",
    "sine": "np.sin(x)",
}

_IMPORTS: Final = """import base64
import csv
import io
import json
import math
import sys

import numpy as np
"""

_LAYER: Final = '''

def _layer(inputs, outputs, activation, text):
    """(weights, biases, activation)"""
    values = np.frombuffer(base64.b64decode(text), "<{code}").astype("{code}")
    weights = values[: inputs * outputs].reshape(outputs, inputs).T
    return weights, values[inputs * outputs :], activation
'''

_START: Final = '''

@np.errstate(all="ignore")
def predict(rows):
    """(rows, outputs) for rows: an array (rows, inputs), or a list of rows."""
    x = _matrix(rows)
'''
_LAYERS: Final = """    for weights, biases, activation in NETWORK:
        x = activation(x @ weights + biases)
"""

_LINKS: Final = {
    "softmax": """    x = np.minimum(x, {largest})
    x = np.exp(x - x.max(axis=1, keepdims=True))
    x /= x.sum(axis=1, keepdims=True)
""",
    "mean_variance": """    means, spreads = np.split(x, 2, axis=1)
    softplus = np.maximum(spreads, 0.0) + np.log1p(np.exp(-np.abs(spreads)))
    x = np.concatenate([means, softplus + {floor}], axis=1)
""",
    "sorted": """    blocks = x.reshape(len(x), {count}, x.shape[1] // {count})
    x = np.sort(blocks, axis=1).reshape(x.shape)
""",
}

_MATRIX: Final = """

def _matrix(rows):
    rows = _rows(rows)
    if not hasattr(rows, "__array__"):
        rows = [_inputs(row, place) for place, row in enumerate(rows, 1)]
        return np.array(rows, np.float64).reshape(len(rows), LAYERS[0])
    x = np.asarray(rows)
    if x.dtype.kind not in "biuf" or x.ndim != 2 or x.shape[1] != LAYERS[0]:
        shape = f"an array of {x.dtype} of shape {x.shape}"
        raise ValueError(f"rows must be numbers of shape (rows, {LAYERS[0]}), not {shape}")
    if not np.isfinite(x).all():
        raise ValueError("rows must be finite numbers")
    return x
"""

_LABELS: Final = {
    "none": "",
    "several": """

def _labels(outputs):
    return (outputs >= 0.5).astype(np.int64)
""",
    "one": """

def _labels(outputs):
    one = outputs.shape[1] == 1
    places = (outputs[:, 0] >= 0.5).astype(np.int64) if one else outputs.argmax(axis=1)
    return places if CLASSES is None else np.array(CLASSES)[places]
""",
}

_CLASSIFY: Final = '''

def classify(rows):
    """The label of each row, (rows,), or (rows, outputs) of 0 and 1 where it may have several."""
    return _labels(predict(rows))
'''


def render(model: Model, name: str, file: str) -> str:
    """The source of the file."""
    names, text = functions(model, FORMULAS)
    layer = _LAYER.replace("{code}", f"f{model.dtype.itemsize}")
    own = layer + text + network(model, names) + _predict(model) + _MATRIX
    own += _LABELS[model.labels] + ("" if model.labels == "none" else _CLASSIFY)
    return source(model, name, file, "NumPy", _IMPORTS, own, ".tolist()")


def _predict(model: Model) -> str:
    """Offsets are subtracted before rounding, as in training."""
    text = scaling(model, "np.array({})") + _START
    dtype = f"np.{model.dtype}"
    if model.input_offset is not None:
        text += f"    x = ((x - INPUT_OFFSET) * INPUT_SCALE).astype({dtype})\n"
    else:
        text += f"    x = x.astype({dtype})\n"
        if model.input_scale is not None:
            text += f"    x *= INPUT_SCALE.astype({dtype})\n"
    largest = "3e38" if model.dtype.itemsize == 4 else "1.7e308"
    text += _LAYERS + _LINKS.get(model.link.name, "").format(largest=largest, **model.link.settings)
    if model.target_scale is not None:
        text += f"    x = (x / TARGET_SCALE + TARGET_OFFSET).astype({dtype})\n"
    return text + "    return x\n"
