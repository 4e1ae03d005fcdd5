"""The two kinds of layer: Dense and Dropout. Each knows one way forward and one way back.

A layer holds no batch: what a batch leaves behind on its way forward lies in a `Trace`, buffers
made once for a number of rows, so that a step allocates nothing and `predict`, which leaves no
trace, may run in another thread. Everything is written over the last two axes: parameters may have
a leading axis of members.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .activation import Activation
from .arrays import Array
from .merged import Merged
from .products import outer, product
from .random import Stream


@dataclass
class Trace:
    """What one layer keeps of one batch; each of shape (..., rows, units).

    `scores` are before the activation, `outputs` after, `delta` is d loss / d outputs on the way
    back and then, multiplied with `slope`, d loss / d scores. A dropout layer keeps its mask in
    `slope` and has no scores of its own. `turned` are the scores of the last layer with the axes
    of rows and units exchanged, which is how they lie in memory. `over_rows` and `over_inputs` are
    what multiplies in a dense layer, from inputs to scores and from delta to gradients, unless it
    is `merged` with those of the other members.
    """

    scores: Array
    outputs: Array
    delta: Array
    slope: Array
    turned: Array | None = None
    over_rows: Any = None
    over_inputs: Any = None
    merged: Merged | None = None


class Dense:
    """inputs @ weights + biases -> scores -> activation (None for the last layer: raw scores)."""

    def __init__(
        self,
        weights: Array,
        biases: Array,
        weight_gradients: Array,
        bias_gradients: Array,
        activation: Activation | None,
        has_bias: bool,
    ) -> None:
        self.weights, self.biases = weights, biases
        self.weight_gradients, self.bias_gradients = weight_gradients, bias_gradients
        self.activation, self.has_bias = activation, has_bias
        self.product = product(weights.shape[:-2], 0, 0)
        alone = weights.ndim == 2 or weights.shape[-1] > 1
        self.over_units = self.product if alone else outer
        # Views made once: in a tiny network making them costs as much as the arithmetic.
        self.transposed = weights.swapaxes(-1, -2)
        self.bias_rows = biases[..., None, :]
        self.bias_gradient_rows = bias_gradients[..., None, :]

    def trace(
        self, lead: tuple[int, ...], rows: int, dtype: np.dtype[Any], largest_product: int = 0
    ) -> Trace:
        """Buffers for a batch of so many rows."""
        inputs, units = self.weights.shape[-2:]
        shape = (*lead, rows, units)
        over_inputs = product(lead, inputs, rows * units, largest_product)
        if self.activation is None:
            # Units first in memory: the maximum and the sum over the few outputs of each row, in a
            # softmax, then run along rows. 200 rows of 10: 11 us instead of 37.
            turned, slopes = (np.empty((*lead, shape[-1], rows), dtype) for _ in range(2))
            scores, delta = turned.swapaxes(-1, -2), slopes.swapaxes(-1, -2)
            return Trace(scores, scores, delta, delta, turned, self.product, over_inputs)
        over_rows = product(lead, rows, inputs * units, largest_product)
        scores, outputs, delta, slope = (np.empty(shape, dtype) for _ in range(4))
        return Trace(scores, outputs, delta, slope, None, over_rows, over_inputs)

    def merged_trace(self, rows: int) -> Trace:
        """The same for the first layer of many tiny networks that see the same rows."""
        merged = Merged(rows, self.weights, self.has_bias)
        outputs, slope = (merged.as_members(np.empty_like(merged.scores)) for _ in range(2))
        scores, delta = merged.as_members(merged.scores), merged.as_members(merged.delta)
        return Trace(scores, outputs, delta, slope, merged=merged)

    def apply(self, inputs: Array) -> Array:
        """(..., rows, outputs) for `inputs` (..., rows, inputs), in arrays of its own."""
        scores: Array = self.product(inputs, self.weights)
        if self.has_bias:
            scores += self.bias_rows
        if self.activation is None:
            return scores
        outputs = np.empty_like(scores)
        self.activation.forward(scores, outputs)
        return outputs

    def forward(self, inputs: Array, trace: Trace) -> Array:
        """(..., rows, outputs) for `inputs` (..., rows, inputs); all of it is kept in `trace`."""
        if trace.merged is not None:
            trace.merged.forward(inputs, self.weights, self.biases)
        elif trace.turned is None:
            trace.over_rows(inputs, self.weights, trace.scores)
        else:
            self.product(self.transposed, inputs.swapaxes(-1, -2), trace.turned)
        if self.has_bias and trace.merged is None:
            trace.scores += self.bias_rows
        if self.activation is not None:
            self.activation.forward(trace.scores, trace.outputs)
        return trace.outputs

    def backward(self, inputs: Array, trace: Trace, ones: Array, below: Array | None) -> None:
        """From d loss / d outputs, in trace.delta, to the gradients of this layer's parameters.

        Three products: inputs' x delta, ones x delta (the sum over rows), and delta x weights',
        which goes into `below`, d loss / d inputs, where the layer below wants it.
        """
        delta = trace.delta
        if self.activation is not None:
            self.activation.slope(trace.scores, trace.outputs, trace.slope)
            delta *= trace.slope
        if trace.merged is not None:
            trace.merged.backward(self.weight_gradients, self.bias_gradients)
            return  # it is the first layer: nobody wants `below`
        trace.over_inputs(inputs.swapaxes(-1, -2), delta, self.weight_gradients)
        if self.has_bias:
            self.product(ones, delta, self.bias_gradient_rows)
        if below is not None:
            self.over_units(delta, self.transposed, below)


class Dropout:
    """Inverted dropout: outputs become 0 with probability `rate`, the others grow to make up for
    it, so that nothing changes when predicting (Srivastava et al. 2014, section 10)."""

    def __init__(self, units: int, rates: Sequence[float], streams: Sequence[Stream]) -> None:
        self.units, self.rates, self.streams = units, rates, streams  # one for each network

    def trace(
        self, lead: tuple[int, ...], rows: int, dtype: np.dtype[Any], largest_product: int = 0
    ) -> Trace:
        shape = (*lead, rows, self.units)
        outputs, mask = np.empty(shape, dtype), np.empty(shape, np.empty(0, dtype).real.dtype)
        return Trace(outputs, outputs, np.empty(shape, dtype), mask)

    def apply(self, inputs: Array) -> Array:
        return inputs

    def forward(self, inputs: Array, trace: Trace) -> Array:
        masks = trace.slope.reshape(-1, *trace.slope.shape[-2:])
        for rate, stream, mask in zip(self.rates, self.streams, masks, strict=True):
            stream.keep(rate, mask)
        np.multiply(inputs, trace.slope, out=trace.outputs)
        return trace.outputs

    def backward(self, inputs: Array, trace: Trace, ones: Array, below: Array | None) -> None:
        if below is not None:
            np.multiply(trace.delta, trace.slope, out=below)


Layer = Dense | Dropout
