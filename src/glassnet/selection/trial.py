"""Trial: something to train on some rows and to measure on others, whatever it is made of.

`cross_validate` and `learning_curve` ask for no more than this. Networks: task.py. Another kind of
model joins by a method `__glassnet_trial__`, which gives a Trial of its own; so do the estimators.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from ..core import checks
from ..core.arrays import Array
from ..core.errors import DivergenceError
from .results import Networks

ASK = "__glassnet_trial__"
"""The method by which a model says how it is tried: (caller, X, y, sample_weight, metrics, options)
-> Trial, all of it checked; options are what the user passed beside the arguments of `caller`."""


class Trial(Protocol):
    """A kind of model and the rows it is for; `len(trial)` is how many.

    Attributes:
        weights: (rows,) or None. labels: (rows,) integers, the class of each row, or None where
            targets are no labels.
    """

    weights: Array | None
    labels: Array | None

    def __len__(self) -> int:
        """The number of rows."""

    def train_each(self, seeds: Sequence[int], seen: Array) -> tuple[Any, list[str]]:
        """A model for each seed, trained with the rows that it may see, (models, rows) of True and
        False; and why each training ended. Raises DivergenceError where all of them diverged."""

    def rows_at(self, places: Array) -> Any:
        """Some rows, as `measure` takes them, by their numbers or by True and False."""

    def other_rows(self, name: str, given: Any) -> Any:
        """(X, y) or (X, y, weights) of rows that nobody trains with, as `measure` takes them."""

    def measure(self, model: Any, rows: Any) -> dict[str, Any]:
        """{"loss": ..., metric: ...} of a trained model on some rows."""

    def try_metrics(self, rows: Any) -> None:
        """See to it, before training, that the metrics suit these targets."""

    def predict(self, model: Any, places: Array) -> Array:
        """(rows, outputs) of a trained model for some rows."""

    def results(self, models: Any) -> tuple[Networks, list[Any]]:
        """The networks of trained models, and the models themselves where they are more."""
        return models, []

    def labels_for(self, stratified: Any) -> Array | None:
        """The labels to keep the shares of: those there are, unless `stratified` is False."""
        if stratified is not None and not checks.flag("stratified", stratified):
            return None
        if stratified and self.labels is None:
            raise ValueError(
                "stratified=True needs one label for each row; these targets are numbers, or "
                "several labels a row. Leave stratified out."
            )
        return self.labels


def both_or_three(name: str, given: Any) -> Any:
    """A pair (X, y), or with weights, as it is."""
    if not isinstance(given, tuple | list) or len(given) not in (2, 3):
        raise ValueError(f"{name} must be (X, y) or (X, y, weights); got {checks.show(given)}.")
    return given


def diverged(reason: str) -> bool:
    return reason.startswith("diverged")


def not_all_diverged(reasons: list[str], advice: str) -> list[str]:
    """Why trainings ended, unless all of them diverged."""
    if all(map(diverged, reasons)):
        raise DivergenceError(
            f"All {len(reasons)} networks diverged; the first {reasons[0]}. {advice}",
            0,
            0,
            float("nan"),
        )
    return reasons
