"""What rows, weights and known targets count for, and what must not change a result at all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from passes_to_test import COUNT, INPUTS, PARAMETERS, TARGETS, WEIGHTS, assert_alike, learn, network

from glassnet.core.passes import Batch, views
from glassnet.losses import LOSSES

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
