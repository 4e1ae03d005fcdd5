"""A worked example as HTML: plain elements with sub and sup, no scripts, nothing from elsewhere.

It goes with light and dark pages: it takes their colours, and has none but half-transparent ones.
"""

import ast
import html
from collections.abc import Sequence
from typing import ClassVar

from .text import Block, Heading, Line, Words, Writer, symbol

STYLE = """<style>
.gn{font:1rem/1.5 system-ui,sans-serif;max-width:62rem;margin:auto;padding:0 1rem}
.gn h1{font-size:1.4rem}.gn h2{font-size:1.1rem;margin:1.6rem 0 .2rem}.gn p{margin:.3rem 0}
.gn ul{list-style:none;margin:.3rem 0;padding:.4rem .9rem;background:rgba(128,128,128,.12);
border-left:3px solid #4a90d9;display:flex;flex-wrap:wrap;gap:.1rem 2.5rem}
.gn li,.gn var{font-family:Cambria,"STIX Two Text",Georgia,serif;overflow-wrap:anywhere}
.gn li{font-size:1.05rem;margin:0}.gn b{font-weight:600}
.gn sub,.gn sup{font-size:.7em;line-height:0}
</style>"""


class Html(Writer):
    """Plain elements with sub and sup: no scripts, nothing from elsewhere."""

    suffix = ".html"
    times, minus, at_most, unequal = "·", "−", "≤", "≠"
    greek: ClassVar = {"delta": "δ", "pi": "π"}
    forms: ClassVar = {
        "T": "{}<sup>⊤</sup>",
        "dL": "∂<var>L</var>/∂{}",
        "abs": "|{}|",
        "dots": "… ({} terms)",
    }

    def page(self, blocks: Sequence[Block]) -> str:
        """All of it, as a page of its own."""
        title = next(block.text for block in blocks if isinstance(block, Heading))
        head = f'<meta charset="utf-8"><title>{html.escape(title)}</title>'
        view = '<meta name="viewport" content="width=device-width,initial-scale=1">'
        scheme = "<style>:root{color-scheme:light dark}</style>"
        body = f"<body>\n{self.inside(blocks)}</body></html>\n"
        return f'<!DOCTYPE html>\n<html lang="en"><head>{head}{view}{scheme}</head>\n{body}'

    def inside(self, blocks: Sequence[Block]) -> str:
        """All of it, with its style, to stand in any page."""
        parts = []
        for number, block in enumerate(blocks):
            if isinstance(block, Heading):
                tag = "h2" if number else "h1"
                parts.append(f"<{tag}>{self.prose(block.text)}</{tag}>")
            elif isinstance(block, Words):
                parts.append(f"<p>{self.words(block)}</p>")
            else:
                items = "\n".join(f"<li>{self.line(line)}</li>" for line in block)
                parts.append(f"<ul>\n{items}\n</ul>")
        return "\n".join([f'<div class="gn">{STYLE}', *parts, "</div>\n"])

    def prose(self, text: str) -> str:
        return html.escape(text)

    def code(self, text: str) -> str:
        return f"<code>{html.escape(text)}</code>"

    def line(self, line: Line) -> str:
        label = f"{html.escape(line.label)}: " if line.label else ""
        *sides, last = map(self.formula, line.sides)
        return label + " = ".join([*sides, f"<b>{last}</b>"])

    def among_words(self, formula: str) -> str:
        return f"<span>{formula}</span>"

    def signs(self) -> dict[type[ast.cmpop], str]:
        return super().signs() | {ast.Gt: "&gt;", ast.Lt: "&lt;"}

    def small(self, mantissa: str, exponent: int) -> str:
        return f"{mantissa}·10<sup>{exponent}</sup>".replace("-", self.minus)

    def symbol(self, name: str) -> str:
        letters, layer, places = symbol(name)
        above = f"<sup>({layer})</sup>" if layer else ""
        below = f"<sub>{places}</sub>" if places else ""
        return f"<var>{self.greek.get(letters, letters)}</var>{above}{below}"

    def power(self, base: str, exponent: str) -> str:
        return f"{base}<sup>{exponent}</sup>"
