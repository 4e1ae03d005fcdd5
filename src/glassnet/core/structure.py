"""What a network is made of: sizes, settings, the flat vectors, and what data have settled.

Network adds what one does with it. Parameters are never bound anew, only written into: layers hold
views of the flat vectors, which copying and unpickling lay out again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from . import checks
from .activations import ACTIVATIONS, Activation
from .arrays import matrix
from .history import History
from .initializers import INITIALIZERS
from .losses import LOSSES, Loss
from .passes import Passes, views
from .random import spawn
from .scaling import Scaling, check_source

Array = NDArray[Any]

SETTLED = ("activations", "dropout", "bias", "initializer", "loss", "classes", "columns")
SCALED = ("input_scale", "input_scaling", "target_scaling", "history", "seed", "dtype")


class Structure:
    """The state of a network; the arguments are explained in Network."""

    def __init__(
        self,
        layers: Sequence[int],
        *,
        activation: Any = "leaky_relu",
        loss: str | Loss = "auto",
        dropout: float | Sequence[float] = 0.0,
        initializer: str = "auto",
        bias: bool | Sequence[bool] = True,
        classes: Sequence[Any] | None = None,
        input_scale: float | None = None,
        dtype: Any = "float32",
        seed: int | None = None,
    ) -> None:
        self.layers = checks.sizes(layers)
        self.dtype = checks.float_type(dtype)
        checks.memory(self.layers, self.dtype)
        hidden = len(self.layers) - 2
        each = checks.per_layer("activation", activation, hidden, (str, Activation))
        self.activations = tuple(
            checks.choice("activation", one, ACTIVATIONS, Activation) for one in each
        )
        rates = checks.per_layer("dropout", dropout, hidden, (int, float))
        self.dropout = tuple(checks.fraction("dropout", rate) for rate in rates)
        biases = checks.per_layer("bias", bias, hidden + 1, (bool,))
        self.bias = tuple(checks.flag("bias", one) for one in biases)
        self.initializer = checks.name_of("initializer", initializer, ("auto", *INITIALIZERS))
        self.loss = None if loss == "auto" else checks.choice("loss", loss, LOSSES, Loss)
        self.classes = checks.labels("classes", classes, self.layers[-1])
        self.input_scale = checks.optional_positive("input_scale", input_scale)
        self.input_scaling: Scaling | None = None
        self.target_scaling: Scaling | None = None
        self.columns: dict[str, Any] | None = None
        self.seed = checks.seed(seed)
        self.parameters = np.zeros(checks.parameter_count(self.layers), self.dtype)
        self.gradients = np.zeros_like(self.parameters)
        self.reset()

    def reset(self) -> Self:
        """Start anew: initial parameters, no history, random streams from their beginning; what
        was settled from data (loss, scaling) stays. Without a seed the start is another one."""
        self._streams = spawn(self.seed)
        self.history = History()
        self.passes = self._lay_out()
        self.parameters[...] = 0.0
        for index, weights in enumerate(self.weights):
            name = self.initializer
            if name == "auto":
                last = index == len(self.activations)
                name = "glorot_uniform" if last else self.activations[index].initializer
            weights[...] = INITIALIZERS[name](self._streams[0], *weights.shape)
        return self

    def _lay_out(self) -> Passes:
        """Layers over the present flat vectors."""
        return Passes(
            self.layers,
            self.activations,
            self.bias,
            self.dropout,
            self.parameters,
            self.gradients,
            self._streams[2],
        )

    @property
    def weights(self) -> list[Array]:
        """Views (inputs, outputs) into `parameters`, one per layer: write `weights[0][:] = ...`."""
        return [pair[0] for pair in views(self.layers, self.parameters)]

    @property
    def biases(self) -> list[Array]:
        """Views (outputs,) into `parameters`, one per layer; zeros where a layer has no bias."""
        return [pair[1] for pair in views(self.layers, self.parameters)]

    def settled_loss(self, caller: str) -> Loss:
        """The loss, or a ValueError while it is "auto" and no y was seen."""
        if self.loss is None:
            raise ValueError(
                f"{caller} needs a loss, and loss='auto' is settled by the first fit. Call "
                "fit(X, y) first, or name it: Network(..., loss='squared_error')."
            )
        return self.loss

    def check_inputs(self, X: Any, name: str = "X") -> Array:
        """`X` as an array (rows, inputs) of finite numbers, as the user has them."""
        array = matrix(name, X, self.layers[0], self.dtype, "this network expects")
        if self.input_scaling is not None:
            check_source(array, self.input_scaling, name)
        return array

    def scale_inputs(self, X: Array) -> Array:
        """Checked inputs as the layers want them: the network's dtype, scaled."""
        scaling = self.input_scaling
        if X.dtype == self.dtype and (scaling is None or scaling.plain):
            return X
        used = np.empty(X.shape, self.dtype)
        if scaling is None:
            np.copyto(used, X, casting="same_kind")
            return used
        return scaling.apply(X, used)

    def to_outputs(self, scores: Array) -> Array:
        """What `predict` gives, from raw scores (which may be written over)."""
        outputs = self.settled_loss("predict").link(scores)
        return outputs if self.target_scaling is None else self._rescale(outputs)

    def _rescale(self, outputs: Array) -> Array:
        """Outputs in the unit of the user's targets: means move and grow, variances only grow."""
        scaling, loss = self.target_scaling, self.settled_loss("predict")
        if scaling is None:
            return outputs
        parts = np.split(outputs, loss.statistics, axis=-1)
        if loss.name == "gaussian":
            variance = (parts[1] / scaling.scale**2).astype(outputs.dtype)
            return np.concatenate([scaling.undo(parts[0]), variance], axis=-1)
        return np.concatenate([scaling.undo(part) for part in parts], axis=-1)

    def to_given(self, targets: Array, known: Array | None = None) -> Array:
        """Targets as the user has them: not scaled, nan where unknown."""
        if self.target_scaling is not None:
            targets = self.target_scaling.undo(targets)
        return targets if known is None else np.where(known > 0, targets, np.nan)

    def adopt(self, other: Structure) -> None:
        """Take over everything of a network of the same layers and dtype, in place."""
        for name in (*SETTLED, *SCALED):
            setattr(self, name, getattr(other, name))
        if self.parameters.dtype != other.parameters.dtype:
            self.parameters = np.empty_like(other.parameters)
            self.gradients = np.zeros_like(other.parameters)
        np.copyto(self.parameters, other.parameters)
        self._streams = other._streams
        self.passes = self._lay_out()

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        del state["passes"], state["gradients"]  # views, and what the next batch fills anew
        state["_streams"] = [stream.state for stream in self._streams]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        positions = state.pop("_streams")
        self.__dict__.update(state)
        self.gradients = np.zeros_like(self.parameters)
        self._streams = spawn(0)
        for stream, position in zip(self._streams, positions, strict=True):
            stream.state = position
        self.passes = self._lay_out()
