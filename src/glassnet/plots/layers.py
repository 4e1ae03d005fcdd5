"""How the layers fare during training: what a Recorder wrote down, over the steps.

To add a panel: an entry in PANELS, with the number it draws from each layer of a record.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.checks import number, show
from . import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Panel(NamedTuple):
    """One panel: the number it draws, its title, and in a few words how to read it."""

    number: str
    title: str
    reading: str
    scale: str  # "linear", "log", "percent", "cosine", or "loss", which is log over decades
    spread: str = ""  # a number to draw on both sides of it
    dotted: str = ""  # a number to draw beside it
    shaded: tuple[float, float] | None = None


PANELS = (
    Panel("loss", "loss", "of the batch, before its step", "loss"),
    Panel("scores_mean", "scores", "mean, and spread shaded", "linear", "scores_spread"),
    Panel(
        *("dead_share", "dead units", "dotted: saturated outputs", "percent"),
        dotted="saturated_share",
    ),
    Panel("gradient_norm", "gradient norm", "layers far apart: vanishing, exploding", "log"),
    # The rule of thumb is a thousandth of the weights in a step.
    Panel(
        *("update_ratio", "size of a step / of the weights", "shaded: usual", "log"),
        shaded=(1e-4, 1e-2),
    ),
    Panel(
        *("alignment", "cosine with the step before", "shaded: to and fro", "cosine"),
        shaded=(-1.0, 0.0),
    ),
)


def layer_statistics(
    records: Sequence[Mapping[str, Any]], ax: Sequence[Axes] | NDArray[Any] | None = None
) -> NDArray[np.object_]:
    """Six panels over the steps of a training, one curve a layer, from input to output.

    `records` is `Recorder.records`: dicts with "step" and "layers" (one dict of numbers a layer).
    Panels: loss, scores, shares of dead units and of saturated outputs, gradient norm, update
    ratio (a triangle at the bottom: it is 0), and alignment of successive steps. Returns the six
    Axes as an array; `ax` may hold six to draw on. Raises TypeError, ValueError.
    """
    steps, layers = _read(records)
    axes = style.several_axes(ax, 2, 3)
    for one, panel in zip(axes, PANELS, strict=True):
        if panel.number == "loss":
            _draw(one, panel, steps, records, style.MUTED)
        else:
            for layer, colour in enumerate(_colours(layers)):
                of_layer = [record["layers"][layer] for record in records]
                _draw(one, panel, steps, of_layer, colour, _name(layer, layers))
        _finish(one, panel, steps)
    if layers > 1 and ax is None:
        handles, names = axes[-1].get_legend_handles_labels()
        axes[0].figure.legend(
            handles,
            names,
            loc="outside lower center",
            ncols=min(layers, 9),
            frameon=False,
            fontsize=style.SMALL,
        )
    elif layers > 1:
        style.legend(axes[-1])
    return axes


def _draw(
    ax: Axes,
    panel: Panel,
    steps: NDArray[np.float64],
    numbers: Sequence[Mapping[str, Any]],
    colour: Any,
    name: str = "",
) -> None:
    """What a panel shows of one layer, or of the loss."""
    values = _values(numbers, panel.number, panel.scale)
    lone = np.isfinite(values) & ~np.isfinite(_beside(values)).any(axis=0)
    marker = "o" if len(steps) <= 30 or lone.any() else ""
    look: dict[str, Any] = {"color": colour, "linewidth": style.LINE}
    ax.plot(steps, values, marker=marker, markersize=3, label=name, **look)
    if panel.dotted:
        ax.plot(steps, _values(numbers, panel.dotted, panel.scale), linestyle=":", **look)
    if panel.spread:
        spread = _values(numbers, panel.spread, panel.scale)
        low, high = values - spread, values + spread
        ax.fill_between(steps, low, high, color=colour, alpha=0.09, linewidth=0)
    if panel.scale == "log":  # which has no place for 0
        zeros = [each.get(panel.number) == 0 for each in numbers]
        low = np.where(zeros, 0.02, math.nan)
        ax.plot(steps, low, "v", color=colour, markersize=3, transform=ax.get_xaxis_transform())


def _beside(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, n) what comes before each value, and after it."""
    padded = np.concatenate([[math.nan], values, [math.nan]])
    return np.stack([padded[:-2], padded[2:]])


def _read(records: object) -> tuple[NDArray[np.float64], int]:
    """The steps (records,) and the number of layers, after a look at every record."""
    if isinstance(records, (str, bytes, Mapping)) or not isinstance(records, Sequence):
        raise TypeError(
            f"records must be a list of dicts; got {show(records)}. "
            "Hint: recorder = Recorder(); fit(..., callbacks=[recorder]); recorder.records."
        )
    if not records:
        raise ValueError("records is empty: the Recorder has seen no step yet. Pass it to fit.")
    sizes = {_layers_of(record, place) for place, record in enumerate(records)}
    if len(sizes) > 1 or 0 in sizes:
        raise ValueError(f"records must hold the same layers each; got {sorted(sizes)} layers.")
    return np.array([record["step"] for record in records], dtype=float), sizes.pop()


def _layers_of(record: Any, place: int) -> int:
    """How many layers a record has."""
    if isinstance(record, Mapping) and {"step", "layers"} <= record.keys():
        layers = record["layers"]
        if isinstance(layers, Sequence) and all(isinstance(one, Mapping) for one in layers):
            number(f"records[{place}]['step']", record["step"])
            return len(layers)
    raise TypeError(
        f"records[{place}] must be a dict with 'step' and 'layers', a list of one dict a layer; "
        f"got {show(record)}."
    )


def _values(numbers: Sequence[Mapping[str, Any]], name: str, scale: str) -> NDArray[np.float64]:
    """A number over the records; a gap where it is missing or cannot be drawn."""
    given = [each.get(name) for each in numbers]
    values = np.array([math.nan if one is None else one for one in given], dtype=float)
    drawable = np.isfinite(values) & (scale != "log" or values > 0)
    return np.where(drawable, values, math.nan)


def _name(layer: int, layers: int) -> str:
    if layer == layers - 1:
        return "output layer"
    return f"layer {layer + 1}"


def _colours(layers: int) -> list[Any]:
    """From dark (input side) to light, so that the order of the layers is seen."""
    import matplotlib

    return list(matplotlib.colormaps[style.SEQUENTIAL](np.linspace(0.0, 0.85, layers)))


def _finish(ax: Axes, panel: Panel, steps: NDArray[np.float64]) -> None:
    from matplotlib.ticker import PercentFormatter

    lines = np.concatenate([np.asarray(line.get_ydata()) for line in ax.get_lines()])
    drawn = np.isfinite(ax.dataLim.intervaly).all()  # where marks of 0 do not count
    if panel.shaded is not None:
        ax.axhspan(*panel.shaded, color=style.MUTED, alpha=0.12, linewidth=0)
    ax.set_xlim(*_with_margin(steps))
    if drawn and (panel.scale == "log" or (panel.scale == "loss" and _far_apart(lines))):
        ax.set_yscale("log")
    elif panel.scale == "linear" and np.abs(ax.dataLim.intervaly).max() > 1e3:
        ax.set_yscale("symlog", linthresh=1.0)
    elif panel.scale == "percent":
        ax.set_ylim(-0.03, 1.03)
        ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    elif panel.scale == "cosine":
        ax.set_ylim(-1.03, 1.03)
    style.dress(ax, title=f"{panel.title} ({panel.reading})", x="step")
    style.count_on_x(ax)
    if not drawn:
        style.note(ax, "all are 0" if np.isfinite(lines).any() else "no numbers")


def _with_margin(steps: NDArray[np.float64]) -> tuple[float, float]:
    """The same steps in all panels, whatever is missing in one of them."""
    low, high = float(steps.min()), float(steps.max())
    margin = 0.03 * (high - low) or 0.5
    return low - margin, high + margin


def _far_apart(values: NDArray[np.float64]) -> bool:
    """Whether numbers above 0 are so far apart that only a logarithm shows them all."""
    low = np.nanmin(values)
    return bool(low > 0 and np.nanmax(values) > 10 * low)
