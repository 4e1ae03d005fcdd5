"""The command line as a process of its own: pipes, signals, bare environments.

Slow to start, so only what cannot be seen within one process is tested here.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "glassnet"]
BARE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "COLUMNS": "1"}


def start(*words: str, **options: object) -> "subprocess.CompletedProcess[bytes]":
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 120} | options
    return subprocess.run([*COMMAND, *words], check=False, **settings)  # type: ignore[call-overload,no-any-return]  # settings of run


def test_help_loads_no_numpy_and_the_module_is_the_command() -> None:
    code = (
        "import sys; from glassnet.cli import main; code = main(['train', '--help']); "
        "sys.exit(code or ('numpy' in sys.modules) * 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stdout == start("train", "--help").stdout


@pytest.mark.skipif(os.name == "nt", reason="a closed pipe is another error there")
def test_a_reader_that_stops_reading_ends_it_without_a_traceback(tmp_path: Path) -> None:  # C24
    reading, writing = os.pipe()
    os.close(reading)
    done = start("xor", "--epochs", "1", stdout=writing)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("unbuffered", [{"PYTHONUNBUFFERED": ""}, {"PYTHONUNBUFFERED": "1"}])
@pytest.mark.parametrize("words", [["--version"], ["xor", "--epochs", "1"]])
def test_a_full_disk_under_standard_output_is_one_line(
    words: list[str], unbuffered: dict[str, str]
) -> None:
    with open("/dev/full", "wb") as full:
        done = start(*words, env=os.environ | unbuffered, stdout=full)
    assert done.returncode == 1
    assert re.fullmatch(rb"glassnet[^\n]*: No space left on device\n", done.stderr)


def test_a_bare_environment_is_enough(tmp_path: Path) -> None:
    """Locale C, one column, no HOME, a folder that nothing may be written to."""
    table = tmp_path / "t.csv"
    rows = "\n".join(f"{k % 7},{'Zürich' if k % 2 else 'Genève'}" for k in range(40))
    table.write_text("größe,stadt\n" + rows, encoding="utf-8")
    bare = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ} | BARE
    tmp_path.chmod(0o555)
    try:
        done = start(
            *("train", "t.csv", "--target", "stadt", "--epochs", "2"), env=bare, cwd=tmp_path
        )
    finally:
        tmp_path.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert b"Gen\\xe8ve" in done.stdout
    done = start("train", "t.csv", "--target", "x", env=bare, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(b"glassnet train: error: t.csv: there is no column 'x'")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
def test_ctrl_c_ends_the_process_with_130(tmp_path: Path) -> None:  # C25
    code = (
        "import os, signal, sys\n"
        "from glassnet.core.training import Training\n"
        "close = Training.close_epoch\n"
        "def closed(self, *rest):\n"
        "    close(self, *rest)\n"
        "    self.epoch == 3 and os.kill(os.getpid(), signal.SIGINT)\n"
        "Training.close_epoch = closed\n"
        "from glassnet.cli import main\n"
        "sys.exit(main(['xor', '--epochs', '1e6', '--output', 'x.safetensors']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, cwd=tmp_path, timeout=120
    )
    assert done.returncode == 130
    assert b"the network so far is kept in x.interrupted.safetensors\n" in done.stderr
    assert b"Traceback" not in done.stderr
    assert (tmp_path / "x.interrupted.safetensors").exists()
