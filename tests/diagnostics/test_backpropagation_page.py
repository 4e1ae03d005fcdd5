"""docs/backpropagation.md is true: its formulas, its letters as the engine has them, its quotes.

A formula that is new there is computed without a word here; a new letter of one of the two networks
wants its place in `xor_numbers` or `class_numbers`, or in BETWEEN.
"""

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from latex_numbers import Numbers, Statement, agree, formulas, statements
from latex_reader import FormulaError, Token
from test_docs import blocks, run_python

from glassnet import Network
from glassnet.activations import ACTIVATIONS, LeakyReLU
from glassnet.core.optimizer import Optimizer
from glassnet.core.passes import Batch
from glassnet.core.stepping import Stepper
from glassnet.initializers import glorot_variance, he_variance
from glassnet.losses import Logistic, SoftmaxCrossEntropy
from glassnet.optimizers import SGD, Adam

ROOT = Path(__file__).parents[2]
NAME = "docs/backpropagation.md"
PAGE = (ROOT / NAME).read_text(encoding="utf-8")
SOURCE = ROOT / "src" / "glassnet"
WITHOUT_CODE = re.sub(r"```.*?```|`[^`\n]*`", "", PAGE, flags=re.DOTALL)
QUOTE = re.compile(r"^> \[([\w/.]+)\]\(\.\./src/glassnet/([\w/.]+)\): (.*)$", re.MULTILINE)
SIGNS = (
    r"approx|begin|cdot|cr|delta|Delta|ell|end|eta|frac|gt|hat|lambda|lim|ln|lt|lvert|mathbf|mathrm"
    r"|max|odot|partial|qquad|rvert|sigma|sqrt|sum|tanh|to|top|varepsilon"
)
"""What stands after a backslash: all of it is drawn by GitHub, by MathJax and by KaTeX."""

BETWEEN = {r"\frac{\partial K}{\partial p}", r"\frac{\partial p}{\partial s}", r"\hat{m}"}
BETWEEN |= {r"\hat{a}", "M", r"\frac{\partial L}{\partial H}", r"\mathbf{1}", r"\eta", r"\lambda"}
"""Letters of the networks that the engine has in no array of its own, or writes over."""


# What the engine says


@cache
def namespaces() -> dict[int, dict[str, Any]]:
    """The names after the first block with each network, by its number of outputs."""
    names: dict[str, Any] = {"__name__": "page"}
    found: dict[int, dict[str, Any]] = {}
    for block in blocks(NAME):
        if block.language == "python" and len(found) < 2:
            run_python(block, names)
            found.setdefault(names["net"].layers[-1], {**names})
    return found


def gradients(net: Network) -> dict[str, Any]:
    first, second = net.passes.dense
    found = {"W": first.weight_gradients, "b": first.bias_gradients}
    found |= {"V": second.weight_gradients, "c": second.bias_gradients}
    return {rf"\frac{{\partial L}}{{\partial {name}}}": each for name, each in found.items()}


def parameters(net: Network, mark: str = "") -> dict[str, Any]:
    (W, V), (b, c) = net.weights, net.biases
    return {name + mark: each.copy() for name, each in zip("WVbc", (W, V, b, c), strict=True)}


def learn(net: Network, batch: Batch, **decay: float) -> tuple[float, list[Any]]:
    work = net.passes.workspace(batch.rows)
    loss = net.passes.loss_and_gradients(net.settled_loss("test"), batch, work, **decay)
    return float(loss), work.traces


def stepped(net: Network, batch: Batch, optimizer: Optimizer, steps: int) -> tuple[Network, Any]:
    """A copy after so many steps, and the memory of the optimizer: (slots, parameters)."""
    twin = copy.deepcopy(net)
    stepper = Stepper(optimizer, twin.passes)
    for _ in range(steps):
        learn(twin, batch)
        assert stepper.step(optimizer.learning_rate) == ""
    return twin, stepper.slots


def xor_numbers(net: Network, batch: Batch, loss: float, traces: list[Any]) -> dict[str, Any]:
    hidden, last = traces
    z, h, s = hidden.scores, hidden.outputs, last.scores
    found = parameters(net) | gradients(net) | {"x": batch.inputs, "y": batch.targets, "L": loss}
    found |= {"z": z, "z_1": z[0, 0], "z_2": z[0, 1], "h": h, "h_1": h[0, 0], "h_2": h[0, 1]}
    found |= {"s": s, r"\delta_s": last.delta, r"\delta_z": hidden.delta}
    for number, slope in enumerate(gradients(net)[r"\frac{\partial L}{\partial V}"], 1):
        found[rf"\frac{{\partial L}}{{\partial v_{number}}}"] = slope
    slope = np.empty_like(s)
    found |= {"p": Logistic().link(s.copy()), "K": Logistic().compute(s, batch.targets, slope)}
    return found | {r"\frac{\partial K}{\partial s}": slope} | steps(net, batch)


def steps(net: Network, batch: Batch) -> dict[str, Any]:
    """What the page says of sections 10, 11 and 13."""
    new, _ = stepped(net, batch, SGD(0.1, momentum=0.0), 1)
    loss, (hidden, last) = learn(new, batch)
    found = parameters(new, "_{new}") | {"L_{new}": loss}
    found |= {"h_{new}": hidden.outputs, "s_{new}": last.scores}
    found |= {"g_1": net.gradients[-1], "g_2": new.gradients[-1]}
    up = copy.deepcopy(net)
    up.parameters += 0.1 * net.gradients
    found |= parameters(up, "_{up}") | {"L_{up}": learn(up, batch)[0]}
    for count in (1, 2):
        moved, velocity = stepped(net, batch, SGD(0.1, momentum=0.9), count)
        found[f"q_{count}"] = velocity[0, -1]
    found["c_2"] = moved.biases[1]
    adapted, (mean, squares) = stepped(net, batch, Adam(0.005), 1)
    found |= {"m": mean[-1], "a": squares[-1], "c_{adam}": adapted.biases[1]}
    twin = copy.deepcopy(net)
    learn(twin, batch, decay=0.01)
    return found | {"D": twin.passes.dense[0].weight_gradients}


def class_numbers(net: Network, batch: Batch, loss: float, traces: list[Any]) -> dict[str, Any]:
    hidden, last = traces
    S, slope = last.scores, np.empty_like(last.scores)
    found = parameters(net) | gradients(net) | {"X": batch.inputs, "L": loss, "S": S}
    found |= {"Z": hidden.scores, "H": hidden.outputs, "Y": np.eye(3)[batch.targets]}
    found |= {r"\Delta_S": last.delta, r"\Delta_Z": hidden.delta}
    found["P"] = P = SoftmaxCrossEntropy().link(S.copy())
    found["p_{11}"] = P[0, 0]
    one, two = SoftmaxCrossEntropy().compute(S, batch.targets, slope)
    weighted = replace(batch, weights=np.array([1.0, 3.0]))
    return found | {r"\ell_1": one, r"\ell_2": two, "L_r": learn(copy.deepcopy(net), weighted)[0]}


@cache
def engine() -> dict[tuple[str, str], Any]:
    """What the engine has for (space, letter)."""
    found = {}
    for space, outputs, numbers in (("xor", 1, xor_numbers), ("classes", 3, class_numbers)):
        names = namespaces()[outputs]
        net, batch, loss, work = (names[name] for name in ("net", "batch", "loss", "work"))
        letters = numbers(net, batch, loss, work.traces)
        found |= {(space, letter): np.squeeze(value) for letter, value in letters.items()}
    found["start", "v_{he}"] = he_variance(256, 1)
    found["start", "v_{glorot}"] = glorot_variance(64, 32)
    return found


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
        assert count or settled or not statement.numbers, statement.text
    assert compared >= 100
    assert given <= 40


def test_no_formula_is_overlooked() -> None:
    found = list(formulas(PAGE))
    assert WITHOUT_CODE.count("$") == 4 * len(found)
    rest = WITHOUT_CODE
    for text, _, _ in found:
        rest = rest.replace(f"$${text}$$", "")
    assert re.findall(r"[=≈]", rest) == ["=", "≈"]  # where the page says what these mean


def changed(statement: Statement) -> Iterator[tuple[str, Statement]]:
    """The statement with one digit of one number changed, each in turn."""
    for number in statement.numbers:
        for place, digit in enumerate(number.text):
            if digit != ".":
                other = str((int(digit) + 1) % 10)
                text = number.text[:place] + other + number.text[place + 1 :]
                members = [
                    [Token("number", text, each.place) if each is number else each for each in part]
                    for part in statement.members
                ]
                yield (
                    f"{statement.text}: {number.text} as {text}",
                    replace(statement, members=members),
                )


def is_noticed(numbers: Numbers, rest: list[Statement]) -> bool:
    """Whether reading on, or the comparison with the engine, finds something wrong."""
    try:
        for statement in rest:
            numbers.read(statement)
        compare_with_engine(numbers)
    except FormulaError:
        return True
    return False


def test_no_digit_of_a_formula_can_be_changed_unnoticed() -> None:
    every, numbers, tried, unnoticed = statements(PAGE), Numbers(), 0, []
    for index, statement in enumerate(every):
        for what, wrong in changed(statement):
            tried += 1
            if not is_noticed(numbers.copy(), [wrong, *every[index + 1 :]]):
                unnoticed.append(what)
        numbers.read(statement)
    assert unnoticed == []
    assert tried >= 1500


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
