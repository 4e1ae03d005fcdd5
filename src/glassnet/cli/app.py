"""The program: from the words typed to an exit code; every error becomes one line here.

To add a command, list its `COMMAND` in COMMANDS; `--help` shows them in this order.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from typing import TextIO

from . import doctor, evaluate, inspect, mnist, predict, train, xor
from .command import Report, UsageError
from .console import plain, printable
from .parser import parse

COMMANDS = {
    module.COMMAND.name: module.COMMAND
    for module in (xor, mnist, train, evaluate, predict, inspect, doctor)
}
FAILED, WRONG_USAGE, INTERRUPTED, READER_GONE = 1, 2, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (default: the process's own) and return its exit code.

    0: done. 1: failed. 2: the command line is wrong. 130: stopped by Ctrl-C. 141: whoever read
    the output has gone (`| head`). Errors are one line on standard error, with the traceback
    above it where `--debug` is given.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    program = " ".join(["glassnet", *(word for word in arguments if word in COMMANDS)][:2])
    try:
        with plain_warnings(program):
            run(arguments)
        return 0
    except SystemExit as leave:  # argparse's --help and --version
        return finish(leave)
    except BrokenPipeError:
        silence(sys.stdout)
        return READER_GONE
    except KeyboardInterrupt as error:
        complain(program, str(error) or "stopped by Ctrl-C")
        return INTERRUPTED
    except Exception as error:
        if "--debug" in arguments:
            traceback.print_exc()
        if isinstance(error, UsageError):
            complain(error.program or program, str(error))
            return WRONG_USAGE
        complain(program, explain(error))
        return FAILED


def run(arguments: Sequence[str]) -> None:
    """Parse, call the command, print its report."""
    parsed = parse(arguments, COMMANDS)
    report = COMMANDS[parsed.command].run(parsed)
    publish(report, as_json=parsed.json)


def publish(report: Report, as_json: bool) -> None:
    """Print the report on standard output, and make sure that it got there."""
    stream = sys.stdout
    if stream is None:  # started without a standard output, as by `>&-`
        return
    text = json.dumps(plain(report.document), allow_nan=False) if as_json else report.text
    try:
        if text:
            stream.write(printable(text.removesuffix("\n"), stream.encoding) + "\n")
        stream.flush()  # so that a full disk or a closed pipe is found here and not at exit
    except BrokenPipeError:
        raise
    except OSError as error:
        silence(stream)
        raise OSError(error.errno, f"standard output: {error.strerror}") from error


def silence(stream: TextIO | None) -> None:
    """Let nothing more reach a broken stream: Python would complain about it at exit."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # type: ignore[union-attr]
        os.close(nowhere)


def finish(leave: SystemExit) -> int:
    """The exit code of a help text, once it has been read."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
        return READER_GONE
    return leave.code if isinstance(leave.code, int) else 0


def explain(error: Exception) -> str:
    """One line for an error that is not the command line's fault."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror or error}"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, MemoryError):
        return f"not enough memory: {error}" if str(error) else "not enough memory"
    if isinstance(error, (ValueError, TypeError, ImportError)) and str(error):
        return str(error)
    return f"unexpected {type(error).__name__}: {error} (this is a bug: --debug shows where)"


def complain(program: str, message: str) -> None:
    """One line on standard error, whatever line breaks and bytes the message holds."""
    line = " ".join(f"{program}: error: {message}".split())
    with contextlib.suppress(OSError, ValueError):
        if sys.stderr is not None:
            print(printable(line, sys.stderr.encoding), file=sys.stderr, flush=True)


@contextlib.contextmanager
def plain_warnings(program: str) -> Iterator[None]:
    """Warnings of the library as one line each, without the place in its source."""

    def show(message: Warning | str, *_: object, **__: object) -> None:
        print(" ".join(f"{program}: warning: {message}".split()), file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield
