"""Second derivatives of outputs in inputs: numeric ones, closed forms, kinks, extremes."""

from typing import Any

import numpy as np
import pytest
from sensitive_networks import close, differences, fitted, linear, product, rows_like_training
from small_problems import state
from test_sensitivity_gradients import OWN

from glassnet import Network, OwnActivation
from glassnet.activations import ACTIVATIONS, ELU, PIECEWISE
from glassnet.inference import functions, input_gradients, second_derivatives
from glassnet.inference.derivatives import bend
from glassnet.losses import LOSSES, Pinball, SquaredError

X = rows_like_training(12)


def numeric(net: Network, X: Any, output: int) -> Any:
    return differences(lambda X: input_gradients(net, X, output), X)


@pytest.mark.parametrize("loss", [*LOSSES, SquaredError("sigmoid"), Pinball((0.2, 0.8))], ids=str)
def test_second_derivatives_through_the_link_of_each_loss_are_the_numeric_ones(loss: Any) -> None:
    net = fitted(loss, **({"outputs": 2} if isinstance(loss, Pinball) else {}))
    for output in range(net.layers[-1]):
        found = second_derivatives(net, X, output)
        assert found.shape == (12, 3, 3)
        wanted = numeric(net, X, output)
        size = np.sqrt(np.abs(np.einsum("rii->ri", wanted)).max(axis=0))
        units = size[:, None] * size
        np.testing.assert_allclose(found / units, wanted / units, rtol=0, atol=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_second_derivatives_through_each_activation_are_the_numeric_ones(activation: str) -> None:
    net = fitted("squared_error", activation, learning_rate=1e-3)
    close(second_derivatives(net, X, 0), numeric(net, X, 0), 2e-6)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "identity"])
def test_second_derivatives_of_what_is_piecewise_linear_are_0(activation: str) -> None:
    net = fitted("squared_error", activation)
    assert not second_derivatives(net, X, 1).any()
    kink = Network([1, 1, 1], activation=activation, loss="squared_error", bias=False)
    kink.parameters[:] = 1.0
    np.testing.assert_array_equal(second_derivatives(kink, [[0.0]]), [[[0.0]]])


def test_closed_forms() -> None:
    rows = np.array([[0.1, 0.2, -0.3], [1.0, 2.0, 5.0]])
    weights = np.array([2.0, -1.0, 0.5])
    score, squares = rows @ weights + 0.25, weights[:, None] * weights
    share = 1 / (1 + np.exp(-score))
    for loss, curve in (
        ("poisson", np.exp(score)),
        ("logistic", share * (1 - share) * (1 - 2 * share)),
        ("squared_error", 0 * score),
    ):
        found = second_derivatives(linear(loss), rows)
        np.testing.assert_allclose(found, curve[:, None, None] * squares, rtol=1e-12)


def test_the_second_derivative_of_a_product_is_1_across() -> None:
    wanted = [[[0, 1, 0], [1, 0, 0], [0, 0, 0]]]
    np.testing.assert_allclose(second_derivatives(product(), [[2.0, 3.0, 7.0]]), wanted, atol=1e-9)


def test_one_tanh_has_the_derivative_of_the_textbook() -> None:
    net = Network([1, 1, 1], activation="tanh", loss="squared_error", dtype="float64")
    net.parameters[:] = [1.5, 3.0, 0.2, 0.0]
    x = np.linspace(-30, 30, 41)[:, None]
    t = np.tanh(1.5 * x + 0.2)
    wanted = 3 * 1.5**2 * -2 * t * (1 - t * t)
    np.testing.assert_allclose(second_derivatives(net, x)[:, 0], wanted, rtol=1e-13, atol=1e-14)


def test_second_derivatives_are_symmetric_to_the_last_bit() -> None:
    found = second_derivatives(fitted("softmax_cross_entropy"), X, 2)
    np.testing.assert_array_equal(found, found.swapaxes(1, 2))


def test_those_of_probabilities_add_up_to_0() -> None:
    net = fitted("softmax_cross_entropy")
    parts = [second_derivatives(net, X, k) for k in range(3)]
    size = np.max(np.abs(parts), axis=(0, 1))
    assert (np.abs(np.sum(parts, axis=0)) <= 1e-13 * size).all()


def test_blocks_and_dtypes_do_not_change_them(monkeypatch: pytest.MonkeyPatch) -> None:
    net = fitted("gaussian", dtype="float32")
    before, whole = state(net), second_derivatives(net, X, 3)
    assert whole.dtype == np.float64
    monkeypatch.setattr(functions, "NUMBERS", 50)
    np.testing.assert_allclose(second_derivatives(net, X, 3), whole, rtol=1e-11)
    np.testing.assert_allclose(second_derivatives(net, X[4:5], 3)[0], whole[4], rtol=1e-11)
    assert state(net) == before


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda each: each.name)
def test_the_bend_of_an_activation_is_the_numeric_one_and_finite_far_out(activation: Any) -> None:
    scores = np.linspace(-3.0, 3.0, 60)
    slopes = []
    for by in (1e-5, -1e-5):
        outputs, slope = np.empty((2, 60))
        activation.forward(scores + by, outputs)
        activation.slope(scores + by, outputs, slope)
        slopes.append(slope)
    np.testing.assert_allclose(bend(activation, scores), (slopes[0] - slopes[1]) / 2e-5, atol=1e-8)
    far = np.array([-5e3, -800.0, -700.0, 0.0, 600.0, 5e3])
    with np.errstate(all="ignore"):
        found = bend(activation, far[: 5 if activation.name == "exp" else 6])
    assert np.isfinite(found).all()
    if activation.name in ("sigmoid", "softplus", "silu", "gelu", "tanh", "gaussian"):
        np.testing.assert_array_equal(found[[0, 1]], 0.0)


def test_the_bend_of_elu_is_that_of_its_left_side_and_0_on_its_right() -> None:
    np.testing.assert_allclose(bend(ELU(2.0), np.array([-1.0, 1.0])), [2 * np.exp(-1.0), 0.0])
    assert all(np.isfinite(bend(each, np.zeros(1))).all() for each in PIECEWISE)


def test_an_own_activation_that_takes_real_numbers_only_is_differentiated() -> None:
    own = OwnActivation("own", lambda s: np.abs(s) * s, lambda s: 2.0 * np.abs(s))
    net = Network([2, 1, 1], activation=own, loss="squared_error", dtype="float64", bias=False)
    net.weights[0][:] = [[1.0], [3.0]]
    net.weights[1][:] = 1.0
    wanted = 2 * np.array([[1.0, 3.0], [3.0, 9.0]])
    found = second_derivatives(net, [[1.0, 1.0], [-1.0, -1.0]])
    np.testing.assert_allclose(found, [wanted, -wanted], rtol=1e-8)


def test_an_own_link_has_no_second_derivative_but_its_scores_have() -> None:
    net = Network([3, 5, 2], activation="tanh", loss=OWN, dtype="float64", seed=0)
    with pytest.raises(ValueError, match=r"loss 'own'. Pass of='scores'"):
        second_derivatives(net, X, 0)
    assert second_derivatives(net, X, 0, of="scores").shape == (12, 3, 3)
