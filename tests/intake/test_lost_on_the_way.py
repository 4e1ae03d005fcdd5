"""What NumPy would drop in silence on the way to numbers: dates, masks, gradients, text."""

import datetime
from typing import Any

import numpy as np
import pytest
from refusals import refused_unchanged
from small_problems import three_classes

from glassnet import Network
from glassnet.metrics import accuracy, mean_squared_error

X, Y = three_classes(20)
DAY, SPAN = datetime.datetime(2020, 1, 1), datetime.timedelta(days=1)


def refuse(value: Any, error: type[Exception], *words: str) -> None:
    net = Network([3, 4, 3], seed=0)
    refused_unchanged(net, lambda: net.fit(value, Y), error, *words)


@pytest.mark.parametrize("value", [DAY, DAY.date(), SPAN])
@pytest.mark.parametrize("package", ["polars", "pandas"])
def test_dates_in_a_data_frame_are_refused_by_column(package: str, value: Any) -> None:
    frames = pytest.importorskip(package)
    frame = frames.DataFrame({"a": X[:, 0], "b": X[:, 1], "when": [value] * 20})
    if package == "pandas" and value == DAY.date():
        refuse(frame, TypeError, "date at row 0, column 'when'")  # to pandas, any object
        return
    refuse(frame, ValueError, "X holds dates or durations in column 'when'")
    with pytest.raises(ValueError, match="targets holds dates or durations in column 'when'"):
        mean_squared_error(frame, X)


@pytest.mark.parametrize("dtype", ["String", "Categorical"])
def test_text_in_a_polars_frame_is_refused_by_column(dtype: str) -> None:
    polars = pytest.importorskip("polars")
    words = polars.Series(["x"] * 20, dtype=getattr(polars, dtype))
    refuse(polars.DataFrame({"a": X[:, 0], "b": X[:, 1], "c": words}), ValueError, "column 'c'")


def test_times_of_a_pandas_zone_are_refused_by_column() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    when = pandas.to_datetime([DAY] * 20, utc=True)
    refuse(pandas.DataFrame({"a": when, "b": when, "c": when}), ValueError, "column 'a'", "UTC")


@pytest.mark.parametrize("kind", [list, tuple])
def test_masks_inside_a_list_are_seen(kind: Any) -> None:
    rows = kind(np.ma.array(row, mask=[i == 2, False, False]) for i, row in enumerate(X))
    refuse(rows, ValueError, "X is a list of masked arrays with 1 masked values")
    with pytest.raises(ValueError, match="targets is a list of masked arrays with 1 masked"):
        mean_squared_error(rows, X)
    whole = kind(np.ma.array(row) for row in X)
    Network([3, 4, 3], seed=0).fit(whole, Y, epochs=1)


def test_masked_text_is_no_label() -> None:
    masked = np.ma.array(["a", "b"], mask=[True, False])
    with pytest.raises(ValueError, match="targets is a masked array"):
        accuracy(masked, ["a", "b"])


def test_the_text_beside_numbers_is_shown_where_the_user_put_it() -> None:
    refuse([[1.0, "a", 2.0]] * 20, ValueError, "row 0, column 1: 'a'")
    refuse([[1.0, 2.0, 3.0]] * 19 + [[1.0, 2.0, b"c"]], ValueError, "row 19, column 2")


def test_a_tensor_with_gradients_is_told_to_be_detached() -> None:
    class Tensor:
        requires_grad = True

        def __array__(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    tensor: Any = Tensor()
    refuse(tensor, ValueError, "X is a tensor that requires gradients", "X.detach()")
    refuse([tensor] * 20, ValueError, "X is not a regular array", "requires grad")
    with pytest.raises(ValueError, match=r"pass targets\.detach\(\)"):
        mean_squared_error(tensor, X)
    assert not getattr(X, "requires_grad", False)


def test_a_label_that_is_unknown_gets_no_wrong_advice() -> None:
    net = Network([3, 4, 3], loss="softmax_cross_entropy", seed=0)
    gaps = np.where(Y == 0, np.nan, Y)
    weights = (Y != 0).astype(float)
    options: dict[str, Any] = {"missing": "mask", "sample_weight": weights}
    with pytest.raises(ValueError, match="a label cannot be unknown; drop such rows") as caught:
        net.fit(X, gaps, **options)
    assert "sample_weight" not in str(caught.value)
