"""What the scripts of the gallery share: their pictures, and the command that renews the gallery.

A script has a trouble, prints what diagnose says, mends it, and ends with `shown.draw(picture)`.
To add a trouble: its code in GROUPS, scripts/CODE.py, CODE.md with the two marks, its line in
README.md; then `make troubles`, or for some: python docs/troubles/scripts/shown.py --renew CODE
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import io
import runpy
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import plots
from glassnet.plots import style

SCRIPTS = Path(__file__).parent
GALLERY = SCRIPTS.parent

GROUPS = {
    "Rows": (
        *("unscaled_inputs", "unscaled_targets", "constant_column", "duplicate_column"),
        *("leaking_column", "shuffled_labels", "noisy_labels", "class_imbalance"),
        "shifted_validation",
    ),
    "Layers and starts": (
        *("dead_units", "saturated_units", "vanishing_gradients", "exploding_gradients"),
        *("large_initial_weights", "small_initial_weights", "symmetric_start", "poor_start"),
        *("no_nonlinearity", "missing_bias", "float32_exhausted"),
    ),
    "Settings": (
        *("learning_rate_too_high", "learning_rate_too_low", "batch_too_large"),
        *("batch_too_small", "too_small", "overfitting"),
    ),
    "Functions of your own": ("gradient_ascent", "wrong_gradient"),
}
CODES = tuple(code for codes in GROUPS.values() for code in codes)

TROUBLE, MENDED = style.NEGATIVE, style.POSITIVE
"""The two colours of all pictures: orange for the trouble, blue for its mended twin."""

TITLE = {"fontsize": style.TITLE, "loc": "left"}
"""For ax.set_title(words, **shown.TITLE), as the titles of glassnet.plots are."""

WIDTH, HEIGHT, DPI = 900, 340, 100  # of a picture, in points of the screen
COLOURS = 48  # of its palette: so it has a third of the bytes
COLUMNS = 100  # of what is quoted on a page
BEGIN, END = "<!-- printed by the script: make troubles -->\n", "<!-- end of what is printed -->"


def draw(picture: Callable[..., None]) -> None:
    """With `--picture FILE` on the command line: make the picture, of one panel or of two.

    `picture` draws; it takes one Axes or two, as many as its parameters are.
    """
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--picture", metavar="FILE", help="draw it, as a PNG")
    target = parser.parse_args().picture
    if target:
        from matplotlib.figure import Figure

        panels = len(inspect.signature(picture).parameters)
        figure = Figure((WIDTH / DPI, HEIGHT / DPI), dpi=DPI, layout="constrained")
        picture(*figure.subplots(1, panels, squeeze=False)[0])
        _save(figure, Path(target))


def _save(figure: Any, target: Path) -> None:
    from PIL import Image

    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    Image.open(drawn).convert("RGB").quantize(COLOURS, kmeans=1).save(target, optimize=True)


def losses(
    ax: Any, trouble: Any, mended: Any, *, key: str = "loss", log: bool = False, title: str = ""
) -> None:
    """The loss over the epochs (or another number of the two histories) beside its mended twin."""
    for history, colour, name in (
        (trouble, TROUBLE, "with the trouble"),
        (mended, MENDED, "mended"),
    ):
        values = [record[key] for record in history]
        epochs = range(1, len(values) + 1)
        ax.plot(epochs, values, color=colour, linewidth=2 * style.LINE, label=name)
    if log:
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0)
    style.dress(ax, title or "the loss, epoch by epoch", "epoch", key.replace("_", " "))
    style.count_on_x(ax)
    style.legend(ax)


def curve(ax: Any, network: Any, X: Any, y: Any, title: str, *, mended: bool = False) -> None:
    """The rows, and what a network of one input makes of it, in the colour of its state."""
    plots.fitted_curve(network, X, y, ax=ax)
    ax.lines[-1].set(color=MENDED if mended else TROUBLE, linewidth=2 * style.LINE)
    ax.set_title(title, **TITLE)
    style.legend(ax)


def curves(ax: Any, X: Any, y: Any, trouble: Any, mended: Any, title: str) -> None:
    """The rows, and what two networks of one input make of them."""
    ax.plot(X[:, 0], y[:, 0], "o", color="0.2", markersize=4, zorder=3, label="rows")
    line = np.linspace(X.min(), X.max(), 500)[:, None]
    for network, colour, name in (
        (trouble, TROUBLE, "with the trouble"),
        (mended, MENDED, "mended"),
    ):
        ax.plot(line, network.predict(line), color=colour, linewidth=2 * style.LINE, label=name)
    style.dress(ax, title, "x", "y")
    style.legend(ax)


def boundary(ax: Any, network: Any, X: Any, y: Any, title: str) -> None:
    """What a network of two inputs decides everywhere, and the rows."""
    plots.decision_boundary(network, X, y, ax=ax)
    ax.set_title(title, **TITLE)


def bars(ax: Any, trouble: Sequence[float], mended: Sequence[float], names: Sequence[str]) -> None:
    """A pair of bars for each name (a layer, say): with the trouble, and mended."""
    for values, colour, place in ((trouble, TROUBLE, -0.2), (mended, MENDED, 0.2)):
        ax.bar([i + place for i in range(len(names))], values, 0.38, color=colour)
    ax.set_xticks(range(len(names)), names)


def layers(ax: Any, trouble: Any, mended: Any, number: str, title: str, y: str) -> None:
    """What two Recorders saw in the first step: a number of each layer, on a logarithmic axis."""
    first = [[each[number] for each in one.records[0]["layers"]] for one in (trouble, mended)]
    names = [str(i + 1) for i in range(len(first[0]))]
    bars(ax, *first, [*names[:-1], f"{names[-1]} (last)"])
    ax.set_yscale("log")
    style.dress(ax, title, "layer", y)


def run(code: str, *arguments: str) -> tuple[Mapping[str, Any], str]:
    """Run a script in this process; gives its names, and what it prints."""
    before, path, printed = sys.argv, list(sys.path), io.StringIO()
    try:
        sys.argv = [f"{code}.py", *arguments]
        sys.path.insert(0, str(SCRIPTS))
        with contextlib.redirect_stdout(printed):
            names = runpy.run_path(str(SCRIPTS / f"{code}.py"), run_name="__main__")
    finally:
        sys.argv, sys.path[:] = before, path
    return names, printed.getvalue()


def quoted(page: str) -> str:
    """What a page shows as printed, between the two marks."""
    return page.split(BEGIN)[1].split(END)[0].strip().removeprefix("```text").removesuffix("```")


def renew(code: str) -> None:
    """Run the script of one trouble: its picture, and on its page what it prints."""
    page = GALLERY / f"{code}.md"
    text = page.read_text(encoding="utf-8")
    _, printed = run(code, "--picture", str(GALLERY / "pictures" / f"{code}.png"))
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    block = "\n".join(map(_folded, printed.rstrip().splitlines()))
    page.write_text(f"{before}{BEGIN}```text\n{block}\n```\n{END}{after}", encoding="utf-8")


def _folded(line: str) -> str:
    """A long line on several, those after the first one further in."""
    inside = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.fill(
        line, COLUMNS, subsequent_indent=inside, break_long_words=False, break_on_hyphens=False
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--renew", nargs="*", required=True, metavar="CODE", choices=CODES)
    for code in parser.parse_args().renew or CODES:
        renew(code)
        print(f"renewed: {code}")


if __name__ == "__main__":
    main()
