"""A small network, a batch, and what the tests of passes do with them."""

import math
from typing import Any

import numpy as np

from glassnet.activations import ACTIVATIONS
from glassnet.core.arrays import Array
from glassnet.core.passes import Batch, Passes
from glassnet.core.random import Stream
from glassnet.losses import LOSSES

SIZES = (3, 5, 4, 2)
RANDOM = np.random.default_rng(7)
COUNT = 3 * 5 + 5 * 4 + 4 * 2 + 5 + 4 + 2
PARAMETERS = RANDOM.normal(size=COUNT) * 0.5
INPUTS, TARGETS = RANDOM.normal(size=(6, 3)), RANDOM.normal(size=(6, 2))
WEIGHTS = np.array([1.0, 0.5, 2.0, 3.0, 0.25, 1.5])


def network(
    parameters: Array = PARAMETERS,
    activation: str = "tanh",
    dropout: tuple[float, ...] = (0.0, 0.0),
    bias: tuple[bool, ...] = (True, True, True),
    sizes: tuple[int, ...] = SIZES,
) -> Passes:
    chosen = [ACTIVATIONS[activation]] * (len(sizes) - 2)
    flat = parameters.copy()
    members = math.prod(flat.shape[:-1])
    rates = [[rate] * members for rate in dropout]
    streams = [Stream(1, str(member)) for member in range(members)]
    return Passes(sizes, chosen, bias, rates, flat, np.zeros_like(flat), streams)


def learn(
    passes: Passes, batch: Batch, loss: str = "squared_error", **decay: float
) -> tuple[Any, Array]:
    """The mean loss of the batch and the gradient of every parameter."""
    work = passes.workspace(batch.rows)
    mean = passes.loss_and_gradients(LOSSES[loss], batch, work, **decay)
    return mean, passes.gradients.copy()


def assert_alike(one: tuple[Any, Array], other: tuple[Any, Array]) -> None:
    np.testing.assert_allclose(one[0], other[0], rtol=1e-13)
    np.testing.assert_allclose(one[1], other[1], rtol=1e-11, atol=1e-15)
