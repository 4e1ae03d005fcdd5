"""JSON out of a file that nobody vouches for.

Python's own parser is lenient (a key given twice, NaN, 1e999, lone surrogates) and can be made
to fail in odd ways (100,000 brackets, integers of 5,000 digits). `parse` looks at the text before
the parser does, and raises ValueError, in words, for everything that this format does not allow.
"""

from __future__ import annotations

import json
import math
import re
from itertools import islice
from typing import Any, Final, NoReturn

MAX_LISTS: Final = 32_000
"""Objects and lists in one text: each may cost 230 bytes of memory for 8 of text."""

MAX_COMMAS: Final = 80_000
"""Commas in one text, which count its values: each may cost 90 bytes for 10 of text."""

MAX_DIGITS: Final = 80
"""Digits of one integer: more than a 256-bit seed has."""

# A string (closed or not: the parser finds that out) or a mark. Possessive, so never quadratic.
_TOKEN: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},]', re.DOTALL)


def parse(text: str, *, max_depth: int) -> Any:
    """The value of a JSON text with at most `max_depth` levels of objects and lists.

    Raises:
        ValueError: the text is not strict JSON, or larger or deeper than is allowed here.
    """
    _scan(text, max_depth)
    value = json.loads(
        text,
        object_pairs_hook=_object,
        parse_constant=_refuse_constant,
        parse_float=_float,
        parse_int=_int,
    )
    _refuse_lone_surrogates(value)
    return value


def shown(value: object, limit: int = 60) -> str:
    """The value as `repr` shows it, cut; large ones are cut first, so that they cost nothing."""
    text = repr(_start(value))
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _start(value: Any, items: int = 64) -> Any:
    """The value with no more of its texts, lists and objects than can be shown."""
    if isinstance(value, str):
        return value[:100]
    if isinstance(value, dict):
        pairs = islice(value.items(), items)
        return {_start(key): _start(each, items // 4) for key, each in pairs}
    if isinstance(value, list):
        return [_start(each, items // 4) for each in value[:items]]
    return value


def _scan(text: str, max_depth: int) -> None:
    depth = lists = commas = 0
    for token in _TOKEN.finditer(text):
        mark = token[0][0]
        if mark in "[{":
            depth += 1
            lists += 1
        elif mark in "]}":
            depth -= 1
        elif mark == ",":
            commas += 1
        if depth > max_depth:
            raise ValueError(f"the JSON is nested more than {max_depth} levels deep")
        if lists > MAX_LISTS or commas > MAX_COMMAS:
            raise ValueError(f"the JSON has more than {MAX_LISTS} lists or {MAX_COMMAS} values")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in pairs:
        if name in result:
            raise ValueError(f"the JSON has the key {shown(name)} twice in one object")
        result[name] = value
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"the JSON holds {name}, which is not a number of JSON")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the JSON holds the number {shown(text)}, too large for a float")
    return value


def _int(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"the JSON holds an integer of {len(text)} digits")
    return int(text)


def _refuse_lone_surrogates(value: Any) -> None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str) and not item.isascii():
            _refuse_surrogate(item)


def _refuse_surrogate(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"the JSON holds half a character in {text[:40]!a}") from None
