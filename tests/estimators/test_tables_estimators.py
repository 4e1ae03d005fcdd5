"""TableClassifier and TableRegressor: raw tables, no leak, one file, scikit-learn's conventions."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars
import pytest

pytest.importorskip("sklearn", reason="the estimators build on scikit-learn")

from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

import glassnet
from glassnet import Fleet, ModelFileError, Network
from glassnet.activations import GELU
from glassnet.estimators.tables import TableClassifier, TableRegressor
from glassnet.estimators.tables_base import Table

SMALL: dict[str, Any] = {
    "members": 2,
    "hidden_layer_sizes": (16,),
    "epochs": 20,
    "random_state": 0,
}
random = np.random.default_rng(0)
TOWNS = np.array(["Bonn", "Kiel", "Ulm"])[random.integers(0, 3, 120)]
HOUSES = pd.DataFrame(
    {
        "size": np.where(random.random(120) < 0.1, np.nan, random.lognormal(4.0, 1.0, 120)),
        "rooms": random.integers(1, 7, 120),
        "town": TOWNS,
        "garden": random.random(120) < 0.5,
        "gone": np.nan,
    }
)
PRICES = 1e5 + 2e4 * HOUSES["rooms"].to_numpy() + 5e4 * (TOWNS == "Bonn")
MIDDLE = np.median(PRICES)
KINDS = np.where(PRICES > MIDDLE, "dear", "cheap")
BOTH = [(TableClassifier, KINDS), (TableRegressor, PRICES)]


def columns(frame: pd.DataFrame) -> dict[str, Any]:
    """A dict of columns, None where a cell is missing."""
    return {name: [None if pd.isna(c) else c for c in column] for name, column in frame.items()}


def outputs(model: Any, X: Any) -> Any:
    """All that a model says of the rows."""
    return getattr(model, "predict_proba", model.predict)(X)


@pytest.fixture(scope="module", params=BOTH, ids=["classifier", "regressor"])
def fitted(request: pytest.FixtureRequest) -> Any:
    kind, y = request.param
    return kind(**SMALL).fit(HOUSES, y)


# Quality


def test_a_classifier_learns_a_table_as_it_is() -> None:
    model = TableClassifier(random_state=0).fit(HOUSES[:80], KINDS[:80])
    assert model.score(HOUSES[80:], KINDS[80:]) >= 0.9
    assert list(model.classes_) == ["cheap", "dear"]
    probabilities = model.predict_proba(HOUSES)
    assert probabilities.shape == (120, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-6)


def test_a_regressor_learns_a_table_as_it_is() -> None:
    model = TableRegressor(random_state=0).fit(HOUSES[:80], PRICES[:80])
    assert model.score(HOUSES[80:], PRICES[80:]) > 0.9
    assert model.predict(HOUSES).shape == (120,)


def test_several_targets_are_predicted_together() -> None:
    both = np.column_stack([PRICES, -PRICES])
    model = TableRegressor(**SMALL).fit(HOUSES, both)
    assert model.predict(HOUSES).shape == (120, 2)


@pytest.mark.parametrize("numbers", ["piecewise", "periodic"])
def test_numbers_can_be_encoded_otherwise(numbers: str) -> None:
    model = TableRegressor(numbers=numbers, **SMALL).fit(HOUSES, PRICES)
    assert model.recipe_.width > TableRegressor(**SMALL).fit(HOUSES, PRICES).recipe_.width


def test_targets_that_are_all_alike_are_predicted() -> None:
    model = TableRegressor(**SMALL).fit(HOUSES, np.full(120, 3.0))
    np.testing.assert_allclose(model.predict(HOUSES), 3.0, atol=0.5)


# No leak


@pytest.mark.parametrize(("kind", "y"), BOTH)
def test_nothing_is_learned_of_a_table_from_rows_that_a_member_validates_with(
    kind: type[Table], y: Any
) -> None:
    first = kind(**SMALL).fit(HOUSES, y)
    codes = np.unique(y, return_inverse=True)[1] if kind is TableClassifier else y[:, None]
    parts = first._parts(codes, list(first.fleet_.seeds), True)
    held = parts.any(axis=0)
    assert 20 <= held.sum() <= 60
    assert not (parts[0] & parts[1]).any()
    other = HOUSES.astype({"size": float, "town": str}).copy()
    other.loc[held, "size"] *= -1000.0
    other.loc[held, "town"] = "Rome"
    changed = y.copy()
    if kind is TableRegressor:
        changed[held] *= 1e3
    second = kind(**SMALL).fit(other, changed)
    assert second.recipe_ == first.recipe_
    if kind is TableRegressor:
        for name in ("offset", "scale"):
            mine, theirs = (getattr(each.fleet_.target_scaling, name) for each in (first, second))
            np.testing.assert_array_equal(mine, theirs)


def test_rows_to_stop_by_change_neither_recipe_nor_the_first_epoch() -> None:
    models = [
        TableRegressor(**SMALL | {"epochs": 1}).fit(
            HOUSES[:80], PRICES[:80], X_val=HOUSES[80:] if k else HOUSES[:9], y_val=y_val
        )
        for k, y_val in enumerate((PRICES[:9], PRICES[80:] * 7.0))
    ]
    assert models[0].recipe_ == models[1].recipe_
    assert (
        models[0].recipe_
        == TableRegressor(validation_fraction=0.0, **SMALL).fit(HOUSES[:80], PRICES[:80]).recipe_
    )
    np.testing.assert_array_equal(models[0].fleet_.parameters, models[1].fleet_.parameters)


def test_members_stop_by_rows_that_are_given() -> None:
    model = TableClassifier(patience=1, **SMALL)
    model.fit(HOUSES[:80], KINDS[:80], X_val=HOUSES[80:], y_val=KINDS[80:])
    assert "val_loss" in model.fleet_.history[0]
    with pytest.raises(ValueError, match="go together; y_val is None"):
        model.fit(HOUSES, KINDS, X_val=HOUSES)
    with pytest.raises(ValueError, match="go together; X_val is None"):
        model.fit(HOUSES, KINDS, y_val=KINDS)
    with pytest.raises(ValueError, match="y_val has the label 'free'"):
        model.fit(HOUSES, KINDS, X_val=HOUSES[:1], y_val=["free"])


def test_a_few_rows_are_all_trained_with() -> None:
    model = TableClassifier(**SMALL).fit(HOUSES[:20], KINDS[:20])
    assert "val_loss" not in model.fleet_.history[0]


def test_a_row_without_weight_is_not_there() -> None:
    weights = np.arange(120) % 3 > 0
    weighed = TableRegressor(**SMALL).fit(HOUSES, PRICES, weights)
    alone = TableRegressor(**SMALL).fit(HOUSES[weights], PRICES[weights])
    np.testing.assert_array_equal(weighed.predict(HOUSES), alone.predict(HOUSES))
    heavier = TableRegressor(**SMALL).fit(HOUSES, PRICES, weights + 9.0 * (PRICES > 2e5))
    assert (heavier.predict(HOUSES) != weighed.predict(HOUSES)).any()


# Tables of every make


@pytest.mark.parametrize("make", [lambda frame: polars.DataFrame(columns(frame)), columns])
def test_other_makes_of_the_same_table_give_the_same_model(make: Any, fitted: Any) -> None:
    y = KINDS if isinstance(fitted, TableClassifier) else PRICES
    table = make(HOUSES)
    again = clone(fitted).fit(table, y)
    np.testing.assert_array_equal(outputs(again, HOUSES), outputs(fitted, table))


def test_an_array_of_numbers_gives_the_model_of_the_frame() -> None:
    numbers = HOUSES[["size", "rooms"]]
    of_frame = TableRegressor(**SMALL).fit(numbers, PRICES)
    of_array = TableRegressor(**SMALL).fit(numbers.to_numpy(), PRICES)
    np.testing.assert_array_equal(of_array.predict(numbers), of_frame.predict(numbers.to_numpy()))
    assert of_frame.n_features_in_ == 2
    assert list(of_frame.feature_names_in_) == ["size", "rooms"]
    assert not hasattr(of_frame.fit(numbers.to_numpy(), PRICES), "feature_names_in_")


def test_columns_go_by_their_names(fitted: Any) -> None:
    turned = HOUSES[list(HOUSES)[::-1]]
    np.testing.assert_array_equal(outputs(fitted, turned), outputs(fitted, HOUSES))


def test_new_texts_and_new_gaps_are_answered(fitted: Any) -> None:
    new = pd.DataFrame(
        {"size": [np.nan], "rooms": [np.nan], "town": ["Rome"], "garden": [None], "gone": ["now"]}
    )
    assert np.isfinite(np.asarray(outputs(fitted, new))).all()


# Files


@pytest.mark.parametrize("suffix", ["safetensors", "npz", "pkl"])
def test_a_saved_model_predicts_the_same_to_the_last_bit(
    suffix: str, fitted: Any, tmp_path: Path
) -> None:
    path = tmp_path / f"model.{suffix}"
    fitted.save(path)
    again = type(fitted).load(path)
    np.testing.assert_array_equal(outputs(again, HOUSES), outputs(fitted, HOUSES))
    np.testing.assert_array_equal(again.predict(HOUSES), fitted.predict(HOUSES))
    assert again.n_features_in_ == 5
    assert again.get_params() == fitted.get_params()
    fleet = glassnet.load(path)
    raw = fleet.predict(again.recipe_.encode(glassnet.tables.read_frame(HOUSES)))
    mean = raw.mean(axis=0, dtype=np.float64)
    np.testing.assert_array_equal(
        mean.reshape(outputs(fitted, HOUSES).shape), outputs(again, HOUSES)
    )


@pytest.mark.parametrize(
    "labels", [[3, 5], [False, True], [1.0, 2.0], [np.str_("a"), np.str_("b")]]
)
def test_labels_of_every_kind_come_back(labels: list[Any], tmp_path: Path) -> None:
    y = np.array(labels)[(KINDS == "dear").astype(int)]
    model = TableClassifier(**SMALL).fit(HOUSES, y)
    model.save(tmp_path / "m.npz")
    again = TableClassifier.load(tmp_path / "m.npz")
    assert again.classes_.dtype == model.classes_.dtype
    np.testing.assert_array_equal(again.predict(HOUSES), model.predict(HOUSES))


def test_settings_that_json_does_not_have_are_the_default_after_loading(tmp_path: Path) -> None:
    state = np.random.RandomState(0)
    settings = SMALL | {
        "random_state": state,
        "hidden_layer_sizes": np.array([8]),
        "epochs": np.int64(3),
    }
    model = TableRegressor(activation=GELU(), **settings).fit(HOUSES, PRICES)
    model.save(tmp_path / "m.npz")
    again = TableRegressor.load(tmp_path / "m.npz")
    assert (again.activation, again.random_state) == ("auto", None)
    assert (again.hidden_layer_sizes, again.epochs) == ((8,), 3)
    np.testing.assert_array_equal(again.predict(HOUSES), model.predict(HOUSES))


def broken_files() -> dict[str, tuple[Any, str]]:
    """What else a file may hold, and what is said of it."""
    model = TableRegressor(**SMALL).fit(HOUSES, PRICES)
    written, width = model.fleet_.columns, model.recipe_.width
    cases: dict[str, tuple[Any, str]] = {}

    def add(name: str, net: Any, holds: Any, words: str) -> None:
        net.columns = holds
        cases[name] = net, words

    def fleet(inputs: int) -> Fleet:
        return Fleet([inputs, 1], 2, loss="squared_error", seed=0)

    add("no recipe", fleet(width), None, "holds no recipe of a table")
    add("one network", Network([width, 1], loss="squared_error"), written, "not one of regression")
    add("other task", fleet(width), {**written, "task": "classification"}, "not one of regression")
    add("other width", fleet(width + 1), written, "does not fit")
    add(
        "no settings",
        fleet(width),
        {k: v for k, v in written.items() if k != "settings"},
        "settings",
    )
    add("unknown setting", fleet(width), {**written, "settings": {"colour": 1}}, "colour")
    return cases


BROKEN = broken_files()


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_of_something_else_is_refused_in_words(case: str, tmp_path: Path) -> None:
    net, words = BROKEN[case]
    net.save_model(tmp_path / "m.npz")
    with pytest.raises(ModelFileError, match=words):
        TableRegressor.load(tmp_path / "m.npz")


# scikit-learn's conventions


def test_models_can_be_cloned_pickled_and_repeated(fitted: Any) -> None:
    y = KINDS if isinstance(fitted, TableClassifier) else PRICES
    again = clone(fitted).fit(HOUSES, y)
    np.testing.assert_array_equal(outputs(again, HOUSES), outputs(fitted, HOUSES))
    copied = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(outputs(copied, HOUSES), outputs(fitted, HOUSES))


@pytest.mark.parametrize(("kind", "y"), BOTH)
def test_scores_of_folds_and_grids_work(kind: type[Table], y: Any) -> None:
    model = kind(**SMALL)
    assert cross_val_score(model, HOUSES, y, cv=3).min() > 0.3
    found = GridSearchCV(model, {"dropout": [0.0, 0.2]}, cv=2).fit(HOUSES, y)
    assert found.best_params_["dropout"] in (0.0, 0.2)


WEIGHTS = "members validate with rows drawn by number: a row of weight 2 is not two rows"


def expected(estimator: Any) -> dict[str, str]:
    return {"check_sample_weight_equivalence_on_dense_data": WEIGHTS}


@parametrize_with_checks(
    [TableClassifier(**SMALL), TableRegressor(**SMALL)], expected_failed_checks=expected
)
def test_common_checks_of_scikit_learn_pass(estimator: Any, check: Any) -> None:
    check(estimator)


REFUSED: dict[str, tuple[dict[str, Any], Any, Any, str]] = {
    "members": ({"members": 0}, HOUSES, PRICES, "members must be an integer of at least 1"),
    "numbers": ({"numbers": "raw"}, HOUSES, PRICES, "numbers must be one of scaled"),
    "epochs": ({"epochs": 0}, HOUSES, PRICES, "epochs must be"),
    "patience": ({"patience": 0}, HOUSES, PRICES, "patience must be"),
    "share": ({"validation_fraction": 1}, HOUSES, PRICES, "validation_fraction must be"),
    "categories": ({"max_categories": 0}, HOUSES, PRICES, "max_categories must be"),
    "activation": ({"activation": "rellu"}, HOUSES, PRICES, "activation must be one of"),
    "no targets": ({}, HOUSES, None, "requires y to be passed"),
    "fewer targets": ({}, HOUSES, PRICES[:9], "inconsistent numbers of samples"),
    "large offset": ({}, HOUSES, 1e9 + PRICES * 1e-9, "spreads by only"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_arguments_are_told_in_words(case: str) -> None:
    settings, X, y, words = REFUSED[case]
    with pytest.raises(ValueError, match=words):
        TableRegressor(**SMALL | settings).fit(X, y)


@pytest.mark.parametrize(
    ("weights", "words"),
    [([1.0], "expected"), (np.zeros(120), "zero in every row"), (-np.ones(120), "negative")],
)
def test_wrong_weights_are_told_in_words(weights: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        TableRegressor(**SMALL).fit(HOUSES, PRICES, weights)


def test_wrong_rows_to_predict_are_told_in_words(fitted: Any) -> None:
    with pytest.raises(ValueError, match=r"X has 2 features, but Table.* is expecting 5 features"):
        fitted.predict(np.zeros((3, 2)))
    with pytest.raises(ValueError, match="no column 'rooms'"):
        fitted.predict(HOUSES.drop(columns="rooms"))
    with pytest.raises(NotFittedError):
        clone(fitted).predict(HOUSES)
    with pytest.raises(NotFittedError):
        clone(fitted).save("model.npz")


def test_one_class_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="one class only, 'a'"):
        TableClassifier(**SMALL).fit(HOUSES, ["a"] * 120)


def test_a_member_that_diverges_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = Fleet.fit

    def spoil(self: Fleet, *given: Any, **options: Any) -> Any:
        history = fit(self, *given, **options)
        self.history.reasons[0] = "diverged in epoch 3, batch 1"
        return history

    monkeypatch.setattr(Fleet, "fit", spoil)
    assert len(TableRegressor(**SMALL).fit(HOUSES, PRICES).fleet_) == 1
