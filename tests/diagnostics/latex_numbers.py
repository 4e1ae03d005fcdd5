"""The formulas of a page, read in order: each says what is so, or `FormulaError` is raised.

A formula is a chain of members, `s = w x = 0.8 \\cdot 1.5 = 1.2`: each that can be computed is, and
must equal the one before. A letter gets its value where it first stands alone as a member, and
keeps it in its space, which a line <!-- numbers of: name --> opens. Rounded numbers that are added
up must have been printed before: in their sum a wrong last digit could not be seen.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from latex_reader import (
    CLOSING,
    FUNCTIONS,
    OPENING,
    FormulaError,
    NoValueError,
    Token,
    Value,
    compute,
    half_a_unit,
    tokens,
)

EXACT = 1e-10
"""What "=" leaves to the rounding of the computer, relative to the size of the numbers."""

SAMPLES = (-1.3, 0.4, 2.1)
"""Where a formula is tried that holds for any value of a letter."""

FORMULA = re.compile(r"\$\$(.+?)\$\$|<!-- numbers of: ([\w ]+) -->", re.DOTALL)


@dataclass
class Statement:
    """One chain of members in one space of letters, with a relation before each but the first."""

    space: str
    members: list[list[Token]] = field(default_factory=lambda: [[]])
    relations: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> list[Token]:
        return [token for member in self.members for token in member if token.kind == "number"]

    @property
    def text(self) -> str:
        signs = zip(["", *self.relations], self.members, strict=True)
        return "".join(sign + "".join(token.text for token in member) for sign, member in signs)


def formulas(page: str) -> Iterator[tuple[str, int, str]]:
    """(formula, its place in the page, the space of letters that it is in)."""
    space = ""
    for found in FORMULA.finditer(page):
        if found[2]:
            space = found[2]
        else:
            yield found[1], found.start(1), space


def statements(page: str) -> list[Statement]:
    """All chains of the page; in one formula they are divided by a wide space."""
    read = []
    for text, place, space in formulas(page):
        read.append(Statement(space))
        depth = 0
        for token in tokens(text, place):
            depth += (token.text in OPENING) - (token.text in CLOSING)
            if token.kind == "end":
                read.append(Statement(space))
            elif token.kind == "relation" and depth == 0:
                read[-1].relations.append(token.text)
                read[-1].members.append([])
            else:
                read[-1].members[-1].append(token)
    return read


@dataclass
class Numbers:
    """The letters of each space, as the formulas read so far have settled them; and the last that
    is `printed` of each letter, with the half unit of a rounded number."""

    spaces: dict[str, dict[str, Any]] = field(default_factory=dict)
    printed: dict[tuple[str, str], Value] = field(default_factory=dict)
    shown: set[tuple[str, str]] = field(default_factory=set)

    def copy(self) -> "Numbers":
        spaces = {name: {**each} for name, each in self.spaces.items()}
        return Numbers(spaces, {**self.printed}, {*self.shown})

    def read(self, statement: Statement) -> tuple[int, list[str]]:
        """How many members were compared, and the letters that got their value here."""
        letters = self.spaces.setdefault(statement.space, {})
        if name := define(statement, letters):
            return 0, [name]
        values = compute_all(statement, letters)
        known = [value for value in values if value is not None]
        new = [lone(member) for member in statement.members if lone(member) not in ("", *letters)]
        new = [name for name in new if compute_one(name, letters) is None]
        if known and new:
            letters.update(dict.fromkeys(new, known[0].value))
            last = statement.members[max(i for i, v in enumerate(values) if v is not None)]
            final = compute(last, letters, rounded=r"\approx" in statement.relations)
            self.printed.update({(statement.space, name): final for name in new})
        self.look_at_sums(statement)
        return compare(statement, values) or identity(statement, letters), new if known else []

    def look_at_sums(self, statement: Statement) -> None:
        """See to it that rounded numbers in an expression are those that were printed before."""
        for relation, member in zip(statement.relations, statement.members[1:], strict=True):
            texts = [token.text for token in member if token.kind == "number"]
            rounded = {(statement.space, text) for text in texts if half_a_unit(text)}
            is_sum = relation == r"\approx" and len(rounded) > 1 and member[0].text != OPENING[0]
            if is_sum and not rounded <= self.shown:
                raise FormulaError(f"{statement.text}: {rounded - self.shown} stand nowhere before")
        self.shown |= {(statement.space, token.text) for token in statement.numbers}


def lone(member: list[Token]) -> str:
    """The letter that is all of a member, or an empty text."""
    return member[0].text if len(member) == 1 and member[0].kind == "name" else ""


def compute_one(name: str, letters: dict[str, Any]) -> Any:
    """The value of a letter, or of an entry of a matrix; None where it has none yet."""
    try:
        return compute([Token("name", name, 0)], letters).value
    except NoValueError:
        return None


def compute_all(statement: Statement, letters: dict[str, Any]) -> list[Value | None]:
    """The values of the members; None for one with letters that have none."""
    found: list[Value | None] = []
    for relation, member in zip(["", *statement.relations], statement.members, strict=True):
        try:
            found.append(compute(member, letters, relation == r"\approx"))
        except NoValueError:
            found.append(None)
    return found


def define(statement: Statement, letters: dict[str, Any]) -> str:
    """The name of a function that is defined here, f(u) = ..., or an empty text."""
    left = [token.text for token in statement.members[0]]
    if len(left) != 4 or left[1] + left[3] != "()" or left[0] in (*letters, *FUNCTIONS):
        return ""
    body, argument, known = statement.members[1], left[2], {**letters}
    letters[left[0]] = lambda at: compute(body, {**known, argument: at}).value
    return left[0]


def identity(statement: Statement, letters: dict[str, Any]) -> int:
    """What holds for any value of the one letter that has none: how often it was found so."""
    names = {token.text for part in statement.members for token in part if token.kind == "name"}
    names -= {*FUNCTIONS, *letters}
    unknown = [name for name in names if compute_one(name, letters) is None]
    if len(unknown) != 1 or len(statement.members) < 2 or lone(statement.members[0]):
        return 0
    tried = ({**letters, unknown[0]: sample} for sample in SAMPLES)
    return sum(compare(statement, compute_all(statement, each)) for each in tried)


def compare(statement: Statement, values: list[Value | None]) -> int:
    """How many members were found to be what the one before, as far as it has a value, says."""
    count, before = 0, None
    for value, relation in zip(values, ["=", *statement.relations], strict=True):
        if value is not None and before is not None:
            check(statement.text, before.value, relation, value)
            count += 1
        before = value or before
    return count


def check(text: str, before: Any, relation: str, after: Value) -> None:
    if np.shape(before) != np.shape(after.value):
        raise FormulaError(f"{text}: shapes {np.shape(before)} and {np.shape(after.value)}")
    if relation in (r"\lt", r"\gt"):
        sound = before < after.value if relation == r"\lt" else before > after.value
    else:
        sound = agree(before, after)
    if not np.all(sound):
        raise FormulaError(f"{text}: {before} is not {after.value}")


def agree(one: Any, other: Value) -> bool:
    """Whether a value is another, as exactly as that is given."""
    size = np.maximum(np.abs(one), np.abs(other.value))
    return bool(np.all(np.abs(one - other.value) <= EXACT * size + other.doubt))
