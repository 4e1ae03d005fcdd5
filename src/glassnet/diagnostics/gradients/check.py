"""`check_gradients`: are the derivatives of a network right, and if not, where and how.

Each part is checked by itself (activation.py, loss.py, layer.py); the chain rule over their numeric
slopes gives the gradient that the engine's is compared with (chain.py).
"""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...core.loss import Loss
from ...core.network import Network
from ...core.passes import Batch
from ...intake.bounds import existing, names
from ...intake.data import (
    check_inputs,
    raw_rows,
    read_weights,
    scaled,
    settle,
    usable_weights,
    wanted,
)
from ...intake.networks import check_network
from ...intake.targets import settle_loss
from ...sources.rows import Rows
from .chain import Whole
from .layer import in_float64
from .loss import ScoredRows
from .words import GradientFault, ratio_of

ROWS = 16
"""Rows that are looked at, at most, spread over those given."""

SHOWN = 20
"""Wrong parameters that are named, at most: those that are wrong by most."""


@dataclass(frozen=True)
class WrongGradient:
    """A parameter, named as in `Network.constraints`; its gradient as the engine has it, the
    numeric one, and their ratio (None where that is no number)."""

    name: str
    engine: float
    numeric: float
    ratio: float | None

    def __str__(self) -> str:
        ratio = "" if self.ratio is None else f" (ratio {self.ratio:.6g})"
        return f"{self.name}: the engine has {self.engine:.6g}, the loss {self.numeric:.6g}{ratio}"


@dataclass(frozen=True)
class GradientCheck:
    """What `check_gradients` found.

    Attributes:
        ok: whether nothing is wrong. faults: the places where something is, each with a sentence.
        worst_error: of a parameter's gradient, relative to it or to a thousandth of the largest;
            nan where there is none to compare. tolerance: what passes for equal.
        wrong: the parameters that are wrong by most, at most 20; wrong_count: all.
        parameters: how many were compared. rows: how many rows, of `rows_given`.
        looked_at: what was looked at, in words.
    """

    ok: bool
    faults: list[GradientFault]
    worst_error: float
    tolerance: float
    wrong: list[WrongGradient]
    wrong_count: int
    parameters: int
    rows: int
    rows_given: int
    looked_at: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [self._head(), *(f"- {fault}" for fault in self.faults)]
        lines += [f"  {each}" for each in self.wrong[:5]]
        return "\n".join([*lines, "Looked at: " + "; ".join(self.looked_at) + "."])

    def _head(self) -> str:
        if self.wrong_count:
            share = f"{self.wrong_count} of {self.parameters} parameters"
            return f"The gradients are wrong: {share}, by {self.worst_error:.2g} (relative)."
        if not self.parameters:
            start = "Nothing is wrong that was found, but" if self.ok else "Something is wrong, and"
            return f"{start} no gradient of these rows could be compared."
        agree = f"{self.parameters} parameters agree with numeric slopes"
        if self.ok:
            return f"The gradients are right: {agree}, to {self.worst_error:.1g} or better."
        return f"Something is wrong, although, for these rows, {agree}."


@np.errstate(all="ignore")
def check_gradients(network: Network, X: Any, y: Any, sample_weight: Any = None) -> GradientCheck:
    """Compare the gradients of a network with numeric slopes, and say which part is wrong.

    Worth a call for each `OwnActivation`, `OwnLoss` or class of your own:

    >>> import numpy as np
    >>> from glassnet import Network, OwnActivation, check_gradients
    >>> def cube(scores):
    ...     return scores**3
    >>> def slope(scores):
    ...     return 1.5 * scores**2  # it is 3 * scores**2
    >>> X = np.linspace(-1.0, 1.0, 40).reshape(20, 2)
    >>> network = Network([2, 3, 1], activation=OwnActivation("cube", cube, slope), seed=0)
    >>> found = check_gradients(network, X, X.sum(axis=1))
    >>> found.ok, found.wrong_count, round(found.wrong[0].ratio, 6)
    (False, 9, 0.5)
    >>> print(found.faults[0])
    the slope of activation 'cube' (hidden layer 1) is 0.5 times what it must be: ...

    Args:
        network: a Network, fitted or not. Nothing of it is changed, its random streams neither. A
            loss "auto" that is not settled yet is taken as `y` would settle it.
        X, y, sample_weight: as in `fit`; nan in numeric targets means unknown. One row will do; of
            many, 16 are looked at, spread over all.

    All is done in a float64 copy without dropout, for all parameters, fixed ones too. Each
    activation and the loss are differentiated numerically at the scores of these rows, and at
    others spread out: by central differences, extrapolated (Ridders 1982), and by a complex step
    (Squire and Trapp 1998) where the function takes complex numbers. Each layer is checked with
    random numbers. The chain rule then gives every parameter a numeric gradient to compare the
    engine's with. At a kink (ReLU at 0) each slope between those of both sides is right. Up to 1e-8
    of a slope (1e-6 in a float32 network) nothing is called wrong.

    Raises:
        ValueError, TypeError: X, y or sample_weight do not fit the network; nothing to look at.
            What a function of your own raises is told as a fault.
    """
    check_network(network)
    loss, rows = _read(network, X, y, sample_weight)
    batch, more = _chosen(rows)
    tolerance = 1e-6 if network.dtype == np.float32 else 1e-8
    with in_float64(network) as exact:
        whole = Whole(exact, loss, batch, more, tolerance)
    return _result(network, whole, len(rows))


def _read(network: Network, X: Any, y: Any, sample_weight: Any) -> tuple[Loss, Rows]:
    """The loss that y settles, where it is not settled yet; the rows, in float64."""
    X = check_inputs(network, X)
    loss = network.loss or settle_loss(y, wanted(network, "y", True))
    rows = replace(raw_rows(network, loss, X, y, True), dtype=np.dtype(np.float64))
    if sample_weight is not None:
        rows.weights = read_weights(sample_weight, len(X), rows.dtype)
        usable_weights(rows, "checked")
    return loss, scaled(rows, settle(network, loss, rows, False), keep=True)


def _chosen(rows: Rows) -> tuple[Batch, ScoredRows]:
    """Rows to look at, spread over those that count; and targets of more, the extreme ones too."""
    counts = np.ones(len(rows), bool) if rows.weights is None else rows.weights > 0
    numbers = rows.targets.ndim == 2 and rows.targets.dtype.kind == "f"
    if numbers:
        counts = counts & ~np.isnan(rows.targets).all(axis=1)
    there = np.flatnonzero(counts)
    if not len(there):
        raise ValueError("no row has a known target and a weight above 0; at least 1 is needed.")
    places = there[np.unique(np.linspace(0, len(there) - 1, ROWS).round().astype(int))]
    more = [places]
    if rows.targets.ndim == 2:
        for column in rows.targets[there].T[:8]:
            gaps = np.isnan(column)
            extreme = (
                np.where(gaps, np.inf, column).argmin(),
                np.where(gaps, -np.inf, column).argmax(),
            )
            more.append(there[list(extreme)])
    batches = [
        next(replace(rows, places=each).in_order(len(each)))
        for each in (places, np.unique(np.concatenate(more)))
    ]
    targets = batches[1].targets
    return batches[0], ScoredRows(np.empty((len(targets), 0)), targets, batches[1].known)


def _result(network: Network, whole: Whole, rows_given: int) -> GradientCheck:
    engine, numeric, wrong = whole.engine, whole.numeric, whole.wrong
    apart, worst, shown = np.abs(engine - numeric), math.nan, list[WrongGradient]()
    if whole.known.any():
        size = np.maximum(np.abs(engine), np.abs(numeric))
        size = np.maximum(size, 1e-3 * size[np.isfinite(size)].max(initial=0.0))
        apart = np.where(np.isfinite(apart), apart / np.where(size > 0, size, 1.0), np.inf)
        apart = np.where(wrong, apart, np.minimum(apart, whole.tolerance))
        worst = float(apart[whole.known].max())
        every = names(network.layers)
        for place in np.argsort(-apart * wrong, kind="stable")[: min(SHOWN, int(wrong.sum()))]:
            pair = float(engine[place]), float(numeric[place])
            shown.append(WrongGradient(every[place], *pair, ratio_of(*pair)))
    return GradientCheck(
        ok=not whole.faults,
        faults=whole.faults,
        worst_error=worst,
        tolerance=whole.tolerance,
        wrong=shown,
        wrong_count=int(wrong.sum()),
        parameters=int(whole.known.sum()),
        rows=whole.batch.rows,
        rows_given=rows_given,
        looked_at=_looked_at(network, whole, rows_given),
    )


def _looked_at(network: Network, whole: Whole, rows_given: int) -> list[str]:
    kinds = dict.fromkeys(repr(each.name) for each in network.activations)
    found = [f"{whole.batch.rows} of {rows_given:,} rows", f"the loss {whole.loss.name!r}"]
    if kinds:
        found.append(f"the activation{'s' * (len(kinds) > 1)} {', '.join(kinds)}")
    found.append(f"the products of {len(whole.layers)} layer{'s' * (len(whole.layers) > 1)}")
    if left := int(existing(network).sum() - whole.known.sum()):
        found.append(f"not {left} parameters, on whose way numbers are not finite or not known")
    if any(network.dropout):
        found.append("dropout is off, and not looked at")
    return found
