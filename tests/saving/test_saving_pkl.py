"""The .pkl format: Python's own pickle and ours read the same files; the original's files load.

Hostile files: hostile_pkl.py, by the tests of all formats.
"""

import pickle
from pathlib import Path

import numpy as np
import pkl_builders as build
import pytest
from file_actions import memory_for, memory_of_at_most
from fleets_to_save import trained_fleet
from hostile_builders import SHAPES, numbers
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from networks_to_save import same, trained

from glassnet import ModelFileError, Network, load
from glassnet.activations import LeakyReLU
from glassnet.datasets import load_mnist
from glassnet.losses import SquaredError
from glassnet.saving import KEY, pkl
from glassnet.saving.base import RefusedError
from glassnet.saving.pickle_arrays import DTYPES
from glassnet.saving.pickle_reader import MAX_STEPS, read
from glassnet.saving.plan import arrays_of

GOLDEN = Path(__file__).with_name("golden")
PROTOCOLS = range(6)

arrays = hnp.arrays(
    st.sampled_from([order + code for code in DTYPES for order in "<>"]).map(np.dtype),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
leaves = arrays | st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text()
values = st.recursive(
    leaves | arrays.map(np.asfortranarray) | arrays.map(np.transpose),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)


def equal(found, wanted):
    """Equal in types, dtypes, shapes and bits."""
    assert type(found) is type(wanted)
    if isinstance(wanted, dict):
        assert [*found] == [*wanted]
        found, wanted = list(found.values()), list(wanted.values())
    if isinstance(wanted, (list, tuple)):
        return len(found) == len(wanted) and all(map(equal, found, wanted))
    if isinstance(wanted, (np.ndarray, np.generic)):
        assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
        return found.tobytes() == wanted.tobytes()
    return found == wanted


def encoded(texts, tensors):
    return b"".join(pkl.encode(texts, tensors))


# What others write


@settings(max_examples=200)
@given(st.dictionaries(st.text(), values, max_size=3), st.sampled_from(PROTOCOLS))
def test_what_pickle_writes_of_plain_arrays_is_read_equal(value, protocol):
    assert equal(read(pickle.dumps(value, protocol)), value)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("code", DTYPES)
def test_arrays_and_numbers_of_every_dtype_are_read_by_every_protocol(code, protocol):
    array = np.arange(6).astype(code).reshape(2, 3)
    value = {
        "plain": array,
        "again": [array, (array,)],
        "columns first": np.asfortranarray(array),
        "a part": array[:, ::2],
        "turned around": array.astype(array.dtype.newbyteorder()),
        "number": array[1, 1],
        "none": array[:0],
        "one": array[0, 0].reshape(()),
    }
    assert equal(read(pickle.dumps(value, protocol)), value)


def test_a_large_array_is_read_by_every_protocol_without_a_copy_since_3():
    array = np.random.default_rng(1).integers(0, 256, 2**20, dtype=np.uint8)
    for protocol in PROTOCOLS:
        data = pickle.dumps({"a": array}, protocol)
        assert equal(read(data), {"a": array})
        with memory_of_at_most(2**16 if protocol >= 3 else len(data) + 2**20):
            pkl.decode(data)


@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_a_file_of_30_mb_by_an_old_protocol_takes_no_more_memory_than_again_its_size(protocol):
    array = np.random.default_rng(2).normal(size=(1000, 2600))
    data = pickle.dumps({"weights": [array], "biases": [np.ones(1000)]}, protocol)
    assert equal(read(data)["weights"], [array])
    assert len(data) > 20 * 2**20
    with memory_of_at_most(len(data) + 2**20):
        pkl.decode(data)


def python_2(array):
    """An array as NumPy wrote it under Python 2, whose texts are bytes, by protocol 2."""
    raw, shape = array.tobytes(), b"".join(b"K" + bytes([size]) for size in array.shape)
    return (
        build.RECONSTRUCT
        + b"cnumpy\nndarray\nK\0\x85U\1b\x87R(K\1("
        + shape
        + b"tcnumpy\ndtype\nU\2f8K\0K\1\x87R(K\3U\1<NNN"
        + b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89T"
        + len(raw).to_bytes(4, "little")
        + raw
        + b"tb"
    )


def test_pickles_of_python_2_are_read():
    value = {"weights": [np.arange(12.0).reshape(3, 4)], "biases": [np.ones(3)]}
    data = b"\x80\2}("
    for name, (array,) in value.items():
        data += b"U" + bytes([len(name)]) + name.encode() + b"](" + python_2(array) + b"e"
    assert equal(pickle.loads(data + b"u.", encoding="latin1"), value)
    assert equal(read(data + b"u."), value)


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_pickles_of_numpy_1_are_read(protocol):
    found = read((GOLDEN / f"numpy1-protocol{protocol}.pkl").read_bytes())
    wanted = {
        "weights": [np.array([[1.0, 2.0], [3.0, 4.0]])],
        "biases": [np.array([[0.5, 0.25, 1], [0, 1, 2]], np.float32)],
        "number": np.float64(2),
        "empty": np.zeros((0, 2), ">i2"),
    }
    assert equal(found, wanted)


def test_dtypes_as_old_versions_of_numpy_wrote_them_are_read():
    data = build.with_first(
        build.array(build.bytes_of(build.FIRST), (3, 4), build.dtype(options=b"K\x00K\x01"))
    )
    assert equal(read(data), read(build.good()))


def test_64_levels_are_read_and_the_last_place_of_the_memo():
    data = build.START + b"}" + build.text("a") + b"]" * 63 + b"a" * 62 + b"s."
    value = read(data)["a"]
    for _ in range(62):
        (value,) = value
    assert value == []
    assert read(build.START + b"}r\xff\xff\xff\xff(" + build.text("a") + b"Nu.") == {"a": None}


def test_a_file_of_the_good_network_written_by_hand_is_read(tmp_path):
    (tmp_path / "a.pkl").write_bytes(build.good())
    net = load(tmp_path / "a.pkl")
    assert net.classes == ["cat", "dog"]
    for name, array in arrays_of(net).items():
        assert array.shape == tuple(SHAPES[name][1])
        assert array.ravel().tolist() == numbers(name)


# What we write


@pytest.mark.parametrize("make", [trained, trained_fleet])
def test_pickle_reads_what_is_written(tmp_path, make):
    network = make()
    network.save_model(tmp_path / "a.pkl")
    data = (tmp_path / "a.pkl").read_bytes()
    found = pickle.loads(data)  # warnings are errors, so it reads it without a word
    texts, _ = pkl.decode(data)
    assert found.pop(KEY) == texts[KEY]
    wanted = arrays_of(network)
    assert equal(found, {name: np.array(array) for name, array in wanted.items()})
    assert all(array.flags.c_contiguous and array.flags.writeable for array in found.values())
    assert b"numpy.core.multiarray" in data  # which both NumPy 1 and 2 know
    assert b"numpy._core" not in data


@given(st.dictionaries(st.sampled_from("abcde"), arrays, max_size=4), st.text(max_size=9))
def test_what_is_written_is_read_equal_by_pickle_and_by_us(tensors, text):
    data = encoded({KEY: text}, tensors)
    native = {name: array.astype(array.dtype.newbyteorder("=")) for name, array in tensors.items()}
    assert equal(pickle.loads(data), {KEY: text, **native})
    texts, found = pkl.decode(data)
    assert texts == {KEY: text}
    assert equal(found, native)


@pytest.mark.parametrize("size", [255, 256, 65_535, 65_536])
def test_axes_of_any_length_are_written(size):
    tensors = {"a": np.arange(size), "b": np.ones((1, size), np.int8)}
    data = encoded({KEY: ""}, tensors)
    assert equal(pickle.loads(data), {KEY: "", **tensors})
    assert equal(pkl.decode(data)[1], tensors)


def test_what_would_not_be_read_is_not_written():
    with pytest.raises(RefusedError, match="10001 arrays, allowed are 10000"):
        encoded({}, dict.fromkeys(map(str, range(10_001)), np.ones(1)))
    with pytest.raises(RefusedError, match="longer than"):
        encoded({KEY: "ä" * 2**20 + "b"}, {})
    most = encoded({KEY: "ä" * 2**20}, dict.fromkeys(map(str, range(10_000)), np.ones((1, 1))))
    assert len(pkl.decode(most)[1]) == 10_000


@pytest.mark.parametrize("text", ["a" * 2**21, "\N{GRINNING FACE}" + "a" * (2**21 - 4)])
def test_the_largest_texts_take_little_memory(text):
    data = encoded({KEY: text}, {})
    with memory_for(data):
        pkl.decode(data)


def test_more_opcodes_than_any_model_has_are_refused():
    with pytest.raises(RefusedError, match=f"more than {MAX_STEPS} opcodes"):
        read(build.START + b"}(" + build.text("a") + b"(" + b"N" * MAX_STEPS + b"lu.")


# The original project's files


def forward(weights, biases, rows):
    """What the original project computes: every layer is a leaky ReLU, the last one too."""
    for matrix, vector in zip(weights, biases, strict=True):
        scores = rows @ matrix.T + vector
        rows = np.where(scores > 0, scores, 0.1 * scores)
    return rows


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_file_of_the_layout_of_the_original_project_loads(tmp_path, protocol):
    random = np.random.default_rng(3)
    weights = [random.normal(size=shape) for shape in ((5, 3), (4, 5), (2, 4))]
    biases = [random.normal(size=size) for size in (5, 4, 2)]
    data = pickle.dumps({"weights": weights, "biases": biases}, protocol)
    (tmp_path / "old.pkl").write_bytes(data)
    net = load(tmp_path / "old.pkl")
    assert net.layers == (3, 5, 4, 2)
    assert net.dtype == np.float64
    assert net.activations == (LeakyReLU(0.1), LeakyReLU(0.1))
    assert net.loss == SquaredError(LeakyReLU(0.1))
    rows = random.normal(size=(50, 3))
    outputs = forward(weights, biases, rows)
    assert (outputs < 0).any()
    np.testing.assert_allclose(net.predict(rows), outputs, rtol=1e-12)
    net.save_model(tmp_path / "new.safetensors")
    assert same(load(tmp_path / "new.safetensors"), net)
    net.fit(rows, outputs, epochs=1, verbose=False)


def test_a_file_of_the_original_project_goes_into_a_network_of_its_layers(tmp_path):
    data = build.original([build.float64(4, 2)], [build.float64(4)])
    (tmp_path / "old.pkl").write_bytes(data)
    net = Network([2, 4]).load_model(tmp_path / "old.pkl")
    np.testing.assert_allclose(net.predict([[1, 2], [0, -11.0]]), [[2.0] * 4, [-0.5] * 4])
    with pytest.raises(ModelFileError, match="layers"):
        Network([2, 3]).load_model(tmp_path / "old.pkl")


ORIGINAL = Path(__file__).resolve().parents[3] / "shared" / "original"
with_original = pytest.mark.skipif(
    not ORIGINAL.is_dir(), reason="the original project's files are not beside this checkout"
)


@with_original
def test_the_original_projects_xor_gives_what_it_gave_there():
    outputs = load(ORIGINAL / "xor_model.pkl").predict([[0, 0], [0, 1], [1, 0], [1, 1]])
    wanted = [-0.01777900, 1.00087705, 1.00093281, -0.00693909]
    np.testing.assert_allclose(outputs[:, 0], wanted, rtol=0, atol=5e-9)


@with_original
@pytest.mark.parametrize("given", ["bytes", "numbers"])
def test_the_original_projects_mnist_gives_what_it_gave_there(given):
    _, _, X, y = load_mnist(download=False)
    X = X if given == "bytes" else X / 255
    net = load(ORIGINAL / "mnist_model.pkl")
    assert net.test_accuracy(X, y) == 0.9484
    assert abs(net.predict(X).sum() - 7938.74966) < 5e-6
