"""Making things ahead: order, buffers, errors, and an end in good order."""

import threading
import time

import numpy as np
import pytest

from glassnet.sources.ahead import ahead


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if "reads ahead" in thread.name]


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_all_is_made_once_and_in_order(count: int) -> None:
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        return number * number

    assert list(ahead(make, count)) == [n * n for n in range(count)]
    assert made == list(range(count))
    assert not readers()


def test_one_thing_is_made_ahead_and_no_more() -> None:
    begun = [threading.Event() for _ in range(4)]
    walk = ahead(lambda number: begun[number].set(), 4)
    next(walk)
    assert begun[1].wait(10)
    time.sleep(0.05)
    assert not begun[2].is_set()
    next(walk)
    assert begun[2].wait(10)
    walk.close()  # type: ignore[attr-defined]  # it is a generator
    assert not begun[3].is_set()


def test_an_error_is_raised_where_the_thing_was_asked_for() -> None:
    def make(number: int) -> int:
        if number == 2:
            raise OSError("the disk is gone")
        return number

    walk = ahead(make, 5)
    assert [next(walk), next(walk)] == [0, 1]
    with pytest.raises(OSError, match="the disk is gone"):
        next(walk)
    assert not readers()


def test_who_leaves_early_leaves_no_thread_behind() -> None:
    walk = ahead(int, 100)
    assert next(walk) == 0
    assert len(readers()) == 1
    walk.close()  # type: ignore[attr-defined]  # it is a generator
    assert not readers()


def test_warnings_of_numpy_are_as_silent_there_as_in_training() -> None:
    huge = np.array([1e300])
    assert list(ahead(lambda _: huge.astype("f4")[0], 1)) == [np.inf]


def test_without_threads_nothing_is_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        return number

    walk = ahead(make, 3)
    assert next(walk) == 0
    assert made == [0]
    assert list(walk) == [1, 2]
