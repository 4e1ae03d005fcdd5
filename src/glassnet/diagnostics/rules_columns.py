"""Troubles of columns: their sizes, what is in them, and whether rows for validation have others.
To know one more: see rules.py."""

import math
from collections.abc import Iterator

import numpy as np

from ..core.arrays import Array
from . import probes
from .case import Case
from .finding import Remedy
from .rules import PROOF, ROWS, SETTING, STANDARDIZE, Suspicion, ramp

FEW = 12
"""Columns that a finding names."""

LARGE = 5.0
"""The size of a column that is too large, and one over it too small: it should be about 1."""


LEARNABLE = 0.95
"""The error from which columns are taken to know nothing."""


def unscaled_inputs(case: Case) -> Iterator[Suspicion]:
    """Columns as the first layer sees them should be about 1 in size."""
    sizes = np.sqrt((case.seen**2).mean(axis=0))
    some = sizes[case.seen.std(axis=0) > 0.0]
    if not len(some) or case.settings.get("standardize"):
        return
    largest, middle, smallest = (float(f(some)) for f in (np.max, np.median, np.min))
    far = abs(math.log10(max(largest, 1e-30)))
    above, below = (math.log10(pair) for pair in (largest / middle, middle / max(smallest, 1e-30)))
    strength = max(ramp(far, 0.5, 1.5), ramp(above, 0.7, 1.7), 0.5 * ramp(below, 1.0, 2.0))
    if strength > 0.0:
        wrong = [int(i) for i in np.flatnonzero((sizes > LARGE) | (sizes < 1.0 / LARGE))]
        yield Suspicion(
            "unscaled_inputs",
            SETTING,
            "The columns of X are of another size than networks learn from well (about 1), or of "
            "very different sizes",
            strength,
            {"largest_size": largest, "smallest_size": smallest},
            where={"columns": wrong[:FEW]},
            remedy=STANDARDIZE,
            specific=2.0,
            seen=True,
        )


def constant_column(case: Case) -> Iterator[Suspicion]:
    """Columns with one value: a note, unless it is so large that it drowns the others."""
    spread = case.raw.std(axis=0)
    same = np.flatnonzero(spread <= 1e-12 * np.maximum(np.abs(case.raw).max(axis=0), 1e-300))
    if not len(same) or len(case.rows) < 2:
        return
    says = f"{_columns(same)} the same value in all rows, and can tell nothing"
    largest = float(np.abs(case.seen[:, same]).max())
    evidence, where = {"columns": len(same), "largest": largest}, {"columns": same[:FEW].tolist()}
    if largest > LARGE:
        strength = ramp(math.log10(largest), 0.5, 1.5)
        says += ", and drowns the others"
        remedy = STANDARDIZE
        yield Suspicion(
            "constant_column",
            SETTING,
            says,
            strength,
            evidence,
            where=where,
            remedy=remedy,
            specific=2.2,
            seen=True,
        )
    else:
        remedy = Remedy(advice="leave it out of X, or find out why it is empty")
        yield Suspicion(
            "constant_column",
            PROOF,
            says,
            0.99,
            evidence,
            where=where,
            remedy=remedy,
            harmless=True,
        )


def duplicate_column(case: Case) -> Iterator[Suspicion]:
    """Columns that are multiples of each other."""
    spread = case.raw.std(axis=0)
    moving = np.flatnonzero(spread > 0.0)
    if len(moving) < 2 or len(case.rows) < 3 or len(moving) > 1000:
        return
    centred = (case.raw[:, moving] - case.raw[:, moving].mean(axis=0)) / spread[moving]
    alike = np.triu(np.abs(centred.T @ centred) / len(centred), 1)
    pairs = np.argwhere(alike > 1.0 - 1e-9)
    if len(pairs):
        one, other = moving[pairs[0]]
        yield Suspicion(
            "duplicate_column",
            PROOF,
            f"columns {one} and {other} of X say the same, up to scale",
            0.99,
            {"pairs": len(pairs)},
            where={"columns": sorted({int(i) for i in moving[pairs].ravel()})[:FEW]},
            remedy=Remedy(advice="keep one of them"),
            harmless=True,
        )


def leaking_column(case: Case) -> Iterator[Suspicion]:
    """One column that alone gives away nearly all of a target, of which the others know far less,
    or which no other column can do alone."""
    if case.raw.shape[1] < 2 or len(case.rows) < 30:
        return
    few = case.few
    X, targets = case.raw[few], case.rows.targets[few]
    errors = np.array([_left_by(X[:, column], targets) for column in range(min(X.shape[1], 200))])
    if np.isnan(errors).all():
        return
    best, given = np.unravel_index(int(np.nanargmin(errors)), errors.shape)
    alone, second = np.sort(errors[:, given])[:2].tolist()
    if alone > 0.1:
        return
    rest, wanted = np.delete(X, best, axis=1), targets[:, [given]]
    others = min(probes.linear(rest, wanted).error, probes.curved(rest, wanted).error)
    times = (others + 0.005) / (alone + 0.005)
    # Where the others know nothing, there may be but one cause.
    strength = min(
        ramp(alone, 0.1, 0.03),
        max(ramp(times, 2.0, 5.0), ramp(second, 0.3, 0.6)),
        ramp(others, LEARNABLE, LEARNABLE - 0.1),
    )
    if strength > 0.0:
        yield Suspicion(
            "leaking_column",
            ROWS,
            f"column {best} of X alone gives y away: it may be made from it, or known only "
            "afterwards",
            0.55 + 0.45 * strength,
            {"error_by_it_alone": alone, "error_without_it": others},
            where={"columns": [int(best)]},
            remedy=Remedy(
                advice="find out where it comes from; leave it out if it is not known in time"
            ),
            specific=3.0,
        )


def _left_by(column: Array, targets: Array) -> Array:
    """The error in each target of predicting rows by their neighbours in one column."""
    order = np.argsort(column, kind="stable")
    sorted_targets, width = targets[order], max(4, len(column) // 60)
    sums = np.concatenate([np.zeros((1, targets.shape[1])), np.cumsum(sorted_targets, axis=0)])
    place = np.arange(len(column))
    low, high = np.maximum(place - width // 2, 0), np.minimum(place + width // 2 + 1, len(column))
    found = (sums[high] - sums[low] - sorted_targets) / (high - low - 1)[:, None]
    spread = targets.var(axis=0)
    missed: Array = ((found - sorted_targets) ** 2).mean(axis=0)
    return missed / np.where(spread > 0.0, spread, np.nan)


def shifted_validation(case: Case) -> Iterator[Suspicion]:
    """Columns whose values for validation are other ones (Kolmogorov and Smirnov)."""
    if case.held is None or len(case.held) < 20 or len(case.rows) < 20:
        return
    one, other = case.raw, np.asarray(case.held.X, np.float64)
    gaps = np.array([_gap(one[:, i], other[:, i]) for i in range(min(one.shape[1], 500))])
    count = len(one) * len(other) / (len(one) + len(other))
    chance = 2.0 * len(gaps) * math.exp(min(0.0, -2.0 * count * float(gaps.max()) ** 2))
    strength = min(ramp(-math.log10(max(chance, 1e-300)), 3.0, 6.0), ramp(gaps.max(), 0.15, 0.3))
    if strength > 0.0:
        wrong = np.argsort(-gaps)[: max(1, int(np.sum(gaps > 0.15)))]
        yield Suspicion(
            "shifted_validation",
            ROWS,
            f"the rows for validation are from elsewhere: {_columns(wrong)} other values there "
            "than in the rows to train with",
            0.5 + 0.5 * strength,
            {"largest_gap": float(gaps.max()), "by_chance": min(chance, 1.0)},
            where={"columns": wrong[:FEW].tolist()},
            remedy=Remedy(advice="draw both from the same rows: train_test_split(X, y)"),
            specific=3.0,
        )


def _gap(one: Array, other: Array) -> float:
    """The largest difference between two distribution functions."""
    both = np.sort(np.concatenate([one, other]))
    shares = [
        np.searchsorted(np.sort(each), both, side="right") / len(each) for each in (one, other)
    ]
    return float(np.abs(shares[0] - shares[1]).max())


def _columns(numbers: Array) -> str:
    names = ", ".join(map(str, numbers[:FEW].tolist()))
    return f"column {names} has" if len(numbers) == 1 else f"columns {names} have"


RULES = (
    unscaled_inputs,
    constant_column,
    duplicate_column,
    leaking_column,
    shifted_validation,
)
