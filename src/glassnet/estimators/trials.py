"""What glassnet.cross_validate and learning_curve ask of an estimator: see selection/trial.py.

Networks are trained together where that can be and is faster (together.py), else one after another,
each with its rows alone.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import clone

from ..core import checks
from ..core.arrays import Array
from ..core.errors import DivergenceError
from ..core.network import Network
from ..intake.evaluation import evaluate_rows, metrics_named, value_of
from ..intake.given import parts
from ..intake.targets import encode
from ..metrics import METRICS
from ..selection.rows import refuse_without_weight
from ..selection.trial import Trial, both_or_three, not_all_diverged
from .failures import in_words, warn
from .reading import weights_of
from .together import for_one, pays, train_together
from .training import Data

ADVICE = "Lower the learning rate, or scale X and y."

CALLED = {
    "epochs": "max_iter",
    "learning_rate": "learning_rate_init",
    "optimizer": "solver",
    "weight_decay": "alpha",
    "validation_split": "validation_fraction",
    "validation_data": "early_stopping",
}
"""What options of Network.fit are called as parameters of MLPClassifier and MLPRegressor."""


class ModelTrial(Trial):
    """The part that does not depend on the kind of estimator; `names` are those of labels."""

    labels: Any
    names: Any = ()

    def __init__(self, model: Any, caller: str, options: dict[str, Any]) -> None:
        _refuse(options, caller, model)
        if getattr(model, "_skl_callbacks", None):
            raise ValueError(
                f"{caller} trains many copies of an estimator, and callbacks that were given by "
                "set_callbacks are for one. Use cross_val_score of sklearn.model_selection."
            )
        self.caller, self.model = caller, clone(model)

    def new(self, seed: int) -> Any:
        """An untrained model that has read the data; `seed` is for one without a random_state."""
        model = clone(self.model)  # forgets what was read, and has random numbers of its own
        model.__dict__ = {**vars(self.model), **vars(model)}
        if model.random_state is None:
            model.random_state = int(seed) % 2**31
        return model

    def refuse_missing(self, seen: Array, enough: int, why: str) -> None:
        """Refuse rows to train with, (models, rows), of fewer labels than are needed."""
        labels = self.labels
        for number, mine in enumerate(() if labels is None else seen):
            if len(found := np.unique(labels[mine])) < enough:
                missing = np.setdiff1d(labels, found)[0]
                raise ValueError(
                    f"the {int(mine.sum())} rows that network {number} is trained with hold "
                    f"{len(found)} of {len(self.names)} labels, not "
                    f"{checks.show(self.names[missing])}: {why}. Use fewer folds, and leave "
                    "stratified=False out; or join rare labels."
                )


def _refuse(options: dict[str, Any], caller: str, model: Any) -> None:
    """What is passed beside an estimator, which has parameters instead."""
    known = model.get_params()
    for name, given in options.items():
        called = CALLED.get(name, name) if "max_iter" in known else name
        if called not in known:
            raise TypeError(f"{caller} got an unexpected keyword argument {name!r}.")
        raise TypeError(
            f"{caller} got {name}={checks.show(given)} beside an estimator, which is trained by "
            f"its own parameters. Say {type(model).__name__}({called}=...)."
        )


class MLPTrial(ModelTrial):
    """Of MLPClassifier and MLPRegressor; rows are as the engine takes them."""

    def __init__(
        self, model: Any, caller: str, X: Any, y: Any, weights: Any, metrics: Any, options: Any
    ) -> None:
        super().__init__(model, caller, options)
        self.model._validate_params()
        self.data: Data = self.model._data(X, y, weights, True, False)
        self.weights, self.labels = self.data.weights, self.model._labels(self.data.y)
        self.names = getattr(self.model, "classes_", ())
        self.metrics = metrics_named(metrics, self.model._loss(1)[1].metric)
        if little := self.model._little(self.data.y):
            warn(little, RuntimeWarning)

    def __len__(self) -> int:
        return len(self.data)

    def rows_at(self, places: Array) -> Data:
        return self.data.take(places)

    def other_rows(self, name: str, given: Any) -> Any:
        return self.model._others(name, self.data, *parts(both_or_three(name, given)))

    def train_each(self, seeds: Sequence[int], seen: Array) -> tuple[list[Any], list[str]]:
        """See Trial. Of labels two are needed to train with; others become outputs that are 0."""
        refuse_without_weight(seen, self.weights, "that are trained with by network")
        several = self.labels is not None and len(self.names) > 1
        self.refuse_missing(seen, 2 if several else 0, "nothing tells them apart")
        models = [self.new(seed) for seed in seeds]
        with in_words(self.model):
            if not for_one(self.model) and pays(self.model, self._like()[1], seen):
                train_together(models, self.data, seen)
            else:
                for model, mine in zip(models, seen, strict=True):
                    _train_alone(model, self.data.take(mine))
        reasons = [model.stopped_ or "all epochs done" for model in models]
        return models, not_all_diverged(reasons, ADVICE)

    def measure(self, model: Any, rows: Data) -> dict[str, Any]:
        network = model.network_
        return evaluate_rows(network, rows.rows(network.dtype), self.metrics)

    def try_metrics(self, rows: Data) -> None:
        self.measure(self._like()[0], rows)

    def _like(self) -> tuple[Any, Network]:
        """A model that is ready to train, and its network."""
        model = self.new(0)
        model._start(self.data)
        return model, model._ready(self.data, True)

    def predict(self, model: Any, places: Array) -> Array:
        return np.asarray(model._told(model._predicted(self.data.X[places])))

    def results(self, models: Any) -> tuple[Any, list[Any]]:
        return [model.network_ for model in models], models


def _train_alone(model: Any, data: Data) -> None:
    """Fit a model that has read the data to some of the rows."""
    try:
        weights = model._weighed(data.y, data.weights, data.X.dtype, False)
        model._learn(replace(data, weights=weights), None, [], False, True)
    except DivergenceError as error:
        model.stopped_ = f"diverged in epoch {error.epoch}, batch {error.batch}"
    if model.stopped_.startswith("interrupted"):
        raise KeyboardInterrupt


class TableTrial(ModelTrial):
    """Of TableClassifier and TableRegressor: rows that a model does not see have the weight 0,
    which is how its `fit` leaves rows out. Losses are log_loss and the mean squared error."""

    def __init__(
        self, model: Any, caller: str, X: Any, y: Any, weights: Any, metrics: Any, options: Any
    ) -> None:
        super().__init__(model, caller, options)
        self.frame, self.y = self.model._read(X, y)
        self.given = weights_of(weights, len(self.y))
        self.weights = None if weights is None else self.given
        self.labels = None
        if self.model.task == "classification":
            self.names, self.labels = np.unique(self.y, return_inverse=True)
        self.metrics = metrics_named(metrics, "r2" if self.labels is None else "accuracy")
        self.loss = METRICS["mean_squared_error" if self.labels is None else "log_loss"]

    def __len__(self) -> int:
        return len(self.y)

    def rows_at(self, places: Array) -> Any:
        codes = self.y if self.labels is None else self.labels
        weights = None if self.weights is None else self.weights[places]
        return self.frame.take(places), codes[places], weights

    def other_rows(self, name: str, given: Any) -> Any:
        X, y, weights = parts(both_or_three(name, given))
        frame, y = self.model._read(X, y, f"{name}: X", f"{name}: y")
        if self.labels is not None:
            y = encode(y, self.names.tolist(), name)
        like = self.new(0)
        like._know(like._learn(self.frame))
        like._encode(frame, name)  # what does not fit is told before training
        return frame, y, None if weights is None else weights_of(weights, len(y))

    def train_each(self, seeds: Sequence[int], seen: Array) -> tuple[list[Any], list[str]]:
        refuse_without_weight(seen, self.weights, "that are trained with by network")
        self.refuse_missing(seen, len(self.names), "it could not be predicted")
        models = [self.new(seed) for seed in seeds]
        for model, mine in zip(models, seen, strict=True):
            model.fit(self.frame, self.y, self.given * mine)
        return models, [model.fleet_.history.stopped for model in models]

    def measure(self, model: Any, rows: Any) -> dict[str, Any]:
        frame, targets, weights = rows
        return self._values(targets, model._predicted(frame), weights)

    def _values(self, targets: Array, outputs: Array, weights: Any) -> dict[str, Any]:
        named = {"loss": self.loss, **self.metrics}
        return {
            name: value_of(name, metric, targets, outputs, weights)
            for name, metric in named.items()
        }

    def try_metrics(self, rows: Any) -> None:
        columns = self.y.shape[1] if self.labels is None else len(self.names)
        self._values(rows[1], np.full((len(rows[1]), columns), 1.0 / columns), rows[2])

    def predict(self, model: Any, places: Array) -> Array:
        return np.asarray(model._predicted(self.frame.take(places)))

    def results(self, models: Any) -> tuple[Any, list[Any]]:
        return [model.fleet_ for model in models], models
