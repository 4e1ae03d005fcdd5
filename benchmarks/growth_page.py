"""The page of growth.py, docs/benchmarks.md: tables, log-log pictures, and words from the figures.

To say something of a further axis: a function (points) -> sentences and a Part in PARTS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Points = list[dict[str, float]]
Words = Callable[[Points], str]


@dataclass(frozen=True)
class Part:
    """One axis on the page: what is said above, the unit of the sizes, and by the name of a figure
    the head of its column and the factor to it."""

    title: str
    what: str
    unit: str
    columns: dict[str, tuple[str, float]]
    words: Words


def column(points: Points, name: str) -> np.ndarray:
    return np.array([point[name] for point in points], dtype=float)


def power(points: Points, name: str) -> float:
    """The slope of the line through the points, both axes logarithmic."""
    if len(points) < 2:
        return float("nan")
    return float(np.polyfit(np.log(column(points, "size")), np.log(column(points, name)), 1)[0])


def number(value: float) -> str:
    """Three digits, and no exponents: 10,000,000 or 0.0123."""
    if value >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return np.format_float_positional(value, precision=3, fractional=False, trim="-")


def whole(value: float) -> str:
    return f"{value:,.0f}"


BUFFERED = 30_000
"""Rows of this page's file that fill the two buffers of 2 MiB."""


def of_rows(points: Points) -> str:
    sizes, each = column(points, "size"), column(points, "seconds") / column(points, "size")
    memory = column(points, "memory") / 1e6
    full = memory[sizes >= min(BUFFERED, sizes[-1])][0]  # fewer rows do not fill the buffers
    flat = "it is flat" if memory[-1] <= 1.1 * full else "it is not flat"
    return (
        f"The seconds of an epoch grow with the power {power(points, 'seconds'):.2f} of the rows "
        f"(1 is a straight line); the dearest row costs {each.max() / each.min():.1f} times the "
        f"cheapest. Anonymous memory goes from {number(memory[0])} MB over {number(full)} MB, "
        f"where the buffers are full, to {number(memory[-1])} MB: {flat}."
    )


def of_widths(points: Points) -> str:
    narrow, wide = points[:4], points[-4:]
    return (
        f"Up to {whole(narrow[-1]['size'])} units a step grows with the power "
        f"{power(narrow, 'step'):.2f} of the width, as calls rule; from {whole(wide[0]['size'])} "
        f"units on with {power(wide, 'step'):.2f}, as products rule (2 is what they grow with). "
        f"The {whole(points[-1]['size'] / points[0]['size'])}-fold width costs "
        f"{number(points[-1]['step'] / points[0]['step'])} times as much."
    )


def of_depths(points: Points) -> str:
    layer, rest = np.polyfit(column(points, "size"), column(points, "step"), 1)
    off = np.abs(layer * column(points, "size") + rest - column(points, "step"))
    share = 100 * float((off / column(points, "step")).max())
    return (
        f"Each further layer costs {number(layer)} microseconds a step, and what does not depend "
        f"on the depth {number(max(rest, 0.0))}. No point is further than {share:.0f} % from that "
        "straight line."
    )


def of_members(points: Points) -> str:
    each = column(points, "member")
    place, first = int(each.argmin()), int(np.argmax(each <= 1.1 * each.min()))
    return (
        f"The cost of a member falls until there are {whole(points[place]['size'])}, where it is "
        f"{number(each[place])} microseconds a step, {each[0] / each[place]:.1f} times less than "
        f"that of a fleet of one; from {whole(points[first]['size'])} members on, which fill the "
        "cache (more are trained in groups that fit into it), less than a tenth is gained. With "
        f"{whole(points[-1]['size'])} members it is {number(each[-1])} microseconds."
    )


def of_batch(points: Points) -> str:
    row = column(points, "row")
    place, first = int(row.argmin()), int(np.argmax(row <= 1.25 * row.min()))
    return (
        f"A row costs least in batches of {whole(points[place]['size'])}, {number(row[place])} "
        f"microseconds, {row[0] / row[place]:.0f} times less than alone; from "
        f"{whole(points[first]['size'])} rows on it costs at most a quarter more than that. Over "
        f"all sizes a step grows with the power {power(points, 'step'):.2f} of the batch."
    )


STEP = ("microseconds a step", 1.0)
PARTS = {
    "rows": Part(
        "Rows",
        "[30, 32, 1], batch 100, from a memory-mapped file of 30 float32 columns, written in full "
        "just before, so that much of it lies in the system's cache; a fresh process each time.",
        "rows",
        {"seconds": ("seconds an epoch", 1.0), "memory": ("MB of anonymous memory, peak", 1e-6)},
        of_rows,
    ),
    "widths": Part(
        "Widths", "[64, width, width, 10], batch 100.", "units", {"step": STEP}, of_widths
    ),
    "depths": Part(
        "Depths",
        "So many hidden layers of 64 units, batch 100.",
        "layers",
        {"step": STEP},
        of_depths,
    ),
    "members": Part(
        "Members",
        "A fleet of [30, 16, 1], 500 rows, batch 32.",
        "members",
        {"member": ("microseconds a step and member", 1.0)},
        of_members,
    ),
    "batch": Part(
        "Batch",
        "[784, 32, 16, 10] from float32 rows in memory.",
        "rows in a batch",
        {"step": STEP, "row": ("microseconds a row", 1.0)},
        of_batch,
    ),
}

OPENING = """# How cost grows

Made by `make growth` (`python -m benchmarks.growth`), words included: to change them, change
`benchmarks/growth_page.py`. Adam and the one-cycle schedule, as by default; each point is the
median of {repeats} repeats, the sizes in turn. The figures behind it are in `benchmarks.json`; a
machine's speed drifts, so slopes say more than single points.
"""


def table(part: Part, points: Points) -> str:
    lines = ["| " + " | ".join([part.unit, *(head for head, _ in part.columns.values())]) + " |"]
    lines.append("|---:" * (len(part.columns) + 1) + "|")
    for point in points:
        cells = [number(point[name] * factor) for name, (_, factor) in part.columns.items()]
        lines.append("| " + " | ".join([whole(point["size"]), *cells]) + " |")
    return "\n".join(lines)


def tick(value: float, _: int) -> str:
    return number(value)


def draw(part: Part, points: Points, path: Path) -> None:
    """One panel for each column, both axes logarithmic; the same figures give the same file."""
    import matplotlib as mpl
    from matplotlib.ticker import FuncFormatter

    from glassnet.plots import style

    path.parent.mkdir(exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": part.title, "svg.fonttype": "none"}):
        panels = style.several_axes(None, 1, len(part.columns))
        for ax, (name, (head, factor)) in zip(panels, part.columns.items(), strict=True):
            sizes, values = column(points, "size"), column(points, name) * factor
            ax.loglog(sizes, values, marker="o", color=style.PALETTE[0], linewidth=style.LINE)
            decades = np.log10(values)  # whole ones, so that what is flat looks flat
            ax.set_ylim(10 ** np.floor(decades.min()), 10 ** np.ceil(decades.max() + 1e-9))
            for axis in (ax.xaxis, ax.yaxis):
                axis.set_major_formatter(FuncFormatter(tick))
            style.dress(ax, x=part.unit, y=head)
        panels[0].figure.savefig(path, metadata={"Date": None})


def section(name: str, found: dict[str, Any], folder: Path) -> str:
    """Title, words, picture and table of one axis."""
    part, points = PARTS[name], found["points"]
    draw(part, points, folder / f"{name}.svg")
    picture = f"![{part.title}]({folder.name}/{name}.svg)"
    return (
        f"## {part.title}\n{part.what} {part.words(points)}\n\n{picture}\n\n{table(part, points)}\n"
    )


def write(known: dict[str, Any], page: Path) -> None:
    """The page, and its pictures in the folder of the same name."""
    found = {name: known[name] for name in PARTS if name in known}
    if not found:
        raise SystemExit("there are no figures yet; run without --only-page")
    repeats = sorted({axis["repeats"] for axis in found.values()})
    machines: dict[str, list[str]] = {}
    for name, axis in found.items():
        machines.setdefault(axis["machine"], []).append(name)
    where = [f"- {', '.join(names)}: {text}." for text, names in machines.items()]
    opening = OPENING.format(repeats=" or ".join(map(str, repeats)))
    sections = [section(name, axis, page.with_suffix("")) for name, axis in found.items()]
    page.write_text("\n".join([opening, "\n".join(where) + "\n", *sections]))
    print(f"wrote {page}")
