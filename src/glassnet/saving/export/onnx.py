"""ONNX (.onnx): standard operators of opset 13 only, which all runtimes have, and no float64 in a
float32 network. Input `inputs` (rows, inputs), raw; outputs `outputs` and, where rows have labels,
`labels`. To export a new activation: its operator in `OPERATORS`, or a function in `COMPOSED`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ..base import Array, RefusedError
from .model import Model, Piece
from .onnx_graph import WIDER, Graph
from .words import about, plain

OPERATORS: Final = {
    "relu": "Relu",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "exp": "Exp",
    "sine": "Sin",
}
ONLY_FLOAT32: Final = {"softsign": "Softsign", "softplus": "Softplus"}
"""Operators that onnxruntime has for float32 alone."""


def render(model: Model, name: str, file: str, *, labels: bool = True) -> bytes:
    """The file's bytes. Without `labels` the graph has no output of that name, which some runtimes
    do not take: text is a type that few have besides onnxruntime."""
    graph = Graph(model.dtype)
    values = _scaled(graph, model, "inputs")
    pieces = [*model.activations, Piece("identity", {})]
    for index, piece in enumerate(pieces):
        pair = (model.weights[index], model.biases[index])
        names = [f"layers.{index}.{what}" for what in ("weights", "biases")]
        parameters = [graph.constant(*each) for each in zip(pair, names, strict=True)]
        values = activate(graph, graph.add("Gemm", values, *parameters), piece)
    values = _unscaled(graph, model, _link(graph, model, values))
    graph.add("Identity", values, into="outputs")
    outputs: list[tuple[str, Any, tuple[int, ...]]] = [("outputs", model.dtype, model.layers[-1:])]
    if labels and model.labels != "none":
        outputs.append(_labels(graph, model))
    given, told = ("inputs", model.dtype, model.layers[:1]), _about(model, file)
    return graph.encode(name, told, given, outputs, _metadata(model))


def _about(model: Model, file: str) -> str:
    """The documentation in the file, which viewers show."""
    lines = about(model, "as glassnet.inputs in the metadata says")
    rows = f"np.zeros((1, {model.layers[0]}), np.{model.dtype})"
    call = f'InferenceSession("{plain(file)}").run(None, {{"inputs": {rows}}})'
    return "\n".join([*lines, f"Example: onnxruntime.{call}"])


def activate(graph: Graph, x: str, piece: Piece) -> str:
    """The activation of `x`."""
    name, settings = piece
    if name in OPERATORS:
        return graph.add(OPERATORS[name], x)
    if graph.dtype == np.float32:
        if name in ONLY_FLOAT32:
            return graph.add(ONLY_FLOAT32[name], x)
        if name == "leaky_relu":
            return graph.add("LeakyRelu", x, alpha=settings["slope_below"])
        if name == "elu":
            return graph.add("Elu", x, alpha=settings["scale_below"])
        if name == "selu":
            return graph.add("Selu", x, alpha=settings["scale_below"], gamma=settings["scale"])
    return COMPOSED[name](graph, x, **settings)


def _identity(graph: Graph, x: str) -> str:
    return x


def _leaky_relu(graph: Graph, x: str, slope_below: float) -> str:
    larger = "Max" if slope_below <= 1.0 else "Min"
    return graph.add(larger, x, graph.add("Mul", x, slope_below))


def _elu(graph: Graph, x: str, scale_below: float) -> str:
    """Below 0 by exp(x) - 1 = 2 t / (1 - t) with t = tanh(x / 2), exact near 0 too."""
    t = graph.add("Tanh", graph.add("Mul", graph.add("Min", x, 0.0), 0.5))
    below = graph.add("Div", graph.add("Mul", t, 2.0 * scale_below), graph.add("Sub", 1.0, t))
    return graph.add("Add", graph.add("Relu", x), below)


def _selu(graph: Graph, x: str, scale: float, scale_below: float) -> str:
    return graph.add("Mul", _elu(graph, x, scale_below), scale)


def _softsign(graph: Graph, x: str) -> str:
    return graph.add("Div", x, graph.add("Add", graph.add("Abs", x), 1.0))


def _softplus(graph: Graph, x: str) -> str:
    """max(x, 0) + log(1 + u), u = exp(-|x|), less (w - 1 - u) / w: what rounding w = 1 + u lost."""
    u = graph.add("Exp", graph.add("Neg", graph.add("Abs", x)))
    w = graph.add("Add", u, 1.0)
    lost = graph.add("Sub", graph.add("Sub", w, 1.0), u)
    small = graph.add("Sub", graph.add("Log", w), graph.add("Div", lost, w))
    return graph.add("Add", graph.add("Relu", x), small)


def _silu(graph: Graph, x: str) -> str:
    return graph.add("Mul", x, graph.add("Sigmoid", x))


def _gelu(graph: Graph, x: str, root: float, cubic: float) -> str:
    bend = graph.add("Mul", graph.add("Mul", x, x), root * cubic)
    bent = graph.add("Tanh", graph.add("Mul", x, graph.add("Add", bend, root)))
    return graph.add("Mul", graph.add("Mul", x, 0.5), graph.add("Add", bent, 1.0))


def _gaussian(graph: Graph, x: str) -> str:
    return graph.add("Exp", graph.add("Neg", graph.add("Mul", x, x)))


COMPOSED: Final[dict[str, Callable[..., str]]] = {
    "identity": _identity,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "selu": _selu,
    "softsign": _softsign,
    "softplus": _softplus,
    "silu": _silu,
    "gelu": _gelu,
    "gaussian": _gaussian,
}


def _link(graph: Graph, model: Model, x: str) -> str:
    link, outputs = model.link, model.layers[-1]
    if link.name == "softmax":
        largest = 3e38 if graph.dtype == np.float32 else 1.7e308  # no inf - inf
        return graph.add("Softmax", graph.add("Min", x, largest), axis=1)
    if link.name == "mean_variance":
        means, spreads = graph.split(x, 2, outputs // 2)
        variances = activate(graph, spreads, Piece("softplus", {}))
        variances = graph.add("Add", variances, link.settings["floor"])
        return graph.add("Concat", means, variances, axis=1)
    if link.name == "sorted":
        count = link.settings["count"]
        return graph.sort_blocks(x, count, outputs // count)
    return activate(graph, x, link)


def _scaled(graph: Graph, model: Model, x: str) -> str:
    """(x - offset) x scale; in float32 the offset goes in two parts, so that a year or a kelvin
    keeps its decimals."""
    if model.input_offset is not None:
        part = _rounded(model.input_offset, model)
        x = graph.add("Sub", x, graph.constant(part, "inputs.offset"))
        rest = (model.input_offset - part).astype(model.dtype)
        if rest.any():
            x = graph.add("Sub", x, graph.constant(rest, "inputs.offset_rest"))
    if model.input_scale is not None:
        scale = _rounded(model.input_scale, model)
        x = graph.add("Mul", x, graph.constant(scale, "inputs.scale"))
    return x


def _rounded(values: Array, model: Model) -> Array:
    """In the network's dtype, in which all of the graph computes; what a target is divided by must
    not become 0, and `Graph.constant` refuses infinity."""
    with np.errstate(over="ignore"):
        rounded: Array = values.astype(model.dtype)
    if values is model.target_scale and not rounded.all():
        raise RefusedError("network", f"the scale of a target is 0 in {model.dtype}; {WIDER}")
    return rounded


def _unscaled(graph: Graph, model: Model, x: str) -> str:
    if model.target_scale is None or model.target_offset is None:
        return x
    scale, offset = (_rounded(each, model) for each in (model.target_scale, model.target_offset))
    x = graph.add("Div", x, graph.constant(scale, "targets.scale"))
    return graph.add("Add", x, graph.constant(offset, "targets.offset"))


def _labels(graph: Graph, model: Model) -> tuple[str, Any, tuple[int, ...]]:
    """The output `labels`: of shape (rows,), or (rows, outputs) of 0 and 1 for several a row."""
    if model.layers[-1] > 1 and model.labels == "one":
        places = graph.add("ArgMax", "outputs", axis=1, keepdims=0)
    else:
        above = graph.add("GreaterOrEqual", "outputs", 0.5)
        places = graph.add("Cast", above, to=7)  # int64
    if model.labels == "several":
        graph.add("Identity", places, into="labels")
        return "labels", np.dtype(np.int64), model.layers[-1:]
    flat = graph.add("Reshape", places, graph.constant(np.array([-1])))
    names = np.arange(max(model.layers[-1], 2)) if model.classes is None else _names(model.classes)
    if model.classes is None:
        graph.add("Identity", flat, into="labels")
    else:
        graph.add("Gather", graph.constant(names, "classes"), flat, into="labels", axis=0)
    return "labels", names.dtype, ()


def _names(classes: list[Any]) -> Array:
    """Text as objects (a tensor of strings), numbers as int64 or float64, or bool."""
    if isinstance(classes[0], str):
        return np.array(classes, dtype=object)
    names = np.array(classes)
    if names.dtype.kind not in "bif":
        reason = "integers beyond 64 bits are no labels in ONNX; give labels=False"
        raise RefusedError("classes", reason)
    return names.astype(np.int64) if names.dtype.kind == "i" else names


def _metadata(model: Model) -> dict[str, str]:
    """What a program may want to know besides: the labels, and which input is what."""
    inputs = [
        {"name": each.name, **({"categories": each.categories} if each.categories else {})}
        for each in model.columns or ()
    ]
    told = {"classes": model.classes, "inputs": inputs or None, "target": model.target}
    return {
        f"glassnet.{key}": json.dumps(value) for key, value in told.items() if value is not None
    }
