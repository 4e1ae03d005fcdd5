"""Bayesian regularisation: Levenberg-Marquardt that finds its own weight decay.

Between two steps the evidence (MacKay 1992) says how precise the weights and the noise are, from
the curvature that the step needs anyway (Foresee and Hagan 1997).
"""

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from ..core.arrays import Array
from ..core.passes import Batch
from ..losses import Huber, OwnLoss, SquaredError
from .damped import DampedTraining
from .levenberg_marquardt import LevenbergMarquardt
from .training import inner

FIRST = 1e-3
"""The first decay, as a share of the mean curvature: what has no effect, but lets it be counted."""

LITTLE = 1e-9
"""The least share of the values that is left for the noise, and for what must not be 0."""

TURN = 2.0 * math.pi

FOUND = "effective_parameters", "noise_precision", "weight_precision", "log_evidence"
"""What the history has of it."""

BOUNDS = 1e-12, 1e12
"""Of the decay, as shares of the mean curvature."""


class EvidenceTraining(DampedTraining):
    """Its steps; the decay and what was found with it, the first numbers of more slots, outlive a
    broken run."""

    takes_bounds = False  # they would cut the posterior off

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        loss = self.criterion
        own_link = isinstance(loss, SquaredError) and loss.activation != "identity"
        if isinstance(loss, Huber | OwnLoss) or own_link:
            raise ValueError(
                f"{self.name} needs a loss that is a likelihood; {loss.name!r} is none here. Use "
                "the loss 'squared_error' or one for classes or counts, or 'levenberg_marquardt'."
            )
        self.measured = isinstance(loss, SquaredError)  # whether the noise is: others have none
        self.calm = False

    @property
    def held(self) -> int:
        """All but the biases of the outputs. Of a hidden bias that nothing holds, at a unit without
        effect, nothing would be known at all, and the evidence be infinite."""
        return len(self.parameters) - int(self.network.layers[-1])

    @property
    def decay(self) -> float:
        return float(self.stepper.slots[2, 0])

    def weigh(self, curvature: Array, batch: Batch) -> None:
        """The decay of the next step, from the evidence at the present parameters."""
        settings: Any = self.plan.optimizer
        if not np.isfinite(curvature).all():
            raise self.diverged("the curvature of the loss is not finite")
        held, before = self.parameters[self.decayed], self.decay
        mean = float(np.trace(curvature)) / len(curvature)
        decay, values = before or FIRST * (mean or 1.0), float(batch.total_weight())
        if self.criterion.targets != "labels":  # else the loss is no mean over columns
            values *= batch.targets.shape[-1]
        squares = max(inner(held, held), np.finfo(float).tiny)
        found, new = evidence(
            curvature, decay, len(held), squares, self.loss, values, self.measured
        )
        new = min(max(new, BOUNDS[0] * mean), BOUNDS[1] * mean)
        self.stepper.slots[2:7, 0] = new, *(found[name] for name in FOUND)
        self.gradients[self.decayed] += (new - before) * held
        self.calm = abs(new - decay) <= settings.precision_tolerance * new

    def finish(self, steep: float) -> None:
        """Not before the decay has come to rest, too."""
        if self.calm:
            super().finish(steep)

    def for_record(self, values: dict[str, Any]) -> dict[str, Any]:
        """What was found about weights and noise beside the loss."""
        found = dict(zip(FOUND, self.stepper.slots[3:7, 0].tolist(), strict=True))
        return {**super().for_record(values), **(found if "loss" in values else {})}


def evidence(
    curvature: Array,
    decay: float,
    held: int,
    squares: float,
    loss: float,
    values: float,
    measured: bool,
) -> tuple[dict[str, float], float]:
    """What one step of MacKay's finds, by its name in the history; and the decay that follows.

    Args:
        curvature: (parameters, parameters) of the mean loss; of the first ones, so many as are
            `held`, the objective has the sum of `squares` `decay` / 2 times; the others are free.
        loss: the mean over so many `values`. measured: whether the noise is, from squared errors;
            else the loss is the negative log likelihood itself, up to what it leaves out.
    """
    damped = curvature.copy()
    np.einsum("ii->i", damped)[:held] += decay
    sizes, vectors = np.linalg.eigh(damped)
    # What no output depends on (a bias that is not there, the sum of those of classes) has no say.
    there = sizes > len(sizes) * np.finfo(float).eps * sizes[-1]
    sizes, vectors = sizes[there], vectors[:held, there]
    kept = decay * float(np.einsum("ij,ij->j", vectors, vectors) @ (1.0 / sizes))
    effective = min(max(held - kept, 0.0), held)
    precision, noise, likelihood = effective / squares, 1.0, 0.0
    scale = values  # minus the log likelihood is this times the loss
    if measured:
        noise = max(values - effective, LITTLE * values) / max(values * loss, LITTLE**9)
        scale, likelihood = 0.5 * noise * values, 0.5 * values * math.log(noise / TURN)
    likelihood -= scale * loss
    prior = 0.5 * (held * math.log(max(precision, LITTLE**9)) - precision * squares)
    volume = 0.5 * (len(sizes) - held) * math.log(TURN)
    volume -= 0.5 * float(np.log(scale * sizes).sum())
    found = {
        "effective_parameters": effective,
        "noise_precision": noise,
        "weight_precision": precision,
        "log_evidence": likelihood + prior + volume,
    }
    return found, precision / max(scale, np.finfo(float).tiny)


@dataclass(frozen=True)
class BayesianRegularization(LevenbergMarquardt):
    """Levenberg-Marquardt with a weight decay that follows from the data: no validation set needed.

    Parameters have a normal prior of one precision, the biases of the outputs a flat one; targets
    have normal noise of one precision (squared error), or the likelihood that the loss is. Both
    precisions maximise the evidence (MacKay 1992, section 4), as those of a network without hidden
    layer do for scikit-learn's BayesianRidge. Each record of the history has `noise_precision` and
    `weight_precision` (in the unit of the network's own scores, which standardize=True makes
    another than that of the targets), `effective_parameters`, how many the data determine, and
    `log_evidence`, by which networks of different sizes compare: the higher, the better. Restarts
    are chosen by it where there are no validation data.

    Args:
        precision_tolerance: it ends only where a step changes the decay by no more than this share.
    """

    weight_decay: float = field(default=0.0, init=False, repr=False)
    hops: int = field(default=0, init=False, repr=False)
    precision_tolerance: float = 1e-9
    slots: ClassVar[int] = 8
    chosen_by: ClassVar[str | None] = "log_evidence"
    matrices: ClassVar[int] = 7
    training: ClassVar[Any] = EvidenceTraining
