"""What a user passes as data, read for a network: checked, settled, and ready to be drawn from.

Reading changes nothing on the network; `fit` writes down what was settled once all is well.
"""

import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array
from ..core.batches import Rows
from ..core.random import Stream
from ..core.scaling import Scaling, uniform_scaling
from ..core.structure import Structure
from ..losses import Loss
from .arrays import finite, numbers, read_matrix
from .scaling import check_source, settle_inputs, standard
from .targets import Wanted, read_targets, settle_loss

CONVERT_ONCE = 1 << 30
"""Floats that need converting or scaling are converted once where the copy has at most this many
bytes; larger ones, bytes, integers and memory-mapped files are converted batch by batch."""


@dataclass
class Settled:
    """What a first fit settles: the loss, and how inputs and targets are scaled."""

    loss: Loss
    inputs: Scaling
    targets: Scaling | None = None


def wanted(network: Structure, name: str, missing: bool) -> Wanted:
    return Wanted(network.layers[-1], network.classes, network.dtype, missing, name)


def settle(network: Structure, X: Array, y: Any, standardize: bool, missing: bool) -> Settled:
    """What is settled on the network, and for the rest what these data (X checked) settle."""
    loss = network.loss or settle_loss(y, wanted(network, "y", missing))
    if network.input_scaling is not None:
        if standardize and network.input_scaling.offset.ndim == 0:
            raise ValueError(
                "standardize=True comes too late: the first fit settled that inputs are not "
                "standardised, and the parameters go by that. Make a new Network."
            )
        return Settled(loss, network.input_scaling, network.target_scaling)
    targets = None
    if standardize and loss.rescalable:
        values = read_targets(loss, y, len(X), wanted(network, "y", missing))
        targets = standard(values, values.shape[1], "y", known_only=True)
        targets = None if targets.plain else targets
    return Settled(loss, settle_inputs(X, network.input_scale, standardize), targets)


def check_inputs(network: Structure, X: Any, name: str = "X", standardize: bool = False) -> Array:
    """`X` as an array (rows, inputs) of finite numbers, as the user has them."""
    scaling = network.input_scaling
    standardize = standardize or (scaling is not None and scaling.offset.ndim > 0)
    array = read_matrix(X, network.layers[0], network.dtype, name, squares=not standardize)
    if scaling is not None:
        check_source(array, scaling, name)
    known, names = (network.columns or {}).get("names"), text_names(X)
    if known and names and known != names:
        odd = [each for each in names if each not in known] or names
        raise ValueError(
            f"{name} has the columns {checks.show(odd)} where the training data had "
            f"{checks.show(known)}: pass the same columns in the same order, {name}[{known[0]!r}, "
            "...]."
        )
    return array


def text_names(X: Any) -> list[str] | None:
    """The names of the columns of a data frame, where all of them are text; else None."""
    names = getattr(X, "columns", None)
    names = [] if names is None or callable(names) else list(names)
    return names if names and all(isinstance(each, str) for each in names) else None


def settled(network: Structure) -> Settled:
    """What was settled before."""
    inputs = network.input_scaling
    if inputs is None:
        inputs = uniform_scaling(network.input_scale or 1.0)
    return Settled(network.settled_loss("evaluate"), inputs, network.target_scaling)


def read_rows(
    network: Structure,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    missing: bool,
    by: Settled,
    suffix: str = "",
    idle: bool = False,
) -> Rows:
    """The rows of (X, y, sample_weight), for one pass; `suffix` completes the names in errors
    ("X_val"). With `idle` all of them may have the weight 0."""
    X = check_inputs(network, X, f"X{suffix}", standardize=by.inputs.offset.ndim > 0)
    return make_rows(
        network, X, y, sample_weight, missing=missing, by=by, suffix=suffix, keep=True, idle=idle
    )


def make_rows(
    network: Structure,
    X: Array,
    y: Any,
    sample_weight: Any = None,
    *,
    missing: bool,
    by: Settled,
    suffix: str = "",
    keep: bool = False,
    idle: bool = False,
) -> Rows:
    """The same for X that is checked; without `keep` converted in advance where that pays."""
    name = f"y{suffix}"
    targets = read_targets(by.loss, y, len(X), wanted(network, name, missing))
    if by.targets is not None:
        targets = by.targets.apply(targets, np.empty_like(targets))
    weights = None
    if sample_weight is not None:
        weights = read_weights(sample_weight, len(X), network.dtype, f"sample_weight{suffix}", idle)
    scaling = by.inputs
    if not keep and _worth_converting(X, scaling, network.dtype):
        X, scaling = scaling.apply(X, np.empty(X.shape, network.dtype)), uniform_scaling()
    return Rows(X, targets, weights, scaling, network.dtype)


def read_weights(
    weights: Any, rows: int, dtype: np.dtype[Any], name: str = "sample_weight", idle: bool = False
) -> Array:
    """(rows,) weights of at least 0; that all of them are 0 is refused unless `idle`."""
    array = numbers(name, weights)
    if array.shape != (rows,):
        raise ValueError(
            f"{name} must have one number for each row, shape ({rows},); got shape {array.shape}."
        )
    finite(name, array, dtype)
    if array.min() < 0:
        place = int(np.argmin(array))
        raise ValueError(
            f"{name} must be at least 0; got {array[place]} at index {place}. To leave a row out "
            "give it 0."
        )
    if not idle and not array.any():
        raise ValueError(f"{name} is zero for every row; at least one must be above 0.")
    return np.asarray(array, dtype=dtype)


def weigh_classes(rows: Rows, class_weight: Any, network: Structure) -> Rows:
    """The rows with their weights times that of their class."""
    labels = _labels_of(rows)
    count = max(network.layers[-1], 2)
    names = network.classes if network.classes is not None else list(range(count))
    each = np.zeros(count)
    if isinstance(class_weight, str) and class_weight == "balanced":
        share = np.bincount(labels, rows.weights, minlength=count)
        there = share > 0
        each[there] = share.sum() / (there.sum() * share[there])
    elif isinstance(class_weight, Mapping):
        each[:] = 1.0
        for label, weight in class_weight.items():
            if label not in names:
                raise ValueError(
                    f"class_weight has the label {checks.show(label)}, which is not one of "
                    f"{checks.show(names)}."
                )
            each[names.index(label)] = checks.positive("class_weight", weight, zero=True)
    else:
        raise (ValueError if isinstance(class_weight, str) else TypeError)(
            "class_weight must be 'balanced' or a dictionary {label: weight}; got "
            f"{checks.show(class_weight)}."
        )
    weights = each[labels].astype(rows.dtype)
    if not weights.any():
        raise ValueError("class_weight gives every row the weight 0.")
    rows.weights = weights if rows.weights is None else rows.weights * weights
    return rows


def split(rows: Rows, share: float, stream: Stream) -> tuple[Rows, Rows]:
    """(training rows, validation rows) over the same arrays, drawn at random."""
    count = round(share * len(rows))
    if not 0 < count < len(rows):
        raise ValueError(
            f"validation_split={share} of {len(rows)} rows leaves {len(rows) - count} to train and "
            f"{count} to validate with; each needs at least 1."
        )
    order = stream.permutation(len(rows))
    held, kept = np.sort(order[:count]), np.sort(order[count:])
    parts = (
        Rows(rows.X, rows.targets, rows.weights, rows.scaling, rows.dtype, places)
        for places in (kept, held)
    )
    return next(parts), next(parts)


def _labels_of(rows: Rows) -> Array:
    targets = rows.targets
    if targets.dtype.kind == "i":
        return targets
    if targets.shape[1] == 1 and np.isin(targets, (0.0, 1.0)).all():
        return targets[:, 0].astype(np.int64)
    raise ValueError(
        "class_weight needs one label for each row; these targets are numbers or several labels "
        "a row. Use sample_weight."
    )


def _worth_converting(X: Array, scaling: Scaling, dtype: np.dtype[Any]) -> bool:
    same = X.dtype == dtype and scaling.plain and X.flags.c_contiguous
    small = X.size * dtype.itemsize <= CONVERT_ONCE
    return X.dtype.kind == "f" and not same and small and not _on_disk(X)


def _on_disk(array: Any) -> bool:
    while array is not None:
        if isinstance(array, (np.memmap, mmap.mmap)):
            return True
        array = getattr(array, "base", None)
    return False
