"""Plan: what a checked header asks for, from which a network or a fleet is made, once its arrays
are right.

It says which arrays must lie in a file, of which dtype and shape, and refuses all others before
anything of their size is allocated. Names of arrays are keys, never paths.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from ..core.network import Network
from ..core.random import spawn
from ..core.scaling import Scaling
from ..core.structure import Structure
from ..fleets.fleet import Fleet
from ..intake.architecture import Members
from ..intake.bounds import existing, inside
from .base import Array, Packed, RefusedError
from .checks import Header
from .header import read
from .pieces import Custom, Pieces

BOUNDS: Final = "bounds"

_PART: Final = 2**18
"""Values that are checked at once."""


class Expected(NamedTuple):
    """What an array must be: its dtype, and one of these shapes."""

    dtype: str
    shapes: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Plan:
    """A checked header, with the activations and the loss that it names."""

    header: Header
    pieces: Pieces

    @classmethod
    def of(cls, text: str, custom: Custom) -> Plan:
        """From the text of a header; RefusedError if it is wrong in any way."""
        return cls(*read(text, custom))

    def expected(self) -> dict[str, Expected]:
        """The arrays that belong to it, by name."""
        header, loss = self.header, self.pieces.loss
        sizes, dtype = header["layers"], header["dtype"]
        lead = (header["members"],) if header["kind"] == "fleet" else ()
        wanted = {}
        for index, (inputs, outputs) in enumerate(pairwise(sizes)):
            wanted[f"layers.{index}.weights"] = Expected(dtype, ((*lead, inputs, outputs),))
            if header["bias"][index]:
                wanted[f"layers.{index}.biases"] = Expected(dtype, ((*lead, outputs),))
        if "bounds" in header:
            count = sum((inputs + 1) * outputs for inputs, outputs in pairwise(sizes))
            wanted[BOUNDS] = Expected("float64", ((2, count),))
        targets = sizes[-1] // (1 if loss is None else loss.statistics)
        for side, columns in (("input", sizes[0]), ("target", targets)):
            if header[f"{side}_scaling"] is not None:
                for part in ("offset", "scale"):
                    wanted[f"{side}s.{part}"] = Expected("float64", ((), (columns,)))
        return wanted

    def check(self, arrays: Mapping[str, Array | Packed], allow_nonfinite: bool = False) -> None:
        """Exactly the expected arrays, and finite; parameters may be allowed not to be."""
        expected = self.expected()
        for name in dict.fromkeys([*expected, *arrays]):
            if name not in arrays:
                raise RefusedError(name, "this array is missing")
            if name not in expected:
                raise RefusedError(name, "no such array belongs to the network of the header")
            _check_array(name, arrays[name], expected[name])
            if name == BOUNDS:
                _check_bounds(np.asarray(arrays[name]))
            else:
                _check_values(name, arrays[name], allow_nonfinite and name.startswith("layers."))

    def build(
        self, arrays: Mapping[str, Array | Packed], allow_nonfinite: bool = False
    ) -> Network | Fleet:
        """The network, or the fleet, with copies of the arrays."""
        self.check(arrays, allow_nonfinite)
        network = self._unfilled()
        for name, own in parameters_of(network).items():
            own[...] = arrays[name]
        if BOUNDS in arrays:
            network.bounds = np.array(arrays[BOUNDS], dtype=np.float64)
            check_inside(network)
        network.input_scaling = self._scaling("input", arrays)
        network.target_scaling = self._scaling("target", arrays)
        return network

    def _unfilled(self) -> Network | Fleet:
        header, pieces = self.header, self.pieces
        try:
            network = self._made(
                activation=pieces.activations,
                loss="auto" if pieces.loss is None else pieces.loss,
                dropout=[_rates(each) for each in header["dropout"]],
                initializer="zeros",  # draws no random numbers for what is overwritten anyway
                bias=header["bias"],
                classes=header["classes"],
                input_scale=header["input_scale"],
                dtype=header["dtype"],
            )
        except (ValueError, TypeError) as error:
            raise RefusedError("header", str(error)) from None
        network.initializer = header["initializer"]
        network.columns = header["columns"]
        network.history.environment = header.get("environment", {})
        return network

    def _made(self, **settings: Any) -> Network | Fleet:
        header = self.header
        if header["kind"] == "network":
            return Network(header["layers"], seed=header["seed"], **settings)
        seeds, own_order = header["seeds"], header["own_order"]
        fleet = Fleet(
            header["layers"], header["members"], seed=seeds, own_order=own_order, **settings
        )
        fleet.seed = header["seed"]  # by which the order goes that members share
        fleet.streams = fleet.streams._replace(order=spawn(fleet.seed).order)
        return fleet

    def _scaling(self, side: str, arrays: Mapping[str, Array | Packed]) -> Scaling | None:
        described = self.header[f"{side}_scaling"]
        if described is None:
            return None
        offset = np.array(arrays[f"{side}s.offset"], dtype=np.float64)
        scale = np.array(arrays[f"{side}s.scale"], dtype=np.float64)
        return Scaling(offset, scale, described["source"])


def parameters_of(network: Structure) -> dict[str, Array]:
    """The views of the parameters by their names in a file."""
    parameters: dict[str, Array] = {}
    for index, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        parameters[f"layers.{index}.weights"] = weights
        if network.bias[index]:
            parameters[f"layers.{index}.biases"] = biases
    return parameters


def arrays_of(network: Structure) -> dict[str, Array]:
    """All arrays of a network or a fleet by name: its parameters, as views, and its scaling."""
    arrays = parameters_of(network)
    if network.bounds is not None:
        arrays[BOUNDS] = network.bounds
    for side, scaling in (("input", network.input_scaling), ("target", network.target_scaling)):
        if scaling is not None:
            arrays[f"{side}s.offset"] = np.asarray(scaling.offset)
            arrays[f"{side}s.scale"] = np.asarray(scaling.scale)
    return arrays


def _rates(dropout: Any) -> Any:
    """Of one layer: one for all, or one for each member of a fleet."""
    return np.array(dropout, np.float64).view(Members) if type(dropout) is list else dropout


def _check_array(name: str, array: Array | Packed, expected: Expected) -> None:
    if array.dtype != np.dtype(expected.dtype) or array.shape not in expected.shapes:
        shapes = " or ".join(str(shape) for shape in expected.shapes)
        given = f"{array.dtype} of shape {array.shape}"
        raise RefusedError(name, f"{given}, expected is {expected.dtype} of shape {shapes}")


def _check_bounds(bounds: Array) -> None:
    """The lowest and the highest value of each parameter, infinite where it is open."""
    low, high = bounds
    if not np.all((low <= high) & (low < np.inf) & (high > -np.inf)):
        raise RefusedError(BOUNDS, "must be the lowest and the highest value of each parameter")
    if not np.isfinite(bounds).any():
        raise RefusedError(BOUNDS, "must not all be infinite")


def check_inside(network: Structure) -> None:
    """Raise RefusedError where a parameter lies outside its bounds, or is none that has any."""
    bounds = network.bounds
    if bounds is not None:
        none = np.isfinite(bounds[:, ~existing(network)]).any()
        if none or not inside(network.parameters, bounds):
            raise RefusedError(BOUNDS, "a parameter lies outside its bounds; call constrain again")


def _check_values(name: str, array: Array | Packed, allow_nonfinite: bool) -> None:
    """All of them are read, even where any is allowed, as damage may show only then."""
    done = count = first = 0
    for part in _parts(array):
        if name.endswith(".scale") and not np.all(part > 0):
            raise RefusedError(name, "a scale must be above 0")
        finite = np.isfinite(part)
        wrong = finite.size - int(np.count_nonzero(finite))
        if wrong and not count:
            first = done + int(np.argmin(finite))
        count += wrong
        done += finite.size
    if count and not allow_nonfinite:
        order: Literal["C", "F"] = "C" if isinstance(array, np.ndarray) else array.order
        where = tuple(int(i) for i in np.unravel_index(first, array.shape, order))
        raise RefusedError(name, f"{count} of {done} values are not finite, first at {where}")


def _parts(array: Array | Packed) -> Iterator[Array]:
    """Its values part by part, as large arrays leave little memory."""
    if not isinstance(array, np.ndarray):
        yield from array.parts()
        return
    table = np.atleast_1d(array)
    step = max(1, len(table) * _PART // max(table.size, 1))
    for begin in range(0, len(table), step):
        yield table[begin : begin + step]
