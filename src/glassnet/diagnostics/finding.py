"""What a diagnosis says: findings, each with evidence and remedy, in a report.

What is said of a trouble, and which evidence speaks for it, is in its rule. To add a word for how
sure a finding is: LEVELS.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

PAGES = "docs/troubles"

LEVELS = ((0.97, "certain"), (0.85, "very likely"), (0.6, "likely"), (0.0, "possible"))
"""Words for how sure a finding is, from this number on. Those below "likely" are notes: things
that were seen, and do no harm that could be measured."""

LIKELY = 0.6


@dataclass(frozen=True)
class Remedy:
    """What to change: arguments of `Network`, arguments of `fit`, `fresh` for a new start with the
    same settings; or only `advice`, where no setting helps. `call` is the line to write."""

    network: dict[str, Any] = field(default_factory=dict)
    fit: dict[str, Any] = field(default_factory=dict)
    fresh: bool = False
    advice: str = ""

    @property
    def settable(self) -> bool:
        """Whether it is a setting."""
        return bool(self.network or self.fit or self.fresh)

    @property
    def call(self) -> str:
        """The line to write."""
        calls = ["net.reset()"] if self.fresh and not self.network else []
        if self.network:
            calls.append(f"net = Network(..., {_arguments(self.network)})")
        if self.fit:
            calls.append(f"net.fit(X, y, ..., {_arguments(self.fit)})")
        elif calls:
            calls.append("net.fit(X, y, ...)")
        return "; ".join(calls)

    def __str__(self) -> str:
        return self.advice + (f": {self.call}" if self.call and self.advice else self.call)


def _arguments(settings: dict[str, Any]) -> str:
    return ", ".join(f"{name}={_short(value)}" for name, value in settings.items())


def _short(value: Any) -> str:
    return f"{value:.3g}" if type(value) is float else repr(value)


@dataclass(frozen=True)
class Finding:
    """One trouble.

    Attributes:
        code: its name, such as "dead_units", and that of its page in docs/troubles.
        says: one sentence. where: {"layer": 1, "units": [0, 3]} or {"columns": [2]}; layers count
            from 1, units and columns from 0. evidence: the numbers, by name.
        sure: in [0, 1]; `level` says it in a word. remedy: what to do. harmless: whether it does no
            harm by itself.
    """

    code: str
    says: str
    where: dict[str, Any]
    evidence: dict[str, Any]
    sure: float
    remedy: Remedy
    harmless: bool = False

    @property
    def likely(self) -> bool:
        """Whether it is a finding, not a note."""
        return self.sure >= LIKELY and not self.harmless

    @property
    def level(self) -> str:
        return next(word for least, word in LEVELS if self.sure >= least)

    @property
    def page(self) -> str:
        return f"{PAGES}/{self.code}.md"

    def as_data(self) -> dict[str, Any]:
        """Plain data, JSON as it stands."""
        names = ("code", "says", "where", "evidence", "sure", "level", "page")
        remedy = {"network": self.remedy.network, "fit": self.remedy.fit, "text": str(self.remedy)}
        return {name: getattr(self, name) for name in names} | {"remedy": remedy}

    def __str__(self) -> str:
        numbers = ", ".join(f"{name} {_number(value)}" for name, value in self.evidence.items())
        return (
            f"{self.level}: {self.says} ({self.code})\n"
            f"    evidence: {numbers}\n    remedy: {self.remedy}\n    more: {self.page}"
        )


def _number(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


class Report(Sequence[Finding]):
    """The findings, the likeliest cause first; `notes` are what else was seen, `looked_at` says
    what was looked at, and `trials` what short trainings with other settings ended with."""

    def __init__(
        self,
        findings: Sequence[Finding],
        notes: Sequence[Finding],
        looked_at: Sequence[str],
        trials: dict[str, float],
    ) -> None:
        self.findings, self.notes = list(findings), list(notes)
        self.looked_at, self.trials = list(looked_at), dict(trials)

    def __len__(self) -> int:
        return len(self.findings)

    def __getitem__(self, place: Any) -> Any:
        return self.findings[place]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.findings]

    def as_data(self) -> dict[str, Any]:
        """Plain data, JSON as it stands."""
        return {
            "findings": [finding.as_data() for finding in self.findings],
            "notes": [note.as_data() for note in self.notes],
            "looked_at": self.looked_at,
            "trials": self.trials,
        }

    def __str__(self) -> str:
        parts = [f"{place}. {finding}" for place, finding in enumerate(self.findings, 1)]
        if not parts:
            gone = "training diverged" in self.looked_at
            why = "why could not be found" if gone else "nothing is wrong that could be found"
            parts = [f"Training diverged; {why}." if gone else f"{why.capitalize()}."]
        parts += [f"note: {note.says} ({note.code}; {note.page})" for note in self.notes]
        parts.append("looked at: " + "; ".join(self.looked_at))
        return "\n".join(parts)

    __repr__ = __str__
