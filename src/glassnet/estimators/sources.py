"""How rows come to the engine as scikit-learn's MLP takes them: its order, sparse rows too.

Both stand in for what the engine has of its own: a Stream, an array.
"""

from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.random import Stream


class Order(Stream):
    """Orders of rows drawn from a RandomState, each a shuffle of the one before: with the same
    state the same batches as scikit-learn's."""

    def __init__(self, random: np.random.RandomState) -> None:
        super().__init__(0)
        self.random, self.places = random, np.arange(0)

    def order(self, count: int) -> Array:
        """(count,) the integers 0 .. count-1 in random order."""
        if len(self.places) != count:
            self.places = np.arange(count)
        shuffled = np.arange(count)
        self.random.shuffle(shuffled)
        self.places = self.places[shuffled]
        return self.places


class Dense:
    """A sparse matrix (rows, columns) of scipy as the engine takes arrays: asked for some rows, it
    gives them dense. So a batch is dense, never the whole."""

    ndim = 2

    def __init__(self, matrix: Any) -> None:
        self.matrix, self.shape, self.dtype = matrix.tocsr(), matrix.shape, matrix.dtype
        self.flags = np.empty((2, 2)).T.flags  # of an array that is not contiguous

    def __len__(self) -> int:
        return int(self.shape[0])

    def __getitem__(self, rows: Any) -> Array:
        dense: Array = self.matrix[rows].toarray()
        return dense
