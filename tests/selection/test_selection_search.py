"""Search: every combination is trained as it would be alone, and the lowest loss comes first."""

import json
from typing import Any

import numpy as np
import pytest
from small_problems import amounts, state, three_classes

from glassnet import SGD, Callback, DivergenceError, Network, search
from glassnet.core.random import Stream
from glassnet.selection import log_uniform, uniform
from glassnet.selection.rows import deal, spread

QUICK: dict[str, Any] = {"epochs": 4, "optimizer": "sgd"}
GRID: dict[str, Any] = {"learning_rate": [0.2, 0.01], "momentum": [0.0, 0.9], "dropout": [0, 0.3]}


def trained(record: dict[str, Any], seed: Any, X: Any, y: Any, **options: Any) -> Network:
    """The network of a combination, trained alone."""
    single = Network([3, 5, 3], dropout=record["dropout"], seed=seed)
    optimizer = SGD(record["learning_rate"], record["momentum"])
    single.fit(X, y, epochs=4, optimizer=optimizer, **options)
    return single


@pytest.mark.parametrize("more", [{}, {"standardize": True}, {"class_weight": "balanced"}])
def test_by_folds_all_is_as_in_a_loop_of_networks_trained_alone(more: Any) -> None:
    X, y = three_classes()
    own = np.linspace(0.5, 2, 45)
    network = Network([3, 5, 3])
    options = {"settings": GRID, "grid": True, "folds": 3, "sample_weight": own}
    found = search(network, X, y, **options, **QUICK, **more)
    assert len(found.table) == 8
    folds = deal(45, 3, y, Stream(0, "folds"))
    seeds = [int(word) for word in Stream(0, "members").raw(3) >> np.uint64(1)]
    for record in found.table:
        values = []
        for fold, seed in enumerate(seeds):
            held = folds == fold
            single = trained(record, seed, X[~held], y[~held], sample_weight=own[~held], **more)
            values.append(single.evaluate(X[held], y[held], sample_weight=own[held]))
        assert record["losses"] == [each["loss"] for each in values]
        assert record["loss"] == pytest.approx(np.mean(record["losses"]))
        assert record["accuracy"] == pytest.approx(np.mean([each["accuracy"] for each in values]))
        wanted = np.std(record["losses"], ddof=1) / np.sqrt(3)
        assert record["standard_error"] == pytest.approx(wanted)
    again = trained(found.best, seeds[0], X, y, sample_weight=own, **more)
    np.testing.assert_array_equal(found.network.parameters, again.parameters)


@pytest.mark.parametrize("early", [{}, {"early_stopping": 1}])
def test_by_validation_rows_that_are_held_back_all_is_as_in_a_loop(early: Any) -> None:
    X, y = three_classes()
    options = {"settings": GRID, "grid": True, "validation_split": 0.3, "metrics": ["f1"]}
    found = search(Network([3, 5, 3]), X, y, **options, **QUICK, **early)
    held = np.zeros(45, bool)
    held[spread(45, y, Stream(0, "folds"))[:14]] = True
    seed = int(Stream(0, "members").raw(1)[0] >> np.uint64(1))
    data = {"validation_data": (X[held], y[held])}
    for place, record in enumerate(found.table):
        single = trained(record, seed, X[~held], y[~held], **data, **early)
        values = single.evaluate(X[held], y[held], metrics=["f1"])
        assert record == {**record, **values}
        assert "standard_error" not in record
        if place == 0:
            np.testing.assert_array_equal(single.parameters, found.network.parameters)
            assert list(single.history) == list(found.network.history)


def test_by_validation_rows_that_are_given_all_rows_are_trained_with() -> None:
    X, y = three_classes()
    others = three_classes(rows=20, seed=4)
    for data in (others, (*others, np.linspace(0, 1, 20))):
        found = search(
            Network([3, 5, 3]), X, y, settings=GRID, grid=True, validation_data=data, **QUICK
        )
        record = found.table[3]
        seed = found.network.seed
        single = trained(record, seed, X, y)
        weights = data[2] if len(data) == 3 else None
        assert record["loss"] == single.evaluate(*others, sample_weight=weights)["loss"]


def test_the_table_is_plain_and_begins_with_the_best() -> None:
    X, y = three_classes()
    settings = {"learning_rate": log_uniform(1e-3, 1), "initializer_scale": [0.5, 2.0]}
    found = search(Network([3, 5, 3]), X, y, settings=settings, number=10, **QUICK)
    assert found.names == ("learning_rate", "initializer_scale")
    assert len(json.loads(json.dumps(found.table))) == 10
    losses = [record["loss"] for record in found.table]
    assert losses == sorted(losses)
    assert found.best == {name: found.table[0][name] for name in found.names}
    assert len(found.table[0]["losses"]) == 5
    assert repr(found).startswith("<Search of 10: best learning_rate=")


def test_seeds_are_settings_too() -> None:
    X, y = three_classes()
    found = search(Network([3, 5, 3]), X, y, settings={"seed": range(4)}, folds=3, **QUICK)
    assert sorted(record["seed"] for record in found.table) == [0, 1, 2, 3]
    assert found.network.seed == found.best["seed"]
    assert len({record["loss"] for record in found.table}) == 4


def test_a_diverged_training_comes_last_and_all_of_them_are_an_error() -> None:
    X, y = amounts()
    settings = {"learning_rate": [1e30, 0.1, 1e25]}
    for more in ({"folds": 3}, {"validation_split": 0.3}):
        found = search(Network([3, 4, 1]), X, y, settings=settings, **QUICK, **more)
        assert [record["learning_rate"] for record in found.table] == [0.1, 1e30, 1e25]
        assert np.isnan([record["loss"] for record in found.table]).tolist() == [False, True, True]
        with pytest.raises(DivergenceError, match="with each of the 2 combinations of settings"):
            search(Network([3, 1]), X, y, settings={"learning_rate": [1e30, 1e25]}, **QUICK, **more)


def test_best_settings_that_diverge_with_all_rows_are_an_error() -> None:
    class Third(Callback):
        """Spoils the third training."""

        fits = 0

        def on_fit_begin(self, training: Any) -> None:
            self.fits += 1

        def on_gradients(self, training: Any) -> None:
            if self.fits > 2:
                training.gradients[...] = np.inf

    X, y = amounts()
    options = {"settings": {"learning_rate": [0.1]}, "folds": 2, "callbacks": [Third()], **QUICK}
    with pytest.raises(DivergenceError, match=r"diverged with the best settings.* and all rows"):
        search(Network([3, 1]), X, y, **options)


def test_the_same_seed_gives_the_same_and_another_seed_something_else() -> None:
    X, y = three_classes()
    settings = {"learning_rate": log_uniform(1e-3, 1), "dropout": uniform(0, 0.5)}
    one, same, other = (
        search(Network([3, 5, 3]), X, y, settings=settings, number=6, seed=seed, **QUICK).table
        for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other
    search(Network([3, 5, 3]), X, y, settings=settings, number=2, seed=None, **QUICK)


def test_early_stopping_by_folds_goes_by_a_part_of_the_rows_that_are_trained_with() -> None:
    X, y = three_classes(rows=60)
    options = {"early_stopping": 1, "validation_split": 0.3, "folds": 3, **QUICK, "epochs": 30}
    settings = {"learning_rate": [0.5, 0.1]}
    found = search(Network([3, 3]), X, y, settings=settings, **options)
    held = deal(60, 3, y, Stream(0, "folds")) == 1
    seed = int(Stream(0, "members").raw(3)[1] >> np.uint64(1))
    single = Network([3, 3], seed=seed)
    rate = found.best["learning_rate"]
    del options["folds"]
    single.fit(X[~held], y[~held], learning_rate=rate, **options)
    assert found.table[0]["losses"][1] == single.evaluate(X[held], y[held])["loss"]


WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"settings": {}}, ValueError, "settings must be a dictionary of a list or a distribution"),
    ({"settings": [0.1]}, TypeError, "settings must be a dictionary"),
    ({"settings": {"learning_rate": 0.1}}, TypeError, r"settings\['learning_rate'\] must be a li"),
    ({"settings": {"learning_rate": "ab"}}, TypeError, "must be a list of values, uniform"),
    ({"settings": {"learning_rate": [[1]]}}, TypeError, "learning_rate.* must be a finite number"),
    ({"settings": {"learning_rate": np.eye(2)}}, TypeError, "must be a list of values"),
    ({"settings": {"learning_rate": []}}, ValueError, r"settings\['learning_rate'\] is empty"),
    ({"settings": {"learning_rate": [0.1, -1]}}, ValueError, "learning_rate.* must be .* above 0"),
    ({"settings": {"dropout": [0.1, 1]}}, ValueError, r"dropout\[1\] must be a number in \[0, 1\)"),
    ({"settings": {"seed": [0.5]}}, ValueError, "seed must be an integer"),
    ({"settings": {"momentum": [0.1]}, "optimizer": "adam"}, ValueError, "with Adam networks"),
    ({"settings": {"momentun": [0.1]}}, ValueError, "Did you mean 'momentum'"),
    ({"settings": {"batch_size": [8]}}, ValueError, "call search once for each"),
    ({"settings": {"nesterov": [True]}}, ValueError, "settings has 'nesterov'"),
    ({"learning_rate": 0.1}, ValueError, "learning_rate is in settings and is given besides"),
    ({"number": 0}, ValueError, "number must be an integer of at least 1"),
    ({"number": 3, "grid": True}, ValueError, "pass number .* or grid=True .*, not both"),
    ({"grid": 1}, TypeError, "grid must be True or False"),
    ({"settings": {"dropout": uniform(0, 0.5)}, "grid": True}, ValueError, "grid=True needs lists"),
    ({"folds": 1}, ValueError, "folds must be an integer of at least 2"),
    ({"validation_split": 1.5}, ValueError, "validation_split must be a number in"),
    ({"validation_data": np.eye(3)}, ValueError, r"validation_data must be \(X, y\)"),
    (
        {"validation_data": (np.eye(3), [0, 1, 2]), "validation_split": 0.1},
        ValueError,
        "pass validation_data or validation_split, not both",
    ),
    ({"early_stopping": 3}, ValueError, "To search by folds nevertheless, say folds=5 too"),
    ({"metrics": "r2"}, ValueError, "the metric 'r2'"),
    ({"metrics": "r2", "validation_split": 0.3}, ValueError, "the metric 'r2'"),
    ({"restarts": 2}, ValueError, "search cannot use restarts"),
    ({"optimizer": "sdg"}, ValueError, "optimizer must be one of"),
    ({"seed": "a"}, TypeError, "seed must be an integer"),
]


@pytest.mark.parametrize(("wrong", "error", "message"), WRONG)
def test_what_does_not_fit_is_refused_and_the_network_left_alone(
    wrong: Any, error: Any, message: str
) -> None:
    X, y = three_classes()
    network = Network([3, 4, 3], seed=1)
    before = state(network)
    options = {"settings": {"learning_rate": [0.1, 0.2]}, **QUICK, **wrong}
    with pytest.raises(error, match=message):
        search(network, X, y, **options)
    assert state(network) == before


def test_dropout_needs_a_hidden_layer() -> None:
    X, y = three_classes()
    with pytest.raises(ValueError, match="the network has no hidden layer"):
        search(Network([3, 3]), X, y, settings={"dropout": [0.1, 0.2]})
