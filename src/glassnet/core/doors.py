"""The doors from core to the rooms above it: the one place where core names them.

A method of Network that belongs to a higher room is looked up here when it is called, so that
importing core loads nothing else. To add one: a line here and a short method on Network.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

DOORS = {
    "early_stopping": "glassnet.callbacks:EarlyStopping",
    "find_learning_rate": "glassnet.callbacks.finder:find_learning_rate",
    "load_into": "glassnet.saving:load_into",
    "metrics": "glassnet.metrics:METRICS",
    "progress": "glassnet.callbacks:Progress",
    "save": "glassnet.saving:save",
    "test_accuracy": "glassnet.metrics:test_accuracy",
}


def door(name: str) -> Any:
    """What lies behind a door: the function, class or table."""
    module, attribute = DOORS[name].split(":")
    return getattr(import_module(module), attribute)
