"""Whether the drop-in predicts as well as scikit-learn's MLP: `python -m benchmarks.same`.

Both at default settings on the same rows, 5 times 5 folds, with the same random_state; scores are
accuracy or R^2 of the rows left out. p is that of the corrected resampled t-test (Nadeau and Bengio
2003, equation 3): runs share rows, so their variance is multiplied with 1/runs + test/training
rows. Nothing is timed. To add a set: a line in SETS.
"""

from __future__ import annotations

import argparse
import math
import sys
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy import stats
from sklearn import datasets, neural_network
from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from glassnet import estimators

FOLDS = 5
LEVEL, ROUNDING = 0.05, 1e-9

Data = tuple[np.ndarray, np.ndarray]


def bundled(name: str) -> Data:
    X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return X, y


def made(name: str, **settings: Any) -> Data:
    X, y = getattr(datasets, f"make_{name}")(random_state=0, **settings)
    return X, y


SETS: dict[str, tuple[str, Callable[[], Data]]] = {
    "digits": ("MLPClassifier", partial(bundled, "digits")),
    "wine": ("MLPClassifier", partial(bundled, "wine")),
    "breast cancer": ("MLPClassifier", partial(bundled, "breast_cancer")),
    "iris": ("MLPClassifier", partial(bundled, "iris")),
    "moons, made": ("MLPClassifier", partial(made, "moons", n_samples=500, noise=0.3)),
    "diabetes": ("MLPRegressor", partial(bundled, "diabetes")),
    "linnerud": ("MLPRegressor", partial(bundled, "linnerud")),
    "friedman, made": ("MLPRegressor", partial(made, "friedman1", n_samples=500, noise=1.0)),
}


def compare(kind: str, X: np.ndarray, y: np.ndarray, repeats: int, scale: bool) -> np.ndarray:
    """(runs, 2) the scores of both, and (runs,) the largest difference of a prediction of theirs
    in the third column."""
    splitter = RepeatedStratifiedKFold if kind == "MLPClassifier" else RepeatedKFold
    folds = splitter(n_splits=FOLDS, n_repeats=repeats, random_state=0)
    rows = list[list[float]]()
    for run, (train, test) in enumerate(folds.split(X, y)):
        found, outputs = list[float](), list[np.ndarray]()
        for library in (neural_network, estimators):
            model = getattr(library, kind)(random_state=run)
            model = make_pipeline(StandardScaler(), model) if scale else model
            model.fit(X[train], y[train])
            found.append(model.score(X[test], y[test]))
            predict = getattr(model, "predict_proba", model.predict)
            outputs.append(predict(X[test]))
        rows.append([*found, float(np.abs(outputs[0] - outputs[1]).max())])
    return np.array(rows)


def probability(differences: np.ndarray) -> float:
    """The two-sided p of the corrected resampled t-test; 1 where all differences are rounding."""
    if np.abs(differences).max() < ROUNDING:
        return 1.0
    runs, spread = len(differences), float(differences.var(ddof=1))
    error = math.sqrt((1.0 / runs + 1.0 / (FOLDS - 1)) * spread)
    return float(2.0 * stats.t.sf(abs(differences.mean()) / error, runs - 1)) if error else 0.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.same", description=__doc__)
    parser.add_argument("sets", nargs="*", metavar="set", help=", ".join(SETS))
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # of 200 epochs that are over
    print("| data | inputs | theirs | ours | largest difference of a score, of an output | p |")
    print("|---|---|---|---|---|---|")
    differ = list[str]()
    for name in asked.sets or SETS:
        kind, make = SETS[name]
        for scale in (False, True):
            table = compare(kind, *make(), asked.repeats, scale)
            gaps = table[:, 1] - table[:, 0]
            p = probability(gaps)
            differ += [name] if p < LEVEL else []
            means = " | ".join(f"{each:.4f}" for each in table[:, :2].mean(axis=0))
            inputs = "standardised" if scale else "as they are"
            largest = f"{np.abs(gaps).max():.2g}, {table[:, 2].max():.2g}"
            print(f"| {name} | {inputs} | {means} | {largest} | {p:.2f} |", flush=True)
    print(f"differ significantly (p < {LEVEL}): {', '.join(differ) or 'none'}")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
