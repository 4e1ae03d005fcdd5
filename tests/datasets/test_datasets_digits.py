"""The digits inside the package: equal to their source, small, and described."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from glassnet.datasets import digits, load_digits, read_idx


def test_digits_have_the_shapes_and_ranges_that_are_promised() -> None:
    X, y = load_digits()
    assert (X.shape, X.dtype) == ((1797, 64), np.float32)
    assert (y.shape, y.dtype) == ((1797,), np.int64)
    assert X.min() == 0.0
    assert X.max() == 1.0
    np.testing.assert_array_equal(X * 16, np.rint(X * 16))
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_first_digit_is_the_zero_of_the_source() -> None:
    X, y = load_digits()
    assert y[:5].tolist() == [0, 1, 2, 3, 4]
    assert (X[0, :16] * 16).tolist() == [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0]


def test_digits_equal_those_of_scikit_learn() -> None:
    theirs = pytest.importorskip("sklearn.datasets").load_digits()
    X, y = load_digits()
    np.testing.assert_array_equal(X * 16, theirs.data)
    np.testing.assert_array_equal(y, theirs.target)


def test_each_call_gives_arrays_of_its_own() -> None:
    X, y = load_digits()
    X[:], y[:] = 0.5, 5
    assert load_digits()[0].max() == 1.0
    assert load_digits()[1].max() == 9


def test_the_files_are_small_and_their_readme_names_source_licence_and_checksums() -> None:
    text = (digits.FILES / "README.md").read_text(encoding="utf-8")
    assert "Alpaydin" in text
    assert "CC BY 4.0" in text
    files = sorted(digits.FILES.glob("*.gz"))
    assert len(files) == 2
    assert sum(path.stat().st_size for path in files) < 100_000
    for path in files:
        content = read_idx(path).tobytes()
        checksum = hashlib.sha256(content).hexdigest()
        assert f"| {path.name} | {len(content):,} | {checksum} |" in text
