"""glassnet: dense neural networks on NumPy alone.

The public names. Each is imported when it is first asked for, so that `import glassnet` is quick,
loads nothing, and leaves the choice of BLAS kernels open until NumPy is wanted.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .activations import OwnActivation
    from .core.activation import Activation
    from .core.callback import Callback
    from .core.errors import DivergenceError, ModelFileError
    from .core.history import History
    from .core.loss import Loss
    from .core.network import Network
    from .diagnostics.diagnosis import diagnose
    from .diagnostics.gradients import check_gradients
    from .fleets.fleet import Fleet
    from .intake.splitting import train_test_split
    from .losses import OwnLoss
    from .optimizers import SGD, Adam, AdamW
    from .saving import load
    from .second_order import LBFGS, BayesianRegularization, LevenbergMarquardt
    from .selection import cross_validate, learning_curve, search

__version__ = "0.1.0"

_PLACES = {
    "Activation": "core.activation",
    "Adam": "optimizers",
    "AdamW": "optimizers",
    "BayesianRegularization": "second_order",
    "Callback": "core.callback",
    "check_gradients": "diagnostics.gradients",
    "cross_validate": "selection",
    "diagnose": "diagnostics.diagnosis",
    "DivergenceError": "core.errors",
    "History": "core.history",
    "LBFGS": "second_order",
    "learning_curve": "selection",
    "LevenbergMarquardt": "second_order",
    "load": "saving",
    "Loss": "core.loss",
    "ModelFileError": "core.errors",
    "Fleet": "fleets.fleet",
    "Network": "core.network",
    "OwnActivation": "activations",
    "OwnLoss": "losses",
    "search": "selection",
    "SGD": "optimizers",
    "train_test_split": "intake.splitting",
}

__all__ = [
    "Activation",
    "Adam",
    "AdamW",
    "BayesianRegularization",
    "Callback",
    "check_gradients",
    "cross_validate",
    "diagnose",
    "DivergenceError",
    "Fleet",
    "History",
    "LBFGS",
    "learning_curve",
    "LevenbergMarquardt",
    "load",
    "Loss",
    "ModelFileError",
    "Network",
    "OwnActivation",
    "OwnLoss",
    "search",
    "SGD",
    "train_test_split",
]


_ROOMS = (
    "activations",
    "callbacks",
    "datasets",
    "diagnostics",
    "inference",
    "initializers",
    "losses",
    "metrics",
    "optimizers",
    "plots",
    "saving",
    "schedules",
    "second_order",
    "selection",
)


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    if name not in _PLACES:
        from .core.errors import not_here  # late, and without NumPy

        raise AttributeError(f"module 'glassnet' has no attribute {name!r}.{not_here(name)}")
    value = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, *_ROOMS, "__version__"])
