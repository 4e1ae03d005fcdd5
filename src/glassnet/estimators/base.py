"""What MLPClassifier and MLPRegressor share: a fit, from parameters to fitted attributes.

`_fit` reads top to bottom: read the data, make or take up the network, train it, keep what
scikit-learn keeps. Random numbers are drawn as scikit-learn draws them, so that the same
`random_state` gives the same starting weights and the same batches. Rules of training: rules.py.
"""

from collections.abc import Iterator
from dataclasses import replace
from numbers import Integral
from types import MethodType
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight

from ..core.arrays import Array
from ..core.checks import show
from ..core.network import Network
from ..intake.plans import make_callbacks
from .failures import NOT_FINITE, all_or_nothing, warn
from .fitted import WithNetwork
from .parameters import CONSTRAINTS, sees_all_rows
from .protocol import CallbackSupport, Method, managed, tasks_of
from .reading import in_place, numbers_of, too_large, usable
from .training import Data, train
from .trials import MLPTrial


class ForSteps:
    """A method that a model has only where its solver takes steps, a batch at a time."""

    def __init__(self, method: Method) -> None:
        self.method = method
        self.__doc__, self.__name__ = method.__doc__, method.__name__

    def __get__(self, model: Any, owner: Any = None) -> Any:
        if model is None:
            return self.method
        if sees_all_rows(model.solver):
            raise AttributeError(
                f"This {type(model).__name__!r} has no attribute 'partial_fit': "
                f"solver={model.solver!r} sees all rows before each step. Use 'adam' or 'sgd'."
            )
        return MethodType(self.method, model)


class MLP(CallbackSupport, WithNetwork):  # type: ignore[misc]  # scikit-learn has no types
    """The part of both that does not depend on what y is."""

    _parameter_constraints = CONSTRAINTS

    def _keep(self, parameters: dict[str, Any]) -> None:
        """Store what a constructor was given, and nothing else."""
        for name in self._get_param_names():
            setattr(self, name, parameters[name])

    def __glassnet_trial__(self, *asked: Any) -> MLPTrial:
        """How glassnet.cross_validate and learning_curve try it."""
        return MLPTrial(self, *asked)

    # What depends on y

    def _read(self, X: Any, y: Any, reset: bool, known: bool) -> tuple[Any, Array]:
        raise NotImplementedError

    def _scored(self, y: Array, outputs: Array, weights: Any) -> float:
        raise NotImplementedError

    def _out_activation(self, y: Array) -> str:
        raise NotImplementedError

    def _outputs(self, y: Array) -> int:
        return int(y.shape[1])

    def _scores(self, y: Array) -> int:
        """Scores of the network for each output."""
        return 1

    def _per_column(self, y: Array) -> float:
        return 1.0

    def _strata(self, y: Array) -> Array | None:
        return None

    def _labels(self, y: Array) -> Array | None:
        """(rows,) integers, the class of each row, where each has one."""
        return None

    def _told(self, outputs: Array) -> Array:
        """(rows, columns) what is said of rows, from the outputs of the network."""
        return outputs

    def _targets_of(self, y: Array) -> Array:
        """y as the user has it, from what the engine works on."""
        return y

    # Fitting

    @managed
    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, X_val: Any = None, y_val: Any = None
    ) -> Any:
        """Train on X (rows, features) and y.

        Args:
            X: array, data frame or sparse matrix of numbers.
            y: (rows,) labels or numbers, or (rows, outputs).
            sample_weight: (rows,) at least 0, or None.
            X_val, y_val: rows whose score is kept after each epoch (`validation_scores_`), and is
                watched with `early_stopping=True`, instead of a share of the training rows.

        Raises:
            ValueError, TypeError: a parameter or the data are not as documented, or training left
                the finite numbers.
        """
        self._validate_params()
        validation = self._validation(X_val, y_val)
        with all_or_nothing(self):
            return self._fit(X, y, sample_weight, False, validation)

    def _validate_params(self) -> None:
        """scikit-learn's checks, for which True is an integer, and one that it is not."""
        super()._validate_params()
        for name, given in self.get_params(deep=False).items():
            flag = {"boolean", "verbose"} & {x for x in CONSTRAINTS[name] if isinstance(x, str)}
            if isinstance(given, (bool, np.bool_)) and not flag:
                raise ValueError(
                    f"The {name!r} parameter of {type(self).__name__} must not be a bool. "
                    f"Got {given} instead."
                )

    def _validation(self, X_val: Any, y_val: Any) -> Any:
        if (X_val is None) != (y_val is None):
            missing = "y_val" if y_val is None else "X_val"
            raise ValueError(f"X_val and y_val go together; {missing} is None.")
        if X_val is not None and sees_all_rows(self.solver):
            raise ValueError(
                f"X_val cannot be used with solver={self.solver!r}, which stops by itself; leave "
                "it out, or use 'adam'."
            )
        return None if X_val is None else (X_val, y_val)

    def _fit(self, X: Any, y: Any, weights: Any, once: bool, validation: Any) -> Any:
        self._hidden_sizes()
        watching = [] if once else tasks_of(self, X, y, weights)
        first = not hasattr(self, "coefs_") or (not self.warm_start and not once)
        data = self._data(X, y, weights, first, once)
        held = None if validation is None else self._others("X_val, y_val", data, *validation)
        if not once and (little := self._little(data.y)):
            warn(little, RuntimeWarning)
        data = replace(data, weights=self._weighed(data.y, data.weights, data.X.dtype, once))
        self._learn(data, held, watching, once, first)
        return self

    def _data(self, X: Any, y: Any, weights: Any, reset: bool, known: bool) -> Data:
        """What a user passes, checked, as the engine takes it; what it settles is kept."""
        X, y = self._read(X, y, reset, known)
        if complaint := too_large(X):
            raise ValueError(f"{complaint} It would end so: {NOT_FINITE}")
        if weights is None:
            return Data(X, y)
        numbers_of("sample_weight", weights)
        with in_place(sample_weight=weights):
            checked = _check_sample_weight(weights, X, dtype=X.dtype, ensure_non_negative=True)
        return Data(X, y, checked)

    def _others(self, name: str, data: Data, X: Any, y: Any, weights: Any = None) -> Data:
        """Rows beside those of `data`, to score on, in the same way."""
        try:
            rows = self._data(X, y, weights, False, True)
        except (ValueError, TypeError) as error:
            raise type(error)(f"{name}: {error}") from error
        if rows.y.shape[1:] != data.y.shape[1:]:
            raise ValueError(
                f"{name}: y is read as of shape {rows.y.shape}, where the rows to train with have "
                f"{data.y.shape}. Pass as many columns."
            )
        return rows

    def _learn(self, data: Data, held: Any, watching: Any, once: bool, first: bool) -> None:
        """Train on data as the engine takes it: each start, of which the best is kept."""
        watching = make_callbacks(self.callbacks or (), None, False) + watching
        self._start(data)
        for _ in self._starts(1 if once or not first else self.restarts):
            train(self, self._ready(data, first), data, held, watching, once)

    def _start(self, data: Data) -> None:
        self.n_outputs_ = self._outputs(data.y)
        self._random_state = check_random_state(self.random_state)

    def _ready(self, data: Data, first: bool) -> Network:
        """The network to train: with starting weights, or as it is."""
        columns = 1 if data.y.ndim == 1 else data.y.shape[1]
        layers = [data.X.shape[1], *self._hidden_sizes(), self.n_outputs_ * self._scores(data.y)]
        if first:
            self.out_activation_ = self._out_activation(data.y)
            self._begin(layers, data.X.dtype)
        network = self._network_now(layers)
        network.loss = self._loss(columns)[0]
        return network

    def _starts(self, count: int) -> Iterator[None]:
        """As many times as there are to be starts; what the best of them fitted is kept."""
        best: Any = None
        for _ in range(count):
            yield
            score = self.best_validation_score_ if self.early_stopping else None
            quality = -self.loss_ if score is None else score
            if best is None or quality > best[0]:
                best = quality, self.__dict__.copy()
            if self.stopped_.startswith(("interrupted", "broken off", "a callback asked")):
                break
        self.__dict__.update(best[1])

    def _hidden_sizes(self) -> list[int]:
        given = self.hidden_layer_sizes
        sizes = [given] if isinstance(given, Integral) else list(given)
        if any(isinstance(size, bool) or not isinstance(size, Integral) for size in sizes):
            raise ValueError(f"hidden_layer_sizes must be integers > 0, got {show(sizes)}.")
        if any(size <= 0 for size in sizes):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {show(sizes)}.")
        return [int(size) for size in sizes]

    def _weighed(self, y: Array, weights: Array | None, dtype: Any, once: bool) -> Array | None:
        """(rows,) the weights of rows, multiplied with those of their classes; None for 1 each."""
        balance = self._balance(y, once)
        if balance is not None:
            weights = balance if weights is None else weights * balance
        return None if weights is None else usable(weights, dtype)

    def _balance(self, y: Array, once: bool) -> Array | None:
        """(rows,) weights that the classes give, or None."""
        return None

    def _little(self, y: Array) -> str:
        """What can be trained with and is probably not what was meant, in words."""
        return "X has one row: nothing can be learned from how rows differ." if len(y) == 1 else ""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
