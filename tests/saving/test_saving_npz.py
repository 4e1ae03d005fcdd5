"""The .npz container: what is written is read back, by NumPy too; hostile bytes are refused."""

import io
import json
import zipfile
from contextlib import suppress

import hostile_npz as hostile
import npz_builders as build
import numpy as np
import pytest
from fleets_to_save import same_fleet, trained_fleet
from hostile_builders import numbers
from hypothesis import given
from hypothesis import strategies as st
from networks_to_save import same, trained
from tables_to_write import tables

from glassnet import ModelFileError, Network, load
from glassnet.saving import npz
from glassnet.saving.base import RefusedError
from glassnet.saving.npz import decode, encode


def written(texts, tensors):
    return b"".join(encode(texts, tensors))


def read(data):
    """As `decode`, with all arrays inflated, which shows whether they are damaged."""
    texts, tensors = decode(data)
    return texts, {name: np.asarray(array) for name, array in tensors.items()}


def by_numpy(tensors, save=np.savez):
    file = io.BytesIO()
    save(file, **tensors)
    return file.getvalue()


def read_by_numpy(file):
    with np.load(file, allow_pickle=False) as opened:
        return dict(opened)


def assert_same_arrays(copies, tensors):
    assert set(copies) == set(tensors)
    for name, array in tensors.items():
        little = np.asarray(array, dtype=array.dtype.newbyteorder("<"))
        assert copies[name].dtype == little.dtype
        assert copies[name].shape == array.shape
        assert copies[name].tobytes() == little.tobytes()


@given(tables)
def test_numpy_reads_what_we_write(tensors):
    copies = read_by_numpy(io.BytesIO(written({"glassnet": "é"}, tensors)))
    assert copies.pop("glassnet.json").tobytes().decode() == "é"
    assert_same_arrays(copies, tensors)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@given(tables)
def test_we_read_what_numpy_writes(save, tensors):
    texts, copies = read(by_numpy({"glassnet.json": np.zeros(3, np.uint8), **tensors}, save))
    assert texts == {"glassnet": "\0\0\0"}
    assert_same_arrays(copies, tensors)


@given(tables)
def test_the_zip_module_finds_no_fault_in_what_we_write(tensors):
    with zipfile.ZipFile(io.BytesIO(written({"glassnet": "é"}, tensors))) as file:
        assert file.testzip() is None
        for info in file.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert info.external_attr == 0o600 << 16


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize(
    ("make", "equal"), [(trained, same), (trained_fleet, same_fleet)], ids=["network", "fleet"]
)
def test_a_file_that_numpy_wrote_again_is_the_same_network(tmp_path, save, make, equal):
    path, net = tmp_path / "a.npz", make()
    net.save_model(path)
    save(path, **read_by_numpy(path))
    assert equal(load(path), net)


def test_numpy_alone_can_use_the_file(tmp_path):
    net = trained()
    net.save_model(tmp_path / "a.npz")
    tensors = read_by_numpy(tmp_path / "a.npz")
    header = json.loads(bytes(tensors["glassnet.json"]))
    assert header["layers"] == [3, 4, 2]
    for index, (weights, biases) in enumerate(zip(net.weights, net.biases, strict=True)):
        np.testing.assert_array_equal(tensors[f"layers.{index}.weights"], weights)
        np.testing.assert_array_equal(tensors[f"layers.{index}.biases"], biases)
    assert tensors["inputs.offset"].tolist() == [1, 2, 3]
    assert tensors["targets.scale"].tolist() == [2, 4]
    assert len(tensors) == 9


def test_arrays_in_big_endian_or_fortran_order_are_the_same_network(tmp_path):
    path, net = tmp_path / "a.npz", trained()
    net.save_model(path)
    tensors = read_by_numpy(path)
    for name in ("layers.0.weights", "layers.0.biases", "inputs.scale"):
        tensors[name] = tensors[name].astype(">f8")
    tensors["layers.1.weights"] = np.asfortranarray(tensors["layers.1.weights"])
    np.savez(path, **tensors)
    assert b"True" in path.read_bytes()
    assert b">f8" in path.read_bytes()
    assert same(load(path), net)


def test_an_untrained_network_of_usual_size_is_read_from_a_compressed_file(tmp_path):
    path, net = tmp_path / "a.npz", Network([784, 1024, 10], loss="huber", seed=1)
    net.save_model(path)
    np.savez_compressed(path, **read_by_numpy(path))
    assert same(load(path), net)


def test_a_compressed_file_may_be_a_small_part_of_its_network(tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(hostile.large(2.5))
    net = load(path)
    assert net.weights[0][-1, -1] == 2.5
    assert net.parameters.nbytes > 30 * path.stat().st_size
    with pytest.raises(ModelFileError, match=r"bytes of arrays, allowed are 20000000 \(max_bytes"):
        load(path, max_bytes=20_000_000)


@pytest.mark.parametrize("turn", [np.ascontiguousarray, np.asfortranarray])
def test_of_a_deflated_array_the_place_of_the_first_bad_value_is_told(tmp_path, turn):
    path, net = tmp_path / "a.npz", trained()
    net.save_model(path)
    tensors = read_by_numpy(path)
    tensors["layers.0.weights"][[0, 1], [3, 2]] = np.nan
    tensors["layers.0.weights"] = turn(tensors["layers.0.weights"]).astype(">f8")
    np.savez_compressed(path, **tensors)
    first = r"\(0, 3\)" if turn is np.ascontiguousarray else r"\(1, 2\)"
    with pytest.raises(ModelFileError, match=f"2 of 12 values are not finite, first at {first}"):
        load(path)
    assert np.isnan(load(path, allow_nonfinite=True).weights[0]).sum() == 2


def test_a_damaged_array_is_refused_even_where_all_values_are_allowed(tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(build.deflated(crc=1))
    with pytest.raises(ModelFileError, match="checksum"):
        load(path, allow_nonfinite=True)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_arrays_of_all_three_versions_are_read(version):
    _, tensors = decode(build.array(version=version))
    assert tensors[build.FIRST].ravel().tolist() == numbers(build.FIRST)


@pytest.mark.parametrize(
    ("marks", "kind"), [((), "as they are"), ((2**32 - 1,) * 2, "as a mark")], ids=str
)
def test_sizes_in_64_bits_that_are_true_are_read(marks, kind):
    size = len(build.good_array())
    told = dict(zip(("packed", "size"), marks, strict=False))
    extra = hostile._wide_extra(size, size)
    data = build.changed(3, local={"extra": 20, **told}, extra=extra)
    assert decode(data)[1][build.FIRST].ravel().tolist() == numbers(build.FIRST), kind


def test_what_could_not_be_read_again_is_not_written(monkeypatch):
    with pytest.raises(RefusedError, match="allowed are 2097152"):
        encode({"a": "x" * (npz.MAX_TEXT + 1)}, {})
    with pytest.raises(RefusedError, match="allowed are 1048576"):
        encode({"a": "é" * (npz.MAX_TEXT // 4 + 1)}, {})
    with pytest.raises(RefusedError, match="10001 arrays"):
        encode({}, {str(n): np.zeros(0, np.uint8) for n in range(10_001)})
    with pytest.raises(RefusedError, match="is not a name"):
        encode({}, {"a b": np.zeros(0, np.uint8)})
    monkeypatch.setattr(npz, "MAX_SIZE", 2**24 + 3000)
    assert encode({}, {"a": np.zeros(1000, np.uint8), "b": np.zeros(1000, np.uint8)})
    for sizes in [(2000, 2001), (2**25, 1)]:
        with pytest.raises(RefusedError, match=r"save as \.safetensors"):
            encode({}, {str(size): np.zeros(size, np.uint8) for size in sizes})


def test_a_file_larger_than_its_directory_can_tell_is_refused():
    with pytest.raises(RefusedError, match="at most 4294967294"):
        npz.check_start(b"PK\3\4", 2**32)


@given(st.data())
def test_damaged_arrays_of_the_right_checksum_give_no_other_error(data):
    raw = bytearray(build.good_array())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with suppress(RefusedError):
        decode(build.content(bytes(raw)))
