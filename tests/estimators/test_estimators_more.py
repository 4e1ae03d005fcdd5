"""What the estimators have that scikit-learn's MLP has not, and what must not differ between ways.

Weights and repeated rows, sparse and dense, partial_fit and fit, one start and several.
"""

import pickle
import warnings
from typing import Any

import pytest

pytest.importorskip("sklearn", "1.6", reason="the estimators build on scikit-learn")

import numpy as np
import scipy.sparse as sp
from sklearn.datasets import load_iris, make_regression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, d2_pinball_score, r2_score
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import StandardScaler

from glassnet import Callback
from glassnet.activations import ACTIVATIONS, LeakyReLU
from glassnet.callbacks import ClipNorm
from glassnet.estimators import MLPClassifier, MLPRegressor
from glassnet.estimators.reading import too_large
from glassnet.initializers import INITIALIZERS
from glassnet.losses import LOSSES, Huber, OwnLoss, Pinball, SoftmaxCrossEntropy
from glassnet.optimizers import OPTIMIZERS, SGD, Adam, AdamW
from glassnet.schedules import SCHEDULES, Cosine
from glassnet.second_order import LBFGS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, LABELS = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)
TWO = (LABELS == 2).astype(int)
FLAGS = np.stack([LABELS == 0, LABELS == 1, X[:, 0] > 0], axis=1).astype(int)
Z, NUMBERS = make_regression(120, 4, noise=20.0, random_state=0)
NUMBERS = NUMBERS / NUMBERS.std()
BOTH = np.stack([NUMBERS, Z[:, 0] - 1.0], axis=1)


def classifier(**settings: Any) -> Any:
    quick = {"hidden_layer_sizes": (8,), "max_iter": 40, "learning_rate_init": 0.02}
    return MLPClassifier(**{**quick, "random_state": 0, **settings})


def regressor(**settings: Any) -> Any:
    quick = {"hidden_layer_sizes": (8,), "max_iter": 40, "learning_rate_init": 0.02}
    return MLPRegressor(**{**quick, "random_state": 0, **settings})


def close(one: Any, other: Any, tolerance: float = 1e-9) -> None:
    for a, b in zip(
        [*one.coefs_, *one.intercepts_], [*other.coefs_, *other.intercepts_], strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


# Layers


def test_no_hidden_layer_is_logistic_regression() -> None:
    model = classifier(
        hidden_layer_sizes=(), solver="lbfgs", alpha=1.0, tol=1e-8, max_iter=500
    ).fit(X, LABELS)
    linear = LogisticRegression(C=1.0, tol=1e-8, max_iter=500).fit(X, LABELS)
    np.testing.assert_allclose(model.predict_proba(X), linear.predict_proba(X), atol=1e-4)


def test_each_layer_has_an_activation_and_dropout_of_its_own() -> None:
    settings = {"hidden_layer_sizes": (8, 6), "activation": ["tanh", LeakyReLU(0.2)]}
    model = classifier(**settings, dropout=[0.0, 0.2]).fit(X, LABELS)
    assert [each.name for each in model.network_.activations] == ["tanh", "leaky_relu"]
    assert model.network_.dropout == (0.0, 0.2)
    assert model.score(X, LABELS) > 0.9
    assert model.score(X, LABELS) == model.score(X, LABELS)  # none of it in predictions


@pytest.mark.parametrize("activation", [*ACTIVATIONS, "logistic"])
def test_every_activation_has_a_name_here(activation: str) -> None:
    model = classifier(activation=activation, max_iter=3, learning_rate_init=0.001).fit(X, LABELS)
    assert np.isfinite(model.loss_)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_every_initializer_has_a_name_here_and_a_seed(name: str) -> None:
    first, again = (classifier(initializer=name, max_iter=2).fit(X, LABELS) for _ in range(2))
    close(first, again)


def test_dropout_is_the_same_with_the_same_seed() -> None:
    first, again = (classifier(dropout=0.3, max_iter=3).fit(X, LABELS) for _ in range(2))
    other = classifier(dropout=0.3, max_iter=3, random_state=1).fit(X, LABELS)
    close(first, again)
    assert not np.array_equal(first.coefs_[0], other.coefs_[0])


# Labels


def test_class_weights_are_weights_of_the_rows_of_a_class() -> None:
    by_class = classifier(class_weight={2: 5.0}).fit(X, LABELS)
    by_row = classifier().fit(X, LABELS, sample_weight=np.where(LABELS == 2, 5.0, 1.0))
    close(by_class, by_row)
    both = classifier(class_weight={2: 5.0}, alpha=0.0)
    close(
        both.fit(X, LABELS, sample_weight=np.full(150, 2.0)),
        classifier(class_weight={2: 10.0, 0: 2.0, 1: 2.0}, alpha=0.0).fit(X, LABELS),
    )


def test_balanced_classes_find_the_rare_one() -> None:
    rows = np.r_[50:100, 100:104]
    settings = {"max_iter": 30, "hidden_layer_sizes": (), "alpha": 0.0}
    plain = classifier(**settings).fit(X[rows], TWO[rows])
    fair = classifier(**settings, class_weight="balanced").fit(X[rows], TWO[rows])
    scores = [balanced_accuracy_score(TWO[50:], model.predict(X[50:])) for model in (plain, fair)]
    assert scores[1] > scores[0] + 0.1


def test_class_weights_of_several_labels_are_a_list() -> None:
    weighted = classifier(class_weight=[{1: 3.0}, {}, {0: 2.0}]).fit(X, FLAGS)
    rows = np.where(FLAGS[:, 0] == 1, 3.0, 1.0) * np.where(FLAGS[:, 2] == 0, 2.0, 1.0)
    close(weighted, classifier().fit(X, FLAGS, sample_weight=rows))


@pytest.mark.parametrize("y", [LABELS, TWO, FLAGS], ids=["classes", "two", "several"])
def test_smoothed_labels_leave_doubt(y: Any) -> None:
    settings = {"solver": "lbfgs", "max_iter": 300, "alpha": 1e-6}
    sure = classifier(**settings).fit(X, y).predict_proba(X)
    smooth = classifier(**settings, label_smoothing=0.2).fit(X, y).predict_proba(X)
    assert smooth.max() < sure.max()
    if y.ndim == 1:
        classes = len(np.unique(y))
        assert smooth.max(axis=1).mean() == pytest.approx(0.8 + 0.2 / classes, abs=0.03)


def test_several_labels_a_row_are_learned_at_once() -> None:
    model = classifier(max_iter=150).fit(X, FLAGS)
    assert model.predict(X).shape == FLAGS.shape
    assert model.score(X, FLAGS) > 0.8
    np.testing.assert_array_equal(model.predict(X), (model.predict_proba(X) > 0.5).astype(int))
    assert classifier(solver="lbfgs").fit(X, FLAGS).score(X, FLAGS) > 0.9


def test_logarithms_of_probabilities() -> None:
    model = classifier().fit(X, LABELS)
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), model.predict_proba(X))


# Losses


def targets_for(loss: Any) -> Any:
    """Targets that a loss takes: shares, amounts above 0, or any numbers."""
    if loss.targets == "labels":
        return np.eye(2)[(NUMBERS > 0).astype(int)]
    return (NUMBERS > 0).astype(float) if loss.targets == "flags" else np.exp(NUMBERS / 3)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_every_loss_is_learned_by_name_and_as_an_object(name: str, solver: str) -> None:
    y = targets_for(LOSSES[name])
    model = regressor(loss=name, solver=solver).fit(Z, y)
    same = regressor(loss=LOSSES[name], solver=solver).fit(Z, y)
    close(model, same)
    assert model.loss_curve_[-1] < model.loss_curve_[0]
    assert model.score(Z, y) > 0.1
    assert len(model.predict(Z)) == len(Z)


def test_a_gaussian_likelihood_predicts_mean_and_variance() -> None:
    model = regressor(loss="gaussian", max_iter=200).fit(Z, NUMBERS)
    found = model.predict(Z)
    assert found.shape == (120, 2)
    assert found[:, 1].min() > 0
    assert model.score(Z, NUMBERS) == pytest.approx(r2_score(NUMBERS, found[:, 0]))
    assert model.out_activation_ == "identity"


def test_quantiles_are_columns_in_order_and_scored_by_the_middle() -> None:
    model = regressor(loss=Pinball((0.1, 0.5, 0.9)), max_iter=200).fit(Z, NUMBERS)
    found = model.predict(Z)
    assert found.shape == (120, 3)
    assert (np.diff(found, axis=1) >= 0).all()
    assert model.score(Z, NUMBERS) == pytest.approx(r2_score(NUMBERS, found[:, 1]))
    assert d2_pinball_score(NUMBERS, found[:, 2], alpha=0.9) > 0.2
    inside = (found[:, 0] <= NUMBERS) & (found[:, 2] >= NUMBERS)
    assert 0.6 < inside.mean() <= 1.0


def test_quantiles_of_several_columns_stand_together_by_quantile() -> None:
    model = regressor(loss=Pinball((0.2, 0.8)), max_iter=100).fit(Z, BOTH)
    found = model.predict(Z)
    assert found.shape == (120, 4)
    assert (found[:, 2:] >= found[:, :2]).all()
    assert model.score(Z, BOTH) == pytest.approx(r2_score(BOTH, found[:, :2]))


def test_huber_minds_outliers_less() -> None:
    wild = NUMBERS.copy()
    wild[:6] = 1000.0
    settings = {"solver": "lbfgs", "hidden_layer_sizes": (), "max_iter": 300}
    plain = regressor(**settings).fit(Z, wild)
    robust = regressor(**settings, loss=Huber(0.5)).fit(Z, wild)
    assert robust.score(Z[6:], NUMBERS[6:]) > 0.6 > plain.score(Z[6:], NUMBERS[6:])


def test_a_loss_of_your_own_is_learned() -> None:
    own = OwnLoss(
        "cubed", lambda s, t: np.abs(s - t) ** 3, lambda s, t: 3 * (s - t) * np.abs(s - t)
    )
    assert regressor(loss=own, max_iter=100).fit(Z, NUMBERS).score(Z, NUMBERS) > 0.5


def test_several_columns_are_learned_at_once() -> None:
    model = regressor(max_iter=200).fit(Z, BOTH)
    assert model.predict(Z).shape == (120, 2)
    assert model.score(Z, BOTH) > 0.7


# Missing targets


def test_a_missing_target_adds_nothing() -> None:
    gaps = BOTH.copy()
    gaps[:60, 0] = np.nan
    settings = {"missing": "mask", "hidden_layer_sizes": (), "alpha": 0.0, "solver": "lbfgs"}
    both = regressor(**settings, tol=1e-9, max_iter=500).fit(Z, gaps)
    one = regressor(**settings, tol=1e-9, max_iter=500).fit(Z[60:], NUMBERS[60:])
    np.testing.assert_allclose(both.predict(Z)[:, 0], one.predict(Z), atol=1e-4)


def test_scores_are_of_the_targets_that_are_known() -> None:
    gaps = BOTH.copy()
    gaps[5:60, 0] = np.nan
    model = regressor(missing="mask", early_stopping=True).fit(Z, gaps)
    assert np.isfinite(model.validation_scores_).all()
    found = model.predict(Z)
    known = np.r_[0:5, 60:120]
    wanted = [r2_score(NUMBERS[known], found[known, 0]), r2_score(BOTH[:, 1], found[:, 1])]
    assert model.score(Z, gaps) == pytest.approx(np.mean(wanted))
    heavier = model.score(Z, gaps, sample_weight=np.arange(120.0))
    assert heavier != pytest.approx(np.mean(wanted))
    assert np.isnan(model.score(Z[10:20], np.full((10, 2), np.nan)))
    with pytest.raises(ValueError, match="NaN"):
        regressor().fit(Z, NUMBERS).score(Z, gaps[:, 0])


# Optimizers and rates


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_has_a_name_here(name: str) -> None:
    rate = 0.002 if name in ("lion", "rmsprop") else 0.02
    model = classifier(solver=name, learning_rate_init=rate).fit(X, LABELS)
    assert model.loss_curve_[-1] < model.loss_curve_[0]
    model.partial_fit(X, LABELS)


@pytest.mark.parametrize("solver", [SGD(learning_rate=0.1), Adam(learning_rate=0.02), AdamW()])
def test_an_optimizer_as_an_object_has_its_own_rate(solver: Any) -> None:
    model = classifier(solver=solver, learning_rate_init=1e-9, max_iter=60).fit(X, LABELS)
    assert model.score(X, LABELS) > 0.6


def test_lbfgs_as_an_object_has_its_own_tolerance() -> None:
    quick = classifier(solver=LBFGS(tolerance=0.1)).fit(X, LABELS)
    named = classifier(solver="lbfgs", tol=0.1).fit(X, LABELS)
    close(quick, named)
    assert not hasattr(quick, "partial_fit")


def test_lbfgs_tells_when_it_ended_too_soon() -> None:
    for limit in ({"max_iter": 2}, {"max_fun": 3}):
        with pytest.warns(UserWarning, match="lbfgs: Maximum"):
            model = classifier(solver="lbfgs", **limit).fit(X, LABELS)
        assert model.n_iter_ <= 3


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_has_a_name_here(name: str) -> None:
    model = classifier(learning_rate=name, max_iter=60).fit(X, LABELS)
    assert model.score(X, LABELS) > 0.7


def test_a_schedule_may_be_an_object_or_a_function() -> None:
    named = classifier(learning_rate="cosine").fit(X, LABELS)
    close(named, classifier(learning_rate=Cosine()).fit(X, LABELS))
    still = classifier(learning_rate=lambda progress: 0.0).fit(X, LABELS)
    assert still.loss_curve_[0] == pytest.approx(still.loss_curve_[-1])


# Validation


def test_rows_for_validation_are_scored_after_each_epoch() -> None:
    model = classifier(max_iter=5).fit(X[:100], LABELS[:100], X_val=X[50:], y_val=LABELS[50:] * 0)
    assert len(model.validation_scores_) == model.n_iter_
    seen = classifier(max_iter=5).fit(X, LABELS, X_val=X[::2], y_val=LABELS[::2])
    assert seen.validation_scores_[-1] == seen.score(X[::2], LABELS[::2])
    close(seen, classifier(max_iter=5).fit(X, LABELS))


def test_early_stopping_restores_the_best_by_any_metric() -> None:
    model = classifier(early_stopping=True, scoring="neg_log_loss", n_iter_no_change=3)
    model.set_params(max_iter=200, learning_rate_init=0.2)
    model.fit(X[::2], LABELS[::2], X_val=X[1::2], y_val=LABELS[1::2])
    best = max(model.validation_scores_)
    shares = model.predict_proba(X[1::2])[np.arange(75), LABELS[1::2]]
    assert model.best_validation_score_ == best
    assert np.log(shares).mean() == pytest.approx(best)
    assert model.validation_scores_[-1] < best
    assert model.n_iter_ < 200


def test_a_metric_may_be_a_function_and_weigh_rows() -> None:
    asked: list[Any] = []

    def scorer(model: Any, X: Any, y: Any, sample_weight: Any = None) -> float:
        asked.append((X.shape, y.shape, None if sample_weight is None else sample_weight.sum()))
        return float(model.score(X, y, sample_weight=sample_weight))

    model = regressor(scoring=scorer, early_stopping=True, max_iter=3, validation_fraction=0.25)
    model.fit(Z, NUMBERS, sample_weight=np.full(120, 2.0))
    assert asked == [((30, 4), (30,), 60.0)] * 3


def test_restarts_keep_the_best_and_are_the_same_again() -> None:
    settings = {"max_iter": 8, "restarts": 4, "hidden_layer_sizes": (2,)}
    model, again = (classifier(**settings).fit(X, LABELS) for _ in range(2))
    close(model, again)
    state = np.random.RandomState(0)
    alone = [classifier(max_iter=8, hidden_layer_sizes=(2,), random_state=state) for _ in range(4)]
    losses = [each.fit(X, LABELS).loss_ for each in alone]
    assert model.loss_ == min(losses)
    assert len(set(losses)) == 4
    assert model.score(X, LABELS) == alone[int(np.argmin(losses))].score(X, LABELS)


def test_restarts_with_early_stopping_keep_the_best_score() -> None:
    settings = {"early_stopping": True, "restarts": 3, "hidden_layer_sizes": (2,)}
    model = classifier(**settings, max_iter=10).fit(X, LABELS)
    assert model.best_validation_score_ == max(model.validation_scores_)
    both = classifier(**{**settings, "restarts": 2}, solver="lbfgs").fit(X, LABELS)
    assert both.score(X, LABELS) > 0.6


# Callbacks of glassnet


class Recorder(Callback):
    """Counts, and stops after some epochs; or interrupts in one."""

    def __init__(self, stop_after: int = 1000, interrupt_in: int = 0) -> None:
        self.epochs, self.stop_after, self.interrupt_in = 0, stop_after, interrupt_in

    def after_step(self, training: Any) -> None:
        if self.epochs + 1 == self.interrupt_in:
            raise KeyboardInterrupt

    def on_epoch_end(self, training: Any) -> None:
        self.epochs += 1
        if self.epochs == self.stop_after:
            training.stop("enough")


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_callbacks_of_the_engine_run(solver: str) -> None:
    recorder = Recorder(stop_after=3)
    model = classifier(solver=solver, callbacks=[recorder]).fit(X, LABELS)
    assert recorder.epochs == model.n_iter_ == len(model.loss_curve_) == 3
    assert model.stopped_ == "enough"


def test_a_callback_clips_gradients() -> None:
    calm = classifier(callbacks=[ClipNorm(1e-6)], solver="sgd").fit(X, LABELS)
    assert calm.loss_curve_[0] - calm.loss_curve_[-1] < 1e-3
    with pytest.raises(ValueError, match="a callback changed the gradients"):
        classifier(callbacks=[ClipNorm(1e-6)], solver="lbfgs").fit(X, LABELS)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_an_interrupted_fit_keeps_what_is_learned(solver: str) -> None:
    recorder = Recorder(interrupt_in=4)
    model = classifier(solver=solver, callbacks=[recorder], restarts=3)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.fit(X, LABELS)
    assert model.n_iter_ == recorder.epochs == 3
    assert model.loss_curve_[-1] < model.loss_curve_[0]
    assert model.predict(X).shape == (150,)


def test_a_fit_interrupted_at_once_can_predict() -> None:
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model = classifier(callbacks=[Recorder(interrupt_in=1)]).fit(X, LABELS)
    assert model.n_iter_ == 0
    assert model.predict(X).shape == (150,)


def test_training_that_diverges_late_ends_with_the_best_parameters() -> None:
    class Spoiling(Callback):
        def on_epoch_begin(self, training: Any) -> None:
            if training.epoch == 4:
                training.base_rate = 1e30

    model = regressor(solver="sgd", callbacks=[Spoiling()], early_stopping=True)
    with pytest.warns(UserWarning, match="diverged in epoch [45]; the parameters with the best"):
        model.fit(Z, NUMBERS)
    assert np.isnan(model.validation_scores_[-1])
    assert np.isfinite(model.predict(Z)).all()


# One way and another


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("kind", [sp.csr_array, sp.csc_matrix, sp.coo_array])
def test_sparse_rows_are_as_dense_ones(solver: str, kind: Any) -> None:
    data = np.where(np.abs(X) > 0.5, X, 0.0)
    settings = {"solver": solver, "batch_size": 50, "max_iter": 5, "early_stopping": True}
    dense = classifier(**settings).fit(data, LABELS)
    sparse = classifier(**settings).fit(kind(data), LABELS)
    close(dense, sparse, 1e-6)
    np.testing.assert_allclose(sparse.predict_proba(kind(data)), dense.predict_proba(data))
    few = kind(data[:3])
    np.testing.assert_array_equal(sparse.predict(few), dense.predict(data[:3]))


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_single_precision_stays_single(solver: str) -> None:
    model = regressor(solver=solver, max_iter=5).fit(Z.astype(np.float32), NUMBERS)
    assert {each.dtype for each in (*model.coefs_, *model.intercepts_)} == {np.dtype(np.float32)}
    assert model.predict(Z.astype(np.float32)).dtype == np.float32
    assert model.predict(Z).dtype == np.float32
    assert pickle.loads(pickle.dumps(model)).predict(Z).dtype == np.float32


def test_precision_may_change_between_parts() -> None:
    model = classifier(solver="sgd").partial_fit(X.astype(np.float32), LABELS, classes=[0, 1, 2])
    model.partial_fit(X, LABELS).partial_fit(sp.csr_array(X), LABELS)
    assert model.coefs_[0].dtype == np.float32
    other = classifier(solver="sgd").partial_fit(X, LABELS, classes=[0, 1, 2])
    other.partial_fit(X.astype(np.float32), LABELS, sample_weight=np.ones(150))
    assert other.coefs_[0].dtype == np.float64


@pytest.mark.parametrize("made", [classifier, regressor])
@pytest.mark.parametrize("solver", ["sgd", "adam", "adamw"])
def test_parts_of_a_fit_are_the_fit(made: Any, solver: str) -> None:
    data, y = (X, LABELS) if made is classifier else (Z, NUMBERS)
    settings = {"solver": solver, "batch_size": 40, "shuffle": False}
    whole, parts = made(**settings, max_iter=5).fit(data, y), made(**settings)
    more = {"classes": [0, 1, 2]} if made is classifier else {}
    for _ in range(5):
        parts.partial_fit(data, y, **more)
    close(whole, parts)
    assert whole.loss_curve_ == pytest.approx(parts.loss_curve_)


@pytest.mark.parametrize("before", ["adam", "lbfgs", "nadam", "sgd"])
@pytest.mark.parametrize("after", ["sgd", "adam", "adagrad"])
def test_another_solver_goes_on_with_a_memory_of_its_own(before: str, after: str) -> None:
    model = classifier(solver=before, max_iter=5).fit(X, LABELS)
    other = classifier(solver=after, warm_start=True, shuffle=False, max_iter=1)
    other.fit(X, LABELS)
    other.coefs_ = [each.copy() for each in model.coefs_]
    other.intercepts_ = [each.copy() for each in model.intercepts_]
    model.set_params(solver=after, shuffle=False).partial_fit(X, LABELS)
    other.fit(X, LABELS)  # a warm start begins the memory anew
    if before != after:
        close(model, other)


def test_parts_with_dropout_go_on_drawing() -> None:
    settings = {"dropout": 0.5, "batch_size": 150, "shuffle": False}
    whole, parts = classifier(**settings, max_iter=3).fit(X, LABELS), classifier(**settings)
    for _ in range(3):
        parts.partial_fit(X, LABELS, classes=[0, 1, 2])
    close(whole, parts)


def test_a_warm_start_goes_on_with_the_settings_of_now() -> None:
    model = classifier(warm_start=True, max_iter=20).fit(X, LABELS)
    loss = model.loss_
    model.fit(X, LABELS)
    assert model.loss_ < loss
    assert len(model.loss_curve_) == 40
    model.set_params(activation="tanh", dropout=0.1).fit(X, LABELS)
    assert model.network_.activations[0].name == "tanh"
    with pytest.raises(ValueError, match=r"has layers of \[4, 8, 3\]; hidden_layer_sizes"):
        model.set_params(hidden_layer_sizes=(9,)).fit(X, LABELS)


def test_parameters_set_by_hand_are_those_that_predict() -> None:
    model = regressor(hidden_layer_sizes=()).fit(Z, NUMBERS)
    model.coefs_ = [np.array([[1.0], [2.0], [0.0], [0.0]])]
    model.intercepts_ = [np.array([0.5])]
    np.testing.assert_allclose(model.predict(Z), Z[:, 0] + 2 * Z[:, 1] + 0.5)
    model.coefs_[0] = np.zeros((4, 1))
    np.testing.assert_allclose(model.predict(Z), 0.5)
    model.intercepts_[0][0] = 2.0
    np.testing.assert_allclose(model.predict(Z), 2.0)
    model.intercepts_[0] = np.zeros(3)
    with pytest.raises(ValueError, match="coefs_ and intercepts_ do not fit together"):
        model.predict(Z)


@pytest.mark.parametrize("made", [classifier, regressor])
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_a_weight_is_as_many_rows(made: Any, solver: str) -> None:
    data, y = (X, LABELS) if made is classifier else (Z, NUMBERS)
    counts = np.random.default_rng(0).integers(0, 4, len(data))
    settings = {"solver": solver, "batch_size": 600, "max_iter": 10, "shuffle": False}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Got `batch_size`")
        weighted = made(**settings).fit(data, y, sample_weight=counts)
        rows = np.repeat(np.arange(len(data)), counts)
        repeated = made(**settings).fit(data[rows], y[rows])
    close(weighted, repeated, 1e-7)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_one_row_is_predicted_as_among_many(dtype: Any) -> None:
    data = (X * 3).astype(dtype)
    model = classifier().fit(data, LABELS)
    alone = np.concatenate([model.predict_proba(row[None]) for row in data])
    tolerance = 1e-5 if dtype is np.float32 else 1e-12
    np.testing.assert_allclose(alone, model.predict_proba(data), atol=tolerance)


def test_many_numbers_of_middling_size_are_not_too_large() -> None:
    middling = np.full((120, 4), 1e153)  # the sum of their squares is beyond float64
    assert too_large(middling) == too_large(sp.csr_array(middling)) == ""
    assert too_large(middling * 100).startswith("X has 1e+155")


def test_the_loss_for_labels_is_the_engines() -> None:
    model = classifier(label_smoothing=0.1, max_iter=2).fit(X, LABELS)
    assert model.network_.loss == SoftmaxCrossEntropy(0.1)
    assert cross_val_score(classifier(), X, LABELS, cv=2).shape == (2,)
