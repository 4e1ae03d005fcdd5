"""Activations with a kink: made of pieces that are joined at a score of 0.

To add one: a class with `forward` and `slope`, and its name in the list at the end of the file.
"""

from dataclasses import dataclass

import numpy as np

from ..arrays import Array
from .base import Activation


class Identity(Activation):
    name = "identity"

    def forward(self, scores: Array, out: Array) -> None:
        np.copyto(out, scores)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        out[...] = 1.0


class ReLU(Activation):
    """max(0, scores); the slope at 0 is 0 (Nair and Hinton, 2010)."""

    name = "relu"
    initializer = "he_normal"

    def forward(self, scores: Array, out: Array) -> None:
        np.maximum(scores, 0.0, out=out)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        np.greater(outputs.real, 0.0, out=out)


@dataclass(frozen=True)
class LeakyReLU(Activation):
    """scores above 0, `slope_below` x scores below, where the slope at 0 is `slope_below`."""

    slope_below: float = 0.01
    name = "leaky_relu"
    initializer = "he_normal"

    def forward(self, scores: Array, out: Array) -> None:
        np.multiply(scores, self.slope_below, out=out)
        larger = np.maximum if self.slope_below <= 1.0 else np.minimum
        larger(scores, out, out=out)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        # Three plain passes: a `where=` argument would cost as much as a matrix product.
        np.greater(scores.real, 0.0, out=out)
        out *= 1.0 - self.slope_below
        out += self.slope_below


@dataclass(frozen=True)
class ELU(Activation):
    """scores above 0, below it `scale_below` x (exp(scores) - 1) (Clevert et al. 2016, eq. 15)."""

    scale_below: float = 1.0
    name = "elu"
    initializer = "he_normal"

    def forward(self, scores: Array, out: Array) -> None:
        np.minimum(scores, 0.0, out=out)
        np.expm1(out, out=out)
        out *= self.scale_below
        out += np.maximum(scores, 0.0)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        np.minimum(scores, 0.0, out=out)
        np.exp(out, out=out)
        out *= np.where(scores.real > 0.0, 1.0, self.scale_below)


class SELU(Activation):
    """ELU scaled so that layers keep mean 0 and variance 1 (Klambauer et al. 2017, eq. 2)."""

    name = "selu"
    initializer = "lecun_normal"
    scale, scale_below = 1.0507009873554805, 1.6732632423543772

    def forward(self, scores: Array, out: Array) -> None:
        ELU(self.scale_below).forward(scores, out)
        out *= self.scale

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        ELU(self.scale_below).slope(scores, outputs, out)
        out *= self.scale


PIECEWISE: tuple[Activation, ...] = (Identity(), ReLU(), LeakyReLU(), ELU(), SELU())
