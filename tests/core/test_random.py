"""Random numbers: fixed for ever by their seed, and distributed as they should be.

The golden values are a promise: a change of them changes every seeded run of every user.
"""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statistics_check import UNLIKELY, chi_square, kolmogorov_smirnov, normal_below, uniform_below

from glassnet.core import random
from glassnet.core.network import Network
from glassnet.core.random import Scattered, Stream, spawn

MANY = 100_000
SIGMAS = 4.0

# Golden values


def test_raw_bits_of_a_seed_are_fixed() -> None:
    words = [0xAD0348563DD4CAE8, 0x36DDE2A417A3D0D9, 0x4F383F90515160E1, 0xCCA9CF63E89F3BE4]
    assert Stream(2024).raw(4).tolist() == words


def test_uniform_numbers_of_a_seed_are_fixed() -> None:
    wanted = [
        [0.6758313379812818, 0.21432320123825765, 0.3094520308816917],
        [0.7994660967748332, 0.9958020988654668, 0.1422318152800518],
    ]
    assert Stream(2024).uniform((2, 3)).tolist() == wanted


def test_uniform_numbers_are_the_upper_53_bits() -> None:
    words = Stream(5).raw(100).tolist()
    assert Stream(5).uniform((100,)).tolist() == [(word >> 11) / 2**53 for word in words]


def test_normal_numbers_of_a_seed_are_fixed() -> None:
    wanted = [
        0.45904121059154973,
        0.6943226873271773,
        0.5391810728923777,
        -1.4290779687184645,
        -0.018317835752887583,
    ]
    np.testing.assert_allclose(Stream(2024).normal((5,)), wanted, rtol=1e-13)


def test_normal_numbers_are_those_of_box_and_muller() -> None:
    first, second = Stream(3).uniform((2, 4)).tolist()
    radii = [math.sqrt(-2.0 * math.log1p(-u)) for u in first]
    wanted = [r * math.cos(2.0 * math.pi * u) for r, u in zip(radii, second, strict=True)]
    wanted += [r * math.sin(2.0 * math.pi * u) for r, u in zip(radii, second, strict=True)]
    np.testing.assert_allclose(Stream(3).normal((2, 4)).ravel(), wanted, rtol=1e-12)


def test_the_order_of_rows_of_a_seed_is_fixed() -> None:
    assert Stream(2024).permutation(10).tolist() == [2, 3, 0, 5, 4, 1, 7, 6, 8, 9]


def test_an_order_sorts_by_32_random_bits() -> None:
    words = [int(word) for word in Stream(5).raw(50)]
    low, high = 2**16 - 1, 16
    keys = [
        ((half >> high) & low, half & low)
        for word in words
        for half in (word & (2**32 - 1), word >> 32)
    ]
    wanted = sorted(range(99), key=lambda place: keys[place])
    assert Stream(5).permutation(99).tolist() == wanted


def test_dropout_masks_of_a_seed_are_fixed() -> None:
    mask = np.empty((2, 8), np.float32)
    Stream(2024).keep(0.25, mask)
    wanted = [[1, 0, 1, 1, 1, 0, 1, 0], [1, 1, 0, 1, 0, 1, 1, 1]]
    np.testing.assert_array_equal(mask, np.float32(4.0 / 3.0) * np.array(wanted, np.float32))


def of_seed(seed: int) -> list[Stream]:
    streams = spawn(seed)
    return [*streams.parameters, streams.order, *streams.dropout]


def test_the_three_streams_of_a_seed_are_fixed() -> None:
    firsts = [int(stream.raw(1)[0]) for stream in of_seed(7)]
    assert firsts == [3055957682777567671, 7270296753400201406, 9234730881299962919]


def test_the_initial_parameters_of_a_seed_are_fixed() -> None:
    wanted = [
        -0.57587730884552,
        -0.23094448447227478,
        -0.1452421247959137,
        0.17493711411952972,
        -0.05980234593153,
        -0.7260646820068359,
        -0.7841311097145081,
        -0.6884965300559998,
        0.42110422253608704,
        0.0,
        0.0,
        0.0,
        0.0,
    ]
    np.testing.assert_allclose(Network([2, 3, 1], seed=7).parameters, wanted, rtol=1e-6)


# Distributions


def test_uniform_numbers_are_uniform() -> None:
    numbers = Stream(1).uniform((MANY,))
    assert 0.0 <= numbers.min() < numbers.max() < 1.0
    assert kolmogorov_smirnov(numbers, uniform_below(0.0, 1.0)) > UNLIKELY
    assert abs(numbers.mean() - 0.5) < SIGMAS / math.sqrt(12 * MANY)


def test_normal_numbers_are_normal() -> None:
    numbers = Stream(2).normal((MANY,))
    assert kolmogorov_smirnov(numbers, normal_below(1.0)) > UNLIKELY
    assert abs(numbers.mean()) < SIGMAS / math.sqrt(MANY)
    assert abs(numbers.var() - 1.0) < SIGMAS * math.sqrt(2.0 / MANY)
    assert abs(np.mean(numbers**3)) < SIGMAS * math.sqrt(15.0 / MANY)


def test_neighbouring_and_paired_normal_numbers_are_uncorrelated() -> None:
    numbers = Stream(3).normal((MANY,))
    half = MANY // 2
    for one, other in ((numbers[:-1], numbers[1:]), (numbers[:half], numbers[half:])):
        assert abs(np.corrcoef(one, other)[0, 1]) < SIGMAS / math.sqrt(len(one))


def test_all_orders_of_five_items_are_equally_likely() -> None:
    stream = Stream(4)
    places = {order: place for place, order in enumerate(itertools.permutations(range(5)))}
    counts = np.zeros(len(places))
    for _ in range(10_000):
        counts[places[tuple(stream.permutation(5).tolist())]] += 1
    assert chi_square(counts) > UNLIKELY


@pytest.mark.parametrize("count", [64, 1000, 1025])
def test_every_item_is_equally_likely_in_the_first_place(count: int) -> None:
    stream = Stream(count)
    firsts = [int(stream.permutation(count)[0]) for _ in range(3000)]
    eighths = np.bincount(np.array(firsts) * 8 // count, minlength=8)
    assert chi_square(eighths) > UNLIKELY


@given(count=st.integers(0, 3000), seed=st.integers(0, 2**64))
def test_a_permutation_has_every_number_once(count: int, seed: int) -> None:
    order = Stream(seed).permutation(count)
    assert order.dtype == np.int64
    assert sorted(order.tolist()) == list(range(count))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", [0.001, 0.1, 0.5, 0.75, 0.99])
def test_dropout_drops_the_share_that_is_asked_for(rate: float, dtype: type) -> None:
    mask = np.empty((MANY,), dtype)
    Stream(6).keep(rate, mask)
    dropped = float(np.mean(mask == 0))
    assert abs(dropped - rate) < SIGMAS * math.sqrt(rate * (1 - rate) / MANY) + 2.0**-17
    np.testing.assert_array_equal(mask[mask != 0], dtype(1.0) * dtype(1.0 / (1.0 - rate)))


@given(rows=st.integers(1, 9), units=st.integers(1, 9), rate=st.floats(0.0, 0.999))
def test_masks_of_any_shape_hold_two_values(rows: int, units: int, rate: float) -> None:
    mask = np.full((rows, units), np.nan)
    Stream(8).keep(rate, mask)
    assert set(mask.ravel().tolist()) <= {0.0, 1.0 / (1.0 - rate)}


def test_a_rate_next_to_one_still_keeps_some_units() -> None:
    mask = np.empty(2**20)
    Stream(9).keep(0.9999999, mask)
    assert 0 < np.count_nonzero(mask) < 60


# Streams


def test_the_three_streams_of_a_seed_are_uncorrelated() -> None:
    numbers = np.stack([stream.uniform((MANY,)) for stream in of_seed(11)])
    between = np.corrcoef(numbers)[np.triu_indices(3, 1)]
    assert np.abs(between).max() < SIGMAS / math.sqrt(MANY)


def test_streams_of_neighbouring_seeds_are_uncorrelated() -> None:
    numbers = np.stack([spawn(seed).order.uniform((MANY,)) for seed in range(5)])
    between = np.corrcoef(numbers)[np.triu_indices(5, 1)]
    assert np.abs(between).max() < SIGMAS / math.sqrt(MANY)


def test_streams_of_one_seed_and_different_purposes_are_uncorrelated() -> None:
    purposes = ("", "order", "redro", "split", "toy")
    numbers = np.stack([Stream(0, purpose).uniform((MANY,)) for purpose in purposes])
    between = np.corrcoef(numbers)[np.triu_indices(len(purposes), 1)]
    assert np.abs(between).max() < SIGMAS / math.sqrt(MANY)


def test_without_a_seed_every_stream_is_another() -> None:
    assert Stream().raw(2).tolist() != Stream().raw(2).tolist()
    assert spawn(None).order.raw(2).tolist() != spawn(None).order.raw(2).tolist()


def test_a_stream_goes_on_from_a_stored_position() -> None:
    stream = Stream(12)
    stream.uniform((5,))
    stored = json.loads(json.dumps(stream.state))
    wanted = stream.normal((4,)).tolist()
    other = Stream(0)
    other.state = stored
    assert other.normal((4,)).tolist() == wanted


def test_a_stored_position_stays_when_its_stream_goes_on() -> None:
    stream = Stream(12)
    stored = stream.state
    stream.raw(3)
    assert stored != stream.state
    assert stored == Stream(12).state


def test_numpys_global_state_is_neither_read_nor_written() -> None:
    before = np.random.get_state()
    network = Network([3, 4, 2], dropout=0.5, seed=1, loss="softmax_cross_entropy")
    X = Stream(1).normal((20, 3))
    network.fit(X, np.arange(20) % 2, epochs=2, batch_size=5, validation_split=0.2)
    after = np.random.get_state()
    assert before[0] == after[0]
    np.testing.assert_array_equal(before[1], after[1])
    assert before[2:] == after[2:]


def test_dropout_does_not_change_the_initial_parameters_or_the_order_of_rows() -> None:
    plain, dropping = Network([3, 4, 2], seed=3), Network([3, 4, 2], dropout=0.5, seed=3)
    np.testing.assert_array_equal(plain.parameters, dropping.parameters)
    X, y = Stream(1).normal((20, 3)), np.arange(20) % 2
    plain.fit(X, y, epochs=2, batch_size=5)
    dropping.fit(X, y, epochs=2, batch_size=5)
    assert plain.streams.order.state == dropping.streams.order.state
    assert plain.streams.dropout[0].state != dropping.streams.dropout[0].state


# An order that is worked out slice by slice


@given(st.integers(1, 3000), st.integers(0, 99), st.integers(1, 500))
def test_a_scattered_order_has_every_row_once_however_it_is_cut(
    count: int, seed: int, part: int
) -> None:
    order = Scattered(count, Stream(seed))
    parts = [order[start : start + part] for start in range(0, count, part)]
    found = np.concatenate(parts)
    assert found.dtype == np.intp
    assert sorted(found.tolist()) == list(range(count))
    np.testing.assert_array_equal(found, order[:])


def test_scattered_orders_go_by_the_seed_and_change_with_every_epoch() -> None:
    stream = Stream(1)
    first, second = Scattered(5000, stream)[:], Scattered(5000, stream)[:]
    assert np.mean(first == second) < 0.01
    np.testing.assert_array_equal(first, Scattered(5000, Stream(1))[:])


def test_scattered_rows_stand_in_no_relation_to_their_places_or_neighbours() -> None:
    """400 cells of where a row comes from and goes to, and of neighbours: chi-square of each."""
    for seed in range(3):
        order = Scattered(random.MANY + 77, Stream(seed))[:]
        tenths = order * 20 // len(order)
        for other in (np.arange(len(order)) * 20 // len(order), np.roll(tenths, 1)):
            counts = np.bincount(tenths * 20 + other, minlength=400)
            wanted = len(order) / 400
            chi_square = float(((counts - wanted) ** 2 / wanted).sum())
            assert abs(chi_square - 361) < 5 * math.sqrt(2 * 361)


def test_few_rows_have_an_order_in_memory_and_many_have_not() -> None:
    assert isinstance(Stream(0).order(random.MANY - 1), np.ndarray)
    assert isinstance(Stream(0).order(random.MANY), Scattered)
