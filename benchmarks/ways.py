"""What a step could gain by other ways: `python -m benchmarks.ways [sizes ...] [--batch 128]`.

A bare loop in NumPy does what a training step of the engine must do and nothing else: no hooks, no
schedule, no look for divergence. Variants of it change one thing each. Their times over that of
`Network.fit` say what a change could gain at most; the products alone are the floor of all. What
was found, and why it is not built in, is in docs/speed.md. To add a way: a subclass of Bare.
"""

from __future__ import annotations

import argparse
import ctypes
import statistics
from collections.abc import Callable
from typing import Any

import numpy as np

from glassnet import SGD, Network, blas
from glassnet.core.passes import views
from glassnet.datasets import load_mnist

from .tools import machine, seconds

RATE, MOMENTUM, SLOPE = np.float32(0.05), np.float32(0.9), np.float32(0.01)
ROWS = 12_800


class Bare:
    """The loop as the engine does it: leaky ReLU, softmax, momentum by two calls of the BLAS."""

    def __init__(self, layers: list[int], batch: int, X: np.ndarray, y: np.ndarray) -> None:
        self.layers, self.batch, self.X, self.y = layers, batch, X, y
        start = Network(layers, seed=0).parameters
        self.parameters, self.velocity = start.copy(), np.zeros_like(start)
        self.gradients = np.zeros_like(start)
        self.weights, self.biases = zip(*views(layers, self.parameters), strict=True)
        self.slopes, self.bias_slopes = zip(*views(layers, self.gradients), strict=True)
        self.moves, self.bias_moves = zip(*views(layers, self.velocity), strict=True)
        shape = [(batch, size) for size in layers]
        self.inputs = [np.ones(each, np.float32) for each in shape[:-1]]
        self.scores, self.deltas, self.room = (
            [np.empty(each, np.float32) for each in shape[1:]] for _ in range(3)
        )
        self.rows, self.random = np.arange(batch), np.random.default_rng(0)
        combine = blas.combiner(start)
        if combine is None:
            raise SystemExit("these ways need OpenBLAS and 16,384 parameters or more.")
        self.combine: Any = combine

    def epoch(self) -> None:
        order = self.random.permutation(len(self.X))
        for start in range(0, len(order), self.batch):
            self.step(order[start : start + self.batch])

    def step(self, places: np.ndarray) -> None:
        np.take(self.X, places, axis=0, out=self.inputs[0], mode="clip")
        last = len(self.weights) - 1
        for k in range(last + 1):
            self.score(k)
            if k < last:
                np.multiply(self.scores[k], SLOPE, out=self.room[k])
                np.maximum(self.scores[k], self.room[k], out=self.inputs[k + 1])
        self.loss(self.y[places])
        for k in range(last, -1, -1):
            self.slope(k)
            if k:
                np.dot(self.deltas[k], self.weights[k].T, out=self.deltas[k - 1])
                np.multiply(self.scores[k - 1] > 0, 1 - SLOPE, out=self.room[k - 1])
                self.room[k - 1] += SLOPE
                self.deltas[k - 1] *= self.room[k - 1]
        self.move()

    def score(self, k: int) -> None:
        np.dot(self.inputs[k], self.weights[k], out=self.scores[k])
        self.scores[k] += self.biases[k]

    def loss(self, labels: np.ndarray) -> None:
        scores, delta = self.scores[-1], self.deltas[-1]
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=delta)
        delta /= delta.sum(axis=1, keepdims=True)
        delta[self.rows, labels] -= 1.0
        delta *= np.float32(1 / self.batch)

    def slope(self, k: int) -> None:
        np.dot(self.inputs[k].T, self.deltas[k], out=self.slopes[k])
        np.add.reduce(self.deltas[k], axis=0, out=self.bias_slopes[k])

    def move(self) -> None:
        self.combine(self.velocity, MOMENTUM, self.gradients, -RATE)
        self.combine(self.parameters, 1.0, self.velocity, 1.0)


class Products(Bare):
    """The matrix products and nothing else."""

    def step(self, places: np.ndarray) -> None:
        for k in range(len(self.weights)):
            np.dot(self.inputs[k], self.weights[k], out=self.scores[k])
        for k in range(len(self.weights) - 1, -1, -1):
            np.dot(self.inputs[k].T, self.scores[k], out=self.slopes[k])
            if k:
                np.dot(self.scores[k], self.weights[k].T, out=self.inputs[k])
                np.clip(self.inputs[k], -1, 1, out=self.inputs[k])  # so that nothing overflows


class MomentumInTheProduct(Bare):
    """velocity = momentum x velocity - rate x inputs' x deltas, by one `gemm`: one pass over the
    parameters less, but there is no gradient any more, for hooks, clipping, or to look at."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        library, names = blas._library() or (None, "")
        names = names.replace("openblas", "cblas")
        whole = ctypes.c_int64 if "64" in names else ctypes.c_int
        place = [ctypes.c_void_p, whole]
        self.gemm = getattr(library, names.format("sgemm"))
        self.gemm.argtypes = [ctypes.c_int] * 3 + [whole] * 3
        self.gemm.argtypes += [ctypes.c_float, *place, *place, ctypes.c_float, *place]
        self.gemm.restype = None

    def slope(self, k: int) -> None:
        inputs, delta, move = self.inputs[k], self.deltas[k], self.moves[k]
        (rows, wide), narrow = inputs.shape, delta.shape[1]
        by_rows, plain, turned = 101, 111, 112
        sizes, factors = (by_rows, turned, plain, wide, narrow, rows), (-RATE, MOMENTUM)
        first, second, third = (each.ctypes.data for each in (inputs, delta, move))
        self.gemm(*sizes, factors[0], first, wide, second, narrow, factors[1], third, narrow)
        self.bias_moves[k][...] *= MOMENTUM
        self.bias_moves[k][...] -= RATE * np.add.reduce(delta, axis=0)

    def move(self) -> None:
        self.combine(self.parameters, 1.0, self.velocity, 1.0)


class RowsInTurn(Bare):
    """Scores and activations of 64 rows at a time, while they lie in the cache."""

    def score(self, k: int) -> None:
        for start in range(0, self.batch, 64):
            part = slice(start, start + 64)
            np.dot(self.inputs[k][part], self.weights[k], out=self.scores[k][part])
            self.scores[k][part] += self.biases[k]


class NoBiases(Bare):
    """Without the two passes for biases: what biases within the products could gain at most."""

    def score(self, k: int) -> None:
        np.dot(self.inputs[k], self.weights[k], out=self.scores[k])

    def slope(self, k: int) -> None:
        np.dot(self.inputs[k].T, self.deltas[k], out=self.slopes[k])


WAYS: tuple[type[Bare], ...] = (Bare, Products, MomentumInTheProduct, RowsInTurn, NoBiases)


def measure(layers: list[int], batch: int, repeats: int) -> None:
    X, y = load_mnist()[:2]
    X = X[:ROWS].reshape(ROWS, -1).astype(np.float32) / np.float32(255)
    y = y[:ROWS].astype(np.int64)
    net, optimizer = Network(layers, seed=0), SGD(learning_rate=0.05, momentum=0.9)
    options: dict[str, Any] = {"epochs": 1, "batch_size": batch, "schedule": "constant"}
    runs: dict[str, Callable[[], object]] = {
        way.__name__: way(layers, batch, X, y).epoch for way in WAYS
    }
    runs["Network.fit"] = lambda: net.fit(X, y, optimizer=optimizer, **options)
    times: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()
    for _ in range(repeats):
        for name, run in runs.items():
            times[name].append(seconds(run))
    print(f"\n{layers}, batch {batch}: ms an epoch of {ROWS} rows (lowest, median, highest)")
    for name, each in times.items():
        over = statistics.median(a / b for a, b in zip(each, times["Network.fit"], strict=True))
        low, middle, high = (f(each) * 1e3 for f in (min, statistics.median, max))
        print(f"  {name:22} {low:8.1f} {middle:8.1f} {high:8.1f}   {over:.3f} x Network.fit")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ways", description=__doc__)
    parser.add_argument("sizes", nargs="*", default=["784,128,10", "784,512,512,10"])
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=9)
    asked = parser.parse_args()
    print(machine())
    for sizes in asked.sizes:
        layers = [int(size) for size in sizes.split(",")]
        measure(layers, asked.batch, asked.repeats)


if __name__ == "__main__":
    main()
