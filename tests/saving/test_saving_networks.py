"""Networks to files and back: bit for bit, with all that predicting needs, or refused in words."""

import copy
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import hostile_safetensors as hostile
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glassnet
from glassnet import ModelFileError, Network, load, saving
from glassnet.activations import ACTIVATIONS, ELU, LeakyReLU, OwnActivation
from glassnet.core.activation import Activation
from glassnet.core.scaling import Scaling
from glassnet.initializers import INITIALIZERS
from glassnet.losses import LOSSES, Huber, OwnLoss, Pinball, SoftmaxCrossEntropy, SquaredError

numbers = st.floats(0.125, 8, width=32)
activations = (
    st.sampled_from(sorted(ACTIVATIONS))
    | numbers.map(LeakyReLU)
    | numbers.map(ELU)
    | st.just(LeakyReLU(-0.1))
)
losses = (
    st.sampled_from(["auto", *sorted(set(LOSSES) - {"gaussian"})])
    | numbers.map(Huber)
    | st.builds(SquaredError, st.sampled_from(sorted(ACTIVATIONS)))
    | st.builds(SoftmaxCrossEntropy, st.floats(0, 0.5))
    | st.just(Pinball(0.9))
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
labels = texts | st.text('é"\\\n\0 ,', min_size=1, max_size=3)
recipes = st.dictionaries(texts, st.none() | st.booleans() | numbers | st.lists(texts), max_size=3)


@st.composite
def scalings(draw, columns, source="numbers"):
    shape = draw(st.sampled_from([(), (columns,)]))
    offset = [draw(st.floats(-1e6, 1e6)) for _ in range(columns if shape else 1)]
    scale = [draw(st.floats(1e-6, 1e6)) for _ in offset]
    return Scaling(np.array(offset).reshape(shape), np.array(scale).reshape(shape), source)


@st.composite
def networks(draw):
    layers = draw(st.lists(st.integers(1, 5), min_size=2, max_size=5))
    hidden = len(layers) - 2
    wanted = 2 if layers[-1] == 1 else layers[-1]
    net = Network(
        layers,
        activation=[draw(activations) for _ in range(hidden)],
        loss=draw(losses),
        dropout=[draw(st.floats(0, 0.99)) for _ in range(hidden)],
        initializer=draw(st.sampled_from(["auto", *INITIALIZERS])),
        bias=[draw(st.booleans()) for _ in range(hidden + 1)],
        classes=draw(st.none() | st.lists(labels, min_size=wanted, max_size=wanted, unique=True)),
        input_scale=draw(st.none() | numbers),
        dtype=draw(st.sampled_from(["float32", "float64"])),
        seed=draw(st.none() | st.integers(0, 2**128)),
    )
    net.input_scaling = draw(st.none() | scalings(layers[0], draw(st.sampled_from(SOURCES))))
    net.target_scaling = draw(st.none() | scalings(layers[-1]))
    net.columns = draw(st.none() | recipes)
    net.history.environment = draw(recipes)
    return net


SOURCES = ["bytes", "numbers"]
SETTINGS = ("layers", "activations", "dropout", "bias", "initializer", "loss", "classes")
SETTINGS += ("columns", "input_scale", "dtype", "seed")


def cube(scores):
    return scores**3


def cube_slope(scores):
    return 3 * scores**2


def quartic(scores, targets):
    return (scores - targets) ** 4


def quartic_slope(scores, targets):
    return 4 * (scores - targets) ** 3


CUBE = OwnActivation("cube", cube, cube_slope)
QUARTIC = OwnLoss("quartic", quartic, quartic_slope)


@dataclass(frozen=True)
class Power(Activation):
    """An activation of a user's own, with settings: one plain, one not."""

    exponent: int = 2
    function: object = cube
    name = "power"

    def forward(self, scores, out):
        out[...] = scores**self.exponent


def same(one, other):
    """Equal in all that is saved, to the bit."""
    for name in SETTINGS:
        assert getattr(one, name) == getattr(other, name), name
        assert type(getattr(one, name)) is type(getattr(other, name)), name
    for name in ("input_scaling", "target_scaling"):
        a, b = getattr(one, name), getattr(other, name)
        assert (a is None) == (b is None), name
        if a is not None:
            assert (a.offset.tobytes(), a.scale.tobytes(), a.source, a.offset.shape) == (
                (b.offset.tobytes(), b.scale.tobytes(), b.source, b.offset.shape)
            )
    assert one.parameters.dtype == other.parameters.dtype
    assert one.parameters.tobytes() == other.parameters.tobytes()
    assert one.history.environment == other.history.environment
    return True


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """One path, written over again and again."""
    return tmp_path_factory.mktemp("models") / "model.safetensors"


def trained(**options):
    """A network with everything a file may hold, in float64 so that sums are the same anywhere."""
    net = Network([3, 4, 2], loss="huber", dtype="float64", seed=5, **options)
    net.input_scaling = Scaling(np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.5, 2.5]))
    net.target_scaling = Scaling(np.array([10.0, 20.0]), np.array([2.0, 4.0]))
    net.columns = {"inputs": [{"name": "größe", "values": ["S", "M"]}]}
    net.history.environment = {"numpy": "2.0.2"}
    return net


ROWS = np.arange(12.0).reshape(4, 3)


# --- round trips


@settings(max_examples=80, deadline=None)
@given(networks())
def test_every_network_comes_back_bit_for_bit(place, net):
    net.save_model(place)
    copied = load(place)
    assert same(net, copied)
    if net.loss is not None:
        rows = np.ones((2, net.layers[0]))
        if net.input_scaling is not None and net.input_scaling.source == "bytes":
            rows = rows.astype(np.uint8)
        np.testing.assert_array_equal(copied.predict(rows), net.predict(rows))


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_activation_of_glassnet_can_be_saved(place, name):
    net = Network([2, 3, 1], activation=name)
    net.save_model(place)
    assert load(place).activations == net.activations


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_of_glassnet_can_be_saved(place, name):
    net = Network([2, 3, 2], loss=name)
    net.save_model(place)
    assert load(place).loss == net.loss


def test_a_network_saved_twice_gives_the_same_bytes(tmp_path):
    for name in "ab":
        trained().save_model(tmp_path / f"{name}.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_a_loaded_network_saved_again_gives_the_same_bytes(tmp_path):
    trained().save_model(tmp_path / "a.safetensors")
    load(tmp_path / "a.safetensors").save_model(tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_a_loaded_network_predicts_the_same_and_can_be_trained_on(place):
    net = trained()
    net.save_model(place)
    copied = load(place)
    np.testing.assert_array_equal(copied.predict(ROWS), net.predict(ROWS))
    copied.fit(ROWS, ROWS[:, :2], epochs=2, verbose=False)
    assert not np.array_equal(copied.parameters, net.parameters)


def test_a_network_that_was_fitted_comes_back_with_all_that_was_settled(place):
    X = np.arange(80, dtype=np.uint8).reshape(20, 4)
    y = np.array(["cat", "dog"])[np.arange(20) % 2]
    net = Network([4, 3, 2], classes=["cat", "dog"], seed=1)
    net.fit(X, y, epochs=2, verbose=False)
    net.save_model(place)
    copied = load(place)
    assert same(net, copied)
    assert copied.loss == LOSSES["softmax_cross_entropy"]
    assert copied.input_scaling.source == "bytes"
    np.testing.assert_array_equal(copied.classify(X), net.classify(X))


def test_labels_keep_their_type(place):
    for classes in ([1, 2], [1.0, 2.5], [False, True], ["1", "2"], [-(10**30), 0]):
        Network([2, 2], classes=classes).save_model(place)
        assert [(type(each), each) for each in load(place).classes] == [
            (type(each), each) for each in classes
        ]


def test_settings_in_numbers_of_numpy_are_saved_as_their_values(place):
    net = Network([2, 2, 1], activation=LeakyReLU(np.float32(0.1)), loss=Huber(np.int64(2)))
    net.save_model(place)
    copied = load(place)
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


def test_a_network_of_many_layers_comes_back(place):
    net = Network([1] * 600, seed=3, loss="huber")
    net.save_model(place)
    assert same(load(place), net)


def test_a_layer_without_bias_has_none_in_the_file(place):
    Network([2, 3, 1], bias=[False, True], loss="huber").save_model(place)
    copied = load(place)
    assert copied.bias == (False, True)
    assert not copied.biases[0].any()


def test_a_file_written_by_hand_is_read(place):
    place.write_bytes(hostile.good())
    net = load(place)
    assert net.layers == (3, 4, 2)
    assert net.weights[0].ravel().tolist() == hostile.numbers("layers.0.weights")
    assert net.classes == ["cat", "dog"]
    assert net.input_scaling.scale.tolist() == hostile.numbers("inputs.scale")


def test_keys_that_a_later_version_calls_optional_are_passed_over(place):
    place.write_bytes(hostile.changed(format_version="1.7", curve=[1, 2], optional=["curve"]))
    assert load(place).layers == (3, 4, 2)


def test_a_later_version_is_told_as_such(place):
    place.write_bytes(hostile.changed(format_version="2.0", glassnet_version="9.1"))
    with pytest.raises(ModelFileError, match=r"made by a later version of glassnet, '9\.1'"):
        load(place)


def test_the_header_can_be_looked_at_alone(place):
    net = trained()
    net.save_model(place)
    header = saving.read_header(place)
    assert header["kind"] == "network"
    assert header["environment"] == {"numpy": "2.0.2"}
    place.write_bytes(b"")
    with pytest.raises(ModelFileError, match="0 bytes"):
        saving.read_header(place)


# --- what a user made


def test_own_activations_and_losses_come_back_by_name(place):
    net = Network([2, 3, 3, 1], activation=[CUBE, Power(3)], loss=QUARTIC, seed=1)
    net.save_model(place)
    own = {"cube": CUBE, "power": Power(3), "quartic": QUARTIC}
    copied = load(place, custom=own)
    assert copied.activations == (CUBE, Power(3))
    assert copied.loss is QUARTIC
    np.testing.assert_array_equal(copied.predict(ROWS[:, :2]), net.predict(ROWS[:, :2]))


@pytest.mark.parametrize("custom", [None, {}, {"quartic": QUARTIC}])
def test_a_missing_own_activation_is_named_with_what_to_pass(place, custom):
    Network([2, 3, 1], activation=CUBE, loss=QUARTIC).save_model(place)
    with pytest.raises(ModelFileError, match=r"activation 'cube'.*pass custom=\{'cube': \.\.\.\}"):
        load(place, custom=custom)


def test_a_missing_own_loss_is_named_with_what_to_pass(place):
    Network([2, 3, 1], activation=CUBE, loss=QUARTIC).save_model(place)
    with pytest.raises(ModelFileError, match=r"loss 'quartic'.*pass custom=\{'quartic': \.\.\.\}"):
        load(place, custom={"cube": CUBE})


def test_an_activation_is_not_taken_for_a_loss(place):
    Network([2, 3, 1], loss=QUARTIC).save_model(place)
    with pytest.raises(ModelFileError, match="loss 'quartic'"):
        load(place, custom={"quartic": OwnActivation("quartic", cube, cube_slope)})


def test_own_things_with_other_settings_are_refused(place):
    Network([2, 3, 1], activation=Power(3)).save_model(place)
    with pytest.raises(ModelFileError, match=r"'exponent': 3.*'exponent': 2"):
        load(place, custom={"power": Power(2)})


@pytest.mark.parametrize(
    ("custom", "kind", "words"),
    [
        ([CUBE], TypeError, "dict of names and objects"),
        ("cube", TypeError, "dict of names and objects"),
        ({"cube": cube}, TypeError, "must be an Activation or a Loss; got function"),
        ({"cube": None}, TypeError, "got NoneType"),
        ({"kube": CUBE}, ValueError, "is named 'cube'"),
        ({3: CUBE}, ValueError, "is named 'cube'"),
        ({"relu": OwnActivation("relu", cube, cube_slope)}, ValueError, "two different things"),
    ],
)
def test_a_wrong_custom_is_refused_before_the_file_is_looked_at(custom, kind, words):
    with pytest.raises(kind, match=words):
        load("no such file.safetensors", custom=custom)


def test_names_that_would_not_come_back_as_the_same_thing_are_not_saved(place):
    class Slower(LeakyReLU):
        """Bears the name of its parent."""

    for own in (OwnActivation("relu", cube, cube_slope), Slower(0.5)):
        with pytest.raises(ModelFileError, match="two different things; rename your own"):
            Network([2, 3, 1], activation=own).save_model(place)
    two = [CUBE, OwnActivation("cube", abs, np.sign)]
    with pytest.raises(ModelFileError, match="'cube' is the name of two different things"):
        Network([2, 3, 3, 1], activation=two).save_model(place)
    Network([2, 3, 3, 1], activation=CUBE).save_model(place)


# --- load_model


def test_load_model_takes_over_everything(place):
    net = trained(classes=["a", "b"])
    net.save_model(place)
    other = Network([3, 4, 2], activation="tanh", dropout=0.5, bias=False, seed=8)
    assert other.load_model(place) is other
    assert same(other, net)
    np.testing.assert_array_equal(other.predict(ROWS), net.predict(ROWS))
    other.fit(ROWS, ROWS[:, :2], epochs=1, verbose=False)


def test_load_model_knows_the_own_things_that_the_network_has(place):
    net = Network([2, 3, 1], activation=CUBE, loss=QUARTIC, seed=1)
    net.save_model(place)
    other = Network([2, 3, 1], activation=CUBE, loss=QUARTIC, seed=2)
    assert same(other.load_model(place), net)
    with pytest.raises(ModelFileError, match="custom="):
        Network([2, 3, 1]).load_model(place)
    assert same(
        Network([2, 3, 1]).load_model(place, custom={"cube": CUBE, "quartic": QUARTIC}), net
    )


def test_load_model_wants_equal_layers(place):
    trained().save_model(place)
    other = Network([3, 5, 2], seed=1)
    before = copy.deepcopy(other)
    with pytest.raises(ModelFileError, match=r"layers \[3, 4, 2\], this network \[3, 5, 2\]"):
        other.load_model(place)
    assert same(other, before)


@pytest.mark.parametrize("case", ["pickle", "layers others", "weight not a number", "loss unknown"])
def test_a_failed_load_leaves_the_network_as_it_was(place, case):
    place.write_bytes(hostile.HOSTILE[case])
    net = trained()
    before = copy.deepcopy(net)
    with pytest.raises(ModelFileError):
        net.load_model(place)
    assert same(net, before)
    with pytest.raises(FileNotFoundError):
        net.load_model(place.with_name("none.safetensors"))
    assert same(net, before)


# --- refusals


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_parameters_that_are_not_finite_are_not_saved(tmp_path, bad):
    path = tmp_path / "a.safetensors"
    net = trained()
    net.save_model(path)
    before = path.read_bytes()
    net.weights[1][2, 1] = bad
    with pytest.raises(ModelFileError, match=r"1 of 8 values are not finite, first at \(2, 1\)"):
        net.save_model(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.safetensors"]


def test_parameters_that_are_not_finite_are_loaded_on_request_only(place):
    place.write_bytes(hostile.value("layers.0.weights", 5, float("nan")))
    with pytest.raises(ModelFileError, match="not finite"):
        load(place)
    assert np.isnan(load(place, allow_nonfinite=True).weights[0][1, 1])


def test_a_scaling_that_is_not_finite_is_never_loaded(place):
    place.write_bytes(hostile.value("inputs.offset", 0, float("nan")))
    with pytest.raises(ModelFileError, match=r"inputs\.offset.*not finite"):
        load(place, allow_nonfinite=True)


@pytest.mark.parametrize(
    "columns", [{1: "a"}, {"a": (1, 2)}, {"a": {1, 2}}, {"a": float("nan")}, {"a": "\ud800"}]
)
def test_recipes_that_json_does_not_give_back_are_not_saved(tmp_path, columns):
    net = Network([2, 2], loss="huber")
    net.columns = columns
    with pytest.raises(ModelFileError, match=r"JSON"):
        net.save_model(tmp_path / "a.safetensors")
    assert os.listdir(tmp_path) == []


def test_recipes_that_contain_themselves_are_not_saved(place):
    net = Network([2, 2], loss="huber")
    net.columns = {}
    net.columns["self"] = net.columns
    with pytest.raises(ModelFileError, match="JSON"):
        net.save_model(place)


def test_a_header_too_large_to_be_read_again_is_not_saved(place):
    net = Network([2, 2], loss="huber")
    net.columns = {"values": "x" * 3_000_000}
    with pytest.raises(ModelFileError, match="allowed are 2097152"):
        net.save_model(place)


def test_settings_that_files_do_not_have_are_not_saved(place):
    net = Network([2, 2, 1], activation=LeakyReLU(True))
    with pytest.raises(ModelFileError, match="slope_below True is none that it may have"):
        net.save_model(place)
    net = Network([2, 2, 3], loss="gaussian")
    with pytest.raises(ModelFileError, match="gaussian needs a multiple of 2 outputs"):
        net.save_model(place)


@pytest.mark.parametrize(
    "name", ["model", "model.h5", "model.pt", "safetensors", ".safetensors", "a."]
)
@pytest.mark.parametrize(
    "action", [lambda p: Network([2, 1]).save_model(p), load, saving.check_path]
)
def test_a_suffix_that_names_no_format_is_refused(tmp_path, name, action):
    with pytest.raises(ModelFileError, match=r"names no format; use \.safetensors"):
        action(tmp_path / name)


def test_the_case_of_the_suffix_does_not_matter(tmp_path):
    net = trained()
    net.save_model(tmp_path / "A.SafeTensors")
    assert same(load(tmp_path / "A.SafeTensors"), net)


@pytest.mark.parametrize("path", [None, 3, True, ["a.safetensors"]])
def test_a_path_that_is_none_is_a_type_error(path):
    for action in (load, trained().save_model, trained().load_model, saving.read_header):
        with pytest.raises(TypeError, match="path must be the name of a file"):
            action(path)


@pytest.mark.parametrize("path", ["a\0.safetensors", ""])
def test_a_path_that_no_file_can_have_is_refused_in_words(path):
    for action in (load, trained().save_model, saving.check_path):
        with pytest.raises(ModelFileError, match=r"NUL|empty"):
            action(path)


def test_errors_of_the_system_stay_what_they_are(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file of this name"):
        load(tmp_path / "a.safetensors")
    missing = tmp_path / "runs" / "a.safetensors"
    for action in (load, trained().save_model, saving.check_path):
        with pytest.raises(FileNotFoundError, match="create it first") as caught:
            action(missing)
        assert caught.value.filename == str(missing)
    (tmp_path / "b.safetensors").mkdir()
    for action in (load, trained().save_model, saving.check_path):
        with pytest.raises(OSError, match=r"folder|rights"):
            action(tmp_path / "b.safetensors")


def test_a_path_can_be_checked_before_training_and_nothing_is_touched(tmp_path):
    path = tmp_path / "a.safetensors"
    assert saving.check_path(path) == str(path)
    assert saving.check_path(Path("a.safetensors")) == "a.safetensors"
    assert os.listdir(tmp_path) == []


def test_the_checksum_is_checked_on_request(place):
    trained().save_model(place)
    digest = hashlib.sha256(place.read_bytes()).hexdigest()
    assert load(place, sha256=digest.upper()).layers == (3, 4, 2)
    with pytest.raises(ModelFileError, match="SHA-256"):
        load(place, sha256="0" * 64)
    for wrong in (3, "0", b"0" * 64, "g" * 64, digest + "\n"):
        with pytest.raises(ValueError, match="64 hexadecimal digits"):
            load(place, sha256=wrong)


def test_the_largest_size_can_be_set(place):
    trained().save_model(place)
    size = place.stat().st_size
    assert load(place, max_bytes=size).layers == (3, 4, 2)
    with pytest.raises(ModelFileError, match=f"{size} bytes, allowed are {size - 1}"):
        load(place, max_bytes=size - 1)
    with pytest.raises(TypeError, match="max_bytes"):
        load(place, max_bytes="all")


def test_a_lack_of_memory_is_told_as_a_model_file_error(place, monkeypatch):
    trained().save_model(place)

    def fail(*_):
        raise MemoryError

    monkeypatch.setattr(saving.safetensors, "decode", fail)
    with pytest.raises(ModelFileError, match="more memory than there is"):
        load(place)
