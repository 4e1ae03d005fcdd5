"""Trials: the same training again from other starts, and with something changed.

What a remedy is worth is not guessed but tried. Trials train networks of their own; the one that is
diagnosed stays as it is.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.arrays import Array, put_within
from ..core.callback import Callback
from ..core.errors import DivergenceError
from ..core.network import Network
from ..core.optimizer import Optimizer
from ..core.random import Stream
from ..fleets.fleet import Fleet
from ..intake.plans import DEFAULT_OPTIMIZER
from ..optimizers import OPTIMIZERS
from ..second_order import SOLVERS
from .case import Case, Rows
from .finding import Remedy
from .probes import LEAST

SHARE = 0.25
"""Of the rows, held back in trials where there are none for validation."""

SEEDS = 1, 2
FLOOR = 0.01
"""Added to errors before they are compared: below it, differences mean little."""

DIVERGED, TINY = 1e6, 1e-12

STARTS, SMALL = 8, 20_000
"""How many starts the control has, for networks of at most so many parameters."""

CONTROL = Remedy(fresh=True)
NUMBERS = "learning_rate", "weight_decay"


@dataclass(frozen=True)
class Trial:
    """What became of it: the errors on the rows that it was trained with, on those held back, and
    on all that the case has beside those for validation; geometric means over the seeds."""

    fitted: float
    held: float
    whole: float


class Trials:
    """Trainings of a case's rows by its settings, each done once. `of` gives one."""

    def __init__(self, case: Case) -> None:
        self.case, self.done = case, dict[str, Trial]()
        self.rows = self.held = case.rows
        self.ensemble: Array | None = None  # what the control predicts for rows held back
        self.starts = STARTS if case.network.parameters.size <= SMALL else len(SEEDS)
        # Beside trials with few of its rows a network is judged by its error on all of them.
        self.own = case.error if case.held is None and case.rows.drawn else case.held_error
        if case.held is not None:
            self.held = case.held
        elif len(case.rows) >= LEAST:
            order = Stream(0, "trials").permutation(len(case.rows))
            cut = max(1, round(SHARE * len(order)))
            self.rows, self.held = case.rows.part(order[cut:]), case.rows.part(order[:cut])

    @property
    def control(self) -> Trial:
        """The same settings, from fresh starts."""
        return self.of(CONTROL)

    def of(self, remedy: Remedy) -> Trial:
        name = remedy.call
        if name not in self.done:
            networks = train(self.case, [remedy] * len(SEEDS), SEEDS, self.rows)
            self.done[name] = _mean([self._errors(each) for each in networks])
        return self.done[name]

    def together(self, numbers: Sequence[Remedy]) -> None:
        """The control, from many starts, and remedies that are numbers which members of a fleet
        may differ in, all in one computation; and what the best of many starts is worth."""
        starts = self.starts
        remedies, seeds = [CONTROL] * starts, list(range(1, starts + 1))
        for each in numbers:
            remedies += [each] * len(SEEDS)
            seeds += SEEDS
        networks = train(self.case, remedies, seeds, self.rows)
        errors = [self._errors(each) for each in networks]
        for each in (CONTROL, *numbers):
            own = [error for error, remedy in zip(errors, remedies, strict=True) if remedy == each]
            self.done[each.call] = _mean(own)
        self.done[restarts(starts).call] = _mean([min(errors[:starts])])
        sound = [each for each in networks[:starts] if each is not None]
        if sound:
            found = [self.case.predicted(each, self.held) for each in sound]
            self.ensemble = np.mean(found, axis=0)

    def gain(self, remedy: Remedy, floor: float = FLOOR, seen: bool = False) -> float:
        """How many times less networks err with the remedy than without, on rows held back: than
        the better of the control and the one that is diagnosed; where the trouble was `seen`, than
        the worse."""
        before, own = self.control.held, _limited(self.own)
        if not seen:  # what other starts would do is not owed to it
            before = min(before, self.done.get(restarts(self.starts).call, self.control).held)
        if not math.isnan(self.own):
            worse = seen and not self.case.rows.drawn
            before = max(before, own) if worse else min(before, own)
        return (before + floor) / (self.of(remedy).held + floor)

    def gain_of_start(self, remedy: Remedy) -> float:
        """How many times less networks from other starts err than the one that is diagnosed: on
        rows for validation; without them on all rows, of which they have seen fewer than it."""
        case, others = self.case, self.of(remedy)
        if math.isnan(case.held_error):
            return (_limited(case.error) + FLOOR) / (others.whole + FLOOR)
        return (_limited(case.held_error) + FLOOR) / (others.held + FLOOR)

    def _errors(self, network: Network | None) -> list[float]:
        if network is None:
            return [DIVERGED] * 3
        parts = self.rows, self.held, self.case.rows
        return [_limited(self.case.error_of(network, rows)) for rows in parts]


def _limited(error: float) -> float:
    return error if error < DIVERGED else DIVERGED


def _mean(errors: Sequence[Sequence[float]]) -> Trial:
    return Trial(*np.exp(np.log(np.array(errors) + TINY).mean(axis=0)).tolist())


def train(
    case: Case, remedies: Sequence[Remedy], seeds: Sequence[int], rows: Rows
) -> list[Network | None]:
    """Networks as the case's, one for each seed, trained as that was but for the remedies; None for
    one that diverges. Several remedies may differ in numbers of the optimizer."""
    fleet = made_anew(case.network, remedies[0].network, seeds)
    asked = {**fit_settings(case.settings), **remedies[0].fit}
    if case.ran is not None:
        asked["callbacks"] = [_StopAfter(epochs=case.ran)]
    for name in {name for each in remedies for name in each.fit if name in NUMBERS}:
        usual = getattr(asked.get("optimizer") or optimizer_of(case.settings), name)
        asked[name] = [each.fit.get(name, usual) for each in remedies]
        if asked[name] == asked[name][:1] * len(seeds):
            asked[name] = asked[name][0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fleet.fit(rows.X, rows.y, **asked)
        except ValueError:  # diverged, or refused: what cannot be trained so is no remedy
            return [None] * len(seeds)
    gone = [reason.startswith("diverged") for reason in fleet.history.reasons]
    return [None if gone[i] else fleet[i] for i in range(len(seeds))]


def restarts(count: int = 8) -> Remedy:
    return Remedy(fit={"restarts": count})


class _StopAfter(Callback):
    """Ends a training after so many steps or epochs, in the middle of its schedule."""

    watches = True

    def __init__(self, steps: float = math.inf, epochs: float = math.inf) -> None:
        self.steps, self.epochs = steps, epochs

    def on_batch_end(self, training: Any) -> None:
        if training.step >= self.steps:
            training.stop("as many steps as were asked for")

    def on_epoch_end(self, training: Any) -> None:
        if training.epoch >= self.epochs:
            training.stop("as many epochs as were asked for")


def errors_after(case: Case, starts: int, steps: int) -> list[float]:
    """The errors of networks from other starts after so many steps of the same training, the
    lowest first."""
    fleet = made_anew(case.network, {}, range(1, starts + 1))
    asked = {**fit_settings(case.settings), "callbacks": [_StopAfter(steps)]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fleet.fit(case.rows.X, case.rows.y, **asked)
        except DivergenceError:
            return [DIVERGED] * starts
    return sorted(_limited(case.error_of(network, case.rows)) for network in fleet)


def made_anew(network: Network, changes: dict[str, Any], seeds: Sequence[int] = SEEDS) -> Fleet:
    """Untrained networks with the same settings, but for the changes, one for each seed."""
    inner = len(changes.get("layers", network.layers)) - 2
    old = list(network.activations)
    settings: dict[str, Any] = {
        "layers": list(network.layers),
        "activation": (old + old[-1:] * inner)[:inner] or "leaky_relu",
        "loss": network.loss,
        "dropout": list(network.dropout) if len(network.dropout) == inner else 0.0,
        "initializer": network.initializer,
        "bias": list(network.bias) if len(network.bias) == inner + 1 else True,
        "classes": network.classes,
        "input_scale": network.input_scale,
        "dtype": network.dtype.name,
    }
    made = Fleet(members=len(seeds), **{**settings, "seed": list(seeds), **changes})
    if network.bounds is not None and made.layers == network.layers and "bias" not in changes:
        made.bounds = network.bounds
        put_within(made.parameters, made.bounds, mirrored=True)
    return made


def fit_settings(settings: dict[str, Any]) -> dict[str, Any]:
    """Arguments of `fit`, from what a history has in `settings`."""
    names = "epochs", "batch_size", "schedule", "class_weight", "standardize", "missing"
    asked = {name: settings[name] for name in names if name in settings}
    kind, own = _optimizer(settings)
    if kind is not None:
        asked["optimizer"] = kind(**own)
        if kind.training is not None:
            asked = {k: v for k, v in asked.items() if k not in ("batch_size", "schedule")}
    if asked.get("schedule") == "reduce_on_plateau":  # each network would need its own
        asked["schedule"] = "constant"
    if type(asked.get("batch_size")) is not int:
        asked.pop("batch_size", None)
    if type(settings.get("early_stopping")) is int:
        asked |= {"early_stopping": settings["early_stopping"], "validation_split": 0.2}
    return asked


def left_out(settings: dict[str, Any]) -> list[str]:
    """What trials cannot do again, since it is not plain data, or is for one network alone."""
    found = [
        name for name in ("schedule", "class_weight", "early_stopping") if name not in settings
    ]
    found += ["schedule"] * (settings.get("schedule") == "reduce_on_plateau")
    found += ["learning_rate"] * (settings.get("learning_rate") == "function")
    return found + ["optimizer"] * (_optimizer(settings)[0] is None)


def _optimizer(settings: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The class of the optimizer, if it is one of ours, and its settings."""
    own = dict(settings.get("optimizer", {}))
    kinds = {kind.__name__: kind for kind in (*OPTIMIZERS.values(), *SOLVERS.values())}
    return kinds.get(own.pop("name", "")), own


def optimizer_of(settings: dict[str, Any]) -> Optimizer:
    """The optimizer that was used, with the settings that it comes with."""
    kind, _ = _optimizer(settings)
    made: Optimizer = kind() if kind is not None else DEFAULT_OPTIMIZER
    return made
