"""Hostile and damaged files of fleets: a fleet or ModelFileError, and nothing else."""

import pytest
from file_actions import loaded, memory_for, untraced
from hostile_fleets import HOSTILE_FLEETS, changed_fleet, good_fleet
from hypothesis import given
from hypothesis import strategies as st

from glassnet import Fleet, ModelFileError, load
from glassnet.core.errors import MESSAGE_LIMIT

SUFFIX, GOOD = ".safetensors", good_fleet()


@pytest.mark.parametrize("case", sorted(HOSTILE_FLEETS))
def test_a_hostile_fleet_gives_a_model_file_error_and_takes_little_memory(tmp_path, case):
    path, data = tmp_path / "a.safetensors", HOSTILE_FLEETS[case]
    path.write_bytes(data)
    with memory_for(data), pytest.raises(ModelFileError) as caught:
        load(path)
    assert type(caught.value) is ModelFileError
    assert caught.value.__cause__ is None
    assert len(str(caught.value)) <= MESSAGE_LIMIT
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("members missing", "the key 'members' is missing"),
        ("kind network with a fleet's keys", "the key 'members' is unknown"),
        ("kind fleets, for the rest a network", "kind 'fleets' must be 'network' or 'fleet'"),
        ("members 10**12", "members 1000000000000 must be a whole number from 1 to 65536"),
        ("members more than in the tensors", r"of shape \(3, 3, 4\), expected .*\(4, 3, 4\)"),
        ("seeds too few", r"seeds \[7, 8\] must be a list of 3 whole numbers of at least 0"),
        ("own order a number", "own_order 0 must be true or false"),
        ("dropout of too few members", r"\[\[0\.25, 0\.5\]\] must be .* or of lists of 3 of them"),
        ("loss of two statistics over three outputs", "gaussian needs a multiple of 2 outputs"),
        ("weights without members", r"of shape \(3, 4\), expected .*\(3, 3, 4\)"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, case, words):
    path = tmp_path / "a.safetensors"
    path.write_bytes(HOSTILE_FLEETS[case])
    with pytest.raises(ModelFileError, match=words):
        load(path)


def test_every_truncation_of_a_fleet_is_refused():
    assert isinstance(loaded(SUFFIX, GOOD), Fleet)
    for length in range(len(GOOD)):
        assert loaded(SUFFIX, GOOD[:length]) is None, length


def test_every_flipped_bit_gives_a_network_or_fleet_or_is_refused():
    data, refused = bytearray(GOOD), 0
    with untraced():
        for place in range(8 * len(data)):
            data[place // 8] ^= 1 << place % 8
            refused += loaded(SUFFIX, data) is None
            data[place // 8] ^= 1 << place % 8
    assert refused > 4000  # most of the header's


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(st.sampled_from(["members", "seeds", "own_order", "dropout", "kind", "seed"]), json_values)
def test_any_value_of_a_field_gives_a_fleet_or_is_refused(field, value):
    made = loaded(SUFFIX, changed_fleet(**{field: value}))
    assert made is None or (isinstance(made, Fleet) and len(made) == 3)
