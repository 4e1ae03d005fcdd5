"""Estimators in glassnet.cross_validate and learning_curve: each fold is what it would be alone."""

import pickle
import signal
import warnings
from typing import Any

import pytest

pytest.importorskip("sklearn", "1.6", reason="the estimators build on scikit-learn")

import numpy as np
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import PredefinedSplit, cross_val_score
from sklearn.neural_network import MLPClassifier as Theirs
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import glassnet
from glassnet import DivergenceError, Fleet, Network, cross_validate, learning_curve
from glassnet.callbacks import ClipNorm
from glassnet.estimators import (
    MLPClassifier,
    MLPRegressor,
    TableClassifier,
    TableRegressor,
    together,
)
from glassnet.estimators.parameters import sees_all_rows
from glassnet.estimators.together import for_one
from glassnet.estimators.training import split
from glassnet.intake import fleets
from glassnet.losses import Pinball
from glassnet.optimizers import SGD, AdamW
from glassnet.schedules import ReduceOnPlateau
from glassnet.second_order import LevenbergMarquardt

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, LABELS = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
NAMES = np.array(["setosa", "versicolor", "virginica"])[LABELS]
TWO = np.where(LABELS == 2, "yes", "no")
FLAGS = np.stack([LABELS == 0, LABELS == 1, X[:, 0] > 0], axis=1).astype(int)
NUMBERS = X @ [1.0, -2.0, 0.5, 0.3] + np.sin(3 * X[:, 0])
SEVERAL = np.stack([NUMBERS, X[:, 1] ** 2], axis=1)
WEIGHTS = np.linspace(0.5, 2.0, len(X))
FOLDS = np.random.RandomState(1).permutation(len(X)) % 4


def classifier(**settings: Any) -> Any:
    quick = {"hidden_layer_sizes": (6,), "max_iter": 12, "learning_rate_init": 0.02}
    return MLPClassifier(**{**quick, "random_state": 0, **settings})


def regressor(**settings: Any) -> Any:
    quick = {"hidden_layer_sizes": (6,), "max_iter": 12, "learning_rate_init": 0.02}
    return MLPRegressor(**{**quick, "random_state": 0, **settings})


def close(one: Any, other: Any, tolerance: float = 1e-11, curve: float = 1e-9) -> None:
    pairs = zip([*one.coefs_, *one.intercepts_], [*other.coefs_, *other.intercepts_], strict=True)
    for a, b in pairs:
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(one.loss_curve_, other.loss_curve_, rtol=curve)
    assert one.n_iter_ == other.n_iter_
    assert one.stopped_ == other.stopped_ or one.stopped_[:10] == other.stopped_[:10]
    assert one.get_params().keys() == other.get_params().keys()


SETTINGS: list[dict[str, Any]] = [
    {},
    {"solver": "sgd", "nesterovs_momentum": False, "learning_rate_init": 0.2},
    {"solver": "sgd", "momentum": 0.0, "activation": "tanh", "alpha": 0.5},
    {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.25},
    {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 2},
    {"solver": "sgd", "tol": 0.02, "n_iter_no_change": 1, "max_iter": 40},
    {"learning_rate": "one_cycle", "alpha": 0.0},
    {"solver": "nadam", "hidden_layer_sizes": (5, 4), "activation": ["gelu", "tanh"]},
    {"solver": AdamW(0.01, weight_decay=0.1)},
    {"solver": "rprop", "learning_rate_init": 0.01},
    {"hidden_layer_sizes": ()},
    {"dropout": 0.3},
    {"initializer": "he_normal"},
    {"early_stopping": True, "validation_fraction": 0.2, "n_iter_no_change": 2, "max_iter": 60},
    {"early_stopping": True, "solver": "sgd", "learning_rate": "adaptive", "tol": 0.01},
]


@pytest.mark.parametrize("settings", [each for each in SETTINGS if "dropout" not in each], ids=str)
@pytest.mark.parametrize(
    ("make", "y"),
    [(classifier, NAMES), (classifier, TWO), (classifier, FLAGS), (regressor, SEVERAL)],
    ids=["labels", "two", "flags", "numbers"],
)
def test_each_fold_is_what_the_estimator_is_with_its_rows_alone(
    make: Any, y: Any, settings: dict[str, Any]
) -> None:
    """Of so few rows all are in one batch: nothing is left that a fleet shares out otherwise."""
    model = make(**settings)
    found = cross_validate(model, X, y, folds=FOLDS)
    for fold, member in enumerate(found.estimators):
        seen = fold != FOLDS
        alone = clone(model).fit(X[seen], y[seen])
        close(member, alone)
        assert member.t_ == alone.t_
        mine = getattr(member, "predict_proba", member.predict)(X[~seen])
        np.testing.assert_allclose(mine.reshape(len(mine), -1), found.predictions[~seen])


@pytest.mark.parametrize("settings", SETTINGS[:3] + SETTINGS[6:13], ids=str)
@pytest.mark.parametrize(
    ("make", "y"), [(classifier, NAMES), (regressor, NUMBERS)], ids=["labels", "numbers"]
)
def test_in_batches_each_fold_is_what_weights_of_0_make_of_it(
    make: Any, y: Any, settings: dict[str, Any]
) -> None:
    """The start and the order of rows are those of random_state in both; in `loss_curve_` a batch
    counts for what a fold sees of it, alone for all its rows."""
    settings = {
        "batch_size": 30,
        **settings,
        **({} if settings.get("solver") != "rprop" else {"batch_size": "auto"}),
    }
    model = make(**settings)
    found = cross_validate(model, X, y, folds=FOLDS, sample_weight=WEIGHTS)
    most = max(np.bincount(FOLDS).sum() - np.bincount(FOLDS))
    size = settings["batch_size"] if settings["batch_size"] == "auto" else round(30 * 150 / most)
    for fold, member in enumerate(found.estimators):
        alone = clone(model).set_params(batch_size=size)
        close(member, alone.fit(X, y, sample_weight=WEIGHTS * (fold != FOLDS)), 1e-10, 0.2)


def test_rows_held_back_for_early_stopping_are_not_trained_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As with X_val, y_val and weights of 0; without a shuffle nothing is drawn on the way."""
    settings = {"early_stopping": True, "shuffle": False, "n_iter_no_change": 2, "max_iter": 60}
    model, kept = classifier(batch_size=20, **settings), []

    def recorded(*given: Any) -> Any:
        kept.append(split(*given))
        return kept[-1]

    monkeypatch.setattr(together, "split", recorded)
    found = cross_validate(model, X, NAMES, folds=FOLDS)
    most = max(len(places) for places, _ in kept)
    for fold, (member, (places, others)) in enumerate(zip(found.estimators, kept, strict=True)):
        seen = np.flatnonzero(fold != FOLDS)
        weights = np.zeros(len(X))
        weights[seen[places]] = 1.0
        rows = seen[others]
        alone = clone(model).set_params(batch_size=round(20 * 150 / most))
        alone.fit(X, NAMES, weights, X_val=X[rows], y_val=NAMES[rows])
        close(member, alone, curve=0.2)
        assert member.validation_scores_ == alone.validation_scores_
        assert len(rows) == round(0.1 * len(seen)) + 1 == 12
    assert len({each.n_iter_ for each in found.estimators}) > 1


@pytest.mark.parametrize("size", [1, 2, 30])
def test_loss_curves_are_of_the_rows_that_a_fold_sees(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it sees none of a batch, or of one more than of another."""
    monkeypatch.setattr(together, "WORTH", 0.0)
    model = classifier(solver="sgd", learning_rate_init=1e-12, alpha=0.0, batch_size=size)
    model.set_params(max_iter=2)
    found = cross_validate(model, X, NAMES, folds=2)
    curve = learning_curve(model, X, NAMES, shares=(0.05, 1.0), repeats=1, test_data=(X, NAMES))
    for fold, member in enumerate(found.estimators):
        seen = found.folds[0] != fold
        alone = clone(model).fit(X[seen], NAMES[seen])
        np.testing.assert_allclose(member.loss_curve_, alone.loss_curve_, rtol=1e-9)
    losses = [member.loss_ for member in curve.estimators]
    np.testing.assert_allclose(losses, curve.training["loss"][:, 0], rtol=1e-9)


def test_a_member_that_has_stopped_leaves_the_fleet(monkeypatch: pytest.MonkeyPatch) -> None:
    there: list[int] = []

    class Counting(together.FleetRules):
        def on_epoch_begin(self, training: Any) -> None:
            super().on_epoch_begin(training)
            there.append(len(training.members))

    monkeypatch.setattr(together, "FleetRules", Counting)
    model = classifier(early_stopping=True, n_iter_no_change=2, max_iter=60)
    found = cross_validate(model, X, NAMES, folds=10)
    epochs = [member.n_iter_ for member in found.estimators]
    assert there == [sum(n > epoch for n in epochs) for epoch in range(max(epochs))]
    assert min(epochs) < max(epochs) < 60


@pytest.mark.parametrize("more", [{}, {"early_stopping": True}, {"class_weight": "balanced"}])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_what_is_held_out_changes_nothing_of_the_network_that_is_measured_on_it(
    more: Any, solver: str
) -> None:
    model = classifier(solver=solver, **more)
    found = cross_validate(model, X, NAMES, folds=FOLDS)
    held, other_X, other_y = FOLDS == 2, X.copy(), NAMES.copy()
    other_X[held], other_y[held] = 7.0, "setosa"
    again = cross_validate(model, other_X, other_y, folds=FOLDS)
    for a, b in zip(found.estimators[2].coefs_, again.estimators[2].coefs_, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(found.estimators[1].coefs_[0], again.estimators[1].coefs_[0])


# Beside scikit-learn


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("name", ["digits", "breast_cancer", "diabetes"])
def test_scores_are_those_of_cross_val_score_but_for_luck(name: str, early_stopping: bool) -> None:
    load = {"digits": load_digits, "breast_cancer": load_breast_cancer, "diabetes": load_diabetes}
    inputs, y = load[name](return_X_y=True)
    inputs, y = StandardScaler().fit_transform(inputs)[:900], y[:900]
    y, make = (y / 80, MLPRegressor) if name == "diabetes" else (y, MLPClassifier)
    settings = {"hidden_layer_sizes": (24,), "learning_rate_init": 0.01, "max_iter": 40}
    model = make(**settings, random_state=0, early_stopping=early_stopping)
    found = cross_validate(model, inputs, y, repeats=2)
    theirs = [
        cross_val_score(model, inputs, y, cv=PredefinedSplit(each)).mean() for each in found.folds
    ]
    (metric,) = found.values.keys() - {"loss"}
    assert abs(found.mean[metric] - np.mean(theirs)) < max(2 * found.standard_error[metric], 0.01)


def test_with_all_rows_in_a_batch_scores_are_exactly_those_of_scikit_learn() -> None:
    settings = {"hidden_layer_sizes": (6,), "solver": "sgd", "learning_rate_init": 0.1}
    more = {"learning_rate": "adaptive", "random_state": 3, "max_iter": 40, "early_stopping": True}
    found = cross_validate(MLPClassifier(**settings, **more), X, LABELS, folds=FOLDS)
    model = Theirs(**settings, **more)
    scores = cross_val_score(model, X, LABELS, cv=PredefinedSplit(FOLDS))
    np.testing.assert_allclose(found.values["accuracy"], scores)


# What comes out


@pytest.mark.parametrize(("y", "columns"), [(NAMES, 3), (TWO, 2), (FLAGS, 3)])
def test_networks_estimators_values_and_predictions_belong_together(y: Any, columns: int) -> None:
    model = classifier(max_iter=30)
    found = cross_validate(model, X, y, folds=3, repeats=2, sample_weight=WEIGHTS)
    assert len(found.networks) == len(found.estimators) == 6
    assert found.predictions.shape == (len(X), columns)
    assert found.values.keys() == {"loss", "accuracy"}
    total = 0.0
    for number, (network, member) in enumerate(zip(found.networks, found.estimators, strict=True)):
        held = found.folds[number // 3] == number % 3
        score = member.score(X[held], y[held], WEIGHTS[held])
        assert found.values["accuracy"][number] == pytest.approx(score)
        assert isinstance(network, Network)
        assert network is member.network_
        np.testing.assert_array_equal(network.weights[0], member.coefs_[0])
        total += held[:, None] * member.predict_proba(X)
        assert pickle.loads(pickle.dumps(member)).score(X, y) == member.score(X, y)
    np.testing.assert_allclose(found.predictions, total / 2)
    assert not hasattr(model, "coefs_")
    assert "accuracy" in repr(found)
    assert found.mean["accuracy"] > (0.6 if y is FLAGS else 0.85)


def test_data_frames_give_their_names_to_each_estimator() -> None:
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    names = ["a", "b", "c", "d"]
    plain = cross_validate(classifier(), X, NAMES)
    for frame in (pandas.DataFrame(X, columns=names), polars.DataFrame(X, schema=names)):
        found = cross_validate(classifier(), frame, NAMES.tolist())
        assert found.estimators[1].feature_names_in_.tolist() == names
        assert found.networks[1].columns == {"names": names}
        assert found.networks[1].classify(X[:1]) in NAMES
        np.testing.assert_array_equal(found.predictions, plain.predictions)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sparse_rows_are_as_good_as_dense_ones(dtype: Any) -> None:
    inputs = np.where(X > 0.3, X, 0.0).astype(dtype)
    dense = cross_validate(classifier(), inputs, NAMES)
    sparse = cross_validate(classifier(), sp.csr_matrix(inputs), NAMES)
    np.testing.assert_allclose(dense.predictions, sparse.predictions, rtol=1e-5)
    assert dense.predictions.dtype == dense.estimators[0].coefs_[0].dtype == dtype


def test_the_start_is_that_of_random_state_or_else_of_the_seed() -> None:
    def starts(random_state: Any, seed: int = 0) -> Any:
        model = classifier(random_state=random_state, max_iter=1, learning_rate_init=1e-12)
        found = cross_validate(model, X, NAMES, folds=FOLDS, seed=seed)
        return np.stack([member.coefs_[0].round(6) for member in found.estimators])

    ours = clone(classifier(max_iter=1, learning_rate_init=1e-12)).fit(X, NAMES).coefs_[0].round(6)
    for given in (0, np.random.RandomState(0)):
        assert all(np.array_equal(each, ours) for each in starts(given, seed=1))
    free = starts(None)
    assert len(np.unique(free[:, 0, 0])) == 4
    np.testing.assert_array_equal(free, starts(None))
    assert not np.array_equal(free, starts(None, seed=1))


def test_members_in_groups_or_one_by_one_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "WORTH", 0.0)
    model = classifier(batch_size=30, early_stopping=True, n_iter_no_change=2, max_iter=40)
    whole = cross_validate(model, X, NAMES, folds=FOLDS)
    for cache in (1, 70_000):
        monkeypatch.setattr(fleets, "CACHE", cache)
        parts = cross_validate(model, X, NAMES, folds=FOLDS)
        for member, other in zip(whole.estimators, parts.estimators, strict=True):
            close(member, other)
            assert member.validation_scores_ == other.validation_scores_


@pytest.mark.parametrize("settings", [{}, {"solver": "sgd"}, {"batch_size": 40}])
def test_a_member_goes_on_by_partial_fit_as_if_it_had_been_fitted_alone(settings: Any) -> None:
    model = classifier(**settings, tol=0.03, n_iter_no_change=1)
    rows = {} if "batch_size" in settings else {"sample_weight": None}
    found = cross_validate(model, X, NAMES, folds=FOLDS)
    for fold in (0, 3):
        seen = fold != FOLDS
        member = found.estimators[fold]
        if rows:
            alone = clone(model).fit(X[seen], NAMES[seen])
        else:  # whose loss, by which training ends, is that of other batches
            alone = clone(model).set_params(batch_size=round(40 * 150 / 113))
            alone.set_params(max_iter=member.n_iter_, n_iter_no_change=99).fit(
                X, NAMES, seen.astype(float)
            )
        assert member._memory[0] == alone._memory[0]
        assert member._memory[2:] == alone._memory[2:]
        np.testing.assert_allclose(member._memory[1], alone._memory[1], atol=1e-12)
        first = member.loss_
        assert member.set_params(batch_size="auto").partial_fit(X, NAMES).loss_ != first


def test_quantiles_and_missing_targets_work_as_alone() -> None:
    levels = cross_validate(regressor(loss=Pinball((0.1, 0.5, 0.9))), X, NUMBERS, metrics=())
    assert levels.predictions.shape == (150, 3)
    assert levels.values.keys() == {"loss"}
    gaps = SEVERAL.copy()
    gaps[::7, 0] = np.nan
    found = cross_validate(regressor(missing="mask"), X, gaps, folds=FOLDS)
    alone = regressor(missing="mask").fit(X[FOLDS != 1], gaps[FOLDS != 1])
    np.testing.assert_allclose(alone.coefs_[0], found.estimators[1].coefs_[0])
    assert np.isfinite(found.values["r2"]).all()


@pytest.mark.parametrize("cache", [1 << 22, 1])
def test_a_network_that_diverges_leaves_the_others_alone(
    cache: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleets, "CACHE", cache)
    wild = X.copy()
    wild[FOLDS == 1] *= 1e60
    model = regressor(solver="sgd", momentum=0.0, max_iter=5)
    found = cross_validate(model, wild, NUMBERS, folds=FOLDS, metrics=())
    lost = [reason.startswith("diverged in epoch") for reason in found.reasons]
    assert lost == [True, False, True, True]
    assert np.isnan(found.values["loss"]).tolist() == lost
    assert np.isnan(found.predictions[:, 0]).tolist() == (FOLDS != 1).tolist()
    with pytest.raises(DivergenceError, match="All 4 networks diverged; the first diverged in ep"):
        cross_validate(model, wild * 1e60, NUMBERS * 1e3, folds=FOLDS)


def test_with_early_stopping_one_that_diverges_keeps_its_best(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = {"solver": SGD(2.0), "early_stopping": True, "n_iter_no_change": 50}
    model = regressor(**settings, max_iter=40, activation="identity")
    for cache in (fleets.CACHE, 1):
        monkeypatch.setattr(fleets, "CACHE", cache)
        with pytest.warns(match="Training diverged in epoch"):
            found = cross_validate(model, X, NUMBERS, folds=FOLDS)
        assert all(reason.startswith("ended in epoch") for reason in found.reasons)
        assert np.isfinite(found.values["loss"]).all()
        assert all(np.isnan(member.validation_scores_[-1]) for member in found.estimators)


# One after another


@pytest.mark.parametrize(("folds", "size"), [(3, 6), (5, 800)])
def test_networks_for_which_company_would_take_longer_are_trained_with_their_rows_alone(
    folds: int, size: int
) -> None:
    """Of three the fleet would go over each row three times, to train with it twice; of large ones
    the cache does not hold enough."""
    model = classifier(hidden_layer_sizes=(size,), batch_size=30, max_iter=3)
    found = cross_validate(model, X, NAMES, folds=folds)
    for fold, member in enumerate(found.estimators):
        seen = found.folds[0] != fold
        close(member, clone(model).fit(X[seen], NAMES[seen]))


@pytest.mark.parametrize(
    "settings",
    [
        {"solver": "lbfgs"},
        {"solver": LevenbergMarquardt(), "hidden_layer_sizes": (2,), "max_iter": 4},
        {"restarts": 2},
        {"learning_rate": "reduce_on_plateau"},
        {"learning_rate": ReduceOnPlateau()},
        {"callbacks": [ClipNorm(0.1)]},
    ],
    ids=["lbfgs", "exact", "restarts", "plateau", "own plateau", "callbacks"],
)
def test_what_no_fleet_can_do_is_trained_one_after_another(settings: Any) -> None:
    model = classifier(**settings)
    assert for_one(model)
    assert sees_all_rows(model.solver) == ("solver" in settings)
    found = cross_validate(model, X, NAMES, folds=FOLDS, sample_weight=WEIGHTS)
    for fold, member in enumerate(found.estimators):
        seen = fold != FOLDS
        alone = clone(model).fit(X[seen], NAMES[seen], WEIGHTS[seen])
        close(member, alone)
        assert found.reasons[fold] == (alone.stopped_ or "all epochs done")


def test_what_diverges_alone_is_told_as_well() -> None:
    wild = X.copy()
    wild[FOLDS == 1] *= 1e60
    model = regressor(solver="sgd", restarts=2, max_iter=3)
    found = cross_validate(model, wild, NUMBERS, folds=FOLDS, metrics=())
    assert [each[:8] == "diverged" for each in found.reasons] == [True, False, True, True]


def table() -> Any:
    random = np.random.RandomState(0)
    colours = np.array(["red", "green", None], dtype=object)[random.randint(3, size=80)]
    size = random.normal(size=80)
    size[::9] = np.nan
    return {"colour": colours, "size": size}, np.where(np.nan_to_num(size) > 0, "large", "small")


@pytest.mark.parametrize("make", [TableClassifier, TableRegressor])
def test_the_recipe_of_a_table_is_learned_anew_from_the_rows_of_each(make: Any) -> None:
    frame, y = table()
    y = y if make is TableClassifier else np.nan_to_num(frame["size"]) * 3 + 1
    weights = np.linspace(1, 2, 80)
    model = make(members=2, epochs=5, random_state=0, hidden_layer_sizes=(8,))
    found = cross_validate(model, frame, y, folds=3, sample_weight=weights)
    name = "accuracy" if make is TableClassifier else "r2"
    for fold, member in enumerate(found.estimators):
        held = found.folds[0] == fold
        seen = {key: each[~held] for key, each in frame.items()}
        rows = {key: each[held] for key, each in frame.items()}
        alone = clone(model).fit(seen, y[~held], weights[~held])
        np.testing.assert_array_equal(alone.fleet_.parameters, member.fleet_.parameters)
        score = alone.score(rows, y[held], weights[held])
        assert found.values[name][fold] == pytest.approx(score)
        outputs = getattr(alone, "predict_proba", alone.predict)(rows)
        np.testing.assert_array_equal(outputs.reshape(len(outputs), -1), found.predictions[held])
        assert isinstance(found.networks[fold], Fleet)
        assert found.values["loss"][fold] > 0


def test_tables_have_learning_curves() -> None:
    frame, y = table()
    model = TableClassifier(members=1, epochs=20, hidden_layer_sizes=(8,))
    curve = learning_curve(
        model, frame, y, shares=(0.4, 1.0), repeats=2, test_data=(frame, y, np.ones(80))
    )
    assert curve.rows.tolist() == [32, 80]
    assert len(curve.estimators) == 4
    assert curve.test["accuracy"][1].mean() > 0.6
    numbers = np.nan_to_num(frame["size"])
    model = TableRegressor(members=1, epochs=5, hidden_layer_sizes=(8,))
    curve = learning_curve(model, frame, numbers, test_data=(frame, numbers), shares=[1], repeats=2)
    assert curve.test["loss"].shape == (1, 2)
    assert learning_curve(model, frame, numbers, shares=(0.4, 1.0), repeats=1).rows.tolist() == [
        26,
        64,
    ]


def test_learning_curves_are_of_few_rows_in_the_same_batches() -> None:
    model = classifier(max_iter=40, batch_size=24)
    curve = learning_curve(model, X, NAMES, shares=(0.1, 1.0), repeats=3, test_data=(X, NAMES))
    assert curve.rows.tolist() == [15, 150]
    assert curve.test["loss"].shape == (2, 3)
    assert curve.test["loss"][1].mean() < curve.test["loss"][0].mean()
    full = clone(curve.estimators[3]).fit(X, NAMES)
    close(curve.estimators[3], full)
    assert isinstance(curve.networks[0], Network)


# What is refused


def one_left_out(y: Any) -> Any:
    return np.where(y == y[0], 0, 1)


REFUSED: list[tuple[Any, dict[str, Any], type[Exception], str]] = [
    (classifier(), {"epochs": 5}, TypeError, r"epochs=5 beside an est.*\(max_iter=\.\.\.\)"),
    (classifier(), {"learning_rate": 1.0}, TypeError, r"MLPClassifier\(learning_rate_init=\.\."),
    (classifier(), {"validation_data": (X, NAMES)}, TypeError, r"\(early_stopping=\.\.\.\)"),
    (classifier(), {"batch_size": 3}, TypeError, r"MLPClassifier\(batch_size=\.\.\.\)"),
    (classifier(), {"cv": 3}, TypeError, "cross_validate got an unexpected keyword argument 'cv'"),
    (TableClassifier(), {"epochs": 5}, TypeError, r"TableClassifier\(epochs=\.\.\.\)"),
    (TableClassifier(), {"folds": 200}, ValueError, "folds=200 needs at least 200 rows"),
    (TableClassifier(), {"sample_weight": 0 * WEIGHTS}, ValueError, "it is zero in every row"),
    (TableClassifier(), {"X": X[:9]}, ValueError, "inconsistent numbers of samples"),
    (TableClassifier(), {"metrics": "r2"}, ValueError, "the metric 'r2'"),
    (TableClassifier(), {"X_val": X}, TypeError, "an unexpected keyword argument 'X_val'"),
    (classifier(), {"folds": 151}, ValueError, "folds=151 needs at least 151 rows; X has 150"),
    (classifier(), {"folds": 1}, ValueError, "folds"),
    (classifier(), {"metrics": "r2"}, ValueError, "r2"),
    (classifier(), {"metrics": "roc"}, ValueError, "metrics must be names of"),
    (classifier(), {"sample_weight": 0 * WEIGHTS}, ValueError, "at least one non-zero"),
    (classifier(), {"sample_weight": -WEIGHTS}, ValueError, "Negative values"),
    (classifier(alpha=-1), {}, ValueError, "'alpha' parameter of MLPClassifier"),
    (classifier(hidden_layer_sizes=(-1,)), {}, ValueError, "hidden_layer_sizes must be > 0"),
    (classifier(), {"y": NAMES[:-1]}, ValueError, "inconsistent numbers of samples"),
    (classifier(), {"y": None}, ValueError, "requires y to be passed"),
    (regressor(), {"y": NAMES}, ValueError, "Labels are for MLPClassifier"),
    (TableRegressor(), {"y": None}, ValueError, "y"),
    (classifier(), {"X": X * np.nan}, ValueError, "Input X contains NaN, first at row 0"),
    (classifier(), {"X": X * 1e300}, ValueError, "the square of which is beyond float64"),
    (classifier(), {"folds": one_left_out(NAMES), "y": one_left_out(NAMES)}, ValueError,
     "the 100 rows that network 0 is trained with hold 1 of 2 labels, not 0: nothing tells"),
    (TableClassifier(), {"folds": one_left_out(NAMES)}, ValueError, "2 of 3 labels, not 'setosa'"),
    (classifier(early_stopping=True, validation_fraction=0.001), {}, ValueError, "validation_frac"),
    (regressor(), {"y": NUMBERS, "stratified": True}, ValueError, "stratified=True needs one"),
    (MLPClassifier, {}, TypeError, r"must be a glassnet Network.*what MLPClassifier\(\.\.\.\) mak"),
    (LogisticRegression(), {}, TypeError, "For this estimator: cross_val_score of sklearn.mod"),
    (make_pipeline(StandardScaler(), classifier()), {}, TypeError, "cross_val_score of sklearn"),
    (Theirs(), {}, TypeError, "For this estimator: cross_val_score"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "given", "kind", "text"), REFUSED, ids=lambda each: str(each)[:40]
)
def test_wrong_calls_are_told_what_to_do(
    model: Any, given: Any, kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind, match=text):
        cross_validate(model, given.pop("X", X), given.pop("y", NAMES), **given)
    assert not hasattr(model, "coefs_")


def test_search_says_what_there_is_for_estimators() -> None:
    for model in (classifier(), Theirs()):
        with pytest.raises(TypeError, match="GridSearchCV or RandomizedSearchCV of sklearn"):
            glassnet.search(model, X, NAMES, settings={"alpha": [1.0]})
    with pytest.raises(ValueError, match="test_data: `y` has classes not in"):
        learning_curve(classifier(), X, NAMES, test_data=(X, LABELS.astype(str)))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: learning_curve(regressor(), X, NUMBERS, test_data=(X, SEVERAL)),
         r"test_data: y is read as of shape \(150, 2\), where .* \(150, 1\)"),
        (lambda: regressor().fit(X, NUMBERS, X_val=X, y_val=SEVERAL), "X_val, y_val: y is read as"),
        (lambda: learning_curve(classifier(), X, FLAGS, test_data=(X, FLAGS[:, 0])),
         "test_data: y must have one column of 0 and 1 for each of the 3 labels"),
        (lambda: classifier().fit(X, FLAGS, X_val=X, y_val=FLAGS[:, 0]), "X_val, y_val: y must h"),
        (lambda: classifier().fit(X, FLAGS).partial_fit(X, FLAGS[:, 0]), "one label for each row"),
        (lambda: learning_curve(TableClassifier(), X, NAMES, test_data=(X[:, :2], NAMES)),
         "test_data has 2 features, but TableClassifier is expecting 4"),
        (lambda: cross_validate(TableClassifier(), X, None), "requires y to be passed"),
        (lambda: classifier(early_stopping=True).fit(X, NAMES, np.arange(150) % 60 == 0),
         r"sample_weight is 0 for each of the 15 rows held back to stop by\. Drop"),
    ],
)  # fmt: skip
def test_rows_to_score_on_that_do_not_suit_are_told_of_before_training(
    call: Any, text: str
) -> None:
    with pytest.raises(ValueError, match=text):
        call()


def test_text_for_weights_of_a_table_is_no_number() -> None:
    with pytest.raises(TypeError, match="sample_weight must be an array of numbers; got str"):
        cross_validate(TableClassifier(), X, NAMES, sample_weight="balanced")


def test_callbacks_of_scikit_learn_are_for_one_fit() -> None:
    callbacks = pytest.importorskip("sklearn.callback")
    model = classifier().set_callbacks(callbacks.ProgressBar())
    with pytest.raises(ValueError, match=r"set_callbacks are for one\. Use cross_val_score"):
        cross_validate(model, X, NAMES)


def test_a_fitted_estimator_stays_as_it_is_and_starts_anew() -> None:
    model = classifier(warm_start=True).fit(X[:120], NAMES[:120])
    before = model.coefs_[0].copy()
    found = cross_validate(model, X, NAMES, folds=FOLDS)
    fresh = cross_validate(classifier(), X, NAMES, folds=FOLDS)
    np.testing.assert_array_equal(model.coefs_[0], before)
    np.testing.assert_array_equal(found.predictions, fresh.predictions)
    with pytest.raises(NotFittedError):
        classifier().predict(X)


def test_one_label_alone_is_told_as_in_fit() -> None:
    with pytest.warns(RuntimeWarning, match="y holds one class only"):
        found = cross_validate(classifier(), X, ["a"] * 150, metrics="accuracy")
    assert found.mean["accuracy"] == 1.0


def test_a_label_that_only_a_held_out_fold_has_is_known_by_its_column() -> None:
    folds = np.where(LABELS == 0, 0, 1 + FOLDS % 2)
    found = cross_validate(classifier(max_iter=60), X, NAMES, folds=folds)
    assert found.estimators[0].classes_.tolist() == np.unique(NAMES).tolist()
    assert found.predictions.shape == (150, 3)
    assert found.values["accuracy"][0] == 0.0


@pytest.mark.filterwarnings("default::sklearn.exceptions.ConvergenceWarning")
def test_reaching_max_iter_is_warned_of_once() -> None:
    with pytest.warns(match=r"Maximum iterations \(2\) reached") as told:
        cross_validate(classifier(max_iter=2), X, NAMES)
    assert len(told) == 1
    assert told[0].filename == __file__


@pytest.mark.parametrize("cache", [1 << 22, 1])
@pytest.mark.parametrize("settings", [{}, {"restarts": 2}])
def test_ctrl_c_ends_all_of_it(settings: Any, cache: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleets, "CACHE", cache)
    begun: list[int] = []

    def scoring(model: Any, *_: Any) -> float:
        begun.append(id(model))
        if len(begun) == 1:
            signal.raise_signal(signal.SIGINT)
        return 0.5

    model = classifier(early_stopping=True, scoring=scoring, batch_size=20, **settings)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Training interrupted by user")
        with pytest.raises(KeyboardInterrupt):
            cross_validate(model, X, NAMES, folds=FOLDS)
    assert len(set(begun)) == (4 if not settings and cache > 1 else 1)


def test_each_fold_may_be_scored_by_any_scorer() -> None:
    settings = {"early_stopping": True, "scoring": "balanced_accuracy", "max_iter": 40}
    found = cross_validate(classifier(**settings), X, NAMES, folds=FOLDS, sample_weight=WEIGHTS)
    for fold, member in enumerate(found.estimators):
        seen = fold != FOLDS
        alone = classifier(**settings).fit(X[seen], NAMES[seen], WEIGHTS[seen])
        close(member, alone)
        assert member.validation_scores_ == alone.validation_scores_
