"""`glassnet evaluate`: how well a saved network does on a table with known targets.

The figures are those of `score` in models.py; to report one more, add it there.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from .command import Command, Report
from .console import counted, left_out
from .options import add_output_form, add_plots, add_table, one_of
from .training import check_plots, draw


def add_options(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("model", metavar="model.safetensors", help="made by `glassnet train`")
    parser.add_argument("data", metavar="data.csv", help="a table with the target; - is stdin")
    add_reading(parser)
    parser.add_argument(
        "--missing",
        type=one_of("error", "drop"),
        default="error",
        metavar="WHAT",
        help="rows with an empty cell: error (default) or drop",
    )
    add_output_form(parser, seed=None)
    add_plots(parser, "predictions beside the truth")
    add_table(parser)


def add_reading(parser: ArgumentParser) -> None:
    """`--unknown`, for the commands that read a new table."""
    parser.add_argument(
        "--unknown",
        type=one_of("error", "ignore"),
        default="error",
        metavar="WHAT",
        help="a category that was not there in training: error (default), or ignore (it counts "
        "as none of the known ones)",
    )


def run(options: Namespace) -> Report:
    """Read the model and the table, compare."""
    from . import tables
    from .models import check_order, describe_score, open_model, open_table, score, score_pictures

    check_order(options)
    check_plots(options)
    network, recipe = open_model(options.model)
    table = open_table(options)
    columns = [column.name for column in recipe.inputs]
    before = table.rows
    table = tables.without_missing(table, [*columns, recipe.target], drop=options.missing == "drop")
    if table.rows < before:
        left_out(options, before, table.rows)
    ignore = options.unknown == "ignore"
    X = tables.encode_inputs(table, recipe, decimal=options.decimal, ignore_unknown=ignore)
    y = tables.encode_target(table, recipe, decimal=options.decimal)
    found = score(network, recipe, X, y)
    document: dict[str, Any] = {
        "model": options.model,
        "data": table.source,
        "target": recipe.target,
        **found,
        "pictures": draw(options, score_pictures(found, network, X, y)),
    }
    return Report(
        document, f"{table.source}: {counted(found['rows'], 'row')}: {describe_score(found)}"
    )


COMMAND = Command(
    name="evaluate",
    summary="how well a saved network does on a table",
    description=(
        "Reads a table as the one that the network was trained on, and compares what the network\n"
        "answers with the column that was its target. Other columns are not looked at."
    ),
    examples=(
        "  glassnet evaluate houses.safetensors newer.csv\n"
        "  glassnet evaluate iris.safetensors test.csv --plots pictures --json"
    ),
    add_options=add_options,
    run=run,
)
