"""All parts of a network checked in turn, and the gradient that numeric slopes give by the chain
rule, beside the engine's.

The order in which parts are checked, and what each needs of the others, is in `Whole`.
"""

from typing import Any

import numpy as np

from ...activations import ACTIVATIONS
from ...core.arrays import Array
from ...core.loss import Loss
from ...core.network import Network
from ...core.passes import Batch, views
from ...core.random import Stream
from ...intake.bounds import existing
from ...losses import SquaredError
from .activation import Checked, check_activation, raised
from .layer import Layer, check_layer
from .loss import ScoredRows, check_loss
from .words import GradientFault, phrase

ROUNDING = 1e-11
"""Of the sum of the sizes of all that a gradient is the sum of: what rounding may do to it."""

NOTHING = 1e-290
"""So little is 0: below it float64 has fewer digits."""

ROWS = 5
"""Random rows with which passes are looked at by themselves."""


class Chain:
    """Rows on their way through the layers of a float64 network: `inputs` and `scores` of each, as
    far as they go; `through` says whether that is to the end."""

    def __init__(self, network: Network, layers: list[Layer], batch: Batch) -> None:
        self.network, self.layers, self.batch = network, layers, batch
        self.inputs, self.scores = [batch.inputs], list[Array]()
        self.through = all(map(self._goes_through, layers))

    def _goes_through(self, layer: Layer) -> bool:
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

    def engine(self, loss: Loss) -> tuple[Array, bool]:
        """The gradient as the engine has it, (parameters,); and whether its pass forward makes, to
        the last bit, what the layers make one after another."""
        passes, work = self.network.passes, self.network.passes.workspace(self.batch.rows)
        for _ in range(2):  # what is added up, or left over, shows in the second step
            passes.loss_and_gradients(loss, self.batch, work)
        found, inputs = self.network.gradients.copy(), self.batch.inputs
        scores = passes.forward(inputs, work).copy()
        for layer, trace in zip(self.layers, work.traces, strict=True):
            inputs = layer.dense.forward(inputs, trace)
        return found, np.array_equal(scores, inputs, equal_nan=True)

    def numeric(self, told: list[Checked]) -> Any:
        """(3, parameters): the gradient by the slopes of each layer, and of the loss; how far these
        leave it open; and the sum of the sizes of all that it is the sum of."""
        batch, found = self.batch, np.zeros((3, self.network.parameters.size))
        into = views(self.network.layers, found)
        weights = np.ones(batch.rows) if batch.weights is None else batch.weights
        # Of d loss / d scores, layer by layer: its value, error and size, (3, rows, units).
        delta = np.stack([told[-1].slopes, told[-1].errors, np.abs(told[-1].slopes)])
        delta *= (weights / np.asarray(batch.total_weight()))[:, None]
        for index in range(len(self.layers) - 1, -1, -1):
            layer, inputs = self.layers[index], self.inputs[index]
            if not layer.plain:
                delta = self._through_its_own(layer, inputs, delta[0], into[index])
                continue
            if index < len(self.layers) - 1:
                slope, error = told[index].slopes, told[index].errors
                delta[1] = delta[1] * (np.abs(slope) + 8.0 * error) + delta[2] * error
                delta[0], delta[2] = delta[0] * slope, delta[2] * np.abs(slope)
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


def _loosely(found: Array, layer: Layer) -> Array:
    """Value, error and size of what has no numeric slopes of its own."""
    found = found if layer.fault is None else np.full_like(found, np.nan)
    return np.stack([found, 1e-8 * np.abs(found), 1e3 * np.abs(found)])


class Whole:
    """A float64 network with rows and a loss; `faults` are found as it is made.

    `engine` and `numeric` are the gradients, (parameters,), `known` where they can be compared and
    `wrong` where they differ; all are empty where a function or a layer does not go so far.
    """

    def __init__(
        self, network: Network, loss: Loss, batch: Batch, more: ScoredRows, tolerance: float
    ) -> None:
        self.network, self.loss, self.batch, self.tolerance = network, loss, batch, tolerance
        self.engine: Array = np.empty(0)
        self.numeric: Array = np.empty(0)
        self.known: Array = np.empty(0, bool)
        self.wrong: Array = np.empty(0, bool)
        self.layers = [Layer(each, k) for k, each in enumerate(network.passes.dense, 1)]
        for layer in self.layers:
            check_layer(layer, len(self.layers))
        chain = Chain(network, self.layers, batch)
        told = self._activations(chain.scores)
        if chain.through:
            met = ScoredRows(chain.scores[-1], batch.targets, batch.known)
            told.append(check_loss(loss, met, more, tolerance))
        every = [*(each.fault for each in told), *(each.fault for each in self.layers)]
        self.faults = list({id(fault): fault for fault in every if fault is not None}.values())
        try:
            if chain.through and all(np.isfinite(each.errors).all() for each in told):
                self._compare(chain, told)
            if not self.faults and all(layer.plain for layer in self.layers):
                self._compare_with_random_numbers()
        except Exception as error:  # of a user's layers any may come
            self._blame(f"the passes through all layers {raised(error)}")

    def _activations(self, scores: list[Array]) -> list[Checked]:
        """What is told of the activation of each hidden layer that was reached."""
        hidden = [layer.dense.activation for layer in self.layers[:-1]][: len(scores)]
        found: dict[int, Checked] = {}
        for place, own in enumerate(hidden):
            if own is None or place in found:
                continue
            places = [k for k, each in enumerate(hidden) if each is own]
            numbers = [k + 1 for k in places]
            where = {"layers": numbers} if numbers[1:] else {"layer": numbers[0]}
            called = f"hidden layer{'s' * (len(places) > 1)} {', '.join(map(str, numbers))}"
            met = [scores[k] for k in places]
            told = check_activation(own, called, where, met, self.tolerance)
            ends = np.cumsum([0, *(each.size for each in met)])
            for k, start, end in zip(places, ends, ends[1:], strict=False):
                slopes, errors = (each[start:end] for each in (told.slopes, told.errors))
                shape = scores[k].shape
                found[k] = Checked(told.fault, slopes.reshape(shape), errors.reshape(shape))
        return [found[k] for k in sorted(found)]

    def _compare(self, chain: Chain, told: list[Checked]) -> None:
        """The engine's gradient with the numeric one."""
        self.engine, theirs = chain.engine(self.loss)
        self.numeric, doubt, size = chain.numeric(told)
        room = self.tolerance * np.maximum(np.abs(self.engine), np.abs(self.numeric))
        room += 8.0 * doubt + ROUNDING * size + NOTHING
        self.known = existing(self.network) & np.isfinite(self.numeric) & np.isfinite(room + size)
        self.wrong = self.known & ~(np.abs(self.engine - self.numeric) <= room)
        self._look_at_the_passes(self.engine, self.numeric, self.wrong, theirs, chain)

    def _compare_with_random_numbers(self) -> None:
        """The same, with functions that are known to be right, so that nothing hides behind
        gradients of 0 or what is not finite. The last of all: parameters are written over."""
        network, stream = self.network, Stream(0, "gradient check of passes")
        network.parameters[...] = stream.normal(network.parameters.shape) * existing(network)
        for layer in self.layers:
            layer.dense.weights /= np.sqrt(len(layer.dense.weights))
        for layer in self.layers[:-1]:
            layer.dense.activation = ACTIVATIONS["tanh"]
        shapes = (ROWS, network.layers[0]), (ROWS, network.layers[-1])
        batch = Batch(*(stream.normal(shape) for shape in shapes))
        chain = Chain(network, self.layers, batch)
        away = 2.0 / shapes[1][1] * (chain.scores[-1] - batch.targets)
        slopes = [*(1.0 - outputs**2 for outputs in chain.inputs[1:-1]), away]
        engine, theirs = chain.engine(SquaredError())
        numeric, _, size = chain.numeric([Checked(None, each, 0.0 * each) for each in slopes])
        wrong = existing(network) & ~(np.abs(engine - numeric) <= 1e-9 * size)
        self._look_at_the_passes(engine, numeric, wrong, theirs, chain)

    def _look_at_the_passes(
        self, engine: Array, numeric: Array, wrong: Array, theirs: bool, chain: Chain
    ) -> None:
        if not theirs:
            self._blame(
                "the pass forward through all layers gives other scores than these make one after "
                "another, of which the gradient is"
            )
        elif wrong.any():
            vectors = (views(self.network.layers, each) for each in (engine, numeric, wrong))
            hurt = {
                f"{kind}[{index}]": [part.ravel() for part in parts]
                for index, layer in enumerate(zip(*vectors, strict=True))
                for kind, parts in zip(("weights", "biases"), zip(*layer, strict=True), strict=True)
                if parts[2].any()
            }
            given, value, apart = map(np.concatenate, zip(*hurt.values(), strict=True))
            words, _ = phrase(given, value, apart, counts={"rows": chain.batch.rows})
            self._blame(
                "all functions and layers are right by themselves, but not what joins them: the "
                f"gradient of {', '.join(hurt)} {words}"
            )

    def _blame(self, words: str) -> None:
        """The passes, if nothing else is wrong."""
        if not self.faults:
            self.faults.append(GradientFault("passes", words))
