"""What an exported file says of itself at its head: which inputs it wants, what outputs are.

Plain ASCII without any text of the user's, so it may stand in a comment of every language. To tell
one more thing, add a line to `about`.
"""

from __future__ import annotations

import re
from typing import Final

from .model import Model

_OUTPUTS: Final = {
    "softmax": "the probability of each label",
    "mean_variance": "means, then variances",
    "sorted": "quantiles, the lowest of every target first",
}


def about(model: Model, encoder: str = "", checked: bool = False) -> list[str]:
    """Lines on inputs and outputs.

    Args:
        encoder: what makes inputs of a row of the table, in words, where `model` has columns.
        checked: whether rows that do not fit are refused; else it is said that they are not.
    """
    of_bytes = model.source == "bytes"
    what = "numbers from 0 to 255 (bytes)" if of_bytes else "finite numbers"
    lines = [
        f"Inputs: {model.layers[0]} {what}, in the order and the units of X in training.",
        "They are scaled in here: do not scale them before.",
    ]
    if any(column.categories is not None for column in model.columns or ()):
        lines.append("A category is as many inputs as it has values: a 1 for the one, 0 elsewhere.")
    if model.columns is not None and encoder:
        lines.append(f"A row of the table becomes inputs {encoder}.")
    if not checked:
        lines.append("Inputs are not checked: nan or infinity makes outputs wrong without a word.")
    return [*lines, f"Outputs: {model.layers[-1]}, {_outputs(model)}."]


def _outputs(model: Model) -> str:
    if model.link.name == "sigmoid" and model.labels != "none":
        one = "label 1" if model.classes is None else "the second label"
        return f"the probability of {one if model.layers[-1] == 1 else 'each label'}"
    return _OUTPUTS.get(model.link.name, "numbers as y was in training")


def plain(file: str) -> str:
    """The name of the file where it can stand in any comment and literal, or else a stand-in."""
    return file if re.fullmatch("[A-Za-z0-9 ._+-]+", file) else "THIS_FILE"
