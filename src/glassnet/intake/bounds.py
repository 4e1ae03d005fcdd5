"""Bounds of parameters: what `Network.constrain` is asked for, and what a `fit` makes of them.

A network has `bounds`, (2, parameters) of float64, the lowest and the highest of each: equal where
it is fixed, infinite where it is open, None where all are. To add a word for what parameters may
be: `_range`. Signs that make outputs monotone are in monotone.py.
"""

import re
from itertools import pairwise
from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array, put_within
from ..core.callback import Callback
from ..core.passes import views
from ..core.plan import Plan
from ..core.structure import Structure
from ..core.training import Training
from .monotone import signs

_PLACE = re.compile(r"(all|weights|biases)(?:\[(\d{1,9})\](?:\[([\d:, ]{1,40})\])?)?")

_OPEN = -np.inf, np.inf


def constrain(network: Structure, where: Any, to: Any, monotone: Any = None) -> None:
    """What Network.constrain does.

    Args:
        where: which parameters: "all", "weights", "weights[0]" (of the first layer),
            "weights[0][2, 1]" (of input 2 to unit 1), "weights[0][:, 1]", "biases[0][1]", a list of
            such names, or a mask (parameters,) of True and False in the order of `parameters`.
        to: "fixed": what they are now. A number, or numbers of the shape of what is named: set to
            these and fixed. (lowest, highest): kept within, None for open. "free": released.
        monotone: {input: "increasing" or "decreasing"}, inputs by column or by the name that a fit
            on a data frame has settled; all outputs rise or fall with them, through any number of
            layers, whatever the other inputs are: weights get signs (Sill 1998; with units of both
            directions, Runje and Shankaranarayana 2023), beside the bounds there are.

    Calls add up; of the same parameter the last word holds. What lies outside its bounds is put
    inside, mirrored at the bound: a fit may start from there. Biases that a layer has not are left
    out. `fit` steps along the slopes of free parameters only, and back into the bounds after each
    step (Bertsekas 1976); Levenberg-Marquardt solves for what is not at a bound. Copies, files,
    restarts, and networks that take this one as their recipe have the bounds too.

    Raises:
        ValueError, TypeError: an argument is not as above; an activation or a loss that is not
            monotone; a sign for which bounds leave no room. Nothing was changed.
    """
    if monotone is None and isinstance(where, tuple) and not where:
        raise TypeError(
            "constrain needs to know which parameters: constrain('weights[0][2, 1]', 0.5), "
            "constrain('all', 'free') or constrain(monotone={0: 'increasing'})."
        )
    parameters = network.parameters.copy()
    bounds = np.empty((2, parameters.shape[-1]))
    bounds.T[...] = _OPEN
    if network.bounds is not None:
        bounds[...] = network.bounds
    for numbers in _numbers(network, where):
        bounds[:, numbers] = _range(to, parameters[numbers])
    if monotone is not None:
        _tighten(network, bounds, signs(network, monotone))
    with np.errstate(over="ignore"):
        put_within(parameters, bounds, mirrored=True)
    if not np.isfinite(parameters).all():
        raise ValueError(f"to must be of a size that {network.dtype} has; got {checks.show(to)}.")
    network.parameters[...] = parameters
    network.bounds = bounds if np.isfinite(bounds).any() else None


def _numbers(network: Structure, where: Any) -> list[Array]:
    """The numbers of the parameters that are meant, in the shapes of what is named."""
    if isinstance(where, str):
        return [_named(network, where)]
    count = network.parameters.shape[-1]
    if isinstance(where, np.ndarray) and where.dtype == bool:
        if where.shape != (count,):
            raise ValueError(
                f"where must be a mask of shape ({count},), one for each of parameters; got shape "
                f"{where.shape}."
            )
        return [np.flatnonzero(where & existing(network))]
    if isinstance(where, list | tuple) and all(isinstance(each, str) for each in where):
        return [_named(network, each) for each in where]
    raise TypeError(
        "where must be a name such as 'weights[0][2, 1]', a list of names, or a mask (an array of "
        f"True and False); got {checks.show(where)}."
    )


def _named(network: Structure, name: str) -> Array:
    """The numbers of what a name means."""
    found = _PLACE.fullmatch(name.strip())
    if found is None or (found[1] == "all" and found[2] is not None):
        raise ValueError(
            "where must be 'all', 'weights', 'biases', 'weights[0]', 'weights[0][2, 1]', "
            f"'biases[0][1]' or the like; got {checks.show(name)}."
        )
    there, numbers = existing(network), np.arange(network.parameters.shape[-1])
    first = network.passes.weight_count
    if found[2] is None:
        kind = {"all": slice(None), "weights": slice(first), "biases": slice(first, None)}
        return np.asarray(numbers[kind[found[1]]][there[kind[found[1]]]])
    layers = len(network.layers) - 1
    layer, part = int(found[2]), int(found[1] == "biases")
    if layer >= layers:
        raise ValueError(
            f"where names layer {layer}; this network has {layers}, counted from 0; got "
            f"{checks.show(name)}."
        )
    if part and not network.bias[layer]:
        raise ValueError(f"where names {checks.show(name)}, but layer {layer} has no biases.")
    own = views(network.layers, numbers)[layer][part]
    try:
        return np.asarray(own if found[3] is None else own[_index(found[3])])
    except (IndexError, ValueError):
        raise ValueError(
            f"where names {checks.show(name)}, which is not in {found[1]}[{layer}] of shape "
            f"{own.shape}."
        ) from None


def _index(text: str) -> Any:
    """'2, :' as an index of an array."""
    parts = [part.strip() for part in text.split(",")]
    return tuple(slice(None) if part == ":" else int(part) for part in parts)


def _range(to: Any, now: Array) -> Array:
    """(2, ...) the lowest and the highest of parameters that are `now` what they are."""
    if isinstance(to, str):
        low, high = checks.choice("to", to, {"fixed": (now, now), "free": _OPEN})
    elif isinstance(to, tuple) and len(to) == 2:
        low, high = (open_ if end is None else end for end, open_ in zip(to, _OPEN, strict=True))
    else:
        low = high = to
    try:
        ends = [np.asarray(None if isinstance(end, tuple) else end) for end in (low, high)]
    except ValueError:  # lists in a list, of several lengths
        ends = [np.asarray(None)]
    if any(end.dtype.kind not in "fiu" for end in ends):
        raise TypeError(
            "to must be 'fixed', 'free', a number, a list of numbers, or a range (lowest, highest) "
            f"with None for open; got {checks.show(to)}."
        )
    if any(end.ndim and end.shape != now.shape for end in ends):
        raise ValueError(
            f"to must be one number, or numbers of shape {now.shape}; got {checks.show(to)}."
        )
    found = np.stack([np.broadcast_to(end, now.shape).astype(np.float64) for end in ends])
    if not np.all((found[0] <= found[1]) & (found[0] < np.inf) & (found[1] > -np.inf)):
        raise ValueError(f"to must be finite, lowest at most highest; got {checks.show(to)}.")
    return found


def _tighten(network: Structure, bounds: Array, further: Array) -> None:
    """Let further bounds hold too; what they would but leave at 0 is no room to learn in."""
    low, high = np.maximum(bounds[0], further[0]), np.minimum(bounds[1], further[1])
    wrong = np.flatnonzero((low > high) | ((low == high) & (bounds[0] < bounds[1])))
    if len(wrong):
        name, now = names(network.layers)[wrong[0]], _in_words(*bounds[:, wrong[0]].tolist())
        side = "at least" if further[1, wrong[0]] else "at most"
        raise ValueError(
            f"monotone needs {name} to be {side} 0, with room to learn, but it is bound to {now}. "
            f"Release it first: constrain({name!r}, 'free')."
        )
    bounds[...] = low, high


def constraints(network: Structure) -> dict[str, Any]:
    """What Structure.constraints gives: as `where` and `to` of `constrain` in a new network, it
    makes the same bounds. Arrays whose parameters all have the same are one entry."""
    found: dict[str, Any] = {}
    if network.bounds is None:
        return found
    for layer, pair in enumerate(views(network.layers, network.bounds)):
        for kind, (low, high) in zip(("weights", "biases"), pair, strict=True):
            ends = np.stack([low.ravel(), high.ravel()], axis=1)
            alike = bool(np.all(ends == ends[0]))
            for place, each in zip(np.ndindex(low.shape), ends.tolist(), strict=True):
                if tuple(each) != _OPEN:
                    part = "" if alike else f"[{', '.join(map(str, place))}]"
                    found[f"{kind}[{layer}]{part}"] = _in_words(*each)
    return found


def _in_words(low: float, high: float) -> Any:
    """A value, or (lowest, highest) with None for open."""
    return (
        low if low == high else (None if low == -np.inf else low, None if high == np.inf else high)
    )


def fixed(network: Structure) -> Array:
    """(parameters,) True where a parameter is fixed."""
    bounds = network.bounds
    return (
        np.zeros(network.parameters.shape[-1], bool) if bounds is None else bounds[0] == bounds[1]
    )


def at_bounds(network: Structure) -> Array:
    """(parameters,) True where a parameter of one network is at one of its bounds."""
    if network.bounds is None:
        return fixed(network)
    low, high = network.bounds.astype(network.dtype)
    return np.asarray((network.parameters <= low) | (network.parameters >= high))


def inside(parameters: Array, bounds: Array) -> bool:
    """Whether parameters (..., parameters) are within bounds, rounded to their dtype."""
    kept = parameters.copy()
    put_within(kept, bounds)
    return np.array_equal(kept, parameters, equal_nan=True)


class Kept(Callback):
    """Bounds during a training: no slope where a parameter is fixed, and after each step all are
    put back inside."""

    def on_gradients(self, training: Training) -> None:
        np.copyto(training.gradients, 0.0, where=fixed(training.network))

    def after_step(self, training: Training) -> None:
        put_within(training.parameters, training.network.bounds)

    on_fit_end = after_step


def keep_bounds(network: Structure, plan: Plan) -> None:
    """See to it that the training keeps the network's bounds, if it has any.

    Its hooks come before all others, which so see what is true, and after them, which so break no
    bound. Raises ValueError: there is nothing to train, or an optimizer cannot do it.
    """
    if network.bounds is None:
        return
    still = fixed(network)
    if not np.any(existing(network) & ~still):
        raise ValueError(
            "the network has no parameter that is free: there is nothing to fit. Release some: "
            "network.constrain('biases', 'free')."
        )
    takes = getattr(plan.optimizer.training, "takes_bounds", True)
    if not takes and np.isfinite(network.bounds[:, ~still]).any():
        raise ValueError(
            f"{type(plan.optimizer).__name__} takes fixed parameters, but none with a range "
            f"({checks.show(network.constraints)}). Use optimizer='levenberg_marquardt' or 'adam'."
        )
    keeper = Kept()
    plan.callbacks = [keeper, *plan.callbacks, keeper]


def refuse_outside(network: Structure) -> None:
    """Refuse parameters that were moved out of their bounds by hand."""
    if network.bounds is not None and not inside(network.parameters, network.bounds):
        low, high = network.bounds.astype(network.dtype)
        wrong = (network.parameters < low) | (network.parameters > high)
        first = tuple(np.argwhere(wrong)[0])
        name, bound = names(network.layers)[first[-1]], network.bounds[:, first[-1]].tolist()
        raise ValueError(
            f"{name} is {float(network.parameters[first]):g}, but bound to {_in_words(*bound)}: "
            f"call constrain({name!r}, ...) again with what it shall be, or 'free'."
        )


def existing(network: Structure) -> Array:
    """(parameters,) True but for the zeros in place of biases that a layer has not."""
    there = np.ones(network.parameters.shape[-1], bool)
    for has, (_, biases) in zip(network.bias, views(network.layers, there), strict=True):
        biases[:] = has
    return there


def names(layers: tuple[int, ...], first: int = 0) -> list[str]:
    """'weights[0][2, 1]', of input 2 to unit 1 in layer 0, 'biases[0][1]' ..., of all."""
    pairs = list(enumerate(pairwise(layers), first))
    weights = [f"weights[{n}][{i}, {k}]" for n, (a, b) in pairs for i in range(a) for k in range(b)]
    return weights + [f"biases[{n}][{k}]" for n, (_, b) in pairs for k in range(b)]
