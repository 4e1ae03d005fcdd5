"""The table of bad command lines: each answered with its exit code and one line.

To add a case, add its words and a pattern for the line that must come.
"""

import errno
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_helpers import Runner

TRAIN = ["train", "houses.csv", "--target", "price", "--layers", "4", "--epochs", "2"]


def one_line(err: str) -> str:
    """The last line of standard error, before which there may only be notes."""
    lines = err.splitlines()
    assert all(line.startswith("note: ") for line in lines[:-1])
    assert re.match(r"glassnet( \w+)?: error: ", lines[-1])
    return lines[-1]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], r"a command is needed: xor, mnist, train"),  # C1
        (["--"], r"a command is needed"),
        (["trian"], r"unknown command 'trian'; did you mean train\?"),  # C2
        (["zzzzzz"], r"unknown command 'zzzzzz' \(commands: "),
        (["--trian"], r"unknown option '--trian' before a command"),
        (["--trian", "xor"], r"unknown option '--trian'"),
        ([*TRAIN, "--epoch", "3"], r"unknown option '--epoch'; did you mean --epochs\?"),  # C3
        ([*TRAIN, "--qqqqqqqq=3"], r"unknown option '--qqqqqqqq'$"),
        (["train", "houses.csv", "--taget", "x"], r"'--taget'; did you mean --target\?"),
        ([*TRAIN, "-x", "3"], r"unknown option '-x'|one word too many"),
        ([*TRAIN, "more.csv"], r"one word too many: 'more.csv'"),
        ([*TRAIN, "--", "-more.csv"], r"one word too many: '-more.csv'|unknown option"),
        ([*TRAIN, "--epochs", "-1"], r"--epochs: must be a whole number .*; got '-1'"),  # C4
        ([*TRAIN, "--epochs", "2.5"], r"--epochs: must be a whole number .*; got '2.5'"),  # C5
        ([*TRAIN, "--lr", "nan"], r"--lr: must be a finite number above 0; got 'nan'"),  # C7
        ([*TRAIN, "--lr", "0"], r"--lr: must be a finite number above 0; got '0'"),  # C8
        ([*TRAIN, "--layers", "4,,2"], r"--layers: must be whole numbers .*; got '4,,2'"),  # C9
        ([*TRAIN, "--layers", "0"], r"--layers: must be whole numbers .*; got '0'"),  # C10
        ([*TRAIN, "--layers", "10000000000"], r"(?i)memory|[GTP]i?B"),  # C11
        (["train", "houses.csv"], r"required: --target"),
        ([*TRAIN, "--activation", "reul"], r"'reul'.* [Dd]id you mean 'relu'"),
        ([*TRAIN, "--optimizer", "adma"], r"'adma'.* [Dd]id you mean"),
        ([*TRAIN, "--loss", "hubber"], r"'hubber'.* [Dd]id you mean 'huber'"),
        ([*TRAIN, "--loss", "softmax_cross_entropy"], r"does not suit the target 'price'"),
        ([*TRAIN, "--layers", "none", "--dropout", "0.5"], r"--dropout needs a hidden layer"),
        ([*TRAIN, "--output", "model.exe"], r"--output must end in .*; got 'model.exe'"),
        ([*TRAIN, "--encoding", "klingon"], r"--encoding: must be a text encoding"),
        (["xor", "--layers", "3,1"], r"--layers must begin with 2 and end with 1"),
        (["xor", "--runs", "2", "--plots", "p"], r"are for a single run"),
        (["mnist", "--layers", "32,16"], r"begin with 784 pixels and end with 10 digits"),
    ],
)
@pytest.mark.usefixtures("houses_csv")
def test_a_command_line_typed_wrong_is_answered_with_2_and_one_line(
    run: Runner, words: list[str], complaint: str
) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert re.search(complaint, one_line(err))


def test_epochs_may_be_written_as_1e9(run: Runner, houses_csv: Path) -> None:  # C6
    result = run(*TRAIN[:-1], "1e9", "--time-limit", "0.02", "--json")
    assert result.code == 0
    assert "time limit" in result.document["stopped"]


FILES: dict[str, bytes] = {
    "empty.csv": b"",
    "header.csv": b"area,price\n",
    "ragged.csv": b"area,price\n1,2\n3\n",
    "text.csv": b"area,price\n1,2\n3,4\nbig,6\n7,8\n",
    "latin.csv": b"area,town,price\n1,Z\xfcrich,2\n",
    "missing.csv": b"area,price\n1,2\n,4\n5,nan\n7,8\n",
    "same.csv": b"area,price\n" + b"".join(b"%d,5\n" % k for k in range(20)),
    "one_class.csv": b"area,price\n" + b"".join(b"%d,yes\n" % k for k in range(20)),
    "two_rows.csv": b"area,price\n1,2.5\n2,3.5\n",
    "hostile.safetensors": b"\xff\xff\xff\xff\xff\xff\xff\x7f{}",
    "there.safetensors": b"old",
}


@pytest.fixture
def files(houses_csv: Path) -> Path:
    """The files of FILES, and a folder `folder`, beside houses.csv."""
    for name, data in FILES.items():
        (houses_csv.parent / name).write_bytes(data)
    (houses_csv.parent / "folder").mkdir()
    return houses_csv.parent


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["absent.csv"], r"absent\.csv: No such file"),  # C12
        (["folder"], r"folder: Is a directory"),  # C13
        (["empty.csv"], r"empty\.csv: the file is empty"),  # C14
        (["header.csv"], r"header\.csv: there is a header but no row"),
        (["ragged.csv"], r"ragged\.csv, line 3: 1 cell, but the first line has 2"),  # C15
        (["text.csv"], r"text\.csv, line 4, column 'area': 'big' is not a number"),  # C16
        (["latin.csv"], r"latin\.csv, line 2: byte 0xfc .*--encoding latin-1"),  # C17
        (["missing.csv"], r"missing\.csv: 2 missing cells in 2 of 4 rows \(first: line 3"),  # C18
        (["houses.csv", "--target", "cost"], r"no column 'cost'; its columns are 'area',"),  # C19
        (["one_class.csv"], r"the target 'price' is 'yes' in every row"),  # C20
        (["same.csv"], r"the target 'price' is 5 in every row"),
        (
            ["houses.csv", "--output", "no/m.safetensors"],
            r"no/m\.safetensors: .*'no' .*exist",
        ),  # C21
        (["houses.csv", "--output", "there.safetensors"], r"there\.safetensors: it exists"),  # C22
        (["houses.csv", "--plots", "there.safetensors"], r"there\.safetensors: "),
        (["houses.csv", "--drop", "town,cellar"], r"no column 'cellar'"),
        (["two_rows.csv"], r"--test-fraction 0\.2 of 2 rows is 0 rows to test on"),
        (["houses.csv", "--max-categories", "2"], r"'town' holds 3 different texts"),
    ],
)
def test_training_that_cannot_be_done_fails_with_1_and_one_line(
    run: Runner, files: Path, words: list[str], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glassnet import Network

    monkeypatch.setattr(Network, "fit", refuse_but_for_trial(Network.fit))
    data, *rest = words
    code, out, err = run("train", data, "--target", "price", *rest)
    assert (code, out) == (1, "")
    assert re.search(complaint, one_line(err))
    assert (files / "there.safetensors").read_bytes() == b"old"


def refuse_but_for_trial(fit: Callable[..., Any]) -> Callable[..., Any]:
    """`fit` for the trial of the settings on two rows; a training beyond that is an error."""

    def guarded(self: Any, X: Any, *rest: Any, **settings: Any) -> Any:
        assert len(X) == 2, "trained before the refusal"
        return fit(self, X, *rest, **settings)

    return guarded


def test_a_folder_for_pictures_that_may_not_be_written_is_refused_first(
    run: Runner, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    code, _, err = run(*TRAIN, "--plots", "folder")
    assert code == 1
    assert one_line(err).endswith("folder: no right to write into this folder")


@pytest.mark.parametrize("command", ["evaluate", "predict", "inspect"])  # C26
def test_a_hostile_model_file_is_refused_in_one_line(
    run: Runner, files: Path, command: str
) -> None:
    data = [] if command == "inspect" else ["houses.csv"]
    code, out, err = run(command, "hostile.safetensors", *data)
    assert (code, out) == (1, "")
    assert one_line(err).startswith(f"glassnet {command}: error: hostile.safetensors: ")


def test_a_full_disk_while_saving_keeps_the_old_file(  # C23
    run: Runner, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    code, _, err = run(*TRAIN, "--output", "there.safetensors", "--overwrite")
    assert code == 1
    assert re.search(r"there\.safetensors: .*No space left", one_line(err))
    assert (files / "there.safetensors").read_bytes() == b"old"


def interrupt(monkeypatch: pytest.MonkeyPatch, epoch: int) -> None:
    """Send this process a Ctrl-C at the end of an epoch."""
    from glassnet.core.training import Training

    close = Training.close_epoch

    def close_and_interrupt(self: Any, *arguments: Any) -> None:
        close(self, *arguments)
        if self.epoch == epoch and self.network.layers[0] > 1:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Training, "close_epoch", close_and_interrupt)


def test_ctrl_c_keeps_the_network_beside_the_output(  # C25
    run: Runner, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, epoch=2)
    code, out, err = run(*TRAIN[:-1], "50", "--output", "there.safetensors", "--overwrite")
    assert (code, out) == (130, "")
    assert re.search(
        r"stopped by Ctrl-C in epoch [23] of 50; the network so far is kept in "
        r"there\.interrupted\.safetensors$",
        one_line(err),
    )
    assert (files / "there.safetensors").read_bytes() == b"old"
    assert run("inspect", "there.interrupted.safetensors").code == 0


def test_ctrl_c_without_an_output_says_that_nothing_was_kept(
    run: Runner, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, epoch=1)
    code, _, err = run(*TRAIN)
    assert code == 130
    assert "nothing was kept, as there was no --output" in one_line(err)


@pytest.mark.parametrize(("output", "kept"), [([], ""), (["m.npz"], "; the network so far is")])
def test_ctrl_c_with_checkpoints_says_that_the_same_command_goes_on(
    run: Runner, files: Path, monkeypatch: pytest.MonkeyPatch, output: list[str], kept: str
) -> None:
    interrupt(monkeypatch, epoch=1)
    words = [word for name in output for word in ("--output", name)]
    code, _, err = run(*TRAIN[:-1], "50", "--resume", "runs", *words)
    assert code == 130
    assert re.search(f"of 50, the same command goes on from there(?:$|{kept})", one_line(err))
    assert "nothing was kept" not in err


def test_ctrl_c_and_a_full_disk_say_that_nothing_was_kept(
    run: Runner, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glassnet import Network

    def full(self: Network, path: str) -> None:
        raise OSError(errno.ENOSPC, "not saved: no space", path)

    monkeypatch.setattr(Network, "save_model", full)
    interrupt(monkeypatch, epoch=1)
    code, _, err = run(*TRAIN, "--output", "new.safetensors")
    assert code == 130
    assert "nothing was kept: " in one_line(err)


def test_ctrl_c_before_training_is_answered_too(
    run: Runner, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glassnet.cli import models

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(models, "read_csv", stopped)
    code, _, err = run(*TRAIN)
    assert code == 130
    assert one_line(err) == "glassnet train: error: stopped by Ctrl-C"


def test_a_learning_rate_that_blows_up_fails_with_1(run: Runner, files: Path) -> None:
    code, _, err = run(*TRAIN, "--lr", "1e30", "--optimizer", "sgd")
    assert code == 1
    assert "diverged" in one_line(err)
    assert "; try --learning-rate " in err
    assert "callbacks" not in err  # which are Python's
