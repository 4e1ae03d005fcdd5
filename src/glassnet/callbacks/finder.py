"""The learning-rate finder: one short training with a learning rate that rises step by step.

Smith 2017, section 3.3: below a good rate the loss hardly moves, above it the loss explodes; the
rate where it falls fastest, or a little below the lowest loss, is a good one.
"""

from __future__ import annotations

import copy
from typing import Any

from ..core import checks
from ..core.callback import Callback
from ..core.errors import DivergenceError
from ..core.network import Network
from ..core.progress import Progress
from ..core.training import Training


class _Rising:
    """lowest x (highest / lowest) ** (step / steps), as a learning rate."""

    def __init__(self, lowest: float, highest: float, steps: int) -> None:
        self.lowest, self.highest, self.steps = lowest, highest, steps

    def __call__(self, progress: Progress) -> float:
        share = min(progress.step / max(1, self.steps - 1), 1.0)
        return float(self.lowest * (self.highest / self.lowest) ** share)


class _Losses(Callback):
    """The smoothed loss at each learning rate; stops when it is four times the lowest."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.rates: list[float] = []
        self.losses: list[float] = []
        self._mean = 0.0

    def on_batch_end(self, training: Training) -> None:
        self._mean = 0.9 * self._mean + 0.1 * training.loss
        self.rates.append(training.learning_rate)
        self.losses.append(self._mean / (1.0 - 0.9 ** (len(self.losses) + 1)))
        lowest = min(self.losses)
        if len(self.losses) >= self.steps:
            training.stop("all learning rates tried")
        elif len(self.losses) > 10 and self.losses[-1] > lowest + 3.0 * abs(lowest):
            training.stop("the loss explodes")


def find_learning_rate(
    network: Network,
    X: Any,
    y: Any,
    *,
    lowest: float = 1e-6,
    highest: float = 10.0,
    steps: int = 200,
    **options: Any,
) -> dict[str, Any]:
    """Try `steps` rising learning rates on a copy of the network, which itself stays as it is.

    Args:
        X, y: as in `fit`; so are `options` (batch_size, optimizer, sample_weight ...).
        lowest, highest: the first and the last learning rate, above 0.
        steps: how many, at least 20.

    Gives {"learning_rates": [...], "losses": [...] (smoothed), "suggestion": float}: the rate of
    the steepest fall of the loss over the logarithm of the rate.
    """
    lowest, highest = checks.positive("lowest", lowest), checks.positive("highest", highest)
    if lowest >= highest:
        raise ValueError(f"lowest must be below highest; got {lowest:g} and {highest:g}.")
    steps = checks.whole("steps", steps, 20)
    if "restarts" in options:
        raise ValueError("find_learning_rate tries rates on one network: leave restarts out.")
    trial, log = copy.deepcopy(network), _Losses(steps)
    try:
        rising = _Rising(lowest, highest, steps)
        trial.fit(X, y, epochs=steps, learning_rate=rising, callbacks=[log], **options)
    except DivergenceError:  # that is what the highest rates are for
        if not log.losses:
            raise
    if not log.losses:
        raise ValueError(
            "no batch has a weight above 0, so there is no loss to judge a learning rate by: give "
            "larger weights."
        )
    return {
        "learning_rates": log.rates,
        "losses": log.losses,
        "suggestion": steepest(log.rates, log.losses),
    }


def steepest(rates: list[float], losses: list[float]) -> float:
    """The rate at which the loss falls fastest before its lowest point.

    The fall is taken over a tenth of the rates to each side: between two neighbours there is more
    noise of the batches than fall.
    """
    reach = max(1, len(losses) // 10)
    end = losses.index(min(losses)) + 1
    if end <= 2 * reach:
        return rates[0]
    falls = [losses[i + reach] - losses[i - reach] for i in range(reach, end - reach)]
    return rates[falls.index(min(falls)) + reach]
