"""Rows that count more, less or not at all: sample_weight, class_weight, unknown targets."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_problems import Array, amounts, state, three_classes, yes_or_no

from glassnet import SGD, Network
from glassnet.losses import LOSSES

X, Y = three_classes()
FULL: dict[str, Any] = {"epochs": 5, "batch_size": 1000, "optimizer": SGD(learning_rate=0.1)}


def trained(X: Array, y: Array, outputs: int = 3, **options: Any) -> Array:
    """The parameters after a few steps of one full batch each, in float64."""
    net = Network([3, 4, outputs], dtype="float64", activation="tanh", seed=0)
    net.fit(X, y, **{**FULL, **options})
    return net.parameters


def close(a: Array, b: Array) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


# sample_weight


@pytest.mark.filterwarnings("ignore:(X has one row|y holds one class)")
@given(st.lists(st.integers(0, 3), min_size=45, max_size=45).filter(any))
def test_a_whole_weight_equals_the_row_so_many_times(weights: list[int]) -> None:
    repeated = np.repeat(np.arange(45), weights)
    close(trained(X, Y, sample_weight=weights), trained(X[repeated], Y[repeated]))


@pytest.mark.parametrize("loss", [name for name in LOSSES if name != "gaussian"])
def test_weight_2_equals_the_row_twice_for_every_loss(loss: str) -> None:
    y = np.abs(np.sin(X)) if LOSSES[loss].targets != "labels" else Y
    twice = np.r_[np.arange(45), :10]
    nets = [Network([3, 4, 3], loss=loss, dtype="float64", seed=0) for _ in "ab"]
    nets[0].fit(X, y, sample_weight=np.where(np.arange(45) < 10, 2.0, 1.0), **FULL)
    nets[1].fit(X[twice], y[twice], **FULL)
    close(nets[0].parameters, nets[1].parameters)


def test_equal_weights_of_any_size_change_nothing() -> None:
    close(trained(X, Y, sample_weight=np.full(45, 7.5)), trained(X, Y))


def test_all_weights_times_a_constant_change_nothing() -> None:
    weights = np.linspace(0.1, 3.0, 45)
    first = trained(X, Y, sample_weight=weights)
    close(trained(X, Y, sample_weight=1000 * weights), first)


def test_a_row_of_weight_zero_is_as_good_as_removed() -> None:
    kept = np.arange(45) % 3 != 1
    close(trained(X, Y, sample_weight=kept), trained(X[kept], Y[kept]))


def test_a_batch_of_weight_zero_makes_no_step_and_no_noise() -> None:
    """Momentum alone would move the parameters, had a step been made."""
    weights = np.repeat([1.0, 0.0, 0.0], 15)
    options: dict[str, Any] = {**FULL, "batch_size": 15, "shuffle": False}
    steps: list[int] = []

    class Count:
        def on_batch_end(self, training: Any) -> None:
            steps.append(training.batch)

    close(
        trained(X, Y, sample_weight=weights, callbacks=[Count()], **_without_schedule(options)),
        trained(X[:15], Y[:15], **_without_schedule(FULL)),
    )
    assert steps == [1] * 5


def _without_schedule(options: dict[str, Any]) -> dict[str, Any]:
    return {**options, "schedule": "constant"}


def test_weights_count_in_the_loss_of_the_history() -> None:
    net = Network([3, 3], dtype="float64", loss="softmax_cross_entropy", seed=0)
    weights = np.linspace(0.0, 2.0, 45)
    before = net.evaluate(X, Y, sample_weight=weights)["loss"]
    assert net.fit(X, Y, sample_weight=weights, **FULL)[0]["loss"] == pytest.approx(before)


def test_validation_rows_may_carry_weights() -> None:
    weights = np.where(Y == 0, 3.0, 0.0)
    histories = [
        Network([3, 3], dtype="float64", seed=0).fit(X, Y, validation_data=data, **FULL)
        for data in ((X, Y, weights), (X[Y == 0], Y[Y == 0]))
    ]
    for each in ("val_loss", "val_accuracy"):
        np.testing.assert_allclose(histories[0].column(each), histories[1].column(each))


# class_weight


def test_class_weight_multiplies_the_weight_of_each_row() -> None:
    weights = np.array([1.0, 2.0, 5.0])[Y]
    by_class = trained(X, Y, class_weight={1: 2.0, 2: 5.0})
    close(by_class, trained(X, Y, sample_weight=weights))
    close(trained(X, np.eye(3)[Y], class_weight={1: 2.0, 2: 5.0}), by_class)


def test_class_weight_and_sample_weight_multiply() -> None:
    own = np.linspace(0.5, 1.5, 45)
    together = trained(X, Y, sample_weight=own, class_weight={0: 3})
    close(together, trained(X, Y, sample_weight=own * np.where(Y == 0, 3, 1)))


def test_balanced_gives_every_class_the_same_share_of_the_weight() -> None:
    rare = np.r_[np.flatnonzero(Y == 0)[:2], np.flatnonzero(Y != 0)]
    labels = Y[rare]
    counts = np.bincount(labels)
    by_hand = (len(rare) / (3 * counts))[labels]
    balanced = trained(X[rare], labels, class_weight="balanced")
    close(balanced, trained(X[rare], labels, sample_weight=by_hand))


def test_balanced_leaves_out_classes_that_do_not_occur() -> None:
    labels = np.where(Y == 1, 0, Y)
    assert np.isfinite(trained(X, labels, class_weight="balanced")).all()


def test_balanced_counts_rows_by_their_weight() -> None:
    weights = np.where(Y == 0, 10.0, 1.0)
    share = np.bincount(Y, weights)
    by_hand = weights * (1.0 / share)[Y]
    balanced = trained(X, Y, sample_weight=weights, class_weight="balanced")
    close(balanced, trained(X, Y, sample_weight=by_hand))


def test_class_weight_of_a_yes_or_no_network() -> None:
    X, y = yes_or_no()
    close(
        trained(X, y, 1, class_weight={1: 4.0}),
        trained(X, y, 1, sample_weight=np.where(y == 1, 4.0, 1.0)),
    )


def test_class_weight_goes_by_the_users_labels() -> None:
    words = np.array(["a", "b", "c"])[Y]
    nets = [Network([3, 3], classes=["a", "b", "c"], seed=0) for _ in "ab"]
    nets[0].fit(X, words, class_weight={"c": 2.0}, **FULL)
    nets[1].fit(X, words, sample_weight=np.where(Y == 2, 2.0, 1.0), **FULL)
    close(nets[0].parameters, nets[1].parameters)


# Unknown targets


def test_an_unknown_target_of_one_output_is_as_good_as_the_row_removed() -> None:
    X, y = amounts()
    gaps = y.copy()
    gaps[::4] = np.nan
    known = ~np.isnan(gaps[:, 0])
    masked = trained(X, gaps, 1, missing="mask")
    close(masked, trained(X[known], y[known], 1))


def test_an_unknown_target_adds_no_gradient() -> None:
    """Whatever stood there: two versions that differ where both are unknown train alike."""
    X, y = amounts(outputs=2)
    y[::3, 0] = np.nan
    close(trained(X, y, 2, missing="mask"), trained(X, y.copy(), 2, missing="mask"))
    net = Network([3, 2], dtype="float64", loss="squared_error", seed=0)
    alone = np.full_like(y, np.nan)
    alone[0, 1] = 1.0
    before = net.weights[0].copy()
    net.fit(X, alone, missing="mask", **FULL)
    np.testing.assert_array_equal(net.weights[0][:, 0], before[:, 0])
    assert (net.weights[0][:, 1] != before[:, 1]).all()


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop", "adagrad", "nadam"])
def test_a_column_that_is_never_known_leaves_its_head_unchanged(optimizer: str) -> None:
    X, y = amounts(outputs=3)
    y[:, 1] = np.nan
    net = Network([3, 4, 3], seed=0)
    before = net.weights[1][:, 1].copy()
    net.fit(X, y, epochs=3, batch_size=7, missing="mask", optimizer=optimizer)
    np.testing.assert_array_equal(net.weights[1][:, 1], before)
    assert net.biases[1][1] == 0.0
    assert net.biases[1].astype(bool).sum() == 2


def test_without_a_gap_missing_mask_changes_nothing() -> None:
    X, y = amounts(outputs=2)
    np.testing.assert_array_equal(trained(X, y, 2, missing="mask"), trained(X, y, 2))


def test_unknown_targets_and_weights_multiply() -> None:
    X, y = amounts()
    gaps, weights = y.copy(), np.linspace(0, 2, 40)
    gaps[::4] = np.nan
    known = ~np.isnan(gaps[:, 0])
    masked = trained(X, gaps, 1, missing="mask", sample_weight=weights)
    close(masked, trained(X[known], y[known], 1, sample_weight=weights[known]))


def test_standardised_targets_may_have_gaps() -> None:
    X, y = amounts(outputs=2)
    y = 100.0 + 10.0 * y
    y[::4, 1] = np.nan
    net = Network([3, 2], seed=0)
    net.fit(X, y, epochs=1, missing="mask", standardize=True)
    assert net.target_scaling is not None
    np.testing.assert_allclose(net.target_scaling.offset, np.nanmean(y, axis=0))
    np.testing.assert_allclose(1 / net.target_scaling.scale, np.nanstd(y, axis=0))


def test_a_batch_of_unknown_targets_makes_no_step() -> None:
    X, y = amounts()
    y[20:] = np.nan
    options = _without_schedule({**FULL, "shuffle": False})
    masked = trained(X, y, 1, missing="mask", **{**options, "batch_size": 20})
    close(masked, trained(X[:20], y[:20], 1, **options))


def test_nothing_of_a_failed_call_stays() -> None:
    X, y = amounts()
    y[3] = np.nan
    net = Network([3, 1], seed=0)
    before = state(net)
    with pytest.raises(ValueError, match="y contains NaN, first at row 3"):
        net.fit(X, y)
    assert state(net) == before
