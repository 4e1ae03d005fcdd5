"""Networks to files and back: bit for bit, with all that predicting needs."""

import json

import hostile_builders as build
import numpy as np
import pytest
from hypothesis import given, settings
from networks_to_save import EXAMPLES, ROWS, networks, same, trained

import glassnet
from glassnet import ModelFileError, Network, load, saving
from glassnet.activations import ACTIVATIONS, LeakyReLU
from glassnet.losses import LOSSES, Huber


@settings(max_examples=EXAMPLES)
@given(networks())
def test_every_network_comes_back_bit_for_bit(anywhere, net):
    net.save_model(anywhere)
    copied = load(anywhere)
    assert same(net, copied)
    if net.loss is not None:
        rows = np.ones((2, net.layers[0]))
        if net.input_scaling is not None and net.input_scaling.source == "bytes":
            rows = rows.astype(np.uint8)
        np.testing.assert_array_equal(copied.predict(rows), net.predict(rows))


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_activation_of_glassnet_can_be_saved(anywhere, name):
    net = Network([2, 3, 1], activation=name)
    net.save_model(anywhere)
    assert load(anywhere).activations == net.activations


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_of_glassnet_can_be_saved(anywhere, name):
    net = Network([2, 3, 2], loss=name)
    net.save_model(anywhere)
    assert load(anywhere).loss == net.loss


def test_a_network_saved_twice_or_loaded_and_saved_gives_the_same_bytes(anywhere):
    written = []
    for net in (trained(), trained(), None):
        (net or load(anywhere)).save_model(anywhere)
        written.append(anywhere.read_bytes())
    assert len(set(written)) == 1


def test_a_network_comes_back_through_all_formats_one_after_another(tmp_path):
    net = trained()
    for number, suffix in enumerate([*saving.FORMATS, *saving.FORMATS]):
        path = tmp_path / f"{number}{suffix}"
        net.save_model(path)
        net = load(path)
    assert same(net, trained())


@pytest.mark.parametrize("other", sorted(saving.FORMATS))
def test_a_file_of_another_format_is_called_by_its_name(anywhere, other):
    if anywhere.suffix == other:
        return
    path = anywhere.with_name(f"renamed{anywhere.suffix}")
    trained().save_model(path.with_suffix(other))
    path.with_suffix(other).rename(path)
    words = {".safetensors": "a safetensors file", ".npz": "a zip archive", ".pkl": "a pickle"}
    with pytest.raises(ModelFileError, match=f"it looks like {words[other]}"):
        load(path)


def test_a_loaded_network_predicts_the_same_and_can_be_trained_on(anywhere):
    net = trained()
    net.save_model(anywhere)
    copied = load(anywhere)
    np.testing.assert_array_equal(copied.predict(ROWS), net.predict(ROWS))
    copied.fit(ROWS, ROWS[:, :2], epochs=2, verbose=False)
    assert not np.array_equal(copied.parameters, net.parameters)


def test_a_network_that_was_fitted_comes_back_with_all_that_was_settled(anywhere):
    X = np.arange(80, dtype=np.uint8).reshape(20, 4)
    y = np.array(["cat", "dog"])[np.arange(20) % 2]
    net = Network([4, 3, 2], classes=["cat", "dog"], seed=1)
    net.fit(X, y, epochs=2, verbose=False)
    net.save_model(anywhere)
    copied = load(anywhere)
    assert same(net, copied)
    assert copied.loss == LOSSES["softmax_cross_entropy"]
    assert copied.input_scaling.source == "bytes"
    np.testing.assert_array_equal(copied.classify(X), net.classify(X))


def test_labels_keep_their_type(anywhere):
    for classes in ([1, 2], [1.0, 2.5], [False, True], ["1", "2"], [-(10**30), 0]):
        Network([2, 2], classes=classes).save_model(anywhere)
        assert [(type(each), each) for each in load(anywhere).classes] == [
            (type(each), each) for each in classes
        ]


def test_settings_in_numbers_of_numpy_are_saved_as_their_values(anywhere):
    net = Network([2, 2, 1], activation=LeakyReLU(np.float32(0.1)), loss=Huber(np.int64(2)))
    net.save_model(anywhere)
    copied = load(anywhere)
    assert copied.activations[0].slope_below == float(np.float32(0.1))
    assert copied.loss.delta == 2.0


def test_the_file_can_be_read_by_the_reference_and_by_hand(place):
    reference = pytest.importorskip("safetensors", reason="safetensors is not installed")
    net = trained()
    net.save_model(place)
    with reference.safe_open(place, framework="np") as file:
        header = json.loads(file.metadata()["glassnet"])
        for index, (weights, biases) in enumerate(zip(net.weights, net.biases, strict=True)):
            np.testing.assert_array_equal(file.get_tensor(f"layers.{index}.weights"), weights)
            np.testing.assert_array_equal(file.get_tensor(f"layers.{index}.biases"), biases)
        assert file.get_tensor("inputs.offset").tolist() == [1, 2, 3]
        assert file.get_tensor("targets.scale").tolist() == [2, 4]
        assert len(file.keys()) == 8
    assert header["format_version"] == "1.0"
    assert header["glassnet_version"] == glassnet.__version__
    assert header["layers"] == [3, 4, 2]
    assert header["activations"] == [{"name": "leaky_relu", "slope_below": 0.01}]
    assert header["loss"] == {"name": "huber", "delta": 1.0}


def test_a_file_that_the_reference_wrote_again_is_the_same_network(place):
    reference = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")
    net = trained()
    net.save_model(place)
    text = json.dumps(saving.read_header(place))
    arrays = reference.load_file(place)
    reference.save_file(arrays, place, {"glassnet": text, "format": "np"})
    assert same(load(place), net)


def test_a_network_of_many_layers_comes_back(anywhere):
    net = Network([1] * 600, seed=3, loss="huber")
    net.save_model(anywhere)
    assert same(load(anywhere), net)


def test_a_layer_without_bias_has_none_in_the_file(anywhere):
    Network([2, 3, 1], bias=[False, True], loss="huber").save_model(anywhere)
    copied = load(anywhere)
    assert copied.bias == (False, True)
    assert not copied.biases[0].any()


def test_a_file_written_by_hand_is_read(place):
    place.write_bytes(build.good())
    net = load(place)
    assert net.layers == (3, 4, 2)
    assert net.weights[0].ravel().tolist() == build.numbers("layers.0.weights")
    assert net.classes == ["cat", "dog"]
    assert net.input_scaling.scale.tolist() == build.numbers("inputs.scale")


def test_keys_that_a_later_version_calls_optional_are_passed_over(place):
    place.write_bytes(build.changed(format_version="1.7", curve=[1, 2], optional=["curve"]))
    assert load(place).layers == (3, 4, 2)


def test_a_later_version_is_told_as_such(place):
    place.write_bytes(build.changed(format_version="2.0", glassnet_version="9.1"))
    with pytest.raises(ModelFileError, match=r"made by a later version of glassnet, '9\.1'"):
        load(place)


def test_the_header_can_be_looked_at_alone(anywhere):
    net = trained()
    net.save_model(anywhere)
    header = saving.read_header(anywhere)
    assert header["kind"] == "network"
    assert header["environment"] == {"numpy": "2.0.2"}
    anywhere.write_bytes(b"")
    with pytest.raises(ModelFileError, match="0 bytes"):
        saving.read_header(anywhere)
