"""Selection: how good a kind of network is, whether more rows would help, which settings are best.

`cross_validate`, `learning_curve` and `search` train many networks of one kind together, as a
Fleet. What they share is in task.py; to add one: a file of its own, its result in results.py, and a
picture in glassnet/plots/selection.py.
"""

from .cross_validation import cross_validate
from .drawing import log_uniform, uniform
from .learning_curves import learning_curve
from .results import CrossValidation, LearningCurve, Search
from .searching import search

__all__ = [
    "CrossValidation",
    "LearningCurve",
    "Search",
    "cross_validate",
    "learning_curve",
    "log_uniform",
    "search",
    "uniform",
]
