"""Sound trainings, on two halves of the problems: thresholds are set on one, figures are of the
other. To add a problem: a function of (rows, draw) that gives X and y, and a line in TUNING or
HELD_OUT."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from glassnet import Network

ROWS, TESTED = 320, 1500
SOUND = {"epochs": 80, "learning_rate": 0.03}
DECAYS = 0.001, 0.003, 0.01, 0.03
"""Settings that the problems for tuning do well with; of the decays each takes its best."""

Draw = np.random.Generator


@dataclass(frozen=True)
class Setup:
    """One training: rows, arguments of Network and of fit, and what is done to the network before.

    `test` are the rows it is judged by, as many and as clean as one can wish; `columns_of_test` is
    what their columns become, where a trouble is one of columns."""

    rows: tuple[Any, Any]
    held: tuple[Any, Any]
    test: tuple[Any, Any]
    network: dict[str, Any]
    fit: dict[str, Any] = field(default_factory=dict)
    prepare: tuple[Callable[[Network], None], ...] = ()

    def with_network(self, **changes: Any) -> Setup:
        return replace(self, network={**self.network, **changes})

    def with_fit(self, **changes: Any) -> Setup:
        return replace(self, fit={**self.fit, **changes})

    def on_inputs(self, change: Callable[[Any], Any]) -> Setup:
        """The inputs of all rows changed."""
        pairs = {n: (change(X), y) for n, (X, y) in self.every.items()}
        return replace(self, **pairs)

    def on_targets(self, change: Callable[[Any], Any], *names: str) -> Setup:
        """The targets of some rows changed; of all where no names are given."""
        pairs = {n: (X, change(y)) for n, (X, y) in self.every.items() if not names or n in names}
        return replace(self, **pairs)

    def widened(self, by: int = 1) -> Setup:
        """For so many more columns."""
        first, *rest = self.network["layers"]
        return self.with_network(layers=[first + by, *rest])

    @property
    def every(self) -> dict[str, tuple[Any, Any]]:
        return {"rows": self.rows, "held": self.held, "test": self.test}

    @property
    def of_numbers(self) -> bool:
        """Whether it is a regression."""
        return self.rows[1].ndim > 1


def moons(rows: int, draw: Draw) -> tuple[Any, Any]:
    side, angle = draw.integers(0, 2, rows), draw.uniform(0.0, np.pi, rows)
    X = np.stack([np.cos(angle) + side, np.sin(angle) * (1 - 2 * side) + 0.5 * side], axis=1)
    return 1.3 * (X - [0.5, 0.25]) + 0.3 * draw.standard_normal(X.shape), side


def friedman(rows: int, draw: Draw) -> tuple[Any, Any]:
    X = draw.uniform(-1.7, 1.7, (rows, 6))
    U = X / 3.4 + 0.5
    y = np.sin(np.pi * U[:, 0] * U[:, 1]) * 2 + 4 * (U[:, 2] - 0.5) ** 2 + 2 * U[:, 3] + U[:, 4]
    return X, (y - 3.0 + 0.25 * draw.standard_normal(rows))[:, None]


def wave(rows: int, draw: Draw) -> tuple[Any, Any]:
    X = draw.uniform(-1.7, 1.7, (rows, 1))
    return X, np.sin(3.0 * X) + 0.5 * X + 0.2 * draw.standard_normal((rows, 1))


def clusters(rows: int, draw: Draw) -> tuple[Any, Any]:
    centres = np.random.default_rng(7).uniform(-1.8, 1.8, (9, 3))
    which = draw.integers(0, 9, rows)
    return centres[which] + 0.35 * draw.standard_normal((rows, 3)), which % 3


def products(rows: int, draw: Draw) -> tuple[Any, Any]:
    X = draw.standard_normal((rows, 4))
    y = X[:, 0] * X[:, 1] + np.abs(X[:, 2]) + 0.5 * X[:, 3] - 0.6
    return X, (y + 0.25 * draw.standard_normal(rows))[:, None]


def rings(rows: int, draw: Draw) -> tuple[Any, Any]:
    inside, angle = draw.integers(0, 2, rows), draw.uniform(0.0, 2 * np.pi, rows)
    radius = np.where(inside == 1, 0.7, 1.7) + 0.22 * draw.standard_normal(rows)
    X = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return np.concatenate([X, draw.standard_normal((rows, 2))], axis=1), inside


def spirals(rows: int, draw: Draw) -> tuple[Any, Any]:
    arm, along = draw.integers(0, 3, rows), np.sqrt(draw.uniform(0.05, 1.0, rows))
    angle = 4.0 * along + arm * 2 * np.pi / 3
    X = 1.9 * along[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return X + 0.2 * draw.standard_normal((rows, 2)), arm


def arm(rows: int, draw: Draw) -> tuple[Any, Any]:
    X = draw.uniform(-1.6, 1.6, (rows, 3))
    first, second = X[:, 0], X[:, 0] + X[:, 1]
    y = np.stack([np.cos(first) + np.cos(second), np.sin(first) + np.sin(second)], axis=1)
    y *= 1.0 + 0.3 * X[:, 2:]
    return X, y - [1.1, 0.0] + 0.15 * draw.standard_normal((rows, 2))


def exclusive(rows: int, draw: Draw) -> tuple[Any, Any]:
    X = draw.uniform(-1.7, 1.7, (rows, 3))
    chance = 1.0 / (1.0 + np.exp(-5.0 * X[:, 0] * X[:, 1]))
    return X, (draw.uniform(size=rows) < chance).astype(int)


def bumps(rows: int, draw: Draw) -> tuple[Any, Any]:
    X = draw.uniform(-1.7, 1.7, (rows, 2))
    y = 2.0 * np.exp(-2.0 * ((X - 0.6) ** 2).sum(1)) - 2.0 * np.exp(-1.5 * ((X + 0.7) ** 2).sum(1))
    return X, (y + 0.3 * X[:, 0] + 0.12 * draw.standard_normal(rows))[:, None]


def bands(rows: int, draw: Draw) -> tuple[Any, Any]:
    X = draw.standard_normal((rows, 5))
    along = X @ [1.0, 0.8, 0.0, 0.0, 0.5] + 0.15 * draw.standard_normal(rows)
    return X, np.digitize(along, [-1.5, -0.4, 0.7]) % 3


def decay(rows: int, draw: Draw) -> tuple[Any, Any]:
    X = draw.uniform(-1.7, 1.7, (rows, 3))
    y = np.exp(-0.8 * (X[:, 0] + 1.7)) * np.cos(2.5 * X[:, 1]) + np.tanh(2.0 * X[:, 2])
    return X, (y + 0.12 * draw.standard_normal(rows))[:, None]


def saddle(rows: int, draw: Draw) -> tuple[Any, Any]:
    X = draw.uniform(-1.7, 1.7, (rows, 4))
    y = 0.6 * (X[:, 0] ** 2 - X[:, 1] ** 2) + np.sin(1.5 * X[:, 2]) + 0.4 * X[:, 3]
    return X, (y + 0.15 * draw.standard_normal(rows))[:, None]


def lens(rows: int, draw: Draw) -> tuple[Any, Any]:
    X = draw.standard_normal((rows, 3))
    inside = np.hypot(X[:, 0] - 0.6, X[:, 1]) + np.hypot(X[:, 0] + 0.6, X[:, 1]) < 2.3
    return X, np.where(draw.uniform(size=rows) < 0.06, ~inside, inside).astype(int)


def quadrants(rows: int, draw: Draw) -> tuple[Any, Any]:
    X = draw.uniform(-1.7, 1.7, (rows, 2))
    blurred = X + 0.15 * draw.standard_normal(X.shape)
    return X, (2 * (blurred[:, 0] > 0) + (blurred[:, 1] > 0.5 * blurred[:, 0])).astype(int)


def pendulum(rows: int, draw: Draw) -> tuple[Any, Any]:
    X = draw.uniform(-1.7, 1.7, (rows, 3))
    y = np.sin(2.0 * X[:, 0]) * np.exp(-0.4 * X[:, 1]) + 0.5 * X[:, 2] * X[:, 1]
    return X, (y + 0.2 * draw.standard_normal(rows))[:, None]


def petals(rows: int, draw: Draw) -> tuple[Any, Any]:
    angle, radius = draw.uniform(0.0, 2 * np.pi, rows), 1.7 * np.sqrt(draw.uniform(size=rows))
    X = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    within = radius < 1.1 + 0.5 * np.cos(3.0 * angle) + 0.1 * draw.standard_normal(rows)
    return X, within.astype(int)


def mixture(rows: int, draw: Draw) -> tuple[Any, Any]:
    X = draw.standard_normal((rows, 5))
    first = np.tanh(2.0 * X[:, 0] + X[:, 1]) + 0.5 * X[:, 2]
    second = np.abs(X[:, 3]) - 0.8 + 0.3 * X[:, 4]
    y = np.stack([first, second], axis=1)
    return X, y + 0.2 * draw.standard_normal(y.shape)


Make = Callable[[int, Draw], tuple[Any, Any]]
TUNING: dict[str, Make] = {
    "moons": moons,
    "friedman": friedman,
    "wave": wave,
    "clusters": clusters,
    "products": products,
    "rings": rings,
    "spirals": spirals,
    "arm": arm,
    "exclusive": exclusive,
    "bumps": bumps,
    "bands": bands,
    "decay": decay,
}
HELD_OUT: dict[str, Make] = {
    "saddle": saddle,
    "lens": lens,
    "quadrants": quadrants,
    "pendulum": pendulum,
    "petals": petals,
    "mixture": mixture,
}


def setup(make: Make, seed: int) -> Setup:
    """A sound training of a problem; half of the seeds have tanh units, the others leaky ReLU."""
    return _with_decay(make, seed, decay_of(make))


@functools.cache
def decay_of(make: Make) -> float:
    """The weight decay that is best for a problem, of a few, on rows of its own."""
    errors = {}
    for decay in DECAYS:
        found = []
        for seed in (900, 901):
            one = _with_decay(make, seed, decay)
            network = Network(**one.network)
            network.fit(*one.rows, **one.fit)
            found.append(network.evaluate(*one.test)["loss"])
        errors[decay] = float(np.mean(found))
    return min(errors, key=lambda each: errors[each])


def _with_decay(make: Make, seed: int, decay: float) -> Setup:
    name = make.__name__
    draw = np.random.default_rng([seed, len(name), ord(name[0])])
    train, held, test = (make(count, draw) for count in (ROWS, ROWS, TESTED))
    y = train[1]
    outputs = y.shape[1] if y.ndim > 1 else 1 if y.max() == 1 else int(y.max()) + 1
    settings = {
        "layers": [train[0].shape[1], 16, 16, outputs],
        "activation": ("tanh", "leaky_relu")[seed % 2],
        "loss": "squared_error"
        if y.ndim > 1
        else "logistic"
        if outputs == 1
        else "softmax_cross_entropy",
        "seed": seed,
    }
    return Setup(train, held, test, settings, {**SOUND, "weight_decay": decay})
