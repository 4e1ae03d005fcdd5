"""What a user passes as data, looked at before scikit-learn converts it.

scikit-learn makes numbers of text and dates, and drops masks; here they are refused. Its own
checks, with its own sentences, come after. To refuse more: `numbers_of`, `labels_of`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.utils import check_array

from ..core.arrays import Array
from ..core.checks import show
from ..intake.arrays import cell, column_names, numbers, refuse_what_would_be_lost, regular

SPARSE = "toarray"
"""What a sparse matrix has, which scikit-learn itself reads."""


def numbers_of(name: str, given: Any) -> Any:
    """What was given, or an array of the numbers in it; anything else is refused."""
    if (type(given) is np.ndarray and given.dtype.kind in "fiub") or hasattr(given, SPARSE):
        return given
    array = numbers(name, given)
    if not hasattr(given, "columns"):
        return array
    if np.isnan(array).any():  # where a data frame says pd.NA, scikit-learn speaks of objects
        raise ValueError(not_finite(name, array, column_names(given), "NaN"))
    return given  # its columns have names


def targets_of(y: Any) -> Any:
    """y of a regression; None is for scikit-learn to tell."""
    if y is None:
        return None
    try:
        return one_per_row(numbers_of("y", y), y)
    except ValueError as error:
        hint = " Labels are for MLPClassifier." if "text" in str(error) else ""
        raise ValueError(f"{error}{hint}") from None


def labels_of(y: Any) -> Any:
    """y of a classification: labels of one kind, none of them missing."""
    if y is None or hasattr(y, SPARSE):
        return y
    refuse_what_would_be_lost("y", y)
    kind = one_per_row(regular("y", y), y).dtype.kind
    if kind in "fiub" or (kind in "US" and isinstance(y, np.ndarray)):
        return y
    cells = np.asarray(y, dtype=object).reshape(-1)
    gaps = [place for place, label in enumerate(cells) if is_missing(label)]
    if gaps:
        raise ValueError(
            f"y has missing values: Input y contains NaN or None, first at row {gaps[0]}, "
            f"{len(gaps)} in all. Drop these rows, or name them as a label of their own."
        )
    kinds = {isinstance(label, (str, bytes)): label for label in cells}
    if len(kinds) > 1:
        raise ValueError(
            f"y has labels of mixed types: {show(kinds[True])} is text, {show(kinds[False])} is "
            "not, and one would become the other in silence. Make all of them text, or none."
        )
    plain = np.asarray(cells.tolist())
    return plain.reshape(np.shape(y)) if plain.dtype.kind in "fiub" else y


def one_per_row(array: Any, y: Any) -> Any:
    """The array that y became, which is no single number, text or generator."""
    if np.ndim(array) == 0:
        raise ValueError(f"y must have one value for each row of X; got {show(y)}.")
    return array


def is_missing(label: Any) -> bool:
    """None, nan, and what data frames have for them."""
    nan = isinstance(label, float) and label != label
    return label is None or nan or type(label).__name__ in ("NAType", "NaTType")


@contextmanager
def in_place(**given: Any) -> Iterator[None]:
    """scikit-learn's complaint about what is not finite gets its place, by the name of the data;
    NumPy's warnings about the same are not shown."""
    try:
        with np.errstate(all="ignore"):
            yield
    except ValueError as error:
        found = re.match(r"Input (\w+) contains (NaN|infinity[^.]*)", str(error))
        if not found or found[1] not in given:
            raise
        value = given[found[1]]
        array = None if hasattr(value, SPARSE) else np.asarray(value)
        names = column_names(value)
        raise ValueError(not_finite(found[1], array, names, found[2])) from None


def not_finite(name: str, array: Array | None, names: list[str] | None, what: str) -> str:
    """The sentence about nan or infinity in an array (of a sparse matrix: without the place)."""
    hint = "Fill or drop what is missing first." if what == "NaN" else "Scale the data first."
    if array is None:
        return f"Input {name} contains {what}. {hint}"
    places = np.argwhere(~np.isfinite(array.astype(np.float64)))
    first = f" first at {cell(tuple(places[0].tolist()), names)}," if len(places) else ""
    return f"Input {name} contains {what},{first} {len(places)} in all. {hint}"


def too_large(X: Any) -> str:
    """A complaint where a square of the numbers in X, dense or sparse, is beyond its dtype."""
    flat = (X if isinstance(X, np.ndarray) else X.data).ravel("K")
    with np.errstate(all="ignore"):
        if np.isfinite(flat.dot(flat)):
            return ""
        largest = float(np.abs(flat).max())
        if np.isfinite(X.dtype.type(largest) ** 2):
            return ""
    return f"X has {largest:.3g}, the square of which is beyond {X.dtype}."


def usable(weights: Array, dtype: Any) -> Array:
    """Weights of rows (rows,) in this dtype; refused where they leave nothing to learn from."""
    with np.errstate(all="ignore"):
        total = float(weights.sum(dtype=dtype))
    if not (weights.min() >= 0.0 and np.finfo(dtype).tiny <= total < np.inf):
        raise ValueError(
            f"the weights of the rows (sample_weight x class_weight) add up to {total:g}, the "
            f"least is {weights.min():g}. They must be at least 0, and their sum above zero and "
            f"finite in {dtype}."
        )
    return np.asarray(weights, dtype=dtype)


def weights_of(given: Any, rows: int) -> Array:
    """(rows,) of float32, at least 0 and not all 0."""
    if given is None:
        return np.ones(rows, dtype=np.float32)
    name = "sample_weight"
    given = numbers_of(name, given)
    weights = check_array(given, dtype=np.float32, ensure_2d=False, input_name=name)
    if weights.shape != (rows,):
        raise ValueError(f"{name}.shape == {weights.shape}, expected {(rows,)}: one for each row.")
    if weights.min() < 0 or not weights.any():
        wrong = "zero in every row" if not weights.any() else f"negative: {weights.min()}"
        raise ValueError(f"{name} must be at least 0, and above it somewhere; it is {wrong}.")
    return np.asarray(weights)
