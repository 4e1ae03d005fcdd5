"""Python values as JSON and arrays: there and back they are what they were, or are refused."""

import json
import math
from collections import Counter, OrderedDict
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from glassnet import ModelFileError
from glassnet.saving import checkpoints
from glassnet.saving.base import RefusedError
from glassnet.saving.exact import packed, unpacked
from glassnet.saving.snapshot import Snapshot


def back(value):
    arrays = {}
    text = json.dumps(packed(value, arrays), allow_nan=False)
    return unpacked(json.loads(text), arrays)


def same(one, other):
    """Equal, and of the same types all the way down."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, (np.ndarray, np.generic)):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype != "?")
    return repr(one) == repr(other)


KEYS = some.none() | some.booleans() | some.integers(-(2**70), 2**70) | some.text(max_size=5)
KEYS |= some.sampled_from(["", "of", "odd", "tuple", -0.0, math.inf, (1, "a"), np.float32(0.1)])
NUMBERS = [np.float32("nan"), np.int8(-3), np.bool_(True), np.uint64(2**64 - 1), np.float16(0.1)]
ARRAYS = [np.arange(6.0).reshape(2, 3), np.zeros((0, 2), "f4"), np.array(3), np.array([True])]
LEAVES = KEYS | some.floats() | some.sampled_from([*NUMBERS, *ARRAYS])
VALUES = some.recursive(
    LEAVES,
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.lists(inner, max_size=3).map(tuple)
        | some.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(VALUES)
def test_values_come_back_as_they_were(value):
    assert same(back(value), value)


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ({1, 2}, "type set"),
        (b"bytes", "type bytes"),
        (1j, "type complex"),
        (Fraction(1, 3), "type Fraction"),
        (Counter("ab"), "type Counter"),
        (OrderedDict(a=1), "type OrderedDict"),
        (np.array(["a"]), "ndarray of <U1"),
        (np.array([1j]), "ndarray of complex128"),
        (np.array([None]), "ndarray of object"),
        (np.datetime64("2026-01-01"), "datetime64 of datetime64"),
        (np.ma.masked_array([1.0]), "MaskedArray"),
        (len, "builtin_function"),
    ],
)
def test_what_would_come_back_as_something_else_is_refused(value, word):
    with pytest.raises(RefusedError, match=word) as caught:
        packed({"seen": [0, value]}, {}, "top")
    assert caught.value.where == "top > seen > 1"


def test_what_holds_itself_is_refused():
    value = []
    value.append(value)
    with pytest.raises(RefusedError, match="levels deep"):
        packed(value, {})


@pytest.mark.parametrize(
    "value",
    [
        ["deep"] * 1,
        10**90,
        "\ud800",
        list(range(90_000)),
        [[]] * 40_000,
        "x" * 3 * 2**20,
    ],
    ids=["deep", "digits", "half a character", "many", "many lists", "long"],
)
def test_no_checkpoint_is_written_that_could_not_be_read(value, tmp_path):
    for _ in range(30 if value == ["deep"] else 0):
        value = [value]
    path = tmp_path / "checkpoint-000000001.safetensors"
    found = Snapshot({"records": [], "times": [], "value": value}, {})
    with pytest.raises(ModelFileError, match="cannot be written"):
        checkpoints.write(str(path), found, {})
    assert not path.exists()


MADE = [
    {"": "set", "of": []},
    {"": []},
    {"": []} | {"of": 1},
    {"": "float", "of": "1e999"},
    {"": "float", "of": []},
    {"": "array", "of": "values.9"},
    {"": "array", "of": {}},
    {"": "number", "of": ["|O", 1]},
    {"": "number", "of": ["<f4"]},
    {"": "number", "of": [["<f4"], 1]},
    {"": "number", "of": ["|u1", 300]},
    {"": "number", "of": ["<f4", "a"]},
    {"": "number", "of": 3},
    {"": "dict", "of": [[[], 1]]},
    {"": "dict", "of": [1]},
    {"": "dict", "of": None},
    {"": "tuple", "of": None},
]


@pytest.mark.parametrize("value", MADE, ids=repr)
def test_what_was_never_packed_is_refused(value, tmp_path, monkeypatch):
    path = tmp_path / "a"
    monkeypatch.setattr(checkpoints, "packed", lambda state, arrays: state)
    found = Snapshot({"records": [], "times": [], "value": value}, {})
    checkpoints.write(str(path), found, {})
    with pytest.raises(ModelFileError, match="not a training"):
        checkpoints.read(str(path))
