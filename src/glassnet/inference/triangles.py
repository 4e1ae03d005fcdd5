"""Square roots of J'J, out of blocks of the rows of J, and their inverses: digits are kept.

Never J'J itself, which would cost half of the digits: an orthogonal triangle R with R'R = J'J goes
from block to block, or two Cholesky's of which the second puts right what the first has rounded.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ..core.arrays import Array

EPS = float(np.finfo(float).eps)

MANY = 200
"""Columns from which on products, as fast as the BLAS is, are tried before orthogonal steps, which
are ten times slower."""

SLACK = 1e-3
"""How far from orthogonal rounding may leave columns after the first Cholesky, but for a factor of
some tens; and how near to singular a matrix may be that is inverted."""

CLOSE = 1e-6
"""Of a singular value: iterations that gain less are the last."""

RANGE = 1e-140, 1e140
"""Of the lengths of columns whose squares keep their digits."""


def root_of(blocks: Callable[[], Iterator[Array]], rows: int, columns: int) -> Array:
    """R with R'R the sum of B'B over the blocks B (rows in all, columns), which may be gone through
    twice; (at most columns, columns)."""
    found = by_products(blocks, columns) if rows >= columns >= MANY else None
    if found is None:
        found = np.zeros((0, columns))
        for block in blocks():
            found = triangle(found, block)
    return found


def triangle(*blocks: Array) -> Array:
    """R with R'R the sum of B'B over blocks B of rows, (at most columns, columns)."""
    return np.asarray(np.linalg.qr(np.concatenate(blocks), mode="r"))


def by_products(blocks: Callable[[], Iterator[Array]], columns: int) -> Array | None:
    """The same by CholeskyQR2 (Yamamoto, Nakatsukasa, Yanagisawa and Fukaya 2015): of the columns
    that the first R makes nearly orthogonal, products lose no digits. None where columns depend on
    each other too nearly for that."""
    first = _gram(blocks(), columns)
    lengths = np.sqrt(np.diagonal(first))
    if not RANGE[0] < lengths.min() <= lengths.max() < RANGE[1]:
        return None
    first /= lengths
    first /= lengths[:, None]
    try:
        lower = np.linalg.cholesky(first)
        inverse = np.linalg.inv(lower).T
        if not EPS * np.square(inverse).sum() < SLACK:
            return None
        inverse /= lengths[:, None]
        second = np.linalg.cholesky(_gram((block @ inverse for block in blocks()), columns))
    except np.linalg.LinAlgError:
        return None
    return np.asarray(second.T @ lower.T * lengths)


def _gram(blocks: Iterator[Array], columns: int) -> Array:
    found, room = np.zeros((columns, columns)), np.empty((columns, columns))
    for block in blocks:
        found += np.matmul(block.T, block, out=room)
    return found


@dataclass
class Spread:
    """How the parameters spread: covariance = root root'; `root` (parameters, rank)."""

    root: Array
    condition: float
    undetermined: Array

    @property
    def rank(self) -> int:
        return int(self.root.shape[1])

    def deviations(self, slopes: Array) -> Array:
        """(...) the standard deviation of what has these slopes (..., parameters)."""
        return np.asarray(np.sqrt(np.square(slopes @ self.root).sum(axis=-1)))


def invert(root: Array, rows: float) -> Spread:
    """The (pseudo-)inverse of R'R, from the singular values of R with columns of length 1.

    `condition` is the ratio of these; `undetermined` the numbers of the parameters that can move
    along with others, or alone, without any change in what is predicted for these rows.
    """
    lengths = np.sqrt(np.square(root).sum(axis=0))
    lengths[lengths == 0] = 1.0
    scaled, least = root / lengths, max(rows, len(lengths)) * EPS
    if len(root) == len(lengths) >= MANY and (found := _inverse(scaled, least)):
        return Spread(found[0] / lengths[:, None], found[1], np.zeros(0, int))
    _, sizes, turned = np.linalg.svd(scaled)
    sizes = np.pad(sizes, (0, len(lengths) - len(sizes)))
    rank = int(np.count_nonzero(sizes > least * sizes[0]))
    made = (turned[:rank] / sizes[:rank, None] / lengths).T
    condition = float(sizes[0] / sizes[-1]) if rank == len(lengths) else np.inf
    if rank == len(lengths):
        return Spread(made, condition, np.zeros(0, int))
    free = np.linalg.qr((turned[rank:] / lengths).T)[0]
    made = made - free @ (free.T @ made)
    loose = np.square(turned[rank:]).sum(axis=0) > 1e-8
    return Spread(made, condition, np.flatnonzero(loose))


def _inverse(scaled: Array, least: float) -> tuple[Array, float] | None:
    """The inverse of a square matrix with columns of length 1, and its condition number; None where
    that might come near 1 / `least`."""
    try:
        inverse = np.linalg.inv(scaled)
    except np.linalg.LinAlgError:
        return None
    if not np.linalg.norm(scaled) * np.linalg.norm(inverse) * least < SLACK:
        return None
    return inverse, _largest(scaled) * _largest(inverse)


def _largest(matrix: Array) -> float:
    """The largest singular value, to some four digits or more: by subspace iteration (Golub and Van
    Loan 2013, section 8.2.4), which takes few products where values alone would take as long as all
    else together."""
    vectors = np.cos(np.outer(np.arange(1.0, len(matrix) + 1), np.arange(1.0, 13)) ** 1.5)
    found, before = 1.0, 0.0
    while found > before * (1.0 + CLOSE):
        vectors, before = np.linalg.qr(matrix.T @ (matrix @ vectors))[0], found
        found = float(np.linalg.svd(matrix @ vectors, compute_uv=False)[0])
    return found
