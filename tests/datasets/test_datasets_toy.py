"""The made-up problems: their geometry, their balance, their seeds, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.datasets import blobs, circles, moons, sine, spirals, xor

LABELLED = [blobs, circles, moons, spirals, xor]
ALL = [*LABELLED, sine]
Make = Callable[..., Any]


def test_xor_is_its_four_exact_rows() -> None:
    X, y = xor()
    assert X.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert y.tolist() == [0, 1, 1, 0]


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(4, 300), noise=st.floats(0, 3), seed=st.integers(0, 2**64))
def test_the_labels_of_xor_say_the_quadrant(rows: int, noise: float, seed: int) -> None:
    X, y = xor(rows, noise=noise, seed=seed)
    np.testing.assert_array_equal(y, (X[:, 0] > 0.5) ^ (X[:, 1] > 0.5))


def test_a_little_noise_leaves_the_labels_of_xor_as_they_were() -> None:
    X, y = xor(400, noise=0.05, seed=1)
    assert y.tolist() == [0, 1, 1, 0] * 100
    assert np.std(X - np.rint(X)) == pytest.approx(0.05, rel=0.1)


@pytest.mark.parametrize("make", LABELLED)
@pytest.mark.parametrize("rows", [7, 200])
def test_points_and_labels_have_the_promised_form(make: Make, rows: int) -> None:
    X, y = make(rows, noise=0.01)
    assert (X.shape, X.dtype) == ((rows, 2), np.float32)
    assert (y.shape, y.dtype) == ((rows,), np.int64)
    assert X.flags.writeable
    assert np.isfinite(X).all()


@pytest.mark.parametrize("make", LABELLED)
def test_classes_are_balanced(make: Make) -> None:
    _, y = make(rows=103, noise=0.0)
    counts = np.bincount(y)
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("make", [blobs, spirals])
@pytest.mark.parametrize("classes", [2, 3, 100])
def test_there_are_as_many_classes_as_asked_for(make: Make, classes: int) -> None:
    _, y = make(classes, classes)
    assert y.tolist() == list(range(classes))


@pytest.mark.parametrize("make", ALL)
def test_a_seed_gives_the_same_rows_again_and_another_seed_others(make: Make) -> None:
    first, again, other = (make(50, noise=0.1, seed=seed) for seed in (3, 3, 4))
    for array, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(array, same)
    assert (first[0] != other[0]).any()
    assert (make(50, noise=0.1, seed=None)[0] != make(50, noise=0.1, seed=None)[0]).any()


@pytest.mark.parametrize("make", ALL)
def test_numpys_global_state_is_left_alone(make: Make) -> None:
    before = np.random.get_state()[1]
    make(20, noise=0.5)
    np.testing.assert_array_equal(before, np.random.get_state()[1])


def test_spirals_wind_from_the_origin_to_the_unit_circle() -> None:
    X, y = spirals(3000, 3, noise=0.0, turns=1.5, seed=2)
    radius = np.hypot(*X.T)
    assert radius.max() <= 1.0 + 1e-6
    assert np.mean(radius < 0.5) == pytest.approx(0.25, abs=0.03)
    angle = np.arctan2(X[:, 1], X[:, 0])
    expected = 2 * np.pi * (1.5 * radius + y / 3)
    outside = radius > 0.01
    np.testing.assert_allclose(np.cos(angle - expected)[outside], 1.0, atol=1e-5)


def test_moons_are_two_half_circles() -> None:
    X, y = moons(500, noise=0.0)
    upper, lower = X[y == 0], X[y == 1] - np.array([1.0, 0.5], np.float32)
    np.testing.assert_allclose(np.hypot(*upper.T), 1.0, atol=1e-6)
    np.testing.assert_allclose(np.hypot(*lower.T), 1.0, atol=1e-6)
    assert upper[:, 1].min() >= -1e-6
    assert lower[:, 1].max() <= 1e-6


def test_circles_have_their_two_radii() -> None:
    X, y = circles(300, noise=0.0, factor=0.3)
    np.testing.assert_allclose(np.hypot(*X.T), np.where(y == 1, 0.3, 1.0), atol=1e-6)


def test_blobs_lie_around_equal_steps_on_the_unit_circle() -> None:
    X, y = blobs(8000, 4, noise=0.1, seed=5)
    for label, center in enumerate([(1, 0), (0, 1), (-1, 0), (0, -1)]):
        np.testing.assert_allclose(X[y == label].mean(axis=0), center, atol=0.01)
        assert X[y == label].std() ** 2 == pytest.approx(0.01 + 0.25, abs=0.01)


def test_sine_is_the_sine() -> None:
    X, y = sine(500, noise=0.0)
    assert X.shape == y.shape == (500, 1)
    assert X.dtype == y.dtype == np.float32
    np.testing.assert_allclose(y, np.sin(X), atol=1e-6)
    assert -np.pi <= X.min() < -3.0
    assert 3.0 < X.max() <= np.float32(np.pi)
    noisy = sine(500, noise=0.2)
    np.testing.assert_array_equal(noisy[0], X)
    assert np.std(noisy[1] - y) == pytest.approx(0.2, rel=0.1)


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("rows", [0, -1, True, 10.5, "10", None, 10**9])
def test_rows_is_a_number_of_rows(make: Make, rows: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="rows"):
        make(rows)


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize(
    "noise",
    [-0.1, float("nan"), float("inf"), True, "0.1", None, 1j, 1e7, 10**400],
    ids=lambda noise: repr(noise)[:9],
)
def test_noise_is_a_spread(make: Make, noise: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="noise"):
        make(noise=noise)


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("seed", [-1, True, 1.5, "1"])
def test_a_seed_is_a_whole_number(make: Make, seed: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="seed"):
        make(seed=seed)


@pytest.mark.parametrize("make", [blobs, spirals])
@pytest.mark.parametrize("classes", [0, 1, -2, 101, True, 2.5, "2", None])
def test_classes_is_a_number_of_classes(make: Make, classes: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="classes"):
        make(500, classes)


@pytest.mark.parametrize(
    ("make", "least"), [(blobs, 3), (circles, 2), (moons, 2), (spirals, 2), (xor, 4), (sine, 1)]
)
def test_every_class_has_a_row(make: Make, least: int) -> None:
    assert len(make(least)[0]) == least
    with pytest.raises(ValueError, match=f"rows must be .*at least {least}; got {least - 1}"):
        make(least - 1)


@pytest.mark.parametrize(("make", "name"), [(spirals, "turns"), (circles, "factor")])
@pytest.mark.parametrize("value", [-0.1, 101.0, float("nan"), True, "1"])
def test_the_other_settings_have_their_ranges(make: Make, name: str, value: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=name):
        make(**{name: value})


def test_numpys_own_integers_are_taken() -> None:
    X, _ = blobs(np.int64(6), np.uint8(3), noise=np.float32(0.5), seed=np.int32(1))
    np.testing.assert_array_equal(X, blobs(6, 3, noise=0.5, seed=1)[0])
