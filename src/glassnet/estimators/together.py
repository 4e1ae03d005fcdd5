"""Many models of one kind trained in one pass, as a fleet: each by its own rows, rules and end.

`train_together` is read from top to bottom. A rule of training is in rules.py, for one model; here
each member of the fleet is shown to its rules as if it were alone, after every epoch.
"""

import copy
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..blas import combiner
from ..core.arrays import Array
from ..core.callback import Callback
from ..core.network import Network
from ..core.plan import Plan
from ..core.stepping import LOOK
from ..fleets.fleet import Fleet
from ..fleets.history import NOT_TRAINED
from ..fleets.training import FleetTraining
from ..intake.architecture import check_memory
from ..intake.fitting import means
from ..intake.fleets import at_once, groups
from ..intake.plans import others_change_parameters, refuse_what_is_for_one
from ..sources.shuffled import Shuffled
from .parameters import optimizer_of, schedule_of, sees_all_rows
from .rules import Rules
from .sources import Order
from .training import Data, batch_size, scorer, split, warn_of_the_end

WORTH = 3.0
"""How many networks, of those that the cache holds at once, have to see a row in the mean: a fleet
saves calls, and goes over rows for those too that do not see them. Of fewer, one after another is
faster, measured: docs/from-scikit-learn.md."""


def for_one(model: Any) -> bool:
    """Whether something about a model looks at one network, so that it is trained alone."""
    if sees_all_rows(model.solver) or model.callbacks or model.restarts > 1:
        return True
    try:
        refuse_what_is_for_one(_plan(model), None)
    except ValueError:
        return True
    return False


def pays(model: Any, network: Network, seen: Array) -> bool:
    """Whether models like this one, with networks like this one, are sooner trained together;
    `seen` as of train_together."""
    plan, most, (count, rows) = _plan(model), int(seen.sum(axis=1).max()), seen.shape
    size = most if plan.optimizer.full_batch else batch_size(model, most, False)
    plan.combine = combiner(network.parameters)
    parts = -(-count // at_once(network, round(size * rows / most), plan))
    return bool(seen.sum() >= WORTH * rows * parts)


def _plan(model: Any) -> Plan:
    return Plan(optimizer_of(model), schedule_of(model.learning_rate), model.max_iter)


def train_together(models: Sequence[Any], data: Data, seen: Array) -> None:
    """Fit models that differ in their random numbers, each with the rows that it may see.

    Args:
        models: as they are after reading the data. Those that diverge say so in `stopped_`.
        seen: (models, rows) True and False. All have the order of rows of the first model, and
            batches in which the one that sees most rows sees `batch_size`, in the mean.

    Raises:
        ValueError: a model cannot be fitted to its rows. KeyboardInterrupt: Ctrl-C.
    """
    shares = [_share(model, data, mine) for model, mine in zip(models, seen, strict=True)]
    first, fleet, plan = models[0], _fleet(models), _plan(models[0])
    most = max(rules.rows for _, rules in shares)
    size = batch_size(first, most, plan.optimizer.full_batch)
    size = len(data) if size == most else round(size * len(data) / most)
    rows = replace(data, weights=np.stack([weights for weights, _ in shares])).rows(fleet.dtype)
    source = Shuffled(rows, size, None)
    plan.callbacks = [FleetRules([rules for _, rules in shares])]
    plan.look = 1 if others_change_parameters(plan.optimizer, ()) else LOOK
    with means(fleet, source, plan):
        for group in groups(fleet, source, plan):
            if first.shuffle:  # each group has the same order of rows
                source.stream = Order(copy.deepcopy(first._random_state))
            FleetTraining(fleet, group, source, len(rows), plan).run()
            for number in group.tolist():
                models[number]._show(fleet.member(number))
            if plan.interrupted():
                break
    if any(each.n_iter_ == each.max_iter and not each.stopped_ for each in models):
        warn_of_the_end(f"Stochastic Optimizer: Maximum iterations ({first.max_iter})")


def _share(model: Any, data: Data, mine: Array) -> tuple[Array, Rules]:
    """A model drawn anew, (rows,) the weights by which it sees the rows, and its rules."""
    model._start(data)
    model._ready(data, True)
    places, score, dtype = np.flatnonzero(mine), None, data.X.dtype
    y, own = data.y[places], None if data.weights is None else data.weights[places]
    own = model._weighed(y, own, dtype, False)
    if model.early_stopping:
        chosen, others = split(model, y)
        held = data.X[places[others]], y[others], None if own is None else own[others]
        score, places = scorer(model, Data(*held)), places[chosen]
        own = None if own is None else own[chosen]
    weights = np.zeros(len(data), dtype)
    weights[places] = 1.0 if own is None else own
    return weights, Rules(model, len(places), score, model._per_column(data.y))


def _fleet(models: Sequence[Any]) -> Fleet:
    """A fleet of the networks of models, with their starting weights."""
    networks = [model._network for model in models]
    first = networks[0]
    check_memory(first.layers, first.dtype, len(models), "folds x repeats")
    fleet = Fleet(
        first.layers,
        len(models),
        activation=first.activations,
        dropout=first.dropout,
        loss=first.loss,
        initializer="zeros",
        input_scale=first.input_scale,
        dtype=first.dtype,
        seed=[network.seed for network in networks],
    )
    fleet.initializer = first.initializer
    for mine, network in zip(fleet.parameters, networks, strict=True):
        mine[...] = network.parameters
    return fleet


class FleetRules(Callback):
    """The rules of each member of a fleet, by its number."""

    def __init__(self, each: Sequence[Rules]) -> None:
        self.each = each

    def _members(self, training: Any) -> list[tuple["Member", Rules]]:
        """Those that are there, with their rules."""
        return [
            (Member(training, place, number), self.each[number])
            for place, number in enumerate(training.members.tolist())
        ]

    def on_fit_begin(self, training: Any) -> None:
        for member, rules in self._members(training):
            rules.on_fit_begin(member)

    def on_epoch_begin(self, training: Any) -> None:
        self.totals, self.seen = np.zeros((2, len(training.members)))

    def on_gradients(self, training: Any) -> None:
        """As for one, by the weight of the rows that each member sees of the batch: where it sees
        none, it makes no step, and there is neither a loss nor a penalty."""
        first, share = self.each[0], training.share
        self.totals += training.loss * first.scale * share
        self.seen += share
        if alpha := first.model.alpha:
            decay = np.divide(alpha, share, out=np.zeros(share.shape), where=share > 0)
            training.passes.add_penalty(decay[:, None], 0.0, training.work.spare)
            weights = training.parameters[:, : training.passes.weight_count]
            self.totals += 0.5 * decay * share * np.vecdot(weights, weights)

    def on_epoch_end(self, training: Any) -> None:
        """What the rules of each say; whoever ends is put in order before it leaves."""
        for member, rules in self._members(training):
            if training.alive[member.place]:
                rules.total, rules.seen = self.totals[member.place], self.seen[member.place]
                if rules.score is not None:  # by the network of the model
                    np.copyto(rules.model._network.parameters, member.parameters)
                rules.on_epoch_end(member)
            if member.number in training.leaving:
                rules.on_fit_end(member)
            if not training.alive[member.place]:
                rules.diverged(training.epoch)

    def on_fit_end(self, training: Any) -> None:
        for member, rules in self._members(training):
            if training.history.reasons[member.number] == NOT_TRAINED:  # the others have left
                rules.on_fit_end(member)


class Member:
    """One of a fleet's training, as Rules see the training of one network."""

    def __init__(self, training: Any, place: int, number: int) -> None:
        self.training, self.place, self.number = training, place, number

    @property
    def parameters(self) -> Array:
        """(parameters,) a view of its own."""
        return np.asarray(self.training.parameters[self.place])

    @property
    def base_rate(self) -> float:
        """Its learning rate before the schedule; may be set."""
        rate = self.training.base_rate
        return float(rate[self.place, 0] if np.ndim(rate) else rate)

    @base_rate.setter
    def base_rate(self, rate: float) -> None:
        training = self.training
        if not np.ndim(training.base_rate):
            training.base_rate = np.full((len(training.members), 1), training.base_rate)
        training.base_rate[self.place] = rate

    @property
    def stepper(self) -> SimpleNamespace:
        """A copy of its optimizer's memory."""
        steps, place = self.training.steps, self.place
        count = steps.counts[place, 0] if np.ndim(steps.counts) else steps.counts
        slots = steps.slots[:, place].copy()
        return SimpleNamespace(optimizer=steps.optimizer, slots=slots, count=int(count))

    @property
    def stopped(self) -> str:
        """Why it ends, or nothing yet."""
        return str(self.training.leaving.get(self.number, self.training.stopped))

    def stop(self, reason: str) -> None:
        """End its training after this epoch."""
        self.training.stop(reason, self.number)
