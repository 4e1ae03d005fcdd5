"""Batches of a user's own: how often they are walked, and what their length may be."""

from collections.abc import Iterator
from typing import Any

import pytest
from refusals import refused, refused_unchanged
from small_problems import state, three_classes

from glassnet import Network

X, Y = three_classes(20)
HALVES = [(X[:10], Y[:10]), (X[10:], Y[10:])]


class Batches:
    """An iterable that hands out the iterators it is given, one for each walk."""

    def __init__(self, *walks: Any) -> None:
        self.walks, self.asked = list(walks), 0

    def __iter__(self) -> Iterator[Any]:
        walk = self.walks[min(self.asked, len(self.walks) - 1)]
        self.asked += 1
        return iter(walk)


class Counted(Batches):
    """The same with a length, which may be an error."""

    length: Any = 2

    def __len__(self) -> int:
        if isinstance(self.length, Exception):
            raise self.length
        return int(self.length)


def new() -> Network:
    return Network([3, 4, 3], seed=0)


def test_what_gives_the_same_iterator_again_is_a_generator() -> None:
    net = new()
    words = ("X is a generator", "only once", "epochs=2")
    refused_unchanged(net, lambda: net.fit(Batches(iter(HALVES)), epochs=2), ValueError, *words)
    twin = new()
    net.fit(Batches(iter(HALVES)), epochs=1)
    twin.fit(iter(HALVES), epochs=1)
    assert state(net) == state(twin)


def test_an_epoch_without_a_batch_is_told() -> None:
    words = ("X gave no batch in this epoch", "__iter__ must start anew")
    refused(lambda: new().fit(Counted(iter(HALVES)), epochs=2), ValueError, *words)
    refused(lambda: new().fit(Batches(HALVES, HALVES, []), epochs=2), ValueError, *words)


def test_the_first_epoch_goes_on_with_the_walk_that_was_begun() -> None:
    batches = Counted(HALVES)
    new().fit(batches, epochs=3)
    assert batches.asked == 3


@pytest.mark.parametrize("length", [RuntimeError("nobody knows"), TypeError("no"), -1])
def test_a_length_that_is_none_is_as_no_length(length: Any) -> None:
    batches = Counted(HALVES)
    batches.length = length
    net, twin = new(), new()
    net.fit(batches, epochs=2, schedule="constant")
    twin.fit(HALVES, epochs=2, schedule="constant")
    assert state(net)["parameters"] == state(twin)["parameters"]
