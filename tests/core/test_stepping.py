"""The step over the flat vectors: in blocks as in one, and what it says about the parameters."""

import numpy as np
import pytest

from glassnet.core import passes as passes_module
from glassnet.core import stepping
from glassnet.core.arrays import Array
from glassnet.core.optimizer import Block, Optimizer
from glassnet.core.passes import Passes
from glassnet.core.random import Stream
from glassnet.core.stepping import LOOK, Stepper
from glassnet.fleets.stepping import FleetStepper
from glassnet.optimizers import OPTIMIZERS, SGD, AdamW, Lion

SIZES = (4, 6, 3)  # 24 + 18 weights, 9 biases
WEIGHTS, COUNT = 42, 51


def passes_over(parameters: Array) -> Passes:
    relu: list[object] = [None]
    flat = parameters.copy()
    return Passes(
        SIZES,
        relu,  # type: ignore[arg-type]  # a step needs no activation
        (True, True),
        ((0.0,),),
        flat,
        np.zeros_like(flat),
        [Stream(0)],
    )


def after_steps(optimizer: Optimizer, start: Array, steps: int = 4, rate: float = 0.01) -> Array:
    """The parameters after steps along fixed pseudo-random gradients."""
    passes = passes_over(start)
    stepper = Stepper(optimizer, passes)
    random = np.random.default_rng(5)
    for _ in range(steps):
        passes.gradients[...] = random.normal(size=start.shape)
        stepper.step(rate)
    return passes.parameters


def start(*lead: int) -> Array:
    return np.random.default_rng(3).normal(size=(*lead, COUNT))


# Blocks


@pytest.mark.parametrize("size", [1, 7, 40, 42, 43, 50])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_in_blocks_is_the_step_in_one(
    name: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    optimizer = OPTIMIZERS[name](weight_decay=0.1)
    whole = after_steps(optimizer, start())
    monkeypatch.setattr(passes_module, "BLOCK", size)
    monkeypatch.setattr(passes_module, "SMALLEST_WIDTH", 1)
    np.testing.assert_array_equal(after_steps(optimizer, start()), whole)


@pytest.mark.parametrize("size", [7, 1 << 15])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_of_members_is_their_steps_one_by_one(
    name: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes_module, "BLOCK", size)
    monkeypatch.setattr(passes_module, "SMALLEST_WIDTH", 1)
    passes, optimizer = passes_over(start(3)), OPTIMIZERS[name]()
    stepper = FleetStepper(optimizer, passes, np.arange(3))
    gradients = np.random.default_rng(5).normal(size=(3, 51))
    passes.gradients[...] = gradients
    for _ in range(3):
        assert not stepper.steps_of_members(0.01, np.zeros(3, bool))
    for member in range(3):
        single = passes_over(start(3)[member])
        one = Stepper(optimizer, single)
        single.gradients[...] = gradients[member]
        for _ in range(3):
            one.step(0.01)
        np.testing.assert_array_equal(passes.parameters[member], single.parameters)


@pytest.mark.parametrize("size", [1, 10, 42, 1 << 15])
@pytest.mark.parametrize("kind", [AdamW, Lion])
def test_decoupled_decay_shrinks_weights_and_never_biases(
    kind: type[Optimizer], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes_module, "BLOCK", size)
    monkeypatch.setattr(passes_module, "SMALLEST_WIDTH", 1)
    decayed = after_steps(kind(weight_decay=0.5), start(), steps=1, rate=0.1)
    plain = after_steps(kind(weight_decay=0.0), start(), steps=1, rate=0.1)
    np.testing.assert_array_equal(decayed[WEIGHTS:], plain[WEIGHTS:])
    np.testing.assert_allclose(
        decayed - plain, -0.05 * start() * (np.arange(51) < WEIGHTS), atol=1e-15
    )


@pytest.mark.parametrize("kind", [each for each in OPTIMIZERS.values() if not each.decoupled])
def test_a_decay_that_is_not_decoupled_is_left_to_the_gradients(kind: type[Optimizer]) -> None:
    np.testing.assert_array_equal(
        after_steps(kind(weight_decay=0.5), start()), after_steps(kind(weight_decay=0.0), start())
    )


# What a step gives and keeps


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e13, 1e200])
@pytest.mark.parametrize("place", [0, 25, 50])
def test_a_step_tells_of_parameters_that_are_not_sound(place: int, value: float) -> None:
    passes = passes_over(start())
    stepper = Stepper(SGD(), passes)
    with np.errstate(over="ignore"):
        assert stepper.step(0.1) == ""
        passes.parameters[place] = value
        assert stepper.step(0.1) == "the parameters became too large"


def test_parameters_that_grow_without_large_gradients_are_put_back_to_the_last_sound_ones() -> None:
    passes = passes_over(start())
    stepper = Stepper(AdamW(weight_decay=100.0), passes)
    before = passes.parameters.copy()
    while not stepper.step(1.0):  # each weight times -99
        before = passes.parameters.copy()
    stepper.undo()
    np.testing.assert_array_equal(passes.parameters, before)
    assert 5 <= stepper.count <= 9


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e14, 1e200])
def test_a_step_that_does_harm_is_undone_exactly(value: float) -> None:
    passes = passes_over(start())
    stepper = Stepper(SGD(), passes)
    for _ in range(3):
        assert not stepper.step(0.1)
    before = passes.parameters.copy()
    passes.gradients[7] = value
    with np.errstate(all="ignore"):
        assert "too large" in stepper.step(0.1)
    stepper.undo()
    np.testing.assert_array_equal(passes.parameters, before)


def test_harm_from_a_harmless_gradient_is_undone_to_a_copy_made_a_few_steps_before() -> None:
    class Harm(SGD):
        def update(self, block: Block, learning_rate: float, step: int) -> None:
            super().update(block, learning_rate, step)
            if step == stepping.KEEP + 5:
                block.parameters[3] = np.nan

    passes = passes_over(start())
    stepper = Stepper(Harm(), passes)
    for _ in range(stepping.KEEP):
        assert not stepper.step(1e-3)
    kept = passes.parameters.copy()
    found = [stepper.step(1e-3) for _ in range(5)]
    assert found == [""] * 4 + ["the parameters became too large"]
    stepper.undo()
    np.testing.assert_array_equal(passes.parameters, kept)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_gradients_whose_squares_overflow_are_told_not_divided_away(name: str) -> None:
    passes = passes_over(start().astype("f4"))
    stepper, before = Stepper(OPTIMIZERS[name](), passes), passes.parameters.copy()
    passes.gradients[3] = 1e20
    with np.errstate(over="ignore"):
        assert stepper.step(1e-3) == "the gradients became too large for float32"
    np.testing.assert_array_equal(passes.parameters, before)


@pytest.mark.parametrize("rate", [1e160, 1e300])
def test_a_rate_whose_square_is_no_number_is_no_trouble_of_its_own(rate: float) -> None:
    passes = passes_over(start())
    passes.gradients[...] = 1.0
    with np.errstate(over="ignore"):
        assert "too large" in Stepper(SGD(), passes).step(rate)


def test_parameters_spoilt_by_others_are_not_what_is_copied() -> None:
    passes = passes_over(start())
    stepper, before = Stepper(SGD(), passes), passes.parameters.copy()
    passes.parameters[0] = np.nan
    assert "the parameters" in stepper.step(0.1)
    stepper.undo()
    np.testing.assert_array_equal(passes.parameters, before)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_are_counted_from_one(name: str) -> None:
    seen = []

    class Watch(OPTIMIZERS[name]):  # type: ignore[misc]  # a class made from a table
        def update(self, block: Block, learning_rate: float, step: int) -> None:
            seen.append((learning_rate, step))

    stepper = Stepper(Watch(), passes_over(start()))
    stepper.step(0.5)
    stepper.step(0.25)
    assert seen == [(0.5, 1), (0.25, 2)]
    assert stepper.count == 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_memory_of_an_optimizer_has_the_type_of_the_parameters(name: str, dtype: type) -> None:
    optimizer, passes = OPTIMIZERS[name](), passes_over(start().astype(dtype))
    stepper = Stepper(optimizer, passes)
    assert stepper.slots.shape == (optimizer.slots, COUNT)
    assert stepper.slots.dtype == stepper.blocks[0].scratch.dtype == dtype
    assert not stepper.slots.any()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_reads_gradients_and_leaves_them(name: str) -> None:
    passes = passes_over(start())
    passes.gradients[...] = gradients = np.random.default_rng(1).normal(size=COUNT)
    Stepper(OPTIMIZERS[name](), passes).step(0.1)
    np.testing.assert_array_equal(passes.gradients, gradients)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_two_trainings_with_one_optimizer_share_nothing(name: str) -> None:
    optimizer = OPTIMIZERS[name]()
    first = after_steps(optimizer, start())
    np.testing.assert_array_equal(after_steps(optimizer, start()), first)


def test_an_optimizer_without_update_says_what_it_needs() -> None:
    with pytest.raises(NotImplementedError, match="update\\(block, rate, step\\)"):
        Stepper(Optimizer(), passes_over(start())).step(0.1)


class Watched(Stepper):
    """Counts the looks at the parameters."""

    looks = 0

    def sound(self) -> bool:
        self.looks += 1
        return super().sound()


@pytest.mark.parametrize(("look", "looks"), [(1, 2 * LOOK), (LOOK, 2)])
def test_calm_steps_are_looked_at_every_so_often(look: int, looks: int) -> None:
    passes = passes_over(start())
    passes.gradients[...] = 0.01
    stepper = Watched(SGD(), passes, look=look)
    stepper.step(0.1)
    stepper.looks = 0
    for _ in range(2 * LOOK):
        assert stepper.step(0.1) == ""
    assert stepper.looks == looks


def test_a_step_longer_than_the_parameters_is_looked_at() -> None:
    passes = passes_over(start())
    stepper = Watched(SGD(), passes, look=LOOK)
    stepper.step(0.1)
    stepper.looks, passes.gradients[...] = 0, 1e4 * np.abs(passes.parameters).max()
    stepper.step(1.0)
    assert stepper.looks == 1
