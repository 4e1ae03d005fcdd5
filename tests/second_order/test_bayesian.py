"""Bayesian regularisation finds the precisions that maximise the evidence, as others do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_problems
from killing import Kill
from numpy.typing import NDArray

pytest.importorskip("sklearn", reason="to compare with")

from sklearn.linear_model import BayesianRidge

from glassnet import Fleet, Network, OwnLoss
from glassnet.callbacks import Checkpoint
from glassnet.core.passes import Batch
from glassnet.losses import LOSSES, Huber, SquaredError
from glassnet.second_order import BayesianRegularization
from glassnet.second_order.bayesian import evidence
from glassnet.second_order.curvature import gauss_newton

Array = NDArray[Any]
NAME = "bayesian_regularization"


def network(layers: Any = (3, 5, 1), **options: Any) -> Network:
    return Network(layers, **{"activation": "tanh", "dtype": "float64", "seed": 3, **options})


def trained(X: Any, y: Any, net: Network | None = None, **options: Any) -> Network:
    net = net or network()
    net.fit(X, y, **{"optimizer": NAME, "epochs": 500, **options})
    return net


def noisy(rows: int = 120, columns: int = 3, outputs: int = 1) -> tuple[Array, Array]:
    X, y = small_problems.amounts(rows, columns, outputs)
    return X, y + 0.3 * np.random.default_rng(4).normal(size=y.shape)


# No hidden layer


def linear(seed: int, rows: int, columns: int) -> tuple[Array, Array]:
    """Inputs of different spreads and means; a third of them say something."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, columns)) * np.linspace(0.5, 2.0, columns) + 0.7
    says = np.arange(columns) % 3 == 0
    effects = random.uniform(1.0, 2.0, columns) * random.choice([-1.0, 1.0], columns) * says
    return X, X @ effects + 2.0 + random.normal(size=rows)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("rows", "columns"), [(100, 5), (60, 1), (50, 20), (30, 33), (400, 12)])
def test_a_network_without_hidden_layer_reaches_the_fixed_point_of_bayesian_ridge(
    rows: int, columns: int, seed: int
) -> None:
    X, y = linear(seed, rows, columns)
    flat = {"alpha_1": 0.0, "alpha_2": 0.0, "lambda_1": 0.0, "lambda_2": 0.0}
    reference = BayesianRidge(tol=1e-14, max_iter=20_000, compute_score=True, **flat).fit(X, y)
    net = trained(X, y, network((columns, 1)), epochs=3000)
    assert net.history.stopped != "all epochs done"
    found = net.history[-1]
    np.testing.assert_allclose(net.weights[0][:, 0], reference.coef_, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(net.biases[0], reference.intercept_, rtol=1e-6, atol=1e-6)
    assert found["noise_precision"] == pytest.approx(reference.alpha_, rel=1e-6)
    assert found["weight_precision"] == pytest.approx(reference.lambda_, rel=1e-6)
    sizes = np.linalg.svd(X - X.mean(axis=0), compute_uv=False) ** 2
    effective = (reference.alpha_ * sizes / (reference.lambda_ + reference.alpha_ * sizes)).sum()
    assert found["effective_parameters"] == pytest.approx(effective, rel=1e-6, abs=1e-6)
    # Theirs is that of centred data; ours has the intercept, with a flat prior.
    intercept = 0.5 * np.log(found["noise_precision"] * rows / (2.0 * np.pi))
    assert found["log_evidence"] == pytest.approx(reference.scores_[-1] - intercept, abs=1e-5)


def test_row_weights_are_rows_seen_so_often() -> None:
    X, y = noisy()
    weights = np.resize([2.0, 1.0, 0.0, 3.0], len(X))
    again = np.repeat(np.arange(len(X)), weights.astype(int))
    one = trained(X, y, network((3, 1)), sample_weight=weights)
    other = trained(X[again], y[again], network((3, 1)))
    np.testing.assert_allclose(one.parameters, other.parameters, atol=1e-9)
    for name in ("noise_precision", "weight_precision", "effective_parameters", "log_evidence"):
        assert one.history[-1][name] == pytest.approx(other.history[-1][name], rel=1e-8)


def test_several_outputs_share_the_precisions() -> None:
    """Which are then those of MacKay's equations over all values."""
    X, Y = noisy(outputs=3)
    net = trained(X, Y, network((3, 3)))
    found = net.history[-1]
    ones = np.column_stack([X, np.ones(len(X))])
    alpha, noise = found["weight_precision"], found["noise_precision"]
    inverse = np.linalg.inv(noise * ones.T @ ones + alpha * np.diag([1.0, 1.0, 1.0, 0.0]))
    effective = 9 - 3 * alpha * np.trace(inverse[:3, :3])
    squares = ((net.predict(X) - Y) ** 2).sum()
    assert found["effective_parameters"] == pytest.approx(effective, rel=1e-8)
    assert noise == pytest.approx((Y.size - effective) / squares, rel=1e-8)
    assert alpha == pytest.approx(effective / (net.weights[0] ** 2).sum(), rel=1e-8)
    solution = noise * inverse @ ones.T @ Y
    np.testing.assert_allclose(np.vstack([net.weights[0], net.biases[0]]), solution, atol=1e-9)


# Likelihoods without noise to measure


def with_targets(name: str, columns: int = 1, rows: int = 150) -> tuple[Array, Array]:
    X, numbers = small_problems.amounts(rows, outputs=columns)
    random = np.random.default_rng(5)
    if name == "softmax_cross_entropy":
        return X, (X + random.gumbel(size=(rows, 3))).argmax(axis=1)
    if name == "logistic":
        return X, (random.random(numbers.shape) < 1 / (1 + np.exp(-numbers))).astype(int)
    if name == "poisson":
        return X, random.poisson(np.exp(numbers)).astype(float)
    if name == "gamma":
        return X, random.gamma(2.0, np.exp(numbers) / 2.0)
    return X, numbers + random.normal(size=numbers.shape)


OTHERS = ["softmax_cross_entropy", "logistic", "poisson", "gamma", "gaussian"]
SHAPES = [(name, 1) for name in OTHERS] + [("logistic", 3), ("poisson", 2), ("gaussian", 2)]


def fitted(name: str, columns: int, hidden: tuple[int, ...] = ()) -> tuple[Network, Array, Array]:
    X, y = with_targets(name, columns)
    outputs = 3 if name == "softmax_cross_entropy" else columns * LOSSES[name].statistics
    return trained(X, y, network((3, *hidden, outputs), loss=name), epochs=1000), X, y


@pytest.mark.parametrize("hidden", [(), (4,)])
@pytest.mark.parametrize(("name", "columns"), SHAPES)
def test_classes_and_counts_end_where_mackays_equation_holds(
    name: str, columns: int, hidden: tuple[int, ...]
) -> None:
    """effective = parameters that are held - alpha x trace of the inverse = alpha x sum of their
    squares, and no slope of the log posterior is left: all from sums over rows and columns."""
    net, X, y = fitted(name, columns, hidden)
    found, count = net.history[-1], net.parameters.size - net.layers[-1]
    loss = net.settled_loss("this test")
    targets = y if name == "softmax_cross_entropy" else y.reshape(len(X), -1).astype(float)
    batch, of_one = Batch(X, targets), 1.0 if targets.ndim == 1 else targets.shape[1]
    alpha = found["weight_precision"]
    bend = of_one * gauss_newton(net, loss, batch)
    np.einsum("ii->i", bend)[:count] += alpha
    inverse = np.linalg.pinv(bend, rcond=1e-12, hermitian=True)
    effective = count - alpha * np.trace(inverse[:count, :count])
    held = net.parameters[:count]
    assert found["effective_parameters"] == pytest.approx(effective, rel=1e-4)
    assert alpha == pytest.approx(effective / (held @ held), rel=1e-4)
    assert found["noise_precision"] == 1.0
    net.passes.loss_and_gradients(loss, batch, net.passes.workspace(len(X)))
    slopes = of_one * len(X) * net.gradients.copy()
    slopes[:count] += alpha * held
    assert np.abs(slopes).max() < 1e-3


# What it is for


def test_on_noise_next_to_no_weight_is_effective() -> None:
    random = np.random.default_rng(0)
    X, y = random.normal(size=(100, 20)), random.normal(size=100)
    net = trained(X, y, network((20, 1)))
    assert net.history[-1]["effective_parameters"] < 5
    hidden = trained(X, y, network((20, 10, 1)), epochs=200)
    assert hidden.history[-1]["effective_parameters"] < 0.3 * hidden.passes.weight_count
    assert hidden.history[-1]["effective_parameters"] > 0
    assert hidden.history[-1]["noise_precision"] < 2.0


def bend(rows: int, seed: int) -> tuple[Array, Array]:
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, 3))
    return X, np.sin(2 * X[:, 0]) + 0.1 * random.normal(size=rows)


def test_rows_never_seen_are_predicted_better_than_without_decay() -> None:
    X, y = bend(100, 0)
    fresh = bend(1000, 1)
    ours = trained(X, y, network((3, 15, 1)))
    plain = trained(X, y, network((3, 15, 1)), optimizer="levenberg_marquardt")
    assert ours.evaluate(*fresh)["loss"] < 0.5 * plain.evaluate(*fresh)["loss"]
    record = ours.history[-1]
    assert record["effective_parameters"] < ours.passes.weight_count
    assert 50 < record["noise_precision"] < 300  # which is 100


def test_evidence_prefers_the_network_of_the_right_size() -> None:
    X, y = bend(100, 2)
    found = {}
    for units in (1, 3, 20):
        net = trained(X, y, network((3, units, 1)), restarts=4)
        found[units] = net.history[-1]["log_evidence"]
    assert found[3] == max(found.values())


def test_it_ends_once_the_decay_is_at_rest() -> None:
    X, y = noisy()
    usual = trained(X, y, network((3, 1)))
    rough = BayesianRegularization(precision_tolerance=0.1, tolerance=0.1)
    early = trained(X, y, network((3, 1)), optimizer=rough)
    assert len(early.history) < len(usual.history)
    precisions = usual.history.column("weight_precision")
    assert precisions[-1] == pytest.approx(precisions[-2], rel=1e-8)
    assert usual.history.stopped == "the slope is within the tolerance of 1e-12"


# What cannot be determined


def test_evidence_of_parameters_that_do_nothing_is_that_without_them() -> None:
    random = np.random.default_rng(0)
    root = random.normal(size=(20, 5))
    small = root.T @ root
    large = np.zeros((6, 6))
    large[:5, :5] = small
    given: dict[str, Any] = {"squares": 2.0, "loss": 0.3, "values": 20.0, "measured": True}
    plain, decay = evidence(small, 0.1, 3, **given)
    found, same = evidence(large, 0.1, 3, **given)
    assert found == pytest.approx(plain, rel=1e-12)
    assert same == pytest.approx(decay, rel=1e-12)
    turn = np.eye(5)
    turn[3:, 3:] = np.array([[0.6, -0.8], [0.8, 0.6]])
    singular = turn @ np.diag([1.0, 2.0, 3.0, 4.0, 0.0]) @ turn.T  # of two biases one direction
    wanted = evidence(np.diag([1.0, 2.0, 3.0, 4.0]), 0.1, 3, **given)[0]
    assert evidence(singular, 0.1, 3, **given)[0] == pytest.approx(wanted, rel=1e-12)


def test_equal_columns_dead_units_and_layers_without_bias_do_not_break_it() -> None:
    X, y = noisy()
    twice = np.column_stack([X, X[:, 0], np.zeros(len(X))])
    assert np.isfinite(trained(twice, y, network((5, 4, 1)), epochs=30).parameters).all()
    dead = network((3, 4, 1), activation="relu")
    dead.biases[0][1] = -100.0
    before = dead.weights[0][:, 1].copy()
    trained(X, y, dead, epochs=100)
    assert np.isfinite(dead.parameters).all()
    assert (np.abs(dead.weights[0][:, 1]) < np.abs(before)).all()  # the prior alone holds them
    bare = trained(X, y, network((3, 4, 1), bias=[False, True]), epochs=200)
    assert not bare.biases[0].any()
    assert 0 < bare.history[-1]["effective_parameters"] < 16


def test_where_all_units_are_dead_no_weight_is_effective() -> None:
    X, y = noisy()
    net = network((3, 4, 1), activation="relu", bias=[True, False])
    net.biases[0][:] = -100.0
    trained(X, y, net, epochs=1)
    assert net.history[-1]["effective_parameters"] == pytest.approx(0.0, abs=1e-9)
    assert np.isfinite(net.parameters).all()


def test_exact_data_have_a_noise_of_next_to_nothing() -> None:
    X = small_problems.inputs(30)
    net = trained(X, X @ [1.0, 2.0, 3.0] + 1.0, network((3, 1)))
    assert net.history[-1]["noise_precision"] > 1e15
    assert net.history[-1]["effective_parameters"] == pytest.approx(3.0)
    np.testing.assert_allclose(net.weights[0][:, 0], [1.0, 2.0, 3.0], rtol=1e-9)


# As any other training


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_training_killed_at_any_step_goes_on_to_the_last_bit(dtype: str, tmp_path: Path) -> None:
    X, y = noisy(40)
    layers, most = (3, 2, 1), {"epochs": 30}
    whole = trained(X, y, network(layers, dtype=dtype), **most)
    for step in (1, 2, 7, 25, len(whole.history)):
        folder = tmp_path / str(step)
        callbacks = [Checkpoint(folder, every_batches=1), Kill(step)]
        with pytest.raises(SystemExit):
            trained(X, y, network(layers, dtype=dtype), callbacks=callbacks, **most)
        found = trained(X, y, network(layers, dtype=dtype), resume=folder, **most)
        np.testing.assert_array_equal(found.parameters, whole.parameters)
        assert list(found.history) == list(whole.history)
        assert found.history.stopped == whole.history.stopped


def test_of_restarts_the_one_with_the_most_evidence_is_kept_not_that_of_least_loss() -> None:
    X, y = noisy()
    start = {"layers": (3, 8, 1), "seed": 5}
    best = trained(X, y, network(**start), epochs=15, restarts=4).history[-1]
    first = trained(X, y, network(**start), epochs=15).history[-1]
    assert best["log_evidence"] > first["log_evidence"] + 0.1
    assert best["loss"] > first["loss"]
    held_back = trained(X, y, network((3, 3, 1)), epochs=50, restarts=3, validation_split=0.3)
    assert np.isfinite(held_back.history[-1]["val_loss"])


def test_a_fleet_trains_each_member_as_alone() -> None:
    X, y = noisy()
    fleet = Fleet([3, 3, 1], members=2, activation="tanh", dtype="float64", seed=4)
    alone = [fleet[i] for i in range(2)]
    history = fleet.fit(X, y, optimizer=NAME, epochs=10)
    for number, net in enumerate(alone):
        trained(X, y, net, epochs=10)
        np.testing.assert_array_equal(fleet.parameters[number], net.parameters)
        assert list(history.member(number)) == list(net.history)


# Refusals


def values(scores: Array, targets: Array) -> Array:
    return np.asarray((scores - targets) ** 2)


def slopes(scores: Array, targets: Array) -> Array:
    return np.asarray(2.0 * (scores - targets))


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (Huber(), "BayesianRegularization needs a loss that is a likelihood; 'huber' is none"),
        (OwnLoss("mine", values, slopes), "a likelihood; 'mine' is none here. Use the loss"),
        (SquaredError("tanh"), "a likelihood; 'squared_error' is none here"),
        ("pinball", "'pinball' is made of straight lines and has no curvature"),
        ("absolute_error", "has no curvature, by which BayesianRegularization goes"),
    ],
)
def test_losses_that_are_no_likelihood_are_refused(loss: Any, words: str) -> None:
    net = network(loss=loss, dtype="float32")
    X, y = noisy()
    before = small_problems.state(net)
    with pytest.raises(ValueError, match=words):
        trained(X, np.tanh(y), net)
    assert repr(small_problems.state(net)) == repr(before)
    assert net.dtype == np.float32


def test_a_decay_of_ones_own_is_refused() -> None:
    X, y = noisy()
    with pytest.raises((TypeError, ValueError), match="weight_decay"):
        trained(X, y, weight_decay=0.1)
    with pytest.raises(TypeError, match="weight_decay"):
        BayesianRegularization(weight_decay=0.1)  # type: ignore[call-arg]  # it has none
    for given in (0.0, -1.0, np.nan):
        with pytest.raises(ValueError, match=f"precision_tolerance must be .* got {given}"):
            BayesianRegularization(precision_tolerance=given)
