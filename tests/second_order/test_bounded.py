"""Second-order fits with fixed and bounded parameters end where SciPy and certified values say."""

from itertools import pairwise
from typing import Any

import nist
import numpy as np
import pytest
import small_problems
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Callback, Network, OwnActivation
from glassnet.callbacks import Checkpoint
from glassnet.inference import summarize
from glassnet.second_order import BayesianRegularization, LevenbergMarquardt
from glassnet.second_order.jacobian import score_jacobian

optimize = pytest.importorskip("scipy.optimize", reason="to compare with")

NAME = "levenberg_marquardt"
X, Y = small_problems.amounts(rows=90)


def network(layers: Any = (3, 5, 1), **options: Any) -> Network:
    given_ = {"activation": "tanh", "dtype": "float64", "seed": 3, "loss": "squared_error"}
    return Network(layers, **{**given_, **options})


def saturating(x: Any) -> Any:
    return 1.0 - np.exp(-x)


SATURATING = OwnActivation("saturating", saturating, lambda x: np.exp(-x))

MISRA = np.array(
    [
        (77.6, 10.07), (114.9, 14.73), (141.1, 17.94), (190.8, 23.93), (239.9, 29.61),
        (289.0, 35.18), (332.8, 40.02), (378.4, 44.82), (434.8, 50.76), (477.3, 55.05),
        (536.8, 61.01), (593.1, 66.40), (689.1, 75.47), (760.0, 81.78),
    ]
)  # fmt: skip
"""x and y of NIST's set Misra1a, y = b1 (1 - exp(-b2 x)), in the public domain."""


# What is fixed


@pytest.mark.parametrize("start", [(500.0, 0.0001), (250.0, 0.0005)])
def test_a_curve_with_its_biases_excluded_reaches_certified_values(start: Any) -> None:
    net = network((1, 1, 1), activation=SATURATING)
    net.constrain("biases", 0.0)
    net.weights[0][:], net.weights[1][:] = start[1], start[0]
    x, y = MISRA[:, :1], MISRA[:, 1]
    net.fit(x, y, epochs=2000, optimizer=LevenbergMarquardt(scaling="curvature"))
    found = summarize(net, x, y)
    assert found.names == ["weights[0][0, 0]", "weights[1][0, 0]"]
    assert found.fixed == {"biases[0]": 0.0, "biases[1]": 0.0}
    assert found.degrees_of_freedom == 12
    certified = np.array([5.5015643181e-04, 2.3894212918e02])
    np.testing.assert_allclose(found.estimates, certified, rtol=1e-8)
    np.testing.assert_allclose(found.standard_errors, [7.2668688436e-06, 2.7070075241], rtol=1e-7)
    np.testing.assert_allclose(found.residual_sum_of_squares, 1.2455138894e-01, rtol=1e-8)


@pytest.mark.skipif(not nist.FOLDER.exists(), reason="the NIST files are not there")
@pytest.mark.parametrize("name", nist.MODELS)
def test_biases_fixed_at_0_are_the_same_as_layers_without(name: str) -> None:
    reference, model = nist.read(name), nist.MODELS[name]
    units = len(model.place(list(reference.parameters))[0][0])
    net = network((1, units, 1), activation=model.activation)
    net.parameters = nist.flat(name, reference.starts[1])
    for layer, has in enumerate(model.bias):
        if not has:
            net.constrain(f"biases[{layer}]", 0.0)
    net.fit(reference.X, reference.y, epochs=2000, optimizer=NAME)
    found = summarize(net, reference.X, reference.y)
    order = np.argsort(net.weights[0][0])
    wanted = network((1, units, 1))
    wanted.parameters = nist.flat(name, reference.parameters)
    best = np.argsort(wanted.weights[0][0])
    np.testing.assert_allclose(net.weights[0][0, order], wanted.weights[0][0, best], rtol=1e-7)
    np.testing.assert_allclose(net.weights[1][order], wanted.weights[1][best], rtol=1e-7)
    np.testing.assert_allclose(found.residual_sum_of_squares, reference.squares, rtol=1e-7)
    count = len(reference.parameters)
    assert (found.rank, found.degrees_of_freedom) == (count, len(reference.X) - count)


def test_to_lbfgs_a_fixed_bias_is_as_good_as_none() -> None:
    both = []
    for bias in (True, False):
        net = network(bias=[bias, True])
        if bias:
            net.constrain("biases[0]", 0.0)
        net.fit(X, Y, epochs=12, optimizer="lbfgs", weight_decay=0.01)
        both.append(net.parameters)
    np.testing.assert_array_equal(*both)


def test_a_fixed_weight_is_in_no_evidence() -> None:
    """A known offset of a linear model: the same as to subtract it from the targets."""
    line = network((3, 1))
    line.constrain("weights[0][1, 0]", 0.75)
    history = line.fit(X, Y, epochs=50, optimizer="bayesian_regularization")
    rest = network((2, 1))
    less = Y[:, 0] - 0.75 * X[:, 1]
    wanted = rest.fit(X[:, [0, 2]], less, epochs=50, optimizer="bayesian_regularization")
    for name in ("effective_parameters", "noise_precision", "weight_precision", "log_evidence"):
        np.testing.assert_allclose(history[-1][name], wanted[-1][name], rtol=1e-9)
    np.testing.assert_allclose(line.weights[0][[0, 2]], rest.weights[0], rtol=1e-9)
    assert line.weights[0][1, 0] == 0.75


def test_decay_is_of_what_is_free() -> None:
    """Ridge regression with a known weight, by hand."""
    decay = 0.3
    for optimizer in (NAME, "lbfgs"):
        net = network((3, 1)).constrain("weights[0][1, 0]", 5.0).constrain("biases", 0.0)
        net.fit(X, Y, epochs=200, optimizer=optimizer, weight_decay=decay)
        A, left = X[:, [0, 2]], Y[:, 0] - 5.0 * X[:, 1]
        wanted = np.linalg.solve(2 * A.T @ A / 90 + decay * np.eye(2), 2 * A.T @ left / 90)
        np.testing.assert_allclose(net.weights[0][[0, 2], 0], wanted, rtol=1e-4)
        assert net.weights[0][1, 0] == 5.0


# What has a range


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6))
def test_linear_models_within_bounds_are_those_of_lsq_linear(seed: int) -> None:
    random = np.random.default_rng(seed)
    A, y = random.normal(size=(40, 6)), random.normal(size=40)
    ends = np.sort(random.normal(size=(2, 6)), axis=0)
    ends[0, random.random(6) < 0.3] = -np.inf
    ends[1, random.random(6) < 0.3] = np.inf
    net = network((6, 1), seed=0).constrain("biases", 0.0)
    for k, (low, high) in enumerate(ends.T):
        net.constrain(f"weights[0][{k}, 0]", (low, high))
    history = net.fit(A, y, epochs=300, optimizer=NAME)
    wanted = optimize.lsq_linear(A, y, bounds=tuple(ends), method="bvls", tol=1e-14)
    np.testing.assert_allclose(net.weights[0][:, 0], wanted.x, atol=1e-9)
    assert history[-1]["largest_slope"] < 1e-8
    assert history.stopped != "all epochs done"


CURVES = {
    "end value too low": ("weights[1][0, 0]", (None, 65.0)),
    "steeper than it is": ("weights[0][0, 0]", (0.08, None)),
    "between": ("biases[0][0]", (-2.5, -2.0)),
    "not at the bound": ("weights[1][0, 0]", (0.0, 100.0)),
}
AGE = np.array([9.0, 14.0, 21.0, 28.0, 42.0, 57.0, 63.0, 70.0, 79.0])
YIELD = np.array([8.93, 10.80, 18.59, 22.33, 39.35, 56.11, 61.73, 64.62, 67.08])


@pytest.mark.parametrize("case", CURVES)
def test_bounded_curves_end_where_scipy_does(case: str) -> None:
    name, ends = CURVES[case]
    net = network((1, 1, 1), activation="sigmoid", bias=[True, False])
    net.parameters = [0.1, 60.0, -2.2, 0.0]
    net.constrain(name, ends)
    start, bounds = net.parameters.copy()[:3], np.array(net.bounds)[:, :3]

    def away(p: Any) -> Any:
        return p[1] / (1 + np.exp(-p[0] * AGE - p[2])) - YIELD

    strict = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15, "x_scale": "jac"}
    inner = np.clip(start, bounds[0] + 1e-6, bounds[1] - 1e-6)
    wanted = optimize.least_squares(away, inner, bounds=tuple(bounds), method="trf", **strict)
    net.fit(AGE[:, None], YIELD, epochs=500, optimizer=NAME)
    np.testing.assert_allclose(net.parameters[:3], wanted.x, rtol=1e-5)
    assert np.sum(away(net.parameters[:3]) ** 2) <= 2 * wanted.cost * (1 + 1e-10)
    found = summarize(net, AGE[:, None], YIELD)
    assert found.at_bounds == ([] if case.startswith("not") else [name])
    assert ("at a bound, and" in str(found)) == (not case.startswith("not"))
    assert found.to_minimum < 1e-3


@pytest.mark.parametrize("seed", range(6))
def test_no_feasible_step_of_scipy_lowers_the_loss_of_a_bounded_network(seed: int) -> None:
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(80, 2))
    y = np.sin(inputs[:, 0]) - 0.5 * inputs[:, 1] ** 2 + 0.1 * random.normal(size=80)
    net = network((2, 3, 1), seed=seed)
    net.constrain("weights[1]", (-1.0, 1.0)).constrain("weights[0]", (-1.5, 1.5))
    net.fit(inputs, y, epochs=1000, optimizer=NAME)
    low, high = np.array(net.bounds)
    assert np.all((net.parameters >= low) & (net.parameters <= high))
    assert np.any((net.parameters == low) | (net.parameters == high))
    trial = network((2, 3, 1))

    def away(p: Any) -> Any:
        trial.parameters = p
        return trial.predict(inputs)[:, 0] - y

    def slopes(p: Any) -> Any:
        trial.parameters = p
        return score_jacobian(trial, inputs)[:, 0]

    before = 0.5 * np.sum(away(net.parameters) ** 2)
    inner = np.clip(net.parameters, low + 1e-9, high - 1e-9)
    again = optimize.least_squares(away, inner, slopes, bounds=(low, high), method="trf")
    assert again.cost >= before * (1 - 1e-5)


def test_the_loss_never_rises_within_bounds() -> None:
    net = network().constrain("weights", (-0.4, 0.4)).constrain("biases[0][0]")
    losses = net.fit(X, Y, epochs=60, optimizer=NAME).column("loss")
    assert all(after <= before for before, after in pairwise(losses))
    assert np.all(np.abs(net.parameters[: net.passes.weight_count]) <= 0.4)


def test_classifiers_fit_within_bounds_as_scipy_fits_them() -> None:
    inputs, labels = small_problems.yes_or_no(rows=80)
    labels[:12] = 1 - labels[:12]
    net = network((3, 1), loss="logistic").constrain("weights", (None, 0.5))
    net.fit(inputs, labels, epochs=100, optimizer=NAME)

    def loss(p: Any) -> float:
        scores = inputs @ p[:3] + p[3]
        return float(np.mean(np.logaddexp(0, scores) - labels * scores))

    wanted = optimize.minimize(
        loss, np.zeros(4), bounds=[(None, 0.5)] * 3 + [(None, None)], tol=1e-12
    )
    np.testing.assert_allclose(net.parameters, wanted.x, atol=1e-5)


def test_a_start_at_the_best_place_within_bounds_ends_there() -> None:
    net = network((3, 1)).constrain("weights", (0.0, 0.1)).constrain("biases", (0.0, 0.1))
    net.fit(X, Y, epochs=50, optimizer=NAME)
    before = net.parameters.copy()
    history = net.fit(X, Y, epochs=50, optimizer=NAME)
    np.testing.assert_array_equal(net.parameters, before)
    assert history.stopped != "all epochs done"


class Broken(Callback):
    def on_epoch_begin(self, training: Any) -> None:
        if training.epoch == 5:
            raise KeyError


def test_a_bounded_fit_that_was_broken_off_goes_on_to_the_last_bit(tmp_path: Any) -> None:
    whole, first, second = (network().constrain("weights", (-0.5, 0.5)) for _ in range(3))
    whole.fit(X, Y, epochs=8, optimizer=NAME)
    options = {"epochs": 8, "optimizer": NAME}

    with pytest.raises(KeyError):
        first.fit(X, Y, callbacks=[Checkpoint(tmp_path), Broken()], **options)
    second.fit(X, Y, resume=tmp_path, **options)
    np.testing.assert_array_equal(second.parameters, whole.parameters)


@pytest.mark.parametrize("optimizer", ["lbfgs", "bayesian_regularization"])
def test_others_refuse_a_range_and_say_what_takes_one(optimizer: str) -> None:
    net = network().constrain("weights[1]", (0.0, None)).constrain("biases")
    with pytest.raises(ValueError, match=r"range .*weights\[1\].*levenberg_marquardt.*adam"):
        net.fit(X, Y, epochs=2, optimizer=optimizer)
    net.constrain("weights[1]", 0.5).fit(X, Y, epochs=2, optimizer=optimizer)
    assert np.all(net.weights[1] == 0.5)


def test_bayesian_regularization_says_so_before_restarts() -> None:
    net = network().constrain("weights[1]", (0.0, None))
    before = net.parameters.copy()
    with pytest.raises(ValueError, match="range"):
        net.fit(X, Y, epochs=2, optimizer=BayesianRegularization(), restarts=3)
    np.testing.assert_array_equal(net.parameters, before)
    assert len(net.history) == 0
