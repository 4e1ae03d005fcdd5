"""Random numbers that a seed gives again under every version of NumPy.

NumPy promises the raw bits of a bit generator, not the methods of Generator: so only raw bits are
taken from it and every transform is written here. Each purpose has a stream of its own, so that the
order of rows does not change when dropout is switched on. To add a distribution, add a method.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from .arrays import Array

MANY = 1 << 17
"""From so many rows on their order is worked out as it is asked for, not kept: making it took 32
bytes a row."""

ONE = np.uint64(1)
GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio, odd


class Stream:
    """One stream of random numbers; `seed` is an integer of at least 0, or None for any.

    Streams of one seed and different `purpose` are independent: rows drawn with seed 0 and split
    with seed 0 have nothing to do with each other.
    """

    def __init__(self, seed: int | None = None, purpose: str = "") -> None:
        self.seed, self.purpose = seed, purpose

    @cached_property
    def bits(self) -> np.random.PCG64:
        """Made when first asked: it takes 20 us, and most streams of a fleet are never asked."""
        key = tuple(self.purpose.encode())
        return np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=key))

    @property
    def state(self) -> dict[str, Any]:
        """The position in the stream: plain JSON (two Python integers and their names)."""
        return dict(self.bits.state)

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        self.bits.state = state  # type: ignore[assignment]  # its type is private to NumPy

    def raw(self, count: int) -> Array:
        """(count,) words of 64 random bits."""
        return np.asarray(self.bits.random_raw(count), dtype=np.uint64).reshape(count)

    def uniform(self, shape: tuple[int, ...]) -> Array:
        """Numbers in [0, 1), of 53 random bits each."""
        words = self.raw(int(np.prod(shape))) >> np.uint64(11)
        return (words.astype(np.float64) * 2.0**-53).reshape(shape)

    def normal(self, shape: tuple[int, ...]) -> Array:
        """Numbers of mean 0 and variance 1 (Box and Muller, 1958)."""
        count = int(np.prod(shape))
        pairs = self.uniform((2, (count + 1) // 2))
        radius = np.sqrt(-2.0 * np.log1p(-pairs[0]))
        angle = 2.0 * np.pi * pairs[1]
        both = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])
        return both[:count].reshape(shape)

    def permutation(self, count: int) -> Array:
        """(count,) the integers 0 .. count-1 in random order.

        They are sorted by 32 random bits, by the minor 16 and then, stably, by the major 16, for
        which NumPy has a radix sort: 60,000 in half the time of sorting words of 64 bits. Two
        integers keep their order with a probability that exceeds a half by 2**-33.
        """
        keys = self.raw((count + 1) // 2).view(np.uint16).reshape(-1, 2)[:count]
        order = keys[:, 0].argsort(kind="stable")
        sorted_order: Array = order[keys[:, 1][order].argsort(kind="stable")]
        return sorted_order

    def order(self, count: int) -> "Array | Scattered":
        """The same, to be asked for slice by slice where there are many."""
        return Scattered(count, self) if count >= MANY else self.permutation(count)

    def keep(self, rate: float, out: Array) -> None:
        """Fill `out` with 0 (probability `rate`, to within 2**-17) and 1 / (1 - rate) otherwise."""
        if rate == 0:  # a member of a fleet that drops none beside others that do
            out.fill(1.0)
            return
        words = self.raw((out.size + 3) // 4).view(np.uint16)[: out.size]
        threshold = np.uint16(min(round(rate * 2**16), 2**16 - 1))
        np.greater_equal(words.reshape(out.shape), threshold, out=out)
        out *= 1.0 / (1.0 - rate)


class Scattered:
    """The integers 0 .. count-1 in random order, worked out where they are asked for: an order of
    ten million rows in an array takes more memory than many a network's training.

    A Feistel cipher (Luby and Rackoff 1988) over the next power of two, whose round function is
    the high bits of a product (Knuth 1998, section 6.4); what comes out beyond the count is
    enciphered again, until it does not (Black and Rogaway 2002, cycle walking).
    """

    ROUNDS = 6

    def __init__(self, count: int, stream: Stream) -> None:
        self.count, self.bits = count, max(2, (count - 1).bit_length())
        self.keys = stream.raw(self.ROUNDS)

    def __getitem__(self, part: slice) -> Array:
        start, stop, step = part.indices(self.count)
        found = self._mixed(np.arange(start, stop, step, dtype=np.uint64))
        while (beyond := np.flatnonzero(found >= self.count)).size:
            found[beyond] = self._mixed(found[beyond])
        return found.astype(np.intp)

    def _mixed(self, values: Array) -> Array:
        low = np.uint64(self.bits // 2)
        for key in self.keys:
            # The low half, mixed, goes into the high one; then they change places.
            high, right = values >> low, values & ((ONE << low) - ONE)
            low = np.uint64(self.bits) - low
            high ^= ((right ^ key) * GOLDEN) >> (np.uint64(64) - low)
            values = (right << low) | high
        return values


class Streams(NamedTuple):
    """Separate streams for the initial parameters, the order of rows, and dropout; but for the
    order that a fleet shares, one for each network."""

    order: Stream
    parameters: tuple[Stream, ...]
    dropout: tuple[Stream, ...]
    own_orders: tuple[Stream, ...] = ()

    def every(self) -> list[Stream]:
        return [self.order, *self.parameters, *self.dropout, *self.own_orders]

    def states(self) -> list[dict[str, Any]]:
        """The positions of all of them."""
        return [stream.state for stream in self.every()]

    def restore(self, states: list[dict[str, Any]]) -> None:
        """Go to these positions."""
        for stream, state in zip(self.every(), states, strict=True):
            stream.state = state

    def of_members(self, members: Iterable[int]) -> "Streams":
        """The streams, not copies of them, of some members."""
        chosen = list(members)
        each = (tuple(all_[i] for i in chosen if i < len(all_)) for all_ in self[1:])
        return Streams(self.order, *each)


def spawn(seed: int | None) -> Streams:
    """The streams of one network."""
    kinds = Stream(seed, "order"), Stream(seed, "parameters"), Stream(seed, "dropout")
    return Streams(kinds[0], kinds[1:2], kinds[2:])


def spawn_each(seed: int | None, members: Sequence[int | None]) -> Streams:
    """The streams of a fleet, whose members have seeds of their own."""
    parameters, dropout, orders = (
        tuple(Stream(each, purpose) for each in members)
        for purpose in ("parameters", "dropout", "order")
    )
    return Streams(Stream(seed, "order"), parameters, dropout, orders)
