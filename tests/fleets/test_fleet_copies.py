"""Copies of a fleet, by pickle or copy: fleets of their own that train on identically."""

import copy
import pickle

import numpy as np
import pytest

from glassnet import Callback, Fleet, Network

X = np.random.default_rng(0).normal(size=(40, 3)).astype("f4")
Y = (X[:, 0] > X[:, 1]).astype(int)


def pickled(fleet):
    return pickle.loads(pickle.dumps(fleet))


WAYS = {"pickle": pickled, "copy": copy.copy, "deepcopy": copy.deepcopy}
SETTINGS = {
    "seed": {"seed": 3},
    "seeds": {"seed": [3, None, 2**80, 1]},
    "no seed": {},
    "no seed, own orders": {"own_order": True},
    "own orders": {"seed": 3, "own_order": True},
    "float64": {"seed": 3, "dtype": "float64"},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("before", [0, 2])
def test_a_copy_trains_on_as_the_fleet_itself(way, settings, before):
    dropout = np.array([0.0, 0.1, 0.3, 0.5])
    fleet = Fleet(
        [3, 6, 2], 4, dropout=dropout, initializer_scale=[1, 2, 3, 4], **SETTINGS[settings]
    )
    if before:
        fleet.fit(X, Y, epochs=before, batch_size=8, standardize=True)
    twin = WAYS[way](fleet)
    assert type(twin) is Fleet
    assert repr(twin) == repr(fleet)
    assert not np.shares_memory(twin.parameters, fleet.parameters)
    assert np.shares_memory(twin.weights[0], twin.parameters)
    for each in (fleet, twin):
        each.fit(X, Y, epochs=3, batch_size=8, validation_split=0.2, standardize=True)
    assert twin.parameters.tobytes() == fleet.parameters.tobytes()
    assert twin.predict(X).tobytes() == fleet.predict(X).tobytes()
    assert twin.history.reasons == fleet.history.reasons
    assert len(twin.history) == before + 3
    for mine, theirs in zip(twin.history, fleet.history, strict=True):
        assert {k: np.array(v).tolist() for k, v in mine.items()} == {
            k: np.array(v).tolist() for k, v in theirs.items()
        }
    for mine, theirs in zip(twin, fleet, strict=True):
        assert mine.streams.states() == theirs.streams.states()


@pytest.mark.parametrize("way", WAYS)
def test_training_a_copy_leaves_the_fleet_as_it_was(way):
    fleet = Fleet([3, 6, 2], 3, dropout=0.2, seed=1)
    fleet.fit(X, Y, epochs=1)
    states, parameters = fleet.streams.states(), fleet.parameters.copy()
    twin = WAYS[way](fleet)
    twin.fit(X, Y, epochs=2)
    np.testing.assert_array_equal(fleet.parameters, parameters)
    assert fleet.streams.states() == states
    assert len(fleet.history) == 1


@pytest.mark.parametrize("way", WAYS)
def test_parts_and_restarts_can_be_copied(way):
    part = Fleet([3, 6, 2], 5, dropout=0.2, seed=1)[1:4]
    starts = Fleet.starts(Network([3, 6, 2], dropout=0.2, seed=1), 4)
    for fleet in (part, starts):
        twin = WAYS[way](fleet)
        for each in (fleet, twin):
            each.fit(X, Y, epochs=2, batch_size=8)
        assert twin.parameters.tobytes() == fleet.parameters.tobytes()


def test_a_callback_of_restarts_may_copy_what_it_is_shown():
    class Keeper(Callback):
        """Keeps a copy of each epoch."""

        def __init__(self):
            self.kept = []

        def on_epoch_end(self, training):
            self.kept.append(copy.deepcopy(training.network))

    keeper = Keeper()
    Network([3, 6, 2], seed=1).fit(X, Y, epochs=2, restarts=4, callbacks=[keeper])
    assert [len(fleet) for fleet in keeper.kept] == [4, 4]
