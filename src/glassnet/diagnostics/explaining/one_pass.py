"""The numbers of a worked example: one pass of a few rows forward and back, and one step.

All of them are the engine's, by its own passes and losses, on a copy of the network without
dropout. A number more to tell: a field of Pass or Layer, filled in `run`.
"""

import copy
import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ...core.activation import Activation
from ...core.arrays import Array, put_within
from ...core.loss import Loss
from ...core.network import Network
from ...core.passes import Batch, Workspace, views
from ...core.stepping import Stepper
from ...intake.data import Settled, check_inputs, raw_rows, scaled, settle, wanted
from ...intake.networks import check_network
from ...intake.targets import settle_loss
from ...optimizers import SGD

MOST_ROWS = 8


@dataclass(frozen=True)
class Layer:
    """What one layer does, in the network's dtype.

    Weights are (inputs, units), biases (units,): both as they are, their gradients, `new` after the
    step, and `held`, True where a constraint changed the step. The rest is (rows, units): `slopes`
    are d outputs / d scores, `arriving` d loss / d outputs, `delta` d loss / d scores. The last
    layer has no activation, so that it has no slopes, and nothing arrives.
    """

    activation: Activation | None
    has_bias: bool
    weights: Array
    biases: Array
    weight_gradients: Array
    bias_gradients: Array
    new_weights: Array
    new_biases: Array
    held_weights: Array
    held_biases: Array
    inputs: Array
    scores: Array
    outputs: Array
    delta: Array
    slopes: Array | None = None
    arriving: Array | None = None


@dataclass(frozen=True)
class Pass:
    """One pass: `network` is a copy after the step, `settled` whether its loss was before, and
    `dropout` whether it has any, which is off here.

    `given` (rows, inputs) and `y` are as the user has them, `batch` as the network does. `linked`
    (rows, outputs) is what the loss makes of the scores, `predictions` the same in the user's unit.
    `slopes` (rows, outputs) are of each row's loss; `cells` the losses of single targets, (rows,
    columns), and their slopes, None where the loss has no such.
    """

    network: Network
    loss: Loss
    settled: bool
    dropout: bool
    given: Array
    y: Array
    batch: Batch
    layers: list[Layer]
    linked: Array
    predictions: Array
    losses: Array
    slopes: Array
    cells: Array | None
    mean: float
    learning_rate: float
    new_mean: float

    @property
    def rows(self) -> list[str]:
        """What stands in front of a formula of each row: nothing where there is one row."""
        count = self.batch.rows
        return [""] if count == 1 else [f"row {number}" for number in range(1, count + 1)]

    def numbers(self) -> dict[str, Any]:
        """All of it as plain data, which JSON can hold."""
        inputs, targets = self.network.input_scaling, self.network.target_scaling
        arrays = ("given", "y", "linked", "predictions", "losses", "slopes", "cells")
        return {
            "layers": list(self.network.layers),
            "dtype": str(self.network.dtype),
            "loss": str(self.loss.name),
            **{name: _plain(getattr(self, name)) for name in arrays},
            "inputs": self.batch.inputs.tolist(),
            "targets": self.batch.targets.tolist(),
            "input_offset": None if inputs is None else inputs.offset.tolist(),
            "input_scale": None if inputs is None else inputs.scale.tolist(),
            "target_offset": None if targets is None else targets.offset.tolist(),
            "target_scale": None if targets is None else targets.scale.tolist(),
            "passes": [
                {each.name: _plain(getattr(layer, each.name)) for each in fields(layer)}
                for layer in self.layers
            ],
            "mean_loss": self.mean,
            "learning_rate": self.learning_rate,
            "new_mean_loss": self.new_mean if math.isfinite(self.new_mean) else None,
        }


def _plain(value: Any) -> Any:
    """An array as lists, an activation as its name."""
    if isinstance(value, Activation):
        return str(value.name)
    return value.tolist() if isinstance(value, np.ndarray) else value


def run(network: Any, x: Any, y: Any, learning_rate: float) -> Pass:
    """One pass of the rows (x, y), and one step; the network itself stays as it is."""
    own, settled, raw, batch = read(network, x, y)
    loss, before = settled.loss, own.parameters.copy()
    work = own.passes.workspace(batch.rows)
    mean = float(own.passes.loss_and_gradients(loss, batch, work))
    gradients, scores = own.gradients.copy(), work.traces[-1].scores
    _refuse_infinite(own, mean, gradients, scores)
    slopes = np.empty_like(scores)
    losses = loss.compute(scores, batch.targets, slopes)
    has_cells = type(loss).compute is Loss.compute
    cells = loss.cells(scores, batch.targets, np.empty_like(scores)) if has_cells else None
    arriving = _arriving(own, work)
    Stepper(SGD(learning_rate, momentum=0.0), own.passes).update(learning_rate, 1)
    stepped = own.parameters.copy()
    put_within(own.parameters, own.bounds)
    flat = before, gradients, own.parameters, stepped != own.parameters
    again = own.passes.workspace(batch.rows)
    new = float(own.passes.loss_and_gradients(loss, batch, again))
    told = loss.link(scores.copy()), own.to_outputs(scores.copy()), losses, slopes, cells
    return Pass(
        own,
        loss,
        network.loss is not None,
        any(network.dropout),
        raw.X,
        raw.targets,
        batch,
        _layers(own, work, batch.inputs, arriving, flat),
        *told,
        mean,
        learning_rate,
        new,
    )


def _arriving(own: Network, work: Workspace) -> list[Array]:
    """d loss / d outputs of each hidden layer: the backward pass keeps it no longer than it needs,
    so its product is taken once more."""
    found = [np.empty_like(trace.scores) for trace in work.traces[:-1]]
    for layer, trace, below in zip(own.passes.dense[1:], work.traces[1:], found, strict=True):
        layer.over_units(trace.delta, layer.transposed, below)
    return found


def _layers(
    own: Network, work: Workspace, inputs: Array, arriving: list[Array], flat: tuple[Array, ...]
) -> list[Layer]:
    """Each layer, from what it left in its trace and its part of the flat vectors."""
    found = []
    pairs = zip(*(views(own.layers, vector) for vector in flat), strict=True)
    rows = zip(own.passes.dense, work.traces, [*arriving, None], pairs, strict=True)
    for dense, trace, come, parts in rows:
        arrays: list[Any] = [array for part in parts for array in part]
        arrays += [inputs, trace.scores, trace.outputs, trace.delta]
        arrays += [None, None] if come is None else [trace.slope, come]
        found.append(Layer(dense.activation, dense.has_bias, *arrays))
        inputs = trace.outputs
    return found


def read(network: Any, x: Any, y: Any) -> tuple[Network, Settled, Any, Batch]:
    """A copy without dropout, settled as `fit` would by these rows where nothing was before; and
    the rows, as they are given and as a batch."""
    check_network(network)
    X, y = _rows(x, y)
    X = check_inputs(network, X, "x")
    if len(X) > MOST_ROWS:
        raise ValueError(
            f"x has {len(X)} rows; explain writes out {MOST_ROWS} at most, best a single one. Pass "
            "one of them, x[0] and y[0]."
        )
    loss = network.loss or settle_loss(y, wanted(network, "y", False))
    raw = raw_rows(network, loss, X, y, False)
    settled = settle(network, loss, raw, False)
    own = copy.deepcopy(network)
    own.loss, own.input_scaling, own.target_scaling = loss, settled.inputs, settled.targets
    own.dropout = (0.0,) * len(own.dropout)
    own._lay_out()
    (batch,) = scaled(raw, settled, keep=True).in_order(len(X))
    return own, settled, raw, batch


def _rows(x: Any, y: Any) -> tuple[Any, Any]:
    """One row as an array of one row, and its target likewise."""
    if _axes(x) < 2:
        x = [x] if _axes(x) else [[x]]
    one = len(x) == 1 and (_axes(y) == 0 or (_axes(y) == 1 and len(y) != 1))
    return x, [y] if one and y is not None else y


def _axes(value: Any) -> int:
    """The axes of an array, a data frame or nested lists; 0 for anything else."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return len(shape)
    if isinstance(value, (list, tuple)):
        return 1 + (_axes(value[0]) if value else 0)
    return 0


def _refuse_infinite(network: Network, mean: float, *arrays: Array) -> None:
    """What is not finite cannot be written out."""
    if not (math.isfinite(mean) and all(np.isfinite(array).all() for array in arrays)):
        raise ValueError(
            f"the numbers of this pass leave the finite numbers of {network.dtype} (the loss is "
            f"{mean:g}), so that there is nothing to write out: scale the inputs and targets to "
            "about 1, and see that the parameters are finite."
        )
