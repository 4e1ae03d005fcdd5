"""Network: a dense neural network, from its sizes to its predictions. Start reading here.

What it is made of is in structure.py, the mathematics of a batch in passes.py and layers.py, the
training loop in training.py. What other rooms do for a network is behind doors.py.
"""

from collections.abc import Sequence
from typing import Any

from .arrays import Array
from .doors import door
from .history import History
from .loss import Loss
from .structure import Structure


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

    def __init__(
        self,
        layers: Sequence[int],
        *,
        activation: Any = "leaky_relu",
        loss: str | Loss = "auto",
        dropout: float | Sequence[float] = 0.0,
        initializer: str = "auto",
        bias: bool | Sequence[bool] = True,
        classes: Sequence[Any] | None = None,
        input_scale: float | None = None,
        dtype: Any = "float32",
        seed: int | None = None,
    ) -> None:
        super().__init__(layers, locals())

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        epochs: int = 20,
        batch_size: int | None = None,
        verbose: bool = False,
        optimizer: Any = None,
        learning_rate: Any = None,
        schedule: Any = "one_cycle",
        weight_decay: float | None = None,
        validation_data: Any = None,
        validation_split: float = 0.0,
        sample_weight: Any = None,
        class_weight: Any = None,
        metrics: Any = None,
        callbacks: Sequence[Any] = (),
        early_stopping: Any = None,
        standardize: bool = False,
        missing: str = "error",
        target_loss: float | None = None,
        time_limit: float | None = None,
        shuffle: bool = True,
        restarts: int = 1,
        resume: Any = None,
    ) -> History:
        """Train on X (rows, inputs) and y; gives the history of this call. Parameters and random
        streams go on where they were; optimizer and schedule start anew.

        Args:
            X: numbers, bytes (uint8 images: scaled by 1/255) or a memory-mapped array of any size;
                or, without y, an iterable of batches (X, y[, weights]), walked once an epoch.
            y: labels (rows,), one-hot rows, 0/1 values, probabilities or numbers (rows, columns).
            epochs: times that all rows are seen. batch_size: rows in a step; None: a hundredth of
                the rows, at least 32 and at most 100.
            optimizer: a name or an object, SGD(learning_rate=0.1); None: Adam().
            learning_rate: above 0 (None: the optimizer's own), or a function of a Progress.
            schedule: a name, or a function of a Progress, that the rate is multiplied with over
                this call: "one_cycle" rises and falls to 0, "constant" (of generators) stays.
            weight_decay: at least 0, of weights, never of biases; see Optimizer.
            validation_data: (X, y) or (X, y, weights), evaluated after each epoch;
                validation_split: the share of rows, in [0, 1), drawn for that instead.
            sample_weight: (rows,) at least 0: in one full batch, weight 2 equals the row twice.
            class_weight: {label: weight}, or "balanced".
            metrics: names or functions (targets, outputs, weights), for the validation rows.
            callbacks: objects with hooks; see Callback. verbose: show progress on standard error.
            early_stopping: epochs to wait for a lower (validation) loss, or an EarlyStopping; the
                best parameters are restored.
            standardize: inputs, and targets of a regression, to mean 0 and spread 1; stored.
            missing: "mask": nan in numeric targets means unknown; "error": nan is refused.
            target_loss: stop when the loss (of validation where given) is at most this.
            time_limit: seconds after which to stop, after the batch. shuffle: in random order.
            restarts: how many starts to train together, the present one and new ones; that with the
                lowest loss (of validation where given) is kept. Callbacks get all at once. Solvers
                train them one after another, until one has the target loss.
            resume: a folder of checkpoints to go on from, to the last bit, and to write further
                ones to; an empty or missing one is begun. The call must be the one that was
                broken off, on a network just made. See callbacks.Checkpoint.

        Raises:
            ValueError, TypeError: an argument is not as above; nothing was changed.
            DivergenceError: loss or parameters left the finite numbers; the last finite are kept.
            KeyboardInterrupt: Ctrl-C, after the batch; network and history are consistent.
        """
        history: History = door("fit")(**locals())
        return history

    def constrain(self, where: Any = (), to: Any = "fixed", *, monotone: Any = None) -> "Network":
        """Keep parameters fixed, or within bounds, in each `fit` from now on, and in `reset`.

        `where`: names as in `constraints` ("weights[0][2, 1]", "biases[0]"), "all", or a mask.
        `to`: "fixed" as it is, a value, (lowest, highest) with None for open, or "free".
        `monotone`: {input: "increasing" or "decreasing"}. In full: intake.bounds.constrain."""
        door("constrain")(self, where, to, monotone)
        return self

    def predict(self, X: Any) -> Array:
        """(rows, outputs) for X (rows, inputs): probabilities, or values for regression.

        One logistic output gives the probability of class 1; a Gaussian likelihood [means,
        variances]; several quantiles are sorted. Rows are independent of each other.

        Raises:
            ValueError: X does not fit the network or is not finite; the loss is not settled yet.
        """
        return super().predict(X)

    def classify(self, X: Any) -> Array:
        """Labels: (rows,), the label of the largest output, or by 0.5 where there is one output;
        (rows, outputs) of 0 and 1 for several labels a row."""
        found: Array = door("classify")(self, X)
        return found

    def evaluate(
        self, X: Any, y: Any, *, sample_weight: Any = None, metrics: Any = None
    ) -> dict[str, float]:
        """{"loss": ..., metric: ...}: the mean loss of the rows (of standardised targets in their
        unit, as in training), and metrics by name.

        Args:
            X, y, sample_weight: as in `fit`; nan in numeric targets means unknown.
            metrics: names from `glassnet.metrics.METRICS` or functions (targets, outputs, weights)
                -> number; None: "accuracy" for labels, "r2" for numbers.
        """
        values: dict[str, float] = door("evaluate")(self, X, y, sample_weight, metrics)
        return values

    def test_accuracy(self, X_test: Any, y_test: Any) -> float:
        """The fraction in [0, 1] of rows predicted correctly: largest output, or 0.5 for one.
        `y_test`: labels (rows,), one-hot rows, or 0/1 rows of which all outputs must be right."""
        return float(door("test_accuracy")(self, X_test, y_test))

    def save_model(self, path: Any) -> None:
        """Write all that `predict` needs to a file; its suffix names the format: .safetensors."""
        door("save")(self, path)

    def load_model(self, path: Any, *, custom: dict[str, Any] | None = None) -> "Network":
        """Take over a saved network of the same layers; on failure nothing changes. `custom` has
        your own activations and losses by name. `glassnet.load(path)` makes a new one."""
        door("load_into")(self, path, custom=custom)
        return self

    def export(self, path: Any, *, format: str | None = None, **options: Any) -> None:
        """Write a file that predicts without glassnet: .onnx, .py (with NumPy: format="numpy"), .h
        (C) or .mjs (JavaScript). Options and errors: glassnet.saving.export."""
        door("export")(self, path, format=format, **options)

    def find_learning_rate(self, X: Any, y: Any, **options: Any) -> dict[str, Any]:
        """Try rising learning rates on a copy: {"learning_rates", "losses", "suggestion"}."""
        found: dict[str, Any] = door("find_learning_rate")(self, X, y, **options)
        return found

    def explain(self, x: Any, y: Any, **options: Any) -> Any:
        """One pass of a row (inputs,) or a few, and one step, every formula with its numbers: print
        it, or `save` it. Options (format, digits, learning_rate) and errors: diagnostics.explain.
        """
        return door("explain")(self, x, y, **options)

    def summary(self) -> str:
        """A table of the layers, and what was settled."""
        return str(door("summary")(self))

    def __repr__(self) -> str:
        return str(door("repr")(self))
