"""scikit-learn's rules of training, as a callback: its penalty, its loss curve, when it stops.

What its MLP does after each batch and each epoch is here, in the order of its documentation; what
the engine does itself (steps, order of rows, learning rate within a step) is not.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from ..core.arrays import ratio
from ..core.callback import Callback
from .failures import warn

SMALLEST_RATE = 1e-6
"""`learning_rate="adaptive"` stops where the rate would fall below."""


class Rules(Callback):
    """Keeps the fitted attributes of an estimator while it trains.

    `rows` is how many it trains with. `score` gives the score of the validation rows, or is None;
    `per_column` divides the losses that are reported.
    """

    def __init__(
        self,
        model: Any,
        rows: int,
        score: Callable[[], float] | None,
        per_column: float,
    ) -> None:
        self.model, self.rows, self.score = model, rows, score
        self.scale, self.total, self.seen = 1.0 / per_column, 0.0, 0.0
        self.best: Any = None  # the parameters with the best validation score

    def on_fit_begin(self, training: Any) -> None:
        """The optimizer goes on where the call before of `partial_fit` left it."""
        stepper, memory = training.stepper, getattr(self.model, "_memory", None)
        if memory and memory[0] == type(stepper.optimizer).__name__:
            _, slots, stepper.count, training.base_rate = memory
            stepper.slots[...] = slots
        if self.model.early_stopping:
            self.best = training.parameters.copy()

    def on_gradients(self, training: Any) -> None:
        """The penalty: alpha / 2 x the sum of squared weights, over the batch's sum of weights."""
        self.total += training.loss * self.scale * training.batch_rows
        self.seen += training.batch_rows
        decay = self.model.alpha / training.share
        if decay:
            count, combine = training.passes.weight_count, training.plan.combine
            weights = training.parameters[:count]
            if combine is None:
                training.passes.add_penalty(decay, 0.0, training.work.spare)
            else:
                combine(training.gradients[:count], 1.0, weights, decay)
            self.total += 0.5 * decay * float(weights.dot(weights)) * training.batch_rows

    def on_epoch_end(self, training: Any) -> None:
        """Count the epoch, keep its loss, and see whether it was one too many."""
        model = self.model
        model.n_iter_ += 1
        model.t_ += self.rows
        model.loss_, self.total, self.seen = float(ratio(self.total, self.seen)), 0.0, 0.0
        model.loss_curve_.append(model.loss_)
        if model.verbose:
            print(f"Iteration {model.n_iter_}, loss = {model.loss_:.8f}")
        improved = self._look(training)
        model._no_improvement_count = 0 if improved else model._no_improvement_count + 1
        if model.solver == "sgd" and model.learning_rate == "invscaling":
            training.base_rate = model.learning_rate_init / (model.t_ + 1) ** model.power_t
        if model._no_improvement_count > model.n_iter_no_change:
            self._enough(training)

    def _look(self, training: Any) -> bool:
        """Whether this epoch is better than the best before by at least `tol`."""
        model, before = self.model, self.model.best_loss_
        if self.score is not None:
            better = self._note(self.score(), training)
            if model.early_stopping:
                return better
        if before is None or model.loss_ < before:
            model.best_loss_ = model.loss_
        return before is None or not model.loss_ > before - model.tol

    def _note(self, score: float, training: Any) -> bool:
        model, best = self.model, self.model.best_validation_score_
        model.validation_scores_.append(score)
        if model.verbose:
            print(f"Validation score: {score:f}")
        if score > best:
            model.best_validation_score_ = score
            if self.best is not None:
                np.copyto(self.best, training.parameters)
        return not score < best + model.tol

    def _enough(self, training: Any) -> None:
        """Stop, or, where the rate is adaptive, divide it by 5 and go on."""
        model = self.model
        what = "Validation score" if model.early_stopping else "Training loss"
        message = (
            f"{what} did not improve more than tol={model.tol:f} for {model.n_iter_no_change} "
            "consecutive epochs."
        )
        adaptive = model.solver == "sgd" and model.learning_rate == "adaptive"
        if adaptive and training.base_rate > SMALLEST_RATE:
            training.base_rate /= 5.0
            model._no_improvement_count = 0
            message += f" Setting learning rate to {training.base_rate:f}"
        else:
            message += " Learning rate too small. Stopping." if adaptive else " Stopping."
            training.stop(message)
        if model.verbose:
            print(message)

    def on_fit_end(self, training: Any) -> None:
        """Keep the optimizer's memory, and put back the best parameters."""
        stepper = training.stepper
        name = type(stepper.optimizer).__name__
        self.model._memory = name, stepper.slots, stepper.count, training.base_rate
        self.model.stopped_ = training.stopped
        if self.best is not None:
            np.copyto(training.parameters, self.best)

    def diverged(self, epoch: int) -> bool:
        """Whether a training that diverged can end in good order: with its best parameters."""
        model = self.model
        if self.best is None or model.best_validation_score_ == -np.inf:
            return False
        model.validation_scores_.append(math.nan)
        model.stopped_ = f"ended in epoch {epoch}, where it diverged: the best parameters are kept"
        warn(
            f"Training diverged in epoch {epoch}; the parameters with the best validation score "
            "are kept. Lower learning_rate_init, or scale X and y.",
            ConvergenceWarning,
        )
        return True
