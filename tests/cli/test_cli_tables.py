"""The recipe: how columns of text become inputs and targets, and what is refused.

To test another kind of column, add it to the recipes and to the broken ones at the end.
"""

import json

import numpy as np
import pytest
from cli_helpers import table_of
from hypothesis import given
from hypothesis import strategies as st

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
)


def inputs_of(table: Table, limit: int = 100, categories: tuple[str, ...] = ()) -> object:
    return learn_inputs(table, list(table.columns), categories=categories, limit=limit, decimal=".")


def classes_of(cells: list[str], task: str = "auto", limit: int = 100) -> object:
    table = table_of(y=cells)
    return learn_classes(table, "y", task=task, limit=limit, decimal=".")[0]


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
        ("Area", [], [], "no column 'Area'; did you mean 'area'\\? Its columns are 'area', 'b'"),
        ("a", ["a"], [], "'a' is both target and dropped"),
        ("a", ["b"], [], "no column is left to learn from"),
    ],
)
def test_a_wrong_choice_of_columns_is_refused(
    target: str, drop: list[str], categories: list[str], complaint: str
) -> None:
    table = table_of(**{"area" if target == "Area" else "a": ["1"], "b": ["2"]})
    with pytest.raises(ValueError, match=complaint):
        choose_inputs(table, target, drop, categories)


def test_text_becomes_sorted_categories_and_constant_columns_are_told() -> None:
    table = table_of(n=["1", "2"], t=["b", "a"], c=["5", "5.0"], d=["x", "x"])
    assert inputs_of(table) == ((Input("n"), Input("t", ("a", "b"))), ["c", "d"])


def test_numbers_are_categories_where_told() -> None:
    table = table_of(zip=["8000", "3000", "8000"])
    assert inputs_of(table, categories=("zip",)) == ((Input("zip", ("3000", "8000")),), [])


def test_too_many_categories_are_refused_with_a_hint() -> None:
    table = table_of(name=[f"n{k}" for k in range(4)])
    with pytest.raises(ValueError, match=r"4 different texts in 4 rows, more.*--drop 'name'"):
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
        (["a", "b", "c"], "classification", ("a", "b", "c")),
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
        (["a", "b", "1"] * 3, "regression", "text, such as 'a', so it .* --task classification"),
        (["1", "2", "3", "4"], "classification", "4 classes, more than 3.*--task regression"),
        (["a", "b", "c", "d"] * 4, "auto", "4 different texts in 16 rows: .* --max-categories 4"),
        (["1 $", "2 $", "3 $"], "auto", "3 different texts in 3 rows: is it a number with a curr"),
        (
            ["1 $", "2 $", "3 $"],
            "regression",
            "is it a number with a currency sign.* holds '1 \\$'",
        ),
        (["Al", "Bo", "Cy"], "auto", "3 different texts in 3 rows: is it a name for each row"),
        (["1", "2", "x"], "regression", "'x' is not a number; it stands in the target.*mend it"),
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
    with pytest.raises(
        ValueError, match=r"line 3, column 't': 'z' was not there .*'a', 'b'; .*ignore"
    ):
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
    with pytest.raises(ValueError, match=r"line 2, column 'y': .* none of the classes 'no', 'yes'"):
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


def test_inputs_are_counted() -> None:
    assert np.shape(encode_inputs(table_of(n=["1"], t=["a"]), RECIPE)) == (1, 3)
