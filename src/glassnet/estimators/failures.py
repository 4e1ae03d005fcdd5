"""What becomes of a model where a fit fails: it is as it was before, and the error says why.

To tell another error of the engine in words of the estimators' parameters: `in_words`. What is no
error is told by `warn`.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..core.checks import show
from ..core.errors import DivergenceError

NOT_FINITE = (
    "Solver produced non-finite parameter weights. The input data may contain large values and "
    "need to be preprocessed."
)
"""scikit-learn's sentence."""


@contextmanager
def all_or_nothing(model: Any) -> Iterator[None]:
    """A model that was fitted before is as it was, where what is done in here fails."""
    before, network = model.__dict__.copy(), model.__dict__.get("_network")
    parameters = None if network is None else network.parameters.copy()
    try:
        with in_words(model):
            yield
    except BaseException:
        model.__dict__.clear()
        model.__dict__.update(before)
        if network is not None:
            network.parameters[...] = parameters
        raise


@contextmanager
def in_words(model: Any) -> Iterator[None]:
    """Errors of the engine in words of the parameters of a model."""
    try:
        yield
    except DivergenceError as error:
        raise DivergenceError(
            f"{NOT_FINITE} Training diverged in epoch {error.epoch}, batch {error.batch}, at "
            f"learning rate {error.learning_rate:.6g}: lower learning_rate_init, or scale X and y.",
            error.epoch,
            error.batch,
            error.learning_rate,
        ) from error
    except MemoryError as error:
        raise ValueError(
            f"hidden_layer_sizes={show(model.hidden_layer_sizes)} with batch_size="
            f"{show(model.batch_size)} needs more memory than there is: {error}"
        ) from error


def warn(text: str, kind: type[Warning] = UserWarning) -> None:
    """A warning that shows the user's line, however deep in here it is found."""
    frame, level = sys._getframe(1), 3
    inside = "glassnet.", "sklearn.callback"
    while frame.f_back and frame.f_back.f_globals.get("__name__", "").startswith(inside):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, kind, stacklevel=level)
