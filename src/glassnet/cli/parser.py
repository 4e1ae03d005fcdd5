"""argparse with errors of one line, help that fits narrow terminals, and "did you mean".

The commands fill the parser through their `add_options`; nothing here knows any of them by name.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
from collections.abc import Iterable, Sequence
from typing import NoReturn

from .command import Command, UsageError, closest, shown
from .options import add_common

DESCRIPTION = """\
Dense neural networks on NumPy alone.

Try `glassnet xor` first, then `glassnet mnist`, then `glassnet train` on a table of yours."""


class Parser(argparse.ArgumentParser):
    """An argument parser that raises UsageError instead of printing usage and leaving."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see `{self.prog} --help`)", self.prog)

    def known(self) -> list[str]:
        """All options, in all their spellings."""
        return [name for action in self._actions for name in action.option_strings]


def help_format(prog: str) -> argparse.HelpFormatter:
    """Help between 60 and 100 columns wide, whatever the terminal says of itself."""
    width = min(max(shutil.get_terminal_size().columns - 2, 60), 100)
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=30, width=width)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean X?` for the known word closest to `word`, or nothing."""
    close = closest(word, known, cutoff=0.5)
    return "" if close is None else f"; did you mean {close}?"


def parse(arguments: Sequence[str], commands: dict[str, Command]) -> argparse.Namespace:
    """The parsed command line, with `.command` the name of the command.

    Raises UsageError for everything that is typed wrong.
    """
    parser, parsers = build(commands)
    chosen = parsers.get(check_command(arguments, commands), parser)
    check_options(arguments, chosen)
    parsed, unknown = parser.parse_known_args(arguments)
    if unknown:
        raise UsageError(explain_unknown(unknown[0], chosen), chosen.prog)
    return parsed


def build(commands: dict[str, Command]) -> tuple[Parser, dict[str, Parser]]:
    """The parser of the whole program, and those of its commands by name."""
    parser = Parser(
        prog="glassnet", description=DESCRIPTION, formatter_class=help_format, allow_abbrev=False
    )
    add_common(parser)
    subparsers = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    parsers = {}
    for command in commands.values():
        parsers[command.name] = subparsers.add_parser(
            command.name,
            help=command.summary,
            description=command.description,
            epilog=f"examples:\n{command.examples}",
            formatter_class=help_format,
            allow_abbrev=False,
        )
        command.add_options(parsers[command.name])
        add_common(parsers[command.name])
    return parser, parsers


def check_command(arguments: Sequence[str], commands: dict[str, Command]) -> str:
    """The name of the command, or "" where help or the version of the program is asked for.

    Raises UsageError for a command line without a command, or with one that does not exist.
    """
    first = itertools.takewhile(lambda word: word.startswith("-"), arguments)
    if any(word in ("-h", "--help", "--version") for word in first):
        return ""
    words = [word for word in arguments if not word.startswith("-")]
    names = ", ".join(commands)
    if not words:
        stray = [word for word in arguments if word not in ("--debug", "--")]
        if stray:
            raise UsageError(f"unknown option {shown(stray[0])} before a command ({names})")
        raise UsageError(f"a command is needed: {names} (see `glassnet --help`)")
    if words[0] not in commands:
        hint = did_you_mean(words[0], commands)
        raise UsageError(f"unknown command {shown(words[0])}{hint} (commands: {names})")
    return words[0]


def check_options(arguments: Sequence[str], parser: Parser) -> None:
    """Refuse a misspelled option first: argparse would only say what is missing without it."""
    for word in itertools.takewhile(lambda word: word != "--", arguments):
        if word.startswith("--") and word.split("=")[0] not in parser.known():
            raise UsageError(explain_unknown(word, parser), parser.prog)


def explain_unknown(word: str, parser: Parser) -> str:
    """What to say of a word that the command's parser could not use."""
    if not word.startswith("-"):
        return f"one word too many: {shown(word)} (see `{parser.prog} --help`)"
    option = word.split("=")[0]
    return f"unknown option {shown(option)}{did_you_mean(option, parser.known())}"
