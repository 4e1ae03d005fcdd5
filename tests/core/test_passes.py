"""The passes through a whole network: worked by hand, and held to what must not change a result.

The gradients are in test_gradients.py.
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.activations import ACTIVATIONS
from glassnet.core.arrays import Array
from glassnet.core.layers import Dropout
from glassnet.core.passes import Batch, Passes, views
from glassnet.core.random import Stream
from glassnet.losses import LOSSES, SquaredError

SIZES = (3, 5, 4, 2)
RANDOM = np.random.default_rng(7)
COUNT = 3 * 5 + 5 * 4 + 4 * 2 + 5 + 4 + 2
PARAMETERS = RANDOM.normal(size=COUNT) * 0.5
INPUTS, TARGETS = RANDOM.normal(size=(6, 3)), RANDOM.normal(size=(6, 2))
WEIGHTS = np.array([1.0, 0.5, 2.0, 3.0, 0.25, 1.5])


def network(
    parameters: Array = PARAMETERS,
    activation: str = "tanh",
    dropout: tuple[float, ...] = (0.0, 0.0),
    bias: tuple[bool, ...] = (True, True, True),
    sizes: tuple[int, ...] = SIZES,
) -> Passes:
    chosen = [ACTIVATIONS[activation]] * (len(sizes) - 2)
    flat = parameters.copy()
    return Passes(sizes, chosen, bias, dropout, flat, np.zeros_like(flat), Stream(1))


def learn(
    passes: Passes, batch: Batch, loss: str = "squared_error", **decay: float
) -> tuple[Any, Array]:
    """The mean loss of the batch and the gradient of every parameter."""
    work = passes.workspace(batch.rows)
    mean = passes.loss_and_gradients(LOSSES[loss], batch, work, **decay)
    return mean, passes.gradients.copy()


def assert_alike(one: tuple[Any, Array], other: tuple[Any, Array]) -> None:
    np.testing.assert_allclose(one[0], other[0], rtol=1e-13)
    np.testing.assert_allclose(one[1], other[1], rtol=1e-11, atol=1e-15)


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
    gradients, position = passes.gradients.copy(), passes.stack[1].stream.state
    passes.scores(2.0 * INPUTS)
    for trace, outputs in zip(work.traces, before, strict=True):
        np.testing.assert_array_equal(trace.outputs, outputs)
    np.testing.assert_array_equal(passes.gradients, gradients)
    assert passes.stack[1].stream.state == position


def test_predicting_is_training_without_dropout() -> None:
    passes, dropping = network(), network(dropout=(0.5, 0.5))
    work = passes.workspace(6)
    np.testing.assert_array_equal(passes.forward(INPUTS, work), passes.scores(INPUTS))
    np.testing.assert_array_equal(dropping.scores(INPUTS), passes.scores(INPUTS))


def test_a_step_overwrites_all_of_the_last_one() -> None:
    passes = network(dropout=(0.5, 0.0))
    work = passes.workspace(6)
    passes.loss_and_gradients(SquaredError(), Batch(5.0 * INPUTS, TARGETS), work)
    passes.stack[1].stream.state = Stream(1).state
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


# What weighs how much


def test_the_total_weight_counts_rows_weights_and_known_targets() -> None:
    known = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    three = INPUTS[:3], TARGETS[:3]
    assert Batch(*three).total_weight() == 3.0
    assert Batch(*three, WEIGHTS[:3]).total_weight() == 3.5
    assert Batch(*three, None, known).total_weight() == 1.5
    assert Batch(*three, WEIGHTS[:3], known).total_weight() == 1.0


def test_a_batch_of_weight_zero_gives_nan() -> None:
    mean, _ = learn(network(), Batch(INPUTS, TARGETS, np.zeros(6)))
    assert np.isnan(mean)
    mean, _ = learn(network(), Batch(INPUTS, TARGETS, None, np.zeros((6, 2))))
    assert np.isnan(mean)


def test_equal_weights_change_nothing() -> None:
    for weights in (np.ones(6), np.full(6, 0.3)):
        plain, weighed = Batch(INPUTS, TARGETS), Batch(INPUTS, TARGETS, weights)
        assert_alike(learn(network(), weighed), learn(network(), plain))


def test_weight_two_equals_the_row_twice() -> None:
    weights = np.array([1.0, 2.0, 1.0, 3.0, 1.0, 1.0])
    repeats = weights.astype(int)
    twice = Batch(np.repeat(INPUTS, repeats, axis=0), np.repeat(TARGETS, repeats, axis=0))
    weighed = learn(network(), Batch(INPUTS, TARGETS, weights))
    assert_alike(weighed, learn(network(), twice))


def test_weight_zero_equals_a_row_left_out() -> None:
    weights = np.array([1.0, 1.0, 0.0, 1.0, 0.0, 1.0])
    kept = weights > 0
    left_out = learn(network(), Batch(INPUTS[kept], TARGETS[kept]))
    assert_alike(learn(network(), Batch(INPUTS, TARGETS, weights)), left_out)


def test_an_unknown_row_equals_a_row_left_out() -> None:
    known = np.ones((6, 2))
    known[2] = 0.0
    others = np.arange(6) != 2
    left_out = learn(network(), Batch(INPUTS[others], TARGETS[others]))
    assert_alike(learn(network(), Batch(INPUTS, TARGETS, None, known)), left_out)


@pytest.mark.parametrize("loss", [name for name in LOSSES if LOSSES[name].targets != "labels"])
def test_an_unknown_target_has_no_influence_at_all(loss: str) -> None:
    outputs = 2 * LOSSES[loss].statistics
    passes = network(np.resize(PARAMETERS, 8 + 4 * outputs + outputs + 4), sizes=(2, 4, outputs))
    known = np.ones((6, 2))
    known[0, 1] = known[3] = 0.0
    targets = np.abs(TARGETS) % 1.0 + 0.01
    first = learn(passes, Batch(INPUTS[:, :2], targets, WEIGHTS, known), loss)
    targets = np.where(known > 0, targets, 77.0)
    assert_alike(learn(passes, Batch(INPUTS[:, :2], targets, WEIGHTS, known), loss), first)


def test_a_batch_is_the_average_of_its_parts_by_rows() -> None:
    whole = learn(network(), Batch(INPUTS, TARGETS))
    parts = [learn(network(), Batch(INPUTS[s], TARGETS[s])) for s in (slice(4), slice(4, 6))]
    mean = sum(rows * part[0] for rows, part in zip((4, 2), parts, strict=True)) / 6
    gradient = sum(rows * part[1] for rows, part in zip((4, 2), parts, strict=True)) / 6
    assert_alike((mean, gradient), whole)


# What must change nothing


def test_the_order_of_rows_changes_nothing() -> None:
    order = [3, 0, 5, 1, 4, 2]
    shuffled = Batch(INPUTS[order], TARGETS[order], WEIGHTS[order])
    assert_alike(learn(network(), shuffled), learn(network(), Batch(INPUTS, TARGETS, WEIGHTS)))


def test_data_twice_change_nothing() -> None:
    twice = Batch(np.tile(INPUTS, (2, 1)), np.tile(TARGETS, (2, 1)))
    assert_alike(learn(network(), twice), learn(network(), Batch(INPUTS, TARGETS)))


def test_inputs_in_another_order_with_their_weights_change_nothing() -> None:
    order = [2, 0, 1]
    moved = network()
    moved.dense[0].weights[...] = moved.dense[0].weights[order]
    np.testing.assert_allclose(moved.scores(INPUTS[:, order]), network().scores(INPUTS), rtol=1e-13)


def test_hidden_units_in_another_order_with_their_weights_change_nothing() -> None:
    order = [4, 2, 0, 1, 3]
    moved = network()
    first, second = moved.dense[0], moved.dense[1]
    first.weights[...], first.biases[...] = first.weights[:, order], first.biases[order]
    second.weights[...] = second.weights[order]
    np.testing.assert_allclose(moved.scores(INPUTS), network().scores(INPUTS), rtol=1e-13)


def test_outputs_in_another_order_move_with_their_labels() -> None:
    labels = np.array([0, 1, 1, 0, 1, 0])
    moved = network()
    last = moved.dense[-1]
    last.weights[...], last.biases[...] = last.weights[:, ::-1], last.biases[::-1]
    mean, _ = learn(moved, Batch(INPUTS, 1 - labels), "softmax_cross_entropy")
    wanted, _ = learn(network(), Batch(INPUTS, labels), "softmax_cross_entropy")
    np.testing.assert_allclose(mean, wanted, rtol=1e-13)


def test_an_input_that_is_always_zero_changes_nothing() -> None:
    sizes = (4, 5, 4, 2)
    wider = network(np.zeros(COUNT + 5), sizes=sizes)
    for layer, plain in zip(wider.dense, network().dense, strict=True):
        layer.weights[: len(plain.weights)], layer.biases[...] = plain.weights, plain.biases
    wider.dense[0].weights[3] = 9.0
    padded = np.concatenate([INPUTS, np.zeros((6, 1))], axis=1)
    np.testing.assert_allclose(wider.scores(padded), network().scores(INPUTS), rtol=1e-13)
    mean, gradients = learn(wider, Batch(padded, TARGETS))
    assert not views(sizes, gradients)[0][0][3].any()
    np.testing.assert_allclose(mean, learn(network(), Batch(INPUTS, TARGETS))[0], rtol=1e-13)


@given(factor=st.floats(0.01, 100.0))
def test_inputs_times_a_factor_with_weights_divided_change_nothing(factor: float) -> None:
    scaled = network()
    scaled.dense[0].weights[...] /= factor
    np.testing.assert_allclose(
        scaled.scores(factor * INPUTS), network().scores(INPUTS), rtol=1e-11, atol=1e-13
    )


def test_predictions_of_parts_are_parts_of_the_predictions() -> None:
    whole = network().scores(INPUTS)
    parts = [network().scores(INPUTS[:1]), network().scores(INPUTS[1:])]
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-13)


def test_inputs_in_any_memory_order_give_the_same() -> None:
    wanted = learn(network(), Batch(INPUTS, TARGETS))
    fortran, strided = np.asfortranarray(INPUTS), np.repeat(INPUTS, 2, axis=0)[::2]
    frozen = INPUTS.copy()
    frozen.flags.writeable = False
    for inputs in (fortran, strided, frozen):
        assert_alike(learn(network(), Batch(inputs, TARGETS)), wanted)


def test_no_decay_is_a_decay_of_zero() -> None:
    batch = Batch(INPUTS, TARGETS)
    _, wanted = learn(network(), batch)
    _, gradients = learn(network(), batch, decay=0.0, l1=0.0)
    np.testing.assert_array_equal(gradients, wanted)


def test_decay_adds_to_the_gradients_of_weights_and_never_of_biases() -> None:
    batch = Batch(INPUTS, TARGETS)
    mean, plain = learn(network(), batch)
    decayed_mean, decayed = learn(network(), batch, decay=0.5, l1=0.25)
    assert decayed_mean == mean
    weights = PARAMETERS[:43]
    added = decayed - plain
    np.testing.assert_allclose(added[:43], 0.5 * weights + 0.25 * np.sign(weights), atol=1e-15)
    np.testing.assert_array_equal(added[43:], np.zeros(11))


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
