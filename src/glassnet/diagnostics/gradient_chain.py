"""All parts of a network checked in turn, and the gradient that numeric slopes give by the chain
rule, beside the engine's.

The order in which parts are checked, and what each needs of the others, is in `Whole`.
"""

from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.loss import Loss
from ..core.network import Network
from ..core.passes import Batch, Workspace, views
from ..intake.bounds import existing
from .gradient_functions import Told, check_activation, raised
from .gradient_layers import Layer, check_layer
from .gradient_losses import Cells, check_loss
from .gradient_words import GradientFault, phrase

ROUNDING = 1e-11
"""Of the sum of the sizes of all that a gradient is the sum of: what rounding may do to it."""


class Whole:
    """A float64 network with rows and a loss; `faults` are found as it is made.

    `engine` and `numeric` are the gradients, (parameters,), and `wrong` where they differ; all are
    empty where a function or a layer does not go so far.
    """

    def __init__(
        self, network: Network, loss: Loss, batch: Batch, more: Cells, tolerance: float
    ) -> None:
        self.network, self.loss, self.batch, self.tolerance = network, loss, batch, tolerance
        self.engine: Array = np.empty(0)
        self.numeric: Array = np.empty(0)
        self.known: Array = np.empty(0, bool)
        self.wrong: Array = np.empty(0, bool)
        self.layers = [Layer(each, k) for k, each in enumerate(network.passes.dense, 1)]
        for layer in self.layers:
            check_layer(layer, len(self.layers))
        self.inputs, self.scores = [batch.inputs], list[Array]()
        through = self._go_through()
        hidden = self._activations()
        told = [*hidden]
        if through:
            met = Cells(self.scores[-1], batch.targets, batch.known)
            told.append(check_loss(loss, met, more, tolerance))
        every = [*(each.fault for each in told), *(each.fault for each in self.layers)]
        once = {id(fault): fault for fault in every if fault is not None}
        self.faults = list(once.values())
        if through and all(np.isfinite(each.errors).all() for each in told):
            self._compare(told)

    def _go_through(self) -> bool:
        """The inputs and scores of all layers; whether that goes through to the last."""
        for layer in self.layers:
            dense, inputs = layer.dense, self.inputs[-1]
            try:
                self.scores.append(scores := inputs @ dense.weights + dense.biases)
                outputs = np.full_like(scores, np.nan)
                if not layer.plain:
                    trace = dense.trace((), len(inputs), np.dtype(np.float64))
                    outputs = dense.forward(inputs, trace).copy()
                    self.scores[-1] = trace.scores.copy()
                elif dense.activation is not None:
                    dense.activation.forward(scores.copy(), outputs)
            except Exception:  # for which the check of the activation, or of the layer, has words
                return False
            self.inputs.append(outputs)
        return True

    def _activations(self) -> list[Told]:
        """What is told of the activation of each hidden layer that was reached."""
        hidden = [layer.dense.activation for layer in self.layers[:-1]][: len(self.scores)]
        found: dict[int, Told] = {}
        for own in hidden:
            numbers = [k for k, each in enumerate(hidden) if each is own]
            if own is not None and numbers[0] not in found:
                which = f"hidden layer{'s' * (len(numbers) > 1)} " + ", ".join(
                    str(k + 1) for k in numbers
                )
                met = [self.scores[k] for k in numbers]
                where = (
                    {"layers": [k + 1 for k in numbers]}
                    if numbers[1:]
                    else {"layer": numbers[0] + 1}
                )
                told = check_activation(own, which, where, met, self.tolerance)
                ends = np.cumsum([0, *(each.size for each in met)])
                for k, start, end in zip(numbers, ends, ends[1:], strict=False):
                    shape = self.scores[k].shape
                    part = slice(start, end)
                    slopes, errors = (each[part] for each in (told.slopes, told.errors))
                    found[k] = Told(told.fault, slopes.reshape(shape), errors.reshape(shape))
        return [found[k] for k in sorted(found)]

    def _compare(self, told: list[Told]) -> None:
        """The engine's gradient with the numeric one."""
        network, work = self.network, self.network.passes.workspace(self.batch.rows)
        try:
            for _ in range(2):  # what is added up, or left over, shows in the second step
                network.passes.loss_and_gradients(self.loss, self.batch, work)
        except Exception as error:  # of a user's layers any may come
            self._blame(f"the passes through all layers {raised(error)}")
            return
        self.engine = network.gradients.copy()
        self.numeric, doubt, size = self._by_the_chain_rule(told)
        room = self.tolerance * np.maximum(np.abs(self.engine), np.abs(self.numeric))
        room += 8.0 * doubt + ROUNDING * size
        self.known = existing(network) & np.isfinite(self.numeric) & np.isfinite(room + size)
        self.wrong = self.known & ~(np.abs(self.engine - self.numeric) <= room)
        if self.wrong.any():
            self._blame_the_passes()
        elif not self._forward_is_theirs(work):
            self._blame(
                "the pass forward through all layers gives other scores than these make one after "
                "another, of which the gradient is"
            )

    def _by_the_chain_rule(self, told: list[Told]) -> Any:
        """(3, parameters): the gradient, how far numeric slopes leave it open, and the sum of the
        sizes of all that it is the sum of."""
        batch, found = self.batch, np.zeros((3, self.network.parameters.size))
        into = views(self.network.layers, found)
        total = np.asarray(batch.total_weight())
        weights = np.ones(batch.rows) if batch.weights is None else batch.weights
        # Of d loss / d scores, layer by layer: its value, error and size, (3, rows, units).
        delta = np.stack([told[-1].slopes, told[-1].errors, np.abs(told[-1].slopes)])
        delta *= (weights / total)[:, None]
        for index in range(len(self.layers) - 1, -1, -1):
            layer, inputs = self.layers[index], self.inputs[index]
            if index < len(self.layers) - 1 and layer.plain:
                slope, error = told[index].slopes, told[index].errors
                delta[1] = delta[1] * (np.abs(slope) + 8.0 * error) + delta[2] * error
                delta[0], delta[2] = delta[0] * slope, delta[2] * np.abs(slope)
            if not layer.plain:
                delta = self._through_its_own(layer, inputs, delta[0], into[index])
                continue
            sizes = np.stack([inputs, np.abs(inputs), np.abs(inputs)])
            into[index][0][...] = sizes.swapaxes(1, 2) @ delta
            into[index][1][...] = delta.sum(axis=1) * layer.dense.has_bias
            turned = layer.dense.weights.T
            delta = delta @ np.stack([turned, np.abs(turned), np.abs(turned)])
        return found

    def _through_its_own(
        self, layer: Layer, inputs: Array, above: Array, into: tuple[Array, Array]
    ) -> Array:
        """Back through a layer of somebody's own, if that was found right by itself."""
        dense, below = layer.dense, np.zeros_like(inputs)
        trace = dense.trace((), len(inputs), np.dtype(np.float64))
        dense.forward(inputs, trace)
        trace.delta[...] = above
        dense.backward(inputs, trace, np.ones((1, len(inputs))), below)
        for ours, found in zip(into, (dense.weight_gradients, dense.bias_gradients), strict=True):
            ours[...] = _loosely(found, layer)
        return _loosely(below, layer)

    def _forward_is_theirs(self, work: Workspace) -> bool:
        """Whether the pass forward makes, to the last bit, what layers make one after another."""
        scores = self.network.passes.forward(self.batch.inputs, work).copy()
        inputs = self.batch.inputs
        for layer, trace in zip(self.layers, work.traces, strict=True):
            inputs = layer.dense.forward(inputs, trace)
        return np.array_equal(scores, inputs, equal_nan=True)

    def _blame_the_passes(self) -> None:
        pairs = [
            (k, [np.concatenate([part.ravel() for part in pair]) for pair in each])
            for k, each in enumerate(
                zip(*(views(self.network.layers, v) for v in self._vectors()), strict=True), 1
            )
        ]
        hurt = [(k, each) for k, each in pairs if each[2].any()]
        given, value, wrong = (
            np.concatenate(each) for each in zip(*(e for _, e in hurt), strict=True)
        )
        words, _ = phrase(given, value, wrong, counts={"rows": self.batch.rows})
        which = ", ".join(str(k) for k, _ in hurt)
        self._blame(
            f"all functions and layers are right by themselves, but not what joins them: the "
            f"gradient of layer{'s' * (len(hurt) > 1)} {which} {words}",
            layers=[k for k, _ in hurt],
        )

    def _vectors(self) -> tuple[Array, Array, Array]:
        return self.engine, self.numeric, self.wrong

    def _blame(self, words: str, **where: Any) -> None:
        """On the passes, if nothing else is wrong."""
        if not self.faults:
            self.faults.append(GradientFault("passes", words, "", where))


def _loosely(found: Array, layer: Layer) -> Array:
    """Value, error and size of what has no numeric slopes of its own."""
    found = found if layer.fault is None else np.full_like(found, np.nan)
    return np.stack([found, 1e-8 * np.abs(found), 1e3 * np.abs(found)])
