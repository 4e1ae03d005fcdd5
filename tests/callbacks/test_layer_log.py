"""LayerLog: its numbers against those worked out here from the same batch."""

import json
from typing import Any

import numpy as np
import pytest
from small_problems import amounts, three_classes

from glassnet import SGD, Network
from glassnet.callbacks import LayerLog

NUMBERS = {
    "scores_mean",
    "scores_spread",
    "outputs_mean",
    "outputs_spread",
    "zero_share",
    "dead_share",
    "gradient_norm",
    "gradient_mean",
    "gradient_spread",
    "update_ratio",
}


def test_every_number_of_a_step_is_the_one_worked_out_by_hand() -> None:
    X, y = amounts(rows=12)
    net = Network([3, 4, 1], activation="relu", dtype="float64", seed=1)
    net.biases[0][:] = [0.1, -9.0, 0.3, -0.2]  # the second unit is dead
    first, second = (weights.copy() for weights in net.weights)
    bias = net.biases[0].copy()
    log = LayerLog(every=1)
    options: dict[str, Any] = {"optimizer": SGD(learning_rate=0.1, momentum=0.0)}
    net.fit(X, y, epochs=1, batch_size=12, schedule="constant", callbacks=[log], **options)

    scores = X @ first + bias
    hidden = np.maximum(scores, 0.0)
    outputs = hidden @ second
    delta = 2.0 * (outputs - y) / 12
    slopes = [X.T @ ((delta @ second.T) * (scores > 0)), hidden.T @ delta]
    wanted = [
        {
            "scores_mean": s.mean(),
            "scores_spread": s.std(),
            "outputs_mean": o.mean(),
            "outputs_spread": o.std(),
            "zero_share": np.mean(o == 0),
            "dead_share": np.mean((o == 0).all(axis=0)),
            "gradient_norm": np.sqrt(np.sum(slope**2)),
            "gradient_mean": slope.mean(),
            "gradient_spread": slope.std(),
            "update_ratio": 0.1 * np.linalg.norm(slope) / np.linalg.norm(weights),
        }
        for s, o, slope, weights in zip(
            (scores, outputs), (hidden, outputs), slopes, (first, second), strict=True
        )
    ]
    (record,) = log.records
    assert (record["step"], record["epoch"]) == (1, 1)
    for found, by_hand in zip(record["layers"], wanted, strict=True):
        assert found == pytest.approx(by_hand, rel=1e-9)
    assert record["layers"][0]["dead_share"] == 0.25


def test_a_record_is_made_every_so_many_steps_from_the_first() -> None:
    X, y = three_classes()
    log = LayerLog(every=4)
    Network([3, 4, 3], seed=0).fit(X, y, epochs=3, batch_size=15, callbacks=[log])
    assert [(record["step"], record["epoch"]) for record in log.records] == [(1, 1), (5, 2), (9, 3)]


def test_records_are_json_with_one_entry_a_layer_of_weights() -> None:
    X, y = three_classes()
    log = LayerLog()
    net = Network([3, 4, 5, 3], dropout=0.5, seed=0)
    net.fit(X, y, epochs=1, callbacks=[log])
    (record,) = json.loads(json.dumps(log.records, allow_nan=False))
    assert [set(layer) for layer in record["layers"]] == [NUMBERS] * 3


def test_the_update_ratio_of_weights_that_are_all_zero_is_infinite() -> None:
    X, y = amounts()
    log = LayerLog()
    Network([3, 1], initializer="zeros", seed=0).fit(X, y, epochs=1, callbacks=[log])
    assert log.records[0]["layers"][0]["update_ratio"] == float("inf")
