"""One run: a sound twin and a troubled training, what the diagnosis says, and whether its remedy
helps."""

from __future__ import annotations

import contextlib
import warnings
import zlib
from typing import Any

import numpy as np

from glassnet import DivergenceError, Network, diagnose
from glassnet.diagnostics.probes import relative_error

from .problems import HELD_OUT, TUNING, Setup, setup
from .troubles import TROUBLES, near_misses

WORSE = 1.5
"""How many times worse than its twin a troubled run ends, at least."""

SEEN = 0.01
"""And by how much: less of the variance is nothing that anybody would see."""

LOST = 1e6


def worse(ends: float, twin: float) -> bool:
    """Whether a run counts as troubled."""
    return ends >= WORSE * twin and ends - twin >= SEEN


def trained(one: Setup, seed: int | None = None, **changes: Any) -> Network:
    """A network trained so; where it diverges, as it was left."""
    settings = one.network if seed is None else {**one.network, "seed": seed}
    network = Network(**{**settings, **changes})
    for change in one.prepare:
        change(network)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        with contextlib.suppress(DivergenceError):
            network.fit(*one.rows, **one.fit)
    return network


def error(network: Network, rows: tuple[Any, Any]) -> float:
    """On rows of a test, beside predicting their mean; of labels Brier's score."""
    X, y = rows
    found = network.predict(X).astype(float)
    wanted = (
        y.astype(float)
        if y.ndim > 1
        else (y[:, None].astype(float) if found.shape[1] == 1 else np.eye(found.shape[1])[y])
    )
    value = relative_error(found, wanted, wanted.mean(axis=0))
    return value if value < LOST else LOST


def run(
    half: str, problem: str, code: str, strength: float, seed: int, cure: bool
) -> dict[str, Any] | None:
    """A record of what happened; None where the problem cannot have the trouble."""
    make = (TUNING if half == "tuning" else HELD_OUT)[problem]
    draw = np.random.default_rng([seed, zlib.crc32(code.encode()), int(1e4 * strength) % 2**31])
    base = setup(make, seed)
    record: dict[str, Any] = {"half": half, "problem": problem, "code": code, "seed": seed}
    if code == "healthy":
        near = near_misses(base, draw)
        sound = troubled = trained(near)
        one = near
        record["twin"] = error(trained(base), base.test)
    else:
        pair = TROUBLES[code][0](base, strength, draw)
        if pair is None:
            return None
        one = pair[1]
        sound, troubled = (trained(each) for each in pair)
        record |= {"strength": strength, "twin": error(sound, pair[0].test)}
    record["ends"] = error(troubled, one.test)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error")
        blind = seed % 4 > 1 and code != "shifted_validation"  # every other pair of seeds
        report = diagnose(troubled, *one.rows, validation_data=None if blind else one.held)
    record["found"] = [(each.code, round(each.sure, 3)) for each in report]
    record["notes"] = [(each.code, round(each.sure, 3)) for each in report.notes]
    if cure and report.findings and report[0].remedy.settable:
        record["cured"] = cured(one, report[0].remedy)
    return record


def cured(one: Setup, remedy: Any) -> float:
    """What it ends with when the remedy is taken; a start set by hand is left out with all else
    that was done to the network."""
    from dataclasses import replace

    done = replace(one, prepare=(), fit={**one.fit, **remedy.fit})
    return error(
        trained(
            done.with_network(**remedy.network), seed=one.network["seed"] + 1000 * remedy.fresh
        ),
        one.test,
    )
