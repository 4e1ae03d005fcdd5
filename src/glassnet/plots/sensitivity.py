"""Pictures of how outputs depend on inputs: partial dependence, and what each input adds.

Their numbers are those of glassnet.inference. To add one: numbers in, checked by checks.py, drawn
on axes from style.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..core.checks import whole
from ..intake import arrays
from . import checks, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


def partial_dependence(
    grid: ArrayLike,
    values: ArrayLike,
    name: str = "input",
    label: str = "output",
    ax: Axes | None = None,
) -> Axes:
    """How an output changes with one input; draw on one Axes as often as there are outputs.

    `grid` (points,) and `values` as glassnet.inference.partial_dependence gives them for one
    output: (points,), or (rows, points), which are drawn as thin curves below their mean. `name`
    is written along the x axis, `label` beside the curve. Raises TypeError, ValueError.
    """
    x = checks.numbers("grid", grid, {1: "(points,)"}).astype(float)
    curves = checks.numbers("values", values, {1: "(points,)", 2: "(rows, points)"}).astype(float)
    curves = curves.reshape(-1, curves.shape[-1])
    if curves.shape[1] != len(x):
        raise ValueError(
            f"values must have a number for each of the {len(x)} points of grid; got shape "
            f"{curves.shape}."
        )
    ax = style.one_axes(ax, (5.6, 3.6))
    order = np.argsort(x)
    colour = style.PALETTE[sum(bool(one.get_gid()) for one in ax.lines) % len(style.PALETTE)]
    if len(curves) > 1:
        alpha = float(np.clip(20 / len(curves), 0.05, 0.4))
        ax.plot(x[order], curves[:, order].T, color=colour, linewidth=0.6, alpha=alpha)
    (mean,) = ax.plot(x[order], curves.mean(axis=0)[order], color=colour, linewidth=2 * style.LINE)
    mean.set_label(style.shorten(label, 40))
    mean.set_gid("mean")
    style.dress(ax, x=style.shorten(name, 40), y="output")
    style.legend(ax)
    return ax


def attributions(
    values: ArrayLike,
    names: Any = None,
    X: ArrayLike | None = None,
    most: int = 12,
    ax: Axes | None = None,
) -> Axes:
    """What each input adds to the output: bars for one row, a dot for each of several rows.

    `values` (rows, inputs) or (inputs,) are those of glassnet.inference.shapley_values or
    integrated_gradients. Inputs are sorted by the mean of |value|, the largest on top; `most` of
    them are drawn. `names` are of the inputs; `X` (rows, inputs) gives each dot the colour of its
    input's value, from the lowest to the highest of the column. Raises TypeError, ValueError.
    """
    numbers = checks.numbers("values", values, {1: "(inputs,)", 2: "(rows, inputs)"}).astype(float)
    numbers = np.atleast_2d(numbers)
    if names is None:
        names = arrays.column_names(X) or [f"input {k}" for k in range(numbers.shape[1])]
    names = checks.names("names", names, numbers.shape[1])
    order = np.argsort(-np.abs(numbers).mean(axis=0), kind="stable")[: whole("most", most)]
    colours = None if X is None else _shares(X, numbers)
    ax = style.one_axes(ax, (5.6, 1.0 + 0.3 * len(order)))
    ax.axvline(0.0, color=style.MUTED, linewidth=1)
    if len(numbers) == 1:
        signs = [style.POSITIVE if one >= 0 else style.NEGATIVE for one in numbers[0, order]]
        ax.barh(np.arange(len(order)), numbers[0, order], color=signs, height=0.65)
    else:
        _dots(ax, numbers[:, order], None if colours is None else colours[:, order])
    ax.set_yticks(np.arange(len(order)), [style.shorten(names[k], 24) for k in order])
    ax.set_ylim(len(order) - 0.4, -0.6)
    style.dress(ax, x="adds to the output")
    return ax


def _dots(ax: Axes, values: Floats, colours: Floats | None) -> None:
    """A dot for each value (rows, inputs), those of about equal value beside each other."""
    bins = (60 * (values - values.min()) / (float(np.ptp(values)) or 1.0)).astype(int)
    heights = np.column_stack([place + _spread(one) for place, one in enumerate(bins.T)])
    look: dict[str, Any] = {"color": style.POSITIVE}
    if colours is not None:
        look = {"c": colours.ravel(), "cmap": style.SEQUENTIAL, "vmin": 0.0, "vmax": 1.0}
    size = float(np.clip(4000 / len(values), 4, 20))
    dots = ax.scatter(values.ravel(), heights.ravel(), s=size, alpha=0.8, linewidths=0, **look)
    if colours is not None:
        bar = ax.figure.colorbar(dots, ax=ax, ticks=[0, 1], pad=0.02, aspect=30)
        bar.ax.set_yticklabels(["low", "high"], fontsize=style.SMALL)
        bar.set_label("value of the input", fontsize=style.LABEL)
        bar.outline.set_visible(False)


def _spread(bins: NDArray[np.int_]) -> Floats:
    """(rows,) heights in [-0.4, 0.4]: 0 for the first of a bin, the next up and down in turn."""
    order = np.argsort(bins, kind="stable")
    number = np.empty(len(bins))
    number[order] = np.arange(len(bins)) - np.searchsorted(bins[order], bins[order])
    heights = np.where(number % 2 == 0, 0.5, -0.5) * (number + number % 2)
    return np.asarray(heights * min(0.06, 0.4 / max(1.0, float(np.abs(heights).max()))))


def _shares(X: ArrayLike, values: Floats) -> Floats:
    """Each value of X (rows, inputs) as its place in [0, 1] between the extremes of its column."""
    given = checks.numbers("X", X, {2: "(rows, inputs)"}).astype(float)
    if given.shape != values.shape:
        raise ValueError(f"X must have the shape of values, {values.shape}; got {given.shape}.")
    low, span = given.min(axis=0), np.ptp(given, axis=0)
    return np.asarray((given - low) / np.where(span > 0, span, 1.0))
