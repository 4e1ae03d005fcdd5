"""`glassnet inspect`: what is in a model file, without data.

To show one more fact, add it to `examine` (for `--json`) and to `describe` (for people).
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from functools import partial
from typing import TYPE_CHECKING, Any

from .command import Command, Report, listed
from .console import grid, note, short
from .options import add_output_form, add_plots
from .training import check_plots, draw

if TYPE_CHECKING:
    from glassnet import Fleet, Network

    from .tables import Recipe

NOTHING_TO_DRAW = (
    "note: --plots has nothing to draw: the network is too large for a diagram, and it does not "
    "read square images; or it is a fleet"
)
SMALL = 24  # a diagram is drawn where no layer has more units


def add_options(parser: ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("model", metavar="model", help="a model file")
    add_output_form(parser, seed=None)
    add_plots(parser, "diagram of a small network, first layer of one that reads images")


def run(options: Namespace) -> Report:
    """Load and describe."""
    from glassnet.saving import load, read_header

    network, header = load(options.model), read_header(options.model)
    to_draw = pictures(network)
    if to_draw:
        check_plots(options)
    document = {"model": options.model} | examine(network)
    document["made_by"] = {
        "glassnet": header.get("glassnet_version"),
        "format": header.get("format_version"),
        **network.history.environment,
    }
    document["pictures"] = draw(options, to_draw) if to_draw else []
    if options.plots is not None and not to_draw:
        note(options, NOTHING_TO_DRAW)
    return Report(document, describe(network, document))


def examine(network: Network | Fleet) -> dict[str, Any]:
    """Everything that the file says, as plain data."""
    from glassnet import Fleet
    from glassnet.summary import describe as as_data

    fleet: dict[str, Any] = {}
    if isinstance(network, Fleet):
        fleet = {"members": len(network), "seeds": list(network.seeds)}
        fleet["own_order"] = network.own_order
    return fleet | {
        "layers": list(network.layers),
        "parameters": int(network.parameters.size),
        "bytes": int(network.parameters.nbytes),
        "dtype": str(network.dtype),
        "activations": [as_data(one) for one in network.activations],
        "dropout": [
            rates if isinstance(rates, float) else rates.tolist() for rates in network.dropout
        ],
        "bias": list(network.bias),
        "initializer": network.initializer,
        "loss": None if network.loss is None else as_data(network.loss),
        "classes": network.classes,
        "columns": network.columns,
        "seed": network.seed,
        "weights": [statistics(weights) for weights in network.weights],
        "biases": [statistics(biases) for biases in network.biases],
    }


def statistics(values: Any) -> dict[str, Any]:
    """Mean, spread, extremes and the share of zeros of an array."""
    return {
        "shape": list(values.shape),
        "mean": float(values.mean(dtype="float64")),
        "spread": float(values.std(dtype="float64")),
        "lowest": float(values.min()),
        "highest": float(values.max()),
        "zeros": float((values == 0).mean()),
    }


def image_shape(inputs: int) -> tuple[int, int] | None:
    """The sides of a square image of so many pixels, if it is one and large enough to look at."""
    side = round(inputs**0.5)
    return (side, side) if side * side == inputs and side >= 8 else None


def pictures(network: Network | Fleet) -> dict[str, Any]:
    """What `--plots` draws: what there is to see."""
    from glassnet import Fleet, plots

    found: dict[str, Any] = {}
    if isinstance(network, Fleet):
        return found
    shape = image_shape(network.layers[0])
    if shape and "inputs" not in (network.columns or {}):
        found["first_layer"] = partial(plots.first_layer, network.weights[0], shape)
    if max(network.layers) <= SMALL:
        found["network"] = partial(plots.diagram, network, inputs=input_names(network))
    return found


def input_names(network: Network) -> list[Any] | None:
    """What the inputs are called, where the file says so."""
    columns = network.columns or {}
    names = recipe_of(columns).encoded_names if "inputs" in columns else columns.get("names")
    return names if isinstance(names, list) and len(names) == network.layers[0] else None


def describe(network: Network | Fleet, document: dict[str, Any]) -> str:
    """The contents as text."""
    rows = []
    for k, (weights, biases) in enumerate(
        zip(document["weights"], document["biases"], strict=True)
    ):
        for name, one in (("weights", weights), ("biases", biases)):
            figures = [short(one[key]) for key in ("mean", "spread", "lowest", "highest")]
            size = " x ".join(map(str, one["shape"]))
            rows.append([f"{name} {k + 1}", size, *figures, f"{100 * one['zeros']:.1f} %"])
    heads = ["", "size", "mean", "spread", "lowest", "highest", "zeros"]
    parts = [f"{document['model']}\n", network.summary(), "", grid(rows, heads)]
    if document["classes"]:
        parts += ["", f"classes: {listed(document['classes'], 100)}"]
    if document["columns"]:
        parts += ["", describe_columns(document["columns"])]
    parts += ["", f"made by {in_a_line(document['made_by'])}"]
    return printable("\n".join(parts))


def printable(text: str) -> str:
    """The text without control characters: names out of a file must not steer a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def describe_columns(columns: dict[str, Any]) -> str:
    """The recipe of the table as text; it comes from a file, so it may be anything."""
    if "inputs" not in columns:  # of a data frame, trained in Python
        return in_a_line({"columns": columns.get("names")})
    recipe = recipe_of(columns)
    lines = [f"reads a table to predict {recipe.target!r} from"]
    for column in recipe.inputs:
        what = "a number"
        if column.categories is not None:
            what = f"one of {len(column.categories)} categories: {listed(column.categories)}"
        lines.append(f"  {column.name}: {what}")
    return "\n".join(lines)


def recipe_of(columns: dict[str, Any]) -> Recipe:
    """Raises ValueError where it is none."""
    from .tables import recipe_from_json

    target = columns.get("target")
    kind = target.get("kind") if isinstance(target, dict) else None
    return recipe_from_json(columns, () if kind == "class" else None)


def in_a_line(facts: dict[str, Any]) -> str:
    """Nested facts as `numpy 2.4.6, blas OpenBLAS ...`."""
    words = []
    for key, value in facts.items():
        if isinstance(value, dict):
            value = " ".join(str(one) for one in value.values() if one is not None)
        words.append(f"{key} {value}"[:200])
    return ", ".join(words)


COMMAND = Command(
    name="inspect",
    summary="what is in a model file: layers, recipe, loss, weights",
    description="Layers, sizes, loss, how tables are read, and statistics of the weights.",
    examples="  glassnet inspect houses.safetensors\n  glassnet inspect digits.safetensors --json",
    add_options=add_options,
    run=run,
)
