"""The options of fit, one by one: rates and schedules, optimizers, validation, metrics, stopping.
Callbacks: test_fit_callbacks.py."""

import math
from typing import Any

import numpy as np
import pytest
from small_problems import Array, state, three_classes

from glassnet import SGD, Adam, AdamW, Callback, Network
from glassnet.callbacks import EarlyStopping
from glassnet.core.progress import Progress
from glassnet.core.training import Training
from glassnet.optimizers import OPTIMIZERS
from glassnet.schedules import SCHEDULES, Cosine, ReduceOnPlateau

X, Y = three_classes()


def new(**settings: Any) -> Network:
    return Network([3, 4, 3], seed=0, **settings)


def rates(**options: Any) -> list[float]:
    """The learning rate of each step."""
    seen: list[float] = []

    class Log(Callback):
        def on_batch_end(self, training: Training) -> None:
            seen.append(training.learning_rate)

    new().fit(X, Y, **{"epochs": 4, "batch_size": 15, **options}, callbacks=[Log()])
    return seen


# Optimizers and rates


def test_without_an_optimizer_adam_is_used_with_a_rate_of_0_005() -> None:
    plain, named = new(), new()
    plain.fit(X, Y, epochs=2)
    named.fit(X, Y, epochs=2, optimizer=Adam(learning_rate=0.005))
    assert state(plain) == state(named)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_is_known_by_name_and_as_an_object(name: str) -> None:
    by_name, by_object = new(), new()
    by_name.fit(X, Y, epochs=2, optimizer=name)
    by_object.fit(X, Y, epochs=2, optimizer=OPTIMIZERS[name]())
    assert state(by_name) == state(by_object)


def test_learning_rate_and_weight_decay_go_before_those_of_the_optimizer() -> None:
    short, long = new(), new()
    short.fit(X, Y, epochs=2, optimizer=AdamW(), learning_rate=0.02, weight_decay=0.3)
    long.fit(X, Y, epochs=2, optimizer=AdamW(learning_rate=0.02, weight_decay=0.3))
    assert state(short) == state(long)


def test_weight_decay_makes_weights_smaller_and_leaves_biases_alone() -> None:
    free, held = new(), new()
    free.fit(X, Y, epochs=50, learning_rate=0.05)
    held.fit(X, Y, epochs=50, learning_rate=0.05, weight_decay=1.0)
    assert np.abs(held.weights[0]).sum() < 0.2 * np.abs(free.weights[0]).sum()


def test_an_optimizer_object_may_serve_two_networks() -> None:
    shared = SGD(learning_rate=0.1)
    first, second = new(), new()
    first.fit(X, Y, epochs=2, optimizer=shared)
    second.fit(X, Y, epochs=2, optimizer=shared)
    assert state(first) == state(second)


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_is_known_by_name_and_as_an_object(name: str) -> None:
    assert rates(schedule=name) == rates(schedule=SCHEDULES[name])


def test_schedules_multiply_the_learning_rate() -> None:
    assert rates(schedule="constant", learning_rate=0.03) == [0.03] * 12
    by_step = rates(schedule=Cosine(), learning_rate=0.03)
    wanted = [0.03 * 0.5 * (1 + math.cos(math.pi * step / 12)) for step in range(12)]
    assert by_step == pytest.approx(wanted)


def test_one_cycle_rises_and_falls() -> None:
    found = rates(learning_rate=1.0, epochs=20)
    top = found.index(max(found))
    assert found[0] == pytest.approx(0.04)
    assert found[: top + 1] == sorted(found[: top + 1])
    assert found[top:] == sorted(found[top:], reverse=True)
    assert max(found) == pytest.approx(1.0)
    assert found[-1] < 0.02


def test_a_schedule_may_be_any_function_of_progress() -> None:
    seen: list[tuple[float, int, int, int]] = []

    def half(progress: Progress) -> float:
        seen.append((progress.epoch, progress.epochs, progress.step, len(progress.history)))
        return 0.5

    assert rates(schedule=half, learning_rate=0.2, epochs=2) == [0.1] * 6
    thirds = [pytest.approx(epoch / 3) for epoch in range(6)]
    assert [each[0] for each in seen[1:]] == thirds  # the first call is the check
    assert [each[2] for each in seen[1:]] == list(range(6))
    assert [each[3] for each in seen[1:]] == [0, 0, 0, 1, 1, 1]
    assert {each[1] for each in seen[1:]} == {2}


def test_a_learning_rate_may_be_a_function_of_progress() -> None:
    found = rates(learning_rate=lambda progress: 0.1 / (1 + progress.step))
    assert found == pytest.approx([0.1 / (1 + step) for step in range(12)])


def test_reduce_on_plateau_looks_at_the_validation_loss() -> None:
    plateau = ReduceOnPlateau(patience=1, factor=0.5, lowest=0.0)
    data = (X, (Y + 1) % 3)  # learning makes it worse
    found = new().fit(X, Y, epochs=20, validation_data=data, schedule=plateau, learning_rate=0.05)
    losses, wanted = found.column("val_loss"), [0.05]
    for epoch in range(1, 20):
        worse = epoch > 1 and losses[epoch - 1] >= min(losses[: epoch - 1])
        wanted.append(wanted[-1] * (0.5 if worse else 1.0))
    assert found.column("learning_rate") == pytest.approx(wanted)
    assert wanted[-1] < 0.001


# Validation


def test_validation_data_are_evaluated_after_each_epoch() -> None:
    net = new()
    history = net.fit(X[:30], Y[:30], epochs=3, validation_data=(X[30:], Y[30:]))
    last = net.evaluate(X[30:], Y[30:])
    assert history[-1]["val_loss"] == pytest.approx(last["loss"], rel=1e-6)
    assert history[-1]["val_accuracy"] == last["accuracy"]
    assert all("val_loss" in record for record in history)


def test_validation_data_do_not_change_what_is_learned() -> None:
    plain, watched = new(dropout=0.2), new(dropout=0.2)
    plain.fit(X, Y, epochs=3)
    watched.fit(X, Y, epochs=3, validation_data=[X[:5], Y[:5]])
    assert state(plain)["parameters"] == state(watched)["parameters"]


def test_validation_split_holds_rows_back_at_random_and_never_trains_on_them() -> None:
    seen: set[float] = set()

    class Log(Callback):
        def on_gradients(self, training: Training) -> None:
            assert training.rows == 30
            seen.update(np.round(training.work.traces[0].scores[:, 0]).tolist())

    net = Network([1, 1], loss="squared_error", seed=0)
    net.weights[0][:] = 1.0
    numbers = np.arange(40.0)
    options: dict[str, Any] = {"validation_split": 0.25, "learning_rate": 1e-9, "batch_size": 4}
    history = net.fit(numbers[:, None], numbers, epochs=2, callbacks=[Log()], **options)
    assert len(seen) == 30
    assert sorted(seen) != list(range(30))
    assert "val_r2" in history[0]


def test_validation_split_of_full_batches_trains_on_the_rest_only() -> None:
    net = new()
    net.fit(X, Y, epochs=2, batch_size=45, validation_split=0.2)
    copy = new()
    order = copy.streams.order.permutation(45)
    kept, held = np.sort(order[9:]), np.sort(order[:9])
    data = {"shuffle": False, "batch_size": 36, "validation_data": (X[held], Y[held])}
    copy.fit(X[kept], Y[kept], epochs=2, **data)
    np.testing.assert_allclose(net.parameters, copy.parameters, atol=1e-6)
    assert net.history.column("val_loss") == pytest.approx(copy.history.column("val_loss"))


def test_validation_split_weighs_the_rows_that_it_holds_back() -> None:
    weights = np.linspace(0.1, 1, 45)
    net, copy = new(dtype="float64"), new(dtype="float64")
    history = net.fit(X, Y, epochs=1, validation_split=0.2, sample_weight=weights)
    held = np.sort(copy.streams.order.permutation(45)[:9])
    wanted = net.evaluate(X[held], Y[held], sample_weight=weights[held])
    assert history[0]["val_loss"] == pytest.approx(wanted["loss"], rel=1e-9)
    assert history[0]["val_accuracy"] == pytest.approx(wanted["accuracy"])


def test_metrics_by_name_and_by_function_stand_in_the_history() -> None:
    def largest(targets: Array, outputs: Array, weights: Any = None) -> float:
        return float(outputs.max())

    history = new().fit(X, Y, epochs=2, validation_split=0.2, metrics=["f1", largest])
    assert list(history[0])[3:] == ["val_loss", "val_f1", "val_largest"]
    one = new().fit(X, Y, epochs=1, validation_split=0.2, metrics="log_loss")
    assert "val_log_loss" in one[0]


# Stopping


def test_early_stopping_waits_and_restores_the_best_parameters() -> None:
    worse = (X, (Y + 1) % 3)
    net = new()
    before_best = net.fit(X, Y, epochs=50, validation_data=worse, early_stopping=4)
    losses = before_best.column("val_loss")
    assert len(losses) == losses.index(min(losses)) + 1 + 4
    assert before_best.stopped == "no better val_loss in 4 epochs"
    assert net.evaluate(*worse)["loss"] == pytest.approx(min(losses), rel=1e-6)


def test_early_stopping_is_true_for_10_epochs_or_an_object() -> None:
    worse = (X, (Y + 1) % 3)
    default = new().fit(X, Y, epochs=50, validation_data=worse, early_stopping=True)
    assert default.stopped == "no better val_loss in 10 epochs"
    own = EarlyStopping(2, monitor="val_accuracy")
    named = new().fit(X, Y, epochs=50, validation_data=worse, early_stopping=own)
    assert named.stopped == "no better val_accuracy in 2 epochs"
    assert new().fit(X, Y, epochs=5, early_stopping=False).stopped == "all epochs done"


def test_target_loss_stops_when_it_is_reached() -> None:
    history = new().fit(X, Y, epochs=500, target_loss=0.5, learning_rate=0.05)
    assert history.stopped == "target loss of 0.5 reached"
    assert history[-1]["loss"] <= 0.5 < history[-2]["loss"]


def test_target_loss_is_that_of_validation_where_there_is_one() -> None:
    data = {"validation_data": (X, Y), "target_loss": 0.5, "learning_rate": 0.05}
    history = new().fit(X, Y, epochs=500, **data)
    assert history[-1]["val_loss"] <= 0.5 < history[-2]["val_loss"]


def test_a_time_limit_stops_after_the_batch() -> None:
    history = new().fit(X, Y, epochs=1000, batch_size=5, time_limit=1e-9)
    assert history.stopped == "time limit of 1e-09 s reached"
    assert [record["epoch"] for record in history] == [1]
    assert history[0]["batches"] == 1


def test_a_callback_may_stop_training_with_a_reason_and_the_first_reason_holds() -> None:
    class Stop(Callback):
        def on_batch_end(self, training: Training) -> None:
            if training.step == 5:
                training.stop("seen enough")
                training.stop("another reason")

    history = new().fit(X, Y, epochs=10, batch_size=15, callbacks=[Stop()], validation_split=0.0)
    assert history.stopped == "seen enough"
    assert [record.get("batches") for record in history] == [None, 2]
