"""fit(resume=): whatever was asked for goes on to the last bit, or is refused in words."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import Callback, Fleet, ModelFileError, Network
from glassnet.callbacks import Checkpoint, EarlyStopping
from glassnet.callbacks.checkpoint import newest_first
from glassnet.core.progress import Progress
from glassnet.diagnostics import Recorder
from glassnet.saving import checkpoints
from glassnet.schedules import SCHEDULES, WarmUp

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 5)).astype("f4")
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
OPTIONS: dict[str, Any] = {"epochs": 4, "batch_size": 13}
POSIX = pytest.mark.skipif(os.name == "nt", reason="no such signals")


def network(seed: int | None = 4) -> Network:
    return Network([5, 7, 1], dropout=0.2, seed=seed)


class Kill(Callback):
    """Ends the process, so to speak, in the middle of a training."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_batch_end(self, training: Any) -> None:
        if training.step == self.step + 1:
            raise SystemExit("killed")


def killed_after(step: int, folder: Path, net: Network, X: Any, y: Any, **options: Any) -> None:
    callbacks = [Kill(step), *options.pop("callbacks", []), Checkpoint(folder, every_batches=1)]
    with pytest.raises(SystemExit):
        net.fit(X, y, **options, callbacks=callbacks)
    assert newest_first(str(folder))[0].endswith(f"{step:09}.safetensors")


def assert_same(one: Network, other: Network) -> None:
    np.testing.assert_array_equal(one.parameters, other.parameters)
    assert list(one.history) == list(other.history)
    assert one.history.stopped == other.history.stopped
    assert one.streams.states() == other.streams.states()


def assert_goes_on(step: int, folder: Path, **options: Any) -> None:
    """That the training is one and the same with a kill after this step and without."""
    options = {**OPTIONS, **options}
    whole, killed, net = network(), network(), network()
    whole.fit(X, Y, **options)
    killed_after(step, folder, killed, X, Y, **options)
    net.fit(X, Y, **options, resume=folder)
    assert_same(net, whole)
    again = network()
    again.fit(X, Y, **options, resume=folder)  # all is done, and stays so
    assert_same(again, whole)


def falling(progress: Progress) -> float:
    return 1.0 / (1.0 + progress.step)


@pytest.mark.parametrize("step", [3, 5, 12])
@pytest.mark.parametrize("name", [*SCHEDULES, "warm up", "function"])
def test_every_schedule_goes_on(name: str, step: int, tmp_path: Path) -> None:
    own: dict[str, Any] = {"warm up": WarmUp(2, falling), "function": falling}
    split = {"validation_split": 0.2} if name == "reduce_on_plateau" else {}
    if split:
        step = {3: 3, 5: 4, 12: 12}[step]
    assert_goes_on(step, tmp_path, schedule=own.get(name, name), **split)


OTHERS: list[dict[str, Any]] = [
    {"standardize": True},
    {"shuffle": False},
    {"sample_weight": np.arange(60) % 3},
    {"class_weight": {0: 1.0, 1: 3.0}},
    {"validation_split": 0.3, "early_stopping": 1, "epochs": 20},
    {"validation_split": 0.3, "metrics": ["accuracy"], "early_stopping": EarlyStopping(1)},
    {"validation_data": (X[:20], Y[:20])},
    {"time_limit": 1000.0},
    {"target_loss": 0.69, "epochs": 30},
    {"learning_rate": 0.05, "weight_decay": 0.01, "optimizer": "adamw"},
    {"batch_size": 60},
    {"batch_size": 1, "epochs": 1},
    {"verbose": True},
]


@pytest.mark.parametrize("options", OTHERS, ids=lambda each: ", ".join(each))
def test_every_option_goes_on(options: dict[str, Any], tmp_path: Path) -> None:
    assert_goes_on(3, tmp_path, **options)


CHANGES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"standardize": True}, "standardize"),
    ({}, {"shuffle": False}, "shuffle True there, False here"),
    ({}, {"target_loss": 0.1}, "target_loss None there, 0.1 here"),
    ({"validation_data": (X, Y)}, {"validation_data": (X, 1 - Y)}, "validation_data"),
    ({"validation_data": (X, Y)}, {}, "validation_data"),
    ({"validation_split": 0.3}, {"validation_split": 0.4}, "data"),
    (
        {"validation_data": (X, Y)},
        {"validation_data": (X, Y), "metrics": ["f1"]},
        r"metrics \['accuracy'\] there, \['f1'\] here",
    ),
    ({"early_stopping": 3}, {"early_stopping": 4}, "callbacks"),
    ({}, {"epochs": 9}, "epochs 4 there, 9 here"),
    ({}, {"epochs": 2}, "epochs"),
    ({}, {"batch_size": 14}, "batch_size 13 there, 14 here"),
    ({}, {"optimizer": "sgd"}, "optimizer"),
    ({}, {"learning_rate": 0.2}, "optimizer"),
    ({}, {"schedule": "cosine"}, "schedule"),
]


@pytest.mark.parametrize(("before", "after", "word"), CHANGES, ids=lambda each: str(each)[:40])
@pytest.mark.parametrize("done", [False, True])
def test_a_changed_option_is_refused_in_words_and_changes_nothing(
    before: dict[str, Any], after: dict[str, Any], word: str, done: bool, tmp_path: Path
) -> None:
    if done:
        network().fit(X, Y, **{**OPTIONS, **before}, resume=tmp_path)
    else:
        killed_after(3, tmp_path, network(), X, Y, **{**OPTIONS, **before})
    net = network()
    with pytest.raises(ValueError, match=f"holds another training: {word}"):
        net.fit(X, Y, **{**OPTIONS, **after}, resume=tmp_path)
    assert net.loss is None
    assert net.history.stopped == ""
    assert net.streams.states() == network().streams.states()
    np.testing.assert_array_equal(net.parameters, network().parameters)
    assert not (tmp_path / ".lock").exists()


@POSIX
@pytest.mark.parametrize("seed", [4, None])
def test_the_same_call_on_the_same_network_goes_on_after_ctrl_c(
    seed: int | None, tmp_path: Path
) -> None:
    """The rows for validation are those drawn first, whatever else was drawn since."""
    net = network(seed)
    options: dict[str, Any] = {**OPTIONS, "validation_split": 0.3, "early_stopping": 9}
    whole = network(seed)
    whole.parameters[:] = net.parameters
    whole.streams.restore(net.streams.states())
    whole.fit(X, Y, **options)

    class Press(Callback):
        def on_batch_end(self, training: Any) -> None:
            if training.step == 5:
                os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        net.fit(X, Y, **options, callbacks=[Press()], resume=tmp_path)
    net.history.clear()
    net.fit(X, Y, **options, resume=tmp_path)
    assert_same(net, whole)


def test_a_network_without_a_seed_goes_on_in_another_process(tmp_path: Path) -> None:
    options: dict[str, Any] = {**OPTIONS, "validation_split": 0.3}
    killed, net, whole = network(None), network(None), network(None)
    whole.parameters[:] = killed.parameters
    whole.streams.restore(killed.streams.states())
    whole.fit(X, Y, **options)
    killed_after(4, tmp_path, killed, X, Y, **options)
    net.fit(X, Y, **options, resume=tmp_path)
    assert_same(net, whole)


def test_a_second_call_of_a_script_goes_on_too(tmp_path: Path) -> None:
    def script(net: Network, *more: Callback) -> None:
        net.fit(X, Y, **OPTIONS, resume=tmp_path / "a")
        net.fit(X, Y, **OPTIONS, resume=tmp_path / "b", callbacks=list(more))

    whole, net = network(), network()
    for _ in range(2):
        whole.fit(X, Y, **OPTIONS)
    with pytest.raises(SystemExit):
        script(network(), Kill(7), Checkpoint(tmp_path / "b", every_batches=2))
    script(net)
    assert_same(net, whole)


class Endless:
    """Batches of which nobody knows the number; new ones for each epoch."""

    def __iter__(self) -> Iterator[Any]:
        for start in (0, 20, 40):
            yield X[start : start + 20], Y[start : start + 20], np.ones(20)


@pytest.mark.parametrize("step", range(1, 9))
def test_a_users_batches_go_on(step: int, tmp_path: Path) -> None:
    whole, net = network(), network()
    whole.fit(Endless(), epochs=3, schedule="constant")
    killed_after(step, tmp_path, network(), Endless(), None, epochs=3, schedule="constant")
    net.fit(Endless(), epochs=3, schedule="constant", resume=tmp_path)
    assert_same(net, whole)


def test_a_generator_goes_on_in_its_only_epoch(tmp_path: Path) -> None:
    whole, net = network(), network()
    whole.fit(iter(Endless()), epochs=1)
    killed_after(2, tmp_path, network(), iter(Endless()), None, epochs=1)
    net.fit(iter(Endless()), epochs=1, resume=tmp_path)
    assert_same(net, whole)


def test_a_time_limit_ends_a_call_and_not_the_training(tmp_path: Path) -> None:
    whole, net = network(), network()
    whole.fit(X, Y, **OPTIONS)
    for _ in range(30):
        net = network()
        net.fit(X, Y, **OPTIONS, time_limit=1e-9, resume=tmp_path)
        if net.history.stopped == "all epochs done":
            break
        assert net.history.stopped.startswith("time limit")
    np.testing.assert_array_equal(net.parameters, whole.parameters)
    assert list(net.history) == list(whole.history)


@pytest.mark.parametrize("call", ["fleet", "restarts"])
def test_a_fleet_and_restarts_are_refused_in_words(call: str, tmp_path: Path) -> None:
    trained: Any = Fleet([5, 7, 1], members=3, seed=0) if call == "fleet" else network()
    options = {} if call == "fleet" else {"restarts": 3}
    with pytest.raises(ValueError, match="for the training of one network"):
        trained.fit(X, Y, **options, resume=tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_folder_without_checkpoints_is_a_beginning(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("of mine")
    whole, net = network(), network()
    whole.fit(X, Y, **OPTIONS)
    net.fit(X, Y, **OPTIONS, resume=tmp_path)
    assert_same(net, whole)
    assert (tmp_path / "notes.txt").read_text() == "of mine"


@pytest.mark.parametrize(("folder", "error"), [("", ModelFileError), (True, TypeError)])
def test_what_is_no_folder_is_refused(folder: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="resume"):
        network().fit(X, Y, resume=folder)


def test_a_bad_call_takes_nothing_and_a_good_one_follows(tmp_path: Path) -> None:
    each = Checkpoint(tmp_path)
    net = network()
    with pytest.raises(ValueError, match="X"):
        net.fit(X[:, :3], Y, **OPTIONS, callbacks=[each], resume=tmp_path)
    assert os.listdir(tmp_path) == []
    net.fit(X, Y, **OPTIONS, callbacks=[each], resume=tmp_path)
    with pytest.raises(ValueError, match="earlier training"):
        net.fit(X, Y, **OPTIONS, callbacks=[each])


def test_a_folder_that_is_a_file_or_protected_is_told_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match="a part of the path is a file"):
        network().fit(X, Y, callbacks=[Checkpoint(tmp_path / "file")])
    monkeypatch.setattr(os, "access", lambda path, rights: False)
    with pytest.raises(PermissionError, match="you may not read or write here"):
        network().fit(X, Y, callbacks=[Checkpoint(tmp_path)])


def test_a_training_that_a_callback_stopped_has_ended(tmp_path: Path) -> None:
    class Enough(Callback):
        def on_batch_end(self, training: Any) -> None:
            if training.step == 7:
                training.stop("enough")

    first, again = network(), network()
    first.fit(X, Y, **OPTIONS, callbacks=[Enough()], resume=tmp_path)
    again.fit(X, Y, **OPTIONS, callbacks=[Enough()], resume=tmp_path)
    assert_same(again, first)
    assert again.history.stopped == "enough"


# The beginning


class Refuses(Callback):
    def on_fit_begin(self, training: Any) -> None:
        raise RuntimeError("not today")

    def on_fit_end(self, training: Any) -> None:
        raise AssertionError("it has not begun")


class Records(Callback):
    def __init__(self) -> None:
        self.seen: list[str] = []

    def on_fit_begin(self, training: Any) -> None:
        self.seen.append("begin")

    def on_fit_end(self, training: Any) -> None:
        self.seen.append(training.stopped)


def test_what_begun_ends_where_the_next_callback_refuses(tmp_path: Path) -> None:
    before, after, net = Records(), Records(), network()
    with pytest.raises(RuntimeError, match="not today"):
        net.fit(X, Y, callbacks=[before, Refuses(), after])
    assert before.seen == ["begin", "broken off by RuntimeError"]
    assert after.seen == []
    assert net.loss is None
    assert net.history.stopped == ""


def test_the_first_folder_is_free_again_where_the_second_is_refused(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    network().fit(X, Y, epochs=1, resume=b)
    for _ in range(2):
        with pytest.raises(ValueError, match="earlier training"):
            network().fit(X, Y, callbacks=[Checkpoint(a), Checkpoint(b)])
        assert os.listdir(a) == []
    network().fit(X, Y, epochs=1, callbacks=[Checkpoint(a)])


def test_one_folder_for_two_callbacks_is_refused_and_free_again(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="another training has it"):
        network().fit(X, Y, callbacks=[Checkpoint(tmp_path), Checkpoint(tmp_path)])
    network().fit(X, Y, epochs=1, callbacks=[Checkpoint(tmp_path)])


# Signals


@POSIX
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_the_history_says_which_signal_came(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Send(Callback):
        def on_batch_end(self, training: Any) -> None:
            os.kill(os.getpid(), getattr(signal, name))

    sent: list[int] = []
    records, kill = Records(), os.kill

    def once(process: int, number: int) -> None:  # the second is the end of the process
        if not sent:
            sent.append(number)
            kill(process, number)

    monkeypatch.setattr(os, "kill", once)
    with pytest.raises(KeyboardInterrupt):
        network().fit(X, Y, **OPTIONS, callbacks=[Send(), records], resume=tmp_path)
    words = {"SIGINT": "Ctrl-C", "SIGTERM": "SIGTERM"}
    assert records.seen[-1] == f"interrupted by {words[name]}"


# What callbacks remember


class Remembers(Callback):
    """Counts the batches of each epoch and more, in a state of all sorts."""

    def __init__(self) -> None:
        self.seen: dict[Any, Any] = {}

    def state(self) -> dict[str, Any]:
        return self.seen

    def restore_state(self, state: dict[str, Any]) -> None:
        self.seen = state

    def on_batch_end(self, training: Any) -> None:
        self.seen[training.epoch] = self.seen.get(training.epoch, 0) + 1
        place = (training.epoch, training.batch)
        smooth = self.seen.get("smooth", np.float32(0))
        self.seen |= {place: {"odd": "nan"}, "smooth": smooth * 0.9 + training.loss * 0.1}
        self.seen["nested"] = [{"norm": np.array([training.loss])}]


def test_a_state_comes_back_with_the_keys_and_types_that_it_had(tmp_path: Path) -> None:
    whole, killed, found = Remembers(), Remembers(), Remembers()
    network().fit(X, Y, **OPTIONS, callbacks=[whole])
    killed_after(7, tmp_path, network(), X, Y, **OPTIONS, callbacks=[killed])
    network().fit(X, Y, **OPTIONS, callbacks=[found], resume=tmp_path)
    assert repr(found.seen) == repr(whole.seen)


def test_a_state_that_cannot_be_kept_names_the_callback_and_the_key(tmp_path: Path) -> None:
    each = Remembers()
    each.seen["since"] = {"when": {1, 2}}
    with pytest.raises(ModelFileError, match="callbacks > 0 Remembers > since > when: cannot be"):
        network().fit(X, Y, **OPTIONS, callbacks=[each], resume=tmp_path)
    assert os.listdir(tmp_path) == []


def test_many_records_fits_into_a_checkpoint(tmp_path: Path) -> None:
    options: dict[str, Any] = {"epochs": 80, "batch_size": 1, "schedule": "constant"}
    log, found = Recorder(every=1, keep=5000), Recorder(every=1, keep=5000)
    network().fit(X, Y, **options, callbacks=[log, Checkpoint(tmp_path, every_epochs=80)])
    network().fit(X, Y, **options, callbacks=[found], resume=tmp_path)
    assert len(found.records) == 4800
    assert found.records == log.records
    assert checkpoints.read(newest_first(str(tmp_path))[0])
