"""`glassnet export`: a saved network as a file that runs without glassnet.

A format is a line in FORMATS, with what to do with such a file, and an exporter in saving/export.
"""

from __future__ import annotations

import os
import shlex
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from .command import Command, Report, UsageError, blame_options
from .options import add_output_form, add_table, one_of
from .training import check_writable

if TYPE_CHECKING:
    from glassnet.core.structure import Structure

FORMATS = {
    "onnx": "ONNX; open it with onnxruntime, or look at it in Netron",
    "python": "plain Python; answers a table: python {path} < table.csv",
    "numpy": "Python with NumPy; answers a table: python {path} < table.csv",
    "c": 'C99; #include "{path}", call {name}_predict(inputs, outputs), link with -lm',
    "javascript": 'an ES module; import {{ predict }} from "./{path}"',
}
HINT = "leave them out of the table that int8 is measured on"


def add_options(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("model", metavar="model", help="a model file")
    parser.add_argument(
        "output", metavar="out", help="the file to write: .onnx, .py, .h, .mjs or .js"
    )
    parser.add_argument(
        "--format",
        type=one_of(*FORMATS),
        metavar="NAME",
        help=f"{', '.join(FORMATS)} (default: as the end of the name says; .py is python)",
    )
    parser.add_argument(
        "--name", metavar="NAME", help="what functions are called after (default: the file's name)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace out if it exists")
    parser.add_argument(
        "--int8", action="store_true", help="C only: weights as bytes, a quarter of the size"
    )
    parser.add_argument(
        "--data",
        metavar="data.csv",
        help="with --int8: a table with the target, to measure what that costs in accuracy",
    )
    add_output_form(parser, seed=None)
    add_table(parser)


def run(options: Namespace) -> Report:
    """Check what is wanted, load, write."""
    chosen = check(options)
    from glassnet.saving.export import default_name, export, int8

    network, rows = open_rows(options)
    name = options.name or default_name(options.output)
    files = files_written(options.output, chosen)
    for path in files:
        check_writable(path, overwrite=options.overwrite)
    more: dict[str, Any] = {"int8": True, **rows} if options.int8 else {}
    export(network, options.output, format=chosen, name=name, **more)
    size = sum(os.path.getsize(path) for path in files)
    document = {"model": options.model, "output": options.output, "format": chosen, "name": name}
    document |= {"files": files, "bytes": size}
    shown = os.path.basename(options.output)
    if chosen in ("python", "numpy"):  # a word of a command line
        shown = shlex.quote(shown)
    use = FORMATS[chosen].format(path=shown, name=name)
    lines = [f"{' and '.join(files)}: {size:,} bytes, {use}"]
    if options.int8:
        found = int8.measure(network, **rows) if rows else None
        before, after = int8.sizes(network.weights)
        document["int8"] = {"weights_bytes": after, "of": before, "measured": found}
        lines += int8.describe(network.weights, found)
    return Report(document, "\n".join(lines))


def check(options: Namespace) -> str:
    """The format; refuses what the words themselves show to be wrong."""
    from glassnet.saving import FORMATS as MODELS
    from glassnet.saving.export import SUFFIXES, check_name

    suffix = os.path.splitext(options.output)[1].lower()
    if suffix in MODELS:
        raise UsageError(
            f"the model comes first, then the file to write, which cannot end in {suffix}: "
            "glassnet export model.safetensors model.onnx"
        )
    if options.output == "-":
        raise UsageError("out must be the name of a file; export does not write to the screen")
    chosen: str | None = options.format or SUFFIXES.get(suffix)
    if chosen is None:
        raise UsageError(
            f"out must end in {', '.join(SUFFIXES)}; got {options.output!r}; or say --format"
        )
    if options.int8 and chosen != "c":
        raise UsageError(f"--int8 is for C (.h) alone; {chosen} has no such form")
    if options.data is not None and not options.int8:
        raise UsageError("--data is for --int8: to measure what it costs in accuracy")
    if options.name is not None:
        with blame_options():
            check_name(options.name)
    return chosen


def open_rows(options: Namespace) -> tuple[Structure, dict[str, Any]]:
    """The network, and X and y of the table where there is one."""
    import glassnet

    if options.data is None:
        return glassnet.load(options.model), {}
    from . import tables
    from .models import open_model, open_table

    network, recipe = open_model(options.model)
    columns = [*(column.name for column in recipe.inputs), recipe.target]
    table = tables.without_missing(open_table(options), columns, drop=False, hint=HINT)
    X = tables.encode_inputs(table, recipe, decimal=options.decimal)
    return network, {"X": X, "y": tables.encode_target(table, recipe, decimal=options.decimal)}


def files_written(path: str, chosen: str) -> list[str]:
    """The file, and the one with types that goes with JavaScript."""
    from glassnet.saving.export.javascript import types_path

    return [path, types_path(path)] if chosen == "javascript" else [path]


COMMAND = Command(
    name="export",
    summary="a saved network as ONNX, Python, C or JavaScript that runs without glassnet",
    description=(
        "Writes the network as one file that needs nothing of glassnet: scaling, categories and\n"
        "labels are inside. JavaScript comes with a second file of types."
    ),
    examples=(
        "  glassnet export houses.safetensors houses.onnx\n"
        "  glassnet export houses.safetensors houses.py\n"
        "  glassnet export houses.safetensors houses.mjs --name prices\n"
        "  glassnet export iris.safetensors iris.h --int8 --data test.csv"
    ),
    add_options=add_options,
    run=run,
)
