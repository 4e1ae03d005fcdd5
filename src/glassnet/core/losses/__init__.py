"""Losses: what training makes small, each from raw scores, each with its link.

base.py says what one is; numbers.py, likelihoods.py and labels.py hold those that come with
glassnet, each with the list that is joined here. To add one, add it to the list of its file.
"""

from .base import Loss as Loss
from .base import OwnLoss as OwnLoss
from .labels import LABELS
from .likelihoods import LIKELIHOODS
from .numbers import NUMBERS

LOSSES: dict[str, Loss] = {each.name: each for each in (*NUMBERS, *LIKELIHOODS, *LABELS)}
