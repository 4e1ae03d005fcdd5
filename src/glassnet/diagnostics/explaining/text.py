"""What a worked example is made of, and how it is written as plain text.

A block is a heading, words, or lines of formulas; a formula is in Python's notation, and a `Writer`
gives each of its parts its form. To add a format: a subclass, and a line in FORMS (explanation.py).
"""

import ast
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ...core.checks import show

WIDTH, KEPT = 100, "\xa0"
"""Columns of a page of text, and a space at which no line ends."""

_SUM, _PRODUCT, _POWER, _ATOM = range(4)


class Math(str):
    """A formula among words."""


class Code(str):
    """What one types, among words."""


def name(given: object) -> Code:
    """A name that a user gave, which may hold anything: quoted unless it is a plain word, in at
    most 80 characters."""
    text = str(given)
    return Code(text if text.isascii() and text.isidentifier() and len(text) < 80 else show(text))


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Words:
    parts: Sequence[str]


@dataclass(frozen=True)
class Line:
    """Sides that are equal, formulas or numbers; `label` stands in front ("row 2")."""

    sides: Sequence[str | float]
    label: str = ""


Block = Heading | Words | tuple[Line, ...]


class Writer:
    """Plain text; the other formats change what is written differently there."""

    suffix = ".txt"
    times, minus, at_most, unequal = "·", "-", "<=", "!="
    functions: ClassVar[Mapping[str, str]] = {"df": "f'"}
    forms: ClassVar[Mapping[str, str]] = {
        "T": "{}'",
        "dL": "dL/d{}",
        "abs": "|{}|",
        "dots": "… ({} terms)",
    }

    def __init__(self, digits: int) -> None:
        self.digits = digits

    def page(self, blocks: Sequence[Block]) -> str:
        """All of it, as a file."""
        return self.inside(blocks)

    def inside(self, blocks: Sequence[Block]) -> str:
        """All of it, as a part of a page. Words go on in the line of their heading."""
        lines: list[str] = []
        heading = ""
        for block in blocks:
            if isinstance(block, Heading):
                lines.append("")
                heading = block.text + ". "
            elif isinstance(block, Words):
                lines += _wrapped(heading + self.words(block))
                heading = ""
            else:
                lines += _packed([self.line(each) for each in block])
        if any("e-" in line and line.startswith("  ") for line in lines):
            lines[-1:] = _wrapped(lines[-1] + " (2e-05 means 2 divided by 10 five times.)")
        return "\n".join(lines[1:]).replace(KEPT, " ") + "\n"

    def words(self, words: Words) -> str:
        """Words with the formulas and names in them."""
        return "".join(map(self.part, words.parts))

    def part(self, part: str) -> str:
        """Some of the words, by their kind."""
        if isinstance(part, Math):
            return self.among_words(self.formula(part))
        return self.code(part) if isinstance(part, Code) else self.prose(part)

    def prose(self, text: str) -> str:
        return text

    def code(self, text: str) -> str:
        return text

    def among_words(self, formula: str) -> str:
        return formula.replace(" ", KEPT)

    def line(self, line: Line) -> str:
        label = f"{line.label}: " if line.label else ""
        return label + " = ".join(self.formula(side) for side in line.sides)

    def formula(self, formula: str | float) -> str:
        """A formula in Python's notation, or a number, as this format has it."""
        return self._of(ast.parse(str(formula), mode="eval").body)[0]

    def _of(self, node: ast.expr) -> tuple[str, int]:
        """What is written for a part of a formula, and how tightly it holds together."""
        match node:
            case ast.Constant(value=value):
                return self.number(value)
            case ast.Name(id=name):
                return self.symbol(name), _ATOM
            case ast.UnaryOp(operand=ast.Constant(value=0)):  # no minus before it
                return "0", _ATOM
            case ast.UnaryOp(operand=operand):
                return self.minus + self._right(operand, _PRODUCT), _SUM
            case ast.Call(func=ast.Name(id=name), args=args):
                return self.call(name, args), _ATOM
            case ast.Compare(left=left, ops=[sign], comparators=[right]):
                between = self.signs()[type(sign)]
                return f"{self._of(left)[0]} {between} {self._of(right)[0]}", _SUM
        assert isinstance(node, ast.BinOp)
        return self.operation(node.left, node.op, node.right)

    def operation(self, left: ast.expr, sign: ast.operator, right: ast.expr) -> tuple[str, int]:
        """Two parts and what is between them."""
        match sign:
            case ast.Add():
                first, second = self._of(left)[0], self._of(right)[0]
                if second.startswith(self.minus):
                    return f"{first} {self.minus} {second.removeprefix(self.minus)}", _SUM
                return f"{first} + {second}", _SUM
            case ast.Sub():
                less = self._right(right, _PRODUCT)
                return f"{self._of(left)[0]} {self.minus} {less}", _SUM
            case ast.Mult():
                return self._left(left) + self.times + self._right(right, _PRODUCT), _PRODUCT
            case ast.MatMult():
                return f"{self._of(left)[0]} {self._of(right)[0]}", _PRODUCT
            case ast.Div():
                return self.quotient(left, right), _PRODUCT
        return self.power(self._right(left, _ATOM), self._of(right)[0]), _POWER

    def _left(self, node: ast.expr) -> str:
        """The left part of a product, which may begin with a minus."""
        text, level = self._of(node)
        negative = isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)
        return text if level >= _PRODUCT or negative else self.brackets(text)

    def _right(self, node: ast.expr, least: int) -> str:
        text, level = self._of(node)
        plain = level >= least and not text.startswith(self.minus)
        return text if plain else self.brackets(text)

    def quotient(self, over: ast.expr, under: ast.expr) -> str:
        return f"{self._left(over)}/{self._right(under, _POWER)}"

    def brackets(self, text: str) -> str:
        return f"({text})"

    def signs(self) -> dict[type[ast.cmpop], str]:
        """What stands for comparisons."""
        return {
            ast.Gt: ">",
            ast.Lt: "<",
            ast.LtE: self.at_most,
            ast.Eq: "=",
            ast.NotEq: self.unequal,
        }

    def number(self, value: Any) -> tuple[str, int]:
        """A number of at least 0, with the digits that count, or all before its point."""
        digits = str(value) if isinstance(value, int) else in_digits(value, self.digits)
        mantissa, _, exponent = digits.partition("e")
        return (self.small(mantissa, int(exponent)), _PRODUCT) if exponent else (digits, _ATOM)

    def small(self, mantissa: str, exponent: int) -> str:
        return f"{mantissa}e{exponent:+03d}"

    def symbol(self, name: str) -> str:
        letters, layer, places = symbol(name)
        return f"{letters}{layer}_{places}" if places else letters + layer

    def power(self, base: str, exponent: str) -> str:
        return f"{base}^{exponent}"

    def call(self, name: str, args: list[ast.expr]) -> str:
        """A function, or what is written like one here: T transposed, dL d loss / d, abs, dots."""
        inside = ", ".join(self._of(each)[0] for each in args)
        match name:
            case "T" | "dL" | "abs" | "dots":
                return self.forms[name].format(inside)
        return self.functions.get(name, name) + self.brackets(inside)


def symbol(name: str) -> tuple[str, str, str]:
    """('W', '1', '2,3') for 'W1_2_3', the entry 2, 3 of W of layer 1."""
    first, *places = name.split("_")
    letters = first.rstrip("0123456789")
    return letters, first[len(letters) :], ",".join(places)


def in_digits(value: float, digits: int) -> str:
    """At least so many significant digits, all before the point: 12346, 0.1235, 1.2e-05."""
    text = f"{value:.{digits}g}"
    if "e+" in text and abs(value) < 1e16:
        return f"{value:.0f}"
    return text


def _packed(lines: list[str]) -> list[str]:
    """Short lines side by side, long ones wrapped."""
    longest = max(map(len, lines))
    columns = WIDTH // (longest + 2)
    if columns > 1:
        wide = min(longest + 4, WIDTH // columns)
        starts = range(0, len(lines), columns)
        rows = ["".join(f"{one:<{wide}}" for one in lines[i : i + columns]) for i in starts]
        return ["  " + row.rstrip() for row in rows]
    return [part for line in lines for part in _wrapped(line, "  ", " " * 6)]


class _Wrapper(textwrap.TextWrapper):
    """Lines end at a space, or after the sign of a product."""

    wordsep_simple_re = re.compile("( +|(?<=·))")


def _wrapped(text: str, first: str = "", later: str = "") -> list[str]:
    """Lines that fit, with what they are indented by."""
    form = _Wrapper(WIDTH, break_on_hyphens=False, initial_indent=first, subsequent_indent=later)
    return form.wrap(text)
