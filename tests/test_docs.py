"""The examples of the pages do what they say: each page's blocks run in order, in one folder.

Python, sh, c and js blocks run; a `text` block is what the one before it prints. A block that takes
long or needs more than a checkout has stands after a line <!-- not run: why -->.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
    if "\n```python\n" in page.read_text(encoding="utf-8")
)
BLOCK = re.compile(r"(<!-- not run: [^\n]+ -->\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
PROGRAMS = {"sh": "glassnet", "c": "gcc", "js": "node"}
PACKAGES = {"onnxruntime", "safetensors", "matplotlib"}
"""Those that a page may use where they are installed."""


class Block(NamedTuple):
    language: str
    text: str
    place: str


def blocks(page: str) -> Iterator[Block]:
    whole = (ROOT / page).read_text(encoding="utf-8")
    for found in BLOCK.finditer(whole):
        line = whole.count("\n", 0, found.start(3)) + 1
        if not found[1]:
            yield Block(found[2], found[3], f"{page}:{line}")


def run_python(block: Block, names: dict[str, Any]) -> str:
    text = block.text
    if text.startswith(">>>"):  # results are shown to be read; here they are not compared
        text = "".join(each.source for each in doctest.DocTestParser().get_examples(text))
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(compile(text, block.place, "exec"), names)
    return told.getvalue()


def run_program(block: Block, folder: Path) -> str:
    """By the shell, gcc or node; glassnet is the one of this Python."""
    (folder / f"main.{block.language}").write_text(block.text, encoding="utf-8")
    lines = {
        "sh": "sh -e main.sh",
        "c": "gcc -std=c99 -Wall -Wextra -Werror main.c -lm -o main && ./main",
        "js": "mv main.js main.mjs && node main.mjs",
    }
    done = subprocess.run(
        ["sh", "-c", lines[block.language]],
        cwd=folder,
        env={**os.environ, "PATH": PATH},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{block.place}: {done.stderr}"
    return done.stdout


def run_page(page: str, folder: Path) -> list[str]:
    """Run what can be run here; gives what is missing for the others."""
    names: dict[str, Any] = {"__name__": "page"}
    missing: list[str] = []
    printed: str | None = None
    for block in blocks(page):
        if block.language == "text":
            assert printed in (None, block.text), block.place
        elif block.language == "python":
            try:
                printed = run_python(block, names)
            except ModuleNotFoundError as error:
                if error.name not in PACKAGES:
                    raise
                printed, missing = None, [*missing, str(error.name)]
        elif shutil.which(PROGRAMS[block.language], path=PATH):
            printed = run_program(block, folder)
        else:
            printed, missing = None, [*missing, PROGRAMS[block.language]]
    return missing


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder, current and first on Python's path; nothing of it stays."""
    before = set(sys.modules)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_the_page_run_in_their_order(page: str, folder: Path) -> None:
    missing = run_page(page, folder)
    if missing:
        pytest.skip(f"the other examples ran; not installed: {', '.join(missing)}")


@pytest.mark.parametrize("page", PAGES)
def test_files_that_the_page_links_to_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []
