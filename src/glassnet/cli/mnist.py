"""`glassnet mnist`: learns the handwritten digits of MNIST and shows how well.

The data are found or downloaded by `glassnet.datasets.load_mnist`.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from .command import Command, Report, UsageError, shown
from .console import confusion_text, counted, note, percent
from .options import add_files, add_output_form, add_training, layers, positive
from .training import check_before, draw, fit, given, save, summary

if TYPE_CHECKING:
    from glassnet import Network

PIXELS, DIGITS = 784, 10


def add_options(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument(
        "--layers",
        type=layers,
        default=[PIXELS, 32, 16, DIGITS],
        metavar="784,H,10",
        help="sizes, 784 pixels first and 10 digits last (default: 784,32,16,10)",
    )
    parser.add_argument("--epochs", type=positive, default=20, metavar="N", help="default: 20")
    parser.add_argument(
        "--data", metavar="DIR", help="folder of the four MNIST files (default: found by itself)"
    )
    add_output_form(parser, seed="seed of the start and of the order of rows")
    add_training(parser)
    add_files(parser, plots="loss, confusion matrix, misread digits, first layer")


def run(options: Namespace) -> Report:
    """Load, train, test, draw."""
    if options.layers[0] != PIXELS or options.layers[-1] != DIGITS:
        raise UsageError(
            "--layers must begin with 784 pixels and end with 10 digits, such as 784,32,16,10; "
            f"got {','.join(map(str, options.layers))}"
        )
    check_data(options.data)
    check_before(options, options.layers)
    from glassnet import Network
    from glassnet.datasets import load_mnist
    from glassnet.metrics import confusion_matrix

    X_train, y_train, X_test, y_test = load_mnist(options.data)
    note(options, f"MNIST: {len(X_train):,} digits to train on, {len(X_test):,} to test on")
    chosen = given(options, ("activation", "dropout"))
    network = Network(options.layers, seed=options.seed, **chosen)
    seconds = fit(network, X_train, y_train, options, validation_data=(X_test, y_test))
    outputs = network.predict(X_test)
    counts = confusion_matrix(y_test, outputs.argmax(axis=1), classes=list(range(DIGITS)))
    document = summary(network, options, seconds) | {
        "rows_trained": len(X_train),
        "rows_tested": len(X_test),
        "test_accuracy": float(network.test_accuracy(X_test, y_test)),
        "confusion_matrix": counts.tolist(),
        "output": save(network, options),
        "pictures": draw(options, pictures(network, X_test, y_test, outputs, counts)),
    }
    return Report(document, describe(document))


def check_data(folder: str | None) -> None:
    """Refuse a `--data` without the files: a name typed wrong shall not be downloaded to."""
    if folder is None:
        return
    from pathlib import Path

    from glassnet.datasets.mnist import FILES, find

    place = Path(folder).expanduser()
    absent = [name for name, _, _ in FILES if find(place, name) is None]
    if absent:
        trouble = f"has no {absent[0]}" if place.is_dir() else "is no folder"
        raise FileNotFoundError(
            f"{shown(folder)} {trouble}: --data DIR must be a folder of the four MNIST files "
            "(or leave --data out)"
        )


def pictures(network: Network, X: Any, y: Any, outputs: Any, counts: Any) -> dict[str, Any]:
    """What `--plots` draws."""
    from glassnet import plots

    return {
        "loss": lambda: plots.history(network.history),
        "confusion": lambda: plots.confusion_matrix(counts),
        "misread": lambda: plots.misread(X, y, outputs.argmax(axis=1), outputs, (28, 28)),
        "first_layer": lambda: plots.first_layer(network.weights[0], (28, 28)),
    }


def describe(document: dict[str, Any]) -> str:
    """The result as text, with the confusion matrix where it is not drawn."""
    shape = "-".join(map(str, document["layers"]))
    text = (
        f"a {shape} network ({document['parameters']:,} parameters), "
        f"{counted(document['epochs'], 'epoch')} in {document['seconds']:.1f} s\n"
        f"test accuracy {percent(document['test_accuracy'])} of {document['rows_tested']:,} digits"
    )
    if not document["pictures"]:
        text += "\n\n" + confusion_text(document["confusion_matrix"], range(DIGITS))
    return text


COMMAND = Command(
    name="mnist",
    summary="learn handwritten digits, and show how well they are read",
    description=(
        "Trains on the 60,000 digits of MNIST with the library's defaults and tests on the\n"
        "other 10,000. The files are looked for in --data, in GLASSNET_DATA, in a checkout of\n"
        "glassnet and in the user's cache, and are downloaded (11 MB) if they are nowhere;\n"
        "a folder that --data names must hold them."
    ),
    examples=(
        "  glassnet mnist\n"
        "  glassnet mnist --plots pictures\n"
        "  glassnet mnist --layers 784,512,512,10 --dropout 0.2 --output digits.safetensors"
    ),
    add_options=add_options,
    run=run,
)
