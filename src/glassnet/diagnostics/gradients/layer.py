"""The backward pass of a layer against its forward pass, by themselves: weights, inputs and what
comes from above are drawn at random, so that nothing hides behind zeros.

What is compared: `Products`. A layer that is somebody's own need not be inputs x weights + biases.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...activations import ACTIVATIONS
from ...core.arrays import Array
from ...core.layers import Dense, Dropout
from ...core.network import Network
from ...core.random import Stream
from ...second_order.jacobian import twin
from .activation import raised
from .differences import differentiate
from .words import GradientFault, product_phrase

ROWS = 7
SAMPLED = 24
"""Numbers of each kind whose slopes are taken one by one, where a layer is somebody's own."""

Products = dict[str, Array]
"""What a backward pass gives: d loss / d "weights", "biases" and "inputs"."""


@contextmanager
def in_float64(network: Network) -> Iterator[Network]:
    """A float64 twin without dropout. Passes and layers into which somebody has put functions of
    their own are lent to it meanwhile: they get its arrays, and then their own again."""
    made = twin(network, dropout=(0.0,) * len(network.dropout))
    own, fresh = network.passes, made.passes
    layers = [layer for layer in own.stack if not isinstance(layer, Dropout)]
    if len(layers) != len(fresh.dense):
        raise ValueError(
            f"network.passes.stack has {len(layers)} layers beside dropout, but the network has "
            f"weights for {len(fresh.dense)}: gradients of others cannot be checked."
        )
    pairs = [(own, fresh), *zip(layers, fresh.dense, strict=True)]
    if all(map(_alike, *zip(*pairs, strict=True))):
        yield made
        return
    before = [(ours, dict(vars(ours))) for ours, _ in pairs]
    try:
        for ours, theirs in pairs:
            arrays = {k: v for k, v in vars(theirs).items() if isinstance(v, np.ndarray)}
            vars(ours).update(arrays)
        own.stack, own.dense = list(layers), list(layers)
        made.passes = own
        yield made
    finally:
        for ours, kept in before:
            vars(ours).clear()
            vars(ours).update(kept)


def _alike(ours: Any, theirs: Any) -> bool:
    """Whether two layers, or passes, have nothing but the same settings and arrays of their own."""
    if type(ours) is not type(theirs) or vars(ours).keys() != vars(theirs).keys():
        return False
    pairs = zip(vars(ours).values(), vars(theirs).values(), strict=True)
    return all(isinstance(a, np.ndarray | list) or a == b for a, b in pairs)


@dataclass
class Layer:
    """A layer, counted from 1; `plain` says that it makes inputs x weights + biases."""

    dense: Dense
    number: int
    plain: bool = True
    fault: GradientFault | None = None


def check_layer(layer: Layer, of: int) -> None:
    """Settle whether it is plain, and what is wrong with it; `of` so many layers."""
    dense, stream = layer.dense, Stream(layer.number, "gradient check")
    before = dense.weights.copy(), dense.biases.copy(), dense.activation
    try:
        dense.weights[...] = stream.normal(dense.weights.shape) / np.sqrt(len(dense.weights))
        dense.biases[...] = stream.normal(dense.biases.shape) * dense.has_bias
        if dense.activation is not None:
            dense.activation = ACTIVATIONS["tanh"]
        _compare(layer, of, stream)
    except Exception as error:  # of a user's layer any may come
        layer.fault = _fault(layer, of, "", raised(error))
    finally:
        dense.weights[...], dense.biases[...], dense.activation = before
        dense.weight_gradients[...] = dense.bias_gradients[...] = 0.0


def _compare(layer: Layer, of: int, stream: Stream) -> None:
    dense, (inputs, units) = layer.dense, layer.dense.weights.shape
    rows, above = stream.normal((ROWS, inputs)), stream.normal((ROWS, units))
    trace = dense.trace((), ROWS, np.dtype(np.float64))
    outputs = dense.forward(rows, trace).copy()
    scores = rows @ dense.weights + dense.biases
    makes = scores if dense.activation is None else np.tanh(scores)
    layer.plain = outputs.shape == makes.shape and np.allclose(outputs, makes, 1e-9, 1e-12)
    delta = above if dense.activation is None else above * (1.0 - makes**2)
    wanted = _products(dense, rows, delta) if layer.plain else _numeric(dense, rows, above)
    given: Products = {
        "weights": dense.weight_gradients,
        "biases": dense.bias_gradients,
        "inputs": np.empty_like(rows),
    }
    before = {name: stream.normal(array.shape) for name, array in given.items()}
    for name, array in given.items():
        array[...] = before[name]
    trace.delta[...] = above
    dense.backward(rows, trace, np.ones((1, ROWS)), given["inputs"] if layer.number > 1 else None)
    flat, found = _products(dense, rows, above), []
    for name in given:
        there = layer.number > 1 if name == "inputs" else name != "biases" or dense.has_bias
        others = {
            "is never written": before[name],
            "is added to that of the step before, which it must replace": before[name]
            + wanted[name],
            "leaves out the slope of the activation": flat[name],
        }
        if name == "inputs" and inputs == units:
            others["takes the weights without transposing them"] = delta @ dense.weights
        if there and (words := _wrong(layer, name, given[name], wanted[name], others)):
            found.append((name, words))
    if found:
        which, says = zip(*found, strict=True)
        layer.fault = _fault(layer, of, ", ".join(which), "; ".join(says))


def _products(dense: Dense, inputs: Array, delta: Array) -> Products:
    """What the three products must be, for `delta`, d loss / d scores."""
    into = np.einsum("ri,rk->ik", inputs, delta), delta.sum(axis=0), delta @ dense.weights.T
    return dict(zip(("weights", "biases", "inputs"), into, strict=True))


def _numeric(dense: Dense, rows: Array, above: Array) -> Products:
    """The same of any layer, numerically, at some places; nan at all others."""

    def slopes(array: Array) -> Array:
        """Of what the layer makes, times `above`, in the numbers of an array."""
        places = np.unique(np.linspace(0, array.size - 1, SAMPLED).round().astype(int))
        points, found = array.flat[places].copy(), np.full(array.shape, np.nan)

        def function(grid: Array) -> Array:
            made = np.empty(grid.shape)
            for place in np.ndindex(grid.shape):
                array.flat[places[place[1]]] = grid[place]
                trace = dense.trace((), len(rows), np.dtype(np.float64))
                made[place] = np.vdot(above, dense.forward(rows, trace))
                array.flat[places] = points
            return made

        numeric = differentiate(function, points)
        found.flat[places] = np.where(numeric.low == numeric.high, numeric.value, np.nan)
        return found

    return {
        "weights": slopes(dense.weights),
        "biases": slopes(dense.biases),
        "inputs": slopes(rows),
    }


def _wrong(layer: Layer, name: str, given: Array, wanted: Array, others: Products) -> str:
    """What is wrong with one product, or an empty text; `others` as in product_phrase."""
    told, room = np.isfinite(wanted), 1e-9 if layer.plain else 1e-6
    size = np.abs(wanted) + np.abs(wanted[told]).max(initial=0.0)
    wrong = told & ~(np.abs(given - wanted) <= room * size)
    if not wrong.any():
        return ""
    what = {"inputs": "what goes down to its inputs"}.get(name, f"the gradient of its {name}")
    words = f"is wrong at {wrong.sum()} of {told.sum()} places looked at"
    if told.all():
        words = product_phrase(given, wanted, others, {"rows": ROWS})
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    at = f"{name}[{layer.number - 1}]" if name != "inputs" else "inputs"
    return (
        f"{what} {words} (of random numbers, {at}{list(place)} gets {given[place]:.6g} and must "
        f"get {wanted[place]:.6g})"
    )


def _fault(layer: Layer, of: int, name: str, words: str) -> GradientFault:
    kind = type(layer.dense).__name__
    own = "" if kind == "Dense" else f", a {kind}"
    start = f"layer {layer.number} of {of}{own}: "
    return GradientFault("layer", start + words, name, {"layer": layer.number})
