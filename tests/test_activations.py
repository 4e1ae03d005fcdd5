"""Activations: their values by formula, at extremes and at kinks, in both precisions.

Their slopes everywhere else are in core/test_gradients.py. A new activation is covered by being in
ACTIVATIONS; give it its formula in FORMULAS, and its limits in LIMITS.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import Network
from glassnet.activations import ACTIVATIONS, ELU, SELU, LeakyReLU, OwnActivation
from glassnet.core.activation import Activation
from glassnet.core.arrays import Array
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

INFINITY = math.inf
LIMITS: dict[str, tuple[float, float, float, float]] = {
    # of outputs far below 0 and far above, of slopes far below and far above; nan: none
    "identity": (-INFINITY, INFINITY, 1.0, 1.0),
    "relu": (0.0, INFINITY, 0.0, 1.0),
    "leaky_relu": (-INFINITY, INFINITY, 0.01, 1.0),
    "elu": (-1.0, INFINITY, 0.0, 1.0),
    "selu": (-1.0507009873554805 * 1.6732632423543772, INFINITY, 0.0, 1.0507009873554805),
    "tanh": (-1.0, 1.0, 0.0, 0.0),
    "sigmoid": (0.0, 1.0, 0.0, 0.0),
    "softsign": (-1.0, 1.0, 0.0, 0.0),
    "softplus": (0.0, INFINITY, 0.0, 1.0),
    "silu": (0.0, INFINITY, 0.0, 1.0),
    "gelu": (0.0, INFINITY, 0.0, 1.0),
    "exp": (0.0, INFINITY, 0.0, INFINITY),
    "gaussian": (0.0, 0.0, 0.0, 0.0),
    "sine": (math.nan, math.nan, math.nan, math.nan),
}

SLOPES_AT_ZERO = {
    "identity": 1.0,
    "relu": 0.0,
    "leaky_relu": 0.01,
    "elu": 1.0,
    "selu": 1.0507009873554805 * 1.6732632423543772,
    "tanh": 1.0,
    "sigmoid": 0.25,
    "softsign": 1.0,
    "softplus": 0.5,
    "silu": 0.5,
    "gelu": 0.5,
    "exp": 1.0,
    "gaussian": 0.0,
    "sine": 1.0,
}

GRID = np.concatenate([np.linspace(-30.0, 30.0, 241), [-1e-3, 1e-9, -1e-300]])


def outputs_of(activation: Activation, scores: Any, dtype: Any = np.float64) -> Array:
    given_scores = np.array(scores, dtype)
    outputs = np.full_like(given_scores, np.nan)
    with np.errstate(all="ignore"):  # as the engine runs
        activation.forward(given_scores, outputs)
    return outputs


def slopes_of(activation: Activation, scores: Any, dtype: Any = np.float64) -> Array:
    given_scores = np.array(scores, dtype)
    slopes = np.full_like(given_scores, np.nan)
    with np.errstate(all="ignore"):
        activation.slope(given_scores, outputs_of(activation, given_scores, dtype), slopes)
    return slopes


# Values


def test_every_activation_has_its_formula_and_its_limits_here() -> None:
    assert set(FORMULAS) == set(LIMITS) == set(SLOPES_AT_ZERO) == set(ACTIVATIONS)


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


# Extremes


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [100.0, 1e4, 3e8, 1e30])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_far_from_zero_there_are_limits_and_never_nan(name: str, size: float, dtype: Any) -> None:
    scores = np.array([-size, size], dtype)
    outputs = outputs_of(ACTIVATIONS[name], scores, dtype)
    slopes = slopes_of(ACTIVATIONS[name], scores, dtype)
    assert not np.isnan(outputs).any()
    assert not np.isnan(slopes).any()
    low, high, slope_low, slope_high = LIMITS[name]
    for found, limit in zip(outputs, (low, high), strict=True):
        if math.isfinite(limit):
            assert found == pytest.approx(limit, abs=0.011)
        elif not math.isnan(limit):
            assert np.sign(found) == np.sign(limit)
            assert abs(found) >= 0.009 * size
    for found, limit in zip(slopes, (slope_low, slope_high), strict=True):
        if not math.isnan(limit) and not (math.isinf(limit) and size == 100.0):
            assert found == pytest.approx(limit, abs=1e-3)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "elu", "relu", "identity", "leaky_relu"])
def test_infinite_scores_give_the_limit(name: str) -> None:
    low, high, *_ = LIMITS[name]
    outputs = outputs_of(ACTIVATIONS[name], [-math.inf, math.inf])
    np.testing.assert_array_equal(outputs, [low, high])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_nan_is_not_hidden(name: str) -> None:
    assert np.isnan(outputs_of(ACTIVATIONS[name], [math.nan])).all()


def test_small_scores_keep_their_digits() -> None:
    for name in ("tanh", "elu", "softsign", "sine"):
        assert outputs_of(ACTIVATIONS[name], [-1e-12])[0] == pytest.approx(-1e-12, rel=1e-11)
    assert outputs_of(ACTIVATIONS["softplus"], [-40.0])[0] == pytest.approx(4.248354255291589e-18)


# Kinks


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_slope_at_zero_is_the_one_that_is_documented(name: str) -> None:
    slopes = slopes_of(ACTIVATIONS[name], [0.0, -0.0])
    np.testing.assert_allclose(slopes, SLOPES_AT_ZERO[name], rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "selu"])
def test_slopes_next_to_the_kink_are_those_of_its_sides(name: str, dtype: Any) -> None:
    _, _, below, above = LIMITS[name]
    tiny = float(np.finfo(dtype).tiny)
    slopes = slopes_of(ACTIVATIONS[name], [-tiny, tiny], dtype)
    below = {"elu": 1.0, "selu": SLOPES_AT_ZERO["selu"]}.get(name, below)
    np.testing.assert_allclose(slopes, [below, above], rtol=1e-6)


# Settings


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


PYTORCH = {
    "relu": "relu",
    "leaky_relu": "leaky_relu",
    "elu": "elu",
    "selu": "selu",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "softsign": "softsign",
    "softplus": "softplus",
    "silu": "silu",
    "gelu": "gelu",
}


@pytest.mark.parametrize("name", PYTORCH)
def test_values_and_slopes_equal_those_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch", reason="needs PyTorch, to compare with")
    scores = torch.tensor(GRID[GRID != 0.0], dtype=torch.float64, requires_grad=True)
    settings = {"approximate": "tanh"} if name == "gelu" else {}
    settings |= {"threshold": 1000.0} if name == "softplus" else {}
    outputs = getattr(torch.nn.functional, PYTORCH[name])(scores, **settings)
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
