"""A small reader of LaTeX that computes one expression: for the test of docs/backpropagation.md.

`tokens` cuts a formula into signs, `compute` gives the value of some of them. To add a sign or a
function: SIGNS or FUNCTIONS, and a line in `Reader`.
"""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

LETTER = (
    r"(?:\\(?:beta|delta|Delta|ell|eta|lambda|sigma)(?![a-z])|\\(?:hat|mathrm)\{\w+\}"
    r"|\\mathbf\{1\}|[A-Za-z])"
)
NAME = LETTER + r"(?:_\{(?:[^{}]|\{[^{}]*\})*\}|_\w)?"
SIGNS = r"\\(?:cdot|odot|top|max|ln|tanh|frac|sqrt|lvert|rvert|cr)(?![a-z])|[-+/^'(){}&,]"
TOKEN = re.compile(
    rf"(?P<space>\s+)|(?P<relation>=|\\approx(?![a-z])|\\[lg]t(?![a-z]))|(?P<end>\\qquad)"
    rf"|(?P<name>\\frac\{{(?:d|\\partial ){NAME}\}}\{{(?:d|\\partial ){NAME}\}}|{NAME})"
    rf"|(?P<number>\d+(?:\.\d+)?)|(?P<sign>{SIGNS}|\\(?:begin|end)\{{pmatrix\}})"
    r"|(?P<word>\\[a-zA-Z]+(?:_\{[^{}]*\}|_\w)?|.)"
)
ELEMENT = re.compile(r"([a-z])_(?:(\d)|\{(\d)(\d)\})(?=\}?$)")
OPENING, CLOSING = (r"\begin{pmatrix}", "(", "{"), (r"\end{pmatrix}", ")", "}")
TINY = 1e-30


class FormulaError(AssertionError):
    """A formula says what is not so, or cannot be computed."""


class NoValueError(Exception):
    """A letter that has no value, or a sign that is not for computing."""


class Token(NamedTuple):
    kind: str
    text: str
    place: int  # in the page


class Value(NamedTuple):
    value: Any
    doubt: Any = 0.0  # half a unit of the last printed digit, of a member after \approx


def tokens(text: str, start: int = 0) -> Iterator[Token]:
    for found in TOKEN.finditer(text):
        if found.lastgroup != "space":
            yield Token(str(found.lastgroup), found[0], start + found.start())


def _largest(one: Any, other: Any) -> Any:
    """The larger of two, by their real parts: complex steps go through it."""
    return np.where(np.real(one) >= np.real(other), one, other)[()]


def _softmax(scores: Any) -> Any:
    powers = np.exp(scores)
    return powers / powers.sum(axis=-1, keepdims=True)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    r"\max": _largest,
    r"\ln": np.log,
    r"\tanh": np.tanh,
    r"\mathrm{softmax}": _softmax,
}


def _slope(function: Callable[..., Any]) -> Callable[..., Any]:
    """The derivative of a function of one number, by a complex step."""
    return lambda at: np.imag(function(np.asarray(at) + 1j * TINY)) / TINY


def _flat(value: Any) -> Any:
    """A matrix of one number is that number."""
    return value.item() if isinstance(value, np.ndarray) and value.size == 1 else value


class Reader:
    """One member, from left to right; `nudged` is the number (by count) to move by half a unit."""

    def __init__(self, member: list[Token], letters: dict[str, Any], nudged: int = -1) -> None:
        self.rest, self.letters, self.nudged, self.count = [*member], letters, nudged, -1

    def next(self) -> str:
        return self.rest[0].text if self.rest else ""

    def take(self, wanted: str = "") -> Token:
        if not self.rest or (wanted and self.next() != wanted):
            raise FormulaError(f"{wanted or 'more'} is missing before {self.next()!r}")
        return self.rest.pop(0)

    def whole(self) -> Any:
        value = self.sum()
        if self.rest:
            raise NoValueError(self.next())
        return _flat(value)

    def sum(self) -> Any:
        negative = self.next() == "-"
        if self.next() in ("+", "-"):
            self.take()
        value = -self.product() if negative else self.product()
        while self.next() in ("+", "-"):
            value = value + self.product() if self.take().text == "+" else value - self.product()
        return value

    def product(self) -> Any:
        value = self.power()
        while self.rest and self.next() not in ("+", "-", ",", "&", r"\cr", r"\rvert", *CLOSING):
            sign = self.take().text if self.next() in (r"\cdot", r"\odot", "/") else ""
            other = self.power()
            if sign == "/":
                value = value / other
            elif sign != r"\odot" and np.ndim(value) == np.ndim(other) == 2:
                value = value @ other
            else:
                value = value * other
        return value

    def power(self) -> Any:
        value = self.atom()
        while self.next() == "^":
            self.take()
            exponent = self.group()
            if exponent is None:
                value = np.transpose(value)
            elif np.ndim(value):
                raise FormulaError("the power of a matrix is not read: write a product")
            else:
                value = value**exponent
        return value

    def group(self) -> Any:
        """What stands in braces, or one sign; None for the sign of a transposed matrix."""
        if self.next() == r"\top":
            self.take()
            return None
        return self.between("{", "}") if self.next() == "{" else self.atom()

    def between(self, opening: str, closing: str) -> Any:
        self.take(opening)
        value = self.sum()
        self.take(closing)
        return _flat(value)

    def atom(self) -> Any:
        token = self.rest[0] if self.rest else self.take()
        if token.kind == "number":
            return self.number()
        if token.text == "(":
            return self.between("(", ")")
        if token.text == r"\lvert":
            return np.abs(self.between(r"\lvert", r"\rvert"))
        self.take()
        if token.text == r"\frac":
            above = self.group()
            return above / self.group()
        if token.text == r"\sqrt":
            return np.sqrt(self.group())
        if token.text == r"\begin{pmatrix}":
            return self.matrix()
        return self.named(token)

    def number(self) -> float:
        text = self.take().text
        self.count += 1
        return float(text) + (half_a_unit(text) if self.count == self.nudged else 0.0)

    def matrix(self) -> Any:
        rows = [[self.sum()]]
        while (sign := self.take().text) != r"\end{pmatrix}":
            if sign == r"\cr":
                rows.append([self.sum()])
            else:
                rows[-1].append(self.sum())
        return np.array(rows)

    def named(self, token: Token) -> Any:
        value = self.look_up(token)
        if not callable(value):
            return value
        if self.next() == "'":
            self.take()
            value = _slope(value)
        self.take("(")
        given = [self.sum()]
        while self.next() == ",":
            self.take()
            given.append(self.sum())
        self.take(")")
        return _flat(value(*map(_flat, given)))

    def look_up(self, token: Token) -> Any:
        name = token.text
        for known in (self.letters, FUNCTIONS, {"e": math.e, "i": 1j}):
            if name in known:
                return known[name]
        if found := ELEMENT.search(name):
            for letter in (found[1], found[1].upper()):
                whole = self.letters.get(name[: found.start()] + letter + name[found.end() :])
                if np.ndim(whole) == 2:
                    place = [int(each) - 1 for each in found.groups()[1:] if each]
                    return whole[*place] if len(place) == 2 else np.ravel(whole)[place[0]]
        raise NoValueError(name)


def half_a_unit(text: str) -> float:
    """Of the last digit of a number that counts as rounded: one with four decimals or more."""
    decimals = len(text.partition(".")[2])
    return 0.5 * 10.0**-decimals if decimals >= 4 else 0.0


def compute(member: list[Token], letters: dict[str, Any], rounded: bool = False) -> Value:
    """The value of a member; where its numbers are `rounded`, also how far it may be off."""
    numbers = sum(token.kind == "number" for token in member) if rounded else 0
    try:
        with np.errstate(all="raise"):
            value = Reader(member, letters).whole()
            nudged = [Reader(member, letters, each).whole() for each in range(numbers)]
    except (ArithmeticError, ValueError, IndexError, TypeError) as error:
        raise FormulaError(f"{error}") from error
    return Value(value, sum(np.abs(each - value) for each in nudged))
