"""What rules are told of rows and a network: errors are of what the network predicts, whatever the
order of the rows and whatever it is that the loss makes."""

from typing import Any

import numpy as np
import pytest

from glassnet import Network, diagnose
from glassnet.datasets import moons, sine
from glassnet.diagnostics.case import Case, Rows
from glassnet.losses import GaussianLikelihood, Pinball


def case_of(network: Network, X: Any, y: Any) -> Case:
    return Case(network, Rows(network, X, y), None, dict(network.history.settings), [])


@pytest.mark.parametrize(
    ("loss", "columns"),
    [(Pinball((0.05, 0.5, 0.95)), 1), (Pinball((0.1, 0.5)), 2), (GaussianLikelihood(), 2)],
)
def test_of_several_numbers_for_a_target_the_middle_one_is_judged(loss: Any, columns: int) -> None:
    X, y = sine(200, noise=0.3, seed=0)
    y = np.column_stack([y, -2.0 * y])[:, :columns]
    network = Network([1, 16, loss.statistics * columns], loss=loss, seed=0)
    network.fit(X, y, epochs=20)
    place = 0 if isinstance(loss, GaussianLikelihood) else loss.quantiles.index(0.5)
    middle = network.predict(X)[:, place * columns : (place + 1) * columns]
    missed = ((middle - y) ** 2).mean(axis=0) / y.var(axis=0)
    assert case_of(network, X, y).error == pytest.approx(missed.mean(), rel=1e-5)


def test_rows_in_the_order_of_their_labels_are_judged_as_others_are() -> None:
    X, y = moons(2000, noise=0.15, seed=0)
    order = np.argsort(y, kind="stable")
    network = Network([2, 16, 1], activation="identity", seed=0)
    network.fit(X, y, epochs=30)
    assert diagnose(network, X[order], y[order], trials=False).codes == ["no_nonlinearity"]


def test_rows_in_the_order_of_a_column_are_not_called_shuffled() -> None:
    X = np.linspace(-3.0, 3.0, 2000)[:, None]
    y = np.where(X < 0, np.random.default_rng(0).normal(size=X.shape), 3.0 * np.sin(3.0 * X))
    network = Network([1, 32, 32, 1], seed=0)
    network.fit(X, y, epochs=100, learning_rate=0.01)
    assert "shuffled_labels" not in diagnose(network, X, y, trials=False).codes


def test_gradients_are_looked_at_without_dropout() -> None:
    X, y = moons(100, seed=0)
    network = Network([2, 8, 8, 1], dropout=0.5, loss="logistic", seed=0)
    network.fit(X, y, epochs=2)
    first, again = case_of(network, X, y), case_of(network, X, y)
    assert first.gradient_sizes == again.gradient_sizes
    assert first.start_gradient_sizes == again.start_gradient_sizes
