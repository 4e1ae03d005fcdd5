"""Losses on labels: which class a row belongs to, or which of several labels it carries.

To add one: a class with `cells` or `compute`, and `link`, and its name in the list at the end.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np

from ..activations import magnitude, sigmoid_into
from ..core.arrays import Array
from ..core.checks import fraction
from ..core.loss import Loss


@dataclass(frozen=True)
class Logistic(Loss):
    """Cross-entropy of a yes or no for each output; targets are 0, 1, or a probability.

    max(s, 0) - s t + log(1 + exp(-|s|)): exact and finite for every score s and target t.
    """

    name = "logistic"
    targets = "flags"
    metric = "accuracy"

    def cells(self, scores: Array, targets: Array, gradient: Array) -> Array:
        sigmoid_into(scores, gradient)
        gradient -= targets
        losses = magnitude(scores)
        np.negative(losses, out=losses)
        np.exp(losses, out=losses)
        np.log1p(losses, out=losses)
        losses += np.maximum(scores, 0.0)
        losses -= scores * targets
        return losses

    def link(self, scores: Array) -> Array:
        sigmoid_into(scores, scores)
        return scores


@dataclass(frozen=True)
class SoftmaxCrossEntropy(Loss):
    """-log of the probability of the true class; targets are labels (rows,) or probabilities.

    With `smoothing`, that share of the certainty is spread over all classes alike (Szegedy et al.
    2016, section 7). Probabilities need not sum to 1: they then weigh the row.
    """

    smoothing: float = 0.0
    name = "softmax_cross_entropy"
    targets = "labels"
    metric = "accuracy"

    def __post_init__(self) -> None:
        fraction("smoothing", self.smoothing)

    def compute(
        self, scores: Array, targets: Array, gradient: Array, known: Array | None = None
    ) -> Array:
        if targets.dtype.kind == "f":
            return self._from_probabilities(scores, targets, gradient)
        if self.smoothing:
            wanted = np.zeros(scores.shape, scores.real.dtype)
            np.put_along_axis(wanted, np.broadcast_to(targets, scores.shape[:-1])[..., None], 1, -1)
            return self._from_probabilities(scores, wanted, gradient)
        return self._from_labels(scores, targets, gradient)

    def _from_labels(self, scores: Array, labels: Array, gradient: Array) -> Array:
        """With e = exp(scores - largest): loss = log1p(others + (e_label - 1)) - score_label.

        `others` is the sum of e without the label's, so that a loss as small as 1e-18 is exact,
        where a sum of all, close to 1, would give 0. The gradient is exact for the same reason.
        All of it in an array with the units first, as the engine's buffers are in memory.
        """
        turned, scores = gradient.swapaxes(-1, -2), scores.swapaxes(-1, -2)
        e = turned if turned.flags.c_contiguous else np.empty(turned.shape, turned.dtype)
        np.subtract(scores, np.maximum.reduce(scores.real, axis=-2, keepdims=True), out=e)
        flat, places = e.reshape(-1), _places(labels, e.shape)
        own_score = flat.take(places)
        np.exp(e, out=e)
        own = flat.take(places)
        flat[places] = 0.0
        others = np.add.reduce(e, axis=-2)
        flat[places] = -others
        e *= np.reciprocal(others + own)[..., None, :]
        if e is not turned:
            np.copyto(turned, e)
        own -= 1.0
        own += others
        np.log1p(own, out=own)
        own -= own_score
        return own

    def _from_probabilities(self, scores: Array, targets: Array, gradient: Array) -> Array:
        wanted = targets * (1.0 - self.smoothing)
        weight = np.add.reduce(targets, axis=-1, keepdims=True)
        wanted += weight * (self.smoothing / scores.shape[-1])
        shifted = scores - np.maximum.reduce(scores.real, axis=-1, keepdims=True)
        np.exp(shifted, out=gradient)
        total = np.add.reduce(gradient, axis=-1, keepdims=True)
        gradient *= weight / total
        gradient -= wanted
        # A wanted share of 0 adds 0 even where its score is minus infinity.
        own = np.where(wanted == 0, 0.0, wanted * shifted)
        return np.asarray((weight * np.log(total))[..., 0] - np.add.reduce(own, axis=-1))

    def link(self, scores: Array) -> Array:
        # A score of infinity takes all, and gives no nan.
        np.minimum(scores, 3e38 if scores.itemsize == 4 else 1.7e308, out=scores)
        scores -= np.maximum.reduce(scores, axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= np.add.reduce(scores, axis=-1, keepdims=True)
        return scores


def _places(labels: Array, shape: tuple[int, ...]) -> Array:
    """Where in a flat array of `shape` (..., classes, rows) the labels (..., rows) stand."""
    *lead, classes, rows = shape
    places: Array = np.multiply(labels, rows, dtype=np.intp)
    # Many rows are counted anew: their numbers would stay in memory for as long as the process.
    places += _numbers(rows) if rows <= 4096 else np.arange(rows)
    if lead:
        first = np.arange(math.prod(lead)) * (classes * rows)
        places = places + first.reshape(*lead, 1)
    return places


@functools.lru_cache(maxsize=8)
def _numbers(count: int) -> Array:
    """0 .. count-1, made once for a size of batch."""
    found = np.arange(count)
    found.flags.writeable = False
    return found


LABELS: tuple[Loss, ...] = (Logistic(), SoftmaxCrossEntropy())
