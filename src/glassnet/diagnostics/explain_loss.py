"""What is told of the loss and of its gradient, d loss / d scores.

Losses of single targets go by their formulas in explain_formulas.py; the softmax, which ties outputs
together, has its own; of others, a user's for instance, the name and the numbers are told. To tell
of another kind of loss: a subclass of Told, and its case in `told`.
"""

from typing import Any

from ..losses import GaussianLikelihood, Pinball, SoftmaxCrossEntropy
from .explain_formulas import VARIANCE, added, choose, fill, in_words, of_link, of_loss, shown
from .explain_formulas import Case as Case
from .explain_pass import Pass
from .explain_text import Block, Line, Math, Words, name


def told(found: Pass) -> "Told":
    """The one that knows most of this loss."""
    if type(found.loss) is SoftmaxCrossEntropy:
        return Softmax(found)
    return Told(found) if of_loss(found.loss) is None else Cells(found)


def over(formula: str, *divisors: int) -> str:
    """The formula, divided by what is more than 1."""
    by = [str(each) for each in divisors if each > 1]
    return f"({formula})/({'*'.join(by)})" if by else formula


class Told:
    """A loss of which the name is known, and no formula: f stands for it."""

    def __init__(self, found: Pass) -> None:
        self.found, last = found, found.layers[-1]
        self.loss: Any = found.loss
        self.number, self.delta = len(found.layers), last.delta.tolist()
        self.scores, self.linked = last.scores.tolist(), found.linked.tolist()
        self.targets, self.losses = found.batch.targets.tolist(), found.losses.tolist()
        self.outputs = shown(last.delta)
        self.columns = 1 if found.cells is None else found.cells.shape[-1]
        self.labels = found.batch.targets.ndim == 1

    def story(self) -> list[Block]:
        """From scores to the loss."""
        settled = "" if self.found.settled else ", which fit would take for such a target"
        lines = [line for row in range(len(self.losses)) for line in self.measured(row)]
        if len(self.losses) > 1:
            each = added([(f"({one!r})", one) for one in self.losses])
            mean = Line(["L", over(each, len(self.losses)), self.found.mean], "mean of the rows")
            lines.append(mean)
        intro = Words(["The loss is ", name(self.loss.name), f"{settled}."])
        blocks = [intro, *self.answer(), *self.in_unit(), *self.wanted()]
        return [*blocks, Words(self.measure()), tuple(lines)]

    def deltas(self) -> list[Block]:
        """How much the loss rises with each score."""
        rows = len(self.losses)
        by = [f"{count} {what}" for count, what in self.divisors(rows) if count > 1]
        divided = f", divided by the {' and the '.join(by)}" if by else ""
        words = ["How much the loss rises with each score is called delta: "]
        lines = self.each("delta", lambda r, k: over(self.slope(r, k), *self.counts(rows)), self.delta)
        return [Words([*words, *self.slopes(), f"{divided}."]), lines]

    def divisors(self, rows: int) -> list[tuple[int, str]]:
        return [(rows, "rows")]

    def counts(self, rows: int) -> list[int]:
        return [count for count, _ in self.divisors(rows)]

    def each(self, symbol: str, formula: Any, values: Any, places: Any = None) -> tuple[Line, ...]:
        """Lines `symbol = formula = value` of each row and output; no formula where it is None."""
        layer = self.number if symbol == "delta" else ""
        lines = []
        for row, label in enumerate(self.found.rows):
            for k in self.outputs if places is None else places:
                middle = formula(row, k)
                sides = [f"{symbol}{layer}_{k + 1}", middle, values[row][k]]
                lines.append(Line([side for side in sides if side is not None], label))
        return tuple(lines)

    def answer(self) -> list[Block]:
        """What the loss makes of the scores, where that is something else."""
        if self.linked == self.scores:
            return []
        lines = self.each("p", lambda r, k: None, self.linked)
        return [Words(["Its function makes of the scores the answer p:"]), lines]

    def in_unit(self) -> list[Block]:
        """The answer in the user's unit, where the targets are standardised."""
        scaling = self.found.network.target_scaling
        if scaling is None:
            return []
        offset, scale = (part.ravel().tolist() for part in (scaling.offset, scaling.scale))

        def formula(row: int, k: int) -> str:
            part, c = divmod(k, len(scale))
            p = self.linked[row][k]
            if part and isinstance(self.loss, GaussianLikelihood):
                return f"({p!r})/({scale[c]!r})**2"
            return f"({p!r})/({scale[c]!r}) + ({offset[c]!r})"

        lines = self.each("y", formula, self.found.predictions.tolist())
        return [Words(["Targets are standardised; in their unit the answer is y:"]), lines]

    def wanted(self) -> list[Block]:
        """The targets, as the loss sees them."""
        if self.labels:
            return [Words(self.wanted_labels())]
        scaling, given = self.found.network.target_scaling, self.found.y.tolist()
        places = sorted({k % len(self.targets[0]) for k in self.outputs})
        if scaling is None and len(given) == 1:
            values = [Math(f"t_{c + 1} == {self.targets[0][c]!r}") for c in places]
            between = [part for value in values for part in (", ", value)][1:]
            return [Words(["The target is ", *between, *self.label_of_one(), "."])]
        formula: Any = lambda r, c: None  # noqa: E731
        if scaling is not None:
            offset, scale = (part.ravel().tolist() for part in (scaling.offset, scaling.scale))
            formula = lambda r, c: f"(({given[r][c]!r}) - ({offset[c]!r}))*({scale[c]!r})"  # noqa: E731
        return [Words(["The targets:"]), self.each("t", formula, self.targets, places)]
