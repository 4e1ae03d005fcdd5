"""The fuzzer: a short run of it, and that it sees what it is there to see."""

import fuzz_formats
import hostile_files
import pytest
from file_actions import untraced

from glassnet import ModelFileError, Network
from glassnet.saving import FORMATS

KINDS = [*FORMATS, "checkpoint"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_gives_what_it_holds_or_a_model_file_error(kind, capsys):
    assert fuzz_formats.main([kind, "--files", "600", "--seed", "1"]) == 0
    assert f"{kind}: seed 1, 600 files: " in capsys.readouterr().out


def stumbling(path):
    if path.read_bytes() == b"sound":
        return Network([1, 1])
    raise KeyError("weights")


def greedy(path):
    if path.read_bytes() == b"sound":
        return Network([1, 1])
    raise ModelFileError(str(path), "file", "it needs more memory than there is")


def forgetful(path):
    return None if path.read_bytes() != b"sound" else Network([1, 1])


@pytest.mark.parametrize("read", [stumbling, greedy, forgetful])
def test_any_other_outcome_is_seen_and_the_file_is_kept(read, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fuzz_formats, "OUT", tmp_path / "out")
    target = fuzz_formats.Target([b"sound"], read, (Network,))
    assert fuzz_formats.fuzz(".h5", target, "3", range(50), tmp_path) == 10
    told = capsys.readouterr()
    assert "10 OTHER" in told.out
    assert "again with --seed 3 --first 0 --files 1 .h5" in told.err
    assert len(list((tmp_path / "out").iterdir())) == 10


def test_every_flipped_bit_and_every_cut_of_a_checkpoint_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(fuzz_formats, "SECONDS", float("inf"))
    data = fuzz_formats.checkpoint_files(tmp_path)[-1]
    assert 3500 < len(data) < 5000
    with untraced():
        assert fuzz_formats.refuse_all_damage(data) == 0
    assert f"{9 * len(data)} of {9 * len(data)} refused" in capsys.readouterr().out


def test_damage_that_is_not_refused_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(fuzz_formats, "OUT", tmp_path / "out")
    monkeypatch.setattr(fuzz_formats.checkpoints, "decoded", bytes)
    assert fuzz_formats.refuse_all_damage(b"ab") == 18


@pytest.mark.parametrize(
    ("case", "seconds", "wrong"),
    [("bad", float("inf"), 0), ("bad", -1.0, 1), ("good", float("inf"), 1)],
)
def test_a_hostile_file_that_loads_or_takes_long_is_seen(
    case, seconds, wrong, tmp_path, monkeypatch, capsys
):
    files = {"bad": b"rubbish", "good": hostile_files.GOOD[".npz"]}
    monkeypatch.setattr(fuzz_formats, "HOSTILE", {".npz": {case: files[case]}})
    monkeypatch.setattr(fuzz_formats, "SECONDS", seconds)
    assert fuzz_formats.read_hostile(".npz", tmp_path) == wrong
    told = capsys.readouterr()
    assert "1 hostile files, the slowest" in told.out
    assert (f"hostile file {case!r}" in told.err) == bool(wrong)


def test_the_same_seed_gives_the_same_files(tmp_path, capsys):
    for _ in range(2):
        assert fuzz_formats.main([".npz", "--files", "40", "--seed", "5"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.split(";")[0] == second.split(";")[0]


def test_a_kind_that_is_unknown_is_told(capsys):
    with pytest.raises(SystemExit):
        fuzz_formats.main([".h5"])
    assert "known are .safetensors" in capsys.readouterr().err
