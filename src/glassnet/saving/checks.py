"""What the keys of a header may hold: a check for each, of networks and of fleets.

A check gets the value of its key and the header, and gives back what is allowed, in words, or an
empty text where the value is right. To check a new key: a function, and a line in `CHECKS`, or in
`OF_FLEETS` where networks do not have it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from ..initializers import INITIALIZERS

MAX_MEMBERS: Final = 2**16
"""Members of a fleet in one file: each has three random streams, of 1.3 kB of memory each."""

Header = dict[str, Any]
Check = Callable[[Any, Header], str]


def _check_text(value: Any, header: Header) -> str:
    return "" if type(value) is str and len(value) <= 100 else "a text of at most 100 characters"


def _check_kind(value: Any, header: Header) -> str:
    fits = type(value) is str and value in ("network", "fleet")
    return "" if fits else "'network' or 'fleet'"


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
    return "" if all(_is_rate(rate) for rate in value) else "a list of numbers in [0, 1)"


def _is_rate(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < 1


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
    return "" if _is_seed(value) else "a whole number of at least 0, or null"


def _is_seed(value: Any) -> bool:
    return value is None or (type(value) is int and value >= 0)


def _check_scaling(value: Any, header: Header) -> str:
    fits = value is None or value in ({"source": "bytes"}, {"source": "numbers"})
    return "" if fits else "null, or an object with the source 'bytes' or 'numbers'"


# Of fleets alone.


def _check_members(value: Any, header: Header) -> str:
    fits = type(value) is int and 1 <= value <= MAX_MEMBERS
    return "" if fits else f"a whole number from 1 to {MAX_MEMBERS}"


def _check_seeds(value: Any, header: Header) -> str:
    members = header["members"]
    fits = not _check_list(value, members) and all(_is_seed(seed) for seed in value)
    return "" if fits else f"a list of {members} whole numbers of at least 0, or nulls"


def _check_flag(value: Any, header: Header) -> str:
    return "" if type(value) is bool else "true or false"


def _check_dropout_of_members(value: Any, header: Header) -> str:
    """As that of a network, but that an entry may be a list of as many rates as members."""
    wrong, members = _check_list(value, len(header["layers"]) - 2), header["members"]
    if wrong:
        return wrong
    lists = [rates for rates in value if type(rates) is list]
    fits = all(_is_rate(rate) for rate in value if type(rate) is not list)
    fits = fits and all(len(rates) == members and all(map(_is_rate, rates)) for rates in lists)
    return "" if fits else f"a list of numbers in [0, 1), or of lists of {members} of them"


CHECKS: Final[dict[str, Check]] = {
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

OF_FLEETS: Final[dict[str, Check]] = {
    "members": _check_members,  # first, as others go by it
    **CHECKS,
    "dropout": _check_dropout_of_members,
    "seeds": _check_seeds,
    "own_order": _check_flag,
}
