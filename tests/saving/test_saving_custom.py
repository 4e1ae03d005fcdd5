"""Own activations and losses, and loading into a network that is there already."""

import copy

import hostile_safetensors as hostile
import numpy as np
import pytest
from hostile_builders import changed
from networks_to_save import (
    CUBE,
    QUARTIC,
    ROWS,
    Power,
    cube,
    cube_slope,
    same,
    trained,
)

from glassnet import ModelFileError, Network, load
from glassnet.activations import LeakyReLU, OwnActivation
from glassnet.losses import AbsoluteError, SquaredError


def test_own_activations_and_losses_come_back_by_name(place):
    net = Network([2, 3, 3, 1], activation=[CUBE, Power(3)], loss=QUARTIC, seed=1)
    net.save_model(place)
    own = {"cube": CUBE, "power": Power(3), "quartic": QUARTIC}
    copied = load(place, custom=own)
    assert copied.activations == (CUBE, Power(3))
    assert copied.loss is QUARTIC
    np.testing.assert_array_equal(copied.predict(ROWS[:, :2]), net.predict(ROWS[:, :2]))


def test_an_own_activation_as_the_link_of_a_loss_comes_back_by_name(place):
    net = Network([2, 3, 1], loss=SquaredError(CUBE), seed=1)
    net.save_model(place)
    assert same(load(place, custom={"cube": CUBE}), net)
    assert same(Network([2, 3, 1], loss=SquaredError(CUBE), seed=2).load_model(place), net)
    with pytest.raises(ModelFileError, match=r"activation 'cube'.*pass custom=\{'cube': \.\.\.\}"):
        load(place)
    other = OwnActivation("cube", abs, np.sign)
    with pytest.raises(ModelFileError, match="'cube' is the name of two different things"):
        Network([2, 3, 1], activation=other, loss=SquaredError(CUBE)).save_model(place)


@pytest.mark.parametrize("link", ["tanh", {"name": "tanh"}])
def test_a_link_may_stand_in_a_file_as_a_name_or_as_an_object(place, link):
    place.write_bytes(changed(loss={"name": "absolute_error", "activation": link}, classes=None))
    assert load(place).loss == AbsoluteError("tanh")


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
    ],
)
def test_a_wrong_custom_is_refused_before_the_file_is_looked_at(custom, kind, words):
    with pytest.raises(kind, match=words):
        load("no such file.safetensors", custom=custom)


def test_names_that_would_not_come_back_as_the_same_thing_are_not_saved(place):
    class Slower(LeakyReLU):
        """Bears the name of its parent."""

    for own in (Slower(0.5),):
        with pytest.raises(ModelFileError, match="two different things; rename your own"):
            Network([2, 3, 1], activation=own).save_model(place)
    two = [CUBE, OwnActivation("cube", abs, np.sign)]
    with pytest.raises(ModelFileError, match="'cube' is the name of two different things"):
        Network([2, 3, 3, 1], activation=two).save_model(place)
    Network([2, 3, 3, 1], activation=CUBE).save_model(place)


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
