"""What a search tries: spread over the whole of each range, all combinations, none twice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.selection import log_uniform, uniform
from glassnet.selection.drawing import Distribution, combinations

BOUNDS = st.floats(1e-300, 1e300)


@given(number=st.integers(1, 40), seed=st.integers(0, 99))
def test_one_value_is_drawn_from_each_part_of_equal_probability(number: int, seed: int) -> None:
    settings = {"a": uniform(-1, 3), "b": log_uniform(1e-4, 1e2), "c": ["x", "y"]}
    drawn = combinations(settings, number, False, seed)
    linear = np.floor((np.array(drawn["a"]) + 1) / 4 * number + 1e-9)
    decades = np.floor((np.log10(drawn["b"]) + 4) / 6 * number + 1e-9)
    assert sorted(linear) == sorted(decades) == list(range(number))
    assert abs(drawn["c"].count("x") - drawn["c"].count("y")) <= 1


@given(bounds=st.tuples(BOUNDS, BOUNDS), share=st.floats(0, 1))
def test_values_never_leave_their_range(bounds: tuple[float, float], share: float) -> None:
    low, high = sorted(bounds)
    if low < high:
        for distribution in (uniform(low, high), log_uniform(low, high)):
            assert low <= distribution.at(np.array([share]))[0] <= high


def test_a_setting_is_drawn_alike_whatever_else_is_searched() -> None:
    alone = combinations({"a": uniform(0, 1)}, 8, False, 3)
    beside = combinations({"b": uniform(0, 1), "a": uniform(0, 1)}, 8, False, 3)
    assert alone["a"] == beside["a"] != beside["b"]


def test_a_grid_is_every_combination() -> None:
    grid = combinations({"a": [1, 2], "b": (3, 4, 5)}, None, True, 0)
    assert list(zip(*grid.values(), strict=True)) == [
        (1, 3),
        (1, 4),
        (1, 5),
        (2, 3),
        (2, 4),
        (2, 5),
    ]


@given(number=st.integers(1, 30), seed=st.integers(0, 9))
def test_of_lists_no_combination_is_drawn_twice(number: int, seed: int) -> None:
    drawn = combinations({"a": range(4), "b": np.arange(5)}, number, False, seed)
    pairs = list(zip(*drawn.values(), strict=True))
    assert len(set(pairs)) == len(pairs) == min(number, 20)
    assert all(type(value) is int for pair in pairs for value in pair)


def test_very_many_combinations_are_not_listed() -> None:
    drawn = combinations({name: range(100) for name in "abcd"}, 50, False, 0)
    assert {len(values) for values in drawn.values()} == {50}
    assert len(set(drawn["a"])) == 50


def test_64_are_drawn_where_nothing_is_said() -> None:
    assert len(combinations({"a": uniform(0, 1)}, None, False, None)["a"]) == 64


@pytest.mark.parametrize("low_high", [(1, 1), (2, 1), (0, np.inf), (np.nan, 1), (-1e308, 1e308)])
def test_a_range_must_have_two_finite_ends_in_order(low_high: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match=r"low|high"):
        uniform(*low_high)
    with pytest.raises(ValueError, match=r"low|high"):
        log_uniform(*low_high)


def test_orders_of_magnitude_are_above_0() -> None:
    with pytest.raises(ValueError, match="low must be a finite number above 0; got 0"):
        log_uniform(0, 1)
    with pytest.raises(TypeError, match="low must be a finite number; got '1'"):
        uniform("1", 2)  # type: ignore[arg-type]  # what a user may do


def test_a_distribution_of_ones_own_says_what_it_needs() -> None:
    with pytest.raises(NotImplementedError, match=r"must have a method at\(shares\)"):
        Distribution(0, 1).at(np.zeros(1))
