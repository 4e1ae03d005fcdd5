"""A network as circles and lines: units, weights, biases, activations.

To show more of a layer: a line of text in `_words_of`, or something drawn beside `_units`.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import checks, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

MOST_UNITS = 16  # a layer with more is shown by its first and last few
ENDS = 5  # units shown before and after the ellipsis
RADIUS = 0.3  # of a unit; units are 1 apart
MOST_WITH_NUMBERS = 3  # with so many units a layer the weights and biases are written as numbers
LINE_OF_WORDS = 14  # characters under a layer


class _Plan(NamedTuple):
    """Where everything lies: layers `apart` from each other, units 1 apart, `inch` inches each."""

    shown: list[list[int]]  # the units that are drawn, by layer
    heights: list[Floats]  # of these units, by layer, top to bottom
    apart: float
    inch: float
    numbers: bool
    names: tuple[list[str], list[str]]  # of the inputs and the outputs that are drawn
    words: list[str]  # under the layers

    @property
    def top(self) -> float:
        return max(float(place.max()) for place in self.heights) + RADIUS

    @property
    def line(self) -> float:
        """The height of a line of words, in units."""
        return 1.3 * style.SMALL / 72 / self.inch

    def limits(self) -> tuple[float, float, float, float]:
        """Left, right, bottom and top of the whole picture, words included."""
        sides = [
            RADIUS + max(0.5, 0.62 * self.line * (2 + max(map(len, names)))) for names in self.names
        ]
        right = self.apart * (len(self.heights) - 1) + sides[1]
        lines = 1 + max(word.count("\n") for word in self.words)
        return -sides[0], right, -self.top - 0.3 - lines * self.line, self.top + 0.1


def diagram(
    network: Any,
    ax: Axes | None = None,
    inputs: ArrayLike | None = None,
    outputs: ArrayLike | None = None,
) -> Axes:
    """Draw a small network: units are circles, weights lines, from the inputs on the left.

    Blue is positive, orange negative. A line is the wider the larger its weight, on one scale for
    the network; the fill of a unit is its bias (white: 0). Layers of more than 16 units show their
    first and last five; layers of up to three units have their numbers written in. `inputs` and
    `outputs` are names, one each; without, outputs bear the names of `network.classes`. Raises
    TypeError, ValueError.
    """
    checks.network(network)
    if not all(np.isfinite(part).all() for part in (*network.weights, *network.biases)):
        raise ValueError(
            "network has weights or biases that are not finite: its training diverged."
        )
    sizes = [int(size) for size in network.layers]
    before = ["x"] if sizes[0] == 1 else [f"x{k + 1}" for k in range(sizes[0])]
    if inputs is not None:
        before = checks.names("inputs", inputs, sizes[0])
    after = _output_names(network, outputs, sizes[-1])
    plan = _plan(network, sizes, before, after)
    ax, plan = _axes_for(ax, plan)
    left, right, bottom, top = plan.limits()
    _weights(ax, network, plan)
    _units(ax, network, plan)
    _texts(ax, plan)
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, top)
    ax.set_aspect("equal")
    ax.set_axis_off()
    _legend(ax)
    return ax


def _plan(network: Any, sizes: list[int], before: list[str], after: list[str]) -> _Plan:
    shown = [_shown(size) for size in sizes]
    heights = [_heights(size, units) for size, units in zip(sizes, shown, strict=True)]
    rows = max(float(np.ptp(place)) for place in heights) + 1
    apart = max(2.6, 0.4 * rows)
    names = [before[k] for k in shown[0]], [after[k] for k in shown[-1]]
    return _Plan(
        shown=shown,
        heights=heights,
        apart=apart,
        inch=float(np.clip(min(5 / rows, 14 / apart / (len(sizes) - 1)), 0.3, 0.9)),
        numbers=max(sizes) <= MOST_WITH_NUMBERS,
        names=([style.shorten(name) for name in names[0]], [style.shorten(n) for n in names[1]]),
        words=[_words_of(network, k, size) for k, size in enumerate(sizes)],
    )


def _axes_for(ax: Axes | None, plan: _Plan) -> tuple[Axes, _Plan]:
    """A new figure that fits the plan, or the plan made to fit the Axes that are given."""
    if ax is None:
        left, right, bottom, top = plan.limits()
        wide, tall = plan.inch * (right - left) + 0.2, plan.inch * (top - bottom) + 0.7
        return style.one_axes(None, (max(wide, 3.0), tall)), plan
    ax = style.one_axes(ax)
    width, height = style.points_across(ax)
    for _ in range(3):  # words take the more room the smaller a unit is
        left, right, bottom, top = plan.limits()
        fits = min(width / (right - left), height / (top - bottom)) / 72
        plan = plan._replace(inch=max(fits, 0.05))
    left, right, _, _ = plan.limits()
    spare = max(0.0, width / 72 / plan.inch - (right - left)) / (len(plan.heights) - 1)
    return ax, plan._replace(apart=min(plan.apart + spare, 2 * plan.apart))


def _output_names(network: Any, outputs: ArrayLike | None, size: int) -> list[str]:
    if outputs is not None:
        return checks.names("outputs", outputs, size)
    classes = getattr(network, "classes", None)
    if classes is not None and len(classes) == size:
        return [str(one) for one in classes]
    if getattr(getattr(network, "loss", None), "targets", "") == "labels":
        return [str(k) for k in range(size)]
    return ["y"] if size == 1 else [f"y{k + 1}" for k in range(size)]


def _shown(size: int) -> list[int]:
    """The units of a layer that are drawn."""
    if size <= MOST_UNITS:
        return list(range(size))
    return [*range(ENDS), *range(size - ENDS, size)]


def _heights(size: int, shown: list[int]) -> Floats:
    """Heights of the units that are drawn, top to bottom, centred; a gap for the ellipsis."""
    rows = np.arange(len(shown), dtype=float)
    if len(shown) < size:
        rows[ENDS:] += 1.0
    heights: Floats = rows.mean() - rows
    return heights


def _words_of(network: Any, layer: int, size: int) -> str:
    """What stands under a layer: its size, its activation or loss, its dropout."""
    last = len(network.layers) - 1
    kind = "input" if layer == 0 else "output" if layer == last else "unit"
    lines = [f"{size} {kind}" if size == 1 else f"{size} {kind}s"]
    loss = getattr(network, "loss", None)
    if layer == last and loss is not None:
        lines += textwrap.wrap(style.plain(f"loss: {loss.name}".replace("_", " ")), LINE_OF_WORDS)
    elif 0 < layer < last:
        name = style.plain(network.activations[layer - 1].name.replace("_", " "))
        lines += textwrap.wrap(name, LINE_OF_WORDS)
        rate = network.dropout[layer - 1] if hasattr(network, "dropout") else 0.0
        lines += [f"dropout {rate:g}"] if rate > 0 else []
    return "\n".join(lines)


def _weights(ax: Axes, network: Any, plan: _Plan) -> None:
    """All lines of the network, the widest on top."""
    from matplotlib.collections import LineCollection

    values, ends = [], []
    for k, weights in enumerate(network.weights):
        part = np.asarray(weights, dtype=float)[np.ix_(plan.shown[k], plan.shown[k + 1])]
        values.append(part.ravel())
        x = (k * plan.apart, (k + 1) * plan.apart)
        for a in plan.heights[k]:
            ends += [((x[0], float(a)), (x[1], float(b))) for b in plan.heights[k + 1]]
    value = np.concatenate(values)
    share = np.abs(value) / (np.abs(value).max() or 1.0)
    order = np.argsort(share)
    lines = LineCollection(
        [ends[k] for k in order],
        colors=[style.POSITIVE if value[k] >= 0 else style.NEGATIVE for k in order],
        linewidths=0.3 + 3.7 * share[order],
        alpha=0.25 + 0.65 * share[order],
        zorder=1,
    )
    ax.add_collection(lines)
    if plan.numbers:
        _numbers(ax, value, np.array(ends))


def _numbers(ax: Axes, values: Floats, ends: Floats) -> None:
    """The weights as numbers, a quarter of the way along, where no two lines meet."""
    back = {"boxstyle": "round,pad=0.15", "facecolor": ax.get_facecolor(), "edgecolor": "none"}
    for value, (start, end) in zip(values, ends, strict=True):
        x, y = start + 0.25 * (end - start) + (0.12, 0)
        text = f"{value:.2f}"
        ax.text(x, y, text, fontsize=style.SMALL, ha="center", va="center", bbox=back)


def _units(ax: Axes, network: Any, plan: _Plan) -> None:
    """Circles filled by their bias, and three dots where units are left out."""
    from matplotlib.patches import Circle

    biases = [np.asarray(one, dtype=float) for one in network.biases]
    largest = max(float(np.abs(one).max()) for one in biases) or 1.0
    colours = style.diverging()
    for k, units in enumerate(plan.shown):
        x = k * plan.apart
        for unit, y in zip(units, plan.heights[k], strict=True):
            bias = 0.0 if k == 0 else float(biases[k - 1][unit])
            fill = colours(0.5 + 0.4 * bias / largest)
            ax.add_patch(Circle((x, y), RADIUS, facecolor=fill, edgecolor="0.3", linewidth=1))
            if plan.numbers and k > 0:
                ink, size = style.ink_on(fill), style.SMALL
                ax.text(x, y, f"{bias:.2f}", ha="center", va="center", color=ink, fontsize=size)
        if len(units) < network.layers[k]:
            middle = (plan.heights[k][ENDS - 1] + plan.heights[k][ENDS]) / 2
            ax.scatter([x] * 3, middle + np.array([-0.3, 0, 0.3]), s=6, color=style.MUTED)


def _texts(ax: Axes, plan: _Plan) -> None:
    """Names left of the inputs and right of the outputs, words under the layers."""
    right = plan.apart * (len(plan.heights) - 1)
    for name, y in zip(plan.names[0], plan.heights[0], strict=True):
        ax.text(-RADIUS - 0.15, y, name, ha="right", va="center", fontsize=style.SMALL)
    for name, y in zip(plan.names[1], plan.heights[-1], strict=True):
        ax.text(right + RADIUS + 0.15, y, name, ha="left", va="center", fontsize=style.SMALL)
    for k, words in enumerate(plan.words):
        x, y = k * plan.apart, -plan.top - 0.3
        ax.text(x, y, words, ha="center", va="top", fontsize=style.SMALL, linespacing=1.2)


def _legend(ax: Axes) -> None:
    from matplotlib.lines import Line2D

    style.legend(
        ax,
        handles=[
            Line2D([], [], color=style.POSITIVE, linewidth=2, label="positive"),
            Line2D([], [], color=style.NEGATIVE, linewidth=2, label="negative"),
        ],
        title="lines: weights; fill of a unit: its bias",
        title_fontsize=style.SMALL,
        ncols=2,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
    )
