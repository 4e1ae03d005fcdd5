"""docs/backpropagation.md is true: its formulas, its letters as the engine has them, its quotes.

A formula that is new there is computed without a word here; a new letter wants its place in
backpropagation_engine.py, a new sign in latex_reader.py.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from backpropagation_engine import BETWEEN, NAME, engine
from latex_numbers import Numbers, Statement, agree, formulas, statements
from latex_reader import FormulaError, Token

from glassnet.activations import ACTIVATIONS, LeakyReLU

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / NAME).read_text(encoding="utf-8")
SOURCE = ROOT / "src" / "glassnet"
WITHOUT_CODE = re.sub(r"```.*?```|`[^`\n]*`", "", PAGE, flags=re.DOTALL)
QUOTE = re.compile(r"^> \[([\w/.]+)\]\(\.\./src/glassnet/([\w/.]+)\): (.*)$", re.MULTILINE)
SIGNS = (
    r"approx|begin|cdot|cr|delta|Delta|ell|end|eta|frac|gt|hat|lambda|lim|ln|lt|lvert|mathbf|mathrm"
    r"|max|odot|partial|qquad|rvert|sigma|sqrt|sum|tanh|to|top|varepsilon"
)
"""What stands after a backslash: MathJax and KaTeX draw it, and GitHub forbids none of it."""


# What the engine says


def compare_with_engine(numbers: Numbers) -> None:
    for place, value in engine().items():
        printed = numbers.printed[place]
        if not agree(value, printed._replace(value=np.squeeze(printed.value))):
            raise FormulaError(f"{place}: the engine has {value}, the page {printed.value}")


def read_page() -> Numbers:
    numbers = Numbers()
    for statement in statements(PAGE):
        numbers.read(statement)
    return numbers


def test_letters_of_the_networks_have_the_numbers_of_the_engine() -> None:
    numbers = read_page()
    compare_with_engine(numbers)
    of_networks = {place for place in numbers.printed if place[0] in ("xor", "classes")}
    assert {letter for _, letter in of_networks - {*engine()}} == BETWEEN


def test_functions_of_the_page_are_the_activations_of_the_engine() -> None:
    letters = read_page().spaces["activations"]
    scores = np.array([[-2.3, -0.4, 0.0, 0.7, 4.0]])
    same = {r"\sigma": "sigmoid", "f": LeakyReLU(0.1), "g": "relu"}
    for letter, given in same.items():
        activation = ACTIVATIONS[given] if isinstance(given, str) else given
        outputs = np.empty_like(scores)
        activation.forward(scores, outputs)
        page = [letters[letter](score) for score in scores[0].tolist()]
        np.testing.assert_allclose(page, outputs[0], rtol=1e-14)


# Every formula, every digit


def test_every_formula_with_a_number_is_recomputed() -> None:
    numbers, compared, given = Numbers(), 0, 0
    for statement in statements(PAGE):
        count, settled = numbers.read(statement)
        compared, given = compared + bool(count), given + bool(settled and not count)
        if not count and not settled:  # a limit, or a sum over any number of classes
            assert statement.numbers == []
            assert re.search(r"\\lim|\\sum", statement.text)
    assert compared >= 100
    assert given <= 40


def test_no_formula_is_overlooked() -> None:
    found = list(formulas(PAGE))
    assert WITHOUT_CODE.count("$") == 4 * len(found)
    rest = WITHOUT_CODE
    for text, _, _ in found:
        rest = rest.replace(f"$${text}$$", "")
    assert re.findall(r"[=≈]", rest) == ["=", "≈"]  # where the page says what these mean


def alternatives(token: Token) -> list[str]:
    """What a misprint could make of a number or a sign: one digit changed, plus for minus."""
    if token.text in ("+", "-"):
        return ["-" if token.text == "+" else "+"]
    places = range(len(token.text)) if token.kind == "number" else ()
    return [
        token.text[:place] + digit + token.text[place + 1 :]
        for place in places
        for digit in "0123456789"
        if digit != token.text[place] != "."
    ]


def misprints(statement: Statement) -> Iterator[tuple[str, Statement]]:
    """(what was changed, the statement with that), for each thing that could be."""
    for token in (each for member in statement.members for each in member):
        for text in alternatives(token):
            members = [
                [each._replace(text=text) if each is token else each for each in member]
                for member in statement.members
            ]
            what = f"{statement.text}: {token.text} as {text}"
            yield what, replace(statement, members=members)


def is_noticed(numbers: Numbers, rest: list[Statement]) -> bool:
    """Whether reading on, or the comparison with the engine, finds something wrong."""
    try:
        for statement in rest:
            numbers.read(statement)
        compare_with_engine(numbers)
    except FormulaError:
        return True
    return False


def test_no_digit_and_no_sign_of_a_formula_can_be_changed_unnoticed() -> None:
    every, numbers, tried, unnoticed = statements(PAGE), Numbers(), 0, []
    for index, statement in enumerate(every):
        before = numbers.copy()
        if any(numbers.read(statement)) or statement.numbers:
            for what, wrong in misprints(statement):
                tried += 1
                if not is_noticed(before.copy(), [wrong, *every[index + 1 :]]):
                    unnoticed.append(what)
    assert unnoticed == []
    assert tried >= 10_000


def test_a_number_with_decimals_in_the_text_is_one_of_a_formula() -> None:
    prose = re.sub(r"\$\$.*?\$\$|\]\([^)]*\)", "", WITHOUT_CODE)
    known = {number.text for statement in statements(PAGE) for number in statement.numbers}
    assert {*re.findall(r"\d+\.\d+", prose)} - known == set()


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        (r"s = 0.5 \cdot (-2) + 3 = 2", True),
        (r"s = 0.5 \cdot (-2) + 3 = 2.1", False),
        (r"\frac{1}{3} \approx 0.3333", True),
        (r"\frac{1}{3} \approx 0.3334", False),
        (r"\frac{1}{3} = 0.3333", False),
        (r"a = 3 \qquad a^2 = 9", True),
        (r"a = 3 \qquad a = 4", False),
        (r"\begin{pmatrix} 1 & 2 \end{pmatrix} \begin{pmatrix} 3 \cr 4 \end{pmatrix} = 11", True),
        (r"\begin{pmatrix} 1 & 2 \end{pmatrix}^\top = \begin{pmatrix} 1 & 2 \end{pmatrix}", False),
        (r"\tanh'(u) = 1 - \tanh(u)^2", True),
        (r"\tanh'(u) = 2 - \tanh(u)^2", False),
        (r"f(u) = u^3 \qquad f'(2) = 12", True),
        (r"f(u) = u^3 \qquad f'(2) = 8", False),
        (r"2 \lt 3 \qquad 3 \gt 2", True),
        (r"2 \gt 3", False),
        (r"\frac{2}{0} = 1", False),
        (r"2 = (2", False),
    ],
)
def test_the_reader_tells_true_from_false(text: str, sound: bool) -> None:
    numbers, told = Numbers(), True
    try:
        assert sum(numbers.read(statement)[0] for statement in statements(f"$${text}$$")) > 0
    except FormulaError:
        told = False
    assert told == sound


# Code and signs


@cache
def code_lines(path: Path) -> frozenset[str]:
    """The lines of a file that are code; docstrings and comments are none."""
    text = path.read_text(encoding="utf-8")
    lines, words = text.splitlines(), set[int]()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            words |= set(range(node.lineno, (node.end_lineno or 0) + 1))
    kept = (line.strip() for number, line in enumerate(lines, 1) if number not in words)
    return frozenset(line for line in kept if line and not line.startswith("#"))


def quoted() -> list[tuple[Path, str]]:
    found = []
    for shown, path, rest in QUOTE.findall(PAGE):
        assert shown == path
        found += [(SOURCE / path, line) for line in re.findall(r"`([^`]+)`", rest)]
    return found


def test_every_quoted_line_stands_in_its_file() -> None:
    assert PAGE.count("](../src/glassnet/") == len(QUOTE.findall(PAGE)) == PAGE.count("\n> ")
    assert [(path.name, line) for path, line in quoted() if line not in code_lines(path)] == []
    assert len(quoted()) >= 40


def test_a_quoted_line_that_was_changed_would_be_missed() -> None:
    for path, line in quoted():
        assert not any(line[:i] + line[i + 1 :] in code_lines(path) for i in range(len(line)))


def test_formulas_are_such_as_github_draws() -> None:
    for text, place, _ in formulas(PAGE):
        assert [s for s in re.findall(r"\\([A-Za-z]+)", text) if not re.fullmatch(SIGNS, s)] == []
        # Markdown would take an underscore after a sign for emphasis, and a backslash before one
        # for an escape; a formula is a paragraph of its own.
        assert not re.search(r"[^A-Za-z0-9]_|\\[^A-Za-z]|[*<>|~`\n]", text), text
        assert PAGE[place - 4 : place] == "\n\n$$", text
        assert PAGE[place + len(text) :].startswith("$$\n\n"), text
