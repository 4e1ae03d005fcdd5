"""The parameters of the estimators: which values each may have, and what their words mean.

scikit-learn checks them, with its own sentences. To add one: to the signatures in classifier.py
and regressor.py, which explain them, and here.
"""

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, Options, StrOptions

from ..activations import ACTIVATIONS
from ..core.activation import Activation
from ..core.loss import Loss
from ..core.optimizer import Optimizer
from ..core.progress import Schedule
from ..initializers import INITIALIZERS
from ..intake.plans import make_optimizer, make_schedule
from ..losses import LOSSES
from ..optimizers import OPTIMIZERS
from ..schedules import SCHEDULES
from .conventions import Adam

RATES = ("constant", "invscaling", "adaptive")
"""scikit-learn's ways of a learning rate; beside them there are the schedules of the engine."""

SHAPES = {"logistic": "sigmoid"}
"""Activations that have another name here."""


def _from(least: float, closed: str = "left", kind: Any = Real, most: float | None = None) -> Any:
    return Interval(kind, least, most, closed=closed)


COUNT, FRACTION, NOT_NEGATIVE = _from(1, kind=Integral), _from(0, most=1), _from(0)
POSITIVE = _from(0, closed="neither")

CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", COUNT],
    "activation": [StrOptions({*ACTIVATIONS, *SHAPES}), Activation, list, tuple],
    "solver": [StrOptions({*OPTIMIZERS, "lbfgs"}), Optimizer],
    "alpha": [NOT_NEGATIVE],
    "batch_size": [StrOptions({"auto"}), COUNT],
    "learning_rate": [StrOptions({*RATES, *SCHEDULES}), callable],
    "learning_rate_init": [POSITIVE],
    "power_t": [NOT_NEGATIVE],
    "max_iter": [COUNT],
    "loss": [StrOptions({*LOSSES}), Loss],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [NOT_NEGATIVE],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [_from(0, closed="both", most=1)],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [FRACTION],
    "beta_1": [FRACTION],
    "beta_2": [FRACTION],
    "epsilon": [POSITIVE],
    "n_iter_no_change": [COUNT, Options(Real, {np.inf})],
    "max_fun": [COUNT],
    "dropout": [FRACTION, list, tuple],
    "initializer": [StrOptions({*INITIALIZERS}), None],
    "restarts": [COUNT],
    "callbacks": [list, tuple, None],
    "scoring": [str, callable, None],
    "missing": [StrOptions({"error", "mask"})],
    "class_weight": [dict, list, StrOptions({"balanced"}), None],
    "label_smoothing": [FRACTION],
}
"""Of scikit-learn's first, as in its version 1.9; then what is more."""


def activation_of(given: Any) -> Any:
    """The activation, or one for each layer, under the engine's names."""
    if isinstance(given, (list, tuple)):
        return [activation_of(each) for each in given]
    return SHAPES.get(given, given) if isinstance(given, str) else given


def schedule_of(learning_rate: Any) -> Schedule:
    """What the initial rate is multiplied with within a fit."""
    named = isinstance(learning_rate, str) and learning_rate in RATES
    return make_schedule(None, "constant" if named else learning_rate)


def sees_all_rows(solver: Any) -> bool:
    """Whether a solver looks at all rows before each step, instead of at a batch."""
    return solver == "lbfgs" or getattr(solver, "training", None) is not None


def optimizer_of(model: Any) -> Optimizer:
    """The optimizer of one that takes steps; what scikit-learn sets it sets."""
    if isinstance(model.solver, Optimizer):
        return make_optimizer(model.solver, None, None)
    settings: dict[str, Any] = {"learning_rate": model.learning_rate_init}
    if model.solver == "sgd":
        # The engine has momentum below 1; scikit-learn allows 1 too.
        settings["momentum"] = min(float(model.momentum), float(np.nextafter(1.0, 0.0)))
        settings["nesterov"] = bool(model.nesterovs_momentum)
    elif model.solver == "adam":
        settings["first_decay"], settings["second_decay"] = model.beta_1, model.beta_2
        return Adam(**settings, epsilon=model.epsilon)
    return OPTIMIZERS[model.solver](**settings)
