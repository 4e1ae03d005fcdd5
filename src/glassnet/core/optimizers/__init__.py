"""Optimizers: how a gradient becomes a step.

base.py says what one is; plain.py, adam.py and signs.py hold those that come with glassnet, each
with the list that is joined here. To add one, add it to the list of its file.
"""

from .adam import ADAM
from .base import Block as Block
from .base import Optimizer as Optimizer
from .plain import PLAIN
from .signs import SIGNS

OPTIMIZERS: dict[str, type[Optimizer]] = {**PLAIN, **ADAM, **SIGNS}
