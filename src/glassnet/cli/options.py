"""The options that several commands share, and the checks of what is typed after them.

A check is a function from the text to the value that raises argparse's ArgumentTypeError with
what is allowed; to add an option for all commands that train, add it in `add_training`.
"""

from __future__ import annotations

import math
from argparse import SUPPRESS, Action, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from typing import Any

from glassnet import __version__

from .command import closest, shown

DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " "}


class ShowVersion(Action):
    """`--version`, read only when it is asked for."""

    def __call__(
        self,
        parser: ArgumentParser,
        namespace: Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        print(f"glassnet {__version__}")
        parser.exit()


def add_common(parser: ArgumentParser) -> None:
    """Options of every command, and of `glassnet` itself."""
    parser.add_argument(
        "--debug", action="store_true", default=SUPPRESS, help="show the traceback of an error"
    )
    parser.add_argument(
        "--version", action=ShowVersion, nargs=0, help="print the version and leave"
    )


def add_output_form(parser: ArgumentParser, seed: str | None) -> None:
    """`--seed`, `--json` and `--quiet`; `seed` says what is drawn at random.

    Where nothing is (None), `--seed` is taken all the same, so that scripts may always give it.
    """
    words = SUPPRESS if seed is None else f"{seed} (default: 0)"
    parser.add_argument("--seed", type=natural, default=0, metavar="N", help=words)
    parser.add_argument(
        "--json", action="store_true", help="print one JSON document and nothing else"
    )
    parser.add_argument(
        "--quiet", action="store_true", help="no notes and no progress on standard error"
    )


def add_training(parser: ArgumentParser) -> None:
    """How a network is built and trained; left out, the library's own defaults hold."""
    group = parser.add_argument_group("training")
    group.add_argument("--batch-size", type=positive, metavar="N", help="rows in a step")
    group.add_argument(
        "--learning-rate",
        "--lr",
        type=above_zero,
        metavar="X",
        help="length of a step (default: the optimizer's)",
    )
    group.add_argument("--optimizer", metavar="NAME", help="sgd, adam, adamw, rprop, ...")
    group.add_argument("--activation", metavar="NAME", help="relu, leaky_relu, tanh, gelu, ...")
    group.add_argument(
        "--dropout", type=share, metavar="X", help="share of hidden units to drop, 0 to below 1"
    )
    group.add_argument(
        "--time-limit", type=above_zero, metavar="S", help="stop after this many seconds"
    )


def add_files(parser: ArgumentParser, plots: str) -> None:
    """`--output`, `--overwrite` and `--plots`; `plots` says which pictures are drawn."""
    group = parser.add_argument_group("files written")
    group.add_argument(
        "--output", metavar="FILE", help="save the network here: .safetensors, .npz or .pkl"
    )
    group.add_argument("--overwrite", action="store_true", help="replace FILE if it exists")
    add_plots(group, plots)


def add_plots(parser: Any, plots: str) -> None:
    """`--plots DIR`, for a parser or a group of one."""
    parser.add_argument("--plots", metavar="DIR", help=f"write pictures into this folder: {plots}")


def add_table(parser: ArgumentParser) -> None:
    """How a CSV file is written, for every command that reads one."""
    group = parser.add_argument_group("the table")
    group.add_argument(
        "--delimiter",
        type=delimiter,
        metavar="C",
        help="between cells: , ; or tab (default: whichever the first line holds most of)",
    )
    group.add_argument(
        "--decimal", type=decimal, default=".", metavar="C", help="decimal sign: . (default) or ,"
    )
    group.add_argument(
        "--encoding", type=encoding, default="utf-8", metavar="NAME", help="default: utf-8"
    )
    group.add_argument(
        "--no-header",
        action="store_true",
        help="the first line is data; the columns are named 1, 2, 3, ...",
    )


def whole(text: str, least: int, most: float, what: str) -> int:
    """A whole number, also written as 1e6, in least .. most."""
    try:
        number = int(text)
    except ValueError:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not value.is_integer():
            raise ArgumentTypeError(f"must be {what}; got {shown(text)}") from None
        number = int(value)
    if not least <= number <= most:
        raise ArgumentTypeError(f"must be {what}; got {shown(text)}")
    return number


def positive(text: str) -> int:
    """1, 2, 3, ..."""
    return whole(text, 1, math.inf, "a whole number of 1 or more")


def natural(text: str) -> int:
    """0, 1, 2, ... (below 2 ** 63)."""
    return whole(text, 0, 2**63 - 1, "a whole number from 0 to 2 ** 63 - 1")


def real(text: str, allowed: Callable[[float], bool], what: str) -> float:
    """A finite number that `allowed` accepts."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and allowed(value)):
        raise ArgumentTypeError(f"must be {what}; got {shown(text)}")
    return value


def above_zero(text: str) -> float:
    """A finite number above 0."""
    return real(text, lambda value: value > 0, "a finite number above 0")


def at_least_zero(text: str) -> float:
    """A finite number of 0 or more."""
    return real(text, lambda value: value >= 0, "a finite number of 0 or more")


def share(text: str) -> float:
    """A number from 0 to below 1."""
    return real(text, lambda value: 0 <= value < 1, "a number from 0 to below 1")


def layers(text: str) -> list[int]:
    """Sizes of layers, such as 784,32,16,10: inputs first, outputs last."""
    sizes = hidden_layers(text)
    if len(sizes) < 2:
        raise ArgumentTypeError(
            f"must hold two sizes or more, inputs first and outputs last; got {shown(text)}"
        )
    return sizes


def hidden_layers(text: str) -> list[int]:
    """Sizes of hidden layers, such as 32,16; `none` for a network without any."""
    if text.strip().lower() == "none":
        return []
    what = "whole numbers of 1 or more with commas between them, such as 32,16"
    try:
        return [whole(entry, 1, math.inf, what) for entry in text.split(",")]
    except ArgumentTypeError:
        raise ArgumentTypeError(f"must be {what}; got {shown(text)}") from None


def delimiter(text: str) -> str:
    """One character, or the name of one."""
    character = DELIMITERS.get(text.lower(), text)
    if len(character) != 1 or character in '"\r\n\0':
        raise ArgumentTypeError(f"must be one character, such as ; or tab; got {shown(text)}")
    return character


def decimal(text: str) -> str:
    """A point or a comma."""
    if text not in (".", ","):
        raise ArgumentTypeError(f"must be . or , (a comma); got {shown(text)}")
    return text


def encoding(text: str) -> str:
    """The name of a text encoding that Python knows."""
    try:
        "".encode(text)
    except (LookupError, ValueError):
        raise ArgumentTypeError(
            f"must be a text encoding such as utf-8, latin-1 or utf-16; got {shown(text)}"
        ) from None
    return text


def one_of(*allowed: str) -> Callable[[str], str]:
    """A check for one of these words."""

    def check(text: str) -> str:
        if text not in allowed:
            close = closest(text, allowed)
            hint = "" if close is None else f"; did you mean {close}?"
            raise ArgumentTypeError(f"must be {' or '.join(allowed)}; got {shown(text)}{hint}")
        return text

    return check


def names(text: str) -> list[str]:
    """Column names with commas between them."""
    found = [name.strip() for name in text.split(",")]
    if not all(found):
        raise ArgumentTypeError(f"must be names with commas between; got {shown(text)}")
    return found
