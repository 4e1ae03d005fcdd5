"""Network: a dense neural network, from its sizes to its predictions. Start reading here.

What it is made of is in structure.py, the mathematics of a batch in passes.py and layers.py, the
arguments of `fit` in fitting.py, the training loop in training.py. What other rooms do for a
network is behind doors.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data import read_rows, settled
from .doors import door
from .evaluation import ROWS_AT_ONCE, evaluate_rows, metrics_named
from .fitting import fit
from .structure import Structure
from .summary import describe_network, one_line

Array = NDArray[Any]


class Network(Structure):
    """A dense network: `Network([784, 32, 16, 10])` has 784 inputs and 10 outputs.

    Args:
        layers: the numbers of units, input and output included; `[4, 3]` has no hidden layer.
        activation: of the hidden layers, a name or an Activation, one for all or one for each.
        loss: a name or a Loss; "auto" is settled by the y of the first `fit`: one output and 0/1
            -> logistic, one output otherwise -> squared error, several outputs and labels or
            one-hot rows -> softmax cross-entropy, a 0/1 matrix otherwise -> logistic, else squared
            error.
        dropout: the share of hidden outputs set to 0 in training, in [0, 1), one or one per layer.
        initializer: of the weights, a name; "auto" goes by the activation. Biases start at 0.
        bias: True, False, or one per layer of weights.
        classes: the labels that the outputs stand for, in order; for one output [no, yes].
        input_scale: what inputs are multiplied with; None: bytes (uint8) by 1/255, others by 1.
        dtype: "float32" or "float64".
        seed: an integer for the same numbers each time (same machine, same bits), or None.

    Raises:
        ValueError, TypeError: an argument is not as above, or needs more memory than there is.
    """

    fit = fit

    def predict(self, X: Any) -> Array:
        """(rows, outputs) for X (rows, inputs): probabilities, or values for regression.

        One logistic output gives the probability of class 1; a Gaussian likelihood [means,
        variances]; several quantiles are sorted. Rows are independent of each other.

        Raises:
            ValueError: X does not fit the network or is not finite; the loss is not settled yet.
        """
        self.settled_loss("predict")
        X = self.check_inputs(X)
        with np.errstate(all="ignore"):
            if len(X) <= ROWS_AT_ONCE:
                return self.to_outputs(self.passes.scores(self.scale_inputs(X)))
            outputs = np.empty((len(X), self.layers[-1]), self.dtype)
            for start in range(0, len(X), ROWS_AT_ONCE):
                part = slice(start, start + ROWS_AT_ONCE)
                outputs[part] = self.to_outputs(self.passes.scores(self.scale_inputs(X[part])))
        return outputs

    def classify(self, X: Any) -> Array:
        """Labels: (rows,), the label of the largest output, or by 0.5 where there is one output;
        (rows, outputs) of 0 and 1 for several labels a row."""
        loss = self.settled_loss("classify")
        if loss.targets == "numbers" and self.classes is None:
            raise ValueError(
                f"classify needs a network that tells labels apart; this one has the loss "
                f"{loss.name!r}. Use predict(X), or make it with Network(..., classes=[...])."
            )
        outputs = self.predict(X)
        several = loss.targets == "flags" and self.layers[-1] > 1 and self.classes is None
        if several:
            return (outputs >= 0.5).astype(np.int64)
        found = outputs.argmax(axis=1) if self.layers[-1] > 1 else (outputs[:, 0] >= 0.5) * 1
        return found if self.classes is None else np.array(self.classes)[found]

    def evaluate(
        self, X: Any, y: Any, *, sample_weight: Any = None, metrics: Any = None
    ) -> dict[str, float]:
        """{"loss": ..., metric: ...}: the mean loss of the rows, and metrics by name.

        Args:
            X: (rows, inputs); y: as in `fit`.
            sample_weight: (rows,) numbers of at least 0, or None.
            metrics: names from `glassnet.metrics.METRICS` or functions (targets, outputs, weights)
                -> number; None: "accuracy" for labels, "r2" for numbers.
        """
        loss = self.settled_loss("evaluate")
        rows = read_rows(self, X, y, sample_weight, missing=True, by=settled(self), keep=True)
        return evaluate_rows(self, rows, metrics_named(metrics, loss.metric))

    def test_accuracy(self, X_test: Any, y_test: Any) -> float:
        """The fraction in [0, 1] of rows predicted correctly: largest output, or 0.5 for one.

        `y_test` are labels (rows,), one-hot rows, or 0/1 rows of which all outputs must be right.
        """
        return float(door("test_accuracy")(self, X_test, y_test))

    def save_model(self, path: Any) -> None:
        """Write all that `predict` needs to a file; its suffix names the format: .safetensors."""
        door("save")(self, path)

    def load_model(self, path: Any, *, custom: dict[str, Any] | None = None) -> Network:
        """Take over a saved network of the same layers; on failure nothing changes.

        `custom` has your own activations and losses by name. `glassnet.load(path)` makes a new one.
        """
        door("load_into")(self, path, custom=custom)
        return self

    def find_learning_rate(self, X: Any, y: Any, **options: Any) -> dict[str, Any]:
        """Try rising learning rates on a copy: {"learning_rates", "losses", "suggestion"}."""
        found: dict[str, Any] = door("find_learning_rate")(self, X, y, **options)
        return found

    def summary(self) -> str:
        """A table of the layers, and what was settled."""
        return describe_network(self)

    def __repr__(self) -> str:
        return one_line(self)
