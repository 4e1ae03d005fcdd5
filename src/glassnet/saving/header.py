"""The header of a model file: what a network is, as JSON, without its numbers.

`describe` writes it, `read` checks it: nothing in it is believed. To store one more thing: a line
in `describe`, a check in `CHECKS`, and its use in plan.py. If an older reader may pass over it,
name it in the header's own list "optional".
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any, Final

from ..core.activation import Activation
from ..core.loss import Loss
from ..core.network import Network
from ..core.scaling import Scaling
from ..initializers import INITIALIZERS
from .base import RefusedError
from .pieces import Custom, Pieces, describe_piece, plain, rebuild
from .strict_json import parse, shown

KEY: Final = "glassnet"
"""The name of the header among the texts of a file."""

FORMAT_VERSION: Final = "1.0"
"""A reader refuses a greater first number; a greater second one only adds optional keys."""

MAX_DEPTH: Final = 16

Header = dict[str, Any]

_VERSION: Final = re.compile(r"([0-9]{1,4})[.][0-9]{1,4}")


def describe(network: Network, glassnet_version: str) -> str:
    """The header of a network.

    Raises:
        RefusedError: the network holds something that JSON does not.
    """
    header = {
        "format_version": FORMAT_VERSION,
        "glassnet_version": glassnet_version,
        "kind": "network",
        "layers": network.layers,
        "activations": [describe_piece(each) for each in network.activations],
        "dropout": network.dropout,
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
    for key, check in CHECKS.items():
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


def _check_keys(header: Header) -> None:
    missing = [key for key in CHECKS if key not in header]
    if missing:
        raise RefusedError("header", f"the key {missing[0]!r} is missing")
    optional = header.get("optional", [])
    if type(optional) is not list or any(type(key) is not str for key in optional):
        raise RefusedError("header", "optional must be a list of names")
    known = {*CHECKS, "format_version", "environment", "optional", *optional}
    unknown = [key for key in header if key not in known]
    if unknown:
        raise RefusedError("header", f"the key {shown(unknown[0])} is unknown")
    if type(header.get("environment", {})) is not dict:
        raise RefusedError("header", "environment must be an object")


# Each check gets the value of its key and the header, and gives back what is allowed, in words,
# or an empty text where the value is right.


def _check_text(value: Any, header: Header) -> str:
    return "" if type(value) is str and len(value) <= 100 else "a text of at most 100 characters"


def _check_kind(value: Any, header: Header) -> str:
    return "" if value == "network" and type(value) is str else "'network', all that is known here"


def _check_layers(value: Any, header: Header) -> str:
    fits = type(value) is list and len(value) >= 2
    fits = fits and all(type(size) is int and size >= 1 for size in value)
    return "" if fits else "a list of at least 2 whole numbers above 0"


def _check_activations(value: Any, header: Header) -> str:
    return _check_list(value, len(header["layers"]) - 2)


def _check_dropout(value: Any, header: Header) -> str:
    wrong = _check_list(value, len(header["layers"]) - 2)
    if wrong:
        return wrong
    fits = all(type(rate) in (int, float) and 0 <= rate < 1 for rate in value)
    return "" if fits else "a list of numbers in [0, 1)"


def _check_bias(value: Any, header: Header) -> str:
    wrong = _check_list(value, len(header["layers"]) - 1)
    if wrong:
        return wrong
    return "" if all(type(flag) is bool for flag in value) else "a list of true or false"


def _check_list(value: Any, count: int) -> str:
    return "" if type(value) is list and len(value) == count else f"a list of {count}"


def _check_initializer(value: Any, header: Header) -> str:
    names = ("auto", *INITIALIZERS)
    return "" if type(value) is str and value in names else f"one of {', '.join(names)}"


def _check_classes(value: Any, header: Header) -> str:
    fits = value is None or type(value) is list
    fits = fits and all(type(label) in (str, int, float, bool) for label in value or [])
    return "" if fits else "a list of texts, numbers, true or false; or null"


def _check_object(value: Any, header: Header) -> str:
    return "" if value is None or type(value) is dict else "an object or null"


def _check_scale(value: Any, header: Header) -> str:
    fits = value is None or (type(value) in (int, float) and 0 < value < math.inf)
    return "" if fits else "a finite number above 0, or null"


def _check_dtype(value: Any, header: Header) -> str:
    fits = type(value) is str and value in ("float32", "float64")
    return "" if fits else "'float32' or 'float64'"


def _check_seed(value: Any, header: Header) -> str:
    fits = value is None or (type(value) is int and value >= 0)
    return "" if fits else "a whole number of at least 0, or null"


def _check_scaling(value: Any, header: Header) -> str:
    fits = value is None or value in ({"source": "bytes"}, {"source": "numbers"})
    return "" if fits else "null, or an object with the source 'bytes' or 'numbers'"


CHECKS: Final[dict[str, Callable[[Any, Header], str]]] = {
    "glassnet_version": _check_text,
    "kind": _check_kind,
    "layers": _check_layers,
    "activations": _check_activations,
    "dropout": _check_dropout,
    "bias": _check_bias,
    "initializer": _check_initializer,
    "loss": _check_object,
    "classes": _check_classes,
    "columns": _check_object,
    "input_scale": _check_scale,
    "dtype": _check_dtype,
    "seed": _check_seed,
    "input_scaling": _check_scaling,
    "target_scaling": _check_scaling,
}
