"""train_test_split: no row lost, none twice, shares kept, wrong calls told."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusals import refused
from small_problems import inputs

from glassnet import train_test_split


@given(st.integers(2, 60), st.floats(0.05, 0.95), st.integers(0, 99), st.booleans())
def test_every_row_is_in_one_part_with_its_own_target(
    rows: int, share: float, seed: int, stratify: bool
) -> None:
    X, y = np.arange(rows)[:, None] * [1, 2], np.arange(rows) % 3
    count = round(rows * share)
    if not 0 < count < rows:
        return
    X_train, X_test, y_train, y_test = train_test_split(X, y, share, seed=seed, stratify=stratify)
    assert len(X_test) == count
    assert sorted([*X_train[:, 0], *X_test[:, 0]]) == list(range(rows))
    for part, labels in ((X_train, y_train), (X_test, y_test)):
        np.testing.assert_array_equal(part[:, 0] % 3, labels)
        np.testing.assert_array_equal(part[:, 1], 2 * part[:, 0])


def test_rows_are_drawn_at_random_and_the_seed_gives_them_again() -> None:
    X, y = inputs(100), np.arange(100)
    first, again, other = (train_test_split(X, y, seed=seed)[3] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert set(first) != set(other)
    assert list(first) != sorted(first)
    assert len(first) == 20
    assert set(train_test_split(X, y)[3]) != set(train_test_split(X, y)[3])


def test_a_number_of_test_rows_may_be_given() -> None:
    assert len(train_test_split(inputs(10), np.arange(10), 3)[1]) == 3
    assert len(train_test_split(inputs(10), np.arange(10), np.int64(9))[1]) == 9


@pytest.mark.parametrize("form", [lambda y: y, lambda y: np.eye(3)[y], lambda y: y[:, None]])
@pytest.mark.parametrize("share", [0.25, 0.5, 40])
def test_stratified_parts_have_the_shares_of_the_labels(form: Any, share: Any) -> None:
    y = np.repeat([0, 1, 2], [60, 30, 10])
    *_, labels = train_test_split(inputs(100), form(y), share, seed=0, stratify=True)
    labels = labels.argmax(axis=1) if labels.ndim == 2 and labels.shape[1] == 3 else labels.ravel()
    wanted = len(labels) * np.array([0.6, 0.3, 0.1])
    assert np.abs(np.bincount(labels, minlength=3) - wanted).max() < 1.0


def test_words_and_images_are_split_as_they_are() -> None:
    images = np.arange(10 * 4 * 4, dtype=np.uint8).reshape(10, 4, 4)
    words = ["even", "odd"] * 5
    X_train, X_test, y_train, y_test = train_test_split(images, words, 4, seed=0, stratify=True)
    assert (X_train.shape, X_test.shape) == ((6, 4, 4), (4, 4, 4))
    assert X_train.dtype == np.uint8
    assert sorted(y_test) == ["even", "even", "odd", "odd"]
    assert len(y_train) == 6


def test_parts_are_copies() -> None:
    X, y = inputs(10), np.arange(10)
    for part in train_test_split(X, y, seed=0):
        assert not np.shares_memory(part, X)
        assert not np.shares_memory(part, y)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"y": np.arange(9)}, ValueError, ("X and y must have one entry", "(10, 3)", "(9,)")),
        ({"X": 3.0}, ValueError, ("X and y must have one entry", "()")),
        ({"y": None}, ValueError, ("X and y must have one entry",)),
        ({"test_size": 0.0}, ValueError, ("test_size must be a number in (0, 1)", "0.0")),
        ({"test_size": 1.0}, ValueError, ("test_size must be", "1.0")),
        ({"test_size": 0}, ValueError, ("test_size must be an integer of at least 1", "0")),
        ({"test_size": -2}, ValueError, ("test_size must be", "-2")),
        ({"test_size": 10}, ValueError, ("test_size=10 of 10 rows leaves 0 rows to train",)),
        ({"test_size": 0.01}, ValueError, ("test_size=0.01 of 10 rows", "0 to test with")),
        ({"test_size": True}, TypeError, ("test_size must be", "True")),
        ({"test_size": "half"}, TypeError, ("test_size must be", "'half'")),
        ({"seed": -1}, ValueError, ("seed must be", "-1")),
        ({"seed": 1.5}, ValueError, ("seed must be", "1.5")),
        ({"stratify": 1}, TypeError, ("stratify must be True or False", "1")),
        ({"stratify": np.arange(10)}, TypeError, ("stratify must be True or False",)),
    ],
)
def test_wrong_calls_are_refused(
    changes: dict[str, Any], error: type[Exception], words: tuple[str, ...]
) -> None:
    call = {"X": inputs(10), "y": np.arange(10), **changes}
    refused(lambda: train_test_split(**call), error, *words)


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.linspace(0.0, 1.0, 40), ("y has real numbers",)),
        (np.array([0.0, np.nan] * 20), ("y has real numbers",)),
        (np.arange(40), ("y has 40 different values in 40 rows",)),
        ([f"name {i // 1.5}" for i in range(40)], ("different values in 40 rows",)),
    ],
)
def test_only_labels_can_be_stratified(y: Any, words: tuple[str, ...]) -> None:
    split = partial(train_test_split, inputs(40), y, seed=0, stratify=True)
    refused(split, ValueError, "stratify=True needs labels", "stratify=False", *words)


def test_labels_of_any_object_can_be_stratified() -> None:
    y = np.array(["a", None, 1, 1.5] * 10, object)
    *_, labels = train_test_split(inputs(40), y, 0.5, seed=0, stratify=True)
    assert sorted(map(repr, labels)) == sorted(map(repr, y[:20]))


def test_ragged_lists_are_told_in_words() -> None:
    ragged = [[1, 2], [1], [1, 2]]
    words = ("is not a regular array: row 1 has 1 values where row 0 has 2",)
    refused(lambda: train_test_split(ragged, [0, 1, 2]), ValueError, "X", *words)
    refused(lambda: train_test_split([[0], [1], [2]], ragged), ValueError, "y", *words)


def test_many_labels_are_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    plain = np.flatnonzero
    monkeypatch.setattr(np, "flatnonzero", lambda *a: calls.append(1) or plain(*a))
    y = np.arange(4000) % 1000
    *_, labels = train_test_split(np.arange(4000), y, 0.25, seed=0, stratify=True)
    assert len(calls) < 10
    np.testing.assert_array_equal(np.sort(labels), np.arange(1000))
