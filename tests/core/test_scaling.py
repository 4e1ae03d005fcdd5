"""Scaling: what is subtracted and multiplied, exactly, in place or not, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.scaling import Scaling, uniform_scaling


def columns(offset: list[float], scale: list[float]) -> Scaling:
    return Scaling(np.array(offset), np.array(scale))


def test_used_is_given_minus_offset_times_scale() -> None:
    used = columns([1.0, 10.0], [2.0, 0.5]).apply(np.array([[2.0, 14.0]]), np.empty((1, 2)))
    np.testing.assert_array_equal(used, [[2.0, 2.0]])


def test_scaling_writes_into_the_given_array_and_leaves_the_values() -> None:
    values, out = np.array([[2.0, 14.0]]), np.empty((1, 2))
    assert columns([1.0, 10.0], [2.0, 0.5]).apply(values, out) is out
    np.testing.assert_array_equal(values, [[2.0, 14.0]])


@pytest.mark.parametrize("offset", [0.0, 3.0])
@pytest.mark.parametrize("scale", [1.0, 0.25])
def test_scaling_in_place_gives_the_same(offset: float, scale: float) -> None:
    scaling = columns([offset, 0.0], [scale, scale])
    values = np.array([[1.0, 2.0], [5.0, -3.0]])
    wanted = scaling.apply(values, np.empty((2, 2)))
    scaling.apply(values, values)
    np.testing.assert_array_equal(values, wanted)


@pytest.mark.parametrize("source", [np.uint8, np.int64, np.float32, np.float64])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_of_any_type_become_those_of_the_network(source: type, dtype: type) -> None:
    values = np.array([[0, 51], [255, 102]], source)
    used = uniform_scaling(1.0 / 255.0, "bytes").apply(values, np.empty((2, 2), dtype))
    assert used.dtype == dtype
    np.testing.assert_allclose(used, [[0.0, 0.2], [1.0, 0.4]], rtol=1e-6)


def test_a_large_offset_keeps_the_decimals_of_float32() -> None:
    kelvin = np.array([[16777217.0], [16777219.0]])  # not numbers of float32
    used = columns([16777218.0], [1.0]).apply(kelvin, np.empty((2, 1), np.float32))
    assert used.tolist() == [[-1.0], [1.0]]


def test_a_plain_scaling_only_converts() -> None:
    scaling = uniform_scaling()
    assert scaling.plain
    assert not scaling.moves
    values = np.array([[1, 2]], np.int64)
    np.testing.assert_array_equal(scaling.apply(values, np.empty((1, 2), np.float32)), values)


@pytest.mark.parametrize(
    ("scaling", "moves", "plain"),
    [
        (uniform_scaling(2.0), False, False),
        (columns([0.0, 0.0], [1.0, 1.0]), False, True),
        (columns([0.0, 1.0], [1.0, 1.0]), True, False),
        (columns([0.0, 0.0], [1.0, 3.0]), False, False),
    ],
)
def test_what_a_scaling_does_is_found_out_once(scaling: Scaling, moves: bool, plain: bool) -> None:
    assert (scaling.moves, scaling.plain) == (moves, plain)


numbers = st.floats(-1e6, 1e6)


@given(values=st.lists(numbers, min_size=2, max_size=2), offset=numbers, power=st.integers(-9, 9))
def test_undoing_gives_back_what_was_given(values: list[float], offset: float, power: int) -> None:
    scaling, given_values = columns([offset, 0.0], [2.0**power, 0.1]), np.array([values])
    back = scaling.undo(scaling.apply(given_values, np.empty((1, 2))))
    np.testing.assert_allclose(back, given_values, rtol=1e-12, atol=1e-9)


def test_undoing_keeps_the_type() -> None:
    values = np.ones((2, 2), np.float32)
    assert columns([1.0, 2.0], [3.0, 4.0]).undo(values).dtype == np.float32


def test_a_uniform_scaling_has_one_scale_for_all_columns() -> None:
    scaling = uniform_scaling(0.5, "bytes")
    assert scaling.source == "bytes"
    assert scaling.offset.shape == scaling.scale.shape == ()
    assert scaling.scale.dtype == np.float64
