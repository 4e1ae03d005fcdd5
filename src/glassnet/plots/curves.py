"""Curves of a training: loss and metrics over the epochs, and the learning rate finder.

To add a curve: a function that takes plain data (lists, dicts), checks it, and draws lines on
axes from style.py. A metric needs nothing here: every number in a history becomes a curve.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..core.checks import positive, show
from . import checks, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

NOT_CURVES = {"epoch", "learning_rate", "seconds"}
MARKED = 30  # up to so many points each gets a dot

Floats = NDArray[np.float64]
# The curves of one quantity: the parts "training" and "validation" that the history has.
Curves = dict[str, Floats]


def history(
    history: Sequence[Mapping[str, Any]], ax: Axes | Sequence[Axes] | NDArray[Any] | None = None
) -> Axes | NDArray[np.object_]:
    """Loss and metrics over the epochs, training solid and validation dashed.

    `history` is what `fit` returns, or `network.history`: one dict an epoch. Returns one Axes,
    or an array of two (loss, metrics) when the history has metrics. `ax` may be one Axes (the
    loss is drawn, the metrics are not) or a pair. The loss gets a logarithmic axis when it falls
    by a factor of 100 or more. Raises TypeError or ValueError for what is no history.
    """
    epochs, curves = _read(history)
    loss = {"loss": curves.pop("loss")}
    several = isinstance(ax, (np.ndarray, Sequence))
    if several and not curves:
        raise ValueError("ax holds several Axes, but history has no metrics; give one Axes.")
    if not several and (ax is not None or not curves):
        only = style.one_axes(ax)
        _panel(only, epochs, loss)
        return only
    axes = style.several_axes(ax, 1, 2)
    _panel(axes[0], epochs, loss)
    _panel(axes[1], epochs, curves)
    return axes


def _read(history: object) -> tuple[Floats, dict[str, Curves]]:
    """Epochs (epochs,), and the curves of every quantity in the order the history names them."""
    if isinstance(history, (str, bytes, Mapping)) or not isinstance(history, Sequence):
        raise TypeError(
            f"history must be a list of one dict an epoch; got {show(history)}. "
            "Hint: what fit returns, or network.history."
        )
    if not history:
        raise ValueError("history is empty: fit the network for an epoch or more first.")
    for place, entry in enumerate(history):
        if not isinstance(entry, Mapping):
            raise TypeError(f"history[{place}] must be a dict; got {show(entry)}.")
    curves: dict[str, Curves] = {}
    for key in dict.fromkeys(str(key) for entry in history for key in entry):
        values = [entry.get(key) for entry in history]
        if key not in NOT_CURVES and all(_is_number(value) for value in values):
            part = "validation" if key.startswith("val_") else "training"
            curves.setdefault(key.removeprefix("val_"), {})[part] = _floats(values)
    if "loss" not in curves:
        raise ValueError(f"history has no 'loss', only {show(list(history[0]))}.")
    return _epoch_axis(history), curves


def _is_number(value: object) -> bool:
    real = isinstance(value, (int, float, np.integer, np.floating))
    return value is None or (real and not isinstance(value, bool))


def _floats(values: Sequence[Any]) -> Floats:
    """Values as floats; what is missing or infinite becomes nan, a gap in the curve."""
    given = np.array([math.nan if value is None else value for value in values], dtype=float)
    return np.where(np.isfinite(given), given, math.nan)


def _epoch_axis(history: Sequence[Mapping[str, Any]]) -> Floats:
    """The epochs as they are numbered, or counted on where a second fit starts again at 1."""
    numbered = [entry.get("epoch") for entry in history]
    epochs = _floats(numbered if all(_is_number(value) for value in numbered) else [None])
    if len(epochs) == len(history) and np.isfinite(epochs).all() and (np.diff(epochs) > 0).all():
        return epochs
    return np.arange(1.0, len(history) + 1)


def _panel(ax: Axes, epochs: Floats, quantities: dict[str, Curves]) -> None:
    """One panel: a colour for every quantity, a line style for training and validation."""
    every = np.concatenate([part for curves in quantities.values() for part in curves.values()])
    finite = every[np.isfinite(every)]
    dotted = len(epochs) <= MARKED or finite.size < every.size
    alone = len(quantities) == 1
    for place, (name, curves) in enumerate(quantities.items()):
        for part, values in curves.items():
            label = part if alone else f"{_words(name)}, {part}"
            _curve(ax, epochs, values, part, place, dotted).set_label(label)
    style.dress(ax, x="epoch", y=_quantity(quantities))
    style.count_on_x(ax)
    if len(epochs) == 1 or not finite.size:
        ax.set_xlim(epochs[0] - 1, epochs[-1] + 1)
    if not finite.size:
        ax.set_yticks([])
        style.note(ax, "no finite values")
        return
    if "loss" in quantities and finite.min() > 0:
        ax.set_yscale("log" if finite.max() >= 100 * finite.min() else "linear")
    above = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "ncols": 2}
    if len(every) > len(epochs):
        style.legend(ax, **({} if len(ax.get_lines()) <= 2 else above))


def _quantity(quantities: dict[str, Curves]) -> str:
    """What the y axis shows; of a panel of one line, which has no legend, also of which rows."""
    if len(quantities) > 1:
        return "metrics"
    ((name, curves),) = quantities.items()
    return _words(name) if len(curves) > 1 else f"{next(iter(curves))} {_words(name)}"


def _curve(ax: Axes, epochs: Floats, values: Floats, part: str, place: int, dotted: bool) -> Line2D:
    """One line; dots of validation are hollow, so that a single epoch can be read as well."""
    colour = style.PALETTE[place % len(style.PALETTE)]
    (line,) = ax.plot(epochs, values, color=colour, linewidth=style.LINE)
    line.set_linestyle("--" if part == "validation" else "-")
    if dotted:
        line.set_marker("o")
        line.set_markersize(3.5)
        line.set_markerfacecolor(ax.get_facecolor() if part == "validation" else colour)
    return line


def _words(name: str) -> str:
    return style.plain(name.replace("_", " "))


def learning_rate(result: Mapping[str, Any], ax: Axes | None = None) -> Axes:
    """The loss over the learning rates that the finder tried, its suggestion marked.

    `result` is what `network.find_learning_rate(X, y)` returns: "learning_rates" and "losses"
    (lists of one length), "suggestion" (a number). Raises TypeError or ValueError otherwise.
    """
    rates, losses, suggestion = _finder(result)
    ax = style.one_axes(ax)
    ax.plot(rates, losses, color=style.PALETTE[0], linewidth=style.LINE)
    ax.axvline(
        suggestion,
        color=style.PALETTE[1],
        linestyle="--",
        linewidth=style.LINE,
        label=f"suggestion {suggestion:.2g}",
    )
    ax.set_xscale("log")
    _limit(ax, losses)
    style.dress(ax, x="learning rate", y="loss")
    style.legend(ax)
    return ax


def _finder(result: object) -> tuple[Floats, Floats, float]:
    """Learning rates, losses (nan where not finite) and the suggestion, checked."""
    if not isinstance(result, Mapping):
        raise TypeError(
            f"result must be what find_learning_rate returns, a dict; got {show(result)}."
        )
    missing = [key for key in ("learning_rates", "losses", "suggestion") if key not in result]
    if missing:
        raise ValueError(f"result lacks {', '.join(missing)}; it has {show(list(result))}.")
    rates = checks.numbers("learning_rates", result["learning_rates"], {1: "(steps,)"})
    losses = checks.numbers("losses", result["losses"], {1: "(steps,)"}, finite=False)
    checks.same_rows("losses", losses, len(rates))
    if rates.min() <= 0:
        raise ValueError(f"learning_rates must be above 0; got {show(float(rates.min()))}.")
    suggestion = positive("suggestion", result["suggestion"])
    return rates.astype(float), _floats(losses.tolist()), suggestion


def _limit(ax: Axes, losses: Floats) -> None:
    """Cut off the blow-up at the right, so that the useful part of the curve fills the picture."""
    finite = losses[np.isfinite(losses)]
    if not finite.size:
        ax.set_yticks([])
        style.note(ax, "no finite loss")
        return
    start, low = float(np.median(finite[: max(1, finite.size // 10)])), float(finite.min())
    span = max(start - low, 0.1 * abs(start), 1e-12)
    if finite.max() > start + span:
        ax.set_ylim(low - 0.1 * span, start + 0.6 * span)
