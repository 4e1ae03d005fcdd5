"""Checkpoint files that are whole, with a right checksum, and say what no training wrote."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import Callback, ModelFileError, Network
from glassnet.callbacks import Checkpoint
from glassnet.callbacks.checkpoint import newest_first
from glassnet.saving import checkpoints, safetensors

X = np.random.default_rng(0).standard_normal((40, 3)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)
OPTIONS: dict[str, Any] = {"epochs": 3, "batch_size": 10}


class Stop(Callback):
    """Breaks a training off after so many epochs."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_epoch_end(self, training: Any) -> None:
        if training.epoch == self.epoch:
            raise KeyboardInterrupt


def network() -> Network:
    return Network([3, 4, 1], seed=0)


def begun(folder: Path) -> list[str]:
    """The checkpoints of a training, newest first."""
    network().fit(X, Y, **OPTIONS, callbacks=[Checkpoint(folder, every_batches=1)])
    return newest_first(str(folder))


def sealed(state: Any, arrays: dict[str, Any]) -> bytes:
    """A checkpoint file with these contents and the checksum that goes with them."""
    nothing = "0" * 64
    texts = {checkpoints.STATE: json.dumps(state), checkpoints.SUM: nothing}
    data = b"".join(safetensors.encode(texts, arrays))
    return data.replace(nothing.encode(), hashlib.sha256(data).hexdigest().encode(), 1)


def contents(file: str) -> tuple[Any, dict[str, Any]]:
    texts, arrays = safetensors.decode(bytearray(Path(file).read_bytes()))
    return json.loads(texts[checkpoints.STATE]), arrays


def refused(folder: Path, state: Any, arrays: dict[str, Any]) -> None:
    for file in newest_first(str(folder)):
        Path(file).write_bytes(sealed(state, arrays))
    net = network()
    with (
        pytest.warns(UserWarning, match="checkpoint before it is taken"),
        pytest.raises(ModelFileError),
    ):
        net.fit(X, Y, **OPTIONS, resume=folder)
    np.testing.assert_array_equal(net.parameters, network().parameters)


@pytest.mark.parametrize(
    "state",
    [
        {"asked": {}, "plain": {"": "array", "of": "slots"}},
        {"": "array", "of": "slots"},
        {"": "array", "of": "nothing"},
        {"": "number", "of": []},
        [],
    ],
)
def test_a_state_of_another_form_is_refused(state: Any, tmp_path: Path) -> None:
    arrays = contents(begun(tmp_path)[0])[1]
    refused(tmp_path, state, arrays)


@pytest.mark.parametrize("name", ["times", "records.loss"])
@pytest.mark.parametrize(
    "column",
    [np.array(1.0), np.ones((1, 2)), np.ones(5, "u1"), np.ones(5, "f2"), np.ones(5, bool)],
    ids=["a number", "two axes", "bytes", "half", "truth values"],
)
def test_a_history_of_another_kind_is_refused(name: str, column: Any, tmp_path: Path) -> None:
    state, arrays = contents(begun(tmp_path)[0])
    refused(tmp_path, state, {**arrays, name: column})


@pytest.mark.skipif(os.name != "posix", reason="links need no rights on POSIX")
@pytest.mark.parametrize("kind", ["folder", "link to nothing"])
def test_what_is_no_file_is_passed_over_for_a_sound_checkpoint(kind: str, tmp_path: Path) -> None:
    begun(tmp_path)
    path = tmp_path / "checkpoint-000000099.safetensors"
    path.mkdir() if kind == "folder" else path.symlink_to(tmp_path / "nothing")
    whole, net = network(), network()
    whole.fit(X, Y, **OPTIONS)
    with pytest.warns(UserWarning, match="checkpoint before it is taken"):
        net.fit(X, Y, **OPTIONS, resume=tmp_path)
    np.testing.assert_array_equal(net.parameters, whole.parameters)


@pytest.mark.parametrize("longer", ["times", "records.loss"])
def test_a_history_longer_than_the_training_is_refused(longer: str, tmp_path: Path) -> None:
    state, arrays = contents(begun(tmp_path)[0])
    state["plain"]["records"] = []
    long = {name: np.ones(20_000) for name in arrays if name.startswith(("times", "records."))}
    many = long if longer == "times" else {**long, "times": np.ones(3)}
    refused(tmp_path, state, {**arrays, **many})


def test_a_long_training_goes_on_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "MANY", 2)
    whole, net, options = network(), network(), {"epochs": 10, "batch_size": 40}
    whole.fit(X, Y, **options)
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, Y, **options, callbacks=[Stop(7)], resume=tmp_path)
    again = network()
    again.fit(X, Y, **options, callbacks=[Stop(11)], resume=tmp_path)
    np.testing.assert_array_equal(again.parameters, whole.parameters)
    assert list(again.history) == list(whole.history)
