"""What is trained and measured: a kind of network, rows, options of `fit`; all checked at once.

The network that a user passes is a recipe: it is read, never trained or changed. Whatever the three
public functions of this room have in common belongs here; what they ask is said in trial.py.
"""

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array, put_within
from ..core.errors import DivergenceError
from ..core.network import Network
from ..core.random import Stream
from ..fleets.fleet import Fleet
from ..intake.arrays import refuse_what_is_no_array, regular
from ..intake.data import (
    check_inputs,
    raw_rows,
    read_rows,
    read_weights,
    settle,
    text_names,
    wanted,
)
from ..intake.evaluation import metrics_named
from ..intake.given import parts
from ..intake.targets import labels_in, settle_loss
from ..losses import Loss
from .results import Networks
from .rows import held_back, refuse_without_weight, spread
from .trial import ASK, Trial, both_or_three, diverged, not_all_diverged

ADVICE = "Try a lower learning_rate, or standardize=True."

ELSEWHERE = {
    "cross_validate": "cross_val_score",
    "learning_curve": "learning_curve",
    "search": "GridSearchCV or RandomizedSearchCV",
}
"""What scikit-learn's model_selection has for estimators."""

NOT_HERE = {
    "restarts": "which would hide how much a single start is left to chance",
    "time_limit": "which would end some of the networks sooner than others: use epochs",
}

Rows = tuple[Any, Any, Any]
"""X, y and weights, which may be None."""


def trial_of(caller: str, network: Any, *rest: Any) -> Trial:
    """What a Network, or a model that says it itself, is tried by; `rest` as of Task."""
    make = None if isinstance(network, type) else getattr(network, ASK, None)
    made: Trial = Task(caller, network, *rest) if make is None else make(caller, *rest)
    return made


class Task(Trial):
    """A kind of network and the rows it is for.

    Attributes:
        X, y: arrays (rows, inputs) and (rows, ...) as the user has them.
        options: of `fit`. metrics: functions by name.
        alone: whether something is computed from all rows that a network trains with, so that
            networks that see other rows cannot be trained together.
    """

    def __init__(
        self,
        caller: str,
        network: Any,
        X: Any,
        y: Any,
        sample_weight: Any,
        metrics: Any,
        options: dict[str, Any],
    ) -> None:
        self.options, self.names = _checked(caller, options), text_names(X)
        self.recipe, self.bounds = _recipe(caller, network), network.bounds
        blank = self.fleet([0])
        standardize = checks.flag("standardize", options.get("standardize", False))
        missing = checks.choice(
            "missing", options.get("missing", "error"), {"error": False, "mask": True}
        )
        self.X = check_inputs(blank, X, standardize=standardize)
        self.y = _in_their_form(y, self.recipe["classes"])
        loss = blank.loss or settle_loss(self.y, wanted(blank, "y", missing))
        rows = raw_rows(blank, loss, self.X, self.y, missing)
        self.recipe["loss"] = loss
        self.labels = _labels(rows.targets, loss)
        self.weights: Array | None = None
        if sample_weight is not None:
            self.weights = read_weights(sample_weight, len(self.X), blank.dtype)
        self.metrics = metrics_named(metrics, loss.metric)
        self.alone = standardize or isinstance(options.get("class_weight"), str)
        self._missing, self._by = missing, settle(blank, loss, rows, False)

    def __len__(self) -> int:
        return len(self.X)

    def fleet(self, seeds: Sequence[int], **settings: Any) -> Fleet:
        """Untrained networks of this kind, one for each seed; the first is that of the order."""
        made = Fleet(members=len(seeds), seed=list(seeds), **{**self.recipe, **settings})
        made.bounds = self.bounds
        put_within(made.parameters, made.bounds, mirrored=True)
        if self.names:
            made.columns = {"names": self.names}
        return made

    def other_rows(self, name: str, given: Any) -> Rows:
        """(X, y, weights) of rows that nobody trains with, checked; weights may be None."""
        X, y, weights = parts(both_or_three(name, given))
        blank, ending = self.fleet([0]), name.removesuffix("_data")
        missing = self._missing
        read_rows(blank, X, y, weights, missing=missing, by=self._by, suffix=f"_{ending}")
        return X, y, weights

    def rows_at(self, places: Array) -> Rows:
        """X, y and weights of some rows, by their numbers or by True and False."""
        return (
            self.X[places],
            self.y[places],
            None if self.weights is None else self.weights[places],
        )

    def train(self, fleet: Fleet, places: Array | None = None, **options: Any) -> list[str]:
        """Train on all rows or on some; why each member ended. Those that diverged are left to
        whoever asks, also where all of them did."""
        X, y, weights = (self.X, self.y, self.weights) if places is None else self.rows_at(places)
        try:
            fleet.fit(X, y, **{**self.options, "sample_weight": weights, **options})
        except DivergenceError:
            if not all(map(diverged, fleet.history.reasons)):
                raise  # by a user's hook
        return fleet.history.reasons

    def train_each(self, seeds: Sequence[int], seen: Array) -> tuple[Networks, list[str]]:
        """See Trial: together where that can be, else one after another."""
        refuse_without_weight(seen, self.weights, "that are trained with by network")
        if not self.alone:
            fleet = self.fleet(seeds)
            validation, own = self._split_each(seeds, seen)
            reasons = self.train(fleet, sample_weight=self._weighed(seen & ~validation), **own)
            return fleet, not_all_diverged(reasons, ADVICE)
        networks, reasons = [], []
        for seed, mine in zip(seeds, seen, strict=True):
            single = self.fleet([seed])
            reasons += self.train(single, mine)
            networks.append(single.member(0))
        return networks, not_all_diverged(reasons, ADVICE)

    def _split_each(self, seeds: Sequence[int], seen: Array) -> tuple[Array, dict[str, Any]]:
        """Rows to validate with, for each network a share of those that it sees, the first ones in
        an order that all have in common: (members, rows) of True; and the options that say so."""
        share, validation = self.options.get("validation_split", 0.0), np.zeros_like(seen)
        checks.fraction("validation_split", share)
        if not share or self.options.get("validation_data") is not None:
            return validation, {}
        order = spread(len(self.X), self.labels, Stream(seeds[0], "validation"))
        for mine, chosen in zip(seen, validation, strict=True):
            count = held_back(share, int(mine.sum()), "validation_split")
            chosen[order[mine[order]][:count]] = True
        refuse_without_weight(validation, self.weights, "to validate with of network")
        places = np.flatnonzero(validation.any(axis=0))
        weights = self._weighed(validation)[:, places]
        data = {"validation_data": (self.X[places], self.y[places], weights)}
        return validation, {**data, "validation_split": 0.0}

    def _weighed(self, rows: Array) -> Array:
        """(members, rows) weights, 0 for what is False in `rows`."""
        return rows if self.weights is None else rows * self.weights

    def measure(self, model: Network | Fleet, rows: Rows) -> dict[str, Any]:
        """See Trial; of a fleet (members,) of each."""
        X, y, weights = rows
        return model.evaluate(X, y, sample_weight=weights, metrics=self.metrics)

    def try_metrics(self, rows: Rows) -> None:
        """See to it, before training, that the metrics suit these targets."""
        trial = self.fleet([0]).member(0)
        trial.input_scaling = self._by.inputs
        self.measure(trial, rows)

    def predict(self, model: Network, places: Array) -> Array:
        return model.predict(self.X[places])


def seeds(seed: Any, count: int) -> list[int]:
    """Seeds for networks, of 63 bits; the same seed gives the same ones, None others each time."""
    words = Stream(checks.seed(seed), "members").raw(count) >> np.uint64(1)
    return [int(word) for word in words]


def _recipe(caller: str, network: Any) -> dict[str, Any]:
    """The arguments of Fleet that make networks like this one."""
    if not isinstance(network, Network):
        hint = ""
        if isinstance(network, type):
            hint = f" Pass what {network.__name__}(...) makes."
        elif hasattr(network, "get_params") and caller in ELSEWHERE:
            hint = f" For this estimator: {ELSEWHERE[caller]} of sklearn.model_selection."
        raise TypeError(
            "network must be a glassnet Network, which serves as the recipe for those to train; "
            f"got {checks.show(network)}.{hint}"
        )
    same = ("layers", "dropout", "initializer", "initializer_scale", "bias", "classes")
    return {
        **{name: getattr(network, name) for name in (*same, "input_scale", "dtype")},
        "activation": network.activations,
        "loss": network.loss or "auto",
    }


def _checked(caller: str, options: dict[str, Any]) -> dict[str, Any]:
    """The options of `fit`, as far as they are not checked there."""
    names = inspect.signature(Network.fit).parameters.values()
    known = [each.name for each in names if each.kind is each.KEYWORD_ONLY]
    for name in options:
        if name not in known:
            raise TypeError(
                f"{caller} got an unexpected keyword argument {name!r}; beside its own it takes "
                f"those of Network.fit.{checks.closest(name, known)}"
            )
        if name in NOT_HERE and options[name] not in (None, 1):
            raise ValueError(f"{caller} cannot use {name}, {NOT_HERE[name]}.")
    for name in ("learning_rate", "weight_decay"):
        given: Any = options.get(name)
        if np.ndim(given):
            raise ValueError(
                f"{name} must be one number here; got {checks.show(given)}. To compare "
                f"several use search(..., settings={{{name!r}: [...]}})."
            )
    _refuse_to_look_ahead(caller, options)
    return options


def _refuse_to_look_ahead(caller: str, options: dict[str, Any]) -> None:
    """Rows that a network is scored on may not say when its training ends."""
    given: Any = options.get("early_stopping")
    by_training = getattr(given, "monitor", None) == "loss"
    rows = options.get("validation_data") is not None or options.get("validation_split")
    if given is not None and given is not False and not by_training and not rows:
        raise ValueError(
            f"early_stopping needs rows to go by: in {caller} the rows that a network is scored on "
            "never say when to stop, or the score would be too good. Pass validation_split=0.1 (a "
            "part of the rows that the network trains with), or validation_data."
            + (" To search by folds nevertheless, say folds=5 too." if caller == "search" else "")
        )


def _in_their_form(y: Any, classes: Any) -> Array:
    """y as an array, labels as they are."""
    refuse_what_is_no_array("y", y)
    if classes is not None and isinstance(y, list | tuple):
        return np.asarray(y, dtype=object)
    return regular("y", y)


def _labels(targets: Array, loss: Loss) -> Array | None:
    """The class of each row, where each has one."""
    labels = None if loss.targets == "numbers" else labels_in(targets)
    return None if labels is None else labels.astype(np.int64)
