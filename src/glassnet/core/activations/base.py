"""What an activation is: a function of the scores of a layer, element by element, and its slope.

Your own, outside glassnet: `OwnActivation("cube", function, derivative)`. Those that come with
glassnet are written with `out=`, so that a training step allocates nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..arrays import Array


class Activation:
    """The two functions of an activation; `initializer` names the weights of "auto"."""

    name: str
    initializer: str = "glorot_uniform"

    def forward(self, scores: Array, out: Array) -> None:
        """Write the outputs for `scores` into `out`, another array of the same shape."""
        raise NotImplementedError

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        """Write d outputs / d scores into `out`, which is neither of the others."""
        raise NotImplementedError


@dataclass(frozen=True)
class OwnActivation(Activation):
    """`function(scores) -> outputs`, `derivative(scores) -> slopes`, both of one shape.

    Module-level functions can be pickled with a network. It is saved by its name, and loaded with
    `glassnet.load(path, custom={name: activation})`.
    """

    name: str
    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    initializer: str = "glorot_uniform"

    def forward(self, scores: Array, out: Array) -> None:
        out[...] = self.function(scores)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        out[...] = self.derivative(scores)


def magnitude(values: Array) -> Array:
    """|values|; of complex numbers (a complex step) the real part decides the sign."""
    size: Array = values * np.sign(values.real) if np.iscomplexobj(values) else np.abs(values)
    return size


def sigmoid_into(scores: Array, out: Array) -> None:
    """1 / (1 + exp(-scores)); exp may overflow to infinity, whose reciprocal is the right 0."""
    np.negative(scores, out=out)
    np.exp(out, out=out)
    out += 1.0
    np.reciprocal(out, out=out)
