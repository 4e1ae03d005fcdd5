"""A CSV file as columns of text, each cell with its line: nothing is interpreted here.

Standard library only. Every refusal names the file and the line. A cell costs about 100 bytes of
memory while the table is held. To read another kind of file, write a function that gives a Table.
"""

from __future__ import annotations

import collections
import contextlib
import csv
import io
import itertools
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from .command import closest, listed, shown
from .console import counted

GUESSED_DELIMITERS = ",;\t"
STDIN = "standard input"


@dataclass(frozen=True)
class Table:
    """Columns of text cells, by name, all of one length; `lines` is where each row starts.

    Columns without a name (row numbers written by other programs, mostly) are left out: their
    positions, counted from 1, are in `unnamed`.
    """

    source: str
    columns: dict[str, list[str]]
    lines: list[int]
    unnamed: tuple[int, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows, the header not counted."""
        return len(self.lines)

    def place(self, row: int, column: str) -> str:
        """Where a cell is, in words: `data.csv, line 5, column 'age'`."""
        return f"{self.source}, line {self.lines[row]}, column {shown(column)}"

    def cells(self, column: str) -> list[str]:
        """The cells of a column; ValueError with the names there are where it is absent."""
        if column not in self.columns:
            close = closest(column, self.columns)
            hint = "; its" if close is None else f"; did you mean {shown(close)}? Its"
            raise ValueError(
                f"{self.source}: there is no column {shown(column)}{hint} columns are "
                f"{listed(self.columns, 20)}"
            )
        return self.columns[column]

    def keep(self, rows: Iterable[int]) -> Table:
        """A table of these rows alone."""
        chosen = list(rows)
        columns = {name: [cells[row] for row in chosen] for name, cells in self.columns.items()}
        return Table(self.source, columns, [self.lines[row] for row in chosen], self.unnamed)


def read_csv(
    path: str, *, delimiter: str | None = None, encoding: str = "utf-8", header: bool = True
) -> Table:
    """Read a CSV file, or standard input where `path` is `-`.

    Args:
        path: the file.
        delimiter: the character between cells; None: of comma, semicolon and tab, the one that
            the first line holds most of, outside quotes.
        encoding: how its text is encoded; a byte order mark is skipped.
        header: whether the first line holds the names; else the columns are "1", "2", ...

    Raises:
        ValueError: an empty file, a row of another length than the first, broken quotes, bytes
            that are no text in this encoding, names that are empty or there twice.
        OSError: the file cannot be read.
    """
    source = STDIN if path == "-" else path
    with open_bytes(path) as stream:
        text = io.TextIOWrapper(stream, "utf-8-sig" if is_utf8(encoding) else encoding, newline="")
        lines = CountedLines(text)
        try:
            return parse(lines, source, delimiter, header)
        except UnicodeDecodeError as error:
            line = lines.count + 1 + error.object[: error.start].count(b"\n")
            raise ValueError(f"{source}, line {line}: {explain(error, encoding)}") from error
        finally:
            with contextlib.suppress(ValueError, OSError):
                text.detach()


class CountedLines:
    """The lines of a text, and how many of them have been taken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = iter(lines)
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self.lines)
        self.count += 1
        return line


@contextlib.contextmanager
def open_bytes(path: str) -> Iterator[BinaryIO]:
    """The bytes of a file, or of standard input, which stays open."""
    if path == "-":
        yield sys.stdin.buffer
        return
    with open(path, "rb") as stream:
        yield stream


def is_utf8(encoding: str) -> bool:
    """Whether this is one of the spellings of UTF-8."""
    return encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig")


def explain(error: UnicodeDecodeError, encoding: str) -> str:
    """What to say of bytes that are no text."""
    if not is_utf8(encoding):
        return f"byte 0x{error.object[error.start]:02x} is not {encoding} text"
    if error.object[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "this is UTF-16 text, not UTF-8; add --encoding utf-16"
    return (
        f"byte 0x{error.object[error.start]:02x} is not UTF-8 text; if the file was saved as "
        "Latin-1 (by older Windows and Excel), add --encoding latin-1"
    )


def parse(text: Iterable[str], source: str, delimiter: str | None, header: bool) -> Table:
    """The lines of a CSV file as a Table."""
    lines = iter(text)
    opening = list(until_filled(lines))
    separator = delimiter or guess("".join(opening))
    reader = csv.reader(itertools.chain(opening, lines), delimiter=separator, strict=True)
    records = numbered(reader, source)
    line, names = next(records, (0, []))
    if not names:
        raise ValueError(f"{source}: the file is empty; a header line and rows are needed")
    if header:
        check_names(names, f"{source}, line {line}")
    else:
        records = itertools.chain([(line, names)], records)
        names = [str(k + 1) for k in range(len(names))]
    return gather(records, names, source)


def until_filled(lines: Iterator[str]) -> Iterator[str]:
    """The lines up to the first that is not blank, that one included."""
    for line in lines:
        yield line
        if line.strip():
            return


def guess(line: str) -> str:
    """The delimiter that a line holds most of outside its quotes; a comma where it has none."""
    outside = "".join(line.split('"')[::2])
    return max(GUESSED_DELIMITERS, key=outside.count)


def numbered(reader: Iterator[list[str]], source: str) -> Iterator[tuple[int, list[str]]]:
    """The records that are not blank, stripped, each with the line that it starts on."""
    start = 1
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise ValueError(f"{source}, line {start}: broken CSV: {error}") from error
        if record is None:
            return
        record = [cell.strip() for cell in record]
        if len(record) > 1 or any(record):
            yield start, record
        start = reader.line_num + 1  # type: ignore[attr-defined]  # csv's own class


def check_names(names: list[str], place: str) -> None:
    """Refuse a header with a name there twice, or one that holds data."""
    filled = [name for name in names if name]
    if all(is_number(name) for name in filled):
        raise ValueError(
            f"{place}: the first line holds {listed(names)}, not the names of columns; "
            "add --no-header (the columns are then named 1, 2, 3, ...)"
        )
    for name, count in collections.Counter(filled).items():
        if count > 1:
            raise ValueError(f"{place}: {count} columns are named {shown(name)}")


def is_number(text: str) -> bool:
    """Whether Python reads this as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def gather(records: Iterable[tuple[int, list[str]]], names: list[str], source: str) -> Table:
    """Records of equal length, column by column."""
    cells: list[list[str]] = [[] for _ in names]
    lines = []
    for line, record in records:
        if len(record) != len(names):
            raise ValueError(
                f"{source}, line {line}: {counted(len(record), 'cell')}, but the first line has "
                f"{len(names)}"
            )
        for column, cell in zip(cells, record, strict=True):
            column.append(cell)
        lines.append(line)
    if not lines:
        raise ValueError(f"{source}: there is a header but no row under it")
    columns = {name: column for name, column in zip(names, cells, strict=True) if name}
    unnamed = tuple(k + 1 for k, name in enumerate(names) if not name)
    return Table(source, columns, lines, unnamed)
