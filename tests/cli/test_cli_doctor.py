"""`glassnet doctor`.

The measuring is cut short; advice is tested on made-up machines.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from cli_helpers import Runner

from glassnet import blas
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
        "speed": {"matmul_gflops": 123.4, "steps_per_second": {1: 5000.0, 2: 4900.0}},
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
        (
            {"speed": {"matmul_gflops": 1.0, "steps_per_second": {1: 4500.0, 2: 1500.0}}},
            "OPENBLAS_NUM_THREADS=1 makes small networks 3.0 x as fast here (other programs use",
        ),
    ],
)
def test_what_could_be_better_is_told(changes: dict[str, Any], advice: str) -> None:
    facts = found(**changes)
    facts["advice"] = doctor.advise(facts)
    assert len(facts["advice"]) == 1
    assert advice in facts["advice"][0]
    assert f"- {facts['advice'][0]}" in doctor.describe(facts)


@pytest.mark.parametrize(
    ("steps", "threads"), [({1: 129.0, 2: 100.0}, 2), ({1: 500.0, 2: 100.0}, 1), ({0: 9.0}, None)]
)
def test_one_thread_is_advised_only_where_more_are_used_and_slower(
    steps: dict[int, float], threads: int | None
) -> None:
    speed = {"matmul_gflops": 1.0, "steps_per_second": steps}
    assert doctor.advise(found(speed=speed, blas={"threads": threads})) == []


@pytest.mark.parametrize(("before", "measured"), [(1, [1, 3]), (2, [1, 2]), (None, [0])])
def test_training_is_measured_with_one_thread_and_with_all_which_are_put_back(
    monkeypatch: pytest.MonkeyPatch, before: int | None, measured: list[int]
) -> None:
    asked: list[int] = []

    def remember(count: int) -> bool:
        asked.append(count)
        return True

    monkeypatch.setattr(blas, "set_threads", remember)
    monkeypatch.setattr(doctor, "training_steps", float)
    monkeypatch.setattr(doctor, "cores", lambda: 3)
    assert list(doctor.steps_by_threads(0, before)) == measured
    assert asked[-1:] == ([] if before is None else [before])


def test_a_blas_whose_threads_cannot_be_set_is_measured_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blas, "set_threads", lambda count: False)
    monkeypatch.setattr(doctor, "training_steps", lambda seed: 7.0)
    assert doctor.steps_by_threads(0, 2) == {0: 7.0}
    speed = {"matmul_gflops": 1.0, "steps_per_second": {0: 7.0}}
    assert "\ntraining         7 steps/s" in doctor.describe(found(advice=[], speed=speed))


def test_slow_kernels_are_right_where_there_are_no_faster_ones() -> None:
    assert doctor.advise(found(blas={"kernels": "Haswell"}, avx512=False)) == []


def test_a_machine_in_good_order_is_told_so() -> None:
    assert "nothing to do" in doctor.describe(found(advice=[]))


def test_the_processor_is_read_from_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = tmp_path / "cpuinfo"
    facts.write_text("model name : Fast One\nflags : sse avx512f\nmodel name : Other\n\n")
    read = doctor.processor_facts(str(facts))
    assert (read["model name"], read["flags"]) == ("Fast One", "sse avx512f")
    assert doctor.processor_facts(str(tmp_path / "absent")) == {}
    monkeypatch.setattr(doctor, "processor_facts", dict)
    assert doctor.processor()
    assert not doctor.has_avx512()


def test_cores_are_counted_on_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert doctor.cores() == 3


def test_a_package_that_is_absent_has_no_version() -> None:
    assert doctor.installed("a-package-that-nobody-has") is None
