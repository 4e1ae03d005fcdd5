"""What a sceptic found: a fitted network as a recipe, and scorers that take no weights."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the estimators build on scikit-learn")

import glassnet
from glassnet.estimators import MLPClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

DRAW = np.random.default_rng(0)
X = DRAW.standard_normal((200, 4))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)


def test_network_of_an_estimator_starts_anew_from_random_weights() -> None:
    model = MLPClassifier((8,), max_iter=2, random_state=0).fit(X, Y)
    network = model.network_
    assert network.initializer != "zeros"
    assert all(np.ptp(weights) > 0.0 for weights in network.reset().weights)


def test_network_of_an_estimator_can_be_cross_validated() -> None:
    model = MLPClassifier((16,), max_iter=2, random_state=0).fit(X, Y)
    found = glassnet.cross_validate(model.network_, X, Y, folds=3, epochs=150)
    assert np.mean(found.values["accuracy"]) > 0.8


def accuracy(model: Any, X: Any, y: Any) -> float:
    return float(np.mean(model.predict(X) == y))


@pytest.mark.parametrize("scoring", [accuracy, "adjusted_rand_score", "accuracy"])
@pytest.mark.parametrize("weights", [None, np.linspace(0.5, 1.5, len(X))])
def test_scorer_gets_weights_only_where_it_takes_them(scoring: Any, weights: Any) -> None:
    settings: dict[str, Any] = {"early_stopping": True, "class_weight": "balanced"}
    model = MLPClassifier((8,), scoring=scoring, max_iter=3, random_state=0, **settings)
    model.fit(X, Y, sample_weight=weights)
    assert len(model.validation_scores_) == 3
