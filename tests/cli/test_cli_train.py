"""`glassnet train`: from a table to a network in a file.

Tables are made in cli_helpers.py; what is refused is in test_cli_cases.py.
"""

import io
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_helpers import Runner, flowers, houses

import glassnet
from glassnet.cli import prepare
from glassnet.cli.tables import Input, Recipe

HOUSES = ["train", "houses.csv", "--target", "price", "--layers", "8", "--epochs", "30"]
FLOWERS = ["train", "flowers.csv", "--target", "kind", "--layers", "8", "--epochs", "200"]


@pytest.mark.usefixtures("houses_csv")
def test_a_regression_is_learned_and_told(run: Runner) -> None:
    code, out, err = run(*HOUSES[:-1], "200")
    assert code == 0
    assert "houses.csv: 60 rows, 3 columns -> 5 inputs" in out
    assert "target 'price': regression (" in out
    assert "12 rows held back: RMSE " in out
    assert "note: the network is not saved" in err


@pytest.mark.usefixtures("houses_csv")
def test_a_regression_explains_most_of_the_variance(run: Runner) -> None:
    document = run(*HOUSES[:-1], "200", "--json").document
    assert document["tested"]["r2"] > 0.9
    assert document["task"] == "regression"
    assert document["inputs"] == ["area", "rooms", "town=Bern", "town=Chur", "town=Thun"]


@pytest.mark.usefixtures("flowers_csv")
def test_classes_are_learned_and_the_confusion_matrix_is_printed(run: Runner) -> None:
    code, out, _ = run(*FLOWERS)
    assert code == 0
    assert "classification (it is text)" in out
    assert "12 rows held back: accuracy 100.00 % (always the most frequent class: 33.33 %)" in out
    assert "true \\ predicted  iris  lily  rose" in out


@pytest.mark.usefixtures("houses_csv")
def test_the_same_seed_gives_the_same_network(run: Runner) -> None:
    def history(seed: int) -> Any:
        return run(*HOUSES, "--seed", seed, "--json").document["history"]

    assert history(3) == history(3)
    assert history(3) != history(4)


@pytest.mark.usefixtures("houses_csv")
def test_without_rows_held_back_the_trained_rows_are_told(run: Runner) -> None:
    code, out, _ = run(*HOUSES, "--test-fraction", "0")
    assert code == 0
    assert "the rows trained on: RMSE " in out
    assert run(*HOUSES, "--test-fraction", "0", "--json").document["tested"] is None


@pytest.mark.usefixtures("houses_csv")
def test_a_table_can_come_from_standard_input(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(houses().encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    code, out, _ = run("train", "-", *HOUSES[2:])
    assert code == 0
    assert out.startswith("standard input: 60 rows")


def test_a_file_whose_name_begins_with_a_minus_follows_two(run: Runner, houses_csv: Path) -> None:
    houses_csv.rename(houses_csv.parent / "-h.csv")
    assert run("train", *HOUSES[2:], "--", "-h.csv").code == 0


def test_european_tables_are_read(run: Runner, in_folder: Path) -> None:
    text = houses().replace(",", ";").replace(".", ",").replace("Bern", "Zürich")
    (in_folder / "eu.csv").write_bytes(text.encode("latin-1"))
    words = ["train", "eu.csv", *HOUSES[2:], "--encoding", "latin-1"]
    assert run(*words, "--decimal", ",").code == 0
    code, _, err = run(*words)
    assert code == 1
    assert "if the comma is its decimal sign, add --decimal ," in err


def test_what_is_left_out_is_told(run: Runner, in_folder: Path) -> None:
    lines = houses().splitlines()
    text = "\n".join(
        ["," + lines[0] + ",same", *(f"{k},{line},7" for k, line in enumerate(lines[1:]))]
    )
    (in_folder / "houses.csv").write_text(text.replace("40,1,Bern", ",1,Bern"))
    code, _, err = run(*HOUSES, "--missing", "drop", "--drop", "rooms")
    assert code == 0
    assert "note: column 1 of houses.csv has no name and is left out" in err
    assert "note: 1 of 60 rows misses a cell and is left out" in err
    assert "note: column 'same' is the same in every row and is left out" in err
    assert "note: " not in run(*HOUSES, "--missing", "drop", "--quiet").err


def test_a_table_without_a_header_is_read_by_number(run: Runner, in_folder: Path) -> None:
    (in_folder / "raw.csv").write_text(flowers().split("\n", 1)[1])
    code, out, _ = run("train", "raw.csv", "--no-header", "--target", "3", *FLOWERS[4:])
    assert code == 0
    assert "target '3': classification" in out


@pytest.mark.usefixtures("flowers_csv")
def test_files_and_pictures_are_written(run: Runner) -> None:
    code, _, err = run(*FLOWERS, "--output", "m.safetensors", "--plots", "p")
    assert code == 0
    assert "saved to m.safetensors" in err
    assert {path.name for path in Path("p").iterdir()} == {"loss.png", "confusion.png"}
    assert run(*FLOWERS, "--output", "m.safetensors", "--overwrite").code == 0


@pytest.mark.usefixtures("houses_csv")
def test_options_reach_the_network(run: Runner) -> None:
    words = ["--activation", "tanh", "--dropout", "0.1", "--loss", "gaussian", "--batch-size", "7"]
    assert run(*HOUSES, *words, "--output", "m.safetensors").code == 0
    network = glassnet.load("m.safetensors")
    assert network.layers == (5, 8, 2)
    assert network.activations[0].name == "tanh"
    assert network.dropout == (0.1,)
    out = run("predict", "m.safetensors", "houses.csv").out
    assert out.splitlines()[0] == "predicted_price,variance_price"


@pytest.mark.usefixtures("houses_csv")
def test_options_that_the_help_names_are_known(run: Runner) -> None:
    from glassnet.activations import ACTIVATIONS
    from glassnet.losses import LOSSES
    from glassnet.optimizers import OPTIMIZERS

    text = run("train", "--help").out
    for option, table in (
        ("--activation", ACTIVATIONS),
        ("--loss", LOSSES),
        ("--optimizer", OPTIMIZERS),
    ):
        listed = re.search(rf"  {option} NAME\s+([^.]*), \.\.\.", text)
        assert listed
        assert set(listed[1].replace("\n", " ").split(", ")) <= set(table)


@pytest.mark.usefixtures("houses_csv")
def test_a_network_without_hidden_layers_is_legal(run: Runner) -> None:
    document = run(*HOUSES[:4], "--layers", "none", "--epochs", "5", "--json").document
    assert document["layers"] == [5, 1]


def test_zeros_and_ones_of_categories_are_not_scaled(run: Runner, houses_csv: Path) -> None:
    assert run(*HOUSES, "--output", "h.safetensors").code == 0
    scaling = glassnet.load("h.safetensors").input_scaling
    assert scaling is not None
    assert scaling.offset[2:].tolist() == [0, 0, 0]
    assert scaling.scale[2:].tolist() == [1, 1, 1]
    assert scaling.offset[0] > 40


@pytest.mark.parametrize(
    ("rows", "batch", "epochs"), [(10, None, 500), (10**6, None, 20), (10_000, 100, 60)]
)
def test_epochs_follow_from_the_rows(rows: int, batch: int | None, epochs: int) -> None:
    assert prepare.enough_epochs(rows, batch) == epochs


WORSE = "worse than always guessing the mean: try a smaller --learning-rate"


@pytest.mark.usefixtures("houses_csv")
def test_a_network_worse_than_the_mean_is_told_so(run: Runner) -> None:
    wild = ["--learning-rate", "50", "--optimizer", "adam", "--weight-decay", "0"]
    result = run(*HOUSES, *wild, "--json").document
    assert result["tested"]["r2"] < 0
    assert run(*HOUSES, *wild).out.splitlines()[-1] == WORSE
    assert WORSE not in run(*HOUSES[:-1], "200").out
    assert WORSE not in run(*HOUSES, *wild, "--test-fraction", "0").out


def test_one_of_a_thing_is_told_in_the_singular(run: Runner, in_folder: Path) -> None:
    text = "".join(f"{k},{2000.5 * k}\n" for k in range(6))
    (in_folder / "t.csv").write_text("x,y\n" + text)
    out = run("train", "t.csv", "--target", "y", "--epochs", "1").out
    assert "t.csv: 6 rows, 1 column -> 1 input\n" in out
    assert ", 1 epoch in " in out
    assert "\n1 row held back: RMSE " in out


def test_columns_of_categories_alone_need_no_scaling(run: Runner, in_folder: Path) -> None:
    (in_folder / "t.csv").write_text("x,y\n" + "".join(f"{'abc'[k % 3]},{k}\n" for k in range(30)))
    words = ["--target", "y", "--epochs", "1", "--output", "m.safetensors", "--task", "regression"]
    scaling = []
    assert run("train", "t.csv", *words).code == 0
    scaling.append(glassnet.load("m.safetensors").input_scaling)
    network = glassnet.Network([3, 1])
    recipe = Recipe((Input("x", ("a", "b", "c")),), "y")
    prepare.scale(network, recipe, np.eye(3), np.arange(3.0))
    scaling.append(network.input_scaling)
    assert [one.plain for one in scaling if one is not None] == [True, True]


@pytest.mark.usefixtures("houses_csv")
def test_a_training_goes_on_from_its_checkpoints(run: Runner, tmp_path: Path) -> None:
    whole = run(*HOUSES, "--json").document
    words = [*HOUSES, "--json", "--resume", str(tmp_path / "runs")]
    first, again = run(*words).document, run(*words).document
    assert first["tested"] == again["tested"] == whole["tested"]
    found = run(*HOUSES, "--resume", str(tmp_path / "runs")).err
    assert re.search(r"\ncheckpoint found: .*runs.checkpoint-[0-9]+\.safetensors\n", found)
    code, _, err = run(*HOUSES, "--resume", str(tmp_path / "runs"), "--seed", "1")
    assert code == 1
    assert "holds another training" in err
