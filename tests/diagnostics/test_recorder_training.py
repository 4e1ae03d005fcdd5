"""Recorder in a training: no bit changes, memory is bounded, a resumed run has the same records."""

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_problems import amounts, inputs, state, three_classes

from glassnet import LBFGS, SGD, Callback, Fleet, LevenbergMarquardt, Network
from glassnet.callbacks import Checkpoint, ClipNorm
from glassnet.core.passes import views
from glassnet.diagnostics import Recorder, recorder
from glassnet.diagnostics.layer_numbers import cost
from glassnet.estimators import MLPClassifier
from glassnet.optimizers import OPTIMIZERS
from glassnet.second_order import SOLVERS

X, Y = three_classes(rows=300)
OPTIONS: dict[str, Any] = {"epochs": 3, "batch_size": 15}


def network(**options: Any) -> Network:
    return Network([3, 6, 5, 3], **{"seed": 0, **options})


def fitted(*callbacks: Callback, **options: Any) -> Network:
    net = network(**options.pop("of", {}))
    net.fit(X, Y, **{**OPTIONS, **options}, callbacks=callbacks)
    return net


def steps(found: Recorder) -> list[int]:
    return [record["step"] for record in found.records]


# No bit changes


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [n for n, kind in OPTIMIZERS.items() if not kind.full_batch])
def test_a_training_with_dropout_has_the_same_bits_with_and_without_it(
    name: str, dtype: str
) -> None:
    options = {"of": {"dropout": 0.3, "dtype": dtype}, "optimizer": name, "weight_decay": 1e-3}
    found = Recorder(every=1, units=True)
    assert state(fitted(found, **options)) == state(fitted(**options))
    assert len(found.records) == 60


@pytest.mark.parametrize(
    "name", [*SOLVERS, *(n for n, kind in OPTIMIZERS.items() if kind.full_batch)]
)
def test_a_training_on_all_rows_has_the_same_bits_with_and_without_it(name: str) -> None:
    A, b = amounts(rows=30)
    nets = [Network([3, 4, 1], activation="tanh", seed=0) for _ in range(2)]
    found = Recorder(every=1)
    nets[0].fit(A, b, epochs=8, optimizer=name)
    nets[1].fit(A, b, epochs=8, optimizer=name, callbacks=[found])
    assert state(nets[0]) == state(nets[1])
    assert steps(found) == list(range(1, 9))


@pytest.mark.parametrize("optimizer", [LBFGS(), LevenbergMarquardt()])
def test_the_records_of_a_solver_tell_its_loss_and_the_length_of_its_steps(optimizer: Any) -> None:
    A, b = amounts(rows=30)
    net = Network([3, 4, 1], activation="tanh", seed=0)
    found = Recorder(every=1)
    history = net.fit(A, b, epochs=6, optimizer=optimizer, callbacks=[found])
    losses = [record["loss"] for record in found.records]
    assert losses[1:] == [epoch["loss"] for epoch in history][:-1]  # each is that before a step
    rates = [record["learning_rate"] for record in found.records]
    assert rates == [epoch["learning_rate"] for epoch in history]


def test_fixed_parameters_have_no_update_and_bits_stay_the_same() -> None:
    def trained(*callbacks: Callback) -> Network:
        net = network().constrain("weights[1]").constrain("weights[2]", (-0.1, 0.1))
        net.fit(X, Y, **OPTIONS, callbacks=callbacks)
        return net

    found = Recorder(every=7)
    assert state(trained(found)) == state(trained())
    assert {record["layers"][1]["update_zero_share"] for record in found.records} == {1.0}
    assert {record["layers"][1]["gradient_norm"] for record in found.records} == {0.0}


def test_it_sees_gradients_as_callbacks_before_it_left_them() -> None:
    before, after = Recorder(every=1), Recorder(every=1)
    fitted(before, ClipNorm(1e-3), after)

    def norms(found: Recorder) -> list[float]:
        each = [[layer["gradient_norm"] for layer in r["layers"]] for r in found.records]
        return np.linalg.norm(each, axis=1).tolist()  # of weights, without biases

    assert min(norms(before)) > 1e-3
    assert max(norms(after)) < 1e-3


# The sample


class Scores(Callback):
    """The mean score of the output layer, over given rows, before each step."""

    def __init__(self, rows: Any) -> None:
        self.rows, self.means = rows, list[float]()

    def on_gradients(self, training: Any) -> None:
        self.means.append(float(training.passes.scores(self.rows).mean()))


def last_means(found: Recorder) -> list[float]:
    return [record["layers"][-1]["scores_mean"] for record in found.records]


def test_few_rows_are_all_looked_at_always_the_same_and_without_dropout() -> None:
    A, b = amounts(rows=40)
    found, seen = Recorder(every=1), Scores(A)
    net = Network([3, 6, 1], dropout=0.4, dtype="float64", seed=0)
    net.fit(A, b, epochs=3, batch_size=10, callbacks=[found, seen])
    np.testing.assert_allclose(last_means(found), seen.means, rtol=1e-9)


def test_rows_of_ones_own_are_scaled_as_the_training_rows_are() -> None:
    A, b = amounts(rows=40)
    own = 1e3 + 50.0 * inputs(rows=7, seed=5)
    found = Recorder(every=1, sample=own)
    net = Network([3, 6, 1], dtype="float64", seed=0)
    net.fit(1e3 + 50.0 * A, b, epochs=1, batch_size=10, standardize=True, callbacks=[found])
    assert net.input_scaling is not None
    assert net.input_scaling.source == "numbers"
    seen = Scores(net.scale_inputs(own))
    again = Network([3, 6, 1], dtype="float64", seed=0)
    again.fit(1e3 + 50.0 * A, b, epochs=1, batch_size=10, standardize=True, callbacks=[seen])
    np.testing.assert_allclose(last_means(found), seen.means, rtol=1e-9)


def test_changing_the_rows_given_changes_no_record() -> None:
    own = np.ascontiguousarray(X[:9], dtype=np.float32)

    class Spoil(Callback):
        def on_batch_end(self, training: Any) -> None:
            own[:] = np.nan

    kept = Recorder(every=1, sample=own.copy())
    found = Recorder(every=1, sample=own)
    fitted(found, Spoil(), kept)
    assert found.records == kept.records


@pytest.mark.parametrize("rows", [300, 5000])
def test_a_sample_is_drawn_from_the_rows_that_count(rows: int) -> None:
    A, b = three_classes(rows=rows)
    weights = np.ones(rows)
    weights[rows // 4 :] = 0.0
    A[rows // 4 :] = 1e6
    found = Recorder(every=1)
    network().fit(A, b, epochs=1, sample_weight=weights, callbacks=[found])
    assert all(0 < record["layers"][0]["scores_spread"] < 100 for record in found.records)


def test_rows_held_back_for_validation_are_not_in_the_sample() -> None:
    A, b = amounts(rows=40)
    net = Network([3, 1], dtype="float64", seed=0)
    places: list[Any] = []

    class Look(Callback):
        def on_fit_begin(self, training: Any) -> None:
            places.append(training.source.rows.places)

    found, seen = Recorder(every=1), Scores(A)
    net.fit(A, b, epochs=1, validation_split=0.5, callbacks=[Look(), found])
    seen.rows = A[places[0]]
    again = Network([3, 1], dtype="float64", seed=0)
    again.fit(A, b, epochs=1, validation_split=0.5, callbacks=[seen])
    np.testing.assert_allclose(last_means(found), seen.means, rtol=1e-9)


def test_two_recorders_look_at_the_same_rows_and_others_than_the_first() -> None:
    one, other, first = Recorder(), Recorder(), Recorder(sample=X[:64])
    fitted(one, other, first)
    assert one.records == other.records != first.records


@pytest.mark.parametrize("kind", [list, iter])
def test_batches_of_ones_own_give_the_first_rows_of_the_first(kind: Any) -> None:
    batches = [(X[i : i + 100], Y[i : i + 100]) for i in range(0, 300, 100)]
    found, first = Recorder(every=1, sample=50), Recorder(every=1, sample=X[:50])
    network().fit(kind(batches), epochs=1, callbacks=[found, first])
    assert found.records == first.records
    assert steps(found) == [1, 2, 3]


def test_bytes_are_scaled() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (200, 4), dtype=np.uint8)
    found, own = Recorder(every=1, sample=200), Recorder(every=1, sample=pixels)
    net = Network([4, 3, 2], seed=0)
    net.fit(pixels, pixels[:, 0] // 128, epochs=1, callbacks=[found, own])
    assert found.records == own.records
    assert abs(found.records[0]["layers"][0]["scores_mean"]) < 3


def test_one_row_says_nothing_of_which_units_answer() -> None:
    found = Recorder(every=1, sample=X[:1], units=True)
    fitted(found, of={"activation": "tanh"})
    assert found.records[0]["layers"][0]["dead_share"] == 0.0
    assert found.records[0]["layers"][2]["units"]["dead"] == [False] * 3


# When, and how many


@pytest.mark.parametrize(("batches", "wanted"), [(300, 30), (57, 5), (19, 1), (4, 1)])
def test_an_epoch_has_at_least_ten_records_where_it_has_ten_steps(
    batches: int, wanted: int
) -> None:
    found = Recorder()
    A, b = three_classes(rows=batches * 4)
    network().fit(A, b, epochs=1, batch_size=4, callbacks=[found])
    assert steps(found)[:2] == [1, 1 + wanted]
    assert len(found.records) >= min(batches, 10)


def test_records_are_kept_far_enough_apart_to_be_cheap_but_for_the_first() -> None:
    found = Recorder()
    A, b = three_classes(rows=60)
    network().fit(A, b, epochs=500, batch_size=4, callbacks=[found])  # 7,500 steps
    apart = set(np.diff(steps(found)).tolist())
    (spacing,) = apart
    needed = cost(network(), 4, 60, False) / recorder.SHARE
    assert needed <= spacing < 2 * needed
    assert steps(found)[0] == 1
    assert steps(found)[-1] > 7500 - spacing
    begin = Recorder()
    network().fit(A, b, epochs=4, batch_size=4, callbacks=[begin])
    assert steps(begin) == list(range(1, 61))


@pytest.mark.parametrize("keep", [2, 3, 7, 64])
def test_memory_is_bounded_and_a_long_training_covered_evenly(keep: int) -> None:
    found = Recorder(every=1, keep=keep)
    most = 0

    class Count(Callback):
        def on_batch_end(self, training: Any) -> None:
            nonlocal most
            most = max(most, len(found.records))
            assert len(found._table) <= keep

    fitted(found, Count(), epochs=15)  # 300 steps
    assert most == keep
    (spacing,) = set(np.diff(steps(found)).tolist())
    assert spacing & (spacing - 1) == 0
    assert steps(found)[0] == 1
    assert 300 - steps(found)[-1] < spacing
    assert keep // 2 <= len(found.records) <= keep


def test_what_is_kept_is_what_a_recorder_that_keeps_all_has() -> None:
    few, all_ = Recorder(every=3, keep=8), Recorder(every=3)
    fitted(few, all_, epochs=12)
    (spacing,) = set(np.diff(steps(few)).tolist())
    assert spacing > 3
    assert few.records == [r for r in all_.records if (r["step"] - 1) % spacing == 0]


def test_latest_is_the_last_record() -> None:
    found = Recorder(every=2)
    assert found.latest is None
    assert found.records == []
    fitted(found)
    assert found.latest == found.records[-1]
    found.records[0]["layers"].clear()  # a copy: what is written down stays
    assert len(found.records[0]["layers"]) == 3


# Several fits, copies, checkpoints


def test_a_further_fit_goes_on_counting() -> None:
    found, net = Recorder(every=7), network()
    for _ in range(2):
        net.fit(X, Y, **OPTIONS, callbacks=[found])
    assert steps(found) == list(range(1, 121, 7))
    assert found.records[-1]["epoch"] == 6
    # No step came before the first of a fit, as far as it knows.
    alone = Recorder(every=1)
    net.fit(X, Y, **OPTIONS, callbacks=[alone])
    net.fit(X, Y, **OPTIONS, callbacks=[alone])
    none = [r["step"] for r in alone.records if r["layers"][0]["alignment"] is None]
    assert none == [1, 61]


def test_another_network_needs_another_recorder() -> None:
    found = Recorder()
    fitted(found)
    net = Network([3, 4, 3], seed=0)
    before = state(net)
    with pytest.raises(ValueError, match=r"has records of a network \[3, 6, 5, 3\]; got one of"):
        net.fit(X, Y, epochs=1, callbacks=[found])
    assert state(net) == before
    assert len(found.records) == 30


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_has_the_records_and_goes_on_by_itself(copied: Any) -> None:
    found, net = Recorder(every=3, units=True), network()
    net.fit(X, Y, **OPTIONS, callbacks=[found])
    twin = copied(found)
    assert twin.records == found.records
    copy.deepcopy(net).fit(X, Y, **OPTIONS, callbacks=[twin])
    net.fit(X, Y, **OPTIONS, callbacks=[found])
    assert len(found.records) == 40
    assert twin.records == found.records


class Kill(Callback):
    """Ends the training after a step, without what comes at the end of one."""

    def __init__(self, step: int) -> None:
        self.step = step

    def on_batch_end(self, training: Any) -> None:
        if training.step == self.step:
            raise SystemExit


@pytest.mark.parametrize(
    "settings",
    [{"every": 1}, {"every": 3, "units": True}, {"every": 2, "keep": 5}, {}],
    ids=str,
)
def test_a_resumed_training_has_the_same_records_to_the_last_bit(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    options: dict[str, Any] = {"epochs": 2, "batch_size": 30}
    whole = Recorder(**settings)
    network(dropout=0.2).fit(X, Y, **options, callbacks=[whole])
    for step in (1, 2, 3, 4, 5, 8, 12, 19):
        folder = tmp_path / str(step)
        callbacks = [Recorder(**settings), Kill(step + 1), Checkpoint(folder, every_batches=1)]
        with pytest.raises(SystemExit):
            network(dropout=0.2).fit(X, Y, **options, callbacks=callbacks)
        found = Recorder(**settings)
        network(dropout=0.2).fit(X, Y, **options, callbacks=[found], resume=folder)
        assert found.records == whole.records
        again = Recorder(**settings)  # what is done is read back, and can be counted on from
        net = network(dropout=0.2)
        net.fit(X, Y, **options, callbacks=[again], resume=folder)
        assert again.records == whole.records
        assert again._ended == (20, 2)


def begun(found: Recorder) -> dict[str, Any]:
    """A state of it, in a training that is under way."""
    states: list[dict[str, Any]] = []

    class Take(Callback):
        def on_batch_end(self, training: Any) -> None:
            states.append(found.state())

    fitted(found, Take(), epochs=1)
    return states[-1]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"table": np.zeros((2, 3))}, "table must have 58 columns of float64"),
        ({"table": np.zeros((2, 58), np.int64)}, "table must have 58 columns of float64"),
        ({"table": np.full((2, 58), np.nan)}, "table must have finite steps"),
        ({"spacing": 0}, "spacing must be an integer of at least 1"),
        ({"begun": [-1, 0]}, "begun must be an integer of at least 0"),
        ({"begun": [1]}, "unpack"),
        ({"step": -4}, "step must be"),
        ({"before": np.zeros(3)}, "broadcast"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(wrong: dict[str, Any], message: str) -> None:
    good = begun(Recorder(every=1))
    found = Recorder(every=1)

    class Restore(Callback):
        def on_fit_begin(self, training: Any) -> None:
            found.restore_state({**good, **wrong})

    with pytest.raises(ValueError, match=message):
        fitted(found, Restore())


def test_a_state_is_for_a_training_that_has_begun() -> None:
    with pytest.raises(ValueError, match="table must have"):
        Recorder().restore_state(begun(Recorder(every=1)))


# Where it is refused, and wrong settings


def test_a_fleet_and_restarts_refuse_it() -> None:
    with pytest.raises(ValueError, match="Recorder looks at one network, not at a fleet"):
        Fleet([3, 4, 3], 2).fit(X, Y, callbacks=[Recorder()])
    with pytest.raises(ValueError, match="Recorder looks at one network"):
        network().fit(X, Y, restarts=2, callbacks=[Recorder()])


def test_an_estimator_can_have_one() -> None:
    found = Recorder(every=1)
    model = MLPClassifier((6,), max_iter=3, random_state=0, callbacks=[found], n_iter_no_change=99)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        model.fit(X, Y)
    assert len(found.records) == model.t_ // len(X) * -(-len(X) // 200)
    assert len(found.records[0]["layers"]) == 2


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"every": 0}, ValueError, "every must be an integer of at least 1; got 0"),
        ({"every": True}, TypeError, "every must be .* got True"),
        ({"every": 1.5}, ValueError, "every must be .* got 1.5"),
        ({"keep": 1}, ValueError, "keep must be an integer of at least 2; got 1"),
        ({"units": 1}, TypeError, "units must be True or False; got 1"),
        ({"sample": 1}, ValueError, "sample must be .* at least 2; got 1. Or rows of your own"),
        ({"sample": None}, TypeError, "sample must be .* got None. Or rows of your own"),
        ({"sample": "all"}, TypeError, "sample must be .* got 'all'"),
    ],
)
def test_wrong_settings_are_refused(
    wrong: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        Recorder(**wrong)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        (np.zeros((4, 2)), "sample"),
        (np.full((4, 3), np.nan), "sample"),
        (np.zeros((0, 3)), "sample"),
        ([1.0, 2.0, 3.0], "sample"),
    ],
)
def test_a_sample_that_does_not_fit_is_refused_before_training(sample: Any, message: str) -> None:
    net = network()
    before = state(net)
    with pytest.raises(ValueError, match=message):
        net.fit(X, Y, callbacks=[Recorder(sample=sample)])
    assert state(net) == before


# What tells that it changes nothing


def test_a_callback_that_only_watches_costs_no_look_at_the_parameters() -> None:
    looks: list[int] = []

    class Look(Callback):
        watches = True

        def on_batch_end(self, training: Any) -> None:
            looks.append(training.plan.look)

    class Act(Look):
        watches = False

    fitted(Recorder(), Look(), epochs=1)
    fitted(Recorder(), Act(), epochs=1)
    assert set(looks[:20]) == {8}
    assert set(looks[20:]) == {1}


def test_the_weights_of_all_layers_are_where_they_are_taken_from() -> None:
    net = network()
    flat = np.arange(net.parameters.size)
    parts = [weights.ravel() for weights, _ in views(net.layers, flat)]
    found = Recorder(every=1)
    net.fit(X, Y, epochs=1, optimizer=SGD(learning_rate=1e-12), callbacks=[found])
    norms = [layer["weights_norm"] for layer in found.records[0]["layers"]]
    assert norms == pytest.approx([np.linalg.norm(net.parameters[p]) for p in parts], rel=1e-5)
    assert json.dumps(found.records, allow_nan=False)
