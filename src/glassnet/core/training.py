"""The training loop: its state, one step, one epoch, and the hooks between.

Here one reads how a network learns. What a user passed is checked and settled already (fitting.py).
"""

import math
import time
from typing import Any

import numpy as np

from .arrays import Array, ratio, some
from .callback import HOOKS, begin, call_all, overridden
from .checks import positive
from .errors import DivergenceError, divergence
from .history import History
from .passes import Batch, Workspace
from .plan import Plan, Source
from .progress import Progress
from .stepping import Stepper
from .structure import Structure


class Training:
    """One call of `fit` as it runs: the object that every hook gets.

    Attributes:
        network, parameters, gradients: what is trained; both vectors may be changed in place.
        epoch, batch, step: the present ones, from 1. epochs, batches, rows: how many, or None.
        base_rate: the learning rate before the schedule; may be set. `learning_rate`: after it.
        batch_rows: of the present batch. loss: of it, before its step. history: of this call.
        work: the buffers of the present batch. stopped: the reason, once `stop` was called. In a
        fleet, members: the numbers of those present.
    """

    members: Array | None = None

    def __init__(self, network: Structure, source: Source, rows: int | None, plan: Plan) -> None:
        self.network, self.source, self.rows, self.plan = network, source, rows, plan
        self.passes, self.criterion = network.passes, network.settled_loss("fit")
        self.parameters, self.gradients = network.parameters, network.gradients
        self.stepper = self.make_stepper()
        self.base_rate: Any = self.stepper.optimizer.learning_rate
        self.learning_rate = self.base_rate
        self.epoch = self.batch = self.step = self.batch_rows = 0
        self.work: Workspace
        self.epochs, self.batches = plan.epochs, source.count
        self.loss: Any = math.nan
        self.total: Any = 0.0  # of the losses of this epoch, times `weight`
        self.weight: Any = 0.0
        self.share: Any = 0.0  # the weight of the present batch
        # Whether an epoch has begun, and where its order of rows did in its stream.
        self.within, self.order_position = False, dict[str, Any]()
        self.stopped, self.started = "", 0.0
        self.history = History()
        self.progress = Progress(0.0, plan.epochs, 0, self.history)
        self.hooks = {name: overridden(plan.callbacks, name) for name in HOOKS}
        self.workspaces: dict[int, Workspace] = {}

    def make_stepper(self) -> Stepper:
        return Stepper(self.plan.optimizer, self.passes, self.plan.combine, self.plan.look)

    def stop(self, reason: str) -> None:
        """End training after this batch, in good order."""
        self.stopped = self.stopped or reason

    def run(self) -> History:
        """Train; gives the history, which the network has too."""
        if not self.started:
            begin(self)
        with np.errstate(all="ignore"):
            try:
                while (self.within or self.epoch < self.epochs) and not self.stopped:
                    self.run_epoch()
            except BaseException as error:
                if self.stopped != "diverged":  # whatever it was stopped for before
                    self.stopped = f"broken off by {type(error).__name__}"
                raise
            finally:
                self.history.stopped = self.stopped or "all epochs done"
                call_all(self.hooks["on_fit_end"], self)
                spoilt = self.settle()
        if spoilt:
            self.history.stopped = "diverged"
            raise self.diverged("a hook made the parameters too large")
        return self.history

    def settle(self) -> bool:
        """See to it that the final parameters are sound; whether they were not."""
        sound = self.stepper.sound()
        if not sound:
            self.stepper.undo()
        return not sound

    def run_epoch(self) -> None:
        """All batches, then the record of the epoch."""
        begun = time.perf_counter()
        if not self.within:
            self.total = self.weight = 0.0
            self.epoch, self.batch, self.within = self.epoch + 1, 0, True
            self.notify("on_epoch_begin")
        self.order_position = self.network.streams.order.state
        for batch in self.source.epoch(self.plan.reads_ahead, self.batch):
            self.share = batch.total_weight()
            self.batch += 1
            if not some(self.share):
                continue  # nobody counts in it, so it says nothing about the step to make
            self.run_step(batch)
            self.look_at_the_clock()
            if self.stopped:
                self.notify("on_stop")
                break
        self.close_epoch(time.perf_counter() - begun)

    def run_step(self, batch: Batch) -> None:
        """Loss and gradients, hook, step, hook: all of training is this."""
        optimizer = self.stepper.optimizer
        self.advance()
        work = self.work = self.workspace(batch)
        decay = 0.0 if optimizer.decoupled else optimizer.weight_decay
        mean = self.passes.loss_and_gradients(self.criterion, batch, work, decay, optimizer.l1)
        self.take_loss(mean)
        self.total, self.weight = self.total + self.loss * self.share, self.weight + self.share
        self.notify("on_gradients")
        self.take_step()
        self.notify("after_step")
        self.notify("on_batch_end")

    def take_loss(self, mean: Any) -> None:
        self.loss = float(mean)
        if not math.isfinite(self.loss):
            raise self.diverged(f"the loss became {self.loss}")

    def take_step(self) -> None:
        if trouble := self.stepper.step(self.learning_rate):
            raise self.diverged(trouble)

    def workspace(self, batch: Batch) -> Workspace:
        """The buffers for its rows; of a few sizes, so that ever other ones fill no memory."""
        rows = self.batch_rows = batch.rows
        if rows not in self.workspaces:
            if len(self.workspaces) > 7:
                self.workspaces.clear()
            shared = batch.inputs.ndim == 2
            self.workspaces[rows] = self.passes.workspace(rows, self.plan.largest_product, shared)
        return self.workspaces[rows]

    def advance(self) -> None:
        """Count the step, and ask the schedule for its learning rate."""
        done = min((self.batch - 1) / (self.batches or math.inf), 1.0 - 1e-9)
        self.progress.epoch, self.progress.step = self.epoch - 1 + done, self.step
        factor = self.plan.schedule(self.progress)
        if not (type(factor) is float and 0.0 <= factor < math.inf):
            factor = positive(f"the learning rate's function in epoch {self.epoch}", factor, True)
        self.learning_rate = self.base_rate * factor
        self.step += 1

    def look_at_the_clock(self) -> None:
        limit = self.plan.time_share or self.plan.time_limit
        if signal := self.plan.interrupted():
            self.stop(f"interrupted by {signal}")
        elif limit is not None and time.perf_counter() - self.started > limit:
            self.stop(f"time limit of {self.plan.time_limit:g} s reached")

    def close_epoch(self, seconds: float) -> None:
        """The record of the epoch, validation, and what depends on them."""
        self.within = False
        values = {"loss": ratio(self.total, self.weight), "learning_rate": self.learning_rate}
        if self.stopped and self.batches is not None and self.batch < self.batches:
            values["batches"] = self.batch  # the epoch was left before its end
        record = {"epoch": self.epoch, **self.for_record(values)}
        self.history.append(record)
        self.history.seconds.append(seconds)
        if self.plan.validate is not None and not (self.stopped and self.plan.interrupted()):
            found = self.plan.validate(self.network, self.members)
            record.update(self.for_record({f"val_{name}": found[name] for name in found}))
        if self.plan.target_loss is not None:
            self.look_at_the_target(record.get("val_loss", record["loss"]), self.plan.target_loss)
        self.notify("on_epoch_end")

    def for_record(self, values: dict[str, Any]) -> dict[str, Any]:
        """Values of this epoch as the history has them."""
        return values

    def look_at_the_target(self, loss: Any, target: float) -> None:
        if loss <= target:
            self.stop(f"target loss of {target:g} reached")

    def notify(self, hook: str) -> None:
        for call in self.hooks[hook]:
            call(self)

    def diverged(self, what: str) -> DivergenceError:
        """The error to raise; sees to it that the parameters are finite."""
        self.settle()
        self.stop("diverged")
        before = self.history[-1]["loss"] if self.history else None
        return divergence(self.epoch, self.batch, self.learning_rate, what, before)
