"""From the options of `glassnet train` to a network and rows that are ready to be trained.

The steps, in the order they are made: learn, build, hold_back, scale, enough_epochs.
"""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import Network, train_test_split
from glassnet.core.scaling import Scaling
from glassnet.intake.fitting import default_batch
from glassnet.intake.scaling import standard
from glassnet.losses import LOSSES

from . import tables
from .command import UsageError, blame_options, shown
from .console import counted, left_out, note
from .models import open_table
from .training import given

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .csvfile import Table
    from .tables import Recipe

# Of 3,000, 6,000 and 12,000 steps and weight decays of 0 to 0.1, these did best on average over
# eight tables of 150 to 20,000 rows (three seeds each).
STEPS, LEAST_EPOCHS, MOST_EPOCHS = 6000, 20, 500


def learn(options: Namespace) -> tuple[Table, Recipe, str]:
    """The table without what is left out, its recipe, and why the target is what it is."""
    table = open_table(options)
    chosen = tables.choose_inputs(table, options.target, options.drop, options.category)
    before = table.rows
    table = tables.without_missing(table, [*chosen, options.target], drop=options.missing == "drop")
    if table.rows < before:
        left_out(options, before, table.rows)
    classes, reason = tables.learn_classes(
        table,
        options.target,
        task=options.task,
        limit=options.max_categories,
        decimal=options.decimal,
    )
    inputs, constant = tables.learn_inputs(
        table,
        chosen,
        categories=options.category,
        limit=options.max_categories,
        decimal=options.decimal,
    )
    for name in constant:
        note(options, f"note: column {shown(name)} is the same in every row and is left out")
    return table, tables.Recipe(inputs, options.target, classes), reason


def build(options: Namespace, recipe: Recipe) -> Network:
    """The network that fits the recipe."""
    regression = recipe.classes is None
    name = options.loss or ("squared_error" if regression else "softmax_cross_entropy")
    loss = LOSSES[name]
    if regression == (loss.targets == "labels") or (not regression and loss.targets == "numbers"):
        what = "a number" if regression else f"one of {len(recipe.classes or ())} classes"
        raise UsageError(
            f"--loss {name} does not suit the target {shown(recipe.target)}, which is {what}; "
            "leave --loss out, or say --task"
        )
    outputs = loss.statistics if recipe.classes is None else len(recipe.classes)
    chosen = given(options, ("activation", "dropout"))
    with blame_options():
        network = Network(
            [len(recipe.encoded_names), *options.layers, outputs],
            loss=loss,
            classes=recipe.classes,
            seed=options.seed,
            **chosen,
        )
    network.columns = recipe.as_json()
    return network


def hold_back(
    options: Namespace, table: Table, recipe: Recipe
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Inputs to train on and to test on, targets to train on and to test on."""
    X = tables.encode_inputs(table, recipe, decimal=options.decimal)
    y = tables.encode_target(table, recipe, decimal=options.decimal)
    if options.test_fraction == 0:
        return X, X[:0], y, y[:0]
    count = round(len(X) * options.test_fraction)
    if not 0 < count < len(X):
        raise ValueError(
            f"{table.source}: --test-fraction {options.test_fraction:g} of "
            f"{counted(len(X), 'row')} is {counted(count, 'row')} to test on and "
            f"{len(X) - count} to train on; each needs one at least"
        )
    return train_test_split(X, y, count, seed=options.seed, stratify=recipe.classes is not None)


def scale(network: Network, recipe: Recipe, X: NDArray[Any], y: NDArray[Any]) -> None:
    """Bring columns of numbers to mean 0 and spread 1, and the target of a regression too.

    The zeros and ones of categories stay: a rare category would become a huge number.
    """
    scaling = standard(X)
    widths = [len(column.encoded_names) for column in recipe.inputs]
    category = np.repeat([column.categories is not None for column in recipe.inputs], widths)
    network.input_scaling = Scaling(
        np.where(category, 0.0, scaling.offset), np.where(category, 1.0, scaling.scale)
    )
    if network.loss is not None and network.loss.rescalable:
        network.target_scaling = standard(y[:, None])


def enough_epochs(rows: int, batch_size: int | None) -> int:
    """Passes over the rows that make some STEPS steps, within bounds."""
    steps_an_epoch = -(-rows // min(batch_size or default_batch(rows), rows))
    return min(max(STEPS // steps_an_epoch, LEAST_EPOCHS), MOST_EPOCHS)
