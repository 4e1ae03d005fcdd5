"""How many threads are chosen, and when the choice is left to the user.

The choice is made before NumPy is loaded, so whole commands are tried in processes of their own.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_helpers import Runner

from glassnet.cli import threads

AFTER = (
    "import os, sys; from glassnet.cli import main; code = main(sys.argv[1:]); "
    "print('threads', os.environ.get('OPENBLAS_NUM_THREADS')); sys.exit(code)"
)


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if NumPy were not loaded and the user had set nothing; undone afterwards."""
    monkeypatch.delitem(sys.modules, "numpy")
    for name in threads.SET_BY_USER:
        monkeypatch.setenv(name, "")


@pytest.mark.usefixtures("unset")
@pytest.mark.parametrize(
    ("hidden", "chosen"), [([], "1"), ([255, 32], "1"), ([32, 256], ""), ([1000], "")]
)
def test_one_thread_is_chosen_where_every_hidden_layer_is_narrow(
    hidden: list[int], chosen: str
) -> None:
    threads.choose_threads(hidden)
    assert os.environ["OPENBLAS_NUM_THREADS"] == os.environ["OMP_NUM_THREADS"] == chosen


@pytest.mark.usefixtures("unset")
@pytest.mark.parametrize("name", threads.SET_BY_USER)
def test_what_the_user_has_set_stays(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "7")
    threads.choose_threads([8])
    assert sorted(os.environ[one] for one in threads.SET_BY_USER) == ["", "", "7"]


@pytest.mark.usefixtures("unset")
def test_nothing_is_set_where_numpy_is_loaded_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", sys)
    threads.choose_threads([8])
    assert os.environ["OPENBLAS_NUM_THREADS"] == ""


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        (["xor", "--epochs", "1"], "1"),
        (["xor", "--layers", "2,256,1", "--epochs", "1"], "None"),
        (["mnist", "--data", "absent"], "1"),
        (["mnist", "--data", "absent", "--layers", "784,512,10"], "None"),
        (["train", "absent.csv", "--target", "y"], "1"),
        (["train", "absent.csv", "--target", "y", "--layers", "300"], "None"),
        (["evaluate", "absent.safetensors", "absent.csv"], "1"),
        (["predict", "absent.safetensors", "absent.csv"], "1"),
        (["inspect", "absent.safetensors"], "1"),
        (["doctor", "--version"], "None"),
    ],
)
def test_each_command_chooses_by_its_network(words: list[str], chosen: str, tmp_path: Path) -> None:
    bare = {name: value for name, value in os.environ.items() if name not in threads.SET_BY_USER}
    done = subprocess.run(
        [sys.executable, "-c", AFTER, *words],
        env=bare,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.splitlines()[-1] == f"threads {chosen}", done.stderr


def test_the_doctor_leaves_the_threads_to_be_measured() -> None:
    from glassnet.cli.app import COMMANDS

    assert [name for name, command in COMMANDS.items() if command.hidden is None] == ["doctor"]


@pytest.mark.parametrize("command", ["train", "mnist"])
def test_the_help_tells_of_it(run: Runner, command: str) -> None:
    assert threads.HELP in run(command, "--help").out
