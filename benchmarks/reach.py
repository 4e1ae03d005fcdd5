"""Up to which size exact fits pay: `python -m benchmarks.reach [--quick]`, eight minutes in full.

What a step of each solver and an epoch of Adam cost, in time and in memory, as parameters and rows
grow; and the time to a given error, of networks of 31 to 3,001 parameters: from which size on Adam
is there first. Without --quick the tables go into docs/second-order.md, between its marks.

Data are a random function of eight inputs with noise, networks [8, units, 1] of tanh. The error is
1.05 times the lowest training error that Adam ends with, of four learning rates and two lengths of
its one-cycle schedule; its time that of the one that is there first. Levenberg-Marquardt goes on in
hops, L-BFGS from up to ten starts of 1,000 steps, for four times Adam's time at most. Methods take
turns; medians.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from glassnet import Adam, Network
from glassnet.second_order import LevenbergMarquardt

from .rows import STATUS
from .tools import ROOT, machine, run_module

PAGE = ROOT / "docs" / "second-order.md"
MARKS = "<!-- measured: make reach -->\n", "<!-- end of what is measured -->\n"
INPUTS, BATCH = 8, 100
METHODS = {
    "levenberg_marquardt": "Levenberg-Marquardt",
    "bayesian_regularization": "Bayesian regularisation",
    "lbfgs": "L-BFGS",
    "adam": "Adam, an epoch",
}
LARGEST = {"levenberg_marquardt": 4001, "bayesian_regularization": 3001}  # some seconds a step
STEPS, ENOUGH = 6, 1.0  # of a fit that is timed, at most; seconds after which it ends
RATES, LENGTHS = (0.003, 0.01, 0.03, 0.1), (1000, 10_000)
STARTS, TRIES, PATIENCE = 10, 1000, 4.0
MANY = 1_000_000


class Sizes(NamedTuple):
    """Units that are gone through with `rows` rows, and rows with `units` units; to an error: units
    and rows; how often all is measured, and how many seeds."""

    units: tuple[int, ...]
    rows: tuple[int, ...]
    at_rows: int
    at_units: int
    reach_units: tuple[int, ...]
    reach_rows: tuple[int, ...]
    lengths: tuple[int, ...]
    repeats: int
    seeds: int


FULL = Sizes(
    units=(2, 6, 20, 60, 200, 300, 400, 1000),
    rows=(100, 1000, 10_000, 100_000),
    at_rows=1000,
    at_units=20,
    reach_units=(3, 10, 30, 100, 300),
    reach_rows=(1000, 10_000),
    lengths=LENGTHS,
    repeats=3,
    seeds=3,
)
QUICK = Sizes((2, 6, 20), (100, 1000), 1000, 6, (3, 10, 30), (500,), (50, 300), 1, 2)


def problem(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a random function with noise, of spread 1."""
    draw = np.random.default_rng(seed)
    X = draw.uniform(-1.0, 1.0, (rows, INPUTS))
    y = np.tanh(X @ draw.normal(0.0, 1.0, (INPUTS, 10))) @ draw.normal(0.0, 1.0, 10)
    return X, y / y.std() + 0.1 * draw.standard_normal(rows)


def start(units: int, seed: int = 0) -> Network:
    """Of float32, as it is unless asked for more; Levenberg-Marquardt makes it float64."""
    layers = [INPUTS, units, 1]
    return Network(layers, activation="tanh", loss="squared_error", input_scale=1.0, seed=seed)


def parameters(units: int) -> int:
    return (INPUTS + 2) * units + 1


def step_time(name: str, units: int, rows: int) -> float:
    """Seconds of a step (of Adam: of an epoch): the median of those after the first."""
    X, y = problem(rows)
    asked: dict[str, Any] = {"epochs": STEPS, "time_limit": ENOUGH, "batch_size": None}
    if name == "adam":
        asked["batch_size"] = BATCH
    seconds = start(units).fit(X, y, optimizer=name, **asked).seconds
    return statistics.median(seconds[1:] or seconds)


def kilobytes(name: str) -> int:
    """VmRSS or VmHWM of this process, its memory now and at most."""
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def memory(name: str, units: str, rows: str) -> None:
    """Print the MB that one step takes at most, beside the data, in a process of its own."""
    X, y = problem(int(rows))
    start(2).fit(X[:100], y[:100], optimizer=name, epochs=1)  # what comes with the first fit
    before = kilobytes("VmRSS")
    start(int(units)).fit(X, y, optimizer=name, epochs=1)
    print(max(0, kilobytes("VmHWM") - before) * 1024 / 1e6)


def cost(places: list[tuple[int, int]], sizes: Sizes) -> Iterator[tuple[str, list[float]]]:
    """For each method its seconds at all places (units, rows), and its MB there; nan where it is
    left out."""
    able = {
        name: [parameters(units) <= LARGEST.get(name, math.inf) for units, _ in places]
        for name in METHODS
    }
    found: dict[tuple[str, int], list[float]] = {}
    for _ in range(sizes.repeats):
        for k, place in enumerate(places):
            for name in METHODS:
                if able[name][k]:
                    found.setdefault((name, k), []).append(step_time(name, *place))
    for name in METHODS:
        yield (
            f"{METHODS[name]}: ms",
            [1e3 * statistics.median(found.get((name, k), [math.nan])) for k in range(len(places))],
        )
        yield (
            f"{METHODS[name]}: MB",
            [
                float(run_module("benchmarks.reach", "memory", name, *map(str, place)))
                if able[name][k] and STATUS.exists()
                else math.nan
                for k, place in enumerate(places)
            ],
        )


def exponent(sizes: list[int], values: list[float]) -> str:
    """How `values` grow at the upper end: the power of the size, through the last three."""
    pairs = [(s, v) for s, v in zip(sizes, values, strict=True) if v > 0.0][-3:]
    if len(pairs) < 2:
        return "-"
    return f"{np.polyfit(*np.log(np.array(pairs)).T, 1)[0]:.1f}"


def cost_table(axis: str, numbers: list[int], lines: Iterator[tuple[str, list[float]]]) -> str:
    heads = [axis, *(f"{each:,}" for each in numbers), "power"]
    rows = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for name, values in lines:
        cells = [f"{v:.3g}" if v == v else "-" for v in values]
        rows.append("| " + " | ".join([name, *cells, exponent(numbers, values)]) + " |")
    return "\n".join(rows) + "\n"


class Run(NamedTuple):
    """Adam's losses, and the seconds until each."""

    losses: np.ndarray
    seconds: np.ndarray

    def time_to(self, error: float) -> float:
        there = np.flatnonzero(self.losses <= error)
        return float(self.seconds[there[0]]) if len(there) else math.inf


def adam(X: np.ndarray, y: np.ndarray, units: int, seed: int, rate: float, steps: int) -> Run:
    epochs = max(2, steps * BATCH // len(X))
    asked: dict[str, Any] = {"epochs": epochs, "batch_size": BATCH}
    history = start(units, seed).fit(X, y, optimizer=Adam(learning_rate=rate), **asked)
    return Run(np.array(history.column("loss")), np.cumsum(history.seconds))


def solver(
    name: str, X: np.ndarray, y: np.ndarray, units: int, seed: int, error: float, limit: float
) -> float:
    """The seconds that it took, or infinity where `limit` were not enough: Levenberg-Marquardt with
    hops, L-BFGS from one start after another."""
    spent = 0.0
    for more in range(STARTS):
        net = start(units, seed + 1000 * more)
        asked: dict[str, Any] = {"epochs": MANY, "optimizer": LevenbergMarquardt(hops=MANY)}
        if name == "lbfgs":
            asked = {"epochs": TRIES, "optimizer": "lbfgs"}
        asked |= {"target_loss": error, "time_limit": max(limit - spent, 1e-3)}
        history = net.fit(X, y, **asked)
        spent += sum(history.seconds)
        if history[-1]["loss"] <= error:
            return spent
        if spent >= limit:
            break
    return math.inf


def to_error(units: int, rows: int, seed: int, sizes: Sizes) -> dict[str, float]:
    """Seconds of each method to the error, from this seed; infinite where it gave up."""
    X, y = problem(rows, seed)
    runs = [adam(X, y, units, seed, rate, steps) for rate in RATES for steps in sizes.lengths]
    error = 1.05 * min(float(run.losses[-1]) for run in runs)
    found = {"adam": min(run.time_to(error) for run in runs)}
    for name in ("levenberg_marquardt", "lbfgs"):
        found[name] = solver(name, X, y, units, seed, error, PATIENCE * found["adam"])
    return found


def crossing(numbers: list[int], ratios: list[float]) -> float:
    """The size from which on Adam is first: where the last of its times over the solver's that is
    above 1 goes below, on a line of logarithms. 0 and infinity: below and above all sizes."""
    above = [k for k, ratio in enumerate(ratios) if ratio > 1.0]
    if not above:
        return 0.0
    if above[-1] == len(numbers) - 1:
        return math.inf
    ends = slice(above[-1], above[-1] + 2)
    down = np.log(np.maximum(ratios[ends], 1.0 / PATIENCE))
    share = down[0] / (down[0] - down[1])
    return float(np.exp(np.interp(share, [0.0, 1.0], np.log(numbers[ends]))))


def in_words(sizes: list[float], numbers: list[int]) -> str:
    """The middle of the crossings, and their spread."""

    def each(size: float) -> str:
        if size == 0.0:
            return f"below {numbers[0]:,}"
        return f"{float(f'{size:.2g}'):,.0f}" if size < math.inf else f"above {numbers[-1]:,}"

    low, *_, high = sorted(sizes)
    return f"{each(statistics.median_low(sizes))} (seeds: {each(low)} to {each(high)})"


def reach(rows: int, sizes: Sizes) -> str:
    """The table of the times to the error, and the crossings."""
    numbers = [parameters(units) for units in sizes.reach_units]
    found = [
        [to_error(units, rows, seed, sizes) for seed in range(sizes.seeds)]
        for units in sizes.reach_units
    ]
    lines = [
        f"| parameters, {rows:,} rows | Adam, s | Levenberg-Marquardt, s | L-BFGS, s |",
        "|---" * 4 + "|",
    ]
    for number, seeds in zip(numbers, found, strict=True):
        cells = []
        for name in ("adam", "levenberg_marquardt", "lbfgs"):
            middle = statistics.median(each[name] for each in seeds)
            cells.append(f"{middle:.3g}" if middle < math.inf else f"over {PATIENCE:g} x Adam's")
        lines.append(f"| {number:,} | " + " | ".join(cells) + " |")
    lines.append("")
    for name in ("levenberg_marquardt", "lbfgs"):
        points = [
            crossing(numbers, [seeds[s]["adam"] / seeds[s][name] for seeds in found])
            for s in range(sizes.seeds)
        ]
        said = in_words(points, numbers)
        lines.append(f"- With {rows:,} rows Adam passes {METHODS[name]} at {said} parameters.")
    return "\n".join(lines) + "\n"


def measure(sizes: Sizes) -> Iterator[str]:
    """The tables, one after another."""
    units = [(each, sizes.at_rows) for each in sizes.units]
    numbers = [parameters(each) for each in sizes.units]
    yield cost_table(f"parameters, {sizes.at_rows:,} rows", numbers, cost(units, sizes))
    rows = [(sizes.at_units, each) for each in sizes.rows]
    name = f"rows, {parameters(sizes.at_units):,} parameters"
    yield cost_table(name, list(sizes.rows), cost(rows, sizes))
    for each in sizes.reach_rows:
        yield reach(each, sizes)


def main() -> None:
    if sys.argv[1:2] == ["memory"]:
        memory(*sys.argv[2:5])
        return
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reach", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few small sizes; no page is written")
    asked = parser.parse_args()
    parts = [machine() + ".\n"]
    print(parts[0], flush=True)
    for part in measure(QUICK if asked.quick else FULL):
        parts.append(part)
        print(part, flush=True)
    if not asked.quick:
        before, rest = PAGE.read_text().split(MARKS[0])
        after = rest.split(MARKS[1])[1]
        PAGE.write_text(before + MARKS[0] + "\n".join(parts) + MARKS[1] + after)


if __name__ == "__main__":
    main()
