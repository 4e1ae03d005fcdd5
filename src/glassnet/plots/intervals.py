"""Pictures of intervals: a line with a band around it.

The numbers are those of glassnet.inference. To add one: numbers in, checked by checks.py, drawn on
axes from style.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..core.checks import show
from ..intake import arrays
from . import checks, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


def band(
    x: ArrayLike,
    interval: Any,
    data: Any = None,
    name: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A line and the interval around it, over one input; several on one Axes get other colours.

    `x` (rows,) or (rows, 1), in any order, is where `interval` was asked for: what
    glassnet.inference.predict_interval or a conformal `predict` gives, with lower, mean and upper
    (rows, columns) and a level. `data` (X, y) are points to draw beside it, `name` is that of the
    line in the legend. Raises TypeError, ValueError.
    """
    place = _column("x", x)
    lower, mean, upper = (
        _values(interval, part, len(place)) for part in ("lower", "mean", "upper")
    )
    ax = style.one_axes(ax, (5.6, 3.6))
    if data is not None:
        _points(ax, data)
    order, columns = np.argsort(place, kind="stable"), mean.shape[1]
    for k in range(columns):
        colour = style.PALETTE[len(ax.lines) % len(style.PALETTE)]
        label = (name or "mean") + (f" {k + 1}" if columns > 1 else "")
        (line,) = ax.plot(place[order], mean[order, k], color=colour, linewidth=style.LINE)
        line.set_label(style.shorten(label, 40))
        low, high = lower[order, k], upper[order, k]
        shade = ax.fill_between(place[order], low, high, color=colour, alpha=0.18, linewidth=0)
        shade.set_label(f"{100 * float(interval.level):g} % interval")
    style.dress(ax, x=style.shorten((arrays.column_names(x) or ["x"])[0], 40), y="y")
    style.legend(ax)
    return ax


def _column(name: str, value: Any) -> Floats:
    array = checks.numbers(name, value, {1: "(rows,)", 2: "(rows, 1)"})
    if array.ndim == 2 and array.shape[1] != 1:
        raise ValueError(f"{name} must have shape (rows, 1); got shape {array.shape}.")
    return array.reshape(len(array)).astype(float)


def _values(interval: Any, part: str, rows: int) -> Floats:
    if isinstance(interval, type) or not hasattr(interval, "level") or not hasattr(interval, part):
        raise TypeError(
            "interval must be what glassnet.inference.predict_interval(...) returns, with lower, "
            f"mean, upper and level; got {show(interval)}."
        )
    name, shapes = f"interval.{part}", {1: "(rows,)", 2: "(rows, columns)"}
    array = checks.numbers(name, getattr(interval, part), shapes)
    checks.same_rows(name, array, rows)
    return array.reshape(len(array), -1).astype(float)


def _points(ax: Axes, data: Any) -> None:
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise TypeError(f"data must be (X, y), the points to draw; got {show(data)}.")
    x = _column("data's X", data[0])
    y = checks.numbers("data's y", data[1], {1: "(rows,)", 2: "(rows, columns)"})
    checks.same_rows("data's y", y, len(x))
    y = y.reshape(len(x), -1)
    size, alpha = float(np.clip(4000 / len(x), 5, 22)), 0.85 if len(x) <= 300 else 0.4
    for k in range(y.shape[1]):
        colour = style.MUTED if y.shape[1] == 1 else style.PALETTE[k % len(style.PALETTE)]
        dots = ax.scatter(x, y[:, k], s=size, color=colour, alpha=alpha, linewidths=0)
        dots.set_label("data" if y.shape[1] == 1 else f"data {k + 1}")
