"""MLPClassifier: scikit-learn's, and what more the engine can do with labels.

Labels become numbers of columns, or 0 and 1, in here; base.py has the rest. A new parameter: its
line in the signature, in the docstring and in parameters.py.
"""

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import (
    _check_partial_fit_first_call,
    check_classification_targets,
    type_of_target,
    unique_labels,
)
from sklearn.utils.validation import column_or_1d, validate_data

from ..core.arrays import Array
from ..core.checks import show
from ..core.loss import Loss
from ..losses import Logistic, SoftmaxCrossEntropy
from .base import MLP, ForSteps
from .conventions import Summed
from .failures import all_or_nothing, warn
from .reading import in_place, labels_of, numbers_of


class MLPClassifier(ClassifierMixin, MLP):  # type: ignore[misc]  # scikit-learn has no types
    """A dense network for labels; parameters and defaults are scikit-learn's MLPClassifier's.

    y may be labels of any kind, or a 0/1 matrix of several labels a row. More than there:
        hidden_layer_sizes: `()` is a logistic regression.
        activation: any of the engine's, one or one for each hidden layer.
        solver: any of the engine's optimizers, by name or as an object with its own rate.
        learning_rate: also a schedule of the engine, "one_cycle", "cosine" and so on.
        dropout: the share of hidden outputs set to 0 in training, one or one for each layer.
        class_weight: {label: weight} or "balanced", multiplied with the weights of the rows.
        label_smoothing: the share of certainty that is spread over all classes, in [0, 1).
        initializer: of the weights; None: as scikit-learn draws them.
        restarts: how many starts to train; the best is kept.
        callbacks: of the engine: glassnet.callbacks.
        scoring: what early stopping watches; None: accuracy. A scorer or its name.
    After `fit`, `network_` is the Network itself, to save, export or look into.
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: Any = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: Any = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        dropout: Any = 0.0,
        class_weight: Any = None,
        label_smoothing: float = 0.0,
        initializer: str | None = None,
        restarts: int = 1,
        callbacks: Any = None,
        scoring: Any = None,
    ) -> None:
        self._keep(locals())

    def _read(self, X: Any, y: Any, reset: bool, known: bool) -> tuple[Any, Array]:
        X, y = numbers_of("X", X), labels_of(y)
        with in_place(X=X, y=y):
            X, y = validate_data(
                self,
                X,
                y,
                accept_sparse=["csr", "csc"],
                multi_output=True,
                dtype=(np.float64, np.float32),
                reset=reset,
            )
        check_classification_targets(y)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not hasattr(self, "classes_") or (reset and not known):
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        else:
            self._refuse_new_classes(y)
        return X, self._encoded(y, X.dtype)

    def _refuse_new_classes(self, y: Array) -> None:
        if y.ndim == 1 and self._label_binarizer.y_type_.startswith("multilabel"):
            raise ValueError(  # which would be read as the number of a column
                f"y must have one column of 0 and 1 for each of the {len(self.classes_)} labels "
                f"known so far; it has one label for each row: {show(y)}."
            )
        classes = unique_labels(y)
        if self.warm_start and set(classes) != set(self.classes_):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous "
                f"call to fit. Previously got {self.classes_}, `y` has {classes}"
            )
        if len(np.setdiff1d(classes, self.classes_, assume_unique=True)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. "
                f"'y' has {classes}."
            )

    @property
    def _several(self) -> bool:
        """Whether a row has one of more than two classes."""
        return bool(self._label_binarizer.y_type_ == "multiclass")

    def _encoded(self, y: Array, dtype: Any) -> Array:
        if self._several:
            return np.searchsorted(self.classes_, y).astype(np.int64)
        return np.ascontiguousarray(self._label_binarizer.transform(y), dtype=dtype)

    def _targets_of(self, y: Array) -> Array:
        decoded: Array = self.classes_[y] if self._several else self._decoded(y)
        return decoded

    def _decoded(self, outputs: Array) -> Array:
        """Labels, or a 0/1 matrix, from the outputs of the network."""
        if self._several:
            return np.asarray(self.classes_[outputs.argmax(axis=1)])
        flat = outputs[:, 0] if outputs.shape[1] == 1 else outputs
        return np.asarray(self._label_binarizer.inverse_transform(flat))

    def _balance(self, y: Array, once: bool) -> Array | None:
        if self.class_weight is None:
            return None
        if once and isinstance(self.class_weight, str):
            raise ValueError(
                "class_weight='balanced' goes by all rows, and partial_fit sees some of them. Pass "
                "{label: weight}."
            )
        return np.asarray(compute_sample_weight(self.class_weight, self._targets_of(y)))

    def _little(self, y: Array) -> str:
        alone = len(self.classes_) == 1
        few = "y holds one class only: the model can but learn to say so."
        return few if alone else super()._little(y)

    def _names_of_outputs(self) -> list[Any] | None:
        """The labels that the outputs stand for; several labels a row have none."""
        kind = self._label_binarizer.y_type_
        named = len(self.classes_) > 1 and kind in ("binary", "multiclass")
        return list(self.classes_) if named else None

    def _loss(self, columns: int) -> tuple[Loss, Loss]:
        if self._several:
            loss: Loss = SoftmaxCrossEntropy(self.label_smoothing)
            return loss, loss
        return Summed(Logistic(), smoothing=self.label_smoothing), Logistic()

    def _outputs(self, y: Array) -> int:
        return len(self.classes_) if y.ndim == 1 else int(y.shape[1])

    def _out_activation(self, y: Array) -> str:
        return "softmax" if self._several else "logistic"

    def _strata(self, y: Array) -> Array | None:
        return y.astype(bool) if self.n_outputs_ == 1 else None

    def _labels(self, y: Array) -> Array | None:
        if y.ndim == 2 and y.shape[1] > 1:
            return None
        return y.reshape(-1).astype(np.int64)

    def _told(self, outputs: Array) -> Array:
        if outputs.shape[1] > 1:
            return outputs
        return np.concatenate([1 - outputs, outputs], axis=1)

    def _scored(self, y: Array, outputs: Array, weights: Any) -> float:
        guessed = outputs.argmax(axis=1) if self._several else outputs > 0.5
        right = guessed == y if len(self.classes_) > 1 else np.ones(len(y))
        rows = right.reshape(len(y), -1).all(axis=1)  # accuracy_score, which decodes, takes longer
        return float(np.average(rows, weights=weights))

    def predict(self, X: Any) -> Array:
        """(rows,) labels, or (rows, labels) of 0 and 1. Raises NotFittedError before `fit`,
        ValueError for an X of other columns."""
        scores = self._scores_for(X)
        if self._several and np.isfinite(scores).all():
            return self._decoded(scores)  # the largest has the largest probability, too
        return self._decoded(self._certain(self._linked(scores)))

    def predict_proba(self, X: Any) -> Array:
        """(rows, classes) probabilities, in the order of `classes_`; errors as in `predict`."""
        return self._told(self._outputs_for(X))

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithms of `predict_proba`."""
        probabilities = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(probabilities, out=probabilities))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of rows that `predict` gets right, in all their labels where there are several.
        Warns of labels that `fit` never saw, which no row can be right about."""
        score, known = super().score(X, y, sample_weight), self.classes_
        if np.ndim(y) == 1 and len(new := np.setdiff1d(np.asarray(y), known)):
            warn(f"y has labels that fit never saw: {show(new.tolist())}.")
        return float(score)

    @ForSteps
    def partial_fit(
        self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None
    ) -> "MLPClassifier":
        """One epoch over these rows; parameters and the optimizer's memory go on.

        `classes`, all labels there will be, is needed in the first call. Otherwise as `fit`.
        """
        self._validate_params()
        with all_or_nothing(self):
            if _check_partial_fit_first_call(self, classes):
                several = type_of_target(labels_of(y)).startswith("multilabel")
                self._label_binarizer = LabelBinarizer().fit(y if several else classes)
            self._fit(X, y, sample_weight, True, None)
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
