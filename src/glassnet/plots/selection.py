"""Pictures of what glassnet.selection gives: folds, learning curves, settings that were searched.

To add one: a function that takes the object as it is (it is only read, so anything with the same
attributes will do), checks it with `_read`, and draws on axes from style.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..core.checks import show
from . import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
SEVERAL_DECADES = 50  # where the largest is so many times the smallest an axis may be logarithmic
FEW = 6  # different values, which get a tick each
MANY = 60  # points, beyond which they are smaller and have no error bars
ABOVE = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "ncols": 2}


def cross_validation(
    result: Any, ax: Axes | Sequence[Axes] | NDArray[Any] | None = None
) -> Axes | NDArray[np.object_]:
    """Loss and metrics of each fold, their mean and its standard error as a band.

    `result` is what glassnet.cross_validate returns. Returns one Axes, or an array with one for
    the loss and one for each metric. `ax` may be one Axes (the loss is drawn, the metrics are not)
    or as many as there are quantities. Raises TypeError or ValueError for something else.
    """
    values, errors, folds = _read(result, "cross_validate", "values", "standard_error", "folds")
    panels = _panels(ax, list(values))
    for panel, (name, each) in zip(panels, values.items(), strict=False):
        _folds(panel, np.asarray(each, dtype=float), float(errors[name]), len(folds))
        label = "fold" if len(folds) == 1 else f"fold, in {len(folds)} repeats"
        style.dress(panel, x=label, y=_words(name, "held-out "))
        _count_folds(panel, len(each) // len(folds), len(folds))
    return _as_given(ax, panels)


def _folds(ax: Axes, values: Floats, error: float, repeats: int) -> None:
    """The value of every fold as a dot; nan, where a training diverged, as a cross on the edge."""
    numbers, lost = np.arange(1.0, len(values) + 1), ~np.isfinite(values)
    mean, colour = float(values.mean()), style.PALETTE[0]
    for end in range(1, repeats):
        place = end * len(values) / repeats + 0.5
        ax.axvline(place, color=style.MUTED, alpha=0.35, linewidth=0.8, linestyle=":")
    if math.isfinite(mean):
        ax.axhspan(mean - error, mean + error, color=style.PALETTE[1], alpha=0.15, linewidth=0)
        label = f"mean {mean:.3g} ± {error:.2g} (standard error)"
        ax.axhline(mean, color=style.PALETTE[1], linewidth=style.LINE, label=label)
    ax.scatter(numbers, values, s=_size(len(values)), color=colour, linewidths=0, zorder=3)
    _on_the_edge(ax, numbers[lost], "x", "diverged")
    ax.set_xlim(0.4, len(values) + 0.6)
    style.legend(ax, **ABOVE)


def _count_folds(ax: Axes, folds: int, repeats: int) -> None:
    """The folds of each repeat from 1 on, as long as their numbers have room."""
    if folds * repeats > 20:
        style.count_on_x(ax)
    else:
        ax.set_xticks(np.arange(1, folds * repeats + 1), [*range(1, folds + 1)] * repeats)


def learning_curve(
    result: Any, ax: Axes | Sequence[Axes] | NDArray[Any] | None = None
) -> Axes | NDArray[np.object_]:
    """Loss and metrics over the number of rows: training solid, test dashed.

    Lines are means over the repeats, bands one standard deviation about them, as far as there are
    values. `result` is what glassnet.learning_curve returns. Returns one Axes, or an array with one
    for the loss and one for each metric. `ax` may be one Axes (the loss is drawn, the metrics are
    not) or as many as there are quantities. Raises TypeError or ValueError for something else.
    """
    rows, training, test = _read(result, "learning_curve", "rows", "training", "test")
    panels = _panels(ax, list(test))
    for panel, name in zip(panels, test, strict=False):
        _band(panel, np.asarray(rows), np.asarray(training[name], dtype=float), "training", 0)
        _band(panel, np.asarray(rows), np.asarray(test[name], dtype=float), "test", 1)
        style.dress(panel, x="rows to train with", y=_words(name))
        style.legend(panel, **{**ABOVE, "ncols": 3, "columnspacing": 1.2})
    return _as_given(ax, panels)


def _band(ax: Axes, rows: NDArray[Any], values: Floats, part: str, place: int) -> None:
    """Mean and standard deviation of values (sizes, repeats); a gap where a training diverged."""
    mean = values.mean(axis=1)
    colour = style.PALETTE[place]
    (line,) = ax.plot(rows, mean, color=colour, linewidth=style.LINE, marker="o", markersize=4)
    line.set_label(part)
    if part == "test":
        line.set_linestyle("--")
        line.set_markerfacecolor(ax.get_facecolor())
    if values.shape[1] > 1:
        spread = values.std(axis=1, ddof=1)
        low = np.maximum(mean - spread, values.min(axis=1))
        high = np.minimum(mean + spread, values.max(axis=1))
        band = ax.fill_between(rows, low, high, color=colour, alpha=0.14, linewidth=0)
        band.set_label("± standard deviation" if part == "test" else None)
    if not np.isfinite(mean).any():
        style.note(ax, "no finite values")


def search(
    result: Any, ax: Axes | Sequence[Axes] | NDArray[Any] | None = None
) -> Axes | NDArray[np.object_]:
    """The loss over every setting that was searched, a panel for each; the best is marked.

    `result` is what glassnet.search returns. Bars are standard errors over the folds; at the upper
    edge crosses stand for trainings that diverged, triangles for losses beyond the picture. Axes
    are logarithmic where values span several decades. Returns one Axes, or an array of them in the
    order of `result.names`; `ax` may be as many. Raises TypeError or ValueError for something else.
    """
    names, table, best = _read(result, "search", "names", "table", "best")
    panels = _panels(ax, list(names))
    if len(panels) != len(names):
        raise ValueError(f"ax is one Axes, this picture needs {len(names)}, one for each setting.")
    losses = np.array([record["loss"] for record in table], dtype=float)
    errors = np.array([record.get("standard_error", 0.0) for record in table], dtype=float)
    for panel, name in zip(panels, names, strict=True):
        values = np.array([record[name] for record in table], dtype=float)
        _tried(panel, values, losses, errors)
        star: dict[str, Any] = {
            "marker": "*",
            "s": 80,
            "color": style.PALETTE[1],
            "zorder": 4,
            "linewidths": 0,
        }
        panel.scatter(values[:1], losses[:1], label=f"best: {float(best[name]):.3g}", **star)
        style.dress(panel, x=_words(name), y="validation loss")
        _scale_x(panel, values)
        style.legend(panel, **{**ABOVE, "ncols": 3, "columnspacing": 1.2})
    return _as_given(ax, panels)


def _tried(ax: Axes, values: Floats, losses: Floats, errors: Floats) -> None:
    """All combinations as dots, with error bars where there are some and room for them."""
    colour, sound, top = style.PALETTE[0], np.isfinite(losses), _top(losses)
    shown = sound & (losses <= top)
    x, y, bars = values[shown], losses[shown], errors[shown]
    if len(y) and y.min() > 0 and y.max() >= SEVERAL_DECADES * y.min():
        ax.set_yscale("log")
        bars = np.stack([np.minimum(bars, 0.5 * y), bars])  # an axis without 0
    if errors.any() and len(losses) <= MANY:
        ax.errorbar(x, y, bars, fmt="none", ecolor=colour, alpha=0.35, elinewidth=1.0)
    ax.scatter(x, y, s=_size(len(losses)), color=colour, alpha=0.6, linewidths=0)
    _on_the_edge(ax, values[sound & ~shown], "^", f"above {max([0.0, *y]):.3g}")
    _on_the_edge(ax, values[~sound], "x", "diverged")
    if not len(y):
        style.note(ax, "no finite loss")


def _top(losses: Floats) -> float:
    """The largest loss to show, so that what blew up does not press the others together."""
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        return math.inf
    low, middle, high = float(finite.min()), float(np.median(finite)), float(finite.max())
    top = middle + 4 * (middle - low)
    return top if low < middle and top < high else high


def _on_the_edge(ax: Axes, places: Floats, marker: str, label: str) -> None:
    """Marks at the upper edge, for what has no value or none that can be shown."""
    if len(places):
        (line,) = ax.plot(places, np.full(len(places), 0.97), transform=ax.get_xaxis_transform())
        line.set(linestyle="none", marker=marker, markersize=5, color=style.MUTED, label=label)
        line.set_clip_on(False)


def _scale_x(ax: Axes, values: Floats) -> None:
    """Logarithmic where most values of several decades are small, with a linear stretch about 0
    where 0 is among them; a tick for each of a few values."""
    above = values[values > 0]
    decades = len(above) > 0 and above.max() >= SEVERAL_DECADES * above.min()
    if decades and values.min() >= 0 and float(np.median(above)) < above.max() / 5:
        least = float(above.min())
        zero = {} if len(above) == len(values) else {"linthresh": least, "linscale": 0.5}
        ax.set_xscale("symlog" if zero else "log", **zero)
    elif len(found := np.unique(values)) <= FEW:
        ax.set_xticks(found, [f"{value:.3g}" for value in found])
        span = float(np.ptp(found)) or 1.0
        ax.set_xlim(found[0] - 0.15 * span, found[-1] + 0.15 * span)


def _read(result: Any, call: str, *names: str) -> list[Any]:
    """The attributes of a result; each must hold something."""
    if isinstance(result, type | Mapping) or not all(hasattr(result, name) for name in names):
        raise TypeError(
            f"result must be what glassnet.{call}(...) returns, with {', '.join(names)}; got "
            f"{show(result)}."
        )
    found = [getattr(result, name) for name in names]
    for name, each in zip(names, found, strict=True):
        if len(each) == 0:
            raise ValueError(f"result.{name} is empty; there is nothing to draw.")
    return found


def _panels(ax: Any, names: list[str]) -> list[Axes]:
    """One Axes for each name, beside each other and at most three in a row; or those given."""
    if len(names) == 1 or hasattr(ax, "plot"):
        given = ax[0] if isinstance(ax, np.ndarray | Sequence) and len(ax) == 1 else ax
        return [style.one_axes(given)]
    if ax is not None:
        return list(style.several_axes(ax, 1, len(names)))
    columns = min(len(names), 3)
    panels = list(style.several_axes(None, math.ceil(len(names) / columns), columns))
    for spare in panels[len(names) :]:
        spare.remove()
    return panels[: len(names)]


def _as_given(ax: Any, panels: list[Axes]) -> Axes | NDArray[np.object_]:
    """One Axes by itself, several as an array."""
    if len(panels) == 1 and not isinstance(ax, np.ndarray | Sequence):
        return panels[0]
    found = np.empty(len(panels), dtype=object)
    found[:] = panels
    return found


def _size(count: int) -> float:
    return 26.0 if count <= MANY else 12.0


def _words(name: str, before: str = "") -> str:
    return style.plain(before + name.replace("_", " "))
