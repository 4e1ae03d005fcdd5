"""Plain Python (.py): one file that predicts with the standard library alone, in float64.

To export a new activation, add its formula to `FORMULAS`: of one number x, without overflow, with
the names of its settings in braces.
"""

from __future__ import annotations

from typing import Final

from .model import Model
from .python_common import functions, network, scaling, source

FORMULAS: Final = {
    "identity": "x",
    "relu": "max(x, 0.0)",
    "leaky_relu": "x if x > 0.0 else {slope_below} * x",
    "elu": "x if x > 0.0 else {scale_below} * math.expm1(x)",
    "selu": "{scale} * (x if x > 0.0 else {scale_below} * math.expm1(x))",
    "tanh": "math.tanh(x)",
    "sigmoid": "1.0 / (1.0 + _exp(-x))",
    "softsign": "x / (1.0 + abs(x))",
    "softplus": "max(x, 0.0) + math.log1p(math.exp(-abs(x)))",
    "silu": "x / (1.0 + _exp(-x))",
    "gelu": "0.5 * x * (1.0 + math.tanh({root} * (x + {cubic} * x * x * x)))",
    "exp": "_exp(x)",
    "gaussian": "math.exp(-x * x)",
    "sine": "math.sin(x) if abs(x) < math.inf else math.nan",
}

_IMPORTS: Final = """import base64
import csv
import io
import json
import math
import struct
import sys
from array import array
from operator import mul
"""

_LAYER: Final = '''

def _layer(inputs, outputs, activation, text):
    """(weights by units, biases, activation)"""
    count = (inputs + 1) * outputs
    values = struct.unpack("<%d{code}" % count, base64.b64decode(text))
    starts = range(0, inputs * outputs, inputs)
    return [values[k : k + inputs] for k in starts], values[inputs * outputs :], activation
'''

_EXP: Final = """

def _exp(x):
    return math.exp(x) if x < 709.7 else math.inf
"""

_LINKS: Final = {
    "softmax": """    top = max(x)
    x = [math.exp(min(each, {largest}) - min(top, {largest})) for each in x]
    total = sum(x)
    x = [each / total for each in x]
""",
    "mean_variance": """    half = len(x) // 2
    softplus = [max(each, 0.0) + math.log1p(math.exp(-abs(each))) for each in x[half:]]
    x = x[:half] + [each + {floor} for each in softplus]
""",
    "sorted": """    width = len(x) // {count}
    blocks = [sorted(x[k::width]) for k in range(width)]
    x = [value for level in zip(*blocks) for value in level]
""",
}

_START: Final = '''

def predict(rows):
    """A list of outputs for each row of `rows`."""
    return [_outputs(_inputs(row, place)) for place, row in enumerate(_rows(rows), 1)]


def _outputs(x):
'''
_LAYERS: Final = """    for weights, biases, activation in NETWORK:
        scores = [sum(map(mul, unit, x), bias) for unit, bias in zip(weights, biases)]
        x = [activation(score) for score in scores]
"""

_LABELS: Final = {
    "none": "",
    "several": """

def _labels(outputs):
    return [[int(each >= 0.5) for each in row] for row in outputs]
""",
    "one": '''

def _labels(outputs):
    places = [_place(row) for row in outputs]
    return places if CLASSES is None else [CLASSES[place] for place in places]


def _place(row):
    """Of the largest output; of one output, whether it is at least 0.5."""
    return int(row[0] >= 0.5) if len(row) == 1 else row.index(max(row))
''',
}

_CLASSIFY: Final = '''

def classify(rows):
    """The label of each row of `rows`, or a list of 0 and 1 where it may have several."""
    return _labels(predict(rows))
'''


def render(model: Model, name: str, file: str) -> str:
    """The source of the file."""
    names, text = functions(model, FORMULAS)
    code = "f" if model.dtype.itemsize == 4 else "d"
    text = (_EXP if "_exp(" in text else "") + text
    own = _LAYER.replace("{code}", code) + text + network(model, names) + _predict(model, code)
    own += _LABELS[model.labels] + ("" if model.labels == "none" else _CLASSIFY)
    return source(model, name, file, "nothing but Python", _IMPORTS, own)


def _predict(model: Model, code: str) -> str:
    """Numbers are rounded as the network's dtype has them, so that equal ones are equal here."""
    text = scaling(model) + _START
    if model.input_offset is not None:
        text += "    x = [each - offset for each, offset in zip(x, INPUT_OFFSET)]\n"
    if model.input_scale is not None:
        text += "    x = [each * scale for each, scale in zip(x, INPUT_SCALE)]\n"
    largest = "3e38" if code == "f" else "1.7e308"
    text += _LAYERS + _LINKS.get(model.link.name, "").format(largest=largest, **model.link.settings)
    if model.target_scale is not None:
        both = "zip(x, TARGET_SCALE, TARGET_OFFSET)"
        text += f"    x = [each / scale + offset for each, scale, offset in {both}]\n"
    return f'{text}    return array("{code}", x).tolist()\n'
