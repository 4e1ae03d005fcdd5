"""Which kernels OpenBLAS is asked for, and when the choice is left to it or to the user.

The choice is made before NumPy is loaded, so each is tried in a process of its own, on a made-up
processor.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from glassnet.cli import kernels

ALL = " ".join(sorted(kernels.AVX512))
AMD = {"vendor_id": "AuthenticAMD", "flags": f"sse avx2 {ALL} avx512_bf16"}
INSPECT = ["inspect", "absent.safetensors"]
LOADED_NO_NUMPY = "assert 'numpy' not in sys.modules"
SCRIPT = """
import os, sys
from glassnet.cli import kernels, main
kernels.processor_facts = lambda: {facts}
kernels.platform.machine = lambda: {machine!r}
{first}
before = dict(os.environ)
main(sys.argv[1:])
print("set:", *(f"{{k}}={{v}}" for k, v in os.environ.items() if before.get(k) != v))
"""


def what_is_set(
    words: list[str],
    *,
    facts: dict[str, str] = AMD,
    machine: str = "x86_64",
    first: str = LOADED_NO_NUMPY,
    user: str | None = None,
) -> str:
    """The environment variables that a command has set or changed, on such a machine."""
    bare = {name: value for name, value in os.environ.items() if name != kernels.VARIABLE}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(facts=facts, machine=machine, first=first), *words],
        env=bare if user is None else bare | {kernels.VARIABLE: user},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    head, _, names = done.stdout.splitlines()[-1].partition(":")
    assert head == "set"
    return names.strip()


@pytest.mark.parametrize(
    "words",
    [
        ["xor", "--epochs", "1"],
        ["mnist", "--data", "absent"],
        ["train", "absent.csv", "--target", "y"],
        ["evaluate", "absent.safetensors", "absent.csv"],
        ["predict", "absent.safetensors", "absent.csv"],
        INSPECT,
    ],
)
def test_every_command_asks_for_the_fast_kernels_and_sets_nothing_else(words: list[str]) -> None:
    assert what_is_set(words) == "OPENBLAS_CORETYPE=SkylakeX"


def test_the_doctor_shows_what_python_programs_get() -> None:
    quick = "from glassnet.cli import doctor; doctor.SECONDS = 0.0001"
    assert what_is_set(["doctor"], first=f"{LOADED_NO_NUMPY}; {quick}") == ""


@pytest.mark.parametrize(
    ("facts", "machine"),
    [
        (AMD | {"vendor_id": "GenuineIntel"}, "x86_64"),
        (AMD, "aarch64"),  # as where another machine is emulated
        ({}, "x86_64"),  # as elsewhere than on Linux
        *((AMD | {"flags": ALL.replace(one, "")}, "x86_64") for one in sorted(kernels.AVX512)),
    ],
)
def test_elsewhere_than_on_amd_with_all_of_avx_512_nothing_is_set(
    facts: dict[str, str], machine: str
) -> None:
    assert what_is_set(INSPECT, facts=facts, machine=machine) == ""


@pytest.mark.parametrize("user", ["Zen", ""])
def test_what_the_user_has_set_stays(user: str) -> None:
    assert what_is_set(INSPECT, user=user) == ""


def test_nothing_is_set_where_numpy_is_loaded_already() -> None:
    assert what_is_set(INSPECT, first="import numpy") == ""


@pytest.mark.parametrize(("facts", "expected"), [(AMD, {kernels.VARIABLE: "SkylakeX"}), ({}, {})])
def test_the_choice_is_the_same_within_this_process(
    facts: dict[str, str], expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment: dict[str, str] = {}
    monkeypatch.delitem(sys.modules, "numpy", raising=False)
    monkeypatch.setattr(os, "environ", environment)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr(kernels, "processor_facts", lambda: facts)
    kernels.choose_kernels()
    assert environment == expected


def test_no_more_is_read_than_the_facts_of_the_first_processor(tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text("model name\t: Fast One\nflags\t\t: sse avx2\n\nmodel name\t: Other\nbugs: 1\n")
    first = {"model name": "Fast One", "flags": "sse avx2"}
    assert kernels.processor_facts(str(file)) == first
    file.write_text("model name: Only One\n")
    assert kernels.processor_facts(str(file)) == {"model name": "Only One"}
    assert kernels.processor_facts(str(tmp_path / "absent")) == {}
