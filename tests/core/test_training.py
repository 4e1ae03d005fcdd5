"""The training loop by itself: Training, given a network, a source of batches and a plan."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from small_problems import inputs

from glassnet import SGD, Callback, Network
from glassnet.callbacks.progress import share_done
from glassnet.core.passes import Batch
from glassnet.core.plan import Plan
from glassnet.core.training import Training
from glassnet.schedules import Constant


class Source:
    """Three batches of 4, 4 and 2 rows; `weights` one number for each batch."""

    def __init__(self, count: int | None = 3, weights: tuple[float, ...] = (1.0, 1.0, 1.0)) -> None:
        self.count, self.weights = count, weights

    def epoch(self, reads_ahead: bool = False, start: int = 0) -> Iterator[Batch]:
        X = inputs(10, 2).astype("f4")
        y = X.sum(axis=1, keepdims=True)
        for rows, weight in zip((slice(4), slice(4, 8), slice(8, 10)), self.weights, strict=True):
            weights = np.full(len(X[rows]), weight, "f4")
            yield Batch(X[rows], y[rows], weights)


def training(source: Any = None, **plan: Any) -> Training:
    net = Network([2, 3, 1], loss="squared_error", seed=0)
    asked = Plan(
        **{"optimizer": SGD(learning_rate=0.05), "schedule": Constant(), "epochs": 2, **plan}
    )
    return Training(net, source or Source(), 10, asked)


class Steps(Callback):
    """What `training` says at each step."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int, int, int]] = []

    def on_batch_end(self, training: Training) -> None:
        self.seen.append((training.epoch, training.batch, training.step, training.batch_rows))


def test_counters_count_from_1() -> None:
    steps = Steps()
    run = training(callbacks=[steps])
    assert (run.epoch, run.batch, run.step, run.epochs, run.batches, run.rows) == (
        0,
        0,
        0,
        2,
        3,
        10,
    )
    run.run()
    assert steps.seen == [
        (1, 1, 1, 4),
        (1, 2, 2, 4),
        (1, 3, 3, 2),
        (2, 1, 4, 4),
        (2, 2, 5, 4),
        (2, 3, 6, 2),
    ]


def test_the_share_of_the_call_that_is_done_goes_from_0_to_1() -> None:
    shares: list[float] = []

    class Log(Callback):
        def on_batch_end(self, training: Training) -> None:
            shares.append(share_done(training))

    run = training(callbacks=[Log()])
    assert share_done(run) == 0.0
    run.run()
    assert shares == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1.0])
    shares.clear()
    training(Source(count=None), callbacks=[Log()]).run()
    assert shares == [0.0, 0.0, 0.0, 0.5, 0.5, 0.5]


def test_buffers_are_made_once_for_a_number_of_rows() -> None:
    run = training(epochs=5)
    run.run()
    assert sorted(run.workspaces) == [2, 4]


def test_a_batch_of_weight_zero_is_counted_but_makes_no_step() -> None:
    steps = Steps()
    run = training(Source(weights=(1.0, 0.0, 1.0)), epochs=1, callbacks=[steps])
    run.run()
    assert steps.seen == [(1, 1, 1, 4), (1, 3, 2, 2)]


def test_an_epoch_in_which_nobody_counts_has_no_loss_and_changes_nothing() -> None:
    run = training(Source(weights=(0.0, 0.0, 0.0)), epochs=1)
    before = run.parameters.copy()
    history = run.run()
    assert math.isnan(history[0]["loss"])
    np.testing.assert_array_equal(run.parameters, before)


def test_the_loss_of_the_epoch_weighs_batches_by_their_weight() -> None:
    losses: list[float] = []

    class Log(Callback):
        def on_batch_end(self, training: Training) -> None:
            losses.append(training.loss)

    history = training(Source(weights=(1.0, 3.0, 2.0)), epochs=1, callbacks=[Log()]).run()
    assert history[0]["loss"] == pytest.approx(np.average(losses, weights=[4, 12, 4]))


def test_stopping_ends_after_the_batch_and_the_first_reason_holds() -> None:
    steps = Steps()

    class Stop(Callback):
        def on_gradients(self, training: Training) -> None:
            if training.step == 2:
                training.stop("first")
                training.stop("second")

    history = training(callbacks=[Stop(), steps]).run()
    assert steps.seen[-1] == (1, 2, 2, 4)
    assert history.stopped == "first"
    assert history[0]["batches"] == 2


def test_stopping_before_the_first_batch_trains_nothing() -> None:
    class Stop(Callback):
        def on_fit_begin(self, training: Training) -> None:
            training.stop("no need")

    run = training(callbacks=[Stop()])
    before = run.parameters.copy()
    assert list(run.run()) == []
    np.testing.assert_array_equal(run.parameters, before)


def test_validation_comes_after_each_epoch_and_may_reach_the_target() -> None:
    values = iter([3.0, 1.0, 0.5])
    run = training(
        epochs=9, validate=lambda network, members: {"loss": next(values)}, target_loss=1.0
    )
    history = run.run()
    assert history.column("val_loss") == [3.0, 1.0]
    assert history.stopped == "target loss of 1 reached"


def test_an_interruption_skips_validation() -> None:
    run = training(validate=lambda network, members: {"loss": 1.0}, interrupted=lambda: "Ctrl-C")
    history = run.run()
    assert "val_loss" not in history[0]
    assert history.stopped == "interrupted by Ctrl-C"


def test_a_time_limit_of_hours_is_not_reached() -> None:
    assert training(time_limit=1e4).run().stopped == "all epochs done"


def test_numpy_settings_for_floating_point_errors_are_put_back() -> None:
    before = np.geterr()
    training().run()
    assert np.geterr() == before


def test_a_callback_remembers_nothing_unless_it_says_so() -> None:
    assert Callback().state() == {}
