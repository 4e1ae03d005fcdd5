"""Predictions are those of the network's layers, in whatever pieces the rows go through them."""

import threading
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the estimators build on scikit-learn")

from scipy import sparse

from glassnet import OwnActivation, blas
from glassnet.estimators import MLPClassifier, MLPRegressor, predicting
from glassnet.losses import Pinball

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

DRAW = np.random.default_rng(0)
X = DRAW.standard_normal((3000, 6))
LABELS = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
MODELS = {
    "classes": MLPClassifier((40, 10), max_iter=2, random_state=0),
    "two classes": MLPClassifier((40,), max_iter=2, random_state=0),
    "no hidden layer": MLPClassifier((), max_iter=2, random_state=0),
    "dropout": MLPClassifier((40, 10), dropout=0.5, max_iter=2, random_state=0),
    "wide": MLPRegressor("huber", (1100,), max_iter=1, batch_size=1000, random_state=0),
    "quantiles": MLPRegressor(Pinball((0.1, 0.9)), (20,), max_iter=2, random_state=0),
}


def fitted(name: str, dtype: Any = np.float64) -> Any:
    y = X[:, 0] if isinstance(MODELS[name], MLPRegressor) else LABELS
    return MODELS[name].fit(X.astype(dtype), y > 0 if name == "two classes" else y)


def straight(model: Any, X: Any) -> Any:
    """Outputs of all rows at once, by the passes of the network."""
    network = model._network_now()
    return network.loss.link(network.passes.scores(X))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", MODELS)
def test_outputs_in_pieces_are_those_of_all_rows_at_once(name: str, dtype: Any) -> None:
    model, rows = fitted(name, dtype), X.astype(dtype)
    found = predicting.predict(model._network_now(), model._network.loss, rows)
    assert found.dtype == dtype
    tolerance = 1e-12 if dtype is np.float64 else 1e-5
    np.testing.assert_allclose(found, straight(model, rows), rtol=0, atol=tolerance)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets as many threads predict as it is told, whatever the machine has."""
    for name in blas.SET_BY_USER:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(predicting, "MUCH", 1)
    monkeypatch.setattr(blas, "SMALL_PRODUCT", 0)
    return lambda count: monkeypatch.setattr(blas, "cores", lambda: count)


@pytest.mark.parametrize("name", MODELS)
def test_number_of_threads_changes_no_bit(name: str, threads: Any) -> None:
    model, found, before = fitted(name), [], blas.describe()["threads"]
    for count in (1, 2, 3, 7):
        threads(count)
        found.append(predicting.predict(model._network_now(), model._network.loss, X))
    for each in found[1:]:
        np.testing.assert_array_equal(each, found[0])
    assert blas.describe()["threads"] == before


def test_who_has_decided_about_threads_gets_one(
    threads: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = fitted("classes")
    threads(8)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setattr(predicting, "ThreadPoolExecutor", None)
    assert len(model.predict(X)) == len(X)


def only_in_the_main_thread(scores: Any) -> Any:
    if threading.current_thread() is not threading.main_thread():
        raise ValueError("raised elsewhere")
    return np.tanh(scores)


def test_error_in_another_thread_comes_out(threads: Any) -> None:
    own = OwnActivation("own", only_in_the_main_thread, np.ones_like)
    model = MLPClassifier((50,), own, max_iter=1, random_state=0).fit(X, LABELS)
    threads(2)
    with pytest.raises(ValueError, match="raised elsewhere"):
        model.predict(X)


def test_blas_that_cannot_be_asked_predicts_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    model = fitted("classes")
    expected = model.predict_proba(X)
    monkeypatch.setattr(blas, "_ask", lambda name, text: None)
    np.testing.assert_allclose(model.predict_proba(X), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("rows", [1, 2000])
@pytest.mark.parametrize("kind", ["csr_matrix", "csc_array"])
def test_sparse_rows_are_predicted_as_dense_ones(kind: str, rows: int) -> None:
    model, thin = fitted("classes"), np.where(X > 1, X, 0.0)[:rows]
    found = model.predict_proba(getattr(sparse, kind)(thin))
    np.testing.assert_allclose(found, model.predict_proba(thin), rtol=0, atol=1e-12)


def test_columns_in_any_order_of_memory_and_float32_rows_are_predicted_alike() -> None:
    model = fitted("classes")
    expected = model.predict_proba(X)
    for rows in (np.asfortranarray(X), X[::-1][::-1], np.hstack([X, X])[:, :6]):
        np.testing.assert_allclose(model.predict_proba(rows), expected, rtol=0, atol=1e-12)
    single = model.predict_proba(X.astype(np.float32))
    assert single.dtype == np.float64
    np.testing.assert_allclose(single, expected, rtol=0, atol=1e-5)
