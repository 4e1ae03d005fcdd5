"""One try to reach 97 % on MNIST's test images: `python -m benchmarks.tries CONTENDER NUMBER SEED`.

Prints what `Stopwatch.result` gives. The settings are in TRIES, three for each contender, the best
of what was tried by hand. To add a contender: a function in CONTENDERS and its tries. Others than
ours get their rows as float32 before the clock starts.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet import schedules
from glassnet.core.callback import Callback
from glassnet.core.history import History
from glassnet.datasets import load_mnist

from .contenders import floats

GOAL = 0.97


@dataclass(frozen=True)
class Try:
    """`epochs` is what the schedule spans; `threads` are PyTorch's."""

    layers: tuple[int, ...]
    batch: int
    optimizer: str
    rate: float
    schedule: str
    epochs: int
    threads: int = 2

    def __str__(self) -> str:
        return (
            f"{list(self.layers)}, batch {self.batch}, {self.optimizer} {self.rate:g}, "
            f"{self.schedule} over {self.epochs}"
        )


ONE, FLAT = "one_cycle", "constant"
FRAMEWORKS = (
    Try((784, 128, 10), 256, "adam", 0.02, ONE, 2),
    Try((784, 128, 10), 200, "adam", 0.015, ONE, 2),
    Try((784, 100, 10), 200, "adam", 0.02, ONE, 2),
)
TRIES: dict[str, tuple[Try, Try, Try]] = {
    "glassnet": (
        Try((784, 128, 10), 256, "adam", 0.02, ONE, 2),
        Try((784, 100, 10), 128, "adam", 0.015, ONE, 2),
        Try((784, 64, 10), 128, "adam", 0.015, ONE, 2),
    ),
    "PyTorch": FRAMEWORKS,
    "scikit-learn": (
        Try((784, 256, 10), 256, "adam", 0.005, FLAT, 10),
        Try((784, 128, 10), 100, "adam", 0.003, FLAT, 10),
        Try((784, 128, 10), 200, "adam", 0.005, FLAT, 10),
    ),
    "JAX": FRAMEWORKS,
}


class Stopwatch:
    """Runs while training does; stands still while accuracy is looked at."""

    def __init__(self) -> None:
        self.spent, self.halves, self.accuracy, self.compiling = 0.0, 0, 0.0, 0.0
        self.begun = time.perf_counter()

    def look(self, accuracy: Callable[[], float]) -> bool:
        """After half an epoch: whether the goal is reached."""
        self.spent += time.perf_counter() - self.begun
        self.halves += 1
        self.accuracy = accuracy()
        self.begun = time.perf_counter()
        return self.accuracy >= GOAL

    def result(self) -> dict[str, Any]:
        """Seconds until the goal, None where it was not reached; of them `compiling`."""
        reached = self.accuracy >= GOAL
        return {
            "seconds": self.spent if reached else None,
            "compiling": self.compiling,
            "epochs": self.halves / 2,
            "accuracy": self.accuracy,
        }


Data = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def with_glassnet(tried: Try, seed: int, data: Data) -> Stopwatch:
    """From bytes, in one call of fit."""
    from glassnet import Network

    X, y, X_test, y_test = data

    class Look(Callback):
        def on_batch_end(self, training: Any) -> None:
            halves = training.batches // 2, training.batches
            if training.batch in halves and watch.look(lambda: net.test_accuracy(X_test, y_test)):
                training.stop("the goal is reached")

    watch = Stopwatch()
    net = Network(tried.layers, seed=seed)
    net.fit(
        X,
        y,
        epochs=tried.epochs,
        batch_size=tried.batch,
        optimizer=tried.optimizer,
        learning_rate=tried.rate,
        schedule=tried.schedule,
        callbacks=[Look()],
    )
    return watch


def with_torch(tried: Try, seed: int, data: Data) -> Stopwatch:
    import torch

    torch.set_num_threads(tried.threads)
    torch.manual_seed(seed)
    X, X_test = (torch.from_numpy(floats(part)) for part in (data[0], data[2]))
    y, y_test = torch.from_numpy(data[1]), torch.from_numpy(data[3])
    steps = -(-len(X) // tried.batch)
    watch = Stopwatch()
    layers: list[Any] = []
    for inputs, outputs in pairwise(tried.layers):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    net = torch.nn.Sequential(*layers[:-1])
    optimizer: Any = torch.optim.SGD(net.parameters(), lr=tried.rate, momentum=0.9, fused=True)
    if tried.optimizer == "adam":
        optimizer = torch.optim.Adam(net.parameters(), lr=tried.rate, fused=True)
    schedule: Any = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, tried.rate, total_steps=steps * tried.epochs
    )

    def accuracy() -> float:
        with torch.inference_mode():
            return float((net(X_test).argmax(1) == y_test).float().mean())

    for _ in range(tried.epochs):
        for step, rows in enumerate(torch.randperm(len(X)).split(tried.batch), 1):
            optimizer.zero_grad(set_to_none=True)
            torch.nn.functional.cross_entropy(net(X[rows]), y[rows]).backward()
            optimizer.step()
            schedule.step()
            if step in (steps // 2, steps) and watch.look(accuracy):
                return watch
    return watch


def with_sklearn(tried: Try, seed: int, data: Data) -> Stopwatch:
    """Half an epoch is a call of partial_fit, which knows no schedules."""
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")
    X, X_test = floats(data[0]), floats(data[2])
    draw = np.random.default_rng(seed)
    watch = Stopwatch()
    net = MLPClassifier(
        tried.layers[1:-1],
        solver=tried.optimizer,
        learning_rate_init=tried.rate,
        batch_size=tried.batch,
        alpha=0.0,
        random_state=seed,
    )
    for _ in range(tried.epochs):
        for half in np.array_split(draw.permutation(len(X)), 2):
            net.partial_fit(X[half], data[1][half], classes=range(10))
            if watch.look(lambda: float(net.score(X_test, data[3]))):
                return watch
    return watch


def with_jax(tried: Try, seed: int, data: Data) -> Stopwatch:
    """Half an epoch is a compiled scan; compiling is counted, and told apart."""
    import jax  # type: ignore[import-not-found,unused-ignore]  # optional
    import jax.numpy as jnp  # type: ignore[import-not-found,unused-ignore]  # optional

    from . import jax_networks as networks

    X, X_test = jnp.asarray(floats(data[0])), jnp.asarray(floats(data[2]))
    y, y_test = jnp.asarray(data[1].astype(np.int32)), jnp.asarray(data[3])
    draw = np.random.default_rng(seed)
    half = -(-len(X) // tried.batch) // 2
    rates = np.array(factors(tried, 2 * half), np.float32) * tried.rate
    accuracy = jax.jit(lambda net: networks.scores(net, X_test).argmax(1) == y_test)
    accuracy(networks.start(tried.layers, seed))  # what only looks is compiled before
    watch = Stopwatch()
    state = networks.first_state(networks.start(tried.layers, seed), tried.optimizer)
    order = networks.places(len(X), tried.batch, draw)
    begun = time.perf_counter()
    epoch = networks.make_epoch(tried.optimizer)
    epoch = epoch.lower(state, X, y, order[:half], rates[:half]).compile()
    watch.compiling = time.perf_counter() - begun
    for number in range(2 * tried.epochs):
        part = slice(half, 2 * half) if number % 2 else slice(0, half)
        now = rates[number * half : (number + 1) * half]
        state, loss = epoch(state, X, y, order[part], now)
        float(loss)
        if watch.look(lambda net=state[0]: float(accuracy(net).mean())):  # type: ignore[misc]  # bound now
            break
        if number % 2:
            order = networks.places(len(X), tried.batch, draw)
    return watch


def factors(tried: Try, steps: int) -> list[float]:
    """What the rate is multiplied with at each step of the try, `steps` an epoch."""
    schedule = schedules.SCHEDULES[tried.schedule]
    return [
        schedule(schedules.Progress(step / steps, tried.epochs, step, History()))
        for step in range(steps * tried.epochs)
    ]


CONTENDERS: dict[str, Callable[[Try, int, Data], Stopwatch]] = {
    "glassnet": with_glassnet,
    "PyTorch": with_torch,
    "scikit-learn": with_sklearn,
    "JAX": with_jax,
}


def main(contender: str, number: str, seed: str) -> None:
    mnist = load_mnist()
    data = mnist.X_train, mnist.y_train, mnist.X_test, mnist.y_test
    watch = CONTENDERS[contender](TRIES[contender][int(number)], int(seed), data)
    print(json.dumps(watch.result()))


if __name__ == "__main__":
    main(*sys.argv[1:])
