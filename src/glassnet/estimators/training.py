"""One training of an estimator by the engine: in steps of batches, or by L-BFGS.

`train` is the way in. What scikit-learn does after each epoch is in rules.py.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from inspect import signature
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import check_scoring
from sklearn.model_selection import train_test_split

from ..core.arrays import Array
from ..core.callback import Callback
from ..core.errors import DivergenceError
from ..core.network import Network
from ..core.plan import Plan, Source
from ..core.scaling import uniform_scaling
from ..core.stepping import LOOK
from ..core.training import Training
from ..intake.fitting import means
from ..intake.plans import others_change_parameters, refuse_decay, refuse_what_is_for_steps
from ..intake.state import in_its_dtype
from ..second_order import LBFGS
from ..sources.rows import Rows
from ..sources.shuffled import Shuffled
from ..sources.whole import Whole, piece_of
from .failures import warn
from .parameters import optimizer_of, schedule_of, sees_all_rows
from .rules import Rules
from .sources import Dense, Order

FLAT = 2.2e-9
"""The relative decrease of the loss below which L-BFGS has converged, as in scikit-learn."""


@dataclass(frozen=True)
class Data:
    """X (rows, features), dense or sparse; y as the engine takes it; weights (rows,) or None."""

    X: Any
    y: Array
    weights: Array | None = None

    def __len__(self) -> int:
        return int(self.X.shape[0])

    def take(self, places: Array) -> "Data":
        """Some rows, by their numbers or by True and False."""
        weights = None if self.weights is None else self.weights[places]
        return Data(self.X[places], self.y[places], weights)

    def rows(self, dtype: Any) -> Rows:
        """The same as the engine takes it, for a network of this dtype."""
        sparse = not isinstance(self.X, np.ndarray)
        places = np.arange(len(self)) if sparse else None
        X: Any = Dense(self.X) if sparse else self.X
        return Rows(X, self.y, self.weights, uniform_scaling(), dtype, places)


def train(
    model: Any,
    network: Network,
    data: Data,
    held: Data | None,
    watching: Sequence[Callback],
    once: bool,
) -> None:
    """Train the network of a model; `held` are rows to score it on, `once` is for one epoch."""
    if sees_all_rows(model.solver):
        _descend(model, network, data, watching)
        return
    if once and model.early_stopping:
        raise ValueError("partial_fit does not support early_stopping=True")
    model.n_iter_ = 0
    if not once:
        model._memory = None
    if model.early_stopping and held is None:
        places, others = split(model, data.y)
        data, held = data.take(places), data.take(others)
    score = None if held is None else scorer(model, held)
    optimizer = optimizer_of(model)
    size = batch_size(model, len(data), optimizer.full_batch)
    source = Shuffled(data.rows(network.dtype), size, _order(model))
    rules = Rules(model, len(data), score, model._per_column(data.y))
    look = 1 if others_change_parameters(optimizer, watching) else LOOK
    schedule, epochs = schedule_of(model.learning_rate), 1 if once else model.max_iter
    plan = Plan(optimizer, schedule, epochs, [rules, *watching], look=look)
    training = _run(network, source, len(data), plan, rules)
    if model.n_iter_ == model.max_iter and not training.stopped and not once:
        warn_of_the_end(f"Stochastic Optimizer: Maximum iterations ({model.max_iter})")


def warn_of_the_end(what: str) -> None:
    warn(f"{what} reached and the optimization hasn't converged yet.", ConvergenceWarning)


def batch_size(model: Any, rows: int, all_of_them: bool) -> int:
    """The rows in a batch of so many; `all_of_them` where the optimizer needs them in one."""
    if model.batch_size == "auto":
        return rows if all_of_them else min(200, rows)
    if all_of_them and model.batch_size < rows:
        raise ValueError(
            f"solver={model.solver!r} needs all rows in one batch; got batch_size="
            f"{model.batch_size} for {rows} rows. Use batch_size='auto', or another solver."
        )
    if model.batch_size > rows:
        warn(
            "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped: "
            f"batch_size={model.batch_size}, {rows} rows."
        )
    return min(int(model.batch_size), rows)


def _order(model: Any) -> Order | None:
    return Order(model._random_state) if model.shuffle else None


def _run(network: Network, source: Source, rows: int, plan: Plan, rules: Rules | None) -> Training:
    """The training, which has ended in good order: by itself, by Ctrl-C, or saved by `rules`."""
    try:
        with means(network, source, plan):
            training: Training = (plan.optimizer.training or Training)(network, source, rows, plan)
            try:
                training.run()
            except DivergenceError:
                if rules is None or not rules.diverged(training.epoch):
                    raise
    except KeyboardInterrupt:  # `means` lets it through when all is put away
        warn("Training interrupted by user.")
        training.stopped = "interrupted by Ctrl-C"  # also where it had just ended
        if rules is not None:
            rules.model.stopped_ = training.stopped
    return training


def split(model: Any, y: Array) -> tuple[Array, Array]:
    """The numbers of the rows to train with, and of a share of them to score the network on."""
    try:
        places, held = train_test_split(
            np.arange(len(y)),
            random_state=model._random_state,
            test_size=model.validation_fraction,
            stratify=model._strata(y),
        )
    except ValueError as error:
        raise ValueError(
            f"validation_fraction={model.validation_fraction} of {len(y)} rows cannot be held "
            f"back: {error} Change validation_fraction, or pass X_val and y_val."
        ) from error
    if len(held) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' or the size of your "
            "dataset."
        )
    return places, held


def scorer(model: Any, held: Data) -> Callable[[], float]:
    """What scores the model as it is on these rows; nan where its outputs are not finite."""
    if held.weights is not None and not held.weights.any():
        raise ValueError(
            f"sample_weight is 0 for each of the {len(held)} rows held back to stop by. Drop rows "
            "of weight 0, change validation_fraction, or leave early_stopping."
        )
    if model.validation_scores_ is None:
        model.validation_scores_, model.best_validation_score_ = [], -np.inf
    given = None if model.scoring is None else check_scoring(model, model.scoring)
    weighed = held.weights is not None and _takes_weights(given)

    def score() -> float:
        """Of the rows held back, with the parameters of the moment."""
        outputs = model._predicted(held.X)
        if not np.isfinite(outputs).all():
            return float("nan")
        if given is None:
            return float(model._scored(held.y, outputs, held.weights))
        with warnings.catch_warnings():  # the rows have lost the names of their columns
            warnings.filterwarnings("ignore", "X does not have valid feature names")
            options = {"sample_weight": held.weights} if weighed else {}
            return float(given(model, held.X, model._targets_of(held.y), **options))

    return score


def _takes_weights(scorer: Any) -> bool:
    """Whether a scorer of scikit-learn's, or a user's own, can score with weights of rows."""
    function = getattr(scorer, "_score_func", scorer)
    return function is not None and "sample_weight" in signature(function).parameters


def _descend(model: Any, network: Network, data: Data, watching: Sequence[Callback]) -> None:
    refuse_what_is_for_steps(LBFGS(), network.dropout, False)
    total = float(len(data) if data.weights is None else data.weights.sum())
    optimizer: Any = model.solver
    if optimizer == "lbfgs":
        optimizer = LBFGS(tolerance=model.tol, loss_tolerance=FLAT, max_evaluations=model.max_fun)
    if optimizer.dtype not in (None, network.dtype.name):
        raise ValueError(
            f"solver={type(optimizer).__name__} works in {optimizer.dtype}; X is of "
            f"{network.dtype}. Pass X.astype('{optimizer.dtype}')."
        )
    in_its_dtype(network, optimizer)  # for its look at the memory
    if model.alpha:
        refuse_decay("alpha", model.alpha, optimizer)
        optimizer = replace(optimizer, weight_decay=model.alpha / total)
    plan = Plan(optimizer, schedule_of("constant"), model.max_iter, watching)
    source = Whole(data.rows(network.dtype), piece_of(network.layers))
    training = _run(network, source, len(data), plan, None)
    history = training.history
    model.n_iter_, model.stopped_, model._memory = len(history), training.stopped, None
    model.loss_curve_ = [record["loss"] / model._per_column(data.y) for record in history]
    weights = network.parameters[: network.passes.weight_count]
    penalty = 0.5 * optimizer.weight_decay * float(weights @ weights)
    model.loss_ = model.best_loss_ = (model.loss_curve_ or [np.inf])[-1] + penalty
    most = getattr(optimizer, "max_evaluations", None)
    name = "lbfgs" if isinstance(optimizer, LBFGS) else type(optimizer).__name__
    if most is not None and training.stepper.count >= most:
        warn_of_the_end(f"{name}: Maximum evaluations of the loss ({most})")
    elif history.stopped.startswith("all epochs"):
        warn_of_the_end(f"{name}: Maximum iterations ({model.max_iter})")
