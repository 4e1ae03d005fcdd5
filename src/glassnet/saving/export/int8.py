"""int8: weights as bytes with one scale for each unit, and what that costs in accuracy.

Inputs and sums stay floating point: of the ways tried this loses the least, and weights are all
that takes room. An exporter that writes bytes calls `quantize`, and tells what `measure` found.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core.structure import Structure
from ..base import Array

LARGEST = 127


def quantize(weights: Array) -> tuple[Array, Array]:
    """Weights (inputs, outputs) as int8, and scales (outputs,): weights are about int8 x scale."""
    scales = np.abs(weights).max(axis=0) / weights.dtype.type(LARGEST)
    scales[scales == 0] = 1.0
    return np.rint(weights / scales).clip(-LARGEST, LARGEST).astype(np.int8), scales


def rounded(network: Structure) -> Any:
    """A copy of the network whose weights are those that int8 gives back."""
    changed = copy.deepcopy(network)
    for weights in changed.weights:
        numbers, scales = quantize(weights)
        weights[...] = numbers * scales
    return changed


def measure(network: Any, X: Any, y: Any = None) -> dict[str, Any]:
    """What int8 costs on rows X (rows, inputs), by their outputs; with targets y also in accuracy.

    Returns:
        {"rows", "largest_difference", "mean_difference"} of outputs; of a network that tells
        labels apart "same_labels", the share of rows that keep theirs; with y, "float" and "int8":
        what `evaluate` gives of each.

    Raises: as `predict` and `evaluate`.
    """
    small, before = rounded(network), network.predict(X)
    difference = np.abs(small.predict(X) - before)
    found: dict[str, Any] = {
        "rows": len(before),
        "largest_difference": float(difference.max()),
        "mean_difference": float(difference.mean()),
    }
    if network.loss.targets != "numbers":
        same = small.classify(X) == network.classify(X)
        found["same_labels"] = float(same.reshape(len(before), -1).all(axis=1).mean())
    if y is not None:
        found |= {"float": network.evaluate(X, y), "int8": small.evaluate(X, y)}
    return found


def sizes(weights: Sequence[Array]) -> tuple[int, int]:
    """Bytes of the weights as they are, and as int8 with their scales."""
    small = sum(each.size + each.shape[1] * each.itemsize for each in weights)
    return sum(each.nbytes for each in weights), small


def describe(weights: Sequence[Array], found: dict[str, Any] | None) -> list[str]:
    """Lines that tell the sizes, and what was measured (None: nothing was)."""
    large, small = sizes(weights)
    lines = [f"Weights are int8 with a scale for each unit: {small} bytes instead of {large}."]
    if found is None:
        return [*lines, "What that costs in accuracy was not measured."]
    lines.append(f"Measured on {found['rows']} rows, against the network before rounding:")
    if "same_labels" in found:
        lines.append(f"  labels that stayed the same: {100 * found['same_labels']:.2f} %")
    for name, before in found.get("float", {}).items():
        lines.append(f"  {name}: {found['int8'][name]:.6g} instead of {before:.6g}")
    mean, most = found["mean_difference"], found["largest_difference"]
    lines.append(f"  difference of outputs: {mean:.3g} on average, {most:.3g} at most")
    return lines
