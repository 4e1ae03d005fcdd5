"""What an activation is: a function of the scores of a layer, element by element, and its slope.

Those that come with glassnet, and how to add one or bring your own, are in glassnet/activations.py.
"""

from .arrays import Array


class Activation:
    """The two functions of an activation; `initializer` names the weights of "auto"."""

    name: str
    initializer: str = "glorot_uniform"

    def forward(self, scores: Array, out: Array) -> None:
        """Write the outputs for `scores` into `out`, another array of the same shape."""
        raise NotImplementedError

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        """Write d outputs / d scores into `out`, which is neither of the others."""
        raise NotImplementedError
