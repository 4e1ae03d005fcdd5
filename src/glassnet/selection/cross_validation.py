"""Cross-validation: each row is predicted by a network that has not seen it.

How rows are shared out is in rows.py, how networks are trained in task.py.
"""

from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array
from ..core.network import Network
from ..core.random import Stream
from .results import CrossValidation, by_name
from .rows import make_folds, one_by_one, refuse_without_weight
from .task import seeds, trial_of
from .trial import Trial, diverged


def cross_validate(
    network: Network | Any,
    X: Any,
    y: Any,
    *,
    folds: Any = 5,
    repeats: int = 1,
    metrics: Any = None,
    seed: int | None = 0,
    sample_weight: Any = None,
    stratified: bool | None = None,
    **fit_options: Any,
) -> CrossValidation:
    """Train one network for each fold on the other folds, and measure it on this one.

    All networks are trained in one pass, as a Fleet whose members have a weight of 0 for the rows
    of their fold: each is what Network.fit makes of these weights. What is computed from all
    rows that a network trains with would let the held-out ones in, so with `standardize=True` and
    with `class_weight="balanced"` the networks are trained one after another, each with its rows
    alone.

    An estimator of glassnet.estimators is cross-validated by its own parameters and their meaning:
    what each fold makes of it is in `result.estimators`, fitted. A batch has `batch_size` rows of
    those that a network trains with, in the mean, and all have one order of rows;
    `validation_fraction` is taken of these too; each network starts as `random_state` says, without
    one from a seed of its own. Labels are learned from all of y, `class_weight` goes by the rows of
    each. One after another, each with its rows alone, are trained: TableClassifier and
    TableRegressor, whose recipe is learned anew each time; estimators with `restarts`, `callbacks`,
    the rate "reduce_on_plateau", or a solver that sees all rows ("lbfgs" ...); and networks too
    large, or too few, for that to take longer than a fleet.

    Args:
        network: the recipe: its layers, activation, dropout, loss, classes ... are used, it is
            neither trained nor changed. Each network starts from a seed of its own. Or an
            estimator, fitted or not.
        X, y: (rows, inputs), and targets as in Network.fit.
        folds: how many, from 2 to the number of rows; or the fold of each row, (rows,) integers or
            text: patients, days, places whose rows must not be torn apart.
        repeats: how often to do it all, with other folds (unless they are given) and starts.
        metrics: names or functions as in Network.evaluate; None: accuracy for labels, r2 for
            numbers.
        seed: an integer of at least 0, for folds, starts and the order of rows, or None.
        sample_weight: (rows,) at least 0, in training and in measuring.
        stratified: each fold has its share of each label; None: where y holds labels.
        fit_options: those of Network.fit; an estimator has parameters instead. `early_stopping`
            never goes by the fold that is measured: pass `validation_split` (a part of the rows
            that are trained with) or `validation_data`.

    Raises:
        ValueError, TypeError: an argument is not as above.
        DivergenceError: all networks diverged.
    """
    trial = trial_of("cross_validate", network, X, y, sample_weight, metrics, fit_options)
    labels = trial.labels_for(stratified)
    repeats = checks.whole("repeats", repeats)
    if stratified and np.ndim(folds):
        raise ValueError("stratified=True is for folds that are drawn; these are given. Leave it.")
    found = make_folds(folds, repeats, len(trial), labels, Stream(checks.seed(seed), "folds"))
    held_out = one_by_one(found)
    refuse_without_weight(held_out, trial.weights, "of fold")
    trial.try_metrics(trial.rows_at(held_out[0]))
    starts = seeds(seed, len(held_out))
    models, reasons = trial.train_each(starts, ~held_out)
    pairs = zip(models, held_out, strict=True)
    records = [trial.measure(one, trial.rows_at(rows)) for one, rows in pairs]
    predictions = _predictions(trial, models, held_out, reasons) / repeats
    values = by_name(records, reasons)
    networks, estimators = trial.results(models)
    return CrossValidation(values, predictions, found, networks, reasons, estimators)


def _predictions(trial: Trial, models: Any, held_out: Array, reasons: list[str]) -> Array:
    """(rows, outputs), added up over the repeats."""
    total: Any = None
    for one, rows, reason in zip(models, held_out, reasons, strict=True):
        outputs = trial.predict(one, np.flatnonzero(rows))
        if total is None:
            total = np.zeros((len(trial), outputs.shape[1]), outputs.dtype)
        total[rows] += np.nan if diverged(reason) else outputs
    return np.asarray(total)
