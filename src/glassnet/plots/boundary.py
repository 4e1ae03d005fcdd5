"""What a network of two inputs decides everywhere on the plane, with the data on top.

The numbers come from `decision_grid`. To add a way to draw them: a function that takes the grid
and the axes, chosen in `decision_boundary` by what the targets are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..core.checks import positive, show, whole
from ..intake import arrays
from . import checks, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


class DecisionGrid(NamedTuple):
    """A network's outputs on a grid of points: outputs[i, k] belongs to (x[k], y[i])."""

    x: Floats  # first input, (columns,)
    y: Floats  # second input, (rows,)
    outputs: Floats  # (rows, columns, outputs)


def decision_grid(
    network: Any, X: ArrayLike, resolution: int = 200, margin: float = 0.1
) -> DecisionGrid:
    """The outputs of a two-input network on a grid that covers the points X, (rows, 2).

    `resolution` is the number of grid points along each input, `margin` the part of the range
    that is added on every side. Raises TypeError, ValueError for another kind of network or X.
    """
    checks.network(network, inputs=2)
    points = _points(X)
    whole("resolution", resolution, 2)
    extra = positive("margin", margin, zero=True)
    low, high = points.min(axis=0), points.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    # A column of one value still gets a strip to look at.
    low, high = low - span * extra - (high <= low) / 2, high + span * extra + (high <= low) / 2
    x, y = (np.linspace(low[k], high[k], resolution) for k in (0, 1))
    plane = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    outputs = checks.predicted(network, plane)
    return DecisionGrid(x, y, outputs.reshape(resolution, resolution, -1))


def _points(X: object) -> Floats:
    points = checks.numbers("X", X, {2: "(rows, 2)"})
    if points.shape[1] != 2:
        raise ValueError(f"X must have shape (rows, 2); got shape {points.shape}.")
    return points.astype(float)


def decision_boundary(
    network: Any, X: ArrayLike, y: ArrayLike, ax: Axes | None = None, resolution: int = 200
) -> Axes:
    """What a two-input network gives over the plane, and the points (X, y) on top.

    Classes (y holds labels, or one-hot rows): regions in the colour of the class, the deeper the
    more certain; where the colour is white the network cannot tell. Numbers (one output, y other
    than 0 and 1): contours, and points in the colour of their target. X has shape (rows, 2).
    Raises TypeError, ValueError for another kind of network, and for several real-valued outputs.
    """
    grid = decision_grid(network, X, resolution)
    grid = grid._replace(outputs=_central(network, grid.outputs))
    points = _points(X)
    members, targets = _targets(network, y, len(points), grid.outputs.shape[2])
    ax = style.one_axes(ax, (5.2, 4.2))
    if members is None:
        _draw_values(ax, grid, points, targets)
    else:
        _draw_classes(ax, grid, points, members, _class_names(network, grid.outputs.shape[2]))
    names = arrays.column_names(X) or ["x1", "x2"]
    style.dress(ax, x=style.shorten(names[0], 40), y=style.shorten(names[1], 40), grid=False)
    ax.set_xlim(grid.x[0], grid.x[-1])
    ax.set_ylim(grid.y[0], grid.y[-1])
    return ax


def _central(network: Any, outputs: Floats) -> Floats:
    """Of means and variances the means, of several quantiles the middle one, else all outputs."""
    loss = getattr(network, "loss", None)
    columns = outputs.shape[2] // getattr(loss, "statistics", 1)
    first = columns * (len(getattr(loss, "quantiles", ())) // 2)
    return outputs[..., first : first + columns]


def _targets(
    network: Any, y: object, rows: int, outputs: int
) -> tuple[NDArray[np.intp] | None, Floats]:
    """The class of each row (or None for real targets), and the targets as numbers (rows,)."""
    array = np.asarray(y)
    if array.ndim == 2 and array.shape[1] == outputs > 1:
        hot = checks.numbers("y", y, {2: "(rows, outputs)"})
        checks.same_rows("y", hot, rows)
        if ((hot == 0) | (hot == 1)).all() and (hot.sum(axis=1) == 1).all():
            return hot.argmax(axis=1), hot.argmax(axis=1).astype(float)
        raise ValueError(
            "y must hold one label a row, one-hot rows, or the targets of one output; "
            f"got {show(array)} with other rows."
        )
    given = checks.labels("y", y, rows)
    classes = getattr(network, "classes", None)
    if classes is not None:
        return _places(given, list(classes))
    if checks.holds_text(given):
        raise TypeError("y holds text, network.classes is None: say what column each label is.")
    values = checks.numbers("y", given, {1: "(rows,)"}).astype(float)
    if outputs == 1 and not np.isin(values, (0, 1)).all():
        return None, values
    if (values != np.round(values)).any() or values.min() < 0 or values.max() >= max(outputs, 2):
        raise ValueError(
            f"y must hold labels 0 .. {max(outputs, 2) - 1} of a network with {outputs} outputs, "
            f"got values from {values.min():g} to {values.max():g}."
        )
    return values.astype(np.intp), values


def _places(given: NDArray[Any], classes: list[Any]) -> tuple[NDArray[np.intp], Floats]:
    """The place in `classes` of every label."""
    known = {label: place for place, label in enumerate(classes)}
    unknown = [label for label in given.tolist() if label not in known]
    if unknown:
        raise ValueError(
            f"y holds {show(unknown[0])}, which is not in network.classes, {show(classes)}."
        )
    places = np.array([known[label] for label in given.tolist()], dtype=np.intp)
    return places, places.astype(float)


def _class_names(network: Any, outputs: int) -> list[str]:
    classes = getattr(network, "classes", None) or range(max(outputs, 2))
    names = [style.shorten(one) for one in classes]
    # A legend leaves out what begins with an underscore; a thin space goes before it.
    return [f"\u2009{name}" if name.startswith("_") else name for name in names]


def _draw_classes(
    ax: Axes, grid: DecisionGrid, points: Floats, members: NDArray[np.intp], names: list[str]
) -> None:
    """Regions shaded by certainty, a thin line between them, points in colour and shape."""
    from matplotlib.colors import to_rgb

    shares = _shares(grid.outputs)
    best, number = shares.argmax(axis=2), shares.shape[2]
    certainty = (shares.max(axis=2) - 1 / number) / (1 - 1 / number)
    colours = np.array([to_rgb(style.PALETTE[k % len(style.PALETTE)]) for k in range(number)])
    depth = 0.06 + 0.42 * np.clip(certainty, 0, 1)[..., None]
    extent = (grid.x[0], grid.x[-1], grid.y[0], grid.y[-1])
    ax.imshow(
        1 - depth * (1 - colours[best]),
        extent=extent,
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
    )
    for k in range(number if number > 2 else 1):
        lead = shares[..., k] - np.delete(shares, k, axis=2).max(axis=2)
        if lead.min() < 0 < lead.max():
            ax.contour(grid.x, grid.y, lead, levels=[0], colors="0.25", linewidths=0.9)
    for k, name in enumerate(names):
        mine = points[members == k]  # may be none: the region is named all the same
        _scatter(ax, mine, len(points), k, label=name, color=colours[k])
    style.legend(ax, loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.3)


def _shares(outputs: Floats) -> Floats:
    """Outputs as shares of the classes, in [0, 1]: one output p becomes (1 - p, p)."""
    if outputs.shape[2] == 1:
        one = np.clip(outputs, 0, 1)
        return np.concatenate([1 - one, one], axis=2)
    return np.clip(outputs, 0, 1)


def _scatter(ax: Axes, points: Floats, total: int, marker: int, **settings: Any) -> Any:
    """Points with a white rim, the smaller the more of them there are."""
    return ax.scatter(
        points[:, 0],
        points[:, 1],
        s=float(np.clip(6000 / total, 6, 36)),
        marker=style.MARKERS[marker % len(style.MARKERS)],
        edgecolors="white",
        linewidths=0.5 if total < 2000 else 0.15,
        zorder=3,
        **settings,
    )


def _draw_values(ax: Axes, grid: DecisionGrid, points: Floats, targets: Floats) -> None:
    """Filled contours of the one output, and points on the same colour scale."""
    from matplotlib.colors import Normalize
    from matplotlib.ticker import MaxNLocator

    values = grid.outputs[..., 0]
    everything = np.concatenate([values.ravel(), targets])
    levels = MaxNLocator(12).tick_values(float(everything.min()), float(everything.max()))
    norm = Normalize(float(levels[0]), float(levels[-1]))
    filled = ax.contourf(grid.x, grid.y, values, levels=levels, cmap=style.SEQUENTIAL, norm=norm)
    _scatter(ax, points, len(points), 0, c=targets, cmap=style.SEQUENTIAL, norm=norm)
    bar = ax.figure.colorbar(filled, ax=ax)
    bar.ax.tick_params(labelsize=style.SMALL)
    bar.set_label("output; points: target", fontsize=style.LABEL)
