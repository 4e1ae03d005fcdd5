"""Activations: their values by formula, in both precisions, and how they relate.

Limits and kinks are in test_activations_extremes.py, slopes everywhere in core/test_gradients.py.
A new activation is covered by being in ACTIVATIONS; give it its formula in FORMULAS.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from activation_values import GRID, outputs_of, slopes_of
from hypothesis import given
from hypothesis import strategies as st

from glassnet import Network
from glassnet.activations import ACTIVATIONS, ELU, SELU, LeakyReLU, OwnActivation
from glassnet.core.activation import Activation
from glassnet.initializers import INITIALIZERS

ROOT = math.sqrt(2.0 / math.pi)

FORMULAS: dict[str, Callable[[float], float]] = {
    "identity": lambda s: s,
    "relu": lambda s: max(s, 0.0),
    "leaky_relu": lambda s: s if s > 0 else 0.01 * s,
    "elu": lambda s: s if s > 0 else math.expm1(s),
    "selu": lambda s: 1.0507009873554805 * (s if s > 0 else 1.6732632423543772 * math.expm1(s)),
    "tanh": math.tanh,
    "sigmoid": lambda s: 1.0 / (1.0 + math.exp(-s)),
    "softsign": lambda s: s / (1.0 + abs(s)),
    "softplus": lambda s: max(s, 0.0) + math.log1p(math.exp(-abs(s))),
    "silu": lambda s: s / (1.0 + math.exp(-s)),
    "gelu": lambda s: 0.5 * s * (1.0 + math.tanh(ROOT * (s + 0.044715 * s**3))),
    "exp": math.exp,
    "gaussian": lambda s: math.exp(-s * s),
    "sine": math.sin,
}


# Values


def test_every_activation_has_its_formula_here() -> None:
    assert set(FORMULAS) == set(ACTIVATIONS)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_are_those_of_the_formula(name: str) -> None:
    wanted = [FORMULAS[name](float(score)) for score in GRID]
    np.testing.assert_allclose(outputs_of(ACTIVATIONS[name], GRID), wanted, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_float32_has_the_values_of_float64_to_its_precision(name: str) -> None:
    scores = GRID.astype(np.float32)
    for values_of in (outputs_of, slopes_of):
        single = values_of(ACTIVATIONS[name], scores, np.float32)
        double = values_of(ACTIVATIONS[name], scores.astype(np.float64))
        np.testing.assert_allclose(single, double, rtol=3e-6, atol=1e-6)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_outputs_and_slopes_are_written_where_they_shall_be(name: str) -> None:
    scores = np.linspace(-2.0, 2.0, 12, dtype=np.float32).reshape(2, 3, 2)
    before, outputs, slopes = scores.copy(), np.empty_like(scores), np.empty_like(scores)
    activation = ACTIVATIONS[name]
    activation.forward(scores, outputs)
    kept = outputs.copy()
    activation.slope(scores, outputs, slopes)
    np.testing.assert_array_equal(scores, before)
    np.testing.assert_array_equal(outputs, kept)
    assert np.isfinite(slopes).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_works_on_each_score_for_itself(name: str) -> None:
    alone = [outputs_of(ACTIVATIONS[name], [score])[0] for score in GRID]
    np.testing.assert_allclose(outputs_of(ACTIVATIONS[name], GRID), alone, rtol=1e-15)


# Settings


@pytest.mark.parametrize("below", [-1e8, 1e-30, 0.3, 1e8])
def test_a_leaky_relu_has_the_slope_1_above_whatever_it_has_below(below: float) -> None:
    scores, slopes = np.array([[-2.0, 0.0, 3.0]], "f4"), np.empty((1, 3), "f4")
    LeakyReLU(below).slope(scores, scores, slopes)
    np.testing.assert_array_equal(slopes, np.array([[below, below, 1.0]], "f4"))


@given(slope=st.floats(-5.0, 5.0), score=st.floats(-1e6, 1e6))
def test_leaky_relu_takes_any_slope(slope: float, score: float) -> None:
    activation = LeakyReLU(slope)
    wanted = score if score > 0 else slope * score
    assert outputs_of(activation, [score])[0] == pytest.approx(wanted, abs=1e-300)
    wanted_slope = 1.0 if score > 0 else slope
    assert slopes_of(activation, [score])[0] == pytest.approx(wanted_slope, abs=1e-14)


@given(scale=st.floats(0.01, 5.0), score=st.floats(-50.0, 50.0))
def test_elu_takes_any_scale(scale: float, score: float) -> None:
    activation = ELU(scale)
    wanted = score if score > 0 else scale * math.expm1(score)
    assert outputs_of(activation, [score])[0] == pytest.approx(wanted)
    wanted_slope = 1.0 if score > 0 else scale * math.exp(score)
    assert slopes_of(activation, [score])[0] == pytest.approx(wanted_slope)


def test_selu_keeps_mean_zero_and_variance_one() -> None:
    """What its two constants are made for, by numeric integration over a normal distribution."""
    scores = np.linspace(-12.0, 12.0, 200_001)
    density = np.exp(-0.5 * scores**2) / math.sqrt(2.0 * math.pi) * (scores[1] - scores[0])
    outputs = outputs_of(SELU(), scores)
    assert float(outputs @ density) == pytest.approx(0.0, abs=1e-9)
    assert float(outputs**2 @ density) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(("kind", "setting"), [(LeakyReLU, "slope_below"), (ELU, "scale_below")])
def test_settings_that_are_no_finite_numbers_are_refused(kind: Any, setting: str) -> None:
    for value in (math.nan, math.inf):
        with pytest.raises(ValueError, match=f"^{setting} must be a finite number.*; got {value}"):
            kind(value)
    for other in ("0.1", True, None):
        with pytest.raises(TypeError, match=f"^{setting} must be a finite number"):
            kind(other)


# Relations


@pytest.mark.parametrize("name", ["tanh", "softsign", "sine", "identity"])
def test_odd_functions_are_odd(name: str) -> None:
    outputs = outputs_of(ACTIVATIONS[name], GRID)
    np.testing.assert_array_equal(outputs_of(ACTIVATIONS[name], -GRID), -outputs)


def test_sigmoid_and_tanh_are_undone_by_their_inverses() -> None:
    scores = np.linspace(-10.0, 10.0, 101)
    outputs = outputs_of(ACTIVATIONS["sigmoid"], scores)
    np.testing.assert_allclose(np.log(outputs) - np.log1p(-outputs), scores, atol=1e-10)
    outputs = outputs_of(ACTIVATIONS["tanh"], scores / 2.0)
    np.testing.assert_allclose(np.arctanh(outputs), scores / 2.0, atol=1e-10)


def test_softplus_minus_its_mirror_image_is_the_score() -> None:
    softplus = ACTIVATIONS["softplus"]
    difference = outputs_of(softplus, GRID) - outputs_of(softplus, -GRID)
    np.testing.assert_allclose(difference, GRID, atol=1e-14)


def test_the_tanh_form_of_gelu_is_close_to_the_exact_one() -> None:
    scores = np.linspace(-6.0, 6.0, 2401)
    exact = [0.5 * s * math.erfc(-s / math.sqrt(2.0)) for s in scores.tolist()]
    assert np.abs(outputs_of(ACTIVATIONS["gelu"], scores) - exact).max() < 5e-4


NOT_IN_PYTORCH = {"identity", "exp", "gaussian", "sine"}


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - NOT_IN_PYTORCH))
def test_values_and_slopes_equal_those_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch", reason="needs PyTorch, to compare with")
    scores = torch.tensor(GRID[GRID != 0.0], dtype=torch.float64, requires_grad=True)
    settings = {"approximate": "tanh"} if name == "gelu" else {}
    settings |= {"threshold": 1000.0} if name == "softplus" else {}
    outputs = getattr(torch.nn.functional, name)(scores, **settings)
    outputs.sum().backward()
    ours = scores.detach().numpy()
    wanted = outputs.detach().numpy()
    np.testing.assert_allclose(outputs_of(ACTIVATIONS[name], ours), wanted, atol=1e-13)
    np.testing.assert_allclose(slopes_of(ACTIVATIONS[name], ours), scores.grad.numpy(), atol=1e-13)


# The catalogue, and one's own


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_stands_under_its_name_with_weights_that_suit_it(name: str) -> None:
    assert ACTIVATIONS[name].name == name
    assert ACTIVATIONS[name].initializer in INITIALIZERS


def test_an_own_activation_is_a_function_and_its_derivative() -> None:
    square = OwnActivation("square", np.square, lambda scores: 2.0 * scores)
    np.testing.assert_array_equal(outputs_of(square, [1.0, -3.0]), [1.0, 9.0])
    np.testing.assert_array_equal(slopes_of(square, [1.0, -3.0]), [2.0, -6.0])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_learns_with_an_own_activation(dtype: Any) -> None:
    square = OwnActivation("square", np.square, lambda scores: 2.0 * scores)
    X = np.linspace(-1.0, 1.0, 40)[:, None]
    network = Network([1, 4, 1], activation=square, loss="squared_error", dtype=dtype, seed=1)
    history = network.fit(X, X[:, 0] ** 2, epochs=100, learning_rate=0.02)
    assert history[-1]["loss"] < 0.01 * history[0]["loss"]
    assert network.predict(X).dtype == dtype


def test_what_an_activation_must_have_is_said_where_it_is_missing() -> None:
    for call in (Activation().forward, lambda s, o: Activation().slope(s, o, o)):
        with pytest.raises(NotImplementedError):
            call(GRID, GRID.copy())
