"""Fleets to files and back: bit for bit, with all that predicting needs."""

import json

import hostile_builders as build
import numpy as np
import pytest
from fleets_to_save import fleets, same_fleet, trained_fleet
from hostile_fleets import MEMBERS, changed_fleet, good_fleet, values
from hypothesis import given, settings
from hypothesis import strategies as st
from networks_to_save import CUBE, EXAMPLES, QUARTIC, ROWS, same

import glassnet
from glassnet import Fleet, ModelFileError, Network, load, saving
from glassnet.losses import LOSSES
from glassnet.saving.checks import MAX_MEMBERS

X = np.random.default_rng(0).normal(size=(40, 3)).astype("f4")
Y = (X[:, 0] > X[:, 1]).astype(int)


def assert_comes_back(fleet, place, rows=X):
    fleet.save_model(place)
    copied = load(place)
    same_fleet(fleet, copied)
    outputs = copied.predict(rows)
    assert outputs.dtype == fleet.dtype
    assert outputs.tobytes() == fleet.predict(rows).tobytes()
    return copied


@settings(max_examples=EXAMPLES)
@given(fleets())
def test_every_fleet_comes_back_bit_for_bit(anywhere, fleet):
    fleet.save_model(anywhere)
    copied = load(anywhere)
    assert same_fleet(fleet, copied)
    if fleet.loss is not None:
        rows = np.ones((2, fleet.layers[0]))
        if fleet.input_scaling is not None and fleet.input_scaling.source == "bytes":
            rows = rows.astype(np.uint8)
        np.testing.assert_array_equal(copied.predict(rows), fleet.predict(rows))


@settings(max_examples=25)
@given(fleets(), st.data())
def test_a_member_of_a_loaded_fleet_is_the_member_that_was_saved(place, fleet, data):
    fleet.save_model(place)
    number = data.draw(st.integers(0, len(fleet) - 1))
    assert same(fleet[number], load(place)[number])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("members", [1, 5])
@pytest.mark.parametrize("own_order", [False, True])
def test_a_trained_fleet_comes_back(anywhere, dtype, members, own_order):
    dropout = np.linspace(0, 0.5, members)
    settings = {"dropout": dropout, "dtype": dtype, "seed": 3, "own_order": own_order}
    fleet = Fleet([3, 6, 4, 2], members, classes=["no", "yes"], **settings)
    fleet.fit(X, np.array(["no", "yes"])[Y], epochs=3, standardize=True)
    copied = assert_comes_back(fleet, anywhere)
    assert copied.loss == LOSSES["softmax_cross_entropy"]
    assert copied.classes == ["no", "yes"]
    assert copied.input_scaling.moves
    assert [rates.tolist() for rates in copied.dropout] == [dropout.tolist()] * 2
    assert copied.evaluate(X, np.array(["no", "yes"])[Y])["loss"].tolist() == (
        fleet.evaluate(X, np.array(["no", "yes"])[Y])["loss"].tolist()
    )


def test_a_regression_with_standardised_targets_comes_back(anywhere):
    fleet = Fleet([3, 5, 1], 4, activation="tanh", seed=[1, None, 2**100, 4])
    fleet.fit(X, 1000 + 5 * X[:, :1], epochs=2, standardize=True)
    assert fleet.target_scaling is not None
    assert_comes_back(fleet, anywhere)


def test_a_fleet_of_bytes_comes_back(anywhere):
    images = np.random.default_rng(1).integers(0, 256, (20, 9), dtype=np.uint8)
    fleet = Fleet([9, 4, 3], 3, seed=1)
    fleet.fit(images, np.arange(20) % 3, epochs=1)
    assert assert_comes_back(fleet, anywhere, images).input_scaling.source == "bytes"


def test_an_untrained_fleet_comes_back_and_its_loss_is_settled_later(anywhere):
    fleet = Fleet([3, 4, 2], 5, seed=2)
    fleet.save_model(anywhere)
    copied = load(anywhere)
    assert same_fleet(fleet, copied)
    assert copied.loss is None
    with pytest.raises(ValueError, match="needs a loss"):
        copied.predict(X)
    fleet.fit(X, Y, epochs=2)
    copied.fit(X, Y, epochs=2)
    assert copied.parameters.tobytes() == fleet.parameters.tobytes()


@pytest.mark.parametrize("own_order", [False, True])
@pytest.mark.parametrize("seed", [9, [9, 8, 7]])
def test_a_loaded_fleet_trains_as_each_member_that_was_loaded(place, seed, own_order):
    fleet = Fleet([3, 6, 2], 3, dropout=0.25, seed=seed, own_order=own_order)
    fleet.save_model(place)
    one, other = load(place), load(place)
    singles = list(one)
    one.fit(X, Y, epochs=3, batch_size=8)
    for number, single in enumerate(singles):
        single.fit(X, Y, epochs=3, batch_size=8)
        np.testing.assert_array_equal(one.parameters[number], single.parameters)
    fleet.fit(X, Y, epochs=3, batch_size=8)
    other.fit(X, Y, epochs=3, batch_size=8)
    assert fleet.parameters.tobytes() == other.parameters.tobytes()


@pytest.mark.parametrize("which", [slice(1, 4), [4, 0]])
def test_a_part_of_a_fleet_comes_back(anywhere, which):
    part = Fleet([3, 4, 2], 5, dropout=np.linspace(0, 0.4, 5), loss="huber", seed=2)[which]
    assert_comes_back(part, anywhere)


def test_the_initial_scale_is_not_stored(place):
    fleet = Fleet([3, 4, 2], 2, initializer_scale=[1, 2], loss="huber", seed=2)
    assert assert_comes_back(fleet, place).initializer_scale == 1.0


def test_a_fleet_saved_twice_or_loaded_and_saved_gives_the_same_bytes(anywhere):
    written = []
    for _ in range(2):
        trained_fleet(dropout=np.linspace(0, 0.4, 5)).save_model(anywhere)
        written.append(anywhere.read_bytes())
    load(anywhere).save_model(anywhere)
    assert {*written, anywhere.read_bytes()} == {written[0]}


def test_a_fleet_written_by_hand_is_read(place):
    place.write_bytes(good_fleet())
    fleet = load(place)
    assert repr(fleet) == (
        f"<Fleet of {MEMBERS} x [3, 4, 2], loss=softmax_cross_entropy, float32, 26 parameters each>"
    )
    assert fleet.weights[0].shape == (3, 3, 4)
    assert fleet.weights[0].ravel().tolist() == values("layers.0.weights")
    assert fleet.biases[1].ravel().tolist() == values("layers.1.biases")
    assert (fleet.seed, fleet.seeds, fleet.own_order) == (7, (7, None, 2**64), False)
    assert fleet.dropout[0].tolist() == [0.25, 0.0, 0.5]
    assert fleet[2].dropout == (0.5,)


def test_a_fleet_with_one_dropout_for_all_is_read(place):
    place.write_bytes(changed_fleet(dropout=[0.25], own_order=True))
    fleet = load(place)
    assert fleet.dropout == (0.25,)
    assert fleet.own_order


def test_the_file_can_be_read_by_the_reference(place):
    reference = pytest.importorskip("safetensors", reason="safetensors is not installed")
    fleet = trained_fleet(bias=[True, False])
    fleet.save_model(place)
    with reference.safe_open(place, framework="np") as file:
        header = json.loads(file.metadata()["glassnet"])
        for index in range(2):
            tensor = file.get_tensor(f"layers.{index}.weights")
            np.testing.assert_array_equal(tensor, fleet.weights[index])
        assert file.get_tensor("layers.0.biases").shape == (5, 4)
        assert len(file.keys()) == 7
    assert (header["kind"], header["members"]) == ("fleet", 5)
    assert header["format_version"] == "1.0"
    assert header == saving.read_header(place)


def test_the_file_of_a_network_is_byte_for_byte_what_it_was(place):
    header = {**build.HEADER, "glassnet_version": glassnet.__version__}
    place.write_bytes(build.with_header(header))
    before = place.read_bytes()
    load(place).save_model(place)
    assert place.read_bytes() == before


# What is refused


def test_a_fleet_is_not_loaded_into_a_network(place):
    trained_fleet().save_model(place)
    net = Network([3, 4, 2], seed=1)
    before = net.parameters.copy()
    words = r"this is a fleet of 5 networks, not one network; glassnet\.load\(path\) makes a new"
    with pytest.raises(ModelFileError, match=words):
        net.load_model(place)
    np.testing.assert_array_equal(net.parameters, before)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (Network([3, 4, 2]), r"this is one network, not a fleet; glassnet\.load\(path\) makes"),
        (Fleet([3, 5, 2], 5), r"has layers \[3, 5, 2\], this fleet \[3, 4, 2\]; glassnet\.load"),
        (Fleet([3, 4, 2], 4), r"has 4 members, this fleet 5; glassnet\.load\(path\) makes a new"),
    ],
    ids=["network", "layers", "members"],
)
def test_what_does_not_fit_is_not_loaded_into_a_fleet(place, other, words):
    other.save_model(place)
    fleet, before = trained_fleet(), trained_fleet()
    with pytest.raises(ModelFileError, match=words):
        fleet.load_model(place)
    assert same_fleet(fleet, before)
    place.write_bytes(changed_fleet(members=10**12))
    with pytest.raises(ModelFileError, match="members 1000000000000 must be a whole number"):
        fleet.load_model(place)
    assert same_fleet(fleet, before)


def test_load_model_makes_a_fleet_what_the_file_says(anywhere):
    fleet = trained_fleet(dropout=np.linspace(0, 0.4, 5))
    fleet.save_model(anywhere)
    other = Fleet([3, 4, 2], 5, activation="tanh", bias=False, seed=8, own_order=True)
    assert other.load_model(anywhere) is other
    assert same_fleet(other, fleet)
    np.testing.assert_array_equal(other.predict(ROWS), fleet.predict(ROWS))
    other.fit(ROWS, ROWS[:, :2], epochs=1)


def test_own_activations_and_losses_of_a_fleet_come_back_by_name(place):
    fleet = Fleet([2, 3, 1], 3, activation=CUBE, loss=QUARTIC, seed=1)
    fleet.save_model(place)
    with pytest.raises(ModelFileError, match=r"pass custom=\{'cube': \.\.\.\}"):
        load(place)
    custom = {"cube": CUBE, "quartic": QUARTIC}
    assert same_fleet(load(place, custom=custom), fleet)
    assert same_fleet(Fleet([2, 3, 1], 3).load_model(place, custom=custom), fleet)
    assert same_fleet(Fleet([2, 3, 1], 3, activation=CUBE, loss=QUARTIC).load_model(place), fleet)


def test_a_member_that_is_not_finite_is_not_saved(tmp_path):
    fleet = trained_fleet()
    fleet.weights[1][3, 2, 1] = np.nan
    with pytest.raises(ModelFileError, match=r"1 of 40 values are not finite, first at \(3, 2, 1"):
        fleet.save_model(tmp_path / "a.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_a_fleet_of_too_many_members_is_told_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("glassnet.saving.header.MAX_MEMBERS", 4)
    with pytest.raises(ModelFileError, match=r"5 members, a file holds 4: save fleet\[:4\]"):
        trained_fleet().save_model(tmp_path / "a.safetensors")
    assert MAX_MEMBERS == 65_536
