"""`glassnet train`: from a table in a CSV file to a trained network in a file.

The way: check what can be checked, read the table, learn its recipe, hold rows back, train, test
on the rows held back, save. How a table becomes numbers is in tables.py.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from functools import partial
from typing import TYPE_CHECKING, Any

from .command import Command, Report, shown
from .console import counted, note
from .options import (
    add_files,
    add_output_form,
    add_table,
    add_training,
    at_least_zero,
    hidden_layers,
    names,
    one_of,
    positive,
    share,
)
from .training import check_before, draw, fit, save, summary

if TYPE_CHECKING:
    from glassnet import Network


def add_options(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("data", metavar="data.csv", help="the table; - reads standard input")
    parser.add_argument("--target", required=True, metavar="COLUMN", help="the column to predict")
    parser.add_argument(
        "--layers",
        type=hidden_layers,
        default=[32, 16],
        metavar="N,N",
        help="sizes of the hidden layers, or none (default: 32,16); inputs and outputs follow "
        "from the table",
    )
    parser.add_argument(
        "--task",
        type=one_of("auto", "regression", "classification"),
        default="auto",
        metavar="WHAT",
        help="regression, classification or auto (default; see above)",
    )
    add_learning(parser)
    add_output_form(parser, seed="seed of the start, of the split and of the order of rows")
    add_training(parser)
    add_columns(parser)
    add_table(parser)
    add_files(parser, plots="loss, and predictions beside the truth")


def add_learning(parser: ArgumentParser) -> None:
    """How long it learns, from which rows, and what is made small."""
    parser.add_argument(
        "--test-fraction",
        type=share,
        default=0.2,
        metavar="X",
        help="share of the rows to hold back for the test (default: 0.2; 0: none)",
    )
    parser.add_argument(
        "--epochs",
        type=positive,
        metavar="N",
        help="passes over the rows (default: as many as make 6000 steps, but 20 to 500)",
    )
    parser.add_argument("--loss", metavar="NAME", help="huber, absolute_error, poisson, ...")
    parser.add_argument(
        "--resume",
        metavar="DIR",
        help="write checkpoints into this folder; the same command goes on where it was broken off",
    )
    parser.add_argument(
        "--weight-decay",
        type=at_least_zero,
        default=0.01,
        metavar="X",
        help="holds weights small, against learning by heart (default: 0.01; 0: none)",
    )


def add_columns(parser: ArgumentParser) -> None:
    """Which columns are read, and how."""
    group = parser.add_argument_group("the columns")
    group.add_argument("--drop", type=names, default=[], metavar="A,B", help="columns to leave out")
    group.add_argument(
        "--category",
        type=names,
        default=[],
        metavar="A,B",
        help="columns of numbers that name a category (a postcode, a type)",
    )
    group.add_argument(
        "--max-categories",
        type=positive,
        default=100,
        metavar="N",
        help="refuse a column with more categories than this (default: 100)",
    )
    group.add_argument(
        "--missing",
        type=one_of("error", "drop"),
        default="error",
        metavar="WHAT",
        help="rows with an empty cell (or NA, nan, null, ?): error (default) or drop",
    )


def run(options: Namespace) -> Report:
    """Read, train, test, save."""
    from . import prepare
    from .models import score, score_pictures

    check_before(options, [1, *options.layers, outputs_for_one(options.loss)])
    table, recipe, reason = prepare.learn(options)
    network = prepare.build(options, recipe)
    X, X_test, y, y_test = prepare.hold_back(options, table, recipe)
    prepare.scale(network, recipe, X, y)
    options.epochs = options.epochs or prepare.enough_epochs(len(X), options.batch_size)
    if options.output is None:
        note(options, "note: the network is not saved; --output model.safetensors would keep it")
    tested = len(X_test) > 0
    seconds = fit(network, X, y, options, validation_data=(X_test, y_test) if tested else None)
    found = score(network, recipe, *((X_test, y_test) if tested else (X, y)))
    saved = save(network, options)
    pictures = {"loss": partial(loss_curve, network)}
    pictures |= score_pictures(found, network, *((X_test, y_test) if tested else (X, y)))
    document = summary(network, options, seconds) | {
        "data": table.source,
        "target": recipe.target,
        "task": "regression" if recipe.classes is None else "classification",
        "reason": reason,
        "inputs": recipe.encoded_names,
        "columns": len(recipe.inputs),
        "rows_trained": len(X),
        "rows_tested": len(X_test),
        "tested": found if tested else None,
        "trained": score(network, recipe, X, y) if tested else found,
        "output": saved,
        "pictures": draw(options, pictures),
    }
    return Report(document, describe(document))


def outputs_for_one(loss: str | None) -> int:
    """How many outputs a loss of this name wants for one target; 1 where there is none such."""
    from glassnet.losses import LOSSES

    return LOSSES[loss].statistics if loss in LOSSES else 1


def loss_curve(network: Network) -> Any:
    """The picture of the training."""
    from glassnet import plots

    return plots.history(network.history)


def describe(document: dict[str, Any]) -> str:
    """The result as text."""
    from .models import describe_score

    shape = "-".join(map(str, document["layers"]))
    rows = document["rows_trained"] + document["rows_tested"]
    lines = [
        f"{document['data']}: {counted(rows, 'row')}, {counted(document['columns'], 'column')} -> "
        f"{counted(len(document['inputs']), 'input')}",
        f"target {shown(document['target'])}: {document['task']} ({document['reason']})",
        f"a {shape} network ({document['parameters']:,} parameters), loss {document['loss']}, "
        f"{counted(document['epochs'], 'epoch')} in {document['seconds']:.1f} s",
    ]
    if document["tested"]:
        kept = document["trained"]
        lines += [
            f"{counted(document['rows_trained'], 'row')} trained on: "
            f"{describe_score(kept, matrix=False)}",
            f"{counted(document['rows_tested'], 'row')} held back: "
            f"{describe_score(document['tested'])}",
        ]
        if (document["tested"].get("r2") or 0) < 0:
            lines.append("worse than always guessing the mean: try a smaller --learning-rate")
    else:
        lines += [f"the rows trained on: {describe_score(document['trained'])}"]
    return "\n".join(lines)


COMMAND = Command(
    name="train",
    summary="train on a table in a CSV file, test, and save the network",
    description="""\
Trains a network that predicts one column of a table from the others.

The table is a CSV file with a header. Columns of numbers are brought to mean 0 and spread 1;
columns of text become one input for each of their values. A column is text when most of its cells
are. Empty cells (and NA, nan, null, ?) are refused, or their rows left out with --missing drop.
How columns are read is kept in the model file, so that `predict` reads new tables the same way.

The target is a class when it is text, when it is 0 or 1, or when it has at most 10 different
whole numbers with 5 rows or more of each on average; else it is a number (regression).""",
    examples=(
        "  glassnet train houses.csv --target price --output houses.safetensors\n"
        "  glassnet train iris.csv --target species --layers 16 --plots pictures\n"
        "  glassnet train sales.csv --target sold --drop id,name --missing drop --loss poisson\n"
        "  glassnet train old.csv --target y --delimiter ';' --decimal , --encoding latin-1\n"
        "  zcat big.csv.gz | glassnet train - --target label --json > result.json"
    ),
    add_options=add_options,
    run=run,
)
