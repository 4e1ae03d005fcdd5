"""Schedules: what the learning rate is multiplied with, as training goes on.

A schedule is a function of where training stands, without a memory of its own, so that a resumed
run needs nothing from it. It spans one call of `fit`. To add one: a class and a line in SCHEDULES.
Any function of a `Progress` that gives a factor is a schedule too.
"""

import math
from dataclasses import dataclass

from .core import checks
from .core.progress import Progress as Progress
from .core.progress import Schedule


@dataclass(frozen=True)
class Constant:
    """The learning rate as given."""

    def __call__(self, progress: Progress) -> float:
        return 1.0


@dataclass(frozen=True)
class Step:
    """Times `factor` after every `every` epochs."""

    every: int = 10
    factor: float = 0.5

    def __post_init__(self) -> None:
        checks.whole("every", self.every)
        checks.positive("factor", self.factor)

    def __call__(self, progress: Progress) -> float:
        return float(self.factor ** (int(progress.epoch) // self.every))


@dataclass(frozen=True)
class Exponential:
    """Times `factor` over each epoch, smoothly."""

    factor: float = 0.9

    def __post_init__(self) -> None:
        checks.positive("factor", self.factor)

    def __call__(self, progress: Progress) -> float:
        return float(self.factor**progress.epoch)


@dataclass(frozen=True)
class Cosine:
    """From 1 to `final` along half a cosine (Loshchilov and Hutter 2017, eq. 5)."""

    final: float = 0.0

    def __post_init__(self) -> None:
        checks.positive("final", self.final, zero=True)

    def __call__(self, progress: Progress) -> float:
        return self.final + (1.0 - self.final) * 0.5 * (1.0 + math.cos(math.pi * progress.fraction))


@dataclass(frozen=True)
class OneCycle:
    """Up from `initial` to 1 in the first `rise` of the call, down to `final` in the rest.

    Both along half a cosine, after Smith and Topin 2018.
    """

    rise: float = 0.3
    initial: float = 0.04
    final: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= checks.number("rise", self.rise) <= 1.0:
            raise ValueError(f"rise must be a number in [0, 1]; got {checks.show(self.rise)}.")
        checks.positive("initial", self.initial, zero=True)
        checks.positive("final", self.final, zero=True)

    def __call__(self, progress: Progress) -> float:
        done = progress.fraction
        if done < self.rise:
            share, low = 1.0 - done / self.rise, self.initial
        else:
            share, low = (done - self.rise) / (1.0 - self.rise), self.final
        return low + (1.0 - low) * 0.5 * (1.0 + math.cos(math.pi * share))


@dataclass(frozen=True)
class WarmUp:
    """Rise in a straight line over the first `epochs` epochs, then go on with `then`."""

    epochs: float = 1.0
    then: Schedule = Constant()

    def __post_init__(self) -> None:
        checks.positive("epochs", self.epochs)
        if not callable(self.then) or isinstance(self.then, type):
            raise TypeError(f"then must be a schedule object; got {checks.show(self.then)}.")

    def __call__(self, progress: Progress) -> float:
        return self.then(progress) * min(1.0, (progress.epoch + 1e-3) / self.epochs)


START = (None, 0, math.inf, 0, 1.0)
"""A plateau before the first epoch: history, epochs seen, best loss, epochs waited, multiplier."""


@dataclass(frozen=True)
class ReduceOnPlateau:
    """Times `factor` whenever `patience` epochs brought no loss below the best so far.

    Looks at "val_loss" in the history where there is one, else at "loss"; not below `lowest`.
    """

    patience: int = 5
    factor: float = 0.5
    lowest: float = 1e-4

    def __post_init__(self) -> None:
        checks.whole("patience", self.patience)
        checks.fraction("factor", self.factor, zero=False)
        checks.positive("lowest", self.lowest, zero=True)

    def __call__(self, progress: Progress) -> float:
        history = progress.history
        known, place, best, waited, multiplier = progress.memory.get(self, START)
        if known is not history or place > len(history):
            _, place, best, waited, multiplier = START
        for record in history[place:]:
            loss = record.get("val_loss", record["loss"])
            waited = 0 if loss < best else waited + 1
            best = min(best, loss)
            if waited >= self.patience:
                multiplier, waited = multiplier * self.factor, 0
        progress.memory[self] = history, len(history), best, waited, multiplier
        return float(max(multiplier, self.lowest))


SCHEDULES: dict[str, Schedule] = {
    "constant": Constant(),
    "step": Step(),
    "exponential": Exponential(),
    "cosine": Cosine(),
    "one_cycle": OneCycle(),
    "warm_up": WarmUp(),
    "reduce_on_plateau": ReduceOnPlateau(),
}
