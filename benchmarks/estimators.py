"""The drop-in beside scikit-learn's MLP: `python -m benchmarks.estimators [set ...] [--repeats 7]`.

Both with the same settings, the same random_state and a fixed number of epochs, so that they do
the same work; each in a process of its own, in turns. `ratio` is the median of scikit-learn's time
over ours in neighbouring runs. To add a set: a function, and a line in SETS.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .tools import Worker, machine, seconds, verdict

BAR = 1.7
LIBRARIES = {"scikit-learn": "sklearn.neural_network", "glassnet": "glassnet.estimators"}
WORKS = ("fit", "predict")

Data = tuple[np.ndarray, np.ndarray]


def digits() -> Data:
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return X, y


def table() -> Data:
    """As large as the table of houses in California that scikit-learn would fetch."""
    draw = np.random.default_rng(0)
    X = draw.standard_normal((20_000, 8))
    y = X[:, 0] * X[:, 1] + np.sin(2.0 * X[:, 2]) + X[:, 3]
    return X, y + 0.1 * draw.standard_normal(len(X))


def mnist(dtype: type) -> Data:
    from glassnet.datasets import load_mnist

    found = load_mnist()
    return found.X_train.astype(dtype) / dtype(255), found.y_train


@dataclass(frozen=True)
class Task:
    """`epochs` of a fit and `predictions` of all rows are timed; `counts`: towards the bar."""

    model: str
    make: Callable[..., Data]
    arguments: tuple[Any, ...]
    epochs: int
    predictions: int
    counts: bool = True


SETS = {
    "digits": Task("MLPClassifier", digits, (), 20, 20),
    "table": Task("MLPRegressor", table, (), 10, 5),
    "mnist-float32": Task("MLPClassifier", mnist, (np.float32,), 2, 1),
    "mnist-float64": Task("MLPClassifier", mnist, (np.float64,), 2, 1, counts=False),
}


def serve(name: str, library: str, work: str, shorter: int) -> None:
    """One library in a process of its own: says "ready", then runs once for each line."""
    import importlib

    from sklearn.exceptions import ConvergenceWarning

    warnings.simplefilter("ignore", ConvergenceWarning)
    task = SETS[name]
    X, y = task.make(*task.arguments)
    epochs = max(1, task.epochs // shorter)
    settings = {"max_iter": epochs, "n_iter_no_change": np.inf, "random_state": 0}
    model = getattr(importlib.import_module(LIBRARIES[library]), task.model)(**settings)
    if work == "fit":
        run, count = lambda: model.fit(X, y), epochs
    else:
        model.set_params(max_iter=1).fit(X[:1000], y[:1000])
        count = max(1, task.predictions // shorter)

        def run() -> object:
            return [model.predict(X) for _ in range(count)]

    run()  # warm-up
    print("ready", flush=True)
    for _ in sys.stdin:
        print(seconds(run) / count, flush=True)


def measure(name: str, work: str, asked: argparse.Namespace) -> float:
    """Prints milliseconds an epoch, or a prediction of all rows, and gives the ratio."""
    workers = list[Worker]()
    times: dict[str, list[float]] = {library: [] for library in LIBRARIES}
    try:
        for library in LIBRARIES:  # one after the other, so that warm-ups do not collide
            words = "serve", name, library, work, str(asked.shorter)
            workers.append(Worker("benchmarks.estimators", *words))
        for _ in range(asked.repeats):
            for found, worker in zip(times.values(), workers, strict=True):
                found.append(worker.run())
    finally:
        for worker in workers:
            worker.close()
    theirs, ours = times.values()
    ratios = [a / b for a, b in zip(theirs, ours, strict=True)]
    ratio = statistics.median(ratios)
    middle = [f"{statistics.median(each) * 1e3:.2f}" for each in (theirs, ours)]
    reach = f"{ratio:.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    print(f"| {name} | {work} | {middle[0]} | {middle[1]} | {reach} |", flush=True)
    return ratio


def main() -> int:
    if sys.argv[1:2] == ["serve"]:
        *words, shorter = sys.argv[2:]
        serve(*words, int(shorter))
        return 0
    parser = argparse.ArgumentParser(prog="python -m benchmarks.estimators", description=__doc__)
    parser.add_argument("sets", nargs="*", metavar="set", help=", ".join(SETS))
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--shorter", type=int, default=1, help="a part of the epochs, for a trial")
    asked = parser.parse_args()
    unknown = [name for name in asked.sets if name not in SETS]
    if unknown:
        parser.error(f"unknown set {unknown[0]!r}; there are {', '.join(SETS)}")
    print(f"{machine()}\n\n| data | | scikit-learn, ms | glassnet, ms | ratio |")
    print("|---|---|---|---|---|")
    ratios = list[float]()
    for name in asked.sets or SETS:
        found = [measure(name, work, asked) for work in WORKS]
        ratios += found if SETS[name].counts else []
    if not ratios:
        return 0
    mean = statistics.geometric_mean(ratios)
    print(f"\ngeometric mean of {len(ratios)}: {mean:.2f}; {verdict(mean, BAR)}")
    return 0 if mean >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
