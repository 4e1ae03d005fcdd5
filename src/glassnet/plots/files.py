"""Writes a picture to a file.

To add a format, add its suffix to SUFFIXES.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.checks import show
from .style import DPI, figures_made_here, need_matplotlib

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg")


def save(picture: Any, path: str | os.PathLike[str]) -> Path:
    """Write a picture (a Figure, an Axes or an array of Axes) to `path`, 150 dots an inch.

    The suffix names the format: .png or .svg. A file of that name is replaced; nothing else is
    made, no folders either. Returns the path. Raises ValueError for another suffix, TypeError for
    what is no picture, OSError (FileNotFoundError for a missing folder) when it cannot be written.
    """
    need_matplotlib()
    figure = _figure_of(picture)
    target = _target(path)
    buffer = io.BytesIO()  # a picture that cannot be drawn leaves no half of a file
    figure.savefig(buffer, format=target.suffix.lower().removeprefix("."), dpi=DPI)
    target.write_bytes(buffer.getvalue())
    _let_go(figure)
    return target


def _figure_of(picture: Any) -> Figure:
    """The whole figure that a Figure, an Axes or an array of Axes belongs to."""
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

    first: Any = picture
    if isinstance(picture, (np.ndarray, list, tuple)) and len(picture) > 0:
        first = np.ravel(np.asarray(picture, dtype=object))[0]
    if isinstance(first, Axes):
        first = first.figure
    if not isinstance(first, FigureBase):
        raise TypeError(
            "picture must be a matplotlib Figure or Axes (what the functions of glassnet.plots "
            f"return); got {show(picture)}."
        )
    part: Any = first  # the canvas of a part of a figure (a SubFigure) is that of the whole
    whole: Figure = part.canvas.figure
    return whole


def _target(path: str | os.PathLike[str]) -> Path:
    """`path` as a Path whose suffix is known and whose folder exists."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path must be text or a Path; got {show(path)}.")
    target = Path(path)
    if target.suffix.lower() not in SUFFIXES:
        raise ValueError(
            f"path must end in {' or '.join(SUFFIXES)}; got {show(str(path))}. "
            f"Hint: {show(target.stem + '.png')}."
        )
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"path is in the folder {show(str(target.parent))}, which does not exist. "
            "Hint: make it first, Path(folder).mkdir(parents=True)."
        )
    if target.is_dir():
        raise IsADirectoryError(f"path is a folder, {show(str(path))}; give the name of a file.")
    return target


def _let_go(figure: Figure) -> None:
    """Take a figure of ours off pyplot's list where no window could ever show it."""
    if figure in figures_made_here and "matplotlib.pyplot" in sys.modules:
        import matplotlib
        import matplotlib.pyplot as plt

        if matplotlib.get_backend().lower() in ("agg", "cairo", "pdf", "pgf", "ps", "svg"):
            plt.close(figure)
