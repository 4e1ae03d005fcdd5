"""Batches: rows drawn, gathered, converted, scaled, with what is known of their targets."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_problems import Array, inputs

from glassnet.core.passes import Batch
from glassnet.core.random import Stream
from glassnet.core.scaling import Scaling, uniform_scaling
from glassnet.sources.rows import Rows
from glassnet.sources.shuffled import STRETCH, Shuffled

F4 = np.dtype("f4")


def rows(X: Array, **changes: Any) -> Rows:
    settings: dict[str, Any] = {
        "targets": np.arange(len(X)),
        "weights": None,
        "scaling": uniform_scaling(),
        "dtype": F4,
    }
    return Rows(X, **{**settings, **changes})


def copied(batches: Any) -> list[Batch]:
    """Batches are views of buffers that the next one fills."""
    return [Batch(b.inputs.copy(), b.targets.copy(), b.weights, b.known) for b in batches]


@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 9))
def test_an_epoch_has_every_row_once_with_its_own_target_and_weight(
    count: int, size: int, seed: int
) -> None:
    X = inputs(count, 2).astype("f4")
    source = Shuffled(rows(X, weights=np.arange(count) + 0.5), size, Stream(seed))
    batches = copied(source.epoch())
    assert len(batches) == source.count == -(-count // min(size, count))
    assert [b.rows for b in batches[:-1]] == [min(size, count)] * (len(batches) - 1)
    places = np.concatenate([b.targets for b in batches])
    assert sorted(places) == list(range(count))
    np.testing.assert_array_equal(np.concatenate([b.inputs for b in batches]), X[places])
    weights = np.concatenate([b.weights for b in batches])
    np.testing.assert_array_equal(weights, places + 0.5)


def test_each_epoch_has_its_own_order_which_the_seed_gives_again() -> None:
    X = inputs(20, 2).astype("f4")
    first, second = (Shuffled(rows(X), 6, Stream(1)) for _ in range(2))
    orders = [np.concatenate([b.targets for b in copied(first.epoch())]) for _ in range(3)]
    again = [np.concatenate([b.targets for b in copied(second.epoch())]) for _ in range(3)]
    assert len({tuple(order) for order in orders}) == 3
    np.testing.assert_array_equal(orders, again)


def test_without_a_stream_rows_come_in_their_order() -> None:
    source = Shuffled(rows(inputs(5, 1).astype("f4")), 2, None)
    assert [b.targets.tolist() for b in copied(source.epoch())] == [[0, 1], [2, 3], [4]]


def test_one_batch_of_all_rows_is_the_array_itself_and_draws_nothing() -> None:
    X, stream = inputs(5, 2).astype("f4"), Stream(0)
    position = stream.state
    (batch,) = Shuffled(rows(X), 99, stream).epoch()
    assert batch.inputs is X
    assert stream.state == position


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_part_of_the_rows_is_drawn_by_their_places(order: Any) -> None:
    X = np.asarray(inputs(10, 2), "f4", order=order)
    part = rows(X, places=np.array([7, 2, 5]))
    assert len(part) == 3
    batches = copied(Shuffled(part, 2, Stream(3)).epoch())
    places = np.concatenate([b.targets for b in batches])
    assert sorted(places) == [2, 5, 7]
    np.testing.assert_array_equal(np.concatenate([b.inputs for b in batches]), X[places])
    (whole,) = copied(Shuffled(part, 9, None).epoch())
    np.testing.assert_array_equal(whole.targets, [7, 2, 5])
    in_order = copied(part.in_order(2))
    assert [b.targets.tolist() for b in in_order] == [[7, 2], [5]]


@pytest.mark.parametrize("kind", ["u1", "i4", "f8", ">f4", "f2", "?"])
@pytest.mark.parametrize("size", [2, 99])
def test_rows_are_converted_and_scaled_batch_by_batch(kind: str, size: int) -> None:
    X = np.arange(12).reshape(6, 2).astype(kind)
    scaling = Scaling(np.array([1.0, 0.0]), np.array([2.0, 0.5]))
    for each in (uniform_scaling(0.25), scaling, uniform_scaling()):
        wanted = (X.astype("f8") - each.offset) * each.scale
        source = Shuffled(rows(X, scaling=each), size, None)
        for _ in range(2):
            found = np.concatenate([b.inputs for b in copied(source.epoch())])
            assert found.dtype == F4
            np.testing.assert_allclose(found, wanted)
        np.testing.assert_array_equal(X, np.arange(12).reshape(6, 2).astype(kind))


def test_floats_that_only_need_scaling_are_scaled_in_the_buffer_not_in_place() -> None:
    X = inputs(6, 2).astype("f4")
    kept = X.copy()
    for size in (2, 99):
        source = Shuffled(rows(X, scaling=uniform_scaling(3.0)), size, None)
        found = np.concatenate([b.inputs for b in copied(source.epoch())])
        np.testing.assert_allclose(found, 3 * kept, rtol=1e-6)
    np.testing.assert_array_equal(X, kept)


@pytest.mark.parametrize("kind", ["f4", "u1"])
@pytest.mark.parametrize("ahead", [False, True])
def test_several_batches_are_gathered_at_once_into_one_of_two_buffers(
    kind: str, ahead: bool
) -> None:
    columns = STRETCH // (3 * 2 * 4)  # two batches of 3 rows of 4 bytes a number
    source = Shuffled(rows(np.zeros((17, columns), kind)), 3, Stream(0))
    assert source.stretch == 6
    buffers = [b.inputs for b in source.epoch(ahead)]
    assert [len(b) for b in buffers] == [3, 3, 3, 3, 3, 2]
    for first, again in ((0, 4), (1, 5)):
        assert np.shares_memory(buffers[first], buffers[again])
    assert not any(np.shares_memory(buffers[0], other) for other in buffers[1:4])


@pytest.mark.parametrize("ahead", [False, True])
def test_batches_that_fill_a_cache_share_one_buffer(ahead: bool) -> None:
    source = Shuffled(rows(np.zeros((30, STRETCH // 4), "f4")), 10, Stream(0))
    first, second, _ = (b.inputs for b in source.epoch(ahead))
    assert np.shares_memory(first, second)


@given(st.integers(1, 40), st.integers(1, 12), st.integers(1, 7), st.booleans())
def test_reading_ahead_changes_no_batch(count: int, size: int, several: int, gaps: bool) -> None:
    X = inputs(count, 2).astype("f4")
    targets = inputs(count, 1).astype("f4")
    if gaps:
        targets[::3] = np.nan
    data = rows(X, targets=targets, weights=np.arange(count) + 0.5)
    found = []
    for ahead in (False, True):
        source = Shuffled(data, size, Stream(7))
        source.stretch = source.size * several
        source._buffers = [np.empty((source.stretch, 2), "f4") for _ in range(2)]
        found.append([])
        for batch in source.epoch(ahead):
            parts = batch.inputs, batch.targets, batch.weights, batch.known
            found[-1].append([None if part is None else part.tolist() for part in parts])
    assert found[0] == found[1]


def test_unknown_targets_are_marked_and_replaced() -> None:
    targets = np.array([[1.0, np.nan], [2.0, 3.0], [np.nan, np.nan]], "f4")
    (batch,) = Shuffled(rows(inputs(3, 2).astype("f4"), targets=targets), 3, None).epoch()
    assert batch.known is not None
    np.testing.assert_array_equal(batch.known, [[1, 0], [1, 1], [0, 0]])
    assert np.isfinite(batch.targets).all()
    assert batch.total_weight() == 1.5
    assert np.isnan(targets).sum() == 3
    weighted = Batch(batch.inputs, batch.targets, np.array([2.0, 1.0, 9.0]), batch.known)
    assert weighted.total_weight() == 2.0


def test_targets_without_a_gap_have_no_mask() -> None:
    targets = np.ones((3, 2), "f4")
    (batch,) = Shuffled(rows(inputs(3, 2).astype("f4"), targets=targets), 3, None).epoch()
    assert batch.known is None
    assert batch.total_weight() == 3.0
