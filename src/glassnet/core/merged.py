"""The first layer of many tiny networks that see the same rows: one product for all of them.

A call of the BLAS for each network would cost more than its arithmetic. Sums are then made in
another order than alone, so that the last bits differ.
"""

import math

import numpy as np

from .arrays import Array

TINY, MANY = 1 << 8, 64
"""Up to so many multiplications of one network's first layer, and from so many networks on, it
pays: 1,000 of [2, 8, 1] with 4 rows take 0.7 of the time, 64 of [30, 16, 1] with 32 would take 1.3.
"""


def pays(rows: int, weights: Array) -> bool:
    """Whether to merge the first layers, with these weights (..., inputs, units)."""
    lead, matrix = weights.shape[:-2], weights.shape[-2:]
    return len(lead) == 1 and lead[0] >= MANY and rows * math.prod(matrix) <= TINY


class Merged:
    """Buffers for `rows` rows through weights (members, inputs, units).

    Side by side the weights make one matrix (inputs, members x units). Biases are one row more of
    it, for which the rows get a column of ones. `scores` and `delta` (rows, members x units) are
    the memory of the layer's arrays (members, rows, units).
    """

    def __init__(self, rows: int, weights: Array, has_bias: bool) -> None:
        members, self.inputs, units = weights.shape
        self.has_bias, height = has_bias, self.inputs + has_bias
        self.rows = np.ones((rows, height), weights.dtype)
        self.beside = np.empty((height, members, units), weights.dtype)
        self.matrix = self.beside.reshape(height, -1)
        self.scores, self.delta = (np.empty((rows, members * units), weights.dtype) for _ in "sd")

    def as_members(self, matrix: Array) -> Array:
        """(members, rows, units), a view."""
        return matrix.reshape(len(matrix), *self.beside.shape[1:]).swapaxes(0, 1)

    def forward(self, inputs: Array, weights: Array, biases: Array) -> None:
        """Scores from `inputs` (rows, inputs)."""
        self.rows[:, : self.inputs] = inputs
        self.beside[: self.inputs] = weights.swapaxes(0, 1)
        if self.has_bias:
            self.beside[-1] = biases
        np.dot(self.rows, self.matrix, out=self.scores)

    def backward(self, weight_gradients: Array, bias_gradients: Array) -> None:
        """Gradients from delta, for the rows of the last `forward`."""
        np.dot(self.rows.T, self.delta, out=self.matrix)
        weight_gradients[...] = self.beside[: self.inputs].swapaxes(0, 1)
        if self.has_bias:
            bias_gradients[...] = self.beside[-1]
