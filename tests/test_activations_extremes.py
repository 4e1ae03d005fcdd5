"""Activations far from zero and at zero: limits, kinks, and never nan where there is a limit.

A new activation gets its limits in LIMITS and its slope at 0 in SLOPES_AT_ZERO.
"""

import math
from typing import Any

import numpy as np
import pytest
from activation_values import outputs_of, slopes_of

from glassnet.activations import ACTIVATIONS

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


# Extremes


def test_every_activation_has_its_limits_here() -> None:
    assert set(LIMITS) == set(SLOPES_AT_ZERO) == set(ACTIVATIONS)


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
