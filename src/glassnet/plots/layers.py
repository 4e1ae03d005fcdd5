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
    scale: str  # "linear", "log" or "percent"


PANELS = (
    Panel("outputs_spread", "spread of outputs", "toward 0: the signal dies out", "linear"),
    Panel("zero_share", "outputs that are zero", "near 100 %: dead units", "percent"),
    Panel("gradient_norm", "gradient norm", "layers far apart: vanishing, exploding", "log"),
    Panel("update_ratio", "size of a step / size of the weights", "shaded: usual", "log"),
)
# Steps between a ten-thousandth and a hundredth of the weights: the rule of thumb is 1e-3.
USUAL = (1e-4, 1e-2)


def layer_statistics(
    records: Sequence[Mapping[str, Any]], ax: Sequence[Axes] | NDArray[Any] | None = None
) -> NDArray[np.object_]:
    """Four panels over the steps of a training, one curve a layer, from input to output.

    `records` is `LayerLog.records`: dicts with "step" and "layers" (one dict of numbers a layer).
    Panels: spread of outputs, share of outputs that are zero, gradient norm, update ratio.
    Returns the four Axes as an array; `ax` may hold four to draw on. Raises TypeError, ValueError.
    """
    steps, layers = _read(records)
    axes = style.several_axes(ax, 2, 2)
    colours = _colours(layers)
    for one, panel in zip(axes, PANELS, strict=True):
        for layer in range(layers):
            values = _values(records, layer, panel)
            one.plot(
                steps,
                values,
                color=colours[layer],
                linewidth=style.LINE,
                marker="o" if len(steps) <= 30 or not np.isfinite(values).all() else "",
                markersize=3,
                label=_name(layer, layers),
            )
        _finish(one, panel)
    if layers == 1:
        return axes
    if ax is None:
        handles, names = axes[0].get_legend_handles_labels()
        axes[0].figure.legend(
            handles,
            names,
            loc="outside lower center",
            ncols=min(layers, 6),
            frameon=False,
            fontsize=style.SMALL,
        )
    else:
        style.legend(axes[0])
    return axes


def _read(records: object) -> tuple[NDArray[np.float64], int]:
    """The steps (records,) and the number of layers, after a look at every record."""
    if isinstance(records, (str, bytes, Mapping)) or not isinstance(records, Sequence):
        raise TypeError(
            f"records must be a list of dicts; got {show(records)}. "
            "Hint: log = LayerLog(every=50); fit(..., callbacks=[log]); log.records."
        )
    if not records:
        raise ValueError("records is empty: the log has seen no step yet. Hint: a smaller every=.")
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


def _values(records: Sequence[Mapping[str, Any]], layer: int, panel: Panel) -> NDArray[np.float64]:
    """One number of one layer over the records; a gap where it is missing or cannot be drawn."""
    given = [record["layers"][layer].get(panel.number) for record in records]
    values = np.array([math.nan if one is None else one for one in given], dtype=float)
    drawable = np.isfinite(values) & (panel.scale != "log" or values > 0)
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
    if panel.number == "update_ratio":
        ax.axhspan(*USUAL, color=style.MUTED, alpha=0.12, linewidth=0)
    if panel.scale == "log" and drawn:
        ax.set_yscale("log")
    elif panel.scale == "percent":
        ax.set_ylim(-0.03, 1.03)
        ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    else:
        ax.set_ylim(0, 1.06 * (max(ax.dataLim.y1, 0) or 1) if drawn else 1)
    style.dress(ax, title=f"{panel.title} ({panel.reading})", x="step")
    style.count_on_x(ax)
    if not drawn:
        style.note(ax, "no numbers")
