"""Every system call of a training with checkpoints fails once: nothing that was saved is lost."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import Network
from glassnet.callbacks import Checkpoint
from glassnet.callbacks.checkpoint import newest_first
from glassnet.saving import checkpoints, lock

CALLS = ("open", "read", "write", "fsync", "close", "replace", "unlink", "listdir", "makedirs")
CALLS += ("stat", "fstat", "access", "lseek", "truncate")
NUMBERS = [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EDQUOT, errno.EMFILE]
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 3)).astype("f4")
Y = (X[:, 0] > 0).astype(int)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="system calls as POSIX has them")


class Faults:
    """Lets call number `after` to the system fail, or every one from then on."""

    def __init__(self, number: int, after: int, always: bool) -> None:
        self.number, self.after, self.always = number, after, always
        self.calls = 0
        self.failed: list[str] = []

    def put_into(self, patched: pytest.MonkeyPatch) -> None:
        for name in CALLS:
            patched.setattr(os, name, self.failing(name, getattr(os, name)))
        patched.setattr(lock, "_seize", self.failing("flock", lock._seize))

    def failing(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            self.calls += 1
            late = self.calls - 1 > self.after if self.always else False
            if self.calls - 1 != self.after and not late:
                return real(*args, **options)
            if name == "close":
                real(*args)
            self.failed.append(name)
            raise OSError(self.number, os.strerror(self.number))

        return call


def trained(folder: Path, epochs: int = 2) -> Network:
    net = Network([3, 4, 1], seed=0)
    each = Checkpoint(folder, every_batches=1, keep=2)
    net.fit(X, Y, epochs=epochs, batch_size=20, callbacks=[each], resume=folder)
    return net


def step_of_newest(folder: Path) -> int:
    """The step of the newest checkpoint that can be read."""
    for file in newest_first(str(folder)):
        try:
            return int(checkpoints.read(file)[0].plain["step"])
        except ValueError:
            continue
    return 0


def cut_short(folder: Path) -> None:
    """A folder in which a training was killed after its second step, half a file beside it."""

    class Killed(Checkpoint):
        def on_batch_end(self, training: Any) -> None:
            if training.step == 3:
                raise SystemExit
            super().on_batch_end(training)

    with pytest.raises(SystemExit):
        Network([3, 4, 1], seed=0).fit(
            X, Y, epochs=2, batch_size=20, callbacks=[Killed(folder, every_batches=1)]
        )
    (folder / ".checkpoint-000000003.1.ab.tmp").write_bytes(b"half")


WHOLE = Network([3, 4, 1], seed=0)
WHOLE.fit(X, Y, epochs=2, batch_size=20)


def outcome(folder: Path, faults: Faults) -> OSError | None:
    """What a training with faults ends with."""
    with pytest.MonkeyPatch.context() as patched:
        faults.put_into(patched)
        try:
            trained(folder)
        except OSError as error:
            return error
    return None


@pytest.mark.parametrize("always", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("begun", [False, True], ids=["begin", "go on"])
def test_whichever_call_fails_the_old_checkpoint_or_the_new_one_is_there(
    begun: bool, always: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: None)  # counted, but not waited for
    after, first = 0, 2 if begun else 0
    while True:
        folder = tmp_path / str(after)
        folder.mkdir()
        if begun:
            cut_short(folder)
        number = NUMBERS[(after + always) % len(NUMBERS)]
        faults = Faults(number, after, always)
        error = outcome(folder, faults)
        if not faults.failed:
            break
        step = step_of_newest(folder)
        if error is None:
            assert step == 4, faults.failed
        else:
            taken = faults.failed[0] == "flock" and number == errno.EACCES  # some systems say so
            assert error.errno == (errno.EAGAIN if taken else number), faults.failed
            assert str(error.filename).startswith(str(folder)), faults.failed
            assert first <= step <= 4
        np.testing.assert_array_equal(trained(folder).parameters, WHOLE.parameters)
        left = {each.name for each in folder.iterdir()}
        assert left == {Path(file).name for file in newest_first(str(folder))}, faults.failed
        after += 1
    assert after > 60  # so many there are


def test_a_lock_that_cannot_be_removed_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Any) -> None:
        raise OSError(errno.EIO, "broken")

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", refuse)
        trained(tmp_path)
    assert (tmp_path / ".lock").exists()
    trained(tmp_path)
    assert not (tmp_path / ".lock").exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_full_disk_keeps_what_was_trained_in_memory(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> int:
        raise OSError(number, os.strerror(number))

    net = Network([3, 4, 1], seed=0)
    start = net.parameters.copy()
    trained(tmp_path / "a", epochs=1)

    class Fills(Checkpoint):
        def on_epoch_end(self, training: Any) -> None:
            monkeypatch.setattr(os, "fsync", full)
            super().on_epoch_end(training)

    with pytest.raises(OSError, match="not saved"):
        net.fit(X, Y, epochs=2, callbacks=[Fills(tmp_path / "b")])
    assert not np.array_equal(net.parameters, start)
    assert len(net.history) == 1
    assert net.history.stopped == "broken off by OSError"
    assert os.listdir(tmp_path / "b") == []
