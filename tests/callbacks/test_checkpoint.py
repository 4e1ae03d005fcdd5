"""Checkpoints: a training that is broken off goes on to the last bit; others are refused."""

import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import Callback, ModelFileError, Network
from glassnet.callbacks import Checkpoint, EarlyStopping
from glassnet.callbacks.checkpoint import newest_first
from glassnet.diagnostics import Recorder
from glassnet.optimizers import OPTIMIZERS
from glassnet.saving import checkpoints
from glassnet.schedules import WarmUp

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 5)).astype("f4")
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
ROWS = 13  # a batch: the last of five is short
OPTIONS: dict[str, Any] = {"epochs": 3, "batch_size": ROWS}


def network(dtype: str = "float32") -> Network:
    return Network([5, 7, 1], dropout=0.2, dtype=dtype, seed=4)


class Kill(Callback):
    """Ends the process, so to speak, in the middle of a training."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_batch_end(self, training: Any) -> None:
        if training.step == self.step + 1:
            raise SystemExit("killed")


def killed_after(step: int, folder: Path, dtype: str = "float32", **options: Any) -> None:
    """A training whose last checkpoint is that after `step` steps."""
    each = Checkpoint(folder, every_batches=1)
    callbacks = [Kill(step), *options.pop("callbacks", []), each]
    with pytest.raises(SystemExit):
        network(dtype).fit(X, Y, **{**OPTIONS, **options}, callbacks=callbacks)
    assert newest_first(str(folder))[0].endswith(f"{step:09}.safetensors")


def resumed(folder: Path, dtype: str = "float32", **options: Any) -> Network:
    net = network(dtype)
    net.fit(X, Y, **{**OPTIONS, **options}, resume=folder)
    return net


def assert_same(one: Network, other: Network) -> None:
    np.testing.assert_array_equal(one.parameters, other.parameters)
    assert list(one.history) == list(other.history)
    assert one.history.stopped == other.history.stopped
    assert one.streams.states() == other.streams.states()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["sgd", "adam", "rmsprop", "nadam", "lion", "adagrad"])
def test_a_training_killed_at_any_batch_goes_on_to_the_last_bit(
    name: str, dtype: str, tmp_path: Path
) -> None:
    whole = network(dtype)
    whole.fit(X, Y, **OPTIONS, optimizer=name)
    for step in range(1, 15):
        folder = tmp_path / str(step)
        killed_after(step, folder, dtype, optimizer=name)
        assert_same(resumed(folder, dtype, optimizer=name), whole)


@pytest.mark.parametrize("name", [n for n, kind in OPTIMIZERS.items() if kind.full_batch])
def test_full_batches_go_on_too(name: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"optimizer": name, "batch_size": None, "epochs": 6}
    whole = network()
    whole.fit(X, Y, **options)
    killed_after(4, tmp_path, **options)
    assert_same(resumed(tmp_path, **options), whole)


def test_validation_and_what_callbacks_remember_go_on(tmp_path: Path) -> None:
    def options() -> dict[str, Any]:
        stopping, log = EarlyStopping(2, monitor="val_accuracy"), Recorder(every=4)
        return {"validation_split": 0.3, "callbacks": [stopping, log], "epochs": 12}

    whole, wanted = network(), options()
    whole.fit(X, Y, batch_size=ROWS, **wanted)
    killed_after(11, tmp_path, **options())
    found = options()
    assert_same(resumed(tmp_path, **found), whole)
    assert found["callbacks"][0].best_epoch == wanted["callbacks"][0].best_epoch
    assert found["callbacks"][1].records == wanted["callbacks"][1].records


def test_a_users_batches_go_on(tmp_path: Path) -> None:
    batches = [(X[i : i + 20], Y[i : i + 20]) for i in (0, 20, 40)]
    whole = network()
    whole.fit(batches, epochs=3)
    each = Checkpoint(tmp_path, every_batches=1)
    with pytest.raises(SystemExit):
        network().fit(batches, epochs=3, callbacks=[Kill(4), each])
    net = network()
    net.fit(batches, epochs=3, resume=tmp_path)
    assert_same(net, whole)


def test_resume_begins_where_there_is_nothing_and_ends_where_all_is_done(tmp_path: Path) -> None:
    whole = network()
    whole.fit(X, Y, **OPTIONS)
    assert_same(resumed(tmp_path / "new" / "run"), whole)
    assert_same(resumed(tmp_path / "new" / "run"), whole)
    assert len(newest_first(str(tmp_path / "new" / "run"))) == 2


def test_an_end_for_a_reason_stays_one(tmp_path: Path) -> None:
    whole = network()
    whole.fit(X, Y, **OPTIONS, target_loss=100.0)
    assert_same(resumed(tmp_path, target_loss=100.0), whole)
    assert_same(resumed(tmp_path, target_loss=100.0), whole)


class Press(Callback):
    """Presses Ctrl-C, or sends another signal."""

    def __init__(self, step: int, number: int) -> None:
        self.step, self.number = step, number

    def on_batch_end(self, training: Any) -> None:
        if training.step == self.step:
            os.kill(os.getpid(), self.number)


@pytest.mark.skipif(os.name == "nt", reason="no such signals")
@pytest.mark.parametrize("step", [3, 5])
def test_ctrl_c_writes_a_checkpoint_first(step: int, tmp_path: Path) -> None:
    whole = network()
    whole.fit(X, Y, **OPTIONS, early_stopping=9)
    press = Press(step, signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        resumed(tmp_path, callbacks=[press], early_stopping=9)
    assert newest_first(str(tmp_path))[0].endswith(f"{step:09}.safetensors")
    assert_same(resumed(tmp_path, early_stopping=9), whole)


@pytest.mark.skipif(os.name == "nt", reason="no such signals")
def test_sigterm_writes_a_checkpoint_and_ends_the_process(tmp_path: Path) -> None:
    code = f"""
import os, signal, numpy as np
from glassnet import Callback, Network
class Press(Callback):
    def on_batch_end(self, training):
        if training.step == 3:
            os.kill(os.getpid(), signal.SIGTERM)
X = np.ones((60, 5)); Y = np.arange(60) % 2
Network([5, 7, 1], seed=0).fit(X, Y, batch_size=20, callbacks=[Press()], resume={str(tmp_path)!r})
print("not reached")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == -signal.SIGTERM, done.stderr
    assert done.stdout == b""
    assert newest_first(str(tmp_path))[0].endswith(f"{3:09}.safetensors")
    assert not (tmp_path / ".lock").exists()


def test_a_damaged_checkpoint_is_passed_over_with_a_word(tmp_path: Path) -> None:
    whole = network()
    whole.fit(X, Y, **OPTIONS)
    killed_after(8, tmp_path)
    newest = Path(newest_first(str(tmp_path))[0])
    newest.write_bytes(newest.read_bytes()[:-1])
    with pytest.warns(UserWarning, match="; the checkpoint before it is taken"):
        assert_same(resumed(tmp_path), whole)


def test_where_all_are_damaged_training_is_refused(tmp_path: Path) -> None:
    killed_after(1, tmp_path)
    Path(newest_first(str(tmp_path))[0]).write_bytes(b"rubbish, and not a little")
    with pytest.raises(ModelFileError):
        resumed(tmp_path)


def test_every_flipped_bit_and_every_truncation_is_refused(tmp_path: Path) -> None:
    killed_after(2, tmp_path)
    data = Path(newest_first(str(tmp_path))[0]).read_bytes()
    file = tmp_path / "damaged.safetensors"
    for place in range(0, len(data), 7):
        damaged = bytearray(data)
        damaged[place] ^= 1 << (place % 8)
        file.write_bytes(damaged)
        with pytest.raises(ModelFileError):
            checkpoints.read(str(file))
    for end in range(0, len(data), 13):
        file.write_bytes(data[:end])
        with pytest.raises(ModelFileError):
            checkpoints.read(str(file))


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"epochs": 4}, "epochs 3 there, 4 here"),
        ({"batch_size": 12}, "batch_size"),
        ({"optimizer": "sgd"}, "optimizer"),
        ({"early_stopping": 3}, "callbacks"),
        ({"schedule": "constant"}, "schedule"),
        ({"sample_weight": np.arange(60) + 1.0}, "data"),
    ],
)
def test_another_call_is_refused_in_words_and_changes_nothing(
    changed: dict[str, Any], word: str, tmp_path: Path
) -> None:
    killed_after(2, tmp_path)
    net = network()
    with pytest.raises(ValueError, match="holds another training") as caught:
        net.fit(X, Y, **{**OPTIONS, **changed}, resume=tmp_path)
    assert word in str(caught.value)
    assert net.loss is None
    np.testing.assert_array_equal(net.parameters, network().parameters)


def test_other_data_and_another_network_are_refused(tmp_path: Path) -> None:
    killed_after(2, tmp_path)
    with pytest.raises(ValueError, match="data '60 rows"):
        network().fit(X[::-1].copy(), Y, **OPTIONS, resume=tmp_path)
    with pytest.raises(ValueError, match="layers "):
        Network([5, 8, 1], seed=4).fit(X, Y, **OPTIONS, resume=tmp_path)


def test_a_folder_takes_one_training_at_a_time(tmp_path: Path) -> None:
    class Second(Callback):
        def on_epoch_begin(self, training: Any) -> None:
            with pytest.raises(OSError, match="another training"):
                resumed(tmp_path)

    resumed(tmp_path, callbacks=[Second()], epochs=1)
    assert not (tmp_path / ".lock").exists()


def test_half_written_files_of_a_killed_process_are_swept(tmp_path: Path) -> None:
    stale, others = tmp_path / ".checkpoint-000000001.77.ab.tmp", tmp_path / "notes.tmp"
    for file in (stale, others):
        file.write_bytes(b"")
    resumed(tmp_path)
    assert not stale.exists()
    assert others.exists()


def test_a_new_training_does_not_write_over_an_earlier_one(tmp_path: Path) -> None:
    resumed(tmp_path)
    with pytest.raises(ValueError, match="earlier training"):
        network().fit(X, Y, **OPTIONS, callbacks=[Checkpoint(tmp_path)])
    assert not (tmp_path / ".lock").exists()


def test_a_folder_that_cannot_be_is_told_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OSError, match="checkpoint"):
            resumed(folder)


def test_fleets_and_restarts_have_no_checkpoints(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one network"):
        network().fit(X, Y, restarts=3, resume=tmp_path)
    with pytest.raises(ValueError, match="one network"):
        network().fit(X, Y, restarts=3, callbacks=[Checkpoint(tmp_path)])


def test_checkpoints_are_for_their_owner_only(tmp_path: Path) -> None:
    resumed(tmp_path)
    if os.name != "nt":
        assert {Path(f).stat().st_mode & 0o777 for f in newest_first(str(tmp_path))} == {0o600}


def test_how_often_is_as_asked(tmp_path: Path) -> None:
    network().fit(X, Y, **OPTIONS, callbacks=[Checkpoint(tmp_path / "a", keep=99)])
    assert len(newest_first(str(tmp_path / "a"))) == 3
    seldom = Checkpoint(tmp_path / "b", every_epochs=None, every_batches=4, keep=99)
    network().fit(X, Y, **OPTIONS, callbacks=[seldom])
    assert len(newest_first(str(tmp_path / "b"))) == 4
    always = Checkpoint(tmp_path / "c", every_epochs=None, every_seconds=1e-9, keep=99)
    network().fit(X, Y, **OPTIONS, callbacks=[always])
    assert len(newest_first(str(tmp_path / "c"))) == 15


def test_batches_whose_number_nobody_knows_are_written_down_too(tmp_path: Path) -> None:
    batches = ((X[i : i + 20], Y[i : i + 20]) for i in (0, 20, 40))
    net = network()
    net.fit(batches, epochs=1, callbacks=[Checkpoint(tmp_path)])
    assert len(newest_first(str(tmp_path))) == 1


def test_it_pickles_and_is_used_for_another_folder_s_training(tmp_path: Path) -> None:
    first = Checkpoint(tmp_path / "a")
    network().fit(X, Y, **OPTIONS, callbacks=[first])
    twin = pickle.loads(pickle.dumps(first))
    twin.folder = str(tmp_path / "b")
    network().fit(X, Y, **OPTIONS, callbacks=[twin])
    assert len(newest_first(twin.folder)) == 2


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"folder": 3}, TypeError, "folder must be"),
        ({"every_epochs": 0}, ValueError, "every_epochs must be"),
        ({"every_batches": True}, TypeError, "every_batches must be"),
        ({"every_seconds": 0}, ValueError, "every_seconds must be"),
        ({"keep": 0}, ValueError, "keep must be"),
    ],
)
def test_wrong_settings_are_told(
    settings: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        Checkpoint(**{"folder": "runs", **settings})


WRONG: list[tuple[str, Any]] = [
    ("epoch", "2"),
    ("batch", -1),
    ("step", True),
    ("count", 1.5),
    ("total", None),
    ("learning_rate", "0.1"),
    ("callbacks", {}),
    ("callbacks", []),
    ("callbacks", {"0 EarlyStopping": {"best": "x", "best_epoch": 0}}),
    ("callbacks", {"0 EarlyStopping": ["best"]}),
    ("began", {}),
    ("began", []),
    ("records", [{"note": "a"}, "b"]),
    ("streams", []),
    ("streams", [{}, {}, {}]),
    ("within", 1),
    ("stopped", None),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_checkpoint_that_lies_under_a_right_checksum_is_refused(
    name: str, value: Any, tmp_path: Path
) -> None:
    killed_after(1, tmp_path, early_stopping=5)
    (file,) = newest_first(str(tmp_path))
    found, asked = checkpoints.read(file)
    found.plain[name] = value
    checkpoints.write(file, found, asked)
    net = network()
    with pytest.raises(ModelFileError):
        net.fit(X, Y, **OPTIONS, early_stopping=5, resume=tmp_path)
    np.testing.assert_array_equal(net.parameters, network().parameters)
    assert not (tmp_path / ".lock").exists()


@pytest.mark.parametrize("name", ["parameters", "slots", "kept", "of the callback"])
def test_arrays_of_another_shape_are_refused(name: str, tmp_path: Path) -> None:
    killed_after(6, tmp_path, early_stopping=5)
    for file in newest_first(str(tmp_path)):
        found, asked = checkpoints.read(file)
        if name == "of the callback":
            found.plain["callbacks"]["0 EarlyStopping"]["kept"] = np.zeros((2, 3), "f4")
        else:
            found.arrays[name] = np.zeros((2, 3), "f4")
        checkpoints.write(file, found, asked)
    with pytest.raises(ModelFileError):
        network().fit(X, Y, **OPTIONS, early_stopping=5, resume=tmp_path)


def test_a_model_file_is_no_checkpoint(tmp_path: Path) -> None:
    resumed(tmp_path / "a").save_model(tmp_path / "checkpoint-000000001.safetensors")
    with pytest.raises(ModelFileError, match="not a checkpoint"):
        resumed(tmp_path)


class Notes(Callback):
    """Adds to the history what is no number, or none that JSON has."""

    def __init__(self, *values: Any) -> None:
        self.values = values

    def on_epoch_end(self, training: Any) -> None:
        training.history[-1]["note"] = self.values[training.epoch - 1]


@pytest.mark.parametrize(
    "values", [("a", "b", "c"), (1.0, float("inf"), float("-inf")), (1, 2.5, [1, None])]
)
def test_whatever_json_has_may_stand_in_the_history(values: Any, tmp_path: Path) -> None:
    whole = network()
    whole.fit(X, Y, **OPTIONS, callbacks=[Notes(*values)])
    killed_after(12, tmp_path, callbacks=[Notes(*values)])
    assert_same(resumed(tmp_path, callbacks=[Notes(*values)]), whole)


def test_what_no_checkpoint_can_hold_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="cannot be written"):
        resumed(tmp_path, callbacks=[Notes({1, 2}, 0, 0)])
    assert not (tmp_path / ".lock").exists()


class Tally(Callback):
    """Has nothing to remember before the first epoch ends; its state has names of all sorts."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}

    def state(self) -> dict[str, Any]:
        return dict(self.seen)

    def restore_state(self, state: dict[str, Any]) -> None:
        self.seen = state

    def on_epoch_end(self, training: Any) -> None:
        self.seen = {"odd": training.epoch, "kept": np.arange(3.0)}


class Odd(Tally):
    """A state that looks like what stands for nan."""

    def on_epoch_end(self, training: Any) -> None:
        self.seen = {"odd": self.seen.get("odd", 0) + 1}


@pytest.mark.parametrize("kind", [Tally, Odd])
def test_a_state_that_is_empty_at_first_and_looks_like_ours_goes_on(
    kind: Any, tmp_path: Path
) -> None:
    killed_after(12, tmp_path, callbacks=[kind(), EarlyStopping(9)])
    tally = kind()
    resumed(tmp_path, callbacks=[tally, EarlyStopping(9)])
    assert tally.seen["odd"] == 3


def killed_at_12(each: Checkpoint, folder: Path) -> None:
    with pytest.raises(SystemExit):
        network().fit(X, Y, **OPTIONS, callbacks=[Kill(11), each], resume=folder)


def test_a_damaged_newer_checkpoint_does_not_drive_out_the_sound_one(tmp_path: Path) -> None:
    killed_after(9, tmp_path)
    damaged = tmp_path / "checkpoint-000000014.safetensors"
    damaged.write_bytes(b"")
    each = Checkpoint(tmp_path, every_batches=1, keep=1)
    with pytest.warns(UserWarning, match="before it is taken"):
        killed_at_12(each, tmp_path)
    steps = [int(Path(file).name[11:20]) for file in newest_first(str(tmp_path))]
    assert steps == [14, 11]


def half(progress: Any) -> float:
    return 0.5


def test_a_function_in_a_setting_is_known_again_in_another_process(tmp_path: Path) -> None:
    killed_after(6, tmp_path, schedule=WarmUp(1, half))
    elsewhere = type(half)(half.__code__, globals(), "half")  # the same at another address
    resumed(tmp_path, schedule=WarmUp(1, elsewhere))


def test_one_folder_written_in_two_ways_is_one(tmp_path: Path) -> None:
    resumed(tmp_path / "a" / "..", callbacks=[Checkpoint(tmp_path)])


def test_a_callback_that_fails_at_the_end_leaves_no_lock(tmp_path: Path) -> None:
    class Fails(Callback):
        def on_fit_end(self, training: Any) -> None:
            raise RuntimeError("at the end")

    with pytest.raises(RuntimeError, match="at the end"):
        resumed(tmp_path, callbacks=[Fails()])
    assert not (tmp_path / ".lock").exists()


@pytest.mark.skipif(os.name == "nt", reason="no such signals")
def test_a_second_ctrl_c_while_the_checkpoint_is_written_makes_no_end_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, write = network(), checkpoints.write
    whole.fit(X, Y, **OPTIONS)

    def pressed_again(path: str, *rest: Any) -> None:
        if path.endswith("8.safetensors"):
            monkeypatch.undo()
            raise KeyboardInterrupt
        write(path, *rest)

    monkeypatch.setattr(checkpoints, "write", pressed_again)
    with pytest.raises(KeyboardInterrupt):
        resumed(tmp_path, callbacks=[Press(8, signal.SIGINT)])
    assert_same(resumed(tmp_path), whole)


def test_what_fails_after_it_was_stopped_is_no_end(tmp_path: Path) -> None:
    class Fails(Callback):
        def on_batch_end(self, training: Any) -> None:
            if training.step == 8:
                training.stop("enough")
                raise RuntimeError("too late")

    whole = network()
    whole.fit(X, Y, **OPTIONS)
    with pytest.raises(RuntimeError, match="too late"):
        resumed(tmp_path, callbacks=[Fails()])
    assert_same(resumed(tmp_path), whole)


class PressLate(Callback):
    """Ctrl-C between the last batch of an epoch and its validation, as the loss is looked up."""

    def on_batch_end(self, training: Any) -> None:
        if training.epoch == 2 and training.batch == training.batches:
            look = training.look_at_the_clock

            def pressed() -> None:
                look()
                os.kill(os.getpid(), signal.SIGINT)
                del training.look_at_the_clock

            training.look_at_the_clock = pressed


@pytest.mark.skipif(os.name == "nt", reason="no such signals")
def test_ctrl_c_after_the_last_batch_of_an_epoch_leaves_no_epoch_without_validation(
    tmp_path: Path,
) -> None:
    options: dict[str, Any] = {"validation_split": 0.3, "early_stopping": 9}
    whole = network()
    whole.fit(X, Y, **OPTIONS, **options)
    with pytest.raises(KeyboardInterrupt):
        resumed(tmp_path, callbacks=[PressLate()], **options)
    assert_same(resumed(tmp_path, **options), whole)


def test_another_folder_s_training_is_not_written_over_by_one_that_is_resumed(
    tmp_path: Path,
) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    Network([5, 3, 1], seed=1).fit(X, Y, epochs=1, resume=b)
    killed_after(3, a)
    kept = newest_first(str(b))
    with pytest.raises(ValueError, match="earlier training"):
        resumed(a, callbacks=[Checkpoint(b)])
    assert newest_first(str(b)) == kept


def test_a_time_limit_is_that_of_each_call(tmp_path: Path) -> None:
    killed_after(6, tmp_path, time_limit=1000.0)
    found, _ = checkpoints.read(newest_first(str(tmp_path))[0])
    assert "elapsed" not in found.plain
    assert resumed(tmp_path, time_limit=1000.0).history.stopped == "all epochs done"


@pytest.mark.skipif(os.name == "nt", reason="no such signals")
def test_sigterm_ends_the_process_after_an_error_too(tmp_path: Path) -> None:
    code = f"""
import os, signal, numpy as np
from glassnet import Callback, Network
class Press(Callback):
    def on_batch_end(self, training):
        os.kill(os.getpid(), signal.SIGTERM)
        raise ValueError("spoilt")
X = np.ones((60, 5)); Y = np.arange(60) % 2
try:
    Network([5, 7, 1], seed=0).fit(X, Y, callbacks=[Press()], resume={str(tmp_path)!r})
except ValueError:
    print("not reached")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == -signal.SIGTERM, done.stderr
