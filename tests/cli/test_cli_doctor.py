"""`glassnet doctor`.

The measuring is cut short; advice is tested on made-up machines.
"""

from typing import Any

import pytest
from cli_helpers import Runner

from glassnet.cli import doctor


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "SECONDS", 0.0001)


@pytest.mark.usefixtures("quick")
def test_doctor_tells_versions_blas_and_speed(run: Runner) -> None:
    code, out, err = run("doctor")
    assert (code, err) == (0, "")
    for word in ("Python", "NumPy", "BLAS kernels", "GFLOP/s", "steps/s", "OPENBLAS_CORETYPE"):
        assert word in out


@pytest.mark.usefixtures("quick")
def test_doctor_gives_the_same_as_json(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    document = run("doctor", "--json").document
    assert document["environment"]["OMP_NUM_THREADS"] == "7"
    assert set(document["blas"]) == {"library", "version", "kernels", "threads"}
    assert document["speed"]["matmul_gflops"] > 0
    assert document["speed"]["steps_per_second"] > 0
    assert document["cores"] >= 1


def found(**changes: Any) -> dict[str, Any]:
    """What a well set up machine shows, with changes."""
    blas = {"library": "OpenBLAS", "version": "0.3", "kernels": "SkylakeX", "threads": 2}
    facts: dict[str, Any] = {
        "glassnet": "1",
        "python": "3.11",
        "numpy": "2.4",
        "platform": "Linux",
        "processor": "P",
        "speed": {"matmul_gflops": 123.4, "steps_per_second": 5000.4},
        "extras": {"matplotlib": "3.8"},
        "environment": {"OMP_NUM_THREADS": None},
        "avx512": True,
        "cores": 2,
        "blas": blas | changes.pop("blas", {}),
    }
    return facts | changes


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"blas": {"kernels": "Haswell"}}, "OPENBLAS_CORETYPE=SkylakeX"),
        ({"blas": {"kernels": "Zen"}}, "OPENBLAS_CORETYPE=SkylakeX"),
        ({"blas": {"threads": 64}}, "OPENBLAS_NUM_THREADS=2"),
        ({"blas": dict.fromkeys(("library", "version", "kernels", "threads"))}, "not known"),
        ({"extras": {"matplotlib": None}}, 'pip install "glassnet[plots]"'),
    ],
)
def test_what_could_be_better_is_told(changes: dict[str, Any], advice: str) -> None:
    facts = found(**changes)
    facts["advice"] = doctor.advise(facts)
    assert len(facts["advice"]) == 1
    assert advice in facts["advice"][0]
    assert f"- {facts['advice'][0]}" in doctor.describe(facts)


def test_slow_kernels_are_right_where_there_are_no_faster_ones() -> None:
    assert doctor.advise(found(blas={"kernels": "Haswell"}, avx512=False)) == []


def test_a_machine_in_good_order_is_told_so() -> None:
    told = doctor.describe(found(advice=doctor.advise(found())))
    assert "nothing to do" in told
    assert "\ntraining         5,000 steps/s" in told


def test_the_processor_has_a_name_on_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "processor_facts", lambda: {"model name": "Fast One"})
    assert doctor.processor() == "Fast One"
    monkeypatch.setattr(doctor, "processor_facts", dict)
    assert doctor.processor()


def test_a_package_that_is_absent_has_no_version() -> None:
    assert doctor.installed("a-package-that-nobody-has") is None
