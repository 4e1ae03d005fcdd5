"""A network as circles and lines: units, weights, biases, activations.

To show more of a layer: a line of text in `_layer_words`, or something drawn beside `_units`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import checks, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
MOST_UNITS = 16  # a layer with more is shown by its first and last few
ENDS = 5  # units shown before and after the ellipsis
RADIUS = 0.3  # units are 1 apart
MOST_NUMBERS = 12  # so many weights are written as numbers, no more


def diagram(
    network: Any,
    ax: Axes | None = None,
    inputs: ArrayLike | None = None,
    outputs: ArrayLike | None = None,
) -> Axes:
    """Draw a small network: units are circles, weights lines, from the inputs on the left.

    Blue is positive, red negative. A line is the wider the larger its weight, on one scale for
    the network; the fill of a unit is its bias (white: 0). Layers of more than 16 units show
    their first and last five. `inputs` and `outputs` are names, one each; without, outputs bear
    the names of `network.classes`. Raises TypeError, ValueError.
    """
    checks.network(network)
    sizes = [int(size) for size in network.layers]
    before = ["x"] if sizes[0] == 1 else [f"x{k + 1}" for k in range(sizes[0])]
    if inputs is not None:
        before = checks.names("inputs", inputs, sizes[0])
    after = _output_names(network, outputs, sizes[-1])
    shown = [_shown(size) for size in sizes]
    places = [_places(size, shown_units) for size, shown_units in zip(sizes, shown, strict=True)]
    apart = max(2.6, 0.42 * max(len(place) for place in places))
    ax = style.one_axes(ax, _size(places, apart, before, after))
    _weights(ax, network, shown, places, apart)
    _units(ax, network, shown, places, apart)
    _names(ax, places, apart, [before[k] for k in shown[0]], [after[k] for k in shown[-1]])
    _layer_words(ax, network, places, apart)
    _finish(ax, places, apart, before, after)
    return ax


def _output_names(network: Any, outputs: ArrayLike | None, size: int) -> list[str]:
    if outputs is not None:
        return checks.names("outputs", outputs, size)
    classes = getattr(network, "classes", None)
    if classes is not None and len(classes) == size:
        return [str(one) for one in classes]
    return ["y"] if size == 1 else [f"y{k + 1}" for k in range(size)]


def _shown(size: int) -> list[int]:
    """The units of a layer that are drawn."""
    if size <= MOST_UNITS:
        return list(range(size))
    return [*range(ENDS), *range(size - ENDS, size)]


def _places(size: int, shown: list[int]) -> Floats:
    """Heights of the units that are drawn, top to bottom, centred; a gap for the ellipsis."""
    rows = np.arange(len(shown), dtype=float)
    if len(shown) < size:
        rows[ENDS:] += 1.0
    heights: Floats = rows.mean() - rows
    return heights


def _size(
    places: list[Floats], apart: float, before: list[str], after: list[str]
) -> tuple[float, float]:
    """Inches for the figure: 0.42 a unit, and room for the names and the words below."""
    names = 0.07 * (max(map(len, before)) + max(map(len, after)))
    width = 0.42 * apart * (len(places) - 1) + 1.2 + min(names, 3.0)
    tall = 0.42 * (max(float(np.ptp(place)) for place in places) + 1) + 1.3
    return float(np.clip(width, 4.2, 16.0)), float(np.clip(tall, 2.4, 9.0))


def _weights(
    ax: Axes, network: Any, shown: list[list[int]], places: list[Floats], apart: float
) -> None:
    """All lines of the network, the widest on top."""
    from matplotlib.collections import LineCollection

    parts = [
        np.asarray(weights, dtype=float)[np.ix_(shown[k], shown[k + 1])]
        for k, weights in enumerate(network.weights)
    ]
    values = np.concatenate([part.ravel() for part in parts])
    ends = np.concatenate(
        [
            [[(k * apart, a), ((k + 1) * apart, b)] for a in places[k] for b in places[k + 1]]
            for k in range(len(parts))
        ]
    )
    share = np.abs(values) / (np.abs(values).max() or 1.0)
    order = np.argsort(share)
    colours = [style.POSITIVE if value >= 0 else style.NEGATIVE for value in values[order]]
    ax.add_collection(
        LineCollection(
            list(ends[order]),
            colors=colours,
            linewidths=0.3 + 3.7 * share[order],
            alpha=0.25 + 0.65 * share[order],
            zorder=1,
        )
    )
    if values.size <= MOST_NUMBERS and all(part.size for part in parts):
        _numbers(ax, values, ends)


def _numbers(ax: Axes, values: Floats, ends: Floats) -> None:
    """The weights as numbers, a quarter of the way along each line, where lines lie apart."""
    back = {"boxstyle": "round,pad=0.1", "facecolor": ax.get_facecolor(), "edgecolor": "none"}
    for value, (start, end) in zip(values, ends, strict=True):
        x, y = start + 0.3 * (end - start)
        ax.text(x, y, f"{value:.2f}", fontsize=style.SMALL - 1, ha="center", va="center", bbox=back)


def _units(
    ax: Axes, network: Any, shown: list[list[int]], places: list[Floats], apart: float
) -> None:
    """Circles filled by their bias, and three dots where units are left out."""
    import matplotlib
    from matplotlib.patches import Circle

    biases = [np.asarray(one, dtype=float) for one in network.biases]
    largest = max((float(np.abs(one).max()) for one in biases if one.size), default=0.0) or 1.0
    colours = matplotlib.colormaps[style.DIVERGING]
    for k, units in enumerate(shown):
        for unit, y in zip(units, places[k], strict=True):
            bias = 0.0 if k == 0 else float(biases[k - 1][unit])
            # Not to the ends of the colour map: a rim and a number have to stay readable.
            fill = "white" if bias == 0 else colours(0.5 + 0.38 * bias / largest)
            ax.add_patch(
                Circle((k * apart, y), RADIUS, facecolor=fill, edgecolor="0.3", linewidth=1)
            )
        if len(units) < network.layers[k]:
            middle = (places[k][ENDS - 1] + places[k][ENDS]) / 2
            ax.scatter([k * apart] * 3, middle + np.array([-0.3, 0, 0.3]), s=6, color=style.MUTED)


def _names(
    ax: Axes, places: list[Floats], apart: float, before: list[str], after: list[str]
) -> None:
    for name, y in zip(before, places[0], strict=True):
        ax.text(
            -RADIUS - 0.15, y, style.shorten(name), ha="right", va="center", fontsize=style.SMALL
        )
    right = apart * (len(places) - 1) + RADIUS + 0.15
    for name, y in zip(after, places[-1], strict=True):
        ax.text(right, y, style.shorten(name), ha="left", va="center", fontsize=style.SMALL)


def _layer_words(ax: Axes, network: Any, places: list[Floats], apart: float) -> None:
    """Under each layer: what it is, its size, its activation, its dropout."""
    bottom = min(float(place.min()) for place in places) - RADIUS - 0.35
    last = len(places) - 1
    for k, size in enumerate(network.layers):
        lines = [f"{size} {'unit' if size == 1 else 'units'}"]
        if k == 0:
            lines = [f"{size} {'input' if size == 1 else 'inputs'}"]
        elif k == last:
            lines = [f"{size} {'output' if size == 1 else 'outputs'}"]
            if getattr(network, "loss", None) is not None:
                lines.append(f"loss: {_words(network.loss)}")
        else:
            lines.append(_words(network.activations[k - 1]))
            rate = tuple(getattr(network, "dropout", ()))[k - 1 : k]
            if rate and rate[0] > 0:
                lines.append(f"dropout {rate[0]:g}")
        ax.text(k * apart, bottom, "\n".join(lines), ha="center", va="top", fontsize=style.SMALL)


def _words(thing: Any) -> str:
    return str(thing.name).replace("_", " ")


def _finish(
    ax: Axes, places: list[Floats], apart: float, before: list[str], after: list[str]
) -> None:
    from matplotlib.lines import Line2D

    left = 0.8 + 0.17 * min(18, max(map(len, before)))
    right = 0.8 + 0.17 * min(18, max(map(len, after)))
    ax.set_xlim(-left, apart * (len(places) - 1) + right)
    high = max(float(place.max()) for place in places)
    ax.set_ylim(-high - 2.6, high + 0.6)
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.legend(
        handles=[
            Line2D([], [], color=style.POSITIVE, linewidth=2, label="positive"),
            Line2D([], [], color=style.NEGATIVE, linewidth=2, label="negative"),
        ],
        title="lines: weights, fill: bias",
        title_fontsize=style.SMALL,
        fontsize=style.SMALL,
        frameon=False,
        ncols=2,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
    )
