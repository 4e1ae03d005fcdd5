"""Cross-validation: each row is predicted by a network that has not seen it, and by that alone."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_problems import amounts, state, three_classes, yes_or_no

from glassnet import Callback, DivergenceError, Fleet, Network, cross_validate
from glassnet.callbacks import EarlyStopping
from glassnet.core.random import Stream
from glassnet.selection.rows import deal, make_folds, spread

QUICK = {"epochs": 4, "learning_rate": 0.05}


def by_hand(
    network: Network, seeds: list[int], X: Any, y: Any, weights: Any, **options: Any
) -> Any:
    """The networks, each trained for itself; all have the order of rows of the first seed."""
    for seed, mine in zip(seeds, weights, strict=True):
        single = Network(
            network.layers,
            activation=network.activations,
            dropout=network.dropout,
            dtype=network.dtype,
            seed=seed,
        )
        single.streams.order.state = Stream(seeds[0], "order").state
        single.fit(X, y, sample_weight=mine, **options)
        yield single


def seeds_of(result: Any) -> list[int]:
    return [network.seed for network in result.networks]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("problem", [three_classes, yes_or_no, amounts])
def test_all_is_as_in_a_loop_of_networks_trained_alone_bit_for_bit(
    problem: Any, dtype: str
) -> None:
    X, y = problem()
    outputs = 3 if problem is three_classes else 1
    network = Network([3, 6, outputs], activation="tanh", dropout=0.2, dtype=dtype)
    own = np.linspace(0.5, 2, len(X))
    found = cross_validate(network, X, y, folds=4, sample_weight=own, **QUICK)
    held_out = [found.folds[0] == fold for fold in range(4)]
    weights = [~held * own for held in held_out]
    singles = list(by_hand(network, seeds_of(found), X, y, weights, **QUICK))
    for single, member, held, fold in zip(singles, found.networks, held_out, range(4), strict=True):
        np.testing.assert_array_equal(single.parameters, member.parameters)
        values = single.evaluate(X[held], y[held], sample_weight=own[held])
        assert values == {name: each[fold] for name, each in found.values.items()}
        np.testing.assert_array_equal(found.predictions[held], single.predict(X[held]))
    assert isinstance(found.networks, Fleet)
    assert found.reasons == ["all epochs done"] * 4


@pytest.mark.parametrize("more", [{"standardize": True}, {"class_weight": "balanced"}])
def test_what_is_computed_from_rows_is_computed_from_those_of_each_network(more: Any) -> None:
    X, y = yes_or_no()
    X = X * [1.0, 10.0, 100.0] + 3
    own = np.linspace(0.5, 2, len(X))
    found = cross_validate(Network([3, 4, 1]), X, y, folds=3, sample_weight=own, **more, **QUICK)
    for fold, member in enumerate(found.networks):
        held = found.folds[0] == fold
        single = Network([3, 4, 1], seed=member.seed, loss="logistic")
        single.fit(X[~held], y[~held], sample_weight=own[~held], **more, **QUICK)
        np.testing.assert_array_equal(single.parameters, member.parameters)
        values = single.evaluate(X[held], y[held], sample_weight=own[held])
        assert values == {name: each[fold] for name, each in found.values.items()}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"standardize": True},
        {"validation_split": 0.3, "early_stopping": 1, "epochs": 30},
        {"optimizer": "rprop"},
        {"early_stopping": EarlyStopping(1, monitor="loss"), "epochs": 30},
    ],
)
def test_a_network_knows_nothing_of_the_rows_held_out_from_it(more: Any) -> None:
    X, y = amounts(rows=50)
    options = {**QUICK, "folds": np.arange(50) % 3, **more}
    before = cross_validate(Network([3, 4, 1]), X, y, **options)
    held = before.folds[0] == 1
    X, y = X.copy(), y.copy()
    X[held] = X[held] * 7 - 1
    y[held] += 5
    after = cross_validate(Network([3, 4, 1]), X, y, **options)
    np.testing.assert_array_equal(after.networks[1].parameters, before.networks[1].parameters)
    assert (after.networks[0].parameters != before.networks[0].parameters).any()
    assert after.values["loss"][1] > before.values["loss"][1]


def test_metrics_that_ignore_weights_see_the_held_out_rows_alone() -> None:
    def count(targets: Any, outputs: Any, weights: Any) -> float:
        return float(len(targets))

    X, y = three_classes()
    found = cross_validate(Network([3, 4, 3]), X, y, folds=4, metrics=[count, "f1"], **QUICK)
    assert list(found.values) == ["loss", "count", "f1"]
    np.testing.assert_array_equal(found.values["count"], np.bincount(found.folds[0]))


@given(
    labels=st.none() | st.lists(st.integers(0, 4), min_size=2, max_size=60),
    rows=st.integers(2, 60),
    folds=st.integers(2, 12),
    seed=st.integers(0, 9),
)
def test_folds_are_of_one_size_and_have_their_share_of_each_label(
    labels: Any, rows: int, folds: int, seed: int
) -> None:
    each = None if labels is None else np.array(labels)
    rows = rows if each is None else len(each)
    found = deal(rows, folds, each, Stream(seed, "folds"))
    for these in [found] if each is None else [found, *(found[each == k] for k in set(labels))]:
        assert np.ptp(np.bincount(these, minlength=folds)) <= 1


@given(
    labels=st.lists(st.integers(0, 4), min_size=1, max_size=60),
    seed=st.integers(0, 9),
    share=st.floats(0, 1),
)
def test_any_first_part_has_its_share_of_each_label(
    labels: list[int], seed: int, share: float
) -> None:
    each = np.array(labels)
    order = spread(len(each), each, Stream(seed))
    assert sorted(order) == list(range(len(each)))
    first = each[order[: round(share * len(each))]]
    for label in set(labels):
        wanted = (each == label).mean() * len(first)
        assert abs((first == label).sum() - wanted) < len(set(labels))


def test_each_repeat_holds_out_each_row_once_in_other_folds() -> None:
    X, y = three_classes()
    found = cross_validate(Network([3, 3]), X, y, folds=3, repeats=2, **QUICK)
    assert found.folds.shape == (2, 45)
    assert (found.folds[0] != found.folds[1]).any()
    assert len(set(seeds_of(found))) == len(found.networks) == len(found.values["loss"]) == 6
    wanted = np.zeros((45, 3))
    for number, one in enumerate(found.networks):
        held = found.folds[number // 3] == number % 3
        wanted[held] += one.predict(X[held]) / 2
    np.testing.assert_allclose(found.predictions, wanted, rtol=1e-6)


def test_mean_deviation_and_standard_error_are_those_of_the_folds() -> None:
    X, y = three_classes()
    found = cross_validate(Network([3, 3]), X, y, folds=3, repeats=2, **QUICK)
    losses = found.values["loss"]
    assert found.mean["loss"] == pytest.approx(losses.mean())
    assert found.deviation["loss"] == pytest.approx(np.std(losses, ddof=1))
    within = (np.var(losses[:3], ddof=1) + np.var(losses[3:], ddof=1)) / 2
    assert found.standard_error["loss"] == pytest.approx(np.sqrt(within / 3))
    assert repr(found).startswith("<CrossValidation of 3 folds, 2 times: loss ")
    assert " ± " in repr(found)


def test_the_same_seed_gives_the_same_and_another_seed_something_else() -> None:
    X, y = three_classes()
    first, same, other = (
        cross_validate(Network([3, 3]), X, y, seed=seed, **QUICK) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.values["loss"], same.values["loss"])
    np.testing.assert_array_equal(first.folds, same.folds)
    assert (first.folds != other.folds).any()
    assert not set(seeds_of(first)) & set(seeds_of(other))
    cross_validate(Network([3, 3]), X, y, seed=None, **QUICK)


@pytest.mark.parametrize("names", [[3, 1, 1, 2], ["b", "a", "a", "c"], np.array([9, 7, 7, 8])])
def test_folds_may_be_given_by_any_names(names: Any) -> None:
    X, y = amounts(rows=40)
    given_names = np.tile(names, 10) if isinstance(names, np.ndarray) else names * 10
    found = cross_validate(Network([3, 1]), X, y, folds=given_names, repeats=2, **QUICK)
    assert found.folds.shape == (2, 40)
    np.testing.assert_array_equal(found.folds[0][:4] == found.folds[0][1], [0, 1, 1, 0])
    assert len(found.networks) == 6


def test_folds_of_objects_are_told_apart_by_what_they_are() -> None:
    names = np.array(["x", 1, "x", "1"], dtype=object)
    found = make_folds(names, 1, 4, None, Stream(0))[0]
    assert len(set(found)) == 3
    assert found[0] == found[2]


def test_the_network_that_is_passed_is_read_only() -> None:
    X, y = three_classes()
    for network in (Network([3, 4, 3], seed=1), Network([3, 4, 3], seed=1).reset()):
        before = state(network)
        cross_validate(network, X, y, **QUICK)
        assert state(network) == before
    trained = Network([3, 4, 3], seed=1)
    trained.fit(X + 100, y, standardize=True)
    before = state(trained)
    found = cross_validate(trained, X, y, **QUICK)
    assert state(trained) == before
    fresh = cross_validate(Network([3, 4, 3]), X, y, **QUICK)
    np.testing.assert_array_equal(found.values["loss"], fresh.values["loss"])


def test_labels_in_words_bytes_and_tables_are_taken_as_in_fit() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    X, y = three_classes()
    words = [["low", "middle", "high"][label] for label in y]
    network = Network([3, 3], classes=["low", "middle", "high"])
    table = pandas.DataFrame(X, columns=["a", "b", "c"])
    found = cross_validate(network, table, words, **QUICK)
    plain = cross_validate(Network([3, 3]), X, y, **QUICK)
    np.testing.assert_array_equal(found.values["loss"], plain.values["loss"])
    np.testing.assert_array_equal(found.folds, plain.folds)
    assert found.networks[0].columns == {"names": ["a", "b", "c"]}
    pixels = np.abs(X * 80).clip(0, 255).astype(np.uint8)
    assert np.isfinite(cross_validate(Network([3, 3]), pixels, y, **QUICK).mean["loss"])


def test_unknown_targets_and_several_labels_a_row_are_measured_too() -> None:
    X, y = amounts(outputs=2)
    gaps = y.copy()
    gaps[::5, 0] = np.nan
    found = cross_validate(Network([3, 2]), X, gaps, missing="mask", **QUICK)
    assert np.isfinite(found.values["loss"]).all()
    several = (y > 0).astype(int)
    found = cross_validate(Network([3, 2], loss="logistic"), X, several, **QUICK)
    assert np.isfinite(found.values["accuracy"]).all()


def test_a_network_that_diverged_has_no_value_and_leaves_the_others_alone() -> None:
    X, y = amounts(rows=30)
    y[:10] *= 1e18
    options = {**QUICK, "folds": np.repeat([0, 1, 2], 10), "optimizer": "sgd", "epochs": 20}
    for more in ({}, {"standardize": False, "class_weight": None}):
        found = cross_validate(Network([3, 1]), X, y, **options, **more)
        assert [reason.startswith("diverged") for reason in found.reasons] == [False, True, True]
        np.testing.assert_array_equal(np.isnan(found.values["loss"]), [False, True, True])
        np.testing.assert_array_equal(np.isnan(found.predictions[:, 0]), np.arange(30) >= 10)
        assert np.isnan(found.mean["loss"])
    with pytest.raises(DivergenceError, match="All 3 networks diverged; the first diverged in"):
        cross_validate(Network([3, 1]), X, y, **{**options, "learning_rate": 1e30})


def test_trained_one_by_one_a_network_that_diverged_leaves_the_others_alone() -> None:
    X, y = amounts(rows=30)
    X[:10] *= 1e4
    options = {**QUICK, "folds": np.repeat([0, 1, 2], 10), "optimizer": "sgd", "epochs": 20}
    y = (y > 0.5).astype(int)
    found = cross_validate(
        Network([3, 1], loss="squared_error"), X, y, **options, class_weight="balanced"
    )
    assert [reason.startswith("diverged") for reason in found.reasons] == [False, True, True]
    assert isinstance(found.networks, list)


WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"network": Network}, TypeError, "network must be a glassnet Network, which serves as the"),
    ({"network": Fleet([3, 3], 2)}, TypeError, "network must be a glassnet Network"),
    ({"folds": 1}, ValueError, "folds must be an integer of at least 2; got 1"),
    ({"folds": 46}, ValueError, "folds=46 needs at least 46 rows; X has 45"),
    ({"folds": True}, TypeError, "folds must be an integer"),
    ({"folds": "5"}, TypeError, "folds must be an integer"),
    ({"folds": [1, 2]}, ValueError, "the fold of each row; got 2 for 45 rows"),
    ({"folds": [1] * 45}, ValueError, "folds must name at least 2 folds; got only 1"),
    ({"folds": [0.5] * 45}, TypeError, "the fold of each row as integers or text"),
    ({"folds": [1, 2, 3] * 15, "stratified": True}, ValueError, "for folds that are drawn"),
    ({"repeats": 0}, ValueError, "repeats must be an integer of at least 1; got 0"),
    ({"seed": -1}, ValueError, "seed must be an integer of at least 0"),
    ({"stratified": 1}, TypeError, "stratified must be True or False; got 1"),
    ({"metrics": ["acuracy"]}, ValueError, "metrics must be names of .* Did you mean 'accuracy'"),
    ({"metrics": "r2"}, ValueError, "the metric 'r2'"),
    ({"sample_weight": [1.0]}, ValueError, "sample_weight must have one number for each row"),
    ({"sample_weight": [-1.0] * 45}, ValueError, "sample_weight must be at least 0"),
    ({"epoch": 3}, TypeError, "unexpected keyword argument 'epoch'.* Did you mean 'epochs'"),
    ({"epochs": 0}, ValueError, "epochs must be an integer of at least 1"),
    ({"restarts": 4}, ValueError, "cross_validate cannot use restarts"),
    ({"time_limit": 4}, ValueError, "cannot use time_limit, which would end some"),
    ({"learning_rate": [0.1] * 5}, ValueError, "learning_rate must be one number here.*search"),
    ({"early_stopping": 5}, ValueError, "early_stopping needs rows to go by"),
    ({"early_stopping": EarlyStopping(3)}, ValueError, "Pass validation_split=0.1"),
    ({"standardize": 1}, TypeError, "standardize must be True or False"),
    ({"X": np.zeros((45, 2))}, ValueError, "X has 2 columns, but this network has 3 inputs"),
    ({"y": np.zeros(44)}, ValueError, "y has 44 rows, but its X has 45"),
    ({"y": None}, ValueError, "y is None"),
]


@pytest.mark.parametrize(("wrong", "error", "message"), WRONG)
def test_what_does_not_fit_is_refused_and_the_network_left_alone(
    wrong: Any, error: Any, message: str
) -> None:
    X, y = three_classes()
    network = Network([3, 3], seed=1)
    before = state(network)
    with pytest.raises(error, match=message):
        cross_validate(**{"network": network, "X": X, "y": y, **QUICK, **wrong})
    assert state(network) == before


def test_stratified_needs_labels() -> None:
    X, y = amounts()
    with pytest.raises(ValueError, match="stratified=True needs one label for each row"):
        cross_validate(Network([3, 1]), X, y, stratified=True)


def test_early_stopping_is_the_same_in_a_loop_with_a_part_of_the_rows_that_are_trained_with() -> (
    None
):
    X, y = three_classes(rows=60)
    folds = np.arange(60) % 3
    options = {"epochs": 40, "learning_rate": 0.2, "early_stopping": 1}
    found = cross_validate(Network([3, 8, 3]), X, y, folds=folds, validation_split=0.25, **options)
    seeds = seeds_of(found)
    order = spread(60, y, Stream(seeds[0], "validation"))
    validation = np.zeros((3, 60))
    for fold in range(3):
        validation[fold, [row for row in order if folds[row] != fold][:10]] = 1
    for fold, member in enumerate(found.networks):
        training = (folds != fold) & (validation[fold] == 0)
        assert training.sum() == 30
        data = {"validation_data": (X, y, validation[fold])}
        (single,) = by_hand(Network([3, 8, 3]), [seeds[fold]], X, y, [training], epochs=1)
        single.reset()
        single.streams.order.state = Stream(seeds[0], "order").state
        single.fit(X, y, sample_weight=training, **data, **options)
        np.testing.assert_array_equal(single.parameters, member.parameters)
        assert len(single.history) == len(member.history)
    assert len({len(network.history) for network in found.networks}) > 1


def test_validation_rows_given_twice_are_refused() -> None:
    X, y = three_classes()
    with pytest.raises(ValueError, match="pass validation_data or validation_split, not both"):
        cross_validate(Network([3, 3]), X, y, validation_data=(X, y), validation_split=0.1)


def test_an_error_of_a_hook_is_passed_on() -> None:
    class Trouble(Callback):
        def on_epoch_end(self, training: Any) -> None:
            raise DivergenceError("enough", 1, 1, 0.1)

    X, y = three_classes()
    with pytest.raises(DivergenceError, match="enough"):
        cross_validate(Network([3, 3]), X, y, callbacks=[Trouble()], **QUICK)


def test_a_fold_or_a_training_without_weight_is_refused() -> None:
    X, y = three_classes()
    folds = np.arange(45) % 3
    with pytest.raises(ValueError, match="sample_weight is 0 for each of the 15 rows of fold 1"):
        cross_validate(Network([3, 3]), X, y, folds=folds, sample_weight=folds != 1, **QUICK)
    weights = np.ones(45)
    weights[spread(45, y, Stream(int(Stream(0, "members").raw(1)[0] >> 1), "validation"))[:20]] = 0
    options = {"folds": folds, "sample_weight": weights, "validation_split": 0.1}
    with pytest.raises(ValueError, match="rows to validate with of network 0; at least one"):
        cross_validate(Network([3, 3]), X, y, **options, **QUICK)


def test_folds_without_labels_are_drawn_alike_where_stratified_is_false() -> None:
    X, y = yes_or_no()
    found = cross_validate(Network([3, 1]), X, y, folds=4, stratified=False, seed=3, **QUICK)
    np.testing.assert_array_equal(found.folds[0], deal(40, 4, None, Stream(3, "folds")))
    found = cross_validate(Network([3, 1]), X, y, folds=4, stratified=True, seed=3, **QUICK)
    np.testing.assert_array_equal(found.folds[0], deal(40, 4, y, Stream(3, "folds")))
