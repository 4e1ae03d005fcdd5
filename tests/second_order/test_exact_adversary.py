"""What exact fits once answered with a raw error, or with numbers that were wrong.

To add one: the call that failed, and what it must say.
"""

import re

import numpy as np
import pytest

from glassnet import BayesianRegularization, Callback, DivergenceError, Network

X = np.random.default_rng(0).normal(size=(40, 3))
Y = np.sin(X @ [1.0, 0.5, -1.0])


def test_a_decay_beside_one_that_finds_its_own_is_refused_by_its_name():
    network = Network([3, 4, 1], seed=1)
    with pytest.raises(ValueError, match=r"weight_decay does not apply to Bayesian.*got 0\.1"):
        network.fit(X, Y, optimizer="bayesian_regularization", weight_decay=0.1)
    assert network.dtype == np.float32
    assert not network.history


def test_an_estimator_refuses_alpha_beside_one_that_finds_its_own_decay():
    estimators = pytest.importorskip("glassnet.estimators")
    own = {"hidden_layer_sizes": (4,), "solver": BayesianRegularization(), "random_state": 0}
    with pytest.raises(ValueError, match=r"alpha does not apply to BayesianRegularization"):
        estimators.MLPRegressor(**own).fit(X, Y)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        fitted = estimators.MLPRegressor(**own, alpha=0, max_iter=20).fit(X, Y)
    assert fitted.score(X, Y) > 0.8


def test_weights_that_are_next_to_nothing_do_not_divide_by_zero():
    network = Network([3, 4, 1], seed=1)
    tiny = np.full(len(X), 1e-200)
    history = network.fit(X, Y, optimizer="bayesian_regularization", epochs=4, sample_weight=tiny)
    assert np.isfinite(history[-1]["loss"])
    assert np.isfinite(network.parameters).all()


def test_units_that_are_off_leave_no_rounding_however_large_their_weights():
    estimators = pytest.importorskip("glassnet.estimators")
    random = np.random.default_rng(1)
    rows = random.normal(size=(4000, 6)).astype(np.float32)
    model = estimators.MLPRegressor(hidden_layer_sizes=(200,), max_iter=1)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        model.fit(rows[:50], rows[:50, 0])
    model.intercepts_[0][:100] = -15.3
    model.coefs_[0][:, :100] = 0.0
    model.coefs_[1][:100] *= 1e4
    exact = np.maximum(0, rows.astype(float) @ model.coefs_[0] + model.intercepts_[0])
    exact = (exact @ model.coefs_[1] + model.intercepts_[1])[:, 0]
    np.testing.assert_allclose(model.predict(rows), exact, atol=1e-5)


def test_estimator_with_float32_rows_is_told_that_the_solver_works_in_float64():
    estimators = pytest.importorskip("glassnet.estimators")
    model = estimators.MLPRegressor(
        hidden_layer_sizes=(4,), solver=BayesianRegularization(), alpha=0, max_iter=20
    )
    with pytest.raises(ValueError, match=r"works in float64; X is of float32"):
        model.fit(X.astype(np.float32), Y)


@pytest.mark.parametrize(
    ("inputs", "targets", "words"),
    [
        (1.0, 1e30, r"; targets reach .*e\+\d+: .* standardize=True goes further$"),
        (1e-9, 1e-9, r"; inputs reach .*e-09 and targets reach .*: .*standardize=True"),
        (1.0, 1.0, r"^[^;]*$"),
    ],
)
@pytest.mark.parametrize("optimizer", ["levenberg_marquardt", "lbfgs"])
def test_the_reason_of_an_end_mentions_columns_of_extreme_size(inputs, targets, words, optimizer):
    network = Network([3, 2, 1], activation="tanh", dtype="float64", seed=0, loss="squared_error")
    y = targets * np.tanh(X[:, 0])  # what one unit fits exactly: an end is reached
    history = network.fit(inputs * X, y, optimizer=optimizer, epochs=2000)
    assert history.stopped != "all epochs done"
    assert re.search(words, history.stopped)


def test_standardised_columns_of_extreme_size_fit_as_well_and_nothing_is_said():
    losses = []
    for size in (1.0, 1e30):
        network = Network([3, 2, 1], activation="tanh", seed=0, loss="squared_error")
        options = {"optimizer": "levenberg_marquardt", "epochs": 2000, "standardize": True}
        history = network.fit(X, size * Y, **options)
        assert "reach" not in history.stopped
        losses.append(history[-1]["loss"])
    np.testing.assert_allclose(*losses, rtol=1e-6)


def test_a_reason_that_a_callback_gave_stays_as_it_is():
    class Enough(Callback):
        def on_gradients(self, training):
            training.stop("enough")

    network = Network([3, 2, 1], loss="squared_error", seed=0)
    asked = {"optimizer": "levenberg_marquardt", "epochs": 5, "callbacks": [Enough()]}
    assert network.fit(X, 1e30 * Y, **asked).stopped == "enough"


@pytest.mark.parametrize("units", [2, 5])
def test_variances_far_below_have_evidence_and_no_nan(units):
    random = np.random.default_rng(0)
    rows = random.uniform(-1.0, 1.0, (100, 3))
    y = np.tanh(rows @ [1.0, 2.0, 3.0]) + 0.05 * random.normal(size=100)
    network = Network([3, units, 2], loss="gaussian", seed=0)  # scores from -1e5 on
    history = network.fit(1e5 * rows, y, optimizer="bayesian_regularization", epochs=10)
    for name in ("loss", "log_evidence", "largest_slope", "effective_parameters"):
        assert np.isfinite(history.column(name)).all()


def test_a_curvature_beyond_float64_is_an_error_in_words():
    network = Network([1, 1, 1], activation="identity", loss="squared_error", dtype="float64")
    network.parameters[:] = 1e-200, 1e200, 0.0, 0.0
    rows = np.array([[1.0], [2.0], [4.0]])
    before = network.parameters.copy()
    with pytest.raises(DivergenceError, match="curvature of the loss is not finite"):
        network.fit(rows, network.predict(rows), optimizer="bayesian_regularization", epochs=2)
    np.testing.assert_array_equal(network.parameters, before)
