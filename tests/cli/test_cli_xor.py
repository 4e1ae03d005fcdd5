"""`glassnet xor`.

A dozen seeds here; `glassnet xor --runs 100` shows a hundred.
"""

import json
from pathlib import Path

import pytest
from cli_helpers import Runner


def test_xor_is_learned_to_100_percent_on_held_out_rows(run: Runner) -> None:
    code, out, err = run("xor")
    assert (code, err) == (0, "")
    assert "100.00 % right on 400 held-out rows" in out
    assert [line.split()[:4] for line in out.splitlines()[-4:]] == [
        ["0", "xor", "0", "0"],
        ["0", "xor", "1", "1"],
        ["1", "xor", "0", "1"],
        ["1", "xor", "1", "0"],
    ]


def test_xor_is_learned_from_every_seed_tried(run: Runner) -> None:
    code, out, _ = run("xor", "--runs", "12", "--seed", "30")
    assert code == 0
    assert out.startswith("12 of 12 seeds reach 100 % on 400 held-out rows")


def test_seeds_that_fail_are_listed(run: Runner) -> None:
    options = ("xor", "--runs", "2", "--epochs", "1", "--layers", "2,1")
    document = run(*options, "--json").document
    assert document["reached_100_percent"] == 0
    assert list(document["failed"]) == ["0", "1"]
    assert "\n  seed 1: " in run(*options).out


def test_the_same_seed_gives_the_same_answers(run: Runner) -> None:
    def outputs(seed: int) -> object:
        document = run("xor", "--epochs", "3", "--seed", seed, "--json").document
        return document["rows"], document["history"]

    assert outputs(5) == outputs(5)
    assert outputs(5) != outputs(6)


def test_json_is_the_only_thing_on_standard_output(run: Runner) -> None:
    result = run("xor", "--epochs", "2", "--json")
    assert json.loads(result.out)["epochs"] == 2
    assert len(result.out.splitlines()) == 1


def test_pictures_and_the_network_are_written(run: Runner, in_folder: Path) -> None:
    code, _, err = run(
        "xor", "--epochs", "2", "--plots", "new/pictures", "--output", "x.safetensors"
    )
    assert code == 0
    assert "pictures in new/pictures: loss.png, boundary.png, network.png" in err
    assert {path.name for path in (in_folder / "new" / "pictures").iterdir()} == {
        "loss.png",
        "boundary.png",
        "network.png",
    }
    assert (in_folder / "x.safetensors").exists()


def test_many_runs_tell_how_far_they_are_on_a_terminal(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    from glassnet.cli import xor

    monkeypatch.setattr(xor, "show_progress", lambda options: True)
    assert "10 of 10 seeds done" in run("xor", "--runs", "10", "--epochs", "1").err
