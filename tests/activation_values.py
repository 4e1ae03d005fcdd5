"""Outputs and slopes of an activation as the engine computes them, for the tests of activations."""

from typing import Any

import numpy as np

from glassnet.core.activation import Activation
from glassnet.core.arrays import Array

GRID = np.concatenate([np.linspace(-30.0, 30.0, 241), [-1e-3, 1e-9, -1e-300]])


def outputs_of(activation: Activation, scores: Any, dtype: Any = np.float64) -> Array:
    given_scores = np.array(scores, dtype)
    outputs = np.full_like(given_scores, np.nan)
    with np.errstate(all="ignore"):  # as the engine runs
        activation.forward(given_scores, outputs)
    return outputs


def slopes_of(activation: Activation, scores: Any, dtype: Any = np.float64) -> Array:
    given_scores = np.array(scores, dtype)
    slopes = np.full_like(given_scores, np.nan)
    with np.errstate(all="ignore"):
        activation.slope(given_scores, outputs_of(activation, given_scores, dtype), slopes)
    return slopes
