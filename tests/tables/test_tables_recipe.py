"""The recipe of a table: what it learns, what columns become, how it comes back from a file."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from glassnet.tables import Recipe, learn, read_frame, recipe_from_json
from glassnet.tables.columns import Category, Constant, Number, piecewise_linear, smooth_clip

TABLE = {
    "size": [0.0, 1.0, 2.0, 3.0, 4.0, np.nan],
    "town": ["Ulm", "Ulm", "Bonn", "Bonn", "Bonn", "Kiel"],
    "same": [7, 7, 7, 7, 7, 7],
    "flag": [True, False, False, False, False, False],
}


def learned(table: Any, **settings: Any) -> Recipe:
    return learn(read_frame(table), **settings)


def encoded(recipe: Recipe, table: Any) -> np.ndarray[Any, Any]:
    return recipe.encode(read_frame(table))


def test_columns_become_what_their_cells_are() -> None:
    size, town, same, flag = learned(TABLE).columns
    assert size == Number("size", 2.0, 0.5, missing=True)
    assert town == Category("town", ("Bonn", "Ulm"), other=True, missing=False)
    assert same == Constant("same")
    assert flag == Number("flag", 0.0, 2.0, missing=False)  # equal quartiles: by the range


def test_numbers_are_measured_in_quartiles_from_the_median_and_clipped_smoothly() -> None:
    inputs = encoded(learned({"a": [0.0, 1.0, 2.0, 3.0, 4.0]}), {"a": [2.0, 4.0, 1e308, -1e308]})
    expected = [0.0, 1.0 / np.sqrt(1.0 + 1.0 / 9.0), 3.0, -3.0]
    np.testing.assert_allclose(inputs[:, 0], expected, atol=1e-6)


def test_missing_cells_are_the_median_and_flagged() -> None:
    recipe = learned({"a": [1.0, 2.0, None, 3.0], "b": [1, 2, 3, 4]})
    np.testing.assert_array_equal(
        encoded(recipe, {"a": [2.0, None], "b": [2.5, None]}), [[0, 0, 0], [0, 1, 0]]
    )


def test_rare_texts_share_an_input_and_so_do_unseen_ones() -> None:
    inputs = encoded(
        learned({"town": TABLE["town"]}), {"town": ["Bonn", "Ulm", "Kiel", "Rome", None]}
    )
    np.testing.assert_array_equal(inputs, [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1], [0, 0, 0]])


def test_unseen_texts_are_zeros_where_none_was_rare() -> None:
    recipe = learned({"town": ["a", "a", "b", "b", None]})
    inputs = encoded(recipe, {"town": ["a", "b", "c", None]})
    np.testing.assert_array_equal(inputs, [[1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 1]])


def test_no_more_than_the_most_frequent_texts_get_an_input() -> None:
    (town,) = learned({"town": list("aaabbbccd") * 2}, max_categories=2).columns
    assert town == Category("town", ("a", "b"), other=True, missing=False)


def test_a_column_that_is_missing_everywhere_is_left_out() -> None:
    recipe = learned({"a": [None, None], "b": [1, 2], "c": pd.array([None, None], dtype="string")})
    assert recipe.width == 1
    assert encoded(recipe, {"a": ["text"], "b": [1], "c": [3]}).shape == (1, 1)


def test_one_text_that_is_there_or_not_is_kept() -> None:
    recipe = learned({"a": ["x", "x", None]})
    np.testing.assert_array_equal(encoded(recipe, {"a": ["x", None]}), [[1, 0], [0, 1]])


def test_numbers_are_categories_by_their_text_where_there_was_text() -> None:
    recipe = learned({"zip": ["1", "1", "2", "2"]})
    np.testing.assert_array_equal(encoded(recipe, {"zip": [2, np.nan]}), [[0, 1], [0, 0]])


def test_columns_are_found_by_name_in_any_order_and_others_passed_over() -> None:
    recipe, frame = learned(TABLE), pd.DataFrame(TABLE)
    turned = frame[list(frame)[::-1]].assign(more=1)
    np.testing.assert_array_equal(encoded(recipe, turned), encoded(recipe, frame))


def test_columns_without_names_are_found_by_place() -> None:
    rows = np.array([[1.0, 2.0], [3.0, 5.0], [4.0, 1.0]])
    named = learned({"a": rows[:, 0], "b": rows[:, 1]})
    np.testing.assert_array_equal(
        encoded(named, rows), encoded(learned(rows), pd.DataFrame(rows, columns=["b", "a"]))
    )


def test_piecewise_linear_encoding_goes_through_each_bin() -> None:
    out = np.empty((5, 2))
    piecewise_linear(np.array([-9.0, 0.5, 1.0, 2.0, 99.0]), np.array([0.0, 1.0, 3.0]), out)
    np.testing.assert_array_equal(out, [[-1, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 2]])


def test_bins_and_waves_are_further_inputs() -> None:
    values = {"a": [0.0, 1.0, 2.0, 3.0, 4.0, None]}
    recipe = learned(values, bins=2, waves=(0.25,))
    assert recipe.columns[0].width == recipe.width == 1 + 1 + 2 + 2
    inputs = encoded(recipe, values)
    np.testing.assert_array_equal(
        inputs[:, 2:4], [[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1], [0, 0]]
    )
    angle = 2 * np.pi * 0.25 * smooth_clip(np.array([1.0]))
    np.testing.assert_allclose(inputs[4, 4:], [np.sin(angle)[0], np.cos(angle)[0]], rtol=1e-6)


def test_two_values_have_no_bins() -> None:
    assert learned({"a": [0, 0, 0, 1]}, bins=4).width == 1
    assert learned({"a": [0, 0, 0, 0, 0, None]}, bins=4).width == 2


def test_extreme_numbers_stay_finite() -> None:
    huge = {"a": [-1.7e308, 0.0, 1.7e308], "b": [0.0, 5e-324, 1e-323], "c": [1e300, 1e300, -1e300]}
    for table in (huge, {"a": [1e308], "b": [-1e308], "c": [0.0]}):
        assert np.isfinite(encoded(learned(huge, bins=2), table)).all()


@pytest.mark.parametrize("settings", [{}, {"bins": 2, "waves": (0.5, 1.0)}])
def test_a_recipe_comes_back_equal_from_json(settings: dict[str, Any]) -> None:
    recipe = learned({**TABLE, "rare": list("abcdef")}, **settings)
    text = json.dumps(recipe.as_json(), allow_nan=False)
    assert recipe_from_json(json.loads(text)) == recipe


def test_a_table_without_differences_is_refused() -> None:
    with pytest.raises(ValueError, match="3 rows that do not differ"):
        learned({"a": [1, 1, 1], "b": ["x", "x", "x"]})
    with pytest.raises(ValueError, match="1 sample"):
        learned([[1.0, 2.0]])


def test_other_columns_are_told() -> None:
    recipe = learned(TABLE)
    with pytest.raises(ValueError, match="no column 'size', which was there in training"):
        encoded(recipe, {"town": ["Ulm"], "same": [7], "flag": [True]})
    with pytest.raises(ValueError, match="3 are missing"):
        encoded(recipe, {"town": ["Ulm"]})
    with pytest.raises(ValueError, match=r"has 2 features, but .* had 4"):
        encoded(recipe, np.zeros((1, 2)))
    with pytest.raises(ValueError, match="'size' held numbers in training; row 1 holds the text"):
        encoded(recipe, {**TABLE, "size": [None, "big", None, None, None, None]})


GOOD = learned(TABLE, bins=2).as_json()
DAMAGED: dict[str, Any] = {
    "no object": [],
    "another form": {"names": ["a"]},
    "no columns": {**GOOD, "columns": []},
    "columns missing": {"form": "table", "named": True},
    "no flag": {**GOOD, "named": 1},
    "a column twice": {**GOOD, "columns": [GOOD["columns"][0]] * 2},
    "unknown kind": {**GOOD, "columns": [{"kind": "picture", "name": "a"}]},
    "unhashable kind": {**GOOD, "columns": [{"kind": [], "name": "a"}]},
    "unknown field": {**GOOD, "columns": [{"kind": "constant", "name": "a", "more": 1}]},
    "no name": {**GOOD, "columns": [{"kind": "constant", "name": 3}]},
    "no entry": {**GOOD, "columns": ["a"]},
}
NUMBER, CATEGORY = GOOD["columns"][0], GOOD["columns"][1]
for wrong in (
    {"center": "2"},
    {"scale": 0},
    {"scale": [1.0]},
    {"missing": 1},
    {"edges": [2.0, 1.0]},
    {"edges": ["a"]},
    {"edges": 3},
    {"waves": [True]},
):
    DAMAGED[f"number with {wrong}"] = {**GOOD, "columns": [{**NUMBER, **wrong}]}
for wrong in (
    {"categories": [1]},
    {"categories": ["a", "a"]},
    {"categories": 3},
    {"other": 0},
    {"missing": None},
):
    DAMAGED[f"category with {wrong}"] = {**GOOD, "columns": [{**CATEGORY, **wrong}]}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_recipe_is_refused_in_words(case: str) -> None:
    with pytest.raises(ValueError, match="model file"):
        recipe_from_json(DAMAGED[case])
