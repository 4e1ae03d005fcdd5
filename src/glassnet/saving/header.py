"""The header of a model file: what a network or a fleet is, as JSON, without its numbers.

`describe` writes it, `read` checks it: nothing in it is believed. To store one more thing: a line
in `describe`, a check in checks.py, and its use in plan.py. If an older reader may pass over it,
name it in the header's own list "optional".
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import numpy as np

from ..core.activation import Activation
from ..core.loss import Loss
from ..core.scaling import Scaling
from ..core.structure import Structure
from ..fleets.fleet import Fleet
from .base import RefusedError
from .checks import CHECKS, MAX_MEMBERS, OF_FLEETS, Check, Header
from .pieces import Custom, Pieces, describe_piece, plain, rebuild
from .strict_json import parse, shown

KEY: Final = "glassnet"
"""The name of the header among the texts of a file."""

FORMAT_VERSION: Final = "1.0"
"""A reader refuses a greater first number; a greater second one only adds optional keys."""

MAX_DEPTH: Final = 16

_VERSION: Final = re.compile(r"([0-9]{1,4})[.][0-9]{1,4}")


def describe(network: Structure, glassnet_version: str) -> str:
    """The header of a network or a fleet.

    Raises:
        RefusedError: the network holds something that JSON does not.
    """
    header = {
        "format_version": FORMAT_VERSION,
        "glassnet_version": glassnet_version,
        "kind": "network",
        "layers": network.layers,
        "activations": [describe_piece(each) for each in network.activations],
        "dropout": [_rates(each) for each in network.dropout],
        "bias": network.bias,
        "initializer": network.initializer,
        "loss": None if network.loss is None else describe_piece(network.loss),
        "classes": plain(network.classes),
        "columns": network.columns,
        "input_scale": network.input_scale,
        "dtype": str(network.dtype),
        "seed": network.seed,
        "input_scaling": _describe_scaling(network.input_scaling),
        "target_scaling": _describe_scaling(network.target_scaling),
    }
    if isinstance(network, Fleet):
        header |= _of_fleet(network)
    if network.bounds is not None:
        header["bounds"] = True
    if network.history.environment:
        header["environment"] = network.history.environment
    try:
        return json.dumps(header, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (ValueError, TypeError, RecursionError) as error:
        raise RefusedError("header", f"cannot be written as JSON: {error}") from None


def read(text: str, custom: Custom) -> tuple[Header, Pieces]:
    """The header, checked, and the activations and the loss that it names.

    Raises:
        RefusedError: it is damaged, of a later version, or says what no network can be.
    """
    header = read_plain(text)
    for key, check in _checks(header).items():
        allowed = check(header[key], header)
        if allowed:
            raise RefusedError("header", f"{key} {shown(header[key])} must be {allowed}")
    activations = [rebuild(each, Activation, custom) for each in header["activations"]]
    loss = None if header["loss"] is None else rebuild(header["loss"], Loss, custom)
    if loss is not None and header["layers"][-1] % loss.statistics:
        reason = f"the loss {loss.name} needs a multiple of {loss.statistics} outputs"
        raise RefusedError("header", reason)
    return header, Pieces(activations, loss)


def read_plain(text: str) -> Header:
    """The header as a dict that has all its keys and no others; their values are not checked."""
    try:
        header = parse(text, max_depth=MAX_DEPTH)
    except ValueError as error:
        raise RefusedError("header", str(error)) from None
    if type(header) is not dict:
        raise RefusedError("header", f"{shown(header)} must be an object")
    _check_version(header)
    _check_keys(header)
    result: Header = header
    return result


def _of_fleet(fleet: Fleet) -> Header:
    """What a fleet has beside a network."""
    members, most = len(fleet), MAX_MEMBERS
    if members > most:
        reason = (
            f"{members} members, a file holds {most}: save fleet[:{most}] and so on, one by one"
        )
        raise RefusedError("header", reason)
    named = {"members": members, "seeds": fleet.seeds, "own_order": fleet.own_order}
    return {"kind": "fleet", **named}


def _rates(dropout: Any) -> Any:
    """Of one layer: a number, or a list of one for each member."""
    return dropout.tolist() if isinstance(dropout, np.ndarray) else dropout


def _describe_scaling(scaling: Scaling | None) -> dict[str, str] | None:
    return None if scaling is None else {"source": scaling.source}


def _check_version(header: Header) -> None:
    given = header.get("format_version")
    found = _VERSION.fullmatch(given) if type(given) is str else None
    if found is None:
        raise RefusedError("header", f"format_version {shown(given)} must be of the form '1.0'")
    if int(found[1]) > int(FORMAT_VERSION.split(".")[0]):
        writer = shown(header.get("glassnet_version"), 20)
        reason = (
            f"made by a later version of glassnet, {writer}, as format {given}; update glassnet"
        )
        raise RefusedError("header", reason)
    if int(found[1]) < 1:
        raise RefusedError("header", f"format_version {shown(given)} never was one")


def _checks(header: Header) -> dict[str, Check]:
    return OF_FLEETS if header.get("kind") == "fleet" else CHECKS


def _check_keys(header: Header) -> None:
    needed = _checks(header)
    missing = [key for key in needed if key not in header]
    if missing:
        raise RefusedError("header", f"the key {missing[0]!r} is missing")
    optional = header.get("optional", [])
    if type(optional) is not list or any(type(key) is not str for key in optional):
        raise RefusedError("header", "optional must be a list of names")
    known = {*needed, "format_version", "environment", "bounds", "optional", *optional}
    unknown = [key for key in header if key not in known]
    if unknown:
        raise RefusedError("header", f"the key {shown(unknown[0])} is unknown")
    if type(header.get("environment", {})) is not dict:
        raise RefusedError("header", "environment must be an object")
    if header.get("bounds", True) is not True:
        raise RefusedError("header", "bounds must be true, or not there")
