"""Search: which settings are best, of those in which members of a fleet may differ.

What to try is made in drawing.py. To add a setting that members may differ in: to OF_NETWORKS, and
to `_fleet`.
"""

from dataclasses import fields, replace
from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array
from ..core.errors import DivergenceError
from ..core.network import Network
from ..core.optimizer import Optimizer
from ..core.random import Stream
from ..fleets.fleet import Fleet
from ..intake.plans import make_optimizer
from .drawing import combinations
from .results import Search, standard_error
from .rows import held_back, make_folds, mask, one_by_one, refuse_without_weight, spread
from .task import Task, seeds
from .trial import diverged

OF_NETWORKS = ("dropout", "initializer_scale", "seed")
Settings = dict[str, list[Any]]


def search(
    network: Network,
    X: Any,
    y: Any,
    *,
    settings: Any,
    number: int | None = None,
    grid: bool = False,
    folds: Any = None,
    validation_data: Any = None,
    validation_split: float = 0.0,
    metrics: Any = None,
    seed: int | None = 0,
    sample_weight: Any = None,
    stratified: bool | None = None,
    **fit_options: Any,
) -> Search:
    """Try many settings, and find those with the lowest loss on rows that are not trained with.

    Networks of all settings are trained in one pass, as a Fleet; with folds in one for each fold.
    But for the settings all have the same start, order of rows and, by folds, the same rows.

    Args:
        network: the recipe: its layers, activation, loss, classes ... are used, it is neither
            trained nor changed.
        X, y: (rows, inputs), and targets as in Network.fit.
        settings: {name: what to try}, a list or `uniform(low, high)`, `log_uniform(low, high)` of
            glassnet.selection. The names: "learning_rate", "weight_decay", "l1", every number that
            the optimizer has ("momentum" of SGD ...), "dropout", "initializer_scale", "seed".
        number: of combinations that are drawn, 64 where nothing is said; each value is drawn from
            another part of its range. grid: try all combinations of lists instead.
        folds: as in cross_validate, the loss is the mean over them; 5 where no validation rows are
            given. `network` of the result is trained with all rows then.
        validation_data, validation_split: instead of folds, as in Network.fit: rows to choose by,
            and for `early_stopping`. With folds they are for `early_stopping` alone.
        metrics: names or functions as in Network.evaluate, told beside the loss; None: accuracy for
            labels, r2 for numbers.
        seed: an integer of at least 0, for all that is drawn, or None.
        sample_weight: (rows,) at least 0, in training and in measuring.
        stratified: each part has its share of each label; None: where y holds labels.
        fit_options: the other options of Network.fit.

    The lowest of many losses is a little too good, since it was chosen: measure the network that
    comes out on rows that the search has not seen.

    Raises:
        ValueError, TypeError: an argument is not as above.
        DivergenceError: with all settings a training diverged.
    """
    given = {"validation_data": validation_data, "validation_split": validation_split}
    options = {**fit_options, **given}
    task = Task("search", network, X, y, sample_weight, metrics, options)
    chosen = combinations(settings, number, checks.flag("grid", grid), checks.seed(seed))
    _check_settings(task, chosen)
    stream, labels = Stream(checks.seed(seed), "folds"), task.labels_for(stratified)
    if folds is not None or not (validation_data is not None or validation_split):
        found = make_folds(5 if folds is None else folds, 1, len(task.X), labels, stream)[0]
        return _by_folds(task, chosen, found, seed)
    return _by_validation(task, chosen, labels, stream, seed)


def _check_settings(task: Task, chosen: Settings) -> None:
    """Refuse what members cannot differ in, and what is given twice."""
    optimizer = make_optimizer(task.options.get("optimizer"), None, None)
    known = [*_numbers_of(optimizer), *OF_NETWORKS]
    for name in chosen:
        if name not in known:
            raise ValueError(
                f"settings has {name!r}; with {type(optimizer).__name__} networks that are trained "
                f"together may differ in {', '.join(known)}. For other things call search once for "
                f"each.{checks.closest(name, known)}"
            )
        if task.options.get(name) is not None:
            raise ValueError(f"{name} is in settings and is given besides; leave one of them out.")
    if "dropout" in chosen and len(task.recipe["layers"]) == 2:
        raise ValueError("settings has 'dropout', but the network has no hidden layer to drop of.")
    _fleet(task, chosen, 0)  # so that bad values are told at once
    _optimizer(task, chosen)


def _numbers_of(optimizer: Optimizer) -> list[str]:
    numbers = (each for each in fields(optimizer) if not isinstance(each.default, bool))
    return [each.name for each in numbers if each.init]


def _fleet(task: Task, chosen: Settings, seed: int) -> Fleet:
    """Untrained networks, one for each combination; but for the settings they are the same."""
    count = len(next(iter(chosen.values())))
    own = {
        name: np.array(chosen[name]) for name in ("dropout", "initializer_scale") if name in chosen
    }
    return task.fleet(chosen.get("seed", [seed] * count), **own)


def _optimizer(task: Task, chosen: Settings) -> dict[str, Any]:
    """The option of `fit` that says in what the steps differ."""
    optimizer = make_optimizer(task.options.get("optimizer"), None, None)
    own: dict[str, Any] = {name: chosen[name] for name in chosen if name not in OF_NETWORKS}
    return {"optimizer": replace(optimizer, **own)} if own else {}


def _train(
    task: Task, chosen: Settings, seed: int, places: Array | None, **options: Any
) -> tuple[Fleet, Array]:
    """The networks of all combinations trained, and which of them diverged."""
    fleet = _fleet(task, chosen, seed)
    reasons = task.train(fleet, places, **_optimizer(task, chosen), **options)
    return fleet, np.array([diverged(reason) for reason in reasons])


def _values(task: Task, fleet: Fleet, lost: Array, rows: Any) -> dict[str, Array]:
    """{"loss": (members,), ...} on rows (X, y, weights); nan for those that diverged."""
    values = task.measure(fleet, rows)
    return {name: np.where(lost, np.nan, each) for name, each in values.items()}


def _by_validation(
    task: Task, chosen: Settings, labels: Array | None, stream: Stream, seed: int | None
) -> Search:
    """The loss is that on validation rows, given or held back here."""
    given, places = task.options["validation_data"], None
    if given is not None and task.options["validation_split"]:
        raise ValueError("pass validation_data or validation_split, not both.")
    if given is not None:
        rows = task.other_rows("validation_data", given)
    else:
        share = task.options["validation_split"]
        count = held_back(share, len(task.X), "validation_split")
        held = mask(len(task.X), spread(len(task.X), labels, stream)[:count])
        places, rows = ~held, task.rows_at(held)
    task.try_metrics(rows)
    options = {"validation_data": rows, "validation_split": 0.0}
    fleet, lost = _train(task, chosen, seeds(seed, 1)[0], places, **options)
    values = _values(task, fleet, lost, rows)
    order = _lowest_first(values["loss"])
    records = [{name: float(each[i]) for name, each in values.items()} for i in range(len(order))]
    return _result(chosen, records, order, fleet.member(order[0]))


def _by_folds(task: Task, chosen: Settings, folds: Array, seed: int | None) -> Search:
    """The loss is the mean over the folds; the best settings are trained with all rows again."""
    starts, per_fold = seeds(seed, int(folds.max()) + 1), []
    held_out = one_by_one(folds[None])
    refuse_without_weight(held_out, task.weights, "of fold")
    task.try_metrics(task.rows_at(held_out[0]))
    for held, start in zip(held_out, starts, strict=True):
        fleet, lost = _train(task, chosen, start, ~held)
        per_fold.append(_values(task, fleet, lost, task.rows_at(held)))
    values = {name: np.stack([each[name] for each in per_fold], axis=1) for name in per_fold[0]}
    order = _lowest_first(values["loss"].mean(axis=1))
    records: list[dict[str, Any]] = []
    for i in range(len(order)):
        record: dict[str, Any] = {name: float(each[i].mean()) for name, each in values.items()}
        record["standard_error"] = standard_error(values["loss"][i])
        records.append({**record, "losses": values["loss"][i].tolist()})
    best = {name: [each[order[0]]] for name, each in chosen.items()}
    again, lost = _train(task, best, starts[0], None)
    if lost.any():
        raise _all_diverged(f"the best settings, {checks.show(best)}, and all rows")
    return _result(chosen, records, order, again.member(0))


def _lowest_first(losses: Array) -> list[int]:
    """The numbers of the combinations; those that diverged come last."""
    if np.isnan(losses).all():
        raise _all_diverged(f"each of the {len(losses)} combinations of settings")
    order: list[int] = np.argsort(
        np.where(np.isnan(losses), np.inf, losses), kind="stable"
    ).tolist()
    return order


def _all_diverged(what: str) -> DivergenceError:
    return DivergenceError(
        f"A training diverged with {what}. Try lower values of learning_rate, or standardize=True.",
        0,
        0,
        float("nan"),
    )


def _result(
    chosen: Settings, records: list[dict[str, Any]], order: list[int], best: Network
) -> Search:
    each = [{name: values[i] for name, values in chosen.items()} for i in range(len(records))]
    table = [{**each[i], **records[i]} for i in order]
    return Search(tuple(chosen), table, each[order[0]], best)
