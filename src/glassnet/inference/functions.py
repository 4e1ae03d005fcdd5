"""A network as a function of its inputs, in float64, with slopes and second derivatives.

What the sensitivities of this room ask, in blocks of rows. It reads the network and has a copy of
its parameters: gradients and buffers of a training stay as they are. To add a sensitivity: a file
with a function that asks a `Function`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from ..core import checks
from ..core.arrays import Array
from ..core.network import Network
from ..core.structure import Structure
from ..intake.networks import check_network
from ..intake.scaling import settle_inputs
from ..second_order.jacobian import forward, twin
from .derivatives import bend, link_gradient, link_hessian

NUMBERS: Final = 1 << 19
"""Numbers in the largest array that is worked on together: 4 MiB."""

_OF: Final = {"outputs": True, "scores": False}


class Function:
    """(rows, inputs) as the layers want them -> (rows, outputs): what predict gives, in the user's
    units, or with of="scores" the raw scores. `X` is checked, and settles how inputs are scaled
    where no fit has. `caller` is the public function, for errors."""

    def __init__(self, network: Any, X: Any, of: Any, caller: str) -> None:
        _refuse_diverged(check_network(network))
        linked = checks.choice("of", of, _OF)
        self.loss = network.settled_loss(caller) if linked else None
        self.network: Structure = twin(network)
        self.dense = self.network.passes.dense
        self.X = network.check_inputs(X)
        self.scaling = network.input_scaling or settle_inputs(self.X, network.input_scale)
        self.inputs, self.outputs = network.layers[0], network.layers[-1]
        self.width = max(network.layers)
        self.units = self._units()

    def _units(self) -> Array:
        """(outputs,): what slopes of linked scores are multiplied with, for the user's targets."""
        scaling = self.network.target_scaling
        if scaling is None or self.loss is None:
            return np.ones(self.outputs)
        parts = self.loss.statistics
        units = np.tile(np.broadcast_to(1.0 / scaling.scale, self.outputs // parts), parts)
        if self.loss.name == "gaussian":
            units[self.outputs // 2 :] **= 2.0
        return units

    def place(self, output: Any) -> int:
        """The column of the output that a user names: by number, or by the text of its label."""
        labels = self.network.classes or []
        if self.outputs == 1:
            labels = []  # [no, yes]: there is one column for both
        if isinstance(output, str) and output in labels:
            return labels.index(output)
        if output is None and self.outputs == 1:
            return 0
        number = isinstance(output, (int, np.integer)) and not isinstance(output, bool)
        if number and 0 <= output < self.outputs:
            return int(output)
        also = f", or of the labels {checks.show(labels)}" if labels else ""
        message = f"output must be one of the columns 0 .. {self.outputs - 1} of predict{also}"
        wrong = ValueError if output is None or isinstance(output, (int, str)) else TypeError
        raise wrong(f"{message}; got {checks.show(output)}.")

    def scaled(self, X: Array) -> Array:
        """Checked inputs as the layers want them, float64."""
        return self.scaling.apply(X, np.empty(X.shape, np.float64))

    def values(self, inputs: Array) -> Array:
        """(rows, outputs), in blocks."""
        found = np.empty((len(inputs), self.outputs))
        for part in pieces(len(inputs), self.width):
            scores = self.network.passes.scores(inputs[part])
            found[part] = scores if self.loss is None else self.network.to_outputs(scores)
        return found

    def slopes(self, inputs: Array, wanted: Sequence[int]) -> Array:
        """d outputs / d inputs (as scaled) of some outputs, (rows, wanted, inputs), in one block:
        back through the layers from each output."""
        *hidden, last = forward(self.network, inputs)
        each = [link_gradient(self.loss, last.scores, k) * self.units[k] for k in wanted]
        delta = np.stack(each, axis=1)
        for layer, below in zip(self.dense[:0:-1], reversed(hidden), strict=True):
            delta = _times(delta, layer.transposed) * below.slope[:, None, :]
        return _times(delta, self.dense[0].transposed)

    def bends(self, inputs: Array, output: int) -> Array:
        """The second derivatives of an output in the inputs (as scaled), (rows, inputs, inputs), in
        one block: for each layer J' diag(d output / d outputs x bend) J with J = d scores / d
        inputs, and the same for the link."""
        *hidden, last = forward(self.network, inputs)
        jacobians = [self.dense[0].transposed[None]]
        for each, layer in zip(hidden, self.dense[1:], strict=True):
            jacobians.append(layer.transposed @ (each.slope[:, :, None] * jacobians[-1]))
        hessian = link_hessian(self.loss, last.scores, output)
        found = jacobians[-1].swapaxes(1, 2) @ hessian @ jacobians[-1]
        delta = link_gradient(self.loss, last.scores, output)
        for index in range(len(hidden) - 1, -1, -1):
            delta = delta @ self.dense[index + 1].transposed
            curved = delta * bend(self.network.activations[index], hidden[index].scores)
            found += jacobians[index].swapaxes(1, 2) @ (curved[:, :, None] * jacobians[index])
            delta = delta * hidden[index].slope
        found *= 0.5 * self.units[output]
        return np.asarray(found + found.swapaxes(1, 2))


def pieces(rows: int, numbers: int) -> Iterator[slice]:
    """Blocks of rows of which each takes so many `numbers`, to be worked on together."""
    step = max(1, NUMBERS // numbers)
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))


def _times(delta: Array, weights: Array) -> Array:
    """(rows, outputs, units) @ (units, more), as one large product."""
    flat = delta.reshape(-1, delta.shape[-1]) @ weights
    return np.asarray(flat.reshape(*delta.shape[:-1], weights.shape[-1]))


def _refuse_diverged(network: Network) -> None:
    if not np.isfinite(network.parameters).all():
        raise ValueError("network has parameters that are not finite: its training diverged.")
