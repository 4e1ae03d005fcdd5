"""scikit-learn's callbacks (its version 1.9 and later): ProgressBar, ScoringMonitor and their kin.

`model.set_callbacks(...)`, as with its own estimators. An epoch is a task of the fit. Where
scikit-learn is older there is nothing to call.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from ..core.callback import Callback

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:
    CallbackSupportMixin = with_callbacks = None

CallbackSupport: Any = CallbackSupportMixin or type("CallbackSupport", (), {})
"""What gives a model `set_callbacks`; nothing where scikit-learn has none."""

Method = TypeVar("Method", bound=Callable[..., Any])


def managed(method: Method) -> Method:
    """The method, after which callbacks are put away however it ends."""
    wrapped: Method = with_callbacks(method) if with_callbacks else method
    return wrapped


class Tasks(Callback):
    """Tells scikit-learn's callbacks of a model about its epochs, and stops when one says so."""

    def __init__(self, model: Any, X: Any, y: Any, weights: Any) -> None:
        self.model = model
        self.data = {"X": X, "y": y, "metadata": {"sample_weight": weights}}

    def on_fit_begin(self, training: Any) -> None:
        self.fit = self.model._init_callback_context(max_subtasks=training.epochs)
        self.fit.call_on_fit_task_begin(estimator=self.model, **self.data)

    def on_epoch_begin(self, training: Any) -> None:
        self.epoch = self.fit.subcontext(task_name="epoch")
        self.epoch.call_on_fit_task_begin(estimator=self.model, **self.data)

    def on_epoch_end(self, training: Any) -> None:
        if self._end(self.epoch):
            training.stop("a callback asked for it")

    def on_fit_end(self, training: Any) -> None:
        self._end(self.fit)

    def _end(self, task: Any) -> bool:
        return bool(
            task.call_on_fit_task_end(
                estimator=self.model, **self.data, reconstruction_attributes=self._fitted
            )
        )

    def _fitted(self) -> dict[str, Any]:
        """What makes a copy of the model ready to predict as it is now."""
        model = self.model
        return {
            "coefs_": [each.copy() for each in model.coefs_],
            "intercepts_": [each.copy() for each in model.intercepts_],
        }


def tasks_of(model: Any, X: Any, y: Any, weights: Any) -> list[Callback]:
    """What tells the callbacks of a model, if it has any."""
    return [Tasks(model, X, y, weights)] if getattr(model, "_skl_callbacks", None) else []
