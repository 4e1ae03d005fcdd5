"""Cross-validation of an estimator beside scikit-learn's loop: `python -m benchmarks.folds`.

The ratio of the times of cross_val_score and of glassnet.cross_validate, for the same MLPClassifier
of ours (30 epochs) on digits and on a table, in turns; the median, lowest and highest of three.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.datasets import load_digits, make_classification
from sklearn.model_selection import cross_val_score

from glassnet import cross_validate
from glassnet.estimators import MLPClassifier

from .tools import machine, seconds

REPEATS, EPOCHS = 3, 30


def ratio(X: np.ndarray, y: np.ndarray, units: int, folds: int, seed: int) -> float:
    model = MLPClassifier((units,), max_iter=EPOCHS, random_state=seed)
    loop = seconds(lambda: cross_val_score(model, X, y, cv=folds))
    return loop / seconds(lambda: cross_validate(model, X, y, folds=folds))


def main() -> None:
    warnings.simplefilter("ignore")  # so few epochs are not enough, as each fit says
    print(machine(), "\n\n| data | units | folds | times as fast |\n|---|---|---|---|", flush=True)
    digits, labels = load_digits(return_X_y=True)
    table = make_classification(2000, 10, random_state=0)
    for name, (X, y) in {"digits": (digits / 16.0, labels), "table": table}.items():
        for units in (8, 32, 100):
            for folds in (5, 10):
                found = [ratio(X, y, units, folds, seed) for seed in range(REPEATS)]
                middle = f"{np.median(found):.2f} ({min(found):.2f} to {max(found):.2f})"
                print(f"| {name} | {units} | {folds} | {middle} |", flush=True)


if __name__ == "__main__":
    main()
