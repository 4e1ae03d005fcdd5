"""Targets stay as they came, a large file on its disk: how much memory a training takes, and that
it gives the same bits however the targets are kept."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_problems import Array, amounts, inputs, state, three_classes

from glassnet import SGD, Fleet, Network
from glassnet.intake import data
from glassnet.intake.arrays import BLOCK

MANY = 2_000_000
MEGABYTE = 1_000_000
FLAGS = np.arange(MANY) % 3 > 0


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Array:
    """(MANY, 32) bytes, all 0, in a file that most file systems keep no block for."""
    path = tmp_path_factory.mktemp("large") / "X"
    return np.asarray(np.memmap(path, np.uint8, "w+", shape=(MANY, 32)))


def on_disk(folder: Path, y: Array) -> Array:
    np.save(folder / "y.npy", y)
    return np.asarray(np.load(folder / "y.npy", mmap_mode="r"))


def peak(net: Network, X: Array, y: Array, **options: Any) -> int:
    tracemalloc.start()
    try:
        net.fit(X, y, epochs=1, batch_size=20_000, **options)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


TARGETS = {
    "labels in bytes": ("u1", 1, {}),
    "labels in bytes of two classes": ("u1", 2, {}),
    "labels as int64": ("i8", 2, {}),
    "labels as floats": ("f8", 2, {}),
    "flags as floats": ("f4", 1, {}),
    "real numbers": ("f8", 1, {"loss": "squared_error"}),
    "large real numbers": ("f8", 1, {"loss": "squared_error"}),
}


@pytest.mark.parametrize("case", TARGETS)
@pytest.mark.parametrize("standardize", [False, True])
def test_the_memory_of_a_training_does_not_grow_with_targets_on_the_disk(
    case: str, standardize: bool, large: Array, tmp_path: Path
) -> None:
    kind, outputs, settings = TARGETS[case]
    y = on_disk(tmp_path, FLAGS.astype(kind) * (1 + ("large" in case)))
    net = Network([32, outputs], seed=0, **settings)
    assert peak(net, large, y, standardize=standardize) < 13 * MEGABYTE  # the first BLOCKs: 10


def test_targets_with_gaps_take_no_more_memory(large: Array, tmp_path: Path) -> None:
    y = FLAGS.astype("f4")
    y[::5] = np.nan
    assert (
        peak(Network([32, 1], seed=0), large, on_disk(tmp_path, y), missing="mask") < 9 * MEGABYTE
    )


def test_one_hot_rows_and_classes_take_a_byte_a_row(large: Array, tmp_path: Path) -> None:
    net, named = Network([32, 2], seed=0), Network([32, 2], seed=0, classes=[0, 1])
    one_hot = np.stack([~FLAGS, FLAGS], axis=1).astype("f4")
    limit = MANY + 11 * MEGABYTE
    assert peak(net, large, on_disk(tmp_path, one_hot)) < limit
    assert peak(named, large, on_disk(tmp_path, FLAGS.astype("u1"))) < limit
    assert net.parameters.tobytes() == named.parameters.tobytes()


# Few targets are converted once, many batch by batch: the bits are the same.

X, Y = three_classes()
_, NUMBERS = amounts(45, outputs=2)
GAPS = np.where(inputs(45, 2, seed=3) > 1, np.nan, NUMBERS)


def both_ways(monkeypatch: pytest.MonkeyPatch, make: Any, y: Any, **options: Any) -> list[Any]:
    found = []
    for few in (data.FEW_TARGETS, 0):
        monkeypatch.setattr(data, "FEW_TARGETS", few)
        net = make()
        net.fit(X, y, **{"epochs": 3, "batch_size": 10, **options})
        found.append([net.parameters.tobytes(), net.history[-1], net.evaluate(X, y)])
    return found


OPTIONS: list[dict[str, Any]] = [
    {},
    {"standardize": True},
    {"batch_size": 45},
    {"optimizer": SGD(0.01), "validation_split": 0.2, "standardize": True},
    {"sample_weight": np.linspace(0, 1, 45), "standardize": True},
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("kind", ["f4", "f8", ">f4", "f2", "g", "i2", "u1", "F", "strided", "?"])
def test_numbers_give_the_same_bits_converted_at_once_or_by_the_batch(
    kind: str, options: dict[str, Any], dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    y = np.abs(NUMBERS * 10) % 7
    forms = {"F": np.asfortranarray, "strided": lambda y: np.hstack([y, y, y])[::-1, 1:3][::-1]}
    y = np.asarray(forms[kind](y) if kind in forms else y.astype(kind))

    def make() -> Network:
        return Network([3, 4, 2], loss="squared_error", dtype=dtype, seed=0)

    once, by_batch = both_ways(monkeypatch, make, y, **options)
    assert str(once) == str(by_batch)
    as_float64 = both_ways(monkeypatch, make, np.array(y, np.float64, order="C"), **options)
    assert str(once) == str(as_float64[0])


@pytest.mark.parametrize("standardize", [False, True])
def test_gaps_give_the_same_bits_converted_at_once_or_by_the_batch(
    standardize: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make() -> Network:
        return Network([3, 4, 2], seed=0)

    options: dict[str, Any] = {"missing": "mask", "standardize": standardize}
    once, by_batch = both_ways(monkeypatch, make, GAPS, **options)
    assert str(once) == str(by_batch)


@pytest.mark.parametrize("kind", ["i1", "u1", "i8", "u8", ">i2", "f4", "f8", "list", "memmap"])
@pytest.mark.parametrize("options", [{}, {"class_weight": "balanced", "validation_split": 0.2}])
def test_labels_of_any_kind_give_the_same_bits(
    kind: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    y = on_disk(tmp_path, Y.astype("u1")) if kind == "memmap" else Y
    y = y.tolist() if kind == "list" else y if kind == "memmap" else y.astype(kind)
    wanted = both_ways(monkeypatch, lambda: Network([3, 4, 3], seed=0), Y, **options)
    assert both_ways(monkeypatch, lambda: Network([3, 4, 3], seed=0), y, **options) == wanted
    assert wanted[0] == wanted[1]


def test_bools_are_the_labels_0_and_1_also_by_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    def make() -> Network:
        return Network([3, 4, 2], loss="softmax_cross_entropy", seed=0)

    options: dict[str, Any] = {"class_weight": {0: 1.0, 1: 3.0}}
    wanted = both_ways(monkeypatch, make, (Y > 0).astype(int), **options)
    assert both_ways(monkeypatch, make, Y > 0, **options) == wanted


@pytest.mark.parametrize("own_order", [False, True])
@pytest.mark.parametrize("standardize", [False, True])
def test_fleets_give_the_same_bits_converted_at_once_or_by_the_batch(
    own_order: bool, standardize: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make() -> Fleet:
        return Fleet([3, 4, 2], 3, seed=0, own_order=own_order)

    once, by_batch = both_ways(monkeypatch, make, NUMBERS, standardize=standardize)
    assert str(once) == str(by_batch)


def test_what_is_wrong_is_found_in_any_block() -> None:
    many = np.zeros((BLOCK + 5, 1), "f4")
    y = np.zeros(BLOCK + 5, "i1")
    y[-2] = 2
    with pytest.raises(ValueError, match=rf"from 0 to 1, .* got 2 at index {BLOCK + 3}\."):
        Network([1, 2], seed=0).fit(many, y)
    with pytest.raises(ValueError, match=r"it goes from 0 to 2\. For other"):
        Network([1, 1], loss="logistic", seed=0).fit(many, y)
    y[-3] = -3
    with pytest.raises(ValueError, match=r"must not be negative; the lowest is -3\."):
        Network([1, 1], loss="poisson", seed=0).fit(many, y)
    with pytest.raises(ValueError, match=rf"label -3 at index {BLOCK + 2}, which is not in"):
        Network([1, 2], classes=[0, 2], seed=0).fit(many, y)


def test_the_loss_goes_by_the_targets_of_every_block() -> None:
    many, settled = np.zeros((BLOCK + 5, 1), "f4"), []
    for last in (1, 2):
        y = np.zeros(BLOCK + 5, "f4")
        y[-1] = last
        net = Network([1, 1], seed=0)
        net.fit(many, y, epochs=1, batch_size=BLOCK)
        settled.append(state(net)["loss"].name)
    assert settled == ["logistic", "squared_error"]
