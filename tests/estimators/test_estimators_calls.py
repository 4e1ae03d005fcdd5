"""129 bad and odd calls, B1 to B129: each is refused in words, or does what plain numbers do.

What an entry says: a pattern is that of the refusal (a ValueError unless another type is named),
EQUAL that the call gives what the plain float64 array gives, a list what the call returns.
"""

import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn", "1.9", reason="sentences are compared with scikit-learn 1.9")
pytest.importorskip("pandas", reason="some calls pass its frames")
pytest.importorskip("polars", reason="some calls pass its frames")

import numpy as np
import pandas as pd
import polars as pl
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning, NotFittedError

from glassnet import DivergenceError
from glassnet.core.callback import Callback
from glassnet.core.loss import Loss
from glassnet.estimators import MLPClassifier, MLPRegressor
from glassnet.optimizers import Adam

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore::PendingDeprecationWarning"
)
random = np.random.default_rng(0)
X = random.normal(size=(20, 3))
Y = np.array([0, 1] * 10)
NUMBERS = random.normal(size=20)
ONES = np.ones(20)
NAMED = pd.DataFrame(X, columns=list("abc"))
DATES = np.full((20, 3), "2020-01-01", dtype="datetime64[D]")
CATEGORY = pd.DataFrame({"a": X[:, 0], "kind": pd.Categorical(["x", "y"] * 10)})
SMALL: dict[str, Any] = {"max_iter": 3, "random_state": 0, "hidden_layer_sizes": (4,)}


def put(value: Any, dtype: Any = float, data: Any = X) -> Any:
    """A copy of the data with one other value, in row 2 (and column 1)."""
    changed = data.astype(dtype)
    changed[(2, 1) if data.ndim == 2 else 2] = value
    return changed


def classifier(X: Any = X, y: Any = Y, weights: Any = None, **settings: Any) -> Any:
    return MLPClassifier(**{**SMALL, **settings}).fit(X, y, sample_weight=weights)


def regressor(X: Any = X, y: Any = NUMBERS, **settings: Any) -> Any:
    return MLPRegressor(**{**SMALL, **settings}).fit(X, y)


def predicted(given: Any, fitted_to: Any = X) -> Any:
    return classifier(fitted_to).predict(given)


def partly(y: Any, data: Any = X, classes: Any = None, **settings: Any) -> Any:
    """A model that saw some rows, with the next ones."""
    model = MLPClassifier(**{**SMALL, **settings}).partial_fit(X, Y, classes=[0, 1])
    return model.partial_fit(data, y, classes=classes)


def warm(data: Any, y: Any) -> Any:
    return MLPClassifier(**SMALL, warm_start=True).fit(X, Y).fit(data, y)


def overflowing() -> Any:
    model = regressor(activation="identity")
    model.coefs_[0][...] *= 1e10
    return model


def of(name: str, *values: Any, says: str = "") -> Any:
    """A parameter with a value that is none, and the refusal, which names both."""
    (value,) = values
    return lambda: classifier(**{name: value}), says or rf"{name}.*Got {re.escape(repr(value))}"


EQUAL = object()
"""The call gives what the plain array gives; whatever else is compared is given after the call."""

PLAIN = "Expected 2D array, got 1D array instead[^$]*Reshape your data"
NOT_FITTED = "is not fitted yet. Call 'fit'"
NAN = r"Input X contains NaN, first at row 2, column 1, 1 in all\."
NO_ARRAY = "X must be an array of numbers; got "
COLUMNS = "X has 2 features, but MLPClassifier is expecting 3 features as input."
NOT_KNOWN = r"`y` has classes not in `self.classes_`. `self.classes_` has \[0 1\]. 'y' has \[5 6\]."
FRACTION = "validation_fraction=0.01 of 20 rows cannot be held back"
LARGE = r"X has \S+, the square of which is beyond float64\..*Solver produced non-finite"
DIVERGED = "Solver produced non-finite.*epoch .*batch .*learning rate .*: lower learning_rate_init"
NEEDS = r"hidden_layer_sizes=\S.* is too large: .* needs [\d,.]+ GiB .* this machine has"
SEED = "random_state.*int in the range"
MULTI = "Multioutput target data is not supported"
INT = "must be an int in the range"

CALLS: dict[str, tuple[Any, ...]] = {
    "B1 X 1-D": (lambda: classifier(X[:, 0]), PLAIN),
    "B2 X scalar": (lambda: classifier(3.0), "Expected 2D array, got scalar array instead"),
    "B3 X 3-D": (lambda: classifier(X[None]), "Found array with dim 3, while dim <= 2"),
    "B4 X of no rows": (lambda: classifier(X[:0], Y[:0]), r"0 sample\(s\) .* a minimum of 1"),
    "B5 X of no columns": (lambda: classifier(X[:, :0]), r"0 feature\(s\) .* a minimum of 1"),
    "B6 X None": (lambda: classifier(None), "X is None"),
    "B7 X a str": (lambda: classifier("abc"), f"{NO_ARRAY}str", TypeError),
    "B8 X ragged": (lambda: classifier([[1, 2]] * 19 + [[1]]), "row 19 has 1 values where row 0"),
    "B9 X of text": (lambda: classifier([["a", "b"]] * 20), "text, first at row 0, column 0: 'a'"),
    "B10 X of numbers in text": (
        lambda: classifier([["1", "2"]] * 20),
        "is not converted silently",
    ),
    "B11 X of objects": (lambda: classifier(X.astype(object)), EQUAL, X),
    "B12 X with a dict": (
        lambda: classifier(put({}, object)),
        "argument must be .* string.* number; got dict at row 2, column 1",
        TypeError,
    ),
    "B13 X with nan": (lambda: classifier(put(np.nan)), NAN),
    "B14 X with inf": (
        lambda: classifier(put(np.inf)),
        "contains infinity.* row 2, column 1, 1 in",
    ),
    "B15 X with pd.NA": (
        lambda: classifier(pd.DataFrame(put(pd.NA, object), columns=list("abc"))),
        "Input X contains NaN, first at row 2, column 'b', 1 in all",
    ),
    "B16 X with None": (lambda: classifier(put(None, object)), NAN),
    "B17 X complex": (
        lambda: classifier(X + 1j),
        "^Complex data not supported: X has dtype complex",
    ),
    "B18 X of bools": (lambda: classifier(X > 0), EQUAL, (X > 0).astype(float)),
    "B19 X of large integers": (
        lambda: classifier((X * 2.0**60).astype(np.int64)),
        EQUAL,
        (X * 2.0**60).astype(np.int64).astype(float),
    ),
    "B20 X with 10**400": (
        lambda: classifier(put(10**400, object)),
        "the integer at row 2, column 1 is too large",
    ),
    "B21 X of 1e308": (
        lambda: classifier(np.where(X > 1, np.inf, X)),
        "contains infinity or a value too",
    ),
    "B22 X of 1e200": (lambda: classifier(X * 1e200), LARGE),
    "B23 X of 1e200, numbers": (lambda: regressor(X * 1e200), LARGE),
    "B24 X too large for float32": (
        lambda: classifier(put(np.inf).astype(np.float32)),
        r"infinity or a value too large for dtype\('float32'\), first at row 2, column 1",
    ),
    "B25 X float16": (
        lambda: classifier(X.astype(np.float16)),
        EQUAL,
        X.astype(np.float16).astype(float),
    ),
    "B26 X longdouble": (lambda: classifier(X.astype(np.longdouble)), EQUAL, X),
    "B27 X of dates": (lambda: classifier(DATES), "X holds dates or durations .*datetime64"),
    "B28 X structured": (
        lambda: classifier(np.zeros(20, dtype=[("a", "f8"), ("b", "f8")])),
        r"structured array with fields \('a', 'b'\)",
    ),
    "B29 X big-endian": (lambda: classifier(X.astype(">f8")), EQUAL, X),
    "B30 X not contiguous": (lambda: classifier(np.repeat(X, 2, axis=1)[:, ::2]), EQUAL, X),
    "B31 X Fortran": (lambda: classifier(np.asfortranarray(X)), EQUAL, X),
    "B32 X backwards": (
        lambda: classifier(X[::-1], Y[::-1]),
        EQUAL,
        X[::-1].copy(),
        Y[::-1].copy(),
    ),
    "B33 X read-only": (lambda: classifier(np.frombuffer(X.tobytes()).reshape(20, 3)), EQUAL, X),
    "B35 X masked": (
        lambda: classifier(np.ma.masked_array(X, X > 1)),
        "X is a masked array with 10 masked values",
    ),
    "B36 X np.matrix": (lambda: classifier(np.matrix(X)), "np.matrix.* not supported", TypeError),
    "B37 X csr": (lambda: classifier(sp.csr_array(X)), EQUAL, X),
    "B38 X dia": (lambda: classifier(sp.dia_array(X)), EQUAL, X),
    "B39 X pandas": (lambda: classifier(NAMED), EQUAL, X),
    "B40 X polars": (lambda: classifier(pl.DataFrame(X)), EQUAL, X),
    "B41 X with a category": (lambda: classifier(CATEGORY), "text at row 0, column 'kind': 'x'"),
    "B42 X a generator": (lambda: classifier(r for r in X), f"{NO_ARRAY}generator", TypeError),
    "B43 X a set": (lambda: classifier({1, 2}), f"{NO_ARRAY}set", TypeError),
    "B44 X a dict": (lambda: classifier({"a": [1]}), f"{NO_ARRAY}dict", TypeError),
    "B45 X bytes": (lambda: classifier(b"abc"), f"{NO_ARRAY}bytes", TypeError),
    "B46 lengths differ": (lambda: classifier(X, Y[:19]), r"inconsistent .* samples: \[20, 19\]"),
    "B47 y None": (
        lambda: classifier(X, None),
        "requires y to be passed, but the target y is None",
    ),
    "B48 y a scalar": (lambda: classifier(X, 1), "y must have one value for each row of X; got 1"),
    "B50 y several labels": (
        lambda: classifier(X, np.stack([Y, 1 - Y], axis=1)),
        EQUAL,
        X,
        np.stack([Y, 1 - Y], axis=1).astype(float),
    ),
    "B51 y (rows, 2) of 0 to 3": (lambda: classifier(X, np.arange(40).reshape(20, 2) % 4), MULTI),
    "B52 y 3-D": (lambda: classifier(X, Y[:, None, None]), "Found array with dim 3"),
    "B53 y with nan": (
        lambda: classifier(X, put(np.nan, data=Y)),
        "Input y contains NaN, first at index 2",
    ),
    "B54 y with nan, numbers": (
        lambda: regressor(X, put(np.nan, data=NUMBERS)),
        "Input y contains NaN, first at index 2, 1 in all",
    ),
    "B55 y with inf, numbers": (
        lambda: regressor(X, put(np.inf, data=NUMBERS)),
        "Input y contains infinity .*first at index 2",
    ),
    "B56 y of numbers, labels": (
        lambda: classifier(X, NUMBERS),
        "^Unknown label type: continuous.{0,150}$",
    ),
    "B58 y of text": (lambda: classifier(X, np.array(["no", "yes"])[Y]), EQUAL, X, Y),
    "B58b y of integers as objects": (lambda: classifier(X, Y.astype(object)), EQUAL, X, Y),
    "B59 y mixed": (lambda: classifier(X, [1, "a"] * 10), "labels of mixed types: 'a' is text, 1"),
    "B60 y of bools": (lambda: classifier(X, Y > 0), EQUAL, X, Y),
    "B61 y negative": (lambda: classifier(X, Y - 5), EQUAL, X, Y),
    "B62 y of 10**18": (lambda: classifier(X, Y * 10**18), EQUAL, X, Y),
    "B63 y with None": (
        lambda: classifier(X, np.array([1, None] * 10, dtype=object)),
        "y has missing values: .* first at row 1, 10 in all",
    ),
    "B64 y of text, numbers": (
        lambda: regressor(X, ["a", "b"] * 10),
        "y holds text.*'a'.* Labels are for MLPClassifier",
    ),
    "B65 y complex": (lambda: regressor(X, NUMBERS + 1j), "^Complex data not supported: y has"),
    "B66 y one-hot": (
        lambda: classifier(X, np.eye(2, dtype=int)[Y]),
        EQUAL,
        X,
        np.eye(2)[Y],
    ),
    "B67 y of 1e300": (lambda: regressor(X, NUMBERS * 1e300), DIVERGED, DivergenceError),
    "B69 1 column": (lambda: classifier(X[:, :1]), EQUAL, X[:, :1].astype(object)),
    "B70 as many classes as rows": (
        lambda: classifier(X, np.arange(20)),
        EQUAL,
        X,
        np.arange(20.0),
    ),
    "B71 weights below 0": (lambda: classifier(weights=-ONES), "Negative values.*sample_weight"),
    "B72 weights of 0": (lambda: classifier(weights=ONES * 0), "(?i)weight.* non-zero|zero"),
    "B73 weights nan": (
        lambda: classifier(weights=ONES * np.nan),
        "Input sample_weight contains NaN",
    ),
    "B74 weights too few": (lambda: classifier(weights=ONES[:3]), r"sample_weight.shape == \(3,\)"),
    "B75 weights 2-D": (lambda: classifier(weights=X), "Sample weights must be 1D array or scalar"),
    "B76 predict first": (lambda: MLPClassifier().predict(X), NOT_FITTED, NotFittedError),
    "B77 predict 2 columns": (lambda: predicted(X[:, :2]), COLUMNS),
    "B78 predict 1-D": (lambda: predicted(X[0]), PLAIN),
    "B79 predict nothing": (lambda: predicted(X[:0]), r"0 sample\(s\) .* a minimum of 1"),
    "B80 predict nan": (lambda: predicted(put(np.nan)), NAN),
    "B82 columns in another order": (
        lambda: predicted(NAMED[["c", "b", "a"]], NAMED),
        "feature names should match[^$]*must be in the same order",
    ),
    "B83 predict integers": (
        lambda: predicted(np.arange(9).reshape(3, 3)).tolist(),
        [0, 1, 1],
    ),
    "B84 predict sparse": (lambda: (predicted(sp.csr_array(X)) - predicted(X)).tolist(), [0] * 20),
    "B86 score text": (
        lambda: classifier().score(X, np.array(["a", "b"])[Y]),
        "Mix of label input types",
    ),
    "B87 hidden 0": of(
        "hidden_layer_sizes", (0,), says=r"hidden_layer_sizes must be > 0, got \[0\]"
    ),
    "B88 hidden below 0": of("hidden_layer_sizes", -3),
    "B89 hidden 2.5": of(
        "hidden_layer_sizes", (2.5,), says=r"hidden_layer_sizes must be.* \[2.5\]"
    ),
    "B91 hidden a str": of("hidden_layer_sizes", "abc"),
    "B92 hidden None": of("hidden_layer_sizes", None),
    "B93 hidden True": of("hidden_layer_sizes", True, says="hidden_layer_sizes.* not be a bool"),
    "B94 hidden 10**9": of("hidden_layer_sizes", (10**9, 10**9), says=NEEDS),
    "B95 activation": of("activation", "rleu"),
    "B96 solver": of("solver", "adm"),
    "B97 max_iter 0": of("max_iter", 0),
    "B98 max_iter -1": of("max_iter", -1),
    "B99 max_iter 2.5": of("max_iter", 2.5),
    "B100 max_iter True": of("max_iter", True, says="max_iter.* must not be a bool. Got True"),
    "B101 max_iter a str": of("max_iter", "10"),
    "B102 batch_size 0": of("batch_size", 0),
    "B103 batch_size -1": of("batch_size", -1),
    "B105 batch_size 2.5": of("batch_size", 2.5),
    "B106 rate 0": of("learning_rate_init", 0),
    "B107 rate below 0": of("learning_rate_init", -1),
    "B108 rate nan": of("learning_rate_init", np.nan),
    "B109 rate inf": of("learning_rate_init", np.inf),
    "B110 rate 1e30": (lambda: classifier(learning_rate_init=1e30), DIVERGED, DivergenceError),
    "B111 rate 1e3, sgd": (
        lambda: classifier(learning_rate_init=1e3, solver="sgd", max_iter=200),
        DIVERGED,
        DivergenceError,
    ),
    "B112 alpha": of("alpha", -1),
    "B113 momentum": of("momentum", 2),
    "B114 beta_1": of("beta_1", 1),
    "B115 epsilon": of("epsilon", 0),
    "B116 seed below 0": of("random_state", -1),
    "B117 seed a str": of("random_state", "a"),
    "B118 seed 2**40": of("random_state", 2**40),
    "B119 seed 1.5": of("random_state", 1.5),
    "B120 validation_fraction 1": of("validation_fraction", 1),
    "B121 validation_fraction too small": (
        lambda: classifier(validation_fraction=0.01, early_stopping=True),
        FRACTION,
    ),
    "B122 unknown": (
        lambda: MLPClassifier(hidden_layers=3),
        "unexpected keyword argument 'hidden_layers'",
        TypeError,
    ),
    "B123 partial_fit without classes": (
        lambda: MLPClassifier().partial_fit(X, Y),
        "classes must be passed on the first call to partial_fit",
    ),
    "B124 partial_fit of new labels": (lambda: partly(Y + 5), NOT_KNOWN),
    "B125 partial_fit of 2 columns": (lambda: partly(Y, X[:, :2]), COLUMNS),
    "B126 partial_fit of lbfgs": (
        lambda: MLPClassifier(solver="lbfgs").partial_fit(X, Y),
        "no attribute 'partial_fit': solver='lbfgs' sees all rows",
        AttributeError,
    ),
    "B127 partial_fit of other classes": (
        lambda: partly(Y, classes=[0, 1, 2]),
        "is not the same as on last call to partial_fit",
    ),
    "B128 warm start of 2 columns": (lambda: warm(X[:, :2], Y), COLUMNS),
    "B129 warm start of other classes": (
        lambda: warm(X, Y + 5),
        "warm_start can only be used where `y` has the same classes",
    ),
}

WARNED: dict[str, tuple[Callable[[], Any], type[Warning], str]] = {
    "B49 y a column": (lambda: classifier(X, Y[:, None]), DataConversionWarning, "column-vector y"),
    "B57 y of one class": (lambda: classifier(X, Y * 0), RuntimeWarning, "y holds one class only"),
    "B68 1 row": (lambda: regressor(X[:1], NUMBERS[:1]), RuntimeWarning, "X has one row"),
    "B81 predict with names": (lambda: predicted(NAMED), UserWarning, "X has feature names, but"),
    "B85 labels not seen": (lambda: classifier().score(X, Y + 7), UserWarning, r"saw: \[7, 8\]"),
    "B104 batch_size above the rows": (
        lambda: classifier(batch_size=100),
        UserWarning,
        "batch_size=100, 20 rows",
    ),
}

OTHERS: dict[str, tuple[Any, ...]] = {
    "duration": (lambda: classifier(DATES - DATES), "X holds dates or durations"),
    "dates in a frame": (
        lambda: classifier(pd.DataFrame({"a": X[:, 0], "day": DATES[:, 0]})),
        "column 'day'",
    ),
    "dates in polars": (lambda: classifier(pl.DataFrame({"day": DATES[:, 0]})), "column 'day'"),
    "text in polars": (lambda: classifier(pl.DataFrame({"a": ["x"] * 20})), "column 'a': 'x'"),
    "text as objects": (lambda: classifier(put("1", object)), "text at row 2, column 1: '1'"),
    "predict a mask": (lambda: predicted(np.ma.masked_array(X, X > 1)), "X is a masked array"),
    "predict text": (lambda: predicted([["1", "2", "3"]]), "X holds text"),
    "predict dates": (lambda: predicted(DATES), "X holds dates"),
    "predict None": (lambda: predicted(None), "X is None"),
    "predict too large": (
        lambda: overflowing().predict(X * 1e305),
        "the network gives nan: X has",
    ),
    "a sparse nan": (lambda: classifier(sp.csr_array(put(np.nan))), "^Input X contains NaN. Fill"),
    "y masked": (
        lambda: regressor(X, np.ma.masked_array(NUMBERS, Y)),
        "y is a masked array with 10",
    ),
    "labels masked": (
        lambda: classifier(X, np.ma.masked_array(Y, Y)),
        "y is a masked array with 10",
    ),
    "y of dates": (lambda: regressor(X, DATES[:, 0]), "y holds dates"),
    "y of numbers in text": (lambda: regressor(X, ["1"] * 20), "y holds text.*Labels are for"),
    "y too large for float32": (
        lambda: regressor(X.astype(np.float32), NUMBERS * 1e200),
        "y does not suit .*too large for the dtype of X, float32",
    ),
    "y a generator": (
        lambda: classifier(X, (each for each in Y)),
        "y must have one value.*generator",
    ),
    "y with gaps in text": (
        lambda: classifier(X, pd.Series(["a", None] * 10)),
        "y has missing values: .* first at row 1",
    ),
    "counts below 0": (lambda: regressor(loss="poisson"), "y does not suit loss='poisson'"),
    "amounts of 0": (lambda: regressor(X, Y, loss="gamma"), "y does not suit loss='gamma'"),
    "shares above 1": (lambda: regressor(X, Y * 2, loss="logistic"), r"not in \[0, 1\]"),
    "shares of one": (lambda: regressor(X, Y, loss="softmax_cross_entropy"), "at least 2 columns"),
    "score without y": (lambda: regressor().score(X, None), "y must have one value for each row"),
    "a class of optimizers": of("solver", Adam, says="The 'solver' parameter"),
    "rates for a fleet": (
        lambda: classifier(solver=Adam(learning_rate=[0.1, 0.2])),
        "learning_rate must be one number",
        TypeError,
    ),
    "nothing known": (lambda: regressor(X, ONES * np.nan, missing="mask"), "all of it is missing"),
    "inf among gaps": (
        lambda: regressor(X, ONES * np.inf, missing="mask"),
        "Input y contains infinity",
    ),
    "large, by lbfgs": (lambda: classifier(X * 1e200, solver="lbfgs"), LARGE),
    "y large, by lbfgs": (
        lambda: regressor(X, NUMBERS * 1e300, solver="lbfgs"),
        DIVERGED,
        DivergenceError,
    ),
    "y large, stopping early": (
        lambda: regressor(X, NUMBERS * 1e300, early_stopping=True),
        DIVERGED,
        DivergenceError,
    ),
    "weights of text": (lambda: classifier(weights=["1"] * 20), "sample_weight holds text"),
    "weights masked": (
        lambda: classifier(weights=np.ma.masked_array(ONES, Y)),
        "sample_weight is a masked array",
    ),
    "weights too large": (
        lambda: classifier(weights=ONES * 1e308),
        r"class_weight\) add up to inf",
    ),
    "weights too small": (
        lambda: classifier(weights=ONES * 1e-320),
        r"class_weight\) add up to 1.99",
    ),
    "class weights below 0": (lambda: classifier(class_weight={0: -1}), "the least is -1"),
    "class weights nan": (lambda: classifier(class_weight={0: np.nan}), "add up to nan"),
    "class weights of 0": (lambda: classifier(class_weight={0: 0, 1: 0}), "add up to 0"),
    "class weights of others": (lambda: classifier(class_weight={5: 1}), "not in class_weight"),
    "balanced, in parts": (lambda: partly(Y, class_weight="balanced"), "class_weight='balanced'"),
    "hidden text": of("hidden_layer_sizes", ("a",), says="hidden_layer_sizes must be integers"),
    "hidden None inside": of("hidden_layer_sizes", (None,), says="hidden_layer_sizes must be int"),
    "hidden True inside": of("hidden_layer_sizes", (True,), says="hidden_layer_sizes must be int"),
    "hidden 10**30": of("hidden_layer_sizes", (10**30,), says="at most 2..48|is too large"),
    "activations too many": of(
        "activation", ["relu", "tanh"], says="activation must be one value or"
    ),
    "dropout too many": of("dropout", [0.1, 0.2], says="dropout must be one value or a list of 1"),
    "dropout 1": of("dropout", 1.0),
    "dropout by lbfgs": (
        lambda: classifier(solver="lbfgs", dropout=0.1),
        "there can be no dropout",
    ),
    "callbacks a number": (
        lambda: classifier(callbacks=[3]),
        "each of callbacks must be an object",
        TypeError,
    ),
    "scoring": (lambda: classifier(scoring="nope", early_stopping=True), "scoring"),
    "rate of a function": of(
        "learning_rate", lambda progress: -1.0, says="must be a finite number"
    ),
    "a batch of rprop": (
        lambda: classifier(solver="rprop", batch_size=5),
        "solver='rprop' needs all rows in one batch; got batch_size=5 for 20 rows",
    ),
    "X_val alone": (
        lambda: MLPClassifier().fit(X, Y, X_val=X),
        "X_val and y_val go together; y_val is None",
    ),
    "X_val of 2 columns": (
        lambda: MLPClassifier().fit(X, Y, X_val=X[:, :2], y_val=Y),
        "X_val, y_val: X has 2 features",
    ),
    "X_val by lbfgs": (
        lambda: MLPClassifier(solver="lbfgs").fit(X, Y, X_val=X, y_val=Y),
        "X_val cannot be used with solver='lbfgs'",
    ),
    "early stopping in parts": (
        lambda: partly(Y, early_stopping=True),
        "does not support early_st",
    ),
}


def test_the_table_has_all_129_calls() -> None:
    inside = {"B34", "B90"}  # tests of their own, below
    found = {name.split()[0].rstrip("b") for name in (*CALLS, *WARNED)} | inside
    assert found == {f"B{number}" for number in range(1, 130)}


def same(one: Any, other: Any) -> bool:
    """Whether two models have the same parameters, up to rounding."""
    pairs = zip([*one.coefs_, *one.intercepts_], [*other.coefs_, *other.intercepts_], strict=True)
    return all(np.allclose(a, b, rtol=1e-9, atol=1e-12) for a, b in pairs)


@pytest.mark.parametrize("name", [*CALLS, *OTHERS])
def test_a_call_is_refused_in_words_or_does_what_plain_numbers_do(name: str) -> None:
    call, wanted, *more = {**CALLS, **OTHERS}[name]
    if wanted is EQUAL:
        assert same(call(), classifier(*more))
        return
    if not isinstance(wanted, str):
        assert call() == wanted
        return
    kind = more[0] if more else ValueError
    with pytest.raises(kind, match=f"(?s){wanted}") as refusal:
        call()
    assert isinstance(refusal.value, (ValueError, TypeError, AttributeError))
    assert len(str(refusal.value)) < 1500


@pytest.mark.parametrize("name", WARNED)
def test_a_call_that_is_probably_not_meant_is_accepted_with_a_warning(name: str) -> None:
    call, kind, text = WARNED[name]
    with pytest.warns(kind, match=text):
        call()


def test_b34_a_memory_mapped_file_is_read_as_an_array(tmp_path: Path) -> None:
    np.save(tmp_path / "X.npy", X)
    assert same(classifier(np.load(tmp_path / "X.npy", mmap_mode="r")), classifier())


def test_b85_the_score_of_labels_never_seen_is_0() -> None:
    with pytest.warns(UserWarning, match="never saw"):
        assert classifier().score(X, Y + 7) == 0.0


def test_b90_no_hidden_layer_makes_a_linear_model() -> None:
    model = regressor(hidden_layer_sizes=())
    assert [each.shape for each in model.coefs_] == [(3, 1)]
    np.testing.assert_allclose(model.predict(X), (X @ model.coefs_[0] + model.intercepts_[0])[:, 0])


def test_a_warning_points_to_the_call_of_fit() -> None:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        MLPRegressor(**SMALL, batch_size=100).fit(X[:1], NUMBERS[:1])
    assert {type(each.message) for each in found} >= {RuntimeWarning, ConvergenceWarning}
    assert {each.filename for each in found} == {__file__}


class Breaking(Callback):
    """Raises an error once a step is made."""

    def after_step(self, training: Any) -> None:
        raise ValueError("broken")


def failing(model: Any) -> Iterator[Callable[[], Any]]:
    """Calls that fail: at reading, in the middle of training, at the weights."""
    yield lambda: model.fit(NAMED[["a", "b"]] * np.nan, Y)
    yield lambda: model.set_params(learning_rate_init=1e30).fit(NAMED, Y)
    yield lambda: model.set_params(warm_start=True).fit(NAMED, Y)
    yield lambda: model.set_params(callbacks=[Breaking()]).partial_fit(NAMED, Y)
    yield lambda: model.set_params(callbacks=None).fit(NAMED, Y, sample_weight=-ONES)
    yield lambda: model.set_params(warm_start=True, hidden_layer_sizes=(7,)).fit(NAMED, Y)
    yield lambda: model.set_params(hidden_layer_sizes=(10**9, 10**9), warm_start=False).fit(X, Y)


def test_a_fit_that_fails_leaves_the_model_that_was_fitted_before() -> None:
    model = classifier(NAMED)
    before = model.predict_proba(NAMED), model.n_iter_, list(model.loss_curve_)
    for call in failing(model):
        with pytest.raises(ValueError):  # noqa: PT011  # what each says is tested above
            call()
        np.testing.assert_array_equal(model.predict_proba(NAMED), before[0])
        assert (model.n_iter_, model.loss_curve_) == before[1:]
        assert list(model.feature_names_in_) == ["a", "b", "c"]


def test_a_fit_that_fails_makes_no_model_of_one_that_was_not_fitted() -> None:
    model = MLPClassifier(learning_rate_init=1e30)
    before = set(vars(model))
    with pytest.raises(DivergenceError):
        model.fit(X, Y)
    assert set(vars(model)) == before


def test_memory_that_is_not_there_is_told_as_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_memory(*_: Any) -> None:
        raise MemoryError("no 480 GiB")

    monkeypatch.setattr("glassnet.core.passes.Passes.workspace", out_of_memory)
    with pytest.raises(ValueError, match=r"hidden_layer_sizes=\(4,\) with batch_size='auto' needs"):
        classifier()


def test_a_loss_of_your_own_says_what_is_wrong_with_y() -> None:
    class Even(Loss):
        name = "even"

        def complaint(self, targets: Any) -> str:
            return "all must be even"

    with pytest.raises(ValueError, match="y does not suit loss='even': all must be even"):
        regressor(loss=Even())
