"""Scaling: what is subtracted from a column and what it is multiplied with before the network.

Settled at the first fit and stored with the network, so that predicting does the same. Bytes (the
pixels of images) are told apart from numbers, so that nothing is divided by 255 twice.
"""

from dataclasses import dataclass, field

import numpy as np

from .arrays import Array


@dataclass(frozen=True)
class Scaling:
    """used = (given - offset) x scale.

    `offset` and `scale` are float64, of shape () or (columns,); `source` is "bytes" where the data
    were uint8, else "numbers". `plain` is True where scaling changes nothing.
    """

    offset: Array
    scale: Array
    source: str = "numbers"
    moves: bool = field(init=False)
    plain: bool = field(init=False)

    def __post_init__(self) -> None:
        # Asked for with every batch, so found out once.
        object.__setattr__(self, "moves", bool(np.any(self.offset)))
        object.__setattr__(self, "plain", not self.moves and bool(np.all(self.scale == 1.0)))

    def apply(self, values: Array, out: Array) -> Array:
        """Scale `values` into `out`, a float array of the same shape (it may be `values`)."""
        if self.moves:
            # The difference is formed before rounding: a year or a kelvin keeps its decimals.
            exact = np.subtract(values, self.offset, dtype=np.float64)
            return np.multiply(exact, self.scale, out=out, casting="same_kind")
        if self.plain:
            np.copyto(out, values, casting="same_kind")
            return out
        scale = self.scale.astype(out.dtype)
        np.multiply(values, scale, out=out, dtype=out.dtype, casting="same_kind")
        return out

    def undo(self, values: Array) -> Array:
        """What was given, from what was used; a new array of the dtype of `values`."""
        given: Array = (values / self.scale + self.offset).astype(values.dtype)
        return given


def uniform_scaling(scale: float = 1.0, source: str = "numbers") -> Scaling:
    """One scale for all columns, nothing subtracted."""
    return Scaling(np.zeros(()), np.asarray(scale, dtype=np.float64), source)
