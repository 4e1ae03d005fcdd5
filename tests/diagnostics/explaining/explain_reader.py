"""An independent reader of a worked example: it parses the text and computes every formula again.

A printed number stands for all numbers that round to it, so formulas are computed with intervals.
Nothing of glassnet is used here.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?(?:e[+-]\d+)?|[A-Za-z]+'?|[()|·/+\-^,])")


@dataclass(frozen=True)
class Statement:
    """`label: left = side = side ... = last`."""

    label: str
    left: str
    sides: list[str]

    @property
    def printed(self) -> float:
        return float(self.sides[-1])


@dataclass(frozen=True)
class Interval:
    low: float
    high: float

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(self.low + other.low, self.high + other.high)

    def __neg__(self) -> "Interval":
        return Interval(-self.high, -self.low)

    def __mul__(self, other: "Interval") -> "Interval":
        corners = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        corners = [0.0 if math.isnan(corner) else corner for corner in corners]
        return Interval(min(corners), max(corners))

    def __truediv__(self, other: "Interval") -> "Interval":
        if other.low <= 0.0 <= other.high:
            return Interval(-math.inf, math.inf)
        return self * Interval(1.0 / other.high, 1.0 / other.low)

    def __pow__(self, exponent: int) -> "Interval":
        ends = sorted((self.low**exponent, self.high**exponent))
        if exponent % 2 == 0 and self.low < 0.0 < self.high:
            ends[0] = 0.0
        return Interval(*ends)

    def through(self, function: Callable[[float], float]) -> "Interval":
        """A rising function of it, as exactly as floats have it."""
        low, high = function(self.low), function(self.high)
        return Interval(low - 4e-16 * abs(low), high + 4e-16 * abs(high))

    def wave(self, function: Callable[[float], float]) -> "Interval":
        """Sine or cosine of it: nowhere steeper than 1."""
        middle, reach = (self.low + self.high) / 2, (self.high - self.low) / 2
        return Interval(function(middle) - reach, function(middle) + reach)

    def meets(self, other: "Interval") -> bool:
        return self.low <= other.high and other.low <= self.high


def statements(text: str) -> list[Statement]:
    """All formulas of the text: lines that are indented, with those that go on below them."""
    whole: list[str] = []
    for line in text.splitlines():
        if line.startswith(" " * 6):
            whole[-1] += " " + line.strip()
        elif line.startswith("  "):
            whole += re.split(r" {2,}", line.strip())
    return [statement(each) for each in whole]


def statement(text: str) -> Statement:
    label, _, rest = text.rpartition(": ")
    left, *sides = re.split(" = ", rest)
    return Statement(label, left, sides)


def half_a_place(text: str, digits: int) -> float:
    """How far a number may be from what is printed with so many significant digits."""
    if float(text) == 0.0:
        return 0.0
    largest = math.floor(math.log10(abs(float(text))))
    return 0.5000001 * 10.0 ** -max(digits - 1 - largest, 0 if largest < 16 else -99)


class Reader:
    """Computes formulas; `digits` as printed, `rounding` the relative error of the engine."""

    def __init__(self, digits: int, rounding: float) -> None:
        self.digits, self.rounding = digits, rounding

    def printed(self, text: str) -> Interval:
        value = float(text)
        reach = max(half_a_place(text, self.digits), abs(value) * self.rounding)
        return Interval(value - reach, value + reach)

    def value(self, formula: str) -> Interval:
        self.tokens = [*TOKEN.findall(formula), ""]
        assert "".join(self.tokens) == re.sub(r"\s", "", formula), formula
        found = self.sum()
        assert self.tokens == [""], formula
        return found

    def take(self, *wanted: str) -> str:
        return self.tokens.pop(0) if self.tokens[0] in wanted else ""

    def sum(self) -> Interval:
        found = -self.product() if self.take("-") else self.product()
        while sign := self.take("+", "-"):
            more = self.product()
            found += -more if sign == "-" else more
        return found

    def product(self) -> Interval:
        found = self.power()
        while sign := self.take("·", "/"):
            found = found * self.power() if sign == "·" else found / self.power()
        return found

    def power(self) -> Interval:
        base = self.atom()
        return base ** int(self.tokens.pop(0)) if self.take("^") else base

    def atom(self) -> Interval:
        token = self.tokens.pop(0)
        if token == "(":
            inside = self.sum()
            assert self.take(")")
            return inside
        if token == "|":
            inside = self.sum()
            assert self.take("|")
            ends = sorted((abs(inside.low), abs(inside.high)))
            return Interval(0.0 if inside.low < 0.0 < inside.high else ends[0], ends[1])
        if token[0].isdigit():
            return self.printed(token)
        return Interval(math.pi, math.pi) if token == "pi" else self.function(token)

    def function(self, name: str) -> Interval:
        assert self.take("("), name
        inside = [self.sum()]
        while self.take(","):
            inside.append(self.sum())
        assert self.take(")"), name
        first = inside[0]
        if name == "max":
            return Interval(max(i.low for i in inside), max(i.high for i in inside))
        if name in ("sin", "cos"):
            return first.wave(getattr(math, name))
        return first.through({"exp": exp, "log": log, "tanh": math.tanh, "sign": sign}[name])


def exp(value: float) -> float:
    return math.exp(min(value, 700.0))


def log(value: float) -> float:
    return math.log(value) if value > 0.0 else -math.inf


def sign(value: float) -> float:
    return float((value > 0) - (value < 0))
