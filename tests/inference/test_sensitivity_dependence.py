"""Partial dependence: closed forms, grids, columns by name, one output or all."""

from typing import Any

import numpy as np
import pytest
from sensitive_networks import fitted, linear, product, rows_like_training
from small_problems import inputs, state

from glassnet import Network
from glassnet.inference import functions, partial_dependence

X = rows_like_training(12)


def test_closed_forms() -> None:
    grid, values = partial_dependence(product(), X, 0, [1.0, -2.0, 5.0])
    np.testing.assert_array_equal(grid, [1.0, -2.0, 5.0])
    np.testing.assert_allclose(values, grid * X[:, 1].mean() + 2 * X[:, 2].mean(), rtol=1e-12)
    _, curves = partial_dependence(product(), X, 0, [1.0, -2.0, 5.0], kind="individual")
    np.testing.assert_allclose(curves, X[:, [1]] * grid + 2 * X[:, [2]], rtol=1e-11)


@pytest.mark.parametrize("loss", ["squared_error", "softmax_cross_entropy", "poisson", "logistic"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values_are_the_predictions_for_rows_with_the_column_set(loss: str, dtype: str) -> None:
    net = fitted(loss, dtype=dtype)
    grid, curves = partial_dependence(net, X, 1, 5, kind="individual")
    outputs = net.layers[-1]
    assert curves.shape == ((outputs, 12, 5) if outputs > 1 else (12, 5))
    changed = X.copy()
    changed[:, 1] = grid[3]
    wanted = net.predict(changed).T
    near = 1e-12 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(np.atleast_3d(curves.T)[3].T, wanted, rtol=near)
    _, average = partial_dependence(net, X, 1, grid)
    np.testing.assert_allclose(average, curves.mean(axis=-2), rtol=1e-12)
    _, one = partial_dependence(net, X, 1, grid, output=outputs - 1)
    np.testing.assert_array_equal(one, np.atleast_2d(average)[-1])


def test_the_grid_lies_between_the_5_and_the_95_percent_quantile() -> None:
    rows = inputs(500, 3)
    grid, values = partial_dependence(linear(), rows, 2)
    assert grid.shape == values.shape == (50,)
    np.testing.assert_allclose(grid[[0, -1]], np.quantile(rows[:, 2], [0.05, 0.95]))
    np.testing.assert_allclose(np.diff(grid), np.diff(grid)[0])


def test_a_column_of_few_values_is_its_own_grid() -> None:
    rows = inputs(40, 3)
    rows[:, 1] = rows[:, 1] > 0
    np.testing.assert_array_equal(partial_dependence(linear(), rows, 1)[0], [0.0, 1.0])
    rows[:, 1] = 7.0
    np.testing.assert_array_equal(partial_dependence(linear(), rows, 1)[0], [7.0])


def test_a_column_that_is_mostly_one_value_is_looked_at_from_end_to_end() -> None:
    rows = np.zeros((1000, 3))
    rows[:10, 0] = np.arange(10)
    grid, _ = partial_dependence(linear(), rows, 0, 4)
    np.testing.assert_array_equal(grid, [0, 3, 6, 9])


def test_columns_have_the_names_of_the_data_frame() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(inputs(30, 3), columns=["wind", "rain", "sun"])
    net = Network([3, 4, 1], loss="squared_error", dtype="float64", seed=0)
    of_frame = partial_dependence(net, frame, "rain")  # before a fit: the names of X
    np.testing.assert_array_equal(of_frame, partial_dependence(net, frame.to_numpy(), 1))
    net.fit(frame, np.zeros(30), epochs=1)
    by_name = partial_dependence(net, frame.to_numpy(), "rain")
    np.testing.assert_array_equal(by_name, partial_dependence(net, frame, 1))
    with pytest.raises(
        ValueError, match=r"\['wind', 'rain', 'sun'\]; got 'train'. Did you mean 'r"
    ):
        partial_dependence(net, frame, "train")


def test_bytes_have_a_grid_of_bytes() -> None:
    images = np.random.default_rng(0).integers(0, 256, size=(300, 2)).astype(np.uint8)
    net = Network([2, 1], loss="squared_error", dtype="float64", seed=0)
    net.fit(images, images[:, 0] / 1.0, epochs=1)
    grid, values = partial_dependence(net, images, 0, 3)
    assert 0 < grid[0] < 20 < 230 < grid[2] < 255
    slope = net.weights[0][0, 0] / 255.0
    np.testing.assert_allclose(np.diff(values), slope * np.diff(grid), rtol=1e-9)


def test_blocks_change_nothing_and_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    net = fitted("gaussian")
    before, rows = state(net), X.copy()
    whole = partial_dependence(net, rows, 2, 4, kind="individual")
    average = partial_dependence(net, rows, 2, 4)
    monkeypatch.setattr(functions, "NUMBERS", 20)
    np.testing.assert_allclose(
        partial_dependence(net, rows, 2, 4, kind="individual")[1], whole[1], rtol=1e-13
    )
    np.testing.assert_allclose(partial_dependence(net, rows, 2, 4)[1], average[1], rtol=1e-13)
    assert state(net) == before
    np.testing.assert_array_equal(rows, X)


def test_scores_are_before_the_link() -> None:
    rows = inputs(9, 3)
    _, values = partial_dependence(linear("poisson"), rows, 0, [0.0, 1.0], of="scores")
    np.testing.assert_allclose(values[1] - values[0], 2.0, rtol=1e-12)


@pytest.mark.parametrize(
    ("column", "options", "error", "message"),
    [
        (3, {}, ValueError, r"column must be one of 0 \.\. 2; got 3"),
        (-1, {}, ValueError, "column must be an integer of at least 0; got -1"),
        (1.0, {}, ValueError, r"column must be an integer .* Columns are 0 \.\. 2, or names"),
        (None, {}, TypeError, "column must be an integer"),
        ("rain", {}, ValueError, "neither the data of the fit nor X have names; got 'rain'"),
        (0, {"grid": 1}, ValueError, "grid must be an integer of at least 2; got 1"),
        (0, {"grid": True}, TypeError, "grid must be an integer of at least 2; got True"),
        (
            0,
            {"grid": []},
            ValueError,
            r"grid must be .* or the values \(points,\); got shape \(0,\)",
        ),
        (0, {"grid": [[1.0]]}, ValueError, r"the values \(points,\); got shape \(1, 1\)"),
        (0, {"grid": [0.0, np.nan]}, ValueError, "grid contains NaN"),
        (0, {"grid": "fine"}, TypeError, "grid must be an array of numbers"),
        (0, {"kind": "both"}, ValueError, "kind must be one of average, individual; got 'both'"),
    ],
)
def test_bad_arguments_are_refused(
    column: Any, options: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        partial_dependence(linear(), X, column, **options)
