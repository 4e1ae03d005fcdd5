"""Troubles of settings, which only trials can tell: learning rate, batch size, number of units,
length of training, luck of the start. Each rule gets the case and its trials."""

import math
from collections.abc import Iterator
from typing import Any

from ..intake.fitting import default_batch
from .case import Case
from .finding import Remedy
from .rules import SETTING, START, Suspicion, ramp
from .trials import Trials, optimizer_of

FACTOR = 10.0
FARTHEST = 1e5
"""How far the search for another learning rate goes, in steps of FACTOR as long as each gains."""


def learning_rate(case: Case, trials: Trials) -> Iterator[Suspicion]:
    """Ten times more and less, and further where that gains."""
    rate = case.settings.get("learning_rate")
    if type(rate) is not float or "batch_size" not in case.settings or case.solver:
        return
    usual = optimizer_of(case.settings).learning_rate / rate
    for code, factor, word in (
        ("learning_rate_too_low", FACTOR, "low"),
        ("learning_rate_too_high", 1.0 / FACTOR, "high"),
    ):
        tries = [factor]
        if (usual > 2.0 and factor > 1.0) or (usual < 0.5 and factor < 1.0):
            tries.append(usual)
        best = max(tries, key=lambda times: trials.gain(_rate(rate * times)))
        gain = trials.gain(_rate(rate * best))
        if gain < 1.1:
            continue
        while 1.0 / FARTHEST <= best * factor <= FARTHEST:
            now = trials.gain(_rate(rate * best * factor))
            if now < 1.1 * gain:
                break
            gain, best = now, best * factor
        far = abs(math.log10(usual)) if best in tries[1:] else 0.0
        yield Suspicion(
            code,
            SETTING,
            f"the learning rate of {rate:g} is too {word}: training ends better with "
            f"{rate * best:.2g}",
            0.6 + 0.4 * ramp(far, 0.5, 1.5),
            {"learning_rate": rate, "better": rate * best},
            {},
            _rate(rate * best),
            1.6,
        )


def _rate(rate: float) -> Remedy:
    return Remedy(fit={"learning_rate": float(f"{rate:.3g}")})


def batch_size(case: Case, trials: Trials) -> Iterator[Suspicion]:
    size, rows = case.settings.get("batch_size"), case.settings.get("rows") or len(case.rows)
    if type(size) is not int or case.solver:
        return
    usual = default_batch(rows)
    steps = case.settings.get("epochs", 20) * -(-rows // size)
    if size >= 3 * usual:
        yield Suspicion(
            "batch_too_large",
            SETTING,
            f"batches of {size} rows leave only {steps} steps in all",
            ramp(size / usual, 2.0, 5.0),
            {"batch_size": size, "steps": steps},
            {},
            Remedy(fit={"batch_size": usual}),
            1.6,
        )
    if size <= usual // 6:
        yield Suspicion(
            "batch_too_small",
            SETTING,
            f"batches of {size} row(s) make each step noisy",
            ramp(usual / size, 4.0, 10.0),
            {"batch_size": size, "steps": steps},
            {},
            Remedy(fit={"batch_size": usual}),
            1.6,
        )


def too_small(case: Case, trials: Trials) -> Iterator[Suspicion]:
    sizes = list(case.network.layers)
    hidden = [max(4 * units, 32) for units in sizes[1:-1]] or [32]
    hidden += hidden[:1] * (2 - len(hidden))
    if max(hidden) > 512 or trials.control.fitted < 0.02:
        return
    yield Suspicion(
        "too_small",
        SETTING,
        f"the network is too small: {sizes[1:-1] or 'no'} hidden units cannot fit the rows",
        ramp(max(sizes[1:-1], default=0), 12.0, 3.0),
        {"hidden": sizes[1:-1], "error_on_training_rows": trials.control.fitted},
        {},
        Remedy(network={"layers": [sizes[0], *hidden, sizes[-1]]}),
        1.0,
    )


def overfitting(case: Case, trials: Trials) -> Iterator[Suspicion]:
    """Rows known by heart: what is held back is predicted far worse."""
    fitted, held = trials.control.fitted, trials.control.held
    strength = ramp((held + 0.01) / (fitted + 0.01), 1.5, 3.0)
    if strength <= 0.0:
        return
    options: list[dict[str, Any]] = [{"weight_decay": 0.01}, {"weight_decay": 0.1}]
    if not case.solver:
        options.append({"early_stopping": 10, "validation_split": 0.2})
    remedies = [Remedy(fit=option) for option in options]
    best = max(remedies, key=trials.gain)
    yield Suspicion(
        "overfitting",
        SETTING,
        "the network knows its rows by heart: on others it errs "
        f"{held / max(fitted, 1e-12):.1f} times as much",
        strength,
        {"error_on_training_rows": fitted, "error_on_others": held},
        {},
        best,
        1.2,
    )


def poor_start(case: Case, trials: Trials) -> Iterator[Suspicion]:
    """The luck of the start: others end lower."""
    for kind, remedy in ((START, Remedy(fresh=True)), (SETTING, Remedy(fit={"restarts": 8}))):
        yield Suspicion(
            "poor_start",
            kind,
            "training got stuck in a poor minimum: other random starts end better",
            0.5,
            {},
            {},
            remedy,
            0.8,
        )


RULES = (learning_rate, batch_size, too_small, overfitting, poor_start)
