"""Learning curves: ever more of the same rows, measured on rows that nobody has seen."""

from typing import Any

import numpy as np
import pytest
from small_problems import amounts, state, three_classes

from glassnet import Fleet, Network, learning_curve
from glassnet.core.random import Stream
from glassnet.selection.rows import spread

QUICK: dict[str, Any] = {"epochs": 4, "learning_rate": 0.05, "repeats": 2, "shares": [0.2, 0.5, 1]}


def orders(rows: int, labels: Any, repeats: int, seed: int = 0) -> list[Any]:
    stream = Stream(seed, "learning curve")
    return [spread(rows, labels, stream) for _ in range(repeats)]


def test_all_is_as_in_a_loop_of_networks_trained_alone_bit_for_bit() -> None:
    X, y = three_classes(rows=50)
    own = np.linspace(0.5, 2, 50)
    found = learning_curve(Network([3, 5, 3], dropout=0.1), X, y, sample_weight=own, **QUICK)
    assert isinstance(found.networks, Fleet)
    assert found.rows.tolist() == [8, 20, 40]
    seeds = [network.seed for network in found.networks]
    for size, count in enumerate(found.rows):
        for repeat, order in enumerate(orders(50, y, 2)):
            test, seen = order[:10], order[10 : 10 + count]
            weights = np.zeros(50)
            weights[seen] = own[seen]
            single = Network([3, 5, 3], dropout=0.1, seed=seeds[repeat])
            single.streams.order.state = Stream(seeds[0], "order").state
            single.fit(X, y, sample_weight=weights, epochs=4, learning_rate=0.05)
            member = found.networks[2 * size + repeat]
            np.testing.assert_array_equal(single.parameters, member.parameters)
            for part, rows in ((found.training, np.sort(seen)), (found.test, np.sort(test))):
                values = single.evaluate(X[rows], y[rows], sample_weight=own[rows])
                assert values == {name: each[size, repeat] for name, each in part.items()}


@pytest.mark.parametrize(
    "more",
    [
        {"standardize": True},
        {"standardize": True, "validation_split": 0.3, "early_stopping": 1},
        {"class_weight": "balanced"},
    ],
)
def test_what_depends_on_the_rows_of_each_network_is_trained_with_these_alone(more: Any) -> None:
    X, y = three_classes(rows=60)
    X = X * [1.0, 10.0, 100.0] + 3
    found = learning_curve(Network([3, 4, 3]), X, y, **QUICK, **more)
    order = orders(60, y, 2)[1]
    seen = np.sort(order[12 : 12 + found.rows[1]])
    member = found.networks[3]
    single = Network([3, 4, 3], seed=member.seed, loss="softmax_cross_entropy")
    single.fit(X[seen], y[seen], epochs=4, learning_rate=0.05, **more)
    np.testing.assert_array_equal(single.parameters, member.parameters)


def test_early_stopping_goes_by_a_part_of_the_rows_that_each_network_sees() -> None:
    X, y = three_classes(rows=60)
    options = {**QUICK, "epochs": 40, "learning_rate": 0.2, "repeats": 1}
    options |= {"validation_split": 0.25, "early_stopping": 1}
    found = learning_curve(Network([3, 8, 3]), X, y, **options)
    assert len({len(network.history) for network in found.networks}) > 1
    before = [network.parameters for network in found.networks]
    order = orders(60, y, 1)[0]
    unseen = order[[*range(12), *range(12 + found.rows[1], 60)]]
    X[unseen] += 3
    after = [
        network.parameters
        for network in learning_curve(Network([3, 8, 3]), X, y, **options).networks
    ]
    np.testing.assert_array_equal(after[1], before[1])
    assert (after[2] != before[2]).any()


def test_weights_that_leave_a_network_nothing_to_see_are_refused() -> None:
    X, y = three_classes()
    first, second = orders(45, y, 2)
    tested = np.zeros(45)
    tested[[first[-1], second[-1]]] = 1
    with pytest.raises(ValueError, match="rows that are trained with by network 1; at least one"):
        learning_curve(Network([3, 3]), X, y, test_data=(X, y), sample_weight=tested, **QUICK)


def test_rows_are_nested_and_networks_of_a_repeat_have_one_start() -> None:
    X, y = amounts(rows=60)
    options = {**QUICK, "optimizer": "sgd", "learning_rate": 1e-9}
    found = learning_curve(Network([3, 4, 1], dtype="float64"), X, y, **options)
    starts = np.stack([network.parameters for network in found.networks]).reshape(3, 2, -1)
    np.testing.assert_allclose(starts[0], starts[2], atol=1e-6)
    assert np.abs(starts[0, 0] - starts[0, 1]).max() > 0.01
    np.testing.assert_allclose(found.test["loss"][0], found.test["loss"][2], rtol=1e-5)


def test_rows_to_test_with_may_be_given_and_are_never_trained_with() -> None:
    X, y = amounts(rows=60)
    others = amounts(rows=25, seed=9)
    found = learning_curve(Network([3, 4, 1]), X, y, test_data=others, **QUICK)
    assert found.rows.tolist() == [12, 30, 60]
    for number, one in enumerate(found.networks):
        assert one.evaluate(*others)["loss"] == found.test["loss"][number // 2, number % 2]
    weights = np.arange(25.0)
    weighed = learning_curve(Network([3, 4, 1]), X, y, test_data=(*others, weights), **QUICK)
    wanted = found.networks[5].evaluate(*others, sample_weight=weights)["loss"]
    assert weighed.test["loss"][2, 1] == wanted
    np.testing.assert_array_equal(weighed.training["loss"], found.training["loss"])


def test_the_table_has_means_and_deviations_of_the_repeats() -> None:
    X, y = three_classes(rows=60)
    found = learning_curve(Network([3, 3]), X, y, **QUICK)
    assert len(found.table) == 3
    record = found.table[1]
    assert record["rows"] == 24
    assert record["test_accuracy"] == pytest.approx(found.test["accuracy"][1].mean())
    wanted = found.training["loss"][1].std(ddof=1)
    assert record["training_loss_deviation"] == pytest.approx(wanted)
    assert "learning curve" not in repr(found)
    assert repr(found).startswith("<LearningCurve of 3 sizes, 2 times: test loss ")
    once = learning_curve(Network([3, 3]), X, y, **{**QUICK, "repeats": 1})
    assert once.table[0]["test_loss_deviation"] == 0.0


def test_the_same_seed_gives_the_same_and_another_seed_something_else() -> None:
    X, y = three_classes()
    one, same, other = (
        learning_curve(Network([3, 3]), X, y, seed=seed, **QUICK).test["loss"] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_more_rows_help_where_there_is_something_to_learn() -> None:
    X, y = amounts(rows=200)
    found = learning_curve(
        Network([3, 16, 1]), X, y, shares=[0.05, 1], epochs=60, learning_rate=0.02, repeats=3
    )
    assert found.test["loss"][1].mean() < found.test["loss"][0].mean() / 2
    assert found.training["loss"][0].mean() < found.test["loss"][0].mean()


WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"shares": 0.5}, TypeError, r"shares must be a list of numbers in \(0, 1\]; got 0.5"),
    ({"shares": []}, ValueError, "shares is empty"),
    ({"shares": [0.5, 1.5]}, ValueError, r"numbers in \(0, 1\] .*; got 1.5"),
    ({"shares": [0.001]}, ValueError, "leaves a row of 36 to train with; got 0.001"),
    ({"shares": [True]}, TypeError, "shares must be a finite number above 0; got True"),
    ({"shares": [-0.1]}, ValueError, "shares must be a finite number above 0"),
    ({"repeats": 1.5}, ValueError, "repeats must be an integer"),
    ({"test_size": 1.0}, ValueError, r"test_size must be a number in \(0, 1\)"),
    ({"test_size": 0.001}, ValueError, "test_size=0.001 of 45 rows leaves 45 to train and 0"),
    ({"test_data": np.zeros((4, 3))}, ValueError, r"test_data must be \(X, y\)"),
    ({"test_data": (np.zeros((4, 2)), [0] * 4)}, ValueError, "X_test has 2 columns"),
    ({"test_data": (np.zeros((4, 3)), [7] * 4)}, ValueError, "y_test must be integer labels"),
    ({"metrics": "r2"}, ValueError, "the metric 'r2'"),
    ({"early_stopping": True}, ValueError, "in learning_curve the rows that a network is scored"),
    ({"sample_weight": [0.0] * 45}, ValueError, "sample_weight is zero for every row"),
    ({"sample_weight": [1.0] + [0.0] * 44}, ValueError, "is 0 for each of the 9 rows to test with"),
    ({"validation_split": 0.01}, ValueError, "validation_split=0.01 of 7 rows leaves 7 to train"),
    ({"validation_split": 1}, ValueError, r"validation_split must be a number in \[0, 1\)"),
    ({"fold": 3}, TypeError, "learning_curve got an unexpected keyword argument 'fold'"),
]


@pytest.mark.parametrize(("wrong", "error", "message"), WRONG)
def test_what_does_not_fit_is_refused_and_the_network_left_alone(
    wrong: Any, error: Any, message: str
) -> None:
    X, y = three_classes()
    network = Network([3, 3], seed=1)
    before = state(network)
    with pytest.raises(error, match=message):
        learning_curve(network, X, y, **{**QUICK, **wrong})
    assert state(network) == before
