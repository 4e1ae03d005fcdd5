"""Losses that are the negative log-likelihood of a distribution of numbers.

Poisson and gamma are given as half the deviance: the same gradient, and 0 for a perfect prediction.
To add one: a class with `cells` and `link`, and its name in the list at the end of the file.
"""

from dataclasses import dataclass

import numpy as np

from ..activations import magnitude, sigmoid_into
from ..core.arrays import Array
from ..core.checks import positive
from ..core.loss import Loss


@dataclass(frozen=True)
class Poisson(Loss):
    """Counts with rate exp(scores): half the Poisson deviance (McCullagh and Nelder 1989, 2.3)."""

    name = "poisson"

    def cells(self, scores: Array, targets: Array, gradient: Array) -> Array:
        np.exp(scores, out=gradient)
        entropy = targets * np.log(np.where(targets > 0, targets, 1.0)) - targets
        losses: Array = gradient - targets * scores + entropy
        gradient -= targets
        return losses

    def link(self, scores: Array) -> Array:
        np.exp(scores, out=scores)
        return scores

    def complaint(self, targets: Array) -> str:
        return "counts must not be negative" if targets.min() < 0 else ""


@dataclass(frozen=True)
class Gamma(Loss):
    """Positive amounts with mean exp(scores): half the gamma deviance (the same, 8.3)."""

    name = "gamma"

    def cells(self, scores: Array, targets: Array, gradient: Array) -> Array:
        shortfall = np.log(targets) - scores
        excess = np.expm1(shortfall)  # exact also where the prediction is nearly right
        np.negative(excess, out=gradient)
        return np.asarray(excess - shortfall)

    def link(self, scores: Array) -> Array:
        np.exp(scores, out=scores)
        return scores

    def complaint(self, targets: Array) -> str:
        return "amounts must be above 0" if targets.min() <= 0 else ""


@dataclass(frozen=True)
class GaussianLikelihood(Loss):
    """Mean and variance of a normal distribution (Nix and Weigend 1994, eq. 3).

    Scores, and what `predict` gives, are [all means, all variances]; the variance is
    softplus(score) + `floor`, so that no score makes it 0 and none overflows.
    """

    floor: float = 1e-6
    name = "gaussian"
    rescalable = True

    def __post_init__(self) -> None:
        positive("floor", self.floor)

    @property
    def statistics(self) -> int:
        return 2

    def variance(self, scores: Array) -> Array:
        softplus = np.maximum(scores, 0.0) + np.log1p(np.exp(-magnitude(scores)))
        return np.asarray(softplus + self.floor)

    def cells(self, scores: Array, targets: Array, gradient: Array) -> Array:
        columns = targets.shape[-1]
        spreads = scores[..., columns:]
        variance = self.variance(spreads)
        difference = scores[..., :columns] - targets
        squares = difference * difference / variance
        np.divide(difference, variance, out=gradient[..., :columns])
        slope = np.empty_like(variance)
        sigmoid_into(spreads, slope)
        np.multiply(slope, 0.5 * (1.0 - squares) / variance, out=gradient[..., columns:])
        losses: Array = 0.5 * (np.log(2.0 * np.pi * variance) + squares)
        return losses

    def link(self, scores: Array) -> Array:
        columns = scores.shape[-1] // 2
        scores[..., columns:] = self.variance(scores[..., columns:])
        return scores


LIKELIHOODS: tuple[Loss, ...] = (Poisson(), Gamma(), GaussianLikelihood())
