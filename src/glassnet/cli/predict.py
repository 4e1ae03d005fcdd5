"""`glassnet predict`: what a saved network answers to the rows of a table.

Row k of the output answers row k of the table, always: a row that cannot be answered has an empty
cell.
"""

from __future__ import annotations

import csv
import io
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from .command import Command, Report
from .console import counted
from .evaluate import add_reading
from .options import add_output_form, add_table, names, one_of
from .training import check_writable

if TYPE_CHECKING:
    from glassnet import Network

    from .csvfile import Table
    from .tables import Recipe


def add_options(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("model", metavar="model.safetensors", help="made by `glassnet train`")
    parser.add_argument("data", metavar="data.csv", help="the table; - reads standard input")
    parser.add_argument(
        "--output", metavar="FILE", help="write the answers to this CSV file (default: print them)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace FILE if it exists")
    parser.add_argument("--probabilities", action="store_true", help="add a column for each class")
    parser.add_argument(
        "--keep", type=names, default=[], metavar="A,B", help="columns of the table to repeat"
    )
    add_reading(parser)
    parser.add_argument(
        "--missing",
        type=one_of("error", "blank"),
        default="error",
        metavar="WHAT",
        help="rows with an empty cell: error (default), or blank: their answer stays empty",
    )
    add_output_form(parser, seed=None)
    add_table(parser)


def run(options: Namespace) -> Report:
    """Read the model and the table, answer."""
    from .models import check_order, open_model, open_table

    check_order(options)
    if options.output is not None:
        check_writable(options.output, overwrite=options.overwrite)
    network, recipe = open_model(options.model)
    if options.probabilities and recipe.classes is None:
        raise ValueError(
            f"{options.model}: --probabilities needs a network that tells classes apart; "
            f"this one predicts a number, {recipe.target!r}"
        )
    table = open_table(options)
    columns = {name: table.cells(name) for name in options.keep}
    columns |= answers(options, network, recipe, table)
    document = {
        "model": options.model,
        "data": table.source,
        "rows": table.rows,
        "output": options.output,
        "columns": columns,
    }
    if options.output is None:
        return Report(document, as_csv(columns))
    from glassnet.saving.files import write_file

    write_file(options.output, [memoryview(as_csv(columns).encode())])
    return Report(document, f"{counted(table.rows, 'answer')} written to {options.output}")


def answers(
    options: Namespace, network: Network, recipe: Recipe, table: Table
) -> dict[str, list[Any]]:
    """The columns of the output by name; None where a row cannot be answered."""
    from . import tables
    from .columns import rows_with_missing

    full = table
    inputs = [column.name for column in recipe.inputs]
    missing = set(rows_with_missing(table, inputs)) if options.missing == "blank" else set()
    answered = [row for row in range(table.rows) if row not in missing]
    found: dict[str, list[Any]] = {}
    if answered:
        hint = "give them an empty answer with --missing blank"
        table = tables.without_missing(table.keep(answered), inputs, drop=False, hint=hint)
        ignore = options.unknown == "ignore"
        X = tables.encode_inputs(table, recipe, decimal=options.decimal, ignore_unknown=ignore)
        found = name_answers(network, recipe, X, options.probabilities)
    else:
        found = {f"predicted_{recipe.target}": []}
    return {name: spread(cells, answered, full.rows) for name, cells in found.items()}


def name_answers(
    network: Network, recipe: Recipe, X: Any, probabilities: bool
) -> dict[str, list[Any]]:
    """The outputs of the network as named columns."""
    outputs, head = network.predict(X), f"predicted_{recipe.target}"
    if recipe.classes is None:
        heads = [head, *(f"{head}_{k + 1}" for k in range(1, outputs.shape[1]))]
        if network.loss is not None and network.loss.name == "gaussian":
            heads[1] = f"variance_{recipe.target}"
        return {name: tidy(outputs[:, k]) for k, name in enumerate(heads)}
    found: dict[str, list[Any]] = {head: [recipe.classes[k] for k in outputs.argmax(axis=1)]}
    if probabilities:
        for k, one in enumerate(recipe.classes):
            found[f"probability_{one}"] = tidy(outputs[:, k])
    return found


def tidy(values: Any) -> list[float]:
    """Numbers with the digits that their precision has, and no more: 0.1, not 0.10000000149."""
    return [float(str(value)) for value in values]


def spread(cells: list[Any], rows: list[int], count: int) -> list[Any]:
    """The cells at their rows of `count`, None elsewhere."""
    out: list[Any] = [None] * count
    for row, cell in zip(rows, cells, strict=True):
        out[row] = cell
    return out


def as_csv(columns: dict[str, list[Any]]) -> str:
    """A CSV file of these columns; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()


COMMAND = Command(
    name="predict",
    summary="what a saved network answers to the rows of a table",
    description=(
        "Reads a table as the one that the network was trained on (the target may be absent) and\n"
        "writes a CSV file with one answer a row, in the order of the rows."
    ),
    examples=(
        "  glassnet predict houses.safetensors new.csv\n"
        "  glassnet predict iris.safetensors new.csv --probabilities --output answers.csv\n"
        "  glassnet predict houses.safetensors new.csv --keep id,street > answers.csv\n"
        "  cat new.csv | glassnet predict houses.safetensors - --missing blank"
    ),
    add_options=add_options,
    run=run,
)
