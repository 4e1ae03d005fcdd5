"""Troubles of the rows: columns, targets, labels, and rows for validation.
To know one more: see rules.py."""

import math
from collections.abc import Iterator

import numpy as np

from ..core.arrays import Array
from . import probes
from .case import Case
from .finding import Remedy
from .rules import PROOF, ROWS, SETTING, Suspicion, ramp

STANDARDIZE = Remedy(fit={"standardize": True})
FEW = 12
"""Columns that a finding names."""

LARGE = 5.0
"""The size of a column that is too large, and one over it too small: it should be about 1."""


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
            {"columns": wrong[:FEW]},
            STANDARDIZE,
            2.0,
            True,
        )


def unscaled_targets(case: Case) -> Iterator[Suspicion]:
    """Numbers to predict should be about 1 in size too."""
    loss = case.network.settled_loss("diagnose")
    if case.network.target_scaling is not None or not loss.rescalable:
        return
    spread = case.rows.targets.std(axis=0)
    sizes = np.sqrt((case.rows.targets**2).mean(axis=0))
    size, least = float(sizes.max()), float(spread[spread > 0.0].min(initial=np.inf))
    strength = max(
        ramp(math.log10(max(size, 1e-30)), 0.5, 1.5),
        ramp(-math.log10(min(max(least, 1e-30), 1.0)), 0.7, 1.7),
    )
    if strength > 0.0:
        yield Suspicion(
            "unscaled_targets",
            SETTING,
            "The numbers in y are far from 0 or of another size than 1, which the last layer has "
            "to reach in small steps",
            strength,
            {"size": size, "spread": least},
            {},
            STANDARDIZE,
            2.0,
            True,
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
            "constant_column", SETTING, says, strength, evidence, where, remedy, 2.2, True
        )
    else:
        remedy = Remedy(advice="leave it out of X, or find out why it is empty")
        yield Suspicion(
            "constant_column", PROOF, says, 0.99, evidence, where, remedy, harmless=True
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
            {"columns": sorted({int(i) for i in moving[pairs].ravel()})[:FEW]},
            Remedy(advice="keep one of them"),
            harmless=True,
        )


def leaking_column(case: Case) -> Iterator[Suspicion]:
    """One column that alone gives away nearly all, of which the others know far less."""
    if case.raw.shape[1] < 2 or len(case.rows) < 30:
        return
    few = slice(probes.ROWS)
    X, targets = case.raw[few], case.rows.targets[few]
    alone = [_left_by(X[:, column], targets) for column in range(min(X.shape[1], 200))]
    best = int(np.argmin(alone))
    if alone[best] > 0.1:
        return
    rest = np.delete(X, best, axis=1)
    others = min(probes.linear(rest, targets).error, probes.curved(rest, targets).error)
    times = (others + 0.005) / (alone[best] + 0.005)
    strength = min(ramp(alone[best], 0.1, 0.03), ramp(times, 2.0, 5.0))
    if strength > 0.0:
        yield Suspicion(
            "leaking_column",
            ROWS,
            f"column {best} of X alone gives y away: it may be made from it, or known only "
            "afterwards",
            0.55 + 0.45 * strength,
            {"error_by_it_alone": alone[best], "error_without_it": others},
            {"columns": [best]},
            Remedy(advice="find out where it comes from; leave it out if it is not known in time"),
            3.0,
        )


def _left_by(column: Array, targets: Array) -> float:
    """The error of predicting each row by its neighbours in one column."""
    order = np.argsort(column, kind="stable")
    sorted_targets, width = targets[order], max(4, len(column) // 60)
    sums = np.concatenate([np.zeros((1, targets.shape[1])), np.cumsum(sorted_targets, axis=0)])
    place = np.arange(len(column))
    low, high = np.maximum(place - width // 2, 0), np.minimum(place + width // 2 + 1, len(column))
    found = (sums[high] - sums[low] - sorted_targets) / (high - low - 1)[:, None]
    return probes.relative_error(found, sorted_targets, targets.mean(axis=0))


def class_imbalance(case: Case) -> Iterator[Suspicion]:
    """A network that answers (nearly) always with the most frequent class."""
    if not case.tells_apart or (case.rows.labels is None and case.rows.targets.shape[1] > 1):
        return
    labels = _places(case.rows.targets)
    counts = np.bincount(labels)
    share, top = float(counts.max() / len(labels)), int(counts.argmax())
    judged = case.rows if case.held is None else case.held
    others = _places(judged.targets) != top
    answers = _places(case.predicted(case.network, judged))
    missed = float(np.mean(answers[others] == top)) if others.any() else 0.0
    strength = min(ramp(share, 0.75, 0.85), ramp(missed, 0.1, 0.3))
    if strength > 0.0 and case.settings.get("class_weight") is None:
        yield Suspicion(
            "class_imbalance",
            ROWS,
            f"{share:.0%} of the rows are of one class, and the network answers with it nearly "
            "always",
            0.5 + 0.5 * strength,
            {"largest_class": share, "others_called_so": missed},
            {"class": top},
            Remedy(fit={"class_weight": "balanced"}),
            3.0,
        )


def _places(columns: Array) -> Array:
    """The class of each row, by its largest column; of one column by 0.5."""
    if columns.shape[1] == 1:
        return (columns[:, 0] >= 0.5).astype(int)
    return np.asarray(columns.argmax(axis=1))


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
            {"columns": wrong[:FEW].tolist()},
            Remedy(advice="draw both from the same rows: train_test_split(X, y)"),
            3.0,
        )


def _gap(one: Array, other: Array) -> float:
    """The largest difference between two distribution functions."""
    both = np.sort(np.concatenate([one, other]))
    shares = [
        np.searchsorted(np.sort(each), both, side="right") / len(each) for each in (one, other)
    ]
    return float(np.abs(shares[0] - shares[1]).max())


def shuffled_labels(case: Case) -> Iterator[Suspicion]:
    """Nothing that can be learned: neither the probes nor the network do better than a constant on
    rows that they have not seen."""
    if len(case.rows) < 50:
        return
    left, by_chance = case.learnable, case.learnable_by_chance
    strength = ramp(left, by_chance - 0.04, by_chance - 0.005)
    if not math.isnan(case.held_error):
        strength = min(strength, ramp(case.held_error, 0.85, 0.97))
    if strength > 0.0:
        yield Suspicion(
            "shuffled_labels",
            ROWS,
            "y has nothing to do with X: no learner does better on rows left out than a constant; "
            "were the labels shuffled against the rows?",
            0.5 + 0.45 * strength,
            {"error_on_rows_left_out": left, "by_chance": by_chance},
            {},
            Remedy(advice="check that row i of X and of y are of the same thing"),
            3.0,
        )


def noisy_labels(case: Case) -> Iterator[Suspicion]:
    """Labels that are wrong where rows are far from any border; numbers far from all neighbours."""
    if len(case.rows) < 80 or case.learnable > case.learnable_by_chance:
        return
    best = min((case.linear, case.curved), key=lambda probe: probe.error)
    targets = case.rows.targets[: probes.ROWS]
    if case.tells_apart:
        strength, share = _wrong_labels(best.left_out, targets)
    else:
        judged = case.rows if case.held is None else case.held
        own = case.predicted(case.network, judged) - judged.targets
        share = min(_far_off(best.left_out - targets), _far_off(own))
        strength = ramp(share, 0.015, 0.05)
    if strength > 0.0:
        yield Suspicion(
            "noisy_labels",
            ROWS,
            "a part of y is wrong: rows that neighbours agree on have other values",
            0.5 + 0.45 * strength,
            {"share_wrong": share},
            {},
            Remedy(advice="look at the rows that are predicted worst; correct or drop them"),
            2.0,
        )


def _far_off(missed: Array) -> float:
    """The share of rows that are missed by more than four times what is usual."""
    missed = np.abs(missed)
    usual = 1.4826 * np.median(missed, axis=0)
    return float((missed > 4.0 * usual).any(axis=1).mean())


def _wrong_labels(left_out: Array, targets: Array) -> tuple[float, float]:
    """How often the surest half of the rows is wrong all the same, beside the other half."""
    if targets.shape[1] == 1:
        left_out = np.concatenate([1.0 - left_out, left_out], axis=1)
        targets = np.concatenate([1.0 - targets, targets], axis=1)
    ranked = np.sort(left_out, axis=1)
    margin = ranked[:, -1] - ranked[:, -2]
    wrong = left_out.argmax(axis=1) != targets.argmax(axis=1)
    sure = margin >= np.median(margin)
    inside, outside = float(wrong[sure].mean()), float(wrong[~sure].mean())
    return min(ramp(inside, 0.1, 0.2), ramp(inside / max(outside, 1e-9), 0.35, 0.55)), inside


def _columns(numbers: Array) -> str:
    names = ", ".join(map(str, numbers[:FEW].tolist()))
    return f"column {names} has" if len(numbers) == 1 else f"columns {names} have"


RULES = (
    unscaled_inputs,
    unscaled_targets,
    constant_column,
    duplicate_column,
    leaking_column,
    class_imbalance,
    shifted_validation,
    shuffled_labels,
    noisy_labels,
)
