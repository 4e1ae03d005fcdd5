"""Fixtures of the tests of saving."""

import pytest

from glassnet.saving import FORMATS


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """One path, written over again and again."""
    return tmp_path_factory.mktemp("models") / "model.safetensors"


@pytest.fixture(scope="module", params=sorted(FORMATS))
def anywhere(request, tmp_path_factory):
    """A path of each format in turn, written over again and again."""
    return tmp_path_factory.mktemp("models") / f"model{request.param}"
