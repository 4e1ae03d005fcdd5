"""The table of hits and false alarms: `python -m benchmarks.diagnosis`, a quarter of an hour.

Thresholds were set with `--half tuning`; what counts is the other half, the default.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from .problems import HELD_OUT, TUNING
from .runs import run, worse
from .troubles import TROUBLES

HEALTHY = 1000
PAGE = Path(__file__).parents[2] / "docs" / "diagnosis.md"
NO_SETTING = {
    "leaking_column",
    "shuffled_labels",
    "noisy_labels",
    "class_imbalance",
    "shifted_validation",
    "gradient_ascent",
    "wrong_gradient",
}
"""What no setting cures: rows that are wrong or missing, and functions of the user's own."""

NAMED, ENOUGH, CURED, ALARMS = 0.9, 0.75, 0.8, 0.03
"""The bars: of all troubled runs, of each trouble; of cures; of healthy runs, at most."""


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


def tasks(asked: argparse.Namespace) -> list[tuple[Any, ...]]:
    """Arguments of `run`: each trouble in each problem, from each seed, at one of its strengths in
    turn; and the runs without."""
    problems = list(TUNING if asked.half == "tuning" else HELD_OUT)
    seeds = range(asked.first, asked.first + asked.seeds)
    found: list[tuple[Any, ...]] = []
    for code in [each for each in asked.codes if each in TROUBLES]:
        strengths = TROUBLES[code][1]
        for problem, seed in itertools.product(problems, seeds):
            strength = strengths[(seed + problems.index(problem)) % len(strengths)]
            found.append((asked.half, problem, code, strength, seed, True))
    for number in range(asked.healthy if "healthy" in asked.codes else 0):
        seed, place = divmod(number, len(problems))
        seed += 1000 + 100 * asked.first
        found.append((asked.half, problems[place], "healthy", 0.0, seed, False))
    return found


def _one(task: tuple[Any, ...]) -> Any:
    return run(*task)


HEAD = (
    "trouble",
    "runs",
    "end 1.5 x worse",
    "named first or second",
    "first",
    "cured by the remedy",
    "weaker cases: named or noted",
)


def table(records: list[dict[str, Any]]) -> tuple[list[str], bool]:
    """What was found, as lines of Markdown; whether all bars hold."""
    by: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        by[record["code"]].append(record)
    lines = [f"| {' | '.join(HEAD)} |", f"|{'---|' * len(HEAD)}"]
    named, cured, holds = Counter[bool](), Counter[bool](), True
    for code in TROUBLES:
        bad = [each for each in by[code] if worse(each["ends"], each["twin"])]
        weak = [each for each in by[code] if each not in bad]
        hits = [code in codes(each["found"][:2]) for each in bad]
        first = [code in codes(each["found"][:1]) for each in bad]
        cures = [not worse(each["cured"], each["twin"]) for each in bad if "cured" in each]
        seen = sum(code in codes(each["found"] + each["notes"]) for each in weak)
        named.update(hits)
        cured.update(cures if code not in NO_SETTING else [])
        holds &= not bad or sum(hits) >= ENOUGH * len(bad)
        cells = [rate(sum(each), len(each)) for each in (hits, first, cures)]
        row = [code, len(by[code]), len(bad), *cells, f"{seen} of {len(weak)}"]
        lines.append(f"| {' | '.join(map(str, row))} |")
    lines += ["", f"All troubled runs: named first or second {rate(named[True], named.total())}."]
    lines.append(f"Cured, of what a setting can cure: {rate(cured[True], cured.total())}.")
    holds &= named[True] >= NAMED * named.total() and cured[True] >= CURED * cured.total()
    said, quiet = healthy(by["healthy"])
    return [*lines, said], holds and quiet


def healthy(records: list[dict[str, Any]]) -> tuple[str, bool]:
    """How many of the sound runs get an alarm, and of what."""
    sound = [each for each in records if not worse(each["ends"], each["twin"])]
    alarms = [each for each in sound if each["found"]]
    kinds = Counter(codes(pair for each in alarms for pair in each["found"]))
    of = ", ".join(f"{code} {count}" for code, count in kinds.most_common())
    said = f"Healthy runs with a false alarm: {rate(len(alarms), len(sound))}; {of or 'none'}."
    return said, len(alarms) <= ALARMS * len(sound)


def put(mark: str, lines: list[str]) -> None:
    """Lines into the page, between the marks of that name."""
    before, rest = PAGE.read_text().split(f"<!-- {mark} -->")
    after = rest.split(f"<!-- /{mark} -->")[1]
    inside = "\n".join(lines)
    PAGE.write_text(f"{before}<!-- {mark} -->\n{inside}\n<!-- /{mark} -->{after}")


def codes(found: Iterable[Any]) -> list[str]:
    return [code for code, _ in found]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.diagnosis", description=__doc__)
    parser.add_argument("--half", choices=("tuning", "held_out"), default="held_out")
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--first", type=int, default=0, help="the first of the seeds")
    parser.add_argument("--healthy", type=int, default=HEALTHY)
    parser.add_argument("--codes", nargs="*", default=[*TROUBLES, "healthy"])
    parser.add_argument("--records", type=Path, help="add each run as a line of JSON")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--page", action="store_true", help="write the table into the page too")
    asked = parser.parse_args()
    work = tasks(asked)
    records = []
    with ProcessPoolExecutor(asked.processes) as pool:
        for record in pool.map(_one, work, chunksize=4):
            if record is not None:
                records.append(record)
                if asked.records:
                    with asked.records.open("a") as lines:
                        lines.write(json.dumps(record) + "\n")
    lines, holds = table(records)
    print("\n".join(lines))
    if asked.page:
        put("table", lines)
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
