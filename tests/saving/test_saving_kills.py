"""A few of the kills of kills.py; a thousand: `make kills`."""

import os
import random

import pytest
from kills import killed_in_training, unreadable

from glassnet.saving import FORMATS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


@pytest.mark.parametrize(
    ("kind", "suffix"), [*(("model", suffix) for suffix in FORMATS), ("checkpoint", "")]
)
def test_kill_9_leaves_a_whole_file_and_loses_nothing(kind: str, suffix: str) -> None:
    random.seed(1)
    assert unreadable(kind, suffix, 15) == (0, 0)


def test_a_training_that_is_killed_again_and_again_ends_as_if_nobody_had() -> None:
    random.seed(2)
    wrong, ended = killed_in_training(20)
    assert wrong == 0
    assert ended > 1
