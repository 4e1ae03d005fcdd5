"""The recipe of a table: what each column becomes, learned from the rows to train with.

It is plain JSON in the model file (`network.columns`), so that new tables are read as the first one
was. Nothing but these rows goes into it: no targets, and no rows to validate or test with.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.checks import show
from .columns import KINDS, Category, Column, Number, as_numbers, column_as_json, learn_column
from .frame import Frame

FORM = "table"
"""By this the header of a model file tells such a recipe from other descriptions of columns."""


@dataclass(frozen=True)
class Recipe:
    """How a table becomes inputs: its columns, in order; `named` where they are found by name."""

    columns: tuple[Column, ...]
    named: bool

    @property
    def names(self) -> list[str]:
        """The names of all columns of the table."""
        return [column.name for column in self.columns]

    @property
    def width(self) -> int:
        """The number of inputs of the network."""
        return sum(column.width for column in self.columns)

    def encode(self, frame: Frame, name: str = "X") -> Array:
        """The inputs, (rows, width) of float32.

        Columns are found by name where both tables have names, in any order, others are passed
        over; else by place.

        Raises:
            ValueError: a column is not there, or holds text where there were numbers.
        """
        out = np.zeros((frame.rows, self.width), dtype=np.float32)
        place = 0
        for column, cells in zip(self.columns, self._cells(frame, name), strict=True):
            if isinstance(column, Number):
                cells = as_numbers(cells, f"{name}, column {show(column.name)}")
            column.encode(cells, out[:, place : place + column.width])
            place += column.width
        return out

    def _cells(self, frame: Frame, name: str) -> list[Array]:
        """The columns of the table, in the order of the recipe."""
        if self.named and frame.named:
            found = dict(zip(frame.names, frame.columns, strict=True))
            gone = [each for each in self.names if each not in found]
            if gone:
                raise ValueError(
                    f"{name} has no column {show(gone[0])}, which was there in training"
                    + (f" ({len(gone)} are missing)." if len(gone) > 1 else ".")
                )
            return [found[each] for each in self.names]
        if len(frame.columns) != len(self.columns):
            raise ValueError(
                f"{name} has {len(frame.columns)} features, but the table in training had "
                f"{len(self.columns)}; pass the same columns."
            )
        return list(frame.columns)

    def as_json(self) -> dict[str, Any]:
        """Plain data for the model file."""
        columns = [column_as_json(column) for column in self.columns]
        return {"form": FORM, "named": self.named, "columns": columns}


def learn(
    frame: Frame, *, max_categories: int = 32, bins: int = 0, waves: tuple[float, ...] = ()
) -> Recipe:
    """The recipe for tables like this one.

    Args:
        frame: the rows to train with, and no others.
        max_categories: inputs that a column of text may become; the texts that are rarer share one.
        bins: of a piecewise-linear encoding of each number (0: none).
        waves: frequencies of a periodic encoding of each number.

    Raises:
        ValueError: no column differs from row to row.
    """
    columns = tuple(
        learn_column(name, cells, max_categories, bins, waves)
        for name, cells in zip(frame.names, frame.columns, strict=True)
    )
    recipe = Recipe(columns, frame.named)
    if not recipe.width:
        rows = f"{frame.rows} rows" if frame.rows > 1 else "1 sample"
        raise ValueError(f"X has {rows} that do not differ: there is nothing to learn from.")
    return recipe


def recipe_from_json(data: Any) -> Recipe:
    """The recipe that a model file holds, checked as anything from a file is.

    Raises:
        ValueError: it is none, or not what `Recipe.as_json` writes.
    """
    if not isinstance(data, dict) or data.get("form") != FORM:
        raise ValueError("the model file holds no recipe of a table: it was not made by one.")
    try:
        columns = tuple(_column(entry) for entry in data["columns"])
        named = data["named"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError("the recipe of the table in the model file is damaged.") from error
    names = {column.name for column in columns}
    if type(named) is not bool or not columns or len(names) != len(columns):
        raise ValueError("the recipe of the table in the model file is damaged.")
    return Recipe(columns, named)


def _column(entry: dict[str, Any]) -> Column:
    """One column of the JSON."""
    fields = {key: each for key, each in entry.items() if key != "kind"}
    given = {key: tuple(each) if isinstance(each, list) else each for key, each in fields.items()}
    kind = KINDS[entry["kind"]]
    made = kind(**({"categories": ()} | given if kind is Category else given))
    if not isinstance(made.name, str) or not _sound(made):
        raise ValueError(entry)
    return made


def _sound(column: Column) -> bool:
    """Whether the fields are of the types and ranges that `learn_column` gives them."""
    if isinstance(column, Number):
        steps = np.diff(column.edges)
        numbers = (column.center, column.scale, *column.edges, *column.waves)
        fits = all(type(each) in (int, float) for each in numbers) and column.scale > 0
        return fits and type(column.missing) is bool and bool(np.all(steps > 0))
    if isinstance(column, Category):
        flags = type(column.missing) is bool and type(column.other) is bool
        known = column.categories
        return flags and all(isinstance(e, str) for e in known) and len(set(known)) == len(known)
    return True
