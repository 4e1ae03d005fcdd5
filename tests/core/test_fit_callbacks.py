"""Callbacks as fit calls them: in which order, what they may change, what their errors leave; and
progress, which is one of them. The ready-made ones: tests/callbacks."""

import threading
from typing import Any

import numpy as np
import pytest
from small_problems import amounts, three_classes, yes_or_no

from glassnet import Callback, Network
from glassnet.core.callback import HOOKS
from glassnet.core.training import Training

X, Y = three_classes()


def new(**settings: Any) -> Network:
    return Network([3, 4, 3], seed=0, **settings)


class Diary(Callback):
    """Writes down which hook came when."""

    def __init__(self) -> None:
        self.lines: list[str] = []


def _writer(hook: str) -> Any:
    def write(self: Diary, training: Training) -> None:
        self.lines.append(f"{hook} {training.epoch}.{training.batch}")

    return write


for _hook in HOOKS:
    setattr(Diary, _hook, _writer(_hook))


def test_hooks_come_in_their_order() -> None:
    diary = Diary()
    new().fit(X, Y, epochs=2, batch_size=30, callbacks=[diary])
    step = ["on_gradients", "after_step", "on_batch_end"]
    wanted = ["on_fit_begin 0.0"]
    for epoch in (1, 2):
        wanted.append(f"on_epoch_begin {epoch}.0")
        wanted += [f"{hook} {epoch}.{batch}" for batch in (1, 2) for hook in step]
        wanted.append(f"on_epoch_end {epoch}.2")
    assert diary.lines == [*wanted, "on_fit_end 2.2"]


def test_callbacks_run_in_the_order_given() -> None:
    order: list[str] = []

    class Named(Callback):
        def __init__(self, name: str) -> None:
            self.name = name

        def on_epoch_end(self, training: Training) -> None:
            order.append(self.name)

    new().fit(X, Y, epochs=1, callbacks=(Named("a"), Named("b")))
    assert order == ["a", "b"]


def test_any_object_with_a_hook_is_a_callback_also_one_set_on_the_object() -> None:
    class Bare:
        seen = 0

        def on_epoch_end(self, training: Training) -> None:
            self.seen += 1

    bare, odd = Bare(), Callback()
    seen: list[int] = []
    odd.on_epoch_end = lambda training: seen.append(training.epoch)  # type: ignore[method-assign]  # a hook set on the object
    new().fit(X, Y, epochs=2, callbacks=[bare, odd])
    assert (bare.seen, seen) == (2, [1, 2])


def test_hooks_may_change_gradients_and_parameters_in_place() -> None:
    class Freeze(Callback):
        def on_gradients(self, training: Training) -> None:
            training.gradients[...] = 0.0

    class Clear(Callback):
        def after_step(self, training: Training) -> None:
            training.parameters[...] = 0.0

    net = new()
    before = net.parameters.copy()
    net.fit(X, Y, epochs=2, optimizer="sgd", callbacks=[Freeze()])
    np.testing.assert_array_equal(net.parameters, before)
    net.fit(X, Y, epochs=1, callbacks=[Clear()])
    assert not net.parameters.any()


def test_the_base_rate_may_be_set_while_training() -> None:
    class Halve(Callback):
        def on_epoch_end(self, training: Training) -> None:
            training.base_rate /= 2

    history = new().fit(X, Y, epochs=3, schedule="constant", learning_rate=0.1, callbacks=[Halve()])
    assert history.column("learning_rate") == pytest.approx([0.1, 0.05, 0.025])


def test_an_error_in_a_callback_goes_up_and_leaves_a_consistent_network() -> None:
    diary = Diary()

    class Fail(Callback):
        def on_batch_end(self, training: Training) -> None:
            if training.epoch == 3:
                raise OSError("the disk is full")

    net = new()
    with pytest.raises(OSError, match="the disk is full"):
        net.fit(X, Y, epochs=5, callbacks=[Fail(), diary])
    assert [record["epoch"] for record in net.history] == [1, 2]
    assert net.history.stopped == "broken off by OSError"
    assert diary.lines[-1] == "on_fit_end 3.1"
    assert net.fit(X, Y, epochs=1)[0]["epoch"] == 1


# Progress


def test_verbose_writes_to_standard_error_only(capsys: pytest.CaptureFixture[str]) -> None:
    new().fit(X, Y, epochs=2, verbose=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "epoch 2/2" in shown.err
    new().fit(X, Y, epochs=2)
    assert capsys.readouterr() == ("", "")


def test_fit_works_in_a_thread() -> None:
    results: list[float] = []
    X, y = yes_or_no()

    def work() -> None:
        results.append(Network([3, 1], seed=0).fit(X, y, epochs=2)[-1]["loss"])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert results == [Network([3, 1], seed=0).fit(X, y, epochs=2)[-1]["loss"]]


def test_a_regression_shows_r2() -> None:
    X, y = amounts()
    history = Network([3, 1], seed=0).fit(X, y, epochs=1, validation_split=0.5)
    assert set(history[0]) == {"epoch", "loss", "learning_rate", "val_loss", "val_r2"}
