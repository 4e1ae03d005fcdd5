"""Which training a checkpoint is of: what must be the same for it to go on.

To let one more thing count: a name and its value in `identity`, in words or numbers.
"""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import re
from typing import Any, Final

import numpy as np

from ..core.arrays import Array
from ..core.plan import Plan, Source
from ..core.scaling import Scaling
from ..core.structure import Structure
from ..sources.rows import Rows
from ..sources.shuffled import Shuffled
from .snapshot import remembering

SAMPLE: Final = 1000
"""Rows by which a data set is told from others."""


def identity(network: Structure, plan: Plan, source: Source) -> dict[str, Any]:
    """What a training was asked for, as far as it decides what becomes of it."""
    checked = getattr(plan.validate, "keywords", {})
    return {
        "layers": list(network.layers),
        "activations": [_name(each) for each in network.activations],
        "dropout": [float(rate) for rate in network.dropout],
        "bias": list(network.bias),
        "bounds": None if network.bounds is None else _sum(network.bounds),
        "loss": _name(network.settled_loss("fit")),
        "dtype": str(network.dtype),
        "seed": network.seed,
        "optimizer": _name(plan.optimizer),
        "schedule": _name(plan.schedule),
        "epochs": plan.epochs,
        "batch_size": source.size,
        "shuffle": getattr(source, "stream", None) is not None,
        "target_loss": plan.target_loss,
        "callbacks": [_with_settings(each) for each in remembering(plan.callbacks)],
        "standardize": _sum(*_numbers(network.input_scaling), *_numbers(network.target_scaling)),
        "data": _data(source.rows) if isinstance(source, Shuffled) else f"batches of {source.size}",
        "validation_data": _data(checked["rows"]) if checked else "none",
        "metrics": list(checked.get("metrics", ())),
    }


def _name(thing: Any) -> str:
    if dataclasses.is_dataclass(thing):  # a function in it lies elsewhere in each process
        return re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(thing))
    return str(getattr(thing, "__qualname__", type(thing).__qualname__))


def _with_settings(callback: Any) -> str:
    """Its name, and what it was made with, where it has kept that in words or numbers."""
    kept = {
        name: getattr(callback, name, ...) for name in inspect.signature(type(callback)).parameters
    }
    plain = (bool, int, float, str, type(None))
    words = [f"{name}={value!r}" for name, value in kept.items() if type(value) in plain]
    return f"{type(callback).__name__}({', '.join(words)})"


def _data(rows: Rows) -> str:
    """Shape, dtype and a checksum of a sample."""
    places = np.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))).astype(np.intp)
    places = places if rows.places is None else rows.places[places]
    parts = [each[places] for each in (rows.X, rows.targets, rows.weights) if each is not None]
    return f"{len(rows)} rows of {rows.X.shape[1]} {rows.X.dtype}, checksum {_sum(*parts)}"


def _numbers(scaling: Scaling | None) -> list[Array]:
    return [] if scaling is None else [scaling.offset, scaling.scale]


def _sum(*arrays: Array) -> str:
    total = hashlib.sha256()
    for array in arrays:
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()[:16]
