"""The gradient check: each part of a network against numeric slopes of its own.

Start with check.py. To check another kind of part: a file of its own, and its place in `Whole`
(chain.py).
"""

from .check import GradientCheck, check_gradients

__all__ = ["GradientCheck", "check_gradients"]
