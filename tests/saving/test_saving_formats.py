"""What holds for the bytes of every format: they come back, hostile ones are refused in words.

To add a format: a line in `HOSTILE_BYTES` and in `BEGINS`. What one format alone has is tested in
the file of its name; what comes of whole files, by `load`, in test_saving_hostile.py.
"""

import json
from contextlib import suppress

import hostile_npz
import hostile_pkl
import hostile_safetensors
import npz_builders
import numpy as np
import pytest
from hostile_builders import HEADER, SHAPES, numbers
from hostile_files import GOOD, HOSTILE
from hypothesis import given
from hypothesis import strategies as st
from tables_to_write import tables, texts

from glassnet import ModelFileError, load
from glassnet.saving import FORMATS, KEY
from glassnet.saving.base import RefusedError

HOSTILE_BYTES = {
    ".safetensors": hostile_safetensors,
    ".npz": hostile_npz,
    ".pkl": hostile_pkl,
}
BEGINS = {".safetensors": b"", ".npz": b"PK\3\4", ".pkl": b"\x80\4}("}
"""What random bytes need to come before them, to be looked at."""

EVERY_GOOD = {
    **{suffix: [data] for suffix, data in GOOD.items()},
    ".npz": [GOOD[".npz"], *map(npz_builders.deflated, ("glassnet.json", "layers.0.biases"))],
}
REFUSED = [
    (suffix, case)
    for suffix, cases in HOSTILE_BYTES.items()
    for case in sorted(set(cases.CONTAINER) - cases.ALLOWED_BY_THE_CONTAINER)
]
ALLOWED = [
    (suffix, case)
    for suffix, cases in HOSTILE_BYTES.items()
    for case in sorted(cases.ALLOWED_BY_THE_CONTAINER)
]
every_format = pytest.mark.parametrize("suffix", sorted(FORMATS))


def written(suffix, texts, tensors):
    return b"".join(FORMATS[suffix].encode(texts, tensors))


def read(suffix, data):
    """Texts and whole arrays: those that were deflated show only then whether they are damaged."""
    found, tensors = FORMATS[suffix].decode(data)
    return found, {name: np.asarray(array) for name, array in tensors.items()}


@every_format
@given(texts, st.text(max_size=9), tables)
def test_what_is_written_is_read_back_bit_for_bit(suffix, more, text, tensors):
    given = {KEY: text} if suffix == ".pkl" else {**more, KEY: text}  # pickles have one text
    found, copies = read(suffix, written(suffix, given, tensors))
    assert found == given
    assert set(copies) == set(tensors)
    for name, array in tensors.items():
        little = np.asarray(array, dtype=array.dtype.newbyteorder("<"))
        assert copies[name].dtype == little.dtype
        assert copies[name].shape == array.shape
        assert copies[name].tobytes() == little.tobytes()


@every_format
def test_big_endian_and_strided_arrays_are_written_as_their_values(suffix):
    table = np.arange(12, dtype=">f4").reshape(3, 4)[:, ::-2]
    _, copies = read(suffix, written(suffix, {KEY: ""}, {"a": table, "b": table.T}))
    assert copies["a"].dtype == np.dtype("<f4")
    assert copies["a"].tolist() == [[3, 1], [7, 5], [11, 9]]
    assert copies["b"].tolist() == table.T.tolist()


@every_format
def test_arrays_are_views_of_the_bytes_and_read_only(suffix):
    data = bytearray(written(suffix, {KEY: ""}, {"a": np.ones(3)}))
    array = FORMATS[suffix].decode(data)[1]["a"]
    assert not array.flags.writeable
    assert np.shares_memory(array, np.frombuffer(data, np.uint8))


@pytest.mark.parametrize(
    ("suffix", "data"), [(suffix, each) for suffix in EVERY_GOOD for each in EVERY_GOOD[suffix]]
)
def test_the_good_file_of_the_hostile_ones_is_good(suffix, data):
    found, tensors = read(suffix, data)
    assert json.loads(found[KEY]) == HEADER
    assert set(tensors) == set(SHAPES)
    for name, (_, shape) in SHAPES.items():
        assert tensors[name].shape == tuple(shape)
        assert tensors[name].ravel().tolist() == numbers(name)


@pytest.mark.parametrize(("suffix", "case"), REFUSED)
def test_refuses_hostile_bytes(suffix, case):
    with pytest.raises(RefusedError) as caught:
        read(suffix, HOSTILE_BYTES[suffix].CONTAINER[case])
    assert caught.value.where
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(("suffix", "case"), ALLOWED)
def test_arrays_of_another_network_are_no_fault_of_the_bytes(suffix, case):
    assert read(suffix, HOSTILE_BYTES[suffix].CONTAINER[case])


@pytest.mark.parametrize(
    ("suffix", "case", "words"),
    [
        (".safetensors", "pickle", "it looks like a pickle"),
        (".safetensors", "zip", "it looks like a zip archive"),
        (".safetensors", "npy", r"it looks like a NumPy array \(\.npy\)"),
        (".safetensors", "hdf5", "HDF5"),
        (".safetensors", "git lfs pointer", "git lfs pull"),
        (".safetensors", "zeros", "4096 bytes"),
        (".npz", "pickle", "it looks like a pickle"),
        (".npz", "safetensors", "it looks like a safetensors file"),
        (".npz", "npy", r"it looks like a NumPy array \(\.npy\)"),
        (".npz", "hdf5", "HDF5"),
        (".npz", "git lfs pointer", "git lfs pull"),
        (".npz", "zeros", "4096 bytes"),
        (".npz", "end cut", "incomplete or damaged"),
        (".npz", "encrypted", "not encrypted"),
        (".npz", "method lzma", "method 14"),
        (".npz", "bomb of zeros", r"become 100000000: too many; save it by numpy\.savez"),
        (".npz", "two names for one place", "lies at byte"),
        (".npz", "header of 4 GiB announced", "a header of 4294967295 bytes"),
        (".npz", "a bit of the numbers flipped", "checksum"),
        (".npz", "dtype of objects, pickled", r"dtype '\|O'"),
        (".npz", "text missing", "no text named 'glassnet'"),
        (".pkl", "zip", "it looks like a zip archive"),
        (".pkl", "safetensors", "it looks like a safetensors file"),
        (".pkl", "protocol 6", "protocol 6, known are 0 to 5"),
        (".pkl", "os.system", "it names .*system.*; only plain arrays are read"),
        (".pkl", "no end", r"byte \d+: the pickle wants 1 bytes here, 0 are left"),
        (".pkl", "bytes of one long text, a hundred times", "more objects, or larger ones"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, suffix, case, words):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(HOSTILE[suffix][case])
    with pytest.raises(ModelFileError, match=words):
        load(path)


@every_format
@given(st.binary(max_size=300))
def test_random_bytes_give_no_other_error(suffix, data):
    with suppress(RefusedError):
        read(suffix, BEGINS[suffix] + data)


@every_format
@given(st.data())
def test_damaged_files_give_no_other_error(suffix, data):
    raw = bytearray(data.draw(st.sampled_from(EVERY_GOOD[suffix])))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with suppress(RefusedError):
        read(suffix, bytes(raw))
