"""Ready-made callbacks, one a file. To add one: a file with a class derived from Callback, its name
here, and the contract tests cover it."""

from .checkpoint import Checkpoint
from .clipping import ClipNorm, ClipValue
from .early_stopping import EarlyStopping
from .progress import Progress

__all__ = ["Checkpoint", "ClipNorm", "ClipValue", "EarlyStopping", "Progress"]
