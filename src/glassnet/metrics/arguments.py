"""Targets, outputs and weights of a metric, lined up and brought into one of two forms.

`read_numbers` is for metrics of real values, `read_labels` for metrics that count labels. Rows of
weight 0 and unknown targets are left out here, so that no metric sees them. To have the metrics
take targets of another form, bring it into one of the two here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from glassnet.metrics.tables import (
    check_finite,
    check_range,
    check_same_kind,
    first,
    labels_or_numbers,
    numbers,
    whole_numbers,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[Any]
    Floats = NDArray[np.float64]
    Indices = NDArray[np.int64]


class Numbers(NamedTuple):
    """Three float64 arrays of one shape, (rows, outputs); a cell of weight 0 does not count."""

    targets: Floats
    outputs: Floats
    weights: Floats


class Labelled(NamedTuple):
    """What is true and what was predicted, as whole numbers.

    One label a row: targets, predicted and weights are (rows,), labels 0 .. classes-1. Several
    labels a row (`several`): all three are (rows, classes), each cell 0 or 1.
    `yes_or_no`: the labels are 0 and 1, and precision and recall are about the 1. `outputs`: the
    outputs of these rows, (rows, outputs), unless labels were given in their place.
    """

    targets: Indices
    predicted: Indices
    weights: Floats
    classes: int
    yes_or_no: bool = False
    several: bool = False
    outputs: Array | None = None


def read_numbers(targets: ArrayLike, outputs: ArrayLike, weights: ArrayLike | None) -> Numbers:
    """Line up real targets and outputs; (rows,) means (rows, 1), nan in targets means unknown."""
    wanted, given, shares = _line_up(
        _table(targets, "targets"), _table(outputs, "outputs"), weights
    )
    _check_shapes(wanted, given)
    shares = _spread(shares, wanted.shape)
    wanted = np.where(shares > 0, wanted, 0).astype(np.float64)
    given = np.where(shares > 0, given, 0).astype(np.float64)
    check_finite(wanted, "targets")
    check_finite(given, "outputs")
    return Numbers(wanted, given, shares)


def read_labels(targets: ArrayLike, outputs: ArrayLike, weights: ArrayLike | None) -> Labelled:
    """Line up labels with outputs as `predict` gives them, or with labels as `classify` does."""
    wanted, given, shares = _line_up(
        labels_or_numbers(targets, "targets"), labels_or_numbers(outputs, "outputs"), weights
    )
    if wanted.ndim == 2 and wanted.shape[1] == 1:
        wanted = wanted[:, 0]
    if wanted.ndim == 2:
        _check_shapes(wanted, given)
        if not _are_shares(wanted):
            return _several_labels(wanted, given, _spread(shares, wanted.shape))
        wanted = wanted.argmax(axis=1)
    columns = given.shape[1] if given.ndim == 2 else 1
    row_weights = _row_weights(_spread(shares, (len(shares), columns)))
    if given.ndim == 1:
        return _labels_beside_labels(wanted, given, row_weights)
    return _labels_beside_outputs(wanted, given, row_weights)


def decide(outputs: Array) -> Indices:
    """The label that each row of outputs (rows, outputs) means, as `classify` decides it.

    0.5 decides where there is one output, else the largest (the first of equals).
    """
    check_finite(outputs, "outputs")
    chosen = outputs[:, 0] >= 0.5 if outputs.shape[1] == 1 else outputs.argmax(axis=1)
    places: Indices = chosen.astype(np.int64)
    return places


def _labels_beside_labels(wanted: Array, given: Array, weights: Floats) -> Labelled:
    check_same_kind(wanted, given)
    if wanted.dtype.kind != "U":
        wanted, given = whole_numbers(wanted, "targets"), whole_numbers(given, "outputs")
        if min(wanted.min(), given.min()) >= 0 and max(wanted.max(), given.max()) <= 1:
            return Labelled(wanted, given, weights, 2, yes_or_no=True)
    names, places = np.unique(np.concatenate([wanted, given]), return_inverse=True)
    places = places.reshape(-1).astype(np.int64)
    return Labelled(places[: len(wanted)], places[len(wanted) :], weights, len(names))


def _labels_beside_outputs(wanted: Array, given: Array, weights: Floats) -> Labelled:
    check_same_kind(wanted, given)
    classes = max(given.shape[1], 2)
    labels = _flags(wanted) if given.shape[1] == 1 else whole_numbers(wanted, "targets")
    check_range(labels, classes, "targets")
    return Labelled(labels, decide(given), weights, classes, yes_or_no=classes == 2, outputs=given)


def _several_labels(wanted: Array, given: Array, weights: Floats) -> Labelled:
    """0.5 decides for each output."""
    wanted, given = np.where(weights > 0, wanted, 0), np.where(weights > 0, given, 0)
    check_finite(given, "outputs")
    labels = _flags(wanted)
    check_range(labels, 2, "targets")
    predicted = (given >= 0.5).astype(np.int64)
    return Labelled(labels, predicted, weights, wanted.shape[1], several=True)


def _flags(wanted: Array) -> Indices:
    """0 and 1; a probability between them (which the logistic loss takes) goes to the nearer."""
    if wanted.dtype.kind == "f" and wanted.min() >= 0.0 and wanted.max() <= 1.0:
        return (wanted >= 0.5).astype(np.int64)
    return whole_numbers(wanted, "targets")


def _are_shares(wanted: Array) -> bool:
    """Whether each row is one-hot, or probabilities that sum to 1."""
    return bool(wanted.min() >= 0 and np.all(np.abs(wanted.sum(axis=1) - 1.0) <= 1e-3))


def _line_up(wanted: Array, given: Array, weights: ArrayLike | None) -> tuple[Array, Array, Floats]:
    """Targets, outputs, weights (rows, 1 or columns): as many rows, each of which counts."""
    if len(wanted) != len(given):
        raise ValueError(
            f"targets have {len(wanted)} rows and outputs {len(given)}: give one target a row."
        )
    shares = np.ones((len(wanted), 1)) if weights is None else _read_weights(weights, len(wanted))
    if wanted.dtype.kind == "f" and np.isnan(wanted).any():
        known = ~np.isnan(wanted).reshape(len(wanted), -1)
        shares = _spread(shares, known.shape) * known
    kept = shares.any(axis=1)
    if not kept.any():
        raise ValueError("no row counts: all weights are 0, or all targets unknown (nan).")
    return (wanted, given, shares) if kept.all() else (wanted[kept], given[kept], shares[kept])


def _read_weights(weights: ArrayLike, rows: int) -> Floats:
    shares = _table(weights, "weights").astype(np.float64)
    if len(shares) != rows:
        raise ValueError(f"weights have {len(shares)} rows, targets have {rows}.")
    wrong = ~(np.isfinite(shares) & (shares >= 0))
    if wrong.any():
        raise ValueError(f"weights hold {first(shares, wrong)}: give finite numbers >= 0.")
    return shares


def _table(values: ArrayLike, name: str) -> Array:
    """Numbers as (rows, columns); (rows,) means (rows, 1)."""
    array = numbers(values, name)
    return array.reshape(len(array), -1)


def _row_weights(shares: Floats) -> Floats:
    if (shares != shares[:, :1]).any():
        raise ValueError("weights differ within a row, but each row has one label: give (rows,).")
    return shares[:, 0]


def _spread(shares: Floats, shape: tuple[int, ...]) -> Floats:
    """Weights of rows or of cells, as weights of cells."""
    if shares.shape[1] not in (1, shape[1]):
        raise ValueError(
            f"weights of shape {shares.shape} do not fit targets of shape {shape}: "
            "give one weight a row."
        )
    return np.broadcast_to(shares, shape)


def _check_shapes(wanted: Array, given: Array) -> None:
    if wanted.shape != given.shape:
        raise ValueError(
            f"targets of shape {wanted.shape} do not fit outputs of shape {given.shape}: "
            "give one target for each output."
        )
