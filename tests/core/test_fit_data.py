"""Every form of data gives what a plain float64 array gives; batches of the user's own do what
arrays do; a memory-mapped file is never read whole."""

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_problems import Array, amounts, state, three_classes

from glassnet import SGD, Callback, Network
from glassnet.callbacks.progress import share_done
from glassnet.core.training import Training

X, Y = three_classes()
WHOLE = np.round(4 * X)  # whole numbers, so that every dtype holds them exactly


def spread_out(X: Array) -> Array:
    wide = np.full((2 * len(X), 3 * X.shape[1]), 99.0)
    wide[::2, 1::3] = X
    return wide[::2, 1::3]


def read_only(X: Array) -> Array:
    copy = X.copy()
    copy.flags.writeable = False
    return copy


def unaligned(X: Array) -> Array:
    raw = np.zeros(X.nbytes + 1, np.uint8)[1:].view(np.float64).reshape(X.shape)
    raw[...] = X
    assert not raw.flags.aligned
    return raw


def with_pandas(X: Array) -> Any:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    return pandas.DataFrame(X, columns=["a", "b", "c"])


def with_nullable_pandas(X: Array) -> Any:
    return with_pandas(X).astype("Float64")


def with_polars(X: Array) -> Any:
    polars = pytest.importorskip("polars")
    return polars.DataFrame(X, schema=["a", "b", "c"])


class Tensor:
    """Anything with __array__."""

    def __init__(self, X: Array) -> None:
        self.X = X

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        return self.X


FORMS: dict[str, Callable[[Array], Any]] = {
    "list": np.ndarray.tolist,
    "tuple of arrays": tuple,
    "list of tuples": lambda X: [tuple(row) for row in X.tolist()],
    "Fortran order": np.asfortranarray,
    "float32": lambda X: X.astype("f4"),
    "float32, Fortran order": lambda X: np.asfortranarray(X, "f4"),
    "float32, columns of a wider array": lambda X: np.hstack([X, X]).astype("f4")[:, :3],
    "float16": lambda X: X.astype("f2"),
    "long double": lambda X: X.astype(np.longdouble),
    "big-endian": lambda X: X.astype(">f8"),
    "big-endian float32": lambda X: X.astype(">f4"),
    "int64": lambda X: X.astype("i8"),
    "int8": lambda X: X.astype("i1"),
    "objects": lambda X: X.astype(object),
    "strided": spread_out,
    "negative strides": lambda X: X[::-1, ::-1].copy()[::-1, ::-1],
    "read-only": read_only,
    "unaligned": unaligned,
    "masked array without a mask": np.ma.array,
    "a subclass": lambda X: X.view(type("Own", (np.ndarray,), {})),
    "with __array__": Tensor,
    "pandas": with_pandas,
    "pandas, nullable": with_nullable_pandas,
    "polars": with_polars,
}


def trained(X: Any, y: Any = Y, dtype: str = "float32", **options: Any) -> Network:
    net = Network([3, 4, 3], seed=0, dtype=dtype)
    net.fit(X, y, **{"epochs": 2, "batch_size": 10, **options})
    return net


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("form", FORMS)
def test_inputs_of_any_form_train_and_predict_as_float64_does(form: str, dtype: str) -> None:
    data = FORMS[form](WHOLE)
    net, plain = trained(data, dtype=dtype), trained(WHOLE, dtype=dtype)
    assert state(net) == state(plain)
    # NumPy multiplies arrays with gaps in another order, so the last bits may differ.
    np.testing.assert_allclose(net.predict(data), plain.predict(WHOLE), rtol=1e-5, atol=1e-7)
    assert net.evaluate(data, Y) == pytest.approx(plain.evaluate(WHOLE, Y), rel=1e-6)
    assert net.test_accuracy(data, Y) == plain.test_accuracy(WHOLE, Y)


@pytest.mark.parametrize("form", FORMS)
def test_standardised_inputs_of_any_form_train_as_float64_does(form: str) -> None:
    net, plain = trained(FORMS[form](WHOLE), standardize=True), trained(WHOLE, standardize=True)
    np.testing.assert_allclose(net.parameters, plain.parameters, rtol=1e-5, atol=1e-6)


def test_bools_train_as_zeros_and_ones() -> None:
    assert state(trained(X > 0)) == state(trained((X > 0).astype(float)))


@pytest.mark.parametrize("form", [name for name in FORMS if name != "int8"])
def test_targets_of_any_form_train_as_float64_does(form: str) -> None:
    net, plain = trained(X, FORMS[form](WHOLE)), trained(X, WHOLE)
    assert state(net) == state(plain)


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_a_series_of_labels_trains_as_an_array_does(kind: str) -> None:
    library = pytest.importorskip(kind)
    assert state(trained(X, library.Series(Y))) == state(trained(X, Y))
    weights = np.linspace(1, 2, 45)
    weighted = trained(X, Y, sample_weight=library.Series(weights))
    assert state(weighted) == state(trained(X, Y, sample_weight=weights))


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_a_series_of_words_trains_with_classes(kind: str) -> None:
    library = pytest.importorskip(kind)
    words = np.array(["a", "b", "c"])[Y]
    net = Network([3, 4, 3], seed=0, classes=["a", "b", "c"])
    net.fit(X, library.Series(words.tolist()), epochs=2, batch_size=10)
    assert state(net)["parameters"] == state(trained(X, Y))["parameters"]


@given(st.integers(1, 60), st.integers(1, 4), st.booleans(), st.sampled_from(["f4", "f8", "i2"]))
def test_batches_of_any_size_see_every_row_once_an_epoch(
    size: int, columns: int, standardize: bool, dtype: str
) -> None:
    rows = np.random.default_rng(0).integers(-99, 99, (45, columns)).astype(dtype)
    total = [0]

    class Count(Callback):
        def on_batch_end(self, training: Training) -> None:
            total[0] += training.batch_rows

    net = Network([columns, 1], loss="squared_error", seed=0)
    options: dict[str, Any] = {"batch_size": size, "standardize": standardize}
    net.fit(rows, rows[:, 0], epochs=2, callbacks=[Count()], **options)
    assert total == [90]


def test_fit_changes_neither_inputs_nor_targets_nor_weights() -> None:
    data, weights = X.astype("f4"), np.linspace(0.5, 1.5, 45).astype("f4")
    wanted, kept = np.eye(3, dtype="f4")[Y] * 0.8 + 0.2 / 3, (data.copy(), weights.copy())
    kept_targets = wanted.copy()
    net = Network([3, 3], loss="softmax_cross_entropy", seed=0)
    for size in (45, 10):
        net.fit(data, wanted, epochs=2, batch_size=size, sample_weight=weights)
    net.fit(data, wanted, epochs=1, class_weight=None, validation_split=0.3)
    np.testing.assert_array_equal(data, kept[0])
    np.testing.assert_array_equal(weights, kept[1])
    np.testing.assert_array_equal(wanted, kept_targets)


# Memory-mapped files


def mapped(path: Path, dtype: str, order: str, rows: int = 60_000, columns: int = 50) -> Array:
    array = np.memmap(path, dtype, "w+", shape=(rows, columns), order=order)  # type: ignore[call-overload]  # order is any text
    array[:] = np.arange(rows * columns).reshape(rows, columns) % 97
    array.flush()
    return np.memmap(path, dtype, "r", shape=(rows, columns), order=order)  # type: ignore[call-overload,no-any-return]  # order is any text


@pytest.mark.parametrize("dtype", ["u1", "f4", "f8", ">f4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_memory_mapped_file_is_never_read_whole(tmp_path: Path, dtype: str, order: str) -> None:
    data = mapped(tmp_path / "data", dtype, order)
    y = (np.asarray(data[:, 0]) > 40).astype(int)
    net = Network([50, 1], seed=0)
    tracemalloc.start()
    net.fit(data, y, epochs=1, batch_size=4000, standardize=True, validation_split=0.1)
    net.predict(data[:, :])
    net.evaluate(data, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < data.size * net.dtype.itemsize


def test_a_memory_mapped_file_trains_as_an_array_does(tmp_path: Path) -> None:
    for dtype in ("f4", "f8"):
        np.save(tmp_path / f"{dtype}.npy", WHOLE.astype(dtype))
        data = np.load(tmp_path / f"{dtype}.npy", mmap_mode="r")
        assert state(trained(data)) == state(trained(WHOLE))
        assert state(trained(data[:, :])) == state(trained(WHOLE))


# Batches of the user's own


class Loader:
    """Walked anew each epoch; nobody knows how many batches it has."""

    def __init__(self, *batches: Any) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[Any]:
        return iter(self.batches)


HALVES = [(X[:30], Y[:30]), (X[30:], Y[30:])]
OPTIONS: dict[str, Any] = {"epochs": 3, "schedule": "constant", "optimizer": SGD(learning_rate=0.1)}


@pytest.mark.parametrize("form", [list, tuple, lambda b: Loader(*b)])
def test_batches_train_as_arrays_in_their_order_do(form: Callable[[Any], Any]) -> None:
    by_arrays, by_batches = Network([3, 4, 3], seed=0), Network([3, 4, 3], seed=0)
    by_arrays.fit(X, Y, batch_size=30, shuffle=False, **OPTIONS)
    by_batches.fit(form(HALVES), **OPTIONS)
    assert state(by_batches) == state(by_arrays)


def test_a_generator_serves_one_epoch() -> None:
    by_arrays, by_batches = Network([3, 4, 3], seed=0), Network([3, 4, 3], seed=0)
    by_arrays.fit(X, Y, batch_size=30, shuffle=False, **{**OPTIONS, "epochs": 1})
    by_batches.fit((half for half in HALVES), **{**OPTIONS, "epochs": 1})
    assert state(by_batches) == state(by_arrays)


def test_a_generator_of_unknown_length_has_a_constant_rate_unless_told_otherwise() -> None:
    rates: list[float] = []

    class Log(Callback):
        def on_batch_end(self, training: Training) -> None:
            assert training.batches is None
            assert share_done(training) <= 1.0
            rates.append(training.learning_rate)

    net = Network([3, 3], seed=0)
    net.fit((half for half in HALVES), epochs=1, learning_rate=0.5, callbacks=[Log()])
    net.fit(iter(HALVES), epochs=1, learning_rate=lambda progress: 0.25, callbacks=[Log()])
    net.fit(iter(HALVES), epochs=1, learning_rate=0.5, schedule="warm_up", callbacks=[Log()])
    assert rates[:4] == [0.5, 0.5, 0.25, 0.25]
    assert max(rates[4:]) < 0.01


def test_batches_carry_weights() -> None:
    weights = np.linspace(0, 2, 45)
    by_arrays, by_batches = Network([3, 3], seed=0), Network([3, 3], seed=0)
    by_arrays.fit(X, Y, sample_weight=weights, batch_size=30, shuffle=False, **OPTIONS)
    by_batches.fit([(X[:30], Y[:30], weights[:30]), (X[30:], Y[30:], weights[30:])], **OPTIONS)
    assert state(by_batches) == state(by_arrays)


def test_a_batch_of_weight_zero_makes_no_step() -> None:
    with_it, without = Network([3, 3], seed=0), Network([3, 3], seed=0)
    idle = (X[30:], Y[30:], np.zeros(15))
    history = with_it.fit([HALVES[0], idle], **OPTIONS)
    assert without.fit([HALVES[0]], **OPTIONS) == history
    assert state(with_it) == state(without)


def test_batches_may_be_validated_and_masked() -> None:
    X, y = amounts(outputs=2)
    y[::3, 1] = np.nan
    net = Network([3, 2], seed=0)
    history = net.fit([(X, y)], epochs=2, missing="mask", validation_data=(X, y))
    assert set(history[0]) == {"epoch", "loss", "learning_rate", "val_loss", "val_r2"}


def test_a_learner_of_the_whole_batch_takes_a_list_of_one() -> None:
    net = Network([3, 3], seed=0)
    net.fit([(X, Y)], epochs=2, optimizer="rprop")
    with pytest.raises(ValueError, match="Rprop needs all rows in one batch"):
        net.fit(HALVES, epochs=2, optimizer="rprop")
