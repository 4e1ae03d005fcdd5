"""Wrong X, y and sample_weight: each refused with the right error, in words that teach, without a
trace on the network. To add a case: a line in a table."""

import datetime
import decimal
import fractions
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest
from refusals import refused, refused_unchanged
from small_problems import amounts, state, three_classes

from glassnet import Network

X, Y = three_classes(20)


def new(**settings: Any) -> Network:
    return Network([3, 4, 3], seed=0, **settings)


def with_cell(value: Any, dtype: Any = object) -> Any:
    """X with one value of another kind in row 4, column 1."""
    array = X.astype(dtype)
    array[4, 1] = value
    return array


@dataclass
class Late:
    """A value that is made when it is wanted: it may need a package, or warn."""

    make: Callable[[], Any]


def frame(**columns: Any) -> Late:
    data = {"a": X[:, 0], "b": X[:, 1], **columns}
    return Late(lambda: pytest.importorskip("pandas").DataFrame(data))


def polars_frame(**columns: Any) -> Late:
    data = {"a": X[:, 0], "b": X[:, 1], **columns}
    return Late(lambda: pytest.importorskip("polars").DataFrame(data))


def sparse(kind: str) -> Late:
    return Late(lambda: getattr(pytest.importorskip("scipy.sparse"), kind)(X))


def nullable_frame() -> Any:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    table = pandas.DataFrame(X, columns=["a", "b", "c"]).astype("Float64")
    table.iloc[2, 1] = pandas.NA
    return table


def matrix_of_old() -> Any:
    with pytest.warns(PendingDeprecationWarning):
        return np.matrix(X)


with_missing, matrix = Late(nullable_frame), Late(matrix_of_old)
with_list = X.astype(object)
with_list[4, 1] = [1.0]
variable_text = np.array([["1", "2", "3"]] * 20, np.dtypes.StringDType())  # type: ignore[attr-defined]  # new in NumPy 2
fields = np.zeros(20, [("a", "f8"), ("b", "f8"), ("c", "f8")])
days = np.datetime64("2020-01-01") + np.arange(20)
masked = np.ma.array(X, mask=X > 1)

BAD_X: dict[str, tuple[Any, type[Exception], tuple[str, ...]]] = {
    "B1 1-D": (X[:, 0], ValueError, ("Expected 2D array X", "(20,)", "X.reshape(-1, 1)")),
    "B1 one row": (X[0], ValueError, ("1D array of shape (3,)", "X.reshape(1, -1) for one row")),
    "B2 a number": (3.0, ValueError, ("Expected 2D array X of shape (rows, 3)", "3.0")),
    "B3 3-D": (X[None], ValueError, ("X of shape (rows, 3)", "(1, 20, 3)", "X.reshape(len(X)")),
    "B4 no row": (X[:0], ValueError, ("X is empty", "(0, 3)", "at least 1 row")),
    "B5 no column": (X[:, :0], ValueError, ("X is empty", "(20, 0)")),
    "an empty list": ([], ValueError, ("X is empty", "(0,)")),
    "B6 None": (None, ValueError, ("X is None", "pass an array of numbers")),
    "B7 text": ("abc", TypeError, ("X must be an array of numbers", "str", "'abc'")),
    "B8 ragged": ([[1, 2, 3], [1, 2]], ValueError, ("X", "row 1 has 2 values", "row 0 has 3")),
    "deeply ragged": ([[1, [2], 3]] * 20, ValueError, ("X is not a regular array",)),
    "ragged, not of rows": ([1, [2], 3], ValueError, ("X is not a regular array",)),
    "B9 words": (with_cell("w", "U9"), ValueError, ("X holds text", "row 0, column 0")),
    "B10 numbers as text": (X.astype(str), ValueError, ("X holds text", "X.astype(float)")),
    "text of variable width": (variable_text, ValueError, ("X holds text", "'1'")),
    "text as bytes": (X.astype("S"), ValueError, ("X holds text", "row 0, column 0")),
    "a word among objects": (with_cell("w"), ValueError, ("text at row 4, column 1", "'w'")),
    "B12 a dictionary": (with_cell({}), TypeError, ("X", "must be a number", "dict", "row 4")),
    "a list in a cell": (with_list, TypeError, ("X", "list at row 4, column 1")),
    "B13 NaN": (
        with_cell(np.nan, float),
        ValueError,
        ("X contains NaN", "row 4", "1 such"),
    ),
    "B14 infinity": (with_cell(-np.inf, float), ValueError, ("X contains inf", "row 4", "-inf")),
    "B15 pd.NA": (with_missing, ValueError, ("X contains NaN", "row 2, column 'b'")),
    "B16 None inside": (with_cell(None), ValueError, ("X contains NaN", "Fill or drop")),
    "B17 complex": (X + 1j, ValueError, ("Complex data not supported: X", "complex128")),
    "complex among objects": (with_cell(1j), TypeError, ("X", "complex at row 4, column 1")),
    "NumPy's complex among objects": (with_cell(np.complex128(1j)), TypeError, ("complex128",)),
    "B20 10**400": (with_cell(10**400), ValueError, ("X: the integer at row 4, column 1",)),
    "B21 1e308": (
        np.sign(X) * 1e308,
        ValueError,
        ("too large for float32", "dtype='float64'"),
    ),
    "B22 1e30": (X * 1e30, ValueError, ("too large for float32", "standardize=True")),
    "B24 1e39": (np.full((20, 3), 1e39), ValueError, ("too large for float32", "1e+39")),
    "B27 days": (np.tile(days, (3, 1)).T, ValueError, ("X holds dates", "datetime64[D]")),
    "spans": (np.zeros((20, 3), "m8[s]"), ValueError, ("X holds dates or durations", "m")),
    "a date among objects": (with_cell(datetime.date(2020, 1, 1)), TypeError, ("date at row 4",)),
    "NumPy's date among objects": (with_cell(days[0]), TypeError, ("X", "at row 4, column 1")),
    "NumPy's span among objects": (with_cell(days[1] - days[0]), TypeError, ("at row 4",)),
    "B28 fields": (fields, ValueError, ("X", "('a', 'b', 'c')", "np.column_stack")),
    "B35 masked": (masked, ValueError, ("X is a masked array", f"{masked.mask.sum()} masked")),
    "B36 matrix": (matrix, TypeError, ("np.matrix", "np.asarray(X)")),
    "B37 sparse": (sparse("csr_matrix"), TypeError, ("X is a sparse csr_matrix", "X.toarray()")),
    "B38 sparse": (sparse("dia_matrix"), TypeError, ("sparse dia_matrix", "X.toarray()")),
    "sparse array": (sparse("coo_array"), TypeError, ("sparse coo_array", "X.toarray()")),
    "B41 a column of words": (frame(c="x"), ValueError, ("X holds text", "column 'c'", "'x'")),
    "a column of days": (frame(c=days), ValueError, ("holds dates", "column 'c'")),
    "polars, words": (polars_frame(c=["x"] * 20), ValueError, ("text", "column 'c'")),
    "polars, a gap": (polars_frame(c=[None] * 20), ValueError, ("NaN", "column 'c'")),
    "B42 a generator": ((row for row in X), TypeError, ("X must be an array", "generator")),
    "B43 a set": ({1, 2}, TypeError, ("X must be an array of numbers", "set", "{1, 2}")),
    "B44 a dictionary": ({"a": 1}, TypeError, ("X must be an array", "dict", "{'a': 1}")),
    "B45 bytes": (b"abc", TypeError, ("X must be an array of numbers", "bytes", "b'abc'")),
    "a function": (len, TypeError, ("X must be an array of numbers", "builtin_function")),
    "an object": (object(), TypeError, ("X", "must be a number", "object")),
    "B46 too few rows": (X[:19], ValueError, ("y has 20 rows", "its X has 19")),
    "B77 too few columns": (X[:, :2], ValueError, ("X has 2 columns", "3 inputs", "layers=[2")),
}


def made(value: Any) -> Any:
    """The value of a case, made now where the table has a recipe."""
    return value.make() if isinstance(value, Late) else value


@pytest.mark.parametrize("case", BAD_X)
def test_fit_refuses_a_wrong_x(case: str) -> None:
    value, error, words = BAD_X[case]
    value, net = made(value), new()
    refused_unchanged(net, lambda: net.fit(value, Y, epochs=1), error, *words)


@pytest.mark.parametrize("case", [case for case in BAD_X if "rows" not in case])
@pytest.mark.parametrize("call", ["predict", "classify", "evaluate", "test_accuracy"])
def test_every_call_refuses_a_wrong_x_as_fit_does(call: str, case: str) -> None:
    value, error, words = BAD_X[case]
    value, net = made(value), new(loss="softmax_cross_entropy")
    rest = () if call in ("predict", "classify") else (Y,)
    name = "X_test" if call == "test_accuracy" else "X"
    words = tuple(word.replace("X", name) for word in words)
    refused_unchanged(net, lambda: getattr(net, call)(value, *rest), error, *words)


@pytest.mark.parametrize("case", [case for case in BAD_X if "rows" not in case])
def test_validation_data_are_checked_as_x_and_named(case: str) -> None:
    value, error, words = BAD_X[case]
    value, net = made(value), new()
    words = tuple(word.replace("X", "X_val") for word in words)
    call = partial(net.fit, X, Y, validation_data=(value, Y))
    refused_unchanged(net, call, error, *words)


def test_the_first_bad_value_is_found_in_a_large_array_in_any_block() -> None:
    large = np.zeros((300_000, 3), "f4")
    large[271_828, 2] = np.nan
    for order in (np.ascontiguousarray, np.asfortranarray):
        refused(lambda o=order: new().fit(o(large), Y), ValueError, "row 271828, column 2")


def test_numbers_of_any_python_kind_are_accepted_among_objects() -> None:
    objects = X.astype(object)
    objects[0] = [decimal.Decimal(1), fractions.Fraction(1, 2), np.float32(3)]
    objects[1] = [True, np.int8(2), 7]
    plain = X.copy()
    plain[0], plain[1] = [1, 0.5, 3], [1, 2, 7]
    nets = [new(), new()]
    for net, data in zip(nets, (objects, plain), strict=True):
        net.fit(data, Y, epochs=1)
    assert state(nets[0]) == state(nets[1])


def test_integers_of_any_size_are_accepted() -> None:
    nets = [new(), new()]
    for net, data in zip(nets, (np.full((20, 3), 2**62), np.full((20, 3), 2.0**62)), strict=True):
        net.fit(data, Y, epochs=1)
    assert state(nets[0]) == state(nets[1])


# y

NO_LABEL = ("y must be integer labels from 0 to 2", "3 outputs", "classes=[...]")

BAD_Y: dict[str, tuple[Any, type[Exception], tuple[str, ...]]] = {
    "B47 None": (None, ValueError, ("y is None", "wanted values")),
    "B48 a number": (3, ValueError, ("y must have one value", "(rows,)", "shape ()")),
    "B52 3-D": (np.zeros((20, 3, 1)), ValueError, ("y must have", "shape (20, 3, 1)")),
    "B53 NaN": (np.where(Y == 0, np.nan, Y), ValueError, ("y contains NaN, first at row",)),
    "B55 infinity": (np.where(Y == 0, np.inf, Y), ValueError, ("y contains infinity",)),
    "B56 real numbers": (X[:, 0], ValueError, NO_LABEL),
    "B59 words and numbers": (["a", 1] * 10, ValueError, ("y holds text", "classes=[...]")),
    "words": (np.array(["a", "b", "c"])[Y], ValueError, ("y holds text", "classes=[...]")),
    "words as objects": (["a"] * 20, ValueError, ("y holds text", "'a'", "classes=[...]")),
    "B61 below 0": (Y - 1, ValueError, (*NO_LABEL, "got -1")),
    "too large": (Y + 1, ValueError, (*NO_LABEL, "got 3")),
    "B62 10**18": (Y + 10**18, ValueError, (*NO_LABEL, "got 1000000000000000")),
    "beyond int64": (np.full(20, 2**64 - 1, "u8"), ValueError, NO_LABEL),
    "the lowest integer": (np.full(20, -(2**63)), ValueError, NO_LABEL),
    "B63 None inside": ([None, *Y[1:]], ValueError, ("y contains NaN", "row 0")),
    "B65 complex": (Y + 0j, ValueError, ("Complex data not supported: y", "complex128")),
    "dates": (days, ValueError, ("y holds dates", "datetime64[D]")),
    "masked": (np.ma.array(Y, mask=Y > 1), ValueError, ("y is a masked array", "masked values")),
    "too short": (Y[:19], ValueError, ("y has 19 rows", "X has 20")),
    "empty": (Y[:0], ValueError, ("y has 0 rows", "X has 20")),
    "ragged": ([[1], [0, 1], *[[1]] * 18], ValueError, ("y is not a regular array", "row 1")),
    "a set": ({0, 1, 2}, TypeError, ("y must be an array of numbers", "set")),
    "a dictionary": ({0: 1}, TypeError, ("y must be an array of numbers", "dict")),
    "text": ("abc", TypeError, ("y must be an array of numbers", "'abc'")),
    "a generator": ((label for label in Y), TypeError, ("y must be", "generator")),
    "one-hot of 2": (np.eye(2)[Y % 2], ValueError, ("y has 2 columns", "3 outputs")),
    "one-hot of 4": (np.eye(4)[Y], ValueError, ("y has 4 columns", "3 outputs")),
    "probabilities above 1": (
        np.full((20, 3), 0.5),
        ValueError,
        ("each row of y must be the probabilities", "sum 1", "loss='logistic'"),
    ),
    "a negative probability": (
        np.tile([1.5, -0.5, 0.0], (20, 1)),
        ValueError,
        ("each row of y must be the probabilities", "at least 0"),
    ),
}


@pytest.mark.parametrize("case", BAD_Y)
def test_fit_refuses_a_wrong_y(case: str) -> None:
    value, error, words = BAD_Y[case]
    shares = case.endswith(("above 1", "probability"))  # loss="auto" would take them for numbers
    net = new(loss="softmax_cross_entropy" if shares else "auto")
    refused_unchanged(net, lambda: net.fit(X, value, epochs=1), error, *words)


@pytest.mark.parametrize("case", BAD_Y)
def test_evaluate_refuses_a_wrong_y_as_fit_does(case: str) -> None:
    value, error, words = BAD_Y[case]
    net = new(loss="softmax_cross_entropy")
    if "NaN" in str(words):
        words = ("y contains NaN", "a label cannot be unknown")
    refused_unchanged(net, lambda: net.evaluate(X, value), error, *words)


REAL = ("must be labels: integers", "evaluate(X, y)")
IN_TEST_ACCURACY = {
    "B56 real numbers": REAL,
    "probabilities above 1": REAL,
    "a negative probability": REAL,
    "one-hot of 2": REAL,
    "one-hot of 4": REAL,
}


@pytest.mark.parametrize("case", [case for case in BAD_Y if "generator" not in case])
def test_test_accuracy_refuses_a_wrong_y_and_names_y_test(case: str) -> None:
    value, error, words = BAD_Y[case]
    words = IN_TEST_ACCURACY.get(case, words)
    net = new(loss="softmax_cross_entropy")
    named = tuple(
        word.replace("y ", "y_test ", 1) if word.startswith("y ") else word for word in words
    )
    named = tuple(word.replace("X has", "X_test has") for word in named)
    refused_unchanged(net, lambda: net.test_accuracy(X, value), error, *named)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (["a", "b", "x"] + ["a"] * 17, ("y has the label 'x' at index 2", "['a', 'b', 'c']")),
        (["a", 1] * 10, ("y has the label 1 at index 1", "not in classes")),
        ([None, *["a"] * 19], ("y has the label None at index 0", "not in classes")),
        ([["a"], ["b", "c"], *[["a"]] * 18], ("y has the label ['a']", "not in classes")),
        (Y, ("y has the label", "not in classes: ['a', 'b', 'c']")),
        (days, ("y has the label", "not in classes")),
        (["a"] * 19, ("y has 19 rows", "X has 20")),
        ([], ("y has 0 rows",)),
        (np.ma.array(["a"] * 20, mask=[True] + [False] * 19), ("y is a masked array", "1 masked")),
    ],
)
def test_labels_that_are_no_classes_are_refused(value: Any, words: tuple[str, ...]) -> None:
    net = new(classes=["a", "b", "c"])
    refused_unchanged(net, lambda: net.fit(X, value), ValueError, *words)


@pytest.mark.parametrize("missing", ["error", "mask"])
def test_unknown_labels_are_refused_whatever_missing_says(missing: str) -> None:
    gaps = np.where(Y == 0, np.nan, Y)
    net = new()
    words = ("contains NaN",) if missing == "error" else ("label cannot be unknown",)
    refused_unchanged(net, lambda: net.fit(X, gaps, missing=missing), ValueError, *words)


def test_targets_of_which_none_is_known_are_refused() -> None:
    net = Network([3, 1], seed=0)
    call = partial(net.fit, X, np.full(20, np.nan), missing="mask")
    refused_unchanged(net, call, ValueError, "y has no known value")


@pytest.mark.parametrize(
    ("loss", "outputs", "y", "words"),
    [
        ("poisson", 1, -np.ones(20), ("y", "'poisson'", "counts must not be negative", "-1.0")),
        ("gamma", 1, np.zeros(20), ("y", "'gamma'", "amounts must be above 0", "0.0")),
        ("logistic", 1, X[:, 0], ("y must lie in [0, 1]", "'logistic'", "loss='squared_error'")),
        ("gaussian", 2, X, ("y has 3 columns", "'gaussian'", "needs 1")),
        ("squared_error", 2, X, ("y has 3 columns", "2 outputs", "needs 2")),
        ("squared_error", 3, X[:, 0], ("y has 1 columns", "3 outputs", "needs 3")),
    ],
)
def test_targets_that_do_not_suit_the_loss_are_refused(
    loss: str, outputs: int, y: Any, words: tuple[str, ...]
) -> None:
    net = Network([3, outputs], loss=loss, seed=0)
    refused_unchanged(net, lambda: net.fit(X, y), ValueError, *words)


# sample_weight

BAD_WEIGHTS: dict[str, tuple[Any, type[Exception], tuple[str, ...]]] = {
    "B71 negative": (np.where(Y, 1, -1), ValueError, ("must be at least 0", "got -1", "index")),
    "B72 all zero": (np.zeros(20), ValueError, ("zero for every row", "above 0")),
    "B73 NaN": (np.where(Y, 1, np.nan), ValueError, ("contains NaN, first at index",)),
    "infinity": (np.full(20, np.inf), ValueError, ("contains infinity", "index 0")),
    "B74 too few": ([1, 2, 3], ValueError, ("one number for each row", "(20,)", "(3,)")),
    "B75 2-D": (np.ones((20, 1)), ValueError, ("one number for each row", "(20, 1)")),
    "a number": (2.0, ValueError, ("one number for each row", "shape ()")),
    "text": (["1"] * 20, ValueError, ("holds text", "'1'")),
    "a word": ("balanced", TypeError, ("must be an array of numbers", "'balanced'")),
    "masked": (np.ma.array(np.ones(20), mask=Y), ValueError, ("is a masked array",)),
    "dates": (days, ValueError, ("holds dates",)),
    "complex": (Y + 1j, ValueError, ("Complex data not supported",)),
}


@pytest.mark.parametrize("case", BAD_WEIGHTS)
def test_a_wrong_sample_weight_is_refused_in_fit_evaluate_and_validation(case: str) -> None:
    value, error, words = BAD_WEIGHTS[case]
    net = new(loss="softmax_cross_entropy")
    name = "sample_weight"
    refused_unchanged(net, lambda: net.fit(X, Y, sample_weight=value), error, name, *words)
    refused_unchanged(net, lambda: net.evaluate(X, Y, sample_weight=value), error, name, *words)
    call = partial(net.fit, X, Y, validation_data=(X, Y, value))
    refused_unchanged(net, call, error, "sample_weight_val", *words)


def test_a_network_that_refused_a_call_trains_as_one_that_never_saw_it() -> None:
    X, y = amounts()
    net, fresh = Network([3, 1], seed=0), Network([3, 1], seed=0)
    refused(lambda: net.fit(X, y[:3], validation_split=0.2), ValueError, "y has 3 rows")
    options: dict[str, Any] = {"validation_split": 0.2, "metrics": ["accuracy"]}
    with pytest.raises((ValueError, TypeError)):
        net.fit(X, y, **options)  # found only after the rows for validation were drawn
    assert net.fit(X, y, epochs=2) == fresh.fit(X, y, epochs=2)
    assert state(net) == state(fresh)


def test_data_frame_with_its_columns_in_another_order_is_refused() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    X = pandas.DataFrame({"area": [50.0, 60.0], "rooms": [2.0, 3.0]})
    net = Network([2, 1], loss="squared_error", seed=0)
    net.fit(X, [1.0, 2.0], epochs=1)
    assert net.columns == {"names": ["area", "rooms"]}
    for other in (X[["rooms", "area"]], X.rename(columns={"area": "size"})):
        with pytest.raises(
            ValueError, match=r"X has (the|other) columns .*than the training data: missing"
        ):
            net.predict(other)
    assert (net.predict(X) == net.predict(X.to_numpy())).all()
