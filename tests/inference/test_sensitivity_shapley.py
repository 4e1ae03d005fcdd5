"""Shapley values: brute force over orders, the axioms, `shap`, and what is too much."""

import itertools
from typing import Any

import numpy as np
import pytest
from sensitive_networks import fitted, linear, product, rows_like_training
from small_problems import Array, inputs, state

from glassnet import Network
from glassnet.inference import functions, shapley, shapley_values

X = rows_like_training(7)
BACKGROUND = rows_like_training(11, 4)


def by_orders(net: Network, row: Array, background: Array, output: int) -> Array:
    """What each input adds when it comes in, averaged over all orders."""
    found = np.zeros(len(row))
    orders = list(itertools.permutations(range(len(row))))
    for order in orders:
        points = background.copy()
        before = net.predict(points)[:, output].mean()
        for column in order:
            points[:, column] = row[column]
            after = net.predict(points)[:, output].mean()
            found[column] += after - before
            before = after
    return found / len(orders)


@pytest.mark.parametrize(
    "loss", ["squared_error", "poisson", "logistic", "softmax_cross_entropy", "gaussian", "pinball"]
)
@pytest.mark.parametrize("activation", ["tanh", "leaky_relu"])
def test_values_are_those_of_all_orders(loss: str, activation: str) -> None:
    net = fitted(loss, activation)
    for output in range(net.layers[-1]):
        found = shapley_values(net, X, BACKGROUND, output=output)
        for row, values in zip(X, found.values, strict=True):
            wanted = by_orders(net, row, BACKGROUND, output)
            np.testing.assert_allclose(values, wanted, rtol=0, atol=1e-12 * np.abs(wanted).max())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("count", [1, 2, 6, 10])
def test_values_are_complete_to_1e_10(dtype: str, count: int) -> None:
    net = Network([count, 8, 1], loss="squared_error", dtype=dtype, seed=0)
    rows, others = inputs(4, count), inputs(9, count, 2)
    found = shapley_values(net, rows, others)
    assert found.values.dtype == np.float64
    assert np.abs(found.gap).max() < 1e-10
    near = 1e-12 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(found.outputs, net.predict(rows)[:, 0], rtol=near, atol=near)
    np.testing.assert_allclose(found.base_values, net.predict(others).mean(), rtol=near, atol=near)


def test_closed_forms() -> None:
    found = shapley_values(linear(), X, BACKGROUND)
    wanted = (X - BACKGROUND.mean(axis=0)) * [2.0, -1.0, 0.5]
    np.testing.assert_allclose(found.values, wanted, rtol=1e-9)
    found = shapley_values(product(), [[2.0, 3.0, 7.0]], [[0.0, 0.0, 0.0]])
    np.testing.assert_allclose(found.values, [[3.0, 3.0, 14.0]], rtol=1e-13)


def test_an_input_without_weight_gets_nothing_and_equal_ones_get_the_same() -> None:
    net = Network([4, 6, 1], activation="tanh", loss="logistic", dtype="float64", seed=1)
    net.weights[0][2] = 0.0
    net.weights[0][1] = net.weights[0][0]
    rows, others = inputs(5, 4), inputs(6, 4, 1)
    rows[:, 1], others[:, 1] = rows[:, 0], others[:, 0]
    values = shapley_values(net, rows, others).values
    assert np.abs(values[:, 2]).max() < 1e-16
    np.testing.assert_allclose(values[:, 0], values[:, 1], rtol=1e-12)


def test_values_of_a_sum_of_networks_are_the_sum_of_values() -> None:
    nets = [
        Network([3, 4, 1], activation="tanh", loss="squared_error", dtype="float64", seed=seed)
        for seed in (1, 2)
    ]
    both = Network([3, 8, 1], activation="tanh", loss="squared_error", dtype="float64")
    both.parameters[:] = 0.0
    for number, net in enumerate(nets):
        part = slice(4 * number, 4 * number + 4)
        both.weights[0][:, part], both.weights[1][part] = net.weights
    rows, others = inputs(5, 3), inputs(6, 3, 1)
    parts = [shapley_values(net, rows, others).values for net in nets]
    np.testing.assert_allclose(
        shapley_values(both, rows, others).values, parts[0] + parts[1], rtol=0, atol=1e-15
    )


def test_the_classes_of_a_softmax_share_nothing_out() -> None:
    net = fitted("softmax_cross_entropy")
    values = [shapley_values(net, X, BACKGROUND, output=k).values for k in range(3)]
    assert np.abs(np.sum(values, axis=0)).max() < 1e-15


def test_values_of_scores_are_before_the_link() -> None:
    found = shapley_values(linear("poisson"), X / 50, BACKGROUND / 50, of="scores")
    wanted = (X - BACKGROUND.mean(axis=0)) / 50 * [2.0, -1.0, 0.5]
    np.testing.assert_allclose(found.values, wanted, rtol=1e-9)


def test_bytes_are_mixed_with_bytes() -> None:
    images = np.random.default_rng(0).integers(0, 256, size=(30, 3)).astype(np.uint8)
    net = Network([3, 4, 1], activation="tanh", loss="logistic", dtype="float64", seed=0)
    net.fit(images, images[:, 0] > 127, epochs=1)
    found = shapley_values(net, images[:2], images[5:9])
    np.testing.assert_allclose(
        found.values[0], by_orders(net, images[0], images[5:9], 0), atol=1e-15
    )


@pytest.mark.parametrize("numbers", [1, 60, 3000])
def test_blocks_change_nothing_and_nothing_is_changed(
    numbers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = fitted("softmax_cross_entropy")
    before, whole = state(net), shapley_values(net, X, BACKGROUND, output=1)
    for module in (functions, shapley):
        monkeypatch.setattr(module, "NUMBERS", numbers)
    found = shapley_values(net, X, BACKGROUND, output=1)
    np.testing.assert_allclose(found.values, whole.values, rtol=0, atol=1e-15)
    np.testing.assert_allclose(found.base_values, whole.base_values, rtol=1e-14)
    assert state(net) == before


def test_too_many_inputs_are_refused_with_what_they_would_take() -> None:
    net = Network([16, 2, 1], loss="squared_error", seed=0)
    rows = inputs(3, 16)
    with pytest.raises(
        ValueError,
        match=r"16 inputs, more than max_inputs=15: .* 2\^16 coalitions x 3 background rows = "
        r"196,608 evaluations for each of 2 row\(s\).*, or max_inputs=16",
    ):
        shapley_values(net, rows[:2], rows)
    found = shapley_values(net, rows[:1], rows[1:2], max_inputs=16)
    assert np.abs(found.gap).max() < 1e-10
    with pytest.raises(ValueError, match=r"Use integrated_gradients\.$"):
        shapley_values(Network([25, 1], loss="squared_error"), inputs(1, 25), inputs(1, 25))


@pytest.mark.parametrize(
    ("background", "options", "message"),
    [
        ([[0.0, 1.0]], {}, "background has 2 columns, but this network has 3 inputs"),
        ([0.0, 1.0, 2.0], {}, "Expected 2D array background"),
        (np.empty((0, 3)), {}, "background is empty"),
        ([[0.0, np.inf, 0.0]], {}, "background contains infinity"),
        (None, {}, "background is None"),
        (BACKGROUND, {"max_inputs": 25}, "max_inputs must be 1 to 24; got 25"),
        (BACKGROUND, {"max_inputs": 0}, "max_inputs must be an integer of at least 1; got 0"),
    ],
)
def test_bad_arguments_are_refused(background: Any, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        shapley_values(linear(), X, background, **options)


@pytest.mark.parametrize(
    "loss", ["squared_error", "softmax_cross_entropy", "logistic", "poisson", "gaussian"]
)
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
def test_values_equal_those_of_shaps_exact_explainer(loss: str, activation: str) -> None:
    shap = pytest.importorskip("shap", reason="to compare with: pip install shap")
    net = fitted(loss, activation)
    masker = shap.maskers.Independent(BACKGROUND, max_samples=len(BACKGROUND))
    theirs = shap.explainers.Exact(net.predict, masker)(X)
    values = theirs.values.reshape(*X.shape, -1)
    for output in range(net.layers[-1]):
        ours = shapley_values(net, X, BACKGROUND, output=output)
        size = max(1.0, np.abs(ours.outputs).max())
        np.testing.assert_allclose(ours.values, values[..., output], rtol=0, atol=1e-8 * size)
