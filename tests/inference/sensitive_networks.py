"""Networks whose sensitivities are known, and differences to compare with."""

from collections.abc import Callable
from typing import Any

import numpy as np
from small_problems import Array

from glassnet import Network, OwnActivation

TARGETS: dict[str, Callable[[np.random.Generator], Array]] = {
    "squared_error": lambda r: r.normal(size=(40, 2)) * [3.0, 0.1] + [100.0, 0.0],
    "absolute_error": lambda r: r.normal(size=(40, 2)),
    "huber": lambda r: r.normal(size=(40, 2)),
    "pinball": lambda r: r.normal(size=(40, 1)),
    "poisson": lambda r: r.poisson(2.0, size=(40, 2)).astype(float),
    "gamma": lambda r: r.gamma(2.0, size=(40, 1)),
    "gaussian": lambda r: r.normal(size=(40, 2)) * [3.0, 0.1] + [100.0, 0.0],
    "logistic": lambda r: r.integers(0, 2, size=40),
    "softmax_cross_entropy": lambda r: r.integers(0, 3, size=40),
}
OUTPUTS = {"pinball": 1, "gamma": 1, "gaussian": 4, "logistic": 1, "softmax_cross_entropy": 3}


def square(scores: Array) -> Array:
    return np.asarray(scores * scores)


def twice(scores: Array) -> Array:
    return np.asarray(2.0 * scores)


def product() -> Network:
    """x0 x1 + 2 x2, by units that square: ((x0 + x1)^2 - (x0 - x1)^2) / 4, and the like."""
    kinds = [OwnActivation("square", square, twice)]
    net = Network([3, 4, 1], activation=kinds, loss="squared_error", dtype="float64")
    net.parameters[:] = 0.0
    net.weights[0][:] = [[1, 1, 0, 0], [1, -1, 0, 0], [0, 0, 1, 1]]
    net.biases[0][:] = [0, 0, 1, -1]  # ((x2 + 1)^2 - (x2 - 1)^2) / 2
    net.weights[1][:] = [[0.25], [-0.25], [0.5], [-0.5]]
    return net


def linear(loss: str = "squared_error", weights: Any = (2.0, -1.0, 0.5), **more: Any) -> Network:
    """link(weights . x + 0.25), one output."""
    net = Network([len(weights), 1], loss=loss, dtype="float64", **more)
    net.weights[0][:, 0] = weights
    net.biases[0][:] = 0.25
    return net


def fitted(loss: Any, activation: Any = "tanh", dtype: str = "float64", **more: Any) -> Network:
    """A network of 3 inputs of unlike sizes, trained a little, standardised unless said else."""
    random = np.random.default_rng(3)
    name = loss if isinstance(loss, str) else loss.name
    y = TARGETS[name](random)
    outputs = more.pop("outputs", OUTPUTS.get(name, 2))
    options = {"epochs": 3, "standardize": True, **more}
    net = Network([3, 6, 5, outputs], activation=activation, loss=loss, dtype=dtype, seed=1)
    net.parameters[...] += 0.3 * random.normal(size=net.parameters.shape)  # no bias is 0
    net.fit(rows_like_training(40, 2), y, **options)
    return net


def rows_like_training(rows: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=(rows, 3)) * [1.0, 50.0, 0.02] + [0.0, 300.0, 1]


def differences(function: Callable[[Array], Array], X: Array, step: float = 1e-5) -> Array:
    """d function / d X by central differences, a last axis of inputs added; the step is in units of
    the spread of each column."""
    found = []
    for column, spread in enumerate(X.std(axis=0) + (len(X) == 1)):
        by = np.zeros(X.shape[1])
        by[column] = step * spread
        found.append((function(X + by) - function(X - by)) / (2.0 * step * spread))
    return np.stack(found, axis=-1)


def close(found: Array, wanted: Array, share: float) -> None:
    """Equal within a share of the largest value of each input."""
    size = np.abs(wanted).max(axis=tuple(range(wanted.ndim - 1))) + 1e-300
    np.testing.assert_allclose(found / size, wanted / size, rtol=0, atol=share)
