"""Learning curves: would more rows help?

How rows are shared out is in rows.py, how networks are trained in task.py.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..core import checks
from ..core.network import Network
from ..core.random import Stream
from .results import LearningCurve, by_name
from .rows import held_back, mask, refuse_without_weight, spread
from .task import seeds, trial_of


def learning_curve(
    network: Network | Any,
    X: Any,
    y: Any,
    *,
    shares: Iterable[float] = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0),
    repeats: int = 5,
    test_size: float = 0.2,
    test_data: Any = None,
    metrics: Any = None,
    seed: int | None = 0,
    sample_weight: Any = None,
    stratified: bool | None = None,
    **fit_options: Any,
) -> LearningCurve:
    """Train networks with ever more of the rows, and measure each on its rows and on others.

    In each repeat some rows are drawn to test with, and the others are put in an order: a network
    sees the first of them, so that what it sees is among what the next one sees. All networks of a
    repeat have the same start and the same test rows, and differ in this only.

    All are trained in one pass, as a Fleet whose members have a weight of 0 for the rows that they
    do not see. Equal for all are the epochs and the batches of each: a network that sees a
    tenth of the rows takes each step by the tenth of a batch that it sees, and none where it sees
    nothing of it. So a short curve is one of few rows, not of few steps. With
    `standardize=True` or `class_weight="balanced"` the networks are trained one after another, each
    with its rows alone, in batches of these: the epochs are equal then, the steps are not.

    Args:
        network: the recipe: its layers, activation, dropout, loss, classes ... are used, it is
            neither trained nor changed. Or an estimator of glassnet.estimators: see cross_validate.
        X, y: (rows, inputs), and targets as in Network.fit.
        shares: of the rows that are not drawn to test with, each above 0 and at most 1.
        repeats: how often, with other rows and starts.
        test_size: the share of rows to test with, in (0, 1).
        test_data: (X, y) or (X, y, weights) to test with instead, in all repeats.
        metrics: names or functions as in Network.evaluate; None: accuracy for labels, r2 for
            numbers.
        seed: an integer of at least 0, for rows, starts and the order of rows, or None.
        sample_weight: (rows,) at least 0, in training and in measuring.
        stratified: each part has its share of each label; None: where y holds labels.
        fit_options: those of Network.fit. `early_stopping` never goes by the rows to test with:
            pass `validation_split` (a part of the rows that are trained with) or `validation_data`.

    Raises:
        ValueError, TypeError: an argument is not as above.
        DivergenceError: all networks diverged.
    """
    trial = trial_of("learning_curve", network, X, y, sample_weight, metrics, fit_options)
    labels, repeats = trial.labels_for(stratified), checks.whole("repeats", repeats)
    others = None if test_data is None else trial.other_rows("test_data", test_data)
    count, stream = len(trial), Stream(checks.seed(seed), "learning curve")
    held = 0 if others is not None else held_back(test_size, count, "test_size")
    sizes = _sizes(shares, count - held)
    orders = [spread(count, labels, stream) for _ in range(repeats)]
    seen = np.stack([mask(count, order[held : held + size]) for size in sizes for order in orders])
    held_out = np.stack([mask(count, order[:held]) for order in orders])
    if others is None:
        refuse_without_weight(held_out, trial.weights, "to test with in repeat")
    tests = [others or trial.rows_at(rows) for rows in held_out]
    trial.try_metrics(tests[0])
    starts = seeds(seed, repeats) * len(sizes)
    models, reasons = trial.train_each(starts, seen)
    on_own = [
        trial.measure(one, trial.rows_at(rows)) for one, rows in zip(models, seen, strict=True)
    ]
    on_others = [
        trial.measure(one, rows) for one, rows in zip(models, tests * len(sizes), strict=True)
    ]
    training, test = (
        {name: each.reshape(-1, repeats) for name, each in by_name(part, reasons).items()}
        for part in (on_own, on_others)
    )
    networks, estimators = trial.results(models)
    return LearningCurve(np.array(sizes), training, test, networks, reasons, estimators)


def _sizes(shares: Any, rows: int) -> list[int]:
    """Numbers of rows, rising."""
    if isinstance(shares, str | bytes) or not isinstance(shares, Iterable):
        raise TypeError(f"shares must be a list of numbers in (0, 1]; got {checks.show(shares)}.")
    sizes = set()
    for each in list(shares):
        share = checks.positive("shares", each)
        size = round(share * rows)
        if share > 1 or size < 1:
            raise ValueError(
                f"shares must be numbers in (0, 1] of which each leaves a row of {rows} to train "
                f"with; got {checks.show(each)}."
            )
        sizes.add(size)
    if not sizes:
        raise ValueError("shares is empty; pass at least one number in (0, 1].")
    return sorted(sizes)
