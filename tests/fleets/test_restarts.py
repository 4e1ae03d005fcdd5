"""Restarts: many starts of one network trained together, of which the best is kept."""

from typing import Any

import numpy as np
import pytest
from fleet_and_alone import X_DEFAULT as X
from fleet_and_alone import Y_DEFAULT as Y

from glassnet import Callback, DivergenceError, Fleet, Network
from glassnet.callbacks import EarlyStopping


class Losses(Callback):
    """The losses of all starts in each epoch."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def on_epoch_end(self, training: Any) -> None:
        self.seen.append(training.history[-1]["loss"])


@pytest.mark.parametrize("cache", [1 << 30, 1])
@pytest.mark.parametrize("validation", [{}, {"validation_split": 0.2}])
def test_the_lowest_loss_is_kept(
    cache: int, validation: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.intake.fleets.CACHE", cache)
    net = Network([3, 4, 3], dropout=0.1, seed=3)
    starts = Fleet.starts(Network([3, 4, 3], dropout=0.1, seed=3), 6)
    history = net.fit(X, Y, epochs=5, restarts=6, **validation)
    starts.fit(X, Y, epochs=5, **validation)
    last = starts.history[-1]
    losses = last["val_loss"] if validation else starts.evaluate(X, Y)["loss"]
    best = starts[int(np.argmin(losses))]
    np.testing.assert_array_equal(net.parameters, best.parameters)
    assert list(net.history) == list(history) == list(best.history)
    assert net.streams.order.state == starts.streams.order.state


def test_hooks_get_all_starts_at_once_and_stop_each_for_itself() -> None:
    losses, stopping = Losses(), EarlyStopping(1)
    net = Network([3, 4, 3], seed=3)
    net.fit(X, Y, epochs=9, restarts=4, callbacks=[losses, stopping], learning_rate=0.5)
    assert all(each.shape == (4,) for each in losses.seen)
    assert stopping.best.shape == (4,)


def test_of_batches_the_last_known_loss_decides() -> None:
    """One that stopped earlier has no loss in the last epoch, and may be the best all the same."""
    batches = [(X[:20], Y[:20]), (X[20:], Y[20:])]
    options: dict[str, Any] = {"epochs": 12, "early_stopping": 1, "learning_rate": 2.0}
    fleet = Fleet.starts(Network([3, 4, 3], seed=0), 6)
    fleet.fit(batches, **options)
    last = [fleet.history.member(number)[-1]["loss"] for number in range(6)]
    ends = [len(fleet.history.member(number)) for number in range(6)]
    best = int(np.argmin(last))
    assert ends[best] < max(ends)
    net = Network([3, 4, 3], seed=0)
    net.fit(batches, restarts=6, **options)
    np.testing.assert_array_equal(net.parameters, fleet.parameters[best])


def test_where_all_starts_diverge_the_network_keeps_finite_parameters() -> None:
    net = Network([3, 4, 3], seed=3)
    with pytest.raises(DivergenceError, match="All 3 members diverged"):
        net.fit(X, Y, restarts=3, optimizer="sgd", learning_rate=1e30)
    assert np.isfinite(net.parameters).all()
    assert list(net.history) == []


def test_further_starts_have_the_scale_of_the_first() -> None:
    wide = Fleet([3, 4, 3], 2, initializer_scale=[1.0, 100.0], seed=0)[1]
    starts = Fleet.starts(wide, 3)
    assert np.abs(starts.weights[0]).max(axis=(1, 2)).min() > 10.0


def test_an_error_in_a_hook_leaves_the_best_so_far() -> None:
    class Boom(Callback):
        """Fail in the third epoch."""

        def on_epoch_begin(self, training: Any) -> None:
            if training.epoch == 3:
                raise RuntimeError("boom")

    net = Network([3, 4, 3], seed=3)
    with pytest.raises(RuntimeError, match="boom"):
        net.fit(X, Y, restarts=3, callbacks=[Boom()])
    assert len(net.history) == 2
    assert net.history.stopped == "broken off by RuntimeError"


def test_further_starts_have_hidden_biases_anywhere_and_the_network_keeps_its_own() -> None:
    network = Network([4, 9, 5, 2], bias=[True, False, True], seed=3)
    fleet = Fleet.starts(network, 50)
    np.testing.assert_array_equal(fleet.parameters[0], network.parameters)
    hidden, without, last = (biases[1:] for biases in fleet.biases)
    assert 0.45 < np.abs(hidden).max() <= 0.5
    assert abs(hidden.mean()) < 0.05
    assert not without.any()
    assert not last.any()


def test_starts_that_follow_one_with_the_target_loss_are_left_out() -> None:
    """Of solvers, which train one after another."""
    trained = []

    class Seen(Callback):
        def on_fit_begin(self, training: Any) -> None:
            trained.append(training.network)

    xor = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
    net = Network([2, 4, 1], activation="tanh", dtype="float64", seed=0)
    settings: dict[str, Any] = {"epochs": 100, "optimizer": "levenberg_marquardt"}
    history = net.fit(*xor, restarts=16, target_loss=1e-3, callbacks=[Seen()], **settings)
    assert history.stopped.startswith("target loss")
    assert history[-1]["loss"] <= 1e-3
    assert len(trained) < 16


def test_a_fleet_trains_all_members_whoever_has_the_target_loss() -> None:
    xor = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
    fleet = Fleet([2, 4, 1], members=5, activation="tanh", dtype="float64", seed=0)
    history = fleet.fit(*xor, epochs=100, target_loss=1e-3, optimizer="levenberg_marquardt")
    assert all(history.reasons)
