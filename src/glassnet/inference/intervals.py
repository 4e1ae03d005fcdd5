"""`predict_interval`: how sure a prediction is, as far as that follows from the parameters.

The delta method: scores are linear in the parameters, near by. To add a kind of interval: a line
in `_ends`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array
from ..core.loss import Loss
from ..core.network import Network
from ..intake.given import parts
from ..losses import Logistic
from .distributions import check_level, reach
from .likelihoods import link_slope
from .linearised import Linearised, gather
from .summary import dispersion_of, spread_of

KINDS = {"prediction": "of one more target", "confidence": "of the mean"}


@dataclass(frozen=True)
class Interval:
    """`lower` and `upper` around `mean`, each (rows, columns) in the unit of the targets."""

    lower: Array
    mean: Array
    upper: Array
    level: float

    def covered(self, y: Any) -> float:
        """The share in [0, 1] of targets y, (rows,) or (rows, columns), that lie inside."""
        targets = np.reshape(y, (len(self.mean), -1))
        if targets.shape != self.mean.shape:
            raise ValueError(
                f"y must have one target for each interval, shape {self.mean.shape}; got shape "
                f"{np.shape(y)}."
            )
        return float(np.mean((self.lower <= targets) & (targets <= self.upper)))


@np.errstate(all="ignore")  # what does not stay finite is refused; far from 0 a link is 0, 1, inf
def predict_interval(
    network: Network,
    X: Any,
    *,
    data: Any,
    level: float = 0.95,
    kind: str = "prediction",
) -> Interval:
    """Intervals around what a fitted network predicts, by the uncertainty of its parameters.

    Seber and Wild 1989, section 5.1: by Student's t for squared errors; by the normal
    distribution for other likelihoods, on the scale of the scores and then through the link, so
    that a probability stays one. Conditions: see `summarize`.

    Args:
        network: fitted; its losses as in `summarize`.
        X: (rows, inputs) to predict for.
        data: (X, y) or (X, y, weights), the rows that it was fitted to.
        level: of confidence, in (0, 1).
        kind: "prediction", of one more target (its own noise added: squared_error and gaussian
            only), or "confidence", of the mean.

    Raises:
        ValueError, TypeError: an argument is not as above, or as in `summarize`.
    """
    level = check_level(level)
    checks.choice("kind", kind, KINDS)
    if not isinstance(data, tuple | list) or len(data) not in (2, 3):
        raise TypeError(
            "data must be (X, y) or (X, y, weights), the rows that the network was fitted to; got "
            f"{checks.show(data)}."
        )
    linear = Linearised(network, "predict_interval")
    if kind == "prediction" and linear.loss.name not in ("squared_error", "gaussian"):
        raise ValueError(
            f"kind='prediction' needs targets with normal noise; the network has the loss "
            f"{linear.loss.name!r}. Use kind='confidence', or conformal intervals."
        )
    inputs = linear.inputs(X)
    evidence = gather(linear, *parts(data))
    spread, _ = spread_of(evidence)
    dispersion, freedom = dispersion_of(evidence, spread.rank, "predict_interval")
    student = linear.loss.name == "squared_error"
    times = reach(level, freedom if student else np.inf)
    noise = (dispersion if student else None) if kind == "prediction" else 0.0
    pieces = []
    for start in range(0, len(inputs), many := linear.at_once()):
        scores, slopes = linear.scores_and_slopes(inputs[start : start + many])
        if linear.loss.targets == "labels":
            scores, slopes = _margins(scores, slopes)
        wide = spread.deviations(slopes) * np.sqrt(dispersion)
        pieces.append(_ends(linear.loss, scores, wide, times, noise))
    ends = [np.concatenate(each) for each in zip(*pieces, strict=True)]
    scaling = linear.network.target_scaling
    lower, mean, upper = ends if scaling is None else map(scaling.undo, ends)
    return Interval(lower, mean, upper, level)


def _ends(
    loss: Loss, scores: Array, wide: Array, times: float, noise: Any
) -> tuple[Array, Array, Array]:
    """Lower, mean and upper; `wide` is the deviation of the scores, `noise` the variance of a
    target around its mean (None: as the network predicts it), 0 for the mean."""
    if loss.name == "gaussian":
        means, variances = np.split(loss.link(scores.copy()), 2, axis=-1)
        noise = variances if noise is None else noise
        scores, wide = means, np.split(wide, 2, axis=-1)[0]
    elif loss.name == "squared_error":
        wide, scores = wide * np.abs(link_slope(loss, scores)), loss.link(scores.copy())
    else:
        low, high = scores - times * wide, scores + times * wide
        link = Logistic().link if loss.targets == "labels" else loss.link
        return link(low), link(scores.copy()), link(high)
    room = times * np.sqrt(wide**2 + noise)
    return scores - room, scores, scores + room


def _margins(scores: Array, slopes: Array) -> tuple[Array, Array]:
    """The log-odds of each class against all others, and their slopes: unlike scores they are
    determined, and the link of two classes makes probabilities of them."""
    others = np.where(np.eye(scores.shape[-1], dtype=bool), -np.inf, scores[:, None, :])
    top = others.max(axis=-1, keepdims=True)
    shares = np.exp(others - top)
    total = shares.sum(axis=-1, keepdims=True)
    margins = scores - (top + np.log(total))[..., 0]
    return margins, slopes - np.matmul(shares / total, slopes)
