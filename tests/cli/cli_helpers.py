"""Runs of the command line and small tables, for the tests and the fixtures of this folder.

Imported by name, as several folders of tests have a conftest.py.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from glassnet.cli.csvfile import Table


class Result(NamedTuple):
    """What one run of the command line left."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON on standard output, which holds nothing else."""
        return json.loads(self.out)


Runner = Callable[..., Result]


def houses(rows: int = 60) -> str:
    """A table with two columns of numbers, one of text, and a number to predict."""
    lines = ["area,rooms,town,price"]
    for k in range(rows):
        area, rooms, town = 40 + (37 * k) % 90, 1 + k % 5, ("Bern", "Chur", "Thun")[k % 3]
        lines.append(f"{area},{rooms},{town},{area * 2.5 + rooms * 10 + 20 * (town == 'Bern')}")
    return "\n".join(lines) + "\n"


def flowers(rows: int = 60) -> str:
    """A table of two numbers and a class, told apart by the first."""
    lines = ["length,width,kind"]
    for k in range(rows):
        kind = k % 3
        lines.append(
            f"{kind * 3 + (k * 7 % 10) / 10},{(k * 3 % 7) / 7},{('iris', 'rose', 'lily')[kind]}"
        )
    return "\n".join(lines) + "\n"


def table_of(**columns: list[str]) -> Table:
    """A table of these columns, as if read from data.csv."""
    rows = len(next(iter(columns.values())))
    return Table("data.csv", columns, list(range(2, rows + 2)))
