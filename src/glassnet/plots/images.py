"""Pictures made of small images: misread digits, and the weights of the first layer.

To add one: choose images (images, height, width) and captions, and hand them to `_tiles`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..core.checks import whole
from . import checks, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.image import AxesImage

Floats = NDArray[np.float64]

GAP = 0.12  # between tiles, in widths of a tile
CHARACTER, LINE_HEIGHT = 0.58, 1.3  # width of a character, height of a line, in font sizes
ONE_LINE = 16  # longer captions put the probability on a line of its own


def misread(
    images: ArrayLike,
    labels: ArrayLike,
    predicted: ArrayLike,
    outputs: ArrayLike | None = None,
    shape: tuple[int, int] | None = None,
    count: int = 25,
    ax: Axes | None = None,
) -> Axes:
    """The images whose label was predicted wrongly, up to `count`, under "true → read".

    `images` has shape (rows, pixels) or (rows, height, width), `labels` and `predicted` (rows,).
    With `outputs` (what `predict` gives, (rows, outputs), or the probability of each prediction,
    (rows,)) the most certain mistakes come first and say how certain; without, in order of rows.
    `shape` is (height, width) where images are flat and not square. Raises TypeError, ValueError.
    """
    checks.no_network("images", images, "X, y, net.classify(X), net.predict(X)")
    flat, size = _images(images, shape)
    true = checks.labels("labels", labels, len(flat))
    given = checks.labels("predicted", predicted, len(flat))
    certainty = _certainty(outputs, len(flat))
    whole("count", count)
    if checks.holds_text(true) != checks.holds_text(given):
        raise TypeError(
            f"labels and predicted must be of one kind; got {true.dtype} and {given.dtype}. "
            "Hint: network.classify(X) gives predictions in the kind of the labels."
        )
    wrong = np.flatnonzero(true != given)
    if certainty is not None:
        wrong = wrong[np.argsort(-certainty[wrong], kind="stable")]
    rows = wrong[:count]
    title = _misread_title(len(rows), len(wrong), len(flat), certainty is not None)
    if not len(rows):
        ax = style.one_axes(ax, (4.0, 1.8))
        ax.set_axis_off()
        style.note(ax, "All predictions are right:\nthere is nothing to show.")
    else:
        captions = _captions(
            true[rows], given[rows], certainty[rows] if certainty is not None else None
        )
        tiles = flat[rows].reshape(len(rows), *size)
        ax, _ = _tiles(ax, tiles, captions, math.ceil(math.sqrt(len(rows))), style.INK)
        title += "\ntrue → read" + ("" if certainty is None else " (certainty)")
    ax.set_title(title, fontsize=style.TITLE, loc="left", pad=8)
    return ax


def _images(images: object, shape: object) -> tuple[NDArray[Any], tuple[int, int]]:
    """Images as (rows, pixels), and their (height, width)."""
    shapes = {2: "(rows, pixels)", 3: "(rows, height, width)"}
    array = checks.numbers("images", images, shapes)
    if array.ndim == 3 and shape is None:
        shape = array.shape[1:]
    flat = array.reshape(len(array), -1)
    return flat, checks.image_shape("images", flat.shape[1], shape)


def _certainty(outputs: object, rows: int) -> Floats | None:
    """The output of the predicted class (rows,); of one logistic output p it is max(p, 1 - p)."""
    if outputs is None:
        return None
    array = checks.numbers("outputs", outputs, {1: "(rows,)", 2: "(rows, outputs)"})
    checks.same_rows("outputs", array, rows)
    values: Floats = array.astype(float)
    if values.ndim == 1:
        return values
    if values.shape[1] == 1:
        values = np.hstack([1.0 - values, values])
    certainty: Floats = values.max(axis=1)
    return certainty


def _captions(true: NDArray[Any], given: NDArray[Any], certainty: Floats | None) -> list[str]:
    pairs = [f"{_label(a)} → {_label(b)}" for a, b in zip(true, given, strict=True)]
    if certainty is None or not pairs:
        return pairs
    shares = bool(certainty.min() >= 0 and certainty.max() <= 1)
    sure = [f"({_percent(one)})" if shares else f"({one:.2f})" for one in certainty]
    longest = max(len(a) + len(b) + 1 for a, b in zip(pairs, sure, strict=True))
    between = " " if longest <= ONE_LINE else "\n"
    return [a + between + b for a, b in zip(pairs, sure, strict=True)]


def _label(value: Any) -> str:
    whole = isinstance(value, np.floating) and float(value).is_integer()
    return style.shorten(int(value) if whole else value, 14)


def _percent(share: float) -> str:
    """A share in percent; more digits near 100 %, so that 99.97 % is not written as 100 %."""
    return f"{100 * share:.0f} %" if share <= 0.99 else f"{math.floor(1000 * share) / 10:.1f} %"


def _misread_title(shown: int, wrong: int, rows: int, ranked: bool) -> str:
    which = (
        ""
        if shown == wrong
        else f"; the {shown} most certain"
        if ranked
        else f"; the first {shown}"
    )
    return f"{wrong:,} of {rows:,} misread{which}"


def first_layer(
    weights: ArrayLike,
    shape: tuple[int, int] | None = None,
    count: int = 32,
    ax: Axes | None = None,
) -> Axes:
    """What each unit of the first layer looks for: its weights as an image of the inputs.

    `weights` has shape (inputs, units): `network.weights[0]`. The first `count` units are drawn,
    blue where an input raises the unit and orange where it lowers it, on one scale for all that is
    symmetric about 0. `shape` is (height, width) where the inputs are no square image. Raises
    TypeError, ValueError.
    """
    checks.no_network("weights", weights, "net.weights[0]")
    matrix = checks.numbers("weights", weights, {2: "(inputs, units)"})
    size = checks.image_shape("weights", matrix.shape[0], shape)
    shown = min(whole("count", count), matrix.shape[1])
    tiles = matrix[:, :shown].T.reshape(shown, *size).astype(float)
    captions = [str(unit) for unit in range(1, shown + 1)]
    columns = min(8, math.ceil(math.sqrt(2 * shown)))
    largest = float(np.abs(tiles).max())
    # A few weights far out would leave all the others pale.
    limit = float(np.quantile(np.abs(tiles), 0.995)) or largest or 1.0
    ax, image = _tiles(ax, tiles, captions, columns, style.diverging(), (-limit, limit), 0.6)
    bar = ax.figure.colorbar(
        image,
        ax=ax,
        orientation="horizontal",
        shrink=0.5,
        aspect=30,
        pad=0.02,
        panchor=False,
        extend="both" if largest > limit else "neither",
    )
    bar.ax.tick_params(labelsize=style.SMALL)
    bar.set_label("weight", fontsize=style.LABEL)
    of_all = "" if shown == matrix.shape[1] else f", {shown} of {matrix.shape[1]} units"
    ax.set_title(f"weights of the first layer{of_all}", fontsize=style.TITLE, loc="left", pad=8)
    return ax


class _Mosaic(NamedTuple):
    """How images lie side by side, each an image wide and `high` high, under `lines` of caption."""

    columns: int
    rows: int
    high: float
    lines: int
    longest: int  # characters in the longest line of a caption

    def inches(self) -> tuple[float, float]:
        """Width and height that suit it: wider tiles for few of them and for long captions."""
        tile = max(0.85 if self.columns > 2 else 1.4, CHARACTER * style.SMALL * self.longest / 72)
        head = self.lines * LINE_HEIGHT * style.SMALL / 72
        return (
            self.columns * tile * (1 + GAP),
            self.rows * (tile * (self.high + GAP) + head),
        )

    def text_size(self, width: float, height: float) -> tuple[float, float]:
        """Points of the captions, and their height in tiles, on axes of that many points."""
        across = width / (self.columns * (1 + GAP))
        down = height / (self.rows * (self.high + GAP + 0.25 * self.lines))
        tile = min(across, down)
        size = float(np.clip(tile * (1 + GAP) / (CHARACTER * self.longest), 3.0, style.SMALL))
        return size, self.lines * LINE_HEIGHT * size / tile


def _tiles(
    ax: Axes | None,
    tiles: NDArray[Any],
    captions: list[str],
    columns: int,
    colours: str | Colormap,
    limits: tuple[float, float] | None = None,
    below: float = 0.0,
) -> tuple[Axes, AxesImage]:
    """Images (images, height, width) in rows of `columns`; `below` inches are left for a bar."""
    lines = [line for caption in captions for line in caption.split("\n")]
    mosaic = _Mosaic(
        columns,
        math.ceil(len(tiles) / columns),
        tiles.shape[1] / tiles.shape[2],
        len(lines) // len(captions),
        max(map(len, lines)),
    )
    wide, tall = mosaic.inches()
    room = (72 * wide, 72 * tall) if ax is None else style.points_across(ax)
    ax = style.one_axes(ax, (max(3.4, wide + 0.2), tall + 0.55 + below))
    low, high = limits or (float(tiles.min()), float(tiles.max()))
    size, head = mosaic.text_size(*room)
    for place, (tile, caption) in enumerate(zip(tiles, captions, strict=True)):
        left = (place % columns) * (1 + GAP)
        top = (place // columns) * (mosaic.high + head + GAP) + head
        box = (left, left + 1, top + mosaic.high, top)
        image = ax.imshow(tile, colours, vmin=low, vmax=high, extent=box, interpolation="nearest")
        _frame(ax, box)
        ax.text(left + 0.5, top - 0.03, caption, ha="center", va="bottom", fontsize=size)
    ax.set_xlim(-GAP / 2, columns * (1 + GAP) - GAP / 2)
    ax.set_ylim(mosaic.rows * (mosaic.high + head + GAP), 0)
    ax.set_aspect("equal", anchor="NW")
    ax.set_axis_off()
    return ax, image


def _frame(ax: Axes, box: tuple[float, float, float, float]) -> None:
    left, right, bottom, top = box
    corners = [left, right, right, left, left], [top, top, bottom, bottom, top]
    ax.plot(*corners, color=style.MUTED, alpha=0.5, linewidth=0.5)
