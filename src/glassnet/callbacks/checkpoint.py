"""Checkpoints: a training writes itself down so that it can go on after whatever ended it.

`fit(..., resume="runs/a")` is all that is needed: it goes on where the folder's newest checkpoint
stands, and writes further ones. What a checkpoint holds is in saving/snapshot.py, how it lies in a
file in saving/checkpoints.py.
"""

from __future__ import annotations

import errno
import math
import os
import re
import stat
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..core import checks
from ..core.callback import Callback
from ..core.errors import ModelFileError
from ..core.plan import Plan
from ..core.random import spawn
from ..core.structure import Structure
from ..core.training import Training
from ..saving import checkpoints
from ..saving.files import explained, path_text
from ..saving.identity import identity
from ..saving.lock import Lock
from ..saving.snapshot import Snapshot, restore, snapshot

_FILE = re.compile(r"checkpoint-([0-9]{9,18})\.safetensors")
KINDS: dict[str, tuple[type, ...]] = {
    "epoch batch step count": (int,),
    "total weight loss base_rate learning_rate size": (int, float),
    "records streams": (list,),
    "callbacks began": (dict,),
    "within": (bool,),
    "stopped": (str,),
}


class Checkpoint(Callback):
    """Write the training down, so that `fit(..., resume=folder)` can go on to the last bit.

    Args:
        folder: where to; it is made if it is missing.
        every_epochs, every_batches, every_seconds: how often, whichever comes first; None: not by
            this. Besides at the end, and when Ctrl-C or SIGTERM come.
        keep: how many of the newest files stay, at least 1.

    Files are only readable by their owner, and written as safely as model files. A folder takes
    one training at a time; one that holds another training's checkpoints is refused.
    """

    for_one = True
    last = True  # so that it sees what the other callbacks did with a batch

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        every_epochs: int | None = 1,
        every_batches: int | None = None,
        every_seconds: float | None = None,
        keep: int = 2,
    ) -> None:
        self.folder = path_text(folder, "folder")
        for name, count in (("every_epochs", every_epochs), ("every_batches", every_batches)):
            if count is not None:
                checks.whole(name, count)
        if every_seconds is not None:
            checks.positive("every_seconds", every_seconds)
        self.every_epochs, self.every_batches = every_epochs, every_batches
        self.every_seconds, self.keep = every_seconds, checks.whole("keep", keep)
        self._lock, self._asked = Lock(self.folder), dict[str, Any]()
        self._written, self._interrupted = 0.0, False

    def on_fit_begin(self, training: Training) -> None:
        """Take the folder for this training."""
        made(self.folder)
        self._lock = Lock(self.folder)
        self._lock.take()
        try:
            goes_on = training.plan.resume
            here = isinstance(goes_on, _GoesOn) and goes_on.is_in(self.folder)
            if not here and newest_first(self.folder):
                raise ValueError(
                    f"the folder {self.folder!r} holds checkpoints of an earlier training: pass "
                    "resume= with this folder to go on with it, or give another folder."
                )
            _sweep(self.folder)
            self._asked = identity(training.network, training.plan, training.source)
        except BaseException:
            self._lock.give_back()
            raise
        self._written, self._interrupted = time.monotonic(), False

    def on_batch_end(self, training: Training) -> None:
        due = self.every_batches is not None and training.step % self.every_batches == 0
        late = self.every_seconds is not None
        late = late and time.monotonic() - self._written >= (self.every_seconds or 0.0)
        if (due or late) and not training.stopped:  # what an optimizer has ended is at its end
            self.write(training)

    def on_stop(self, training: Training) -> None:
        """Ctrl-C, SIGTERM and the time limit are no end: the training can go on from here."""
        limit = training.stopped.startswith("time limit")
        if training.plan.interrupted() or limit:
            self._interrupted = True  # first: a second Ctrl-C may come while it is written
            self.write(training)

    def on_epoch_end(self, training: Training) -> None:
        due = self.every_epochs is not None and training.epoch % self.every_epochs == 0
        if due and not training.stopped:
            self.write(training)

    def on_fit_end(self, training: Training) -> None:
        """The end of a training is written down too; what was broken off is not."""
        broken = training.stopped.startswith(("broken off", "diverged"))
        try:
            if not (self._interrupted or broken):
                self.write(training, training.stopped or "all epochs done")
        finally:
            self._lock.give_back()

    def write(self, training: Training, stopped: str = "") -> None:
        """A checkpoint of the training as it is between two batches."""
        path = os.path.join(self.folder, f"checkpoint-{training.step:09}.safetensors")
        checkpoints.write(path, snapshot(training, stopped), self._asked)
        self._written = time.monotonic()
        # What goes further is damaged, or it would have been gone on with: it does not count.
        for old in newest_first(self.folder, training.step)[self.keep :]:
            with suppress(OSError):
                os.unlink(old)


def resume(network: Structure, plan: Plan, folder: Any) -> None:
    """Let the plan go on with the folder's newest sound checkpoint, if it has any, and write more.

    The order of rows is where it was when that training was asked for, so that the same are drawn
    for validation.

    Raises OSError, ModelFileError: the folder, or all its checkpoints, cannot be read.
    """
    text = path_text(folder, "resume")
    plan.resume = goes_on = _GoesOn(text, *_newest_sound(text, plan.epochs))
    if not any(
        isinstance(each, Checkpoint) and goes_on.is_in(each.folder) for each in plan.callbacks
    ):
        plan.callbacks = [*plan.callbacks, Checkpoint(text)]
    if goes_on.found is not None:
        network.streams.order.state = goes_on.found.plain["began"]


@dataclass
class _GoesOn:
    """Puts a training where the one of a folder was broken off, if it is that training."""

    folder: str
    found: Snapshot | None
    asked: dict[str, Any]

    def is_in(self, folder: str) -> bool:
        return os.path.abspath(folder) == os.path.abspath(self.folder)

    def __call__(self, training: Training) -> None:
        if self.found is not None:
            now = identity(training.network, training.plan, training.source)
            _refuse_another(self.folder, self.asked, now)
            _check_arrays(self.found, training)
            restore(training, self.found)


def _newest_sound(folder: str, epochs: int) -> tuple[Snapshot | None, dict[str, Any]]:
    files = newest_first(folder)
    for file in files:
        try:
            found, asked = checkpoints.read(file, epochs)
            if wrong := _wrong(found.plain):
                raise ModelFileError(file, "header", f"{wrong} is not what a training has there")
        except (ModelFileError, IsADirectoryError, FileNotFoundError) as error:
            if file == files[-1]:
                raise
            warnings.warn(f"{error}; the checkpoint before it is taken.", stacklevel=5)
            continue
        found.file = file
        return found, asked
    return None, {}


def made(folder: str) -> None:
    """See to it that the folder is there and can be written to."""
    with explained(folder, "no checkpoint can be written"):
        with suppress(FileExistsError):
            os.makedirs(folder)
        if not stat.S_ISDIR(os.stat(folder).st_mode):
            raise OSError(errno.ENOTDIR, "a file")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OSError(errno.EACCES, "not writable")


def newest_first(folder: str, last: float = math.inf) -> list[str]:
    """The checkpoints of a folder up to a `last` step, none where there is no such folder."""
    names: list[str] = []
    with explained(folder, "no checkpoint can be read or written"), suppress(FileNotFoundError):
        names = os.listdir(folder)
    found = {int(match[1]): name for name in names if (match := _FILE.fullmatch(name))}
    steps = sorted((step for step in found if step <= last), reverse=True)
    return [os.path.join(folder, found[step]) for step in steps]


def _sweep(folder: str) -> None:
    """Remove what a killed process left half written."""
    with explained(folder, "no checkpoint can be written"):
        names = os.listdir(folder)
    for name in names:
        if name.startswith(".checkpoint-") and name.endswith(".tmp"):
            with suppress(OSError):
                os.unlink(os.path.join(folder, name))


def _refuse_another(folder: str, asked: dict[str, Any], now: dict[str, Any]) -> None:
    for name, value in now.items():
        if asked.get(name) != value:
            raise ValueError(
                f"resume={folder!r} holds another training: {name} {checks.show(asked.get(name))} "
                f"there, {checks.show(value)} here. Make the same call as before, or give another "
                "folder."
            )


def _check_arrays(found: Snapshot, training: Training) -> None:
    """See to it that all fit: a checksum is no promise of that."""
    stepper, dtype = training.stepper, training.network.dtype
    vectors = {"parameters": training.parameters, "kept": stepper.kept, "slots": stepper.slots}
    for name, vector in vectors.items():
        array = found.arrays.get(name)
        if array is None or array.shape != vector.shape or array.dtype != dtype:
            raise ModelFileError(found.file, name, f"must be {dtype} of shape {vector.shape}")


def _wrong(plain: dict[str, Any]) -> str:
    """The first of a checkpoint's plain values that is of a wrong kind, or nothing."""
    for names, kinds in KINDS.items():
        for name in names.split():
            value = plain.get(name)
            if type(value) not in kinds or (isinstance(value, int) and value < 0):
                return name
    if not all(isinstance(each, dict) for each in plain["records"]):
        return "records"
    try:
        spawn(0).restore(plain["streams"])
        spawn(0).order.state = plain["began"]
    except Exception:  # whatever NumPy says to a state that is none
        return "streams"
    return ""
