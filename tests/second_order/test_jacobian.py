"""The slopes of all scores in all parameters are those of complex steps and of differences."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from glassnet import Network, OwnActivation
from glassnet.activations import ACTIVATIONS
from glassnet.core.passes import Batch, Passes
from glassnet.losses import SquaredError
from glassnet.second_order import jacobian
from glassnet.second_order.jacobian import ROOM, rows_for, score_jacobian

Array = NDArray[Any]


def network(layers: Any = (3, 5, 4, 2), dtype: str = "float64", **options: Any) -> Network:
    net = Network(layers, loss="squared_error", dtype=dtype, seed=1, **options)
    for weights, biases, has in zip(net.weights, net.biases, net.bias, strict=True):
        biases[:] = np.linspace(-0.3, 0.4, len(biases)) * has
        weights *= 0.8
    return net


def rows(net: Network, count: int = 7) -> Array:
    return np.random.default_rng(0).normal(size=(count, net.layers[0])).astype(net.dtype)


def complex_steps(net: Network, X: Array) -> Array:
    """(rows, outputs, parameters): each of many networks has one parameter moved off the real
    axis, so that no close numbers are subtracted; what a layer does not have is not moved."""
    count, step = net.parameters.size, 1e-30
    members = net.parameters + step * 1j * np.eye(count)
    dropout = [[0.0] * count for _ in net.activations]
    shape = net.layers, net.activations, net.bias, dropout
    passes = Passes(*shape, members, np.zeros_like(members), [])
    with np.errstate(all="ignore"):
        scores = passes.scores(X.astype(complex))
    return np.asarray(np.moveaxis(scores.imag / step, 0, -1)) * there(net)


def there(net: Network) -> Array:
    """1 for each parameter that the network has, 0 for biases of layers without."""
    twin = np.ones(net.parameters.size)
    place = net.passes.weight_count
    for biases, has in zip(net.biases, net.bias, strict=True):
        twin[place : place + len(biases)] = has
        place += len(biases)
    return twin


def differences(net: Network, X: Array, step: float = 1e-6) -> Array:
    columns = []
    for number, value in enumerate(net.parameters.tolist()):
        ends = []
        for by in (step, -step):
            net.parameters[number] = value + by
            ends.append(net.passes.scores(X).copy())
        net.parameters[number] = value
        columns.append((ends[0] - ends[1]) / (2 * step))
    return np.stack(columns, axis=-1)


@pytest.mark.parametrize("layers", [(3, 4, 1), (3, 5, 4, 2)])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slopes_of_every_activation_equal_complex_steps(name: str, layers: Any) -> None:
    net = network(layers, activation=name)
    X = rows(net)
    with np.errstate(all="ignore"):
        found = score_jacobian(net, X)
    assert found.shape == (7, layers[-1], net.parameters.size)
    np.testing.assert_allclose(found, complex_steps(net, X), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("layers", "bias"),
    [
        ((3, 2), True),
        ((3, 2), False),
        ((3, 1), True),
        ((1, 1, 1), True),
        ((3, 4, 2), [False, True]),
        ((3, 4, 2), [True, False]),
        ((3, 4, 5, 3), [True, False, True]),
        ((2, 3, 4, 3, 5, 2), False),
        ((2, 3, 4, 3, 5, 2), True),
    ],
)
def test_slopes_of_any_shape_equal_complex_steps_and_differences(layers: Any, bias: Any) -> None:
    names = ["tanh", "softplus", "sine", "sigmoid"][: len(layers) - 2]
    net = network(layers, activation=names or "tanh", bias=bias)
    X, found = rows(net), score_jacobian(net, rows(net))
    np.testing.assert_allclose(found, complex_steps(net, X), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(found, differences(net, X) * there(net), rtol=1e-7, atol=1e-8)
    assert (found[:, :, there(net) == 0] == 0).all()


def cube(scores: Array) -> Array:
    return np.asarray(scores**3)


def cube_slope(scores: Array) -> Array:
    return np.asarray(3 * scores**2)


def test_slopes_of_an_own_activation_equal_differences() -> None:
    net = network(activation=OwnActivation("cube", cube, cube_slope))
    X = rows(net)
    np.testing.assert_allclose(score_jacobian(net, X), differences(net, X), rtol=1e-6, atol=1e-8)


def test_the_sum_over_rows_of_slopes_times_residuals_is_the_gradient() -> None:
    net = network()
    X, y = rows(net, 9), np.random.default_rng(1).normal(size=(9, 2))
    net.passes.loss_and_gradients(SquaredError(), Batch(X, y), net.passes.workspace(9))
    residuals = 2 * (net.predict(X) - y) / (9 * 2)
    found = np.einsum("rkp,rk->p", score_jacobian(net, X), residuals)
    np.testing.assert_allclose(found, net.gradients, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("bias", [True, [True, False, True], False])
def test_what_an_earlier_call_left_is_written_over(bias: Any) -> None:
    net = network(bias=bias)
    first, second = rows(net), rows(net)[::-1] + 0.5
    out = np.zeros((7, 2, net.parameters.size))
    assert score_jacobian(net, first, out) is out
    np.testing.assert_array_equal(out, score_jacobian(net, first))
    score_jacobian(net, second, out)
    np.testing.assert_array_equal(out, score_jacobian(net, second))


@pytest.mark.parametrize("layers", [(3, 2), (3, 5, 4, 2)])
def test_slopes_of_float32_are_float32_and_those_of_float64_rounded(layers: Any) -> None:
    small = network(layers, "float32", activation="tanh")
    large = network(layers, activation="tanh")
    large.parameters = small.parameters
    X = rows(small)
    found = score_jacobian(small, X)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, score_jacobian(large, X.astype(float)), atol=1e-5)


def test_dropout_plays_no_part_and_nothing_of_the_network_changes() -> None:
    net = network(activation="tanh")
    dropped = network(activation="tanh", dropout=0.5)
    X, before = rows(net), dropped.streams.states()
    kept, gradients = dropped.parameters.copy(), dropped.gradients.copy()
    np.testing.assert_array_equal(score_jacobian(dropped, X), score_jacobian(net, X))
    assert dropped.streams.states() == before
    np.testing.assert_array_equal(dropped.parameters, kept)
    np.testing.assert_array_equal(dropped.gradients, gradients)
    np.testing.assert_array_equal(X, rows(net))


def test_as_many_rows_are_worked_on_at_once_as_fill_the_room() -> None:
    net = network()
    numbers = 2 * net.parameters.size
    assert rows_for(net) == ROOM // numbers
    assert rows_for(net, numbers * 10) == 10
    assert rows_for(net, 1) == 1


def test_rows_in_several_blocks_have_the_slopes_of_all_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    net = network(activation="tanh")
    whole = score_jacobian(net, rows(net, 8))
    monkeypatch.setattr(jacobian, "rows_for", lambda network: 3)
    np.testing.assert_allclose(score_jacobian(net, rows(net, 8)), whole, rtol=1e-14, atol=1e-16)
