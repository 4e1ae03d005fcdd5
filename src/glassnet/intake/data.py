"""What a user passes as data, read for a network: checked, settled, and ready to be drawn from.

Reading changes nothing on the network; `fit` writes down what was settled once all is well.
"""

import mmap
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..core import checks
from ..core.arrays import Array
from ..core.random import Stream
from ..core.scaling import Scaling, uniform_scaling
from ..core.structure import Structure
from ..losses import Loss
from ..sources.rows import Rows
from .arrays import blocks_of_rows, finite, numbers, read_matrix
from .scaling import check_resolution, check_source, settle_inputs, standard, weighed
from .targets import Wanted, labels_in, read_targets

CONVERT_ONCE = 1 << 30
"""Floats that need converting or scaling are converted once where the copy has at most this many
bytes; larger ones, bytes, integers and memory-mapped files are converted batch by batch."""

FEW_TARGETS = 1 << 18
"""So many targets are converted once, on the disk or not: the copy takes 2 MiB at most. More are
converted batch by batch."""


@dataclass
class Settled:
    """What a first fit settles: the loss, and how inputs and targets are scaled."""

    loss: Loss
    inputs: Scaling
    targets: Scaling | None = None
    names: list[str] | None = None


def wanted(network: Structure, name: str, missing: bool) -> Wanted:
    return Wanted(network.layers[-1], network.classes, network.dtype, missing, name)


def settle(network: Structure, loss: Loss, rows: Rows, standardize: bool) -> Settled:
    """What is settled on the network, and for the rest what these rows, not scaled yet, settle.

    Mean and spread are those of the rows to train with: a row of weight 0, and a row held back for
    validation, has no part in them.
    """
    if network.input_scaling is not None:
        if standardize and network.input_scaling.offset.ndim == 0:
            raise ValueError(
                "standardize=True comes too late: the first fit settled that inputs are not "
                "standardised, and the parameters go by that. Make a new Network."
            )
        return Settled(loss, network.input_scaling, network.target_scaling)
    if not standardize:
        return Settled(loss, settle_inputs(rows.X, network.input_scale))
    source = "bytes" if rows.X.dtype == np.uint8 else "numbers"
    inputs = replace(standard(rows.X, rows), source=source)
    targets = standard(rows.targets, rows, "y") if loss.rescalable else None
    if targets is not None:
        check_resolution(targets, network.dtype)
    return Settled(loss, inputs, None if targets is None or targets.plain else targets)


def check_inputs(
    network: Structure,
    X: Any,
    name: str = "X",
    standardize: bool = False,
    by: Settled | None = None,
) -> Array:
    """`X` as an array (rows, inputs) of finite numbers, as the user has them.

    It must be of the kind that was settled before: on the network, or `by` the present call.
    """
    scaling = network.input_scaling if by is None else by.inputs
    known = known_names(network) if by is None else by.names
    standardize = standardize or (scaling is not None and scaling.offset.ndim > 0)
    array = read_matrix(X, network.layers[0], network.dtype, name, squares=not standardize)
    if scaling is not None:
        check_source(array, scaling, name)
    names = text_names(X)
    if known and names and known != names:
        gone = [each for each in known if each not in names]
        new = [each for each in names if each not in known]
        wrong = "other columns than" if gone or new else "the columns in another order than"
        raise ValueError(
            f"{name} has {wrong} the training data: missing {checks.show(gone)}, unknown "
            f"{checks.show(new)}. Pass {checks.show(known)}, in this order."
        )
    return array


def known_names(network: Structure) -> list[str] | None:
    """The names of the columns of the data frame of the first fit."""
    names = (network.columns or {}).get("names")
    return names if isinstance(names, list) else None


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
    names = known_names(network)
    return Settled(network.settled_loss("evaluate"), inputs, network.target_scaling, names)


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
    X = check_inputs(network, X, f"X{suffix}", by=by)
    rows = raw_rows(network, by.loss, X, y, missing, suffix)
    if sample_weight is not None:
        name = f"sample_weight{suffix}"
        rows.weights = read_weights(sample_weight, len(X), network.dtype, name, idle, network.lead)
        usable_weights(rows, "evaluated" if not suffix else "validation", idle)
    return scaled(rows, by, keep=True)


def raw_rows(
    network: Structure, loss: Loss, X: Array, y: Any, missing: bool, suffix: str = ""
) -> Rows:
    """Rows of X, which is checked, and y, neither scaled, both as the user has them."""
    reading = wanted(network, f"y{suffix}", missing)
    targets = read_targets(loss, y, len(X), reading)
    return Rows(X, targets, None, uniform_scaling(), network.dtype)


def scaled(rows: Rows, by: Settled, keep: bool = False) -> Rows:
    """The rows as the network wants them. Without `keep` the inputs are converted in advance where
    that pays; otherwise batch by batch. Few targets are converted in advance in any case."""
    X, scaling = rows.X, by.inputs
    if not keep and _worth_converting(X, scaling, rows.dtype):
        X, scaling = scaling.apply(X, np.empty(X.shape, rows.dtype)), uniform_scaling()
    rows = replace(rows, X=X, scaling=scaling, target_scaling=by.targets)
    return rows.converted() if rows.targets.size <= FEW_TARGETS else rows


def usable_weights(rows: Rows, what: str = "training", idle: bool = False) -> None:
    """Refuse weights that leave nothing to learn from (unless `idle`), or that no sum can hold."""
    if rows.weights is None:
        return
    with np.errstate(all="ignore"):
        weights = rows.weights if rows.places is None else rows.weights[..., rows.places]
        totals = np.atleast_1d(weights.sum(axis=-1))  # in a fleet one of each member
    enough = (totals > 0) | idle
    wrong = np.flatnonzero(~(enough & (totals <= np.finfo(rows.dtype).max)))
    if len(wrong):
        whose = f" for member {wrong[0]}" if weights.ndim == 2 else ""
        raise ValueError(
            f"the weights of the {what} rows (sample_weight x class_weight) add up to "
            f"{totals[wrong[0]]:g} in {rows.dtype}{whose}; the sum must be above 0 and finite. "
            "Scale them to about 1."
        )


def read_weights(
    weights: Any,
    rows: int,
    dtype: np.dtype[Any],
    name: str = "sample_weight",
    idle: bool = False,
    lead: tuple[int, ...] = (),
) -> Array:
    """(rows,) weights of at least 0, or (*lead, rows); that all of them are 0 is refused unless
    `idle`."""
    array = numbers(name, weights)
    if array.shape not in ((rows,), (*lead, rows)):
        members = f", or {(*lead, rows)}" if lead else ""
        raise ValueError(
            f"{name} must have one number for each row, shape ({rows},){members}; got shape "
            f"{array.shape}."
        )
    finite(name, array, dtype)
    if array.min() < 0:
        place = int(np.argmin(array))
        *member, row = map(int, np.unravel_index(place, array.shape))
        where = f"member {member[0]}, row {row}" if member else f"index {row}"
        raise ValueError(
            f"{name} must be at least 0; got {array.flat[place]} at {where}. To leave a row out "
            "give it 0."
        )
    if not idle and not array.any():
        raise ValueError(f"{name} is zero for every row; at least one must be above 0.")
    with np.errstate(all="ignore"):
        return np.asarray(array, dtype=dtype)


def weigh_classes(rows: Rows, class_weight: Any, network: Structure) -> Rows:
    """The rows with their weights times that of their class."""
    labels = _labels_of(rows)
    count = max(network.layers[-1], 2)
    names = network.classes if network.classes is not None else list(range(count))
    each = np.zeros(count)
    if isinstance(class_weight, str) and class_weight == "balanced":
        each = _balanced(rows, labels, count)
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
    each, start = each.astype(rows.dtype), 0
    weights = np.empty((*each.shape[:-1], len(labels)), rows.dtype)
    for block in blocks_of_rows(labels):
        weights[..., start : start + len(block)] = each[..., block.astype(np.intp)]
        start += len(block)
    if not weights.any():
        raise ValueError("class_weight gives every row the weight 0.")
    return replace(rows, weights=weights if rows.weights is None else rows.weights * weights)


def _balanced(rows: Rows, labels: Array, count: int) -> Array:
    """(count,) weights that give all classes the same sum; (members, count) where each member has
    weights of its own."""
    if rows.weights is not None and rows.weights.ndim == 2:
        own = [replace(rows, weights=np.asarray(one)) for one in rows.weights]
        return np.stack([_balanced(one, labels, count) for one in own])
    each, share = np.zeros(count), np.zeros(count)
    for block, weights in weighed(labels, rows):
        np.add.at(share, block.astype(np.intp), weights)
    there = share > 0
    each[there] = share.sum() / (there.sum() * share[there])
    return each


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
    return replace(rows, places=kept), replace(rows, places=held)


def _labels_of(rows: Rows) -> Array:
    """(rows,) labels, in whatever dtype they are."""
    labels = labels_in(rows.targets)
    if labels is not None:
        return labels
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
