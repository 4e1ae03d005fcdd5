"""Activations: what a hidden layer makes of its scores. Simple to hard.

To add one: a class with `forward` and `slope`, written with `out=` so that a training step
allocates nothing, and its name in the list at the end of the file. Your own, outside glassnet:
`OwnActivation("cube", function, derivative)`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .core.activation import Activation as Activation
from .core.arrays import Array, zeros_beside
from .core.checks import choice, number, positive, show
from .core.doors import door


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

    def __post_init__(self) -> None:
        check_own(self, ACTIVATIONS, "function", "derivative")
        choice("initializer", self.initializer, {name: name for name in door("initializers")})

    def forward(self, scores: Array, out: Array) -> None:
        out[...] = shaped(self.function(scores), scores, "function", self.name)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        out[...] = shaped(self.derivative(scores), scores, "derivative", self.name)


def check_own(own: Any, ours: Iterable[str], *functions: str) -> None:
    """Refuse a name that is glassnet's, and functions that are none."""
    if not isinstance(own.name, str) or own.name in ("", *ours):
        raise ValueError(f"name must be text, not one of {', '.join(ours)}; got {show(own.name)}.")
    for each in functions:
        if not callable(given := getattr(own, each)):
            raise TypeError(f"{each} of {own.name!r} must be a function; got {show(given)}.")


def shaped(given: Any, scores: Array, what: str, name: str) -> Array:
    """What a user's function gave for the scores, if it has their shape."""
    if np.shape(given) != scores.shape:
        must = f"{what} of {name!r} must give one number for each score, shape {scores.shape}"
        raise ValueError(f"{must}; it gave shape {np.shape(given)}.")
    return np.asarray(given)


def magnitude(values: Array) -> Array:
    """|values|; of complex numbers (a complex step) the real part decides the sign."""
    return np.asarray(values * np.sign(values.real) if np.iscomplexobj(values) else np.abs(values))


def sigmoid_into(scores: Array, out: Array) -> None:
    """1 / (1 + exp(-scores)); exp may overflow to infinity, whose reciprocal is the right 0."""
    np.negative(scores, out=out)
    if out.dtype.kind == "c":  # a complex infinity has no reciprocal
        np.minimum(out.real, 700.0, out=out.real)
    np.exp(out, out=out)
    out += 1.0
    np.reciprocal(out, out=out)


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
        # With one number NumPy's maximum is not vectorised, with a row of zeros half as fast.
        np.maximum(scores, zeros_beside(scores), out=out)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        np.greater(scores.real, 0.0, out=out)


@dataclass(frozen=True)
class LeakyReLU(Activation):
    """scores above 0, `slope_below` x scores below, where the slope at 0 is `slope_below`."""

    slope_below: float = 0.01
    name = "leaky_relu"
    initializer = "he_normal"

    def __post_init__(self) -> None:
        number("slope_below", self.slope_below)

    def forward(self, scores: Array, out: Array) -> None:
        np.multiply(scores, self.slope_below, out=out)
        larger = np.maximum if self.slope_below <= 1.0 else np.minimum
        larger(scores, out, out=out)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        # Plain passes: a `where=` argument would cost as much as a matrix product, and `sign` and
        # `maximum` with a number are not vectorised (128 rows of 512: 54 us instead of 19).
        np.greater(scores.real, 0.0, out=out)
        if 0.0 <= self.slope_below <= 1.0:
            out *= 1.0 - self.slope_below
            out += self.slope_below
        else:  # there the sum of the two is not always 1
            out[...] = np.where(out, 1.0, self.slope_below)


@dataclass(frozen=True)
class ELU(Activation):
    """scores above 0, below it `scale_below` x (exp(scores) - 1) (Clevert et al. 2016, eq. 15)."""

    scale_below: float = 1.0
    name = "elu"
    initializer = "he_normal"

    def __post_init__(self) -> None:
        positive("scale_below", self.scale_below)

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
        out += outputs * (1.0 - out)  # 1 + scores - outputs is 0 where both are huge


class GELU(Activation):
    """scores/2 x (1 + tanh(sqrt(2/pi) (scores + 0.044715 scores^3))), Hendrycks and Gimpel 2016.

    The tanh form of that paper's section 2: NumPy has no error function. It differs from the exact
    form by less than 5e-4 everywhere, and equals PyTorch's `approximate="tanh"`."""

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
        square = np.minimum(scores * scores, 1e3)  # flat long before that; 0 x inf is nan
        bend = np.tanh(scores * (self.root + 0.044715 * self.root * square))
        np.subtract(1.0, bend * bend, out=out)
        out *= self.root * (1.0 + 3.0 * 0.044715 * square)
        out *= scores
        out += 1.0 + bend
        out *= 0.5


PIECEWISE = (Identity(), ReLU(), LeakyReLU(), ELU(), SELU())
SMOOTH = (Tanh(), Sigmoid(), Softsign(), Softplus(), SiLU(), GELU(), Exp(), Gaussian(), Sine())
ACTIVATIONS: dict[str, Activation] = {each.name: each for each in (*PIECEWISE, *SMOOTH)}
