"""Matrix products, whole or in pieces small enough for the quickest kernel of the BLAS.

In front of a large product OpenBLAS copies both matrices into an order that suits it. For a small
one its AVX-512 kernels do without: cut into pieces, 200 rows of 784 times 784 x 32 take 91 us
instead of 111. A product whose right side is transposed gains nothing and is left whole.
"""

from typing import Any

import numpy as np

from .arrays import Array


class InPieces:
    """product(left, right, out) of (..., rows, inner) and (..., inner, columns), a few rows of
    `left` at a time."""

    def __init__(self, rows: int, count: int) -> None:
        self.size = -(-rows // count)
        self.whole = rows // self.size * self.size

    def __call__(self, left: Array, right: Array, out: Array) -> None:
        whole = self.whole
        right_each = right[..., None, :, :]
        np.matmul(self._cut(left), right_each, out=self._cut(out))
        if whole < left.shape[-2]:
            np.matmul(left[..., whole:, :], right, out=out[..., whole:, :])

    def _cut(self, matrix: Array) -> Array:
        """(..., pieces, rows of a piece, columns), a view."""
        shape = *matrix.shape[:-2], -1, self.size, matrix.shape[-1]
        return matrix[..., : self.whole, :].reshape(shape)


def outer(columns: Array, rows: Array, out: Array) -> None:
    """The product of (members, rows, 1) and (members, 1, columns), of which nothing is summed.

    Member by member the BLAS is called for it; einsum makes the same numbers in half the time.
    """
    np.einsum("mik,mkj->mij", columns, rows, out=out)


def product(lead: tuple[int, ...], rows: int, right: int, largest: int = 0) -> Any:
    """What multiplies `rows` rows with a matrix of `right` numbers, for each of `lead` networks.

    `largest` is the number of multiplications that a piece may have; 0 leaves all products whole.
    """
    if 0 < right <= largest < rows * right:
        least = -(-rows // (largest // right))
        even = (count for count in range(least, 2 * least) if rows % count == 0)
        return InPieces(rows, next(even, least))
    # Of two matrices dot makes what matmul makes, in 0.6 us instead of 1.1 where they are tiny.
    return np.matmul if lead else np.dot
