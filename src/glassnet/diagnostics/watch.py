"""Watch: a callback that looks for troubles while a network learns, and speaks up once for each.

It asks the rules that `diagnose` asks; what they take for certain without a trial it says at once,
and where a training is far behind what can be learned, other starts are tried.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

import numpy as np

from ..core import checks
from ..core.callback import Callback
from ..core.network import Network
from ..core.training import Training
from . import rules_gradients
from .case import Case, Rows
from .diagnosis import judge, suspicions
from .finding import Finding
from .rules import PROOF, Suspicion
from .trials import FLOOR, Trials, errors_after, restarts

STEPS = 10, 50, 200, 500
"""Steps after which it looks; then each time when twice as many are done."""

LATE = 400
"""Steps after which a start can be called a bad one."""

TIMES = 2.0
"""How many times as much as the probes, and as other starts, a network from a bad start errs."""

STARTS = 8

SHORT = 1000
"""Steps of a short training."""


class Watch(Callback):
    """Look after 10, 50, 200, 500 steps and so on, and say what is found, each trouble once.

    Args:
        X, y: the rows of the training, or some of them, as `fit` takes them.
        say: a function of a Finding; None: it is written to standard error.
        trials: whether to train anew where looking does not tell: once from eight other starts, as
            many steps, where it is behind; once with and without a bias, where one is missing.

    `findings` are those so far of the network in training, with the "step" in their evidence. No
    bit of the training is changed. A fleet refuses it.
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
        self._network: Any = None
        self._next, self._tried, self._tried_bias = STEPS[0], False, False

    def on_fit_begin(self, training: Training) -> None:
        if training.network is not self._network:
            self._network, self.findings = training.network, []
        # Rows that do not fit are told before anything is trained.
        self._rows = Rows(cast(Network, training.network), self.X, self.y)
        self._next, self._tried, self._tried_bias = STEPS[0], False, False

    def on_batch_end(self, training: Training) -> None:
        if training.step >= self._next:
            self._next = next((each for each in STEPS if each > training.step), 2 * training.step)
            self.look(training)

    def look(self, training: Training) -> None:
        """Ask all rules about the network as it is."""
        network = cast(Network, copy.deepcopy(training.network))
        settings = dict(training.history.settings)
        case = Case(network, self._rows, None, settings, training.history)
        with np.errstate(all="ignore"):
            wrong = [each for rule in rules_gradients.RULES for each in rule(case)]
            every = [*wrong, *suspicions(case, None, bool(wrong))]
            found = [judge(each, None) for each in every]
            found += [judge(each, tries) for each in every for tries in self._trials(each, case)]
            if training.step >= LATE:
                found += [judge(each, None) for each in self._bad_start(case, training.step)]
        ranked = [each for _, each in sorted(found, key=lambda pair: -pair[0])]
        step = {"step": training.step}
        self._speak([replace(each, evidence={**each.evidence, **step}) for each in ranked])

    def _trials(self, suspicion: Suspicion, case: Case) -> Iterator[Trials]:
        """Whether a missing bias does harm short trainings tell, some with it and some without."""
        if self.trials and suspicion.code == "missing_bias" and not self._tried_bias:
            self._tried_bias = True
            rows, size = case.settings["rows"], case.settings["batch_size"]
            epochs = -(-SHORT * size // rows) if rows and size else 1
            epochs = min(epochs, case.settings["epochs"])
            settings = {**case.settings, "epochs": epochs}
            yield Trials(Case(case.network, case.rows, None, settings, [{}] * epochs))

    def _bad_start(self, case: Case, step: int) -> list[Suspicion]:
        """Whether a quarter of other starts are far lower after as many steps."""
        far = case.error >= TIMES * (case.learnable + FLOOR)
        if not (self.trials and far) or self._tried:
            return []
        self._tried = True  # once: each time would cost as much as several such trainings
        errors = errors_after(case, STARTS, step)
        best = errors[len(errors) // 4]
        if case.error + FLOOR < TIMES * (best + FLOOR):
            return []
        says = (
            f"it was a bad start: after as many steps {1 + len(errors) // 4} of {STARTS} other "
            "random starts are far better"
        )
        evidence = {"error": case.error, "of_other_starts": best}
        return [Suspicion("poor_start", PROOF, says, 0.9, evidence, remedy=restarts(STARTS))]

    def _speak(self, found: list[Finding]) -> None:
        known = {each.code for each in self.findings}
        for each in found:
            if each.likely and each.code not in known:
                known.add(each.code)
                self.findings.append(each)
                self.say(each)


def _write(finding: Finding) -> None:
    print(f"\n{finding}", file=sys.stderr)
