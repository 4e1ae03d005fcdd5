"""`laplace`: a normal distribution over the parameters, and what it predicts.

Around the present parameters, with the Fisher information (generalised Gauss-Newton) of all rows
and a normal prior: definitions as in Daxberger et al. 2021, "Laplace Redux". To add a subset of
parameters: a word in SUBSETS, and what it means in `Linearised`.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array
from ..core.network import Network
from .likelihoods import has_dispersion, link_slope, log_likelihood, sum_of_squares
from .linearised import Evidence, Linearised, gather
from .triangles import Spread, triangle

SUBSETS = {"all": False, "last_layer": True}


@dataclass(frozen=True)
class Predictive:
    """`mean` (rows, columns): values, rates or probabilities; `variance` of these, by what is not
    known of the parameters (for labels and several classes: of the scores); `noise_variance` of one
    target around its mean, where the likelihood has one, else None. In the unit of the targets."""

    mean: Array
    variance: Array
    noise_variance: Array | None


@dataclass(frozen=True)
class Laplace:
    """The posterior: normal around `mean`, the parameters that exist (and are in the subset).

    Attributes:
        names: (parameters,) as in Summary. prior_precision: (parameters,).
        noise: the standard deviation of targets, in the unit of the user, () or (columns,); of a
            gamma likelihood that of targets over their mean; None for other losses.
        log_likelihood: of the rows. log_marginal_likelihood: with the parameters integrated out.
    """

    linear: Linearised
    names: list[str]
    mean: Array
    prior_precision: Array
    noise: Any
    log_likelihood: float
    root: Array

    @property
    def precision(self) -> Array:
        """(parameters, parameters)"""
        return np.asarray(self.root.T @ self.root)

    @cached_property
    def spread(self) -> Spread:
        inverse = np.linalg.solve(self.root, np.eye(len(self.root)))
        return Spread(inverse, math.nan, np.zeros(0, int))

    @property
    def covariance(self) -> Array:
        """(parameters, parameters)"""
        return np.asarray(self.spread.root @ self.spread.root.T)

    @property
    @np.errstate(over="ignore")
    def log_marginal_likelihood(self) -> float:
        """What to choose a prior, a noise or a network by (MacKay 1992, Bayesian interpolation)."""
        log_ratio = 2.0 * np.log(np.abs(np.diagonal(self.root))) - np.log(self.prior_precision)
        scatter = np.sum(self.prior_precision * self.mean**2)
        return float(self.log_likelihood - 0.5 * (log_ratio.sum() + scatter))

    @property
    def effective_parameters(self) -> float:
        """How many parameters the rows determine, rather than the prior (MacKay 1992)."""
        own = np.square(self.spread.root).sum(axis=1)
        return float(len(own) - np.sum(self.prior_precision * own))

    def score_covariance(self, X: Any) -> tuple[Array, Array]:
        """Scores (rows, outputs) for X (rows, inputs), and their covariances (rows, outputs,
        outputs), on the scale of the network."""
        inputs, found = self.linear.inputs(X), []
        for start in range(0, len(inputs), many := self.linear.at_once()):
            scores, slopes = self.linear.scores_and_slopes(inputs[start : start + many])
            half = slopes @ self.spread.root
            found.append((scores, np.matmul(half, half.swapaxes(-1, -2))))
        scores, covariances = (np.concatenate(each) for each in zip(*found, strict=True))
        return scores, covariances

    @np.errstate(all="ignore")
    def predict(self, X: Any) -> Predictive:
        """What is predicted for X (rows, inputs) with the uncertainty of the parameters in it.

        The network is linear in its parameters (Immer et al. 2021). Probabilities are
        averaged over the scores as by MacKay 1992 ("The evidence framework applied to
        classification networks"), rates of poisson and gamma exactly.
        """
        scores, covariances = self.score_covariance(X)
        variance = np.einsum("rkk->rk", covariances).copy()
        loss, network = self.linear.loss, self.linear.network
        noise: Array | None = None
        if loss.targets != "numbers":
            mean = loss.link(scores / np.sqrt(1.0 + math.pi / 8.0 * variance))
            return Predictive(mean, variance, None)
        if loss.name in ("poisson", "gamma"):
            mean = np.exp(scores + 0.5 * variance)
            variance = mean**2 * np.expm1(variance)
            own = mean if loss.name == "poisson" else (variance + mean**2) * self.noise**2
            return Predictive(mean, variance, own)
        if loss.name == "gaussian":
            outputs = network.to_outputs(scores)
            mean, noise = np.split(outputs, 2, axis=-1)
            variance = np.split(variance, 2, axis=-1)[0]
        else:
            variance *= link_slope(loss, scores) ** 2
            mean = network.to_outputs(scores.copy())
            noise = np.broadcast_to(np.square(self.noise), mean.shape)
        return Predictive(mean, variance / self.linear.unit**2, noise)


@np.errstate(all="ignore")  # what does not stay finite is refused: in_range
def laplace(
    network: Network,
    X: Any,
    y: Any,
    *,
    prior_precision: Any = 1.0,
    noise: Any = None,
    subset: str = "all",
    sample_weight: Any = None,
) -> Laplace:
    """The Laplace approximation of the posterior of a fitted network's parameters.

    The precision is the Fisher information of all rows plus that of the prior, a normal
    distribution around 0; a network fitted with a mean loss and a weight_decay d has about
    prior_precision = d x rows (of squared error: d x rows / (2 noise^2)).

    Args:
        network: fitted; its losses as in `summarize`.
        X, y, sample_weight: the rows that it was fitted to, as in `summarize`.
        prior_precision: above 0, one for all parameters or one for each of `names`.
        noise: the standard deviation of targets in their unit, above 0, one or one for each
            column (squared_error); that over the mean (gamma); None: by the residuals.
        subset: "all" parameters, or those of the "last_layer": for wide networks.

    Raises:
        ValueError, TypeError: an argument is not as above; or there are more parameters than there
            is memory for, before it is asked for.
    """
    last = checks.choice("subset", subset, SUBSETS)
    linear = Linearised(network, "laplace", last)
    prior = _positive("prior_precision", prior_precision, len(linear.places), "parameters")
    evidence = gather(linear, X, y, sample_weight)
    width, dispersion = _noise(noise, evidence)
    root, _ = evidence.curvature(dispersion)
    both = triangle(np.diag(np.sqrt(prior)), root)
    likelihood = log_likelihood(linear.loss, evidence, dispersion)
    return Laplace(linear, linear.names, linear.parameters, prior, width, likelihood, both)


def _noise(noise: Any, evidence: Evidence) -> tuple[Any, Any]:
    """The noise in the user's unit, and the dispersion on the scale of the network."""
    loss, unit = evidence.linear.loss, evidence.linear.unit
    if not has_dispersion(loss):
        if noise is not None:
            raise ValueError(
                f"noise is for networks of the loss squared_error or gamma; this one has "
                f"{loss.name!r}, whose mean says how far targets spread. Leave it out."
            )
        return None, 1.0
    columns = evidence.scores.shape[-1]
    if noise is not None:
        given = _positive("noise", noise, columns, "targets")
        given = given[0] if np.ndim(noise) == 0 and unit.ndim == 0 else given
        dispersion = np.square(given * (1.0 if loss.name == "gamma" else unit))
        return given, dispersion if np.ndim(dispersion) else float(dispersion)
    dispersion = float(sum_of_squares(loss, evidence).sum() / evidence.count)
    if not dispersion > 0:
        raise ValueError(
            "noise is to be found from residuals, and these are all 0. Pass noise=, the standard "
            "deviation of the targets' errors."
        )
    return np.sqrt(dispersion) / (1.0 if loss.name == "gamma" else unit), dispersion


def _positive(name: str, given: Any, count: int, what: str) -> Array:
    """(count,) numbers above 0, from one or from as many."""
    if np.ndim(given) == 0:
        return np.full(count, checks.positive(name, given))
    if np.shape(given) != (count,):
        raise ValueError(
            f"{name} must be one number, or one for each of the {count} {what}; got shape "
            f"{np.shape(given)}."
        )
    return np.array([checks.positive(name, each) for each in np.asarray(given).tolist()])
