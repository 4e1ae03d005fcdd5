"""`summarize`: parameters with their standard errors, and how well all of them fit, as a table.

What it rests on is in linearised.py. To show one more number: a field of Summary, and its place in
`__str__`.
"""

import textwrap
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.network import Network
from .distributions import reach, two_sided
from .likelihoods import has_dispersion, log_likelihood, residuals, sum_of_squares
from .linearised import Evidence, Linearised, gather
from .triangles import Spread, invert

FAR = 0.1
"""Standard errors from the minimum, from which on a fit is not called finished."""

ROUNDING = 64 * float(np.finfo(float).eps)
"""A step that is shorter than that beside the scores cannot be told from none."""

SHOWN = 60
"""Parameters in a table, at most."""

WIDTH = 78


@dataclass(frozen=True)
class Summary:
    """What rows say about the parameters of a network, all in float64.

    Attributes:
        names: (parameters,) 'weights[0][2, 1]' is the weight of input 2 to unit 1 of layer 0.
        estimates, standard_errors, t_values, p_values: (parameters,); p of two sides, by Student's
            t with `degrees_of_freedom` for squared errors, by the normal distribution else.
        covariance: (parameters, parameters), in the order of `names`.
        residual_sum_of_squares: in the unit of the targets, times the weights.
        degrees_of_freedom: observations less rank; observations are known targets of a weight above
            0 (squared errors), or the sum of weights.
        residual_standard_error: in the unit of the targets, (columns,) where these are scaled one
            by one; nan for losses but the squared error.
        dispersion: the square of that in the unit of the network; of a gamma distribution the
            variance over the squared mean; 1 for other losses.
        log_likelihood, aic, bic: of all rows, at the parameters; the rank counts as the number of
            parameters, and dispersion as none (as statsmodels has it; R counts it).
        condition_number: of the Jacobian, its columns scaled to length 1. rank: of it.
        undetermined: names of the parameters that these rows leave open.
        fixed: {name: value} of what `Network.constrain` fixed, which counts as known; whole arrays
            of one value by one name. at_bounds: names of parameters that are at a bound, and count
            as fixed there.
        to_minimum: how far a Gauss-Newton step would move the parameters, in standard errors (root
            of the mean square; Bates and Watts 1981). Far above 0.1 nothing here is to be trusted.
    """

    layers: tuple[int, ...]
    loss: str
    names: list[str]
    estimates: Array
    standard_errors: Array
    covariance: Array = field(repr=False)
    residual_sum_of_squares: float
    observations: float
    degrees_of_freedom: float
    residual_standard_error: Any
    dispersion: float
    log_likelihood: float
    condition_number: float
    rank: int
    undetermined: list[str]
    fixed: dict[str, float]
    at_bounds: list[str]
    to_minimum: float
    student: bool

    @property
    def t_values(self) -> Array:
        with np.errstate(all="ignore"):
            return np.asarray(self.estimates / self.standard_errors)

    @property
    def p_values(self) -> Array:
        return np.array([two_sided(t, self.dof_of_t) for t in self.t_values.tolist()])

    @property
    def dof_of_t(self) -> float:
        """Degrees of freedom of t and of intervals: infinite for all but squared errors."""
        return self.degrees_of_freedom if self.student else np.inf

    @property
    def aic(self) -> float:
        return 2.0 * self.rank - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        return float(np.log(self.observations)) * self.rank - 2.0 * self.log_likelihood

    def intervals(self, level: float = 0.95) -> Array:
        """(parameters, 2) where each parameter lies, by itself, with this confidence."""
        away = reach(level, self.dof_of_t) * self.standard_errors
        return np.stack([self.estimates - away, self.estimates + away], axis=1)

    @property
    def warnings(self) -> list[str]:
        """What is wrong, in words; empty where nothing is."""
        found = []
        if self.at_bounds:
            found.append(
                f"at a bound, and taken as fixed there: {_some(self.at_bounds)}. All else is said "
                "as if that were known."
            )
        if self.undetermined:
            found.append(
                f"rank {self.rank} of {len(self.names)}: these rows do not determine "
                f"{_some(self.undetermined)}. Any of them can move, some only together, and "
                "nothing that is predicted here changes. Their standard errors come from the "
                "pseudo-inverse: do not read them."
            )
        if self.undetermined and self.loss == "softmax_cross_entropy":
            found.append("scores of classes count by their differences only: some are always open.")
        if self.to_minimum > FAR:
            found.append(
                f"not at the minimum: one more step would move the parameters by about "
                f"{self.to_minimum:.2g} standard errors. Fit on, without weight_decay, for "
                "instance with optimizer='levenberg_marquardt'."
            )
        return found

    def __str__(self) -> str:
        return "\n".join([*self._head(), *self._table(), *self._foot()])

    def _head(self) -> list[str]:
        error = [s for s in np.ravel(self.residual_standard_error).tolist() if s == s]
        pairs = [
            ("observations", f"{self.observations:g}"),
            ("parameters (rank)", f"{len(self.names)} ({self.rank})"),
            ("degrees of freedom", f"{self.degrees_of_freedom:g}"),
            ("sum of squares", f"{self.residual_sum_of_squares:.6g}"),
            ("residual std error", " ".join(f"{each:.6g}" for each in error[:2]) or "-"),
            ("log likelihood", f"{self.log_likelihood:.6g}"),
            ("AIC", f"{self.aic:.6g}"),
            ("BIC", f"{self.bic:.6g}"),
            ("condition number", f"{self.condition_number:.3g}"),
            ("to the minimum", f"{self.to_minimum:.2g} std errors"),
        ]
        cells = [f"{name + ':':<21}{value:>16}" for name, value in pairs]
        rows = [f"{a}    {b}" for a, b in zip(cells[::2], cells[1::2], strict=True)]
        title = f"Network {list(self.layers)}, {self.loss}"
        return [title.center(WIDTH).rstrip(), "=" * WIDTH, *rows]

    def _table(self) -> list[str]:
        letter = "t" if self.student else "z"
        wide = max([len("parameter"), *map(len, self.names[:SHOWN])])
        words = ["estimate", "std error", letter, f"P>|{letter}|", "[0.025", "0.975]"]
        lines = [f"{'parameter':<{wide}}" + "".join(f"{word:>11}" for word in words)]
        columns = [self.estimates, self.standard_errors, self.t_values, self.p_values]
        numbers = np.column_stack([*columns, self.intervals()])[:SHOWN].tolist()
        for name, (*first, t, p, low, high) in zip(self.names, numbers, strict=False):
            ends = [f"{each:>11.4g}" for each in (low, high)]
            body = [*(f"{each:>11.4g}" for each in first), f"{t:>11.3f}", f"{p:>11.3f}", *ends]
            lines.append(f"{name:<{wide}}" + "".join(body))
        more = len(self.names) - SHOWN
        lines += [f"... and {more} more: see the attributes"] if more > 0 else []
        width = max(WIDTH, len(lines[0]))
        return ["=" * width, lines[0], "-" * width, *lines[1:], "=" * width]

    def _foot(self) -> list[str]:
        values = [f"{name} = {value:.6g}" for name, value in self.fixed.items()]
        words = [f"Fixed: {_some(values)}"] if values else []
        words += [f"Warning: {each}" for each in self.warnings]
        return [line for each in words for line in textwrap.wrap(each, WIDTH)]


def _some(words: list[str]) -> str:
    return ", ".join(words[:8]) + (", ..." if words[8:] else "")


@np.errstate(all="ignore")  # what does not stay finite is refused: in_range
def summarize(network: Network, X: Any, y: Any, sample_weight: Any = None) -> Summary:
    """Standard errors of a fitted network's parameters, and how well it fits.

    For squared errors the covariance is s^2 (J'J)^-1, of nonlinear least squares (Seber and Wild
    1989, section 5.1); for other likelihoods the inverse of the Fisher information. Both hold for
    many rows, at a minimum of the loss without decay, and if the network can express the truth.
    What has a target scaling (standardize=True) has its parameters as the network has them, its
    residuals in the user's unit.

    Args:
        network: fitted, with one of the losses squared_error, logistic, softmax_cross_entropy,
            poisson, gamma, gaussian.
        X, y: (rows, inputs) and targets as in `fit`, the rows that it was fitted to; nan in numeric
            targets means unknown.
        sample_weight: (rows,) as in `fit`. For squared errors a weight is the inverse of a
            variance, up to a factor; else it says how often the row was seen.

    Raises:
        ValueError, TypeError: an argument is not as above; no more observations than parameters; or
            more parameters than there is memory for, before it is asked for.
    """
    linear = Linearised(network, "summarize")
    evidence = gather(linear, X, y, sample_weight)
    spread, slope = spread_of(evidence)
    dispersion, freedom = dispersion_of(evidence, spread.rank, "summarize")
    root = spread.root * np.sqrt(dispersion)
    covariance = root @ root.T
    squares = sum_of_squares(linear.loss, evidence)
    own = has_dispersion(linear.loss) and linear.loss.name != "gamma"
    width = np.sqrt(dispersion) / linear.unit if own else np.array(np.nan)
    most_likely = squares.sum() / evidence.count if own else dispersion
    step = np.linalg.norm(spread.root.T @ slope)
    blur = ROUNDING * np.linalg.norm(evidence.scores.T * np.sqrt(evidence.weights))
    left = step / np.sqrt(dispersion * spread.rank) if step > blur else 0.0
    likely = log_likelihood(linear.loss, evidence, most_likely) if dispersion else np.inf
    return Summary(
        layers=network.layers,
        loss=linear.loss.name,
        names=linear.names,
        estimates=linear.parameters,
        standard_errors=np.sqrt(np.diagonal(covariance)),
        covariance=covariance,
        residual_sum_of_squares=_squares_in_unit(evidence),
        observations=evidence.count,
        degrees_of_freedom=freedom,
        residual_standard_error=float(width.item()) if width.size == 1 else width,
        dispersion=dispersion,
        log_likelihood=likely,
        condition_number=spread.condition,
        rank=spread.rank,
        undetermined=[linear.names[place] for place in spread.undetermined],
        fixed={k: v for k, v in network.constraints.items() if isinstance(v, float)},
        at_bounds=linear.at_bounds,
        to_minimum=float(left),
        student=own,
    )


def spread_of(evidence: Evidence) -> tuple[Spread, Array]:
    """The spread of the parameters with dispersion 1, and the slope of the log-likelihood."""
    root, slope = evidence.curvature()
    return invert(root, evidence.scores.size), slope


def dispersion_of(evidence: Evidence, rank: int, caller: str) -> tuple[float, float]:
    """The dispersion by the residuals (1 where the mean says it), and the degrees of freedom."""
    loss, freedom = evidence.linear.loss, evidence.count - rank
    if not has_dispersion(loss):
        return 1.0, freedom
    if not freedom > 0:
        raise ValueError(
            f"{caller} needs more observations than parameters, to tell noise from signal; got "
            f"{evidence.count:g} for rank {rank}. Use fewer units, laplace(...) with a noise that "
            "you know, or conformal intervals."
        )
    return float(sum_of_squares(loss, evidence).sum() / freedom), freedom


def _squares_in_unit(evidence: Evidence) -> float:
    loss = evidence.linear.loss
    away = residuals(loss, evidence.scores, evidence.targets, evidence.known)
    return float(np.sum(evidence.weights @ np.square(away / evidence.linear.unit)))
