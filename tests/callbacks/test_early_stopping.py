"""EarlyStopping: what is better, how long it waits, what it puts back. On made-up histories."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.callbacks import EarlyStopping


class Run:
    """What the callback sees of a training; the parameters are the number of the epoch."""

    def __init__(self) -> None:
        self.history: list[dict[str, Any]] = []
        self.parameters = np.zeros(1)
        self.epoch, self.stopped = 0, ""

    def stop(self, reason: str) -> None:
        self.stopped = self.stopped or reason


def run(stopper: EarlyStopping, *records: dict[str, float]) -> Run:
    """Epochs with these records, until it stops; then the end of fit."""
    training: Any = Run()
    stopper.on_fit_begin(training)
    for record in records:
        training.epoch += 1
        training.parameters[:] = training.epoch
        training.history.append(record)
        stopper.on_epoch_end(training)
        if training.stopped:
            break
    stopper.on_fit_end(training)
    return training  # type: ignore[no-any-return]  # a stand-in


def losses(*values: float, name: str = "loss") -> list[dict[str, float]]:
    return [{name: value} for value in values]


def test_it_stops_after_so_many_epochs_without_a_lower_value_and_restores_the_best() -> None:
    stopper = EarlyStopping(2)
    training = run(stopper, *losses(3.0, 1.0, 2.0, 1.5, 0.5))
    assert (training.epoch, training.stopped) == (4, "no better loss in 2 epochs")
    assert (stopper.best, stopper.best_epoch) == (1.0, 2)
    assert training.parameters == [2.0]


def test_an_equal_value_is_no_better() -> None:
    assert run(EarlyStopping(2), *losses(1.0, 1.0, 1.0, 0.0)).epoch == 3


def test_min_change_says_how_much_better_it_must_be() -> None:
    stopper = EarlyStopping(2, min_change=0.5)
    assert run(stopper, *losses(3.0, 2.6, 2.4, 2.2, 2.0)).epoch == 5
    assert stopper.best == 2.4


def test_without_restore_the_last_parameters_stay() -> None:
    assert run(EarlyStopping(2, restore=False), *losses(1.0, 2.0, 3.0)).parameters == [3.0]


def test_it_watches_the_validation_loss_where_there_is_one() -> None:
    records = [{"loss": 3.0 - i, "val_loss": 1.0 + i} for i in range(3)]
    stopper = EarlyStopping(2)
    assert run(stopper, *records).stopped == "no better val_loss in 2 epochs"
    assert stopper.best_epoch == 1


@pytest.mark.parametrize(
    "name", ["val_accuracy", "val_r2", "val_precision", "val_recall", "val_f1"]
)
def test_what_should_rise_is_known_by_its_name(name: str) -> None:
    stopper = EarlyStopping(2, monitor=name)
    assert run(stopper, *losses(0.1, 0.9, 0.5, 0.6, 1.0, name=name)).epoch == 4
    assert stopper.best == 0.9


def test_rise_goes_before_the_name() -> None:
    up = EarlyStopping(1, monitor="val_own", rise=True)
    run(up, *losses(1.0, 2.0, 1.5, name="val_own"))
    assert up.best == 2.0
    down = EarlyStopping(1, monitor="val_accuracy", rise=False)
    run(down, *losses(0.5, 0.9, name="val_accuracy"))
    assert down.best == 0.5


def test_nan_is_never_better() -> None:
    stopper = EarlyStopping(2)
    training = run(stopper, *losses(math.nan, 2.0, math.nan, math.nan))
    assert (training.epoch, stopper.best, training.parameters[0]) == (4, 2.0, 2.0)
    only = run(EarlyStopping(2), *losses(math.nan, math.nan, math.nan))
    assert (only.epoch, only.parameters[0]) == (2, 2.0)


def test_a_name_that_is_not_there_is_told_with_what_is() -> None:
    with pytest.raises(ValueError, match=r"monitors 'val_f1', .* not in the history: \['loss'\]"):
        run(EarlyStopping(monitor="val_f1"), *losses(1.0))


def test_an_epoch_that_was_broken_off_before_validation_is_passed_over() -> None:
    stopper = EarlyStopping(5)
    training: Any = run(stopper, {"loss": 2.0, "val_loss": 3.0})
    training.history.append({"loss": 1.0})
    training.epoch, training.stopped = 2, "interrupted by Ctrl-C"
    stopper.on_epoch_end(training)
    assert (stopper.best, stopper.best_epoch) == (3.0, 1)


def test_each_fit_starts_anew() -> None:
    stopper = EarlyStopping(2)
    run(stopper, *losses(0.1))
    second = run(stopper, *losses(5.0, 4.0))
    assert (stopper.best, second.parameters[0]) == (4.0, 2.0)


def test_a_fit_without_an_epoch_leaves_the_parameters_alone() -> None:
    stopper: Any = EarlyStopping(2)
    training = SimpleNamespace(parameters=np.ones(2), history=[], epoch=0, stopped="no need")
    stopper.on_fit_begin(training)
    stopper.on_fit_end(training)
    assert training.parameters.tolist() == [1.0, 1.0]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=30), st.integers(1, 5))
def test_the_best_epoch_is_the_first_lowest_of_those_seen(
    values: list[float], patience: int
) -> None:
    stopper = EarlyStopping(patience)
    training = run(stopper, *losses(*values))
    seen = values[: training.epoch]
    assert stopper.best == min(seen)
    assert stopper.best_epoch == seen.index(min(seen)) + 1
    assert training.parameters[0] == stopper.best_epoch
    if training.stopped:
        assert training.epoch - stopper.best_epoch == patience
    else:
        assert len(seen) == len(values)


@pytest.mark.parametrize("name", ["error2", "r2_error", "inaccuracy", "f1_loss", "val_error2"])
def test_a_name_that_only_contains_that_of_a_rising_metric_falls(name: str) -> None:
    stopper = EarlyStopping(2, monitor=name)
    assert run(stopper, *losses(3.0, 2.0, 1.0, name=name)).epoch == 3
    assert stopper.best == 1.0


@pytest.mark.parametrize("name", ["top_k_accuracy", "val_balanced_accuracy", "val_r2", "f1"])
def test_whole_names_of_rising_metrics_rise_with_and_without_val(name: str) -> None:
    stopper = EarlyStopping(2, monitor=name)
    run(stopper, *losses(1.0, 2.0, 3.0, name=name))
    assert stopper.best == 3.0
