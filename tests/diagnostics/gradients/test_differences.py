"""Numeric slopes: of functions whose slope is known, with kinks, coarse values, at any size."""

from collections.abc import Callable

import numpy as np
import pytest

from glassnet.core.arrays import Array
from glassnet.diagnostics.gradients.differences import differentiate

POINTS = np.concatenate([np.linspace(-6.1, 5.9, 60), [1e-9, -1e-4, 20.0, -35.0, 300.0]])

KNOWN: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "sine": (np.sin, np.cos),
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "root": (lambda x: np.sqrt(1 + x * x), lambda x: x / np.sqrt(1 + x * x)),
    "steep": (
        lambda x: np.tanh(1e4 * x),
        lambda x: 1e4 / np.cosh(np.minimum(1e4 * np.abs(x), 300)) ** 2,
    ),
    "flat": (lambda x: 0 * x + 5.0, lambda x: 0.0 * x),
    "tiny": (lambda x: 1e-20 * np.sin(x), lambda x: 1e-20 * np.cos(x)),
}


def real_only(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    def of(grid: Array) -> Array:
        if np.iscomplexobj(grid):
            raise TypeError("no complex numbers")
        return function(grid)

    return of


@pytest.mark.parametrize("name", KNOWN)
def test_slopes_of_known_functions_are_right_and_one_percent_off_is_not(name: str) -> None:
    function, slope = KNOWN[name]
    wanted = slope(POINTS)
    for each in (function, real_only(function)):
        found = differentiate(each, POINTS)
        assert found.right(wanted, 1e-8).all()
        if wanted.any():
            assert not found.right(1.01 * wanted, 1e-8).all()
            assert not found.right(-wanted, 1e-8).all()


@pytest.mark.parametrize("name", ["sine", "cube", "tanh", "root"])
def test_rounding_of_a_slope_to_float32_shows(name: str) -> None:
    function, slope = KNOWN[name]
    found = differentiate(real_only(function), POINTS)
    wrong = ~found.right(slope(POINTS).astype(np.float32).astype(float), 1e-8)
    assert wrong.sum() > 10


@pytest.mark.parametrize("name", ["sine", "cube", "root"])
def test_a_complex_step_leaves_rounding_only(name: str) -> None:
    function, slope = KNOWN[name]
    found = differentiate(function, POINTS)
    apart = np.abs(found.value - slope(POINTS))
    assert apart.max() <= 1e-14 * np.abs(slope(POINTS)).max()


@pytest.mark.parametrize("away", [0.0, 1e-13, -1e-9, 1e-7, -1e-5, 1e-3])
def test_near_a_kink_the_slope_of_this_side_is_right(away: float) -> None:
    points = np.append(POINTS, away)
    for rounding in (np.float64, np.float32):

        def bent(x: Array, to: type = rounding) -> Array:
            return np.asarray(np.where(x.real > 0, x.real, 0.2 * x.real).astype(to), float)

        found = differentiate(bent, points)
        assert found.right(np.where(points > 0, 1.0, 0.2), 1e-8).all()
        assert not found.right(np.full(len(points), 1.4), 1e-8)[-1] or rounding is np.float32


def test_at_a_kink_all_between_both_sides_is_right() -> None:
    found = differentiate(lambda x: np.abs(x.real), np.append(POINTS, 0.0))
    for slope, right in ((-1.0, True), (0.3, True), (1.0, True), (1.1, False), (-1.1, False)):
        assert found.right(np.append(np.sign(POINTS), slope), 1e-8)[-1] == right


def test_a_complex_step_that_drops_a_part_is_not_believed() -> None:
    found = differentiate(lambda x: np.abs(x) ** 3, POINTS)  # of a complex number a real one
    assert found.right(3 * POINTS * np.abs(POINTS), 1e-8).all()


def test_where_a_function_is_not_finite_nothing_is_known() -> None:
    found = differentiate(np.log, np.array([-1.0, 0.0, 0.5, 2.0]))
    assert found.known.tolist() == [False, False, True, True]
    assert found.right(np.array([7.0, 7.0, 2.0, 0.5]), 1e-8).all()
    assert found.right(np.array([7.0, 7.0, 2.1, np.nan]), 1e-8).tolist() == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("far", [1e5, 1e9, 1e60, 1e300])
def test_far_away_a_right_slope_is_never_called_wrong(far: float) -> None:
    for function, slope in ((np.sin, np.cos), (lambda x: x**2, lambda x: 2 * x)):
        points = far * np.linspace(0.31, 1.0, 20)
        with np.errstate(all="ignore"):
            wanted = slope(points)
        assert differentiate(function, points).right(wanted, 1e-8).all()
        assert differentiate(real_only(function), points).right(wanted, 1e-8).all()


def test_coarse_values_accuse_no_right_slope() -> None:
    for name in ("sine", "tanh", "root"):
        function, slope = KNOWN[name]

        def coarse(x: Array, of: Callable[[Array], Array] = function) -> Array:
            return np.asarray(of(x.real).astype(np.float32), float)

        found = differentiate(coarse, POINTS)
        assert found.right(slope(POINTS), 1e-8).all()
        assert not found.right(1.1 * slope(POINTS), 1e-8).all()
