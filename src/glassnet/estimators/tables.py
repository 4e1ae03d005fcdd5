"""TableClassifier and TableRegressor: a recipe for tables that is good without settings.

How the defaults were chosen, and what they give beside others: docs/tables.md. The fit, and all
that both share: tables_base.py.
"""

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from ..core import checks
from ..core.arrays import Array
from ..core.scaling import Scaling
from ..intake.scaling import check_resolution
from ..intake.targets import encode
from .tables_base import Table

__all__ = ["TableClassifier", "TableRegressor"]


class TableClassifier(ClassifierMixin, Table):  # type: ignore[misc]  # scikit-learn has no types
    """Which class a row of a table belongs to: good without settings, on raw columns.

    Numbers are scaled by median and quartiles and clipped smoothly, text becomes zeros and ones,
    missing cells are flagged; the mean of a few networks predicts. After RealMLP (Holzmüller et al.
    2024); measured in docs/tables.md.

    Args:
        members: networks, at least 1.
        hidden_layer_sizes: units of each hidden layer.
        activation: of the hidden layers, a name; "auto" is "selu" here, "silu" in TableRegressor.
        dropout: the share of hidden outputs set to 0 in training, in [0, 1).
        learning_rate, weight_decay: of AdamW; the rate is the peak of a one-cycle schedule.
        epochs: times that all rows are seen. batch_size: rows in a step; None: a quarter of the
            rows, at least 32 and at most 64.
        validation_fraction: the share of rows, in [0, 1), that each member goes without, to keep
            the parameters of the epoch that was best there. They are parts of one half of the rows;
            medians, categories and the like are learned from the other half (of less than 32 rows,
            from all, and none is kept from training).
        patience: epochs to wait for a better one; None: train to the end.
        numbers: "scaled"; beside that "piecewise" (bins; Gorishniy et al. 2022) or "periodic".
        max_categories: inputs that a column of text may become; rarer texts share one.
        random_state: an integer for the same model each time, a RandomState, or None.

    `recipe_` is what was learned of the table, `fleet_` the members, `classes_` the labels.
    """

    task = "classification"
    loss = "softmax_cross_entropy"
    usual = "selu"

    def _read_targets(self, y: Any, name: str) -> Array:
        y = column_or_1d(y, warn=True)
        y = check_array(y, dtype=None, ensure_2d=False, ensure_min_samples=0, input_name=name)
        check_classification_targets(y)
        return np.asarray(y)

    def _settle(self, y: Array) -> Array:
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) == 1:
            raise ValueError(
                f"y holds one class only, {checks.show(self.classes_[0])}: classification needs "
                "rows of two classes at least."
            )
        return np.asarray(codes)

    def _encode_targets(self, y: Array, name: str) -> Array:
        return encode(y, self.classes_.tolist(), name)

    def _outputs(self, targets: Array) -> tuple[int, Scaling | None]:
        return len(self.classes_), None

    def _train(self, *rows: Any) -> None:
        super()._train(*rows)
        self.fleet_.classes = self.classes_.tolist()

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, (rows, classes) in the order of `classes_`."""
        return self._predicted(X)

    def predict(self, X: Any) -> Array:
        """The most probable class of each row, (rows,)."""
        places = self._predicted(X).argmax(axis=1)
        return np.asarray(self.classes_[places])


class TableRegressor(RegressorMixin, Table):  # type: ignore[misc]  # scikit-learn has no types
    """Numbers that belong to a row of a table, one or several: good without settings.

    Targets are standardised. All else, and the parameters: see TableClassifier.
    """

    task = "regression"
    loss = "squared_error"
    usual = "silu"

    def _read_targets(self, y: Any, name: str) -> Array:
        y = check_array(y, dtype=np.float64, ensure_2d=False, input_name=name)
        return np.asarray(y.reshape(len(y), -1))

    def _outputs(self, targets: Array) -> tuple[int, Scaling | None]:
        deviations = targets.std(axis=0)
        scale = 1.0 / np.where(deviations > 0, deviations, 1.0)
        scaling = Scaling(targets.mean(axis=0), scale)
        check_resolution(scaling, np.dtype(np.float32))
        return targets.shape[1], scaling

    def predict(self, X: Any) -> Array:
        """The mean of the members, (rows,), or (rows, outputs) where there are several."""
        outputs = self._predicted(X)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
