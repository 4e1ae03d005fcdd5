"""The passes through a whole network, worked by hand, and the traces that they leave.

The gradients are in test_gradients.py, what must not change a result in test_passes_invariance.py.
"""

import numpy as np
import pytest
from passes_to_test import (
    COUNT,
    INPUTS,
    PARAMETERS,
    SIZES,
    TARGETS,
    WEIGHTS,
    assert_alike,
    learn,
    network,
)

from glassnet.activations import ACTIVATIONS
from glassnet.core.arrays import Array
from glassnet.core.layers import Dropout
from glassnet.core.passes import Batch, views
from glassnet.core.random import Stream
from glassnet.losses import SquaredError

# By hand


def test_a_network_of_two_layers_by_hand() -> None:
    weights, biases = [1.0, -1.0, 0.5, 2.0, 3.0, -2.0], [0.5, -0.5, 1.0]
    flat = np.array(weights + biases)
    passes = network(flat, "relu", (0.0,), (True, True), (2, 2, 1))
    batch = Batch(np.array([[1.0, 2.0], [-1.0, 0.0]]), np.array([[2.0], [0.0]]))
    # Row 1: scores [2.5, 2.5] -> outputs the same -> 7.5 - 5 + 1 = 3.5, 1.5 above its target.
    # Row 2: scores [-0.5, 0.5] -> outputs [0, 0.5] -> 0 - 1 + 1 = 0, right.
    np.testing.assert_array_equal(passes.scores(batch.inputs), [[3.5], [0.0]])
    mean, gradients = learn(passes, batch)
    assert mean == 1.5**2 / 2
    # d loss / d score of row 1: 2 x 1.5 / 2 rows = 1.5; of its hidden units: 1.5 x [3, -2].
    wanted = [4.5, -3.0, 9.0, -6.0, 1.5 * 2.5, 1.5 * 2.5, 4.5, -3.0, 1.5]
    np.testing.assert_array_equal(gradients, wanted)


def test_a_network_without_hidden_layer_by_hand() -> None:
    passes = network(np.array([2.0, -1.0, 0.5]), "relu", (), (True,), (2, 1))
    batch = Batch(np.array([[1.0, 3.0]]), np.array([[0.0]]))
    mean, gradients = learn(passes, batch)
    assert mean == 0.25
    np.testing.assert_array_equal(gradients, [-1.0, -3.0, -1.0])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_scores_are_those_of_a_loop_over_units(activation: str) -> None:
    passes = network(activation=activation)
    values = INPUTS
    pairs = views(SIZES, PARAMETERS)
    for place, (weights, biases) in enumerate(pairs):
        columns = [
            sum(values[:, i] * weights[i, j] for i in range(len(weights))) + biases[j]
            for j in range(weights.shape[1])
        ]
        values = np.stack(columns, axis=1)
        if place < len(pairs) - 1:
            scores = values.copy()
            ACTIVATIONS[activation].forward(scores, values)
    np.testing.assert_allclose(passes.scores(INPUTS), values, rtol=1e-12)


# Flat vectors


def test_the_flat_vector_holds_all_weights_and_then_all_biases() -> None:
    flat = np.arange(COUNT)
    (first, first_biases), (second, _), (last, last_biases) = views(SIZES, flat)
    np.testing.assert_array_equal(first, np.arange(15).reshape(3, 5))
    np.testing.assert_array_equal(second, np.arange(15, 35).reshape(5, 4))
    np.testing.assert_array_equal(last, np.arange(35, 43).reshape(4, 2))
    np.testing.assert_array_equal(first_biases, np.arange(43, 48))
    np.testing.assert_array_equal(last_biases, [52, 53])
    assert network().weight_count == 43


def test_layers_see_what_is_written_into_the_flat_vector() -> None:
    passes = network()
    passes.parameters[...] = 0.0
    passes.parameters[-2:] = [3.0, 4.0]
    np.testing.assert_array_equal(passes.scores(INPUTS), [[3.0, 4.0]] * 6)


def test_views_of_members_have_their_leading_axis() -> None:
    flat = np.arange(2 * COUNT).reshape(2, COUNT)
    (first, biases), *_ = views(SIZES, flat)
    assert first.shape == (2, 3, 5)
    assert biases.shape == (2, 5)
    assert np.shares_memory(first, flat)
    np.testing.assert_array_equal(first[1], views(SIZES, flat[1])[0][0])


# Leaving no trace


def test_predicting_does_not_touch_the_buffers_of_training() -> None:
    passes = network(dropout=(0.5, 0.0))
    work = passes.workspace(6)
    passes.loss_and_gradients(SquaredError(), Batch(INPUTS, TARGETS), work)
    before = [trace.outputs.copy() for trace in work.traces]
    gradients, position = passes.gradients.copy(), passes.stack[1].streams[0].state
    passes.scores(2.0 * INPUTS)
    for trace, outputs in zip(work.traces, before, strict=True):
        np.testing.assert_array_equal(trace.outputs, outputs)
    np.testing.assert_array_equal(passes.gradients, gradients)
    assert passes.stack[1].streams[0].state == position


def test_predicting_is_training_without_dropout() -> None:
    passes, dropping = network(), network(dropout=(0.5, 0.5))
    work = passes.workspace(6)
    np.testing.assert_allclose(passes.forward(INPUTS, work), passes.scores(INPUTS), rtol=1e-13)
    np.testing.assert_array_equal(dropping.scores(INPUTS), passes.scores(INPUTS))


def test_a_step_overwrites_all_of_the_last_one() -> None:
    passes = network(dropout=(0.5, 0.0))
    work = passes.workspace(6)
    passes.loss_and_gradients(SquaredError(), Batch(5.0 * INPUTS, TARGETS), work)
    passes.stack[1].streams[0].state = Stream(1, "0").state
    passes.loss_and_gradients(SquaredError(), Batch(INPUTS, TARGETS), work)
    _, wanted = learn(network(dropout=(0.5, 0.0)), Batch(INPUTS, TARGETS))
    np.testing.assert_array_equal(passes.gradients, wanted)


def test_a_batch_and_its_arrays_stay_as_they_are() -> None:
    batch = Batch(INPUTS.copy(), TARGETS.copy(), WEIGHTS.copy(), np.ones((6, 2)))
    learn(network(dropout=(0.5, 0.5)), batch, decay=0.1, l1=0.1)
    np.testing.assert_array_equal(batch.inputs, INPUTS)
    np.testing.assert_array_equal(batch.targets, TARGETS)
    np.testing.assert_array_equal(batch.weights, WEIGHTS)
    np.testing.assert_array_equal(batch.known, np.ones((6, 2)))


def test_dropout_layers_stand_only_where_something_is_dropped() -> None:
    kinds = [type(layer) is Dropout for layer in network(dropout=(0.0, 0.5)).stack]
    assert kinds == [False, False, True, False]


def test_a_layer_without_bias_has_gradients_of_zero_for_it() -> None:
    _, gradients = learn(network(bias=(True, False, True)), Batch(INPUTS, TARGETS))
    biases = [pair[1] for pair in views(SIZES, gradients)]
    assert [bool(each.any()) for each in biases] == [True, False, True]


# Members


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_members_are_single_networks(weights: Array | None) -> None:
    members = np.stack([PARAMETERS, -PARAMETERS, 0.3 * PARAMETERS])
    batch = Batch(INPUTS, TARGETS, weights)
    means, gradients = learn(network(members), batch)
    assert means.shape == (3,)
    assert network(members).scores(INPUTS).shape == (3, 6, 2)
    for member in range(3):
        assert_alike((means[member], gradients[member]), learn(network(members[member]), batch))


def test_members_may_each_have_rows_of_their_own() -> None:
    members = np.stack([PARAMETERS, -PARAMETERS])
    inputs, targets = np.stack([INPUTS, INPUTS[::-1]]), np.stack([TARGETS, 2.0 * TARGETS])
    means, gradients = learn(network(members), Batch(inputs, targets))
    for member in range(2):
        single = learn(network(members[member]), Batch(inputs[member], targets[member]))
        assert_alike((means[member], gradients[member]), single)
