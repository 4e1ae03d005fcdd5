"""Trainings that read ahead: whatever ends them, no thread stays and the result is the same."""

import gc
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from small_problems import three_classes

from glassnet import Callback, DivergenceError, Fleet, Network
from glassnet.core.scaling import uniform_scaling
from glassnet.sources.rows import Rows
from glassnet.sources.shuffled import Shuffled

X, Y = three_classes(rows=200)


@pytest.fixture(autouse=True)
def _many_stretches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stretches of a batch or two, in a process that may use two cores; no reader stays."""
    monkeypatch.setattr("glassnet.sources.shuffled.STRETCH", 300)
    monkeypatch.setattr("glassnet.blas.cores", lambda: 2)
    yield
    assert not readers()


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if "reads ahead" in thread.name]


class InBatch(Callback):
    """Do something in the third batch of the second epoch, and note who read ahead."""

    def __init__(self, do: Any) -> None:
        self.do, self.seen = do, 0

    def on_batch_end(self, training: Any) -> None:
        self.seen = max(self.seen, len(readers()))
        if (training.epoch, training.batch) == (2, 3):
            self.do(training)


def nothing(training: Any) -> None:
    pass


def fail(training: Any) -> None:
    raise RuntimeError("boom")


def spoil(training: Any) -> None:
    training.parameters[...] = np.nan


def kinds() -> list[Any]:
    return [Network([3, 4, 3], seed=0), Fleet([3, 4, 3], 2, seed=0)]


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize(
    ("do", "error"),
    [
        (nothing, None),
        (lambda training: training.stop("enough"), None),
        (fail, RuntimeError),
        (spoil, DivergenceError),
    ],
)
def test_no_thread_is_left_however_a_training_ends(kind: int, do: Any, error: Any) -> None:
    network, hook = kinds()[kind], InBatch(do)
    caught = None
    try:
        network.fit(X, Y, epochs=3, batch_size=10, callbacks=[hook])
    except Exception as raised:  # kept, with its frames, as a notebook keeps it
        caught = raised
    assert hook.seen == 1
    assert not readers()
    assert (type(caught) if caught else None) is error


def test_reading_ahead_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for cores in (1, 2):
        monkeypatch.setattr("glassnet.blas.cores", lambda cores=cores: cores)
        for data in (X, X.astype("f4"), np.asfortranarray(X), np.abs(X * 50).astype("u1")):
            network = Network([3, 4, 3], seed=0)
            network.fit(data, Y, epochs=2, batch_size=10, validation_split=0.2)
            found.append(network.parameters.tobytes())
    assert found[: len(found) // 2] == found[len(found) // 2 :]


@pytest.mark.parametrize("kind", [0, 1])
def test_an_error_of_the_data_is_raised_by_fit(kind: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that goes away meanwhile, say."""
    usual, threads = Shuffled._gather, []

    def gather(self: Shuffled, order: Any, first: int, number: int) -> Any:
        threads.append(threading.current_thread().name)
        if number == 4:
            raise OSError("the disk is gone")
        return usual(self, order, first, number)

    monkeypatch.setattr(Shuffled, "_gather", gather)
    network = kinds()[kind]
    with pytest.raises(OSError, match="the disk is gone"):
        network.fit(X, Y, epochs=3, batch_size=10)
    assert set(threads) == {"glassnet reads ahead"}
    assert network.history.stopped == "broken off by OSError"
    assert np.isfinite(network.parameters).all()


def test_two_trainings_at_once_do_not_disturb_each_other() -> None:
    alone = [Network([3, 4, 3], seed=seed) for seed in range(4)]
    for network in alone:
        network.fit(X, Y, epochs=3, batch_size=10)
    at_once = [Network([3, 4, 3], seed=seed) for seed in range(4)]
    fits = [
        threading.Thread(target=network.fit, args=(X, Y), kwargs={"epochs": 3, "batch_size": 10})
        for network in at_once
    ]
    for fit in fits:
        fit.start()
    for fit in fits:
        fit.join()
    for one, other in zip(alone, at_once, strict=True):
        assert one.parameters.tobytes() == other.parameters.tobytes()


def test_who_only_looks_at_some_batches_leaves_no_thread() -> None:
    rows = Rows(X, Y, None, uniform_scaling(), np.dtype("f8"))
    batches = iter(Shuffled(rows, 10, None).epoch(reads_ahead=True))
    next(batches)
    assert len(readers()) == 1
    del batches
    gc.collect()
    assert not readers()
