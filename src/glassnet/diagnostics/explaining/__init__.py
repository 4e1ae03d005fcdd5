"""A worked example: one pass written out, every formula with its numbers.

Start with explanation.py. To tell more of a pass: story.py; of a loss: known_losses.py; a formula:
formulas.py. A format: a file with its `Writer` (text.py).
"""

from .explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
