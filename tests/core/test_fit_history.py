"""What fit leaves behind: the history of the call and of the network; what a second call goes on
with; that a seed decides everything, in this process and in a fresh one."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_problems import amounts, inputs, state, three_classes, yes_or_no

from glassnet import SGD, Callback, Network, load
from glassnet.core.history import History
from glassnet.core.training import Training

X, Y = three_classes()


def new(**settings: object) -> Network:
    return Network([3, 6, 3], seed=5, **settings)  # type: ignore[arg-type]  # a dict of settings


# The record of a call


def test_history_is_a_list_of_one_dictionary_an_epoch() -> None:
    history = new().fit(X, Y, epochs=4)
    assert isinstance(history, list)
    assert [record["epoch"] for record in history] == [1, 2, 3, 4]
    assert all(set(record) == {"epoch", "loss", "learning_rate"} for record in history)
    assert len(history.seconds) == 4
    assert history.stopped == "all epochs done"
    assert set(history.environment) == {"numpy", "machine", "blas"}


def test_history_is_json_as_it_stands() -> None:
    history = new().fit(X, Y, epochs=2, validation_split=0.2, metrics=["accuracy", "f1"])
    text = json.dumps([list(history), history.seconds, history.environment], allow_nan=False)
    assert json.loads(text)[0] == history


def test_equal_runs_have_equal_histories() -> None:
    runs = [new(dropout=0.3).fit(X, Y, epochs=3, validation_split=0.2) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0] != Network([3, 6, 3], seed=6).fit(X, Y, epochs=3, validation_split=0.2)


def test_the_loss_of_an_epoch_is_the_mean_over_its_rows_before_each_step() -> None:
    seen: list[tuple[float, int]] = []

    class Log(Callback):
        def on_batch_end(self, training: Training) -> None:
            seen.append((training.loss, training.batch_rows))

    history = new().fit(X, Y, epochs=1, batch_size=20, callbacks=[Log()])
    losses, rows = zip(*seen, strict=True)
    assert rows == (20, 20, 5)
    assert history[0]["loss"] == pytest.approx(np.average(losses, weights=rows))


def test_the_loss_of_one_full_batch_is_that_of_evaluate_before_the_step() -> None:
    net = new(loss="softmax_cross_entropy")
    before = net.evaluate(X, Y)["loss"]
    history = net.fit(X, Y, epochs=1, batch_size=45)
    assert history[0]["loss"] == pytest.approx(before, rel=1e-6)


def test_column_gives_one_value_over_the_epochs() -> None:
    history = History([{"epoch": 1, "loss": 2.0}, {"epoch": 2, "loss": 1.0, "val_loss": 3.0}])
    assert history.column("loss") == [2.0, 1.0]
    assert history.column("val_loss") == [None, 3.0]


def test_history_of_the_network_holds_all_calls_and_that_of_fit_this_one() -> None:
    net = new()
    first, second = net.fit(X, Y, epochs=2), net.fit(X, Y, epochs=3)
    assert [record["epoch"] for record in second] == [1, 2, 3]
    assert [record["epoch"] for record in net.history] == [1, 2, 3, 4, 5]
    assert net.history.column("loss") == first.column("loss") + second.column("loss")
    assert len(net.history.seconds) == 5
    assert net.history.environment == second.environment


# Fit again


def test_fit_again_goes_on_from_the_parameters() -> None:
    net = new()
    net.fit(X, Y, epochs=30, learning_rate=0.05)
    assert net.fit(X, Y, epochs=1)[0]["loss"] < net.history[0]["loss"] / 2


def test_fit_again_keeps_the_positions_of_the_streams() -> None:
    """With plain gradient descent nothing else passes from one epoch to the next."""
    plain = SGD(learning_rate=0.05, momentum=0.0)
    once, twice = new(dropout=0.3), new(dropout=0.3)
    once.fit(X, Y, epochs=4, batch_size=10, optimizer=plain, schedule="constant")
    for _ in range(2):
        twice.fit(X, Y, epochs=2, batch_size=10, optimizer=plain, schedule="constant")
    assert state(once) == state(twice)


def test_fit_again_starts_optimizer_and_schedule_anew() -> None:
    net = new()
    rates = [net.fit(X, Y, epochs=3, schedule="one_cycle").column("learning_rate") for _ in "ab"]
    assert rates[0] == rates[1]
    momentum = SGD(learning_rate=0.1, momentum=0.9)
    once, twice = new(), new()
    once.fit(X, Y, epochs=2, optimizer=momentum, schedule="constant")
    for _ in range(2):
        twice.fit(X, Y, epochs=1, optimizer=momentum, schedule="constant")
    assert state(once)["parameters"] != state(twice)["parameters"]


def test_training_goes_on_identically_after_saving_and_loading(tmp_path: Path) -> None:
    plain = {"epochs": 2, "batch_size": 45, "optimizer": SGD(learning_rate=0.1)}
    net = new()
    net.fit(X, Y, **plain)  # type: ignore[arg-type]  # a dict of settings
    net.save_model(tmp_path / "net.safetensors")
    twin = load(tmp_path / "net.safetensors")
    assert twin.fit(X, Y, **plain) == net.fit(X, Y, **plain)
    assert state(twin)["parameters"] == state(net)["parameters"]
    other = Network([3, 6, 3])
    assert other.load_model(tmp_path / "net.safetensors") is other
    assert other.test_accuracy(X, Y) == load(tmp_path / "net.safetensors").test_accuracy(X, Y)


# Seeds

SCRIPT = """
import hashlib, numpy as np
from glassnet import Network
X = (np.arange(300).reshape(100, 3) * 37 % 101 / 50.0 - 1.0).astype("f4")
net = Network([3, 8, 3], dropout=0.2, seed=11)
net.fit(X, np.arange(100) % 3, epochs=3, batch_size=16, validation_split=0.2)
print(hashlib.sha256(net.parameters.tobytes()).hexdigest(), net.history)
"""


def test_a_seed_gives_the_same_bits_in_fresh_processes() -> None:
    command = [sys.executable, "-c", SCRIPT]
    runs = [subprocess.run(command, capture_output=True, check=True, timeout=60) for _ in range(2)]
    assert runs[0].stdout
    assert runs[0].stdout == runs[1].stdout


def test_training_leaves_the_global_random_state_of_numpy_alone() -> None:
    np.random.seed(3)
    before = np.random.get_state()[1].copy()  # type: ignore[index]  # the state is a tuple
    net = Network([3, 6, 3], dropout=0.5)
    net.fit(X, Y, epochs=2, validation_split=0.2)
    net.predict(X)
    assert (np.random.get_state()[1] == before).all()  # type: ignore[index]  # the state is a tuple


def test_training_does_not_depend_on_the_global_random_state_of_numpy() -> None:
    results = []
    for seed in (1, 2):
        np.random.seed(seed)
        net = new(dropout=0.2)
        net.fit(X, Y, epochs=2, batch_size=8)
        results.append(state(net))
    assert results[0] == results[1]


def test_the_order_of_rows_does_not_change_when_dropout_is_switched_on() -> None:
    orders: list[list[float]] = []
    for rate in (0.0, 0.5):
        rows: list[float] = []

        class Log(Callback):
            def on_batch_end(self, training: Training, rows: list[float] = rows) -> None:
                rows.append(float(training.work.traces[0].scores.shape[0]))

        net = Network([1, 4, 1], dropout=rate, activation="identity", seed=1)
        numbers = np.arange(10.0)
        net.fit(numbers[:, None], numbers, epochs=2, batch_size=3, callbacks=[Log()])
        orders.append([*rows, *map(float, net.streams.order.raw(2))])
    assert orders[0] == orders[1]


def test_without_shuffle_rows_come_in_their_order() -> None:
    """Batches of one row each, seen in their scores: the weight is 1 and hardly moves."""
    seen: list[float] = []

    class Log(Callback):
        def on_gradients(self, training: Training) -> None:
            seen.append(float(training.work.traces[0].scores[0, 0]))

    net = Network([1, 1], seed=0, loss="squared_error")
    net.weights[0][:] = 1.0
    tiny = {"learning_rate": 1e-9, "epochs": 1, "batch_size": 1, "callbacks": [Log()]}
    net.fit(np.arange(6.0)[:, None], np.arange(6.0), shuffle=False, **tiny)  # type: ignore[arg-type]  # a dict of settings
    np.testing.assert_allclose(seen, np.arange(6.0), atol=1e-4)
    net.fit(np.arange(6.0)[:, None], np.arange(6.0), **tiny)  # type: ignore[arg-type]  # a dict of settings
    assert sorted(np.round(seen[6:])) == list(range(6))
    assert list(np.round(seen[6:])) != list(range(6))


# Defaults


def test_fit_with_nothing_but_data_learns() -> None:
    X, y = yes_or_no(400)
    net = Network([3, 8, 1], seed=0)
    net.fit(X, y)
    assert net.test_accuracy(X, y) > 0.9


def test_the_last_batch_is_short_where_the_rows_do_not_come_out_even() -> None:
    class Log(Callback):
        def on_batch_end(self, training: Training) -> None:
            assert (training.batches, training.rows) == (3, 250)
            assert training.batch_rows == (50 if training.batch == 3 else 100)

    Network([3, 1], seed=0).fit(*yes_or_no(250), epochs=1, batch_size=100, callbacks=[Log()])


@pytest.mark.parametrize(("rows", "size"), [(20, 20), (250, 32), (5000, 50), (20_000, 100)])
def test_without_a_batch_size_it_is_a_hundredth_of_the_rows_within_bounds(
    rows: int, size: int
) -> None:
    class Log(Callback):
        def on_batch_end(self, training: Training) -> None:
            assert training.batch_rows == size
            training.stop("seen")

    Network([3, 1], seed=0).fit(*yes_or_no(rows), callbacks=[Log()])


def test_batches_larger_than_the_data_are_one_batch() -> None:
    big, full = new(), new()
    big.fit(X, Y, batch_size=10**9, epochs=2)
    full.fit(X, Y, batch_size=45, epochs=2)
    assert state(big) == state(full)


@pytest.mark.filterwarnings("ignore:X has one row")
@pytest.mark.parametrize("rows", [1, 2])
def test_one_or_two_rows_and_one_column_are_enough(rows: int) -> None:
    net = Network([1, 2, 1], seed=0)
    net.fit(inputs(rows, 1), inputs(rows, 1, seed=1), epochs=2)
    assert np.isfinite(net.predict(inputs(rows, 1))).all()


def test_as_many_classes_as_rows_are_fine() -> None:
    net = Network([3, 8, 10], seed=0)
    net.fit(inputs(10), np.arange(10), epochs=300, learning_rate=0.1)
    assert net.test_accuracy(inputs(10), np.arange(10)) == 1.0


def test_a_regression_with_defaults_learns() -> None:
    X, y = amounts(400)
    net = Network([3, 16, 1], seed=0)
    net.fit(X, y, standardize=True, epochs=60)
    assert net.evaluate(X, y)["r2"] > 0.8
