"""Troubles of settings, which only trials can tell: learning rate, batch size, number of units,
length of training, luck of the start. Each rule gets the case and its trials."""

import math
from collections.abc import Iterator

from ..intake.fitting import default_batch
from .case import Case
from .finding import Remedy
from .rules import SETTING, START, Suspicion, ramp
from .trials import CONTROL, Trials, optimizer_of, restarts

FACTOR = 10.0
SOME = 1.1
DECAYS = 0.01, 0.1
FARTHEST = 1e5
"""How far the search for another learning rate goes, in steps of FACTOR as long as each gains."""


def numbers(case: Case) -> list[Remedy]:
    """What all rules of this file will try that members of one fleet may differ in."""
    if case.solver:
        return []
    rates = [_rate(rate) for pair in _rates(case).values() for rate in pair]
    return list({each.call: each for each in (*rates, *map(_decay, DECAYS))}.values())


def _rates(case: Case) -> dict[str, list[float]]:
    """The learning rates to try, by the trouble that they would show."""
    rate = case.settings.get("learning_rate")
    if type(rate) is not float or case.solver:
        return {}
    usual = optimizer_of(case.settings).learning_rate
    low, high = [rate * FACTOR], [rate / FACTOR]
    low += [usual] * (usual > 2.0 * rate)
    high += [usual] * (usual < 0.5 * rate)
    return {"learning_rate_too_low": low, "learning_rate_too_high": high}


def learning_rate(case: Case, trials: Trials) -> Iterator[Suspicion]:
    """Ten times more and less, the optimizer's own, and further where that gains."""
    for code, rates in _rates(case).items():
        rate, word = case.settings["learning_rate"], code.rsplit("_", 1)[1]
        factor = FACTOR if word == "low" else 1.0 / FACTOR
        best = max(rates, key=lambda each: trials.gain(_rate(each)))
        gain = trials.gain(_rate(best))
        if gain < SOME:
            continue
        while 1.0 / FARTHEST <= best * factor / rate <= FARTHEST:
            now = trials.gain(_rate(best * factor))
            if now < SOME * gain:
                break
            gain, best = now, best * factor
        far = abs(math.log10(best / rate)) if best in rates[1:] else 0.0
        yield Suspicion(
            code,
            SETTING,
            f"the learning rate of {rate:g} is too {word}: training ends better with {best:.2g}",
            0.6 + 0.4 * ramp(far, 0.5, 1.5),
            {"learning_rate": rate, "better": best},
            {},
            _rate(best),
            1.6,
        )


def _decay(decay: float) -> Remedy:
    return Remedy(fit={"weight_decay": decay})


def _rate(rate: float) -> Remedy:
    return Remedy(fit={"learning_rate": float(f"{rate:.3g}")})


def batch_size(case: Case, trials: Trials) -> Iterator[Suspicion]:
    """Far more or fewer rows in a step than is usual for so many."""
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
    """Four times the units; two layers at least."""
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
    known = ramp((held + 0.01) / (fitted + 0.01), 1.5, 3.0)
    if known <= 0.0:
        return
    strength = min(known, ramp(held / max(case.learnable, 1e-9), 1.1, 1.4))
    remedies = [_decay(decay) for decay in DECAYS]
    if not case.solver:
        remedies.append(Remedy(fit={"early_stopping": 10, "validation_split": 0.2}))
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
        alone=0.75 * strength,
    )


def poor_start(case: Case, trials: Trials) -> Iterator[Suspicion]:
    """The luck of the start: others end lower."""
    for kind, remedy, specific in ((START, CONTROL, 1.3), (SETTING, restarts(), 0.8)):
        yield Suspicion(
            "poor_start",
            kind,
            "training got stuck in a poor minimum: other random starts end better",
            0.5,
            {},
            {},
            remedy,
            specific,
        )


RULES = (learning_rate, batch_size, too_small, overfitting, poor_start)
