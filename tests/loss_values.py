"""Losses computed as the engine does it, for the tests of losses."""

from typing import Any, NamedTuple

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.loss import Loss


class Computed(NamedTuple):
    """The loss of each row, and d loss / d scores."""

    losses: Array
    gradient: Array


def compute(
    loss: Loss, scores: Any, targets: Any, known: Any = None, dtype: Any = np.float64
) -> Computed:
    """As the engine does it: into a buffer that holds anything, overflow left to itself."""
    used = np.array(scores, dtype)
    wanted = np.array(targets)
    if wanted.ndim == used.ndim:
        wanted = wanted.astype(dtype)
    gradient = np.full_like(used, np.nan)
    with np.errstate(all="ignore"):
        losses = loss.compute(used, wanted, gradient, None if known is None else np.array(known))
    return Computed(losses, gradient)


def outputs_of(loss: Loss, scores: Any) -> Array:
    return loss.link(np.array(scores, float))
