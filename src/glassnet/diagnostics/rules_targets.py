"""Troubles of targets: their size, labels that are wrong or rare, or have nothing to do with X.
To know one more: see rules.py."""

import math
from collections.abc import Iterator

import numpy as np

from ..core.arrays import Array
from . import probes
from .case import Case
from .finding import Remedy
from .probes import LEAST
from .rules import ROWS, SETTING, STANDARDIZE, Suspicion, ramp
from .trials import Trials


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
            remedy=STANDARDIZE,
            specific=2.0,
            seen=True,
        )


def class_imbalance(case: Case) -> Iterator[Suspicion]:
    """A network that answers (nearly) always with the most frequent class."""
    if not case.tells_apart or (case.rows.labels is None and case.rows.targets.shape[1] > 1):
        return
    labels = _places(case.rows.targets)
    counts = np.bincount(labels)
    share, top = float(counts.max() / len(labels)), int(counts.argmax())
    judged = case.rows if case.held is None else case.held
    missed = _missed(case.predicted(case.network, judged), judged.targets, top)
    if case.held is None:  # rows that it knows by heart say little; the probe has not seen them
        missed = max(missed, 0.5 * _missed(case.curved.left_out, case.rows.targets[case.few], top))
    strength = min(ramp(share, 0.75, 0.85), ramp(missed, 0.05, 0.2))
    if strength > 0.0 and case.settings.get("class_weight") is None:
        yield Suspicion(
            "class_imbalance",
            ROWS,
            f"{share:.0%} of the rows are of one class, and the network calls {missed:.0%} of the "
            "others so too",
            0.5 + 0.5 * strength,
            {"largest_class": share, "share_of_others_called_so": missed},
            where={"class": top},
            remedy=Remedy(fit={"class_weight": "balanced"}),
            specific=3.0,
        )


def _missed(found: Array, wanted: Array, top: int) -> float:
    """The share of rows of other classes that are called the most frequent one."""
    others = _places(wanted) != top
    return float(np.mean(_places(found)[others] == top)) if others.any() else 0.0


def _places(columns: Array) -> Array:
    """The class of each row, by its largest column; of one column by 0.5."""
    if columns.shape[1] == 1:
        return (columns[:, 0] >= 0.5).astype(int)
    return np.asarray(columns.argmax(axis=1))


def shuffled_labels(case: Case) -> Iterator[Suspicion]:
    """Nothing that can be learned: neither the probes nor the network do better than a constant on
    rows that they have not seen."""
    if len(case.rows) < 50 or not case.raw.std(axis=0).any():
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
            remedy=Remedy(advice="check that row i of X and of y are of the same thing"),
            specific=3.0,
        )


def noisy_labels(case: Case, trials: Trials) -> Iterator[Suspicion]:
    """Labels that are wrong where rows are far from any border; numbers far from all neighbours: as
    the better probe and the networks of the control see them, of rows that they have not seen."""
    few = len(case.few) < max(80, 3 * case.raw.shape[1])
    if few or case.learnable > case.learnable_by_chance:
        return
    probe = min((case.linear, case.curved), key=lambda each: each.error)
    seen = [(probe.left_out, case.rows.targets[case.few])]
    wanted = trials.held.targets
    if trials.ensemble is not None and len(wanted) >= LEAST:
        seen.append((trials.ensemble, wanted))
        if probes.relative_error(trials.ensemble, wanted, case.means) < probe.error:
            seen = seen[1:]
    if case.tells_apart:
        strength, share = min(_wrong_labels(*each) for each in seen)
    else:
        share = min(_far_off(found - targets) for found, targets in seen)
        strength = ramp(share, 0.015, 0.05)
    if strength > 0.0:
        yield Suspicion(
            "noisy_labels",
            ROWS,
            "a part of y is wrong: rows that neighbours agree on have other values",
            0.5 + 0.45 * strength,
            {"share_wrong": share},
            remedy=Remedy(advice="look at the rows that are predicted worst; correct or drop them"),
            specific=2.0,
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
    if sure.all():
        return 0.0, 0.0
    inside, outside = float(wrong[sure].mean()), float(wrong[~sure].mean())
    return min(ramp(inside, 0.1, 0.2), ramp(inside / max(outside, 1e-9), 0.35, 0.55)), inside


RULES = (
    unscaled_targets,
    class_imbalance,
    shuffled_labels,
)
TRIED = (noisy_labels,)
"""Those that want trials too."""
