"""What can be wrong with a training, put into a sound one at several strengths.

Each function of (setup, strength, draw) gives a pair: the sound twin and the troubled training, or
None where the problem cannot have this trouble. To add one: the function, and a line in TROUBLES.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from glassnet import Network, OwnActivation, OwnLoss

from .problems import Draw, Setup

Pair = tuple[Setup, Setup] | None


# Starts


def _before(setup: Setup, change: Callable[[Network], None]) -> Setup:
    return replace(setup, prepare=(*setup.prepare, change))


def dead_units(setup: Setup, share: float, draw: Draw) -> Pair:
    sound = setup.with_network(activation="relu")

    def kill(network: Network) -> None:
        for biases in network.biases[:-1]:
            biases[: round(share * biases.size)] = -40.0

    return sound, _before(sound, kill)


def saturated_units(setup: Setup, share: float, draw: Draw) -> Pair:
    sound = setup.with_network(activation="tanh")

    def saturate(network: Network) -> None:
        for biases in network.biases[:-1]:
            count = round(share * biases.size)
            biases[:count] = draw.choice([-15.0, 15.0], count)

    return sound, _before(sound, saturate)


def vanishing_gradients(setup: Setup, depth: float, draw: Draw) -> Pair:
    first, *_, last = setup.network["layers"]
    layers = [first, *[12] * int(depth), last]
    return setup, setup.with_network(layers=layers, activation="sigmoid")


def exploding_gradients(setup: Setup, times: float, draw: Draw) -> Pair:
    first, *_, last = setup.network["layers"]
    sound = setup.with_network(layers=[first, *[16] * 5, last], activation="leaky_relu")
    return sound, _before(sound, lambda network: _scale(network, times))


def large_initial_weights(setup: Setup, times: float, draw: Draw) -> Pair:
    return setup, _before(setup, lambda network: _scale(network, times))


def small_initial_weights(setup: Setup, times: float, draw: Draw) -> Pair:
    first, *_, last = setup.network["layers"]
    sound = setup.with_network(layers=[first, *[16] * 3, last])
    return sound, _before(sound, lambda network: _scale(network, times))


def _scale(network: Network, times: float) -> None:
    for weights in network.weights:
        weights[:] *= times


def symmetric_start(setup: Setup, value: float, draw: Draw) -> Pair:
    def even(network: Network) -> None:
        for weights in network.weights:
            weights[:] = value

    return setup, _before(setup, even)


def poor_start(setup: Setup, units: float, draw: Draw) -> Pair:
    """A network that just suffices, of which some starts get stuck; the twin has the best of 8."""
    first, *_, last = setup.network["layers"]
    small = setup.with_network(layers=[first, int(units), last], activation="tanh")
    small = small.with_fit(epochs=150, learning_rate=0.03)
    return small.with_fit(restarts=8), small


# Settings


def learning_rate_too_high(setup: Setup, rate: float, draw: Draw) -> Pair:
    return setup, setup.with_fit(learning_rate=rate)


def learning_rate_too_low(setup: Setup, rate: float, draw: Draw) -> Pair:
    return setup, setup.with_fit(learning_rate=rate)


def batch_too_large(setup: Setup, epochs: float, draw: Draw) -> Pair:
    few = setup.with_fit(epochs=int(epochs))
    return few, few.with_fit(batch_size=len(setup.rows[0]))


def batch_too_small(setup: Setup, rate: float, draw: Draw) -> Pair:
    sound = setup.with_fit(learning_rate=rate, schedule="constant", epochs=20)
    return sound, sound.with_fit(batch_size=1)


def too_small(setup: Setup, units: float, draw: Draw) -> Pair:
    first, *_, last = setup.network["layers"]
    return setup, setup.with_network(layers=[first, int(units), last])


def overfitting(setup: Setup, noise: float, draw: Draw) -> Pair:
    """A large network, trained long, and rows with noise."""

    def noisy(y: Any) -> Any:
        if setup.of_numbers:
            return y + noise * y.std() * draw.standard_normal(y.shape)
        wrong = draw.uniform(size=len(y)) < 0.3 * noise
        return np.where(wrong, draw.integers(0, y.max() + 1, len(y)), y)

    first, *_, last = setup.network["layers"]
    large = setup.on_targets(noisy, "rows", "held").with_network(layers=[first, 64, 64, last])
    large = large.with_fit(epochs=150, weight_decay=0.0)
    return large.with_fit(weight_decay=0.02), large


def missing_bias(setup: Setup, offset: float, draw: Draw) -> Pair:
    """Inputs that are all on one side, as most measurements are."""
    sound = setup.on_inputs(lambda X: X + offset)
    return sound, sound.with_network(bias=False)


def no_nonlinearity(setup: Setup, layers: float, draw: Draw) -> Pair:
    first, *_, last = setup.network["layers"]
    if not layers:
        return setup, setup.with_network(layers=[first, last])
    sound = setup.with_network(layers=[first, *[16] * int(layers), last])
    return sound, sound.with_network(activation="identity")


def float32_exhausted(setup: Setup, offset: float, draw: Draw) -> Pair:
    """Columns like years in seconds: large numbers that differ by little."""
    sound = setup.with_fit(standardize=True)
    moved = setup.on_inputs(lambda X: X + offset)
    return sound, moved


# Functions of the user's own


def _squared(scores: Any, targets: Any) -> Any:
    return (scores - targets) ** 2


def gradient_ascent(setup: Setup, size: float, draw: Draw) -> Pair:
    if not setup.of_numbers:
        return None
    sound = OwnLoss("own", _squared, lambda scores, targets: 2.0 * (scores - targets))
    wrong = OwnLoss("own", _squared, lambda scores, targets: -size * (scores - targets))
    return setup.with_network(loss=sound), setup.with_network(loss=wrong)


def wrong_gradient(setup: Setup, kind: float, draw: Draw) -> Pair:
    derivatives: list[Callable[[Any], Any]] = [
        lambda scores: 1.0 + np.tanh(scores) ** 2,
        lambda scores: np.tanh(scores),
        lambda scores: -1.0 / np.cosh(np.clip(scores, -300, 300)) ** 2,
    ]
    sound = OwnActivation("own", np.tanh, lambda scores: 1.0 - np.tanh(scores) ** 2)
    wrong = OwnActivation("own", np.tanh, derivatives[int(kind)])
    return setup.with_network(activation=sound), setup.with_network(activation=wrong)


# Rows


def unscaled_inputs(setup: Setup, size: float, draw: Draw) -> Pair:
    """All columns of another size, or, for odd powers of ten, one of them."""
    columns = setup.rows[0].shape[1]
    factors = np.full(columns, size)
    if columns > 1 and draw.integers(2):
        factors = np.where(np.arange(columns) == draw.integers(columns), size, 1.0)
    return setup, setup.on_inputs(lambda X: X * factors)


def unscaled_targets(setup: Setup, size: float, draw: Draw) -> Pair:
    if not setup.of_numbers:
        return None
    return setup.with_fit(standardize=True), setup.on_targets(lambda y: size * (y + 2.0))


def constant_column(setup: Setup, value: float, draw: Draw) -> Pair:
    return setup, setup.on_inputs(lambda X: np.column_stack([X, np.full(len(X), value)])).widened()


def duplicate_column(setup: Setup, copies: float, draw: Draw) -> Pair:
    extra = [0] * int(copies)
    return setup, setup.on_inputs(lambda X: np.column_stack([X, X[:, extra]])).widened(int(copies))


def leaking_column(setup: Setup, noise: float, draw: Draw) -> Pair:
    """A column made from the target, which it will not be when the network is used."""

    def leak(X: Any, y: Any, known: bool) -> Any:
        values = y[:, 0] if y.ndim > 1 else y.astype(float)
        values = (values - values.mean()) / values.std()
        if not known:
            values = draw.permutation(values)
        return np.column_stack([X, values + noise * draw.standard_normal(len(X))])

    changed = {n: (leak(X, y, n != "test"), y) for n, (X, y) in setup.every.items()}
    return setup, replace(setup, **changed).widened()


def shuffled_labels(setup: Setup, share: float, draw: Draw) -> Pair:
    return setup, setup.on_targets(lambda y: draw.permutation(y), "rows", "held")


def noisy_labels(setup: Setup, share: float, draw: Draw) -> Pair:
    """A share of the labels is drawn from all of them; of numbers, other ones far off."""

    def spoil(y: Any) -> Any:
        wrong = draw.uniform(size=len(y)) < (0.3 * share if setup.of_numbers else share)
        if setup.of_numbers:
            return np.where(wrong[:, None], y + 5.0 * y.std() * draw.standard_normal(y.shape), y)
        return np.where(wrong, draw.integers(0, y.max() + 1, len(y)), y)

    return setup, setup.on_targets(spoil, "rows", "held")


def class_imbalance(setup: Setup, share: float, draw: Draw) -> Pair:
    """All but a few rows of every class but one are missing."""
    if setup.of_numbers:
        return None

    def thinned(X: Any, y: Any) -> tuple[Any, Any]:
        kept = (y == 0) | (draw.uniform(size=len(y)) < share)
        return X[kept], y[kept]

    return setup, replace(setup, rows=thinned(*setup.rows), held=thinned(*setup.held))


def shifted_validation(setup: Setup, shift: float, draw: Draw) -> Pair:
    """Rows to train with from one part of the inputs only; validation and tests from all."""
    X, y = setup.rows
    along = X[:, 0] + 0.3 * draw.standard_normal(len(X))
    kept = along < np.quantile(along, shift)
    few = replace(setup, rows=(X[: int(kept.sum())], y[: int(kept.sum())]))
    return few, replace(setup, rows=(X[kept], y[kept]))


Trouble = Callable[[Setup, float, Draw], Pair]
TROUBLES: dict[str, tuple[Trouble, tuple[float, ...]]] = {
    "dead_units": (dead_units, (0.75, 0.9, 1.0)),
    "saturated_units": (saturated_units, (0.75, 0.9, 1.0)),
    "vanishing_gradients": (vanishing_gradients, (4, 6, 8)),
    "exploding_gradients": (exploding_gradients, (3.0, 6.0, 12.0)),
    "large_initial_weights": (large_initial_weights, (6.0, 15.0, 40.0)),
    "small_initial_weights": (small_initial_weights, (0.1, 0.01, 1e-4)),
    "symmetric_start": (symmetric_start, (0.0, 0.1, 0.5)),
    "poor_start": (poor_start, (3, 4, 5)),
    "learning_rate_too_high": (learning_rate_too_high, (0.5, 2.0, 10.0)),
    "learning_rate_too_low": (learning_rate_too_low, (2e-4, 2e-5, 2e-6)),
    "batch_too_large": (batch_too_large, (30, 60, 90)),
    "batch_too_small": (batch_too_small, (0.01, 0.02, 0.04)),
    "too_small": (too_small, (1, 2)),
    "overfitting": (overfitting, (0.5, 0.8, 1.1)),
    "missing_bias": (missing_bias, (0.0, 1.0, 3.0)),
    "no_nonlinearity": (no_nonlinearity, (0, 1, 3)),
    "float32_exhausted": (float32_exhausted, (1e6, 1e7, 3e7)),
    "gradient_ascent": (gradient_ascent, (2.0, 0.5, 0.1)),
    "wrong_gradient": (wrong_gradient, (0, 1, 2)),
    "unscaled_inputs": (unscaled_inputs, (0.001, 100.0, 10_000.0)),
    "unscaled_targets": (unscaled_targets, (0.001, 100.0, 10_000.0)),
    "constant_column": (constant_column, (0.0, 1.0, 1000.0)),
    "duplicate_column": (duplicate_column, (1, 2)),
    "leaking_column": (leaking_column, (0.0, 0.05, 0.15)),
    "shuffled_labels": (shuffled_labels, (1.0,)),
    "noisy_labels": (noisy_labels, (0.3, 0.45, 0.6)),
    "class_imbalance": (class_imbalance, (0.05, 0.08, 0.12)),
    "shifted_validation": (shifted_validation, (0.3, 0.5, 0.7)),
}


# Sound, though it looks like trouble


def near_misses(setup: Setup, draw: Draw) -> Setup:
    """The same with something that does no harm."""
    first, *_, last = setup.network["layers"]
    kinds: list[Callable[[], Setup]] = [
        lambda: setup,
        lambda: setup.with_fit(learning_rate=float(draw.uniform(0.015, 0.06))),
        lambda: setup.with_fit(standardize=True),
        lambda: setup.with_fit(batch_size=int(draw.integers(16, 50))),
        lambda: setup.with_network(layers=[first, 24, 24, last]),
        lambda: setup.with_network(layers=[first, 14, 14, 14, last]),
        lambda: setup.with_network(dtype="float64"),
        lambda: setup.with_network(
            activation=str(draw.choice(["relu", "elu", "softplus", "silu"]))
        ),
        lambda: setup.with_network(initializer="glorot_normal"),
        lambda: setup.with_fit(weight_decay=0.0),
        lambda: setup.on_inputs(lambda X: X * 1.6),
        lambda: setup.on_inputs(lambda X: X * 0.7 + 0.3),
    ]
    return kinds[int(draw.integers(len(kinds)))]()
