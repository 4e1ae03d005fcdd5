"""Fixtures of the tests of saving."""

import pytest


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """One path, written over again and again."""
    return tmp_path_factory.mktemp("models") / "model.safetensors"
