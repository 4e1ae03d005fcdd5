"""The history of a fleet: arrays over the members, and each member's own as it has it alone."""

import copy
import pickle

import numpy as np
import pytest
from fleet_and_alone import X_DEFAULT as X
from fleet_and_alone import Y_DEFAULT as Y

from glassnet import Callback, Fleet
from glassnet.fleets.history import FleetHistory


def uneven() -> Fleet:
    """Members that stop at different epochs, trained on after that."""
    fleet = Fleet([3, 5, 3], 3, seed=0)
    fleet.fit(X, Y, epochs=9, early_stopping=1, learning_rate=[0.1, 3.0, 0.001])
    return fleet


def test_a_member_counts_its_own_epochs_over_two_calls() -> None:
    fleet = uneven()
    ends, seconds = [len(single.history) for single in fleet], fleet.history.seconds
    assert len(set(ends)) > 1
    assert len(fleet.history) == len(seconds) == max(ends)
    fleet.fit(X, Y, epochs=2)
    assert fleet.history.column("epoch") == list(range(1, max(ends) + 3))
    for number, end in enumerate(ends):
        alone = fleet.history.member(number)
        assert alone.column("epoch") == list(range(1, end + 3))
        assert alone.seconds == [*seconds[:end], *fleet.history.seconds[-2:]]
        assert alone.stopped == "all epochs done"
        assert all(isinstance(record["loss"], float) for record in alone)


def test_columns_are_arrays_over_the_members() -> None:
    losses = np.array(uneven().history.column("loss"))
    assert losses.shape[1] == 3
    assert np.isnan(losses[-1]).any()
    with pytest.raises(KeyError, match="no epoch has 'nope'"):
        uneven().history.column("nope")


def test_equal_runs_have_equal_histories_and_copies_too() -> None:
    history = uneven().history
    assert history == uneven().history
    assert not history.__ne__(uneven().history)
    assert history == copy.deepcopy(history) == pickle.loads(pickle.dumps(history))
    other = copy.deepcopy(history)
    other[0]["loss"][1] += 1.0
    assert history != other
    assert history != FleetHistory(3)
    assert history != list(history)


def test_a_history_says_in_its_repr_how_many_ended_early() -> None:
    assert repr(FleetHistory(4)) == "<FleetHistory of 4 members, 0 epochs; 4 ended early>"
    fleet = Fleet([3, 3], 2, seed=0)
    fleet.fit(X, Y, epochs=3)
    low, high = sorted(fleet.history[-1]["loss"])
    assert repr(fleet.history).startswith("<FleetHistory of 2 members, 3 epochs; the last: ")
    assert f"loss {low:.6g} to {high:.6g}, learning_rate" in repr(fleet.history)
    assert repr(fleet.history).endswith("; 0 ended early>")
    fleet.history[-1]["loss"][:] = np.nan
    assert "the last: loss nan, learning_rate" in repr(fleet.history)


def test_what_a_callback_adds_for_each_network_becomes_an_array(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Norm(Callback):
        """Write down a number and a word."""

        def on_epoch_end(self, training):  # type: ignore[no-untyped-def]  # as users write it
            training.history[-1] |= {"units": 5, "word": "yes"}

    monkeypatch.setattr("glassnet.intake.fleets.CACHE", 1)
    fleet = Fleet([3, 5, 3], 2, seed=0)
    fleet.fit(X, Y, epochs=1, callbacks=[Norm()])
    assert fleet.history[0]["units"].tolist() == [5.0, 5.0]
    assert fleet.history.member(1)[0]["units"] == 5.0
    assert fleet.history.member(1)[0]["word"] == "yes"
