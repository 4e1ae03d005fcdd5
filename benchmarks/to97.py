"""Time to 97 % test accuracy on MNIST: `python -m benchmarks.to97 [contender ...] [--seeds 5]`.

Each contender has three tries with settings of its own choice (tries.py), each from several seeds,
each run in a process of its own, in turn. Seconds run from the making of the network to the first
look, every half epoch, that finds 97 %; loading, importing and looking are not counted. The
figure of a try is the median over the seeds; its best try counts.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import statistics
import sys
from typing import Any

from .tools import add_jax_option, jax_python, machine, run_module
from .tries import TRIES

PACKAGES = {"PyTorch": "torch", "scikit-learn": "sklearn"}


def pythons(asked: argparse.Namespace) -> dict[str, str]:
    """The Python of each contender that is there."""
    found = {}
    for name in asked.contenders or TRIES:
        python = jax_python(asked.jax_python) if name == "JAX" else sys.executable
        if python and (name not in PACKAGES or importlib.util.find_spec(PACKAGES[name])):
            found[name] = python
        else:
            print(f"{name} is not here")
    return found


def measure(contenders: dict[str, str], seeds: int) -> dict[tuple[str, int], list[Any]]:
    """What each try gave, seed by seed; all tries take turns."""
    found: dict[tuple[str, int], list[Any]] = {}
    for seed in range(seeds):
        for number in range(3):
            for name, python in contenders.items():
                text = run_module("benchmarks.tries", name, str(number), str(seed), python=python)
                found.setdefault((name, number), []).append(json.loads(text))
    return found


def middle(runs: list[Any], without: str = "") -> float:
    """The median of the seconds; a run that did not get there took for ever."""
    return statistics.median(
        math.inf if run["seconds"] is None else run["seconds"] - (run[without] if without else 0.0)
        for run in runs
    )


def show(found: dict[tuple[str, int], list[Any]]) -> None:
    """The table of all tries, and the best of each contender over the best of ours."""
    print("| contender | try | seconds | compiled before | epochs | reached |")
    print("|---|---|---:|---:|---:|---:|")
    for (name, number), runs in found.items():
        whole, bare = middle(runs), middle(runs, "compiling")
        epochs = statistics.median(run["epochs"] for run in runs)
        reached = sum(run["seconds"] is not None for run in runs)
        cells = f"{whole:.2f} | {bare:.2f} | {epochs:g} | {reached} of {len(runs)}"
        print(f"| {name} | {TRIES[name][number]} | {cells} |")
    best: dict[str, float] = {}
    for (name, _), runs in found.items():
        best[name] = min(best.get(name, math.inf), middle(runs))
    if "glassnet" in best:
        order = sorted(best, key=lambda name: best[name])
        words = [f"{name} {best[name]:.2f} s" for name in order]
        word = "holds" if order[0] == "glassnet" else "DOES NOT HOLD"
        print(f"the best of each: {', '.join(words)}; ours first: {word}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.to97", description=__doc__)
    parser.add_argument("contenders", nargs="*", metavar="contender", help=", ".join(TRIES))
    parser.add_argument("--seeds", type=int, default=5)
    add_jax_option(parser)
    asked = parser.parse_args()
    if unknown := [name for name in asked.contenders if name not in TRIES]:
        parser.error(f"unknown contender {unknown[0]!r}; there are {', '.join(TRIES)}")
    print(machine())
    show(measure(pythons(asked), asked.seeds))


if __name__ == "__main__":
    main()
