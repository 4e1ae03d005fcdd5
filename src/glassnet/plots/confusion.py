"""The confusion matrix as a picture. The numbers come from glassnet.metrics.confusion_matrix.

To add a way to normalise: an entry in NORMALIZED (what each count is divided by).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..core.checks import show
from . import checks, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

# The axes of a matrix (true, predicted) to sum over for the divisor, and what a share is of.
NORMALIZED: dict[str, tuple[tuple[int, ...], str]] = {
    "true": ((1,), "cells: % of the true class"),
    "pred": ((0,), "cells: % of the predicted class"),
    "all": ((0, 1), "cells: % of all rows"),
}
FROM_LABELS = "glassnet.metrics.confusion_matrix(y, net.classify(X))"
WITH_ZEROS = 11  # with more classes empty cells stay blank
SMALLEST_TEXT = 3.5  # points


def confusion_matrix(
    matrix: ArrayLike,
    classes: ArrayLike | None = None,
    normalize: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Which classes are taken for which: rows are true classes, columns predicted ones.

    `matrix` holds counts of shape (classes, classes), `classes` their names (else 0, 1, ...).
    `normalize` is None (counts), "true" (each row sums to 1), "pred" (each column) or "all".
    Colours go with the root of the value, so that rare mistakes stay visible beside the diagonal.
    Where cells are too small for numbers there is a colour bar instead. Raises TypeError or
    ValueError for what is no square matrix of counts.
    """
    counts = _counts(matrix)
    number = len(counts)
    words = [str(place) for place in range(number)]
    if classes is not None:
        words = [style.shorten(word) for word in checks.names("classes", classes, number)]
    if normalize is not None and not (isinstance(normalize, str) and normalize in NORMALIZED):
        allowed = ", ".join(map(repr, NORMALIZED))
        raise ValueError(f"normalize must be None, {allowed}; got {show(normalize)}.")
    values = counts if normalize is None else _shares(counts, normalize)
    ax = style.one_axes(ax, _size(number, max(map(len, words))))
    image = _draw(ax, values)
    _name(ax, words)
    ax.set_title(_title(counts, normalize), fontsize=style.TITLE, loc="left")
    texts = _texts(values, normalize is None)
    size = _text_size(ax, number, texts)
    if size < SMALLEST_TEXT:
        ax.figure.colorbar(image, ax=ax).ax.tick_params(labelsize=style.SMALL)
    else:
        _write(ax, image, values, texts, size)
    return ax


def _counts(matrix: object) -> NDArray[Any]:
    checks.no_network("matrix", matrix, FROM_LABELS)
    if _holds_labels(matrix):
        raise ValueError(
            "matrix must hold counts of shape (classes, classes); got one label or number a row. "
            f"Pass {FROM_LABELS}."
        )
    counts = checks.numbers("matrix", matrix, {2: "(classes, classes)"})
    if counts.shape[0] != counts.shape[1]:
        raise ValueError(
            f"matrix must be square, one row and one column a class; got shape {counts.shape}. "
            f"From labels: pass {FROM_LABELS}."
        )
    if counts.min() < 0:
        raise ValueError(f"matrix must hold counts, 0 or more; got {counts.min()}.")
    return counts


def _holds_labels(matrix: Any) -> bool:
    """Whether this is a plain list or an array of one dimension, such as labels are."""
    if isinstance(matrix, (list, tuple)):
        return bool(matrix) and all(np.ndim(one) == 0 for one in matrix)
    return getattr(matrix, "ndim", None) == 1


def _shares(counts: NDArray[Any], normalize: str) -> NDArray[np.float64]:
    """Counts over their sum; where nothing was counted the share is 0."""
    total = counts.sum(axis=NORMALIZED[normalize][0], keepdims=True, dtype=float)
    return counts / np.where(total > 0, total, 1.0)


def _size(number: int, longest: int) -> tuple[float, float]:
    """Inches: room for the cells, the names of the classes, the titles."""
    cells = number * (0.5 if number <= 12 else 0.36)
    side = min(max(2.6, cells), 12.0)
    return side + 0.7 + 0.06 * longest, side + 0.9 + 0.06 * longest


def _draw(ax: Axes, values: NDArray[Any]) -> AxesImage:
    from matplotlib.colors import PowerNorm

    norm = PowerNorm(0.5, vmin=0.0, vmax=max(float(values.max()), 1e-12))
    image = ax.imshow(values, cmap=style.COUNTS, norm=norm, interpolation="nearest")
    edges = np.arange(len(values) + 1) - 0.5
    ax.set_xticks(edges, minor=True)
    ax.set_yticks(edges, minor=True)
    ax.grid(which="minor", color="white", linewidth=0.8)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set_visible(False)
    return image


def _name(ax: Axes, words: list[str]) -> None:
    """Names along both sides; upright ones below where they would touch each other."""
    cell = style.points_across(ax)[0] / len(words)
    step = math.ceil(1.2 * style.SMALL / cell)  # of very many classes not all can be named
    places, words = range(0, len(words), step), words[::step]
    crowded = 0.62 * style.SMALL * max(map(len, words)) > 0.9 * cell * step
    rotation: dict[str, Any] = (
        {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if crowded else {}
    )
    ax.set_xticks(places, words, fontsize=style.SMALL, **rotation)
    ax.set_yticks(places, words, fontsize=style.SMALL)
    ax.set_xlabel("predicted", fontsize=style.LABEL)
    ax.set_ylabel("true", fontsize=style.LABEL)


def _title(counts: NDArray[Any], normalize: str | None) -> str:
    total, right = float(counts.sum()), float(np.trace(counts))
    if total == 0:
        return "no rows"
    line = f"{right:,.10g} of {total:,.10g} right ({100 * right / total:.1f} %)"
    return line if normalize is None else f"{line}\n{NORMALIZED[normalize][1]}"


def _texts(values: NDArray[Any], counts: bool) -> list[list[str]]:
    """What to write in the cells: counts, or shares in percent; blanks where zeros would crowd."""
    blank = "" if len(values) > WITH_ZEROS else "0"
    form = _count if counts else _percent
    return [[form(float(value)) if value else blank for value in row] for row in values]


def _count(value: float) -> str:
    return f"{value:.0f}" if value.is_integer() else f"{value:.3g}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".replace("100.0", "100")


def _text_size(ax: Axes, number: int, texts: list[list[str]]) -> float:
    """Points at which the longest text fits a cell; a digit is about 0.62 of its height wide."""
    cell = min(style.points_across(ax)) / number
    longest = max(len(text) for row in texts for text in row)
    return min(style.LABEL, 0.86 * cell / (0.62 * max(longest, 2)))


def _write(
    ax: Axes, image: AxesImage, values: NDArray[Any], texts: list[list[str]], size: float
) -> None:
    colours = np.asarray(image.cmap(image.norm(values)))
    for row, line in enumerate(texts):
        for column, text in enumerate(line):
            ink = style.ink_on(colours[row, column])
            ax.text(column, row, text, ha="center", va="center", fontsize=size, color=ink)
