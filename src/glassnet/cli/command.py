"""What a command is, what it gives back, and the one error that means "typed wrong".

To add a command, make a `Command` in a file of its own (see `inspect.py` for a short one).
Everything in this file is standard library: it is loaded for `--help` too.
"""

from __future__ import annotations

import contextlib
import difflib
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Report:
    """What a command has to say: `document` for `--json`, `text` for people."""

    document: dict[str, Any]
    text: str


@dataclass(frozen=True)
class Command:
    """One word after `glassnet`.

    `summary` is the line in `glassnet --help`; `description` and `examples` make up its own
    `--help`; `add_options` fills its parser; `run` does the work.
    """

    name: str
    summary: str
    description: str
    examples: str
    add_options: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], Report]


class UsageError(Exception):
    """The command line itself is wrong: exit code 2. Other errors are failures: exit code 1."""

    def __init__(self, message: str, program: str = "") -> None:
        super().__init__(message)
        self.program = program


@contextlib.contextmanager
def blame_options() -> Iterator[None]:
    """Around calls whose arguments come from options only: their refusals are usage errors."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise UsageError(str(error)) from error


def shown(value: object, limit: int = 80) -> str:
    """The repr of a value, at most `limit` characters: safe to print whatever is in it."""
    text = ascii(value) if not isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def listed(values: Iterable[object], most: int = 10) -> str:
    """The first few values, each quoted on its own: `'a', 'b', ...`."""
    words = [shown(value, 30) for value in values]
    return ", ".join(words[:most]) + (", ..." if len(words) > most else "")


def closest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word that is most like `word`, in whatever case, if one is alike."""
    by_form = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), by_form, n=1, cutoff=cutoff)
    return by_form[close[0]] if close else None
