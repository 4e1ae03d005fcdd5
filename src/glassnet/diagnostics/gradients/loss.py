"""The gradient of a loss against the loss itself: at the scores and targets of rows, and at others.

To look at other scores or targets: `_spread`. What a gradient may be confined to: `_parts`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...activations import ACTIVATIONS
from ...core.arrays import Array
from ...core.loss import Loss
from ...core.random import Stream
from .activation import MODERATE, Checked, check_activation, raised, telling
from .differences import Slopes, differentiate
from .words import GradientFault, phrase

ROWS = 47
"""Rows of our own that a loss is looked at: a prime, so that a factor tells where it comes from."""

GROUPS = 32
"""Outputs that are moved by themselves, at most; of more, several together."""


@dataclass
class ScoredRows:
    """Scores (rows, outputs), targets as the loss takes them, and which are known, or None."""

    scores: Array
    targets: Array
    known: Array | None = None

    def computed(self, loss: Loss, scores: Array | None = None) -> tuple[Array, Array]:
        """The loss of each row, and its gradient in the scores; of others, whole copies of these
        rows one after another, if given."""
        scores = self.scores.copy() if scores is None else scores
        times = len(scores) // len(self.scores)
        targets, known = (
            None if each is None else np.tile(each, (times, *[1] * (each.ndim - 1)))
            for each in (self.targets, self.known)
        )
        gradient = np.full_like(scores, np.nan)
        assert targets is not None
        return np.asarray(loss.compute(scores, targets, gradient, known)), gradient


@np.errstate(all="ignore")
def check_loss(loss: Loss, met: ScoredRows, more: ScoredRows, tolerance: float) -> Checked:
    """`met` are rows of the network; `more` has targets (and which are known) to try others with.
    The slopes have the shape of the scores met."""
    unknown = Checked(None, np.zeros(met.scores.shape), np.full(met.scores.shape, np.inf))
    name = loss.name
    try:
        if words := _misbehaves(loss, met):
            unknown.fault = GradientFault("loss", f"the loss {name!r} {words}", name)
            return unknown
        mixes = _mixes(loss, met)
        every = [met] if mixes else [met, _spread(loss, met, more)]
        told = _told(loss, every, tolerance, mixes)
    except Exception as error:  # of a user's function any may come
        unknown.fault = GradientFault("loss", f"the loss {name!r} {raised(error)}", name)
        return unknown
    maker = getattr(loss, "maker", None)
    if told.fault is not None and maker not in ACTIVATIONS.values() and maker is not None:
        called = f"which makes the outputs, in the loss {name!r}"
        own = check_activation(maker, called, {"loss": name}, [met.scores], tolerance)
        told.fault = own.fault or told.fault
    return told


def _misbehaves(loss: Loss, met: ScoredRows) -> str:
    """What is wrong with the loss itself, or an empty text."""
    losses, _ = met.computed(loss)
    rows = len(met.scores)
    if losses.shape != (rows,):
        return f"gives losses of shape {losses.shape} for {rows} rows; it must give one each"
    near = np.abs(met.scores).max(axis=-1) <= MODERATE
    if met.targets.ndim == 2:
        near &= np.abs(met.targets).max(axis=-1) <= MODERATE
    if (lost := near & ~np.isfinite(losses)).any():
        row = int(lost.argmax())
        scores = ", ".join(f"{each:.4g}" for each in met.scores[row][:4])
        return f"is {losses[row]} for scores ({scores}) and the target {_shown(met.targets[row])}"
    if not np.allclose(met.computed(loss)[0], losses, rtol=1e-9, atol=0.0, equal_nan=True):
        return "is another one each time, so that it has no gradient"
    return ""


def _mixes(loss: Loss, met: ScoredRows) -> bool:
    """Whether the loss of a row depends on other rows, or on how many there are."""
    other = np.roll(met.scores, 1, axis=0) + 0.1
    both = np.concatenate([met.scores, other])
    first = met.computed(loss, both)[0][: len(other)]
    return not np.allclose(first, met.computed(loss)[0], rtol=1e-7, atol=1e-12, equal_nan=True)


def _spread(loss: Loss, met: ScoredRows, more: ScoredRows) -> ScoredRows:
    """Targets of all kinds, with scores of all sizes, and close to the targets."""
    outputs, stream = met.scores.shape[1], Stream(0, "gradient check")
    rows = max(ROWS, outputs) if met.targets.ndim == 1 and outputs <= 200 else ROWS
    scores = stream.normal((rows, outputs))
    scores *= np.resize([0.1, 0.7, 2.0, 5.0], rows)[:, None]
    chosen = np.arange(rows) % len(more.targets)
    targets = more.targets[chosen]
    if met.targets.ndim == 1:
        targets = np.arange(rows, dtype=targets.dtype) % outputs
    elif loss.targets == "flags":
        targets = np.where((np.arange(rows) % 3 == 1)[:, None], 1.0 - targets, targets)
    elif loss.targets == "numbers":
        unit = max(float(np.std(more.targets)), 1e-3 * float(np.abs(more.targets).max()), 1e-6)
        close = np.tile(targets, loss.statistics) + unit * stream.normal((rows, outputs))
        scores[::2] = close[::2]
    scores[-8:] = np.resize(met.scores[::-1], (8, outputs))
    known = None
    if more.known is not None:
        known = more.known[(chosen + 1) % len(more.known)]
    return ScoredRows(scores, targets, known)


@dataclass
class Compared:
    """The gradient of some cells and its numeric slopes, (rows, outputs) each: how far these can be
    wrong, and where the gradient surely is; `slopes` of groups of outputs, by their first."""

    cells: ScoredRows
    given: Array
    value: Array
    error: Array
    wrong: Array
    slopes: dict[int, Slopes]


def _told(loss: Loss, every: list[ScoredRows], tolerance: float, mixes: bool) -> Checked:
    """What is told of the first of `every`; the fault is shown by the last that has one."""
    outputs, found = every[0].scores.shape[1], list[Compared]()
    groups = [list(range(k, outputs, GROUPS)) for k in range(min(GROUPS, outputs))]
    groups = [group[:1] for group in groups] if mixes else groups
    for cells in reversed(every):
        beside = found[-1].slopes if found else {}
        found.append(_compared(loss, cells, groups, tolerance, mixes, beside))
    met, hurt = found[-1], [each for each in found if each.wrong.any()]
    return Checked(_fault(loss, hurt[0]) if hurt else None, met.value, met.error)


def _compared(
    loss: Loss,
    cells: ScoredRows,
    groups: list[list[int]],
    tolerance: float,
    mixes: bool,
    beside: dict[int, Slopes],
) -> Compared:
    """`beside` are slopes at other rows."""
    given = cells.computed(loss)[1]
    error, wrong = np.zeros_like(given), np.zeros(given.shape, bool)
    told = Compared(cells, given, given.copy(), error, wrong, {})
    for group in groups:
        k = group[0]
        function = _total(loss, cells, k) if mixes else _moved(loss, cells, group)
        found = told.slopes[k] = differentiate(function, cells.scores[:, k], beside.get(k))
        right = found.right(given[:, group].sum(axis=1), tolerance)
        if len(group) == 1:
            told.value[:, k], told.error[:, k] = found.taken(given[:, k], right)
            told.wrong[:, k] = ~right
        elif not right.all():  # each by itself, then
            each = _compared(loss, cells, [[k] for k in group], tolerance, mixes, beside)
            for name in ("value", "error", "wrong"):
                getattr(told, name)[:, group] = getattr(each, name)[:, group]
    return told


def _moved(loss: Loss, cells: ScoredRows, group: list[int]) -> Any:
    """The losses of all rows as a function of one score each; others of a group go with it."""
    scores = cells.scores

    def function(grid: Array) -> Array:
        moved = np.repeat(scores[None].astype(grid.dtype), len(grid), axis=0)
        moved[:, :, group] += (grid - scores[:, group[0]])[:, :, None]
        moved[:, :, group[0]] = grid
        losses, _ = cells.computed(loss, moved.reshape(-1, scores.shape[1]))
        return losses.reshape(grid.shape)

    return function


def _total(loss: Loss, cells: ScoredRows, k: int) -> Any:
    """The sum of all losses as a function of one score of one row."""

    def function(grid: Array) -> Array:
        found = np.empty_like(grid)
        for place in np.ndindex(grid.shape):
            moved = cells.scores.astype(grid.dtype)
            moved[place[1], k] = grid[place]
            found[place] = cells.computed(loss, moved)[0].sum()
        return found

    return function


def _fault(loss: Loss, told: Compared) -> GradientFault:
    cells, given, value, wrong = told.cells, told.given, told.value, told.wrong
    outputs = given.shape[1]
    counts = {"rows": len(given), "outputs": outputs}
    near = np.abs(cells.scores) <= 10.0  # what is larger says less of how it is wrong
    near |= not (near & wrong).any()
    parts = {name: part[near] for name, part in _parts(loss, cells).items()}
    words, factor = phrase(given[near], value[near], wrong[near], parts, counts)
    if words == "has the wrong sign":
        words += ", so that each step climbs (gradient ascent)"
    at = telling(given.ravel(), value.ravel(), wrong.ravel(), cells.scores.ravel())
    row, k = divmod(at, outputs)
    which = f" of output {k}" if outputs > 1 else ""
    return GradientFault(
        "loss",
        f"the gradient of the loss {loss.name!r} {words}: at score {cells.scores[row, k]:.6g}"
        f"{which}, target {_shown(cells.targets[row])}, it gives {given[row, k]:.6g}, the loss "
        f"rises by {value[row, k]:.6g}",
        loss.name,
        {"outputs": np.flatnonzero(wrong.any(axis=0)).tolist()},
        float(given[row, k]),
        float(value[row, k]),
        factor,
    )


def _parts(loss: Loss, cells: ScoredRows) -> dict[str, Array]:
    """What a wrong gradient may be confined to, each (rows, outputs)."""
    scores, targets = cells.scores, cells.targets
    outputs, found = np.arange(scores.shape[1]), dict[str, Array]()

    def add(words: str, inside: Array) -> None:
        found[words] = np.broadcast_to(inside, scores.shape)

    if cells.known is not None:
        add("where the target is unknown", np.tile(cells.known == 0, loss.statistics))
    if len(outputs) > 1:
        for k in outputs[:GROUPS]:
            add(f"for output {k}", outputs == k)
    if targets.ndim == 1:
        add("for the class that is wanted", outputs == targets[:, None])
        add("for classes that are not wanted", outputs != targets[:, None])
        for k in outputs[:GROUPS]:
            add(f"for rows of class {k}", (targets == k)[:, None])
    elif loss.targets == "flags":
        add("where the target is 1", targets == 1)
        add("where the target is 0", targets == 0)
    elif targets.shape == scores.shape:
        add("for scores above the target", scores > targets)
        add("for scores below the target", scores < targets)
        for by in (1.0, 0.5, 2.0):
            add(f"more than {by:g} from the target", np.abs(scores - targets) > by)
            add(f"within {by:g} of the target", np.abs(scores - targets) <= by)
    add("for scores above 0", scores > 0)
    add("for scores below 0", scores < 0)
    return found


def _shown(target: Any) -> str:
    values = np.atleast_1d(target).tolist()
    text = ", ".join(f"{each:.4g}" for each in values[:4]) + (", ..." if len(values) > 4 else "")
    return text if len(values) == 1 else f"({text})"
