"""What the tests of the command line share: a runner, and small tables and models."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from glassnet.cli import main


class Result(NamedTuple):
    """What one run of the command line left."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON on standard output, which holds nothing else."""
        return json.loads(self.out)


Runner = Callable[..., Result]


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


def houses(rows: int = 60) -> str:
    """A table with two columns of numbers, one of text, and a number to predict."""
    lines = ["area,rooms,town,price"]
    for k in range(rows):
        area, rooms, town = 40 + (37 * k) % 90, 1 + k % 5, ("Bern", "Chur", "Thun")[k % 3]
        lines.append(f"{area},{rooms},{town},{area * 2.5 + rooms * 10 + 20 * (town == 'Bern')}")
    return "\n".join(lines) + "\n"


def flowers(rows: int = 60) -> str:
    """A table of two numbers and a class, told apart by the first."""
    lines = ["length,width,kind"]
    for k in range(rows):
        kind = k % 3
        lines.append(
            f"{kind * 3 + (k * 7 % 10) / 10},{(k * 3 % 7) / 7},{('iris', 'rose', 'lily')[kind]}"
        )
    return "\n".join(lines) + "\n"


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
