"""A worked example as Markdown, with LaTeX between $$, as GitHub and notebooks show it.

No backslash stands before a sign, where some readers of Markdown would take it away.
"""

import ast
import re
from collections.abc import Sequence
from typing import ClassVar

from .text import WIDTH, Block, Heading, Line, Words, Writer, symbol


class Markdown(Writer):
    """Formulas as LaTeX between $$."""

    suffix = ".md"
    times, at_most, unequal = r" \cdot ", r"\le", r"\ne"
    greek: ClassVar = {"delta": r"\delta", "pi": r"\pi"}
    functions: ClassVar = {
        name: f"\\{name}" for name in ("exp", "log", "tanh", "sin", "cos", "max")
    } | {
        "df": "f'",
        "sign": r"\mathrm{sign}",
    }
    forms: ClassVar = {
        "T": r"{{{}}}^{{\top}}",
        "dL": r"\frac{{\partial L}}{{\partial {}}}",
        "abs": r"\left|{}\right|",
        "dots": r"\cdots \text{{ ({} terms)}}",
    }

    def inside(self, blocks: Sequence[Block]) -> str:
        """All of it; the lines of a block share one pair of $$."""
        parts = []
        for number, block in enumerate(blocks):
            if isinstance(block, Heading):
                parts.append(f"{'##' if number else '#'} {self.prose(block.text)}")
            elif isinstance(block, Words):
                parts.append(self.words(block))
            else:
                lines = " \\cr\n".join(map(self.line, block))
                parts.append(f"$$\n\\begin{{aligned}}\n{lines}\n\\end{{aligned}}\n$$")
        return "\n\n".join(parts) + "\n"

    def prose(self, text: str) -> str:
        return re.sub(r"([\\`*_{}\[\]<>#|~$&])", r"\\\1", text)

    def code(self, text: str) -> str:
        return "`" + text.replace("`", "'") + "`"

    def among_words(self, formula: str) -> str:
        return f"${formula}$"

    def line(self, line: Line) -> str:
        first, *rest = map(self.formula, line.sides)
        label = rf"\text{{{line.label}: }} " if line.label else ""
        apart = " \\cr\n&= " if sum(map(len, rest)) > 2 * WIDTH else " = "
        return f"{label}{first} &= " + apart.join(rest)

    def signs(self) -> dict[type[ast.cmpop], str]:
        return super().signs() | {ast.Gt: r"\gt", ast.Lt: r"\lt"}

    def small(self, mantissa: str, exponent: int) -> str:
        return rf"{mantissa} \cdot 10^{{{exponent}}}"

    def symbol(self, name: str) -> str:
        letters, layer, places = symbol(name)
        above, below = f"^{{({layer})}}" if layer else "", f"_{{{places}}}" if places else ""
        return self.greek.get(letters, letters) + above + below

    def power(self, base: str, exponent: str) -> str:
        return f"{{{base}}}^{{{exponent}}}"

    def quotient(self, over: ast.expr, under: ast.expr) -> str:
        return rf"\frac{{{self._of(over)[0]}}}{{{self._of(under)[0]}}}"

    def brackets(self, text: str) -> str:
        return rf"\left({text}\right)"
