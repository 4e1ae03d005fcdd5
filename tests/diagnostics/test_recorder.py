"""Recorder: each number against one worked out here by hand, from the same rows and parameters."""

import json
import math
from typing import Any

import numpy as np
import pytest
from small_problems import Array, amounts, three_classes

from glassnet import SGD, Callback, Network, OwnActivation
from glassnet.diagnostics import Recorder
from glassnet.diagnostics.layer_numbers import AFTER, BEFORE

PLAIN = SGD(learning_rate=0.1, momentum=0.0)
ROWS = 12


def recorded(net: Network, X: Any, y: Any, recorder: Recorder, **options: Any) -> Any:
    net.fit(X, y, **{"optimizer": PLAIN, "schedule": "constant", **options}, callbacks=[recorder])
    return recorder.records


def of(values: Array, name: str) -> dict[str, float]:
    """Mean, spread and share of zeros by NumPy's own functions."""
    found = {"mean": values.mean(), "spread": values.std(), "zero_share": np.mean(values == 0)}
    return {f"{name}_{how}": value for how, value in found.items()}


class ByHand:
    """Two layers of ReLU and raw scores, squared error, plain gradient descent on all rows."""

    def __init__(self, net: Network, X: Array, y: Array) -> None:
        self.X, self.y = X, y
        self.parameters = [net.weights[0], net.biases[0], net.weights[1], net.biases[1]]
        self.parameters = [each.copy() for each in self.parameters]
        self.last: list[Any] = [None, None]

    def step(self) -> list[dict[str, Any]]:
        first, bias, second, end = self.parameters
        scores = self.X @ first + bias
        hidden = np.maximum(scores, 0.0)
        outputs = hidden @ second + end
        delta = 2.0 * (outputs - self.y) / len(self.X)
        below = (delta @ second.T) * (scores > 0)
        slopes = [self.X.T @ below, below.sum(axis=0), hidden.T @ delta, delta.sum(axis=0)]
        steps = [-0.1 * slope for slope in slopes]
        given = ((scores, hidden), (outputs, outputs))
        layers = [self.layer(*given[k], slopes[2 * k], steps[2 * k], k) for k in (0, 1)]
        self.parameters = [w + step for w, step in zip(self.parameters, steps, strict=True)]
        return layers

    def layer(self, scores: Array, outputs: Array, slope: Array, step: Array, k: int) -> Any:
        weights, last = self.parameters[2 * k], self.last[k]
        self.last[k] = step
        constant = outputs.max(axis=0) == outputs.min(axis=0)
        size, length = np.linalg.norm(weights), np.linalg.norm(step)
        return {
            **of(scores, "scores"),
            **of(outputs, "outputs"),
            "saturated_share": None,
            "dead_share": constant.mean(),
            **of(slope, "gradient"),
            "gradient_norm": np.linalg.norm(slope),
            "weights_norm": size,
            **of(step, "update"),
            "update_ratio": length / size,
            "alignment": None
            if last is None
            else np.sum(step * last) / length / np.linalg.norm(last),
        }


def same(found: float | None, wanted: float | None, precision: float) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return math.isclose(found, wanted, rel_tol=precision, abs_tol=precision / 1e3)


def relu_network(dtype: str = "float64") -> Network:
    net = Network([3, 4, 1], activation="relu", dtype=dtype, seed=1)
    net.biases[0][:] = [0.1, -9.0, 0.3, -0.2]  # the second unit is dead
    return net


@pytest.mark.parametrize(("dtype", "precision"), [("float64", 1e-9), ("float32", 2e-4)])
def test_every_number_of_five_steps_is_the_one_worked_out_by_hand(
    dtype: str, precision: float
) -> None:
    X, y = amounts(rows=ROWS)
    net = relu_network(dtype)
    if dtype == "float32":
        X, y = X.astype(np.float32).astype(float), y.astype(np.float32).astype(float)
    by_hand = ByHand(net, X, y)
    records = recorded(net, X, y, Recorder(every=1), epochs=5, batch_size=ROWS)
    assert [record["step"] for record in records] == [1, 2, 3, 4, 5]
    for record in records:
        for found, wanted in zip(record["layers"], by_hand.step(), strict=True):
            assert list(found) == [*BEFORE, *AFTER]
            assert found.keys() == wanted.keys()
            for name, value in wanted.items():
                assert same(found[name], value, precision), name
    assert records[0]["layers"][0]["dead_share"] == 0.25
    assert records[0]["layers"][1]["dead_share"] == 0.0


def test_a_step_between_records_gives_the_alignment_with_the_step_before_it() -> None:
    X, y = amounts(rows=ROWS)
    net = relu_network()
    by_hand = ByHand(net, X, y)
    steps = [by_hand.step() for _ in range(7)]
    records = recorded(relu_network(), X, y, Recorder(every=3), epochs=7, batch_size=ROWS)
    assert [record["step"] for record in records] == [1, 4, 7]
    for record in records:
        for found, wanted in zip(record["layers"], steps[record["step"] - 1], strict=True):
            assert same(found["alignment"], wanted["alignment"], 1e-9)


def test_loss_and_learning_rate_are_those_of_the_step() -> None:
    X, y = three_classes()

    seen: list[tuple[int, int, float, float]] = []

    class Look(Callback):
        def on_batch_end(self, training: Any) -> None:
            now = training.step, training.epoch, training.loss, training.learning_rate
            seen.append(now)

    recorder = Recorder(every=2)
    net = Network([3, 4, 3], seed=0)
    net.fit(X, y, epochs=3, batch_size=15, callbacks=[recorder, Look()])
    heads = [tuple(record.values())[:4] for record in recorder.records]
    assert heads == seen[::2]
    assert list(recorder.records[0]) == ["step", "epoch", "loss", "learning_rate", "layers"]


def swings(rate: float) -> float | None:
    """The alignment of the last of six steps down the parabola (w - 1)^2, of one weight."""
    net = Network([1, 1], bias=False, loss="squared_error", seed=0, dtype="float64")
    net.parameters[:] = 0.0
    optimizer = SGD(learning_rate=rate, momentum=0.0)
    records = recorded(net, [[1.0]] * 2, [[1.0], [1.0]], Recorder(1), epochs=6, optimizer=optimizer)
    alignment: float | None = records[-1]["layers"][0]["alignment"]
    return alignment


def test_steps_that_swing_to_and_fro_have_an_alignment_of_minus_one() -> None:
    assert swings(0.1) == pytest.approx(1.0)
    assert swings(0.9) == pytest.approx(-1.0)
    assert swings(0.5) is None  # the first step leads to the minimum: the others are 0


# Saturated, dead, units

BOUNDED = {
    "tanh": lambda s: 1.0 - np.tanh(s) ** 2,
    "sigmoid": lambda s: 4.0 / (2.0 + np.exp(s) + np.exp(-s)),
    "softsign": lambda s: 1.0 / (1.0 + np.abs(s)) ** 2,
}
"""Their slopes, divided by the largest."""


@pytest.mark.parametrize("name", BOUNDED)
def test_saturated_is_where_the_slope_is_below_a_twentieth_of_the_largest(name: str) -> None:
    X, y = amounts(rows=30)
    net = Network([3, 8, 1], activation=name, dtype="float64", seed=2)
    net.weights[0][:] *= 4.0
    scores = X @ net.weights[0] + net.biases[0]
    wanted = BOUNDED[name](scores) < 0.05
    recorder = Recorder(every=1, units=True)
    first, last = recorded(net, X, y, recorder, epochs=1, batch_size=30)[0]["layers"]
    assert 0.02 < wanted.mean() < 0.98
    assert first["saturated_share"] == pytest.approx(wanted.mean())
    assert last["saturated_share"] is None
    np.testing.assert_allclose(first["units"]["active"], 1.0 - wanted.mean(axis=0))
    assert last["units"]["active"] == [1.0]


@pytest.mark.parametrize(
    ("name", "saturates"),
    [
        ("gaussian", True),
        ("relu", False),
        ("leaky_relu", False),
        ("elu", False),
        ("selu", False),
        ("softplus", False),
        ("silu", False),
        ("gelu", False),
        ("exp", False),
        ("identity", False),
        ("sine", False),
    ],
)
def test_only_what_is_flat_at_both_ends_saturates(name: str, saturates: bool) -> None:
    X, y = amounts(rows=ROWS)
    net = Network([3, 4, 1], activation=name, seed=0)
    records = recorded(net, X, y, Recorder(), epochs=1)
    assert (records[0]["layers"][0]["saturated_share"] is not None) == saturates


def wave(scores: Array) -> Array:
    return np.tanh(3.0 * scores)


def slope_of_wave(scores: Array) -> Array:
    return np.asarray(3.0 * (1.0 - np.tanh(3.0 * scores) ** 2))


def test_an_own_activation_is_judged_by_its_own_slope() -> None:
    X, y = amounts(rows=ROWS)
    own = OwnActivation("wave", wave, slope_of_wave)
    net = Network([3, 4, 1], activation=own, dtype="float64", seed=0)
    flat = slope_of_wave(X @ net.weights[0]) < 0.15
    records = recorded(net, X, y, Recorder(), epochs=1, batch_size=ROWS)
    assert records[0]["layers"][0]["saturated_share"] == pytest.approx(flat.mean())


def test_dead_are_units_without_slope_and_units_that_do_not_answer() -> None:
    X, y = amounts(rows=ROWS)
    net = Network([3, 5, 1], activation="tanh", dtype="float64", seed=0)
    net.weights[0][:, 1] = 0.0  # its output is the same in all rows
    net.weights[0][:, 3] = np.where(X.mean() > 0, 1e9, -1e9)  # 1 or -1, without a slope
    recorder = Recorder(units=True)
    first, last = recorded(net, X, y, recorder, epochs=1, batch_size=ROWS)[0]["layers"]
    assert first["units"]["dead"] == [False, True, False, True, False]
    assert first["dead_share"] == 0.4
    assert last["units"]["dead"] == [False]


def test_units_have_their_mean_output_and_the_share_of_rows_where_they_are_active() -> None:
    X, y = amounts(rows=ROWS)
    net = relu_network()
    scores = X @ net.weights[0] + net.biases[0]
    outputs = np.maximum(scores, 0.0)
    recorder = Recorder(every=1, units=True)
    record = json.loads(
        json.dumps(recorded(net, X, y, recorder, epochs=2, batch_size=ROWS)[0], allow_nan=False)
    )
    units = record["layers"][0]["units"]
    np.testing.assert_allclose(units["mean"], outputs.mean(axis=0))
    np.testing.assert_allclose(units["active"], (scores > 0).mean(axis=0))
    assert units["dead"] == [False, True, False, False]
    plain = recorded(relu_network(), X, y, Recorder(every=1), epochs=2, batch_size=ROWS)
    bare = recorder.records
    for layer in (one for each in bare for one in each["layers"]):
        del layer["units"]
    assert bare == plain


# Numbers at the edge


def test_what_does_not_exist_is_none_and_the_rest_is_json() -> None:
    X, y = amounts()
    recorder = Recorder()
    net = Network([3, 1], initializer="zeros", seed=0)
    net.fit(X, y, epochs=1, callbacks=[recorder])
    (layer,) = json.loads(json.dumps(recorder.records, allow_nan=False))[0]["layers"]
    assert layer["update_ratio"] is None  # of weights that are 0
    assert layer["dead_share"] == 1.0
    assert layer["scores_zero_share"] == 1.0


@pytest.mark.parametrize("size", [1e-25, 1e-12, 1e18])
def test_norms_are_right_where_squares_leave_float32(size: float) -> None:
    from glassnet.diagnostics.layer_numbers import moments, of_update

    values = (size * np.array([1.0, -2.0, 2.0, 0.0])).astype(np.float32)
    ones = np.ones(4, np.float32)
    mean, spread, zeros, norm = moments(values, ones)
    exact = values.astype(float)
    assert mean == pytest.approx(exact.mean(), rel=1e-6)
    assert spread == pytest.approx(exact.std(), rel=1e-6)
    assert (zeros, norm) == (0.25, pytest.approx(3.0 * size, rel=1e-6))
    *_, cosine = of_update(values, -values, 1.0, ones)
    assert cosine == pytest.approx(-1.0, rel=1e-6)


def test_a_small_spread_beside_a_large_mean_keeps_its_digits() -> None:
    from glassnet.diagnostics.layer_numbers import moments

    values = np.float32(1000.0) + np.random.default_rng(0).normal(size=500).astype(np.float32)
    _, spread, _, _ = moments(values, np.ones(500, np.float32))
    assert spread == pytest.approx(values.astype(float).std(), rel=1e-4)


def test_the_step_with_which_a_training_diverges_has_its_record_without_an_update() -> None:
    X, y = amounts()
    net = Network([3, 8, 1], activation="identity", seed=0)
    recorder = Recorder(every=1)
    with pytest.raises(ValueError, match="diverged"):
        net.fit(X, y, epochs=200, optimizer=SGD(learning_rate=1e9), callbacks=[recorder])
    assert recorder.latest is not None
    last = json.loads(json.dumps(recorder.latest, allow_nan=False))["layers"][0]
    assert last["scores_mean"] is not None
    assert last["update_ratio"] is None
