"""The curvature of a loss is the slope of its gradient, and the matrix of a network their sum."""

from typing import Any

import numpy as np
import pytest
from loss_values import compute
from numpy.typing import NDArray

from glassnet import Network, OwnActivation
from glassnet.activations import LeakyReLU
from glassnet.core.passes import Batch
from glassnet.losses import (
    LOSSES,
    AbsoluteError,
    GaussianLikelihood,
    Huber,
    Logistic,
    Loss,
    OwnLoss,
    Pinball,
    Poisson,
    SoftmaxCrossEntropy,
    SquaredError,
)
from glassnet.second_order import curvature as room
from glassnet.second_order.curvature import (
    curvature,
    curvature_root,
    gauss_newton,
    weighted_jacobians,
)
from glassnet.second_order.jacobian import score_jacobian

Array = NDArray[Any]
ROWS = 6


def fourth_powers(scores: Array, targets: Array) -> Array:
    return np.asarray((scores - targets) ** 4)


def fourth_slopes(scores: Array, targets: Array) -> Array:
    return np.asarray(4.0 * (scores - targets) ** 3)


OWN = OwnLoss("fourth power", fourth_powers, fourth_slopes)

MORE: dict[str, Loss] = {
    **LOSSES,
    "squared error, tanh": SquaredError("tanh"),
    "squared error, leaky relu": SquaredError(LeakyReLU(0.2)),
    "absolute error, sigmoid": AbsoluteError("sigmoid"),
    "huber, delta 0.3": Huber(0.3),
    "pinball, two": Pinball((0.1, 0.8)),
    "gaussian, floor 0.5": GaussianLikelihood(0.5),
    "softmax, smoothing": SoftmaxCrossEntropy(0.2),
    "own": OWN,
}
SHAPES = [(name, columns) for name in MORE for columns in (1, 2) if "softmax" not in name]
SHAPES += [(name, 3) for name in MORE]


def drawn(loss: Loss, columns: int, seed: int = 0, shares: bool = False) -> tuple[Array, Array]:
    """Scores, and targets of that many columns (classes, for a loss on labels)."""
    random = np.random.default_rng(seed)
    scores = 1.5 * random.normal(size=(ROWS, columns * loss.statistics))
    if loss.targets == "labels":
        labels = random.integers(0, columns, ROWS)
        return scores, random.dirichlet(np.ones(columns), ROWS) if shares else labels
    if loss.targets == "flags":
        return scores, random.choice([0.0, 0.3, 1.0], (ROWS, columns))
    targets = random.normal(size=(ROWS, columns))
    return scores, np.abs(targets) + 0.1 if loss.complaint(targets) else targets


def differences(
    loss: Loss, scores: Array, targets: Array, known: Array | None = None, step: float = 1e-5
) -> Array:
    found = np.empty((*scores.shape, scores.shape[1]))
    for k in range(scores.shape[1]):
        move = step * np.eye(scores.shape[1])[k]
        ends = [compute(loss, scores + by * move, targets, known).gradient for by in (1.0, -1.0)]
        found[:, :, k] = (ends[0] - ends[1]) / (2.0 * step)
    return found


def hyperbola(scores: Array) -> Array:
    return np.hypot(1.0, scores)  # which takes no complex numbers


def hyperbola_slope(scores: Array) -> Array:
    return np.asarray(scores / np.hypot(1.0, scores))


def test_an_own_activation_as_link_is_asked_for_real_numbers_only() -> None:
    loss = SquaredError(OwnActivation("hyperbola", hyperbola, hyperbola_slope))
    scores, targets = drawn(loss, 2)
    is_close(curvature(loss, scores, targets), differences(loss, scores, targets))


def is_close(found: Array, wanted: Array) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("name", "columns"), SHAPES)
def test_curvature_is_the_slope_of_the_gradient(name: str, columns: int) -> None:
    scores, targets = drawn(MORE[name], columns)
    before = scores.copy()
    found = curvature(MORE[name], scores, targets)
    assert found.dtype == np.float64
    is_close(found, differences(MORE[name], scores, targets))
    np.testing.assert_array_equal(found, found.swapaxes(1, 2))
    np.testing.assert_array_equal(scores, before)


@pytest.mark.parametrize("name", [n for n, loss in MORE.items() if loss.targets != "labels"])
def test_what_is_not_known_has_no_curvature(name: str) -> None:
    loss = MORE[name]
    scores, targets = drawn(loss, 2, seed=1)
    known = np.ones((ROWS, 2))
    known[0, 0] = known[2, :] = known[4, 1] = 0.0
    found = curvature(loss, scores, targets, known)
    is_close(found, differences(loss, scores, targets, known))
    assert (found[2] == 0).all()
    assert (found[0, :, 0] == 0).all()


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("shares", [False, True])
def test_curvature_of_classes_is_the_spread_of_their_probabilities(
    shares: bool, smoothing: float
) -> None:
    """diag(p) - p p', whatever the targets are."""
    loss = SoftmaxCrossEntropy(smoothing)
    scores, targets = drawn(loss, 3, seed=2, shares=shares)
    p = loss.link(scores.copy())
    wanted = np.eye(3) * p[:, :, None] - p[:, :, None] * p[:, None, :]
    np.testing.assert_allclose(curvature(loss, scores, targets), wanted, rtol=1e-12, atol=1e-15)


def test_curvature_by_formula_of_yes_or_no_counts_and_squares() -> None:
    scores, targets = drawn(LOSSES["poisson"], 1)
    p = Logistic().link(scores.copy())
    found = curvature(Logistic(), scores, (targets > 0.5).astype(float))
    np.testing.assert_allclose(found[:, :, 0], p * (1 - p), rtol=1e-12)
    rates = np.exp(scores)
    np.testing.assert_allclose(curvature(Poisson(), scores, targets)[:, :, 0], rates, rtol=1e-12)
    assert (curvature(SquaredError(), scores, targets) == 2.0).all()


def test_scores_of_float32_are_worked_with_as_float64() -> None:
    scores, targets = drawn(Logistic(), 2)
    small = scores.astype(np.float32)
    found = curvature(Logistic(), small, targets)
    np.testing.assert_array_equal(found, curvature(Logistic(), small.astype(float), targets))


@pytest.mark.parametrize(("name", "columns"), SHAPES)
def test_the_root_squared_is_what_of_the_curvature_is_not_negative(name: str, columns: int) -> None:
    scores, targets = drawn(MORE[name], columns, seed=3)
    found = curvature(MORE[name], scores, targets)
    root = curvature_root(MORE[name], scores, targets)
    if root.ndim == 2:
        squared = np.eye(root.shape[1]) * root[:, :, None] ** 2
    else:
        squared = np.matmul(root.swapaxes(1, 2), root)
    values, vectors = np.linalg.eigh(found)
    positive = np.matmul(vectors * np.maximum(values, 0)[:, None, :], vectors.swapaxes(1, 2))
    np.testing.assert_allclose(squared, positive, rtol=1e-10, atol=1e-13)
    whole = "gaussian" in name or ("softmax" in name and columns > 1)
    assert root.ndim == (3 if whole else 2)


def test_a_row_of_huge_scores_does_not_blur_the_curvature_of_others() -> None:
    scores, targets = np.array([[0.5], [1e5]]), np.zeros((2, 1))
    found = curvature(OWN, scores, targets)
    np.testing.assert_allclose(found[:, 0, 0], 12.0 * scores[:, 0] ** 2, rtol=1e-8)


def problem(name: str, masked: bool, weighted: bool, rows: int = 40) -> tuple[Network, Loss, Batch]:
    loss, random = MORE[name], np.random.default_rng(4)
    columns = 3 if loss.targets == "labels" else 2
    net = Network([3, 4, columns * loss.statistics], activation="tanh", dtype="float64", seed=0)
    targets = np.concatenate([drawn(loss, columns, seed)[1] for seed in range(rows)])[:rows]
    batch = Batch(random.normal(size=(rows, 3)), targets)
    batch.weights = random.uniform(0.0, 3.0, rows) if weighted else None
    if masked and loss.targets != "labels":
        batch.known = random.integers(0, 2, (rows, columns)).astype(float)
    return net, loss, batch


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", MORE)
def test_the_matrix_of_a_network_is_the_sum_over_its_rows(
    name: str, weighted: bool, masked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    net, loss, batch = problem(name, masked, weighted)
    weights = np.ones(batch.rows) if batch.weights is None else batch.weights
    slopes = score_jacobian(net, batch.inputs)
    scores = net.passes.scores(batch.inputs)
    wanted = np.zeros((net.parameters.size,) * 2)
    for row in range(batch.rows):
        known = None if batch.known is None else batch.known[row : row + 1]
        own = scores[row : row + 1], batch.targets[row : row + 1]
        values, vectors = np.linalg.eigh(curvature(loss, *own, known)[0])
        bend = (vectors * np.maximum(values, 0)) @ vectors.T
        wanted += weights[row] * slopes[row].T @ bend @ slopes[row]
    found = gauss_newton(net, loss, batch)
    near = 1e-10 * np.abs(wanted).max() + 1e-11  # own losses: as well as differences are
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=near)
    assert np.linalg.eigvalsh(found).min() > -1e-12 * np.abs(found).max() - 1e-300
    monkeypatch.setattr(room, "rows_for", lambda network, room: 7)
    np.testing.assert_allclose(gauss_newton(net, loss, batch), wanted, rtol=1e-9, atol=near)


@pytest.mark.parametrize("name", ["squared_error", "softmax_cross_entropy", "gaussian"])
def test_pieces_hold_one_line_for_each_row_and_output(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    net, loss, batch = problem(name, False, True)
    monkeypatch.setattr(room, "rows_for", lambda network, room: 15)
    lines = [piece.copy() for piece in weighted_jacobians(net, loss, batch)]
    outputs = net.layers[-1]
    assert [each.shape for each in lines] == [
        (count * outputs, net.parameters.size) for count in (15, 15, 10)
    ]
    whole = np.concatenate(lines)
    np.testing.assert_allclose(whole.T @ whole, gauss_newton(net, loss, batch), rtol=1e-12)


def test_without_a_hidden_layer_the_matrix_is_the_second_derivative() -> None:
    """Scores are then linear: nothing is left out."""
    net = Network([3, 3], loss="softmax_cross_entropy", dtype="float64", seed=0)
    random = np.random.default_rng(0)
    batch = Batch(random.normal(size=(30, 3)), random.integers(0, 3, 30))
    work, start = net.passes.workspace(30), net.parameters.copy()
    wanted = []
    for move in 1e-5 * np.eye(start.size):
        ends = []
        for by in (1.0, -1.0):
            net.parameters[...] = start + by * move
            net.passes.loss_and_gradients(SoftmaxCrossEntropy(), batch, work)
            ends.append(30 * net.gradients)
        wanted.append((ends[0] - ends[1]) / 2e-5)
    net.parameters[...] = start
    found = gauss_newton(net, SoftmaxCrossEntropy(), batch)
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)


def test_a_row_of_weight_3_is_the_row_three_times() -> None:
    net, loss, batch = problem("logistic", False, False)
    weights = np.resize([3.0, 0.0, 1.0], batch.rows)
    weighted = Batch(batch.inputs, batch.targets, weights)
    again = np.repeat(np.arange(batch.rows), weights.astype(int))
    repeated = Batch(batch.inputs[again], batch.targets[again])
    found = gauss_newton(net, loss, weighted)
    np.testing.assert_allclose(found, gauss_newton(net, loss, repeated), rtol=1e-11, atol=1e-13)
