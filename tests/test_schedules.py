"""Schedules: their values by hand at the start, in the middle and at the end of a call."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import Network
from glassnet.core.progress import Schedule
from glassnet.core.random import Stream
from glassnet.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Progress,
    ReduceOnPlateau,
    Step,
    WarmUp,
)

COSINE_QUARTER = 0.5 * (1.0 + math.cos(math.pi / 4.0))


@pytest.mark.parametrize(
    ("schedule", "values"),
    [
        # after 0, 2, 4 and 8 of 8 epochs
        (Constant(), (1.0, 1.0, 1.0, 1.0)),
        (Step(every=3, factor=0.5), (1.0, 1.0, 0.5, 0.25)),
        (Exponential(factor=0.9), (1.0, 0.81, 0.6561, 0.9**8)),
        (Cosine(), (1.0, COSINE_QUARTER, 0.5, 0.0)),
        (Cosine(final=0.2), (1.0, 0.2 + 0.8 * COSINE_QUARTER, 0.6, 0.2)),
        (OneCycle(rise=0.25, initial=0.1), (0.1, 1.0, 0.75, 0.0)),
        (OneCycle(rise=0.5, initial=0.0, final=0.5), (0.0, 0.5, 1.0, 0.5)),
        (WarmUp(epochs=4.0), (0.00025, 0.50025, 1.0, 1.0)),
        (WarmUp(4.0, then=Exponential(0.9)), (0.00025, 0.81 * 0.50025, 0.6561, 0.9**8)),
        (ReduceOnPlateau(), (1.0, 1.0, 1.0, 1.0)),
    ],
    ids=lambda each: type(each).__name__ if callable(each) else "",
)
def test_values_by_hand(schedule: Schedule, values: tuple[float, ...]) -> None:
    found = [schedule(Progress(epoch, 8)) for epoch in (0.0, 2.0, 4.0, 8.0)]
    assert found == pytest.approx(values, abs=1e-15)


def test_steps_come_at_the_ends_of_epochs() -> None:
    schedule = Step(every=2, factor=0.1)
    found = [schedule(Progress(epoch, 10)) for epoch in (1.99, 2.0, 3.99, 4.0)]
    assert found == pytest.approx([1.0, 0.1, 0.1, 0.01])


def test_one_cycle_rises_and_then_falls() -> None:
    values = [OneCycle()(Progress(epoch, 100)) for epoch in np.linspace(0.0, 99.9, 500)]
    top = int(np.argmax(values))
    assert top / 500 == pytest.approx(0.3, abs=0.01)
    assert (np.diff(values[: top + 1]) > 0).all()
    assert (np.diff(values[top:]) < 0).all()


@given(rise=st.floats(0.0, 1.0), epoch=st.floats(0.0, 1.0, exclude_max=True))
def test_one_cycle_takes_any_share_to_rise(rise: float, epoch: float) -> None:
    assert 0.0 <= OneCycle(rise=rise)(Progress(epoch, 1)) <= 1.0


# The plateau


def after(losses: list[float], schedule: Schedule, name: str = "loss") -> float:
    history: list[dict[str, Any]] = [{"loss": 1.0, name: loss} for loss in losses]
    return schedule(Progress(float(len(losses)), 100, 0, history))


def test_a_plateau_reduces_after_patience_epochs_without_a_new_best() -> None:
    schedule = ReduceOnPlateau(patience=2, factor=0.5)
    assert after([3.0, 2.0, 1.0], schedule) == 1.0
    assert after([3.0, 3.0], schedule) == 1.0
    assert after([3.0, 3.0, 4.0], schedule) == 0.5
    assert after([3.0, 3.0, 4.0, 3.0], schedule) == 0.5
    assert after([3.0, 3.0, 4.0, 3.0, 3.0], schedule) == 0.25
    assert after([3.0, 3.0, 4.0, 2.0, 2.0], schedule) == 0.5


def test_a_plateau_looks_at_the_validation_loss_where_there_is_one() -> None:
    schedule = ReduceOnPlateau(patience=2)
    assert after([3.0, 2.0, 1.0], schedule, "val_loss") == 1.0
    assert after([1.0, 2.0, 3.0], schedule, "val_loss") == 0.5


def test_a_plateau_does_not_reduce_below_the_lowest() -> None:
    assert after([1.0] * 50, ReduceOnPlateau(patience=1, lowest=0.01)) == 0.01


def test_a_loss_that_is_not_a_number_is_no_new_best() -> None:
    assert after([math.nan] * 5, ReduceOnPlateau(patience=5)) == 0.5


class Counted(list[dict[str, Any]]):
    """A history that counts how many of its records are looked at."""

    looked_at = 0

    def __getitem__(self, places: Any) -> Any:
        found = super().__getitem__(places)
        self.looked_at += len(found) if isinstance(places, slice) else 1
        return found

    def __iter__(self) -> Any:
        self.looked_at += len(self)
        return super().__iter__()


def test_a_plateau_looks_at_each_epoch_once_and_finds_what_it_would_find_anew() -> None:
    history, schedule = Counted(), WarmUp(1.0, then=ReduceOnPlateau(patience=2))
    place = Progress(0.0, 300, 0, history)
    for epoch in range(300):
        for batch in range(4):
            place.epoch = epoch + batch / 4
            found = schedule(place)
        assert found == schedule(Progress(place.epoch, 300, 0, history.copy()))
        history.append({"loss": abs(epoch - 150) % 7})
    assert history.looked_at < 2 * 300 + 300


def test_a_plateau_begins_anew_with_another_history() -> None:
    schedule, place = ReduceOnPlateau(patience=1), Progress(0.0, 9, 0, [{"loss": 1.0}] * 4)
    assert schedule(place) == 0.125
    place.history = [{"loss": 1.0}] * 2
    assert schedule(place) == 0.5


# In the registry


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("epochs", [1, 3, 40])
def test_every_schedule_is_above_zero_and_at_most_one_along_a_run(name: str, epochs: int) -> None:
    history: list[dict[str, Any]] = []
    for step in range(epochs * 7):
        epoch = step / 7
        if step and step % 7 == 0:
            history.append({"loss": 1.0})
        value = SCHEDULES[name](Progress(epoch, epochs, step, history))
        assert 0.0 < value <= 1.0


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_has_no_memory_of_its_own(name: str) -> None:
    places = [Progress(0.5, 4), Progress(3.5, 4), Progress(2.0, 4)]
    forward = [SCHEDULES[name](place) for place in places]
    assert [SCHEDULES[name](place) for place in places[::-1]] == forward[::-1]


# In training

X, Y = Stream(1).normal((12, 2)), Stream(2).normal((12, 1))


def rates(**options: Any) -> list[float]:
    network = Network([2, 3, 1], loss="squared_error", seed=1)
    history = network.fit(X, Y, batch_size=4, **options)
    return [float(rate) for rate in history.column("learning_rate")]


def test_a_schedule_multiplies_the_learning_rate() -> None:
    found = rates(epochs=4, learning_rate=0.02, schedule=Step(every=2, factor=0.5))
    assert found == pytest.approx([0.02, 0.02, 0.01, 0.01])


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_may_be_named(name: str) -> None:
    assert all(rate > 0 for rate in rates(epochs=3, learning_rate=0.01, schedule=name))


def test_a_plain_function_is_a_schedule() -> None:
    def slower(progress: Progress) -> float:
        return 1.0 / (1.0 + int(progress.epoch))

    assert rates(epochs=3, learning_rate=0.06, schedule=slower) == pytest.approx([0.06, 0.03, 0.02])


def test_a_function_may_be_the_learning_rate_itself() -> None:
    def rate(progress: Progress) -> float:
        return 0.01 * (1.0 + int(progress.epoch))

    assert rates(epochs=3, learning_rate=rate) == pytest.approx([0.01, 0.02, 0.03])


def test_a_schedule_sees_where_training_stands() -> None:
    seen = []

    def watch(progress: Progress) -> float:
        seen.append((progress.epoch, progress.epochs, progress.step, len(progress.history)))
        return 1.0

    rates(epochs=2, schedule=watch)
    seen = seen[-6:]  # what comes before is the trial of the function
    assert [each[0] for each in seen] == pytest.approx([0, 1 / 3, 2 / 3, 1, 4 / 3, 5 / 3])
    assert [each[1:] for each in seen] == [(2, s, 0 if s < 3 else 1) for s in range(6)]


def test_the_share_of_the_call_is_known() -> None:
    assert Progress(2.5, 10).fraction == 0.25


# Settings


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (Step, {"every": 0}),
        (Step, {"every": 2.5}),
        (Step, {"factor": 0.0}),
        (Exponential, {"factor": -0.9}),
        (Exponential, {"factor": math.nan}),
        (Cosine, {"final": -0.1}),
        (OneCycle, {"rise": -0.1}),
        (OneCycle, {"rise": 1.5}),
        (OneCycle, {"initial": math.inf}),
        (OneCycle, {"final": -1.0}),
        (WarmUp, {"epochs": 0.0}),
        (ReduceOnPlateau, {"patience": 0}),
        (ReduceOnPlateau, {"factor": 0.0}),
        (ReduceOnPlateau, {"lowest": -1.0}),
    ],
)
def test_settings_out_of_range_are_refused(kind: Any, settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(settings))} must be "):
        kind(**settings)


@pytest.mark.parametrize("kind", [Step, Exponential, Cosine, OneCycle, WarmUp, ReduceOnPlateau])
@pytest.mark.parametrize("value", ["1", True, None])
def test_settings_of_another_type_are_refused(kind: Any, value: object) -> None:
    with pytest.raises(TypeError, match="must be"):
        kind(value)


def test_what_a_warm_up_goes_on_with_is_a_schedule() -> None:
    with pytest.raises(TypeError, match="then must be a schedule"):
        WarmUp(1.0, then="cosine")  # type: ignore[arg-type]  # wrong on purpose
