"""Dense networks in JAX, written as its users write them: one jitted function for many steps.

Imported only by workers whose Python has JAX. `epoch` is a scan over the batches of an epoch;
under `vmap` it trains many networks at once.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import jax  # type: ignore[import-not-found,unused-ignore]  # optional
import jax.numpy as jnp  # type: ignore[import-not-found,unused-ignore]  # optional
import numpy as np

Parameters = list[tuple[Any, Any]]


def start(layers: tuple[int, ...], seed: int, lead: tuple[int, ...] = ()) -> Parameters:
    """Weights (*lead, inputs, outputs) after He and others (2015), biases 0; drawn by NumPy."""
    draw = np.random.default_rng(seed)
    return [
        (
            jnp.asarray(draw.normal(0.0, (2.0 / a) ** 0.5, (*lead, a, b)).astype(np.float32)),
            jnp.zeros((*lead, b), jnp.float32),
        )
        for a, b in pairwise(layers)
    ]


def scores(parameters: Parameters, inputs: Any) -> Any:
    """(rows, outputs) before the link."""
    for weights, biases in parameters[:-1]:
        inputs = jax.nn.leaky_relu(inputs @ weights + biases, 0.01)
    weights, biases = parameters[-1]
    return inputs @ weights + biases


def loss(parameters: Parameters, inputs: Any, labels: Any) -> Any:
    """Mean logistic loss for one output, else softmax cross-entropy."""
    found = scores(parameters, inputs)
    if found.shape[1] == 1:
        signs = 2.0 * labels - 1.0
        return jnp.mean(jnp.logaddexp(0.0, -signs * found[:, 0]))
    chosen = jnp.take_along_axis(jax.nn.log_softmax(found), labels[:, None], axis=1)
    return -jnp.mean(chosen)


def sgd(state: Any, gradients: Any, rate: Any, momentum: float = 0.9) -> Any:
    """One step; the state is (parameters, velocities, 0)."""
    parameters, velocities, count = state
    velocities = jax.tree.map(lambda v, g: momentum * v + g, velocities, gradients)
    parameters = jax.tree.map(lambda p, v: p - rate * v, parameters, velocities)
    return parameters, velocities, count


def adam(state: Any, gradients: Any, rate: Any) -> Any:
    """One step (Kingma and Ba 2015); the state is (parameters, (means, squares), steps)."""
    parameters, (means, squares), count = state
    count = count + 1
    means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, gradients)
    squares = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, squares, gradients)
    factor = rate * jnp.sqrt(1.0 - 0.999**count) / (1.0 - 0.9**count)
    parameters = jax.tree.map(
        lambda p, m, s: p - factor * m / (jnp.sqrt(s) + 1e-8), parameters, means, squares
    )
    return parameters, (means, squares), count


def first_state(parameters: Parameters, optimizer: str) -> Any:
    """What `sgd` or `adam` carries along."""
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    slots = zeros if optimizer == "sgd" else (zeros, jax.tree.map(jnp.zeros_like, parameters))
    return parameters, slots, jnp.zeros((), jnp.float32)


def make_epoch(optimizer: str, members: bool = False) -> Any:
    """A jitted (state, X, y, places (steps, batch), rates (steps,)) -> (state, mean loss).

    With `members` the parameters have a leading axis, and all networks see the same rows.
    """
    step = {"sgd": sgd, "adam": adam}[optimizer]
    both = jax.value_and_grad(loss)
    both = jax.vmap(both, in_axes=(0, None, None)) if members else both

    def epoch(state: Any, X: Any, y: Any, places: Any, rates: Any) -> Any:
        def one(state: Any, given: Any) -> Any:
            rows, rate = given
            value, gradients = both(state[0], X[rows], y[rows])
            return step(state, gradients, rate), value

        state, values = jax.lax.scan(one, state, (places, rates))
        return state, values.mean(axis=0)

    return jax.jit(epoch, donate_argnums=0)


def places(rows: int, batch: int, draw: np.random.Generator) -> np.ndarray:
    """(steps, batch) the rows of an epoch in random order, the last batch filled up with others."""
    order = draw.permutation(rows)
    steps = -(-rows // batch)
    return np.resize(order, steps * batch).reshape(steps, batch).astype(np.int32)
