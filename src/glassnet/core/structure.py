"""What a network is made of: sizes, settings, the flat vectors, and what data have settled.

Network adds what one does with it. Parameters are never bound anew, only written into: layers hold
views of the flat vectors, which copying and unpickling lay out again.
"""

import copy
import math
from itertools import pairwise
from typing import Any, Self

import numpy as np

from .activation import Activation
from .arrays import Array, is_plain, put_within
from .doors import door
from .history import History
from .loss import Loss
from .passes import Passes, views
from .random import Streams, spawn
from .scaling import Scaling, uniform_scaling

ROWS_AT_ONCE = 2048
"""Rows that go through the layers together: enough for full speed, few enough for the cache."""

SMALLEST_PART = 32
"""Rows that go through a fleet together, at least."""


class Structure:
    """The state of a network, or of a fleet of them. Sizes and settings are as the arguments of
    Network say; `lead` is the shape of what there is of each number: (), or (members,).
    """

    lead: tuple[int, ...] = ()
    bounds: Array | None = None  # (2, parameters) of float64: the lowest and the highest of each
    initializer_scale: Any = 1.0
    layers: tuple[int, ...]
    activations: tuple[Activation, ...]
    dropout: tuple[Any, ...]
    bias: tuple[bool, ...]
    initializer: str
    loss: Loss | None
    classes: list[Any] | None
    input_scale: float | None
    dtype: np.dtype[Any]
    seed: int | None

    def __init__(self, layers: Any, settings: dict[str, Any]) -> None:
        self.__dict__.update(door("check_architecture")(layers, settings))
        self.input_scaling: Scaling | None = None
        self.target_scaling: Scaling | None = None
        self.columns: dict[str, Any] | None = None  # plain JSON; "names" of a data frame
        count = sum((inputs + 1) * outputs for inputs, outputs in pairwise(self.layers))
        self._parameters = np.zeros((*self.lead, count), self.dtype)
        self.reset()

    def reset(self) -> Self:
        """Start anew: initial parameters, no history, random streams from their beginning. What
        data settled (loss, scaling) and bounds stay; without a seed the start is another one."""
        self.streams = self._spawn()
        self.history = History()
        self._lay_out()
        self.parameters[...] = 0.0
        names = [activation.initializer for activation in self.activations] + ["glorot_uniform"]
        for all_weights, auto in zip(self.weights, names, strict=True):
            name = auto if self.initializer == "auto" else self.initializer
            if name == "zeros":
                continue  # as all are by now
            initializer, size = door("initializers")[name], all_weights.shape[-2:]
            members = all_weights.reshape(-1, *size)
            scales = np.broadcast_to(self.initializer_scale, len(members)).tolist()
            for weights, stream, scale in zip(
                members, self.streams.parameters, scales, strict=True
            ):
                weights[...] = initializer(stream, *size) * scale
        put_within(self.parameters, self.bounds, mirrored=True)
        return self

    def _spawn(self) -> Streams:
        return spawn(self.seed)

    def _lay_out(self, gradients: Array | None = None) -> None:
        """Layers, and a vector of gradients, over the present vector of parameters."""
        self.gradients = np.zeros_like(self.parameters) if gradients is None else gradients
        members = self.lead[0] if self.lead else 1
        rates = [np.broadcast_to(rate, members).tolist() for rate in self.dropout]
        shape = self.layers, self.activations, self.bias, rates
        self.passes = Passes(*shape, self.parameters, self.gradients, self.streams.dropout)

    @property
    def parameters(self) -> Array:
        """The flat vector, all weights, then all biases. Assigning writes into it."""
        return self._parameters

    @parameters.setter
    def parameters(self, values: Array) -> None:
        if np.shape(values) != self._parameters.shape:
            shape = self._parameters.shape
            raise ValueError(f"parameters must have shape {shape}; got shape {np.shape(values)}.")
        self._parameters[...] = values

    @property
    def weights(self) -> tuple[Array, ...]:
        """Views (inputs, outputs) into `parameters`, one per layer: write `weights[0][:] = ...`."""
        return tuple(pair[0] for pair in views(self.layers, self.parameters))

    @property
    def biases(self) -> tuple[Array, ...]:
        """Views (outputs,) into `parameters`, one per layer; zeros where a layer has no bias."""
        return tuple(pair[1] for pair in views(self.layers, self.parameters))

    @property
    def constraints(self) -> dict[str, Any]:
        """By name: the value of what is fixed, (lowest, highest) of what has bounds, None: open."""
        return dict(door("constraints")(self))

    def settled_loss(self, caller: str) -> Loss:
        """The loss, or a ValueError while it is "auto" and no y was seen."""
        if self.loss is None:
            raise ValueError(
                f"{caller} needs a loss, and loss='auto' is settled by the first fit. Call "
                "fit(X, y) first, or name it: Network(..., loss='squared_error')."
            )
        return self.loss

    def scale_inputs(self, X: Array) -> Array:
        """Checked inputs as the layers want them: the network's dtype, scaled."""
        scaling = self.input_scaling
        if X.dtype == self.dtype and (scaling.plain if scaling else self.input_scale is None):
            return X
        if scaling is None:  # before the first fit: as that would settle it
            of_bytes = X.dtype == np.uint8 and X.max() > 1
            scaling = uniform_scaling(self.input_scale or (1.0 / 255.0 if of_bytes else 1.0))
        return scaling.apply(X, np.empty(X.shape, self.dtype))

    def to_outputs(self, scores: Array) -> Array:
        """What `predict` gives, from raw scores (which may be written over): in the unit of the
        user's targets, of which a variance is the square."""
        loss, scaling = self.settled_loss("predict"), self.target_scaling
        outputs = loss.link(scores)
        if scaling is None:
            return outputs
        parts = [scaling.undo(part) for part in np.split(outputs, loss.statistics, axis=-1)]
        if loss.name == "gaussian":
            variances = np.split(outputs, 2, axis=-1)[1] / scaling.scale**2
            parts[1] = variances.astype(outputs.dtype)
        return np.concatenate(parts, axis=-1)

    def check_inputs(self, X: Any, name: str = "X") -> Array:
        """`X` as an array (rows, inputs) of finite numbers, as the user has them."""
        of_bytes = self.input_scaling is not None and self.input_scaling.source == "bytes"
        plain = not of_bytes and is_plain(X, self.layers[0], self.dtype)
        array: Array = X if plain else door("check_inputs")(self, X, name)
        return array

    @property
    def rows_at_once(self) -> int:
        """Rows that go through all members together, without a trace."""
        return max(SMALLEST_PART, ROWS_AT_ONCE // math.prod(self.lead))

    def predict(self, X: Any) -> Array:
        """(..., rows, outputs) for X (rows, inputs); see Network and Fleet."""
        self.settled_loss("predict")
        with np.errstate(all="ignore"):
            X = self.check_inputs(X)
            if len(X) <= SMALLEST_PART or len(X) <= self.rows_at_once:
                return self.to_outputs(self.passes.scores(self.scale_inputs(X)))
            outputs = np.empty((*self.lead, len(X), self.layers[-1]), self.dtype)
            for start in range(0, len(X), many := self.rows_at_once):
                part = slice(start, start + many)
                scores = self.passes.scores(self.scale_inputs(X[part]))
                outputs[..., part, :] = self.to_outputs(scores)
        return outputs

    def adopt(self, other: "Structure") -> None:
        """Take over everything of a network of the same layers, in place where dtypes agree."""
        same = self.parameters.dtype == other.parameters.dtype
        parameters = self.parameters if same else np.empty_like(other.parameters)
        gradients = np.zeros_like(parameters)  # allocated before anything is changed
        np.copyto(parameters, other.parameters)
        self.__dict__.update(other.__dict__, bounds=other.bounds, _parameters=parameters)
        self._lay_out(gradients)

    def __copy__(self) -> Self:
        """A network of its own: two that share parameters would train each other."""
        return copy.deepcopy(self)

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        del state["passes"], state["gradients"]  # views, and what the next batch fills anew
        state["streams"] = self.streams.states()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.streams = self._spawn()
        self.streams.restore(state["streams"])
        self._lay_out()
