"""`glassnet evaluate`, `predict` and `inspect`: answers from a model file.

To test another model, change a network by hand as `saved` does.
"""

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_helpers import Runner, houses

import glassnet
from glassnet.cli import inspect

TRAIN_HOUSES = ["train", "houses.csv", "--target", "price", "--layers", "8", "--epochs", "200"]
TRAIN_FLOWERS = ["train", "flowers.csv", "--target", "kind", "--layers", "8", "--epochs", "200"]


@pytest.fixture
def house_model(run: Runner, houses_csv: Path) -> str:
    assert run(*TRAIN_HOUSES, "--output", "h.safetensors").code == 0
    return "h.safetensors"


@pytest.fixture
def flower_model(run: Runner, flowers_csv: Path) -> str:
    assert run(*TRAIN_FLOWERS, "--output", "f.safetensors").code == 0
    return "f.safetensors"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# ---- evaluate


def test_evaluate_gives_the_same_figures_as_training(run: Runner, houses_csv: Path) -> None:
    words = [*TRAIN_HOUSES, "--test-fraction", "0", "--output", "m.safetensors", "--json"]
    trained = run(*words).document["trained"]
    evaluated = run("evaluate", "m.safetensors", "houses.csv", "--json").document
    for name in ("rows", "loss", "rmse", "mae", "r2"):
        assert evaluated[name] == pytest.approx(trained[name], rel=1e-6)


@pytest.mark.usefixtures("flowers_csv")
def test_evaluate_counts_and_draws(run: Runner, flower_model: str) -> None:
    code, out, _ = run("evaluate", flower_model, "flowers.csv", "--plots", "p")
    assert code == 0
    assert out.startswith("flowers.csv: 60 rows: accuracy 100.00 %")
    assert Path("p/confusion.png").exists()
    assert run("evaluate", flower_model, "flowers.csv", "--json").document["accuracy"] == 1


def test_evaluate_draws_predictions_beside_the_truth(run: Runner, house_model: str) -> None:
    assert run("evaluate", house_model, "houses.csv", "--plots", "p").code == 0
    assert Path("p/predicted.png").exists()


def test_evaluate_leaves_out_rows_with_missing_cells_where_told(
    run: Runner, house_model: str
) -> None:
    Path("gaps.csv").write_text("area,rooms,town,price,more\n50,2,Bern,,\n60,1,Chur,160,\n")
    assert run("evaluate", house_model, "gaps.csv").code == 1
    code, out, err = run("evaluate", house_model, "gaps.csv", "--missing", "drop")
    assert code == 0
    assert "note: 1 of 2 rows misses a cell" in err
    assert "r2" not in out  # a single row has no variance


def test_a_class_that_is_not_known_is_refused(run: Runner, flower_model: str) -> None:
    Path("odd.csv").write_text("length,width,kind\n1,2,tulip\n")
    code, _, err = run("evaluate", flower_model, "odd.csv")
    assert code == 1
    assert (
        "odd.csv, line 2, column 'kind': 'tulip' is none of the classes 'iris', 'lily', 'rose'"
        in err
    )


# ---- predict


def test_predict_answers_row_by_row(run: Runner, house_model: str) -> None:
    answers = rows_of(run("predict", house_model, "houses.csv").out)
    wanted = [float(row["price"]) for row in rows_of(houses())]
    got = [float(row["predicted_price"]) for row in answers]
    assert np.corrcoef(wanted, got)[0, 1] > 0.9
    network = glassnet.load(house_model)
    alone = network.predict([[40.0, 1.0, 1.0, 0.0, 0.0]])[0, 0]
    assert got[0] == pytest.approx(float(alone), rel=1e-6)


def test_predict_needs_no_target_and_any_order_of_columns(run: Runner, house_model: str) -> None:
    Path("new.csv").write_text("id,town,rooms,area\nx1,Chur,2,77\n")
    code, out, err = run("predict", house_model, "new.csv", "--keep", "id")
    assert (code, err) == (0, "")
    assert out.startswith("id,predicted_price\nx1,")


def test_probabilities_add_up(run: Runner, flower_model: str) -> None:
    rows = rows_of(run("predict", flower_model, "flowers.csv", "--probabilities").out)
    assert {row["predicted_kind"] for row in rows} == {"iris", "rose", "lily"}
    for row in rows:
        shares = [float(row[f"probability_{kind}"]) for kind in ("iris", "lily", "rose")]
        assert sum(shares) == pytest.approx(1, abs=1e-5)


def test_probabilities_of_a_number_are_refused(run: Runner, house_model: str) -> None:
    code, _, err = run("predict", house_model, "houses.csv", "--probabilities")
    assert code == 1
    assert "--probabilities needs a network that tells classes apart" in err


def test_answers_can_go_to_a_file(run: Runner, house_model: str) -> None:
    code, out, _ = run("predict", house_model, "houses.csv", "--output", "a.csv")
    assert (code, out) == (0, "60 answers written to a.csv\n")
    written = Path("a.csv").read_text()
    assert written == run("predict", house_model, "houses.csv").out
    code, _, err = run("predict", house_model, "houses.csv", "--output", "a.csv")
    assert (code, err) == (
        1,
        "glassnet predict: error: a.csv: it exists; add --overwrite to replace it\n",
    )
    Path("a.csv").write_text("old")
    assert run("predict", house_model, "houses.csv", "--output", "a.csv", "--overwrite").code == 0
    assert Path("a.csv").read_text() == written


def test_unknown_categories_are_refused_or_ignored(run: Runner, house_model: str) -> None:
    Path("new.csv").write_text("town,rooms,area\nChur,2,77\nGenf,2,77\n")
    code, _, err = run("predict", house_model, "new.csv")
    assert code == 1
    assert "new.csv, line 3, column 'town': 'Genf' was not there in training" in err
    assert len(rows_of(run("predict", house_model, "new.csv", "--unknown", "ignore").out)) == 2


def test_rows_with_missing_cells_are_refused_or_answered_with_an_empty_cell(
    run: Runner, house_model: str
) -> None:
    Path("gaps.csv").write_text("town,rooms,area\nChur,2,\nBern,2,77\n,2,77\n")
    code, _, err = run("predict", house_model, "gaps.csv")
    assert code == 1
    assert "2 missing cells in 2 of 3 rows" in err
    assert "--missing blank" in err
    rows = rows_of(run("predict", house_model, "gaps.csv", "--missing", "blank").out)
    assert [bool(row["predicted_price"]) for row in rows] == [False, True, False]
    Path("none.csv").write_text("town,rooms,area\nChur,2,\n")
    out = run("predict", house_model, "none.csv", "--missing", "blank", "--keep", "town").out
    assert out == "town,predicted_price\nChur,\n"


def test_a_column_that_the_network_needs_must_be_there(run: Runner, house_model: str) -> None:
    Path("new.csv").write_text("town,area\nChur,77\n")
    code, _, err = run("predict", house_model, "new.csv")
    assert (code, err.count("\n")) == (1, 1)
    assert "new.csv: there is no column 'rooms'; its columns are 'town', 'area'" in err


def test_predictions_as_json(run: Runner, flower_model: str) -> None:
    document = run("predict", flower_model, "flowers.csv", "--json").document
    assert document["columns"]["predicted_kind"][:3] == ["iris", "rose", "lily"]


# ---- models that do not fit


def saved(**changes: Any) -> str:
    """A model file whose network is changed by hand."""
    network = glassnet.Network([2, 3, 1], loss="squared_error", seed=1)
    for name, value in changes.items():
        setattr(network, name, value)
    network.save_model("odd.safetensors")
    return "odd.safetensors"


RECIPE = {
    "inputs": [{"name": "a", "kind": "number"}],
    "target": {"name": "y", "kind": "number"},
}


@pytest.mark.usefixtures("houses_csv")
@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (None, "this model was not made by `glassnet train`"),
        ({"inputs": 5}, "recipe"),
        (RECIPE, "gives 1 input and 1 output, but the network has 2 and 1"),
    ],
)
def test_a_model_without_a_fitting_recipe_is_refused(
    run: Runner, columns: dict[str, Any] | None, complaint: str
) -> None:
    model = saved(columns=columns)
    for command in ("evaluate", "predict"):
        code, _, err = run(command, model, "houses.csv")
        assert code == 1
        assert err.startswith(f"glassnet {command}: error: odd.safetensors: ")
        assert complaint in err


# ---- inspect


def test_inspect_tells_layers_recipe_and_weights(run: Runner, house_model: str) -> None:
    code, out, _ = run("inspect", house_model)
    assert code == 0
    for text in (
        "reads a table to predict 'price' from",
        "town: one of 3 categories: 'Bern', 'Chur', 'Thun'",
        "weights 2",
        f"made by glassnet {glassnet.__version__}",
    ):
        assert text in out
    document = run("inspect", house_model, "--json").document
    assert document["layers"] == [5, 8, 1]
    assert document["weights"][0]["shape"] == [5, 8]
    assert document["columns"]["target"] == {"name": "price", "kind": "number"}


def test_inspect_tells_classes_and_draws_a_small_network(run: Runner, flower_model: str) -> None:
    code, out, _ = run("inspect", flower_model, "--plots", "p")
    assert code == 0
    assert "classes: 'iris', 'lily', 'rose'" in out
    assert [path.name for path in Path("p").iterdir()] == ["network.png"]


def test_the_picture_of_a_network_names_the_columns_of_its_table(house_model: str) -> None:
    network = glassnet.load(house_model)
    town = ["town=Bern", "town=Chur", "town=Thun"]
    assert inspect.input_names(network) == ["area", "rooms", *town]
    network.columns = {"names": list("abcde")}  # of a data frame
    assert inspect.input_names(network) == list("abcde")
    for columns in (None, {"names": ["a"]}, {"names": "abcde"}):
        network.columns = columns
        assert inspect.input_names(network) is None


@pytest.mark.usefixtures("in_folder")
def test_inspect_draws_the_first_layer_of_a_network_that_reads_images(run: Runner) -> None:
    glassnet.Network([64, 30, 3], seed=1).save_model("i.safetensors")
    code, out, _ = run("inspect", "i.safetensors", "--plots", "p")
    assert code == 0
    assert "reads a table" not in out
    assert [path.name for path in Path("p").iterdir()] == ["first_layer.png"]


def test_inspect_shortens_long_lists_of_categories(run: Runner, in_folder: Path) -> None:
    many = "\n".join(f"{k % 12},{k}" for k in range(60))
    Path("many.csv").write_text("kind,y\n" + many)
    words = ["--target", "y", "--category", "kind", "--epochs", "1", "--output", "m.safetensors"]
    assert run("train", "many.csv", *words).code == 0
    assert "one of 12 categories: '0', '1', '10', '11', '2', '3', '4', '5', '6', '7', ..." in (
        run("inspect", "m.safetensors").out
    )


@pytest.mark.usefixtures("in_folder")
def test_inspect_with_nothing_to_draw_says_so_and_makes_no_folder(run: Runner) -> None:
    glassnet.Network([30, 30, 3], seed=1).save_model("i.safetensors")
    code, _, err = run("inspect", "i.safetensors", "--plots", "p")
    assert code == 0
    assert err.startswith("note: --plots has nothing to draw")
    assert not Path("p").exists()
    assert run("inspect", "i.safetensors", "--plots", "p", "--json").document["pictures"] == []


# ---- fleets


@pytest.fixture
def fleet_model(in_folder: Path) -> str:
    rates = np.array([0.0, 0.25, 0.5])
    fleet = glassnet.Fleet([3, 5, 2], 3, dropout=rates, loss="huber", seed=[1, None, 3])
    fleet.save_model("fleet.safetensors")
    return "fleet.safetensors"


def test_inspect_describes_a_fleet(run: Runner, fleet_model: str) -> None:
    code, out, err = run("inspect", fleet_model)
    assert (code, err) == (0, "")
    assert "a fleet of 3 networks, each:" in out
    assert "weights 1  3 x 3 x 5" in out
    document = run("inspect", fleet_model, "--json").document
    assert (document["members"], document["seeds"]) == (3, [1, None, 3])
    assert (document["own_order"], document["dropout"]) == (False, [[0.0, 0.25, 0.5]])
    assert document["weights"][0]["shape"] == [3, 3, 5]


def test_inspect_draws_nothing_of_a_fleet_and_says_so(run: Runner, fleet_model: str) -> None:
    code, _, err = run("inspect", fleet_model, "--plots", "p")
    assert code == 0
    assert err.endswith("or it is a fleet\n")
    assert not Path("p").exists()


@pytest.mark.usefixtures("houses_csv")
@pytest.mark.parametrize("command", ["evaluate", "predict"])
def test_a_fleet_is_refused_where_one_network_is_needed(
    run: Runner, fleet_model: str, command: str
) -> None:
    code, out, err = run(command, fleet_model, "houses.csv")
    assert (code, out) == (1, "")
    assert err == (
        f"glassnet {command}: error: {fleet_model}: this is a fleet of 3 networks, and this "
        "command takes one; in Python, glassnet.load(path)[0].save_model('one.safetensors') "
        "saves one of them\n"
    )


# ---- all three


@pytest.mark.usefixtures("houses_csv")
@pytest.mark.parametrize("command", ["evaluate", "predict"])
def test_table_and_model_swapped_are_told(run: Runner, command: str) -> None:
    assert run(command, "houses.csv", "h.safetensors") == (
        2,
        "",
        f"glassnet {command}: error: the model comes first, then the table: "
        f"glassnet {command} h.safetensors houses.csv\n",
    )


@pytest.mark.parametrize("command", ["evaluate", "predict", "inspect"])
def test_a_seed_is_taken_by_commands_that_draw_nothing_at_random(
    run: Runner, house_model: str, command: str
) -> None:
    data = [] if command == "inspect" else ["houses.csv"]
    assert run(command, house_model, *data, "--seed", "3").code == 0


def test_one_row_is_told_in_the_singular(run: Runner, house_model: str) -> None:
    Path("one.csv").write_text("area,rooms,town,price\n50,2,Bern,165\n")
    assert run("evaluate", house_model, "one.csv").out.startswith("one.csv: 1 row: RMSE ")
    out = run("predict", house_model, "one.csv", "--output", "a.csv").out
    assert out == "1 answer written to a.csv\n"


def test_a_model_of_a_data_frame_can_be_inspected(run: Runner, tmp_path: Path) -> None:
    frame = pytest.importorskip("pandas").DataFrame({"area": [1.0, 2.0], "\x1b[31m": [3.0, 4.0]})
    net = glassnet.Network([2, 1], seed=0)
    net.fit(frame, [1.5, 2.5], epochs=1)
    net.save_model(tmp_path / "frame.safetensors")
    code, out, _ = run("inspect", str(tmp_path / "frame.safetensors"))
    assert code == 0
    assert "columns ['area'" in out
    assert "\x1b" not in out
    code, _, err = run("predict", str(tmp_path / "frame.safetensors"), "houses.csv")
    assert code == 1
    assert "use glassnet.load in Python" in err
