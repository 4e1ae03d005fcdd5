"""Predictions are those of the network's layers, in whatever pieces the rows go through them.

What is not finite is refused wherever it stands, though nobody looks at all of X.
"""

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
OWN = OwnActivation("bent", lambda s: np.where(s > 0, s, s / 2), lambda s: np.where(s > 0, 1, 0.5))
MODELS = {
    "classes": MLPClassifier((40, 10), max_iter=2, random_state=0),
    "two classes": MLPClassifier((40,), max_iter=2, random_state=0),
    "no hidden layer": MLPClassifier((), max_iter=2, random_state=0),
    "dropout": MLPClassifier((40, 10), dropout=0.5, max_iter=2, random_state=0),
    "deep": MLPClassifier((50, 40, 30, 20, 10), max_iter=2, random_state=0),
    "smooth": MLPClassifier((40, 10), "tanh", max_iter=2, random_state=0),
    "mixed": MLPClassifier((40, 30, 10), ("relu", "gelu", "relu"), max_iter=2, random_state=0),
    "own": MLPClassifier((40, 10), OWN, max_iter=2, random_state=0),
    "wide": MLPRegressor("huber", (1100,), max_iter=1, batch_size=1000, random_state=0),
    "quantiles": MLPRegressor(Pinball((0.1, 0.9)), (20,), max_iter=2, random_state=0),
}
CLASSIFIERS = [name for name in MODELS if isinstance(MODELS[name], MLPClassifier)]


def fitted(name: str, dtype: Any = np.float64) -> Any:
    y = X[:, 0] if isinstance(MODELS[name], MLPRegressor) else LABELS
    return MODELS[name].fit(X.astype(dtype), y > 0 if name == "two classes" else y)


def straight(model: Any, rows: Any) -> Any:
    """Scores of all rows at once, by the passes of the network."""
    return model._network_now().passes.scores(rows)


# In pieces


@pytest.fixture
def in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few rows there are, they go in pieces of 32."""
    monkeypatch.setattr(blas, "SMALL_PRODUCT", 0)
    monkeypatch.setattr(predicting, "ROOM", 1)


@pytest.fixture(params=["in pieces", "all at once"])
def rows(request: pytest.FixtureRequest) -> Any:
    """Rows that go in many pieces, the last one smaller, and rows that go all at once."""
    if request.param == "all at once":
        return X[:20]
    request.getfixturevalue("in_pieces")
    return X


@pytest.mark.usefixtures("in_pieces")
@pytest.mark.parametrize("room", [1, predicting.ROOM])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", MODELS)
def test_outputs_in_pieces_are_those_of_all_rows_at_once(
    name: str, dtype: Any, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predicting, "ROOM", room)
    model, tolerance = fitted(name, dtype), 1e-12 if dtype is np.float64 else 1e-5
    for rows in (X.astype(dtype), X[:1].astype(dtype), X[:33].astype(dtype)):
        found = predicting.scores_of(model._network_now(), rows)
        assert found.dtype == dtype
        expected = straight(model, rows)
        np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)
        outputs = model._network.loss.link(expected)
        np.testing.assert_allclose(model._outputs_for(rows), outputs, rtol=0, atol=tolerance)


@pytest.mark.usefixtures("in_pieces")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("largest", [1.0, predicting.LARGEST_CARRIED, 17.0, 1e3, 1e5])
def test_large_biases_of_deep_relu_networks_cost_no_more_than_their_own_rounding(
    largest: float, dtype: Any
) -> None:
    model, draw = fitted("deep", dtype), np.random.default_rng(1)
    for biases in model.intercepts_:
        biases[...] = largest * draw.uniform(-1, 1, biases.shape)
    expected = straight(model, X.astype(dtype))
    found = predicting.scores_of(model._network_now(), X.astype(dtype))
    tolerance = 50 * np.finfo(dtype).eps * max(largest, np.abs(expected).max())
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


@pytest.mark.usefixtures("in_pieces")
@pytest.mark.parametrize("bias", [-1e3, -1e5, -1e30, -np.inf])
def test_units_that_a_large_negative_bias_switches_off_leave_nothing_behind(bias: float) -> None:
    model, rows = fitted("deep", np.float32), X.astype(np.float32)
    for biases in model.intercepts_[:-1]:
        biases[::3] = bias
    found = predicting.scores_of(model._network_now(), rows)
    np.testing.assert_allclose(found, straight(model, rows), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_predicted_label_has_the_largest_probability(name: str, rows: Any) -> None:
    model = fitted(name)
    expected = model.classes_[model.predict_proba(rows).argmax(axis=1)]
    np.testing.assert_array_equal(model.predict(rows), expected)


def test_blas_that_cannot_be_asked_predicts_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    model = fitted("classes")
    expected = model.predict_proba(X)
    monkeypatch.setattr(blas, "_ask", lambda name, text: None)
    np.testing.assert_array_equal(model.predict_proba(X), expected)


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


# What is not finite


def with_one(value: float, rows: Any, place: tuple[int, int], dtype: Any = np.float64) -> Any:
    spoiled = rows.astype(dtype)
    spoiled[place] = value
    return spoiled


def refusal(call: Any, given: Any) -> str:
    with pytest.raises(ValueError, match="Input X contains") as caught:
        call(given)
    return str(caught.value)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["classes", "two classes", "no hidden layer", "wide"])
def test_what_is_not_finite_is_refused_wherever_it_stands(
    name: str, rows: Any, value: float, dtype: Any
) -> None:
    model, last = fitted(name, dtype), len(rows) - 1
    what = "NaN" if np.isnan(value) else f"infinity or a value too large for {np.dtype(dtype)!r}"
    for place in ((0, 0), (last // 2, 5), (last, 3)):
        spoiled = with_one(value, rows, place, dtype)
        found = refusal(model.predict, spoiled)
        # The words of scikit-learn, and what all other calls with such an X say.
        assert found.startswith(f"Input X contains {what}, first at row {place[0]}, column")
        assert found == refusal(model._validated, spoiled)
        assert found == refusal(model.predict, spoiled.tolist()).replace("float64", dtype.__name__)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_where_its_weights_are_zero(rows: Any, value: float) -> None:
    model = fitted("classes")
    for weights in (model.coefs_[0][2, :1], model.coefs_[0][2], model.coefs_[0]):
        weights[...] = 0.0  # of the first unit, then of all units, then of all columns
        refusal(model.predict, with_one(value, rows, (len(rows) // 2, 2)))


def test_infinity_that_a_relu_would_hide_is_refused(rows: Any) -> None:
    model = fitted("classes")
    model.coefs_[0][4] = 1.0
    spoiled = with_one(-np.inf, rows, (len(rows) - 1, 4))
    with np.errstate(all="ignore"):
        assert np.isfinite(straight(model, spoiled)).all()
    refusal(model.predict_proba, spoiled)


def test_infinities_of_both_signs_do_not_cancel(rows: Any) -> None:
    spoiled = with_one(np.inf, with_one(-np.inf, rows, (3, 1)), (3, 2))
    assert refusal(fitted("classes").predict, spoiled).startswith("Input X contains infinity")


@pytest.mark.parametrize("weight", [10.0, -10.0])
def test_finite_rows_that_overflow_are_looked_at_once_and_go_on(rows: Any, weight: float) -> None:
    model, looked = fitted("classes"), list[bool]()
    model.coefs_[0][...] = weight
    for given, times in ((rows, 0), (np.full(rows.shape, 1e308), 1)):
        looked.clear()
        predicting.scores_of(model._network_now(), given, lambda: looked.append(True))
        assert len(looked) == times


def test_finite_rows_whose_scores_overflow_are_refused_as_too_large(rows: Any) -> None:
    model, huge = fitted("classes"), with_one(1.5e308, rows, (len(rows) // 2, 0))
    model.coefs_[0][0] = 10.0
    for call in (model.predict, model.predict_proba, model.predict_log_proba):
        with pytest.raises(ValueError, match="gives nan: X has values too large for its float64"):
            call(huge)
    # Where all units are off, those rows are as good as others.
    model.coefs_[0][0] = -10.0
    assert np.isfinite(model.predict_proba(huge)).all()


def test_infinite_scores_do_not_mislead(rows: Any) -> None:
    model, infinity = fitted("classes"), np.inf
    for biases, label in (([0, infinity, 0], 1), ([-infinity, 0, -infinity], 1)):
        model.intercepts_[-1][...] = biases
        probabilities = model.predict_proba(rows)
        np.testing.assert_array_equal(probabilities.argmax(axis=1), label)
        np.testing.assert_array_equal(model.predict(rows), label)
    model.intercepts_[-1][...] = -infinity  # no label has any probability
    for call in (model.predict, model.predict_proba):
        with pytest.raises(ValueError, match="the network gives nan"):
            call(rows)


@pytest.mark.usefixtures("in_pieces")
def test_a_weight_of_zero_that_a_blas_may_leave_out_means_a_look_at_all_of_x() -> None:
    model, looked = fitted("classes"), list[bool]()
    model.coefs_[0][2, 0] = 0.0
    predicting.scores_of(model._network_now(), X, lambda: looked.append(True))
    assert len(looked) == 1
