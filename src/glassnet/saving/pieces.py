"""Activations and losses as plain data: their name and their settings, and back.

Those of glassnet come back from its own tables. Those of a user are looked up in `custom`, which
the user passes: nothing is ever looked up by a name that stands in a file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np

from ..activations import ACTIVATIONS
from ..core.activation import Activation
from ..core.loss import Loss
from ..losses import LOSSES
from .base import RefusedError
from .strict_json import shown

Piece = TypeVar("Piece", Activation, Loss)
Custom = dict[str, Activation | Loss]


class Pieces(NamedTuple):
    """Of one network: an activation for each hidden layer; no loss where it is not settled."""

    activations: Sequence[Activation]
    loss: Loss | None


_PLAIN: Final = (bool, int, float, str)


def describe_piece(piece: Activation | Loss) -> dict[str, Any]:
    """The name and the settings, as JSON takes them: {"name": "huber", "delta": 1.0}."""
    described: dict[str, Any] = {"name": piece.name}
    for name in _settings(piece):
        setting = plain(getattr(piece, name))
        if is_plain(setting) or not is_own(piece):
            described[name] = setting
    return described


def plain(value: Any) -> Any:
    """The value with NumPy's scalars, tuples and activations turned into what JSON has."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Activation):
        return describe_piece(value)
    return [plain(each) for each in value] if isinstance(value, (tuple, list)) else value


def is_plain(value: Any) -> bool:
    return all(isinstance(each, _PLAIN) for each in (value if isinstance(value, list) else [value]))


def is_own(piece: Activation | Loss) -> bool:
    """Whether it is a user's, not one of glassnet's with settings of its own."""
    return type(_table(type(piece)).get(piece.name)) is not type(piece)


def own_pieces(pieces: Iterable[Activation | Loss]) -> Custom:
    """Those that are not glassnet's, by name.

    Raises:
        RefusedError: one bears the name of another, so that the name would not say which.
    """
    own: Custom = {}
    pieces = [*pieces]
    links = [getattr(each, "activation", None) for each in pieces if not is_own(each)]
    pieces += [each for each in links if isinstance(each, Activation)]
    for piece in filter(is_own, pieces):
        if piece.name in _table(type(piece)) or own.get(piece.name, piece) != piece:
            reason = f"{shown(piece.name)} is the name of two different things; rename your own"
            raise RefusedError("header", reason)
        own[piece.name] = piece
    return own


def check_custom(custom: object) -> Custom:
    """The argument `custom`, checked: {name: Activation or Loss}, names as the objects say."""
    if custom is None:
        return {}
    if not isinstance(custom, Mapping):
        raise TypeError(
            "custom must be a dict of names and objects, for instance "
            f"{{'cube': cube}}; got {type(custom).__name__}."
        )
    for name, piece in custom.items():
        if not isinstance(piece, (Activation, Loss)):
            raise TypeError(
                f"custom[{shown(name)}] must be an Activation or a Loss; "
                f"got {type(piece).__name__}."
            )
        if piece.name != name:
            raise ValueError(
                f"custom[{shown(name)}] is named {shown(piece.name)}; use its name as the key."
            )
    own_pieces(custom.values())
    return dict(custom)


def rebuild(described: Any, kind: type[Piece], custom: Custom) -> Piece:
    """The activation or loss that `describe_piece` described.

    Raises:
        RefusedError: the name or a setting is unknown, or a setting has a value it may not have.
    """
    what = "activation" if kind is Activation else "loss"
    if type(described) is not dict or type(described.get("name")) is not str:
        raise RefusedError("header", f"{what} {shown(described)} must be an object with a name")
    name = described["name"]
    if name in _table(kind):
        found: Piece = _with_settings(_table(kind)[name], described, what, custom)
        return found
    piece = custom.get(name)
    if not isinstance(piece, kind):
        raise RefusedError("header", _unknown(what, name))
    if describe_piece(piece) != described:
        raise RefusedError(
            "header",
            f"{what} {shown(name)} was saved as {shown(described)}, but custom gives "
            f"{shown(describe_piece(piece))}",
        )
    return piece


def _settings(piece: Any) -> list[str]:
    """The names of its settings: the fields of a dataclass."""
    if not dataclasses.is_dataclass(piece):
        return []
    return [field.name for field in dataclasses.fields(piece) if field.init]


def _table(kind: type[Any]) -> Mapping[str, Any]:
    return ACTIVATIONS if issubclass(kind, Activation) else LOSSES


def _unknown(what: str, name: str) -> str:
    text = shown(name, 40)
    return (
        f"{what} {text} is not one of glassnet's; if it is your own, pass "
        f"custom={{{text}: ...}} with the object that the network was made with"
    )


def _with_settings(default: Any, described: dict[str, Any], what: str, custom: Custom) -> Any:
    settings = {}
    for name, value in described.items():
        if name == "name":
            continue
        label = f"{what} {default.name}"
        if name not in _settings(default):
            raise RefusedError("header", f"{label} has no setting {shown(name)}")
        settings[name] = _like(getattr(default, name), value, f"{label}: {name}", custom)
    try:
        return dataclasses.replace(default, **settings) if settings else default
    except (ValueError, TypeError, OverflowError) as error:
        raise RefusedError("header", f"{what} {default.name}: {error}") from None


def _like(default: Any, value: Any, label: str, custom: Custom) -> Any:
    """`value` as a setting of the type that its default has."""
    if isinstance(default, tuple) and type(value) is list:
        return tuple(_like(0.0, each, label, custom) for each in value)
    if isinstance(default, float) and type(value) in (int, float):
        return float(value)  # finite, as all numbers of strict JSON are
    link = default in ACTIVATIONS  # of a loss
    if link and type(value) is dict:
        return rebuild(value, Activation, custom)
    same = type(value) is type(default) and type(value) in _PLAIN
    if same and (not link or value in ACTIVATIONS):
        return value
    raise RefusedError("header", f"{label} {shown(value)} is none that it may have")
