"""Monotone inputs: the signs of weights that make all outputs rise, or fall, with some inputs.

What it rests on is the least and the largest slope of each activation, RANGES; a new activation
gets a line there. Whether it worked is for inference/monotone.py to prove.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from ..activations import ACTIVATIONS, ELU, SELU, LeakyReLU
from ..core import checks
from ..core.activation import Activation
from ..core.arrays import Array
from ..core.loss import Loss
from ..core.passes import views
from ..core.structure import Structure
from ..losses import LOSSES
from ..losses.own import scores_as_they_are
from .data import known_names

DIRECTIONS = {"increasing": 1, "decreasing": -1}

RANGES = {
    "identity": (1.0, 1.0),
    "relu": (0.0, 1.0),
    "selu": (0.0, SELU.scale * SELU.scale_below),
    "tanh": (0.0, 1.0),
    "sigmoid": (0.0, 0.25),
    "softsign": (0.0, 1.0),
    "softplus": (0.0, 1.0),
    "exp": (0.0, np.inf),
    "silu": (-0.0998394, 1.0998394),
    "gelu": (-0.1290, 1.1290),
    "gaussian": (-0.8577639, 0.8577639),
    "sine": (-1.0, 1.0),
}
"""The slopes of activations, over all scores: bounds, outward where they are rounded."""


def slope_range(activation: Activation) -> tuple[float, float] | None:
    """(least, largest) slope of an activation; None where only its maker knows, as of a class
    derived from ours, whatever its name."""
    if type(activation) is not type(ACTIVATIONS.get(activation.name)):
        return None
    if isinstance(activation, LeakyReLU):
        return min(activation.slope_below, 1.0), max(activation.slope_below, 1.0)
    if isinstance(activation, ELU):
        return 0.0, max(activation.scale_below, 1.0)
    return RANGES.get(activation.name)


def input_of(network: Structure, given: Any, name: str = "monotone") -> int:
    """The column of an input that a user gives by its number, or by its name in a data frame."""
    known = known_names(network)
    place = known.index(given) if isinstance(given, str) and known and given in known else given
    number = isinstance(place, int | np.integer) and not isinstance(place, bool)
    if number and 0 <= place < network.layers[0]:
        return int(place)
    also = f", or names of {checks.show(known)}" if known else ""
    if isinstance(given, str) and not known:
        also = "; names are known after a fit on a data frame"
    raise ValueError(
        f"{name} must name inputs by their columns 0 .. {network.layers[0] - 1}{also}; got "
        f"{checks.show(given)}."
    )


def signs(network: Structure, monotone: Any) -> Array:
    """Bounds (2, parameters) by which scores rise, or fall, with inputs; see `constrain`.

    Every unit has a direction, half of them up and half of them down (with one alone, ReLU and its
    kin would only make curves that bend upward). A weight has the sign that leads on.
    """
    if not isinstance(monotone, Mapping):
        raise TypeError(
            "monotone must be a dict such as {0: 'increasing', 2: 'decreasing'}; got "
            f"{checks.show(monotone)}."
        )
    toward = np.zeros(network.layers[0])
    for given, direction in monotone.items():
        place = input_of(network, given)
        toward[place] = checks.choice(f"monotone[{checks.show(given)}]", direction, DIRECTIONS)
    for activation in network.activations:
        _check_activation(activation)
    found = np.empty((2, network.parameters.shape[-1]))
    found.T[...] = -np.inf, np.inf
    hidden = [1.0 - 2.0 * (np.arange(size) % 2) for size in network.layers[1:-1]]
    directions = [toward, *hidden, _outputs(network)]
    places = views(network.layers, found)
    for (before, after), (weights, _) in zip(pairwise(directions), places, strict=True):
        sign = np.outer(before, after)
        weights[0][sign > 0] = 0.0
        weights[1][sign < 0] = 0.0
    return found


def _check_activation(activation: Activation) -> None:
    """Refuse one that is not monotone, or of which that is not known."""
    name, slopes = activation.name, slope_range(activation)
    if slopes is None or slopes[0] < 0.0:
        why = "is your own" if slopes is None else "rises here and falls there"
        ranges = {each: slope_range(ACTIVATIONS[each]) or (-1.0,) for each in ACTIVATIONS}
        others = [each for each, (least, *_) in ranges.items() if least >= 0.0]
        raise ValueError(
            f"monotone needs activations that never fall, and {name!r} {why}. Use one of "
            f"{', '.join(others)}, or constrain the weights yourself and prove it: "
            "glassnet.inference.prove_monotone."
        )


def known_output(loss: Loss | None) -> None:
    """Refuse a loss whose link only its maker knows."""
    ours = loss is None or type(loss) is type(LOSSES.get(loss.name))
    if not ours and getattr(loss, "output", None) is not scores_as_they_are:
        raise ValueError(
            "network has a loss of your own: whether what it makes of scores is monotone nobody "
            "else knows. Leave its output= out, or use a loss of glassnet's."
        )


def _outputs(network: Structure) -> Array:
    """(outputs,) 1 for those that shall be monotone, 0 for those of which it makes no sense."""
    loss, outputs = network.loss, network.layers[-1]
    labels = loss is not None and loss.name == "softmax_cross_entropy"
    if labels or (loss is None and outputs > 1):
        what = (
            "has the loss 'softmax_cross_entropy'" if labels else "has several outputs, loss='auto'"
        )
        raise ValueError(
            f"monotone cannot be for all classes, as their probabilities add up to 1; the network "
            f"{what}. Use one output and loss='logistic' (two classes), or name another loss."
        )
    link = getattr(loss, "maker", ACTIVATIONS["identity"])
    _check_activation(link)
    known_output(loss)
    rising = np.ones(outputs)
    if loss is not None and loss.name == "gaussian":
        rising[outputs // 2 :] = 0.0  # variances
    return rising
