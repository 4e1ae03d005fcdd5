"""A trained model and a table for it: what `evaluate` and `predict` share, and how well it does.

To report another figure for a model, add it to `score`.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .command import UsageError
from .console import below_one, confusion_text, counted, note, percent, short
from .csvfile import Table, read_csv
from .tables import Recipe, recipe_from_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from glassnet import Network

MOST_CLASSES_SHOWN = 20


def open_table(options: Namespace) -> Table:
    """The table that the options name, with a note on what was left out of it."""
    table = read_csv(
        options.data,
        delimiter=options.delimiter,
        encoding=options.encoding,
        header=not options.no_header,
    )
    for position in table.unnamed:
        note(options, f"note: column {position} of {table.source} has no name and is left out")
    return table


def check_order(options: Namespace) -> None:
    """Refuse a table where the model should be, and the model where the table should be."""
    from glassnet.saving import FORMATS

    is_model = [path.lower().endswith(tuple(FORMATS)) for path in (options.model, options.data)]
    if is_model == [False, True]:
        raise UsageError(
            f"the model comes first, then the table: glassnet {options.command} "
            f"{options.data} {options.model}"
        )


def open_model(path: str) -> tuple[Network, Recipe]:
    """A network that `glassnet train` saved, and the recipe of its table.

    Raises:
        ModelFileError: the file is no model.
        ValueError: it was not made from a table, or is a fleet.
        OSError: it cannot be read.
    """
    import glassnet

    network = glassnet.load(path)
    if isinstance(network, glassnet.Fleet):
        raise ValueError(
            f"{path}: this is a fleet of {len(network)} networks, and this command takes one; in "
            "Python, glassnet.load(path)[0].save_model('one.safetensors') saves one of them"
        )
    if "inputs" not in (network.columns or {}):  # "names" are those of a data frame
        raise ValueError(
            f"{path}: this model was not made by `glassnet train`, so it does not say which "
            "columns it reads; use glassnet.load in Python"
        )
    try:
        recipe = recipe_from_json(network.columns, network.classes)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    outputs = 1 if network.loss is None else network.loss.statistics
    if recipe.classes is not None:
        outputs = len(recipe.classes)
    shape = len(recipe.encoded_names), outputs
    if shape != (network.layers[0], network.layers[-1]):
        raise ValueError(
            f"{path}: the recipe of the table gives {counted(shape[0], 'input')} and "
            f"{counted(shape[1], 'output')}, but the network has {network.layers[0]} and "
            f"{network.layers[-1]}"
        )
    return network, recipe


def class_positions(labels: NDArray[Any], classes: Sequence[Any]) -> NDArray[np.int64]:
    """Where each label stands in `classes`, of shape (rows,)."""
    places = {one: k for k, one in enumerate(classes)}
    return np.array([places[one] for one in labels.tolist()], dtype=np.int64)


def score(network: Network, recipe: Recipe, X: NDArray[Any], y: NDArray[Any]) -> dict[str, Any]:
    """Figures on rows with known targets, as plain data.

    Classes: accuracy, the accuracy of always answering the most frequent class, loss, the
    confusion matrix. Numbers: root of the mean squared error, mean absolute error, r2 (the share
    of the variance that is explained), loss.
    """
    from glassnet import metrics

    outputs = network.predict(X)
    found: dict[str, Any] = {"rows": len(X), "loss": float(network.evaluate(X, y)["loss"])}
    if recipe.classes is None:
        errors = outputs[:, 0].astype(np.float64) - y
        squares = float(np.mean(errors**2))
        variance = float(np.var(y))
        return found | {
            "rmse": squares**0.5,
            "mae": float(np.mean(np.abs(errors))),
            "r2": 1 - squares / variance if variance else None,
        }
    true = class_positions(y, recipe.classes)
    counts = metrics.confusion_matrix(true, outputs.argmax(axis=1), len(recipe.classes))
    return found | {
        "accuracy": float(np.trace(counts) / counts.sum()),
        "most_frequent": float(counts.sum(axis=1).max() / counts.sum()),
        "classes": list(recipe.classes),
        "confusion_matrix": counts.tolist(),
    }


def describe_score(found: dict[str, Any], *, matrix: bool = True) -> str:
    """The figures as text."""
    if "rmse" in found:
        explained = "" if found["r2"] is None else f", r2 {below_one(found['r2'])}"
        return f"RMSE {short(found['rmse'])}, mean absolute error {short(found['mae'])}{explained}"
    text = (
        f"accuracy {percent(found['accuracy'])} "
        f"(always the most frequent class: {percent(found['most_frequent'])})"
    )
    if matrix and len(found["classes"]) <= MOST_CLASSES_SHOWN:
        text += "\n\n" + confusion_text(found["confusion_matrix"], found["classes"])
    return text


def score_pictures(
    found: dict[str, Any], network: Network, X: NDArray[Any], y: NDArray[Any]
) -> dict[str, Any]:
    """The picture that shows how well a model does, for `draw`."""
    from glassnet import plots

    if "rmse" in found:
        return {"predicted": lambda: plots.predicted_against_true(y, network.predict(X)[:, 0])}
    names = [str(one) for one in found["classes"]]
    return {"confusion": lambda: plots.confusion_matrix(found["confusion_matrix"], names)}
