"""kill -9 at random moments of saving: `python tests/saving/kills.py --kills 1000` (`make kills`).

A child saves one state after the other, and tells of each when it is saved; it is killed, and what
lies there must be a whole file, of the last state that was told of or a later one. A training with
checkpoints is killed too, and goes on, until it ends: with the bits of one that nobody killed. The
control writes over the file, as one does without thinking, and must fail: else the test could not.
"""

import argparse
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import glassnet
from glassnet import Network
from glassnet.callbacks import Checkpoint
from glassnet.callbacks.checkpoint import newest_first
from glassnet.saving import FORMATS, checkpoints
from glassnet.saving.snapshot import Snapshot

LAYERS = [30, 200, 10]
LONGEST = 0.02  # seconds until the kill


def network(step: int) -> Network:
    net = Network(LAYERS, seed=0, loss="squared_error")
    net.parameters[:] = step
    return net


def save(folder: Path, step: int, suffix: str) -> None:
    network(step).save_model(folder / f"model{suffix}")


def save_checkpoint(folder: Path, step: int, _: str) -> None:
    found = Snapshot({"records": [], "times": []}, {"parameters": network(step).parameters})
    checkpoints.write(str(folder / f"checkpoint-{step:09}.safetensors"), found, {})
    for old in newest_first(str(folder))[2:]:
        os.unlink(old)


def save_carelessly(folder: Path, step: int, suffix: str) -> None:
    """The control."""
    save(folder, step, suffix)
    data = (folder / f"model{suffix}").read_bytes()
    with open(folder / f"careless{suffix}", "wb", buffering=0) as file:
        for start in range(0, len(data), 1024):
            file.write(data[start : start + 1024])


def found(folder: Path, kind: str, suffix: str) -> int:
    """The step of what lies there; an error where it cannot be read."""
    if kind == "checkpoint":
        (newest, *_) = newest_first(str(folder))
        values = checkpoints.read(newest)[0].arrays["parameters"]
    else:
        values = glassnet.load(folder / f"{kind}{suffix}").parameters
    (step,) = np.unique(values)
    return int(step)


def killed_while(action: Callable[[Path, int, str], None], folder: Path, suffix: str) -> int:
    """Let a child save step after step, kill it; the last step that it told of."""
    told, telling = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover  # it is killed
        os.close(told)
        step = 1
        while True:
            action(folder, step, suffix)
            os.write(telling, step.to_bytes(4, "little"))
            step += 1
    os.close(telling)
    last = int.from_bytes(os.read(told, 4), "little")  # the first is there
    time.sleep(random.random() * LONGEST)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while block := os.read(told, 4):
        last = int.from_bytes(block, "little")
    os.close(told)
    return last


def unreadable(kind: str, suffix: str, kills: int) -> tuple[int, int]:
    """Files that cannot be read, and saved states that were lost, of so many kills."""
    actions = {"model": save, "checkpoint": save_checkpoint, "careless": save_carelessly}
    broken = lost = 0
    for _ in range(kills):
        with tempfile.TemporaryDirectory() as name:
            last = killed_while(actions[kind], Path(name), suffix)
            try:
                lost += found(Path(name), kind, suffix) < last
            except (ValueError, OSError):
                broken += 1
    return broken, lost


def train(folder: Path | None) -> Network:
    """A training of a moment, with a checkpoint after each batch if there is a folder."""
    X = np.random.default_rng(0).normal(size=(60, 5)).astype("f4")
    net = Network([5, 7, 1], dropout=0.2, seed=4)
    callbacks = [] if folder is None else [Checkpoint(folder, every_batches=1)]
    options = {"epochs": 4, "batch_size": 7, "early_stopping": 9, "validation_split": 0.3}
    net.fit(X, (X[:, 0] > 0).astype(int), callbacks=callbacks, resume=folder, **options)
    return net


def killed_in_training(kills: int) -> tuple[int, int]:
    """How many trainings, killed so often in all, did not end as they should, and how many did."""
    whole, wrong, ended = train(None), 0, 0
    while kills > 0:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name, "run")
            for _ in range(random.randrange(1, 8)):
                child = os.fork()
                if child == 0:  # pragma: no cover  # it is killed
                    train(folder)
                    os._exit(0)
                time.sleep(random.random() * 3 * LONGEST)
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                kills -= 1
            net = train(folder)
            same = np.array_equal(net.parameters, whole.parameters)
            same = same and list(net.history) == list(whole.history)
            left = {each.name for each in folder.iterdir()}
            clean = left == {Path(each).name for each in newest_first(str(folder))}
            wrong, ended = wrong + (not (same and clean)), ended + 1
    return wrong, ended


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    random.seed(asked.seed)
    wrong = 0
    for kind, suffix in [*(("model", each) for each in FORMATS), ("checkpoint", "")]:
        broken, lost = unreadable(kind, suffix, asked.kills)
        wrong += broken + lost
        print(f"{kind} {suffix}: {asked.kills} kills, {broken} unreadable, {lost} lost", flush=True)
    spoilt, ended = killed_in_training(asked.kills)
    wrong += spoilt
    print(
        f"training: {asked.kills} kills, {spoilt} of {ended} runs other than unkilled", flush=True
    )
    broken, _ = unreadable("careless", ".safetensors", asked.kills)
    print(f"control, plain overwriting: {broken} of {asked.kills} unreadable")
    return int(bool(wrong) or not broken)


if __name__ == "__main__":
    raise SystemExit(main())
