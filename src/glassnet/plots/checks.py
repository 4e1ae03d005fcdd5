"""Checks of what a user passes to a picture, on top of those of core and intake.

To add a check: a function that takes the argument's name and the value, and gives the value back
in the form the pictures use. Each error holds the argument, what was given, what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.checks import show, whole
from ..intake import arrays


def numbers(
    name: str, value: object, shapes: Mapping[int, str], finite: bool = True
) -> NDArray[Any]:
    """`value` as an array of numbers in its own dtype; `shapes` is {dimensions: words for it}."""
    array: NDArray[Any] = arrays.numbers(name, value)
    if array.ndim not in shapes:
        allowed = " or ".join(shapes.values())
        raise ValueError(f"{name} must have shape {allowed}; got shape {array.shape}.")
    if array.size == 0:
        raise ValueError(f"{name} is empty, its shape is {array.shape}; there is nothing to draw.")
    if finite:
        arrays.finite(name, np.atleast_1d(array), np.dtype(np.float64))
    return array


def labels(name: str, value: object, rows: int | None = None) -> NDArray[Any]:
    """`value` as labels (rows,): numbers, text or booleans; (rows, 1) is flattened."""
    listed = _listed(name, value, "one label a row")
    try:
        array = np.asarray(listed)
    except ValueError as error:
        raise ValueError(f"{name} must hold one label a row: {show(str(error))}") from None
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(
            f"{name} must have shape (rows,); got shape {array.shape}. "
            f"One-hot rows become labels with {name}.argmax(axis=1)."
        )
    if array.size == 0:
        raise ValueError(f"{name} is empty; there is nothing to draw.")
    if array.dtype.kind not in "biufUTO":
        raise TypeError(f"{name} must hold numbers or text; got {show(array)}.")
    if array.dtype.kind == "f":
        arrays.finite(name, array, np.dtype(np.float64))
    same_rows(name, array, rows)
    return array


def holds_text(array: NDArray[Any]) -> bool:
    """Whether labels are text (or other objects), not numbers."""
    return array.dtype.kind in "UTO"


def same_rows(name: str, array: NDArray[Any], rows: int | None) -> None:
    """Refuse an array that has not the number of rows that its companion has."""
    if rows is not None and len(array) != rows:
        raise ValueError(f"{name} has {len(array)} rows where {rows} are expected, one each.")


def names(name: str, value: object, expected: int) -> list[str]:
    """`value` as a list of `expected` names, one for every class or unit."""
    listed = [str(one) for one in np.ravel(np.asarray(_listed(name, value, "names"), dtype=object))]
    if len(listed) != expected:
        raise ValueError(f"{name} holds {len(listed)} names; {expected} are expected, one each.")
    return listed


def _listed(name: str, value: Any, what: str) -> Any:
    """`value`, which must be a list or an array."""
    if value is None or isinstance(value, (str, bytes, Mapping, Set, Iterator)):
        raise TypeError(f"{name} must be a list or an array of {what}; got {show(value)}.")
    if np.ma.isMaskedArray(value) and np.ma.is_masked(value):
        raise ValueError(f"{name} is a masked array with masked values; drop their rows first.")
    return value


def image_shape(name: str, pixels: int, shape: object) -> tuple[int, int]:
    """(height, width) of images of `pixels` pixels: as given, or square when that works out."""
    if shape is None:
        side = round(pixels**0.5)
        if side * side != pixels:
            raise ValueError(
                f"{name} has {pixels} pixels an image, which is no square; "
                "give shape=(height, width)."
            )
        return side, side
    if not isinstance(shape, (tuple, list)) or len(shape) != 2:
        raise TypeError(f"shape must be (height, width); got {show(shape)}.")
    height, width = (whole("shape", side) for side in shape)
    if height * width != pixels:
        raise ValueError(
            f"shape must have as many pixels as an image of {name}, {pixels}; "
            f"got {height} x {width} = {height * width}."
        )
    return height, width


def network(value: Any, inputs: int | None = None) -> None:
    """Refuse what is no network, and a network of another number of inputs than `inputs`."""
    needed = ("layers", "weights", "biases", "activations", "predict")
    if isinstance(value, type) or not all(hasattr(value, word) for word in needed):
        raise TypeError(f"network must be a glassnet Network; got {show(value)}.")
    if inputs is not None and value.layers[0] != inputs:
        raise ValueError(
            f"network must have {inputs} input{'s' if inputs > 1 else ''} for this picture; "
            f"got layers {show(list(value.layers))}."
        )


def no_network(name: str, value: Any, instead: str) -> None:
    """Refuse a network where numbers are expected; `instead` is the call that works."""
    if hasattr(value, "predict") and hasattr(value, "layers"):
        raise TypeError(f"{name} must be numbers, not a network. Pass {instead}.")


def predicted(network: Any, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the network predicts for points (rows, inputs), as (rows, outputs)."""
    outputs = np.asarray(network.predict(points), dtype=float).reshape(len(points), -1)
    if not np.isfinite(outputs).all():
        raise ValueError("network predicts values that are not finite: its training diverged.")
    return outputs
