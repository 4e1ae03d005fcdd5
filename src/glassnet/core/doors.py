"""The doors from core to the rooms above it: the one place where core names them.

What a method of Network needs of a higher room is looked up here when it is called, so that
importing core loads nothing else. To add one: a line here and a short method on Network.
"""

from importlib import import_module
from typing import Any

DOORS = {
    "check_architecture": "glassnet.intake.architecture:check_architecture",
    "check_inputs": "glassnet.intake.data:check_inputs",
    "classify": "glassnet.intake.evaluation:classify",
    "constrain": "glassnet.intake.bounds:constrain",
    "constraints": "glassnet.intake.bounds:constraints",
    "early_stopping": "glassnet.callbacks:EarlyStopping",
    "environment": "glassnet.blas:environment",
    "evaluate": "glassnet.intake.evaluation:evaluate",
    "explain": "glassnet.diagnostics.explaining:explain",
    "export": "glassnet.saving.export:export",
    "find_learning_rate": "glassnet.callbacks.finder:find_learning_rate",
    "fit": "glassnet.intake.fitting:fit",
    "fit_fleet": "glassnet.intake.fleets:fit_fleet",
    "initializers": "glassnet.initializers:INITIALIZERS",
    "load_into": "glassnet.saving:load_into",
    "metrics": "glassnet.metrics:METRICS",
    "progress": "glassnet.callbacks:Progress",
    "repr": "glassnet.summary:one_line",
    "resume": "glassnet.callbacks.checkpoint:resume",
    "run_restarts": "glassnet.intake.fleets:run_restarts",
    "save": "glassnet.saving:save",
    "summary": "glassnet.summary:describe_network",
    "test_accuracy": "glassnet.intake.evaluation:test_accuracy",
}


def door(name: str) -> Any:
    """What lies behind a door: the function, class or table."""
    module, attribute = DOORS[name].split(":")
    return getattr(import_module(module), attribute)
