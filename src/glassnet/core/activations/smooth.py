"""The smooth activations, simple to hard: those with a derivative everywhere.

To add one: a class with `forward` and `slope`, and its name in the list at the end of the file.
"""

import numpy as np

from ..arrays import Array
from .base import Activation, magnitude, sigmoid_into


class Tanh(Activation):
    name = "tanh"

    def forward(self, scores: Array, out: Array) -> None:
        np.tanh(scores, out=out)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        np.multiply(outputs, outputs, out=out)
        np.subtract(1.0, out, out=out)


class Sigmoid(Activation):
    name = "sigmoid"

    def forward(self, scores: Array, out: Array) -> None:
        sigmoid_into(scores, out)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        np.subtract(1.0, outputs, out=out)
        out *= outputs


class Exp(Activation):
    name = "exp"

    def forward(self, scores: Array, out: Array) -> None:
        np.exp(scores, out=out)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        np.copyto(out, outputs)


class Sine(Activation):
    name = "sine"
    initializer = "lecun_uniform"

    def forward(self, scores: Array, out: Array) -> None:
        np.sin(scores, out=out)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        np.cos(scores, out=out)


class Gaussian(Activation):
    """exp(-scores^2): the radial unit."""

    name = "gaussian"

    def forward(self, scores: Array, out: Array) -> None:
        np.multiply(scores, scores, out=out)
        np.negative(out, out=out)
        np.exp(out, out=out)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        np.multiply(scores, outputs, out=out)
        out *= -2.0


class Softsign(Activation):
    """scores / (1 + |scores|) (Bergstra et al. 2009)."""

    name = "softsign"

    def forward(self, scores: Array, out: Array) -> None:
        np.divide(scores, 1.0 + magnitude(scores), out=out)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        np.subtract(1.0, magnitude(outputs), out=out)
        out *= out


class Softplus(Activation):
    """log(1 + exp(scores)), without overflow (Dugas et al. 2001)."""

    name = "softplus"
    initializer = "he_normal"

    def forward(self, scores: Array, out: Array) -> None:
        np.negative(magnitude(scores), out=out)
        np.exp(out, out=out)
        np.log1p(out, out=out)
        out += np.maximum(scores, 0.0)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        sigmoid_into(scores, out)


class SiLU(Activation):
    """scores x sigmoid(scores), also called swish (Elfwing et al. 2018, eq. 2)."""

    name = "silu"
    initializer = "he_normal"

    def forward(self, scores: Array, out: Array) -> None:
        sigmoid_into(scores, out)
        out *= scores

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        sigmoid_into(scores, out)
        out *= 1.0 + scores - outputs


class GELU(Activation):
    """scores/2 x (1 + tanh(sqrt(2/pi) (scores + 0.044715 scores^3))), Hendrycks and Gimpel 2016.

    The tanh form of that paper's section 2: NumPy has no error function. It differs from the exact
    form by less than 5e-4 everywhere, and equals PyTorch's `approximate="tanh"`.
    """

    name = "gelu"
    initializer = "he_normal"
    root = 0.7978845608028654

    def forward(self, scores: Array, out: Array) -> None:
        np.multiply(scores, scores, out=out)
        out *= 0.044715 * self.root
        out += self.root
        out *= scores
        np.tanh(out, out=out)
        out += 1.0
        out *= scores
        out *= 0.5

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        square = scores * scores
        bend = np.tanh(scores * (self.root + 0.044715 * self.root * square))
        np.subtract(1.0, bend * bend, out=out)
        out *= self.root * (1.0 + 3.0 * 0.044715 * square)
        out *= scores
        out += 1.0 + bend
        out *= 0.5


KINDS = (Tanh, Sigmoid, Softsign, Softplus, SiLU, GELU, Exp, Gaussian, Sine)
SMOOTH: tuple[Activation, ...] = tuple(kind() for kind in KINDS)
