"""What the tests of the command line share: a runner, and small tables in files.

The texts of the tables are in cli_helpers.py.
"""

from pathlib import Path

import pytest
from cli_helpers import Result, Runner, flowers, houses

from glassnet.cli import main


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    """Run the command line in this process."""

    def run_now(*words: object) -> Result:
        capsys.readouterr()
        code = main([str(word) for word in words])
        return Result(code, *capsys.readouterr())

    return run_now


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def houses_csv(in_folder: Path) -> Path:
    """houses.csv in the current folder."""
    path = in_folder / "houses.csv"
    path.write_text(houses(), encoding="utf-8")
    return path


@pytest.fixture
def flowers_csv(in_folder: Path) -> Path:
    """flowers.csv in the current folder."""
    path = in_folder / "flowers.csv"
    path.write_text(flowers(), encoding="utf-8")
    return path
