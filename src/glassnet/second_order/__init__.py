"""Optimizers that look at the loss of all rows themselves, as often as one step needs it.

training.py has what they share, line_search.py the length of a step; each has a file of its own:
its settings (an Optimizer), which name its way of training. To add one: such a file, and its name
in SOLVERS.
"""

from ..core.optimizer import Optimizer
from .bayesian import BayesianRegularization
from .lbfgs import LBFGS
from .levenberg_marquardt import LevenbergMarquardt

SOLVERS: dict[str, type[Optimizer]] = {
    "lbfgs": LBFGS,
    "levenberg_marquardt": LevenbergMarquardt,
    "bayesian_regularization": BayesianRegularization,
}

__all__ = ["BayesianRegularization", "LBFGS", "LevenbergMarquardt", "SOLVERS"]
