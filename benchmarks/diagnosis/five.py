"""The five troubles of the original project, found while training: `python -m
benchmarks.diagnosis.five`. A forgotten bias, ascent, a forgotten activation and gradients that
vanish (or units that died) within 50 steps; a bad start by step 500."""

from __future__ import annotations

import argparse
import sys
import zlib
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from glassnet.datasets import xor
from glassnet.diagnostics import Watch

from .__main__ import put, rate
from .problems import HELD_OUT, TUNING, Setup, setup
from .runs import error, trained, worse
from .troubles import TROUBLES, near_misses

CASES = {
    "a forgotten bias": (("missing_bias",), 50, 0.95),
    "ascent": (("gradient_ascent",), 50, 0.95),
    "a forgotten activation": (("no_nonlinearity",), 50, 0.95),
    "vanishing gradients, dead units": (("vanishing_gradients", "dead_units"), 50, 0.95),
    "a bad start": (("poor_start",), 500, 0.9),
}


def watched(one: Setup, codes: tuple[str, ...], limit: int) -> tuple[float, bool]:
    """The error on rows of the test, and whether it was found in time."""
    watch = Watch(*one.rows, say=silent)
    network = trained(one.with_fit(callbacks=[watch]))
    early = [each.code for each in watch.findings if each.evidence["step"] <= limit]
    return error(network, one.test), any(code in early for code in codes)


def silent(finding: Any) -> None:
    """Nobody is told."""


def exclusive_or(seed: int) -> tuple[Setup, Setup]:
    """The original project's own: [2, 2, 1], which some starts never learn."""
    rows, held, test = (
        xor(count, noise=0.1, seed=3 * seed + i) for i, count in enumerate((400, 100, 1000))
    )
    settings = {"layers": [2, 2, 1], "activation": "tanh", "loss": "logistic", "seed": seed}
    one = Setup(rows, held, test, settings, {"epochs": 100, "learning_rate": 0.05})
    return one.with_fit(restarts=8), one


def run(task: tuple[str, str, str, float, int]) -> tuple[str, bool, bool] | None:
    """The case, whether it ended worse than its twin, and whether it was found."""
    name, problem, code, strength, seed = task
    codes, limit, _ = CASES[name]
    if problem == "xor":
        sound, one = exclusive_or(seed)
    else:
        draw = np.random.default_rng([seed, zlib.crc32(code.encode()), int(1e4 * strength)])
        pair = TROUBLES[code][0](setup({**TUNING, **HELD_OUT}[problem], seed), strength, draw)
        if pair is None:
            return None
        sound, one = pair
    twin = error(trained(sound), sound.test)
    ends, found = watched(one, codes, limit)
    return name, worse(ends, twin), found


def spoke(task: tuple[str, int]) -> bool:
    """Whether it spoke up in a sound training."""
    problem, seed = task
    one = setup({**TUNING, **HELD_OUT}[problem], seed)
    one = near_misses(one, np.random.default_rng(seed))
    watch = Watch(*one.rows, say=silent)
    trained(one.with_fit(callbacks=[watch]))
    return bool(watch.findings)


def tasks(half: str, seeds: int) -> list[tuple[str, str, str, float, int]]:
    """Arguments of `run`."""
    found = [
        (name, problem, code, strength, seed)
        for name, (codes, _, _) in CASES.items()
        for code in codes
        if code != "poor_start"
        for problem in (TUNING if half == "tuning" else HELD_OUT)
        for strength in TROUBLES[code][1]
        for seed in range(seeds)
    ]
    first = 0 if half == "tuning" else 1000
    starts = range(first, first + 20 * seeds)
    return found + [("a bad start", "xor", "poor_start", 0.0, seed) for seed in starts]


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.diagnosis.five", description=__doc__
    )
    parser.add_argument("--half", choices=("tuning", "held_out"), default="held_out")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--page", action="store_true", help="write the table into the page too")
    asked = parser.parse_args()
    problems = TUNING if asked.half == "tuning" else HELD_OUT
    sound = [(name, 2000 + seed) for name in problems for seed in range(5 * asked.seeds)]
    with ProcessPoolExecutor() as pool:
        done = pool.map(run, tasks(asked.half, asked.seeds), chunksize=4)
        records = [each for each in done if each is not None]
        alarms = list(pool.map(spoke, sound, chunksize=4))
    holds, lines = (
        True,
        ["| trouble | runs that end 1.5 x worse | found in time |", "|---|---|---|"],
    )
    for name, (_, limit, bar) in CASES.items():
        found = [hit for case, bad, hit in records if case == name and bad]
        holds &= bool(found) and float(np.mean(found)) >= bar
        told = rate(sum(found), len(found))
        lines.append(f"| {name}, within {limit} steps | {len(found)} | {told} |")
    lines += ["", f"Sound trainings in which it spoke up: {rate(sum(alarms), len(alarms))}."]
    print("\n".join(lines))
    if asked.page:
        put("five", lines)
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
