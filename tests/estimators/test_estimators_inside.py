"""The estimators inside scikit-learn: pipelines, searches, ensembles, pickles, callbacks, routing.

Each test is small: what is asked is that the parts fit together, and say the same as alone.
"""

import copy
import io
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn", "1.9", reason="what is inside is of scikit-learn 1.9")
pytest.importorskip("pandas", reason="its frames go in")
pytest.importorskip("polars", reason="its frames go in")

import joblib
import numpy as np
import pandas as pd
import polars as pl
import sklearn
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.callback import ProgressBar, ScoringMonitor
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    StackingRegressor,
    VotingClassifier,
)
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    cross_val_predict,
    cross_val_score,
)
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils import estimator_html_repr, get_tags

from glassnet import Network, load
from glassnet.estimators import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
X, Y = StandardScaler().fit_transform(X)[::2], Y[::2]
DATA, TARGET = load_diabetes(return_X_y=True)
DATA, TARGET = DATA[:100] * 20, (TARGET[:100] - 150) / 80
NAMES = ["sepal length", "sepal width", "petal length", "petal width"]
FRAME = pd.DataFrame(X, columns=NAMES)


def classifier(**settings: Any) -> Any:
    quick = {"hidden_layer_sizes": (8,), "max_iter": 30, "learning_rate_init": 0.05}
    return MLPClassifier(**{**quick, "random_state": 0, **settings})


def regressor(**settings: Any) -> Any:
    quick = {"hidden_layer_sizes": (8,), "max_iter": 30, "learning_rate_init": 0.05}
    return MLPRegressor(**{**quick, "random_state": 0, **settings})


# Pipelines and searches


def test_pipeline_scales_and_fits() -> None:
    model = make_pipeline(StandardScaler(), classifier()).fit(X * 1000, Y)
    assert model.score(X * 1000, Y) > 0.9
    assert model[-1].n_features_in_ == 4


def test_column_transformer_makes_its_inputs() -> None:
    table = FRAME.assign(kind=np.where(X[:, 0] > 0, "large", "small"))
    columns = ColumnTransformer([("kind", OneHotEncoder(), ["kind"])], remainder="passthrough")
    model = make_pipeline(columns, classifier()).fit(table, Y)
    assert model.score(table, Y) > 0.9


def test_search_over_a_grid_finds_the_better_settings() -> None:
    grid = {"max_iter": [1, 30], "hidden_layer_sizes": [(4,), (8,)]}
    search = GridSearchCV(classifier(), grid, cv=3).fit(X, Y)
    assert search.best_params_["max_iter"] == 30
    assert search.best_score_ > 0.85
    assert search.best_estimator_.predict(X).shape == Y.shape


def test_search_at_random_runs_in_processes() -> None:
    settings = {"alpha": [1e-4, 1e-2, 1.0], "activation": ["relu", "tanh"]}
    search = RandomizedSearchCV(classifier(), settings, n_iter=3, cv=2, n_jobs=2, random_state=0)
    assert search.fit(X, Y).best_score_ > 0.7


def test_cross_validation_gives_scores_and_predictions() -> None:
    assert cross_val_score(classifier(), X, Y, cv=3).min() > 0.8
    shares = cross_val_predict(classifier(), X, Y, cv=3, method="predict_proba")
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert cross_val_predict(regressor(), DATA, TARGET, cv=2).shape == TARGET.shape


# Ensembles


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "temperature"])
def test_calibration_gives_probabilities(method: str) -> None:
    model = CalibratedClassifierCV(classifier(), method=method, cv=3).fit(X, Y)
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1.0)
    assert model.score(X, Y) > 0.8


def test_importance_by_permutation_finds_the_petals() -> None:
    found = permutation_importance(classifier().fit(X, Y), X, Y, n_repeats=3, random_state=0)
    assert set(np.argsort(found.importances_mean)[-2:]) <= {1, 2, 3}


def test_votes_are_taken() -> None:
    members = [("net", classifier()), ("linear", LogisticRegression())]
    assert VotingClassifier(members, voting="soft").fit(X, Y).score(X, Y) > 0.9


def test_stacking_of_regressors() -> None:
    members = [("net", regressor()), ("linear", Ridge())]
    assert StackingRegressor(members, cv=2).fit(DATA, TARGET).score(DATA, TARGET) > 0.3


def test_bagging_draws_rows_for_each() -> None:
    model = BaggingClassifier(classifier(), n_estimators=3, random_state=0).fit(X, Y)
    assert model.score(X, Y) > 0.9
    first, second = (each.coefs_[0] for each in model.estimators_[:2])
    assert not np.array_equal(first, second)


def test_boosting_gives_weights_to_rows() -> None:
    assert AdaBoostClassifier(classifier(), n_estimators=2, random_state=0).fit(X, Y).score(X, Y)
    boosted = AdaBoostRegressor(regressor(), n_estimators=2, random_state=0).fit(DATA, TARGET)
    assert boosted.score(DATA, TARGET) > 0.2


def test_several_outputs_by_one_model_each() -> None:
    both = np.stack([Y == 0, Y == 2], axis=1)
    model = MultiOutputClassifier(classifier()).fit(X, both)
    assert [len(each.classes_) for each in model.estimators_] == [2, 2]
    assert model.score(X, both) > 0.85


def test_targets_are_transformed_around_it() -> None:
    model = TransformedTargetRegressor(regressor(), transformer=StandardScaler())
    assert model.fit(DATA, TARGET * 1e6).score(DATA, TARGET * 1e6) > 0.3


# Copies


def copies(model: Any, folder: Path) -> dict[str, Any]:
    joblib.dump(model, folder / "model.joblib")
    shallow, deep = copy.copy(model), copy.deepcopy(model)
    unpickled = pickle.loads(pickle.dumps(model))
    return {
        "joblib": joblib.load(folder / "model.joblib"),
        "mapped": joblib.load(folder / "model.joblib", mmap_mode="r"),
        "pickle": unpickled,
        "twice": pickle.loads(pickle.dumps(unpickled)),
        "deep": deep,
        "shallow": shallow,
    }


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_copies_predict_as_the_model_does(solver: str, tmp_path: Path) -> None:
    model = classifier(solver=solver, dropout=0.0, max_iter=5).fit(X, Y)
    for name, other in copies(model, tmp_path).items():
        np.testing.assert_array_equal(other.predict_proba(X), model.predict_proba(X), name)
        assert other.get_params() == model.get_params()


def test_copies_learn_on_as_the_model_does_and_apart_from_it(tmp_path: Path) -> None:
    model = classifier(max_iter=3).fit(X, Y)
    before = model.predict_proba(X)
    made = copies(model, tmp_path)
    learned = [made[name].partial_fit(X, Y) for name in ("pickle", "twice", "deep", "mapped")]
    np.testing.assert_array_equal(model.predict_proba(X), before)
    model.partial_fit(X, Y)
    assert not np.array_equal(model.predict_proba(X), before)
    for other in learned:
        np.testing.assert_array_equal(other.predict_proba(X), model.predict_proba(X))
        assert other.t_ == model.t_


def test_a_pickle_holds_the_parameters_and_what_adam_remembers() -> None:
    model = regressor(hidden_layer_sizes=(200, 200), max_iter=2).fit(DATA, TARGET)
    numbers = sum(each.nbytes for each in (*model.coefs_, *model.intercepts_))
    assert len(pickle.dumps(model)) < 3 * numbers + 8_000


def test_clones_have_the_parameters_and_nothing_that_was_fitted() -> None:
    model = classifier(activation=["tanh"], class_weight="balanced", dropout=[0.1]).fit(X, Y)
    other = clone(model)
    assert other.get_params() == model.get_params()
    assert not [name for name in vars(other) if name.endswith("_")]


def test_in_parallel_processes_it_is_the_same() -> None:
    seeds = [0, 1, 2]
    apart = joblib.Parallel(n_jobs=2)(
        joblib.delayed(classifier(random_state=seed, max_iter=5).fit)(X, Y) for seed in seeds
    )
    for seed, model in zip(seeds, apart, strict=True):
        alone = classifier(random_state=seed, max_iter=5).fit(X, Y)
        np.testing.assert_allclose(model.predict_proba(X), alone.predict_proba(X), rtol=1e-12)


def test_threads_may_predict_at_once() -> None:
    model = classifier(hidden_layer_sizes=(50,)).fit(X, Y)
    fresh = [pickle.loads(pickle.dumps(model)) for _ in range(5)]
    wanted = model.predict_proba(X)
    with ThreadPoolExecutor(8) as pool:  # the first call makes the network of an unpickled model
        found = list(pool.map(lambda i: fresh[i % 5].predict_proba(X), range(200)))
    for each in found:
        np.testing.assert_array_equal(each, wanted)


# What scikit-learn shows and knows


def test_parameters_are_set_by_name() -> None:
    model = classifier().set_params(alpha=1.0, solver="sgd")
    assert (model.alpha, model.solver) == (1.0, "sgd")
    with pytest.raises(ValueError, match="Invalid parameter 'units'"):
        model.set_params(units=3)


def test_it_is_shown_in_notebooks_and_in_text() -> None:
    assert "MLPClassifier" in estimator_html_repr(classifier())
    assert "fitted" in estimator_html_repr(classifier().fit(X, Y))
    assert "solver='sgd'" in repr(classifier(solver="sgd"))


def test_tags_say_what_it_takes() -> None:
    assert is_classifier(classifier())
    assert is_regressor(regressor())
    assert get_tags(classifier()).classifier_tags.multi_label
    assert get_tags(classifier()).input_tags.sparse
    assert not get_tags(regressor()).input_tags.allow_nan


def test_output_of_a_transformer_before_it_keeps_its_names() -> None:
    scaler = StandardScaler().set_output(transform="pandas")
    model = make_pipeline(scaler, classifier()).fit(FRAME, Y)
    assert list(model[-1].feature_names_in_) == NAMES


@pytest.mark.parametrize("table", [FRAME, pl.DataFrame(X, schema=NAMES)], ids=["pandas", "polars"])
def test_frames_come_in_with_their_names(table: Any) -> None:
    model = classifier(max_iter=5).fit(table, pd.Series(Y))
    np.testing.assert_array_equal(model.predict(table), classifier(max_iter=5).fit(X, Y).predict(X))
    assert list(model.feature_names_in_) == NAMES
    with pytest.raises(ValueError, match="feature names"):
        model.predict(table[NAMES[::-1]])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict(X)


# Routing


@pytest.fixture
def routing() -> Any:
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.mark.usefixtures("routing")
def test_weights_are_routed_through_a_pipeline() -> None:
    model = classifier(max_iter=5).set_fit_request(sample_weight=True)
    weights = np.where(Y == 0, 0.0, 1.0)
    routed = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), model)
    routed.fit(X, Y, sample_weight=weights)
    alone = classifier(max_iter=5).fit(StandardScaler().fit_transform(X), Y, sample_weight=weights)
    np.testing.assert_allclose(routed[-1].coefs_[0], alone.coefs_[0], rtol=1e-9)


@pytest.mark.usefixtures("routing")
def test_validation_rows_are_routed_through_a_pipeline() -> None:
    model = classifier().set_fit_request(X_val=True, y_val=True)
    routed = make_pipeline(StandardScaler(), model).fit(X, Y, X_val=X[:9], y_val=Y[:9])
    assert len(routed[-1].validation_scores_) == routed[-1].n_iter_


@pytest.mark.usefixtures("routing")
def test_weights_are_routed_through_cross_validation() -> None:
    model = classifier(max_iter=5).set_fit_request(sample_weight=True)
    model.set_score_request(sample_weight=True)
    weights = np.where(Y == 0, 0.0, 1.0)
    scores = cross_val_score(model, X, Y, cv=2, params={"sample_weight": weights})
    assert len(scores) == 2


# scikit-learn's callbacks


def test_progress_bar_counts_epochs(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("rich", reason="the bar is drawn by it")
    classifier(max_iter=4).set_callbacks(ProgressBar()).fit(X, Y)
    assert "MLPClassifier" in capsys.readouterr().out


@pytest.mark.parametrize("made", [classifier, regressor])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_scores_are_monitored_after_each_epoch(made: Any, solver: str) -> None:
    data, target = (X, Y) if made is classifier else (DATA, TARGET)
    scoring = "accuracy" if made is classifier else "r2"
    monitor = ScoringMonitor(scoring=scoring)
    model = made(max_iter=4, solver=solver).set_callbacks(monitor).fit(data, target)
    table = monitor.get_logs().data_as_pandas
    scores = table[scoring].dropna()
    assert model.n_iter_ <= len(scores) <= model.n_iter_ + 1
    assert scores.iloc[-1] == pytest.approx(model.score(data, target))


@pytest.mark.parametrize("extra", [{"dropout": 0.3}, {"initializer": "he_normal"}, {}])
def test_a_monitor_changes_nothing(extra: Any) -> None:
    watched, alone = (classifier(max_iter=4, restarts=2, **extra) for _ in range(2))
    watched.set_callbacks(ScoringMonitor(scoring="accuracy")).fit(X, Y)
    np.testing.assert_array_equal(watched.predict_proba(X), alone.fit(X, Y).predict_proba(X))


def test_callbacks_go_into_a_search() -> None:
    monitor = ScoringMonitor(scoring="accuracy")
    model = classifier(max_iter=3).set_callbacks(monitor)
    search = GridSearchCV(model, {"alpha": [0.0, 1.0]}, cv=2).fit(X, Y)
    assert search.best_score_ > 0.3
    assert monitor.get_logs()


class Stopping:
    """A callback of scikit-learn's kind that asks to stop after so many epochs."""

    max_estimator_depth = None

    def __init__(self, after: int) -> None:
        self.after, self.epochs, self.rebuilt = after, 0, 0

    def setup(self, *_: Any, **__: Any) -> None: ...

    def teardown(self, *_: Any, **__: Any) -> None: ...

    def on_fit_task_begin(self, *_: Any, **__: Any) -> None: ...

    def on_fit_task_end(self, *_: Any, **__: Any) -> bool:
        self.epochs += 1
        return self.epochs >= self.after


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_callback_that_asks_to_stop_is_heard(solver: str) -> None:
    stopping = Stopping(3)
    model = classifier(solver=solver).set_callbacks(stopping).fit(X, Y)
    assert model.n_iter_ == 3
    assert model.stopped_ == "a callback asked for it"
    assert stopping.epochs == 4  # with the end of the fit itself


def test_a_callback_that_asks_to_stop_ends_all_starts() -> None:
    stopping = Stopping(2)
    classifier(restarts=5).set_callbacks(stopping).fit(X, Y)
    assert stopping.epochs == 3


def test_callbacks_see_each_start() -> None:
    stopping = Stopping(1000)
    classifier(max_iter=3, restarts=2, tol=0.0).set_callbacks(stopping).fit(X, Y)
    assert stopping.epochs == 2 * (3 + 1)


# A network and its file


@pytest.mark.parametrize("labels", [[0, 1, 2], ["a", "b", "c"], [-5, 7, 10**12]])
def test_a_fitted_classifier_is_a_network_that_names_its_classes(
    labels: Any, tmp_path: Any
) -> None:
    table = FRAME.rename(columns=str.title)
    model = classifier().fit(table, np.array(labels)[Y])
    network = model.network_
    assert isinstance(network, Network)
    assert network.classes == labels
    assert "softmax" in network.summary()
    np.testing.assert_array_equal(network.classify(table), model.predict(table))
    network.save_model(tmp_path / "iris.safetensors")
    loaded = load(tmp_path / "iris.safetensors")
    np.testing.assert_array_equal(loaded.predict(table), model.predict_proba(table))
    with pytest.raises(ValueError, match="other columns"):
        loaded.predict(FRAME)


def test_a_fitted_classifier_of_two_labels_is_a_network_of_no_and_yes(tmp_path: Any) -> None:
    model = classifier().fit(X, np.array(["no", "yes"])[Y // 2])
    assert model.network_.classes == ["no", "yes"]
    np.testing.assert_array_equal(model.network_.predict(X)[:, 0], model.predict_proba(X)[:, 1])
    model.network_.export(tmp_path / "model.py")
    assert (tmp_path / "model.py").stat().st_size > 500


def test_several_labels_a_row_and_one_class_have_no_names() -> None:
    flags = np.stack([Y == 0, Y == 2], axis=1)
    assert classifier(max_iter=2).fit(X, flags).network_.classes is None
    with pytest.warns(RuntimeWarning, match="one class only"):
        model = classifier(max_iter=2).fit(X, Y * 0)
    assert model.network_.classes is None


@pytest.mark.parametrize("loss", ["squared_error", "poisson", "gaussian", "pinball"])
def test_a_fitted_regressor_is_a_network_with_its_loss(loss: str) -> None:
    model = regressor(loss=loss, max_iter=3).fit(DATA, np.abs(TARGET))
    assert model.network_.loss.name == loss
    found = model.predict(DATA)
    np.testing.assert_array_equal(model.network_.predict(DATA), found.reshape(len(found), -1))


def test_the_network_shares_its_parameters_with_coefs() -> None:
    model = regressor(max_iter=3).fit(DATA, TARGET)
    model.network_.weights[0][...] = 0.0
    assert not model.coefs_[0].any()
    assert model.network_ is model.network_
    with pytest.raises(sklearn.exceptions.NotFittedError):
        _ = regressor().network_


def test_verbose_says_why_the_rate_falls(capsys: pytest.CaptureFixture[str]) -> None:
    settings = {"solver": "sgd", "learning_rate": "adaptive", "n_iter_no_change": 1, "tol": 1.0}
    classifier(verbose=True, max_iter=40, **settings, shuffle=False).fit(X, Y)
    text = capsys.readouterr().out
    assert "Setting learning rate to 0.01" in text
    assert "Learning rate too small. Stopping." in text


def test_verbose_prints_what_scikit_learn_prints(capsys: pytest.CaptureFixture[str]) -> None:
    classifier(verbose=True, max_iter=3, early_stopping=True).fit(X, Y)
    lines = io.StringIO(capsys.readouterr().out).read().splitlines()
    assert lines[0].startswith("Iteration 1, loss = ")
    assert lines[1].startswith("Validation score: ")
