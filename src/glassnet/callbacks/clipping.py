"""Clipping: gradients are kept from growing beyond a limit, between the backward pass and the step.

ClipNorm keeps the direction (Pascanu et al. 2013, algorithm 1), ClipValue cuts each number.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..core import checks
from ..core.callback import Callback
from ..core.training import Training


class ClipNorm(Callback):
    """Scale the whole gradient down where its Euclidean norm exceeds `limit` (above 0).

    `clipped` counts the steps in which that happened. In a fleet each member has a norm of its own,
    and the steps of all members are counted.
    """

    changes_gradients: ClassVar = True

    def __init__(self, limit: float) -> None:
        self.limit = checks.positive("limit", limit)
        self.clipped = 0

    def on_gradients(self, training: Training) -> None:
        squares = np.vecdot(training.gradients, training.gradients)
        norms = np.sqrt(np.asarray(squares, dtype=np.float64))
        for place in map(tuple, np.argwhere(norms > self.limit)):
            training.gradients[place] *= self.limit / float(norms[place])
            self.clipped += 1


class ClipValue(Callback):
    """Cut every number of the gradient to [-limit, limit]."""

    changes_gradients: ClassVar = True

    def __init__(self, limit: float) -> None:
        self.limit = checks.positive("limit", limit)

    def on_gradients(self, training: Training) -> None:
        np.clip(training.gradients, -self.limit, self.limit, out=training.gradients)
