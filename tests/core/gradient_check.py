"""Gradients by two other means, for the tests of the engine: complex steps and central differences.

`make_problem` draws a small network with a batch, away from kinks; `analytic`, `complex_step` and
`central_differences` give the slope of its loss for every parameter, `worst_error` how far two of
them lie apart. All members of one Passes have one parameter moved each, so that one forward pass
gives all slopes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet.core.activation import Activation
from glassnet.core.arrays import Array
from glassnet.core.layers import Dropout
from glassnet.core.loss import Loss
from glassnet.core.passes import Batch, Passes
from glassnet.core.random import Stream

ROWS = 5
NEAREST, FARTHEST = 5e-3, 12.0
"""Scores and differences lie this far from kinks, and scores no farther from 0."""


@dataclass(frozen=True)
class Variant:
    """What a problem has beside activations and a loss."""

    name: str
    dropout: tuple[float, ...] = (0.0, 0.0)
    bias: tuple[bool, ...] = (True, True, True)
    weights: bool = False
    masked: bool = False
    decay: float = 0.0
    l1: float = 0.0


VARIANTS = (
    Variant("plain"),
    Variant("dropout", dropout=(0.4, 0.25)),
    Variant("sample weights", weights=True),
    Variant("L2", decay=0.3),
    Variant("L1", l1=0.2),
    Variant("no bias in one layer", bias=(True, False, True)),
    Variant("masked targets", masked=True),
    Variant("everything", (0.0, 0.5), (False, True, True), True, True, 0.1, 0.05),
)


@dataclass(frozen=True)
class Problem:
    """A network, a batch and a loss; `masks` are the dropout masks that every pass shall use."""

    layers: tuple[int, ...]
    activations: tuple[Activation, ...]
    loss: Loss
    variant: Variant
    parameters: Array
    batch: Batch
    masks: list[Array] = field(default_factory=list)


class Replay(Stream):
    """A stream whose dropout masks are given, in their order, for every member the same."""

    def __init__(self, masks: Sequence[Array]) -> None:
        super().__init__(0)
        self.masks = list(masks)

    def keep(self, rate: float, out: Array) -> None:
        self.masks.append(mask := self.masks.pop(0))
        out[...] = mask


def passes_of(problem: Problem, parameters: Array, stream: Stream | None = None) -> Passes:
    """The problem's network over other parameters, (..., parameters), of any dtype."""
    variant = problem.variant
    return Passes(
        problem.layers,
        problem.activations,
        variant.bias,
        [[rate] * math.prod(parameters.shape[:-1]) for rate in variant.dropout],
        parameters,
        np.zeros_like(parameters),
        [stream or Replay(problem.masks) for _ in range(math.prod(parameters.shape[:-1]))],
    )


def analytic(problem: Problem) -> tuple[Any, Array]:
    """The mean loss and its gradient, as training computes them."""
    passes = passes_of(problem, problem.parameters.copy())
    work = passes.workspace(problem.batch.rows)
    variant = problem.variant
    mean = passes.loss_and_gradients(problem.loss, problem.batch, work, variant.decay, variant.l1)
    return mean, passes.gradients


def objective(problem: Problem, parameters: Array) -> Array:
    """(members,) what the gradient is the slope of, from scores and losses alone."""
    passes = passes_of(problem, parameters)
    batch, variant = problem.batch, problem.variant
    scores = passes.forward(batch.inputs, passes.workspace(batch.rows))
    losses = problem.loss.compute(scores, batch.targets, np.empty_like(scores), batch.known)
    weights = np.ones(batch.rows) if batch.weights is None else batch.weights
    known = np.ones((batch.rows, 1)) if batch.known is None else batch.known
    mean = (losses * weights).sum(axis=-1) / (weights[:, None] * known).mean(axis=-1).sum()
    count = sum(a * b for a, b in pairwise(problem.layers))
    used = parameters[..., :count]
    size = used * np.sign(used.real)
    return mean + (0.5 * variant.decay * used * used + variant.l1 * size).sum(axis=-1)


def complex_step(problem: Problem) -> Array:
    """The gradient by steps along the imaginary axis: no difference of close numbers in it."""
    step = 1e-30
    count = problem.parameters.size
    members = problem.parameters + 1j * step * np.eye(count)
    return objective(problem, members).imag / step


def central_differences(problem: Problem) -> Array:
    """The gradient by differences of fourth order, exact for polynomials up to degree four."""
    step = 1e-4
    moves = step * np.eye(problem.parameters.size)

    def difference(size: float) -> Array:
        ahead = objective(problem, problem.parameters + size * moves)
        return ahead - objective(problem, problem.parameters - size * moves)

    return (8.0 * difference(1.0) - difference(2.0)) / (12.0 * step)


def worst_error(found: Array, wanted: Array) -> float:
    """The largest error, relative to max(|gradient|, a thousandth of the largest gradient)."""
    largest = np.abs(wanted).max()
    assert largest > 0, "a problem without any gradient shows nothing"
    return float((np.abs(found - wanted) / np.maximum(np.abs(wanted), 1e-3 * largest)).max())


def make_problem(
    activations: Sequence[Activation],
    loss: Loss,
    variant: Variant = VARIANTS[0],
    *,
    layers: Sequence[int] = (3, 4, 3),
    shares: bool = False,
) -> Problem:
    """A problem whose scores lie away from kinks: the first of a fixed sequence that does.

    `layers` go up to the last hidden layer. With `shares` the targets of a loss on labels are
    probabilities.
    """
    outputs = 3 if loss.targets == "labels" else 2 * loss.statistics
    for seed in range(1000):
        random = np.random.default_rng(seed)
        sizes = (*layers, outputs)
        problem = Problem(
            sizes,
            tuple(activations),
            loss,
            variant,
            draw_parameters(random, sizes, variant),
            draw_batch(random, loss, variant, layers[0], outputs, shares),
        )
        problem = replace(problem, masks=draw_masks(problem, seed))
        if is_away_from_kinks(problem):
            return problem
    raise AssertionError("no seed gives scores away from kinks")


def draw_parameters(random: Any, sizes: Sequence[int], variant: Variant) -> Array:
    """Weights of sizes from 0.1 to 0.6, of both signs: the slope of |w| is not asked for at 0."""
    count = sum((a + 1) * b for a, b in pairwise(sizes))
    drawn = random.uniform(0.1, 0.6, count) * random.choice([-1.0, 1.0], count)
    place = count - sum(sizes[1:])
    for units, used in zip(sizes[1:], variant.bias, strict=True):
        drawn[place : place + units] *= used
        place += units
    return np.asarray(drawn)


def draw_batch(
    random: Any, loss: Loss, variant: Variant, inputs: int, outputs: int, shares: bool
) -> Batch:
    batch = Batch(random.uniform(-1.5, 1.5, (ROWS, inputs)), draw_targets(random, loss, shares))
    if variant.weights:
        batch.weights = random.uniform(0.2, 3.0, ROWS)
        batch.weights[1] = 0.0
    if variant.masked and loss.targets != "labels":
        batch.known = np.ones((ROWS, outputs // loss.statistics))
        batch.known[0, 0] = batch.known[2, :] = 0.0
    return batch


def draw_targets(random: Any, loss: Loss, shares: bool) -> Array:
    if loss.targets == "labels":
        rows = random.dirichlet(np.ones(3), ROWS)
        return np.asarray(rows if shares else random.integers(0, 3, ROWS))
    if loss.targets == "flags":
        flags = random.integers(0, 2, (ROWS, 2)).astype(float)
        flags[0, 0] = 0.3  # a probability is a target too
        return np.asarray(flags)
    numbers = random.uniform(-2.0, 2.0, (ROWS, 2))
    return np.abs(numbers) + 0.1 if loss.complaint(numbers) else np.asarray(numbers)


def draw_masks(problem: Problem, seed: int) -> list[Array]:
    """The masks that the engine's own stream makes for one pass."""
    passes = passes_of(problem, problem.parameters, Stream(seed))
    work = passes.workspace(ROWS)
    passes.forward(problem.batch.inputs, work)
    pairs = zip(passes.stack, work.traces, strict=True)
    return [trace.slope.copy() for layer, trace in pairs if isinstance(layer, Dropout)]


def is_away_from_kinks(problem: Problem) -> bool:
    """Whether scores, and differences from targets, are neither tiny nor huge, nor near 1."""
    passes, loss = passes_of(problem, problem.parameters), problem.loss
    work = passes.workspace(ROWS)
    with np.errstate(all="ignore"):
        last = passes.forward(problem.batch.inputs, work).copy()
        pairs = zip(passes.stack, work.traces, strict=True)
        scores = [trace.scores for layer, trace in pairs if not isinstance(layer, Dropout)]
        sizes = np.concatenate([np.abs(each).ravel() for each in scores])
        outputs = loss.link(last)
    near = [sizes]
    if loss.targets == "numbers":
        for part in np.split(outputs, loss.statistics, axis=-1):
            distance = np.abs(part - problem.batch.targets).ravel()
            near += [distance, np.abs(distance - 1.0)]
    return bool(sizes.max() < FARTHEST and min(each.min() for each in near) > NEAREST)


def error_of_complex_step(problem: Problem) -> float:
    return worst_error(analytic(problem)[1], complex_step(problem))


def error_of_differences(problem: Problem) -> float:
    return worst_error(analytic(problem)[1], central_differences(problem))
