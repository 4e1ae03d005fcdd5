"""Watch: a callback that looks for troubles while a network learns, and speaks up once for each.

It asks the rules that `diagnose` asks; what they take for certain without a trial it says at once,
and where a training is far behind what can be learned, other starts are tried.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import numpy as np

from ..core import checks
from ..core.callback import Callback
from ..core.network import Network
from ..core.training import Training
from . import rules_gradients
from .case import Case, Rows
from .diagnosis import LOOKS, judge
from .finding import Finding
from .rules import PROOF, Suspicion
from .trials import FLOOR, errors_after, restarts

STEPS = 10, 50, 200, 500
"""Steps after which it looks; then each time when twice as many are done."""

LATE = 400
"""Steps after which a start can be called a bad one."""

TIMES = 2.0
"""How many times as much as the probes, and as other starts, a network from a bad start errs."""

STARTS = 8


class Watch(Callback):
    """Look after 10, 50, 200, 500 steps and so on, and say what is found, each trouble once.

    Args:
        X, y: the rows of the training, or some of them, as `fit` takes them.
        say: a function of a Finding; None: it is written to standard error.
        trials: whether to train from other starts, as many steps, where it is behind.

    `findings` are those so far, with the "step" in their evidence. No bit of the training is
    changed. A fleet refuses it.
    """

    for_one = True
    watches = True

    def __init__(
        self, X: Any, y: Any, *, say: Callable[[Finding], None] | None = None, trials: bool = True
    ) -> None:
        if say is not None and not callable(say):
            raise TypeError(f"say must be a function of a Finding; got {checks.show(say)}.")
        self.X, self.y, self.say = X, y, say or _write
        self.trials = checks.flag("trials", trials)
        self.findings: list[Finding] = []
        self._next = STEPS[0]

    def on_fit_begin(self, training: Training) -> None:
        self._next = STEPS[0]

    def on_batch_end(self, training: Training) -> None:
        if training.step >= self._next:
            self._next = next((each for each in STEPS if each > training.step), 2 * training.step)
            self.look(training)

    def look(self, training: Training) -> None:
        """Ask all rules about the network as it is."""
        network = cast(Network, copy.deepcopy(training.network))
        rows, settings = Rows(network, self.X, self.y), dict(training.history.settings)
        case = Case(network, rows, None, settings, training.history)
        rules = (*rules_gradients.RULES, *LOOKS)
        with np.errstate(all="ignore"):
            found = [judge(each, None) for rule in rules for each in rule(case)]
            if training.step >= LATE:
                found += [judge(each, None) for each in self._bad_start(case, training.step)]
        ranked = [each for _, each in sorted(found, key=lambda pair: -pair[0])]
        step = {"step": training.step}
        self._speak([replace(each, evidence={**each.evidence, **step}) for each in ranked])

    def _bad_start(self, case: Case, step: int) -> list[Suspicion]:
        """Whether a quarter of other starts are far lower after as many steps."""
        if not self.trials or case.error < TIMES * (case.learnable + FLOOR):
            return []
        errors = errors_after(case, STARTS, step)
        best = errors[len(errors) // 4]
        if case.error + FLOOR < TIMES * (best + FLOOR):
            return []
        says = (
            f"it was a bad start: after as many steps {1 + len(errors) // 4} of {STARTS} other "
            "random starts are far better"
        )
        evidence = {"error": case.error, "of_other_starts": best}
        return [Suspicion("poor_start", PROOF, says, 0.9, evidence, {}, restarts(STARTS))]

    def _speak(self, found: list[Finding]) -> None:
        known = {each.code for each in self.findings}
        for each in found:
            if each.likely and each.code not in known:
                known.add(each.code)
                self.findings.append(each)
                self.say(each)


def _write(finding: Finding) -> None:
    print(f"\n{finding}", file=sys.stderr)
