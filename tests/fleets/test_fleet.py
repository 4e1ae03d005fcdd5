"""Fleets: each member goes, to the last bit, the way that it goes alone."""

from typing import Any

import numpy as np
import pytest

from glassnet import Fleet, Network
from glassnet.core.arrays import Array
from glassnet.optimizers import OPTIMIZERS, SGD, Optimizer

FULL_BATCH = [name for name, kind in OPTIMIZERS.items() if kind.full_batch]


def problem(rows: int = 50, inputs: int = 3, outputs: int = 2, seed: int = 0) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, inputs)).astype("f4")
    y = (X @ random.normal(size=(inputs, outputs))).argmax(axis=1)
    return X, y


def trained_alone(fleet: Fleet, X: Array, y: Array, **options: Any) -> list[Network]:
    """The members, each trained for itself; the fleet stays as it is."""
    singles = list(fleet)
    for place, single in enumerate(singles):
        own = {name: _own(name, value, place) for name, value in options.items()}
        single.fit(X, y, **own)
    return singles


def _own(name: str, value: Any, place: int) -> Any:
    if name == "optimizer" and isinstance(value, Optimizer) and value.members:
        own = {setting: getattr(value, setting)[place] for setting in value.members}
        others = {k: getattr(value, k) for k in ("momentum", "nesterov") if k not in own}
        return type(value)(**own, **others)
    if name == "sample_weight" and np.ndim(value) == 2:
        return value[place]
    if name in ("learning_rate", "weight_decay") and np.ndim(value) == 1:
        return value[place]
    if name == "validation_data" and len(value) == 3 and np.ndim(value[2]) == 2:
        return (*value[:2], value[2][place])
    return value


def assert_same(fleet: Fleet, singles: list[Network]) -> None:
    for place, single in enumerate(singles):
        np.testing.assert_array_equal(fleet.parameters[place], single.parameters)
        assert list(fleet.history.member(place)) == list(single.history)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_member_equals_the_solo_run_bit_for_bit(name: str, dtype: str) -> None:
    X, y = problem()
    fleet = Fleet([3, 5, 4, 2], 4, dropout=[0.3, 0.0], dtype=dtype, seed=1)
    options = {"epochs": 5, "optimizer": name, "sample_weight": np.linspace(0.1, 2, 50)}
    if name not in FULL_BATCH:
        options["batch_size"] = 16
    singles = trained_alone(fleet, X, y, **options)
    fleet.fit(X, y, **options)
    assert_same(fleet, singles)


@pytest.mark.parametrize("layers", [[3, 2], [3, 1], [3, 8, 1], [3, 7, 6, 5, 2]])
@pytest.mark.parametrize("activation", ["leaky_relu", "tanh", "gelu"])
def test_members_of_any_shape_equal_their_solo_runs(layers: list[int], activation: str) -> None:
    X, y = problem()
    hidden = len(layers) - 2
    fleet = Fleet(layers, 3, activation=[activation] * hidden, seed=2)
    singles = trained_alone(fleet, X, y, epochs=3, batch_size=7)
    fleet.fit(X, y, epochs=3, batch_size=7)
    assert_same(fleet, singles)


@pytest.mark.parametrize("loss", ["squared_error", "huber", "gaussian", "poisson", "pinball"])
def test_regressions_with_gaps_equal_their_solo_runs(loss: str) -> None:
    X, _ = problem()
    y = np.abs(X[:, :2]) + 0.1
    y[::7, 0] = np.nan
    fleet = Fleet([3, 6, 4 if loss == "gaussian" else 2], 3, loss=loss, seed=3)
    weights = np.random.default_rng(1).uniform(size=(3, 50))
    options = {"epochs": 3, "batch_size": 8, "missing": "mask", "sample_weight": weights}
    singles = trained_alone(fleet, X, y, **options)
    fleet.fit(X, y, **options)
    assert_same(fleet, singles)


def test_settings_may_differ_from_member_to_member() -> None:
    X, y = problem()
    fleet = Fleet([3, 6, 2], 3, dropout=np.array([0.0, 0.2, 0.5]), initializer_scale=[1, 2, 0.5])
    optimizer = SGD(momentum=[0.0, 0.5, 0.9], weight_decay=[0.0, 0.01, 0.1], l1=[0.1, 0.0, 0.01])
    options = {"epochs": 4, "batch_size": 9, "learning_rate": [0.3, 0.1, 0.01]}
    singles = trained_alone(fleet, X, y, optimizer=optimizer, **options)
    fleet.fit(X, y, optimizer=optimizer, **options)
    assert_same(fleet, singles)


@pytest.mark.parametrize("name", ["adam", "adamw", "nadam", "rmsprop", "adagrad", "lion"])
def test_rates_and_decays_of_every_optimizer_may_differ(name: str) -> None:
    X, y = problem()
    fleet = Fleet([3, 6, 2], 3, seed=5)
    options = {"epochs": 4, "batch_size": 9, "optimizer": name}
    options |= {"learning_rate": [0.03, 0.01, 0.001], "weight_decay": [0.0, 0.01, 0.1]}
    singles = trained_alone(fleet, X, y, **options)
    fleet.fit(X, y, **options)
    assert_same(fleet, singles)


def test_a_learning_rate_may_be_a_whole_number() -> None:
    X, y = problem()
    for options in ({"learning_rate": 1}, {"optimizer": SGD(learning_rate=1)}):
        fleet = Fleet([3, 6, 2], 3, seed=5)
        singles = trained_alone(fleet, X, y, epochs=2, batch_size=9, **options)
        fleet.fit(X, y, epochs=2, batch_size=9, **options)
        assert_same(fleet, singles)


def test_members_may_see_other_rows() -> None:
    """A row of weight 0 is not seen; a batch in which a member sees none makes it no step."""
    X, y = problem(rows=40)
    seen = np.random.default_rng(0).uniform(size=(5, 40)) < 0.15
    seen[:, 0] = True
    fleet = Fleet([3, 6, 2], 5, seed=4)
    for optimizer in ("adam", "sgd"):
        options = {"epochs": 6, "batch_size": 4, "optimizer": optimizer, "sample_weight": seen}
        singles = trained_alone(fleet, X, y, **options)
        fleet.fit(X, y, **options)
        assert_same(fleet, singles)


def test_members_may_have_orders_of_their_own() -> None:
    X, y = problem()
    fleet = Fleet([3, 6, 2], 3, seed=[4, 5, 6], own_order=True)
    options = {"epochs": 3, "batch_size": 8, "sample_weight": np.linspace(0, 1, 50)}
    singles = [Network([3, 6, 2], seed=seed) for seed in (4, 5, 6)]
    for single in singles:
        single.fit(X, y, **options)
    fleet.fit(X, y, **options)
    assert_same(fleet, singles)
    assert_same(fleet, list(fleet))


def test_early_stopping_goes_by_each_member() -> None:
    X, y = problem(rows=60, seed=3)
    fleet = Fleet([3, 8, 2], 6, seed=7)
    options = {"epochs": 60, "batch_size": 5, "early_stopping": 2, "learning_rate": 0.02}
    options |= {"validation_data": problem(rows=20, seed=3), "optimizer": "adam"}
    singles = trained_alone(fleet, X, y, **options)
    fleet.fit(X, y, **options)
    assert_same(fleet, singles)
    ends = [len(single.history) for single in singles]
    assert len(set(ends)) > 1
    assert fleet.history.reasons == [single.history.stopped for single in singles]


def test_a_member_that_diverges_leaves_the_others_alone() -> None:
    X, y = problem()
    fleet = Fleet([3, 6, 2], 4, seed=1)
    options = {"epochs": 6, "batch_size": 10, "optimizer": "sgd", "schedule": "constant"}
    rates = [0.1, 1e9, 0.05, 1e30]
    good = [0, 2]
    singles = [fleet[place] for place in good]
    for place, single in zip(good, singles, strict=True):
        single.fit(X, y, learning_rate=rates[place], **options)
    fleet.fit(X, y, learning_rate=rates, **options)
    for place, single in zip(good, singles, strict=True):
        np.testing.assert_array_equal(fleet.parameters[place], single.parameters)
    assert np.isfinite(fleet.parameters).all()
    assert [reason.startswith("diverged in epoch") for reason in fleet.history.reasons] == [
        False,
        True,
        False,
        True,
    ]


def test_groups_of_any_size_train_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = problem()
    found = []
    for cache in (1, 20_000, 1 << 30):
        monkeypatch.setattr("glassnet.intake.fleets.CACHE", cache)
        fleet = Fleet([3, 6, 2], 5, dropout=0.2, seed=3)
        fleet.fit(X, y, epochs=3, batch_size=8, validation_split=0.2)
        found.append(
            (fleet.parameters.tolist(), [record["val_loss"].tolist() for record in fleet.history])
        )
    assert found[0] == found[1] == found[2]


def test_restarts_keep_the_best_and_the_first_is_the_network_itself() -> None:
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "f4")
    y = np.array([0, 1, 1, 0])
    alone, best = Network([2, 2, 1], seed=0), Network([2, 2, 1], seed=0)
    alone.fit(X, y, epochs=300)
    history = best.fit(X, y, epochs=300, restarts=8)
    assert best.evaluate(X, y)["loss"] <= alone.evaluate(X, y)["loss"]
    assert list(best.history) == list(history)
    assert best.streams.order.state == alone.streams.order.state


def test_products_in_pieces_are_the_same_in_company(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.blas.largest_product", lambda: 60)
    monkeypatch.setattr("glassnet.blas.describe", lambda: {"threads": 1})
    X, y = problem()
    fleet = Fleet([3, 11, 7, 2], 3, seed=2)
    singles = trained_alone(fleet, X, y, epochs=3, batch_size=17)
    fleet.fit(X, y, epochs=3, batch_size=17)
    assert_same(fleet, singles)
