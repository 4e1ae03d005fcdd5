"""The one look of all pictures: colours, sizes and axes, and the only place that makes figures.

To add a colour or a size give it a name here. Nothing here reads or writes matplotlib's global
settings (two threads that draw at once would mix them up): artists get their sizes one by one.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..core.checks import show

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

# Okabe and Ito's colours (Color Universal Design, 2008) without the yellow, which is lost on paper;
# then dark grey, brown, indigo and olive, for a tenth class.
PALETTE = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#595959",
    "#8C564B",
    "#332288",
    "#999933",
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h", "<", ">")
POSITIVE, NEGATIVE = "#0072B2", "#D55E00"
SEQUENTIAL = "viridis"
COUNTS = "Blues"
INK = "gray_r"
MUTED = "0.5"  # a grey that can be read on white and on black

TITLE, LABEL, SMALL = 10.0, 9.0, 8.0  # points
LINE = 1.6  # points
PANEL = (4.8, 3.4)  # inches, one panel
DPI = 150  # of saved pictures

INSTALL = 'pip install "glassnet[plots]"'

figures_made_here: weakref.WeakSet[Any] = weakref.WeakSet()


def need_matplotlib() -> None:
    """Raise the ImportError that says what to install when matplotlib is missing."""
    try:
        import matplotlib.figure  # noqa: F401  # only whether it is there
    except ImportError as error:
        raise ImportError(
            f"Pictures need matplotlib, which is not installed. Run: {INSTALL}"
        ) from error


def new_figure(size: tuple[float, float]) -> Figure:
    """A figure of `size` inches: pyplot's in the main thread, a free one elsewhere."""
    need_matplotlib()
    from matplotlib.figure import Figure

    if threading.current_thread() is threading.main_thread():
        import matplotlib.pyplot as plt

        try:
            figure = plt.figure(figsize=size)
        except ImportError:
            pass  # the chosen backend wants a screen that is not there: draw without pyplot
        else:
            figures_made_here.add(figure)
            return _laid_out(figure)
    return _laid_out(Figure(figsize=size))


def _laid_out(figure: Figure) -> Figure:
    """Let the figure make room for titles and labels, with some air between the panels."""
    figure.set_layout_engine("constrained", w_pad=0.09, h_pad=0.09, wspace=0.04, hspace=0.04)
    return figure


def one_axes(ax: Any, size: tuple[float, float] = PANEL) -> Axes:
    """`ax` when it is one Axes, else a new one in a figure of `size` inches."""
    need_matplotlib()
    from matplotlib.axes import Axes

    if ax is None:
        return new_figure(size).add_subplot()
    if not isinstance(ax, Axes):
        raise TypeError(
            f"ax must be a matplotlib Axes or None; got {show(ax)}. Hint: ax=plt.subplots()[1]."
        )
    return ax


def several_axes(ax: Any, rows: int, columns: int) -> NDArray[np.object_]:
    """`ax` as a flat array of rows * columns Axes, or that many new ones in a new figure."""
    need_matplotlib()
    from matplotlib.axes import Axes

    panels = np.empty(rows * columns, dtype=object)
    if ax is None:
        figure = new_figure((PANEL[0] * columns, PANEL[1] * rows))
        panels[:] = figure.subplots(rows, columns, squeeze=False).ravel()
        return panels
    given = list(np.ravel(np.asarray(ax, dtype=object)))
    if not all(isinstance(one, Axes) for one in given):
        raise TypeError(f"ax must hold matplotlib Axes; got {show(ax)}.")
    if len(given) != panels.size:
        raise ValueError(
            f"ax holds {len(given)} Axes, this picture needs {panels.size}. "
            f"Hint: plt.subplots({rows}, {columns})[1], or leave ax out."
        )
    panels[:] = given
    return panels


def dress(ax: Axes, title: str = "", x: str = "", y: str = "", grid: bool = True) -> None:
    """Titles, a light grid, small ticks, and no frame on top and on the right."""
    ax.set_title(title, fontsize=TITLE, loc="left")
    ax.set_xlabel(x, fontsize=LABEL)
    ax.set_ylabel(y, fontsize=LABEL)
    ax.tick_params(which="both", labelsize=SMALL)
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)
    if grid:
        ax.grid(True, color=MUTED, alpha=0.25, linewidth=0.6)


def legend(ax: Axes, **settings: Any) -> None:
    """A frameless legend of what has a label; a panel of one line needs none."""
    ax.legend(frameon=False, fontsize=SMALL, **settings)


def count_on_x(ax: Axes) -> None:
    """Whole numbers along the x axis: epochs, steps."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))


def note(ax: Axes, text: str) -> None:
    """Words in the middle of a picture that has nothing to show."""
    ax.text(
        0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", fontsize=LABEL, wrap=True
    )


def ink_on(colour: Any) -> str:
    """Black or white, whichever reads better on `colour` (red, green, blue in [0, 1])."""
    # Relative luminance, WCAG 2.2; black and white contrast equally at 0.179.
    channels = np.asarray(colour[:3])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return "black" if linear @ (0.2126, 0.7152, 0.0722) > 0.179 else "white"


def points_across(ax: Axes) -> tuple[float, float]:
    """Width and height of the Axes in points (1/72 inch), as it stands now."""
    box = ax.get_window_extent()
    scale = 72.0 / ax.figure.dpi
    return box.width * scale, box.height * scale


def diverging() -> Colormap:
    """Colours for signed numbers: orange below 0, white at 0, blue above."""
    need_matplotlib()
    from matplotlib.colors import LinearSegmentedColormap

    steps = ["#662B00", NEGATIVE, "#FFFFFF", POSITIVE, "#00304D"]
    return LinearSegmentedColormap.from_list("glassnet", steps)


def plain(text: object) -> str:
    """A user's text as it stands on one line: a dollar sign begins no formula."""
    return " ".join(str(text).split()).replace("$", r"\$")


def shorten(text: object, most: int = 20) -> str:
    """`text` on one line, its middle cut out where it has more than `most` characters."""
    line = " ".join(str(text).split())
    tail = (most - 1) // 2
    return plain(line if len(line) <= most else f"{line[: most - 1 - tail]}…{line[-tail:]}")
