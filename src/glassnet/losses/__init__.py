"""Losses: what training makes small, each from raw scores, each with its link.

core/loss.py says what one is; numbers.py, likelihoods.py and labels.py hold those that come with
glassnet, each with the list that is joined here. To add one, add it to the list of its file. Your
own: own.py.
"""

from ..core.loss import Loss as Loss
from .labels import LABELS, Logistic, SoftmaxCrossEntropy
from .likelihoods import LIKELIHOODS, Gamma, GaussianLikelihood, Poisson
from .numbers import NUMBERS, AbsoluteError, Huber, Pinball, SquaredError
from .own import OwnLoss

LOSSES: dict[str, Loss] = {each.name: each for each in (*NUMBERS, *LIKELIHOODS, *LABELS)}

__all__ = [
    "AbsoluteError",
    "Gamma",
    "GaussianLikelihood",
    "Huber",
    "LOSSES",
    "Logistic",
    "Loss",
    "OwnLoss",
    "Pinball",
    "Poisson",
    "SoftmaxCrossEntropy",
    "SquaredError",
]
