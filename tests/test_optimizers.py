"""Optimizers: that each finds a minimum, and that each step is the one of its source.

Comparisons with other libraries are in test_optimizers_elsewhere.py. A new optimizer is covered by
being in OPTIMIZERS; give it a rate in VALLEY_RATES for Rosenbrock's function, and a reference.
"""

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from descent import START, block_of, descend, parabola

from glassnet.core.arrays import Array
from glassnet.core.optimizer import Optimizer
from glassnet.optimizers import (
    OPTIMIZERS,
    SGD,
    Adam,
    AdamW,
    Lion,
    NAdam,
    Rprop,
)


def rosenbrock(place: Array) -> Array:
    """The slope of (1 - x)^2 + 100 (y - x^2)^2: a long bent valley with its bottom at (1, 1)."""
    x, y = place
    return np.array([-2.0 * (1.0 - x) - 400.0 * x * (y - x * x), 200.0 * (y - x * x)])


def rosenbrock_height(place: Array) -> float:
    x, y = place
    return float((1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2)


def falling(rate: float, steps: int) -> Array:
    """Rates that fall to 0: without, steps of a fixed size never come to rest."""
    return rate * np.linspace(1.0, 0.0, steps, endpoint=False)


# Minima

BOWL_RATES = {"adagrad": 1.0, "lion": 0.05, "rprop": 0.1, "rmsprop": 0.05}
VALLEY_RATES = {
    "sgd": 0.001,
    "adagrad": 0.5,
    "rmsprop": 0.02,
    "adam": 0.05,
    "adamw": 0.05,
    "nadam": 0.05,
    "lion": 0.01,
    "rprop": 0.01,
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_finds_the_bottom_of_a_bowl(name: str) -> None:
    optimizer = replace(OPTIMIZERS[name](), weight_decay=0.0)
    rates = falling(BOWL_RATES.get(name, 0.1), 500)
    path = descend(optimizer, parabola, START, 500, rates)
    assert np.abs(path[-1]).max() < 1e-3


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_goes_along_the_bent_valley_of_rosenbrock(name: str) -> None:
    optimizer = replace(OPTIMIZERS[name](), weight_decay=0.0)
    start, steps = np.array([-1.2, 1.0]), 4000
    rates = falling(VALLEY_RATES[name], steps)
    if name == "adagrad":
        rates = np.full(steps, VALLEY_RATES[name])  # its steps become smaller by themselves
    path = descend(optimizer, rosenbrock, start, steps, rates)
    assert rosenbrock_height(path[-1]) < 1e-3 * rosenbrock_height(start)
    assert np.abs(path[-1] - 1.0).max() < 0.05


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_steps_downhill_first(name: str) -> None:
    first = descend(OPTIMIZERS[name](weight_decay=0.0), parabola, START, 1)[0]
    np.testing.assert_array_equal(np.sign(first - START), -np.sign(START))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_gradient_of_zero_moves_nothing(name: str) -> None:
    path = descend(OPTIMIZERS[name](weight_decay=0.0), np.zeros_like, START, 3)
    np.testing.assert_array_equal(path, [START] * 3)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_float32_stays_float32(name: str) -> None:
    block = block_of(OPTIMIZERS[name](), START.astype(np.float32))
    block.gradients[...] = 0.5
    OPTIMIZERS[name]().update(block, 0.01, 1)
    wanted = descend(OPTIMIZERS[name](), lambda place: 0.5 + 0.0 * place, START, 1, [0.01])[0]
    assert block.parameters.dtype == np.float32
    np.testing.assert_allclose(block.parameters, wanted, rtol=1e-5)


# Formulas


def test_sgd_without_momentum_by_hand() -> None:
    path = descend(SGD(0.1, momentum=0.0), parabola, np.array([2.0, 1.0, 1.0]), 2)
    np.testing.assert_allclose(path, [[1.8, 0.7, 0.0], [1.62, 0.49, 0.0]], atol=1e-15)


def test_momentum_by_hand() -> None:
    path = descend(SGD(0.1, momentum=0.5), np.ones_like, np.zeros(3), 3)
    np.testing.assert_allclose(path[:, 0], [-0.1, -0.25, -0.425], rtol=1e-14)


def test_nesterov_by_hand() -> None:
    path = descend(SGD(0.1, momentum=0.5, nesterov=True), np.ones_like, np.zeros(3), 3)
    np.testing.assert_allclose(path[:, 0], [-0.15, -0.325, -0.5125], rtol=1e-14)


def test_nesterov_looks_ahead_as_sutskever_writes_it() -> None:
    """Equation 3 of the paper, whose parameters run ahead of ours by momentum x velocity."""
    momentum, rate = 0.9, 0.02
    theirs, velocity, ahead = START.copy(), np.zeros(3), []
    for _ in range(6):
        velocity = momentum * velocity - rate * parabola(theirs + momentum * velocity)
        theirs = theirs + velocity
        ahead.append(theirs + momentum * velocity)
    path = descend(SGD(rate, momentum, nesterov=True), parabola, START, 6)
    np.testing.assert_allclose(path, ahead, rtol=1e-13)


def test_the_velocity_keeps_the_rate_of_its_own_step() -> None:
    """Momentum goes on with what was moved, also where the rate has become small since."""
    path = descend(SGD(momentum=0.5), np.ones_like, np.zeros(3), 2, [1.0, 0.0])
    np.testing.assert_array_equal(path[:, 0], [-1.0, -1.5])


@pytest.mark.parametrize("kind", [Adam, AdamW, NAdam])
def test_the_first_step_of_adam_has_the_size_of_the_rate(kind: type[Optimizer]) -> None:
    """Its running means are put right from the first step on."""
    first = descend(kind(0.01, weight_decay=0.0), parabola, START, 1)[0] - START
    largest = 0.01 * (1.0 + (0.9 * 0.1 / 0.19 if kind is NAdam else 0.0))
    np.testing.assert_allclose(np.abs(first), largest, rtol=1e-6)


def test_adam_by_its_formula() -> None:
    mean = squares = np.zeros(3)
    place, wanted = START.copy(), []
    for step in range(1, 8):
        slope = parabola(place)
        mean, squares = 0.8 * mean + 0.2 * slope, 0.95 * squares + 0.05 * slope**2
        unbiased = mean / (1.0 - 0.8**step), squares / (1.0 - 0.95**step)
        place = place - 0.1 * unbiased[0] / (np.sqrt(unbiased[1]) + 1e-3)
        wanted.append(place)
    path = descend(Adam(0.1, 0.8, 0.95, 1e-3), parabola, START, 7)
    np.testing.assert_allclose(path, wanted, rtol=1e-13)


def test_nadam_by_its_formula() -> None:
    mean = squares = np.zeros(3)
    place, wanted = START.copy(), []
    for step in range(1, 8):
        slope = parabola(place)
        mean, squares = 0.8 * mean + 0.2 * slope, 0.95 * squares + 0.05 * slope**2
        ahead = 0.8 * mean / (1.0 - 0.8 ** (step + 1)) + 0.2 * slope / (1.0 - 0.8**step)
        place = place - 0.1 * ahead / (np.sqrt(squares / (1.0 - 0.95**step)) + 1e-3)
        wanted.append(place)
    path = descend(NAdam(0.1, 0.8, 0.95, 1e-3), parabola, START, 7)
    np.testing.assert_allclose(path, wanted, rtol=1e-13)


def test_lion_by_its_formula() -> None:
    mean, place, wanted = np.zeros(3), START.copy(), []
    for _ in range(40):
        slope = parabola(place)
        place = place - 0.1 * np.sign(0.9 * mean + 0.1 * slope)
        mean = 0.99 * mean + 0.01 * slope
        wanted.append(place)
    path = descend(Lion(0.1), parabola, START, 40)
    np.testing.assert_allclose(path, wanted, atol=1e-13)


def test_rprop_by_hand() -> None:
    """Steps grow while the sign stays; a change of sign halves the step, and waits once."""
    slopes = iter([1.0, 2.0, 0.5, -1.0, -1.0, -3.0])
    path = descend(Rprop(0.1), lambda place: np.full(1, next(slopes)), np.zeros(1), 6)
    moves = np.diff(path[:, 0], prepend=0.0)
    np.testing.assert_allclose(moves, [-0.1, -0.12, -0.144, 0.0, 0.072, 0.0864], rtol=1e-13)


def test_rprop_steps_stay_between_smallest_and_largest() -> None:
    optimizer = Rprop(1.0, largest=2.0, smallest=0.3)
    moves = np.diff(descend(optimizer, np.ones_like, np.zeros(1), 9)[:, 0], prepend=0.0)
    np.testing.assert_allclose(moves[-3:], -2.0)
    slopes = iter([1.0, -1.0, -1.0, 1.0, 1.0, -1.0, -1.0, 1.0, 1.0])
    path = descend(optimizer, lambda place: np.full(1, next(slopes)), np.zeros(1), 9)
    assert abs(path[-1, 0] - path[-2, 0]) == pytest.approx(0.3)


@pytest.mark.parametrize("kind", [AdamW, Lion])
def test_decoupled_decay_is_a_shrinking_before_the_step(kind: type[Optimizer]) -> None:
    path = descend(kind(weight_decay=0.5), np.zeros_like, START, 2, [0.1, 0.2])
    np.testing.assert_allclose(path, [0.95 * START, 0.95 * 0.9 * START], rtol=1e-14)


def test_only_weights_shrink() -> None:
    optimizer = AdamW(weight_decay=0.5)
    block = block_of(optimizer, START, weights=2)
    optimizer.update(block, 0.1, 1)
    np.testing.assert_allclose(block.parameters, [1.9, -1.425, 1.0], rtol=1e-14)


# Settings

NUMBERS = [
    (kind, setting.name)
    for kind in OPTIMIZERS.values()
    for setting in fields(kind)
    if not isinstance(setting.default, bool)
]


@pytest.mark.parametrize(("kind", "setting"), NUMBERS)
@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf])
def test_numbers_out_of_range_are_refused(
    kind: type[Optimizer], setting: str, value: float
) -> None:
    with pytest.raises(ValueError, match=f"^{setting} must be .*; got {value!r}"):
        kind(**{setting: value})


@pytest.mark.parametrize(("kind", "setting"), NUMBERS)
@pytest.mark.parametrize("value", [True, False, "0.1", None, np.array([[0.1, 0.2]])])
def test_what_is_not_a_number_is_refused(
    kind: type[Optimizer], setting: str, value: object
) -> None:
    with pytest.raises(TypeError, match=f"^{setting} must be "):
        kind(**{setting: value})


@pytest.mark.parametrize("setting", ["momentum", "decay", "first_decay", "second_decay"])
def test_a_decay_of_one_is_refused(setting: str) -> None:
    kinds = [kind for kind in OPTIMIZERS.values() if setting in {f.name for f in fields(kind)}]
    assert kinds
    for kind in kinds:
        with pytest.raises(ValueError, match=f"^{setting} must be a number in \\[0, 1\\)"):
            kind(**{setting: 1.0})
        assert getattr(kind(**{setting: 0}), setting) == 0


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_learning_rate_of_zero_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="learning_rate must be a finite number above 0"):
        OPTIMIZERS[name](learning_rate=0)


@pytest.mark.parametrize("value", [1, 0, "yes", None, 0.5])
def test_nesterov_is_true_or_false(value: object) -> None:
    with pytest.raises(TypeError, match="nesterov must be True or False"):
        SGD(nesterov=value)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    "settings", [{"growth": 1.0}, {"shrinkage": 1.0}, {"smallest": 2.0, "largest": 1.0}]
)
def test_rprop_refuses_settings_that_contradict_each_other(settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="growth must be above 1, shrinkage below 1"):
        Rprop(**settings)


def test_settings_without_a_name_are_those_of_the_optimizer_itself() -> None:
    assert SGD(0.1, 0.8) == SGD(learning_rate=0.1, momentum=0.8)
    assert AdamW(0.1, 0.8) == AdamW(learning_rate=0.1, first_decay=0.8)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_settings_cannot_be_changed_in_place(name: str) -> None:
    with pytest.raises(AttributeError):
        OPTIMIZERS[name]().learning_rate = 0.5  # type: ignore[misc]  # wrong on purpose


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_equal_settings_make_equal_optimizers(name: str) -> None:
    kind = OPTIMIZERS[name]
    assert kind() == kind()
    assert kind(learning_rate=0.5) != kind()
    assert isinstance(kind(), Optimizer)
