"""The table recipe beside others on many small tables: `python -m benchmarks.tables`.

Each contender is fitted on the same rows, 5 times 5 folds of each set (table_sets.py), with its
default settings, and scored on the rows left out. Results are kept in docs/tables.json, where a
run that was broken off goes on; tables_page.py makes docs/tables.md of them. To add a contender: a
function that makes its pipeline, and its name in CONTENDERS.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.metrics import log_loss
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from glassnet import estimators
from glassnet.estimators.tables import TableClassifier, TableRegressor

from .table_sets import CLASSES, SETS, AbsentError, DataSet
from .tools import ROOT

RESULTS = ROOT / "docs" / "tables.json"
FOLDS, REPEATS, MOST_ROWS = 5, 5, 1500
RECIPE, DROP_IN, THEIRS = "glassnet tables", "glassnet MLP", "scikit-learn MLP"
UNSCALED = "scikit-learn MLP, unscaled"


def prepared(model: BaseEstimator, scaled: bool = True) -> BaseEstimator:
    """A model behind what its users usually write: means filled in, standardised, one-hot. Not
    `scaled`: behind no more than what it cannot do without."""
    texts = make_column_selector(dtype_exclude="number")
    numbers = make_pipeline(SimpleImputer(), *[StandardScaler()] * scaled)
    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = (numbers, make_column_selector(dtype_include="number")), (one_hot, texts)
    return make_pipeline(make_column_transformer(*columns), model)


def of_kind(classes: bool, classifier: Any, regressor: Any, **settings: Any) -> BaseEstimator:
    return (classifier if classes else regressor)(random_state=0, **settings)


def boosting(classes: bool) -> BaseEstimator:
    """Columns of text are categories for it: no encoding, no filling in."""
    kinds = HistGradientBoostingClassifier, HistGradientBoostingRegressor
    return of_kind(classes, *kinds, categorical_features="from_dtype")


CONTENDERS: dict[str, Callable[[bool], BaseEstimator]] = {
    RECIPE: lambda classes: of_kind(classes, TableClassifier, TableRegressor),
    DROP_IN: lambda classes: prepared(
        of_kind(classes, estimators.MLPClassifier, estimators.MLPRegressor)
    ),
    THEIRS: lambda classes: prepared(of_kind(classes, MLPClassifier, MLPRegressor)),
    UNSCALED: lambda classes: prepared(of_kind(classes, MLPClassifier, MLPRegressor), scaled=False),
    "gradient boosting": boosting,
    "random forest": lambda classes: prepared(
        of_kind(classes, RandomForestClassifier, RandomForestRegressor)
    ),
}


def splits(y: Any, classes: bool, repeat: int) -> Iterator[tuple[Any, Any]]:
    """Rows to train and to test with."""
    if classes:
        return StratifiedKFold(FOLDS, shuffle=True, random_state=repeat).split(y, y)
    return KFold(FOLDS, shuffle=True, random_state=repeat).split(y)


def measure(name: str, classes: bool, X: pd.DataFrame, y: Any, rows: Any) -> dict[str, float]:
    """Score (accuracy, or r2 averaged over targets), log loss, and seconds of one fit."""
    train, test = rows
    if name == "gradient boosting":
        texts = X.select_dtypes(exclude="number").columns
        X = X.astype(dict.fromkeys(texts, "category"))
    targets = y[train], y[test]
    many = y.ndim == 2 and name == "gradient boosting"
    models = [CONTENDERS[name](classes) for _ in range(y.shape[1] if many else 1)]
    begun = time.perf_counter()
    for k, model in enumerate(models):
        model.fit(X.iloc[train], targets[0][:, k] if many else targets[0])
    spent = time.perf_counter() - begun
    found = [model.predict(X.iloc[test]) for model in models]
    predicted = np.column_stack(found) if many else found[0]
    if not classes:
        errors = ((predicted - targets[1]) ** 2).mean(axis=0) / targets[1].var(axis=0)
        return {"score": float(1.0 - np.mean(errors)), "seconds": spent}
    sure = log_loss(targets[1], models[0].predict_proba(X.iloc[test]), labels=models[0].classes_)
    accuracy = float(np.mean(predicted == targets[1]))
    return {"score": accuracy, "log_loss": float(sure), "seconds": spent}


def run(data: DataSet, repeat: int, kept: dict[str, Any], names: list[str]) -> None:
    """The folds of one repeat, for those of these contenders that do not have them yet."""
    X, y = data.make()
    chosen = np.random.default_rng(0).permutation(len(y))[:MOST_ROWS]
    X, y = X.iloc[chosen].reset_index(drop=True), np.asarray(y)[chosen]
    kept.update(rows=len(X), columns=X.shape[1], task=data.task, source=data.source)
    classes = data.task == CLASSES
    for name in names:
        mine = kept.setdefault("results", {}).setdefault(name, [])
        if len(mine) > repeat * FOLDS:
            continue
        for rows in splits(y, classes, repeat):
            mine.append(measure(name, classes, X, y, rows))


def main() -> None:
    from .tables_page import write_page

    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables", description=__doc__)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--sets", nargs="*", help="names of data sets (default: all)")
    parser.add_argument("--results", default=RESULTS, help="the JSON file")
    parser.add_argument("--contenders", nargs="*", default=list(CONTENDERS), help="names")
    parser.add_argument("--again", action="store_true", help="measure these contenders anew")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of scikit-learn's MLP, which does not converge everywhere
    path = ROOT / options.results
    all_kept = json.loads(path.read_text()) if path.exists() else {}
    for entry in all_kept.values() if options.again else ():
        for name in options.contenders:
            entry["results"].pop(name, None)
    for repeat in range(options.repeats):
        for data in SETS:
            if options.sets and data.name not in options.sets:
                continue
            try:
                run(data, repeat, all_kept.setdefault(data.name, {}), options.contenders)
            except AbsentError as absent:
                all_kept.pop(data.name)
                print(f"{data.name}: skipped, {absent} is not installed", flush=True)
                continue
            path.write_text(json.dumps(all_kept))
            print(f"repeat {repeat + 1}: {data.name}", flush=True)
    if path == RESULTS:
        write_page(all_kept)


if __name__ == "__main__":
    main()
