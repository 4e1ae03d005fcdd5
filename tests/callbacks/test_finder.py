"""The learning-rate finder: rising rates on a copy, a suggestion that trains, nothing changed."""

import json
import math
from typing import Any

import numpy as np
import pytest
from small_problems import amounts, state, three_classes

from glassnet import SGD, Network, OwnLoss
from glassnet.callbacks.finder import find_learning_rate, steepest

X, Y = three_classes(200)


def found(**options: Any) -> dict[str, Any]:
    net = Network([3, 8, 3], seed=0)
    return net.find_learning_rate(X, Y, **{"optimizer": SGD(momentum=0.9), **options})


def test_the_network_stays_as_it_is() -> None:
    net, twin = Network([3, 8, 3], dropout=0.2, seed=0), Network([3, 8, 3], dropout=0.2, seed=0)
    net.find_learning_rate(X, Y, steps=30, batch_size=20)
    assert state(net) == state(twin)
    assert net.fit(X, Y, epochs=1) == twin.fit(X, Y, epochs=1)


def test_rates_rise_evenly_in_their_logarithm_from_the_lowest() -> None:
    rates = found(lowest=1e-4, highest=1e-1, steps=31)["learning_rates"]
    assert rates[0] == pytest.approx(1e-4)
    assert rates[-1] == pytest.approx(1e-1)
    np.testing.assert_allclose(np.diff(np.log10(rates)), 0.1)


def test_it_ends_where_the_loss_explodes() -> None:
    result = found(highest=1e4, steps=100)
    assert 10 < len(result["learning_rates"]) < 100
    assert len(result["learning_rates"]) == len(result["losses"])


def test_it_survives_divergence() -> None:
    X, y = amounts()
    net = Network([3, 8, 1], activation="identity", seed=0)
    options: dict[str, Any] = {"lowest": 1.0, "highest": 1e30, "steps": 20}
    result = net.find_learning_rate(X, y, optimizer=SGD(), **options)
    assert 0 < len(result["losses"]) <= 10
    assert math.isfinite(result["suggestion"])


@pytest.mark.parametrize("seed", range(5))
def test_the_suggestion_trains_well(seed: int) -> None:
    net = Network([3, 8, 3], seed=seed)
    suggestion = net.find_learning_rate(X, Y, optimizer=SGD())["suggestion"]
    assert 1e-3 < suggestion < 1.0
    net.fit(X, Y, epochs=20, optimizer=SGD(learning_rate=suggestion))
    assert net.test_accuracy(X, Y) > 0.95


def test_noise_of_the_batches_at_low_rates_is_not_taken_for_a_fall() -> None:
    noise = 0.2 * np.random.default_rng(0).normal(size=100)
    fall = 1.0 / (1.0 + np.exp((np.arange(100) - 70) / 3))
    assert 65 <= steepest([float(i) for i in range(100)], (2 * fall + noise).tolist()) <= 75


def test_the_result_is_json() -> None:
    assert json.loads(json.dumps(found(steps=20), allow_nan=False))["suggestion"] > 0


def test_a_smaller_data_set_than_steps_is_walked_again_and_again() -> None:
    net = Network([3, 3], seed=0)
    result = net.find_learning_rate(X[:10], Y[:10], steps=25, highest=0.1)
    assert len(result["losses"]) == 25


def test_losses_are_smoothed_and_not_biased_at_the_start() -> None:
    X, y = amounts()
    net = Network([3, 1], loss="squared_error", dtype="float64", seed=0)
    result = net.find_learning_rate(X, y, batch_size=40, steps=20, lowest=1e-12, highest=1e-11)
    np.testing.assert_allclose(result["losses"], net.evaluate(X, y)["loss"], rtol=1e-6)


def test_the_steepest_fall_before_the_lowest_loss_is_suggested() -> None:
    rates = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert steepest(rates, [9.0, 5.0, 4.9, 4.8, 4.7, 99.0]) == 2.0
    assert steepest(rates, [9.0, 8.9, 8.0, 4.0, 3.9, 99.0]) == 3.0
    assert steepest(rates, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]) == 1.0
    assert steepest(rates[:2], [2.0, 1.0]) == 1.0


def test_a_loss_that_is_never_finite_is_told() -> None:
    bad = OwnLoss("bad", lambda s, t: s * math.nan, lambda s, t: s)
    net = Network([3, 1], loss=bad, seed=0)
    with pytest.raises(ValueError, match="Training diverged in epoch 1, batch 1"):
        net.find_learning_rate(X, X[:, 0])


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"lowest": 0}, ValueError, "lowest must be .* above 0; got 0"),
        ({"highest": -1}, ValueError, "highest must be .* got -1"),
        ({"lowest": 1.0, "highest": 0.1}, ValueError, "lowest must be below highest"),
        ({"steps": 3}, ValueError, "steps must be .* at least 20; got 3"),
        ({"steps": "many"}, TypeError, "steps must be .* 'many'"),
        ({"epochs": 3}, TypeError, "epochs"),
        ({"learning_rate": 3}, TypeError, "learning_rate"),
        ({"batch_size": 0}, ValueError, "batch_size must be"),
        ({"batchsize": 3}, TypeError, "batchsize"),
    ],
)
def test_wrong_options_are_refused(
    options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        find_learning_rate(Network([3, 3], seed=0), X, Y, **options)


def test_weights_that_vanish_are_told() -> None:
    net = Network([3, 8, 3], loss="softmax_cross_entropy", seed=0)
    batches = [(X, Y, np.zeros(len(X)))]
    with pytest.raises(ValueError, match="no batch has a weight above 0"):
        find_learning_rate(net, batches, None, steps=20)
