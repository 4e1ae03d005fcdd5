"""Losses on numbers, symmetric or not: how far a prediction lies from a measured value.

To add one: a class with `cells` (and `link`), and its name in the list at the end of the file.
"""

from dataclasses import dataclass

import numpy as np

from ..activations import ACTIVATIONS, magnitude
from ..core.activation import Activation
from ..core.arrays import Array
from ..core.checks import choice, fraction, positive, show
from ..core.loss import Loss


@dataclass(frozen=True)
class _Linked(Loss):
    """A loss of the difference outputs - targets, where any activation may make the outputs.

    `activation` is the name of one, or an object: SquaredError(LeakyReLU(0.1)). An object that has
    the settings of its name is kept as the name.
    """

    activation: str | Activation = "identity"
    metric = "r2"

    def __post_init__(self) -> None:
        given = self.maker
        usual = ACTIVATIONS.get(given.name)
        if type(usual) is type(given) and vars(usual) == vars(given):
            object.__setattr__(self, "activation", given.name)

    @property
    def maker(self) -> Activation:
        """The activation that makes the outputs."""
        made: Activation = choice("activation", self.activation, ACTIVATIONS, Activation)
        return made

    @property
    def rescalable(self) -> bool:
        return self.activation == "identity"  # others have a range, which scaling would leave

    def link(self, scores: Array) -> Array:
        if self.activation == "identity":
            return scores
        outputs = np.empty_like(scores)
        self.maker.forward(scores, outputs)
        return outputs

    def chain(self, scores: Array, outputs: Array, gradient: Array) -> None:
        """From d loss / d outputs to d loss / d scores."""
        if self.activation != "identity":
            slope = np.empty_like(scores)
            self.maker.slope(scores, outputs, slope)
            gradient *= slope


@dataclass(frozen=True)
class SquaredError(_Linked):
    """(output - target)^2, without a factor 1/2; its mean is the mean squared error.

    `activation`, a name or an object, makes the outputs from the scores: "identity" by default.
    """

    name = "squared_error"

    def cells(self, scores: Array, targets: Array, gradient: Array) -> Array:
        outputs = self.link(scores)
        np.subtract(outputs, targets, out=gradient)
        losses: Array = gradient * gradient
        gradient *= 2.0
        self.chain(scores, outputs, gradient)
        return losses


@dataclass(frozen=True)
class AbsoluteError(_Linked):
    """|output - target|: the best constant is the median. The gradient is 0 at 0.

    `activation`, a name or an object, makes the outputs from the scores: "identity" by default.
    """

    name = "absolute_error"

    def cells(self, scores: Array, targets: Array, gradient: Array) -> Array:
        outputs = self.link(scores)
        difference = outputs - targets
        gradient[...] = np.sign(difference.real)
        self.chain(scores, outputs, gradient)
        return magnitude(difference)


@dataclass(frozen=True)
class Huber(Loss):
    """Half the square up to `delta` from the target, linear beyond (Huber 1964, eq. 3)."""

    delta: float = 1.0
    name = "huber"
    rescalable = True
    metric = "r2"

    def __post_init__(self) -> None:
        positive("delta", self.delta)

    def cells(self, scores: Array, targets: Array, gradient: Array) -> Array:
        difference = scores - targets
        inside = magnitude(difference).real <= self.delta
        gradient[...] = np.where(inside, difference, self.delta * np.sign(difference.real))
        beyond = self.delta * (magnitude(difference) - 0.5 * self.delta)
        losses: Array = np.where(inside, 0.5 * difference * difference, beyond)
        return losses


@dataclass(frozen=True)
class Pinball(Loss):
    """The loss whose best constant is a quantile (Koenker and Bassett 1978, eq. 2.1).

    Several `quantiles`, rising, want as many outputs for each column of targets: first the lowest
    quantile of every column, then the next. Predictions are sorted by quantile, so that they never
    cross; sorting never makes them worse (Chernozhukov et al. 2010, proposition 4).
    """

    quantiles: tuple[float, ...] = (0.5,)
    name = "pinball"
    rescalable = True

    def __post_init__(self) -> None:
        given = self.quantiles
        levels = tuple(fraction("quantiles", q, zero=False) for q in np.atleast_1d(given).tolist())
        if not levels or list(levels) != sorted(set(levels)):
            raise ValueError(
                f"quantiles must rise, for instance (0.1, 0.5, 0.9); got {show(given)}."
            )
        object.__setattr__(self, "quantiles", levels)

    @property
    def statistics(self) -> int:
        return len(self.quantiles)

    def cells(self, scores: Array, targets: Array, gradient: Array) -> Array:
        columns = targets.shape[-1]
        losses = np.zeros((*scores.shape[:-1], columns), scores.dtype)
        for index, level in enumerate(self.quantiles):
            part = slice(index * columns, (index + 1) * columns)
            difference = targets - scores[..., part]
            slope = np.where(difference.real > 0, level, level - 1.0).astype(scores.real.dtype)
            slope[difference == 0] = 0.0
            losses += slope * difference
            gradient[..., part] = -slope
        losses *= 1.0 / len(self.quantiles)
        gradient *= 1.0 / len(self.quantiles)
        return losses

    def link(self, scores: Array) -> Array:
        by_level = scores.reshape((*scores.shape[:-1], len(self.quantiles), -1))
        outputs: Array = np.sort(by_level, axis=-2).reshape(scores.shape)
        return outputs


NUMBERS: tuple[Loss, ...] = (SquaredError(), AbsoluteError(), Huber(), Pinball())
