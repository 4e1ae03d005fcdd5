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

from . import doctor, evaluate, explain, export, inspect, mnist, predict, train, xor
from .command import Report, UsageError
from .console import plain, printable, tell
from .kernels import choose_kernels
from .parser import parse

COMMANDS = {
    module.COMMAND.name: module.COMMAND
    for module in (xor, mnist, train, evaluate, predict, inspect, explain, export, doctor)
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
        complain(program, in_a_line(error))
        return FAILED


def run(arguments: Sequence[str]) -> None:
    """Parse, choose the kernels, call the command, print its report."""
    try:
        parsed = parse(arguments, COMMANDS)
    except SystemExit:  # --help or --version, which argparse has printed
        with delivery(sys.stdout):
            return
    command = COMMANDS[parsed.command]
    if command is not doctor.COMMAND:  # which shows what Python programs get
        choose_kernels()
    report = command.run(parsed)
    publish(report, as_json=parsed.json)


def publish(report: Report, as_json: bool) -> None:
    """Print the report on standard output, and make sure that it got there."""
    stream = sys.stdout
    text = json.dumps(plain(report.document), allow_nan=False) if as_json else report.text
    with delivery(stream):
        if text and stream is not None:
            write(stream, printable(text.removesuffix("\n"), stream.encoding) + "\n")


@contextlib.contextmanager
def delivery(stream: TextIO | None) -> Iterator[None]:
    """Find out here, and not at exit, whether a disk is full or the reader has gone.

    `stream` is None in a process that was started without a standard output, as by `>&-`.
    """
    try:
        yield
        if stream is not None:
            stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        silence(stream)
        raise OSError(error.errno, f"standard output: {error.strerror}") from error


def write(stream: TextIO, text: str) -> None:
    """Write all of the text; an unbuffered stream may take a part of it and say nothing."""
    stream.flush()
    data = memoryview(text.encode(stream.encoding))
    while data:
        data = data[stream.buffer.write(data) :]


def silence(stream: TextIO | None) -> None:
    """Let nothing more reach a broken stream: Python would complain about it at exit."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # type: ignore[union-attr]  # None is suppressed
        os.close(nowhere)


def in_a_line(error: Exception) -> str:
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
    with contextlib.suppress(OSError, ValueError):
        tell(" ".join(f"{program}: error: {message}".split()))


@contextlib.contextmanager
def plain_warnings(program: str) -> Iterator[None]:
    """Warnings of the library as one line each, without the place in its source."""

    def show(message: Warning | str, *_: object, **__: object) -> None:
        tell(" ".join(f"{program}: warning: {message}".split()))

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield
