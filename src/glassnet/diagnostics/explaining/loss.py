"""What is told of the loss and of its gradient, d loss / d scores: of any loss by its name.

More is known of those in known_losses.py. What all share is here: targets, rows, the user's unit.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.scaling import Scaling
from ...losses import GaussianLikelihood
from .formulas import added, shown
from .one_pass import Pass
from .text import Block, Line, Math, Words, name

Formula = Callable[[int, int], str]
"""Of the number of a row and of an output or target."""


def over(formula: str, *divisors: int) -> str:
    """The formula, divided by what is more than 1."""
    by = [str(each) for each in divisors if each > 1]
    return f"({formula})/({'*'.join(by)})" if by else formula


def listed(parts: list[str]) -> list[str]:
    """The parts with commas between them."""
    return [each for part in parts for each in (", ", part)][1:]


class Told:
    """A loss of which the name is known, and no formula: f stands for it."""

    def __init__(self, found: Pass) -> None:
        self.found, last = found, found.layers[-1]
        self.loss: Any = found.loss
        self.delta, self.row_slopes = last.delta.tolist(), found.slopes.tolist()
        self.scores, self.linked = last.scores.tolist(), found.linked.tolist()
        self.targets, self.losses = found.batch.targets.tolist(), found.losses.tolist()
        self.rows, self.outputs = len(self.losses), shown(last.delta)

    def story(self) -> list[Block]:
        """From scores to the loss."""
        settled = "" if self.found.settled else ", which fit would take for such a target"
        lines = [line for row in range(self.rows) for line in self.measured(row)]
        if self.rows > 1:
            each = over(added([(f"({one!r})", one) for one in self.losses]), self.rows)
            lines.append(Line(["L", each, self.found.mean], "mean of the rows"))
        intro = Words(["The loss is ", name(self.loss.name), f"{settled}."])
        blocks = [intro, *self.answer(), *self.in_unit(), *self.wanted()]
        return [*blocks, Words(self.measure()), tuple(lines)]

    def deltas(self) -> list[Block]:
        """How much the loss rises with each score."""
        by = [f"{count} {what}" for count, what in self.divisors() if count > 1]
        divided = f", divided by the {' and the '.join(by)}" if by else ""
        start = "Delta tells how L rises with a score z: "
        counts = [count for count, _ in self.divisors()]
        symbol = f"delta{len(self.found.layers)}"
        lines = self.each(symbol, self.delta, lambda r, k: over(self.slope(r, k), *counts))
        return [Words([start, *self.slope_in_words(), f"{divided}."]), lines]

    def each(
        self,
        symbol: str,
        values: Any,
        formula: Formula | None = None,
        places: list[int] | None = None,
    ) -> tuple[Line, ...]:
        """`symbol = formula = value` of each row, and of outputs or other places."""
        lines = []
        for row, label in enumerate(self.found.rows):
            for k in self.outputs if places is None else places:
                middle = [] if formula is None else [formula(row, k)]
                lines.append(Line([f"{symbol}_{k + 1}", *middle, values[row][k]], label))
        return tuple(lines)

    def answer(self) -> list[Block]:
        """What the loss makes of the scores, where that is something else."""
        if self.linked == self.scores:
            return []
        return [Words(["It makes of the scores the answer p:"]), self.each("p", self.linked)]

    def in_unit(self) -> list[Block]:
        """The answer in the user's unit, where the targets are standardised."""
        scaling = self.found.network.target_scaling
        if scaling is None:
            return []
        offset, scale = self.unit(scaling)

        def formula(row: int, k: int) -> str:
            part, c = divmod(k, len(scale))
            p = self.linked[row][k]
            if part and isinstance(self.loss, GaussianLikelihood):
                return f"({p!r})/({scale[c]!r})**2"
            return f"({p!r})/({scale[c]!r}) + ({offset[c]!r})"

        lines = self.each("y", self.found.predictions.tolist(), formula)
        return [Words(["Targets are standardised; in their unit the answer is y:"]), lines]

    def unit(self, scaling: Scaling) -> list[list[float]]:
        """Offset and scale of each column of the targets."""
        columns = len(self.targets[0])
        return [np.broadcast_to(part, columns).tolist() for part in (scaling.offset, scaling.scale)]

    def wanted(self) -> list[Block]:
        """The targets, as the loss sees them."""
        if self.found.batch.targets.ndim == 1:
            return [Words(self.labels())]
        scaling, given = self.found.network.target_scaling, self.found.y.tolist()
        places = sorted({k % len(self.targets[0]) for k in self.outputs})
        if scaling is None and self.rows == 1:
            each = [f"t_{c + 1} == {self.targets[0][c]!r}" for c in places]
            return [Words(["Wanted is ", *listed([Math(one) for one in each]), "."])]
        if scaling is None:
            return [Words(["The targets t:"]), self.each("t", self.targets, places=places)]
        offset, scale = self.unit(scaling)

        def formula(row: int, c: int) -> str:
            return f"(({given[row][c]!r}) - ({offset[c]!r}))*({scale[c]!r})"

        words = "The targets t, less their mean and divided by their spread:"
        return [Words([words]), self.each("t", self.targets, formula, places)]

    def labels(self) -> list[str]:
        """Which output is the wanted one."""
        parts: list[str] = []
        classes = self.found.network.classes
        for label, row in zip(self.targets, self.found.rows, strict=True):
            start = f"; of {row} " if parts else f"Wanted is {f'of {row} ' if row else ''}"
            called = name(classes[label]) if classes else f"the label {label}"
            parts += [start, called, f", output {label + 1}"]
        return [*parts, "."]

    def measure(self) -> list[str]:
        """How the loss is measured, in words."""
        return ["It is a function of your own: ", Math("L == f(z, t)"), "."]

    def measured(self, row: int) -> list[Line]:
        """The loss of a row."""
        return [Line(["L", "f(z, t)", self.losses[row]], self.found.rows[row])]

    def slope_in_words(self) -> list[str]:
        return ["as your own gradient gives it"]

    def slope(self, row: int, k: int) -> str:
        """How much the loss of a row rises with a score, before it is divided."""
        return f"({self.row_slopes[row][k]!r})"

    def divisors(self) -> list[tuple[int, str]]:
        """What slopes are divided by."""
        return [(self.rows, "rows")]
