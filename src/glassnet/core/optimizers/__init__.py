"""Optimizers: how a gradient becomes a step.

base.py says what one is; plain.py, adam.py and signs.py hold those that come with glassnet, each
with the list that is joined here. To add one, add it to the list of its file.
"""

from .adam import ADAM, Adam, AdamW, NAdam
from .base import Block, Optimizer
from .plain import PLAIN, SGD, Adagrad, RMSprop
from .signs import SIGNS, Lion, Rprop

OPTIMIZERS: dict[str, type[Optimizer]] = {**PLAIN, **ADAM, **SIGNS}

__all__ = [
    "Adagrad",
    "Adam",
    "AdamW",
    "Block",
    "Lion",
    "NAdam",
    "OPTIMIZERS",
    "Optimizer",
    "RMSprop",
    "Rprop",
    "SGD",
]
