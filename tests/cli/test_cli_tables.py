"""The recipe: how columns of text become inputs and targets, and what is refused."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.cli.columns import MISSING, describe_missing, is_text, number, numbers
from glassnet.cli.csvfile import Table
from glassnet.cli.tables import (
    Input,
    Recipe,
    choose_inputs,
    encode_inputs,
    encode_target,
    learn_classes,
    learn_inputs,
    recipe_from_json,
    without_missing,
)


def table_of(**columns: list[str]) -> Table:
    rows = len(next(iter(columns.values())))
    return Table("data.csv", columns, list(range(2, rows + 2)))


def inputs_of(table: Table, limit: int = 100, categories: tuple[str, ...] = ()) -> object:
    return learn_inputs(table, list(table.columns), categories=categories, limit=limit, decimal=".")


def classes_of(cells: list[str], task: str = "auto", limit: int = 100) -> object:
    table = table_of(y=cells)
    return learn_classes(table, "y", task=task, limit=limit, decimal=".")[0]


# ---- cells


@pytest.mark.parametrize(
    ("cell", "decimal", "value"),
    [
        ("1", ".", 1.0),
        ("-1.5e3", ".", -1500.0),
        ("1,5", ",", 1.5),
        ("1.5", ",", None),
        ("1,5", ".", None),
        ("1_000", ".", None),
        ("abc", ".", None),
    ],
)
def test_a_cell_is_a_number_or_text(cell: str, decimal: str, value: float | None) -> None:
    assert number(cell, decimal) == value


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_every_finite_number_is_read_as_it_was_written(value: float) -> None:
    table = table_of(a=[repr(value)])
    assert numbers(table, "a")[0] == value


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        ("abc", r"line 3, column 'a': 'abc' is not a number; if the .* --category 'a'$"),
        ("1,5", r"'1,5' is not a number; if the comma is a decimal sign, add --decimal ,$"),
        ("inf", r"'inf' is not a finite number$"),
        ("1e999", r"'1e999' is not a finite number$"),
        ("1e39", r"'1e39' is too large$"),
        ("", r"the cell is missing \(''\)$"),
        ("NA", r"the cell is missing \('NA'\)$"),
    ],
)
def test_a_cell_that_is_no_number_is_refused_with_its_place(cell: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        numbers(table_of(a=["1", cell, "3"]), "a")


def test_a_column_is_text_where_most_cells_are() -> None:
    assert is_text(table_of(a=["x", "y", "1", ""]), "a", ".")
    assert not is_text(table_of(a=["x", "1", "", ""]), "a", ".")


# ---- missing cells


def test_missing_cells_are_counted_and_placed() -> None:
    table = table_of(a=["1", "?", "3", "NaN"], b=["x", "null", "y", "z"])
    with pytest.raises(ValueError, match="--missing drop") as caught:
        without_missing(table, ["b", "a"], drop=False)
    assert str(caught.value).startswith(
        "data.csv: 3 missing cells in 2 of 4 rows (first: line 3, column 'b'; most: column 'a', 2)"
    )


def test_rows_with_missing_cells_can_be_left_out() -> None:
    table = without_missing(table_of(a=["1", "", "3"], b=["x", "y", "NA"]), ["a"], drop=True)
    assert table.columns == {"a": ["1", "3"], "b": ["x", "NA"]}


def test_a_table_without_missing_cells_stays_as_it_is() -> None:
    table = table_of(a=["1"])
    assert without_missing(table, ["a"], drop=False) is table


def test_leaving_out_every_row_is_refused() -> None:
    with pytest.raises(ValueError, match="no row is left; leave the column out with --drop"):
        without_missing(table_of(a=["1", "2"], b=["", "?"]), ["a", "b"], drop=True)


def test_a_single_missing_cell_is_told_in_the_singular() -> None:
    assert "1 missing cell in" in describe_missing(table_of(a=[""]), ["a"], [0])


@pytest.mark.parametrize("word", sorted(MISSING))
def test_missing_is_spelled_in_any_case(word: str) -> None:
    with pytest.raises(ValueError, match="1 missing cell"):
        without_missing(table_of(a=[word.upper(), "1"]), ["a"], drop=False)


# ---- choosing and learning the inputs


def test_inputs_are_all_but_the_target_and_the_dropped() -> None:
    table = table_of(a=["1"], b=["2"], c=["3"])
    assert choose_inputs(table, "b", ["a"]) == ["c"]


@pytest.mark.parametrize(
    ("target", "drop", "categories", "complaint"),
    [
        ("x", [], [], "there is no column 'x'; its columns are 'a', 'b'"),
        ("a", ["x"], [], "there is no column 'x'"),
        ("a", [], ["x"], "there is no column 'x'"),
        ("a", ["a"], [], "'a' is both target and dropped"),
        ("a", ["b"], [], "no column is left to learn from"),
    ],
)
def test_a_wrong_choice_of_columns_is_refused(
    target: str, drop: list[str], categories: list[str], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        choose_inputs(table_of(a=["1"], b=["2"]), target, drop, categories)


def test_text_becomes_sorted_categories_and_constant_columns_are_told() -> None:
    table = table_of(n=["1", "2"], t=["b", "a"], c=["5", "5.0"], d=["x", "x"])
    assert inputs_of(table) == ((Input("n"), Input("t", ("a", "b"))), ["c", "d"])


def test_numbers_are_categories_where_told() -> None:
    table = table_of(zip=["8000", "3000", "8000"])
    assert inputs_of(table, categories=("zip",)) == ((Input("zip", ("3000", "8000")),), [])


def test_too_many_categories_are_refused_with_a_hint() -> None:
    table = table_of(name=[f"n{k}" for k in range(4)])
    with pytest.raises(
        ValueError, match=r"4 different texts in 4 rows, more.*--drop 'name'"
    ):
        inputs_of(table, limit=3)


def test_columns_that_are_all_constant_are_refused() -> None:
    with pytest.raises(ValueError, match="every input column is the same in all rows"):
        inputs_of(table_of(a=["1", "1"], b=["x", "x"]))


# ---- the target


@pytest.mark.parametrize(
    ("cells", "task", "classes"),
    [
        (["a", "b", "a"], "auto", ("a", "b")),
        (["0", "1", "1"], "auto", (0, 1)),
        (["1", "2"] * 5, "auto", (1, 2)),
        (["1", "2"] * 4, "auto", None),
        (["1.5", "2"] * 20, "auto", None),
        ([str(k) for k in range(11)] * 5, "auto", None),
        ([str(k) for k in range(10)] * 5, "auto", tuple(range(10))),
        (["1.5", "2"], "classification", (1.5, 2)),
        (["0", "1"] * 9, "regression", None),
    ],
)
def test_the_target_is_a_class_by_the_rule(
    cells: list[str], task: str, classes: tuple[object, ...] | None
) -> None:
    assert classes_of(cells, task) == classes


def test_whole_classes_are_integers() -> None:
    assert repr(classes_of(["1.0", "0"])) == "(0, 1)"


@pytest.mark.parametrize(
    ("cells", "task", "complaint"),
    [
        (["a", "a"], "auto", "the target 'y' is 'a' in every row: there is nothing to learn"),
        (["2", "2"], "regression", "is 2 in every row"),
        (["a", "b", "1"], "regression", "line 2, column 'y': 'a' is not a number"),
        (["a", "b", "c", "d"], "auto", "4 classes, more than 3.*--task regression"),
    ],
)
def test_a_target_that_cannot_be_learned_is_refused(
    cells: list[str], task: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        classes_of(cells, task, limit=3)


# ---- using a recipe

RECIPE = Recipe((Input("n"), Input("t", ("a", "b"))), "y", ("no", "yes"))


def test_inputs_are_encoded_one_hot() -> None:
    table = table_of(t=["b", "a"], other=["?", ""], n=["1.5", "-2"])
    assert encode_inputs(table, RECIPE).tolist() == [[1.5, 0, 1], [-2, 1, 0]]
    assert RECIPE.encoded_names == ["n", "t=a", "t=b"]


def test_an_unknown_category_is_refused_or_none_of_the_known() -> None:
    table = table_of(n=["1", "2"], t=["a", "z"])
    with pytest.raises(ValueError, match=r"line 3, column 't': 'z' was not there .*'a, b'.*ignore"):
        encode_inputs(table, RECIPE)
    assert encode_inputs(table, RECIPE, ignore_unknown=True).tolist() == [[1, 1, 0], [2, 0, 0]]


def test_a_missing_category_is_called_missing() -> None:
    with pytest.raises(ValueError, match="'' is missing"):
        encode_inputs(table_of(n=["1"], t=[""]), RECIPE)


def test_an_input_column_that_is_absent_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no column 't'"):
        encode_inputs(table_of(n=["1"]), RECIPE)


def test_targets_are_labels_or_numbers() -> None:
    assert encode_target(table_of(y=["yes", "no"]), RECIPE).tolist() == ["yes", "no"]
    numeric = Recipe(RECIPE.inputs, "y", (0, 1.5))
    assert encode_target(table_of(y=["1.50", "0.0"]), numeric).tolist() == [1.5, 0]
    assert encode_target(table_of(y=["1,5"]), Recipe(RECIPE.inputs, "y"), decimal=",") == [1.5]


def test_classes_that_look_like_numbers_keep_their_text() -> None:
    mixed = Recipe(RECIPE.inputs, "y", ("1", "a", "b"))
    assert encode_target(table_of(y=["1", "a"]), mixed).tolist() == ["1", "a"]


@pytest.mark.parametrize("cell", ["maybe", "2", "inf", ""])
def test_a_target_that_is_no_class_is_refused(cell: str) -> None:
    with pytest.raises(
        ValueError, match=r"line 2, column 'y': .* none of the classes 'no, yes'"
    ):
        encode_target(table_of(y=[cell]), RECIPE)


# ---- the recipe in a file

NAMES = st.text(min_size=1, max_size=5)
INPUTS = st.builds(
    Input, NAMES, st.none() | st.lists(NAMES, min_size=1, max_size=4, unique=True).map(tuple)
)


@given(
    st.lists(INPUTS, min_size=1, max_size=4, unique_by=lambda one: one.name),
    NAMES,
    st.none() | st.just(("a", "b")),
)
def test_a_recipe_survives_json(
    inputs: list[Input], target: str, classes: tuple[str, ...] | None
) -> None:
    recipe = Recipe(tuple(inputs), target, classes)
    assert recipe_from_json(json.loads(json.dumps(recipe.as_json())), classes) == recipe


GOOD = RECIPE.as_json()
NUMBER = {"name": "n", "kind": "number"}


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"inputs": [NUMBER]},
        GOOD | {"inputs": 5},
        GOOD | {"inputs": []},
        GOOD | {"inputs": [{"name": "n"}]},
        GOOD | {"inputs": [NUMBER, NUMBER]},
        GOOD | {"inputs": ["n"]},
        GOOD | {"inputs": [{"name": 1, "kind": "number"}]},
        GOOD | {"inputs": [{"name": "n", "kind": "picture"}]},
        GOOD | {"inputs": [{"name": "n", "kind": "category"}]},
        GOOD | {"inputs": [{"name": "n", "kind": "category", "categories": []}]},
        GOOD | {"inputs": [{"name": "n", "kind": "category", "categories": ["a", "a"]}]},
        GOOD | {"inputs": [{"name": "n", "kind": "category", "categories": [1]}]},
        GOOD | {"inputs": [{"name": "n", "kind": "category", "categories": "ab"}]},
        GOOD | {"target": {"name": 1, "kind": "class"}},
        GOOD | {"target": {"name": "y", "kind": "number"}},
        GOOD | {"target": {"name": "y", "kind": "colour"}},
        GOOD | {"target": "y"},
    ],
)
def test_a_recipe_that_is_none_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="model file"):
        recipe_from_json(data, ("no", "yes"))


def test_outputs_are_counted() -> None:
    assert (RECIPE.outputs, Recipe(RECIPE.inputs, "y").outputs) == (2, 1)
    assert np.shape(encode_inputs(table_of(n=["1"], t=["a"]), RECIPE)) == (1, 3)
