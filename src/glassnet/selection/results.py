"""What the functions of this room give: plain numbers, and the networks they belong to.

A picture in glassnet/plots/selection.py takes these objects as they are.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.network import Network
from ..fleets.fleet import Fleet

Networks = Fleet | list[Network]
"""Indexed and walked through alike: `networks[3]` is a Network (of a TableClassifier its Fleet)."""


@dataclass(frozen=True, repr=False, eq=False)
class CrossValidation:
    """How good networks are on rows that they have not seen; see cross_validate.

    Attributes:
        values: {"loss": (networks,), metric: (networks,)} on the rows held out from each network,
            fold by fold and repeat by repeat; nan where a training diverged.
        predictions: (rows, outputs), each row by the network that has not seen it; of several
            repeats the mean, which is better than one network. nan where it diverged. Of an
            estimator for one label a row: its `predict_proba`.
        folds: (repeats, rows) the number of the fold that each row is in, from 0.
        networks: the trained networks: network i is that of fold i % folds in repeat i // folds.
        reasons: why the training of each ended.
        estimators: the fitted estimators that the networks belong to; [] of a Network.
    """

    values: dict[str, Array]
    predictions: Array
    folds: Array
    networks: Networks
    reasons: list[str]
    estimators: list[Any] = field(default_factory=list)

    @property
    def mean(self) -> dict[str, float]:
        """The mean over all networks; nan where one of them diverged."""
        return {name: float(each.mean()) for name, each in self.values.items()}

    @property
    def deviation(self) -> dict[str, float]:
        """The standard deviation of one network's value about the mean."""
        return {name: float(each.std(ddof=1)) for name, each in self.values.items()}

    @property
    def standard_error(self) -> dict[str, float]:
        """How far the mean may be off, because there are no more rows than these: the deviation
        within a repeat / sqrt(folds), not / sqrt(folds x repeats). Repeats split the same rows
        again; they bring nothing new, and dividing by them too would make 10 repeats look three
        times as certain as they are. Networks of two folds share training rows, so it is rather
        too small (Bengio and Grandvalet 2004)."""
        repeats = len(self.folds)
        return {name: standard_error(each, repeats) for name, each in self.values.items()}

    def __repr__(self) -> str:
        folds = len(self.networks) // len(self.folds)
        times = f", {len(self.folds)} times" if len(self.folds) > 1 else ""
        found = ", ".join(
            f"{name} {mean:.4g} ± {self.standard_error[name]:.2g}"
            for name, mean in self.mean.items()
        )
        return f"<CrossValidation of {folds} folds{times}: {found}>"


@dataclass(frozen=True, repr=False, eq=False)
class LearningCurve:
    """How good networks become with ever more rows; see learning_curve.

    Attributes:
        rows: (sizes,) how many rows the networks train with.
        training: {"loss": (sizes, repeats), metric: (sizes, repeats)} on those rows; nan where a
            training diverged. test: the same on rows that none of the repeat has seen.
        networks: the trained networks: network i has size i // repeats in repeat i % repeats.
        reasons: why the training of each ended.
        estimators: the fitted estimators that the networks belong to; [] of a Network.
    """

    rows: Array
    training: dict[str, Array]
    test: dict[str, Array]
    networks: Networks
    reasons: list[str]
    estimators: list[Any] = field(default_factory=list)

    @property
    def table(self) -> list[dict[str, float]]:
        """One dictionary a size, with the mean over the repeats and the standard deviation."""
        records = []
        for place, count in enumerate(self.rows.tolist()):
            record = {"rows": count}
            for part, values in (("training", self.training), ("test", self.test)):
                for name, each in values.items():
                    record[f"{part}_{name}"] = float(each[place].mean())
                    record[f"{part}_{name}_deviation"] = deviation(each[place])
            records.append(record)
        return records

    def __repr__(self) -> str:
        first, last = self.table[0], self.table[-1]
        return (
            f"<LearningCurve of {len(self.rows)} sizes, {self.test['loss'].shape[1]} times: test "
            f"loss {first['test_loss']:.4g} with {first['rows']} rows, {last['test_loss']:.4g} "
            f"with {last['rows']}>"
        )


@dataclass(frozen=True, repr=False, eq=False)
class Search:
    """Which settings are best; see search.

    Attributes:
        names: of the settings that were searched.
        table: a dictionary for each combination, the lowest loss first: the settings by name,
            "loss", the metrics, and where folds were used their "standard_error" (of the loss) and
            "losses" (of the folds). Loss and metrics are nan, and last, where a training diverged.
        best: the settings of the lowest loss.
        network: the Network of these settings.
    """

    names: tuple[str, ...]
    table: list[dict[str, Any]]
    best: dict[str, Any]
    network: Network

    def __repr__(self) -> str:
        first = self.table[0]
        error = f" ± {first['standard_error']:.2g}" if "standard_error" in first else ""
        best = ", ".join(f"{name}={value:.4g}" for name, value in self.best.items())
        return f"<Search of {len(self.table)}: best {best} with loss {first['loss']:.4g}{error}>"


def deviation(values: Array) -> float:
    """The standard deviation of one value; 0 where there is but one."""
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0


def standard_error(values: Array, repeats: int = 1) -> float:
    """That of the mean of values (repeats x folds,); see CrossValidation."""
    each = values.reshape(repeats, -1)
    return float(np.sqrt(each.var(axis=1, ddof=1).mean() / each.shape[1]))


def by_name(records: list[dict[str, float]], reasons: list[str]) -> dict[str, Array]:
    """{name: (networks,)} of one record a network; nan for those that diverged."""
    lost = np.array([reason.startswith("diverged") for reason in reasons])
    columns = {name: np.array([record[name] for record in records]) for name in records[0]}
    return {name: np.where(lost, np.nan, values) for name, values in columns.items()}
