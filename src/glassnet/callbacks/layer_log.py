"""LayerLog: scores, outputs, gradients and updates of each layer in numbers, while training.

How the author of the original project found his dead units. Plain data; plots.layer_statistics
draws it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core import checks
from ..core.callback import Callback
from ..core.layers import Dense
from ..core.passes import views
from ..core.training import Training

Array = NDArray[Any]


class LayerLog(Callback):
    """Every `every` steps, from the first, a record of all layers, of the present batch.

    `records` is a list of {"step", "epoch", "layers": [...]}; a layer has the mean and spread of
    its scores, outputs and weight gradients, `zero_share` (of outputs that are 0), `dead_share`
    (of units that are 0 for all rows), `gradient_norm` and `update_ratio`, the size of the step
    over the size of the weights. Of one network: a fleet, and restarts, refuse it.
    """

    for_one = True

    def __init__(self, every: int = 50) -> None:
        self.every = checks.whole("every", every)
        self.records: list[dict[str, Any]] = []
        self._before: Array | None = None

    def state(self) -> dict[str, Any]:
        """For checkpoints: in arrays, as it may be long."""
        layers = [each["layers"] for each in self.records]
        return {
            "places": np.array([(each["step"], each["epoch"]) for each in self.records]),
            "names": list(layers[0][0]) if layers else [],
            "numbers": np.array([[list(one.values()) for one in each] for each in layers]),
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """From a checkpoint."""
        names, pairs = state["names"], zip(state["places"], state["numbers"], strict=True)
        self.records[:] = [
            {"step": int(step), "epoch": int(epoch), "layers": _named(names, numbers)}
            for (step, epoch), numbers in pairs
        ]

    def on_gradients(self, training: Training) -> None:
        self._before = training.parameters.copy() if self._due(training) else None

    def after_step(self, training: Training) -> None:
        """Write down the statistics of the step, if it is one to be logged."""
        if self._before is None:
            return
        passes, work = training.passes, training.work
        before = views(training.network.layers, self._before)
        layers, dense = [], 0
        for layer, trace in zip(passes.stack, work.traces, strict=True):
            if isinstance(layer, Dense):
                layers.append(_numbers(layer, trace.scores, trace.outputs, before[dense][0]))
                dense += 1
        self.records.append({"step": training.step, "epoch": training.epoch, "layers": layers})

    def _due(self, training: Training) -> bool:
        return (training.step - 1) % self.every == 0


def _named(names: list[str], numbers: Array) -> list[dict[str, float]]:
    return [dict(zip(names, layer, strict=True)) for layer in numbers.tolist()]


def _numbers(layer: Dense, scores: Array, outputs: Array, before: Array) -> dict[str, float]:
    slopes, moved = layer.weight_gradients, layer.weights - before
    size = float(np.linalg.norm(before))
    zero = outputs == 0
    return {
        "scores_mean": float(scores.mean()),
        "scores_spread": float(scores.std()),
        "outputs_mean": float(outputs.mean()),
        "outputs_spread": float(outputs.std()),
        "zero_share": float(zero.mean()),
        "dead_share": float(zero.all(axis=-2).mean()),
        "gradient_norm": float(np.linalg.norm(slopes)),
        "gradient_mean": float(slopes.mean()),
        "gradient_spread": float(slopes.std()),
        "update_ratio": float(np.linalg.norm(moved)) / size if size else float("inf"),
    }
