"""The table of hits and false alarms: `python -m benchmarks.diagnosis` (an hour on two cores).

Thresholds were set with `--half tuning`; what counts is the other half, the default.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from .problems import HELD_OUT, TUNING
from .runs import run, worse
from .troubles import TROUBLES

HEALTHY = 1000


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a rate (Wilson 1927)."""
    if not count:
        return 0.0, 1.0
    z, share = 1.959964, hits / count
    middle, width = (
        share + z * z / (2 * count),
        z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)),
    )
    scale = 1.0 + z * z / count
    return (middle - width) / scale, (middle + width) / scale


def rate(hits: int, count: int) -> str:
    low, high = wilson(hits, count)
    return f"{hits} of {count} ({low:.0%} to {high:.0%})" if count else "none"


def tasks(half: str, codes: list[str], seeds: int, healthy: int) -> list[tuple[Any, ...]]:
    problems = list(TUNING if half == "tuning" else HELD_OUT)
    found: list[tuple[Any, ...]] = []
    for code in codes:
        strengths = TROUBLES[code][1] if code in TROUBLES else ()
        found += [
            (half, problem, code, strength, seed, True)
            for problem in problems
            for strength in strengths
            for seed in range(seeds)
        ]
    if "healthy" in codes:
        found += [
            (half, problems[i % len(problems)], "healthy", 0.0, 1000 + i // len(problems), False)
            for i in range(healthy)
        ]
    return found


def _one(task: tuple[Any, ...]) -> Any:
    return run(*task)


def table(records: list[dict[str, Any]]) -> bool:
    """Print what was found; whether all bars hold."""
    by: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        by[record["code"]].append(record)
    total = [0, 0]
    cures = [0, 0]
    holds = True
    print(
        "| trouble | runs | ends 1.5 x worse | named first or second | first | cured by the remedy | weaker cases: named, or noted |"
    )
    print("|---|---|---|---|---|---|---|")
    for code in TROUBLES:
        bad = [r for r in by[code] if worse(r["ends"], r["twin"])]
        weak = [r for r in by[code] if not worse(r["ends"], r["twin"])]
        hits = sum(code in [name for name, _ in r["found"][:2]] for r in bad)
        first = sum(code in [name for name, _ in r["found"][:1]] for r in bad)
        tried = [r for r in bad if "cured" in r]
        well = sum(not worse(r["cured"], r["twin"]) for r in tried)
        seen = sum(code in [name for name, _ in r["found"] + r["notes"]] for r in weak)
        total = [total[0] + hits, total[1] + len(bad)]
        cures = [cures[0] + well, cures[1] + len(tried)]
        holds &= not bad or hits >= 0.75 * len(bad)
        print(
            f"| {code} | {len(by[code])} | {len(bad)} | {rate(hits, len(bad))} | {rate(first, len(bad))} | {rate(well, len(tried))} | {seen} of {len(weak)} |"
        )
    holds &= total[0] >= 0.9 * total[1] and cures[0] >= 0.8 * cures[1]
    print(f"\nall troubled runs: named first or second in {rate(*total)}; cured: {rate(*cures)}")
    if by["healthy"]:
        well = [r for r in by["healthy"] if not worse(r["ends"], r["twin"])]
        alarms = [r for r in well if r["found"]]
        holds &= len(alarms) <= 0.03 * len(well)
        print(f"healthy runs with a false alarm: {rate(len(alarms), len(well))}")
        kinds: dict[str, int] = defaultdict(int)
        for r in alarms:
            for name, _ in r["found"]:
                kinds[name] += 1
        print("  of which:", dict(kinds))
    return holds


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.diagnosis", description=__doc__)
    parser.add_argument("--half", choices=("tuning", "held_out"), default="held_out")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--healthy", type=int, default=HEALTHY)
    parser.add_argument("--codes", nargs="*", default=[*TROUBLES, "healthy"])
    parser.add_argument("--records", type=Path, help="write each run as a line of JSON")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    work = tasks(asked.half, asked.codes, asked.seeds, asked.healthy)
    with ProcessPoolExecutor(asked.processes) as pool:
        records = [r for r in pool.map(_one, work, chunksize=4) if r is not None]
    if asked.records:
        asked.records.write_text("".join(json.dumps(r) + "\n" for r in records))
    return 0 if table(records) else 1


if __name__ == "__main__":
    sys.exit(main())
