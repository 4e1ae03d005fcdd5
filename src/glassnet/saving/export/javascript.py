"""JavaScript: a network as an ES module for Node and browsers, and its types for TypeScript.

Parameters are stored to the bit, as base64. To add an activation or a link, add its expression or
function here. The user's words, and the types, are in javascript_text.py.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable
from string import Template
from typing import Final

import numpy as np

from ..base import Array
from .javascript_text import classes, literal, quoted, types
from .model import Column, Model, Piece
from .words import about, plain

ACTIVATIONS: Final = {
    "identity": "s",
    "relu": "s > 0 ? s : 0",
    "leaky_relu": "s > 0 ? s : s * $slope_below",
    "elu": "s > 0 ? s : $scale_below * Math.expm1(s)",
    "selu": "$scale * (s > 0 ? s : $scale_below * Math.expm1(s))",
    "tanh": "Math.tanh(s)",
    "sigmoid": "1 / (1 + Math.exp(-s))",
    "softsign": "s / (1 + Math.abs(s))",
    "softplus": "Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s)))",
    "silu": "s / (1 + Math.exp(-s))",
    "gelu": "0.5 * s * (1 + Math.tanh(s * ($root + $root * $cubic * s * s)))",
    "exp": "Math.exp(s)",
    "gaussian": "Math.exp(-s * s)",
    "sine": "Math.sin(s)",
}

LINKS: Final = {
    "softmax": """\
  const finite = scores.map((s) => Math.min(s, $most));
  const largest = finite.reduce((a, b) => Math.max(a, b));
  const shares = Array.from(finite, (s) => Math.exp(s - largest));
  const sum = shares.reduce((a, b) => a + b);
  return shares.map((share) => share / sum);""",
    "mean_variance": """\
  const softplus = (s) => Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s)));
  return scores.map((s, k) => (k < scores.length / 2 ? s : softplus(s) + $floor));""",
    "sorted": """\
  const width = scores.length / $count;
  for (let k = 0; k < width; k++) {
    const sorted = scores.filter((_, i) => i % width === k).sort();
    sorted.forEach((s, i) => { scores[k + i * width] = s; });
  }
  return scores;""",
}

_SOURCE: Final = Template("""\
/**
 * $name: a network of glassnet, layers $sizes.
$about
 *
 * An ES module without dependencies$note. Example:
 *
 *     import { predict$classify } from "./$file";
 *     const row = Array($inputs).fill(0);
 *     console.log(predict(row)$classified);
 */

function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return $real.from({ length: bytes.length / $size }, (_, k) => view.get$kind(k * $size, true));
}

const layers = [
$layers
];
$constants
function scale(inputs) {
  return $real.from(inputs$scaled);
}

function link(scores) {
$link
}

function unscale(outputs) {
  return Array.from(outputs$unscaled);
}

/** Numbers of inputs and of outputs. */
export const inputs = $inputs;
export const outputs = $outputs;

/**
 * What the network gives for one row.
 * @param {ArrayLike<number>} row the inputs, as said above
 * @returns {number[]} the outputs
 */
export function predict(row) {
  if (row.length !== inputs) {
    throw new RangeError("predict needs " + inputs + " numbers; got " + row.length);
  }
  const given = Array.from(row);
  if (!given.every(Number.isFinite)) throw new TypeError("every input must be a finite number");
  let values = scale(given);
  for (const { weights, biases, activation } of layers) {
    const width = biases.length;
    const scores = Float64Array.from(biases);
    values.forEach((value, i) => {
      for (let k = 0; k < width; k++) scores[k] += value * weights[i * width + k];
    });
    values = $real.from(scores);
    if (activation !== null) values = values.map(activation);
  }
  return unscale($real.from(link(values)));
}
""")

_ONE_LABEL: Final = Template("""
/** The labels$of. */
export const labels = [$labels];

/**
 * The label of a row.
 * @param {ArrayLike<number>} row
 */
export function classify(row) {
  const found = predict(row);
  return labels[$place];
}
""")

_SEVERAL_LABELS: Final = """
/**
 * For each output 1 where it is at least 0.5, else 0.
 * @param {ArrayLike<number>} row
 * @returns {number[]}
 */
export function classify(row) {
  return predict(row).map((output) => (output >= 0.5 ? 1 : 0));
}
"""

_ENCODE: Final = Template("""
/**
 * The columns of the table: [name, categories], null for a column of numbers.
 * @type {[string, string[] | null][]}
 */
export const columns = [
$columns
];

/**
 * The inputs for a row of the table, an object with a value for each column.
 * @param {Record<string, unknown>} row
 * @param {boolean} [ignoreUnknown] take a category that is not known as none of the known ones
 * @returns {number[]}
 */
export function encode(row, ignoreUnknown = false) {
  return columns.flatMap(([name, categories]) => {
    const value = Object.prototype.hasOwnProperty.call(row, name) ? row[name] : undefined;
    const column = "column " + JSON.stringify(name);
    if (categories === null) {
      if (typeof value === "number" && Number.isFinite(value)) return [value];
      throw new TypeError(column + " must be a finite number");
    }
    if (!ignoreUnknown && !categories.some((category) => category === value)) {
      throw new RangeError(column + " must be one of " + JSON.stringify(categories));
    }
    return categories.map((category) => (category === value ? 1 : 0));
  });
}
""")


def render(model: Model, name: str, file: str) -> str:
    """The source of the module."""
    labels, common = model.labels != "none", os.path.splitext(file)[1].lower() != ".mjs"
    single = model.dtype.itemsize == 4
    source = _SOURCE.substitute(
        name=name,
        sizes=", ".join(map(str, model.layers)),
        real="Float32Array" if single else "Float64Array",
        kind="Float32" if single else "Float64",
        size=model.dtype.itemsize,
        layers="\n".join(_layers(model)),
        link=_link(model),
        inputs=model.layers[0],
        outputs=model.layers[-1],
        about="\n".join(f" * {line}" for line in about(model, "by encode(row)", checked=True)),
        file=plain(file),
        note=' (Node: beside a package.json with "type": "module")' if common else "",
        classify=", classify" if labels else "",
        classified=", classify(row)" if labels else "",
        **_scalings(model),
    )
    return source + _labels(model) + _encoding(model.columns)


def beside(model: Model, path: str) -> dict[str, str]:
    """The types, in a file of their own."""
    return {types_path(path): types(model)}


def types_path(path: str) -> str:
    """Where TypeScript looks for the types of a module."""
    root, suffix = os.path.splitext(path)
    return f"{root}.d.mts" if suffix.lower() == ".mjs" else f"{root}.d.ts"


def _packed(values: Array) -> str:
    """Numbers as base64, lowest byte first."""
    data = np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()
    return f'unpack("{base64.b64encode(data).decode()}")'


def _expression(piece: Piece) -> str:
    return Template(ACTIVATIONS[piece.name]).substitute(piece.settings)


def _layers(model: Model) -> Iterable[str]:
    """An object for each layer; the last has no activation, but the link."""
    pieces = [*model.activations, None]
    for weights, biases, piece in zip(model.weights, model.biases, pieces, strict=True):
        activation = "null" if piece is None else f"(s) => {_expression(piece)}"
        yield f"  {{\n    weights: {_packed(weights)},\n    biases: {_packed(biases)},"
        yield f"    activation: {activation},\n  }},"


def _link(model: Model) -> str:
    if model.link.name in LINKS:
        most = "3e38" if model.dtype.itemsize == 4 else "1.7e308"
        words = {**model.link.settings, "most": most}
        return Template(LINKS[model.link.name]).substitute(words)
    return f"  return scores.map((s) => {_expression(model.link)});"


def _scalings(model: Model) -> dict[str, str]:
    """What `scale` and `unscale` do with each value, and the constants they need."""
    names = ("input_offset", "input_scale", "target_offset", "target_scale")
    known = {each: values for each in names if (values := getattr(model, each)) is not None}
    entry = {name: name if _equal(values) else f"{name}[k]" for name, values in known.items()}
    scaled = unscaled = ""
    if "input_scale" in known:
        moved = f"(x - {entry['input_offset']})" if "input_offset" in known else "x"
        scaled = f", (x, k) => {moved} * {entry['input_scale']}"
    if "target_scale" in known:
        single = "Math.fround" if model.dtype.itemsize == 4 else ""
        unscaled = f", (y, k) => {single}(y / {entry['target_scale']} + {entry['target_offset']})"
    constants = [f"const {name} = {_constant(values)};\n" for name, values in known.items()]
    return {"scaled": scaled, "unscaled": unscaled, "constants": "".join(constants)}


def _equal(values: Array) -> bool:
    return bool(np.all(values == values[0]))


def _constant(values: Array) -> str:
    """All values, or the one number that all are."""
    return json.dumps(values.tolist()[0] if _equal(values) else values.tolist())


def _labels(model: Model) -> str:
    if model.labels == "several":
        return _SEVERAL_LABELS
    if model.labels == "none":
        return ""
    place = "found.reduce((best, output, k) => (output > found[best] ? k : best), 0)"
    if model.layers[-1] == 1:
        place = "found[0] >= 0.5 ? 1 : 0"
    of = "" if model.target is None else f" of {quoted(model.target)}"
    return _ONE_LABEL.substitute(labels=", ".join(map(literal, classes(model))), of=of, place=place)


def _encoding(columns: tuple[Column, ...] | None) -> str:
    if columns is None:
        return ""
    lines = []
    for name, categories in columns:
        known = "null" if categories is None else f"[{', '.join(map(quoted, categories))}]"
        lines.append(f"  [{quoted(name)}, {known}],")
    return _ENCODE.substitute(columns="\n".join(lines))
