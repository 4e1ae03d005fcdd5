"""What rules give, and how they are told apart: the suspicion that a trouble is there.

A rule is a function of a Case; they are in rules_columns.py, rules_targets.py, rules_layers.py,
rules_settings.py, rules_gradients.py. To add one: the function there, its name in its RULES, its
page in docs/troubles.
"""

from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from .finding import Finding, Remedy

PROOF, START, SETTING, ROWS = "proof", "start", "setting", "rows"
"""What a suspicion is judged by: a proof stands by itself; what is wrong with a start by how much
better fresh starts end; a setting by trying another; rows by their numbers, and where a setting
helps by trying that."""


@dataclass(frozen=True)
class Suspicion:
    """A trouble that may be there. `strength` in [0, 1]: how much the evidence alone says.
    `specific`: how much it is preferred to others that explain as much."""

    code: str
    kind: str
    says: str
    strength: float
    evidence: dict[str, Any] = field(default_factory=dict)
    _: KW_ONLY
    where: dict[str, Any] = field(default_factory=dict)
    remedy: Remedy = field(default_factory=Remedy)
    specific: float = 1.0
    seen: bool = False  # by itself, so that the network as it is may be compared with too
    alone: float = 0.0  # how sure it is whatever a trial says
    harmless: bool = False  # by itself: a note
    floor: float | None = None  # of errors that are compared, where not the usual one

    def finding(self, sure: float, **evidence: Any) -> Finding:
        """What is told, with the evidence of a trial beside its own."""
        return Finding(
            self.code,
            self.says,
            self.where,
            {**self.evidence, **evidence},
            sure,
            self.remedy,
            self.harmless,
        )


STANDARDIZE = Remedy(fit={"standardize": True})


def ramp(value: float, low: float, high: float) -> float:
    """0 at `low`, 1 at `high`, straight between; `low` may be the larger."""
    return min(max((value - low) / (high - low), 0.0), 1.0)
