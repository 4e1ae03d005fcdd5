"""Troubles of settings, which only trials can tell: learning rate, batch size, number of units,
length of training, luck of the start. Each rule gets the case and its trials."""

import math
from collections.abc import Iterator

from ..intake.fitting import default_batch
from .case import Case
from .finding import Remedy
from .rules import SETTING, START, Suspicion, ramp
from .trials import Trials, optimizer_of, restarts

FACTOR = 10.0
SOME = 1.1
ALIKE = 0.8
DECAYS = 0.01, 0.03, 0.1
NOISE = 0.05
"""Added to errors where overfitting is in question: less of it is none to speak of."""

FARTHEST = 5
"""Steps of FACTOR that the search for another learning rate makes, as long as each gains."""


def numbers(case: Case) -> list[Remedy]:
    """What all rules of this file will try that members of one fleet may differ in."""
    if case.solver:
        return []
    rates = [_rate(rate) for _, _, some in _rates(case) for rate in some]
    return list({each.call: each for each in (*rates, *map(_decay, DECAYS))}.values())


def _rates(case: Case) -> list[tuple[str, float, list[float]]]:
    """The trouble, which way to go on, and the learning rates to try first: FACTOR times, and the
    optimizer's own."""
    rate = case.settings.get("learning_rate")
    if not isinstance(rate, int | float) or case.solver:
        return []
    usual = optimizer_of(case.settings).learning_rate
    low = [rate * FACTOR, *[usual] * (usual > 2.0 * rate)]
    high = [rate / FACTOR, *[usual] * (usual < 0.5 * rate)]
    return [
        ("learning_rate_too_low", FACTOR, low),
        ("learning_rate_too_high", 1.0 / FACTOR, high),
    ]


def learning_rate(case: Case, trials: Trials) -> Iterator[Suspicion]:
    """Ten times more and less, the optimizer's own, and further where that gains."""
    found = [(*_searched(rates, by, trials), code) for code, by, rates in _rates(case)]
    gain, best, code = max(found, default=(0.0, 0.0, ""))
    if gain < SOME:
        return
    rate = case.settings["learning_rate"]
    usual = optimizer_of(case.settings).learning_rate
    far = abs(math.log10(best / rate)) if best == usual else 0.0
    yield Suspicion(
        code,
        SETTING,
        f"the learning rate of {rate:g} is too {code.rsplit('_', 1)[1]}: training ends better with "
        f"{best:.2g}",
        0.5 + 0.5 * ramp(far, 0.5, 1.5),
        {"learning_rate": rate, "better": best},
        remedy=_rate(best),
        specific=1.6,
    )


def _searched(rates: list[float], factor: float, trials: Trials) -> tuple[float, float]:
    """The gain of the best of the rates, or of one further on where that gains still more; and
    that rate."""
    gains = [trials.gain(_rate(rate)) for rate in rates]
    gain, best = max(zip(gains, rates, strict=True))
    if gains[-1] > ALIKE * gain:  # the optimizer's own is the safer one
        gain, best = gains[-1], rates[-1]
    for _ in range(FARTHEST):
        further = best * factor
        now = trials.gain(_rate(further)) if gain >= SOME else 0.0
        if now < SOME * gain:
            break
        gain, best = now, further
    return gain, best


def _decay(decay: float) -> Remedy:
    return Remedy(fit={"weight_decay": decay})


def _rate(rate: float) -> Remedy:
    return Remedy(fit={"learning_rate": float(f"{rate:.3g}")})


def batch_size(case: Case, trials: Trials) -> Iterator[Suspicion]:
    """Far more or fewer rows in a step than is usual for so many."""
    size, rows = case.settings.get("batch_size"), case.settings.get("rows") or len(case.rows)
    if type(size) is not int or optimizer_of(case.settings).full_batch:
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
            remedy=Remedy(fit={"batch_size": usual}),
            specific=1.6,
        )
    if size <= usual // 6:
        yield Suspicion(
            "batch_too_small",
            SETTING,
            f"batches of {size} row{'s' * (size > 1)} make each step noisy",
            ramp(usual / size, 4.0, 10.0),
            {"batch_size": size, "steps": steps},
            remedy=Remedy(fit={"batch_size": usual}),
            specific=1.6,
        )


def too_small(case: Case, trials: Trials) -> Iterator[Suspicion]:
    """Four times the units; two layers at least."""
    sizes = list(case.network.layers)
    hidden = [max(4 * units, 32) for units in sizes[1:-1]] or [32]
    hidden += hidden[:1] * (2 - len(hidden))
    if optimizer_of(case.settings).matrices:  # of parameters x parameters: far too dear
        return
    unfitted = ramp(trials.control.fitted / max(case.learnable, 1e-9), 0.4, 1.0)
    if max(hidden) > 512 or trials.control.fitted < 0.02 or not unfitted:
        return
    units = ", ".join(map(str, sizes[1:-1])) or "no"
    yield Suspicion(
        "too_small",
        SETTING,
        f"the network is too small to fit the rows: its hidden layers have {units} units",
        unfitted * ramp(max(sizes[1:-1], default=0), 12.0, 3.0),
        {"hidden": sizes[1:-1], "error_on_training_rows": trials.control.fitted},
        remedy=Remedy(network={"layers": [sizes[0], *hidden, sizes[-1]]}),
        specific=1.0,
    )


def overfitting(case: Case, trials: Trials) -> Iterator[Suspicion]:
    """Rows known by heart: what is held back is predicted far worse."""
    fitted, held = max(trials.control.fitted, 1e-9), trials.control.held
    by_heart = ramp((held + 0.01) / (fitted + 0.01), 1.5, 10.0)
    floor = max(case.learnable, 1e-9)  # of what can be known
    known = max(by_heart, min(ramp(held / floor, 0.95, 1.1), ramp(held / fitted, 1.2, 1.6)))
    if known <= 0.0:
        return
    remedies = [_decay(decay) for decay in DECAYS]
    if not case.solver:
        remedies.append(Remedy(fit={"early_stopping": 10, "validation_split": 0.2}))
    best = max(remedies, key=trials.gain)
    yield Suspicion(
        "overfitting",
        SETTING,
        "the network knows its rows by heart: on others it errs "
        f"{_ratio(held, fitted)} times as much",
        known,
        {"error_on_training_rows": fitted, "error_on_others": held},
        remedy=best,
        specific=1.2,
        floor=NOISE,
    )


def _ratio(more: float, less: float) -> str:
    """In words that end somewhere."""
    found = more / max(less, 1e-12)
    return f"{found:.1f}" if found < 100.0 else "more than 100"


def poor_start(case: Case, trials: Trials) -> Iterator[Suspicion]:
    """The luck of the start: the best of some others ends far lower."""
    yield Suspicion(
        "poor_start",
        START,
        f"training got stuck in a poor minimum: the best of {trials.starts} other starts ends far "
        "lower",
        0.6,
        remedy=restarts(trials.starts),
        specific=1.2,
    )


RULES = (learning_rate, batch_size, too_small, overfitting, poor_start)
