"""What happens inside a network: every number of a pass, records of a training, and in words what
is wrong and what to do about it. To add to it: a file of its own, and its name here."""

from .diagnosis import diagnose
from .explaining import Explanation, explain
from .finding import Finding, Remedy, Report
from .gradients import GradientCheck, check_gradients
from .recorder import Recorder
from .watch import Watch

__all__ = [
    "check_gradients",
    "diagnose",
    "Explanation",
    "explain",
    "Finding",
    "GradientCheck",
    "Recorder",
    "Remedy",
    "Report",
    "Watch",
]
