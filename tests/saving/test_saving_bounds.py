"""Bounds come back from every format, hostile ones are refused, and checkpoints know them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet
from glassnet import Fleet, ModelFileError, Network
from glassnet.saving import FORMATS
from glassnet.saving.header import KEY, describe
from glassnet.saving.plan import arrays_of

RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(40, 2)), RANDOM.normal(size=40)


def bound(**options: Any) -> Network:
    net = Network([2, 3, 1], seed=0, bias=[True, False], **options)
    net.constrain("weights[0][1, 2]", 0.1).constrain("biases[0]", (None, 1.0))
    return net.constrain("weights[1]", (0.0, 3.0))


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("fleet", [False, True])
def test_bounds_come_back_from_every_format(
    tmp_path: Path, suffix: str, dtype: str, fleet: bool
) -> None:
    net: Any = Fleet.starts(bound(dtype=dtype), 3) if fleet else bound(dtype=dtype)
    path = tmp_path / f"net{suffix}"
    net.save_model(path)
    loaded = glassnet.load(path)
    np.testing.assert_array_equal(loaded.bounds, net.bounds)
    assert loaded.constraints == net.constraints
    for each in (net, loaded):
        each.fit(X, Y, epochs=2)
    assert np.all((loaded.weights[1] >= 0) & (loaded.weights[1] <= 3))


def test_a_file_without_bounds_takes_them_away(tmp_path: Path) -> None:
    path = tmp_path / "net.npz"
    Network([2, 3, 1], seed=1, bias=[True, False]).save_model(path)
    assert b"bounds" not in path.read_bytes()
    net = bound()
    assert net.load_model(path).constraints == {}
    bound().save_model(path)
    assert net.load_model(path).constraints == bound().constraints


def test_what_was_moved_out_of_its_bounds_is_not_written(tmp_path: Path) -> None:
    net = bound()
    net.weights[1][:] = -1.0
    with pytest.raises(ModelFileError, match=r"bounds.*constrain"):
        net.save_model(tmp_path / "net.npz")


def change(array: Any, place: Any, value: float) -> Any:
    changed = array.copy()
    changed[place] = value
    return changed


HOSTILE = {
    "of another shape": lambda b: b[:, 1:],
    "flat": lambda b: b.ravel(),
    "one for each member": lambda b: np.stack([b, b]),
    "of another dtype": lambda b: b.astype(np.float32),
    "with nan": lambda b: change(b, (0, 0), np.nan),
    "lower above upper": lambda b: change(b, (0, 6), 9.0),
    "lower infinite": lambda b: change(b, (slice(None), 6), np.inf),
    "upper minus infinite": lambda b: change(b, (slice(None), 6), -np.inf),
    "all open": lambda b: np.stack([b[0] * 0 - np.inf, b[0] * 0 + np.inf]),
    "a parameter outside": lambda b: change(b, (0, 6), 2.9),
    "of a bias that is not there": lambda b: change(b, (0, 12), 0.0),
}


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("case", HOSTILE)
@np.errstate(invalid="ignore")
def test_hostile_bounds_are_refused(tmp_path: Path, suffix: str, case: str) -> None:
    net = bound()
    arrays = arrays_of(net)
    arrays["bounds"] = HOSTILE[case](np.nan_to_num(arrays["bounds"], posinf=1e9, neginf=-1e9))
    if case != "all open":
        arrays["bounds"][np.abs(arrays["bounds"]) == 1e9] *= np.inf
    path = tmp_path / f"net{suffix}"
    parts = FORMATS[suffix].encode({KEY: describe(net, "0")}, arrays)
    path.write_bytes(b"".join(parts))
    with pytest.raises(ModelFileError, match="bounds"):
        glassnet.load(path)


@pytest.mark.parametrize("value", [False, None, 1, [], "true"])
def test_headers_say_true_or_nothing_of_bounds(tmp_path: Path, value: Any) -> None:
    net, path = bound(), tmp_path / "net.npz"
    for header in ({**json.loads(describe(net, "0")), "bounds": value},):
        parts = FORMATS[".npz"].encode({KEY: json.dumps(header)}, arrays_of(net))
        path.write_bytes(b"".join(parts))
        with pytest.raises(ModelFileError, match="bounds must be true"):
            glassnet.load(path)


def test_bounds_that_the_header_does_not_tell_of_are_refused(tmp_path: Path) -> None:
    net, path = bound(), tmp_path / "net.npz"
    header = json.loads(describe(net, "0"))
    del header["bounds"]
    path.write_bytes(b"".join(FORMATS[".npz"].encode({KEY: json.dumps(header)}, arrays_of(net))))
    with pytest.raises(ModelFileError, match="bounds"):
        glassnet.load(path)


def test_a_checkpoint_of_other_bounds_is_another_training(tmp_path: Path) -> None:
    bound().fit(X, Y, epochs=2, resume=tmp_path)
    with pytest.raises(ValueError, match="another training: bounds"):
        bound().constrain("weights[1]", (0.0, 4.0)).fit(X, Y, epochs=2, resume=tmp_path)
    with pytest.raises(ValueError, match="another training: bounds"):
        bound().constrain("all", "free").fit(X, Y, epochs=2, resume=tmp_path)
    bound().fit(X, Y, epochs=2, resume=tmp_path)


def test_exports_do_not_know_of_bounds(tmp_path: Path) -> None:
    net = bound(loss="squared_error")
    free = bound(loss="squared_error")
    free.bounds = None
    texts = []
    for each in (net, free):
        each.export(tmp_path / "net.py")
        texts.append((tmp_path / "net.py").read_text())
    assert texts[0] == texts[1]
