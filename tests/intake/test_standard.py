"""Mean and spread of columns: as NumPy's, for columns that never change, that hardly change, that
are not known throughout, and that are too large."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from refusals import refused, refused_unchanged
from small_problems import Array, inputs

from glassnet import Network
from glassnet.intake.arrays import BLOCK, blocks_of_rows
from glassnet.intake.scaling import standard

NUMBERS = st.floats(-1e6, 1e6)


@given(arrays(np.float64, st.tuples(st.integers(1, 30), st.integers(1, 3)), elements=NUMBERS))
def test_columns_come_to_mean_0_and_spread_1_or_0(values: Array) -> None:
    found = standard(values)
    used = (values - found.offset) * found.scale
    spread = values.std(axis=0)
    np.testing.assert_allclose(found.offset, values.mean(axis=0), rtol=1e-9, atol=1e-6)
    clear = spread > 1e-6 * (1.0 + np.abs(values).max(axis=0))
    np.testing.assert_allclose(used.std(axis=0)[clear], 1.0, rtol=1e-4)
    assert np.isfinite(used).all()


def test_a_column_that_never_changes_keeps_its_scale() -> None:
    for value in (0.0, 7.0, 0.1, 1e12, -3e-9):
        found = standard(np.full((10, 1), value))
        assert found.scale == 1.0
        assert found.offset == value


def test_a_small_spread_around_a_large_mean_is_kept() -> None:
    values = 1e9 + np.array([[0.0], [1.0], [2.0], [3.0]])
    assert 1.0 / standard(values).scale == pytest.approx(np.sqrt(1.25))


@given(st.lists(st.booleans(), min_size=20, max_size=20).filter(any))
def test_what_is_not_known_is_left_out(known: list[bool]) -> None:
    values = inputs(20, 1)
    gaps = np.where(np.array(known)[:, None], values, np.nan)
    found = standard(gaps)
    assert found.offset == pytest.approx(np.nanmean(gaps))
    if sum(known) > 1:
        assert 1.0 / found.scale == pytest.approx(np.nanstd(gaps))


def test_a_column_of_which_nothing_is_known_is_left_alone() -> None:
    found = standard(np.array([[1.0, np.nan], [3.0, np.nan]]))
    np.testing.assert_array_equal(found.offset, [2.0, 0.0])
    np.testing.assert_array_equal(found.scale, [1.0, 1.0])


def test_large_data_are_looked_through_in_blocks() -> None:
    values = np.zeros((BLOCK // 4 + 1000, 8), "f4")
    values[::2] = 2.0
    assert len(list(blocks_of_rows(values))) == 3
    found = standard(values)
    np.testing.assert_allclose(found.offset, 1.0)
    np.testing.assert_allclose(found.scale, 1.0)
    assert len(list(blocks_of_rows(np.zeros((3, 2 * BLOCK), "u1")))) == 3


def test_columns_whose_squares_leave_float64_are_refused_by_name() -> None:
    values = np.array([[0.0, 1e200], [1.0, -1e200], [2.0, 1e308]])
    refused(lambda: standard(values, name="y"), ValueError, "y spreads too far", "column 1")
    net = Network([2, 1], dtype="float64", seed=0)
    call = partial(net.fit, values, [0, 1, 0], standardize=True)
    refused_unchanged(net, call, ValueError, "X spreads too far to standardise in column 1")
