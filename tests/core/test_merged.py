"""Merged first layers of many tiny networks: the same numbers, but for their last digits."""

from typing import Any

import numpy as np
import pytest

from glassnet import SGD, Fleet, Network
from glassnet.core.layers import Dense
from glassnet.core.merged import MANY, TINY, pays

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "f4")
Y = np.array([0, 1, 1, 0])


def used(fleet: Fleet, rows: int, shared: bool = True) -> bool:
    return fleet.passes.workspace(rows, shared=shared).traces[0].merged is not None


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("float64", 1e-12)])
@pytest.mark.parametrize("bias", [True, [False, True], False])
@pytest.mark.parametrize("options", [{}, {"optimizer": SGD(0.1)}, {"batch_size": 3}])
def test_members_with_merged_first_layers_equal_their_solo_runs(
    dtype: str, tolerance: float, bias: Any, options: dict[str, Any]
) -> None:
    fleet = Fleet([2, 8, 1], MANY, bias=bias, dropout=0.1, dtype=dtype, seed=3)
    alone = [fleet[place] for place in (0, 7, MANY - 1)]
    assert used(fleet, 4)
    fleet.fit(X, Y, epochs=5, **options)
    for place, network in zip((0, 7, MANY - 1), alone, strict=True):
        network.fit(X, Y, epochs=5, **options)
        np.testing.assert_allclose(
            fleet.parameters[place], network.parameters, rtol=tolerance, atol=tolerance
        )


def test_few_networks_or_larger_ones_are_not_merged() -> None:
    assert not used(Fleet([2, 8, 1], MANY - 1, seed=0), 4)
    assert not used(Fleet([2, 8, 1], MANY, seed=0), TINY // 16 + 1)
    assert used(Fleet([2, 8, 1], MANY, seed=0), TINY // 16)
    assert not pays(1, Network([2, 8, 1]).weights[0])


def test_a_last_layer_and_rows_of_each_members_own_are_not_merged() -> None:
    assert not used(Fleet([2, 1], MANY, seed=0), 4)
    assert not used(Fleet([2, 8, 1], MANY, seed=0), 4, shared=False)


def test_own_orders_of_rows_train_as_alone_to_the_last_bit() -> None:
    fleet = Fleet([2, 8, 1], MANY, own_order=True, seed=3)
    alone = fleet[MANY - 1]
    fleet.fit(X, Y, epochs=3, batch_size=2)
    alone.fit(X, Y, epochs=3, batch_size=2)
    np.testing.assert_array_equal(fleet.parameters[-1], alone.parameters)


def test_gradients_of_merged_layers_are_those_of_complex_steps() -> None:
    random = np.random.default_rng(0)
    inputs, weights, biases = (random.normal(size=s) for s in ((5, 3), (2, 3, 4), (2, 4)))
    gradients = np.empty_like(weights), np.empty_like(biases)
    layer = Dense(weights, biases, *gradients, None, True)
    trace, wish = layer.merged_trace(5), random.normal(size=(2, 5, 4))
    layer.forward(inputs, trace)
    trace.delta[...] = wish
    layer.backward(inputs, trace, np.ones((1, 5)), None)
    np.testing.assert_allclose(trace.scores, inputs @ weights + biases[:, None], rtol=1e-14)
    for place in np.ndindex(weights.shape):
        moved = weights.astype(complex)
        moved[place] += 1e-30j
        slope = ((inputs @ moved + biases[:, None]) * wish).sum().imag / 1e-30
        np.testing.assert_allclose(gradients[0][place], slope, rtol=1e-12)
    np.testing.assert_allclose(gradients[1], wish.sum(axis=1), rtol=1e-14)
