"""The arguments of `Network(...)`, checked, before anything is allocated.

To add one: its check, and a line in `check_architecture`. Names that other libraries use for
something of ours go into ELSEWHERE.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import pairwise
from typing import Any

import numpy as np

from ..activations import ACTIVATIONS
from ..core import checks
from ..core.activation import Activation
from ..core.arrays import Array
from ..core.checks import show
from ..core.errors import not_here
from ..core.random import Stream
from ..initializers import INITIALIZERS
from ..losses import LOSSES, Loss

ELSEWHERE = {
    "swish": "'silu'",
    "logistic_sigmoid": "'sigmoid'",
    "linear": "'identity'",
    "mse": "'squared_error'",
    "mean_squared_error": "'squared_error'",
    "mae": "'absolute_error'",
    "mean_absolute_error": "'absolute_error'",
    "cross_entropy": "'softmax_cross_entropy' (or 'logistic' for yes or no)",
    "categorical_crossentropy": "'softmax_cross_entropy'",
    "binary_crossentropy": "'logistic'",
    "bce": "'logistic'",
    "quantile": "'pinball'",
    "nll": "'gaussian'",
    "softmax": "loss='softmax_cross_entropy', which owns the softmax of the last layer",
}
LARGEST = 1 << 48
STREAMS = 1_500
"""Bytes that the random streams of a member take, at least: Python objects, three of them."""

SIZES = " Give all sizes, input and output included, for instance [784, 32, 16, 10]."


def check_architecture(layers: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a network that its arguments decide, by name, in their proper types."""
    sizes, loss = check_sizes(layers), check_loss(settings["loss"])
    check_outputs(sizes, loss)
    dtype, members = float_type(settings["dtype"]), check_members(settings.get("members", 1))
    check_memory(sizes, dtype, members)
    hidden = len(sizes) - 2
    activations = per_layer("activation", settings["activation"], hidden, (str, Activation))
    rates = per_layer("dropout", _for_each(settings), hidden, (int, float, Members))
    biases = per_layer("bias", settings["bias"], hidden + 1, (bool,))
    initializers = {name: name for name in ("auto", *INITIALIZERS)}
    scale = settings["input_scale"]
    several = _several(settings) if "members" in settings else {}
    return {
        "layers": sizes,
        "activations": tuple(check_activation(each) for each in activations),
        "dropout": tuple(_rate(rate) for rate in rates),
        "bias": tuple(checks.flag("bias", each) for each in biases),
        "initializer": checks.choice("initializer", settings["initializer"], initializers),
        "loss": loss,
        "classes": check_classes(settings["classes"], sizes[-1]),
        "input_scale": None if scale is None else checks.positive("input_scale", scale),
        "dtype": dtype,
        **(several or {"seed": checks.seed(settings["seed"])}),
    }


class Members(np.ndarray[Any, Any]):
    """Numbers, one for each member of a fleet."""


def _for_each(settings: dict[str, Any]) -> Any:
    """The dropout; an array (members,) is for members, where a list is for layers."""
    given = settings["dropout"]
    if "members" in settings and isinstance(given, np.ndarray) and given.ndim == 1:
        return of_members("dropout", given, settings["members"], checks.fraction).view(Members)
    return given


def _rate(rate: Any) -> Any:
    return np.asarray(rate) if isinstance(rate, Members) else checks.fraction("dropout", rate)


def of_members(name: str, given: Any, members: int, check: Callable[..., Any]) -> Array:
    """An array (members,) of numbers that are checked one by one."""
    if len(given) != members:
        raise ValueError(
            f"{name} must be one value, or one for each of {members} member(s); got {len(given)}: "
            f"{show(given)}."
        )
    return np.array([check(f"{name}[{i}]", each) for i, each in enumerate(given)], np.float64)


def check_members(members: Any, name: str = "members") -> int:
    """How many members; no more than a machine could ever hold."""
    if checks.whole(name, members) > LARGEST:
        raise ValueError(f"{name} must be at most 2**48; got {show(members)}.")
    return int(members)


def _several(settings: dict[str, Any]) -> dict[str, Any]:
    """What a fleet has beside a network."""
    members = int(settings["members"])  # checked
    scale, seed = settings["initializer_scale"], settings["seed"]
    if checks.several(scale):
        scale = of_members("initializer_scale", scale, members, checks.positive)
    else:
        scale = checks.positive("initializer_scale", scale)
    if checks.several(seed):
        given = seed.tolist() if isinstance(seed, np.ndarray) else list(seed)
        if len(given) != members:
            raise ValueError(f"seed must be one, or {members} of them; got {len(given)}.")
        seeds = tuple(checks.seed(each) for each in given)
    else:
        seeds = seeds_from(checks.seed(seed), members)
    return {
        "lead": (members,),
        "initializer_scale": scale,
        "seed": seeds[0] if checks.several(seed) else checks.seed(seed),
        "seeds": seeds,
        "own_order": checks.flag("own_order", settings["own_order"]),
    }


def seeds_from(seed: int | None, members: int) -> tuple[int | None, ...]:
    """A seed for each member, of 63 bits, so that neighbouring seeds have no member in common."""
    if seed is None:
        return (None,) * members
    return tuple((Stream(seed, "members").raw(members) >> np.uint64(1)).tolist())


def check_activation(value: Any) -> Activation:
    """An activation by its name, or as it is."""
    if callable(value) and not isinstance(value, (Activation, type)):
        raise TypeError(
            f"activation must be a name or an Activation; got the function {show(value)}. Give its "
            "derivative too: glassnet.OwnActivation(name, function, derivative)."
        )
    found: Activation = checks.choice(
        "activation", _usual("activation", value), ACTIVATIONS, Activation
    )
    return found


def check_loss(value: Any) -> Loss | None:
    """A loss by its name, or as it is; None for "auto"."""
    if isinstance(value, str) and value == "auto":
        return None
    if callable(value) and not isinstance(value, (Loss, type)):
        raise TypeError(
            f"loss must be a name or a Loss; got the function {show(value)}. Give its gradient "
            "too: glassnet.OwnLoss(name, values, gradient)."
        )
    found: Loss = checks.choice("loss", _usual("loss", value), LOSSES, Loss)
    return found


def _usual(name: str, value: Any) -> Any:
    """The value; other libraries' names for it are answered with ours instead of with a list."""
    if isinstance(value, str) and value.lower() in ELSEWHERE:
        ours = ELSEWHERE[value.lower()]
        raise ValueError(f"{name} must be one of glassnet's names; got {value!r}: use {ours}.")
    return value


def check_sizes(layers: Any) -> tuple[int, ...]:
    """The numbers of units of all layers."""
    if not _in_order(layers):
        raise TypeError(f"layers must be a list of integers; got {show(layers)}.{SIZES}")
    given = list(layers)
    for i, size in enumerate(given):
        word = size if isinstance(size, str) else type(size).__name__
        if sentence := not_here(word):
            raise ValueError(f"layers[{i}] must be a number of units; got {show(size)}.{sentence}")
    if len(given) < 2:
        raise ValueError(f"layers must have at least 2 sizes; got {show(layers)}.{SIZES}")
    sizes = tuple(checks.whole(f"layers[{i}]", size, 1, SIZES) for i, size in enumerate(given))
    for i, size in enumerate(sizes):
        if size > LARGEST:
            raise ValueError(f"layers[{i}] must be at most 2**48; got {show(size)}.{SIZES}")
    return sizes


def check_outputs(sizes: tuple[int, ...], loss: Loss | None) -> None:
    """A loss of several statistics needs as many outputs for each column of targets."""
    if loss is not None and sizes[-1] % loss.statistics:
        raise ValueError(
            f"layers={show(list(sizes))} must end in a multiple of {loss.statistics}: the loss "
            f"{loss.name!r} has {loss.statistics} outputs for each target; got {sizes[-1]}."
        )


def per_layer(name: str, value: Any, count: int, single: tuple[type[Any], ...]) -> list[Any]:
    """One value for each of `count` layers: given once for all, or one by one."""
    several = isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, str)
    if isinstance(value, single) or not several or getattr(value, "ndim", 1) == 0:
        return [value] * count or _checked_alone(name, value)
    if len(value) != count:
        raise ValueError(
            f"{name} must be one value or a list of {count}, one per layer that has it; "
            f"got {len(value)}: {show(value)}."
        )
    return list(value)


def _checked_alone(name: str, value: Any) -> list[Any]:
    """No layer has it; a value that is wrong in itself is told all the same."""
    if name == "activation":
        check_activation(value)
    elif not isinstance(value, Members):
        checks.fraction(name, value)
    return []


def check_classes(classes: Any, outputs: int) -> list[Any] | None:
    """None, or as many different labels as there are outputs (two for one output)."""
    if classes is None:
        return None
    if not _in_order(classes):
        raise TypeError(f"classes must be a list of labels; got {show(classes)}.")
    given = [each.item() if isinstance(each, np.generic) else each for each in classes]
    kinds = {isinstance(each, str) for each in given}
    if len(kinds) > 1 or not all(isinstance(each, (str, int, float)) for each in given):
        raise TypeError(f"classes must be all text or all numbers; got {show(given)}.")
    wanted = 2 if outputs == 1 else outputs
    different = {each for each in given if each == each}  # nan is not even itself
    if len(given) != wanted or len(different) != wanted:
        raise ValueError(
            f"classes must be {wanted} different labels for {outputs} output(s); got {show(given)}."
        )
    _check_kept(given)
    return given


def _check_kept(classes: list[Any]) -> None:
    """Refuse labels that NumPy's arrays change: text that ends in NUL, huge integers by floats."""
    text = isinstance(classes[0], str)
    longest = max(map(len, classes)) if text else 0
    if longest * len(classes) > 1 << 24:  # as an array of texts they would take 64 MiB
        raise ValueError(f"classes has a label of {longest} letters: use shorter ones.")
    kept = [each.rstrip("\0") for each in classes] if text else np.array(classes).tolist()
    for label, other in zip(classes, kept, strict=True):
        if label != other:
            raise ValueError(
                f"classes must be labels that one array holds; got {show(label)}, which would come "
                f"back as {show(other)}. Rename it."
            )


def float_type(value: Any) -> np.dtype[Any]:
    """float32 or float64."""
    named = isinstance(value, (str, type, np.dtype))
    for dtype in (np.dtype(np.float32), np.dtype(np.float64)):
        if named and dtype == value:
            return dtype
    raise ValueError(f"dtype must be 'float32' or 'float64'; got {show(value)}.")


def _in_order(value: Any) -> bool:
    """True for what holds several values in a known order."""
    unordered = isinstance(value, (str, bytes, Mapping, Set))
    return isinstance(value, Iterable) and not unordered and getattr(value, "ndim", 1) != 0


def parameter_count(layers: Sequence[int]) -> int:
    """The number of weights and biases."""
    return sum((inputs + 1) * outputs for inputs, outputs in pairwise(layers))


def check_memory(
    layers: Sequence[int], dtype: np.dtype[Any], members: int = 1, name: str = "members"
) -> None:
    """Refuse what cannot fit this machine's memory, before anything is allocated."""
    largest = max(inputs * outputs for inputs, outputs in pairwise(layers))
    # Parameters and gradients, and the float64 numbers from which the largest layer is drawn.
    needed = 2 * members * parameter_count(layers) * dtype.itemsize + 40 * largest
    needed += STREAMS * (members - 1)
    if needed > (there := physical_memory()):
        times, fewer = (f", {name}={members}", f" or {name}") if members > 1 else ("", "")
        raise ValueError(
            f"layers={show(list(layers))}{times} needs {needed / 2**30:,.1f} GiB for its "
            f"parameters and gradients; this machine has {there / 2**30:,.1f} GiB. Use fewer "
            f"units{fewer}."
        )


def physical_memory() -> int:
    """Bytes that this machine has."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not on Windows
        return 1 << 36
