"""What TableClassifier and TableRegressor share: a fit, from a raw table to a small fleet.

`fit` reads top to bottom: the table becomes inputs (glassnet.tables), members are trained, each
stopping by rows of its own, and their mean predicts. Whatever predicting needs goes into the fleet,
and so into its file. To add a setting: to `__init__`, and to the words of TableClassifier.
"""

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import check_is_fitted

from .. import saving
from ..callbacks import EarlyStopping
from ..core import checks
from ..core.arrays import Array
from ..core.errors import ModelFileError
from ..core.random import Stream
from ..core.scaling import Scaling, uniform_scaling
from ..fleets.fleet import Fleet
from ..optimizers import AdamW
from ..selection.rows import spread
from ..tables import Frame, Recipe, learn, read_frame, recipe_from_json
from .reading import weights_of
from .trials import TableTrial

SMALLEST_BATCH, LARGEST_BATCH, STEPS = 32, 64, 4
FEWEST_TO_SPLIT = 32
"""Of fewer rows none is kept from training: too few would be left to learn from or to stop by."""
ENCODINGS: dict[str, dict[str, Any]] = {
    "scaled": {},
    "piecewise": {"bins": 8},
    "periodic": {"waves": (0.25, 0.5, 1.0)},  # of a scaled number: one wave in four spreads, ...
}


class Table(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What TableClassifier and TableRegressor share; TableClassifier explains the parameters."""

    task: ClassVar[str]
    loss: ClassVar[str]
    usual: ClassVar[str]  # what activation="auto" means

    def __init__(
        self,
        *,
        members: int = 4,
        hidden_layer_sizes: Any = (64, 64),
        activation: str = "auto",
        dropout: float = 0.05,
        learning_rate: float = 0.02,
        weight_decay: float = 0.02,
        epochs: int = 60,
        batch_size: int | None = None,
        validation_fraction: float = 0.125,
        patience: int | None = None,
        numbers: str = "scaled",
        max_categories: int = 32,
        random_state: Any = None,
    ) -> None:
        self.members = members
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.dropout = dropout
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.numbers = numbers
        self.max_categories = max_categories
        self.random_state = random_state

    def _read_targets(self, y: Any, name: str) -> Array:
        """y as an array, checked."""
        raise NotImplementedError

    def _settle(self, y: Array) -> Array:
        """Targets as the engine has them; what they settle (the classes) is kept."""
        return y

    def _encode_targets(self, y: Array, name: str) -> Array:
        """Further targets, as the engine has them."""
        return y

    def _outputs(self, targets: Array) -> tuple[int, Scaling | None]:
        """The number of outputs, and the scaling of these targets."""
        raise NotImplementedError

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, X_val: Any = None, y_val: Any = None
    ) -> Self:
        """Learn the recipe of the table, and train.

        Args:
            X: (rows, columns) array, a data frame of pandas or polars, or a dict of columns;
                numbers, booleans, text, missing cells.
            y: labels (rows,) of a classification; numbers (rows,) or (rows, outputs).
            sample_weight: (rows,) at least 0, or None.
            X_val, y_val: rows to stop by, instead of parts of X; nothing else is learned from them.

        Raises:
            ValueError, TypeError: a parameter or the data are not as above.
        """
        frame, y = self._read(X, y)
        weights = weights_of(sample_weight, frame.rows)
        seen = weights > 0.0  # a row of weight 0 is not there
        frame, targets, weights = frame.take(seen), self._settle(y[seen]), weights[seen]
        seeds, own = self._seeds(), X_val is None and y_val is None
        parts = self._parts(targets, seeds, own)
        common: Array = np.logical_not(parts.any(axis=0))
        data: Any = None
        self._know(self._learn(frame.take(common)))
        inputs = self.recipe_.encode(frame)
        if not own:
            data = self._rows_of(X_val, y_val)
        elif parts.any():
            data = inputs, targets, weights * parts
        fleet = self._fleet(seeds, *self._outputs(targets[common]))
        self._train(fleet, inputs, targets, weights * ~parts, data)
        return self

    def _read(self, X: Any, y: Any, of_X: str = "X", of_y: str = "y") -> tuple[Frame, Array]:
        """A table and the targets of its rows, checked, by their names in errors."""
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target {of_y} is None."
            )
        frame, y = read_frame(X, of_X), self._read_targets(y, of_y)
        check_consistent_length(frame.columns[0], y)
        return frame, y

    def __glassnet_trial__(self, *asked: Any) -> TableTrial:
        """How glassnet.cross_validate and learning_curve try it."""
        return TableTrial(self, *asked)

    def _seeds(self) -> list[int]:
        """One for each member."""
        count = checks.whole("members", self.members)
        drawn = check_random_state(self.random_state).randint(2**31 - 1, size=count)
        return [int(seed) for seed in drawn]

    def _parts(self, targets: Array, seeds: list[int], own: bool) -> Array:
        """(members, rows) True where a member validates: parts of one half of the rows, so that
        nothing is learned of a table from rows that any member validates with."""
        rows = len(targets)
        parts = np.zeros((len(seeds), rows), dtype=bool)
        share = checks.fraction("validation_fraction", self.validation_fraction)
        if not own or not share or rows < FEWEST_TO_SPLIT:
            return parts
        labels = targets if targets.ndim == 1 else None
        order, size = spread(rows, labels, Stream(seeds[0], "validation")), round(share * rows)
        count = max(1, rows // 2 // max(size, 1))
        for number, mine in enumerate(parts):
            mine[order[number % count * size :][:size]] = True
        return parts

    def _learn(self, frame: Frame) -> Recipe:
        encoding = checks.choice("numbers", self.numbers, ENCODINGS)
        limit = checks.whole("max_categories", self.max_categories)
        return learn(frame, max_categories=limit, **encoding)

    def _know(self, recipe: Recipe) -> None:
        """The recipe, and what scikit-learn keeps of a table."""
        self.recipe_, self.n_features_in_ = recipe, len(recipe.columns)
        self.__dict__.pop("feature_names_in_", None)
        if recipe.named:
            self.feature_names_in_ = np.array(recipe.names, dtype=object)

    def _fleet(self, seeds: list[int], outputs: int, scaling: Scaling | None) -> Fleet:
        """The members, untrained."""
        sizes = self.hidden_layer_sizes
        fleet = Fleet(
            [self.recipe_.width, *(sizes if np.iterable(sizes) else [sizes]), outputs],
            len(seeds),
            activation=self.usual if self.activation == "auto" else self.activation,
            dropout=self.dropout,
            loss=self.loss,
            seed=seeds,
        )
        fleet.input_scaling, fleet.target_scaling = uniform_scaling(), scaling
        return fleet

    def _rows_of(self, X_val: Any, y_val: Any) -> tuple[Array, Array]:
        """A user's own rows to stop by."""
        if X_val is None or y_val is None:
            missing = "y_val" if y_val is None else "X_val"
            raise ValueError(f"X_val and y_val go together; {missing} is None.")
        y_val = self._encode_targets(self._read_targets(y_val, "y_val"), "y_val")
        return self._encode(X_val, "X_val"), y_val

    def _train(
        self, fleet: Fleet, inputs: Array, targets: Array, weights: Array, data: Any
    ) -> None:
        """Train the members; those that diverge are left out."""
        epochs = checks.whole("epochs", self.epochs)
        patience = epochs if self.patience is None else checks.whole("patience", self.patience)
        usual = min(max(len(inputs) // STEPS, SMALLEST_BATCH), LARGEST_BATCH)
        fleet.fit(
            inputs,
            targets,
            epochs=epochs,
            batch_size=usual if self.batch_size is None else self.batch_size,
            optimizer=AdamW(learning_rate=self.learning_rate, weight_decay=self.weight_decay),
            sample_weight=weights,
            validation_data=data,
            early_stopping=None if data is None else EarlyStopping(patience),
            metrics=None if data is None else (),
        )
        sound = [not reason.startswith("diverged") for reason in fleet.history.reasons]
        self.fleet_ = fleet[np.array(sound)]
        settings = {name: _plain(each) for name, each in self.get_params().items()}
        settings = {name: each for name, each in settings.items() if each is not ...}
        self.fleet_.columns = {**self.recipe_.as_json(), "task": self.task, "settings": settings}

    def _encode(self, X: Any, name: str = "X") -> Array:
        """The inputs of the network for a further table."""
        frame = read_frame(X, name)
        if not (frame.named and self.recipe_.named) and len(frame.names) != self.n_features_in_:
            raise ValueError(
                f"{name} has {len(frame.names)} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input."
            )
        return self.recipe_.encode(frame, name)

    def _predicted(self, X: Any) -> Array:
        """The mean of the members, (rows, outputs) of float64."""
        check_is_fitted(self, "fleet_")
        return np.asarray(self.fleet_.predict(self._encode(X)).mean(axis=0, dtype=np.float64))

    def save(self, path: Any) -> None:
        """Write the model to one file, .safetensors, .npz or .pkl: all that predicting needs.

        `load` of this class gives the estimator again, `glassnet.load` its fleet.

        Raises:
            OSError: the system refused. ModelFileError (a ValueError): the suffix is unknown.
        """
        check_is_fitted(self, "fleet_")
        self.fleet_.save_model(path)

    @classmethod
    def load(cls, path: Any) -> Self:
        """The estimator that a file holds, which predicts the same, to the last bit.

        Raises:
            OSError: the system refused. ModelFileError (a ValueError): it holds no such model.
        """
        fleet = saving.load(path)
        columns = fleet.columns or {}
        try:
            recipe = recipe_from_json(columns)
            if columns.get("task") != cls.task or not isinstance(fleet, Fleet):
                raise ValueError(f"the model in it is not one of {cls.task}.")
            labelled = fleet.classes is not None
            if recipe.width != fleet.layers[0] or labelled != (cls.task == "classification"):
                raise ValueError("the recipe of the table does not fit the networks.")
            settings: dict[str, Any] = {
                name: tuple(each) if isinstance(each, list) else each
                for name, each in columns["settings"].items()
            }
            model = cls(**settings)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelFileError(str(path), "header", str(error)) from None
        model._know(recipe)
        model.fleet_ = fleet
        if labelled:
            model.classes_ = np.array(fleet.classes)
        return model

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.string = tags.input_tags.categorical = True
        return tags


def _plain(value: Any) -> Any:
    """A setting as JSON has it, or `...` for one that it has not: the default will do there."""
    if isinstance(value, np.generic):
        return value.item()
    if np.iterable(value) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | None) else ...
