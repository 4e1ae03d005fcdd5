"""What a trained fleet answers: predictions, their mean and spread, losses, the best member; and
own optimizers at work on it."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
from fleet_and_alone import X_DEFAULT as X
from fleet_and_alone import Y_DEFAULT as Y
from fleet_and_alone import assert_same, trained_alone

from glassnet import Fleet
from glassnet.core.optimizer import Block, Optimizer, column, times


@pytest.fixture
def fleet() -> Fleet:
    made = Fleet([3, 5, 3], 4, seed=0)
    made.fit(X, Y, epochs=3)
    return made


def test_predictions_of_all_members_are_those_of_each(fleet: Fleet) -> None:
    outputs = fleet.predict(X)
    assert outputs.shape == (4, 45, 3)
    for mine, single in zip(outputs, fleet, strict=True):
        np.testing.assert_allclose(mine, single.predict(X), rtol=1e-6)
    mean, spread = fleet.mean_and_spread(X)
    np.testing.assert_array_equal(mean, outputs.mean(axis=0))
    np.testing.assert_array_equal(spread, outputs.std(axis=0))


def test_the_best_member_has_the_lowest_loss_and_never_nan(fleet: Fleet) -> None:
    losses = fleet.evaluate(X, Y)["loss"]
    best = int(np.argmin(losses))
    np.testing.assert_array_equal(fleet.best(X, Y).parameters, fleet.parameters[best])
    fleet.parameters[best] = np.nan
    losses[best] = np.inf
    second = int(np.argmin(losses))
    np.testing.assert_array_equal(fleet.best(X, Y).parameters, fleet.parameters[second])


def test_members_may_be_judged_by_rows_of_their_own(fleet: Fleet) -> None:
    weights = np.random.default_rng(0).uniform(size=(4, 45))
    found = fleet.evaluate(X, Y, sample_weight=weights)
    for number, single in enumerate(fleet):
        alone = single.evaluate(X, Y, sample_weight=weights[number])
        assert found["loss"][number] == pytest.approx(alone["loss"], rel=1e-6)
        assert found["accuracy"][number] == alone["accuracy"]


def test_a_fleet_says_in_words_what_it_is(fleet: Fleet) -> None:
    assert repr(fleet).startswith("<Fleet of 4 x [3, 5, 3]")
    assert "parameters" in fleet.summary()
    assert "parameters" in fleet[0].summary()


@dataclass(frozen=True)
class Own(Optimizer):
    """A step along the gradient and a memory; settings of other kinds are its own business."""

    pull: float = 0.5
    betas: tuple[float, float] = (0.9, 0.99)
    mode: str = "plain"
    slots: ClassVar[int] = 1

    def update(self, block: Block, learning_rate: Any, step: Any) -> None:
        (memory,) = block.slots
        times(memory, self.pull, memory)
        memory += block.gradients
        times(memory, learning_rate * self.betas[0], block.scratch)
        block.parameters -= block.scratch


@pytest.mark.parametrize("cache", [1 << 30, 1])
def test_own_optimizers_may_have_settings_that_are_tuples_or_words(
    cache: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.intake.fleets.CACHE", cache)
    fleet = Fleet([3, 5, 3], 3, seed=0)
    options: dict[str, Any] = {"epochs": 3, "optimizer": Own(0.1)}
    singles = trained_alone(fleet, X, Y, options)
    fleet.fit(X, Y, **options)
    assert_same(fleet, singles)


def test_numbers_of_own_optimizers_may_differ_from_member_to_member() -> None:
    fleet, pulls = Fleet([3, 5, 3], 3, seed=0), [0.1, 0.5, 0.9]
    singles = list(fleet)
    for single, pull in zip(singles, pulls, strict=True):
        single.fit(X, Y, epochs=3, optimizer=Own(0.1, pull=pull))
    optimizer = Own(0.1, pull=pulls)  # type: ignore[arg-type]  # a list is for fleets
    assert optimizer.members == {"pull": 3}
    fleet.fit(X, Y, epochs=3, optimizer=optimizer)
    assert_same(fleet, singles)
    np.testing.assert_array_equal(column((1, 2)), [[1.0], [2.0]])
