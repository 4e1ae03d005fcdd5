"""What is told of a pass, in which order: blocks of words and formulas, which the formats write.

Layers and units are counted from 1. Where a layer or a sum is large, some of it is written out:
`shown` and `added` in formulas.py. The loss is told in known_losses.py. To tell more: a function
that gives blocks, and its place in `story`.
"""

import math
from typing import Any

import numpy as np

from ...core.arrays import Array
from .formulas import SOME, choose, fill, in_words, of_activation, shown, total
from .known_losses import told
from .one_pass import Pass
from .text import Block, Code, Heading, Line, Math, Words, name

MANY_WEIGHTS = 24
"""Of a layer with more weights some are written out."""


def story(found: Pass) -> list[Block]:
    """All blocks, the title first."""
    loss, numbers = told(found), range(1, len(found.layers) + 1)
    parts = [("Inputs", inputs(found))]
    parts += [(f"Layer {number} forward", forward(found, number)) for number in numbers]
    parts.append(("Loss", loss.story()))
    for number in reversed(numbers):
        last = number == len(numbers)
        deltas = loss.deltas() if last else hidden_deltas(found, number)
        rule = [gradient_rule(found)] if last else []
        parts.append((f"Layer {number} backward", [*deltas, *rule, *gradients(found, number)]))
    parts.append(("One step", step(found)))
    blocks = title(found)
    for number, (head, inside) in enumerate(parts, 1):
        blocks += [Heading(f"{number}. {head}"), *merged(inside)]
    return blocks


def merged(blocks: list[Block]) -> list[Block]:
    """Words that follow words are one paragraph."""
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Words) and found and isinstance(found[-1], Words):
            found[-1] = Words([*found[-1].parts, " ", *block.parts])
        else:
            found.append(block)
    return found


def title(found: Pass) -> list[Block]:
    """What is shown, and how to read it."""
    sizes, count = list(found.network.layers), found.batch.rows
    last = min(2, sizes[0])
    words = [
        f"The numbers are its own, in {found.network.dtype}, rounded. Each layer makes scores z of "
        "its inputs, and outputs a of these; the loss L tells how wrong the answer is, gradients "
        "how much L rises with each weight. ",
        Math(f"W1_{last}_1"),
        " is ",
        Code(f"network.weights[0][{last - 1}, 0]"),
        ".",
        " Dropout is off here, as in predict." if found.dropout else "",
    ]
    rows = "One row" if count == 1 else f"{count} rows"
    return [Heading(f"{rows} forward and back through a {sizes} network"), Words(words)]


def inputs(found: Pass) -> list[Block]:
    """How what is given becomes the inputs x."""
    scaling, used = found.network.input_scaling, found.batch.inputs
    assert scaling is not None
    offset, scale = (
        np.broadcast_to(part, used.shape[-1:]).tolist() for part in (scaling.offset, scaling.scale)
    )
    places, lines = shown(used), []
    rows = zip(found.rows, found.given.tolist(), used.tolist(), strict=True)
    for label, given, values in rows:
        for i in places:
            less = f"(({given[i]!r}) - ({offset[i]!r}))" if scaling.moves else f"({given[i]!r})"
            formula = [] if scaling.plain else [f"{less}*({scale[i]!r})"]
            lines.append(Line([f"x_{i + 1}", *formula, values[i]], label))
    words = "The network takes the numbers as they are given"
    if scaling.moves:
        words = "What is given is standardised: less its mean, times 1 over its spread"
    elif not scaling.plain:
        words = "What is given is multiplied by the scale that the network keeps"
    names = (found.network.columns or {}).get("names")
    return [
        Words([f"{words}{part_of(places, used, 'inputs')}.", *named(names, places)]),
        tuple(lines),
    ]


def named(names: Any, places: list[int]) -> list[str]:
    """Which input is which column of a data frame."""
    parts: list[str] = []
    for i in places if names else []:
        parts += [", " if parts else " ", Math(f"x_{i + 1}"), " is ", name(names[i])]
    return [*parts, "."] if parts else []


def part_of(places: list[int], values: Array, what: str) -> str:
    """That not all are written out, where that is so."""
    count = values.shape[-1]
    return "" if len(places) == count else f" ({len(places)} of {count} {what} are written out)"


def forward(found: Pass, number: int) -> list[Block]:
    """From the inputs of a layer to its scores and outputs."""
    layer = found.layers[number - 1]
    places, weights, biases = shown(layer.delta), layer.weights.T.tolist(), layer.biases.tolist()
    lines = []
    rows = zip(found.rows, layer.inputs.tolist(), layer.scores.tolist(), strict=True)
    for label, x, scores in rows:
        for j in places:
            last = biases[j] if layer.has_bias else None
            formula = total(zip(x, weights[j], strict=True), last)
            lines.append(Line([f"z{number}_{j + 1}", formula, scores[j]], label))
    bias, plus = (", and its bias", f" + b{number}") if layer.has_bias else ("", "")
    product = f"{'x' if number == 1 else f'a{number - 1}'}@W{number}{plus}"
    few = part_of(places, layer.delta, "units")
    words = [f"Each unit adds up its inputs times their weights{bias}{few}: "]
    words += [Math(f"z{number} == {product}"), "."]
    return [Words(words), tuple(lines), *activated(found, number)]


def activated(found: Pass, number: int) -> list[Block]:
    """From scores to outputs; the last layer has no activation."""
    layer = found.layers[number - 1]
    if layer.activation is None:
        return []
    cases, lines = of_activation(layer.activation), []
    rows = zip(found.rows, layer.scores.tolist(), layer.outputs.tolist(), strict=True)
    for label, scores, outputs in rows:
        for j in shown(layer.delta):
            formula = fill(choose(cases, z=scores[j]).value, z=scores[j])
            lines.append(Line([f"a{number}_{j + 1}", formula, outputs[j]], label))
    start = ["Its output is ", name(layer.activation.name), " of the score: "]
    return [Words([*start, *in_words(cases, "value", "a"), "."]), tuple(lines)]


def hidden_deltas(found: Pass, number: int) -> list[Block]:
    """From the delta of the layer above to that of a hidden layer."""
    layer, above = found.layers[number - 1], found.layers[number]
    assert layer.activation is not None
    cases, weights, lines = of_activation(layer.activation), above.weights.tolist(), []
    arrays = layer.scores, layer.outputs, layer.arriving, layer.slopes, layer.delta
    numbers = zip(*(array.tolist() for array in arrays if array is not None), strict=True)
    rows = zip(found.rows, above.delta.tolist(), numbers, strict=True)
    for label, back, (scores, outputs, arriving, slopes, delta) in rows:
        for j in shown(layer.delta):
            values = {"z": scores[j], "a": outputs[j]}
            slope = fill(choose(cases, **values).slope, **values)
            first = f"({total(zip(back, weights[j], strict=True))})*({slope})"
            second = f"({arriving[j]!r})*({slopes[j]!r})"
            lines.append(Line([f"delta{number}_{j + 1}", first, second, delta[j]], label))
    words = [
        "Each unit gets the deltas above back through its weights, ",
        Math(f"delta{number + 1}@T(W{number + 1})"),
        ", times its slope: ",
        *in_words(cases, "slope"),
        ".",
    ]
    return [Words(words), tuple(lines)]


def gradient_rule(found: Pass) -> Words:
    """How gradients are made, in words."""
    added = ", added up over the rows" if len(found.rows) > 1 else ""
    bias = ", of a bias delta itself" if any(layer.has_bias for layer in found.layers) else ""
    return Words([f"The gradient of a weight is its input times delta of its unit{bias}{added}."])


def gradients(found: Pass, number: int) -> list[Block]:
    """The gradients of the weights and biases that are written out."""
    layer, (ins, units), lines = found.layers[number - 1], written(found, number), []
    x, delta = layer.inputs.T.tolist(), layer.delta.T.tolist()
    weights, biases = layer.weight_gradients.tolist(), layer.bias_gradients.tolist()
    for i in ins:
        for j in units:
            formula = total(zip(x[i], delta[j], strict=True))
            lines.append(Line([f"dL(W{number}_{i + 1}_{j + 1})", formula, weights[i][j]]))
    for j in units if layer.has_bias else []:
        formula = " + ".join(f"({one!r})" for one in delta[j])
        middle = [formula] if len(delta[j]) > 1 else []
        lines.append(Line([f"dL(b{number}_{j + 1})", *middle, biases[j]]))
    few, count = len(ins) * len(units), layer.weights.size
    words = [Words([f"Of {count:,} weights {few} are written out."])] if few < count else []
    return [*words, tuple(lines)]


def written(found: Pass, number: int) -> tuple[list[int], list[int]]:
    """The inputs and the units between which weights are written out."""
    layer = found.layers[number - 1]
    strengths = layer.inputs if number == 1 else found.layers[number - 2].delta
    ins, units = shown(strengths), shown(layer.delta)
    if len(ins) * len(units) > MANY_WEIGHTS:
        ins, units = shown(strengths, SOME), shown(layer.delta, SOME)
    return ins, units


def step(found: Pass) -> list[Block]:
    """Plain gradient descent, and the loss after it."""
    lines = [line for k in range(1, len(found.layers) + 1) for line in stepped(found, k)]
    formula = Math(f"W - {found.learning_rate!r}*dL(W)")
    words = ["Each parameter goes against its gradient, times the learning rate: "]
    before, after = Math(repr(found.mean)), Math(repr(found.new_mean))
    end = ["The loss L goes from ", before, " to ", after, "."]
    if found.new_mean > found.mean:
        end = ["The loss L rises, from ", before, " to ", after, ": the step is too long here."]
    if not math.isfinite(found.new_mean):
        end = ["Then the loss is no finite number any more: the step is far too long."]
    return [Words([*words, formula, "."]), tuple(lines), Words(end)]


def stepped(found: Pass, number: int) -> list[Line]:
    """The step of the weights and biases of a layer that are written out."""
    layer, (ins, units) = found.layers[number - 1], written(found, number)
    weights = layer.weights, layer.weight_gradients, layer.new_weights, layer.held_weights
    biases = layer.biases, layer.bias_gradients, layer.new_biases, layer.held_biases
    found_lines = [moved(found, f"W{number}", (i, j), weights) for i in ins for j in units]
    places = [(j,) for j in units] if layer.has_bias else []
    return found_lines + [moved(found, f"b{number}", place, biases) for place in places]


def moved(found: Pass, symbol: str, place: tuple[int, ...], arrays: tuple[Array, ...]) -> Line:
    """The step of one parameter."""
    old, slope, new, held = (array[place].item() for array in arrays)
    left = "_".join([symbol, *(str(each + 1) for each in place)])
    if held:
        return Line([left, new], "held by a constraint")
    return Line([left, f"({old!r}) - ({found.learning_rate!r})*({slope!r})", new])
