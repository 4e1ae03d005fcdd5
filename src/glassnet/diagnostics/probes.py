"""What can be learned from the rows at all: two learners without training, beside which a network
is judged. Both are ridge regressions, on the inputs and on random features of them, whose errors
on rows left out are known in closed form.
"""

from dataclasses import dataclass

import numpy as np

from ..core.arrays import Array
from ..core.random import Stream

FEATURES = 300
ROWS = 1000
LEAST = 20
"""Rows; fewer cannot be left out, and the error is that on themselves."""

SCALES = 0.5, 1.5, 4.0
"""Of the random weights: smooth, middling and rough functions."""


@dataclass(frozen=True)
class Probe:
    """The predictions for each row, made without it, (rows, columns); and their error: the sum of
    squares over that of predicting means."""

    left_out: Array
    error: float


def relative_error(predictions: Array, targets: Array, means: Array) -> float:
    """The mean squared error over that of predicting `means`, columns of numbers alike; 1 is no
    better than a constant, 0 perfect."""
    spread = np.mean((targets - means) ** 2, axis=0)
    missed = np.mean((predictions - targets) ** 2, axis=0)
    some = spread > 0.0
    if not some.any() or not np.isfinite(missed).all():
        return float("inf") if not np.isfinite(missed).all() else float("nan")
    return float(np.mean(missed[some] / spread[some]))


def standardised(inputs: Array) -> Array:
    """Columns with mean 0 and spread 1, those that are constant 0; outliers are cut off at 6."""
    spread = inputs.std(axis=0)
    centred = (inputs - inputs.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    return np.asarray(np.clip(centred, -6.0, 6.0))


def linear(inputs: Array, targets: Array) -> Probe:
    return Ridge(standardised(inputs)).fit(targets)


def curved(inputs: Array, targets: Array, bias: bool = True, seed: int = 0) -> Probe:
    return Ridge(bent(inputs, bias, seed), bias).fit(targets)


def bent(inputs: Array, bias: bool = True, seed: int = 0) -> Array:
    """Outputs of tanh units with random weights, and the inputs themselves (Huang, Zhu and Siew
    2006); without `bias` the units have none, and inputs are only divided."""
    size = np.sqrt((inputs**2).mean(axis=0))
    inputs = standardised(inputs) if bias else inputs / np.where(size > 0.0, size, 1.0)
    draw, each = Stream(seed, "probe"), min(FEATURES, len(inputs) // 2) // len(SCALES)
    found, columns = [inputs], inputs.shape[1]
    for scale in SCALES:
        weights = draw.normal((columns, max(each, 1))) * scale / np.sqrt(columns)
        found.append(np.tanh(inputs @ weights + bias * scale * draw.normal((max(each, 1),))))
    return np.concatenate(found, axis=1)


class Ridge:
    """Ridge regression on features, which are decomposed once, for any targets; with the penalty
    that predicts rows left out best (Allen 1974, PRESS)."""

    def __init__(self, features: Array, bias: bool = True) -> None:
        self.bias = bias
        features = features - features.mean(axis=0) if bias else features
        if features.shape[1] > 2 * len(features):  # the same from their products, far sooner
            squares, self.left = np.linalg.eigh(features @ features.T)
            self.sizes = np.sqrt(np.maximum(squares, 0.0))
        else:
            self.left, self.sizes, _ = np.linalg.svd(features, full_matrices=False)
        self.largest = float(self.sizes.max())

    def fit(self, targets: Array) -> Probe:
        """For targets (rows, columns)."""
        left, sizes, means = self.left, self.sizes, targets.mean(axis=0)
        shift, wanted = (means, targets - means) if self.bias else (0.0 * means, targets)
        along, best, least = left.T @ wanted, (np.inf, targets), np.finfo(float).tiny
        for share in np.logspace(-9, 1, 11):
            kept = sizes**2 / (sizes**2 + share * max(self.largest**2, least))
            lever = np.zeros(1)
            if len(targets) >= LEAST:
                lever = (left**2) @ kept + self.bias / len(targets)
            missed = (wanted - (left * kept) @ along) / np.maximum(1.0 - lever, 1e-6)[:, None]
            total = float(np.mean(missed**2 / np.maximum(wanted.var(axis=0), 1e-300)))
            if total < best[0]:
                best = total, wanted - missed + shift
        return Probe(best[1], relative_error(best[1], targets, means))
