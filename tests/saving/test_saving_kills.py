"""A few of the kills of kills.py; a thousand: `make kills`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from glassnet.saving import FORMATS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


def killed(seed: int, call: str) -> list[int]:
    """What a call of kills.py counts, in a process of its own: one that has threads, as those have
    in which tests run side by side, must not be forked."""
    code = f"import random, kills; random.seed({seed}); print(*kills.{call})"
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(
        command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return [int(word) for word in done.stdout.split()]


@pytest.mark.parametrize(
    ("kind", "suffix"), [*(("model", suffix) for suffix in FORMATS), ("checkpoint", "")]
)
def test_kill_9_leaves_a_whole_file_and_loses_nothing(kind: str, suffix: str) -> None:
    assert killed(1, f"unreadable({kind!r}, {suffix!r}, 15)") == [0, 0]


def test_a_training_that_is_killed_again_and_again_ends_as_if_nobody_had() -> None:
    wrong, ended = killed(2, "killed_in_training(20)")
    assert wrong == 0
    assert ended > 1
