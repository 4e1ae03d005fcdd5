"""Clipping: gradients are kept from growing beyond a limit, between the backward pass and the step.

ClipNorm keeps the direction (Pascanu et al. 2013, algorithm 1), ClipValue cuts each number.
"""

from __future__ import annotations

import math

import numpy as np

from ..core import checks
from ..core.callback import Callback
from ..core.training import Training


class ClipNorm(Callback):
    """Scale the whole gradient down where its Euclidean norm exceeds `limit` (above 0).

    `clipped` counts the steps in which that happened.
    """

    def __init__(self, limit: float) -> None:
        self.limit = checks.positive("limit", limit)
        self.clipped = 0

    def on_gradients(self, training: Training) -> None:
        norm = math.sqrt(float(np.vecdot(training.gradients, training.gradients)))
        if norm > self.limit:
            training.gradients *= self.limit / norm
            self.clipped += 1


class ClipValue(Callback):
    """Cut every number of the gradient to [-limit, limit]."""

    def __init__(self, limit: float) -> None:
        self.limit = checks.positive("limit", limit)

    def on_gradients(self, training: Training) -> None:
        np.clip(training.gradients, -self.limit, self.limit, out=training.gradients)
