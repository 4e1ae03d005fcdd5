"""What an activation is: two functions of the scores of a layer, element by element.

Your own, outside glassnet: `Activation("cube", function, derivative)`. Those that come with
glassnet override `forward` and `slope`, written with `out=` so that a step allocates nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Activation:
    """A function applied to every score, and its derivative.

    `function(scores) -> outputs` and `derivative(scores) -> slopes` keep the shape of their
    argument. Both should be module-level functions, so that a network that uses them can be
    pickled. `initializer` names the weights that `initializer="auto"` starts with.
    """

    name: str = ""
    initializer: str = "glorot_uniform"

    def __init__(
        self, name: str, function: Callable[[Array], Array], derivative: Callable[[Array], Array]
    ) -> None:
        if not isinstance(name, str) or not name:
            raise ValueError(f"name must be a text that is not empty; got {name!r}.")
        if not callable(function) or not callable(derivative):
            raise TypeError("function and derivative must be functions of one array of scores.")
        self.name, self.function, self.derivative = name, function, derivative

    def forward(self, scores: Array, out: Array) -> None:
        """Write the outputs for `scores` into `out` (another array of the same shape)."""
        out[...] = self.function(scores)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        """Write d outputs / d scores into `out` (none of the other two)."""
        out[...] = self.derivative(scores)

    def __repr__(self) -> str:
        return f"Activation({self.name!r})"


def magnitude(values: Array) -> Array:
    """|values|; of complex numbers (a complex step) the real part decides the sign."""
    return values * np.sign(values.real) if np.iscomplexobj(values) else np.abs(values)


def sigmoid_into(scores: Array, out: Array) -> None:
    """1 / (1 + exp(-scores)); exp may overflow to infinity, whose reciprocal is the right 0."""
    np.negative(scores, out=out)
    np.exp(out, out=out)
    out += 1.0
    np.reciprocal(out, out=out)
