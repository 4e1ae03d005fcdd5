"""How the defaults of `fit` were chosen: `python -m benchmarks.defaults [--mnist] [--seeds 5]`.

Each setting trains on every data set from several seeds; the score is test accuracy, or r2 of a
regression. What counts is the mean over the sets and the worst gap to the best setting of a set: a
default should be near the best everywhere. The table in docs/defaults.md is what this prints.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet import SGD, Adam, AdamW, Network, train_test_split
from glassnet.datasets import circles, load_digits, load_mnist, sine, spirals, xor

Split = tuple[Any, Any, Any, Any]
Problem = tuple[str, list[int], int, Split]


def sets(mnist: bool) -> Iterator[Problem]:
    """Name, layers, epochs, and rows to train and to test with."""
    X, y = load_digits()
    yield "digits", [64, 32, 10], 20, train_test_split(X, y, seed=0, stratify=True)
    X, y = spirals(600, noise=0.02, seed=0)
    yield "spirals", [2, 32, 32, 2], 100, train_test_split(X, y, seed=0, stratify=True)
    X, y = circles(400, seed=0)
    yield "circles", [2, 16, 1], 50, train_test_split(X, y, seed=0)
    X, y = xor(400, noise=0.1, seed=0)
    yield "xor", [2, 8, 1], 50, train_test_split(X, y, seed=0)
    X, y = sine(400, noise=0.05, seed=0)
    yield "sine", [1, 32, 32, 1], 200, train_test_split(X, y, seed=0)
    random = np.random.default_rng(0)
    X = random.standard_normal((1500, 10)).astype(np.float32)
    y = (
        np.sin(X[:, 0] * X[:, 1])
        + 0.5 * X[:, 2] ** 2
        + X[:, 3]
        + 0.1 * random.standard_normal(1500)
    )
    yield "surface", [10, 32, 32, 1], 100, train_test_split(X, y, seed=0)
    if mnist:
        data = load_mnist()
        part = slice(0, 20000)
        split = data.X_train[part], data.X_test, data.y_train[part], data.y_test
        yield "mnist/3", [784, 32, 16, 10], 10, split


def settings() -> Iterator[tuple[str, dict[str, Any]]]:
    for rate in (0.001, 0.002, 0.005, 0.01, 0.02):
        yield f"Adam {rate}", {"optimizer": Adam(learning_rate=rate)}
    for batch in (32, 100, 200):
        yield f"Adam 0.005, batch {batch}", {"batch_size": batch}
    for schedule in ("constant", "cosine"):
        yield f"Adam 0.005, {schedule}", {"schedule": schedule}
    for decay in (0.01, 0.05):
        optimizer = AdamW(learning_rate=0.005, weight_decay=decay)
        yield f"AdamW 0.005, decay {decay}", {"optimizer": optimizer}
    for rate in (0.02, 0.05, 0.1, 0.2):
        yield f"SGD {rate}, momentum 0.9", {"optimizer": SGD(learning_rate=rate)}


def score(
    layers: list[int], epochs: int, split: Split, seed: int, options: dict[str, Any]
) -> float:
    X_train, X_test, y_train, y_test = split
    net = Network(layers, seed=seed)
    try:
        net.fit(X_train, y_train, epochs=epochs, **options)
    except ValueError:  # a DivergenceError: as bad as it gets
        return 0.0
    values = net.evaluate(X_test, y_test)
    return max(0.0, values.get("accuracy", values.get("r2", 0.0)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.defaults", description=__doc__)
    parser.add_argument("--mnist", action="store_true", help="with a third of MNIST: slower")
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    problems = list(sets(asked.mnist))
    found: dict[str, list[float]] = {}
    for name, options in settings():
        found[name] = [
            statistics.mean(
                score(layers, epochs, split, seed, options) for seed in range(asked.seeds)
            )
            for _, layers, epochs, split in problems
        ]
    best = [max(column) for column in zip(*found.values(), strict=True)]
    print("| setting | " + " | ".join(p[0] for p in problems) + " | mean | worst gap |")
    print("|---" * (len(problems) + 3) + "|")
    for name, row in found.items():
        gap = max(top - value for top, value in zip(best, row, strict=True))
        cells = " | ".join(f"{value:.3f}" for value in row)
        print(f"| {name} | {cells} | {statistics.mean(row):.3f} | {gap:.3f} |")


if __name__ == "__main__":
    main()
