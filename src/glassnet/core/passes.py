"""Forward and backward through all layers, and the flat vectors that they work on.

`Passes` is the mathematics of a network and nothing else: it takes batches that are checked,
scaled and converted, and has no options for users. Network (lead = ()) builds on it; the leading
axes of its parameters, `lead`, are how many networks of one shape run through it together.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from .activation import Activation
from .arrays import Array, each_float, some
from .layers import Dense, Dropout, Layer, Trace
from .loss import Loss
from .merged import pays
from .optimizer import times
from .random import Stream

BLOCK = 1 << 15
"""Numbers in a block: 128 KiB of float32, so that parameters, gradients, two slots and the scratch
fit a second-level cache of 1 MiB."""

SMALLEST_WIDTH = 1 << 10
"""Numbers of each network in a block, at least: in less NumPy spends its time on finding rows."""


@dataclass
class Batch:
    """Rows on their way through the network.

    `inputs` (rows, inputs) in the network's dtype, scaled; `targets` labels (rows,) or numbers
    (rows, columns); `weights` (rows,) or None for 1 each; `known` like targets, 1 or 0, or None.
    In a fleet the weights, or everything, may have a leading axis of members.
    """

    inputs: Array
    targets: Array
    weights: Array | None = None
    known: Array | None = None

    @property
    def rows(self) -> int:
        return int(self.inputs.shape[-2])

    def cut(self, size: int) -> "Iterator[Batch]":
        """Batches of `size` of these rows each, in order; the last may be short."""
        for start in range(0, self.rows, size):
            part = slice(start, start + size)
            weights = None if self.weights is None else self.weights[..., part]
            known = None if self.known is None else self.known[part]
            yield Batch(self.inputs[part], self.targets[part], weights, known)

    def total_weight(self) -> Any:
        """What the sum over rows is divided by: the sum of weights, over known targets only; a
        float, or one for each member."""
        if self.weights is None and self.known is None:
            return float(self.rows)
        if self.known is None:
            return each_float(np.sum(np.asarray(self.weights), axis=-1))
        share = np.mean(self.known, axis=-1)
        if self.weights is None:
            return each_float(np.sum(share, axis=-1))
        return each_float(np.vecdot(self.weights, share))


@dataclass
class Workspace:
    """The buffers of a step, made once for a number of rows: one trace a layer, and a row of ones
    whose product with d loss / d scores is the sum over rows."""

    traces: list[Trace]
    ones: Array
    spare: Array  # room for a block of the flat vectors


class Passes:
    """The layers of one network, or of many of one shape, over one flat vector of parameters.

    The vector holds all weights, layer by layer, then all biases, so that what concerns weights
    alone (decay) is a slice. A layer without bias has zeros there, which stay zeros.
    """

    def __init__(
        self,
        layers: Sequence[int],
        activations: Sequence[Activation],
        bias: Sequence[bool],
        dropout: Sequence[Sequence[float]],
        parameters: Array,
        gradients: Array,
        streams: Sequence[Stream],
    ) -> None:
        self.parameters, self.gradients = parameters, gradients
        self.lead = parameters.shape[:-1]
        self.weight_count = sum(a * b for a, b in pairwise(layers))
        self.stack: list[Layer] = []
        self.dense: list[Dense] = []
        places = zip(views(layers, parameters), views(layers, gradients), strict=True)
        for index, ((weights, biases), (weight_slopes, bias_slopes)) in enumerate(places):
            last = index == len(layers) - 2
            activation = None if last else activations[index]
            layer = Dense(weights, biases, weight_slopes, bias_slopes, activation, bias[index])
            self.dense.append(layer)
            self.stack.append(layer)
            if not last and any(dropout[index]):
                self.stack.append(Dropout(layers[index + 1], dropout[index], streams))

    def scores(self, inputs: Array) -> Array:
        """(..., rows, outputs) without dropout, leaving no trace."""
        for layer in self.stack:
            inputs = layer.apply(inputs)
        return inputs

    def workspace(self, rows: int, largest_product: int = 0, shared: bool = False) -> Workspace:
        """Buffers for so many rows; products of more multiplications are cut (0: none is).

        Where the members see the same rows (`shared`) the first layers of tiny ones are merged.
        """
        dtype = self.parameters.dtype
        traces = [layer.trace(self.lead, rows, dtype, largest_product) for layer in self.stack]
        first = self.dense[0]
        if shared and first.activation is not None and pays(rows, first.weights):
            traces[0] = first.merged_trace(rows)
        spare = np.empty((*self.lead, width_of_blocks(self.parameters)), dtype)
        return Workspace(traces, np.ones((1, rows), dtype), spare)

    def forward(self, inputs: Array, work: Workspace) -> Array:
        for layer, trace in zip(self.stack, work.traces, strict=True):
            inputs = layer.forward(inputs, trace)
        return inputs

    def backward(self, inputs: Array, work: Workspace) -> None:
        """From d loss / d scores, in the last trace, down to the flat vector of gradients."""
        for index in range(len(self.stack) - 1, 0, -1):
            trace, below = work.traces[index], work.traces[index - 1]
            self.stack[index].backward(below.outputs, trace, work.ones, below.delta)
        self.stack[0].backward(inputs, work.traces[0], work.ones, None)

    def loss_and_gradients(
        self, loss: Loss, batch: Batch, work: Workspace, decay: Any = 0.0, l1: Any = 0.0
    ) -> Any:
        """The mean loss of the rows, and into `gradients` the slope of that mean.

        With `decay` and `l1` the slope is that of mean + decay/2 sum w^2 + l1 sum |w|, over the
        weights; the mean is given without them. A batch of total weight 0 gives nan.
        """
        scores = self.forward(batch.inputs, work)
        delta = work.traces[-1].delta
        losses = loss.compute(scores, batch.targets, delta, batch.known)
        if batch.weights is None and batch.known is None:
            mean = np.vecdot(work.ones[0], losses) / batch.rows
            delta *= 1.0 / batch.rows
        else:
            total = np.array(batch.total_weight(), losses.real.dtype)
            total[total == 0] = np.nan
            shares = (1.0 if batch.weights is None else batch.weights) / total[..., None]
            shares = np.broadcast_to(shares, (*shares.shape[:-1], batch.rows))
            mean = np.vecdot(shares, losses)
            delta *= shares[..., None]
        self.backward(batch.inputs, work)
        if some(decay) or some(l1):
            self.add_penalty(decay, l1, work.spare)
        return mean

    def add_penalty(self, decay: Any, l1: Any, spare: Array) -> None:
        """To the gradients of the weights: decay w + l1 sign(w), in blocks that fit the cache."""
        for start in range(0, self.weight_count, spare.shape[-1]):
            part = slice(start, min(start + spare.shape[-1], self.weight_count))
            weights, slopes = self.parameters[..., part], self.gradients[..., part]
            room = spare[..., : weights.shape[-1]]
            if some(decay):
                times(weights, decay, room)
                slopes += room
            if some(l1):
                np.sign(weights.real, out=room)
                times(room, l1, room)
                slopes += room


def width_of_blocks(vectors: Array) -> int:
    """How many numbers of each network are in a block of these flat vectors."""
    *lead, count = vectors.shape
    return max(1, min(int(count), max(SMALLEST_WIDTH, BLOCK // math.prod(lead))))


def views(layers: Sequence[int], flat: Array) -> list[tuple[Array, Array]]:
    """Views (..., inputs, outputs) and (..., outputs) of a flat vector (..., parameters)."""
    pairs = list(pairwise(layers))
    weight, bias, out = 0, sum(a * b for a, b in pairs), []
    for inputs, outputs in pairs:
        weights = flat[..., weight : weight + inputs * outputs]
        shape = (*flat.shape[:-1], inputs, outputs)
        out.append((weights.reshape(shape), flat[..., bias : bias + outputs]))
        weight, bias = weight + inputs * outputs, bias + outputs
    return out
