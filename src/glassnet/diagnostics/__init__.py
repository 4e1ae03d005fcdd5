"""What happens inside a network: every number of a pass, records of a training, and in words what
is wrong and what to do about it. To add to it: a file of its own, and its name here."""

from .recorder import Recorder

__all__ = ["Recorder"]
