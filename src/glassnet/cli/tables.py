"""From a table of text to inputs and targets: the recipe, how it is learned and how it is used.

A Recipe says which columns are inputs, which of them are categories (one column of zeros and a
one for each category), and what the target is. It travels in the model file as plain JSON
(`network.columns`), so that new tables are read as the first one was. To add a kind of column,
give Input a case for it in `encode` and in the JSON.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import describe_missing, is_missing, is_text, number, numbers, rows_with_missing
from .command import listed, shown
from .console import counted
from .csvfile import Table

Label = str | int | float
FEW_CLASSES, ROWS_PER_CLASS = 10, 5
TARGET_HINT = "it stands in the target, whose other cells are numbers: mend it in the file"
DROP_HINT = "leave such rows out with --missing drop"


@dataclass(frozen=True)
class Input:
    """One column of the table: a number, or one of `categories`."""

    name: str
    categories: tuple[str, ...] | None = None

    @property
    def encoded_names(self) -> list[str]:
        """The names of the inputs of the network that it becomes."""
        if self.categories is None:
            return [self.name]
        return [f"{self.name}={category}" for category in self.categories]


@dataclass(frozen=True)
class Recipe:
    """How a table becomes numbers: its inputs, its target, the classes (None: regression)."""

    inputs: tuple[Input, ...]
    target: str
    classes: tuple[Label, ...] | None = None

    @property
    def encoded_names(self) -> list[str]:
        """The names of all inputs of the network, in their order."""
        return [name for column in self.inputs for name in column.encoded_names]

    def as_json(self) -> dict[str, Any]:
        """Plain data for the model file."""
        return {
            "inputs": [
                {"name": column.name, "kind": "number"}
                if column.categories is None
                else {
                    "name": column.name,
                    "kind": "category",
                    "categories": list(column.categories),
                }
                for column in self.inputs
            ],
            "target": {
                "name": self.target,
                "kind": "number" if self.classes is None else "class",
            },
        }


def recipe_from_json(data: Any, classes: Sequence[Label] | None) -> Recipe:
    """The recipe that a model file holds; it is checked as anything from a file is.

    Raises:
        ValueError: the data are not what `Recipe.as_json` writes.
    """
    try:
        inputs = tuple(input_from_json(entry) for entry in data["inputs"])
        target, kind = data["target"]["name"], data["target"]["kind"]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("the recipe of the table in the model file is not complete") from error
    if not inputs:
        raise ValueError("the recipe of the table in the model file names no input")
    names = [column.name for column in inputs]
    if len(set(names)) != len(names) or not isinstance(target, str):
        raise ValueError("the recipe of the table in the model file names a column twice")
    if kind not in ("number", "class") or (kind == "class") != (classes is not None):
        raise ValueError("the recipe of the table in the model file and its classes disagree")
    return Recipe(inputs, target, None if classes is None else tuple(classes))


def input_from_json(entry: Any) -> Input:
    """One input column of the JSON."""
    name, kind = entry["name"], entry["kind"]
    categories = entry.get("categories")
    texts = isinstance(categories, list) and all(isinstance(text, str) for text in categories)
    if not isinstance(name, str) or kind != ("number" if categories is None else "category"):
        raise ValueError("the recipe of the table in the model file has a column of unknown kind")
    if categories is not None and not (texts and len(set(categories)) == len(categories) > 0):
        raise ValueError(f"the categories of column {shown(name)} in the model file are broken")
    return Input(name, None if categories is None else tuple(categories))


def without_missing(
    table: Table, columns: Sequence[str], *, drop: bool, hint: str = DROP_HINT
) -> Table:
    """The table without the rows that miss a cell in these columns; refused unless `drop`."""
    rows = rows_with_missing(table, columns)
    if not rows:
        return table
    report = describe_missing(table, columns, rows)
    if not drop:
        raise ValueError(f"{report}; {hint}")
    gone = set(rows)
    if len(gone) == table.rows:
        raise ValueError(f"{report}: no row is left; leave the column out with --drop")
    return table.keep(row for row in range(table.rows) if row not in gone)


def choose_inputs(
    table: Table, target: str, drop: Collection[str], categories: Collection[str] = ()
) -> list[str]:
    """The columns that are neither the target nor dropped; refuses names that are not there."""
    for name in (target, *drop, *categories):
        table.cells(name)
    chosen = [name for name in table.columns if name != target and name not in drop]
    if target in drop:
        raise ValueError(f"{table.source}: column {shown(target)} is both target and dropped")
    if not chosen:
        raise ValueError(f"{table.source}: no column is left to learn from")
    return chosen


def learn_inputs(
    table: Table, names: Sequence[str], *, categories: Collection[str], limit: int, decimal: str
) -> tuple[tuple[Input, ...], list[str]]:
    """Recipe entries for these columns, and the names of those left out: equal in every row.

    Raises:
        ValueError: a text cell in a column of numbers, more than `limit` categories in one
            column, or no column that differs from row to row.
    """
    inputs, constant = [], []
    for name in names:
        if name in categories or is_text(table, name, decimal):
            different = tuple(sorted(set(table.cells(name))))
            check_categories(table, name, len(different), limit)
            column, count = Input(name, different), len(different)
        else:
            column, count = Input(name), np.unique(numbers(table, name, decimal)).size
        if count > 1:
            inputs.append(column)
        else:
            constant.append(name)
    if not inputs:
        raise ValueError(f"{table.source}: every input column is the same in all rows")
    return tuple(inputs), constant


def check_categories(table: Table, name: str, count: int, limit: int) -> None:
    """Refuse a column with too many different texts."""
    if count > limit:
        raise ValueError(
            f"{table.source}: column {shown(name)} holds {count} different texts in "
            f"{counted(table.rows, 'row')}, more than {limit}: a name or a number of its own for "
            f"each row? Leave it out with --drop {shown(name)}, or allow more with "
            f"--max-categories {count}"
        )


def learn_classes(
    table: Table, target: str, *, task: str, limit: int, decimal: str
) -> tuple[tuple[Label, ...] | None, str]:
    """The classes of the target (None: it is a number to predict), and why.

    With task "auto" a target is a class where it is text, where it is 0 and 1, or where it has
    at most 10 different whole numbers with 5 rows or more of each on average.

    Raises:
        ValueError: a target equal in every row, text for regression, too many classes.
    """
    text = is_text(table, target, decimal)
    if text:
        classes: tuple[Label, ...] = tuple(sorted(set(table.cells(target))))
        reason = "it is text"
        check_text(table, target, len(classes), task, limit)
    else:
        values = np.unique(numbers(table, target, decimal, TARGET_HINT))
        classes = tuple(label(float(value)) for value in values)
        reason = f"{len(classes)} different numbers in {counted(table.rows, 'row')}"
    if len(classes) == 1:
        raise ValueError(
            f"{table.source}: the target {shown(target)} is {shown(classes[0])} in every row: "
            "there is nothing to learn"
        )
    if task == "regression" or not (text or task == "classification" or few(classes, table.rows)):
        return None, reason
    if len(classes) > limit:
        raise ValueError(
            f"{table.source}: the target {shown(target)} has {len(classes)} classes, more than "
            f"{limit}; if they are numbers to predict, add --task regression, else allow more "
            f"with --max-categories {len(classes)}"
        )
    return classes, reason


def check_text(table: Table, target: str, count: int, task: str, limit: int) -> None:
    """Refuse a target of text where a number is wanted, or where nearly every row has its own."""
    cell = next(cell for cell in table.cells(target) if number(cell) is None)
    own = any(sign.isdigit() for sign in cell)
    question = "is it a number with a currency sign?" if own else "is it a name for each row?"
    place = f"{table.source}: the target {shown(target)} holds "
    many = f"{count} different texts in {counted(table.rows, 'row')}"
    if count > limit or (2 * count > table.rows and task != "classification" and count > 2):
        raise ValueError(
            f"{place}{many}: {question} It holds {shown(cell, 30)}; only if these are classes add "
            f"--task classification" + (f" --max-categories {count}" if count > limit else "")
        )
    if task == "regression":
        raise ValueError(
            f"{place}text, such as {shown(cell, 30)}, so it is no number to predict; "
            "add --task classification"
        )


def few(classes: Sequence[Label], rows: int) -> bool:
    """Whether numbers look like classes: 0 and 1, or few whole numbers, each there often."""
    whole = all(isinstance(one, int) for one in classes)
    often = len(classes) <= FEW_CLASSES and rows >= ROWS_PER_CLASS * len(classes)
    return classes == (0, 1) or (whole and often)


def label(value: float) -> int | float:
    """A number as a class is named: 3 rather than 3.0."""
    return int(value) if value.is_integer() else value


def encode_inputs(
    table: Table, recipe: Recipe, *, decimal: str = ".", ignore_unknown: bool = False
) -> NDArray[np.float64]:
    """The inputs of the network, of shape (rows, inputs).

    A category that the recipe does not know is refused, or becomes zeros with `ignore_unknown`.

    Raises:
        ValueError: a column that is not there, or a cell that the recipe cannot read.
    """
    inputs = np.zeros((table.rows, len(recipe.encoded_names)))
    place = 0
    for column in recipe.inputs:
        width = len(column.encoded_names)
        if column.categories is None:
            inputs[:, place] = numbers(table, column.name, decimal)
        else:
            known = positions(table, column, ignore_unknown)
            rows = np.flatnonzero(known >= 0)
            inputs[rows, place + known[rows]] = 1.0
        place += width
    return inputs


def positions(table: Table, column: Input, ignore_unknown: bool) -> NDArray[np.int64]:
    """Which category each cell is, of shape (rows,); -1 for one that is not known."""
    known = {category: k for k, category in enumerate(column.categories or ())}
    found = np.array([known.get(cell, -1) for cell in table.cells(column.name)], dtype=np.int64)
    if not ignore_unknown and (found < 0).any():
        row = int(np.argmax(found < 0))
        cell = table.columns[column.name][row]
        state = "is missing" if is_missing(cell) else "was not there in training"
        raise ValueError(
            f"{table.place(row, column.name)}: {shown(cell)} {state}; known are "
            f"{listed(known)}; --unknown ignore reads it as none of them"
        )
    return found


def encode_target(table: Table, recipe: Recipe, *, decimal: str = ".") -> NDArray[Any]:
    """The target of shape (rows,): numbers, or labels as they stand in `recipe.classes`."""
    if recipe.classes is None:
        return numbers(table, recipe.target, decimal, TARGET_HINT)
    known: dict[Label, Label] = {one: one for one in recipe.classes}
    found = []
    for row, cell in enumerate(table.cells(recipe.target)):
        value = number(cell, decimal)
        name: Label = cell if value is None or cell in known else label(value)
        if name not in known:
            raise ValueError(
                f"{table.place(row, recipe.target)}: {shown(cell)} is none of the classes "
                f"{listed(recipe.classes)}"
            )
        found.append(known[name])
    return np.array(found)
