"""What is told of the BLAS: of the one that is there, and where nobody can be asked."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from glassnet import Callback, Network, blas


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Each test asks anew, and so does whoever comes after."""
    blas._library.cache_clear()
    blas._built_with.cache_clear()
    yield
    blas._library.cache_clear()
    blas._built_with.cache_clear()


def test_description_has_four_entries_and_is_json() -> None:
    found = blas.describe()
    assert list(found) == ["library", "version", "kernels", "threads"]
    assert json.loads(json.dumps(found)) == found
    assert found["threads"] is None or found["threads"] >= 1


def test_environment_names_numpy_the_machine_and_the_blas() -> None:
    found = blas.environment()
    assert found["numpy"] == np.__version__
    assert found["blas"] == blas.describe()
    assert set(found) == {"numpy", "machine", "blas"}


def numpy_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let NumPy seem to lie in a folder; gives the folder of its libraries."""
    (folder / "numpy").mkdir()
    monkeypatch.setattr(np, "__file__", str(folder / "numpy" / "__init__.py"))
    libraries = folder / "numpy.libs"
    libraries.mkdir()
    return libraries


class Answer:
    """A function of a C library that gives one answer."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.restype = answer, None

    def __call__(self) -> Any:
        return self.answer


def openblas(pattern: str) -> SimpleNamespace:
    answers = {
        "get_num_threads": 3,
        "get_config": b"OpenBLAS 9.9.9  USE64BITINT Haswell MAX_THREADS=64",
        "get_corename": b"Haswell",
    }
    return SimpleNamespace(**{pattern.format(name): Answer(a) for name, a in answers.items()})


@pytest.mark.parametrize("pattern", blas.PREFIXES)
def test_openblas_is_asked_under_any_spelling_of_its_names(
    pattern: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (numpy_at(tmp_path, monkeypatch) / "libscipy_openblas64_-1.so").write_bytes(b"")
    monkeypatch.setattr("ctypes.CDLL", lambda path: openblas(pattern))
    assert blas.describe() == {
        "library": "OpenBLAS",
        "version": "9.9.9",
        "kernels": "Haswell",
        "threads": 3,
    }


def test_where_no_library_lies_beside_numpy_its_build_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numpy_at(tmp_path, monkeypatch).rmdir()
    config = SimpleNamespace(CONFIG={"Build Dependencies": {"blas": {"name": "accelerate"}}})
    monkeypatch.setattr(np, "__config__", config)
    nobody = {"version": None, "kernels": None, "threads": None}
    assert blas.describe() == {"library": "accelerate", **nobody}


def test_where_nothing_is_known_nothing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numpy_at(tmp_path, monkeypatch)
    monkeypatch.setattr(np, "__config__", None)
    assert set(blas.describe().values()) == {None}


def test_a_library_that_cannot_be_loaded_or_knows_no_such_name_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    libraries = numpy_at(tmp_path, monkeypatch)
    for name in ("a_openblas.so", "b_openblas.so", "c_openblas.so"):
        (libraries / name).write_bytes(b"no library")
    known = openblas(blas.PREFIXES[0])

    def load(path: str) -> Any:
        if "a_openblas" in path:
            raise OSError("not a library")
        return SimpleNamespace() if "b_openblas" in path else known

    monkeypatch.setattr("ctypes.CDLL", load)
    assert blas.describe()["threads"] == 3


def test_a_library_that_tells_little_is_told_as_far_as_it_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (numpy_at(tmp_path, monkeypatch) / "openblas.so").write_bytes(b"")
    name = blas.PREFIXES[0].format("get_num_threads")
    monkeypatch.setattr("ctypes.CDLL", lambda path: SimpleNamespace(**{name: Answer(2)}))
    monkeypatch.setattr(np, "__config__", SimpleNamespace(CONFIG={}))
    found = blas.describe()
    assert found == {"library": None, "version": None, "kernels": None, "threads": 2}


def test_threads_are_set_and_put_back() -> None:
    before = blas.describe()["threads"]
    assert blas.set_threads(1) == (before is not None)
    if before is not None:
        assert blas.describe()["threads"] == 1
        assert blas.set_threads(before)
        assert blas.describe()["threads"] == before


@pytest.mark.parametrize(
    ("count", "error"), [(0, ValueError), (-1, ValueError), (1.5, ValueError), (True, TypeError)]
)
def test_what_is_no_number_of_threads_is_refused(count: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="count must be an integer of at least 1"):
        blas.set_threads(count)


def test_the_threads_of_another_library_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numpy_at(tmp_path, monkeypatch)
    assert not blas.set_threads(1)


def test_no_more_threads_are_asked_for_than_a_c_integer_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def take(count: int) -> None:
        asked.append(count)

    (numpy_at(tmp_path, monkeypatch) / "openblas.so").write_bytes(b"")
    names = {"scipy_openblas_get_num_threads64_": Answer(2)}
    names["scipy_openblas_set_num_threads64_"] = take  # type: ignore[assignment]  # a stand-in
    monkeypatch.setattr("ctypes.CDLL", lambda path: SimpleNamespace(**names))
    assert blas.set_threads(2**40)
    assert asked == [blas.MOST_THREADS]


# The threads of a training


@pytest.fixture
def two_threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A BLAS of two threads that only notes what it is told; nobody has decided."""
    told = [2]
    for name in blas.SET_BY_USER:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(blas, "describe", lambda: {"threads": told[-1]})
    monkeypatch.setattr(blas, "set_threads", told.append)
    return told


def test_a_small_training_has_one_thread_while_it_runs(two_threads: list[int]) -> None:
    with blas.threads_for(blas.WORTH_THREADS - 1) as threads:
        assert threads == two_threads[-1] == 1
    assert two_threads[-1] == 2
    with pytest.raises(KeyError), blas.threads_for(0):
        raise KeyError
    assert two_threads[-1] == 2


def test_a_large_training_has_all_threads(two_threads: list[int]) -> None:
    with blas.threads_for(blas.WORTH_THREADS) as threads:
        assert threads == 2
    assert two_threads == [2]


def test_of_two_small_trainings_at_once_the_last_puts_the_threads_back(
    two_threads: list[int],
) -> None:
    first, second = blas.threads_for(0), blas.threads_for(0)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert two_threads[-1] == 1
    second.__exit__(None, None, None)
    assert two_threads[-1] == 2


def test_a_training_that_begins_while_another_ends_puts_all_threads_back(
    two_threads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it asked the BLAS before the other one had ended is not what it puts back."""
    first = blas.threads_for(0)
    first.__enter__()
    ends = iter([first])

    def describe() -> dict[str, Any]:
        threads = two_threads[-1]
        for training in ends:
            training.__exit__(None, None, None)
        return {"threads": threads}

    monkeypatch.setattr(blas, "describe", describe)
    with blas.threads_for(0):
        assert two_threads[-1] == 1
    assert two_threads[-1] == 2


@pytest.mark.parametrize("name", blas.SET_BY_USER)
def test_who_has_decided_about_threads_is_left_alone(
    name: str, two_threads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "2")
    with blas.threads_for(0) as threads:
        assert threads == 2
    assert two_threads == [2]


def test_a_blas_that_nobody_can_ask_is_left_alone(
    two_threads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blas, "describe", lambda: {"threads": None})
    with blas.threads_for(0) as threads:
        assert threads == 0
    assert two_threads == [2]


@pytest.mark.parametrize(("kernels", "largest"), [("SkylakeX", 1_000_000), ("Zen", 0), (None, 0)])
def test_products_are_cut_for_kernels_that_gain_by_it(
    kernels: str | None, largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blas, "_ask", lambda name, text: kernels)
    assert blas.largest_product() == largest


def test_this_process_may_use_a_core_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    assert blas.cores() >= 1
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert blas.cores() == 1


@pytest.mark.parametrize("threads", [0, 1, 2])
def test_a_training_in_one_thread_reads_ahead_and_cuts_products(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    class Watch(Callback):
        def on_fit_begin(self, training: Any) -> None:
            seen.extend([training.plan.reads_ahead, training.plan.largest_product])

    monkeypatch.setattr(blas, "threads_for", lambda largest: contextlib.nullcontext(threads))
    monkeypatch.setattr(blas, "cores", lambda: 2)
    monkeypatch.setattr(blas, "largest_product", lambda: 77)
    Network([2, 1]).fit(np.eye(2), np.array([0, 1]), epochs=1, callbacks=[Watch()])
    assert seen == ([True, 77] if threads == 1 else [False, 0])
