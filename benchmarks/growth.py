"""How cost grows: `python -m benchmarks.growth [axis ...]` measures, and makes docs/benchmarks.md.

Without axes all are measured; those that are not asked for keep their figures, which lie in
docs/benchmarks.json. `--only-page` measures nothing. To add an axis: a function (size, folder) ->
figures and an Axis in AXES; what the page says of it is in growth_page.py.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import Fleet, Network

from .rows import COLUMNS, STATUS
from .tools import ROOT, machine, run_module, seconds

DATA = ROOT / "docs" / "benchmarks.json"
BATCH = 100
PIECE = 100_000  # rows that are drawn and written at once
ENOUGH = 0.15  # seconds that a point is measured at least

Figures = dict[str, float]


@dataclass(frozen=True)
class Axis:
    """Sizes, and a function (size, folder) -> figures, or None where a size has no room."""

    name: str
    sizes: tuple[int, ...]
    measure: Callable[[int, Path], Figures | None]


def powers(first: int, last: int) -> tuple[int, ...]:
    """The powers of two from `first` to `last`."""
    return tuple(1 << k for k in range(first.bit_length() - 1, last.bit_length()))


def made_up(rows: int, columns: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    X = draw.standard_normal((rows, columns), dtype=np.float32)
    return X, draw.integers(0, max(outputs, 2), rows)


def step_time(network: Any, X: np.ndarray, y: np.ndarray, batch: int) -> float:
    """Microseconds a step: of as many epochs as take some time, after one that warms up."""

    def train(epochs: int) -> float:
        return seconds(lambda: network.fit(X, y, epochs=epochs, batch_size=batch))

    epochs = max(1, round(ENOUGH / max(train(1), 1e-4)))
    return 1e6 * train(epochs) / (epochs * -(-len(X) // batch))


def rows(size: int, folder: Path) -> Figures | None:
    """An epoch over a memory-mapped file, in a fresh process: see rows.py."""
    if not STATUS.exists():
        print(f"  {size:,} rows: left out, the memory of a process is known on Linux only")
        return None
    path = folder / f"{size}.npy"
    needed = size * (COLUMNS * 4 + 1)
    if not path.exists():
        if shutil.disk_usage(folder).free < 1.2 * needed + 2**30:
            print(f"  {size:,} rows: left out, the disk has no room for {needed / 1e9:.1f} GB")
            return None
        write_rows(path, size)
    figures: Figures = json.loads(run_module("benchmarks.rows", str(path)))
    return figures


def write_rows(path: Path, size: int) -> None:
    """A file of (size, COLUMNS) float32, every byte of it written, and one of labels beside it."""
    X = np.lib.format.open_memmap(path, "w+", np.float32, (size, COLUMNS))
    y = np.lib.format.open_memmap(path.with_suffix(".labels"), "w+", np.int8, (size,))
    draw = np.random.default_rng(0)
    for start in range(0, size, PIECE):
        piece = draw.standard_normal((min(PIECE, size - start), COLUMNS), dtype=np.float32)
        X[start : start + len(piece)] = piece
        y[start : start + len(piece)] = piece[:, 0] * piece[:, 1] > 0
    X.flush()
    y.flush()


def widths(size: int, _: Path) -> Figures:
    X, y = made_up(500, 64, 10)
    return {"step": step_time(Network([64, size, size, 10], seed=0), X, y, BATCH)}


def depths(size: int, _: Path) -> Figures:
    X, y = made_up(2000, 64, 10)
    return {"step": step_time(Network([64, *[64] * size, 10], seed=0), X, y, BATCH)}


def members(size: int, _: Path) -> Figures:
    X, y = made_up(500, 30, 1)
    return {"member": step_time(Fleet([30, 16, 1], size, seed=0), X, y, 32) / size}


def batch(size: int, _: Path) -> Figures:
    X, y = made_up(16_384 if size >= 16 else 1024, 784, 10)
    step = step_time(Network([784, 32, 16, 10], seed=0), X, y, size)
    return {"step": step, "row": step / size}


AXES = {
    axis.name: axis
    for axis in (
        Axis("rows", (10**4, 30_000, 10**5, 300_000, 10**6, 3_000_000, 10**7), rows),
        Axis("widths", powers(8, 4096), widths),
        Axis("depths", powers(1, 32), depths),
        Axis("members", powers(1, 4096), members),
        Axis("batch", powers(1, 8192), batch),
    )
}


def measure(axis: Axis, repeats: int, folder: Path) -> list[Figures]:
    """The medians at each size; sizes take turns, so that a drift of the machine bends no line."""
    found: dict[int, list[Figures]] = {}
    for _ in range(repeats):
        for size in axis.sizes:
            if figures := axis.measure(size, folder):
                found.setdefault(size, []).append(figures)
    points = []
    for size, repeated in found.items():
        middle = {name: statistics.median(f[name] for f in repeated) for name in repeated[0]}
        points.append({"size": size, **{name: float(f"{v:.4g}") for name, v in middle.items()}})
        print(f"  {points[-1]}")
    return points


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("axes", nargs="*", metavar="axis", help=", ".join(AXES))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--most", type=int, help="leave larger sizes out: for a quick try")
    parser.add_argument("--folder", help="where files of up to 1.3 GB are put for a while")
    parser.add_argument("--only-page", action="store_true", help="from the figures that are there")
    asked = parser.parse_args()
    if unknown := [name for name in asked.axes if name not in AXES]:
        parser.error(f"unknown axis {unknown[0]!r}; there are {', '.join(AXES)}")
    from .growth_page import write

    known = json.loads(DATA.read_text()) if DATA.exists() else {}
    for name in [] if asked.only_page else asked.axes or list(AXES):
        print(name, flush=True)
        sizes = tuple(s for s in AXES[name].sizes if s <= (asked.most or s))
        axis = Axis(name, sizes, AXES[name].measure)
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            points = measure(axis, asked.repeats, Path(folder))
        if not points:
            continue
        known[name] = {"machine": machine(), "repeats": asked.repeats, "points": points}
        DATA.write_text(json.dumps({n: known[n] for n in AXES if n in known}, indent=1) + "\n")
    write(known, DATA.with_suffix(".md"))


if __name__ == "__main__":
    main()
