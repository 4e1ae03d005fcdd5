"""The line search ends where the strong Wolfe conditions hold, or at the best place it has seen."""

import math

import numpy as np
import pytest
from curves import Array, Function, Line, quadratic, valley
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glassnet.second_order.line_search import CURVATURE, DECREASE, LIMIT, Trial, strong_wolfe


def fulfils(found: Trial[Array], start: Trial[Array]) -> bool:
    """The strong Wolfe conditions (Nocedal and Wright 2006, 3.7)."""
    low = found.value <= start.value + DECREASE * found.step * start.slope
    return low and abs(found.slope) <= CURVATURE * abs(start.slope)


def one(function: Function, place: float = 0.0, direction: float = 1.0) -> Line:
    return Line(function, np.array([place]), np.array([direction]))


FIRST = st.floats(-8, 8).map(lambda power: 10.0**power)


@settings(deadline=None)
@given(st.integers(1, 8), st.integers(0, 1000), st.floats(1.0, 1e6), FIRST)
def test_quadratics_fulfil_both_conditions_whatever_the_first_step(
    rows: int, seed: int, condition: float, first: float
) -> None:
    function, _ = quadratic(rows, seed, condition)
    place = np.random.default_rng(seed + 1).normal(size=rows)
    line = Line(function, place, -function(place)[1])
    assert fulfils(strong_wolfe(line, line.start, first), line.start)
    assert len(line.steps) <= LIMIT


@settings(deadline=None)
@given(st.integers(2, 6), st.integers(0, 1000), FIRST)
@example(2, 0, 1e8)
def test_valleys_fulfil_both_conditions(rows: int, seed: int, first: float) -> None:
    place = np.random.default_rng(seed).normal(size=rows)
    line = Line(valley, place, -valley(place)[1])
    found = strong_wolfe(line, line.start, first)
    assert fulfils(found, line.start)


def more_thuente(place: Array) -> tuple[float, Array]:
    """Their first function (Moré and Thuente 1994, 5.1), lowest at sqrt(2)."""
    value = -place / (place**2 + 2.0)
    return float(value[0]), (place**2 - 2.0) / (place**2 + 2.0) ** 2


def quintic(place: Array) -> tuple[float, Array]:
    """Their second function (5.2), lowest at 1.596."""
    far = place + 0.004
    return float((far**5 - 2.0 * far**4)[0]), 5.0 * far**4 - 8.0 * far**3


@pytest.mark.parametrize("function", [more_thuente, quintic])
@pytest.mark.parametrize("first", [1e-3, 1e-1, 1e1, 1e3])
def test_functions_of_more_and_thuente_are_solved_in_few_evaluations(
    function: Function, first: float
) -> None:
    line = one(function)
    assert fulfils(strong_wolfe(line, line.start, first, noise=4e-15), line.start)
    assert len(line.steps) <= 20


def cliff(place: Array) -> tuple[float, Array]:
    """-log(1 - x) - 2 x: infinite or nan from 1 on."""
    if place[0] >= 1.0:
        return (math.inf, place * math.nan) if place[0] < 2.0 else (math.nan, place)
    return float(-np.log1p(-place[0]) - 2.0 * place[0]), 1.0 / (1.0 - place) - 2.0


@pytest.mark.parametrize("first", [0.1, 1.5, 1e6])
def test_what_is_not_finite_is_stepped_back_from(first: float) -> None:
    line = one(cliff)
    assert fulfils(strong_wolfe(line, line.start, first), line.start)


def kink(place: Array) -> tuple[float, Array]:
    return float(np.abs(place - 1.0).sum()), np.sign(place - 1.0)


def test_at_a_kink_a_step_just_behind_it_will_do() -> None:
    """There is none with a small slope."""
    line = one(kink)
    found = strong_wolfe(line, line.start, 5.0)
    assert found.value < line.start.value
    assert found.slope > 0.0
    assert len(line.steps) < 12


def test_without_a_lower_place_the_start_is_given_back() -> None:
    line = one(lambda place: (float(np.abs(place).sum()), -np.ones(1)))  # the slope lies
    assert strong_wolfe(line, line.start, 1.0) is line.start
    assert len(line.steps) <= LIMIT


def test_what_falls_for_ever_ends_with_the_furthest_step_tried() -> None:
    line = one(lambda place: (float(-place[0]), -np.ones(1)))
    found = strong_wolfe(line, line.start, 1.0, limit=7)
    assert found.step == max(line.steps)
    assert len(line.steps) == 7


def test_a_function_flat_to_the_last_bit_is_decided_by_its_slopes() -> None:
    """1 + (x - 1)^2 / 1e20, rounded, with a digit of noise, falls nowhere; its slope does."""

    def flat(place: Array) -> tuple[float, Array]:
        return 1.0 + 2e-16 * (math.sin(1e9 * place[0]) > 0), 2e-20 * (place - 1.0)

    line = one(flat)
    found = strong_wolfe(line, line.start, 30.0, noise=4e-16)
    assert abs(found.slope) <= CURVATURE * abs(line.start.slope)
    assert strong_wolfe(line, line.start, 30.0, noise=0.0).value <= line.start.value


@pytest.mark.parametrize("limit", [0, 1, 2, 3])
def test_limit_is_kept(limit: int) -> None:
    line = one(more_thuente)
    found = strong_wolfe(line, line.start, 1e3, limit=limit)
    assert len(line.steps) <= limit
    assert found.value <= line.start.value
