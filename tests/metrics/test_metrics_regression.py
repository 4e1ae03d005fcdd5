"""Metrics of real values: by hand, against a reference, and at the ends of the number range."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from glassnet.metrics import (
    mean_absolute_error,
    mean_squared_error,
    r2,
    root_mean_squared_error,
)

Metric = Callable[..., float]
ALL = [mean_absolute_error, mean_squared_error, r2, root_mean_squared_error]
ERRORS = [mean_absolute_error, mean_squared_error, root_mean_squared_error]

TARGETS = np.array([1.0, 2.0, 4.0, 5.0])
OUTPUTS = np.array([1.0, 3.0, 2.0, 5.0])
BY_HAND = {
    mean_absolute_error: 3 / 4,
    mean_squared_error: 5 / 4,
    r2: 1 - 5 / 10,
    root_mean_squared_error: (5 / 4) ** 0.5,
}


@pytest.mark.parametrize("metric", ALL)
def test_values_worked_by_hand_come_out(metric: Metric) -> None:
    for shape in ((4,), (4, 1)):
        for dtype in (np.float32, np.float64, np.int32):
            value = metric(TARGETS.astype(dtype), OUTPUTS.reshape(shape))
            assert value == pytest.approx(BY_HAND[metric], rel=1e-14)
            assert type(value) is float


def test_rows_against_columns_do_not_spread_out() -> None:
    assert mean_squared_error([[1.0], [2.0]], [1.0, 2.0]) == 0.0


def test_several_outputs_are_averaged() -> None:
    targets = np.stack([TARGETS, TARGETS], axis=1)
    outputs = np.stack([OUTPUTS, TARGETS], axis=1)
    assert mean_squared_error(targets, outputs) == pytest.approx(5 / 8)
    assert mean_absolute_error(targets, outputs) == pytest.approx(3 / 8)
    assert root_mean_squared_error(targets, outputs) == pytest.approx((5 / 8) ** 0.5)
    assert r2(targets, outputs) == pytest.approx((0.5 + 1.0) / 2)


def test_r2_of_equal_targets_is_one_or_zero() -> None:
    assert r2([0.1, 0.1, 0.1], [0.1, 0.1, 0.1]) == 1.0
    assert r2([0.1, 0.1, 0.1], [0.1, 0.1, 0.2]) == 0.0
    assert r2([3.0], [3.0]) == 1.0
    assert r2([3.0], [4.0]) == 0.0


def test_r2_may_be_negative() -> None:
    assert r2([0.0, 2.0], [2.0, 0.0]) == pytest.approx(-3.0)


def numbers(draw: st.DrawFn) -> tuple[NDArray[np.float64], ...]:
    rows, outputs = draw(st.integers(2, 30)), draw(st.integers(1, 3))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    weights = random.integers(1, 5, rows).astype(float)
    return random.normal(3, 2, (rows, outputs)), random.normal(3, 2, (rows, outputs)), weights


@pytest.mark.parametrize("metric", ALL)
@settings(max_examples=25, deadline=None)
@given(source=st.data())
def test_values_equal_those_of_scikit_learn(metric: Metric, source: st.DataObject) -> None:
    theirs = pytest.importorskip("sklearn.metrics")
    targets, outputs, weights = numbers(source.draw)  # type: ignore[arg-type]  # values of Hypothesis
    name = "r2_score" if metric is r2 else metric.__name__.removeprefix("root_")
    expected = getattr(theirs, name)(targets, outputs, sample_weight=weights)
    if metric is root_mean_squared_error:
        expected = expected**0.5
    assert metric(targets, outputs, weights) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("metric", ALL)
@settings(max_examples=25, deadline=None)
@given(source=st.data())
def test_weights_order_and_unit_relations_hold(metric: Metric, source: st.DataObject) -> None:
    targets, outputs, weights = numbers(source.draw)  # type: ignore[arg-type]  # values of Hypothesis
    value = metric(targets, outputs, weights)
    again = np.repeat(np.arange(len(targets)), weights.astype(int))
    near = {"rel": 1e-9, "abs": 1e-12}
    assert metric(targets[again], outputs[again]) == pytest.approx(value, **near)
    assert metric(targets, outputs, weights / 8) == pytest.approx(value, **near)
    assert metric(targets[::-1], outputs[::-1], weights[::-1]) == pytest.approx(value, **near)
    power = {mean_squared_error: 2, r2: 0}.get(metric, 1)  # type: ignore[call-overload]  # a table by function
    assert metric(4 * targets, 4 * outputs, weights) == pytest.approx(4**power * value, **near)
    more = np.concatenate([targets, targets[:1]]), np.concatenate([outputs, 1e9 + outputs[:1]])
    assert metric(*more, np.append(weights, 0)) == pytest.approx(value, **near)


@pytest.mark.parametrize("metric", ALL)
def test_unknown_targets_and_cells_of_weight_zero_are_left_out(metric: Metric) -> None:
    targets = np.stack([TARGETS, TARGETS**2], axis=1)
    outputs = np.stack([OUTPUTS, OUTPUTS + 7], axis=1)
    outputs[3, 1] = np.nan
    weights = np.ones((4, 2))
    weights[3, 1] = 0
    expected = metric(targets, outputs, weights)
    targets[3, 1] = np.nan
    assert metric(targets, outputs) == expected
    assert metric(targets, outputs, [1, 1, 1, 1]) == expected
    targets[:, 1] = np.nan
    assert metric(targets, outputs) == pytest.approx(BY_HAND[metric])


def test_extremes_stay_true() -> None:
    large, small = 1e300 * TARGETS, 1e-300 * TARGETS
    assert mean_squared_error(large, -large) == np.inf
    assert root_mean_squared_error(1e300 * TARGETS, 1e300 * OUTPUTS) == pytest.approx(
        1e300 * (5 / 4) ** 0.5
    )
    assert r2(large, 1e300 * OUTPUTS) == pytest.approx(0.5)
    assert r2(small, 1e-300 * OUTPUTS) == pytest.approx(0.5)
    assert r2(small, large) == -np.inf
    assert root_mean_squared_error(small, 1e-300 * OUTPUTS) == pytest.approx(
        1e-300 * (5 / 4) ** 0.5
    )


@pytest.mark.parametrize("metric", ERRORS)
def test_a_perfect_fit_has_no_error(metric: Metric) -> None:
    assert metric(TARGETS, TARGETS) == 0.0


@pytest.mark.parametrize("metric", ALL)
def test_shapes_must_fit(metric: Metric) -> None:
    with pytest.raises(ValueError, match=r"\(4, 1\) do not fit outputs of shape \(4, 2\)"):
        metric(TARGETS, np.ones((4, 2)))


def test_differences_beyond_float64_are_infinite_without_a_warning() -> None:
    for metric in ERRORS:
        assert metric([1.7e308], [-1.7e308]) == np.inf
    assert r2([1.7e308, 0.0], [-1.7e308, 0.0]) == pytest.approx(-7.0)
    assert r2([1.7e308, 1.6e308], [1.7e308, 1.6e308]) == 1.0
    assert r2([1e-300, 0.0], [1e308, 0.0]) == -np.inf
