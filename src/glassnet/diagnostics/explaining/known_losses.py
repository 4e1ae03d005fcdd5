"""What is told of the losses of glassnet: by the formulas of single targets, or the softmax.

To tell of another kind of loss: a subclass of Told, and its case in `told`.
"""

from ...losses import GaussianLikelihood, Pinball, SoftmaxCrossEntropy
from .formulas import VARIANCE, Case, added, choose, fill, in_words, of_link, of_loss
from .loss import Told, over
from .one_pass import Pass
from .text import Block, Line, Math, Words


def told(found: Pass) -> Told:
    """The one that knows most of this loss."""
    if type(found.loss) is SoftmaxCrossEntropy:
        return Softmax(found)
    return Told(found) if of_loss(found.loss) is None else Cells(found)


class Cells(Told):
    """A loss of single targets: the mean of what its formula gives for each."""

    def __init__(self, found: Pass) -> None:
        super().__init__(found)
        assert found.cells is not None
        self.cells, self.columns = found.cells.tolist(), found.cells.shape[-1]
        self.levels = self.loss.quantiles if isinstance(self.loss, Pinball) else ()
        cases = of_loss(self.loss) or ()
        level = {"q": self.levels[0]} if len(self.levels) == 1 else {}
        self.cases = tuple(
            Case(*(fill(part, **level) for part in vars(case).values())) for case in cases
        )
        self.link = of_link(self.loss)
        self.gaussian = isinstance(self.loss, GaussianLikelihood)
        self.variance = fill(VARIANCE, floor=getattr(self.loss, "floor", 0.0))

    def values(self, row: int, column: int, part: int = 0) -> dict[str, float]:
        """The numbers that the formulas of one target name."""
        k, other = part * self.columns + column, self.columns + column
        scores, linked = self.scores[row], self.linked[row]
        found = {"z": scores[k], "p": linked[k], "t": self.targets[row][column]}
        if self.gaussian:
            found |= {"s": scores[other], "v": linked[other]}
        return found | ({"q": self.levels[part]} if self.levels else {})

    def answer(self) -> list[Block]:
        """What the link makes of the scores."""
        if self.levels:
            order = "The scores are quantiles; predict puts those of a target in order."
            return [Words([order])] if len(self.levels) > 1 else []
        if self.gaussian:
            start = "The first half of the scores are means p; of each score s of the other half "
            words = [start, "comes a variance, ", Math(f"v == {self.variance}"), ":"]
            spreads = [k for k in self.outputs if k >= self.columns]
            return [Words(words), self.each("v", self.linked, self.spread, spreads)]
        if self.link[0].value == "z":
            return [Words(["The answer p of the network are the scores themselves."])]
        words = ["Of each score it makes the answer p: ", *in_words(self.link, "value", "p"), "."]
        return [Words(words), self.each("p", self.linked, self.linking)]

    def spread(self, row: int, k: int) -> str:
        return fill(self.variance, s=self.scores[row][k])

    def linking(self, row: int, k: int) -> str:
        z = self.scores[row][k]
        return fill(choose(self.link, z=z).value, z=z)

    def measure(self) -> list[str]:
        symbol = "L" if self.columns == 1 and len(self.levels) < 2 else "l"
        each = "" if symbol == "L" else "each target "
        each = "each target and quantile q " if len(self.levels) > 1 else each
        mean = "" if symbol == "L" else "; L is their mean"
        start = f"How far {each}is missed: " if each else "How far it is from the target: "
        return [start, *in_words(self.cases, "value", symbol), f"{mean}."]

    def measured(self, row: int) -> list[Line]:
        """The loss of each target, and their mean."""
        label, lines = self.found.rows[row], []
        for c in sorted({k % self.columns for k in self.outputs}):
            symbol = "L" if self.columns == 1 else f"l_{c + 1}"
            lines.append(Line([symbol, self.cell(row, c), self.cells[row][c]], label))
        if self.columns > 1:
            mean = over(added([(f"({one!r})", one) for one in self.cells[row]]), self.columns)
            lines.append(Line(["L", mean, self.losses[row]], label))
        return lines

    def cell(self, row: int, column: int) -> str:
        """The loss of one target."""
        parts = range(max(1, len(self.levels)))
        each = [self.values(row, column, part) for part in parts]
        formulas = [fill(choose(self.cases, **values).value, **values) for values in each]
        return over(" + ".join(formulas), len(parts))

    def slope_in_words(self) -> list[str]:
        """The slope in z: by the chain rule, where p is not z."""
        inner = self.link[0].slope if len(self.link) == 1 and "p" in self.cases[0].slope else "1"
        parts = in_words(
            tuple(Case("", self.times(c.slope, inner), c.where) for c in self.cases), "slope"
        )
        if len(self.link) > 1:
            parts += [", times ", *in_words(self.link, "slope")]
        if self.gaussian:
            parts += [" for a mean, ", Math(self.cases[0].second), " for a score s"]
        return parts

    def times(self, slope: str, inner: str) -> str:
        """The chain rule: the slope in p times that of p in z."""
        return slope if inner == "1" else f"({slope})*({inner})"

    def slope(self, row: int, k: int) -> str:
        part, c = divmod(k, self.columns)
        if self.gaussian:
            case, values = self.cases[0], self.values(row, c)
            return fill(case.second if part else case.slope, **values)
        values = self.values(row, c, part)
        link = choose(self.link, z=values["z"])
        return fill(self.times(choose(self.cases, **values).slope, link.slope), **values)

    def divisors(self) -> list[tuple[int, str]]:
        return [(len(self.levels), "quantiles"), (self.columns, "targets"), *super().divisors()]


class Softmax(Told):
    """The softmax with its cross-entropy: all outputs of a row belong together."""

    def __init__(self, found: Pass) -> None:
        super().__init__(found)
        self.largest = [max(row) for row in self.scores]
        # The engine keeps no sum; the largest output is 1 over it.
        self.sums = [1.0 / max(row) for row in self.linked]
        self.one_hot = found.batch.targets.ndim == 1 and not self.loss.smoothing
        classes = range(len(self.scores[0]))
        self.shares = self.targets
        if found.batch.targets.ndim == 1:
            self.shares = [[float(k == label) for k in classes] for label in self.targets]
        self.weights = [sum(row) for row in self.shares]
        keep, each = 1.0 - self.loss.smoothing, self.loss.smoothing / len(classes)
        sums = zip(self.shares, self.weights, strict=True)
        self.shares = [[keep * one + weight * each for one in row] for row, weight in sums]

    def answer(self) -> list[Block]:
        """Probabilities, by the sum of powers that all of them share."""
        words = ["It makes probabilities p of the scores: ", Math("p == exp(z - m)/S"), ", with "]
        words += [Math("m"), " the largest score, ", Math("S"), " the sum of all "]
        lines = []
        for row, label in enumerate(self.found.rows):
            terms = [(self.power(row, k), p) for k, p in enumerate(self.linked[row])]
            lines.append(Line(["S", added(terms), self.sums[row]], label))
        words += [Math("exp(z - m)"), "."]
        return [Words(words), tuple(lines), self.each("p", self.linked, self.linking)]

    def power(self, row: int, k: int) -> str:
        return f"exp({self.above(row, k)})"

    def above(self, row: int, k: int) -> str:
        return f"({self.scores[row][k]!r}) - ({self.largest[row]!r})"

    def linking(self, row: int, k: int) -> str:
        return f"{self.power(row, k)}/({self.sums[row]!r})"

    def wanted(self) -> list[Block]:
        if self.one_hot:
            return [Words(self.labels())]
        smooth = f", {self.loss.smoothing:g} of it spread over all" if self.loss.smoothing else ""
        words = f"The targets t are shares of the outputs{smooth}:"
        return [Words([words]), self.each("t", self.shares)]

    def measure(self) -> list[str]:
        if self.one_hot:
            return ["L is ", Math("-log(p)"), " of that output, ", Math("log(S) - (z - m)"), "."]
        return ["L is ", Math("log(S)"), " less the sum of all ", Math("t*(z - m)"), "."]

    def measured(self, row: int) -> list[Line]:
        """-log of the probability of what is wanted."""
        weight = self.weights[row]
        start = f"log({self.sums[row]!r})" + ("" if weight == 1.0 else f"*({weight!r})")
        if self.one_hot:
            rest = self.above(row, self.targets[row])
        else:
            pairs = list(enumerate(self.shares[row]))
            rest = added([(f"({t!r})*({self.above(row, k)})", t) for k, t in pairs])
        return [Line(["L", f"{start} - ({rest})", self.losses[row]], self.found.rows[row])]

    def slope_in_words(self) -> list[str]:
        if self.one_hot:
            return [Math("p - 1"), " for the wanted output, else ", Math("p")]
        return [Math("p - t")]

    def slope(self, row: int, k: int) -> str:
        p, t, weight = self.linked[row][k], self.shares[row][k], self.weights[row]
        wanted = f"{int(t)}" if self.one_hot else f"({t!r})"
        return f"({p!r})" + ("" if weight == 1.0 else f"*({weight!r})") + f" - {wanted}"
