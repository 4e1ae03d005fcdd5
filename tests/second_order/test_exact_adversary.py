"""What exact fits once answered with a raw error, or with numbers that were wrong.

To add one: the call that failed, and what it must say.
"""

import numpy as np
import pytest

from glassnet import BayesianRegularization, Network

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
