"""What options and callbacks of `fit` do on a fleet, in one group or in several.

`GROUPS` are sizes of the cache that put all members together, or each into a group of its own.
"""

import io
import itertools
import signal
from typing import Any

import numpy as np
import pytest
from fleet_and_alone import X_DEFAULT as X
from fleet_and_alone import Y_DEFAULT as Y
from fleet_and_alone import assert_same, trained, trained_alone

from glassnet import Callback, DivergenceError, Fleet, Network
from glassnet.callbacks import ClipNorm, EarlyStopping, Progress

GROUPS = [1 << 30, 1]
LAYERS = [3, 5, 3]
OPPOSED = np.array([1, 1, 1, 1, 1, 1, 1, -0.5, 0, 0, 0]) * 1e11
"""Parameters of [3, 2, 1] that give infinity less infinity for large inputs."""

WEIGHTS = np.random.default_rng(0).uniform(size=(3, 45))


@pytest.fixture(params=GROUPS, ids=["together", "alone"])
def groups(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("glassnet.intake.fleets.CACHE", request.param)
    return int(request.param)


class At(Callback):
    """Do something in every batch of one epoch."""

    def __init__(self, epoch: int, do: Any) -> None:
        self.epoch, self.do = epoch, do

    def on_batch_end(self, training: Any) -> None:
        if training.epoch == self.epoch:
            self.do(training)


def boom(training: Any) -> None:
    raise RuntimeError("boom")


def test_each_member_is_clipped_by_its_own_norm() -> None:
    fleet, clip = Fleet(LAYERS, 3, initializer_scale=[0.1, 1, 9], seed=0), ClipNorm(0.3)
    options: dict[str, Any] = {"epochs": 2, "callbacks": [clip]}
    singles = trained_alone(fleet, X, Y, options)
    fleet.fit(X, Y, **options)
    assert_same(fleet, singles)
    steps = [ClipNorm(0.3) for _ in range(3)]
    for single, each in zip(
        Fleet(LAYERS, 3, initializer_scale=[0.1, 1, 9], seed=0), steps, strict=True
    ):
        single.fit(X, Y, epochs=2, callbacks=[each])
    assert clip.clipped == sum(each.clipped for each in steps) > 0


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_shows_means_over_the_members(
    terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    monkeypatch.setattr(out, "isatty", lambda: terminal)
    fleet = Fleet(LAYERS, 3, seed=0)
    rates = [0.01, 1e30, 0.01]
    fleet.fit(
        X,
        Y,
        epochs=2,
        validation_data=(X, Y),
        learning_rate=rates,
        optimizer="sgd",
        callbacks=[Progress(out)],
    )
    last = fleet.history[-1]
    assert np.isnan(last["loss"][1])
    assert f"epoch 2/2  loss {np.nanmean(last['loss']):.4f}  val_loss" in out.getvalue()


def test_progress_says_nan_where_no_member_has_a_value(capsys: Any, groups: int) -> None:
    with pytest.raises(DivergenceError, match="All 3 members diverged"):
        Fleet(LAYERS, 3, seed=0).fit(X, Y, learning_rate=1e30, optimizer="sgd", verbose=True)
    assert "nan" in capsys.readouterr().err or groups == 1


def test_ctrl_c_ends_all_members_in_good_order(groups: int) -> None:
    fleet = Fleet(LAYERS, 3, seed=0)
    press = At(2, lambda training: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        fleet.fit(X, Y, epochs=5, callbacks=[press])
    later = "interrupted by Ctrl-C" if groups > 1 else "not trained"
    assert fleet.history.reasons == ["interrupted by Ctrl-C", later, later]
    assert [len(single.history) for single in fleet] == [2, 2, 2] if groups > 1 else [2, 0, 0]
    assert len(fleet.fit(X, Y, epochs=3)) == 3


def test_who_is_stopped_by_a_hook_or_an_error_has_that_reason(groups: int) -> None:
    fleet = Fleet(LAYERS, 3, seed=0)
    fleet.fit(X, Y, batch_size=5, callbacks=[At(2, lambda training: training.stop("enough"))])
    assert fleet.history.reasons == ["enough"] * 3
    assert [single.history[-1]["batches"] for single in fleet] == [1, 1, 1]
    assert "batches" not in fleet[1].history[0]
    with pytest.raises(RuntimeError, match="boom"):
        fleet.fit(X, Y, callbacks=[At(1, boom)])
    later = "broken off by RuntimeError" if groups > 1 else "not trained"
    assert fleet.history.reasons == ["broken off by RuntimeError", later, later]


def test_a_time_limit_is_shared_out_among_the_groups(
    groups: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = itertools.count()
    monkeypatch.setattr("time.perf_counter", lambda: float(next(seconds)))  # looked at each batch
    fleet = Fleet(LAYERS, 3, seed=0)
    history = fleet.fit(X, Y, time_limit=300, epochs=10**6)
    assert history.reasons == ["time limit of 300 s reached"] * 3
    epochs = [len(single.history) for single in fleet]
    assert max(epochs) < 1.2 * min(epochs)


def test_the_order_goes_on_behind_the_member_that_was_trained_longest(groups: int) -> None:
    fleet = Fleet(LAYERS, 3, seed=1)
    longest = Network(LAYERS, seed=1)
    longest.streams.restore(fleet[0].streams.states())
    options: dict[str, Any] = {"epochs": 20, "early_stopping": 1, "optimizer": "sgd"}
    fleet.fit(X, Y, learning_rate=[0.01, 9.0, 9.0], **options)
    ends = [len(single.history) for single in fleet]
    assert max(ends) == ends[0] > max(ends[1:])
    longest.fit(X, Y, epochs=ends[0], learning_rate=0.01)
    assert fleet.streams.order.state == longest.streams.order.state


def test_a_diverged_member_keeps_its_last_finite_parameters_as_alone(groups: int) -> None:
    """The loss leaves the finite numbers while the parameters are sound: none are taken back."""
    far = X.astype("f4")
    far[40] = 1.5e19
    fleet = Fleet(LAYERS, 3, loss="squared_error", seed=0)
    targets = np.random.default_rng(0).normal(size=(45, 3))
    options: dict[str, Any] = {"batch_size": 5, "shuffle": False, "optimizer": "sgd"}
    options["learning_rate"] = 1e-3
    singles, before = trained_alone(fleet, far, targets, options), fleet.parameters.copy()
    trained(fleet, far, targets, options)
    assert_same(fleet, singles)
    assert all("epoch 1, batch 9" in reason for reason in fleet.history.reasons)
    assert (fleet.parameters != before).any(axis=1).all()


def test_batches_have_weights_for_each_member_that_is_still_there() -> None:
    batches = [(X[part], Y[part], WEIGHTS[:, part]) for part in (slice(20), slice(20, 45))]
    fleet = Fleet(LAYERS, 3, seed=0)
    rates = [0.1, 3.0, 0.001]
    singles = list(fleet)
    for number, single in enumerate(singles):
        own = [(rows, labels, weights[number]) for rows, labels, weights in batches]
        single.fit(own, epochs=12, early_stopping=1, learning_rate=rates[number])
    fleet.fit(batches, epochs=12, early_stopping=1, learning_rate=rates)
    assert len({len(single.history) for single in singles}) > 1
    assert_same(fleet, singles)


@pytest.mark.parametrize("members", [1, 3])
def test_a_batch_may_have_no_weight_for_a_member(members: int) -> None:
    mine = WEIGHTS[:members] * (np.arange(members)[:, None] != 0)
    batches = [(X[:20], Y[:20], mine[:, :20]), (X[20:], Y[20:], WEIGHTS[:members, 20:])]
    fleet = Fleet(LAYERS, members, dropout=0.2, seed=0)
    singles = list(fleet)
    for number, single in enumerate(singles):
        single.fit([(rows, labels, w[number]) for rows, labels, w in batches], epochs=3)
    fleet.fit(batches, epochs=3)
    assert_same(fleet, singles)


def test_early_stopping_tells_what_it_found_of_those_trained_last(groups: int) -> None:
    stopping = EarlyStopping(1)
    fleet = Fleet(LAYERS, 3, seed=0)
    fleet.fit(X, Y, early_stopping=stopping, epochs=9)
    losses = [min(record["loss"] for record in single.history) for single in fleet]
    np.testing.assert_array_equal(stopping.best, losses if groups > 1 else losses[-1])


def test_balanced_classes_go_by_each_members_own_weights(groups: int) -> None:
    fleet = Fleet(LAYERS, 3, seed=0)
    options: dict[str, Any] = {"sample_weight": WEIGHTS, "class_weight": "balanced", "epochs": 2}
    options["validation_split"] = 0.2
    singles = trained_alone(fleet, X, Y, options)
    fleet.fit(X, Y, **options)
    assert_same(fleet, singles)


@pytest.mark.parametrize("many", [1, 1 << 20])
def test_orders_of_their_own_are_those_that_members_have_alone(
    many: int, groups: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.core.random.MANY", many)
    fleet = Fleet(LAYERS, 3, own_order=True, seed=0)
    options: dict[str, Any] = {"sample_weight": WEIGHTS, "batch_size": 7, "epochs": 12}
    options |= {"early_stopping": 1, "learning_rate": [0.1, 3.0, 0.001]}
    singles = trained_alone(fleet, X, Y, options)
    fleet.fit(X, Y, **options)
    assert_same(fleet, singles)


def test_a_hook_that_spoils_one_member_at_the_end_leaves_the_others_alone() -> None:
    class Spoil(Callback):
        """Make the second member's parameters nan."""

        def on_epoch_end(self, training: Any) -> None:
            training.parameters[1] = np.nan

    fleet = Fleet(LAYERS, 3, seed=0)
    fleet.fit(X, Y, epochs=1, callbacks=[Spoil()])
    assert fleet.history.reasons == [
        "all epochs done",
        "diverged: a hook made the parameters too large",
        "all epochs done",
    ]
    assert np.isfinite(fleet.parameters).all()


def test_gradients_whose_squares_overflow_in_the_sum_alone_make_a_step(groups: int) -> None:
    class Steep(Callback):
        """Gradients of which each square is finite, and not their sum."""

        def on_gradients(self, training: Any) -> None:
            training.gradients[...] = 1.5e19

    fleet = Fleet(LAYERS, 3, seed=0)
    options: dict[str, Any] = {"epochs": 1, "callbacks": [Steep()], "optimizer": "adam"}
    singles, before = trained_alone(fleet, X, Y, options), fleet.parameters.copy()
    fleet.fit(X, Y, **options)
    assert_same(fleet, singles)
    assert fleet.history.reasons == ["all epochs done"] * 3
    assert (fleet.parameters < before).all()


def test_a_metric_of_outputs_that_are_not_finite_is_nan_and_stops_nobody(groups: int) -> None:
    fleet = Fleet([3, 2, 1], 3, loss="absolute_error", seed=0)
    fleet.parameters[1] = OPPOSED
    options: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 1e-3, "epochs": 2}
    options["validation_data"] = X * 1e18, X[:, 0] + 1.0
    singles = trained_alone(fleet, X, X[:, 0], options)
    fleet.fit(X, X[:, 0], **options)
    assert_same(fleet, singles)
    assert np.isnan(fleet.history[-1]["val_r2"]).tolist() == [False, True, False]
    assert fleet.history.reasons == ["all epochs done"] * 3


def test_a_member_that_diverges_is_validated_no_more() -> None:
    fleet = Fleet([3, 2, 1], 2, loss="squared_error", seed=0)
    fleet.parameters[1] = OPPOSED
    fleet.fit(X, X[:, 0], epochs=2, validation_data=(X * 1e18, X[:, 0] + 1.0))
    assert fleet.history.reasons[1].startswith("diverged in epoch 1, batch 1: the loss became")
    assert not np.isnan(fleet.history[-1]["val_r2"][0])
