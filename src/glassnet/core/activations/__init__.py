"""Activations: what a hidden layer makes of its scores.

base.py says what one is; piecewise.py and smooth.py hold those that come with glassnet, each with
the list that is joined here. To add one, add it to the list of its file.
"""

from .base import Activation as Activation
from .base import OwnActivation as OwnActivation
from .piecewise import PIECEWISE
from .smooth import SMOOTH

ACTIVATIONS: dict[str, Activation] = {each.name: each for each in (*PIECEWISE, *SMOOTH)}
