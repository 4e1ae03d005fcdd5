"""Integrated gradients: closed forms, completeness and the other axioms, kinks, baselines."""

from typing import Any

import numpy as np
import pytest
from sensitive_networks import fitted, linear, product, rows_like_training
from small_problems import inputs, state

from glassnet import Network, OwnActivation
from glassnet.activations import ACTIVATIONS
from glassnet.inference import attributions, functions, input_gradients, integrated_gradients
from glassnet.losses import LOSSES

X = rows_like_training(12)


@pytest.mark.parametrize("activation", sorted(set(ACTIVATIONS) - {"exp"}))
@pytest.mark.parametrize("tolerance", [1e-3, 1e-8])
def test_attributions_are_complete_to_the_tolerance(activation: str, tolerance: float) -> None:
    net = Network(
        [4, 9, 7, 1], activation=activation, loss="squared_error", dtype="float64", seed=2
    )
    net.parameters[...] += 0.3 * inputs(len(net.parameters), 1)[:, 0]
    rows = 2.0 * inputs(8, 4)
    found = integrated_gradients(net, rows, inputs(1, 4, 5)[0], tolerance=tolerance)
    assert (np.abs(found.gap) <= tolerance * np.abs(found.values).sum(axis=1) + 1e-12).all()
    np.testing.assert_allclose(found.outputs, net.predict(rows)[:, 0], rtol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_attributions_add_up_to_what_predict_differs_by(loss: str) -> None:
    net = fitted(loss)
    found = integrated_gradients(net, X, X[5], output=0, tolerance=1e-9)
    predicted = net.predict(X)[:, 0]
    whole = found.values.sum(axis=1)
    size = np.abs(found.values).sum(axis=1)
    assert (np.abs(whole - (predicted - predicted[5])) <= 1e-9 * size + 1e-12).all()
    np.testing.assert_array_equal(found.values[5], 0.0)


def test_closed_forms() -> None:
    rows, base = np.array([[2.0, 3.0, 7.0], [-1.0, 4.0, 0.0]]), np.array([1.0, 1.0, 0.5])
    found = integrated_gradients(linear(), rows, base)
    np.testing.assert_allclose(found.values, (rows - base) * [2.0, -1.0, 0.5], rtol=1e-13)
    found = integrated_gradients(product(), rows, [0.0, 0.0, 0.0])
    half = rows[:, 0] * rows[:, 1] / 2.0  # of a product each factor gets half, from 0
    wanted = np.column_stack([half, half, 2.0 * rows[:, 2]])
    np.testing.assert_allclose(found.values, wanted, atol=1e-12)
    np.testing.assert_allclose(found.base_values, 0.0, atol=1e-14)


def test_a_kink_is_met_wherever_it_lies() -> None:
    net = Network([2, 1, 1], activation="relu", loss="squared_error", dtype="float64")
    net.parameters[:] = [1.0, 1.0, 1.0, -1.0, 0.0]
    rows = inputs(50, 2) * 3.0
    total = rows.sum(axis=1)
    share = np.where(total > 1.0, 1.0 - 1.0 / np.where(total > 1.0, total, 2.0), 0.0)
    found = integrated_gradients(net, rows, tolerance=1e-9)
    np.testing.assert_allclose(found.values, rows * share[:, None], atol=1e-8)


def test_an_input_without_weight_gets_nothing_and_equal_ones_get_the_same() -> None:
    net = Network([3, 5, 1], activation="tanh", loss="squared_error", dtype="float64", seed=1)
    net.weights[0][2] = 0.0
    net.weights[0][1] = net.weights[0][0]
    rows = inputs(9, 3)
    rows[:, 1] = rows[:, 0]
    values = integrated_gradients(net, rows).values
    np.testing.assert_array_equal(values[:, 2], 0.0)
    np.testing.assert_allclose(values[:, 0], values[:, 1], rtol=1e-12)


def test_the_baseline_is_what_the_first_layer_sees_as_0() -> None:
    net = fitted("squared_error")
    assert net.input_scaling is not None
    mean = net.input_scaling.offset
    given, default = (
        integrated_gradients(net, X, base, output=1, tolerance=1e-9) for base in (mean, None)
    )
    np.testing.assert_allclose(default.values, given.values, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(default.base_values, net.predict(mean[None])[0, 1], rtol=1e-12)


def test_each_row_may_have_a_baseline_of_its_own() -> None:
    net = fitted("logistic")
    bases = X[::-1]
    found = np.asarray(integrated_gradients(net, X, bases))
    single = [integrated_gradients(net, X[[k]], bases[k]).values[0] for k in range(len(X))]
    np.testing.assert_allclose(found, single, rtol=1e-9, atol=1e-14)


def test_attributions_of_scores_are_before_the_link() -> None:
    found = integrated_gradients(linear("poisson"), X, X[0], of="scores")
    np.testing.assert_allclose(found.values, (X - X[0]) * [2.0, -1.0, 0.5], atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_short_way_is_the_slope_times_its_length(dtype: str) -> None:
    net = fitted("softmax_cross_entropy", dtype=dtype)
    middle, by = X[:1], np.array([1e-3, 1e-2, 1e-5])
    found = integrated_gradients(net, middle + by, middle - by, output=2)
    np.testing.assert_allclose(
        found.values, 2 * by * input_gradients(net, middle, 2), rtol=1e-3, atol=1e-9
    )


def test_bytes_have_bytes_as_baseline() -> None:
    images = np.random.default_rng(0).integers(0, 256, size=(30, 4)).astype(np.uint8)
    net = Network([4, 3, 1], activation="tanh", loss="logistic", dtype="float64", seed=0)
    net.fit(images, images[:, 0] > 127, epochs=1)
    black = integrated_gradients(net, images[:5], np.zeros(4, np.uint8))
    np.testing.assert_array_equal(black.values, integrated_gradients(net, images[:5]).values)
    assert np.abs(black.gap).max() < 1e-6
    with pytest.raises(ValueError, match=r"baseline has dtype float64, but this network was fitte"):
        integrated_gradients(net, images[:5], np.zeros(4))


@pytest.mark.parametrize("steps", [1, 3, 20])
def test_more_steps_or_fewer_lead_to_the_same_place(steps: int) -> None:
    net = fitted("poisson")
    wanted = integrated_gradients(net, X, output=0, tolerance=1e-9).values
    found = integrated_gradients(net, X, output=0, steps=steps, tolerance=1e-6).values
    assert (np.abs(found - wanted).max(axis=1) <= 1e-4 * np.abs(wanted).sum(axis=1)).all()


def test_blocks_change_nothing_and_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    net = fitted("squared_error", "leaky_relu")
    before, whole = state(net), integrated_gradients(net, X, output=0)
    monkeypatch.setattr(functions, "NUMBERS", 200)
    found = integrated_gradients(net, X, output=0)
    np.testing.assert_allclose(found.values, whole.values, rtol=1e-9, atol=1e-12)
    assert state(net) == before
    assert np.asarray(found, dtype=np.float32).dtype == np.float32


def test_what_jumps_is_given_up_and_the_gap_says_by_how_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    step = OwnActivation("step", lambda s: 1.0 * (s > 0.3), lambda s: 0.0 * s)
    net = Network([1, 1, 1], activation=step, loss="squared_error", dtype="float64")
    net.parameters[:] = [1.0, 1.0, 0.0, 0.0]
    found = integrated_gradients(net, [[1.0], [0.2]])
    np.testing.assert_array_equal(found.gap, [1.0, 0.0])
    monkeypatch.setattr(attributions, "SEGMENTS", 1)
    kinked = fitted("squared_error", "relu")
    rough = integrated_gradients(kinked, X, X[0], output=0, tolerance=1e-10)
    assert np.abs(rough.gap).max() > 1e-10 * np.abs(rough.values).sum()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"baseline": [0.0, 0.0]}, ValueError, "baseline has 2 columns, but this network has 3"),
        (
            {"baseline": [[0.0] * 3] * 2},
            ValueError,
            r"baseline must have shape \(3,\), or \(12, 3\)",
        ),
        ({"baseline": 0.0}, ValueError, "Expected 2D array baseline"),
        ({"baseline": [np.nan, 0.0, 0.0]}, ValueError, "baseline contains NaN"),
        ({"steps": 0}, ValueError, "steps must be an integer of at least 1; got 0"),
        ({"steps": 257}, ValueError, "steps must be an integer of 1 to 256; got 257"),
        ({"tolerance": 0.0}, ValueError, r"tolerance must be a number of 1e-10 to 1; got 0\.0"),
        ({"tolerance": "low"}, TypeError, "tolerance must be a finite number; got 'low'"),
    ],
)
def test_bad_arguments_are_refused(options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        integrated_gradients(linear(), X, **options)
