"""A worked example as Markdown and HTML: the same formulas as in the text, read back from each.

Names of activations, losses, classes and columns may hold anything.
"""

import html
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from explain_reader import Reader, statements

from glassnet import Network, OwnActivation, OwnLoss, datasets
from glassnet.activations import ACTIVATIONS
from glassnet.diagnostics import Explanation, explain
from glassnet.losses import LOSSES, SoftmaxCrossEntropy

ROWS = np.array([[0.5, -1.2, 2e-5], [0.0, 0.3, -0.7]])
VOID = {"meta"}
HOSTILE = "</code><script>alert(1)</script> $$ `x` \\end{aligned} | **b** \n# @me [a](b) \x1b[2J"


def examples() -> list[Explanation]:
    """One for each activation, one for each loss, one of two rows, and one of a large network."""
    found = [
        explain(Network([3, 2, 1], activation=name, seed=1), ROWS[0], 0.7) for name in ACTIVATIONS
    ]
    for loss in (*LOSSES.values(), SoftmaxCrossEntropy(0.1)):
        y = 1 if loss.targets == "labels" else [1, 0] if loss.name != "gamma" else [1, 2]
        outputs = 4 if loss.name == "gaussian" else 2
        found.append(explain(Network([3, 2, outputs], loss=loss, seed=1), ROWS[0], y))
        two = [y, y]
        found.append(explain(Network([3, outputs], loss=loss, seed=1), ROWS, two))
    X, y = datasets.load_digits()
    return [*found, explain(Network([64, 20, 10], seed=0), X[0], y[0])]


EXAMPLES = examples()


def of_text(found: Explanation) -> list[str]:
    """Each formula of the text in one line, without spaces."""
    lines = []
    for each in statements(found.text):
        label = f"{each.label}:" if each.label else ""
        lines.append(label + "=".join([each.left, *each.sides]))
    return [re.sub(r"\s", "", line) for line in lines]


def of_html(page: str) -> list[str]:
    """The same, read from the items of the page."""
    lines = []
    for item in re.findall(r"<li>(.*?)</li>", page, re.DOTALL):
        item = item.replace("−", "-").replace("∂", "d").replace("δ", "delta").replace("π", "pi")
        item = re.sub(r"·10<sup>(-?)(\d+)</sup>", lambda m: f"e{m[1] or '+'}{m[2]:0>2}", item)
        item = re.sub(r"<sup>\((\d+)\)</sup>", r"\1", item)
        item = re.sub(r"<sub>(.*?)</sub>", r"_\1", item)
        item = re.sub(r"<sup>(\d)</sup>", r"^\1", item)
        plain = html.unescape(re.sub(r"</?(b|var)>", "", item))
        assert "<" not in plain
        lines.append(re.sub(r"\s", "", plain))
    return lines


def of_latex(page: str) -> list[tuple[str, str, list[str]]]:
    """(label, left side, other sides) of each formula between $$."""
    lines = []
    for block in re.findall(r"^\$\$\n(.*?)\n\$\$$", page, re.DOTALL | re.MULTILINE):
        assert block.startswith("\\begin{aligned}\n")
        assert block.endswith("\n\\end{aligned}")
        inside = block.removeprefix("\\begin{aligned}\n").removesuffix("\n\\end{aligned}")
        inside = inside.replace(" \\cr\n&= ", " = ")
        for line in inside.split(" \\cr\n"):
            found = re.fullmatch(r"(?:\\text\{(.*?): \} )?(.*?) &= (.*)", line)
            assert found is not None, line
            left, *sides = map(unlatexed, [found[2], *found[3].split(" = ")])
            lines.append((found[1] or "", left, sides))
    return lines


def unlatexed(formula: str) -> str:
    """LaTeX as the reader of texts has it."""
    formula = re.sub(r"\\cdots \\text\{ \((\d+) terms\)\}", r"… (\1 terms)", formula)
    formula = formula.replace(r"\frac{\partial L}{\partial ", "dL/d{").replace("\\left", "")
    formula = formula.replace("\\right", "").replace("\\mathrm{sign}", "sign")
    formula = re.sub(r" \\cdot 10\^\{(-?)(\d+)\}", lambda m: f"e{m[1] or '+'}{m[2]:0>2}", formula)
    formula = formula.replace(" \\cdot ", "·").replace("\\", "")
    formula = re.sub(r"\^\{\((\d+)\)\}", r"\1", formula)
    formula = re.sub(r"_\{([\d,]+)\}", r"_\1", formula)
    while "frac{" in formula or "{" in formula:
        simpler = re.sub(r"\{([^{}]*)\}\^\{(\d)\}", r"\1^\2", formula)
        simpler = re.sub(r"frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", simpler)
        simpler = re.sub(r"(dL/d)\{([^{}]*)\}", r"\1\2", simpler)
        assert simpler != formula, formula
        formula = simpler
    return formula


@pytest.mark.parametrize("found", EXAMPLES, ids=range(len(EXAMPLES)))
def test_html_has_the_very_formulas_of_the_text(found: Explanation) -> None:
    assert of_html(found.html) == of_text(found)


@pytest.mark.parametrize("found", EXAMPLES, ids=range(len(EXAMPLES)))
def test_latex_has_the_formulas_of_the_text_and_each_gives_its_number(found: Explanation) -> None:
    read, wanted = of_latex(found.markdown), statements(found.text)
    assert [(label, left) for label, left, _ in read] == [(s.label, s.left) for s in wanted]
    assert [sides[-1] for _, _, sides in read] == [each.sides[-1] for each in wanted]
    reader = Reader(4, 1e-6)
    for _, _, sides in read:
        for side in sides[:-1]:
            if "…" not in side:
                assert reader.value(side).meets(reader.printed(sides[-1])), side


@pytest.mark.parametrize("found", EXAMPLES, ids=range(len(EXAMPLES)))
def test_markdown_is_well_formed(found: Explanation) -> None:
    page = found.markdown
    assert page.startswith("# ")
    assert page.count("$$") % 2 == 0
    for math in re.findall(r"\$\$?([^$]+)\$\$?", page):
        assert math.count("{") == math.count("}")
        assert math.count(r"\left") == math.count(r"\right")
        # Markdown takes away a backslash before a sign.
        assert not re.search(r"\\[^A-Za-z]", math)
        assert not re.search("[<>&%#]", math.replace("&=", ""))


class Elements(HTMLParser):
    """The elements of a page, and whether each is closed in its turn."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


TAGS = {"html", "head", "meta", "title", "style", "body", "div", "h1", "h2", "p", "ul", "li"}
TAGS |= {"var", "sub", "sup", "b", "code", "span"}


def check_page(page: str) -> None:
    elements = Elements(page)
    assert elements.open == []
    assert elements.seen <= TAGS
    assert elements.attributes <= {"lang", "charset", "name", "content", "class"}
    assert not re.search(r"https?:|url\(|@import", page)


@pytest.mark.parametrize("found", EXAMPLES, ids=range(len(EXAMPLES)))
def test_html_is_well_formed_and_takes_nothing_from_elsewhere(found: Explanation) -> None:
    check_page(found.html)
    check_page(found._repr_html_())
    assert found.html.startswith("<!DOCTYPE html>")
    assert "color-scheme:light dark" in found.html
    assert "<html" not in found._repr_html_()


def hostile_examples() -> list[Explanation]:
    own = OwnActivation(HOSTILE, np.tanh, lambda z: 1 - np.tanh(z) ** 2)
    loss = OwnLoss(HOSTILE, lambda s, t: (s - t) ** 2, lambda s, t: 2 * (s - t))
    classes = Network([3, 2], classes=["a", HOSTILE], seed=0)
    pandas = pytest.importorskip("pandas", reason="to name columns")
    table = pandas.DataFrame({HOSTILE: [1.0, 2.0], "b" * 300: [3.0, 1.0]})
    columns = Network([2, 1], seed=0)
    columns.fit(table, [1.5, 2.5], epochs=1)
    return [
        explain(Network([3, 2, 2], activation=own, loss=loss, seed=0), ROWS[0], [1, 2]),
        explain(classes, ROWS[0], HOSTILE),
        explain(columns, table.iloc[:1], [1.5]),
    ]


@pytest.mark.parametrize("which", range(3))
def test_names_may_hold_anything(which: int) -> None:
    found = hostile_examples()[which]
    check_page(found.html)
    assert "<script" not in found.html
    assert "&lt;script&gt;" in found.html
    assert of_html(found.html) == of_text(found)
    for page in (found.text, found.markdown, found.html):
        assert "\x1b" not in page
        assert "\n# @me" not in page
    outside = re.sub(r"`[^`\n]*`", "", found.markdown)
    assert "script" not in outside
    assert "@me" not in outside
    assert len(of_latex(outside)) == len(statements(found.text))


@pytest.mark.parametrize(
    ("suffix", "name"), [(".txt", "text"), (".md", "markdown"), (".HTML", "html")]
)
def test_a_file_has_the_format_of_its_suffix(tmp_path: Path, suffix: str, name: str) -> None:
    found = EXAMPLES[0]
    path = tmp_path / f"example{suffix}"
    found.save(path)
    assert path.read_text(encoding="utf-8") == getattr(found, name)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"path must end in \.txt, \.md, \.html; got '.*x\.pdf'"):
        EXAMPLES[0].save(tmp_path / "x.pdf")
    with pytest.raises(OSError, match="does not exist"):
        EXAMPLES[0].save(tmp_path / "none" / "x.md")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", ["text", "markdown", "html"])
def test_str_gives_the_format_asked_for(format: str) -> None:
    found = Network([3, 1], seed=0).explain(ROWS[0], 0.5, format=format)
    assert str(found) == getattr(found, format)


def test_a_notebook_gets_html_and_markdown() -> None:
    found = EXAMPLES[0]
    assert found._repr_html_() in found.html
    assert found._repr_markdown_() == found.markdown
    assert repr(found).startswith("<Explanation of <Network [3, 2, 1]")


def test_digits_are_those_asked_for() -> None:
    network: Any = Network([1, 1], loss="squared_error", seed=0)
    assert "x_1 = 0.33" in network.explain([1 / 3], 0.0, digits=2).text.splitlines()[5].split("  ")
    network = Network([1, 1], loss="squared_error", seed=0, dtype="float64")
    assert "0.3333333333333333" in network.explain([1 / 3], 0.0, digits=16).text
