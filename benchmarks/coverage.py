"""How often 95 % intervals hold: 500 simulated data sets for each problem, fresh rows each.

Well-specified problems are drawn from a network of the shape that is fitted, and fits start from
it: what is measured are intervals around the lowest minimum, not the search for it (of a surface of
three units, the best of six random starts misses it for one data set in ten, and its intervals of
the mean then cover 3 % less). Misspecified ones have noise that is skewed, grows or has heavy
tails, and a curve that the network cannot follow.
The bars are in BARS. Run it: `python -m benchmarks.coverage`; `--sets 50` for a quick look.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet import Network
from glassnet.inference import Interval, conformal, cross_conformal, predict_interval

Array = NDArray[Any]
Draw = Callable[[np.random.Generator, int], tuple[Array, Array, Array]]

LEVEL = 0.95
NEW_ROWS = 20

BARS = {
    "prediction": (0.93, 0.97),
    "confidence": (0.93, 0.97),
    "split conformal": (0.93, 0.97),
    "cross conformal": (0.93, 0.985),  # promised are 0.90; it is known to lean to the safe side
}


@dataclass(frozen=True)
class Problem:
    """`draw(generator, rows)` gives X, the mean of y and y; `network` fits them."""

    name: str
    draw: Draw
    network: dict[str, Any]
    rows: int
    truth: Network | None = None

    @property
    def specified(self) -> bool:
        return self.truth is not None


def from_network(truth: Network, spread: float) -> Draw:
    """Rows of a network, with normal noise."""

    def draw(rng: np.random.Generator, rows: int) -> tuple[Array, Array, Array]:
        X = rng.uniform(-2.0, 2.0, size=(rows, truth.layers[0]))
        mean = truth.predict(X)[:, 0]
        return X, mean, mean + spread * rng.normal(size=rows)

    return draw


def skewed(rng: np.random.Generator, rows: int) -> tuple[Array, Array, Array]:
    """A curve, with noise that is skewed and grows."""
    X = rng.uniform(0.0, 1.0, size=(rows, 1))
    mean = np.sin(6.0 * X[:, 0])
    return X, mean, mean + (0.1 + X[:, 0]) * (rng.exponential(size=rows) - 1.0)


def heavy(rng: np.random.Generator, rows: int) -> tuple[Array, Array, Array]:
    """Steps of two inputs, with noise of heavy tails."""
    X = rng.normal(size=(rows, 2))
    mean = np.sign(X[:, 0]) + np.abs(X[:, 1])
    return X, mean, mean + 0.5 * rng.standard_t(2.5, size=rows)


def network(layers: list[int], parameters: list[float] | None = None, **more: Any) -> Network:
    made = Network(layers, **{"loss": "squared_error", "dtype": "float64", "seed": 0, **more})
    if parameters is not None:
        made.parameters = np.array(parameters)
    return made


def problems() -> list[Problem]:
    line = network([3, 1], [1.0, -2.0, 0.5, 0.3])
    growth = network([1, 1, 1], [2.0, 3.0, 0.4, 0.1], activation="sigmoid")
    bend = network([1, 2, 1], [1.5, 3.0, 2.0, -1.0, 0.5, -2.0, 0.2], activation="tanh")
    plane = [1.2, -1.0, 0.5, 0.8, 1.0, -1.5, 1.5, 1.0, -2.0, 0.3, -0.6, 0.9, 0.2]
    surface = network([2, 3, 1], plane, activation="tanh")
    bent = {"activation": "tanh"}
    return [
        Problem("a line", from_network(line, 1.0), {"layers": [3, 1]}, 25, line),
        Problem(
            "growth, 1 sigmoid",
            from_network(growth, 0.1),
            {"layers": [1, 1, 1], "activation": "sigmoid"},
            40,
            growth,
        ),
        Problem("a bend", from_network(bend, 0.2), {"layers": [1, 2, 1], **bent}, 100, bend),
        Problem(
            "a surface", from_network(surface, 0.2), {"layers": [2, 3, 1], **bent}, 250, surface
        ),
        Problem("skewed noise that grows", skewed, {"layers": [1, 1]}, 100),
        Problem("steps with heavy tails", heavy, {"layers": [2, 2, 1], **bent}, 100),
    ]


def fitted(problem: Problem, X: Array, y: Array, seed: int) -> Network:
    """A minimum by Levenberg-Marquardt, from the truth where the network can express it."""
    net = network(**problem.network, seed=seed)
    if problem.truth is not None:
        net.parameters = problem.truth.parameters
    net.fit(X, y, epochs=300, optimizer="levenberg_marquardt")
    return net


def intervals(problem: Problem, X: Array, y: Array, new: Array, seed: int) -> dict[str, Interval]:
    """Each kind of interval for new rows."""
    net = fitted(problem, X, y, seed)
    found = {
        kind: predict_interval(net, new, data=(X, y), level=LEVEL, kind=kind)
        for kind in ("prediction", "confidence")
    }
    half = len(X) - 39  # 39 rows to calibrate with: 38 of 40 is 0.95
    if half > len(net.parameters):
        part = fitted(problem, X[:half], y[:half], seed)
        found["split conformal"] = conformal(part, X[half:], y[half:], level=LEVEL).predict(new)
    if not problem.specified:
        recipe = network(**problem.network)
        options: dict[str, Any] = {"epochs": 60, "optimizer": "lbfgs", "seed": seed}
        crossed = cross_conformal(recipe, X, y, level=LEVEL, folds=10, **options)
        found["cross conformal"] = crossed.predict(new)
    return found


def coverage(problem: Problem, sets: int) -> dict[str, Array]:
    """(sets,) the share of new rows that each kind covers, data set by data set."""
    shares: dict[str, list[float]] = {}
    for seed in range(sets):
        rng = np.random.default_rng([17, seed])
        X, _, y = problem.draw(rng, problem.rows)
        new, mean, target = problem.draw(rng, NEW_ROWS)
        for kind, found in intervals(problem, X, y, new, seed).items():
            inside = found.covered(mean if kind == "confidence" else target)
            shares.setdefault(kind, []).append(inside)
    return {kind: np.array(each) for kind, each in shares.items()}


def report(problem: Problem, sets: int) -> bool:
    """Print the coverage of each kind; whether all bars hold."""
    begun, good = time.perf_counter(), True
    print(
        f"{problem.name} ({problem.rows} rows, {'well-' if problem.specified else 'mis'}specified)"
    )
    for kind, shares in coverage(problem, sets).items():
        mean, error = float(shares.mean()), float(shares.std(ddof=1) / math.sqrt(sets))
        low, high = BARS[kind]
        counts = problem.specified or "conformal" in kind
        verdict = ("ok" if low <= mean <= high else "MISSED") if counts else "no bar here"
        good &= verdict != "MISSED"
        bar = f"bar {low:.3f} to {high:.3f}: {verdict}" if counts else verdict
        print(f"  {kind:<16} {mean:.4f} +- {error:.4f} (standard error)   {bar}")
    print(f"  {time.perf_counter() - begun:.0f} s", flush=True)
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=500)
    sets = parser.parse_args().sets
    bound = 2.576 * math.sqrt(LEVEL * (1 - LEVEL) / sets)
    print(f"{sets} data sets, {NEW_ROWS} new rows each, level {LEVEL}.")
    print(f"Of one row a set, 99 % of such shares lie within {LEVEL} +- {bound:.4f} (binomial).")
    results = [report(problem, sets) for problem in problems()]  # all of them, also after a miss
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
