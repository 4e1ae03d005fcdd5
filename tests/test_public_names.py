"""The names that `glassnet` shows: few, sorted, each there, each imported only when asked for."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import glassnet


def test_there_are_at_most_30_public_names() -> None:
    assert len(glassnet.__all__) <= 30


def test_public_names_are_sorted_without_regard_to_case_and_named_once() -> None:
    assert glassnet.__all__ == sorted(set(glassnet.__all__), key=str.lower)


@pytest.mark.parametrize("name", glassnet.__all__)
def test_public_name_is_importable_and_documented(name: str) -> None:
    thing = getattr(glassnet, name)
    assert inspect.isclass(thing) or inspect.isfunction(thing)
    assert inspect.getdoc(thing)


@pytest.mark.parametrize("name", glassnet.__all__)
def test_public_name_is_what_type_checkers_see(name: str) -> None:
    """The imports for type checkers name the same object as the lazy ones."""
    module = ast.parse(Path(glassnet.__file__).read_text(encoding="utf-8"))
    places = {
        alias.name: node.module
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    }
    seen = getattr(importlib.import_module(f"glassnet.{places[name]}"), name)
    assert seen is getattr(glassnet, name)


def test_dir_shows_names_that_nobody_has_asked_for_yet() -> None:
    code = "import glassnet; print('Network' in dir(glassnet), 'Network' in vars(glassnet))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["True", "False"]
    assert set(glassnet.__all__) <= set(dir(glassnet))


def test_unknown_name_is_an_attribute_error_that_says_it() -> None:
    with pytest.raises(AttributeError, match="module 'glassnet' has no attribute 'Netwrok'"):
        glassnet.Netwrok  # noqa: B018  # asking is the test


def test_a_missing_name_does_not_load_numpy() -> None:
    code = (
        "import sys, glassnet; from glassnet import cli; hasattr(glassnet, '__wrapped__');"
        "hasattr(glassnet, 'Conv2D'); print('numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["False"]


@pytest.mark.parametrize("name", ["Conv2D", "LSTM", "BatchNorm", "MultiHeadAttention"])
def test_a_layer_that_is_not_here_says_so(name: str) -> None:
    with pytest.raises(AttributeError, match=f"'{name}'. glassnet has dense layers and dropout"):
        getattr(glassnet, name)


def test_version_is_that_of_the_project() -> None:
    assert glassnet.__version__.count(".") == 2
