"""Pictures for networks that predict numbers: the fitted curve, and predicted against true.

To add one: numbers in, checked by checks.py, drawn on axes from style.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..intake import arrays
from ..metrics import mean_absolute_error, r2
from . import checks, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
CURVE_POINTS = 400


def fitted_curve(network: Any, X: ArrayLike, y: ArrayLike, ax: Axes | None = None) -> Axes:
    """The data (X, y) and what a network of one input makes of it.

    X has shape (rows, 1) or (rows,), y (rows,) or (rows, targets). A network of several outputs
    (quantiles, several targets) gets one curve each; one trained on the Gaussian likelihood gets
    its mean and a band of two standard deviations. Raises TypeError, ValueError.
    """
    checks.network(network, inputs=1)
    x = _column(checks.numbers("X", X, {1: "(rows,)", 2: "(rows, 1)"}), "X")
    targets = _columns(y, "y", len(x))
    span = float(np.ptp(x)) or 1.0
    line = np.linspace(x.min() - 0.04 * span, x.max() + 0.04 * span, CURVE_POINTS)
    outputs = checks.predicted(network, line[:, None])
    ax = style.one_axes(ax, (5.6, 3.6))
    _points(ax, x, targets)
    _lines(ax, line, outputs, network)
    name = (arrays.column_names(X) or ["x"])[0]
    style.dress(ax, x=style.shorten(name, 40), y="y")
    style.legend(ax)
    return ax


def _column(array: NDArray[Any], name: str) -> Floats:
    if array.ndim == 2 and array.shape[1] != 1:
        raise ValueError(f"{name} must have shape (rows, 1); got shape {array.shape}.")
    return array.reshape(len(array)).astype(float)


def _columns(value: object, name: str, rows: int | None = None) -> Floats:
    """Numbers as (rows, columns); (rows,) becomes one column."""
    array = checks.numbers(name, value, {1: "(rows,)", 2: "(rows, columns)"})
    checks.same_rows(name, array, rows)
    return array.reshape(len(array), -1).astype(float)


def _points(ax: Axes, x: Floats, targets: Floats) -> None:
    for k in range(targets.shape[1]):
        ax.scatter(
            x,
            targets[:, k],
            s=float(np.clip(4000 / len(x), 5, 22)),
            color=style.MUTED if targets.shape[1] == 1 else _colour(k),
            alpha=_alpha(len(x)),
            linewidths=0,
            label="data" if targets.shape[1] == 1 else f"data {k + 1}",
        )


def _lines(ax: Axes, line: Floats, outputs: Floats, network: Any) -> None:
    """A curve for each output; where the loss has means and variances, means with bands."""
    loss = getattr(network, "loss", None)
    quantiles = getattr(loss, "quantiles", ())
    number = outputs.shape[1] // (1 if quantiles else getattr(loss, "statistics", 1))
    words = ["network"] if number == 1 else [f"output {k + 1}" for k in range(number)]
    if len(quantiles) == number:
        words = [f"quantile {quantile:g}" for quantile in quantiles]
    for k, word in enumerate(words):
        ax.plot(line, outputs[:, k], color=_colour(k), linewidth=style.LINE, label=word)
    for k in range(outputs.shape[1] - number):
        mean, deviation = outputs[:, k], np.sqrt(np.maximum(outputs[:, number + k], 0))
        low, high = mean - 2 * deviation, mean + 2 * deviation
        band = ax.fill_between(line, low, high, color=_colour(k), alpha=0.18, linewidth=0)
        band.set_label("± 2 standard deviations")


def predicted_against_true(targets: ArrayLike, outputs: ArrayLike, ax: Axes | None = None) -> Axes:
    """Each row's prediction over its true value; on the diagonal they agree.

    Both have shape (rows,) or (rows, targets); several targets get a colour each. The title holds
    two of glassnet.metrics: the share of the variance explained (R²; 1 is perfect) and the mean
    absolute error. Raises TypeError, ValueError.
    """
    true, given = _columns(targets, "targets"), _columns(outputs, "outputs")
    if true.shape != given.shape:
        raise ValueError(
            f"targets has shape {true.shape}, outputs has shape {given.shape}; they must be equal."
        )
    ax = style.one_axes(ax, (4.4, 4.4))
    for k in range(true.shape[1]):
        ax.scatter(
            true[:, k],
            given[:, k],
            s=float(np.clip(4000 / len(true), 5, 22)),
            color=_colour(k),
            alpha=_alpha(len(true)),
            linewidths=0,
            label=f"target {k + 1}",
        )
    low, high = min(true.min(), given.min()), max(true.max(), given.max())
    edge = 0.04 * (high - low) or 0.5
    ax.axline((low, low), slope=1, color=style.MUTED, linewidth=1, linestyle="--")
    ax.set_xlim(low - edge, high + edge)
    ax.set_ylim(low - edge, high + edge)
    ax.set_aspect("equal")
    title = f"R² {r2(true, given):.3f}, mean absolute error {mean_absolute_error(true, given):.3g}"
    style.dress(ax, title=title, x="true", y="predicted")
    if true.shape[1] > 1:
        style.legend(ax)
    return ax


def _colour(place: int) -> str:
    return style.PALETTE[place % len(style.PALETTE)]


def _alpha(rows: int) -> float:
    return 0.85 if rows <= 300 else 0.5 if rows <= 3000 else 0.2
