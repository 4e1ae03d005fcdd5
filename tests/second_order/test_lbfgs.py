"""L-BFGS finds the minima that are known otherwise: by formula, by SciPy, by dense BFGS."""

from typing import Any

import numpy as np
import pytest
import small_problems
from curves import Array, Function, Line, quadratic, valley
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("scipy", reason="to compare with")

from scipy.optimize import minimize

from glassnet import LBFGS, Callback, Network
from glassnet.core.passes import Batch
from glassnet.losses import LOSSES
from glassnet.second_order.lbfgs import curved
from glassnet.second_order.line_search import CURVATURE, DECREASE, strong_wolfe

EXACT = LBFGS(tolerance=1e-12, loss_tolerance=0)


def dense(steps: Array, changes: Array) -> Array:
    """The inverse that BFGS has after these pairs (Nocedal and Wright 2006, 6.17 and 6.20)."""
    size = steps.shape[1]
    inverse = np.eye(size) * (steps[-1] @ changes[-1]) / (changes[-1] @ changes[-1])
    for s, y in zip(steps, changes, strict=True):
        left = np.eye(size) - np.outer(s, y) / (s @ y)
        inverse = left @ inverse @ left.T + np.outer(s, s) / (s @ y)
    return inverse


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 10_000))
def test_two_loops_equal_the_dense_inverse(pairs: int, size: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    root = generator.normal(size=(size, size))
    steps = generator.normal(size=(pairs, size))
    changes = steps @ (root @ root.T + np.eye(size))
    gradients = generator.normal(size=size)
    found = curved(gradients, steps, changes, newest=pairs - 1)
    np.testing.assert_allclose(found, dense(steps, changes) @ gradients, rtol=1e-8, atol=1e-10)


def test_a_ring_of_pairs_is_gone_over_from_the_newest_and_pairs_without_curvature_are_none() -> (
    None
):
    generator = np.random.default_rng(0)
    steps = generator.normal(size=(4, 5))
    changes = steps * np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    plain = curved(np.ones(5), steps, changes, 3)
    turned = curved(np.ones(5), np.roll(steps, 2, axis=0), np.roll(changes, 2, axis=0), 1)
    np.testing.assert_array_equal(turned, plain)
    gap = np.zeros((1, 5))
    padded = np.vstack([gap, steps[:2], gap, steps[2:], gap])
    turned_away = np.vstack([gap, changes[:2], gap, changes[2:], gap])
    np.testing.assert_array_equal(curved(np.ones(5), padded, turned_away, 6), plain)
    np.testing.assert_array_equal(curved(np.ones(5), np.zeros((3, 5)), np.zeros((3, 5)), 1), 1.0)


def descend(
    function: Function, place: Array, memory: int = 5, most: int = 500
) -> tuple[Array, int]:
    """L-BFGS on a function; each step taken must fulfil the strong Wolfe conditions."""
    steps, changes = np.zeros((2, memory, len(place)))
    for number in range(most):
        value, slope = function(place)
        if np.abs(slope).max() < 1e-8:
            return place, number
        line = Line(function, place, -curved(slope, steps, changes, (number - 1) % memory))
        noise = 1e-14 * abs(value)
        found = strong_wolfe(line, line.start, 1.0, noise)
        assert found.value <= value + DECREASE * found.step * line.start.slope + noise
        assert abs(found.slope) <= CURVATURE * abs(line.start.slope)
        steps[number % memory] = found.step * line.direction
        changes[number % memory] = found.kept - slope
        place = place + found.step * line.direction
    return place, most


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 8), st.integers(0, 1000), st.floats(1.0, 1e4))
def test_quadratics_are_solved_by_steps_that_fulfil_strong_wolfe(
    rows: int, seed: int, condition: float
) -> None:
    function, lowest = quadratic(rows, seed, condition)
    found, _ = descend(function, np.zeros(rows))
    np.testing.assert_allclose(found, lowest, atol=1e-7)


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 5), st.integers(0, 1000))
def test_valleys_are_left_by_steps_that_fulfil_strong_wolfe(size: int, seed: int) -> None:
    start = np.random.default_rng(seed).uniform(-2, 2, size)
    found, steps = descend(valley, start)
    assert steps < 200
    assert np.abs(valley(found)[1]).max() < 1e-8


# Networks


def linear(inputs: int, outputs: int = 1, loss: Any = "squared_error", **options: Any) -> Network:
    return Network([inputs, outputs], loss=loss, **{"dtype": "float64", "seed": 0, **options})


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_a_quadratic_is_solved_exactly(decay: float) -> None:
    """(mean squared error + decay/2 x squares) against its normal equations."""
    X, Y = small_problems.amounts(rows=200, columns=4, outputs=2)
    net = linear(4, 2)
    history = net.fit(X, Y, epochs=100, optimizer=EXACT, weight_decay=decay)
    ones = np.column_stack([X, np.ones(len(X))])
    penalty = decay / 2 * 2 * len(X) * np.diag([1.0, 1.0, 1.0, 1.0, 0.0])  # a mean of two columns
    wanted = np.linalg.solve(ones.T @ ones + penalty, ones.T @ Y)
    np.testing.assert_allclose(np.vstack([net.weights[0], net.biases[0]]), wanted, atol=1e-10)
    assert history.stopped == "no slope is above the tolerance of 1e-12"
    assert len(history) < 40


class Objective:
    """Mean loss + decay/2 x squared weights of a network, for SciPy."""

    def __init__(self, net: Network, X: Array, y: Array, decay: float) -> None:
        self.net, self.decay = net, decay
        loss = net.settled_loss("fit")
        targets = y if loss.targets == "labels" else y.reshape(len(y), -1).astype(net.dtype)
        self.batch, self.loss = Batch(X, targets), loss
        self.work = net.passes.workspace(len(X))

    def __call__(self, place: Array) -> tuple[float, Array]:
        net = self.net
        net.parameters[...] = place
        mean = net.passes.loss_and_gradients(self.loss, self.batch, self.work, self.decay)
        weights = place[: net.passes.weight_count]
        return float(mean) + 0.5 * self.decay * float(weights @ weights), net.gradients.copy()

    def lowest(self, start: Array) -> Any:
        options = {"maxcor": 10, "gtol": 1e-8, "ftol": 0.0, "maxiter": 10_000, "maxfun": 100_000}
        return minimize(self, start, jac=True, method="L-BFGS-B", options=options)


PROBLEMS: dict[str, Any] = {
    "squared_error": small_problems.amounts,
    "huber": small_problems.amounts,
    "logistic": small_problems.yes_or_no,
    "softmax_cross_entropy": small_problems.three_classes,
}


class Evaluations(Callback):
    """How often the loss was evaluated, and what it was."""

    def __init__(self) -> None:
        self.count, self.losses = 0, list[float]()

    def on_batch_end(self, training: Any) -> None:
        self.count = training.stepper.count
        self.losses.append(training.loss)


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("seed", [0, 2])
def test_small_networks_reach_the_same_minimum_as_scipy(name: str, seed: int) -> None:
    """From where either ends the other finds nothing lower; and from the same start both end at
    the same loss, for these seeds."""
    X, y = PROBLEMS[name](rows=100, seed=seed)
    outputs = 3 if "softmax" in name else 1
    net = Network([3, 2, outputs], activation="tanh", loss=name, dtype="float64", seed=seed)
    net.loss, start = LOSSES[name], net.parameters.copy()
    objective, seen = Objective(net, X, y, 0.02), Evaluations()
    theirs = objective.lowest(start)
    net.parameters[...] = start
    ours = LBFGS(tolerance=1e-8, loss_tolerance=0)
    history = net.fit(X, y, epochs=5000, optimizer=ours, weight_decay=0.02, callbacks=[seen])
    assert history.stopped.startswith("no slope")
    end = net.parameters.copy()
    value = objective(end)[0]
    assert abs(value - theirs.fun) < 1e-6
    assert objective.lowest(end).fun > value - 1e-9
    assert seen.count < 2 * theirs.nfev + 20


def test_the_loss_never_rises_and_evaluations_are_few() -> None:
    X, y = small_problems.amounts(rows=200)
    seen = Evaluations()
    net = Network([3, 8, 1], activation="tanh", dtype="float64", seed=1)
    history = net.fit(X, y, epochs=300, optimizer="lbfgs", callbacks=[seen])
    assert np.all(np.diff(seen.losses) < 0)
    assert seen.count <= 1.3 * len(history) + 10
    assert history.column("loss") == seen.losses
    assert history[-1]["loss"] == pytest.approx(net.evaluate(X, y)["loss"], rel=1e-12)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_loss_gets_lower_and_ends_for_a_reason(name: str, dtype: str) -> None:
    columns = 2 if name == "gaussian" else 1
    X, y = PROBLEMS.get(name, small_problems.amounts)(rows=100)
    y = np.exp(y) if name in ("gamma", "poisson") else y
    outputs = 3 if "softmax" in name else columns
    net = Network([3, 4, outputs], activation="tanh", loss=name, dtype=dtype, seed=0)
    net.loss = LOSSES[name]
    before = net.evaluate(X, y)["loss"]
    history = net.fit(X, y, epochs=3000, optimizer="lbfgs", weight_decay=0.01)
    assert history[-1]["loss"] < before
    assert history.stopped != "all epochs done"
    assert np.isfinite(net.parameters).all()


@pytest.mark.parametrize("name", ["squared_error", "logistic", "softmax_cross_entropy", "huber"])
def test_float32_ends_by_itself_as_low_as_float64(name: str) -> None:
    """Whatever tolerances are asked for: rounding ends it."""
    X, y = PROBLEMS[name](rows=300)
    found = []
    for dtype in ("float32", "float64"):
        net = linear(3, 3 if "softmax" in name else 1, name, dtype=dtype)
        tiny = LBFGS(tolerance=0, loss_tolerance=0)
        history = net.fit(X.astype(np.float32), y, epochs=2000, optimizer=tiny, weight_decay=0.01)
        assert len(history) < 200
        assert history.stopped.startswith(("no step lowers the loss", "no slope is above"))
        weights = net.parameters[: net.passes.weight_count].astype(float)
        found.append(net.evaluate(X, y)["loss"] + 0.005 * float(weights @ weights))
    assert found[0] == pytest.approx(found[1], rel=1e-5)


def test_where_there_is_nothing_to_do_nothing_is_done() -> None:
    X, y = small_problems.amounts(rows=50)
    net = linear(3)
    net.fit(X, y, epochs=100, optimizer=EXACT)
    before = net.parameters.copy()
    history = net.fit(X, y, epochs=100, optimizer=LBFGS(tolerance=1e-9))
    np.testing.assert_array_equal(net.parameters, before)
    assert len(history) == 1
    assert history[0]["learning_rate"] == 0.0
