"""Formulas of activations and losses for the worked example, in Python's notation.

z is a score, a the output of a unit, p what a loss makes of z, t the target; other names are
settings of the activation or loss. To add one: a line in ACTIVATIONS or CELLS. What has none, a
user's own for instance, is told as f(z) with its slope df(z).
"""

import operator
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ... import activations, losses
from ...core.activation import Activation
from ...core.arrays import Array
from ...core.loss import Loss
from .text import Math


@dataclass(frozen=True)
class Case:
    """A value and its slope in z, where `where` is true; of a loss with a mean and a variance
    `second` is the slope in the score s of the variance v."""

    value: str
    slope: str
    where: str = ""
    second: str = ""


_ABOVE = Case("z", "1", "z > 0")
_GELU = "0.5*z*(1 + tanh(root*(z + 0.044715*z**3)))"
_SIGMOID = "1/(1 + exp(-z))"

ACTIVATIONS: dict[type[Activation], tuple[Case, ...]] = {
    activations.Identity: (Case("z", "1"),),
    activations.ReLU: (_ABOVE, Case("0", "0", "z <= 0")),
    activations.LeakyReLU: (_ABOVE, Case("slope_below*z", "slope_below", "z <= 0")),
    activations.ELU: (_ABOVE, Case("scale_below*(exp(z) - 1)", "scale_below*exp(z)", "z <= 0")),
    activations.SELU: (
        Case("scale*z", "scale", "z > 0"),
        Case("scale*scale_below*(exp(z) - 1)", "scale*scale_below*exp(z)", "z <= 0"),
    ),
    activations.Tanh: (Case("tanh(z)", "1 - a**2"),),
    activations.Sigmoid: (Case(_SIGMOID, "a*(1 - a)"),),
    activations.Softsign: (Case("z/(1 + abs(z))", "(1 - abs(a))**2"),),
    activations.Softplus: (Case("log(1 + exp(z))", _SIGMOID),),
    activations.SiLU: (Case("z/(1 + exp(-z))", "a + (1 - a)/(1 + exp(-z))"),),
    activations.GELU: (
        Case(
            _GELU,
            "a/z + 2*a*(1 - a/z)*root*(1 + 3*0.044715*z**2)",
            "z != 0",
        ),
        Case(_GELU, "0.5", "z == 0"),
    ),
    activations.Exp: (Case("exp(z)", "a"),),
    activations.Gaussian: (Case("exp(-z**2)", "-2*z*a"),),
    activations.Sine: (Case("sin(z)", "cos(z)"),),
}

CELLS: dict[type[Loss], tuple[Case, ...]] = {
    losses.SquaredError: (Case("(p - t)**2", "2*(p - t)"),),
    losses.AbsoluteError: (Case("abs(p - t)", "sign(p - t)"),),
    losses.Huber: (
        Case("0.5*(p - t)**2", "p - t", "abs(p - t) <= delta"),
        Case("delta*(abs(p - t) - 0.5*delta)", "delta*sign(p - t)", "abs(p - t) > delta"),
    ),
    losses.Pinball: (
        Case("q*(t - z)", "-q", "t > z"),
        Case("(1 - q)*(z - t)", "1 - q", "t < z"),
        Case("0", "0", "t == z"),
    ),
    losses.Poisson: (
        Case("p - t*z + t*log(t) - t", "p - t", "t > 0"),
        Case("p", "p - t", "t == 0"),
    ),
    losses.Gamma: (Case("t/p - 1 - log(t/p)", "1 - t/p"),),
    losses.GaussianLikelihood: (
        Case(
            "0.5*(log(2*pi*v) + (p - t)**2/v)",
            "(p - t)/v",
            second="0.5*(1 - (p - t)**2/v)/v/(1 + exp(-s))",
        ),
    ),
    losses.Logistic: (Case("max(z, 0) - z*t + log(1 + exp(-abs(z)))", "p - t"),),
}

VARIANCE = "log(1 + exp(s)) + floor"
_LINKS = {losses.Poisson: "exp(z)", losses.Gamma: "exp(z)", losses.Logistic: _SIGMOID}
_NAME = re.compile(r"\b[a-z]\w*\b(?!\()")
MANY, SOME = 10, 3
"""More units or terms than MANY are not written out, but SOME of them."""

_SIGNS = {
    ">": operator.gt,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_UNKNOWN = (Case("f(z)", "df(z)"),)


def of_activation(activation: Activation) -> tuple[Case, ...]:
    """Its cases, with its settings filled in."""
    return _with_settings(ACTIVATIONS.get(type(activation), _UNKNOWN), activation)


def of_loss(loss: Loss) -> tuple[Case, ...] | None:
    """The cases of one target, with settings filled in; None where the loss is not of this kind, or
    not known here."""
    cases = CELLS.get(type(loss))
    return None if cases is None else _with_settings(cases, loss)


def of_link(loss: Loss) -> tuple[Case, ...]:
    """What the loss makes of a score, p, and its slope, in z and p."""
    if type(loss) in (losses.SquaredError, losses.AbsoluteError):
        # A linked loss has a maker; the type of losses does not say so.
        cases = of_activation(loss.maker)  # type: ignore[attr-defined]
        return tuple(Case(fill(c.value, a="p"), fill(c.slope, a="p"), c.where) for c in cases)
    return (Case(_LINKS.get(type(loss), "z"), "1"),)


def fill(formula: str, **values: Any) -> str:
    """The formula with numbers, or other names, in the place of names."""

    def put(found: re.Match[str]) -> str:
        value = values.get(found[0], found[0])
        return value if isinstance(value, str) else f"({value!r})"

    return _NAME.sub(put, formula)


def choose(cases: tuple[Case, ...], **values: float) -> Case:
    """The case that holds for these numbers: the last where all before it do not."""
    return next((case for case in cases[:-1] if _holds(case.where, values)), cases[-1])


def total(pairs: Iterable[tuple[float, float]], last: float | None = None) -> str:
    """The sum of products, and of a `last` number."""
    terms = [(f"({a!r})*({b!r})", a * b) for a, b in pairs]
    return added(terms) + ("" if last is None else f" + ({last!r})")


def added(terms: list[tuple[str, float]]) -> str:
    """The sum of formulas with their values; of many those with the largest, in their order."""
    if len(terms) <= MANY:
        return " + ".join(term for term, _ in terms)
    places = shown(np.array([[value for _, value in terms]]))
    return " + ".join([*(terms[place][0] for place in places), f"dots({len(terms)})"])


def in_words(cases: tuple[Case, ...], part: str = "value", left: str = "") -> list[str]:
    """The formula, or each with the condition under which it holds."""
    start = f"{left} == " if left else ""
    each = [(Math(start + getattr(case, part)), case.where) for case in cases]
    if len({formula for formula, _ in each}) == 1:
        return [each[0][0]]
    return [text for one, where in each for text in (" or ", one, " where ", Math(where))][1:]


def shown(values: Array, most: int = 0) -> list[int]:
    """Which of many columns of (rows, columns) are written out: those that are largest in a row."""
    columns = values.shape[-1]
    if columns <= (most or MANY):
        return list(range(columns))
    order = np.argsort(-np.abs(values).max(axis=0), kind="stable")
    return sorted(order[:SOME].tolist())


def _with_settings(cases: tuple[Case, ...], thing: Any) -> tuple[Case, ...]:
    names = {name for case in cases for part in vars(case).values() for name in _NAME.findall(part)}
    settings = {name: float(getattr(thing, name)) for name in names if hasattr(thing, name)}
    return tuple(Case(*(fill(part, **settings) for part in vars(case).values())) for case in cases)


def _holds(where: str, values: dict[str, float]) -> bool:
    """Whether a condition is true of these numbers."""
    if "p" in values:
        values = values | {"abs(p - t)": abs(values["p"] - values["t"])}
    left, sign, right = where.rsplit(" ", 2)
    bound = values[right] if right in values else float(right.strip("()"))
    return bool(_SIGNS[sign](values[left], bound))
