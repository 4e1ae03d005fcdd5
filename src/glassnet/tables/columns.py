"""The kinds of columns: what each learns from its cells, and the inputs that it becomes.

A kind has `width` (how many inputs), `encode` (cells -> inputs) and `as_json`. To add one: a class
of this form, its name in KINDS, and the case in which `learn_column` chooses it.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np

from ..core.arrays import Array
from ..core.checks import show
from .frame import text_of

FAR = 1e6
"""So many spreads from the median all numbers are alike: `smooth_clip` gives 3 there."""


@dataclass(frozen=True)
class Constant:
    """A column without a difference: no input."""

    name: str
    kind: ClassVar[str] = "constant"

    @property
    def width(self) -> int:
        return 0

    def encode(self, cells: Array, out: Array) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Number:
    """A number, from its `center`, times `scale`, clipped smoothly; nan is the center.

    `missing`: a further input is 1 where the cell is missing. `edges`: of the bins of a
    piecewise-linear encoding, scaled too, one input a bin. `waves`: frequencies, two inputs each.
    """

    name: str
    center: float
    scale: float
    missing: bool
    edges: tuple[float, ...] = ()
    waves: tuple[float, ...] = ()
    kind: ClassVar[str] = "number"

    @property
    def width(self) -> int:
        return 1 + self.missing + max(len(self.edges) - 1, 0) + 2 * len(self.waves)

    def scaled(self, cells: Array) -> Array:
        """Cells (rows,) in spreads from the center. Halves, as a difference may not be finite."""
        with np.errstate(over="ignore"):  # beyond all numbers is far too
            halves = (cells / 2.0 - self.center / 2.0) * self.scale
        return np.asarray(np.clip(halves, -FAR / 2.0, FAR / 2.0) * 2.0)

    def encode(self, cells: Array, out: Array) -> None:
        """Cells (rows,) of float64 into `out` (rows, width)."""
        unknown = np.isnan(cells)
        scaled = np.where(unknown, 0.0, self.scaled(cells))
        out[:, 0] = smooth_clip(scaled)
        if self.missing:
            out[:, 1] = unknown
        rest = out[:, 1 + self.missing :]
        if self.edges:
            bins = rest[:, : len(self.edges) - 1]
            piecewise_linear(scaled, np.array(self.edges), bins)
            bins[unknown] = 0.0
        if self.waves:
            angles = 2.0 * np.pi * np.multiply.outer(smooth_clip(scaled), self.waves)
            rest[:, -2 * len(self.waves) :] = np.hstack([np.sin(angles), np.cos(angles)])


@dataclass(frozen=True)
class Category:
    """Text: one input for each of `categories`; with `other` one more for all others, else these
    are zeros; with `missing` one more for a missing cell."""

    name: str
    categories: tuple[str, ...]
    other: bool
    missing: bool
    kind: ClassVar[str] = "category"

    @property
    def width(self) -> int:
        return len(self.categories) + self.other + self.missing

    def encode(self, cells: Array, out: Array) -> None:
        """Cells (rows,), text or None (numbers are taken as their text), into `out`."""
        last = len(self.categories)
        index: dict[Any, int] = {text: place for place, text in enumerate(self.categories)}
        index[None] = last + self.other if self.missing else -1
        places = np.array([index.get(cell, last if self.other else -1) for cell in texts(cells)])
        rows = np.flatnonzero(places >= 0)
        out[rows, places[rows]] = 1.0


Column = Constant | Number | Category
KINDS: dict[str, type[Column]] = {each.kind: each for each in (Constant, Number, Category)}


def smooth_clip(values: Array) -> Array:
    """values / sqrt(1 + (values/3)^2): within (-3, 3), close to the values about 0 (RealMLP,
    Holzmüller et al. 2024, section 3)."""
    return np.asarray(values / np.sqrt(1.0 + (values / 3.0) ** 2))


def piecewise_linear(values: Array, edges: Array, out: Array) -> None:
    """How far each value has come through each bin, 0 to 1, into `out` (rows, bins); beyond the
    outer edges the first bin goes below 0 and the last above 1, no further than by 1 (Gorishniy et
    al. 2022, eq. 1)."""
    part = (values[:, None] - edges[:-1]) / np.diff(edges)
    low, high = np.zeros(len(edges) - 1), np.ones(len(edges) - 1)
    low[0], high[-1] = -1.0, 2.0
    np.clip(part, low, high, out=out)


def texts(cells: Array) -> list[str | None]:
    """Cells as text, None where they are missing."""
    if cells.dtype == object:
        return list(cells)
    return [None if np.isnan(cell) else text_of(float(cell)) for cell in cells]


def as_numbers(cells: Array, place: str) -> Array:
    """Cells as float64; text is refused, in words."""
    if cells.dtype != object:
        return cells
    bad = [row for row, cell in enumerate(cells) if cell is not None]
    if bad:
        raise ValueError(
            f"{place} held numbers in training; row {bad[0]} holds the text {show(cells[bad[0]])}."
        )
    return np.full(len(cells), np.nan)


def learn_column(
    name: str, cells: Array, limit: int, bins: int = 0, waves: tuple[float, ...] = ()
) -> Column:
    """What a column of these cells becomes; see `recipe.learn`."""
    if cells.dtype == object:
        return _learn_category(name, cells, limit)
    known = cells[~np.isnan(cells)]
    missing = known.size < cells.size
    if not known.size or (known.min() == known.max() and not missing):
        return Constant(name)
    low, center, high = (float(value) for value in np.quantile(known, [0.25, 0.5, 0.75]))
    # Halves, as the difference of two finite numbers may not be finite.
    half = high / 2.0 - low / 2.0 or float(known.max() / 2.0 - known.min() / 2.0) / 2.0
    scale = min(0.5 / half, 1e300) if half else 1.0
    number = Number(name, center, scale, missing)
    return replace(number, edges=_edges(number.scaled(known), bins), waves=waves)


def _edges(known: Array, bins: int) -> tuple[float, ...]:
    """Values at equal shares, each once; none where they make less than two bins."""
    edges = np.unique(np.quantile(known, np.linspace(0.0, 1.0, bins + 1), method="nearest"))
    return tuple(edges.tolist()) if bins and len(edges) > 2 else ()


def _learn_category(name: str, cells: Array, limit: int) -> Column:
    """The most frequent texts, at most `limit`; those that stand in one row only are others."""
    known = [cell for cell in cells if cell is not None]
    found, counts = np.unique(np.array(known, dtype=object), return_counts=True)
    order = np.lexsort((np.arange(len(found)), -counts))
    kept = [place for place in order[:limit] if counts[place] > 1]
    missing = len(known) < len(cells)
    if len(found) <= 1 and not (missing and known):
        return Constant(name)
    chosen = tuple(sorted(str(found[place]) for place in kept))
    return Category(name, chosen, len(kept) < len(found), missing)


def column_as_json(column: Column) -> dict[str, Any]:
    """Plain data; what is empty is left out."""
    given = {key: each for key, each in asdict(column).items() if each != ()}
    lists = {key: list(each) for key, each in given.items() if isinstance(each, tuple)}
    return {"kind": column.kind, **given, **lists}
