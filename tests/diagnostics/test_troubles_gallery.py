"""The gallery of troubles keeps its word: each page's script has the trouble, finds it, mends it.

What is tested follows from the codes, so a new trouble needs nothing here: see shown.py.
"""

import ast
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import glassnet.diagnostics

ROOT = Path(__file__).parents[2]
GALLERY = ROOT / "docs" / "troubles"
SCRIPTS = GALLERY / "scripts"
RULES = sorted(Path(glassnet.diagnostics.__file__).parent.glob("rules*.py"))
NOTES = {"constant_column", "duplicate_column"}
"""What is seen and does no harm by itself: diagnose says it as a note."""

HEADINGS = (
    *("What you see", "Why", "How to mend it", "How glassnet finds it", "Near misses"),
    "Try it",
)
LONGEST = 40, 60  # lines of a script, and of a page without what it quotes
PICTURE = 25_000, 900, 380  # bytes, and points across and down


def imported() -> ModuleType:
    sys.path.insert(0, str(SCRIPTS))
    try:
        import shown
    finally:
        sys.path.remove(str(SCRIPTS))
    module: ModuleType = shown
    return module


shown = imported()
CODES: tuple[str, ...] = shown.CODES
each_code = pytest.mark.parametrize("code", CODES)


def page(code: str) -> str:
    return (GALLERY / f"{code}.md").read_text(encoding="utf-8")


def words(text: str) -> str:
    """Text on one line, any number in it as #: the last digits differ between machines."""
    return re.sub(r"-?\d+(\.\d+)?(e[+-]?\d+)?", "#", " ".join(text.split()))


def texts_of(path: Path) -> set[str]:
    """All texts in a file of Python."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {value for value in found if isinstance(value, str)}


def codes_suspected(path: Path) -> set[str]:
    """The codes that stand in calls of Suspicion as they are."""
    calls = (n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return {
        call.args[0].value
        for call in calls
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Suspicion"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def test_gallery_has_each_code_that_a_rule_can_give_and_no_other() -> None:
    assert set().union(*map(codes_suspected, RULES)) <= set(CODES)
    assert set(CODES) <= set().union(*map(texts_of, RULES))
    assert len(CODES) == len(set(CODES))


def test_gallery_has_one_page_script_and_picture_for_each_code_and_nothing_else() -> None:
    assert {path.stem for path in GALLERY.glob("*.md")} == {*CODES, "README"}
    assert {path.stem for path in SCRIPTS.glob("*.py")} == {*CODES, "shown"}
    assert {path.name for path in GALLERY.glob("pictures/*")} == {f"{code}.png" for code in CODES}


@each_code
def test_index_has_one_line_for_the_trouble_in_its_group(code: str) -> None:
    index = (GALLERY / "README.md").read_text(encoding="utf-8")
    (group,) = [name for name, codes in shown.GROUPS.items() if code in codes]
    part = index.split(f"\n## {group}\n")[1].split("\n## ")[0]
    assert len(re.findall(rf"^\| \[[^\]]+\]\({code}\.md\) \| .+ \|$", part, re.MULTILINE)) == 1
    assert index.count(f"({code}.md)") == 1


@each_code
def test_page_has_its_parts_in_order_and_an_equation(code: str) -> None:
    text = page(code)
    assert re.match(rf"# .+ \(`{code}`\)\n", text)
    assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == HEADINGS
    assert "$$" in text.split("## Why")[1].split("## How to mend it")[0]
    assert f"](pictures/{code}.png)" in text
    assert f"[`python docs/troubles/scripts/{code}.py`](scripts/{code}.py)" in text
    quote = shown.quoted(text)
    assert len(text.splitlines()) - len(quote.splitlines()) <= LONGEST[1]


@each_code
def test_script_is_short_and_says_what_it_shows(code: str) -> None:
    text = (SCRIPTS / f"{code}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST[0]
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("name", ["README", *CODES])
def test_links_of_the_page_lead_somewhere(name: str) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", page(name)):
        assert (GALLERY / link).exists(), link


@pytest.mark.parametrize("name", ["README", *CODES])
def test_names_of_glassnet_on_the_page_exist(name: str) -> None:
    for whole in re.findall(r"`(glassnet(?:\.\w+)+)", page(name)):
        thing: Any = glassnet
        for part in whole.split(".")[1:]:
            thing = getattr(thing, part)


@each_code
def test_picture_is_small(code: str) -> None:
    data = (GALLERY / "pictures" / f"{code}.png").read_bytes()
    most, across, down = PICTURE
    assert data.startswith(b"\x89PNG")
    assert len(data) <= most
    assert int.from_bytes(data[16:20], "big") <= across
    assert int.from_bytes(data[20:24], "big") <= down


@each_code
def test_script_has_the_trouble_and_finds_it_and_mends_it_as_its_page_says(
    code: str, tmp_path: Path
) -> None:
    names, printed = shown.run(code, "--picture", str(tmp_path / "drawn.png"))
    report = names["report"]
    ranked = report.notes if code in NOTES else report.findings[:2]
    found = {each.code: each for each in ranked}
    assert code in found, printed
    finding = found[code]
    # The page quotes it, and the script shows the remedy that it names.
    assert words(finding.says) in words(shown.quoted(page(code))), "renew it: make troubles"
    text = (SCRIPTS / f"{code}.py").read_text(encoding="utf-8")
    for argument in (*finding.remedy.network, *finding.remedy.fit):
        assert f"{argument}=" in text
    if finding.remedy.settable:
        assert names["after"] < names["before"]
    assert (tmp_path / "drawn.png").stat().st_size > 1000
    # The calls of the page work in the place where the script ends.
    for block in re.findall(r"^```python\n(.*?)^```$", page(code), re.MULTILINE | re.DOTALL):
        exec(compile(block, f"{code}.md", "exec"), dict(names))


def test_index_says_how_to_ask_and_its_calls_work() -> None:
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```$", page("README"), re.MULTILINE | re.DOTALL):
        exec(compile(block, "README.md", "exec"), names)
    assert names["report"].codes
    assert names["watch"].findings
    assert names["recorder"].records


def test_renewing_a_page_changes_nothing_but_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pictures").mkdir()
    text = page("dead_units")
    old = text.replace(shown.quoted(text), "\nwhat it printed last year\n")
    assert old != text
    (tmp_path / "dead_units.md").write_text(old, encoding="utf-8")
    monkeypatch.setattr(shown, "GALLERY", tmp_path)
    monkeypatch.setattr(sys, "argv", ["shown.py", "--renew", "dead_units"])
    shown.main()
    new = (tmp_path / "dead_units.md").read_text(encoding="utf-8")
    assert words(new) == words(text)
    assert (tmp_path / "pictures" / "dead_units.png").is_file()
