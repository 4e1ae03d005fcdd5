"""A training over all rows at a time is a training like others: rows, weights, hooks, ends."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_problems
from killing import Kill
from numpy.typing import NDArray

from glassnet import (
    LBFGS,
    Callback,
    DivergenceError,
    Fleet,
    Network,
    OwnLoss,
    cross_validate,
    search,
)
from glassnet.callbacks import Checkpoint, ClipNorm, ClipValue, EarlyStopping
from glassnet.core.scaling import uniform_scaling
from glassnet.optimizers import SGD
from glassnet.second_order import training as solvers
from glassnet.sources.rows import Rows
from glassnet.sources.whole import Whole, piece_of

Array = NDArray[Any]
X, Y = small_problems.amounts(rows=90)
LABELS = small_problems.yes_or_no(rows=90)[1]


def network(dtype: str = "float64", **options: Any) -> Network:
    return Network([3, 5, 1], **{"activation": "tanh", "dtype": dtype, "seed": 3, **options})


def trained(X: Any = X, y: Any = Y, net: Network | None = None, **options: Any) -> Network:
    net = net or network()
    net.fit(X, y, **{"optimizer": "lbfgs", "epochs": 15, **options})
    return net


# Rows


@pytest.mark.parametrize("rows", [1, 7, 64, 90])
def test_pieces_of_any_size_give_the_same(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = trained(sample_weight=np.linspace(0, 2, 90))
    monkeypatch.setattr(solvers, "piece_of", lambda layers: rows)
    found = trained(sample_weight=np.linspace(0, 2, 90))
    np.testing.assert_allclose(found.parameters, wanted.parameters, atol=1e-9)
    one = trained(epochs=1)
    monkeypatch.undo()
    np.testing.assert_allclose(one.parameters, trained(epochs=1).parameters, rtol=0, atol=1e-12)


def test_pieces_have_some_thousand_rows_of_usual_networks_and_fewer_of_wide_ones() -> None:
    assert piece_of([10, 30, 1]) == 8192
    assert 256 < piece_of([784, 100, 10]) < 8192
    assert piece_of([784, 10_000, 10_000, 10]) == 256


def test_no_more_than_a_piece_of_the_rows_is_converted_at_once() -> None:
    """200,000 rows of bytes would be 12.8 MB as float32, four times that for a step."""
    import tracemalloc

    generator = np.random.default_rng(0)
    many = generator.integers(0, 255, (200_000, 16), dtype=np.uint8)
    y = (many[:, 0] > 127).astype(np.int64)
    net = Network([16, 4, 1], seed=0)
    net.fit(many[:100], y[:100], epochs=1, optimizer="lbfgs")  # what is made once
    tracemalloc.start()
    net.fit(many, y, epochs=2, optimizer="lbfgs")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_memory_mapped_rows_give_what_arrays_give(tmp_path: Path) -> None:
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    np.testing.assert_array_equal(trained(mapped).parameters, trained().parameters)


def test_a_row_of_weight_2_is_the_row_twice_and_one_of_weight_0_is_absent() -> None:
    weights = np.resize([2.0, 1.0, 0.0], 90)
    weighted = trained(sample_weight=weights, weight_decay=0.01)
    repeated = np.repeat(np.arange(90), weights.astype(int))
    plain = trained(X[repeated], Y[repeated], weight_decay=0.01)
    np.testing.assert_allclose(weighted.parameters, plain.parameters, atol=1e-9)


def test_unknown_targets_count_as_absent() -> None:
    y = np.hstack([Y, Y[::-1]])
    gaps = y.copy()
    gaps[::3] = np.nan
    here = [i for i in range(90) if i % 3]
    nets = [Network([3, 4, 2], activation="tanh", dtype="float64", seed=0) for _ in range(2)]
    masked = trained(X, gaps, nets[0], missing="mask")
    np.testing.assert_allclose(
        masked.parameters, trained(X[here], y[here], nets[1]).parameters, atol=1e-9
    )


def test_total_weight_of_all_rows_is_that_of_one_batch() -> None:
    gaps = Y.copy()
    gaps[:5] = np.nan
    weights = np.linspace(0, 1, 90)
    rows = Rows(X, gaps, weights, uniform_scaling(), np.dtype("float64"))
    source = Whole(rows, 7)
    (batch,) = source.epoch()
    assert batch.rows == 90
    assert batch.total_weight() == pytest.approx(weights[5:].sum(), rel=1e-14)
    assert [piece.rows for piece in batch.cut(40)] == [40, 40, 10]
    assert list(source.epoch(start=1)) == []


def test_rows_for_validation_are_held_back_and_scaling_applies() -> None:
    net = network()
    history = net.fit(X, Y, optimizer="lbfgs", validation_split=0.3, standardize=True, epochs=30)
    assert history[-1]["val_loss"] < history[0]["val_loss"]
    assert net.evaluate(X, Y)["r2"] > 0.5


@pytest.mark.parametrize("classes", [None, "balanced"])
def test_class_weights_apply(classes: Any) -> None:
    net = trained(X, LABELS, class_weight=classes, weight_decay=0.1)
    assert net.test_accuracy(X, LABELS) > 0.8


# Going on


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("every", [{"every_epochs": 1}, {"every_batches": 1}])
def test_a_training_killed_at_any_step_goes_on_to_the_last_bit(
    dtype: str, every: Any, tmp_path: Path
) -> None:
    optimizer = LBFGS(memory=3, max_evaluations=14)
    options: dict[str, Any] = {"optimizer": optimizer, "weight_decay": 1e-3, "epochs": 14}
    whole = trained(net=network(dtype), **options)
    for step in (1, 2, 5, 9, 12):
        folder = tmp_path / str(step)
        each = Checkpoint(folder, **every)
        with pytest.raises(SystemExit):  # the last in the list, so that its checkpoint is written
            trained(net=network(dtype), callbacks=[each, Kill(step)], **options)
        found = trained(net=network(dtype), resume=folder, **options)
        np.testing.assert_array_equal(found.parameters, whole.parameters)
        assert list(found.history) == list(whole.history)
        assert found.history.stopped == whole.history.stopped
    assert "14 evaluations" in whole.history.stopped


def test_fit_again_goes_on_from_the_parameters_there_are() -> None:
    net = trained(epochs=5)
    before = net.evaluate(X, Y)["loss"]
    again = net.fit(X, Y, optimizer="lbfgs", epochs=5)
    assert again[0]["loss"] < before
    assert len(net.history) == 10


# Hooks and ends


def test_what_a_hook_does_to_parameters_is_seen() -> None:
    """Weights kept above 0 by a hook: the next step begins there, and the loss is that of there."""

    class Above(Callback):
        def after_step(self, training: Any) -> None:
            np.maximum(training.parameters, 0.0, out=training.parameters)

    net = trained(callbacks=[Above()], epochs=30)
    assert (net.parameters >= 0).all()
    assert net.history[-1]["loss"] < net.history[0]["loss"]


class Halved:
    """A callback of a user's own."""

    def on_gradients(self, training: Any) -> None:
        training.gradients *= 0.5


def test_changed_gradients_are_refused_in_words_and_nothing_has_moved() -> None:
    net = network()
    before = net.parameters.copy()
    with pytest.raises(ValueError, match=r"a callback changed .* LBFGS cannot follow"):
        trained(net=net, callbacks=[Halved()])
    np.testing.assert_array_equal(net.parameters, before)


@pytest.mark.parametrize("optimizer", ["lbfgs", "levenberg_marquardt", "bayesian_regularization"])
@pytest.mark.parametrize("clip", [ClipNorm(1e9), ClipValue(1e-6)])
@pytest.mark.parametrize("restarts", [1, 2])
def test_clipping_is_refused_before_anything_is_settled(
    optimizer: str, clip: Any, restarts: int
) -> None:
    net = network("float32")
    before = net.parameters.copy()
    with pytest.raises(ValueError, match=rf"gradients.*Leave {type(clip).__name__} out"):
        trained(net=net, callbacks=[clip], optimizer=optimizer, restarts=restarts)
    assert net.dtype == before.dtype == net.parameters.dtype
    assert (net.loss, net.input_scaling, list(net.history)) == (None, None, [])
    np.testing.assert_array_equal(net.parameters, before)


def test_an_error_while_trying_steps_leaves_the_last_good_parameters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    net, calls = network(), [0]
    usual = solvers.SolverTraining.evaluate

    def failing(self: Any, batch: Any) -> float:
        calls[0] += 1
        if calls[0] == 2:
            raise KeyboardInterrupt
        return usual(self, batch)

    monkeypatch.setattr(solvers.SolverTraining, "evaluate", failing)
    before = net.parameters.copy()
    with pytest.raises(KeyboardInterrupt):
        trained(net=net)
    np.testing.assert_array_equal(net.parameters, before)


def test_every_hook_and_end_of_fit_works() -> None:
    seen: list[Any] = []

    class Look(Callback):
        def on_gradients(self, training: Any) -> None:
            seen.append((training.loss, np.abs(training.gradients).max()))

    history = trained(callbacks=[Look()]).history
    assert seen[1] == (history[0]["loss"], history[0]["largest_slope"])
    assert trained(target_loss=0.1, epochs=200).history.stopped == "target loss of 0.1 reached"
    assert trained(time_limit=1e-9).history.stopped.startswith("time limit")
    stopping = EarlyStopping(2, monitor="val_loss")
    stopped = trained(y=np.sin(40 * Y), validation_split=0.5, callbacks=[stopping], epochs=500)
    assert len(stopped.history) < 500


def test_ends_are_told_in_words() -> None:
    ends = {
        "no slope is above the tolerance of 0.1": LBFGS(tolerance=0.1),
        "the loss fell by less than 0.01 of itself": LBFGS(loss_tolerance=0.01),
        "limit of 7 evaluations reached": LBFGS(max_evaluations=7),
        "all epochs done": LBFGS(tolerance=0, loss_tolerance=0),
    }
    for words, optimizer in ends.items():
        epochs = 3 if words.startswith("all") else 500
        assert trained(optimizer=optimizer, epochs=epochs).history.stopped == words


@pytest.mark.parametrize("most", [1, 2, 5])
def test_evaluations_are_as_many_as_allowed_and_no_more(most: int) -> None:
    class Count(Callback):
        def on_fit_end(self, training: Any) -> None:
            self.found = training.stepper.count

    count = Count()
    net = trained(optimizer=LBFGS(max_evaluations=most), callbacks=[count])
    assert count.found == most
    assert np.isfinite(net.parameters).all()


def test_a_start_without_a_finite_loss_is_told_and_kept() -> None:
    net = network(loss="poisson")
    net.biases[-1][:] = 1e5
    before = net.parameters.copy()
    with pytest.raises(DivergenceError, match="LBFGS cannot go on in epoch 1: the loss is inf"):
        trained(y=np.abs(Y), net=net)
    np.testing.assert_array_equal(net.parameters, before)
    assert net.history.stopped == "diverged"


def test_steps_into_what_is_not_finite_are_stepped_back_from() -> None:
    """Rates exp(score) of inputs of a thousand overflow at the first full step."""
    net = Network([3, 1], loss="poisson", dtype="float64", seed=0)
    net.parameters[...] = 0.0
    history = net.fit(1e3 * X, np.exp(Y), optimizer="lbfgs", epochs=50)
    assert np.isfinite(net.parameters).all()
    assert np.all(np.diff(history.column("loss")) <= 0)


def outputs_alone(scores: Array, targets: Array) -> Array:
    return scores - targets


def ones_alone(scores: Array, targets: Array) -> Array:
    return np.ones_like(scores)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_without_a_minimum_parameters_stay_of_a_size_to_work_with(dtype: str) -> None:
    """A loss that falls for ever, and separable classes."""
    falling = network(dtype, loss=OwnLoss("falling", outputs_alone, ones_alone))
    classes = Network([3, 1], dtype=dtype, seed=0)
    for net, y in ((falling, Y), (classes, X.sum(axis=1) > 0)):
        endless = LBFGS(tolerance=0, loss_tolerance=0)
        history = net.fit(X, y, optimizer=endless, epochs=500)
        assert history[-1]["loss"] < 1e-3
        assert float(net.parameters @ net.parameters) <= 1e24


def test_a_hopeless_direction_leaves_everything_in_place() -> None:
    """What is remembered may point uphill, or nowhere: then the gradient is taken."""

    class Spoil(Callback):
        def on_gradients(self, training: Any) -> None:
            training.stepper.slots[0] = np.inf
            training.stepper.slots[3] = np.inf

    net = trained(optimizer=LBFGS(memory=3), callbacks=[Spoil()])
    assert np.isfinite(net.parameters).all()
    assert net.history[-1]["loss"] < net.history[0]["loss"]


def test_rows_of_a_batch_are_all_rows() -> None:
    class Seen(Callback):
        def on_gradients(self, training: Any) -> None:
            assert training.batch_rows == 90

        on_batch_end = on_gradients

    trained(callbacks=[Seen()], epochs=3)


# Many


def test_restarts_keep_the_best_and_a_fleet_trains_each_as_alone() -> None:
    rates = [1e-3, 1e-1, 1.0]
    fleet = Fleet([3, 5, 1], members=3, activation="tanh", dtype="float64", seed=4)
    alone = [fleet[i] for i in range(3)]
    history = fleet.fit(X, Y, optimizer=LBFGS(weight_decay=rates), epochs=20)
    for number, net in enumerate(alone):
        net.fit(X, Y, optimizer=LBFGS(weight_decay=rates[number]), epochs=20)
        np.testing.assert_array_equal(fleet.parameters[number], net.parameters)
        assert list(history.member(number)) == list(net.history)
    best = network()
    best.fit(X, Y, optimizer="lbfgs", epochs=50, restarts=4)
    assert best.evaluate(X, Y)["loss"] <= trained(epochs=50).evaluate(X, Y)["loss"]


def test_members_see_the_rows_that_are_theirs() -> None:
    weights = np.array([np.resize([1.0, 0.0], 90), np.resize([0.0, 1.0], 90)])
    fleet = Fleet([3, 1], members=2, dtype="float64", seed=0)
    exact = LBFGS(tolerance=1e-10, loss_tolerance=0)
    fleet.fit(X, Y, optimizer=exact, epochs=50, sample_weight=weights)
    for number in range(2):
        net = Network([3, 1], dtype="float64", seed=0)
        net.fit(X[number::2], Y[number::2], optimizer=exact, epochs=50)
        np.testing.assert_allclose(fleet.parameters[number], net.parameters, atol=1e-8)


def test_cross_validation_and_search_work() -> None:
    found = cross_validate(network(), X, Y, folds=3, optimizer="lbfgs", epochs=20)
    assert found is not None
    decays = {"weight_decay": [1e-4, 1e-1]}
    best = search(network(), X, Y, settings=decays, grid=True, optimizer="lbfgs", epochs=20)
    assert best is not None


# Refusals


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "learning_rate": ({"learning_rate": 0.1}, "learning_rate does not apply to LBFGS.*got 0.1"),
    "schedule": ({"schedule": "cosine"}, "schedule does not apply to LBFGS.*got 'cosine'"),
    "batch_size": ({"batch_size": 10}, "LBFGS needs all rows in one batch; got batch_size=10"),
    "dropout": ({"net": network(dropout=0.5)}, "the optimizer LBFGS needs a loss .* no dropout"),
    "batches": ({"X": [(X, Y)], "y": None}, "got an iterable of batches. Pass arrays X and y"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_meaning_is_refused_in_words_and_nothing_is_changed(name: str) -> None:
    options, words = REFUSED[name]
    net = options.get("net") or network()
    before = small_problems.state(net)
    with pytest.raises(ValueError, match=words):
        trained(**{**options, "net": net})
    assert repr(small_problems.state(net)) == repr(before)


@pytest.mark.parametrize("schedule", ["one_cycle", "constant"])
def test_schedules_that_change_nothing_are_taken(schedule: str) -> None:
    np.testing.assert_array_equal(trained(schedule=schedule).parameters, trained().parameters)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"memory": 0}, "memory must be a finite number above 0|memory must be an integer"),
        ({"memory": 2.5}, "memory must be an integer of at least 1; got 2.5"),
        ({"tolerance": -1.0}, "tolerance must be a finite number of at least 0; got -1.0"),
        ({"loss_tolerance": np.nan}, "loss_tolerance must be a finite number of at least 0"),
        ({"max_evaluations": 0}, "max_evaluations must be an integer of at least 1; got 0"),
        ({"l1": 0.1}, "l1 must be 0 for LBFGS, which needs a smooth loss; got 0.1"),
    ],
)
def test_settings_are_checked(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        LBFGS(**settings)


def test_other_optimizers_are_as_they_were() -> None:
    assert SGD().training is None
    assert LBFGS(7) == LBFGS(memory=7)
    assert repr(LBFGS(7)).startswith("LBFGS(weight_decay=0.0") or "memory=7" in repr(LBFGS(7))
