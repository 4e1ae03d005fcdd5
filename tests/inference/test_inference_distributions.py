"""The normal and Student's t distribution against SciPy and mpmath."""

import math

import numpy as np
import pytest

pytest.importorskip("mpmath", reason="to compare with")
pytest.importorskip("scipy", reason="to compare with")

import mpmath
from scipy import stats

from glassnet.inference.distributions import cdf, quantile, two_sided

DOFS = [0.1, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 99, 100, 101, 1000, 1e4, 1e6]


@pytest.mark.parametrize("dof", DOFS)
def test_tails_equal_scipys_to_ten_digits(dof: float) -> None:
    for t in [0, 1e-3, 0.1, 0.5, 1, 1.5, 2, 3, 5, 10, 40, 1e3, 1e10, 1e100]:
        wanted = 2 * stats.t.sf(t, dof)
        np.testing.assert_allclose(two_sided(t, dof), wanted, rtol=1e-10, atol=1e-290)
        assert two_sided(-t, dof) == two_sided(t, dof)


@pytest.mark.parametrize("dof", DOFS)
@pytest.mark.parametrize("t", [-1e3, -3.0, -0.5, 0.0, 1e-3, 0.7, 2.0, 30.0])
def test_cdf_equals_scipys(dof: float, t: float) -> None:
    np.testing.assert_allclose(cdf(t, dof), stats.t.cdf(t, dof), rtol=1e-10, atol=1e-290)


@pytest.mark.parametrize("dof", [*DOFS, math.inf])
def test_quantiles_equal_scipys_to_ten_digits(dof: float) -> None:
    for level in [1e-12, 1e-6, 0.001, 0.025, 0.05, 0.3, 0.4999, 0.5, 0.6, 0.95, 0.975, 0.999999]:
        wanted = stats.t.ppf(level, dof) if dof < math.inf else stats.norm.ppf(level)
        np.testing.assert_allclose(quantile(level, dof), wanted, rtol=1e-10, atol=1e-15)


def test_tails_equal_an_integral_of_the_density_in_forty_digits() -> None:
    with mpmath.workdps(40):
        for dof, t in [(1, 1e-8), (7, 2.5), (1e4, 3.0)]:
            nu = mpmath.mpf(dof)
            height = mpmath.gamma((nu + 1) / 2) / mpmath.gamma(nu / 2) / mpmath.sqrt(mpmath.pi * nu)
            inside = mpmath.quad(lambda u, nu=nu: (1 + u * u / nu) ** (-(nu + 1) / 2), [0, t])
            np.testing.assert_allclose(
                two_sided(t, dof), float(1 - 2 * height * inside), rtol=1e-11
            )


def test_far_out_where_squares_leave_the_numbers_tails_are_those_of_the_leading_term() -> None:
    np.testing.assert_allclose(two_sided(1e200, 1.0), 2e-200 / math.pi, rtol=1e-12)
    assert two_sided(1e200, 30.0) == 0.0


@pytest.mark.parametrize("dof", [0.5, 4.0, math.inf])
def test_what_is_no_number_stays_none_and_infinity_has_no_tail(dof: float) -> None:
    assert math.isnan(two_sided(math.nan, dof))
    assert two_sided(-math.inf, dof) == 0.0
