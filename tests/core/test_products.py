"""Products in pieces are the products; how they are cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.core.products import InPieces, outer, product

LEADS = st.sampled_from([(), (1,), (3,)])


@given(LEADS, st.integers(1, 40), st.integers(1, 6), st.integers(1, 6), st.integers(1, 50))
def test_a_product_in_pieces_is_the_product(
    lead: tuple[int, ...], rows: int, inner: int, columns: int, largest: int
) -> None:
    random = np.random.default_rng(rows * inner)
    flat = random.normal(size=(*lead, inner * columns + 5))  # right lies in a longer vector
    right = flat[..., 2:-3].reshape(*lead, inner, columns)
    left = random.normal(size=(*lead, inner, rows)).swapaxes(-1, -2)
    target = np.zeros((*lead, rows * columns + 1))
    out = target[..., :-1].reshape(*lead, rows, columns)
    product(lead, rows, right[0].size if lead else right.size, largest)(left, right, out)
    np.testing.assert_allclose(out, left @ right, rtol=1e-12, atol=1e-14)
    assert not target[..., -1].any()


@pytest.mark.parametrize(
    ("rows", "right", "size"),
    [(200, 784 * 32, 25), (784, 200 * 32, 112), (199, 784 * 32, 34), (10, 300_000, 2)],
)
def test_pieces_are_no_larger_than_asked_and_even_where_they_can_be(
    rows: int, right: int, size: int
) -> None:
    found = product((), rows, right, 1_000_000)
    assert isinstance(found, InPieces)
    assert found.size == size
    assert size * right <= 1_000_000


@pytest.mark.parametrize(
    ("rows", "right", "largest"), [(10, 10, 0), (10, 10, 100), (5, 101, 100), (5, 0, 100)]
)
def test_what_is_small_or_cannot_be_cut_stays_whole(rows: int, right: int, largest: int) -> None:
    assert product((), rows, right, largest) is np.dot
    assert product((4,), rows, right, largest) is np.matmul


def test_an_outer_product_is_matmuls_to_the_last_bit() -> None:
    random = np.random.default_rng(0)
    columns, rows = random.normal(size=(5, 7, 1)), random.normal(size=(5, 1, 4))
    out = np.empty((7, 5, 4)).swapaxes(0, 1)
    outer(columns, rows, out)
    np.testing.assert_array_equal(out, columns @ rows)
