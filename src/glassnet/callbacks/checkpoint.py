"""Checkpoints: a training writes itself down so that it can go on after whatever ended it.

`fit(..., resume="runs/a")` is all that is needed: it goes on where the folder's newest checkpoint
stands, and writes further ones. What a checkpoint holds is in saving/snapshot.py, how it lies in a
file in saving/checkpoints.py.
"""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import math
import os
import re
import time
import warnings
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from ..core import checks
from ..core.callback import Callback
from ..core.errors import ModelFileError
from ..core.plan import Plan, Source
from ..core.random import spawn
from ..core.structure import Structure
from ..core.training import Training
from ..saving import checkpoints
from ..saving.files import explained, path_text
from ..saving.lock import Lock
from ..saving.snapshot import Snapshot, remembering, restore, snapshot
from ..sources.shuffled import Shuffled

_FILE = re.compile(r"checkpoint-([0-9]{9,18})\.safetensors")
KINDS: dict[str, tuple[type, ...]] = {
    "epoch batch step count": (int,),
    "total weight loss base_rate learning_rate size": (int, float),
    "records callbacks streams": (list,),
    "within": (bool,),
    "stopped": (str,),
}
SAMPLE = 1000
"""Rows by which a data set is told from others."""


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
        self._goes_on = False  # with a training of which the folder holds checkpoints

    def on_fit_begin(self, training: Training) -> None:
        """Take the folder for this training."""
        made(self.folder)
        self._lock = Lock(self.folder)
        self._lock.take()
        if not self._goes_on and newest_first(self.folder):
            self._lock.give_back()
            raise ValueError(
                f"the folder {self.folder!r} holds checkpoints of an earlier training: pass "
                "resume= with this folder to go on with it, or give another folder."
            )
        _sweep(self.folder)
        self._asked = identity(training.network, training.plan, training.source)
        self._written, self._interrupted = time.monotonic(), False

    def on_batch_end(self, training: Training) -> None:
        due = self.every_batches is not None and training.step % self.every_batches == 0
        late = self.every_seconds is not None
        late = late and time.monotonic() - self._written >= (self.every_seconds or 0.0)
        if due or late:
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
            self._goes_on = False
            self._lock.give_back()

    def write(self, training: Training, stopped: str = "") -> None:
        """A checkpoint of the training as it is between two batches."""
        name = f"checkpoint-{training.step:09}.safetensors"
        checkpoints.write(os.path.join(self.folder, name), snapshot(training, stopped), self._asked)
        self._written = time.monotonic()
        # What goes further is damaged, or it would have been gone on with: it does not count.
        for old in newest_first(self.folder, training.step)[self.keep :]:
            with suppress(OSError):
                os.unlink(old)


def resume(network: Structure, source: Source, plan: Plan, folder: Any) -> None:
    """Let the plan go on with the folder's newest sound checkpoint, if it has any, and write more.

    Raises:
        ValueError: the folder is of another training: which difference is said.
        OSError, ModelFileError: the folder, or all its checkpoints, cannot be read.
    """
    text = path_text(folder, "resume")
    here = os.path.abspath(text)
    every = [each for each in plan.callbacks if isinstance(each, Checkpoint)]
    own = [each for each in every if os.path.abspath(each.folder) == here]
    if not own:
        own = [Checkpoint(text)]
        plan.callbacks = [*plan.callbacks, *own]
    for each in own:
        each._goes_on = True
    files = newest_first(text)
    for file in files:
        try:
            found, asked = checkpoints.read(file)
        except ModelFileError as error:
            if file == files[-1]:
                raise
            warnings.warn(f"{error} The checkpoint before it is taken.", stacklevel=4)
            continue
        _refuse_another(text, asked, identity(network, plan, source))
        plan.resume = partial(restore, found=_of_this(file, found, network, plan))
        return


def identity(network: Structure, plan: Plan, source: Source) -> dict[str, Any]:
    """What must be the same for a training to go on."""
    return {
        "layers": list(network.layers),
        "activations": [_name(each) for each in network.activations],
        "dropout": [float(rate) for rate in network.dropout],
        "bias": list(network.bias),
        "loss": _name(network.settled_loss("fit")),
        "dtype": str(network.dtype),
        "seed": network.seed,
        "optimizer": _name(plan.optimizer),
        "schedule": _name(plan.schedule),
        "epochs": plan.epochs,
        "batch_size": source.size,
        "callbacks": [type(each).__name__ for each in remembering(plan.callbacks)],
        "data": _data(source),
    }


def made(folder: str) -> None:
    """See to it that the folder is there and can be written to."""
    with explained(folder, "no checkpoint can be written"):
        os.makedirs(folder, exist_ok=True)
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
    for name in os.listdir(folder):
        if name.startswith(".checkpoint-") and name.endswith(".tmp"):
            with suppress(OSError):
                os.unlink(os.path.join(folder, name))


def _refuse_another(folder: str, asked: dict[str, Any], now: dict[str, Any]) -> None:
    for name, value in now.items():
        if asked.get(name) != value:
            raise ValueError(
                f"resume={folder!r} holds another training: its {name} is "
                f"{checks.show(asked.get(name))}, here it is {checks.show(value)}. Make the same "
                "call as before, or give another folder."
            )


def _of_this(file: str, found: Snapshot, network: Structure, plan: Plan) -> Snapshot:
    """The snapshot, if all in it is what it should be: a checksum is no promise of that."""
    found.file = file
    if wrong := _wrong(found.plain):
        raise ModelFileError(file, "header", f"{wrong} is not what a training has there")
    slots = (plan.optimizer.slots, *network.parameters.shape)
    shapes = {"parameters": slots[1:], "kept": slots[1:], "slots": slots}
    for name, shape in shapes.items():
        array = found.arrays.get(name)
        if array is None or array.shape != shape or array.dtype != network.dtype:
            raise ModelFileError(file, name, f"must be {network.dtype} of shape {shape}")
    return found


def _wrong(plain: Any) -> str:
    """The first of a checkpoint's plain values that is of a wrong kind, or nothing."""
    if not isinstance(plain, dict):
        return "the whole"
    for names, kinds in KINDS.items():
        for name in names.split():
            value = plain.get(name)
            if type(value) not in kinds or (isinstance(value, int) and value < 0):
                return name
    if not all(isinstance(each, dict) for each in plain["records"] + plain["callbacks"]):
        return "records"
    try:
        spawn(0).restore(plain["streams"])
    except Exception:  # whatever NumPy says to a state that is none
        return "streams"
    return ""


def _name(thing: Any) -> str:
    if dataclasses.is_dataclass(thing):  # a function in it lies elsewhere in each process
        return re.sub(r" at 0x[0-9A-Fa-f]+", "", repr(thing))
    return str(getattr(thing, "__qualname__", type(thing).__qualname__))


def _data(source: Source) -> str:
    """Shape, dtype and a checksum of a sample; of batches that a user makes their size only."""
    if not isinstance(source, Shuffled):
        return f"batches of {source.size}"
    rows = source.rows
    places = np.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))).astype(np.intp)
    places = places if rows.places is None else rows.places[places]
    total = hashlib.sha256()
    for part in (rows.X, rows.targets, rows.weights):
        if part is not None:
            total.update(np.ascontiguousarray(part[places]).tobytes())
    return f"{len(rows)} rows of {rows.X.shape[1]} {rows.X.dtype}, {total.hexdigest()[:16]}"
