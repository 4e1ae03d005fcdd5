"""The program as a whole: help, versions, streams, and errors of every kind as one line.

An error that should read otherwise belongs in the table of failures.
"""

import errno
import io
import os
import re
import sys
import warnings
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from cli_helpers import Runner

from glassnet import __version__
from glassnet.cli import app, main
from glassnet.cli.command import Report, listed
from glassnet.cli.console import grid, note, percent, plain, printable, short, show_progress

NAMES = list(app.COMMANDS)


def answer(monkeypatch: pytest.MonkeyPatch, outcome: Report | BaseException) -> None:
    """Make every command give this report, or raise this error."""

    def fake(arguments: object) -> None:
        if isinstance(outcome, BaseException):
            raise outcome
        app.publish(outcome, as_json=False)

    monkeypatch.setattr(app, "run", fake)


@pytest.mark.parametrize("words", [["--help"], *([name, "--help"] for name in NAMES)])
def test_help_teaches_and_fits_the_width(
    run: Runner, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for columns in ("1", "40", "80", "1000"):
        monkeypatch.setenv("COLUMNS", columns)
        code, out, err = run(*words)
        assert (code, err) == (0, "")
        assert out.startswith("usage: glassnet")
        assert max(map(len, out.splitlines())) <= 100
    if len(words) == 2:
        assert "examples:\n  glassnet " + words[0] in out
        assert all(option in out for option in ("--json", "--debug"))
        assert ("--seed" in out) == (words[0] not in ("evaluate", "predict", "inspect", "export"))
    else:
        assert all(f"  {name} " in out for name in NAMES)


@pytest.mark.parametrize(
    "words", [["--version"], ["--debug", "--version"], *([name, "--version"] for name in NAMES)]
)
def test_every_command_tells_the_version(run: Runner, words: list[str]) -> None:
    assert run(*words) == (0, f"glassnet {__version__}\n", "")


def test_debug_may_stand_before_the_command(run: Runner) -> None:
    assert run("--debug", "xor", "--epochs", "1").code == 0


def test_arguments_default_to_those_of_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["glassnet", "--version"])
    assert main() == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("two\nlines"), "two lines"),
        (FileNotFoundError(errno.ENOENT, "No such file", "a.csv"), "a.csv: No such file"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (OSError("odd"), "odd"),
        (MemoryError(), "not enough memory"),
        (MemoryError("needs 9 GiB"), "not enough memory: needs 9 GiB"),
        (ImportError('pip install "glassnet[plots]"'), 'pip install "glassnet[plots]"'),
        (
            KeyError("x"),
            "unexpected KeyError: 'x' (this is a bug: --debug shows where)",
        ),
        (ValueError(), "unexpected ValueError: (this is a bug: --debug shows where)"),
    ],
)
def test_every_failure_is_one_line_and_1(
    run: Runner, monkeypatch: pytest.MonkeyPatch, error: Exception, line: str
) -> None:
    answer(monkeypatch, error)
    assert run("train", "x") == (1, "", f"glassnet train: error: {line}\n")
    code, _, err = run("train", "x", "--debug")
    assert code == 1
    assert err.startswith("Traceback")
    assert err.endswith(f"glassnet train: error: {line}\n")


def test_ctrl_c_is_130_without_a_traceback(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, KeyboardInterrupt())
    assert run("xor") == (130, "", "glassnet xor: error: stopped by Ctrl-C\n")


def test_a_warning_is_one_line(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def fake(arguments: object) -> None:
        warnings.simplefilter("always")
        warnings.warn("mind\nthe gap", stacklevel=1)

    monkeypatch.setattr(app, "run", fake)
    assert run("xor") == (0, "", "glassnet xor: warning: mind the gap\n")


class Stream(io.TextIOWrapper):
    """An output stream over a real file descriptor, or one that fails when flushed."""

    def __init__(self, error: OSError | None = None, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self.error = error

    def flush(self) -> None:
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        super().flush()


@pytest.mark.parametrize("words", [["xor"], ["--version"]])
def test_a_reader_that_has_gone_ends_the_command_with_141(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    if words == ["xor"]:
        answer(monkeypatch, Report({}, "text"))
    monkeypatch.setattr(sys, "stdout", Stream(BrokenPipeError(errno.EPIPE, "Broken pipe")))
    assert main(words) == 141
    assert capsys.readouterr().err == ""


def test_a_full_disk_under_standard_output_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, Report({}, "text"))
    monkeypatch.setattr(sys, "stdout", Stream(OSError(errno.ENOSPC, "No space left")))
    assert main(["xor"]) == 1
    assert capsys.readouterr().err == "glassnet xor: error: standard output: No space left\n"


def test_a_stream_that_takes_a_part_at_a_time_gets_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Sips(io.BytesIO):
        def write(self, data: Any) -> int:
            return super().write(bytes(data[:7]))

    answer(monkeypatch, Report({}, "a text that is longer than seven letters"))
    out = io.TextIOWrapper(Sips(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["xor"]) == 0
    assert out.buffer.getvalue() == b"a text that is longer than seven letters\n"  # type: ignore[attr-defined]  # a stand-in for a terminal


def test_a_broken_stream_is_turned_to_nowhere(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w", encoding="utf-8") as stream:
        app.silence(stream)
        stream.write("lost")
    assert (tmp_path / "out").read_text(encoding="utf-8") == ""
    app.silence(None)


@pytest.mark.parametrize("words", [["xor", "--epochs", "1"], ["--version"], ["zzz"]])
def test_a_process_without_standard_streams_still_works(
    monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert main(words) == (2 if words == ["zzz"] else 0)


def test_letters_that_a_stream_cannot_write_become_escapes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer(monkeypatch, Report({}, "Zürich"))
    out = Stream(encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["xor"]) == 0
    assert out.buffer.getvalue() == b"Z\\xfcrich\n"  # type: ignore[attr-defined]  # a stand-in for a terminal
    answer(monkeypatch, ValueError("Zürich"))
    err = Stream(encoding="ascii")
    monkeypatch.setattr(sys, "stderr", err)
    assert main(["xor"]) == 1
    assert err.buffer.getvalue().endswith(b"Z\\xfcrich\n")  # type: ignore[attr-defined]  # a stand-in for a terminal


def test_an_empty_report_prints_nothing(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, Report({}, ""))
    assert run("xor") == (0, "", "")


# ---- console


def test_json_holds_plain_values_only() -> None:
    import numpy as np

    value = {"a": np.float32(0.5), 1: (float("nan"), np.arange(2)), "b": [float("inf"), None, "x"]}
    assert plain(value) == {"a": 0.5, "1": [None, [0, 1]], "b": [None, None, "x"]}


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1.0, "100.00 %"),
        (0.999999, "99.99 %"),
        (0.5, "50.00 %"),
        (0.0, "0.00 %"),
        (0.9725, "97.25 %"),
    ],
)
def test_only_all_is_100_percent(share: float, text: str) -> None:
    assert percent(share) == text


def test_tables_are_lined_up() -> None:
    assert grid([["a", 1], ["bb", 22]], ["x", "y"]) == "  x    y\n  a    1\n  bb  22"
    assert grid([["a", 1]]) == "  a  1"


@pytest.mark.parametrize(
    ("value", "text"),
    [(10610.4, "10,610"), (-1234.5, "-1,234"), (999.94, "999.9"), (0.12345, "0.1235"), (0, "0")],
)
def test_numbers_are_short_and_readable(value: float, text: str) -> None:
    assert short(value) == text
    assert short(2e12) == "2e+12"


def test_lists_of_values_quote_each_and_end_somewhere() -> None:
    assert listed(["a", "b, c", 3]) == "'a', 'b, c', 3"
    assert listed("abc", 2) == "'a', 'b', ..."


@pytest.mark.parametrize("words", [["train", "absent.csv", "--target", "x"], ["zzz"]])
def test_standard_output_is_flushed_before_an_error_is_told(
    monkeypatch: pytest.MonkeyPatch, in_folder: Path, words: list[str]
) -> None:
    """Both streams lead to one pipe here, as with `2>&1 | less`."""
    pipe = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe, "utf-8"))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(pipe, "utf-8"))
    print("first")
    assert main(words) > 0
    sys.stdout.detach()  # type: ignore[attr-defined]  # a stand-in for a terminal
    sys.stderr.detach()  # type: ignore[attr-defined]  # a stand-in for a terminal
    assert pipe.getvalue().startswith(b"first\nglassnet")


def test_notes_and_progress_are_for_those_who_watch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet, loud = Namespace(quiet=True), Namespace(quiet=False)
    note(quiet, "unheard")
    note(loud, "heard")
    assert capsys.readouterr().err == "heard\n"
    assert not show_progress(loud)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert show_progress(loud)
    assert not show_progress(quiet)


def test_a_stream_of_unknown_encoding_gets_ascii() -> None:
    assert printable("ü", None) == "\\xfc"


def test_every_line_of_an_error_starts_with_the_program(run: Runner) -> None:
    code, _, err = run("predict", "x" + os.sep + "\x1b[31mred.safetensors", "y.csv")
    assert code == 1
    assert re.fullmatch(r"glassnet predict: error: [^\n]*\n", err)
