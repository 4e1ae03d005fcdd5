"""Losses as likelihoods: the Fisher information of scores, what dispersion means, log-likelihoods.

-log likelihood of a row = factor x its loss / dispersion + what no parameter changes. To make
another loss known here: its name in LIKELIHOODS, and its lines in `log_likelihood`.
"""

import math
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.loss import Loss
from ..losses import GaussianLikelihood, SquaredError
from ..second_order.curvature import curvature_root

LIKELIHOODS = (
    "squared_error",
    "logistic",
    "softmax_cross_entropy",
    "poisson",
    "gamma",
    "gaussian",
)


def check_likelihood(loss: Loss, caller: str) -> Loss:
    """The loss, if it is the logarithm of a likelihood."""
    if loss.name not in LIKELIHOODS:
        raise ValueError(
            f"{caller} needs a loss that is a likelihood: {', '.join(LIKELIHOODS)}; the network "
            f"has {loss.name!r}. Use glassnet.inference.conformal, which takes any loss on numbers."
        )
    return loss


def factor_of(loss: Loss, scores: Array) -> float:
    """What the loss of a row is multiplied with: it is a mean over columns of targets."""
    columns = scores.shape[-1] / loss.statistics
    if loss.targets == "labels":
        return 1.0
    return float(0.5 * columns if loss.name == "squared_error" else columns)


def has_dispersion(loss: Loss) -> bool:
    """Whether data say how wide the likelihood is; of others the mean says it."""
    return loss.name in ("squared_error", "gamma")


def fisher_root(loss: Loss, scores: Array, known: Array | None) -> Array:
    """R with R'R the Fisher information of each row's scores, of dispersion 1: (rows, outputs) or
    (rows, outputs, outputs).

    It is the curvature where the targets are what is predicted; but for the variance of a normal
    distribution, whose deviations do not vanish (Nix and Weigend 1994, from eq. 3).
    """
    if loss.targets == "labels":
        # diag(p) - p p', whose root by eigenvalues would have 1e-8 where there is 0.
        shares = loss.link(scores.copy())
        away = np.eye(shares.shape[-1]) - shares[:, None, :]
        return np.asarray(np.sqrt(shares)[:, :, None] * away)
    if not isinstance(loss, GaussianLikelihood):
        own = curvature_root(loss, scores, loss.link(scores.copy()), known)
        return own * math.sqrt(factor_of(loss, scores))
    spreads = np.split(scores, 2, axis=-1)[1]
    variance = loss.variance(spreads)
    slope = -np.expm1(loss.floor - variance)  # of softplus: 1 - exp(-softplus)
    both = [variance**-0.5, slope / (math.sqrt(2.0) * variance)]
    return np.concatenate([part if known is None else part * known for part in both], axis=-1)


def link_slope(loss: Loss, scores: Array) -> Array:
    """d means / d scores of a squared error, (rows, outputs)."""
    slope = np.ones_like(scores)
    if isinstance(loss, SquaredError):
        loss.chain(scores, loss.link(scores), slope)
    return slope


def count_of(loss: Loss, targets: Array, weights: Array, known: Array | None) -> float:
    """How many observations there are: see Evidence."""
    if loss.targets == "labels":
        return float(weights.sum())
    each = np.ones_like(targets, float) if known is None else known
    shares = (weights > 0).astype(float) if loss.name == "squared_error" else weights
    return float(np.sum(each.T * shares))


def residuals(loss: Loss, scores: Array, targets: Array, known: Array | None) -> Array:
    """(rows, columns) targets less means, 0 where unknown; of labels from their one-hot rows."""
    if targets.ndim == 1:
        targets = np.eye(scores.shape[-1])[targets]
    means = loss.link(scores.copy())[:, : targets.shape[-1]]
    return (targets - means) * (1.0 if known is None else known)


def sum_of_squares(loss: Loss, evidence: Any) -> Array:
    """(columns,) what dispersion is estimated from: squared residuals, of a gamma distribution as
    shares of the mean (Pearson's); times the weights."""
    scores = evidence.scores
    away = residuals(loss, scores, evidence.targets, evidence.known)
    if loss.name == "gamma":
        away = away / loss.link(scores.copy())
    return np.asarray(evidence.weights @ np.square(away))


def log_likelihood(loss: Loss, evidence: Any, dispersion: Any) -> float:
    """The logarithm of the likelihood of all targets, in the unit of the user."""
    scores, targets, weights = evidence.scores, evidence.targets, evidence.weights
    shares = np.ones_like(targets, float) if evidence.known is None else evidence.known
    if targets.ndim == 2:
        shares = shares * weights[:, None]
    if loss.name == "squared_error":
        own = shares > 0
        squares = sum_of_squares(loss, evidence) / dispersion
        width = np.log(2.0 * math.pi * np.broadcast_to(dispersion, squares.shape))
        widths = own * (width - 2.0 * np.log(evidence.linear.unit))
        return float(0.5 * (np.log(shares[own]).sum() - squares.sum() - widths.sum()))
    if loss.name == "poisson":
        each = targets * scores - np.exp(scores) - _log_gamma(targets + 1.0)
    elif loss.name == "gamma":
        shape = 1.0 / dispersion
        each = shape * (np.log(shape * targets) - scores - targets * np.exp(-scores))
        each = each - np.log(targets) - math.lgamma(shape)
    else:
        losses = loss.compute(scores, targets, np.empty_like(scores), evidence.known)
        scaled = shares * np.log(evidence.linear.unit) if targets.ndim == 2 else 0.0
        return float(np.sum(scaled) - factor_of(loss, scores) * (losses @ weights))
    return float(np.sum(shares * each))


def _log_gamma(values: Array) -> Array:
    return np.reshape([math.lgamma(value) for value in values.ravel().tolist()], values.shape)
