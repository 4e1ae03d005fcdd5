"""The drop-in takes the very steps of scikit-learn's MLP: same starts, same batches, same rules."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is compared with")

import sklearn.neural_network as theirs
from sklearn.datasets import load_diabetes, load_digits, load_iris

from glassnet import estimators as ours

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, LABELS = load_digits(return_X_y=True)
X = X[:600] / 16.0
LABELS = LABELS[:600]
FLAGS = np.stack([LABELS > 4, LABELS % 2 == 0, LABELS == 3], axis=1).astype(int)
SETTINGS: dict[str, dict[str, Any]] = {
    "adam": {},
    "plain sgd": {"solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False},
    "momentum": {"solver": "sgd", "momentum": 0.8, "nesterovs_momentum": False},
    "nesterov": {"solver": "sgd"},
    "invscaling": {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.25},
    "adaptive": {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.1, "n_iter_no_change": 2},
    "other betas": {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3},
    "tanh": {"activation": "tanh", "hidden_layer_sizes": (20, 10), "alpha": 0.3},
    "logistic": {"activation": "logistic", "early_stopping": True, "tol": 0.01},
    "identity": {"activation": "identity", "shuffle": False, "batch_size": 7},
    "early stopping": {"early_stopping": True, "validation_fraction": 0.3},
    "float32": {},
}


def differ(ours: Any, theirs: Any) -> float:
    pairs = zip(
        [*ours.coefs_, *ours.intercepts_], [*theirs.coefs_, *theirs.intercepts_], strict=True
    )
    return max(float(np.abs(a - b).max()) for a, b in pairs)


def both(name: str, X: Any, y: Any, **settings: Any) -> tuple[Any, Any]:
    """Ours and theirs, fitted to the same rows."""
    made = getattr(ours, name)(**settings), getattr(theirs, name)(**settings)
    return made[0].fit(X, y), made[1].fit(X, y)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("y", [LABELS, LABELS > 4, FLAGS], ids=["classes", "two", "several"])
def test_classifier_goes_step_by_step_as_scikit_learns(settings: Any, y: Any, request: Any) -> None:
    single = "float32" in request.node.callspec.id
    data = X.astype(np.float32) if single else X
    a, b = both("MLPClassifier", data, y, random_state=5, max_iter=6, **settings)
    assert differ(a, b) < (1e-4 if single else 1e-9)
    assert a.n_iter_ == b.n_iter_
    assert a.t_ == b.t_
    np.testing.assert_allclose(a.loss_curve_, b.loss_curve_, rtol=1e-5 if single else 1e-9)
    assert a.validation_scores_ == b.validation_scores_ or single
    np.testing.assert_array_equal(a.predict(data), b.predict(data))
    np.testing.assert_allclose(
        a.predict_proba(data), b.predict_proba(data), rtol=1e-3 if single else 1e-9
    )


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("loss", ["squared_error", "poisson"])
def test_regressor_goes_step_by_step_as_scikit_learns(
    settings: Any, columns: int, loss: str
) -> None:
    data, y = load_diabetes(return_X_y=True)
    y = np.stack([y, np.sqrt(y)], axis=1)[:, :columns] / 100.0
    y = y[:, 0] if columns == 1 else y
    a, b = both("MLPRegressor", data, y, loss=loss, random_state=5, max_iter=6, **settings)
    assert differ(a, b) < 1e-9
    assert a.n_iter_ == b.n_iter_
    np.testing.assert_allclose(a.loss_curve_, b.loss_curve_, rtol=1e-9)
    np.testing.assert_allclose(a.predict(data), b.predict(data), rtol=1e-9)


@pytest.mark.parametrize("solver", ["sgd", "adam"])
@pytest.mark.parametrize("steps", [1, 100])
def test_so_many_steps_lead_to_the_same_parameters(solver: str, steps: int) -> None:
    made = [m.MLPClassifier(solver=solver, random_state=1, batch_size=60) for m in (ours, theirs)]
    for _ in range(steps):
        for model in made:
            model.partial_fit(X[:60], LABELS[:60], classes=range(10))
    assert differ(*made) < 1e-9


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_weights_of_rows_count_as_scikit_learns(solver: str) -> None:
    weights = np.random.default_rng(0).integers(0, 4, len(X)).astype(float)
    made = [m.MLPClassifier(solver=solver, random_state=2, max_iter=5) for m in (ours, theirs)]
    for model in made:
        model.fit(X, LABELS, sample_weight=weights)
    assert differ(*made) < 1e-9


def test_lbfgs_ends_no_higher_than_scikit_learns() -> None:
    data, y = load_iris(return_X_y=True)
    options = {"solver": "lbfgs", "hidden_layer_sizes": 5, "max_iter": 2000, "alpha": 0.1}
    for seed in range(5):
        a, b = both("MLPClassifier", data, y, random_state=seed, **options)
        assert a.loss_ <= b.loss_ * 1.02 + 1e-6
