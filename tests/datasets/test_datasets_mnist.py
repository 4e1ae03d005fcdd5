"""MNIST: where it is looked for, in what forms, and what is refused."""

from __future__ import annotations

import gzip
import hashlib
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from glassnet.datasets import load_mnist, mnist, places

REPOSITORY = Path(__file__).parents[2] / "data" / "mnist"
NAMES = [name for name, _, _ in mnist.FILES]
needs_files = pytest.mark.skipif(
    not all((REPOSITORY / f"{name}.gz").exists() for name in NAMES),
    reason="needs the data of a checkout",
)


def as_idx(array: NDArray[Any]) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def small_set(seed: int = 0) -> dict[str, bytes]:
    """A few rows in the form of MNIST: 5 to train on, 3 to test on; labels count from `seed`."""
    images = np.random.default_rng(seed).integers(0, 256, (8, 28, 28), dtype=np.uint8)
    labels = ((np.arange(8) + seed) % 10).astype(np.uint8)
    parts = (images[:5], labels[:5], images[5:], labels[5:])
    return dict(zip(NAMES, map(as_idx, parts), strict=True))


def put(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No data set is on this machine, unless a test puts one there."""
    monkeypatch.delenv("GLASSNET_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(places, "in_checkout", lambda name: None)


def first_label(**options: Any) -> int:
    return int(load_mnist(download=False, **options).y_train[0])


@needs_files
def test_the_files_of_the_repository_are_mnist() -> None:
    for name, size, sha256 in mnist.FILES:
        content = gzip.decompress((REPOSITORY / f"{name}.gz").read_bytes())
        assert len(content) == size
        assert hashlib.sha256(content).hexdigest() == sha256


@needs_files
def test_the_readme_beside_the_files_has_their_checksums() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    for name, size, sha256 in mnist.FILES:
        packed = (REPOSITORY / f"{name}.gz").read_bytes()
        md5 = hashlib.md5(gzip.decompress(packed), usedforsecurity=False).hexdigest()
        assert f"| {name} | {size:,} | {md5} | {sha256} |" in text
        assert f"| {name}.gz | {hashlib.sha256(packed).hexdigest()} |" in text
    assert "CC BY-SA 3.0" in text


@needs_files
def test_mnist_is_found_in_a_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "in_checkout", lambda name: REPOSITORY)
    X_train, y_train, X_test, y_test = load_mnist(download=False)
    assert (X_train.shape, X_train.dtype) == ((60_000, 784), np.uint8)
    assert (X_test.shape, X_test.dtype) == ((10_000, 784), np.uint8)
    assert (y_train.shape, y_train.dtype) == ((60_000,), np.int64)
    assert (y_test.shape, y_test.dtype) == ((10_000,), np.int64)
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert X_train.mean(dtype=np.float64) == pytest.approx(33.318421, abs=1e-6)
    assert X_train[0].reshape(28, 28)[5, 12:16].tolist() == [3, 18, 18, 18]
    X_train[0, 0] = 1  # the arrays are the caller's own


def test_the_package_knows_the_checkout_that_it_runs_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    inside = tmp_path / "clone" / "src" / "glassnet" / "datasets" / "places.py"
    monkeypatch.setattr(places, "__file__", str(inside))
    assert places.in_checkout("mnist") == (tmp_path / "clone" / "data" / "mnist").resolve()
    installed = tmp_path / "site-packages" / "glassnet" / "datasets" / "places.py"
    monkeypatch.setattr(places, "__file__", str(installed))
    assert places.in_checkout("mnist") is None


@pytest.mark.parametrize("dot", [False, True])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("own_folder", [False, True])
def test_each_spelling_of_the_names_is_found(
    tmp_path: Path, dot: bool, packed: bool, own_folder: bool
) -> None:
    for name, content in small_set().items():
        spelling = name.replace("-idx", ".idx") if dot else name
        folder = tmp_path / spelling if own_folder else tmp_path
        folder.mkdir(exist_ok=True)
        path = folder / (spelling + ".gz" * packed)
        path.write_bytes(gzip.compress(content) if packed else content)
    found = load_mnist(tmp_path, download=False)
    assert found.X_train.shape == (5, 784)
    assert found.y_test.tolist() == [5, 6, 7]
    np.testing.assert_array_equal(
        found.X_test[0], np.frombuffer(small_set()[NAMES[2]][16 : 16 + 784], np.uint8)
    )


def test_kaggles_edition_with_folders_beside_files_is_found(tmp_path: Path) -> None:
    files = small_set()
    put(tmp_path, {name.replace("-idx", ".idx"): content for name, content in files.items()})
    for name, content in files.items():
        put(tmp_path / name, {name: content})
    assert first_label(folder=str(tmp_path)) == 0


def test_the_places_are_looked_in_in_their_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folders = ["given", "data/mnist", "data", "checkout", "cache/glassnet/mnist"]
    given, data_mnist, data, checkout, cache = (
        put(tmp_path / folder, small_set(seed)) for seed, folder in enumerate(folders)
    )
    monkeypatch.setattr(places, "in_cache", lambda name: cache)
    monkeypatch.setattr(places, "in_checkout", lambda name: checkout)
    monkeypatch.setenv("GLASSNET_DATA", str(data))
    assert first_label(folder=given) == 0
    assert first_label() == 1
    (data_mnist / NAMES[3]).unlink()
    assert first_label() == 2
    (data / NAMES[0]).unlink()
    assert first_label() == 3
    (checkout / NAMES[1]).unlink()
    assert first_label() == 4


def test_a_given_folder_is_the_only_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GLASSNET_DATA", str(put(tmp_path / "data", small_set())))
    with pytest.raises(FileNotFoundError, match="typo"):
        load_mnist(tmp_path / "typo", download=False)
    assert not (tmp_path / "typo").exists()


def test_without_download_the_error_lists_where_it_was_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GLASSNET_DATA", str(tmp_path / "data"))
    with pytest.raises(FileNotFoundError) as caught:
        load_mnist(download=False)
    for place in ("data", "data/mnist"):
        assert str(tmp_path / place) in str(caught.value)
    assert "load_mnist(folder)" in str(caught.value)


def test_a_home_is_put_in_for_its_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    put(tmp_path / "digits", small_set(3))
    assert first_label(folder="~/digits") == 3
    monkeypatch.setenv("GLASSNET_DATA", "~/digits")
    assert first_label() == 3


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "env"),
        ("linux", None, "home/.cache"),
        ("darwin", "XDG_CACHE_HOME", "home/Library/Caches"),
        ("win32", "LOCALAPPDATA", "env"),
        ("win32", None, "home/AppData/Local"),
    ],
)
def test_the_cache_is_where_the_system_keeps_caches(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    platform: str,
    variable: str | None,
    expected: str,
) -> None:
    monkeypatch.setattr(places.sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("LOCALAPPDATA")
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "env"))
    assert places.in_cache("mnist") == tmp_path / expected / "glassnet" / "mnist"
    assert places.download_folder("mnist") == places.in_cache("mnist")
    monkeypatch.setenv("GLASSNET_DATA", str(tmp_path / "data"))
    assert places.download_folder("mnist") == tmp_path / "data" / "mnist"


def test_a_cache_folder_that_is_not_absolute_is_ignored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(places.sys, "platform", "linux")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/cache")
    assert places.in_cache("x") == tmp_path / ".cache" / "glassnet" / "x"


def test_a_process_without_a_home_gets_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("LOCALAPPDATA")
    with pytest.raises(FileNotFoundError, match=r"no cache folder.*GLASSNET_DATA"):
        load_mnist()
    assert places.places("mnist") == []


def changed(name: str, array: NDArray[Any]) -> dict[str, bytes]:
    return small_set() | {name: as_idx(array)}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (changed(NAMES[0], np.zeros((5, 20, 20), np.uint8)), r"\(5, 20, 20\).*\(rows, 28, 28\)"),
        (changed(NAMES[0], np.zeros((5, 784), np.uint8)), r"\(5, 784\)"),
        (changed(NAMES[1], np.zeros(4, np.uint8)), "one uint8 for each of the 5 images"),
        (changed(NAMES[3], np.zeros((3, 1), np.uint8)), r"\(3, 1\)"),
        (changed(NAMES[3], np.array([1, 10, 2], np.uint8)), "label 10"),
        (small_set() | {NAMES[2]: small_set()[NAMES[2]][:-1]}, "cut short"),
        (small_set() | {NAMES[2]: small_set()[NAMES[3]]}, r"holds uint8 of shape \(3,\)"),
    ],
    ids=["size", "flat", "too few labels", "a column", "label", "cut", "labels for images"],
)
def test_files_that_do_not_fit_are_refused_by_name(
    tmp_path: Path, files: dict[str, bytes], reason: str
) -> None:
    put(tmp_path, files)
    with pytest.raises(ValueError, match=reason) as caught:
        load_mnist(tmp_path)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("wrong", [3, True, b"data", ["data"]])
def test_a_folder_that_is_none_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="folder="):
        load_mnist(wrong)


def test_one_address_in_place_of_a_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="mirrors="):
        load_mnist(tmp_path, mirrors="https://example.org")


def test_every_mirror_is_reached_over_a_secure_connection() -> None:
    assert all(re.fullmatch(r"https://[^ ]+[^/]", mirror) for mirror in mnist.MIRRORS)


def test_nothing_of_a_download_is_imported_before_one() -> None:
    code = (
        "import sys, glassnet.datasets;"
        "print([m for m in ('urllib.request', 'ssl', 'socket', 'gzip', 'http.client', "
        "'glassnet.datasets.download') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
