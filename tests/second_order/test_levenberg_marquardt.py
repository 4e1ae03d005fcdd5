"""Levenberg-Marquardt ends where certified values and other packages say, or says why not."""

import tracemalloc
from pathlib import Path
from typing import Any

import nist
import numpy as np
import pytest
import small_problems
from killing import Kill
from numpy.typing import NDArray

pytest.importorskip("sklearn", reason="to compare with")

from sklearn import linear_model as sk

from glassnet import LBFGS, DivergenceError, Fleet, Network, OwnLoss
from glassnet.callbacks import Checkpoint
from glassnet.inference import summarize
from glassnet.losses import LOSSES
from glassnet.second_order import LevenbergMarquardt
from glassnet.second_order import training as solvers
from glassnet.second_order.damped import LOWEST, solve

Array = NDArray[Any]
NAME = "levenberg_marquardt"
X, Y = small_problems.amounts(rows=90)
EXACT = LBFGS(tolerance=1e-11, loss_tolerance=0)


def network(layers: Any = (3, 5, 1), **options: Any) -> Network:
    return Network(layers, **{"activation": "tanh", "dtype": "float64", "seed": 3, **options})


def trained(X: Any = X, y: Any = Y, net: Network | None = None, **options: Any) -> Network:
    net = net or network()
    net.fit(X, y, **{"optimizer": NAME, "epochs": 15, **options})
    return net


# Certified values


DANWOOD = nist.Reference(
    np.array([[1.0, 5.0], [0.7, 4.0]]),
    np.array([7.6886226176e-01, 3.8604055871e00]),
    np.array([1.8281973860e-02, 5.1726610913e-02]),
    4.3173084083e-03,
    np.log([[1.309], [1.471], [1.490], [1.565], [1.611], [1.680]]),
    np.array([2.138, 3.421, 3.597, 4.340, 4.882, 5.660]),
)
"""NIST's set of that name, in the public domain."""


def certified(name: str, reference: nist.Reference, start: int, scaling: str) -> None:
    """Eight digits of parameters and residual sum of squares, seven of standard errors."""
    net = nist.network(name, reference.starts[start])
    optimizer = LevenbergMarquardt(scaling=scaling)
    history = net.fit(reference.X, reference.y, epochs=2000, optimizer=optimizer)
    assert history.stopped != "all epochs done"
    wanted = nist.flat(name, reference.parameters)
    np.testing.assert_allclose(net.parameters, wanted, rtol=1e-8, atol=0)
    squares = float(((net.predict(reference.X)[:, 0] - reference.y) ** 2).sum())
    assert squares == pytest.approx(reference.squares, rel=1e-8)
    errors = np.abs(nist.flat(name, reference.errors))
    found = summarize(net, reference.X, reference.y)
    np.testing.assert_allclose(found.standard_errors, errors[wanted != 0], rtol=1e-7)
    assert found.residual_sum_of_squares == pytest.approx(reference.squares, rel=1e-8)


@pytest.mark.parametrize("scaling", ["equal", "curvature"])
@pytest.mark.parametrize("start", [0, 1])
def test_the_small_certified_set_is_reached(start: int, scaling: str) -> None:
    certified("DanWood", DANWOOD, start, scaling)


@pytest.mark.skipif(not nist.FOLDER.is_dir(), reason="NIST's files are not beside the checkout")
@pytest.mark.parametrize("scaling", ["equal", "curvature"])
@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", nist.MODELS)
def test_certified_values_are_reached_from_both_starts(name: str, start: int, scaling: str) -> None:
    certified(name, nist.read(name), start, scaling)


# Minima known otherwise


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_a_quadratic_is_solved_in_a_few_steps(decay: float) -> None:
    """(mean squared error + decay/2 x squares) against its normal equations."""
    X, Y = small_problems.amounts(rows=200, columns=4, outputs=2)
    net = trained(X, Y, network((4, 2)), epochs=100, weight_decay=decay)
    ones = np.column_stack([X, np.ones(len(X))])
    penalty = decay / 2 * 2 * len(X) * np.diag([1.0, 1.0, 1.0, 1.0, 0.0])  # a mean of two columns
    wanted = np.linalg.solve(ones.T @ ones + penalty, ones.T @ Y)
    np.testing.assert_allclose(np.vstack([net.weights[0], net.biases[0]]), wanted, atol=1e-12)
    assert net.history.stopped.startswith("the slope is within the tolerance")
    assert len(net.history) < 10


def noisy_classes(rows: int = 120) -> tuple[Array, Array]:
    X, y = small_problems.three_classes(rows)
    random = np.random.default_rng(1)
    return X, np.where(random.random(rows) < 0.3, random.integers(0, 3, rows), y)


def noisy_flags(rows: int = 120) -> tuple[Array, Array]:
    X, y = small_problems.yes_or_no(rows)
    return X, np.where(np.random.default_rng(2).random(rows) < 0.2, 1 - y, y)


def counts(rows: int = 120) -> tuple[Array, Array]:
    X, y = small_problems.amounts(rows)
    return X, np.random.default_rng(3).poisson(np.exp(y)).astype(float)


def positive(rows: int = 120) -> tuple[Array, Array]:
    X, y = small_problems.amounts(rows)
    return X, np.random.default_rng(3).gamma(2.0, np.exp(y) / 2.0)


def noisy(rows: int = 120) -> tuple[Array, Array]:
    X, y = small_problems.amounts(rows)
    return X, y + 0.3 * np.random.default_rng(4).normal(size=y.shape)


PROBLEMS: dict[str, Any] = {
    "squared_error": (1, noisy),
    "huber": (1, noisy),
    "poisson": (1, counts),
    "gamma": (1, positive),
    "gaussian": (2, noisy),
    "logistic": (1, noisy_flags),
    "softmax_cross_entropy": (3, noisy_classes),
}


def test_every_loss_that_has_curvature_has_a_problem() -> None:
    assert {*PROBLEMS, "absolute_error", "pinball"} == set(LOSSES)


@pytest.mark.parametrize("name", PROBLEMS)
def test_without_a_hidden_layer_the_optimum_is_that_of_lbfgs(name: str) -> None:
    outputs, problem = PROBLEMS[name]
    X, y = problem()
    nets = [network((3, outputs), loss=LOSSES[name]) for _ in range(2)]
    trained(X, y, nets[0], epochs=500, weight_decay=0.02)
    trained(X, y, nets[1], epochs=2000, weight_decay=0.02, optimizer=EXACT)
    np.testing.assert_allclose(nets[0].parameters, nets[1].parameters, atol=1e-7)
    assert nets[0].history[-1]["largest_slope"] < 1e-9
    assert len(nets[0].history) < 60


def objective(net: Network, decay: float) -> float:
    weights = net.parameters[: net.passes.weight_count]
    return float(net.history[-1]["loss"] + 0.5 * decay * (weights @ weights))


@pytest.mark.parametrize("scaling", ["equal", "curvature"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_with_a_hidden_layer_lbfgs_finds_nothing_lower_nearby(name: str, scaling: str) -> None:
    outputs, problem = PROBLEMS[name]
    X, y = problem()
    net = network((3, 3, outputs), loss=LOSSES[name])
    optimizer = LevenbergMarquardt(scaling=scaling)
    first = trained(X, y, net, epochs=1000, weight_decay=0.03, optimizer=optimizer).history
    assert first.stopped != "all epochs done"
    assert first[-1]["largest_slope"] < 1e-6
    here = objective(net, 0.03)
    trained(X, y, net, epochs=3000, weight_decay=0.03, optimizer=EXACT)
    assert objective(net, 0.03) == pytest.approx(here, rel=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", ["poisson", "gamma", "logistic", "softmax_cross_entropy"])
def test_generalised_linear_models_are_those_of_scikit_learn(name: str, weighted: bool) -> None:
    outputs, problem = PROBLEMS[name]
    X, y = problem()
    weights = np.random.default_rng(0).uniform(0.2, 3.0, len(X)) if weighted else None
    exact: dict[str, Any] = {"solver": "newton-cholesky", "tol": 1e-10, "max_iter": 1000}
    models: dict[str, Any] = {
        "poisson": sk.PoissonRegressor(alpha=0.0, **exact),
        "gamma": sk.GammaRegressor(alpha=0.0, **exact),
    }
    model = models.get(name) or sk.LogisticRegression(C=1e12, **exact)
    model.fit(X, np.ravel(y), sample_weight=weights)
    net = network((3, outputs), loss=name)
    trained(X, y, net, epochs=500, sample_weight=weights)
    wanted = model.predict(X)[:, None] if name in models else model.predict_proba(X)
    found = net.predict(X)
    if outputs == 1 and name == "logistic":
        wanted = wanted[:, 1:]
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-9)


def half_squares(scores: Array, targets: Array) -> Array:
    return np.asarray(0.5 * (scores - targets) ** 2)


def half_slopes(scores: Array, targets: Array) -> Array:
    return np.asarray(scores - targets)


def test_an_own_loss_of_half_squares_ends_where_squares_do() -> None:
    own = network(loss=OwnLoss("half squares", half_squares, half_slopes))
    X, y = noisy()
    trained(X, y, own, epochs=500, weight_decay=0.005)
    trained(X, y, usual := network(), epochs=500, weight_decay=0.01)
    np.testing.assert_allclose(own.parameters, usual.parameters, atol=1e-6)


# Rows, weights, targets


def test_a_row_of_weight_2_is_the_row_twice_and_one_of_weight_0_is_absent() -> None:
    weights = np.resize([2.0, 1.0, 0.0], 90)
    weighted = trained(sample_weight=weights, weight_decay=0.01)
    repeated = np.repeat(np.arange(90), weights.astype(int))
    plain = trained(X[repeated], Y[repeated], weight_decay=0.01)
    np.testing.assert_allclose(weighted.parameters, plain.parameters, atol=1e-9)


def test_targets_that_are_not_known_have_no_say() -> None:
    """In a linear network each column of targets has least squares of its own."""
    X, Y = small_problems.amounts(rows=80, outputs=2)
    gaps = Y.copy()
    gaps[::3, 0] = gaps[5:20, 1] = gaps[40] = np.nan
    net = trained(X, gaps, network((3, 2)), epochs=100, missing="mask")
    for column in range(2):
        known = ~np.isnan(gaps[:, column])
        ones = np.column_stack([X, np.ones(len(X))])[known]
        wanted = np.linalg.lstsq(ones, gaps[known, column], rcond=None)[0]
        found = [*net.weights[0][:, column], net.biases[0][column]]
        np.testing.assert_allclose(found, wanted, atol=1e-11)


def test_a_row_without_a_known_target_is_absent() -> None:
    X, Y = small_problems.amounts(rows=80, outputs=2)
    gaps = Y.copy()
    gaps[:20] = np.nan
    masked = trained(X, gaps, network((3, 4, 2)), missing="mask", weight_decay=0.01)
    plain = trained(X[20:], Y[20:], network((3, 4, 2)), weight_decay=0.01)
    np.testing.assert_allclose(masked.parameters, plain.parameters, atol=1e-9)


def test_several_outputs_without_shared_weights_are_several_networks() -> None:
    """Two tanh units, each on an output of its own, in one network and in two."""
    X, Y = noisy(), small_problems.amounts(rows=120, outputs=2)[1]
    net = trained(X[0], Y, network((3, 2)), epochs=50)
    for column in range(2):
        alone = trained(X[0], Y[:, column], network((3, 1)), epochs=50)
        np.testing.assert_allclose(net.weights[0][:, [column]], alone.weights[0], atol=1e-12)


def test_standardized_columns_give_the_same_predictions_of_a_linear_network() -> None:
    X, y = noisy()
    far = 1e4 + 1e3 * X
    net = trained(far, y, network((3, 1)), epochs=50, standardize=True)
    np.testing.assert_allclose(
        net.predict(far), trained(X, y, network((3, 1)), epochs=50).predict(X), atol=1e-9
    )


# The way down


def test_the_loss_never_rises_and_the_record_is_that_of_the_end() -> None:
    X, y = noisy(200)
    net = trained(X, y, network((3, 8, 1)), epochs=300)
    losses = np.array(net.history.column("loss"))
    assert (np.diff(losses) <= 1e-12 * losses[1:]).all()
    assert losses[-1] == pytest.approx(net.evaluate(X, y)["loss"], rel=1e-12)
    assert net.history.column("learning_rate")[0] == 1.0
    assert all(record["damping"] > 0 for record in net.history)


def test_damping_by_curvature_does_not_depend_on_the_unit_of_an_input() -> None:
    factors = np.array([1e3, 1.0, 1e-2])
    losses = {}
    for scaling in ("curvature", "equal"):
        nets = [network(), network()]
        nets[1].weights[0][:] /= factors[:, None]
        optimizer = LevenbergMarquardt(scaling=scaling)
        trained(X, Y, nets[0], optimizer=optimizer)
        trained(X * factors, Y, nets[1], optimizer=optimizer)
        losses[scaling] = [net.history.column("loss") for net in nets]
    np.testing.assert_allclose(*losses["curvature"], rtol=1e-6)
    assert not np.allclose(*losses["equal"], rtol=1e-2)


def test_large_damping_at_first_means_short_steps() -> None:
    lengths = []
    for damping in (1e-3, 1e3):
        net = network()
        before = net.parameters.copy()
        trained(net=net, epochs=1, optimizer=LevenbergMarquardt(damping=damping))
        lengths.append(np.linalg.norm(net.parameters - before))
    assert lengths[1] < 0.1 * lengths[0]


ENDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the slope is within the tolerance of 0.01": ({"tolerance": 0.01}, {}),
    "in 3 steps the loss fell by less than 0.5 of itself": ({"loss_tolerance": 0.5}, {}),
    LOWEST: ({"tolerance": 0, "loss_tolerance": 0}, {"net": network((3, 1))}),
    "all epochs done": ({}, {"epochs": 2}),
    "target loss of 0.1 reached": ({}, {"target_loss": 0.1}),
    "time limit of 1e-09 s reached": ({}, {"time_limit": 1e-9}),
}


@pytest.mark.parametrize("words", ENDS)
def test_ends_are_told_in_words(words: str) -> None:
    settings, options = ENDS[words]
    options = {"epochs": 500, **options}
    net = trained(optimizer=LevenbergMarquardt(**settings), **options)
    assert net.history.stopped == words


def test_a_perfect_fit_ends_with_a_loss_of_0() -> None:
    net = trained(X, 0 * Y, network((3, 1), loss="squared_error"), epochs=200)
    assert net.history.stopped == "the loss is 0"
    assert net.history[-1]["loss"] == 0.0


def test_at_the_minimum_nothing_is_done() -> None:
    X, y = noisy()
    net = trained(X, y, network((3, 1)), epochs=100)
    before = net.parameters.copy()
    again = trained(X, y, net, epochs=100).history
    np.testing.assert_allclose(net.parameters, before, rtol=1e-12)
    assert len(again) < 12
    assert "within the tolerance" in again.stopped or again.stopped == LOWEST


def test_validation_and_early_stopping_end_it_and_keep_the_best() -> None:
    random = np.random.default_rng(0)
    X, y = random.normal(size=(60, 3)), random.normal(size=60)
    net = trained(X, y, network((3, 12, 1)), epochs=500, validation_split=0.4, early_stopping=4)
    assert net.history.stopped == "no better val_loss in 4 epochs"
    assert len(net.history) < 100


def test_restarts_are_no_worse_than_the_first_start() -> None:
    X, y = noisy()
    best = trained(X, y, network((3, 2, 1)), epochs=60, restarts=4)
    alone = trained(X, y, network((3, 2, 1)), epochs=60)
    assert best.evaluate(X, y)["loss"] <= alone.evaluate(X, y)["loss"]


def test_a_fleet_trains_each_member_as_alone() -> None:
    decays, dampings = [1e-3, 1e-1, 1.0], [1e-3, 1.0, 10.0]
    fleet = Fleet([3, 5, 1], members=3, activation="tanh", dtype="float64", seed=4)
    alone = [fleet[i] for i in range(3)]
    many = LevenbergMarquardt(weight_decay=decays, damping=dampings)  # type: ignore[arg-type]  # in a fleet one for each
    history = fleet.fit(X, Y, optimizer=many, epochs=10)
    for number, net in enumerate(alone):
        one = LevenbergMarquardt(weight_decay=decays[number], damping=dampings[number])
        trained(net=net, optimizer=one, epochs=10)
        np.testing.assert_array_equal(fleet.parameters[number], net.parameters)
        assert list(history.member(number)) == list(net.history)


# The dtype


@pytest.mark.parametrize("restarts", [1, 2])
def test_a_float32_network_becomes_a_float64_one_and_goes_the_same_way(restarts: int) -> None:
    net = network(dtype="float32")
    start = net.parameters.copy()
    wanted = network()
    wanted.parameters = start
    trained(net=net, epochs=10, restarts=restarts)
    assert net.dtype == net.parameters.dtype == net.weights[0].dtype == np.float64
    assert net.predict(X).dtype == np.float64
    if restarts == 1:
        np.testing.assert_array_equal(net.parameters, trained(net=wanted, epochs=10).parameters)
    trained(net=net, epochs=3, optimizer="adam")
    assert net.parameters.dtype == np.float64


def test_a_fleet_of_float32_becomes_one_of_float64() -> None:
    fleet = Fleet([3, 5, 1], members=2, activation="tanh", seed=4)
    fleet.fit(X, Y, optimizer=NAME, epochs=3)
    assert fleet.dtype == fleet.parameters.dtype == fleet[0].dtype == np.float64


# Going on


@pytest.mark.parametrize("scaling", ["equal", "curvature"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("every", [{"every_epochs": 1}, {"every_batches": 1}])
def test_a_training_killed_at_any_step_goes_on_to_the_last_bit(
    every: Any, dtype: str, scaling: str, tmp_path: Path
) -> None:
    X, y = noisy(40)
    optimizer = LevenbergMarquardt(scaling=scaling, loss_tolerance=1e-2)
    options: dict[str, Any] = {"optimizer": optimizer, "weight_decay": 1e-3, "epochs": 40}
    whole = trained(X, y, network(dtype=dtype), **options)
    assert whole.history.stopped.startswith("in 3 steps")
    last = len(whole.history)
    for step in (1, 2, 5, last - 1, last):
        folder = tmp_path / str(step)
        callbacks = [Checkpoint(folder, **every), Kill(step)]
        with pytest.raises(SystemExit):
            trained(X, y, network(dtype=dtype), callbacks=callbacks, **options)
        if not any(folder.glob("*.safetensors")):  # killed before the first epoch's end
            continue
        found = trained(X, y, network(dtype=dtype), resume=folder, **options)
        np.testing.assert_array_equal(found.parameters, whole.parameters)
        assert list(found.history) == list(whole.history)
        assert found.history.stopped == whole.history.stopped


# What cannot be determined, and what is not finite


def test_a_dead_unit_stays_where_it_is_and_the_others_learn() -> None:
    net = network((3, 4, 1), activation="relu")
    net.biases[0][1] = -100.0
    dead = net.weights[0][:, 1].copy()
    trained(net=net, epochs=200)
    assert net.history[-1]["loss"] < 0.3 * net.history[0]["loss"]
    assert net.biases[0][1] == -100.0
    np.testing.assert_array_equal(net.weights[0][:, 1], dead)


def test_where_all_units_are_dead_nothing_moves() -> None:
    net = network((3, 4, 1), activation="relu", bias=[True, False])
    net.biases[0][:] = -100.0
    before = net.parameters.copy()
    trained(net=net)
    np.testing.assert_array_equal(net.parameters, before)
    assert net.history.stopped == LOWEST


@pytest.mark.parametrize("scaling", ["equal", "curvature"])
def test_columns_that_say_the_same_give_the_predictions_of_one(scaling: str) -> None:
    X, y = noisy()
    twice = np.column_stack([X, X[:, 0], np.zeros(len(X))])
    optimizer = LevenbergMarquardt(scaling=scaling)
    net = trained(twice, y, network((5, 1)), epochs=100, optimizer=optimizer)
    wanted = trained(X, y, network((3, 1)), epochs=100).predict(X)
    np.testing.assert_allclose(net.predict(twice), wanted, atol=1e-9)
    assert np.abs(net.parameters).max() < 10.0


def test_more_parameters_than_rows_is_a_fit_like_any_other() -> None:
    X, y = noisy(12)
    net = trained(X, y, network((3, 30, 1)), epochs=200)
    assert net.history[-1]["loss"] < 1e-20
    assert np.isfinite(net.parameters).all()


def test_a_start_that_overflows_is_told_and_kept() -> None:
    x = np.linspace(0.0, 800.0, 30)[:, None]
    net = Network([1, 1, 1], activation="exp", dtype="float64", seed=0)
    net.weights[0][:] = 1.0
    before = net.parameters.copy()
    words = "LevenbergMarquardt cannot go on in epoch 1: the loss is inf"
    with pytest.raises(DivergenceError, match=words):
        trained(x, np.exp(-x / 300.0), net)
    np.testing.assert_array_equal(net.parameters, before)
    assert net.history.stopped == "diverged"


def relative(scores: Array, targets: Array) -> Array:
    return np.asarray(targets / scores + np.log(scores))  # which is nan below 0


def relative_slopes(scores: Array, targets: Array) -> Array:
    return np.asarray((scores - targets) / scores**2)


@pytest.mark.parametrize("scaling", ["equal", "curvature"])
def test_where_nothing_has_curvature_steps_go_along_the_slope(scaling: str) -> None:
    """All rows far out on a Huber loss, which is straight there."""
    X, y = noisy()
    nets = [network((3, 1), loss="huber") for _ in range(2)]
    optimizer = LevenbergMarquardt(scaling=scaling)
    history = trained(X, y + 300.0, nets[0], epochs=200, optimizer=optimizer).history
    trained(X, y + 300.0, nets[1], epochs=2000, optimizer=EXACT)
    assert len(history) < 60
    np.testing.assert_allclose(nets[0].parameters, nets[1].parameters, atol=1e-7)


def test_steps_to_where_the_loss_is_not_finite_are_stepped_back_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[float] = []
    usual = solvers.SolverTraining.evaluate

    def watched(self: Any, batch: Any) -> float:
        seen.append(usual(self, batch))
        return seen[-1]

    monkeypatch.setattr(solvers.SolverTraining, "evaluate", watched)
    net = network((3, 1), loss=OwnLoss("relative", relative, relative_slopes))
    net.parameters[...] = [0.0, 0.0, 0.0, 8.0]
    trained(X, np.exp(0.3 * Y), net, epochs=100)
    assert not np.isfinite(seen).all()
    assert np.isfinite(net.parameters).all()
    assert np.all(np.diff(net.history.column("loss")) <= 1e-12)
    assert net.history[-1]["largest_slope"] < 1e-8


def squares(scores: Array, targets: Array) -> Array:
    return np.asarray((scores - targets) ** 2)


def slopes_up_to_5(scores: Array, targets: Array) -> Array:
    return np.where(scores < 5.0, 2.0 * (scores - targets), np.nan)


def test_steps_to_where_the_slope_is_not_finite_are_stepped_back_from() -> None:
    net = network((3, 1), loss=OwnLoss("broken", squares, slopes_up_to_5))
    net.parameters[...] = 0.0
    trained(X, Y + 8.0, net, epochs=100)
    assert (net.predict(X) < 5.0).all()
    assert 1.0 < net.biases[0][0] < 5.0
    assert all(np.isfinite(record["largest_slope"]) for record in net.history)


def test_a_matrix_without_an_inverse_gives_no_step() -> None:
    assert np.isnan(solve(np.ones((2, 2)), np.zeros(2), np.ones(2))).all()
    wanted = [-0.25, -0.25]
    np.testing.assert_allclose(solve(np.eye(2), np.ones(2), np.full(2, 0.5)), wanted)


def test_where_no_step_can_be_computed_the_parameters_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    net = network()
    before = net.parameters.copy()
    monkeypatch.setattr(
        "glassnet.second_order.damped.solve",
        lambda curvature, damping, slopes: np.full(len(slopes), np.nan),
    )
    trained(net=net)
    np.testing.assert_array_equal(net.parameters, before)
    assert net.history.stopped == LOWEST
    assert net.history[0]["loss"] == pytest.approx(net.evaluate(X, Y)["loss"], rel=1e-12)


# Refusals


def test_matrices_beyond_the_memory_are_refused_before_anything_is_allocated() -> None:
    net = Network([2000, 200, 1], loss="squared_error", seed=0)
    wide, y = np.zeros((5, 2000), np.float32), np.arange(5.0)
    before = net.parameters
    words = r"LevenbergMarquardt works with \d matrices of 400,401 x 400,401 numbers.*[\d,.]+ GiB"
    tracemalloc.start()
    with pytest.raises(ValueError, match=words):
        trained(wide, y, net)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 500_000
    assert net.parameters is before
    with pytest.raises(ValueError, match="or optimizer='lbfgs' or 'adam'"):
        trained(wide, y, net, restarts=2)
    assert net.parameters is before
    fleet = Fleet([2000, 200, 1], members=2, loss="squared_error", seed=0)
    with pytest.raises(ValueError, match="this machine has"):
        fleet.fit(wide, y, optimizer=NAME, epochs=1)
    assert fleet.dtype == np.float32


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "learning_rate": ({}, {"learning_rate": 0.1}, "learning_rate does not apply to Levenberg"),
    "schedule": ({}, {"schedule": "cosine"}, "schedule does not apply to LevenbergMarquardt"),
    "batch_size": ({}, {"batch_size": 10}, "needs all rows in one batch; got batch_size=10"),
    "dropout": ({"dropout": 0.5}, {}, "LevenbergMarquardt needs a loss .* no dropout"),
    "batches": ({}, {"X": [(X, Y)], "y": None}, "got an iterable of batches. Pass arrays X and y"),
    "pinball": ({"loss": "pinball"}, {}, "'pinball' is made of straight lines and has no curvatur"),
    "absolute": ({"loss": "absolute_error"}, {}, r"absolute_error.* Use optimizer='lbfgs', or"),
    "targets": ({}, {"y": Y[:50]}, "y"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_meaning_is_refused_in_words_and_nothing_is_changed(name: str) -> None:
    settings, options, words = REFUSED[name]
    net = network(dtype="float32", **settings)
    before, parameters = small_problems.state(net), net.parameters
    with pytest.raises(ValueError, match=words):
        trained(**{**options, "net": net})
    assert repr(small_problems.state(net)) == repr(before)
    assert net.parameters is parameters
    assert net.dtype == np.float32
    assert np.shares_memory(net.weights[0], parameters)
    if "loss" not in settings and "dropout" not in settings:
        trained(net=net, epochs=1)  # and it can be trained


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"damping": 0}, "damping must be a finite number above 0; got 0"),
        ({"damping": -1.0}, "damping must be a finite number above 0; got -1.0"),
        ({"damping": np.inf}, "damping must be a finite number above 0; got inf"),
        ({"tolerance": -1.0}, "tolerance must be a finite number of at least 0; got -1.0"),
        ({"loss_tolerance": np.nan}, "loss_tolerance must be a finite number of at least 0"),
        ({"scaling": "curvture"}, r"scaling must be one of equal, curvature.*'curvature'\?"),
        ({"l1": 0.1}, "l1 must be 0 for LevenbergMarquardt, which needs a smooth loss; got 0.1"),
    ],
)
def test_settings_are_checked(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        LevenbergMarquardt(**settings)
