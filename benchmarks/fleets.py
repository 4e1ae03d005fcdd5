"""Many networks at once beside one after another: `python -m benchmarks.fleets [part ...]`.

Each part is a function that prints its figures and whether its bar holds. Ratios are medians over
pairs of neighbouring runs; of "one after another" a few runs are timed and scaled to all members.
To add a shape, add a Case; to add a part, a function and a line in PARTS.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet import Fleet, Network, blas

from .tools import add_jax_option, jax_python, machine, run_module, seconds, verdict

XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32), np.array([0, 1, 1, 0])


@dataclass(frozen=True)
class Case:
    """So many members of one shape, on XOR's four rows or on as many made-up ones; `alone` of
    them are timed one after another."""

    layers: tuple[int, ...]
    members: int
    rows: int
    batch: int
    epochs: int
    alone: int

    def __str__(self) -> str:
        what = f"{self.members} members of {list(self.layers)}, {self.rows} rows"
        return f"{what}, batch {self.batch}, {self.epochs} epochs"

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """X (rows, inputs) of float32, y (rows,) labels."""
        if self.rows == 4:
            return XOR
        draw = np.random.default_rng(0)
        X = draw.standard_normal((self.rows, self.layers[0]), dtype=np.float32)
        outputs = self.layers[-1]
        return X, X[:, 0] * X[:, 1] > 0 if outputs == 1 else draw.integers(0, outputs, self.rows)

    def options(self) -> dict[str, Any]:
        return {"batch_size": self.batch, "epochs": self.epochs}

    def together(self) -> float:
        """The seconds of all members in one computation, made and trained."""
        X, y = self.data()
        return seconds(lambda: Fleet(self.layers, self.members, seed=0).fit(X, y, **self.options()))

    def one_by_one(self) -> float:
        """The seconds of all members one after another: of a few, times what is missing."""
        X, y = self.data()

        def train() -> None:
            for seed in range(self.alone):
                Network(self.layers, seed=seed).fit(X, y, **self.options())

        return seconds(train) * self.members / self.alone


THOUSAND = Case((2, 8, 1), 1000, rows=4, batch=4, epochs=2000, alone=5)
SIXTY_FOUR = Case((30, 16, 1), 64, rows=500, batch=32, epochs=20, alone=8)
CASES = {"thousand": THOUSAND, "sixty-four": SIXTY_FOUR}
SHAPES = (
    Case((2, 8, 1), 64, rows=4, batch=4, epochs=500, alone=4),
    Case((30, 16, 1), 16, rows=500, batch=32, epochs=20, alone=4),
    Case((10, 32, 32, 1), 64, rows=500, batch=100, epochs=20, alone=8),
    Case((30, 64, 64, 1), 32, rows=1000, batch=32, epochs=5, alone=8),
    Case((64, 256, 10), 16, rows=1000, batch=100, epochs=5, alone=8),
    Case((784, 32, 16, 10), 8, rows=2000, batch=100, epochs=4, alone=8),
    Case((784, 128, 10), 8, rows=2000, batch=128, epochs=2, alone=8),
    Case((784, 512, 512, 10), 4, rows=1000, batch=128, epochs=2, alone=4),
)


@contextmanager
def one_core() -> Iterator[None]:
    """One BLAS thread, and one core for this thread and those that it starts, where the system
    lets us say so."""
    before = blas.describe()["threads"]
    blas.set_threads(1)
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    if cores:
        os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        if cores:
            os.sched_setaffinity(0, cores)
        if before:
            blas.set_threads(before)


def spread(ratios: list[float]) -> str:
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def xor(asked: argparse.Namespace) -> bool:
    """[2, 2, 1] with 16 starts on XOR, for each seed; its time over that of one start."""
    X, y = XOR
    bar, ratios, failed = 3.0, list[float](), list[int]()
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    for number, seed in enumerate(seeds):
        best = Network([2, 2, 1], seed=seed)
        many = seconds(lambda net=best: net.fit(X, y, epochs=2000, restarts=16))  # type: ignore[misc]  # bound now
        if best.test_accuracy(X, y) < 1.0:
            failed.append(seed)
        if number < asked.pairs:
            one = Network([2, 2, 1], seed=seed)
            ratios.append(many / seconds(lambda net=one: net.fit(X, y, epochs=2000)))  # type: ignore[misc]  # bound now
    solved = len(seeds) - len(failed)
    word = "holds" if not failed else f"DOES NOT HOLD, failed: {', '.join(map(str, failed))}"
    print(f"  16 starts solve XOR for {solved} of {len(seeds)} seeds from {seeds[0]}; {word}")
    print(f"  at {spread(ratios)} x the time of one start, {len(ratios)} pairs; ", end="")
    print(verdict(statistics.median(ratios), bar, most=True))
    return not failed and statistics.median(ratios) <= bar


def against_one_by_one(case: Case, bar: float, asked: argparse.Namespace) -> bool:
    """The fleet as it comes, and on one core, over one after another on one core."""
    free, bound = list[float](), list[float]()
    for _ in range(asked.repeats):
        with one_core():
            alone = case.one_by_one()
            bound.append(alone / case.together())
        free.append(alone / case.together())
    print(f"  {case}: one after another on one core {alone:.2f} s (from {case.alone} runs)")
    print(f"  the fleet, on one core too: {spread(bound)} x faster")
    print(f"  the fleet as it comes: {spread(free)} x faster; ", end="")
    print(verdict(statistics.median(free), bar))
    return statistics.median(free) >= bar


def thousand(asked: argparse.Namespace) -> bool:
    return against_one_by_one(THOUSAND, 20.0, asked)


def sixty_four(asked: argparse.Namespace) -> bool:
    return against_one_by_one(SIXTY_FOUR, 6.0, asked)


def shapes(asked: argparse.Namespace) -> bool:
    """On no shape slower: both as they come. Where both do the same, noise decides about a median
    of 1; so a shape fails where three quarters of the pairs are below 1."""
    slower = []
    for case in SHAPES:
        ratios = [1 / case.together() * case.one_by_one() for _ in range(asked.repeats)]
        upper = float(np.quantile(ratios, 0.75))
        word = "holds" if upper >= 1.0 else "DOES NOT HOLD"
        print(f"  {case}: {spread(ratios)} x as fast as one after another; {word}")
        slower += [case] if upper < 1.0 else []
    return not slower


def jax(asked: argparse.Namespace) -> bool:
    """JAX's vmap, each time in a fresh process: the first training with its compilation, and a
    second without. The import of JAX is not counted."""
    python = jax_python(asked.jax_python)
    if python is None:
        print("  not measured: JAX is not installed (see --jax-python)")
        return True
    behind = []
    for name, case in CASES.items():
        first, second, ours = list[float](), list[float](), list[float]()
        for _ in range(asked.repeats):
            found = run_module("benchmarks.jax_fleet", name, python=python).split()
            ours.append(case.together())
            first.append(float(found[0]) / ours[-1])
            second.append(float(found[1]) / ours[-1])
        print(f"  {case}: the fleet takes {statistics.median(ours):.2f} s")
        print(f"  JAX, compiled before, takes {spread(second)} x that")
        print(f"  JAX with its compilation {spread(first)} x; ", end="")
        print(verdict(statistics.median(first), 1.0))
        behind += [name] if statistics.median(first) < 1.0 else []
    return not behind


PARTS = {"xor": xor, "thousand": thousand, "sixty-four": sixty_four, "shapes": shapes, "jax": jax}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleets", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--seeds", type=int, default=1000, help="of part xor (%(default)s)")
    parser.add_argument("--first-seed", type=int, default=0, help="to do them in portions")
    parser.add_argument("--pairs", type=int, default=50, help="of xor that are timed (%(default)s)")
    parser.add_argument("--repeats", type=int, default=5)
    add_jax_option(parser)
    asked = parser.parse_args()
    if unknown := [name for name in asked.parts if name not in PARTS]:
        parser.error(f"unknown part {unknown[0]!r}; there are {', '.join(PARTS)}")
    print(machine())
    failed = []
    for name in asked.parts or PARTS:
        print(name, flush=True)
        failed += [] if PARTS[name](asked) else [name]
    print("all hold" if not failed else f"DO NOT HOLD: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
