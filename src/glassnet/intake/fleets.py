"""What the `fit` of a fleet is asked for, and the training of its members group by group.

Members of a group are trained together. A group is as large as a cache allows: beyond that, each
step would fetch the parameters of all members from main memory, and one after another is faster.
"""

import inspect
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.doors import door
from ..core.errors import DivergenceError
from ..core.history import History
from ..core.network import Network
from ..core.plan import Plan, Source
from ..core.structure import Structure
from ..core.training import Training
from ..fleets.fleet import Fleet, lowest
from ..fleets.history import FleetHistory
from ..fleets.training import FleetTraining
from ..sources.shuffled import Shuffled, ShuffledEach
from .evaluation import evaluate_rows
from .fitting import means, prepared
from .given import Given
from .options import Options
from .plans import refuse_what_is_for_one

CACHE = 1 << 22
"""Bytes that a group may work on in a step, measured: docs/speed.md."""


def fit_fleet(fleet: Fleet, X: Any, y: Any, **options: Any) -> FleetHistory:
    """See Fleet.fit."""
    asked = Options(**_with_defaults(options))
    plan = asked.plan(len(fleet))
    refuse_what_is_for_one(plan, asked.resume)
    source, rows = prepared(fleet, X, y, asked, plan)
    return run_fleet(fleet, source, rows, plan)


def _with_defaults(options: dict[str, Any]) -> dict[str, Any]:
    """The options of Network.fit that a fleet has too."""
    known = {
        name: parameter.default
        for name, parameter in inspect.signature(Network.fit).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name != "restarts"
    }
    unknown = [name for name in options if name not in known]
    if unknown:
        raise TypeError(
            f"Fleet.fit got an unexpected keyword argument {unknown[0]!r}; there are X, y, "
            f"{', '.join(known)}."
        )
    return {**known, **options}


def run_fleet(
    fleet: Fleet, source: Source, rows: int | None, plan: Plan, one_will_do: bool = False
) -> FleetHistory:
    """Train all members; the history is the fleet's too, also of a training broken off. Where
    `one_will_do`, those that come after one with the target loss are left as they are."""
    history, begun = FleetHistory(len(fleet)), time.perf_counter()
    order, longest = fleet.streams.order, 0
    position = end = order.state
    try:
        with means(fleet, source, plan):
            all_groups = groups(fleet, source, plan)
            for number, group in enumerate(all_groups):
                order.state = position  # the same order for all members
                if plan.time_limit is not None:
                    left = plan.time_limit - (time.perf_counter() - begun)
                    plan.time_share = max(left / (len(all_groups) - number), 1e-9)
                alone = len(group) == 1 and not isinstance(source, Given)
                train = train_alone if alone else train_together
                epochs = train(fleet, group, source, rows, plan, history)
                if epochs >= longest:
                    longest, end = epochs, order.state
                reached = any(reason.startswith("target loss") for reason in history.reasons)
                if plan.interrupted() or (one_will_do and reached):
                    break
            order.state = end  # it goes on behind the member that was trained longest
    finally:
        fleet.history.append_call(history)
    if all(reason.startswith("diverged") for reason in history.reasons):
        raise _all_diverged(history)
    return history


def train_together(
    fleet: Fleet, group: Array, source: Source, rows: int | None, plan: Plan, into: FleetHistory
) -> int:
    """Members in one computation; gives the number of epochs begun."""
    training = FleetTraining(fleet, group, source, rows, plan)
    training.history.environment = door("environment")()
    try:
        training.run()
    finally:
        into.take_over(training.history)
    return training.epoch


def train_alone(
    fleet: Fleet, group: Array, source: Source, rows: int | None, plan: Plan, into: FleetHistory
) -> int:
    """One member as a network: what is large gains nothing from company."""
    number = int(group[0])
    single = fleet.member(number)
    plan = replace(plan, optimizer=plan.optimizer.of_member(number))
    if (validate := plan.validate) is not None:
        plan.validate = partial(_validate_alone, validate, number)
    own = _own_source(source, fleet, number)
    training = (plan.optimizer.training or Training)(single, own, rows, plan)
    training.history.environment = door("environment")()
    try:
        training.run()
    except DivergenceError as error:
        training.history.stopped = f"diverged in epoch {error.epoch}, batch {error.batch}"
    finally:
        fleet.parameters[number] = single.parameters
        fleet.streams.dropout[number].state = single.streams.dropout[0].state
        into.take_over(FleetHistory.of_one(len(fleet), number, training.history))
    return training.epoch


def _own_source(source: Source, fleet: Fleet, number: int) -> Source:
    """The batches of one member."""
    assert isinstance(source, Shuffled | ShuffledEach)
    rows = replace(source.rows, weights=source.rows.weights_of(number, slice(None)))
    if isinstance(source, Shuffled):
        return type(source)(rows, source.size, source.stream)
    return Shuffled(rows, source.size, fleet.streams.own_orders[number])


def _validate_alone(
    validate: Callable[[Structure, Any], dict[str, Any]], number: int, network: Structure, _: Any
) -> dict[str, Any]:
    return validate(network, number)


def groups(fleet: Fleet, source: Source, plan: Plan) -> list[Array]:
    """The numbers of the members that are trained together."""
    numbers = np.arange(len(fleet))
    if isinstance(source, Given):
        return [numbers]  # batches that can perhaps be walked only once
    return np.array_split(numbers, -(-len(fleet) // at_once(fleet, source.size, plan)))


def at_once(network: Structure, size: int, plan: Plan) -> int:
    """How many networks like this one, or like those of a fleet, the cache holds in training."""
    if plan.combine is not None or plan.optimizer.training is not None:
        return 1  # long vectors: company costs cache and saves few calls
    memories = 4 + plan.optimizer.slots  # parameters, gradients, scratch, a copy, slots
    rows = 5 * size * sum(network.layers[1:])
    bytes_each = network.dtype.itemsize * (memories * network.parameters.shape[-1] + rows)
    return max(1, int(CACHE // bytes_each))


def _all_diverged(history: FleetHistory) -> DivergenceError:
    return DivergenceError(
        f"All {len(history.reasons)} members diverged; the first {history.reasons[0]}. They keep "
        "their last finite parameters. Try a lower learning_rate, standardize=True, or "
        "callbacks=[ClipNorm(1.0)]; reset() starts anew.",
        len(history),
        0,
        float("nan"),
    )


def run_restarts(
    network: Network, starts: int, source: Source, rows: int | None, plan: Plan
) -> History:
    """Train the network and further starts together; it becomes the best of them."""
    fleet = Fleet.starts(network, starts)
    try:
        run_fleet(fleet, source, rows, plan, one_will_do=True)
    finally:
        chosen = lowest(_losses(fleet, source, plan))
        network.parameters = fleet.parameters[chosen]
        found = fleet.history.member(chosen)
        network.history.append_call(found)
    return found


def _losses(fleet: Fleet, source: Source, plan: Plan) -> Array:
    """What the members are chosen by: the loss on the validation rows, else on all rows."""
    if plan.validate is not None:
        losses = plan.validate(fleet, np.arange(len(fleet)))["loss"]
    elif name := plan.optimizer.chosen_by:
        alone = [fleet.history.member(number) for number in range(len(fleet))]
        losses = [-history[-1][name] if history else np.nan for history in alone]
    elif isinstance(source, Shuffled | ShuffledEach):
        losses = evaluate_rows(fleet, source.rows, {})["loss"]
    else:
        alone = [fleet.history.member(number) for number in range(len(fleet))]
        losses = [history[-1]["loss"] if history else np.nan for history in alone]
    return np.asarray(losses)
