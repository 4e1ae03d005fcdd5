"""C source, piece by piece: the user's texts, exact numbers, arrays, the row of a table.

Texts pass through `quoted` and `comment`, which leave plain ASCII without anything that could end
a literal or a comment. To write another kind of constant, add a function as `array`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from string import Template
from typing import Any, Final

import numpy as np

from ..base import Array, RefusedError
from .model import Column

MOST_TEXT: Final = 4095
"""Bytes of a literal that every C99 compiler takes."""

_SPECIAL: Final = re.compile(rb"[^A-Za-z0-9 !#-&(->@\[\]^_`{|}~]")
"""Quotes, backslashes, question marks (trigraphs), and all that is not printable ASCII."""

_FIND: Final = Template("""
static inline int ${N}_find(const char *text, const char *const *known, int count) {
    for (int k = 0; text && k < count; k++) {
        int i = 0;
        while (text[i] && text[i] == known[k][i]) i++;
        if (text[i] == known[k][i]) return k;
    }
    return -1;
}
""")

_ENCODE: Final = Template("""
/* A row of the table, in the order of its columns. */
typedef struct {
$fields
} ${N}_row;

/* Fills inputs from a row; gives 0, or the number (1, 2, ...) of the first column whose text is
   none of its categories: all inputs of such a column are 0. Texts are UTF-8. */
static inline int ${N}_encode(const ${N}_row *row, $real *inputs) {
    int unknown = 0;
    for (int k = 0; k < ${M}_INPUTS; k++) inputs[k] = 0;
$steps
    return unknown;
}
""")

_CATEGORY: Final = Template("""\
    {
        const int place = ${N}_find(row->$field, ${N}_categories_$number, $count);
        if (place >= 0) inputs[$start + place] = 1;
        else if (!unknown) unknown = $number;
    }""")


def quoted(text: str) -> str:
    """A text of the user's as a literal, in UTF-8; a NUL, which would end it, as C0 80 (the
    "modified UTF-8" of Java).

    Raises:
        RefusedError: it is longer than C99 allows.
    """
    data = text.encode("utf-8", "surrogatepass").replace(b"\0", b"\xc0\x80")
    if len(data) > MOST_TEXT:
        reason = f"the text {comment(text[:20])}... has over {MOST_TEXT} bytes: too many for C99"
        raise RefusedError("header", reason)
    return '"' + _SPECIAL.sub(_octal, data).decode("ascii") + '"'


def _octal(found: re.Match[bytes]) -> bytes:
    return b"\\%03o" % found[0][0]


def comment(text: str) -> str:
    """A text of the user's within a comment: quoted, cut to 60 characters."""
    words = json.dumps(text if len(text) <= 60 else text[:57] + "...")
    return words.replace("*", "\\u002a").replace("?", "\\u003f")


def literal(value: Any, dtype: np.dtype[Any]) -> str:
    """A number of this dtype, exact."""
    return f"{dtype.type(value)!s}{'f' if dtype.itemsize == 4 else ''}"


def numbers(name: str, values: Array) -> str:
    """An array of constants, exact; `values` may be int8, float32 or float64."""
    kinds = {"int8": ("signed char", ""), "float32": ("float", "f"), "float64": ("double", "")}
    kind, end = kinds[str(values.dtype)]
    return array(kind, name, [f"{value!s}{end}" for value in values.ravel()])


def array(kind: str, name: str, entries: Sequence[str]) -> str:
    """An array of constants, in lines of bearable length."""
    lines, line = [], "   "
    for entry in entries:
        if len(line) + len(entry) > 98:
            lines.append(line)
            line = "   "
        line += f" {entry},"
    body = "\n".join([*lines, line])
    return f"\nstatic const {kind} {name}[{len(entries)}] = {{\n{body}\n}};\n"


def texts(name: str, values: Iterable[str]) -> str:
    """An array of the user's texts."""
    return array("char *const", name, [quoted(each) for each in values])


def table(columns: Sequence[Column], words: dict[str, Any]) -> Iterator[str]:
    """A struct for a row of the user's table, and the function that makes inputs of it."""
    fields, steps, start = [], [], 0
    for number, (column, field) in enumerate(zip(columns, _fields(columns), strict=True), 1):
        kind = words["real"] + " "
        step = f"    inputs[{start}] = row->{field};"
        if column.categories is not None:
            kind, count = "const char *", column.width
            named = words | {"field": field, "number": number, "start": start, "count": count}
            step = _CATEGORY.substitute(named)
            yield texts(f"{words['N']}_categories_{number}", column.categories)
        fields.append(f"    {kind}{field}; /* {comment(column.name)}{_categories(column)} */")
        steps.append(step)
        start += column.width
    if any(column.categories is not None for column in columns):
        yield _FIND.substitute(words)
    yield _ENCODE.substitute(words, fields="\n".join(fields), steps="\n".join(steps))


def _fields(columns: Sequence[Column]) -> list[str]:
    """Names of the struct's members: those of the columns, as far as C has such names."""
    found: list[str] = []
    for number, column in enumerate(columns, 1):
        words = re.sub("[^A-Za-z0-9]+", "_", column.name)[:40].strip("_")
        name = f"in_{words or number}"
        found.append(name if name not in found else f"in{number}_{words}")
    return found


def _categories(column: Column) -> str:
    if column.categories is None:
        return ""
    known = ", ".join(map(comment, column.categories[:5]))
    return f": one of {known}{', ...' if column.width > 5 else ''}"
