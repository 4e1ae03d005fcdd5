"""Networks with one planted error in a derivative, a loss, a layer or what joins them; sound ones.

`planted(seed)` and `sound(seed)` draw one. To plant another kind of error: a function in
ACTIVATION, LOSS or LAYER, or an entry of PASSES.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from glassnet import Network, OwnActivation, OwnLoss
from glassnet.activations import ACTIVATIONS, ELU, LeakyReLU
from glassnet.core.activation import Activation
from glassnet.core.arrays import Array
from glassnet.core.layers import Dense
from glassnet.core.loss import Loss
from glassnet.core.passes import Passes
from glassnet.losses import (
    LOSSES,
    AbsoluteError,
    GaussianLikelihood,
    Huber,
    Pinball,
    SoftmaxCrossEntropy,
    SquaredError,
)

Random = np.random.Generator


@dataclass
class Case:
    """A network with rows; `place` and `layer` (from 1) of the error, `kind` its name."""

    network: Network
    X: Array
    y: Array
    weights: Array | None = None
    kind: str = ""
    place: str = ""
    layer: int | None = None
    notes: list[str] = field(default_factory=list)


# Activations


def outputs_of(base: Activation, scores: Array) -> Array:
    out = np.empty_like(scores)
    base.forward(scores.copy(), out)
    return out


def slope_of(base: Activation, scores: Array) -> Array:
    slope = np.empty_like(scores)
    base.slope(scores.copy(), outputs_of(base, scores), slope)
    return slope


class WrongActivation(Activation):
    """Another one's outputs with a slope that is made wrong."""

    name = "mine"

    def __init__(self, base: Activation, error: Callable[..., Array]) -> None:
        self.base, self.error = base, error

    def forward(self, scores: Array, out: Array) -> None:
        self.base.forward(scores, out)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        out[...] = self.error(self.base, scores)


SMOOTH = ("tanh", "sigmoid", "softsign", "softplus", "silu", "gelu", "gaussian", "sine", "elu")
LIVELY = (*SMOOTH, "leaky_relu", "relu", "selu", "identity", "exp")


def another(base: Activation, scores: Array) -> Array:
    return slope_of(ACTIVATIONS["sigmoid" if base.name == "tanh" else "tanh"], scores)


ACTIVATION: dict[str, tuple[Any, tuple[str, ...]]] = {
    "sign": (lambda base, s: -slope_of(base, s), LIVELY),
    "factor 0.9": (lambda base, s: 0.9 * slope_of(base, s), LIVELY),
    "factor 1.01": (lambda base, s: 1.01 * slope_of(base, s), LIVELY),
    "factor 2": (lambda base, s: 2.0 * slope_of(base, s), LIVELY),
    "zero": (lambda base, s: 0.0 * s, LIVELY),
    "slope of another": (another, LIVELY),
    "right for positive scores only": (
        lambda base, s: slope_of(base, s) + 0.4 * (s.real < 0),
        LIVELY,
    ),
    "right for negative scores only": (
        lambda base, s: slope_of(base, s) * np.where(s.real > 0, 0.7, 1.0),
        LIVELY,
    ),
    "forgotten term": (lambda base, s: slope_of(base, s) - 0.25, LIVELY),
    "of the outputs": (lambda base, s: slope_of(base, outputs_of(base, s)), SMOOTH[:6]),
    "truncated to float32": (
        lambda base, s: slope_of(base, s).astype(np.float32).astype(float),
        SMOOTH,
    ),
    "wrong beyond 2": (lambda base, s: slope_of(base, s) * np.where(np.abs(s) > 2, 1.5, 1), LIVELY),
    "shifted": (lambda base, s: slope_of(base, s + 0.05), SMOOTH),
    "a coarse difference": (
        lambda base, s: (outputs_of(base, s + 0.01) - outputs_of(base, s)) / 0.01,
        SMOOTH,
    ),
    "wrong in a gap": (
        lambda base, s: slope_of(base, s) * np.where((s > 3.1) & (s < 4.4), 1.2, 1.0),
        ("softsign", "softplus", "silu", "leaky_relu", "sine", "identity"),
    ),
}


# Losses


class WrongLoss(Loss):
    """Another one's values with a gradient that is made wrong."""

    name = "mine"

    def __init__(self, base: Loss, error: Callable[..., Array]) -> None:
        self.base, self.error = base, error
        self.targets = base.targets

    @property
    def statistics(self) -> int:
        return self.base.statistics

    def compute(
        self, scores: Array, targets: Array, gradient: Array, known: Array | None = None
    ) -> Array:
        losses = self.base.compute(scores, targets, gradient, known)
        gradient[...] = self.error(scores, targets, gradient.copy())
        return losses

    def link(self, scores: Array) -> Array:
        return self.base.link(scores)

    def complaint(self, targets: Array) -> str:
        return self.base.complaint(targets)


def column_off(s: Array, t: Array, g: Array) -> Array:
    g[..., s.shape[-1] // 2] *= 1.3
    return g


def class_off(s: Array, t: Array, g: Array) -> Array:
    g[t == s.shape[-1] - 1] *= 0.5
    return g


def wanted_forgotten(s: Array, t: Array, g: Array) -> Array:
    return np.asarray(g + np.eye(s.shape[-1])[t])


def own_class_only(s: Array, t: Array, g: Array) -> Array:
    return np.asarray(g * np.eye(s.shape[-1])[t])


LOSS: dict[str, tuple[Any, str]] = {
    "sign": (lambda s, t, g: -g, "any"),
    "factor 0.9": (lambda s, t, g: 0.9 * g, "any"),
    "factor 1.01": (lambda s, t, g: 1.01 * g, "any"),
    "factor 2": (lambda s, t, g: 2.0 * g, "any"),
    "mean instead of sum": (lambda s, t, g: g / len(s), "any"),
    "sum instead of mean": (lambda s, t, g: g * len(s), "any"),
    "once more over outputs": (lambda s, t, g: g / g.shape[-1], "several"),
    "zero": (lambda s, t, g: 0.0 * g, "any"),
    "one output off": (column_off, "several"),
    "one class off": (class_off, "labels"),
    "the wanted class forgotten": (wanted_forgotten, "labels"),
    "the wanted class only": (own_class_only, "labels"),
    "forgotten term": (lambda s, t, g: g - 0.2, "any"),
    "right above the target only": (lambda s, t, g: g * np.where(s > t, 1.0, 0.8), "plain"),
    "right for positive scores only": (lambda s, t, g: g * np.where(s > 0, 1.0, 1.1), "any"),
    "clipped": (lambda s, t, g: np.clip(g, -0.2, 0.2), "plain"),
    "truncated to float32": (lambda s, t, g: g.astype(np.float32).astype(float), "float64"),
    "of the neighbour": (lambda s, t, g: np.roll(g, 1, axis=-1), "several"),
}


# Layers


def changed(after: Callable[..., None]) -> Callable[..., None]:
    """A backward pass that is right, and then changed."""

    def backward(self: Dense, inputs: Array, trace: Any, ones: Array, below: Any) -> None:
        Dense.backward(self, inputs, trace, ones, below)
        after(self, inputs, trace, below)

    return backward


def scaled(name: str, factor: float) -> Callable[..., None]:
    def after(layer: Dense, inputs: Array, trace: Any, below: Any) -> None:
        array = below if name == "below" else getattr(layer, name)
        array *= factor

    return changed(after)


def transposed_weights(layer: Dense, inputs: Array, trace: Any, below: Any) -> None:
    layer.weight_gradients[...] = layer.weight_gradients.T.copy()


def transposed_below(layer: Dense, inputs: Array, trace: Any, below: Any) -> None:
    below[...] = trace.delta @ layer.weights


def averaged(layer: Dense, inputs: Array, trace: Any, below: Any) -> None:
    layer.weight_gradients /= len(inputs)


def averaged_biases(layer: Dense, inputs: Array, trace: Any, below: Any) -> None:
    layer.bias_gradients[...] = trace.delta.mean(axis=0)


def shifted(layer: Dense, inputs: Array, trace: Any, below: Any) -> None:
    layer.weight_gradients[...] = np.roll(layer.weight_gradients, 1, axis=1)


def one_unit(layer: Dense, inputs: Array, trace: Any, below: Any) -> None:
    layer.weight_gradients[:, -1] = 0.0


def one_row(layer: Dense, inputs: Array, trace: Any, below: Any) -> None:
    layer.weight_gradients -= np.outer(inputs[0], trace.delta[0])


def biases_forgotten(self: Dense, inputs: Array, trace: Any, ones: Array, below: Any) -> None:
    kept = self.bias_gradients.copy()
    Dense.backward(self, inputs, trace, ones, below)
    self.bias_gradients[...] = kept


def added_up(self: Dense, inputs: Array, trace: Any, ones: Array, below: Any) -> None:
    kept = self.weight_gradients.copy()
    Dense.backward(self, inputs, trace, ones, below)
    self.weight_gradients += kept


def slope_forgotten(self: Dense, inputs: Array, trace: Any, ones: Array, below: Any) -> None:
    self.activation, kept = None, self.activation
    try:
        Dense.backward(self, inputs, trace, ones, below)
    finally:
        self.activation = kept


LAYER: dict[str, tuple[Any, str]] = {
    "biases forgotten": (biases_forgotten, "biases"),
    "biases zero": (scaled("bias_gradients", 0.0), "biases"),
    "biases by another sign": (scaled("bias_gradients", -1.0), "biases"),
    "biases averaged, not summed": (changed(averaged_biases), "biases"),
    "weights zero": (scaled("weight_gradients", 0.0), "any"),
    "weights by 1.01": (scaled("weight_gradients", 1.01), "any"),
    "weights averaged twice": (changed(averaged), "any"),
    "weights transposed": (changed(transposed_weights), "square"),
    "weights shifted by a unit": (changed(shifted), "units"),
    "weights added up": (added_up, "any"),
    "weights of a unit zero": (changed(one_unit), "any"),
    "weights without a row": (changed(one_row), "any"),
    "inputs by another sign": (scaled("below", -1.0), "upper"),
    "inputs zero": (scaled("below", 0.0), "upper"),
    "inputs by 0.9": (scaled("below", 0.9), "upper"),
    "inputs transposed": (changed(transposed_below), "upper square"),
    "slope left out": (slope_forgotten, "hidden"),
}


# What joins them


class DividesTwice(Passes):
    """The mean over rows is taken twice."""

    def backward(self, inputs: Array, work: Any) -> None:
        work.traces[-1].delta *= 1.0 / (len(inputs) + 1)
        super().backward(inputs, work)


class ForgetsTheFirst(Passes):
    """Does not go back to the first layer."""

    def backward(self, inputs: Array, work: Any) -> None:
        super().backward(inputs, work)
        self.dense[0].weight_gradients[...] = 0.0


class GoesElsewhere(Passes):
    """Adds to the scores what no layer makes."""

    def forward(self, inputs: Array, work: Any) -> Array:
        scores = super().forward(inputs, work)
        scores *= 1.5
        return scores


PASSES = {each.__name__: each for each in (DividesTwice, ForgetsTheFirst, GoesElsewhere)}


# Networks


def network_of(random: Random, **settings: Any) -> Network:
    """Any shape and settings, but for those given."""
    depth = int(random.integers(0, 4))
    hidden = settings.pop("hidden", [int(random.integers(1, 7)) for _ in range(depth)])
    loss = settings.setdefault("loss", LOSSES[str(random.choice(list(LOSSES)))])
    outputs = settings.pop("outputs", loss.statistics * int(random.integers(1, 4)))
    if loss.targets == "labels":
        outputs = max(2, outputs)
    names = [str(random.choice(list(ACTIVATIONS))) for _ in hidden]
    chosen: dict[str, Any] = {
        "activation": names or "tanh",
        "dtype": str(random.choice(["float32", "float64"])),
        "bias": random.random(len(hidden) + 1) < 0.8,
        "dropout": float(random.choice([0.0, 0.0, 0.3])),
        "seed": int(random.integers(1000)),
    }
    chosen |= settings
    chosen["bias"] = list(map(bool, np.broadcast_to(chosen["bias"], len(hidden) + 1)))
    return Network([int(random.integers(1, 6)), *hidden, outputs], **chosen)


def rows_for(random: Random, network: Network, spread: float = 1.0) -> Case:
    """Rows that fit it; some with weights, some with unknown targets."""
    rows = int(random.choice([1, 2, 5, 17, 40]))
    loss, outputs = network.loss, network.layers[-1]
    assert loss is not None
    X = random.normal(size=(rows, network.layers[0])) * 10 ** random.uniform(-spread, spread)
    columns = outputs // loss.statistics
    y = random.normal(size=(rows, columns)) * 10 ** random.uniform(-spread, spread)
    if loss.targets == "labels":
        y = random.integers(0, outputs, rows)
    elif loss.targets == "flags":
        y = random.integers(0, 2, (rows, columns)).astype(float)
    elif loss.complaint(y):
        y = np.abs(y) + 0.01
    apart = loss.targets != "labels" and loss.name != "together"  # a gap is a gap in each output
    if apart and rows > 2 and random.random() < 0.3:
        y = np.where(random.random(y.shape) < 0.3, np.nan, y)
        y[0] = 1.0
    weights = random.uniform(0.0, 3.0, rows) + 0.01 if random.random() < 0.3 else None
    return Case(network, X, y, weights)


def own_version(base: Activation, error: Callable[..., Array]) -> Activation:
    return OwnActivation("mine", lambda s: outputs_of(base, s), lambda s: error(base, s))


def planted(seed: int) -> Case:
    """A network with one error."""
    random = np.random.default_rng([seed, 7])
    kinds = [
        *(("activation", kind) for kind in ACTIVATION),
        *(("loss", kind) for kind in LOSS),
        *(("layer", kind) for kind in LAYER),
        *(("passes", kind) for kind in PASSES),
    ]
    place, kind = kinds[seed % len(kinds)]
    case = {
        "activation": in_activation,
        "loss": in_loss,
        "layer": in_layer,
        "passes": in_passes,
    }[place](random, kind)
    case.place, case.kind = place, kind
    return case


def in_activation(random: Random, kind: str) -> Case:
    error, bases = ACTIVATION[kind]
    base = ACTIVATIONS[str(random.choice(bases))]
    make = WrongActivation if random.random() < 0.5 else own_version
    hidden = [int(random.integers(1, 6)) for _ in range(int(random.integers(1, 4)))]
    layer = int(random.integers(0, len(hidden)))
    names: list[Any] = [str(random.choice(list(ACTIVATIONS))) for _ in hidden]
    names[layer] = make(base, error)
    dtype = {"dtype": "float64"} if "float32" in kind else {}
    case = rows_for(random, network_of(random, hidden=hidden, activation=names, **dtype))
    case.layer = layer + 1
    return case


def in_loss(random: Random, kind: str) -> Case:
    error, needs = LOSS[kind]
    fits = {
        "labels": ["softmax_cross_entropy"],
        "plain": ["squared_error", "huber", "absolute_error", "logistic"],
        "float64": ["squared_error", "logistic", "softmax_cross_entropy", "poisson", "gaussian"],
    }.get(needs, list(LOSSES))
    base = LOSSES[str(random.choice(fits))]
    settings: dict[str, Any] = {"dtype": "float64"} if needs == "float64" else {}
    if needs in ("several", "labels"):
        settings["outputs"] = base.statistics * int(random.integers(2, 5))
    return rows_for(random, network_of(random, loss=WrongLoss(base, error), **settings))


def in_layer(random: Random, kind: str) -> Case:
    backward, needs = LAYER[kind]
    hidden = [int(random.integers(2, 6)) for _ in range(int(random.integers(1, 4)))]
    layer = int(
        random.integers(1 if "upper" in needs else 0, len(hidden) + ("hidden" not in needs))
    )
    if "square" in needs:
        hidden = [3] * (len(hidden) + 1)
        layer = int(random.integers(1, len(hidden)))
    settings: dict[str, Any] = {"outputs": 4} if needs == "units" else {}
    settings["bias"] = True
    network = network_of(random, hidden=hidden, **settings)
    dense = network.passes.dense[layer]
    if random.random() < 0.5:
        dense.__class__ = type("Mine", (Dense,), {"backward": backward})
    else:  # a function of its own, in this very layer
        # Patched on the object, as a user may.
        dense.backward = lambda *given: backward(dense, *given)  # type: ignore[method-assign]
    case = rows_for(random, network)
    case.layer = layer + 1
    return case


def in_passes(random: Random, kind: str) -> Case:
    network = network_of(random, hidden=[3, 4], activation="tanh")
    network.passes.__class__ = PASSES[kind]
    case = rows_for(random, network)
    case.X = random.normal(size=(9, network.layers[0]))
    case.weights, case.y = None, np.resize(case.y[:1], (9, *case.y.shape[1:]))
    return case


# Sound ones


def error_function(scores: Array) -> Array:
    return np.asarray(np.vectorize(math.erf, otypes=[float])(scores))


SOUND: tuple[Any, ...] = (
    *ACTIVATIONS.values(),
    LeakyReLU(0.3),
    LeakyReLU(-0.5),
    LeakyReLU(1.7),
    ELU(1.6),
    OwnActivation("cube", lambda s: s**3, lambda s: 3 * s**2),
    OwnActivation("bent", lambda s: np.maximum(s, -0.2 * s), lambda s: np.where(s > 0, 1.0, -0.2)),
    OwnActivation("hard", lambda s: np.clip(s, -1, 1), lambda s: (np.abs(s) < 1).astype(float)),
    OwnActivation("size", np.abs, np.sign),
    OwnActivation("erf", error_function, lambda s: 2 / np.sqrt(np.pi) * np.exp(-(s**2))),
    OwnActivation("naive", lambda s: np.log(1 + np.exp(s)), lambda s: 1 / (1 + np.exp(-s))),
    OwnActivation("steep", lambda s: np.tanh(50 * s), lambda s: 50 / np.cosh(50 * s) ** 2),
    OwnActivation("tiny", lambda s: 1e-12 * np.sin(s), lambda s: 1e-12 * np.cos(s)),
    OwnActivation("huge", lambda s: 1e12 * np.sin(s), lambda s: 1e12 * np.cos(s)),
    OwnActivation("root", lambda s: np.sqrt(1 + s * s), lambda s: s / np.sqrt(1 + s * s)),
    OwnActivation(
        "coarse",
        lambda s: np.tanh(s.astype(np.float32)).astype(float),
        lambda s: 1 - np.tanh(s) ** 2,
    ),
)


def log_cosh(s: Array, t: Array) -> Array:
    return np.asarray(np.abs(s - t) + np.log1p(np.exp(-2 * np.abs(s - t))) - np.log(2))


def together(s: Array, t: Array) -> Array:
    """Each output's loss depends on all scores of the row."""
    return np.asarray((s - t) ** 2 + 0.1 * s.sum(axis=-1, keepdims=True) ** 2)


def slope_together(s: Array, t: Array) -> Array:
    return np.asarray(2 * (s - t) + 0.2 * s.shape[-1] * s.sum(axis=-1, keepdims=True))


SOUND_LOSSES: tuple[Loss, ...] = (
    *LOSSES.values(),
    Huber(0.3),
    Pinball((0.1, 0.5, 0.8)),
    GaussianLikelihood(0.5),
    SoftmaxCrossEntropy(0.1),
    SquaredError("sigmoid"),
    SquaredError("leaky_relu"),
    AbsoluteError("tanh"),
    OwnLoss("log_cosh", log_cosh, lambda s, t: np.tanh(s - t)),
    OwnLoss(
        "hinge", lambda s, t: np.maximum(0, 1 - s * t), lambda s, t: np.where(s * t < 1, -t, 0)
    ),
    OwnLoss("together", together, slope_together),
    OwnLoss("fourth", lambda s, t: (s - t) ** 4, lambda s, t: 4 * (s - t) ** 3),
)


def sound(seed: int) -> Case:
    """A network with no error, of any kind and scale."""
    random = np.random.default_rng([seed, 8])
    hidden = [int(random.integers(1, 7)) for _ in range(int(random.integers(0, 4)))]
    names = [SOUND[int(random.integers(len(SOUND)))] for _ in hidden]
    if hidden:
        names[0] = SOUND[seed % len(SOUND)]
    loss = SOUND_LOSSES[seed % len(SOUND_LOSSES)]
    network = network_of(random, hidden=hidden, activation=names or "tanh", loss=loss)
    case = rows_for(random, network, spread=float(random.choice([1.0, 1.0, 4.0])))
    network.parameters[...] *= 10 ** random.choice([0.0, 0.0, 0.0, -6.0, 1.5, 3.0])
    if random.random() < 0.2:
        case.X[::2] = 0.0  # scores that lie on kinks
    if random.random() < 0.1:
        network.parameters[...] = 0.0
    if random.random() < 0.2:
        network.constrain("weights[0]", "fixed")
    return case
