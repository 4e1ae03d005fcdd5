"""The slope of an activation against the activation itself: at the scores that rows meet, and at
others, spread out.

To look at other scores: PROBES. What else may be wrong with the function: `_misbehaves`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...activations import ACTIVATIONS
from ...core.activation import Activation
from ...core.arrays import Array
from .differences import Slopes, differentiate
from .words import GradientFault, phrase

PROBES = np.concatenate(
    [np.linspace(-6.02, 5.9, 42), *([-x, x] for x in (1e-6, 1e-3, 0.02, 8.1, 11.7, 18.3, 33.0))]
)
"""Scores that every activation is looked at, whatever scores there are."""

MODERATE = 100.0
"""Up to this size of a score a function has to be finite."""

BLOCK = 1 << 13
"""Scores that are differentiated together."""


@dataclass
class Checked:
    """What a check of a function gives: what is wrong with it, if anything is, and, at the scores
    met, its numeric slopes and how far these can be wrong; the slopes of the engine where it is
    free to choose (at kinks), or nobody can tell."""

    fault: GradientFault | None
    slopes: Array
    errors: Array


def raised(error: Exception) -> str:
    """What was raised, in words, on one line."""
    text = " ".join(str(error).split())
    text = text if len(text) <= 160 else text[:157] + "..."
    return f"raises {type(error).__name__}" + (f": {text}" if text else "")


@dataclass
class Looked:
    """Points (n,) that an activation was looked at, the slopes that it gives, and numeric ones."""

    points: Array
    given: Array
    slopes: Slopes
    right: Array


@np.errstate(all="ignore")
def check_activation(
    activation: Activation, called: str, where: dict[str, Any], met: list[Array], tolerance: float
) -> Checked:
    """`met` are scores (rows, units) of the layers that have it."""
    reach = max([1.0, *(float(np.abs(each).max()) for each in met)])
    spread = np.linspace(-1.4, 1.37, 10) * (reach if np.isfinite(reach) else 1.0)
    blocks = [*met, np.concatenate([PROBES, spread]).reshape(6, -1)]
    points = np.concatenate([each.ravel() for each in blocks])
    name = getattr(activation, "name", type(activation).__name__)
    unknown = np.zeros(len(points)), np.full(len(points), np.inf)
    try:
        pairs = [_as_the_engine(activation, each) for each in blocks]
        words = _misbehaves(activation, blocks, pairs)
        if not words:
            slopes = _in_blocks(activation, points)
            given = np.concatenate([slope.ravel() for _, slope, _ in pairs])
            look = Looked(points, given, slopes, slopes.right(given, tolerance))
            told = Checked(None, *slopes.taken(given, look.right))
            if not look.right.all():
                written = any(changed for _, _, changed in pairs)
                told.fault = _fault(activation, name, called, where, look, written)
            return told
    except Exception as error:  # of a user's function any may come
        words = raised(error)
    words = f"the activation {name!r} ({called}) {words}"
    return Checked(GradientFault("activation", words, name, where), *unknown)


def _fault(
    activation: Activation,
    name: str,
    called: str,
    where: dict[str, Any],
    look: Looked,
    written: bool,
) -> GradientFault:
    words, factor = _phrase_of_slope(activation, look)
    at = telling(look.given, look.slopes.value, ~look.right, look.points)
    engine, numeric = float(look.given[at]), float(look.slopes.value[at])
    return GradientFault(
        "activation",
        f"the slope of activation {name!r} ({called}) {words}: at score {look.points[at]:.6g} it "
        f"gives {engine:.6g}, the function rises by {numeric:.6g}"
        + ("; its function writes over the scores, which the slope then gets" * written),
        name,
        where,
        engine,
        numeric,
        factor,
    )


def _as_the_engine(activation: Activation, scores: Array) -> tuple[Array, Array, bool]:
    """Outputs, slopes, and whether the scores were written over, called as a layer calls it."""
    own, out, slope = scores.copy(), np.full_like(scores, np.nan), np.full_like(scores, np.nan)
    activation.forward(own, out)
    changed = not np.array_equal(own, scores, equal_nan=True)
    activation.slope(own, out, slope)
    return out, slope, changed


def _slope_after_others(activation: Activation, scores: Array, others: Array) -> Array:
    """Slopes at the scores of a layer, when another layer has come between."""
    own, out, slope = scores.copy(), np.empty_like(scores), np.full_like(scores, np.nan)
    activation.forward(own, out)
    activation.forward(others.copy(), np.empty_like(others))
    activation.slope(own, out, slope)
    return slope


def _alone(activation: Activation) -> Any:
    """The activation as a function of one number each."""

    def function(grid: Array) -> Array:
        scores = grid.reshape(-1, 1)
        out = np.full_like(scores, np.nan)
        activation.forward(scores, out)
        return out.reshape(grid.shape)

    return function


def _misbehaves(activation: Activation, blocks: list[Array], pairs: list[Any]) -> str:
    """What is wrong with the function itself, or an empty text."""
    if all(np.isnan(out).all() for out, _, _ in pairs):
        return "gives no numbers: forward writes its outputs into `out`"
    for scores, (out, _, _) in zip(blocks[:-1], pairs, strict=False):
        lost = ~np.isfinite(out) & (np.abs(scores) <= MODERATE)
        if lost.any():
            return f"gives {out[lost][0]} at score {scores[lost][0]:.6g}"
    if len(blocks) > 2 and not _same(_slope_after_others(activation, *blocks[:2]), pairs[0][1]):
        return (
            "keeps from `forward` what its slope needs, but several layers share it, and one "
            "spoils it for the other: give each layer an object of its own"
        )
    scores, (out, _, _) = blocks[-1], pairs[-1]
    if not _same(_as_the_engine(activation, scores)[0], out):
        return "gives other outputs each time, so that it has no slope"
    # Every other score another one, and rows more: what stays must give what it gave.
    stay = np.add.outer(np.arange(len(scores)), np.arange(scores.shape[1])) % 2 == 0
    other = np.where(stay, scores, scores[::-1, ::-1] + 0.3)
    more = _as_the_engine(activation, np.concatenate([other, scores + 0.1]))[0][: len(scores)]
    if not _same(more[stay], out[stay]):
        return (
            "does not go score by score: other scores of the layer change what it gives for one. "
            "An activation is a function of each score by itself (a softmax belongs to the loss)"
        )
    return ""


def _same(some: Array, others: Array) -> bool:
    return np.allclose(some, others, rtol=1e-6, atol=1e-12, equal_nan=True)


def _phrase_of_slope(activation: Activation, look: Looked) -> tuple[str, float | None]:
    points, wrong = look.points, ~look.right
    near = look.slopes.known & (np.abs(points) <= 10.0)  # what is larger says less of how
    known = near if (near & wrong).any() else look.slopes.known
    parts = {
        "for scores below 0": points < 0,
        "for scores above 0": points > 0,
        "for scores beyond 1": np.abs(points) > 1,
        "for scores within 1": np.abs(points) <= 1,
    }
    within = {name: part[known] for name, part in parts.items()}
    words, factor = phrase(look.given[known], look.slopes.value[known], wrong[known], within)
    if factor is None and words.startswith("is wrong"):
        words = _of_another(activation, look, near) or words
    return words, factor


def _of_another(activation: Activation, look: Looked, near: Array) -> str:
    """Whether it is the slope of another function, or one of the outputs."""
    where, given = look.points[near][:, None], look.given[near]
    outputs, slope = _as_the_engine(activation, where)[0], np.empty_like(where)
    activation.slope(outputs.copy(), outputs, slope)
    if np.allclose(slope[:, 0], look.slopes.value[near], rtol=1e-5, atol=1e-8):
        return "is one for the outputs, but it is given the scores"
    for name, other in ACTIVATIONS.items():
        if np.allclose(_as_the_engine(other, where)[1][:, 0], given, rtol=1e-5, atol=1e-8):
            return f"is that of {name!r}"
    return ""


def _in_blocks(activation: Activation, points: Array) -> Slopes:
    """Slopes at all points, those of our own, which come last, first."""
    found = list[Slopes]()
    for end in range(len(points), 0, -BLOCK):
        part, beside = points[max(0, end - BLOCK) : end], found[-1] if found else None
        found.append(differentiate(_alone(activation), part, beside))
    if len(found) == 1:
        return found[0]
    names = ("value", "error", "low", "high", "known")
    each = {name: np.concatenate([getattr(s, name) for s in reversed(found)]) for name in names}
    return Slopes(**each, scale=found[0].scale, size=found[0].size)


def telling(given: Array, wanted: Array, wrong: Array, points: Array) -> int:
    """The number of a point that shows it well: wrong, by much, and at a score of a usual size."""
    weight = np.abs(given - wanted) / (np.abs(wanted) + np.abs(given) + 1e-300)
    usual = (np.abs(points) > 0.2) & (np.abs(points) < 3.0)
    weight = np.where(np.isfinite(weight), weight, 2.0) * wrong * (1.0 + 9.0 * usual)
    return int(weight.argmax())
