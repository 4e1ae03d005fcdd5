"""Troubles of layers: units that do nothing, gradients that get lost, starts, biases, precision.
To know one more: see rules.py."""

import math
from collections.abc import Iterator

import numpy as np

from ..core.activation import Activation
from ..core.arrays import Array
from .case import Case
from .finding import Remedy
from .layer_numbers import shape_of
from .rules import PROOF, SETTING, START, Suspicion, ramp

FRESH = Remedy(fresh=True)
LEAKY = Remedy(network={"activation": "leaky_relu"})


def dead_units(case: Case) -> Iterator[Suspicion]:
    """Units whose slope is 0 for every row: they change nothing and cannot learn any more."""
    places = [np.flatnonzero((case.traces[i].slope == 0.0).all(axis=0)) for i in case.hidden]
    yield from _units(
        case, "dead_units", places, "are dead: 0 for every row, so that they never learn", 0.3, 0.6
    )


def saturated_units(case: Case) -> Iterator[Suspicion]:
    """Units of a bounded activation that are at a limit for nearly every row."""
    places = []
    for i in case.hidden:
        shape = shape_of(case.network.activations[i], np.dtype(np.float64))
        stuck = (np.abs(case.traces[i].slope) < 2.0 * shape.flat).mean(axis=0) > 0.9
        places.append(np.flatnonzero(stuck & shape.saturates))
    says = (
        "are saturated: at a limit of their activation for nearly all rows, where they hardly learn"
    )
    yield from _units(case, "saturated_units", places, says, 0.3, 0.6)


def _units(
    case: Case, code: str, places: list[Array], says: str, low: float, high: float
) -> Iterator[Suspicion]:
    shares = [len(each) / case.network.layers[i + 1] for i, each in enumerate(places)]
    if not shares or max(shares) <= low:
        return
    layer = int(np.argmax(shares))
    strength, units = ramp(shares[layer], low, high), places[layer]
    for kind, remedy, specific in ((START, FRESH, 1.5), (SETTING, LEAKY, 0.9)):
        yield Suspicion(
            code,
            kind,
            f"{len(units)} of {case.network.layers[layer + 1]} units of layer {layer + 1} {says}",
            strength,
            {"share": shares[layer]},
            where={"layer": layer + 1, "units": units[:20].tolist()},
            remedy=remedy,
            specific=specific,
        )


def vanishing_gradients(case: Case) -> Iterator[Suspicion]:
    """Slopes that shrink from layer to layer on their way back."""
    if len(case.hidden) < 2:
        return
    found = [sizes[:-1] for sizes in (case.gradient_sizes, case.start_gradient_sizes)]
    share = min((sizes[0] / sizes[-1] for sizes in found if sizes[-1] > 0.0), default=1.0)
    strength = ramp(-math.log10(max(share, 1e-300)), 0.7, 1.5)
    if strength > 0.0:
        yield Suspicion(
            "vanishing_gradients",
            SETTING,
            f"gradients vanish on the way back: those of the first layer are {share:.1g} of those "
            "of the last hidden one, so that it hardly learns",
            strength,
            {"first_to_last": share},
            where={"layer": 1},
            remedy=LEAKY,
            specific=1.8,
            seen=True,
            alone=0.75 * strength * ramp(case.behind, 1.1, 1.5),
        )


def exploding_gradients(case: Case) -> Iterator[Suspicion]:
    """Weights so large that signals and slopes grow from layer to layer."""
    factors = _factors(case)
    if factors is None or len(case.hidden) < 3:
        return
    growth = float(np.prod(factors))
    strength = ramp(math.log10(max(growth, 1e-300)), 1.5, 2.5)
    if strength > 0.0:
        yield Suspicion(
            "exploding_gradients",
            START,
            f"gradients explode: the layers together began {_times(growth)} times too strong",
            strength,
            {"growth": growth},
            remedy=FRESH,
            specific=1.6,
        )


def initial_weights(case: Case) -> Iterator[Suspicion]:
    """Weights that began far larger, or smaller, than an initializer makes them."""
    factors = _factors(case)
    if factors is None or not max(factors) > 0.0:
        return
    sizes = [math.log10(max(factor, 1e-9)) for factor in factors]
    large, small = int(np.argmax(sizes)), int(np.argmin(sizes))
    for code, layer, word, strength in (
        ("large_initial_weights", large, "large", ramp(sizes[large], 0.4, 0.8)),
        ("small_initial_weights", small, "small", ramp(-sizes[small], 0.5, 1.2)),
    ):
        if strength > 0.0:
            yield Suspicion(
                code,
                START,
                f"training began with weights {_times(10.0 ** abs(sizes[layer]))} times too {word} "
                f"(layer {layer + 1})",
                strength,
                {"times": factors[layer]},
                where={"layer": layer + 1},
                remedy=FRESH,
                specific=1.7,
            )


def _times(factor: float) -> str:
    return f"{factor:.1f}" if factor < 10.0 else f"{factor:,.0f}"


def _factors(case: Case) -> list[float] | None:
    """How large the weights of each layer began, beside what an initializer makes; None where
    nobody knows."""
    began = case.start("weights")
    if began is None or case.settings.get("continued"):
        return None
    return [have / max(want, 1e-30) for have, want in zip(began, case.usual_sizes, strict=True)]


def symmetric_start(case: Case) -> Iterator[Suspicion]:
    """Units of a layer that are all alike: they get the same gradients for ever."""
    for i in case.hidden:
        weights, biases = case.exact.weights[i], case.exact.biases[i]
        both = np.concatenate([weights, biases[None]])
        size = np.abs(both).max()
        if both.shape[1] > 1 and np.abs(both - both[:, :1]).max() <= 1e-4 * size:
            yield Suspicion(
                "symmetric_start",
                PROOF,
                f"all units of layer {i + 1} are the same: they began with equal weights, get "
                "equal gradients, and stay one unit",
                0.99,
                {"largest_difference": float(np.abs(both - both[:, :1]).max())},
                where={"layer": i + 1},
                remedy=_other_start(case),
                specific=3.0,
            )
            return


def _other_start(case: Case) -> Remedy:
    usual = case.network.initializer == "auto"
    return FRESH if usual else Remedy(network={"initializer": "auto"}, fresh=True)


def no_nonlinearity(case: Case) -> Iterator[Suspicion]:
    """A network that is a linear function of its inputs, and rows that are not."""
    names = [case.network.activations[i].name for i in case.hidden]
    straight = all(_bend(case.network.activations[i]) < 1e-9 for i in case.hidden)
    if not straight:
        return
    strength = ramp(case.linear.error / max(case.curved.error, 1e-6), 1.15, 1.5)
    if strength > 0.0:
        sizes = [case.network.layers[0], 32, 32, case.network.layers[-1]]
        remedy = Remedy(network={"activation": "leaky_relu"} if names else {"layers": sizes})
        yield Suspicion(
            "no_nonlinearity",
            SETTING,
            "the network is linear in effect, whatever its layers, and y bends with X"
            + ("" if names else ": there is no hidden layer"),
            strength,
            {"linear_error": case.linear.error, "curved_error": case.curved.error},
            where={"activations": names},
            remedy=remedy,
            specific=2.5,
            seen=True,
            alone=0.9 * strength,
        )


def _bend(activation: Activation) -> float:
    """The share of its spread, over usual scores, that is no linear function of them."""
    scores = np.linspace(-3.0, 3.0, 61)[:, None]
    outputs = np.empty_like(scores)
    activation.forward(scores, outputs)
    away = outputs - np.polyval(np.polyfit(scores[:, 0], outputs[:, 0], 1), scores)
    return float((away**2).sum() / max(float((outputs**2).sum()), 1e-300))


def missing_bias(case: Case) -> Iterator[Suspicion]:
    """Layers without a bias, or with one that is held at 0, and rows that want one."""
    fixed = np.zeros(case.network.parameters.size, bool)
    if case.network.bounds is not None:
        fixed = (case.network.bounds[0] == 0.0) & (case.network.bounds[1] == 0.0)
    held = [bool(each[1].all()) for each in case.columns_of(fixed)]
    none = [i for i, has in enumerate(case.network.bias) if not has or held[i]]
    if not none:
        return
    better = case.curved_without_bias.error / max(case.curved.error, 1e-6)
    yield Suspicion(
        "missing_bias",
        SETTING,
        f"there is no bias, or one held at 0, in layer {', '.join(str(i + 1) for i in none)}: what "
        "such a layer makes of 0 is always 0",
        ramp(better, 1.05, 1.3),
        {"probe_errs_times_more_without": better},
        where={"layers": [i + 1 for i in none]},
        remedy=Remedy(network={"bias": True}),
        specific=2.5,
        seen=True,
    )


def float32_exhausted(case: Case) -> Iterator[Suspicion]:
    """Numbers that float32 cannot hold apart, or errors that are its rounding."""
    if case.network.dtype != np.float32:
        return
    inputs, targets = case.network.input_scaling, case.network.target_scaling
    eps = float(np.finfo(np.float32).eps)
    found = {}
    if inputs is None or not inputs.moves:
        found["X"] = _coarse(case.raw, eps)
    if targets is None and not case.tells_apart:
        found["y"] = _coarse(case.rows.targets, eps)
    name = max(found, key=lambda each: found[each], default="")
    coarse = found.get(name, 0.0)
    rounding = case.error / eps**2 if case.error > 0.0 else math.inf
    fine = not case.tells_apart and rounding < 1e5
    strength = max(ramp(math.log10(max(coarse, 1e-30)), -2.5, -1.5), 0.8 * fine)
    if strength > 0.0:
        says = (
            f"float32 cannot tell the values of {name} apart: they differ by little of their size"
        )
        yield Suspicion(
            "float32_exhausted",
            SETTING,
            "the error is as small as float32 can make it" if fine else says,
            strength,
            {"step_of_float32_over_spread": coarse, "error": case.error},
            where={"of": name},
            remedy=Remedy(network={"dtype": "float64"}, fit={} if fine else {"standardize": True}),
            specific=2.6,
            seen=True,
            floor=0.0 if fine else None,
        )


def _coarse(values: Array, eps: float) -> float:
    """The step between neighbouring float32 over the spread, of the worst column."""
    spread = values.std(axis=0)
    steps = np.abs(values).max(axis=0) * eps
    some = spread > 0.0
    return float((steps[some] / spread[some]).max()) if some.any() else 0.0


RULES = (
    symmetric_start,
    no_nonlinearity,
    missing_bias,
    float32_exhausted,
    initial_weights,
    exploding_gradients,
    vanishing_gradients,
    dead_units,
    saturated_units,
)
