"""`glassnet explain xor`: one row through a small network and back, every formula with its numbers.

The work is done in diagnostics/explaining. To explain another problem: a choice of `problem`, and
what prepares it.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from .command import Command, Report, UsageError, blame_options, shown
from .console import note
from .options import above_zero, add_output_form, layers, natural, one_of, positive, real
from .training import check_writable, fit
from .xor import SETTINGS, check_layers, prepare

FORMATS = ("text", "markdown", "html")  # those of FORMS, which would load NumPy to ask
EPOCHS = 10  # it has learned its lesson, and no unit is so sure yet that nothing moves
RESTARTS = 8  # two hidden units learn it from every other start


def add_options(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("problem", type=one_of("xor"), metavar="xor", help="what is learned")
    parser.add_argument(
        "--row", type=row, default=[1.0, 0.0], metavar="A,B", help="the two inputs (default: 1,0)"
    )
    parser.add_argument(
        "--layers",
        type=layers,
        default=[2, 2, 1],
        metavar="2,H,1",
        help="sizes, 2 inputs first and 1 output last (default: 2,2,1)",
    )
    parser.add_argument(
        "--epochs",
        type=natural,
        default=EPOCHS,
        metavar="N",
        help=f"trained before; 0: a network that has learned nothing yet (default: {EPOCHS})",
    )
    parser.add_argument("--activation", metavar="NAME", help="default: tanh")
    add_form(parser)
    add_output_form(parser, seed="seed of the start and of the rows")


def add_form(parser: ArgumentParser) -> None:
    """How the example is written."""
    parser.add_argument(
        "--learning-rate",
        "--lr",
        dest="step",
        type=above_zero,
        metavar="X",
        help="of the step at the end (default: 0.1)",
    )
    parser.add_argument(
        "--format", type=one_of(*FORMATS), metavar="NAME", help="text (default), markdown or html"
    )
    parser.add_argument(
        "--digits", type=positive, default=4, metavar="N", help="that count, 2 to 17 (default: 4)"
    )
    parser.add_argument("--output", metavar="FILE", help="write it here: .txt, .md or .html")
    parser.add_argument("--overwrite", action="store_true", help="replace FILE if it exists")


def row(text: str) -> list[float]:
    """Two numbers with a comma between."""
    what = "two numbers with a comma between them, such as 1,0"
    try:
        first, second = (real(entry, lambda value: True, what) for entry in text.split(","))
    except (ValueError, ArgumentTypeError):
        raise ArgumentTypeError(f"must be {what}; got {shown(text)}") from None
    return [first, second]


def run(options: Namespace) -> Report:
    """Train, explain, and write it to a file where one is named."""
    check_layers(options)
    check_output(options)
    with blame_options():
        network, X, y = prepare(options, options.seed)
        network.explain(options.row, 0, digits=options.digits)  # refuses before the training
    if options.epochs:
        only = Namespace(**{**vars(options), "output": None})  # which is not for the network
        fit(network, X, y, only, **SETTINGS, restarts=RESTARTS)
    wanted = int((options.row[0] > 0.5) != (options.row[1] > 0.5))
    told = network.explain(
        options.row,
        wanted,
        format=options.format or "text",
        digits=options.digits,
        learning_rate=options.step,
    )
    if options.output is not None:
        told.save(options.output)
        note(options, f"saved to {options.output}")
    document = {
        "problem": options.problem,
        "row": options.row,
        "wanted": wanted,
        "epochs": len(network.history),
        "output": options.output,
        "numbers": told.numbers,
    }
    return Report(document, "" if options.output else str(told))


def check_output(options: Namespace) -> None:
    """Refuse an `--output` of an unknown kind, in no folder, or there already."""
    if options.output is None:
        return
    from glassnet.diagnostics.explaining.explanation import FORMS

    suffixes = [writer.suffix for writer in FORMS.values()]
    if options.format:
        raise UsageError("--output goes by the end of its name; leave out --format")
    if os.path.splitext(options.output)[1].lower() not in suffixes:
        raise UsageError(
            f"--output must end in {' or '.join(suffixes)}; got {shown(options.output)}"
        )
    check_writable(options.output, overwrite=options.overwrite)


COMMAND = Command(
    name="explain",
    summary="one pass through a small network and back, with every number",
    description=(
        "Trains a small network on exclusive or, then writes out one row: forward through each\n"
        "layer, the loss, back through each layer to the gradients, and one step of gradient\n"
        "descent, every formula with its numbers. In Python: network.explain(x, y)."
    ),
    examples=(
        "  glassnet explain xor\n"
        "  glassnet explain xor --row 1,1 --epochs 0     before it has learned anything\n"
        "  glassnet explain xor --layers 2,8,1 --output xor.html"
    ),
    add_options=add_options,
    run=run,
)
