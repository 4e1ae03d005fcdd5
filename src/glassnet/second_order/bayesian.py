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
from .levenberg_marquardt import DampedTraining, LevenbergMarquardt
from .training import inner

FIRST = 1e-3
"""The first decay, as a share of the mean curvature: what has no effect, but lets it be counted."""

BOUNDS = 1e-12, 1e12
"""Of the decay, as shares of the mean curvature."""


class EvidenceTraining(DampedTraining):
    """Its steps; the decay is in a slot beside the others."""

    found: dict[str, float]

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
        self.found, self.calm = {}, False

    @property
    def decay(self) -> float:
        return float(self.stepper.slots[2, 0])

    def weigh(self, curvature: Array, batch: Batch) -> None:
        """The decay of the next step, from the evidence at the present parameters."""
        count = self.passes.weight_count
        weights, before = self.parameters[:count], self.decay
        mean = float(np.trace(curvature)) / len(curvature)
        old = before or FIRST * mean
        values = float(batch.total_weight()) * (batch.targets.shape[-1] if self.measured else 1)
        damped = curvature.copy()
        np.einsum("ii->i", damped)[:count] += old
        # Parameters that no output depends on (a bias that a layer does not have) have no say.
        known = np.einsum("ii->i", damped) > 0.0
        damped = damped[np.ix_(known, known)]
        inverse = np.linalg.inv(damped)
        held = int(known[:count].sum())
        effective = held - old * float(np.einsum("ii->i", inverse)[:held].sum())
        effective = min(max(effective, 0.0), held)
        squares = max(inner(weights, weights), np.finfo(float).tiny)
        weight = effective / squares
        noise = 1.0
        if self.measured:
            noise = max(values - effective, 1e-9 * values) / max(self.loss * values, 1e-300)
        new = (2.0 if self.measured else 1.0) * weight / (noise * values)
        new = min(max(new, BOUNDS[0] * mean), BOUNDS[1] * mean)
        self.stepper.slots[2, 0] = new
        self.gradients[:count] += (new - before) * weights
        self.calm = abs(new - old) <= self.plan.optimizer.precision_tolerance * new
        self.found = {
            "effective_parameters": effective,
            "noise_precision": noise,
            "weight_precision": weight,
        }

    def finish(self, steep: float) -> None:
        """Not before the decay has come to rest, too."""
        if self.calm:
            super().finish(steep)

    def for_record(self, values: dict[str, Any]) -> dict[str, Any]:
        """What was found about weights and noise beside the loss."""
        return {**super().for_record(values), **(self.found if "loss" in values else {})}


@dataclass(frozen=True)
class BayesianRegularization(LevenbergMarquardt):
    """Levenberg-Marquardt with a weight decay that follows from the data: no validation set needed.

    Weights have a normal prior of one precision, biases a flat one; targets have normal noise of
    one precision (squared error), or the likelihood that the loss is. Both precisions maximise the
    evidence (MacKay 1992, eq. 2.14 and 2.15), as a network of no hidden layer's do for
    scikit-learn's BayesianRidge. Each record of the history has them, with the effective number of
    weights: `noise_precision` and `weight_precision` are in the unit of the network's own scores,
    which standardize=True makes another than that of the targets.

    Args:
        precision_tolerance: it ends only where a step changes the decay by no more than this share.
    """

    weight_decay: float = field(default=0.0, init=False, repr=False)
    precision_tolerance: float = 1e-9
    slots: ClassVar[int] = 4
    training: ClassVar[Any] = EvidenceTraining
