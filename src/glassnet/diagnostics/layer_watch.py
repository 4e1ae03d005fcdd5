"""What a Recorder looks at while a fit runs: a few rows, and parameters before and after a step.

It has buffers of its own and draws from no stream of the network, so that it changes no bit. To
look at more: in `look` what is there before a step, in `finish` what the step made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.layers import Trace
from ..core.random import Scattered, Stream
from ..core.training import Training
from ..intake.given import Given, parts
from ..second_order.jacobian import forward
from ..sources.rows import Rows
from . import layer_numbers as numbers
from .layer_numbers import AFTER, BEFORE, Shape

HEAD = "step", "epoch", "loss", "learning_rate"
"""What a row of the table has first; then BEFORE of each layer, AFTER of each, OF_UNITS of each."""


@dataclass
class LayerWatch:
    """What a Recorder needs while a fit runs: the sample, what a pass leaves behind, and the
    parameters `before` step number `step` and `earlier`, before the recorded step's precursor."""

    inputs: Array
    shapes: list[Shape]
    parts: list[slice]  # of the flat vectors, the weights of each layer
    ones: Array
    traces: list[Trace]
    before: Array
    earlier: Array
    update: Array
    step: int = -2
    earlier_step: int = -2
    row: Array | None = None

    @classmethod
    def on(cls, training: Training, sample: Any) -> LayerWatch:
        """For a training that begins; `sample` as Recorder has it."""
        network = training.network
        dense = network.passes.dense
        shapes = [numbers.shape_of(each.activation, network.dtype) for each in dense]
        inputs = _sample(training, sample)
        largest = max(len(inputs) * max(network.layers[1:]), *(each.weights.size for each in dense))
        ones = np.ones(largest, network.dtype)
        before, earlier, update = (np.empty_like(training.parameters) for _ in range(3))
        ends = [0, *accumulate(each.weights.size for each in dense)]
        parts = [slice(*each) for each in pairwise(ends)]
        return cls(inputs, shapes, parts, ones, [], before, earlier, update)

    def remember(self, step: int, parameters: Array) -> None:
        """The parameters before this step, and keep those before the last one remembered."""
        self.earlier, self.before = self.before, self.earlier
        self.earlier_step, self.step = self.step, step
        np.copyto(self.before, parameters)

    def look(self, training: Training, units: bool) -> None:
        """The numbers of the sample, and of the gradients."""
        network, found, own = training.network, list[float](), list[Array]()
        self.traces = forward(network, self.inputs, self.traces)
        each = zip(network.passes.dense, self.traces, self.shapes, self.parts, strict=True)
        for layer, trace, shape, part in each:
            of_layer, still = numbers.of_sample(layer, trace, shape, self.ones)
            found += of_layer
            slopes, weights = training.gradients[part], training.parameters[part]
            found += numbers.of_gradient(slopes, weights, self.ones)
            if units:
                own.append(numbers.of_units(trace, still))
        assert self.row is not None
        self.row[len(HEAD) : len(HEAD) + len(found)] = found
        if units:
            self.row[len(HEAD) + len(found) + len(AFTER) * len(self.parts) :] = np.concatenate(own)

    def finish(self, training: Training) -> None:
        """The numbers of the step that was made."""
        np.subtract(training.parameters, self.before, out=self.update)
        known = self.earlier_step == self.step - 1
        if known:  # nobody asks for the earlier parameters any more
            np.subtract(self.before, self.earlier, out=self.earlier)
        assert self.row is not None
        start, found = len(HEAD) + len(BEFORE) * len(self.parts), list[float]()
        sizes = self.row[len(HEAD) + len(BEFORE) - 1 : start : len(BEFORE)].tolist()
        for part, size in zip(self.parts, sizes, strict=True):
            last = self.earlier[part] if known else None
            found += numbers.of_update(self.update[part], last, size, self.ones)
        self.row[start : start + len(found)] = found


def _sample(training: Training, sample: Any) -> Array:
    """The rows to look at, (rows, inputs), as the layers want them, in an array of their own."""
    network, source = training.network, training.source
    rows = getattr(source, "rows", None)
    if isinstance(sample, int) and isinstance(rows, Rows):
        places = _drawn(rows, sample)
        batch = next(replace(rows, places=places).in_order(len(places)))
        return batch.inputs
    if isinstance(sample, int):
        assert isinstance(source, Given)
        given = network.check_inputs(parts(source.first)[0])[:sample]
    else:
        given = network.check_inputs(sample, "sample")
    return np.array(network.scale_inputs(given))


def _drawn(rows: Rows, most: int) -> Array:
    """Where some of the rows are that count; in order, which a file on the disk likes."""
    places = np.arange(len(rows.X)) if rows.places is None else rows.places
    if rows.weights is not None:
        places = places[rows.weights[places] > 0]
    if len(places) > most:
        chosen = Scattered(len(places), Stream(0, "recorder"))[:most]
        places = np.sort(places[chosen])
    return places
