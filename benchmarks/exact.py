"""Levenberg-Marquardt beside SciPy's, and beside Adam: `python -m benchmarks.exact`.

Random regression problems: 1 to 10 inputs, 5 to 30 tanh units, 100 to 2,000 rows of a random
function with noise. Ours and both methods of scipy.optimize.least_squares, which gets our Jacobian,
go from the same 10 starts with the same tolerance; the best of each is compared, and the time of
all ten. ("lm" refuses fewer rows than parameters.) Adam gets five learning rates and 1,000
epochs; the error to reach is 1.05 times the lowest it ends with, its time that of the rate first
there; ours is that of up to 10 starts, one after another, of 100 steps.
"""

from __future__ import annotations

import argparse
import sys
import time
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from glassnet import Adam, Network
from glassnet.second_order import LevenbergMarquardt
from glassnet.second_order.jacobian import score_jacobian

from .tools import machine, seconds, verdict

STARTS, SHARE, WITHIN = 10, 0.9, 1.01
TOLERANCE = 1e-8  # SciPy's own default
STEPS = 300  # evaluations of SciPy at most; ours has 1000: it is the time that is compared
EXACT = 1e-10  # of the variance: what is below is as good as 0
RATES = (0.001, 0.003, 0.01, 0.03, 0.1)
FASTER, EPOCHS = 10.0, 1000

Problem = tuple[list[int], np.ndarray, np.ndarray]


def problem(number: int) -> Problem:
    """Sizes of the network, and the rows."""
    draw = np.random.default_rng(number)
    inputs, units = int(draw.integers(1, 11)), int(draw.integers(5, 31))
    rows = int(np.exp(draw.uniform(np.log(100), np.log(2000))))
    X = draw.uniform(-1.0, 1.0, (rows, inputs))
    first, second = draw.normal(0.0, 2.0, (inputs, 10)), draw.normal(0.0, 1.0, 10)
    y = np.tanh(X @ first + draw.normal(0.0, 1.0, 10)) @ second
    return [inputs, units, 1], X, y + 0.05 * y.std() * draw.standard_normal(rows)


def start(layers: list[int], seed: int) -> Network:
    return Network(
        layers, activation="tanh", loss="squared_error", dtype="float64", input_scale=1.0, seed=seed
    )


def ours(layers: list[int], X: np.ndarray, y: np.ndarray, seed: int) -> float:
    """The mean squared error from this start."""
    net = start(layers, seed)
    optimizer = LevenbergMarquardt(tolerance=TOLERANCE, loss_tolerance=TOLERANCE)
    settings = {"epochs": 1000, "optimizer": optimizer, "verbose": False}
    history = net.fit(X, y, target_loss=EXACT * y.var(), **settings)
    return float(history[-1]["loss"])


def theirs(method: str, layers: list[int], X: np.ndarray, y: np.ndarray, seed: int) -> float:
    net = start(layers, seed)
    room = np.zeros((len(X), 1, net.parameters.size))

    def residuals(parameters: np.ndarray) -> np.ndarray:
        net.parameters = parameters
        return np.asarray(net.passes.scores(X)[:, 0] - y)

    def slopes(parameters: np.ndarray) -> np.ndarray:
        net.parameters = parameters
        return score_jacobian(net, X, room)[:, 0]

    settings = dict.fromkeys(("ftol", "xtol", "gtol"), TOLERANCE)
    begin = net.parameters.copy()
    found = least_squares(residuals, begin, slopes, method=method, max_nfev=STEPS, **settings)
    return float(2.0 * found.cost / len(X))


def compare(number: int) -> dict[str, tuple[float, float]]:
    """{contender: (lowest error of all starts, seconds for all of them)}."""
    layers, X, y = problem(number)
    runs = {
        "glassnet": partial(ours, layers, X, y),
        "lm": partial(theirs, "lm", layers, X, y),
        "trf": partial(theirs, "trf", layers, X, y),
    }
    if len(X) < start(layers, 0).parameters.size:
        del runs["lm"]
    errors: dict[str, list[float]] = {name: [] for name in runs}
    times = dict.fromkeys(runs, 0.0)
    for seed in range(STARTS):  # in turns, so that all meet the same machine
        for name, run in runs.items():
            begun = time.perf_counter()
            errors[name].append(run(seed))
            times[name] += time.perf_counter() - begun
    return {name: (max(min(errors[name]), EXACT * y.var()), times[name]) for name in runs}


def to_error(number: int) -> float:
    """Adam's time over ours, to an error that Adam reaches."""
    layers, X, y = problem(number)
    ends = {rate: adam(layers, X, y, rate, None)[0] for rate in RATES}
    error = 1.05 * min(ends.values())
    able = [rate for rate, end in ends.items() if end <= error]
    slow = min(adam(layers, X, y, rate, error)[1] for rate in able)
    net = start(layers, 0)
    exact = {"epochs": 100, "restarts": STARTS, "verbose": False}
    exact |= {"optimizer": "levenberg_marquardt", "target_loss": error}
    mine = seconds(lambda: net.fit(X, y, **exact))
    reached = net.history[-1]["loss"] <= error
    return slow / mine if reached else 0.0


def adam(
    layers: list[int], X: np.ndarray, y: np.ndarray, rate: float, error: Any
) -> tuple[float, float]:
    """The error at the end, and seconds."""
    net = start(layers, 0)
    asked = {"epochs": EPOCHS, "optimizer": Adam(learning_rate=rate), "verbose": False}
    took = seconds(lambda: net.fit(X, y, target_loss=error, **asked))
    return float(net.history[-1]["loss"]), took


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exact", description=__doc__)
    parser.add_argument("--problems", type=int, default=30)
    asked = parser.parse_args()
    print(machine(), "\n", flush=True)
    print("| problem | layers | rows | ours / lm: error, time | ours / trf: error, time | Adam |")
    print("|---|---|---|---|---|---|")
    good: dict[str, list[bool]] = {"lm": [], "trf": []}
    times: dict[str, list[float]] = {"lm": [], "trf": []}
    faster = []
    for number in range(asked.problems):
        layers, X, _ = problem(number)
        found, cells = compare(number), []
        for name in good:
            if name not in found:
                cells.append("refused")
                continue
            ratio, share = (found["glassnet"][k] / found[name][k] for k in (0, 1))
            good[name].append(ratio <= WITHIN)
            times[name].append(share)
            cells.append(f"{ratio:.3f}, {share:.2f}")
        faster.append(to_error(number))
        print(
            f"| {number} | {layers} | {len(X)} | {cells[0]} | {cells[1]} | {faster[-1]:.1f} |",
            flush=True,
        )
    holds = True
    for name, each in good.items():
        share, slower = float(np.mean(each)), float(np.median(times[name]))
        holds &= share >= SHARE and slower <= 1.0
        print(f"\n{name}: error at most {WITHIN} x in {share:.0%}; {verdict(share, SHARE)}")
        print(f"{name}: time, ours over theirs {slower:.2f}; {verdict(slower, 1.0, most=True)}")
    middle = float(np.median(faster))
    holds &= middle >= FASTER
    print(
        f"\nAdam takes {middle:.1f} x our time (median; lowest {min(faster):.1f}); "
        f"{verdict(middle, FASTER)}"
    )
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
