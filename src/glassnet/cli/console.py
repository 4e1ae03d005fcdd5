"""What goes to the terminal besides the report: notes, and numbers and tables as text.

Notes and progress go to standard error, so that standard output holds the report alone.
"""

from __future__ import annotations

import contextlib
import math
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Any


def note(options: Namespace, text: str) -> None:
    """A line on standard error, unless `--quiet`."""
    if not options.quiet:
        tell(text)


def left_out(options: Namespace, before: int, after: int) -> None:
    """The note that rows with missing cells are not used."""
    gone = before - after
    one = gone == 1
    note(
        options,
        f"note: {gone} of {counted(before, 'row')} {'misses' if one else 'miss'} a cell and "
        f"{'is' if one else 'are'} left out",
    )


def tell(text: str) -> None:
    """A line on standard error, after all that was printed on standard output until now.

    A standard output that is broken is not told here, but by who prints the report.
    """
    with contextlib.suppress(AttributeError, OSError, ValueError):
        sys.stdout.flush()
    if sys.stderr is not None:
        print(printable(text, sys.stderr.encoding), file=sys.stderr, flush=True)


def show_progress(options: Namespace) -> bool:
    """Whether a progress line makes sense: somebody is watching, and did not ask for quiet."""
    return not options.quiet and sys.stderr is not None and sys.stderr.isatty()


def printable(text: str, encoding: str | None) -> str:
    """The text, with escapes for what the stream cannot write."""
    encoding = encoding or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def plain(value: Any) -> Any:
    """The same as JSON can hold it: nan and infinity are null, NumPy's numbers plain ones."""
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if hasattr(value, "tolist"):  # a NumPy array or number
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def short(value: float) -> str:
    """A number with four digits that count, or with all before its point: 0.1235, 10,610."""
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e9 else f"{value:.4g}"


def counted(count: int, word: str) -> str:
    """`1 row`, `1,200 rows`."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def below_one(value: float) -> str:
    """A number up to 1 with four decimals; 1 only where nothing is missing."""
    digits = f"{value:.4f}"
    return "0.9999" if digits == "1.0000" and value < 1 else digits


def percent(share: float) -> str:
    """A share in [0, 1] as `97.25 %`; 100 % only where nothing is missing."""
    return f"{100 * float(below_one(share)):.2f} %"


def grid(rows: Sequence[Sequence[object]], heads: Sequence[str] = ()) -> str:
    """Rows of cells as lines of text, every column flush right but the first, two spaces in."""
    lines = [list(map(str, row)) for row in ([heads] if heads else []) + list(rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = []
    for line in lines:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        text.append("  " + "  ".join(cells).rstrip())
    return "\n".join(text)


def confusion_text(counts: Sequence[Sequence[int]], labels: Sequence[object]) -> str:
    """A confusion matrix as text: a row for each true label, a column for each predicted one."""
    heads = ["true \\ predicted", *map(str, labels)]
    rows = [[str(name), *map(int, row)] for name, row in zip(labels, counts, strict=True)]
    return grid(rows, heads)
