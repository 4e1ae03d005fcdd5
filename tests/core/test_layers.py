"""The two kinds of layer by themselves: what they compute, keep, and leave alone."""

import numpy as np
import pytest

from glassnet.activations import ACTIVATIONS
from glassnet.core.activation import Activation
from glassnet.core.arrays import Array
from glassnet.core.layers import Dense, Dropout, Trace
from glassnet.core.random import Stream

FLOAT = np.dtype(np.float64)
INPUTS = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.0]])
WEIGHTS = np.array([[0.5, -1.0, 2.0], [0.25, 1.0, 0.0]])
BIASES = np.array([0.5, 0.0, -1.0])
SCORES = np.array([[1.5, 1.0, 1.0], [1.75, -4.0, 5.0], [0.75, -0.5, 0.0]])
ONES = np.ones((1, 3))


def dense(activation: str | None = None, has_bias: bool = True, members: int = 0) -> Dense:
    """The layer of the constants above; with members, that many equal ones."""
    lead = (members,) if members else ()
    weights, biases = np.empty((*lead, 2, 3)), np.empty((*lead, 3))
    weights[...], biases[...] = WEIGHTS, BIASES
    chosen: Activation | None = None if activation is None else ACTIVATIONS[activation]
    gradients = np.full_like(weights, np.nan), np.zeros_like(biases)
    return Dense(weights, biases, *gradients, chosen, has_bias)


def forward(layer: Dense) -> Trace:
    trace = layer.trace(layer.weights.shape[:-2], 3, FLOAT)
    outputs = layer.forward(INPUTS, trace)
    assert outputs is trace.outputs
    return trace


# Dense


def test_scores_are_inputs_times_weights_plus_biases() -> None:
    np.testing.assert_array_equal(dense().apply(INPUTS), SCORES)
    np.testing.assert_array_equal(forward(dense()).outputs, SCORES)


def test_a_layer_without_bias_does_not_read_its_biases() -> None:
    layer = dense(has_bias=False)
    layer.biases[...] = np.nan
    np.testing.assert_array_equal(layer.apply(INPUTS), SCORES - BIASES)
    np.testing.assert_array_equal(forward(layer).outputs, SCORES - BIASES)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_both_ways_forward_give_the_same(activation: str) -> None:
    layer = dense(activation)
    trace = forward(layer)
    np.testing.assert_array_equal(layer.apply(INPUTS), trace.outputs)
    np.testing.assert_array_equal(trace.scores, SCORES)


def test_predicting_writes_over_neither_inputs_nor_parameters() -> None:
    layer, inputs = dense("relu"), INPUTS.copy()
    layer.apply(inputs)
    np.testing.assert_array_equal(inputs, INPUTS)
    np.testing.assert_array_equal(layer.weights, WEIGHTS)
    np.testing.assert_array_equal(layer.biases, BIASES)


def test_the_way_back_by_hand() -> None:
    layer = dense("relu")
    trace = forward(layer)
    trace.delta[...] = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]
    below = np.empty((3, 2))
    layer.backward(INPUTS, trace, ONES, below)
    used = np.array([[1.0, 2.0, 3.0], [4.0, 0.0, 6.0], [7.0, 0.0, 0.0]])  # where a score is > 0
    np.testing.assert_array_equal(trace.delta, used)
    np.testing.assert_array_equal(layer.bias_gradients, [12.0, 2.0, 9.0])
    np.testing.assert_array_equal(layer.weight_gradients, [[16.5, 2.0, 21.0], [-2.0, 4.0, 0.0]])
    np.testing.assert_array_equal(below, [[4.5, 2.25], [14.0, 1.0], [3.5, 1.75]])


def test_the_last_layer_takes_the_slope_of_the_loss_as_it_is() -> None:
    layer = dense()
    trace = forward(layer)
    trace.delta[...] = delta = np.arange(9.0).reshape(3, 3)
    layer.backward(INPUTS, trace, ONES, None)
    np.testing.assert_array_equal(layer.weight_gradients, INPUTS.T @ delta)
    np.testing.assert_array_equal(layer.bias_gradients, delta.sum(axis=0))


def test_without_bias_its_gradient_is_not_written() -> None:
    layer = dense("tanh", has_bias=False)
    trace = forward(layer)
    trace.delta[...] = 1.0
    layer.backward(INPUTS, trace, ONES, np.empty((3, 2)))
    np.testing.assert_array_equal(layer.bias_gradients, np.zeros(3))


@pytest.mark.parametrize("activation", [None, "tanh"])
def test_members_go_through_together(activation: str | None) -> None:
    layer, single = dense(activation, members=4), dense(activation)
    layer.weights[2] *= 3.0
    single.weights[...] *= 3.0
    trace, other = forward(layer), forward(single)
    assert trace.outputs.shape == (4, 3, 3)
    np.testing.assert_allclose(trace.outputs[2], other.outputs, rtol=1e-15)
    trace.delta[...] = other.delta[...] = [1.0, -2.0, 0.5]
    below, other_below = np.empty((4, 3, 2)), np.empty((3, 2))
    layer.backward(INPUTS, trace, ONES, below)
    single.backward(INPUTS, other, ONES, other_below)
    np.testing.assert_allclose(layer.weight_gradients[2], single.weight_gradients, rtol=1e-14)
    np.testing.assert_allclose(layer.bias_gradients[2], single.bias_gradients, rtol=1e-14)
    np.testing.assert_allclose(below[2], other_below, rtol=1e-14)


# Dropout


def dropout(rate: float = 0.5, units: int = 3) -> Dropout:
    return Dropout(units, [rate], [Stream(1)])


def test_dropout_changes_nothing_when_predicting() -> None:
    assert dropout().apply(INPUTS) is INPUTS


def test_dropped_outputs_are_zero_and_the_others_grow() -> None:
    layer = dropout(0.75)
    trace = layer.trace((), 200, FLOAT)
    outputs = layer.forward(np.full((200, 3), 2.0), trace)
    assert set(np.unique(outputs)) == {0.0, 8.0}
    assert outputs.mean() == pytest.approx(2.0, abs=4 * 2.0 * (3 / 600) ** 0.5)


def test_every_batch_drops_others() -> None:
    layer = dropout()
    trace = layer.trace((), 3, FLOAT)
    first = layer.forward(np.ones((3, 3)), trace).copy()
    assert not np.array_equal(first, layer.forward(np.ones((3, 3)), trace))


def test_the_way_back_passes_what_the_way_forward_passed() -> None:
    layer = dropout()
    trace = layer.trace((), 3, FLOAT)
    passed = layer.forward(np.ones((3, 3)), trace)
    trace.delta[...] = delta = np.arange(1.0, 10.0).reshape(3, 3)
    below = np.empty((3, 3))
    layer.backward(np.ones((3, 3)), trace, ONES, below)
    np.testing.assert_array_equal(below, delta * passed)


def test_dropout_hands_nothing_on_where_nobody_wants_it() -> None:
    layer = dropout()
    trace = layer.trace((), 3, FLOAT)
    layer.forward(np.ones((3, 3)), trace)
    trace.delta[...] = delta = np.arange(9.0).reshape(3, 3)
    layer.backward(np.ones((3, 3)), trace, ONES, None)
    np.testing.assert_array_equal(trace.delta, delta)


def test_members_are_dropped_each_for_itself() -> None:
    layer = Dropout(20, [0.5] * 3, [Stream(seed) for seed in range(3)])
    trace = layer.trace((3,), 10, FLOAT)
    outputs = layer.forward(np.ones((3, 10, 20)), trace)
    assert not np.array_equal(outputs[0], outputs[1])
    assert not np.array_equal(outputs[1], outputs[2])


# Traces


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
@pytest.mark.parametrize("lead", [(), (4,)])
def test_traces_have_the_shape_and_type_of_the_network(dtype: str, lead: tuple[int, ...]) -> None:
    for layer in (dense("relu"), dense(), dropout()):
        trace = layer.trace(lead, 7, np.dtype(dtype))
        for buffer in (trace.scores, trace.outputs, trace.delta):
            assert buffer.shape == (*lead, 7, 3)
            assert buffer.dtype == dtype


def test_an_activation_has_separate_buffers_for_scores_and_outputs() -> None:
    trace: Trace = dense("relu").trace((), 7, FLOAT)
    buffers: list[Array] = [trace.scores, trace.outputs, trace.delta, trace.slope]
    for place, one in enumerate(buffers):
        assert not any(np.shares_memory(one, other) for other in buffers[place + 1 :])
