"""Model: what of a network is exported, all of it settled; every exporter reads this and no more.

To let exporters know one more thing, add a field and settle it in `Model.of`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ...activations import GELU, SELU
from ...core.activation import Activation
from ...core.loss import Loss
from ...core.scaling import Scaling, uniform_scaling
from ...core.structure import Structure
from ...intake.architecture import check_classes
from ...losses import AbsoluteError, SquaredError
from ..base import Array, RefusedError
from ..pieces import describe_piece, is_own
from ..strict_json import shown

MADE = (SquaredError, AbsoluteError)
"""Losses whose outputs any activation may make."""


class Piece(NamedTuple):
    """An activation or a link: a name, and numbers that its formula needs."""

    name: str
    settings: dict[str, Any]


class Column(NamedTuple):
    """A column of the user's table: a number, or (not None) one of `categories`, in their order,
    each of which is an input of 0 or 1."""

    name: str
    categories: tuple[str, ...] | None = None

    @property
    def width(self) -> int:
        """How many inputs it becomes."""
        return 1 if self.categories is None else len(self.categories)

    @property
    def texts(self) -> tuple[str, ...]:
        """All text of the user's in it."""
        return (self.name, *(self.categories or ()))


@dataclass(frozen=True)
class Model:
    """What predicts: rows -> inputs -> layers -> scores -> link -> outputs -> labels.

    Attributes:
        layers: the sizes, inputs and outputs included.
        dtype: float32 or float64, that of weights and biases.
        weights: (inputs, outputs) for each layer. biases: (outputs,), zeros where there are none.
        activations: for each hidden layer one of `ACTIVATIONS` by name, and what its formula needs
            (leaky_relu: slope_below; elu: scale_below; selu: scale, scale_below; gelu: root,
            cubic).
        link: from scores to outputs: "softmax" (along a row), "mean_variance" (first half of the
            columns as they are, second half softplus + settings["floor"]), "sorted" (the columns
            as settings["count"] blocks of equal width, first block first: column k of the blocks
            sorted over the blocks), or the name of an activation, for each column alone.
        input_offset, input_scale: (inputs,) float64, or None where it changes nothing. Inputs are
            (given - offset) x scale. With an offset, compute this in float64 and round to dtype.
        target_offset, target_scale: (outputs,) float64, or both None. Outputs are
            linked / scale + offset (for a variance the square of the scale, and offset 0).
        source: "bytes" where inputs are whole numbers 0 .. 255 as given (images), or "numbers".
        labels: "one" (a row has one label: that of the largest output, the first of equal ones; of
            one output whether it is at least 0.5), "several" (for each output 0, or 1 where it is
            at least 0.5), "none" (outputs are numbers).
        classes: the labels of the columns (two for one output: [no, yes]), all text, all bool, all
            int or all finite float; None: 0, 1, 2 ... With "several" they are not used.
        columns: how a row of the user's table becomes inputs, in order, or None where that is not
            known. An empty tuple it never is.
        target: the name of what is predicted, or None.
        network: where all this is from, for measuring how well an export does; read no more in it.
    """

    layers: tuple[int, ...]
    dtype: np.dtype[Any]
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    activations: tuple[Piece, ...]
    link: Piece
    input_offset: Array | None
    input_scale: Array | None
    target_offset: Array | None
    target_scale: Array | None
    source: str
    labels: str
    classes: list[Any] | None
    columns: tuple[Column, ...] | None
    target: str | None
    network: Structure

    @classmethod
    def of(cls, network: Structure) -> Model:
        """All that is settled on a network; arrays are copies.

        Raises:
            RefusedError: it is a fleet, uses functions of the user's, or is not finite.
            ValueError: the loss is not settled yet.
        """
        if network.lead:
            raise RefusedError("network", "it is a fleet; export one member of it, fleet[i]")
        loss = network.settled_loss("export")
        _check_pieces([*network.activations, loss])
        _check_finite("a parameter", network.parameters, network.dtype)
        check_classes(network.classes, network.layers[-1])
        labels = _labels(network, loss)
        classes = _classes(network.classes) if labels == "one" else None
        columns, target = _columns(network.columns, network.layers[0])
        _check_texts("classes", classes or [])
        _check_texts("columns", [target, *(text for each in columns or () for text in each.texts)])
        activations = tuple(_piece(describe_piece(each)) for each in network.activations)
        link = _link(loss)
        for each in (*activations, link):
            _check_finite(f"a setting of {each.name}", [*each.settings.values()], network.dtype)
        return cls(
            network.layers,
            network.dtype,
            tuple(np.array(each) for each in network.weights),
            tuple(np.array(each) for each in network.biases),
            activations,
            link,
            *_inputs(network),
            *_targets(network, loss),
            "numbers" if network.input_scaling is None else network.input_scaling.source,
            labels,
            classes,
            columns,
            target,
            network,
        )


def _check_pieces(pieces: list[Activation | Loss]) -> None:
    """No functions of the user's."""
    makers = [each.maker for each in pieces if isinstance(each, MADE)]
    for piece in (*pieces, *makers):
        if is_own(piece):
            reason = f"{piece.name!r} is your own function, which only Python has"
            raise RefusedError("network", reason)


_CONSTANTS: dict[str, dict[str, Any]] = {
    "selu": {"scale": SELU.scale, "scale_below": SELU.scale_below},
    "gelu": {"root": GELU.root, "cubic": 0.044715},
}
"""Numbers in formulas that are no settings."""

_LINKS = {
    "logistic": "sigmoid",
    "poisson": "exp",
    "gamma": "exp",
    "huber": "identity",
    "pinball": "identity",
}


def _piece(described: dict[str, Any]) -> Piece:
    name = described.pop("name")
    settings = {key: float(value) for key, value in described.items()}
    return Piece(name, settings or _CONSTANTS.get(name, {}))


def _link(loss: Loss) -> Piece:
    described = describe_piece(loss)
    if isinstance(loss, MADE):
        return _piece(describe_piece(loss.maker))
    if loss.name == "softmax_cross_entropy":
        return Piece("softmax", {})
    if loss.name == "gaussian":
        return Piece("mean_variance", {"floor": float(described["floor"])})
    if loss.name == "pinball" and loss.statistics > 1:
        return Piece("sorted", {"count": loss.statistics})
    if loss.name not in _LINKS:
        raise RefusedError("network", f"the loss {loss.name!r} has no exporter yet")
    return Piece(_LINKS[loss.name], {})


def _labels(network: Structure, loss: Loss) -> str:
    """As `classify` has it."""
    if loss.targets == "numbers" and (network.classes is None or loss.statistics > 1):
        return "none"
    return "several" if loss.targets == "flags" and network.layers[-1] > 1 else "one"


def _classes(classes: list[Any] | None) -> list[Any] | None:
    """As `classify` gives them: numbers of one type."""
    if classes is None or isinstance(classes[0], str):
        return classes
    alike: list[Any] = np.array(classes).tolist()
    if any(isinstance(each, float) and not np.isfinite(each) for each in alike):
        raise RefusedError("classes", "a label is infinite; name it in words")
    return alike


def _check_finite(what: str, values: Any, dtype: np.dtype[Any]) -> None:
    """Refuse nan, infinity, and what is infinite once it is rounded to `dtype`."""
    with np.errstate(over="ignore"):
        if not np.isfinite(np.asarray(values, dtype)).all():
            raise RefusedError("network", f"{what} is not finite in {dtype}; mend it, or fit again")


def _inputs(network: Structure) -> tuple[Array | None, Array | None]:
    scaling = network.input_scaling or uniform_scaling(network.input_scale or 1.0)
    if scaling.plain:
        return None, None
    offset, scale = _spread("input", scaling, network.layers[0])
    if scaling.moves:
        return offset, scale
    _check_finite("the scale of an input", scale, network.dtype)  # in which it multiplies
    return None, scale


def _targets(network: Structure, loss: Loss) -> tuple[Array | None, Array | None]:
    if network.target_scaling is None:
        return None, None
    columns = network.layers[-1] // loss.statistics
    offset, scale = _spread("target", network.target_scaling, columns)
    if loss.name == "gaussian":
        with np.errstate(over="ignore", under="ignore"):
            scale, offset = np.append(scale, scale**2), np.append(offset, np.zeros(columns))
    else:
        offset, scale = np.tile(offset, loss.statistics), np.tile(scale, loss.statistics)
    with np.errstate(over="ignore", divide="ignore"):
        _check_finite("the scale of a target, or 1 / scale,", [scale, 1.0 / scale], scale.dtype)
    return offset, scale


def _spread(what: str, scaling: Scaling, columns: int) -> list[Array]:
    """Offset and scale for each column."""
    for values in (scaling.offset, scaling.scale):
        if np.shape(values) not in ((), (columns,)):
            reason = f"the scaling of {what}s has shape {np.shape(values)}, not ({columns},)"
            raise RefusedError("network", reason)
        _check_finite(f"the scaling of {what}s", values, np.dtype(np.float64))
    both = (scaling.offset, scaling.scale)
    return [np.array(np.broadcast_to(np.asarray(x, np.float64), columns)) for x in both]


def _columns(known: Any, inputs: int) -> tuple[tuple[Column, ...] | None, str | None]:
    """The recipe of the command line, or the names of a data frame; others are none of these."""
    if not isinstance(known, dict):
        return None, None
    names = known.get("names")
    if isinstance(names, list) and all(isinstance(each, str) for each in names):
        if len(set(names)) < len(names):
            return None, None  # a name does not say which column is meant
        found, target = tuple(Column(each) for each in names), None
    elif "inputs" in known and "target" in known:
        found, target = _recipe(known)
    else:
        return None, None
    if sum(each.width for each in found) != inputs:
        reason = f"network.columns do not give {inputs} inputs; mend them, or set them to None"
        raise RefusedError("columns", reason)
    return found, target


def _check_texts(what: str, texts: list[Any]) -> None:
    """No half characters (lone surrogates): no file that is text can hold them."""
    for text in texts:
        if isinstance(text, str) and text != text.encode(errors="replace").decode():
            raise RefusedError(what, f"{shown(text)} holds half a character; rename it")


def _recipe(known: dict[str, Any]) -> tuple[tuple[Column, ...], str]:
    try:
        found = tuple(_column(each) for each in known["inputs"])
        target = known["target"]["name"]
        fits = isinstance(target, str) and len({each.name for each in found}) == len(found)
    except (KeyError, TypeError, AttributeError):
        fits = False
    if not fits:
        raise RefusedError("columns", "network.columns are no recipe; set them to None")
    return found, target


def _column(entry: dict[str, Any]) -> Column:
    name, categories = entry["name"], entry.get("categories")
    if categories is not None:
        categories = tuple(categories)
    column = Column(name, categories)
    known = set(entry) <= {"name", "kind", "categories"}  # what is new would be passed over
    if not known or not all(isinstance(each, str) for each in column.texts) or categories == ():
        raise TypeError
    return column
