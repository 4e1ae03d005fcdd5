"""`glassnet xor`: the first thing to run; learns exclusive or and shows what it learned.

With `--runs 100` it tells from how many random starts the network learns it.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from .command import Command, Report, UsageError
from .console import counted, grid, note, percent, short, show_progress
from .options import add_files, add_output_form, add_training, layers, positive
from .training import check_before, draw, fit, given, save, summary

if TYPE_CHECKING:
    from glassnet import Network

ROWS, NOISE, EPOCHS = 400, 0.1, 100
SETTINGS = {"standardize": True, "learning_rate": 0.05}
HELD_OUT_SEED = 1_000_000


def add_options(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument(
        "--layers",
        type=layers,
        default=[2, 8, 1],
        metavar="2,H,1",
        help="sizes, 2 inputs first and 1 output last (default: 2,8,1)",
    )
    parser.add_argument(
        "--epochs", type=positive, default=EPOCHS, metavar="N", help=f"default: {EPOCHS}"
    )
    parser.add_argument(
        "--runs",
        type=positive,
        default=1,
        metavar="N",
        help="train from N seeds, --seed and those after it, and count the successes",
    )
    add_output_form(parser, seed="seed of the start and of the rows")
    add_training(parser)
    add_files(parser, plots="loss, decision boundary, diagram")


def run(options: Namespace) -> Report:
    """Train once and show the network, or many times and count."""
    check_layers(options)
    if options.runs > 1 and (options.output or options.plots):
        raise UsageError("--output and --plots are for a single run; leave out --runs")
    check_before(options, options.layers)
    return run_many(options) if options.runs > 1 else run_once(options)


def check_layers(options: Namespace) -> None:
    """Refuse sizes that do not fit the problem."""
    if options.layers[0] != 2 or options.layers[-1] != 1:
        raise UsageError("--layers must begin with 2 and end with 1, as XOR has it: 2,8,1")


def run_once(options: Namespace) -> Report:
    """One network: its accuracy on held-out rows, and what it answers to the four corners."""
    from glassnet import plots
    from glassnet.datasets import xor

    network, X, y = prepare(options, options.seed)
    seconds = fit(network, X, y, options, **SETTINGS)
    accuracy = held_out_accuracy(network, options.seed)
    corners, answers = xor()
    outputs = network.predict(corners)[:, 0]
    pictures = draw(
        options,
        {
            "loss": lambda: plots.history(network.history),
            "boundary": lambda: plots.decision_boundary(network, X, y),
            "network": lambda: plots.diagram(network),
        },
    )
    table = [
        {"inputs": list(map(int, row)), "wanted": int(answer), "output": float(output)}
        for row, answer, output in zip(corners, answers, outputs, strict=True)
    ]
    document = summary(network, options, seconds) | {
        "held_out_accuracy": accuracy,
        "rows": table,
        "output": save(network, options),
        "pictures": pictures,
    }
    return Report(document, describe(document))


def prepare(options: Namespace, seed: int) -> tuple[Network, Any, Any]:
    """A fresh network and the rows to train it on."""
    from glassnet import Network
    from glassnet.datasets import xor

    chosen = {"activation": "tanh"} | given(options, ("activation", "dropout"))
    network = Network(options.layers, loss="logistic", seed=seed, **chosen)
    X, y = xor(ROWS, noise=NOISE, seed=seed)
    return network, X, y


def held_out_accuracy(network: Network, seed: int) -> float:
    """The share of right answers on rows that were never trained on."""
    from glassnet.datasets import xor

    X, y = xor(ROWS, noise=NOISE, seed=HELD_OUT_SEED + seed)
    return float(network.test_accuracy(X, y))


def describe(document: dict[str, Any]) -> str:
    """The result of one run as text."""
    shape = "-".join(map(str, document["layers"]))
    rows = [
        [f"{row['inputs'][0]} xor {row['inputs'][1]}", row["wanted"], f"{row['output']:.4f}"]
        for row in document["rows"]
    ]
    accuracy = percent(document["held_out_accuracy"])
    return (
        f"a {shape} network, {counted(document['epochs'], 'epoch')} of {ROWS} noisy rows, "
        f"{document['seconds']:.2f} s\n"
        f"{accuracy} right on {ROWS} held-out rows\n\n" + grid(rows, ["inputs", "wanted", "output"])
    )


def run_many(options: Namespace) -> Report:
    """A network from each of many seeds."""
    accuracies: dict[int, float] = {}
    start = time.perf_counter()
    quiet = Namespace(**{**vars(options), "quiet": True})
    for seed in range(options.seed, options.seed + options.runs):
        network, X, y = prepare(options, seed)
        fit(network, X, y, quiet, **SETTINGS)
        accuracies[seed] = held_out_accuracy(network, seed)
        if show_progress(options) and len(accuracies) % 10 == 0:
            note(options, f"{len(accuracies)} of {options.runs} seeds done")
    seconds = time.perf_counter() - start
    failed = {seed: share for seed, share in accuracies.items() if share < 1}
    document = {
        "layers": options.layers,
        "runs": options.runs,
        "reached_100_percent": options.runs - len(failed),
        "failed": failed,
        "seconds": seconds,
    }
    text = (
        f"{options.runs - len(failed)} of {options.runs} seeds reach 100 % on {ROWS} held-out rows "
        f"({seconds:.1f} s, {short(seconds / options.runs)} s each)"
    )
    for seed, share in list(failed.items())[:20]:
        text += f"\n  seed {seed}: {percent(share)}"
    return Report(document, text)


COMMAND = Command(
    name="xor",
    summary="learn exclusive or in a second, and show the outputs",
    description=(
        f"Trains a small network on {ROWS} noisy rows of exclusive or, tests it on {ROWS} rows\n"
        "that it has never seen, and prints what it answers to the four exact rows.\n"
        "Unless told otherwise: tanh, Adam at a learning rate of 0.05, inputs standardised."
    ),
    examples=(
        "  glassnet xor\n"
        "  glassnet xor --runs 100                 how many of 100 random starts succeed?\n"
        "  glassnet xor --layers 2,2,1 --runs 100  ... with only two hidden units\n"
        "  glassnet xor --plots pictures           loss curve, decision boundary, diagram"
    ),
    add_options=add_options,
    run=run,
)
