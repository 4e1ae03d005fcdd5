"""docs/tables.md from the results of `benchmarks.tables`: ranks, wins, tests, times.

Two contenders differ on a set where the corrected resampled t-test of their paired scores says so
(Nadeau and Bengio 2003, eq. 11: folds share rows, so the usual test finds differences everywhere).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import stats

from .table_sets import CLASSES, SETS, DataSet
from .tools import ROOT

PAGE, LEVEL, FOLDS = ROOT / "docs" / "tables.md", 0.05, 5
RECIPE = "glassnet tables"
NUMBERS = "## The numbers"
"""What stands above this line of the page is written by hand."""

Kept = dict[str, Any]


def p_value(mine: list[float], theirs: list[float]) -> float:
    """Of the corrected resampled t-test, two-sided, for paired scores of repeated folds."""
    differences = np.subtract(mine, theirs)
    count, variance = len(differences), differences.var(ddof=1)
    if variance == 0.0:
        return 1.0 if differences.mean() == 0.0 else 0.0
    t = differences.mean() / math.sqrt((1.0 / count + 1.0 / (FOLDS - 1)) * variance)
    return float(2.0 * stats.t.sf(abs(t), count - 1))


def verdict(mine: list[float], theirs: list[float]) -> int:
    """1 where mine is significantly better, -1 where worse, else 0."""
    if p_value(mine, theirs) >= LEVEL:
        return 0
    return 1 if np.mean(mine) > np.mean(theirs) else -1


def scores(entry: Kept, name: str, key: str = "score") -> list[float]:
    return [each[key] for each in entry["results"][name]]


def contenders(kept: Kept) -> list[str]:
    """Those that were measured on all sets."""
    every = [list(entry["results"]) for entry in kept.values()]
    return [name for name in every[0] if all(name in names for names in every)]


def ranks(kept: Kept, names: list[str]) -> dict[str, dict[str, float]]:
    """{set: {contender: rank}}, 1 is the best; equal means share a rank."""
    found = {}
    for name, entry in kept.items():
        means = [-round(float(np.mean(scores(entry, each))), 12) for each in names]
        found[name] = dict(zip(names, stats.rankdata(means).tolist(), strict=True))
    return found


def counts(kept: Kept, name: str, key: str) -> str:
    """On how many sets the recipe is significantly better, neither, worse."""
    found = [verdict(scores(e, RECIPE, key), scores(e, name, key)) for e in kept.values()]
    better, worse = (-1, 1) if key == "log_loss" else (1, -1)
    return " / ".join(str(found.count(each)) for each in (better, 0, worse))


def summary(kept: Kept, names: list[str], title: str) -> list[str]:
    """A table with a line for each contender over some sets."""
    by_set = ranks(kept, names)
    lines = [
        f"| {title} ({len(kept)} sets) | mean rank | best on | the recipe is better / equal / "
        "worse | seconds a fit, median |",
        "|---|---|---|---|---|",
    ]
    for name in names:
        mean = np.mean([each[name] for each in by_set.values()])
        best = sum(each[name] == min(each.values()) for each in by_set.values())
        found = counts(kept, name, "score") if name != RECIPE else ""
        seconds = np.median([np.mean(scores(e, name, "seconds")) for e in kept.values()])
        lines.append(f"| {name} | {mean:.2f} | {best} | {found} | {seconds:.2f} |")
    return [*lines, ""]


def details(kept: Kept, names: list[str], sets: list[DataSet]) -> list[str]:
    """A line for each set: mean and spread of every contender."""
    lines = [
        "| set | rows x columns | from | " + " | ".join(names) + " |",
        "|---" * (3 + len(names)) + "|",
    ]
    marks = {1: " ▼", 0: "", -1: " ▲"}
    for data in sets:
        entry = kept[data.name]
        mine, cells = scores(entry, RECIPE), []
        for name in names:
            theirs = scores(entry, name)
            mark = marks[verdict(mine, theirs)] if name != RECIPE else ""
            cells.append(f"{np.mean(theirs):.3f} ± {np.std(theirs):.3f}{mark}")
        star = "*" if data.tuned else ""
        size = f"{entry['rows']} x {entry['columns']}"
        lines.append(
            f"| {data.name}{star} | {size} | {entry['source']} | " + " | ".join(cells) + " |"
        )
    return [*lines, ""]


def log_losses(kept: Kept, names: list[str]) -> list[str]:
    """The same by log loss, over the sets of classes."""
    some = {name: entry for name, entry in kept.items() if entry["task"] == CLASSES}
    means = [[np.mean(scores(e, n, "log_loss")) for n in names] for e in some.values()]
    mean = stats.rankdata(np.round(means, 12), axis=1).mean(axis=0)
    lines = [
        f"| classes by log loss ({len(some)} sets) | mean rank | the recipe is better / equal / "
        "worse |",
        "|---|---|---|",
    ]
    for name, rank in zip(names, mean, strict=True):
        found = counts(some, name, "log_loss") if name != RECIPE else ""
        lines.append(f"| {name} | {rank:.2f} | {found} |")
    return [*lines, ""]


def write_page(kept: Kept) -> None:
    """Write the numbers of docs/tables.md anew, below the words that are there."""
    names, known = contenders(kept), [data for data in SETS if data.name in kept]
    tuned = {data.name for data in known if data.tuned}
    words = PAGE.read_text().partition(NUMBERS)[0].rstrip()
    lines = [words, "", NUMBERS, ""]
    lines += summary(kept, names, "all")
    untouched = {name: entry for name, entry in kept.items() if name not in tuned}
    lines += summary(untouched, names, "not tuned on")
    lines += log_losses(kept, names)
    for task, title in ((CLASSES, "Classes: accuracy"), ("regression", "Numbers: r2")):
        lines += [f"### {title}", "", *details(kept, names, [d for d in known if d.task == task])]
    fits = {len(scores(entry, RECIPE)) for entry in kept.values()}
    lines.append(f"Fits for each set and contender: {', '.join(map(str, sorted(fits)))}.")
    PAGE.write_text("\n".join(lines) + "\n")
