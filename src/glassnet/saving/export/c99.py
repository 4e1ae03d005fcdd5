"""C99: a network as one header file without allocation, which needs nothing but <math.h>.

What activations and links compute is in c99_formulas.py; to add one, write it there. Numbers, the
user's texts and the row of a table are in c99_text.py, weights as bytes in int8.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from string import Template
from typing import Any, Final

import numpy as np

from ...core.checks import flag
from ..base import Array
from .c99_formulas import activation, link
from .c99_text import comment, numbers, table, texts
from .int8 import describe, measure, quantize
from .model import Model, Piece
from .words import about, plain

_HEAD: Final = Template("""\
/* ${N}: a network of glassnet, layers $sizes.

$about
   Numbers are ${real}s; arrays must not overlap. It takes about $stack bytes of stack and
   allocates nothing. All is static: each source file that includes this has its own copy.

   Example (link with -lm):

       #include <stdio.h>
       #include "$file"

       int main(void) {
           $real inputs[${M}_INPUTS] = {0}, outputs[${M}_OUTPUTS];
           ${N}_predict(inputs, outputs);
           printf("%g\\n", (double)outputs[0]);
$example       }
$notes*/
#ifndef GLASSNET_${N}_H
#define GLASSNET_${N}_H

#include <math.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ${M}_INPUTS $inputs
#define ${M}_OUTPUTS $outputs
""")

_FOOT: Final = """
#ifdef __cplusplus
}
#endif

#endif
"""

_LAYER: Final = Template("""
static inline void ${N}_layer(const $weight *weights,$more const $real *biases,
        int inputs, int outputs, const $real *given, $real *scores) {
    for (int k = 0; k < outputs; k++) scores[k] = $start;
    for (int i = 0; i < inputs; i++, weights += outputs)
        for (int k = 0; k < outputs; k++) scores[k] += given[i] * ($real)weights[k];$end
}
""")

_SCALED_AT_THE_END: Final = """
    for (int k = 0; k < outputs; k++) scores[k] = scores[k] * scales[k] + biases[k];"""

_ONE_LABEL: Final = Template("""
/* The place of the label in ${N}_labels. */
static inline int ${N}_classify(const $real *inputs) {
    $real outputs[$outputs];
    int best = 0;
    ${N}_predict(inputs, outputs);
    for (int k = 1; k < $outputs; k++)
        if (outputs[k] > outputs[best]) best = k;
    return best;
}
""")

_YES_OR_NO: Final = Template("""
/* The place of the label in ${N}_labels: 1 where the output is at least 0.5. */
static inline int ${N}_classify(const $real *inputs) {
    $real output;
    ${N}_predict(inputs, &output);
    return output >= ($real)0.5;
}
""")

_SEVERAL_LABELS: Final = Template("""
/* Fills labels, one for each output: 1 where it is at least 0.5, else 0. */
static inline void ${N}_classify(const $real *inputs, int *labels) {
    $real outputs[$outputs];
    ${N}_predict(inputs, outputs);
    for (int k = 0; k < $outputs; k++) labels[k] = outputs[k] >= ($real)0.5;
}
""")

_EXAMPLES: Final = {
    "none": "",
    "one": "           puts(${N}_labels[${N}_classify(inputs)]);\n",
    "several": """\
           int labels[${M}_OUTPUTS];
           ${N}_classify(inputs, labels);
           printf("%d\\n", labels[0]);
""",
}


def render(
    model: Model, name: str, file: str, *, int8: bool = False, X: Any = None, y: Any = None
) -> str:
    """The header; all that it defines begins with `name`.

    Args:
        int8: weights as bytes with a scale for each unit: a quarter of the size of float32.
        X, y: rows (rows, inputs) and their targets, on which the loss of accuracy that int8 brings
            is measured (see `int8.measure`); it is told in the header's comment.

    Raises:
        RefusedError: a text is longer than C99 allows.
        ValueError: X without int8, or y without X.
    """
    flag("int8", int8)
    if (X is not None and not int8) or (y is not None and X is None):
        raise ValueError("X and y are to measure what int8 costs: pass int8=True, X=X, y=y.")
    notes = []
    if int8:
        found = None if X is None else measure(model.network, X, y)
        notes = ["", *describe(model.weights, found)]
    words = _words(model, name, file)
    parts = [
        _HEAD.substitute(words, notes=_lines(notes)),
        *_arrays(model, name, int8),
        *_functions(model, words, int8),
        _predict(model, words, int8),
        *_labels(model, words),
        *(table(model.columns, words) if model.columns is not None else ()),
    ]
    return "".join(parts) + _FOOT


def _lines(texts: list[str]) -> str:
    return "".join(f"   {text}".rstrip() + "\n" for text in texts)


def _words(model: Model, name: str, file: str) -> dict[str, Any]:
    """What the templates fill in."""
    values = sum(_buffers(model).values()) + model.layers[-1]
    return {
        "N": name,
        "M": name.upper(),
        "file": plain(file),
        "about": _lines(about(model, f"by {name}_encode, see below")).rstrip("\n"),
        "example": Template(_EXAMPLES[model.labels]).substitute(N=name, M=name.upper()),
        "real": "float" if model.dtype.itemsize == 4 else "double",
        "inputs": model.layers[0],
        "outputs": model.layers[-1],
        "sizes": ", ".join(map(str, model.layers)),
        "stack": values * model.dtype.itemsize + 100,
    }


def _buffers(model: Model) -> dict[str, int]:
    """The arrays between which values go to and fro, and their sizes."""
    widths = [0 if model.input_scale is None else model.layers[0], *model.layers[1:-1]]
    sizes = {"even": max(widths[::2]), "odd": max(widths[1::2], default=0)}
    return {name: size for name, size in sizes.items() if size}


def _arrays(model: Model, name: str, int8: bool) -> Iterator[str]:
    """Weights, biases and scalings."""
    for k, (weights, biases) in enumerate(zip(model.weights, model.biases, strict=True), 1):
        if int8:
            weights, scales = quantize(weights)
            yield numbers(f"{name}_scales_{k}", scales)
        yield numbers(f"{name}_weights_{k}", weights)
        yield numbers(f"{name}_biases_{k}", biases)
    for what, values in _scalings(model).items():
        yield numbers(f"{name}_{what}", values)


def _scalings(model: Model) -> dict[str, Array]:
    """What inputs and outputs are scaled with: one number where all are equal."""
    names = ("input_offset", "input_scale", "target_offset", "target_scale")
    found = {name: getattr(model, name) for name in names if getattr(model, name) is not None}
    if "input_offset" not in found and "input_scale" in found:
        found["input_scale"] = found["input_scale"].astype(model.dtype)
    return {name: each[:1] if np.all(each == each[0]) else each for name, each in found.items()}


def _kinds(model: Model) -> list[Piece]:
    """The activations that occur, each once."""
    return [each for k, each in enumerate(model.activations) if each not in model.activations[:k]]


def _functions(model: Model, words: dict[str, Any], int8: bool) -> Iterator[str]:
    """Those for a layer, the activations and the link."""
    name = words["N"]
    more = {"weight": words["real"], "more": "", "start": "biases[k]", "end": ""}
    if int8:
        more = {"weight": "signed char", "start": "0", "end": _SCALED_AT_THE_END}
        more["more"] = f" const {words['real']} *scales,"
    yield _LAYER.substitute(words, **more)
    for number, piece in enumerate(_kinds(model), 1):
        yield activation(piece, f"{name}_activation_{number}", model.dtype)
    yield link(model.link, f"{name}_link", model.dtype, model.layers[-1])


def _predict(model: Model, words: dict[str, Any], int8: bool) -> str:
    """The function that goes through the layers."""
    name, real, last = words["N"], words["real"], len(model.weights)
    lines = [f"{real} {buffer}[{size}];" for buffer, size in _buffers(model).items()]
    given = "inputs"
    if model.input_scale is not None:
        given = "even"
        lines.append(_loop(model.layers[0], f"even[k] = {_scaled_input(model, name)}"))
    for k, (inputs, outputs) in enumerate(zip(model.layers, model.layers[1:], strict=False), 1):
        to = "outputs" if k == last else ("even", "odd")[k % 2]
        constants = [f"{name}_{each}_{k}" for each in ("weights", "scales", "biases")]
        if not int8:
            del constants[1]
        lines.append(f"{name}_layer({', '.join(constants)}, {inputs}, {outputs}, {given}, {to});")
        if k < last:
            function = f"{name}_activation_{_kinds(model).index(model.activations[k - 1]) + 1}"
            lines.append(_loop(outputs, f"{to}[k] = {function}({to}[k])"))
        given = to
    lines.append(f"{name}_link(outputs);")
    if model.target_scale is not None:
        scaled = f"(double)outputs[k] / {_entry(model, name, 'target_scale')}"
        entire = f"({real})({scaled} + {_entry(model, name, 'target_offset')})"
        lines.append(_loop(words["outputs"], f"outputs[k] = {entire}"))
    body = "\n".join(f"    {line}" for line in lines)
    head = f"static inline void {name}_predict(const {real} *inputs, {real} *outputs)"
    return f"\n{head} {{\n{body}\n}}\n"


def _loop(count: int, step: str) -> str:
    return f"for (int k = 0; k < {count}; k++) {step};"


def _entry(model: Model, name: str, what: str) -> str:
    return f"{name}_{what}[{'0' if _scalings(model)[what].size == 1 else 'k'}]"


def _scaled_input(model: Model, name: str) -> str:
    scale = _entry(model, name, "input_scale")
    if model.input_offset is None:
        return f"inputs[k] * {scale}"
    real = "float" if model.dtype.itemsize == 4 else "double"
    return f"({real})(((double)inputs[k] - {_entry(model, name, 'input_offset')}) * {scale})"


def _labels(model: Model, words: dict[str, Any]) -> Iterator[str]:
    """Label texts and the function that gives labels, where the network tells labels apart."""
    if model.labels == "several":
        yield _SEVERAL_LABELS.substitute(words)
    if model.labels == "one":
        count = max(model.layers[-1], 2)
        classes = range(count) if model.classes is None else model.classes
        of = "" if model.target is None else f" of {comment(model.target)}"
        yield f"\n#define {words['M']}_LABELS {count}\n\n/* The labels{of}. */"
        yield texts(f"{words['N']}_labels", map(str, classes))
        yield (_YES_OR_NO if model.layers[-1] == 1 else _ONE_LABEL).substitute(words)
