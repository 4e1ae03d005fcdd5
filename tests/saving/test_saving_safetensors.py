"""The container: what is written is read back, by the reference too; hostile bytes are refused."""

import json
import struct

import hostile_builders as build
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from glassnet.saving.safetensors import (
    DTYPES,
    MAX_HEADER,
    RefusedError,
    decode,
    encode,
)

names = st.from_regex(r"[a-z][a-z0-9_\-]{0,8}(\.[a-z0-9]{1,4}){0,2}", fullmatch=True)
arrays = hnp.arrays(
    st.sampled_from(sorted(DTYPES.values())).map(np.dtype),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


def written(metadata, tensors):
    return b"".join(encode(metadata, tensors))


@given(st.dictionaries(names, arrays, max_size=5))
def test_the_reference_reads_what_we_write(tensors):
    reference = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")
    copies = reference.load(written({"glassnet": "é"}, tensors))
    assert set(copies) == set(tensors)
    for name, array in tensors.items():
        assert copies[name].dtype == array.dtype
        assert copies[name].shape == array.shape
        assert copies[name].tobytes() == array.tobytes()


@given(st.dictionaries(names, arrays, max_size=5))
def test_we_read_what_the_reference_writes(tensors):
    reference = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")
    metadata, copies = decode(reference.save(tensors, {"glassnet": "é"}))
    assert metadata == {"glassnet": "é"}
    for name, array in tensors.items():
        assert copies[name].tobytes() == array.tobytes()


@given(st.dictionaries(names, arrays, max_size=5))
def test_every_tensor_lies_at_a_multiple_of_its_item(tensors):
    data = written({}, tensors)
    length = int.from_bytes(data[:8], "little")
    assert length % 8 == 0
    table = json.loads(data[8 : 8 + length])
    for name, array in tensors.items():
        assert table[name]["data_offsets"][0] % array.itemsize == 0


def test_white_space_around_the_header_is_read_but_only_spaces_behind_it_are_written():
    entry = {"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}
    for before, behind in [(" \n", ""), ("", "\t\r\n "), (" " * 70, " ")]:
        data = build.pack((before + json.dumps(entry) + behind).encode(), b"\x07")
        assert decode(data)[1]["a"].tolist() == [7]
    data = written({}, {"a": np.ones(1, np.uint8)})
    assert data[8:9] == b"{"
    assert data[8:-1].rstrip(b" ")[-1:] == b"}"


def test_a_file_without_tensors_is_a_file():
    assert decode(written({}, {})) == ({}, {})


def test_a_header_length_that_looks_like_a_pickle_is_no_pickle():
    text = b"{}" + b" " * (0x0480 - 2)
    data = struct.pack("<Q", len(text)) + text
    assert data.startswith(b"\x80\x04")
    assert decode(data) == ({}, {})


def test_what_could_not_be_read_again_is_not_written():
    with pytest.raises(RefusedError, match="allowed are 2097152"):
        encode({"a": "x" * MAX_HEADER}, {})
    with pytest.raises(RefusedError, match="10001 tensors"):
        encode({}, {str(n): np.zeros(0, np.uint8) for n in range(10_001)})
