"""How the layers fare during training: activation and gradient statistics over the steps.

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
    scale: str  # "linear", "log", "percent" or "cosine"
    spread: str = ""  # a number to draw on both sides of it
    shaded: tuple[float, float] | None = None
    absent: str = "no numbers"


PANELS = (
    Panel("scores_mean", "scores", "mean, and spread shaded", "linear", "scores_spread"),
    Panel("dead_share", "dead units", "they answer to no row", "percent"),
    Panel(
        "saturated_share",
        "saturated outputs",
        "near 100 %: no slope left",
        "percent",
        absent="no activation here\nis flat at both ends",
    ),
    Panel("gradient_norm", "gradient norm", "layers far apart: vanishing, exploding", "log"),
    # The rule of thumb is a thousandth of the weights in a step.
    Panel(
        "update_ratio", "size of a step / of the weights", "shaded: usual", "log", "", (1e-4, 1e-2)
    ),
    Panel(
        "alignment", "cosine with the step before", "shaded: to and fro", "cosine", "", (-1.0, 0.0)
    ),
)


def layer_statistics(
    records: Sequence[Mapping[str, Any]], ax: Sequence[Axes] | NDArray[Any] | None = None
) -> NDArray[np.object_]:
    """Six panels over the steps of a training, one curve a layer, from input to output.

    `records` is `Recorder.records`: dicts with "step" and "layers" (one dict of numbers a layer).
    Panels: scores, share of dead units, of saturated outputs, gradient norm, update ratio, and
    alignment of successive steps. Returns the six Axes as an array; `ax` may hold six to draw on.
    Raises TypeError, ValueError.
    """
    steps, layers = _read(records)
    axes = style.several_axes(ax, 2, 3)
    for one, panel in zip(axes, PANELS, strict=True):
        for layer, colour in enumerate(_colours(layers)):
            _draw(one, panel, steps, records, layer, colour)
        _finish(one, panel)
    if layers == 1:
        return axes
    if ax is None:
        handles, names = axes[0].get_legend_handles_labels()
        axes[0].figure.legend(
            handles,
            names,
            loc="outside lower center",
            ncols=min(layers, 9),
            frameon=False,
            fontsize=style.SMALL,
        )
    else:
        style.legend(axes[0])
    return axes


def _draw(
    ax: Axes,
    panel: Panel,
    steps: NDArray[np.float64],
    records: Sequence[Mapping[str, Any]],
    layer: int,
    colour: Any,
) -> None:
    """The curve of one layer."""
    values = _values(records, layer, panel.number, panel.scale)
    few = len(steps) <= 30 or not np.isfinite(values).all()
    name = _name(layer, len(records[0]["layers"]))
    marker = "o" if few else ""
    ax.plot(
        steps, values, color=colour, linewidth=style.LINE, marker=marker, markersize=3, label=name
    )
    if panel.spread:
        spread = _values(records, layer, panel.spread, panel.scale)
        low, high = values - spread, values + spread
        ax.fill_between(steps, low, high, color=colour, alpha=0.15, linewidth=0)


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


def _values(
    records: Sequence[Mapping[str, Any]], layer: int, number: str, scale: str
) -> NDArray[np.float64]:
    """One number of one layer over the records; a gap where it is missing or cannot be drawn."""
    given = [record["layers"][layer].get(number) for record in records]
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


def _finish(ax: Axes, panel: Panel) -> None:
    from matplotlib.ticker import PercentFormatter

    drawn = any(np.isfinite(np.asarray(line.get_ydata())).any() for line in ax.get_lines())
    if panel.shaded is not None:
        ax.axhspan(*panel.shaded, color=style.MUTED, alpha=0.12, linewidth=0)
    if panel.scale == "log" and drawn:
        ax.set_yscale("log")
    elif panel.scale == "percent":
        ax.set_ylim(-0.03, 1.03)
        ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    elif panel.scale == "cosine":
        ax.set_ylim(-1.03, 1.03)
    style.dress(ax, title=f"{panel.title} ({panel.reading})", x="step")
    style.count_on_x(ax)
    if not drawn:
        style.note(ax, panel.absent)
