"""Metrics of a user's own: their names, and what they give."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from refusals import refused_unchanged
from small_problems import three_classes

from glassnet import Network
from glassnet.metrics import accuracy, top_k_accuracy

X, Y = three_classes(20)
ADVICE = "dictionary {name: function}"


def loss(targets: Any, outputs: Any, weights: Any) -> float:
    return 0.0


def broken(targets: Any, outputs: Any, weights: Any) -> float:
    raise ValueError("no such thing")


def gives(value: Any) -> Any:
    def metric(targets: Any, outputs: Any, weights: Any) -> Any:
        return value

    return metric


CASES: list[tuple[Any, type[Exception], tuple[str, ...]]] = [
    ([loss], ValueError, ("must not have the name 'loss'", ADVICE)),
    ({"loss": accuracy}, ValueError, ("must not have the name 'loss'", ADVICE)),
    ([gives(1.0), gives(2.0)], ValueError, ("different names", "'metric' twice", ADVICE)),
    (["accuracy", accuracy], ValueError, ("'accuracy' twice", ADVICE)),
    ([partial(top_k_accuracy, k=k) for k in (1, 2)], ValueError, ("'partial' twice", ADVICE)),
    ([broken], ValueError, ("the metric 'broken': no such thing",)),
    ({"miss": gives(None)}, TypeError, ("the metric 'miss' must give one number", "None")),
    ({"miss": gives("a")}, TypeError, ("the metric 'miss' must give one number", "'a'")),
    ({"miss": gives(1j)}, TypeError, ("the metric 'miss'", "1j")),
    ({"miss": gives([1.0, 2.0])}, TypeError, ("the metric 'miss'", "shape (2,)")),
    ({"miss": gives([1.0, [2.0]])}, ValueError, ("the metric 'miss'",)),
    (np.array(["accuracy", "f1"]), TypeError, ("metrics must be names", "shape (2,)")),
]


@pytest.mark.parametrize(("metrics", "error", "words"), CASES)
def test_metrics_that_cannot_be_reported_are_refused(
    metrics: Any, error: type[Exception], words: tuple[str, ...]
) -> None:
    net = Network([3, 4, 3], loss="softmax_cross_entropy", seed=0)
    refused_unchanged(net, lambda: net.evaluate(X, Y, metrics=metrics), error, *words)
    options: dict[str, Any] = {"metrics": metrics, "validation_split": 0.2}
    refused_unchanged(net, lambda: net.fit(X, Y, **options), error, *words)


def test_a_metric_may_give_any_one_number() -> None:
    net = Network([3, 4, 3], loss="softmax_cross_entropy", seed=0)
    for value in (2, 2.0, np.float32(2.0), np.array(2)):
        assert net.evaluate(X, Y, metrics={"two": gives(value)})["two"] == 2.0
