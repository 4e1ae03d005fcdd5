"""`diagnose`: which of the known troubles a training has, by looking and by trying.

Rules say what may be wrong (rules.py); trials say what a remedy is worth (trials.py); here the two
are brought together, and the likeliest cause comes first.
"""

import copy
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import checks
from ..core.network import Network
from ..intake.data import wanted
from ..intake.given import is_batches
from ..intake.networks import check_network
from ..intake.targets import settle_loss
from . import rules_columns, rules_gradients, rules_layers, rules_settings, rules_targets
from .case import Case, Rows
from .finding import LIKELY, Finding, Report
from .rules import PROOF, SETTING, START, Suspicion, ramp
from .trials import DIVERGED, FLOOR, Trials, left_out

SPOILT = {
    "symmetric_start",
    "small_initial_weights",
    "large_initial_weights",
    "exploding_gradients",
    "dead_units",
    "saturated_units",
}
"""What explains that other starts are better."""

LOOKS = (*rules_columns.RULES, *rules_targets.RULES, *rules_layers.RULES)
"""The rules that need no trial to suspect."""

NEEDED = 1.9, 1.2
"""By what factor a remedy has to lower the error for its trouble to be likely, where nothing but
that speaks for it, and where all the evidence does."""

WORTH_A_NOTE = 0.4

PROVEN, SHOWN, UNTRIED = 10.0, 1.1, 0.5
"""How far up come what is proven, what the numbers of the rows show, and what no trial has told;
with a trial it is the logarithm of what the remedy gains."""

BLIND = 1.1
"""How much more is needed without rows for validation, where few rows judge."""

SEEN, TRIED = 0.7, 0.95
"""How sure is at most what was seen, but not tried; and what was: certain is only a proof."""


def diagnose(
    network: Network,
    X: Any,
    y: Any,
    history: Any = None,
    *,
    validation_data: Any = None,
    trials: bool = True,
) -> Report:
    """Say what is wrong with a training, why, and what to do about it; or that nothing is.

    Args:
        network: as training left it; it is not changed.
        X, y: the rows that it was trained with, as `fit` takes them; of more than 2,000 that many
            are drawn.
        history: what that `fit` returned; None: `network.history`.
        validation_data: (X, y) of rows that it was not trained with; without them a quarter of X
            is held back in trials.
        trials: whether to train anew, with the same settings and with others, about a dozen times:
            most troubles of settings and starts can only be told apart so. Without them only what
            can be seen is said.

    Gives a Report: findings, the likeliest first, each with evidence, remedy and page.

    Raises:
        ValueError, TypeError: an argument is not as above, or does not fit the network.
    """
    check_network(network)
    checks.flag("trials", trials)
    case = _case(network, X, y, history, validation_data)
    judged: dict[str, tuple[float, Finding]] = {}
    with np.errstate(all="ignore"):
        found = [each for rule in rules_gradients.RULES for each in rule(case)]
        sound = trials and bool(case.settings.get("epochs")) and not found
        tries = Trials(case) if sound else None  # with wrong gradients all of them would be spoilt
        if tries is not None:
            tries.together(rules_settings.numbers(case))
        for suspicion in [*found, *suspicions(case, tries, bool(found))]:
            score, finding = judge(suspicion, tries)
            if suspicion.code not in judged or score > judged[suspicion.code][0]:
                judged[suspicion.code] = score, finding
    if SPOILT & {code for code, (_, finding) in judged.items() if finding.likely}:
        judged.pop("poor_start", None)  # it is that start
    ranked = [found for _, found in sorted(judged.values(), key=lambda pair: -pair[0])]
    likely = [each for each in ranked if each.likely]
    notes = [each for each in ranked if each.sure >= WORTH_A_NOTE and not each.likely]
    tried = {name: trial.held for name, trial in tries.done.items()} if tries else {}
    return Report(likely, notes, _looked_at(case, tries), tried)


def _case(network: Network, X: Any, y: Any, history: Any, validation_data: Any) -> Case:
    network = copy.deepcopy(network)
    history = network.history if history is None else history
    records = isinstance(history, Sequence) and all(
        isinstance(each, dict) and "loss" in each for each in history
    )
    if not records or isinstance(history, str):
        raise TypeError(
            "history must be what fit returned, a list of records with a 'loss'; got "
            f"{checks.show(history)}. Leave it out for the network's own."
        )
    settings = dict(getattr(history, "settings", {}))
    _refuse_what_cannot_be(network, X, y, settings)
    if network.loss is None:
        network.loss = settle_loss(y, wanted(network, "y", True))
    rows, held = Rows(network, X, y), None
    if validation_data is not None:
        if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
            raise ValueError(
                f"validation_data must be (X_val, y_val); got {checks.show(validation_data)}."
            )
        held = Rows(network, validation_data[0], validation_data[1], "_val")
    settings["continued"] = len(network.history) > settings.get("epochs", 0)
    return Case(network, rows, held, settings, history)


def _refuse_what_cannot_be(network: Network, X: Any, y: Any, settings: dict[str, Any]) -> None:
    if wrong := int((~np.isfinite(network.parameters)).sum()):
        raise ValueError(
            f"network has {wrong} parameter(s) that are nan or infinite, which no fit leaves. "
            "Start anew: network.reset(), then fit."
        )
    if y is None and is_batches(X):
        raise ValueError(
            "X is an iterable of batches; diagnose needs arrays X and y. Pass the rows of some."
        )
    began = settings.get("start", {}).get("weights", network.weights)
    if len(began) != len(network.weights):
        raise ValueError(
            f"history is of a network with {len(began)} layers of weights; this one has "
            f"{len(network.weights)}. Pass what its own fit returned, or leave it out."
        )


def suspicions(case: Case, trials: Trials | None, wrong: bool) -> list[Suspicion]:
    """What the rules say; nothing more where a function of the user's is `wrong`, and raises."""
    found: list[Suspicion] = []
    try:
        for rule in LOOKS:
            found += rule(case)
    except Exception:
        if not wrong:
            raise
    if trials is not None:
        for tried in (*rules_targets.TRIED, *rules_settings.RULES):
            found += tried(case, trials)
    return found


def judge(suspicion: Suspicion, trials: Trials | None) -> tuple[float, Finding]:
    """How far up a suspicion comes, and the finding that it is."""
    if suspicion.kind == PROOF:
        return PROVEN * suspicion.specific, suspicion.finding(suspicion.strength)
    if suspicion.kind not in (START, SETTING):
        return SHOWN * suspicion.specific * suspicion.strength, suspicion.finding(
            suspicion.strength
        )
    alone = suspicion.specific * suspicion.alone
    if trials is None:
        sure = max(SEEN * suspicion.strength, suspicion.alone)
        return max(UNTRIED * suspicion.strength, alone), suspicion.finding(sure)
    floor = FLOOR if suspicion.floor is None else suspicion.floor
    if suspicion.kind == START:
        gain = trials.gain_of_start(suspicion.remedy)
    else:
        gain = trials.gain(suspicion.remedy, floor, suspicion.seen)
    needed = NEEDED[0] + (NEEDED[1] - NEEDED[0]) * suspicion.strength
    if trials.case.held is None:
        needed *= BLIND
    sure = LIKELY * ramp(gain, 1.0, needed) + (TRIED - LIKELY) * ramp(gain, needed, 2.0 * needed)
    score = suspicion.specific * min(math.log(max(gain, 1e-9)), 3.0) * (0.5 + suspicion.strength)
    finding = suspicion.finding(max(sure, suspicion.alone), error_falls_by_factor=gain)
    return max(score, alone), finding


def _looked_at(case: Case, trials: Trials | None) -> list[str]:
    count, given = len(case.rows), case.rows.given
    rows = f"{count} of {given} rows" if count < given else f"{count} row{'s' * (count > 1)}"
    said = [rows, "columns, targets, layers, gradients, starts"]
    if case.held is None:
        said.append("no rows for validation")
    else:
        said.append(f"{len(case.held)} rows for validation")
    if case.stopped == "diverged":
        said.append("training diverged")
    elif not case.history:
        said.append(
            "no history (never trained, or from a file): only the network as it is was looked at"
        )
    elif not case.settings.get("epochs"):
        said.append("the history does not say how it was trained: no trials")
    if not case.rows.targets.std(axis=0).any():
        said.append("y is the same in all rows: there is no error to compare")
    said.append(f"{len(trials.done)} trials" if trials else "no trials")
    if trials and trials.control.held > 0.5 * DIVERGED and case.stopped != "diverged":
        said.append("the same training cannot be done again, so that trials tell nothing")
    if trials and (own := left_out(case.settings)):
        said.append(f"trials do without your {', '.join(own)}")
    return said
