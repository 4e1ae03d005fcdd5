"""MLPRegressor: scikit-learn's, and what more the engine can do with numbers.

What a loss says about targets and predictions is in here; base.py has the rest. A new parameter:
its line in the signature, in the docstring and in parameters.py.
"""

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_consistent_length, column_or_1d, validate_data

from ..core.arrays import Array
from ..core.loss import Loss
from ..losses import LOSSES
from .base import MLP, ForSteps
from .conventions import Summed
from .failures import all_or_nothing
from .reading import in_place, numbers_of, one_per_row, targets_of


class MLPRegressor(RegressorMixin, MLP):  # type: ignore[misc]  # scikit-learn has no types
    """A dense network for numbers; parameters and defaults are scikit-learn's MLPRegressor's.

    More than there:
        loss: any of the engine's, by name or as an object: "huber", "gamma", "absolute",
            Pinball((0.1, 0.5, 0.9)) for quantiles, "gaussian" for mean and variance.
        hidden_layer_sizes: `()` is a linear model.
        activation: any of the engine's, one or one for each hidden layer.
        solver: any of the engine's optimizers, by name or as an object with its own rate.
        learning_rate: also a schedule of the engine, "one_cycle", "cosine" and so on.
        dropout: the share of hidden outputs set to 0 in training, one or one for each layer.
        initializer: of the weights; None: as scikit-learn draws them.
        restarts: how many starts to train; the best is kept.
        callbacks: of the engine: glassnet.callbacks.
        scoring: what early stopping watches; None: R^2. A scorer or its name.
        missing: "mask": nan in y means unknown, and adds nothing; "error": it is refused.
    After `fit`, `network_` is the Network itself, to save, export or look into.
    """

    def __init__(
        self,
        loss: Any = "squared_error",
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
        initializer: str | None = None,
        restarts: int = 1,
        callbacks: Any = None,
        scoring: Any = None,
        missing: str = "error",
    ) -> None:
        self._keep(locals())

    def _read(self, X: Any, y: Any, reset: bool, known: bool) -> tuple[Any, Array]:
        X, y = numbers_of("X", X), targets_of(y)
        kind: dict[str, Any] = {"dtype": (np.float64, np.float32)}
        of_X = {"accept_sparse": ["csr", "csc"], **kind}
        finite: Any = "allow-nan" if self.missing == "mask" else True
        of_y = {"ensure_2d": False, "ensure_all_finite": finite, **kind}
        with in_place(X=X, y=y):
            X, y = validate_data(self, X, y, reset=reset, validate_separately=(of_X, of_y))
        check_consistent_length(X, y)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        with np.errstate(over="ignore"):
            targets = np.ascontiguousarray(y.reshape(len(y), -1), dtype=X.dtype)
        if complaint := self._complaint(targets[~np.isnan(targets)], targets.shape[1]):
            raise ValueError(f"y does not suit loss={self._criterion.name!r}: {complaint}.")
        return X, targets

    def _complaint(self, numbers: Array, columns: int) -> str:
        """What is wrong with the targets that are known, or nothing."""
        loss = self._criterion
        if not numbers.size:
            return "all of it is missing"
        if not np.isfinite(numbers).all():
            return f"it has numbers too large for the dtype of X, {numbers.dtype}"
        if loss.targets != "numbers" and (numbers.min() < 0 or numbers.max() > 1):
            return "it has numbers that are not in [0, 1]"
        if loss.targets == "labels" and (columns == 1 or self.missing == "mask"):
            return "a row has shares of at least 2 columns, all of them known"
        return loss.complaint(numbers)

    @property
    def _criterion(self) -> Loss:
        return LOSSES[self.loss] if isinstance(self.loss, str) else self.loss

    def _loss(self, columns: int) -> tuple[Loss, Loss]:
        loss = self._criterion
        if loss.name == "squared_error":
            return Summed(loss, 0.5), loss
        return (Summed(loss) if columns > 1 and loss.name == "poisson" else loss), loss

    def _per_column(self, y: Array) -> float:
        return float(y.shape[1]) if self._criterion.name == "squared_error" else 1.0

    def _scores(self, y: Array) -> int:
        return self._criterion.statistics

    def _out_activation(self, y: Array) -> str:
        return "exp" if self._criterion.name in ("poisson", "gamma") else "identity"

    def _scored(self, y: Array, outputs: Array, weights: Any) -> float:
        """R^2, of several columns the mean; over the rows whose target is known."""
        found, known = self._middle(outputs), ~np.isnan(y)
        if known.all() or self.missing == "error":
            return float(r2_score(y, found, sample_weight=weights))
        columns = [i for i in range(y.shape[1]) if known[:, i].sum() > 1]
        of = [None if weights is None else weights[known[:, i]] for i in columns]
        pairs = [(y[known[:, i], i], found[known[:, i], i]) for i in columns]
        scores = [r2_score(*pair, sample_weight=w) for pair, w in zip(pairs, of, strict=True)]
        return float(np.mean(scores)) if scores else float("nan")

    def _targets_of(self, y: Array) -> Array:
        return y[:, 0] if y.shape[1] == 1 else y

    def _middle(self, outputs: Array) -> Array:
        """Of several numbers for each column of y the one nearest to its middle: the mean of
        [mean, variance], the middle one of the quantiles."""
        loss = self._criterion
        parts = np.split(outputs, loss.statistics, axis=1)
        levels = getattr(loss, "quantiles", (0.5,))
        nearest = int(np.argmin(np.abs(np.asarray(levels) - 0.5)))
        return np.asarray(parts[nearest])

    def predict(self, X: Any) -> Array:
        """(rows,) or (rows, outputs): for several quantiles, or mean and variance, one column for
        each. Raises NotFittedError before `fit`, ValueError for an X of other columns."""
        outputs = self._outputs_for(X)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R^2 of the predictions, of their middle where there are several for a column of y; with
        missing="mask" over the rows where y is known."""
        outputs = self._outputs_for(X)
        targets = np.asarray(one_per_row(targets_of(y), y), dtype=np.float64)
        check_consistent_length(outputs, targets, sample_weight)
        weights = None if sample_weight is None else np.asarray(sample_weight)
        return self._scored(targets.reshape(len(targets), -1), outputs, weights)

    @ForSteps
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> "MLPRegressor":
        """One epoch over these rows; parameters and the optimizer's memory go on. As in `fit`."""
        self._validate_params()
        with all_or_nothing(self):
            self._fit(X, y, sample_weight, True, None)
        return self
