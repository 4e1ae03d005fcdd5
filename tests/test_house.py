"""The rules of the house that can be counted, as tests over the source code.

Who may import whom, how long a function and a file may be, what `import glassnet` loads. To change
a rule, change it here and in ARCHITECTURE.md; to add a room, give it a rank in RANKS.
"""

import ast
import io
import statistics
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

import glassnet
from glassnet.core.doors import DOORS, door

SOURCE = Path(glassnet.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
CORE = [path for path in FILES if path.parent == SOURCE / "core"]

RANKS = {
    "core": 0,
    "activations": 1,
    "initializers": 1,
    "optimizers": 1,
    "schedules": 1,
    "fleets": 1,
    "sources": 1,
    "tables": 1,
    "losses": 2,
    "second_order": 3,
    "blas": 3,
    "summary": 3,
    "intake": 4,
    "metrics": 5,
    "datasets": 5,
    "saving": 5,
    "callbacks": 6,
    "plots": 6,
    "selection": 7,
    "diagnostics": 7,
    "inference": 8,
    "estimators": 9,
    "cli": 10,
    "__main__": 11,
}
"""Rooms, and files that are as good as rooms: each imports only what has a lower rank."""

DOCUMENTED_IN_THEIR_BASE = {
    "forward",  # Activation
    "slope",
    "cells",  # Loss
    "compute",
    "link",
    "complaint",
    "statistics",
    "update",  # Optimizer
}


def name_of(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def room_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return parts[0]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_of(path: Path) -> list[str]:
    """['glassnet', 'core', 'network'] for a file; a package without its __init__."""
    parts = ["glassnet", *path.relative_to(SOURCE).with_suffix("").parts]
    return parts[:-1] if parts[-1] == "__init__" else parts


def imported(path: Path, node: ast.AST) -> Iterator[str]:
    """The full names of the modules that an import statement asks for."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        start = [] if node.module is None else node.module.split(".")
        if node.level:
            package = module_of(path) if path.stem == "__init__" else module_of(path)[:-1]
            start = package[: len(package) - node.level + 1] + start
        if start == ["glassnet"]:  # `from . import blas`: the names may be rooms
            start += [alias.name for alias in node.names if alias.name in RANKS][:1]
        yield ".".join(start)


def imports(path: Path) -> list[str]:
    return [name for node in ast.walk(tree(path)) for name in imported(path, node)]


def rooms_imported(path: Path) -> set[str]:
    names = (name.split(".") for name in imports(path))
    return {parts[1] for parts in names if parts[0] == "glassnet" and len(parts) > 1}


def functions(path: Path) -> list[ast.FunctionDef]:
    found = [n for n in ast.walk(tree(path)) if isinstance(n, ast.FunctionDef)]
    assert not [n for n in ast.walk(tree(path)) if isinstance(n, ast.AsyncFunctionDef)]
    return found


def body_lines(function: ast.FunctionDef) -> int:
    """The lines of a function's body, its docstring not counted."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    if not body:
        return 0
    last = body[-1].end_lineno
    assert last is not None
    return last - body[0].lineno + 1


def lines_of_code(path: Path) -> int:
    """Lines that hold code: no docstring, comment or blank line."""
    text = path.read_text(encoding="utf-8")
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    words: set[int] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            words |= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            words |= set(range(node.lineno, (node.end_lineno or 0) + 1))  # below an attribute
    blank = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in (*blank, tokenize.ENDMARKER):
            code |= set(range(token.start[0], token.end[0] + 1))
    return len(code - words)


def in_a_fresh_process(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# Who may import whom


def test_every_room_has_a_rank() -> None:
    assert {room_of(path) for path in FILES} - {"__init__"} == set(RANKS)


# glassnet/__init__.py takes names from every room, when they are asked for.
@pytest.mark.parametrize("path", [f for f in FILES if room_of(f) != "__init__"], ids=name_of)
def test_imports_go_downwards_only_and_never_to_a_room_of_the_same_rank(path: Path) -> None:
    room = room_of(path)
    for other in rooms_imported(path) - {room}:
        assert RANKS[other] < RANKS[room], f"{room} imports {other}"


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_core_imports_numpy_the_standard_library_and_itself_only(path: Path) -> None:
    allowed = {"numpy", "glassnet", *sys.stdlib_module_names}
    assert {name.split(".")[0] for name in imports(path)} <= allowed
    assert rooms_imported(path) <= {"core"}


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_core_names_other_rooms_in_the_doors_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.stem != "doors":
        assert '"glassnet.' not in text
        assert "import_module" not in text


@pytest.mark.parametrize("name", DOORS)
def test_every_door_opens(name: str) -> None:
    assert door(name) is not None


def test_every_door_is_used() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    assert [name for name in DOORS if f'door("{name}")' not in text] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_what_is_no_dependency_is_imported_inside_functions_only(path: Path) -> None:
    allowed = {"numpy", "glassnet", *sys.stdlib_module_names}
    if room_of(path) == "estimators":  # which exist for it, and are imported by their full name
        allowed |= {"sklearn"}
    module = tree(path)
    late = {
        id(node)
        for scope in ast.walk(module)
        if isinstance(scope, ast.FunctionDef)
        or (isinstance(scope, ast.If) and ast.unparse(scope.test) == "TYPE_CHECKING")
        for node in ast.walk(scope)
    }
    early = [node for node in ast.walk(module) if id(node) not in late]
    names = {name.split(".")[0] for node in early for name in imported(path, node)}
    assert names <= allowed


# How long


def test_core_has_at_most_1300_lines_of_code() -> None:
    assert sum(lines_of_code(path) for path in CORE) <= 1300


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_file_has_at_most_300_lines_and_200_in_core(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= (200 if path in CORE else 300)
    assert [number for number, line in enumerate(lines, 1) if len(line) > 100] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_function_has_a_body_of_at_most_35_lines(path: Path) -> None:
    assert {f.name: body_lines(f) for f in functions(path) if body_lines(f) > 35} == {}


def test_median_function_has_a_body_of_at_most_5_lines() -> None:
    assert statistics.median(body_lines(f) for path in FILES for f in functions(path)) <= 5


# In words


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_file_opens_with_a_docstring_of_a_few_lines(path: Path) -> None:
    lines = [line for line in (ast.get_docstring(tree(path)) or "").splitlines() if line.strip()]
    assert 2 <= len(lines) <= (12 if path.stem == "__init__" else 5)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_public_function_of_some_length_has_a_docstring(path: Path) -> None:
    bare = [
        function.name
        for function in functions(path)
        if not function.name.startswith("_")
        and ast.get_docstring(function) is None
        and function.name not in DOCUMENTED_IN_THEIR_BASE
        and not function.name.startswith(("on_", "after_"))  # hooks: see Callback
        and body_lines(function) > 8
    ]
    assert bare == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_lambda_lies_where_it_would_have_to_be_pickled(path: Path) -> None:
    inside = {id(n) for f in functions(path) for n in ast.walk(f)}
    outside = [n for n in ast.walk(tree(path)) if isinstance(n, ast.Lambda) and id(n) not in inside]
    assert outside == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_the_random_streams_touch_numpy_random(path: Path) -> None:
    used = {
        node.attr
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "np.random"
    }
    allowed = {"PCG64", "SeedSequence"} if path == SOURCE / "core" / "random.py" else set()
    if room_of(path) == "cli":
        allowed = {"default_rng"}  # numbers to measure speed with
    if room_of(path) == "estimators":
        allowed = {"RandomState"}  # scikit-learn's, which draws the same numbers there
    assert used <= allowed


def test_only_two_kinds_of_error_are_our_own() -> None:
    things = {name: getattr(glassnet, name) for name in glassnet.__all__}
    errors = {n for n, t in things.items() if isinstance(t, type) and issubclass(t, Exception)}
    assert errors == {"DivergenceError", "ModelFileError"}
    assert all(issubclass(things[name], ValueError) for name in errors)


# What comes with an import


def test_import_glassnet_loads_nothing_but_the_standard_library() -> None:
    code = "import sys, glassnet; print(*sorted(m.split('.')[0] for m in sys.modules))"
    loaded = set(in_a_fresh_process(code).split())
    assert "glassnet" in loaded
    assert not {"numpy", "matplotlib", "glassnet.core"} & loaded


def test_a_network_loads_no_third_party_module_but_numpy_and_starts_no_thread() -> None:
    code = """
import sys, threading
before = set(sys.modules)
import numpy
from glassnet import Network
with_numpy = threading.active_count()
Network([2, 2, 1])
new = {name for name in set(sys.modules) - before if getattr(sys.modules[name], "__file__", "")}
rooms = {name.split(".")[0] for name in new} - set(sys.stdlib_module_names)
print(threading.active_count() - with_numpy, *rooms)
"""
    threads, *modules = in_a_fresh_process(code).split()
    assert threads == "0"
    assert set(modules) == {"numpy", "glassnet"}


def test_types_are_shipped() -> None:
    assert files("glassnet").joinpath("py.typed").is_file()
