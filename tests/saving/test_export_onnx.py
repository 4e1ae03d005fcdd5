"""ONNX files: valid by the reference checker, and onnxruntime gives what `predict` gives."""

import json

import exports_to_make as make
import numpy as np
import pytest

from glassnet import ModelFileError
from glassnet.saving.export import onnx_graph
from glassnet.saving.export.protobuf import message, varint

onnx = pytest.importorskip("onnx", reason="it checks the files")
onnxruntime = pytest.importorskip("onnxruntime", reason="it runs the files")

KINDS = [
    pytest.param(net, id=name) for dtype in make.DTYPES for name, net in make.every_kind(dtype)
]
BOUND = {"float32": 1e-6, "float64": 1e-12}


def run(path, X):
    """What onnxruntime makes of the file, by the names of its outputs."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(None, {"inputs": X}), strict=True))


def exported(net, folder, **options):
    path = folder / "net.onnx"
    net.export(path, **options)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    return path, model


@pytest.mark.parametrize("net", KINDS)
def test_onnxruntime_gives_the_outputs_and_labels_of_every_kind_of_network(tmp_path, net):
    path, _ = exported(net, tmp_path)
    X = make.rows(net)
    found = run(path, X.astype(net.dtype))
    assert found["outputs"].dtype == net.dtype
    assert make.close(found["outputs"], net.predict(X), BOUND[str(net.dtype)])
    labels = make.labels_of(net, X)
    assert ("labels" in found) == (labels is not None)
    if labels is not None:
        assert found["labels"].tolist() == labels.tolist()


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("loss", ["softmax_cross_entropy", make.Pinball((0.2, 0.8)), "logistic"])
def test_any_number_of_rows_may_be_given(tmp_path, loss, count):
    net = make.of(loss=loss)
    path, _ = exported(net, tmp_path)
    X = make.rows(net, 3)[:count]
    outputs = run(path, X)["outputs"]
    assert outputs.shape == (count, 6)
    assert count == 0 or make.close(outputs, net.predict(X), 1e-6)


def test_float32_networks_need_no_float64_though_their_offsets_do(tmp_path):
    net = make.standardised("huber")
    _, model = exported(net, tmp_path)
    types = {each.data_type for each in model.graph.initializer}
    assert onnx.TensorProto.DOUBLE not in types
    assert "inputs.offset_rest" in {each.name for each in model.graph.initializer}


def test_scores_that_are_infinite_give_no_nan_in_a_softmax(tmp_path):
    net = make.of("exp", layers=[1, 1, 2])
    net.weights[1][:] = [[1.0, -1.0]]
    path, _ = exported(net, tmp_path)
    X = np.array([[1e4], [-1e4]], np.float32) * np.sign(net.weights[0])
    with np.errstate(all="ignore"):
        assert make.close(run(path, X)["outputs"], net.predict(X), 1e-6)


def test_the_file_says_what_it_is(tmp_path):
    _, model = exported(make.of_a_table(), tmp_path)
    told = {each.key: json.loads(each.value) for each in model.metadata_props}
    assert told == {
        "glassnet.classes": ["a", "b\"'\n", "c"],
        "glassnet.inputs": [
            {"name": "width"},
            {"name": "colour", "categories": ["red", "green", 'größer "\n']},
            {"name": "*/ \n"},
        ],
        "glassnet.target": "kind\n",
    }
    assert (model.producer_name, model.graph.name) == ("glassnet", "net")
    assert [(each.domain, each.version) for each in model.opset_import] == [("", 13)]
    weights = next(each for each in model.graph.initializer if each.name == "layers.0.weights")
    assert onnx.numpy_helper.to_array(weights).shape == (5, 8)


def test_scalings_that_only_float64_holds_are_refused(tmp_path):
    def scaled(side, offset, scale, dtype="float32"):
        net = make.of(loss="huber", dtype=dtype)
        setattr(net, f"{side}_scaling", make.Scaling(np.array(offset), np.array(scale)))
        return net

    for name, *numbers in [
        ("inputs.offset", "input", 1e39, 1.0),
        ("inputs.scale", "input", 1.0, 1e39),
        ("targets.offset", "target", 1e39, 1.0),
        ("targets.scale", "target", 1.0, 1e39),
    ]:
        with pytest.raises(ModelFileError, match=f"{name} is infinite in float32; use dtype='flo"):
            scaled(*numbers).export(tmp_path / "net.onnx")
        exported(scaled(*numbers, "float64"), tmp_path)
        (tmp_path / "net.onnx").unlink()
    with pytest.raises(ModelFileError, match="the scale of a target is 0 in float32"):
        scaled("target", 0.0, 1e-60).export(tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


def test_labels_can_be_left_out(tmp_path):
    net = make.of(layers=[3, 2], classes=[2**70, 1])
    with pytest.raises(ModelFileError, match="labels=False"):
        net.export(tmp_path / "net.onnx")
    path, _ = exported(net, tmp_path, labels=False)
    assert list(run(path, make.rows(net))) == ["outputs"]


def test_a_file_beyond_what_protocol_buffers_count_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_graph, "MOST_BYTES", 1000)
    with pytest.raises(ModelFileError, match="an ONNX file has at most 1000"):
        make.of().export(tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


def test_whole_numbers_are_written_in_groups_of_seven_bits():
    assert [varint(each) for each in (0, 1, 127, 128, 300)] == [
        b"\0",
        b"\1",
        b"\x7f",
        b"\x80\1",
        b"\xac\2",
    ]
    assert varint(-1) == b"\xff" * 9 + b"\1"
    assert message((1, 150), (2, "testing")) == b"\x08\x96\x01\x12\x07testing"
