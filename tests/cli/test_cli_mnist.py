"""`glassnet mnist`, on a few made-up digits in MNIST's format.

The real digits are not needed: what is tested is the command, not the learning.
"""

import struct
from pathlib import Path

import numpy as np
import pytest
from cli_helpers import Runner


def write_idx(path: Path, values: np.ndarray) -> None:
    """An IDX file of bytes."""
    head = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    path.write_bytes(head + values.astype(np.uint8).tobytes())


@pytest.fixture
def digits(in_folder: Path) -> Path:
    """A folder of 60 digits to train on and 20 to test on: digit k is a bar in row k."""
    folder = in_folder / "digits"
    folder.mkdir()
    for name, rows in (("train", 60), ("t10k", 20)):
        labels = np.arange(rows) % 10
        images = np.zeros((rows, 28, 28))
        images[np.arange(rows), 2 * labels] = 255
        write_idx(folder / f"{name}-images-idx3-ubyte", images)
        write_idx(folder / f"{name}-labels-idx1-ubyte", labels)
    return folder


def test_digits_are_learned_and_the_confusion_matrix_is_printed(run: Runner, digits: Path) -> None:
    code, out, err = run("mnist", "--data", digits, "--layers", "784,16,10", "--epochs", "60")
    assert code == 0
    assert "test accuracy 100.00 % of 20 digits" in out
    assert out.splitlines()[-1].split() == ["9", *"0000000002"]
    assert "60 digits to train on, 20 to test on" in err


def test_pictures_take_the_place_of_the_printed_matrix(run: Runner, digits: Path) -> None:
    code, out, _ = run("mnist", "--data", digits, "--epochs", "1", "--plots", "p")
    assert code == 0
    assert "predicted" not in out
    assert {path.name for path in Path("p").iterdir()} == {
        "loss.png",
        "confusion.png",
        "misread.png",
        "first_layer.png",
    }


def test_json_holds_accuracy_matrix_and_history(run: Runner, digits: Path) -> None:
    document = run("mnist", "--data", digits, "--epochs", "2", "--quiet", "--json").document
    assert np.shape(document["confusion_matrix"]) == (10, 10)
    assert 0 <= document["test_accuracy"] <= 1
    assert [record["epoch"] for record in document["history"]] == [1, 2]
    assert document["layers"] == [784, 32, 16, 10]


def test_a_folder_without_the_files_is_refused_and_left_as_it_is(
    run: Runner, in_folder: Path
) -> None:
    (in_folder / "empty").mkdir()
    for name, trouble in (("typo", "is no folder"), ("empty", "has no train-images-idx3-ubyte")):
        code, out, err = run("mnist", "--data", name, "--plots", "p")
        assert (code, out) == (1, "")
        assert err == (
            f"glassnet mnist: error: '{name}' {trouble}: --data DIR must be a folder of the four "
            "MNIST files (or leave --data out)\n"
        )
    assert [path.name for path in in_folder.rglob("*")] == ["empty"]


def test_without_a_folder_the_files_are_looked_for(
    run: Runner, digits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSNET_DATA", str(digits))
    out = run("mnist", "--epochs", "1").out
    assert "1 epoch in" in out
    assert "of 20 digits" in out
