"""Exporting as an act: what is refused and how, that files are whole, and what a Model is."""

import os
import runpy

import exports_to_make as make
import networks_to_save as own
import numpy as np
import pytest

from glassnet import Fleet, ModelFileError, Network
from glassnet.activations import ACTIVATIONS, LeakyReLU, ReLU
from glassnet.core.scaling import Scaling
from glassnet.losses import LOSSES, GaussianLikelihood, Pinball, SquaredError
from glassnet.saving import export as exporting
from glassnet.saving.export import EXPORTERS, SUFFIXES, Model, Piece, export
from glassnet.saving.export import model as model_module
from glassnet.saving.export.python import FORMULAS
from glassnet.saving.export.python_numpy import FORMULAS as OF_ARRAYS


class Halved(ReLU):
    """Bears the name of one of glassnet's, and is another."""


def refused(net, path, match, **options):
    with pytest.raises(ModelFileError, match=match) as caught:
        net.export(path, **options)
    assert caught.value.path == str(path)
    assert not path.exists()


def test_networks_that_nobody_else_can_compute_are_refused(tmp_path):
    path = tmp_path / "net.py"
    refused(Network([2, 2, 1], activation=own.CUBE, loss="huber"), path, "'cube' is your own")
    refused(Network([2, 1], loss=own.QUARTIC), path, "'quartic' is your own function")
    refused(Network([2, 2, 1], activation=Halved(), loss="huber"), path, "'relu' is your own")
    refused(Network([2, 1], loss=SquaredError(own.CUBE)), path, "'cube' is your own")
    net = Network([2, 1], loss="huber")
    net.parameters[0] = np.inf
    refused(net, path, "a parameter is not finite")
    refused(Network([1, 2], loss="huber", classes=[1.0, np.inf]), path, "a label is infinite")
    refused(Network([1, 2], loss="logistic"), tmp_path / "net.txt", "'.txt' names no format; use")
    with pytest.raises(ModelFileError, match=r"export one member of it, fleet\[i\]"):
        export(Fleet([2, 1], 3, loss="huber"), path)
    with pytest.raises(ValueError, match="export needs a loss"):
        Network([2, 1]).export(path)


def with_scaling(side, offset, scale, loss="squared_error", dtype="float32"):
    net = Network([2, 2], loss=loss, dtype=dtype, seed=1)
    setattr(net, f"{side}_scaling", Scaling(np.array(offset), np.array(scale)))
    return net


@pytest.mark.parametrize("suffix", [".h", ".mjs", ".py", ".onnx"])
def test_numbers_that_no_source_has_are_refused_in_words(tmp_path, suffix):
    path = tmp_path / f"net{suffix}"
    for bad in (np.inf, -np.inf, np.nan):
        for side in ("input", "target"):
            refused(with_scaling(side, [1.0, bad], [1.0, 2.0]), path, f"{side}s is not finite")
            refused(with_scaling(side, [1.0, 2.0], [bad, 1.0]), path, f"{side}s is not finite")
    for zero in (0.0, -0.0, 5e-324):
        refused(with_scaling("target", [1.0, 0.0], [1.0, zero]), path, "the scale of a target, or")
    refused(with_scaling("target", 0.0, 1e200, loss="gaussian"), path, "the scale of a target, or")
    refused(with_scaling("input", 0.0, 1e300), path, "the scale of an input is not finite in float")
    refused(with_scaling("input", [1.0] * 3, 1.0), path, r"inputs has shape \(3,\), not \(2,\)")
    refused(Network([2, 2], loss=SquaredError(LeakyReLU(1e39))), path, "a setting of leaky_relu")
    refused(Network([2, 2], loss=GaussianLikelihood(1e39)), path, "a setting of mean_variance")
    assert list(tmp_path.iterdir()) == []


def test_labels_set_by_hand_are_checked_as_those_given(tmp_path):
    net = Network([2, 2], loss="softmax_cross_entropy")
    for wrong in (["a"], ["a", "a\0"], [1, 1.0]):
        net.classes = wrong
        with pytest.raises(ValueError, match="classes"):
            net.export(tmp_path / "net.py")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("half", ["\ud800", "a\udfff"])
def test_half_characters_are_refused(tmp_path, half):
    net = Network([1, 2], loss="softmax_cross_entropy", classes=["a", half])
    refused(net, tmp_path / "net.py", "holds half a character")
    net = Network([1, 2], loss="huber")
    net.columns = {"names": [half]}
    refused(net, tmp_path / "net.py", "holds half a character")


@pytest.mark.parametrize(
    "columns",
    [
        {"names": ["a", "b"]},
        {"inputs": [{"name": "a"}, {"name": "b"}], "target": {"name": "c"}},
        {"inputs": [{"name": "a", "categories": ["x", "y"]}], "target": {"name": "c"}},
        {"inputs": [{"name": "a", "categories": []}], "target": {"name": "c"}},
        {"inputs": [{"name": "a", "categories": [1]}], "target": {"name": "c"}},
        {"inputs": [{"name": 1}], "target": {"name": "c"}},
        {"inputs": [{"name": "a"}], "target": {"name": 1}},
        {"inputs": [{"name": "a"}], "target": None},
        {"inputs": [{"name": "a", "kind": "number", "unknown": 0}], "target": {"name": "c"}},
        {"inputs": 7, "target": {"name": "c"}},
        {"inputs": [7], "target": {"name": "c"}},
    ],
)
def test_columns_that_do_not_fit_are_refused_not_passed_over(tmp_path, columns):
    net = Network([1, 1], loss="huber")
    net.columns = columns
    refused(net, tmp_path / "net.py", r"columns: network.columns .* to None")


@pytest.mark.parametrize(
    "columns", [None, {}, {"inputs": [1]}, {"names": 3}, {"names": [1]}, {"names": ["a", "a"]}]
)
def test_columns_of_other_kinds_are_not_known(columns):
    net = Network([2, 1], loss="huber")
    net.columns = columns
    assert Model.of(net).columns is None


def test_an_unknown_format_or_option_is_named(tmp_path):
    net, path = Network([1, 1], loss="huber"), tmp_path / "net.py"
    with pytest.raises(ValueError, match="format must be one of onnx, python, numpy"):
        net.export(path, format="pyton")
    with pytest.raises(TypeError, match=r"the export to .py has no option 'labels'; it has none"):
        net.export(path, labels=True)
    with pytest.raises(TypeError, match="the export to onnx has no option 'x'; its options are la"):
        net.export(path, format="onnx", x=1)
    assert not path.exists()


def test_a_file_is_written_whole_over_an_old_one_or_not_at_all(tmp_path):
    path = tmp_path / "net.PY"
    path.write_text("old")
    with pytest.raises(ModelFileError):
        Network([2, 2, 1], activation=own.CUBE, loss="huber").export(path)
    assert path.read_text() == "old"
    Network([2, 1], loss="huber").export(path)
    assert path.read_text().startswith('"""net: a dense network of 2-1 units, made by glassnet')
    assert [each.name for each in tmp_path.iterdir()] == ["net.PY"]
    with pytest.raises(FileNotFoundError, match="not saved"):
        Network([2, 1], loss="huber").export(tmp_path / "nowhere" / "net.py")


@pytest.mark.parametrize("format", ["python", "numpy"])
@pytest.mark.parametrize("name", ["csv.py", "random.py", "numpy.py"])
def test_a_name_that_would_hide_a_module_of_pythons_is_refused(tmp_path, name, format):
    refused(make.of(), tmp_path / name, "would hide Python's module", format=format)


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("failing", [".mjs", ".d.mts"])
@pytest.mark.parametrize("done", [False, True])
def test_a_module_and_its_types_are_both_new_or_both_as_before(
    tmp_path, monkeypatch, old, failing, done
):
    def write(path, parts):
        if path.endswith(failing) and not failed:
            failed.append(path)
            if done:
                write_file(path, parts)
            raise OSError(28, "No space left on device", path)
        write_file(path, parts)

    def found():
        return {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    failed, write_file = [], exporting.write_file
    make.of().export(tmp_path / "net.mjs")
    new = found()
    for path in tmp_path.iterdir():
        path.unlink()
    if old:
        make.of_a_table().export(tmp_path / "net.mjs")
    before = found()
    monkeypatch.setattr(exporting, "write_file", write)
    with pytest.raises(OSError, match="No space left"):
        make.of().export(tmp_path / "net.mjs")
    assert failed
    assert found() == (new if failing == ".mjs" and done else before)


@pytest.mark.parametrize("folder", ["net.mjs", "net.d.mts"])
def test_a_folder_in_the_way_leaves_nothing_behind(tmp_path, folder):
    (tmp_path / folder).mkdir()
    with pytest.raises(IsADirectoryError, match=folder):
        make.of().export(tmp_path / "net.mjs")
    assert [path.name for path in tmp_path.iterdir()] == [folder]


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_types_written_are_taken_back_where_the_module_leads_nowhere(tmp_path):
    (tmp_path / "net.mjs").symlink_to("nowhere/net.mjs")
    with pytest.raises(FileNotFoundError):
        make.of().export(tmp_path / "net.mjs")
    assert [path.name for path in tmp_path.iterdir()] == ["net.mjs"]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("my net-2.py", "my_net_2"),
        ("3 layers.py", "model_3_layers"),
        ("größe\n.py", "gr_e"),
        ('"""\'\\.py', "model"),
    ],
)
def test_the_name_of_a_file_becomes_a_name_in_it(tmp_path, name, title):
    Network([2, 1], loss="huber").export(tmp_path / name)
    made = runpy.run_path(str(tmp_path / name))
    assert made["__doc__"].startswith(f"{title}: ")


def test_exporting_leaves_the_network_as_it_was_and_the_model_shares_nothing(tmp_path):
    net = make.of_a_table()
    before = net.parameters.copy()
    model = Model.of(net)
    net.export(tmp_path / "net.py")
    model.weights[0][:] = 7
    model.input_scale[:] = 7
    assert net.parameters.tobytes() == before.tobytes()
    assert net.input_scaling.scale.max() == 2


def test_every_activation_and_every_loss_has_its_formula():
    assert set(FORMULAS) == set(OF_ARRAYS) == set(ACTIVATIONS)
    for loss in make.ALL_LOSSES:
        link = Model.of(make.of(loss=loss)).link
        assert link.name in {*ACTIVATIONS, "softmax", "mean_variance", "sorted"}
    assert Model.of(make.of(LeakyReLU(0.5))).activations[0] == ("leaky_relu", {"slope_below": 0.5})


def test_a_loss_that_is_new_to_exporters_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(model_module, "_LINKS", {})
    assert "logistic" in LOSSES
    refused(make.of(loss="logistic"), tmp_path / "net.py", "'logistic' has no exporter yet")


def test_a_variance_is_scaled_by_the_square_and_quantiles_column_by_column():
    net = make.of(loss=GaussianLikelihood(0.5), layers=[1, 4])
    net.target_scaling = Scaling(np.array([1.0, 2.0]), np.array([10.0, 20.0]))
    model = Model.of(net)
    assert model.target_scale.tolist() == [10, 20, 100, 400]
    assert model.target_offset.tolist() == [1, 2, 0, 0]
    assert model.link == Piece("mean_variance", {"floor": 0.5})
    net = make.of(loss=Pinball((0.1, 0.9)), layers=[1, 4])
    net.target_scaling = Scaling(np.array([1.0, 2.0]), np.array([10.0, 20.0]))
    model = Model.of(net)
    assert model.target_scale.tolist() == [10, 20, 10, 20]
    assert model.link == Piece("sorted", {"count": 2})


@pytest.mark.parametrize(
    ("loss", "outputs", "classes", "labels"),
    [
        ("huber", 2, None, "none"),
        ("huber", 2, ["a", "b"], "one"),
        (Pinball((0.1, 0.9)), 2, ["a", "b"], "none"),
        ("logistic", 1, None, "one"),
        ("logistic", 2, None, "several"),
        ("logistic", 2, ["a", "b"], "several"),
        ("softmax_cross_entropy", 2, None, "one"),
    ],
)
def test_labels_are_those_that_classify_gives(loss, outputs, classes, labels):
    net = Network([2, outputs], loss=loss, classes=classes)
    model = Model.of(net)
    assert (model.labels, model.classes) == (labels, classes if labels == "one" else None)
    found = make.labels_of(net, np.zeros((3, 2)))
    shapes = {"none": None, "one": (3,), "several": (3, outputs)}
    assert (None if found is None else found.shape) == shapes[labels]


def test_labels_of_several_types_of_numbers_are_of_one_as_classify_gives_them():
    net = Network([2, 3], loss="softmax_cross_entropy", classes=[True, 2, 0.5])
    assert [type(each) for each in Model.of(net).classes] == [float] * 3


def test_every_suffix_names_a_format():
    assert set(SUFFIXES.values()) <= set(EXPORTERS)
