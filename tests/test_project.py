"""What the project files promise: pinned locks, one runtime dependency, small builds, commands.

To add a rule about packaging, write it here as a test; it must be cheap and need no network.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
MNIST_FILE = re.compile(r"(train|t10k)-(images|labels)")
LOCKS = ("run", "dev", "core-oldest")
POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def project() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))["project"]


def lines_of_lock(name: str) -> list[str]:
    """The entries of a lock file, each joined to one line, without comments."""
    text = read(f"requirements/{name}.txt").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def pins(name: str) -> set[str]:
    """'numpy==2.4.6 ; marker' for each entry of a lock file."""
    return {line.split("--hash")[0].strip() for line in lines_of_lock(name)}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~ ;]", requirement)[0] for requirement in requirements}


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+):.*## ", read("Makefile"), flags=re.MULTILINE))


# Dependencies


def test_numpy_is_the_only_runtime_dependency() -> None:
    assert project()["dependencies"] == ["numpy>=2.0"]


def test_extra_all_holds_every_extra_but_dev() -> None:
    extras = project()["optional-dependencies"]
    (everything,) = extras["all"]
    inside = re.fullmatch(r"glassnet\[(.*)\]", everything)
    assert inside is not None
    assert sorted(inside[1].split(",")) == sorted(set(extras) - {"all", "dev"})


@pytest.mark.parametrize("name", LOCKS)
def test_lock_pins_every_entry_with_hashes(name: str) -> None:
    entries = lines_of_lock(name)
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==[^ ]+ ", entry), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry[:80]


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_address(name: str) -> None:
    assert not re.search(r"://|@|index-url|find-links", read(f"requirements/{name}.txt"))


def test_lock_of_mnist_is_part_of_the_lock_of_the_tests() -> None:
    assert pins("run") <= pins("dev")


def test_locks_hold_what_the_extras_ask_for() -> None:
    extras = project()["optional-dependencies"]
    locked = {pin.split("==")[0] for pin in pins("dev")}
    wanted = set().union(*map(names, extras.values()))
    assert wanted - {"glassnet"} <= locked


def test_oldest_numpy_is_tested_with_the_version_that_is_promised() -> None:
    assert "numpy==2.0.2" in pins("core-oldest")


def test_no_lock_holds_pytorch() -> None:
    assert not [pin for name in LOCKS for pin in pins(name) if pin.startswith("torch")]


# What is built


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder


LATER = {
    "fleets/": 13_000,
    "intake/fleets.py": 4_000,
    "second_order/": 25_000,
    "sources/whole.py": 2_000,
    "selection/": 22_000,
    "tables/": 9_000,
    "plots/selection.py": 5_000,
    "plots/intervals.py": 2_000,
    "plots/sensitivity.py": 3_000,
    "callbacks/checkpoint.py": 5_000,
    "saving/snapshot.py": 2_000,
    "saving/checkpoints.py": 3_000,
    "saving/lock.py": 3_000,
    "saving/exact.py": 3_000,
    "saving/identity.py": 3_000,
    "saving/deflated.py": 3_000,
    "saving/npy.py": 4_000,
    "saving/npz.py": 5_000,
    "saving/original.py": 2_000,
    "saving/pickle_": 9_000,
    "saving/pkl.py": 3_000,
    "saving/export/": 45_000,
    "cli/export.py": 3_000,
    "estimators/": 45_000,
    "inference/": 43_000,
    "diagnostics/explaining/": 26_000,
    "diagnostics/gradients/": 26_000,
    "diagnostics/": 42_000,
    "cli/explain.py": 3_000,
    "intake/bounds.py": 5_000,
    "intake/monotone.py": 3_000,
}
"""Bytes in the wheel, compressed, that each part may have which came after the first one: the
limit of 300 kB is for that. To add a room, give it a budget here, in the open."""


def test_wheel_is_under_300_kilobytes_but_for_later_parts_each_within_its_own(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    spent = dict.fromkeys(LATER, 0)
    for item in zipfile.ZipFile(wheel).infolist():
        name = item.filename.removeprefix("glassnet/")
        part = next((part for part in LATER if name.startswith(part)), None)
        if part is not None:
            # Beside its content: its entries in the archive (twice) and in the list of files.
            spent[part] += item.compress_size + 2 * (len(item.filename) + 46) + 70
    assert [part for part in LATER if spent[part] > LATER[part]] == []
    assert wheel.stat().st_size - sum(spent.values()) < 300_000


def test_wheel_holds_the_package_its_types_and_its_licence_only(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    inside = zipfile.ZipFile(wheel).namelist()
    assert "glassnet/py.typed" in inside
    assert [name for name in inside if name.endswith("licenses/LICENSE")]
    assert not [name for name in inside if MNIST_FILE.search(name)]
    assert {name.split("/")[0].split("-")[0] for name in inside} == {"glassnet"}


def test_source_distribution_holds_no_large_data(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        inside = [name.partition("/")[2] for name in archive.getnames()]
    assert "pyproject.toml" in inside
    assert not [
        name for name in inside if name.startswith(("data/", ".ci/")) or MNIST_FILE.search(name)
    ]


# The environment


def environment(folder: Path, programs: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run requirements/install where only these programs are on the path."""
    (folder / "bin").mkdir()
    for name, text in programs.items():
        program = folder / "bin" / name
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    return subprocess.run(
        ["/bin/sh", str(ROOT / "requirements/install"), "environment"],
        cwd=folder,
        env={"PATH": str(folder / "bin")},
        capture_output=True,
        text=True,
        timeout=60,
    )


@POSIX_ONLY
def test_install_says_what_is_needed_where_there_is_no_python(tmp_path: Path) -> None:
    done = environment(tmp_path, {})
    assert done.returncode == 1
    assert "at least 3.11 is needed" in done.stderr
    assert "make PYTHON=" in done.stderr


@POSIX_ONLY
def test_install_says_which_python_it_found_and_why_it_is_refused(tmp_path: Path) -> None:
    done = environment(tmp_path, {"python3": 'echo "is Python 3.9, too old" >&2; exit 1'})
    assert done.returncode == 1
    assert "python3: is Python 3.9, too old" in done.stderr


@POSIX_ONLY
def test_install_passes_over_a_python_that_does_not_fit(tmp_path: Path) -> None:
    good = 'case $1 in -c) exit 0;; -m) echo "asked: $*";; esac'
    done = environment(tmp_path, {"python3.11": "exit 1", "python3": good})
    assert done.returncode == 0, done.stderr
    assert "asked: -m venv --clear environment" in done.stdout


# Commands


@POSIX_ONLY
@pytest.mark.parametrize("script", [".ci/run", "requirements/install"])
def test_script_is_executable_and_parses(script: str) -> None:
    path = ROOT / script
    assert os.access(path, os.X_OK)
    shell = shutil.which(
        path.read_text(encoding="utf-8").splitlines()[0].split("/")[-1].split()[-1]
    )
    if shell is None:
        pytest.skip("its shell is not installed")
    subprocess.run([shell, "-n", str(path)], check=True, timeout=60)


def test_every_command_of_the_makefile_is_phony() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", read("Makefile"), flags=re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == make_targets()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_page_names_only_commands_that_exist(page: str) -> None:
    assert set(re.findall(r"`make ([a-z0-9-]+)", read(page))) <= make_targets()


def test_places_named_in_contributing_exist() -> None:
    places = re.findall(
        r"`((?:src|tests|requirements|benchmarks|\.ci)/[^`*]*)`", read("CONTRIBUTING.md")
    )
    assert len(places) > 10
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_changelog_has_an_entry_for_this_version() -> None:
    assert f"## [{project()['version']}]" in read("CHANGELOG.md")
