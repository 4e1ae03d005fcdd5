"""Training that does not end by itself: Ctrl-C, and numbers that leave the finite ones."""

import math
import pickle
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest
from small_problems import Array, amounts, state, three_classes, yes_or_no

from glassnet import SGD, AdamW, Callback, DivergenceError, Network, OwnLoss
from glassnet.callbacks import EarlyStopping
from glassnet.core.training import Training

X, Y = three_classes()


class Press(Callback):
    """Ctrl-C, pressed in a hook at a step."""

    def __init__(self, step: int, times: int = 1, hook: str = "on_gradients") -> None:
        self.step, self.times = step, times
        setattr(self, hook, self.press)

    def press(self, training: Training) -> None:
        if training.step == self.step:
            for _ in range(self.times):
                signal.raise_signal(signal.SIGINT)


# Ctrl-C


def test_ctrl_c_finishes_the_batch_and_then_raises_keyboard_interrupt() -> None:
    net, twin = Network([3, 4, 3], seed=0), Network([3, 4, 3], seed=0)
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, Y, epochs=9, batch_size=15, callbacks=[Press(5)])

    class Stop(Callback):
        def on_batch_end(self, training: Training) -> None:
            if training.step == 5:
                training.stop("interrupted by Ctrl-C")

    twin.fit(X, Y, epochs=9, batch_size=15, callbacks=[Stop()])
    assert state(net) == state(twin)
    assert net.history.stopped == "interrupted by Ctrl-C"
    assert [record.get("batches") for record in net.history] == [None, 2]
    assert len(net.history.seconds) == 2


def test_training_can_go_on_after_ctrl_c() -> None:
    net = Network([3, 4, 3], seed=0)
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, Y, epochs=9, callbacks=[Press(2)])
    history = net.fit(X, Y, epochs=2)
    assert history.stopped == "all epochs done"
    assert [record["epoch"] for record in net.history] == [1, 2, 3, 4][: len(net.history)]


def test_ctrl_c_at_the_last_batch_is_not_lost() -> None:
    net = Network([3, 4, 3], seed=0)
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, Y, epochs=1, batch_size=45, callbacks=[Press(1, hook="on_epoch_end")])
    assert len(net.history) == 1


def test_ctrl_c_skips_the_validation_of_the_epoch_and_early_stopping_restores_the_best() -> None:
    """The loss of training, lower than any of validation, must not pass for a better one."""
    net = Network([3, 8, 3], seed=0)
    worse = (X, (Y + 1) % 3)
    for monitor in (None, "val_accuracy"):
        net.reset()
        stopper = EarlyStopping(50, monitor=monitor)
        with pytest.raises(KeyboardInterrupt):
            net.fit(
                X,
                Y,
                epochs=20,
                batch_size=45,
                validation_data=worse,
                early_stopping=stopper,
                callbacks=[Press(15)],
            )
        assert "val_loss" not in net.history[-1]
        assert stopper.best_epoch < 15
        name = "accuracy" if monitor else "loss"
        assert net.evaluate(*worse)[name] == pytest.approx(stopper.best, rel=1e-5)


def test_a_second_ctrl_c_does_not_wait_for_the_batch() -> None:
    net = Network([3, 4, 3], seed=0)
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, Y, epochs=9, batch_size=45, callbacks=[Press(3, times=2)])
    assert net.history.stopped == "broken off by KeyboardInterrupt"
    assert [record["epoch"] for record in net.history] == [1, 2]
    assert np.isfinite(net.parameters).all()


def test_the_handler_of_ctrl_c_is_put_back_after_training() -> None:
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    for rate in (0.1, 1e30):
        net = Network([3, 4, 3], seed=0)
        try:
            net.fit(X, Y, epochs=1, learning_rate=rate)
        except DivergenceError:
            assert rate == 1e30
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_that_somebody_else_installed_stays() -> None:
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        history = Network([3, 4, 3], seed=0).fit(X, Y, epochs=2, callbacks=[Press(1)])
    finally:
        signal.signal(signal.SIGINT, before)
    assert history.stopped == "all epochs done"
    assert pressed == [signal.SIGINT]


def test_a_thread_installs_no_handler() -> None:
    handlers: list[Any] = []

    class Look(Callback):
        def on_batch_end(self, training: Training) -> None:
            handlers.append(signal.getsignal(signal.SIGINT))

    net = Network([3, 4, 3], seed=0)
    thread = threading.Thread(target=lambda: net.fit(X, Y, epochs=1, callbacks=[Look()]))
    thread.start()
    thread.join()
    assert set(handlers) == {signal.default_int_handler}


PRESSED_FROM_OUTSIDE = """
import numpy as np, sys
from glassnet import Network
net = Network([2, 4, 1], seed=0)
class Tell:
    def on_batch_end(self, training):
        if training.step == 1:
            print("training", flush=True)
try:
    net.fit(np.ones((50, 2)), np.arange(50.0), epochs=10**9, batch_size=5, callbacks=[Tell()])
except KeyboardInterrupt:
    ok = np.isfinite(net.parameters).all() and net.history.stopped == "interrupted by Ctrl-C"
    print("consistent" if ok else net.history.stopped, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_ctrl_c_from_a_terminal_ends_a_process_in_good_order() -> None:
    command = [sys.executable, "-c", PRESSED_FROM_OUTSIDE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "training\n"
        time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[0] == "consistent\n"
    assert process.returncode == 0


# Divergence


def nan_from_step(step: int) -> OwnLoss:
    """Squared error that gives nan from a step on."""
    calls = [0]

    def values(scores: Array, targets: Array) -> Array:
        calls[0] += 1
        return (scores - targets) ** 2 * (math.nan if calls[0] >= step else 1.0)

    return OwnLoss("breaks", values, lambda scores, targets: 2 * (scores - targets))


def test_divergence_is_found_within_one_batch_and_named() -> None:
    X, y = amounts()
    net = Network([3, 1], loss=nan_from_step(7), seed=0)
    with pytest.raises(DivergenceError) as caught:
        net.fit(X, y, epochs=9, batch_size=10, learning_rate=0.01, schedule="constant")
    error = caught.value
    assert (error.epoch, error.batch, error.learning_rate) == (2, 3, 0.01)
    assert "epoch 2, batch 3, at learning rate 0.01: the loss became nan" in str(error)
    assert "Try learning_rate=0.001, standardize=True" in str(error)
    assert len(str(error)) < 400
    assert [record["epoch"] for record in net.history] == [1]
    assert net.history.stopped == "diverged"


def test_the_parameters_before_a_loss_that_is_not_finite_are_kept() -> None:
    X, y = amounts()
    nets = [Network([3, 1], loss=nan_from_step(step), seed=0) for step in (7, 999)]
    with pytest.raises(DivergenceError):
        nets[0].fit(X, y, epochs=9, batch_size=10)

    class Stop(Callback):
        def on_batch_end(self, training: Training) -> None:
            if training.step == 6:
                training.stop("here")

    nets[1].fit(X, y, epochs=9, batch_size=10, callbacks=[Stop()])
    np.testing.assert_array_equal(nets[0].parameters, nets[1].parameters)


def test_a_decay_that_blows_the_weights_up_is_found_in_the_batch_that_does_it() -> None:
    """The loss of saturated units tells nothing of it, nor do their gradients."""
    X, y = three_classes(20)
    net = Network([3, 16, 3], activation="tanh", seed=0)
    sizes: list[float] = []

    class Watch(Callback):
        def on_batch_end(self, training: Any) -> None:
            sizes.append(float(np.vdot(training.parameters, training.parameters)))

    optimizer = AdamW(learning_rate=1.0, weight_decay=3.0)  # each weight times -2
    with pytest.raises(DivergenceError, match="the parameters became too large"):
        net.fit(X, y, epochs=99, optimizer=optimizer, schedule="constant", callbacks=[Watch()])
    assert max(sizes) <= 1e24 < 5 * max(sizes)
    assert float(np.vdot(net.parameters, net.parameters)) == max(sizes)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "lion", "adamw", "nadam", "rmsprop"])
def test_an_absurd_learning_rate_diverges_in_the_first_batch(optimizer: str, dtype: str) -> None:
    net = Network([3, 4, 3], dtype=dtype, seed=0)
    before = net.parameters.copy()
    with pytest.raises(DivergenceError, match="the parameters became too large") as caught:
        net.fit(X, Y, learning_rate=1e30, optimizer=optimizer)
    assert (caught.value.epoch, caught.value.batch) == (1, 1)
    np.testing.assert_array_equal(net.parameters, before)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_rate_that_blows_up_step_by_step_is_found(dtype: str) -> None:
    X, y = amounts(outputs=2)
    net = Network([3, 4, 2], activation="identity", dtype=dtype, seed=0)
    with pytest.raises(DivergenceError) as caught:
        net.fit(X, y, epochs=500, optimizer=SGD(learning_rate=30.0), schedule="constant")
    assert np.abs(net.parameters).max() < 1e19
    assert f"epoch {caught.value.epoch}, batch {caught.value.batch}" in str(caught.value)
    assert np.isfinite(net.predict(X)).all()


@pytest.mark.parametrize("size", [1e20, 1e200])
def test_targets_that_are_too_large_diverge_and_change_nothing(size: float) -> None:
    X, y = yes_or_no()
    net = Network([3, 1], dtype="float32" if size == 1e20 else "float64", seed=0)
    before = net.parameters.copy()
    with pytest.raises(DivergenceError, match="the loss became inf"):
        net.fit(X, size * (1.0 + y))
    np.testing.assert_array_equal(net.parameters, before)


@pytest.mark.parametrize(("size", "dtype"), [(1e30, "float32"), (1e200, "float64")])
def test_inputs_that_are_too_large_are_refused_unless_they_are_standardised(
    size: float, dtype: str
) -> None:
    net = Network([3, 4, 3], dtype=dtype, seed=0)
    before = state(net)
    with pytest.raises(ValueError, match=rf"value too large for {dtype}.*standardize=True"):
        net.fit(size * X, Y)
    assert state(net) == before
    if size < 1e150:  # squares must stay within float64
        net.fit(size * X, Y, epochs=2, standardize=True)
        np.testing.assert_allclose(net.predict(size * X).sum(axis=1), 1.0, rtol=1e-5)


def test_a_gradient_of_nan_diverges() -> None:
    class Spoil(Callback):
        def on_gradients(self, training: Training) -> None:
            if training.step == 4:
                training.gradients[0] = math.nan

    net = Network([3, 4, 3], seed=0)
    with pytest.raises(DivergenceError, match="epoch 2, batch 1"):
        net.fit(X, Y, epochs=5, batch_size=15, callbacks=[Spoil()])
    assert np.isfinite(net.parameters).all()


def test_early_stopping_restores_the_best_parameters_also_after_divergence() -> None:
    X, y = amounts()
    net = Network([3, 1], loss=nan_from_step(4), seed=0)
    stopper = EarlyStopping(50)
    with pytest.raises(DivergenceError):
        net.fit(X, y, epochs=9, batch_size=40, early_stopping=stopper)
    assert stopper.best_epoch == 3


def test_divergence_error_names_the_loss_before_and_pickles() -> None:
    X, y = amounts()
    net = Network([3, 1], loss=nan_from_step(2), seed=0)
    with pytest.raises(DivergenceError) as caught:
        net.fit(X, y, epochs=3, batch_size=40)
    assert f"the epoch before was {net.history[0]['loss']:.6g}" in str(caught.value)
    twin = pickle.loads(pickle.dumps(caught.value))
    assert (str(twin), twin.epoch) == (str(caught.value), 2)
