"""The gradients, of every parameter, against two other ways to find them, in float64.

Complex steps must agree to 1e-12, central differences to 1e-6, relative to the larger of the
gradient and a thousandth of the largest. A new activation or loss is covered once it is in its
registry; a loss with settings worth checking goes in MORE_LOSSES.
"""

import numpy as np
import pytest
from gradient_check import (
    VARIANTS,
    Problem,
    Variant,
    analytic,
    central_differences,
    complex_step,
    error_of_complex_step,
    error_of_differences,
    make_problem,
    objective,
    passes_of,
    worst_error,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.activations import ACTIVATIONS, ELU, LeakyReLU, OwnActivation
from glassnet.core.activation import Activation
from glassnet.core.arrays import Array
from glassnet.core.loss import Loss
from glassnet.losses import (
    LOSSES,
    AbsoluteError,
    GaussianLikelihood,
    Huber,
    OwnLoss,
    Pinball,
    SoftmaxCrossEntropy,
    SquaredError,
)

EXACT, CLOSE = 1e-12, 1e-6

MORE_LOSSES: dict[str, Loss] = {
    "huber, delta 0.3": Huber(0.3),
    "pinball, three quantiles": Pinball((0.1, 0.5, 0.8)),
    "gaussian, floor 0.5": GaussianLikelihood(0.5),
    "softmax, smoothing 0.1": SoftmaxCrossEntropy(0.1),
}
MORE_ACTIVATIONS: dict[str, Activation] = {
    "leaky_relu, 0.3": LeakyReLU(0.3),
    "leaky_relu, 1.7": LeakyReLU(1.7),
    "leaky_relu, -0.4": LeakyReLU(-0.4),
    "elu, 1.6": ELU(1.6),
}


def check(problem: Problem) -> None:
    """The gradient of every parameter by both means, and the mean loss as the average of rows."""
    mean, gradient = analytic(problem)
    variant = problem.variant
    penalty = objective(problem, problem.parameters) - mean
    assert (abs(penalty) < 1e-12) == (not variant.decay and not variant.l1)
    assert worst_error(gradient, complex_step(problem)) <= EXACT
    assert worst_error(gradient, central_differences(problem)) <= CLOSE


# Every activation with every loss


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: each.name)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_equal_complex_steps_and_differences(
    activation: str, loss: str, variant: Variant
) -> None:
    check(make_problem([ACTIVATIONS[activation]] * 2, LOSSES[loss], variant))


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: each.name)
@pytest.mark.parametrize("loss", MORE_LOSSES)
def test_gradients_of_losses_with_other_settings(loss: str, variant: Variant) -> None:
    check(make_problem([ACTIVATIONS["silu"]] * 2, MORE_LOSSES[loss], variant))


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: each.name)
@pytest.mark.parametrize("activation", MORE_ACTIVATIONS)
def test_gradients_of_activations_with_other_settings(activation: str, variant: Variant) -> None:
    check(make_problem([MORE_ACTIVATIONS[activation]] * 2, SquaredError(), variant))


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: each.name)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_gradients_of_softmax_with_probabilities_as_targets(
    smoothing: float, variant: Variant
) -> None:
    tanh = ACTIVATIONS["tanh"]
    check(make_problem([tanh, tanh], SoftmaxCrossEntropy(smoothing), variant, shares=True))


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: each.name)
@pytest.mark.parametrize("link", ACTIVATIONS)
@pytest.mark.parametrize("kind", [SquaredError, AbsoluteError])
def test_gradients_through_the_links_of_squared_and_absolute_error(
    kind: type[SquaredError] | type[AbsoluteError], link: str, variant: Variant
) -> None:
    tanh = ACTIVATIONS["tanh"]
    check(make_problem([tanh, tanh], kind(activation=link), variant))


def cube(scores: Array) -> Array:
    return np.asarray(scores**3)


def cube_slope(scores: Array) -> Array:
    return np.asarray(3.0 * scores**2)


def fourth_power(scores: Array, targets: Array) -> Array:
    return np.asarray((scores - targets) ** 4)


def fourth_power_slope(scores: Array, targets: Array) -> Array:
    return np.asarray(4.0 * (scores - targets) ** 3)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda each: each.name)
def test_gradients_of_own_activations_and_losses(variant: Variant) -> None:
    activation = OwnActivation("cube", cube, cube_slope)
    loss = OwnLoss("fourth power", fourth_power, fourth_power_slope)
    check(make_problem([activation, activation], loss, variant))


@settings(max_examples=60)
@given(
    hidden=st.lists(st.integers(1, 5), max_size=4),
    names=st.lists(st.sampled_from(sorted(ACTIVATIONS)), min_size=4, max_size=4),
    rates=st.lists(st.sampled_from([0.0, 0.3, 0.6]), min_size=4, max_size=4),
    first_bias=st.booleans(),
    loss=st.sampled_from(sorted(LOSSES)),
    weights=st.booleans(),
    decay=st.sampled_from([0.0, 0.2]),
)
def test_gradients_of_any_depth_with_a_different_activation_in_each_layer(
    hidden: list[int],
    names: list[str],
    rates: list[float],
    first_bias: bool,
    loss: str,
    weights: bool,
    decay: float,
) -> None:
    depth = len(hidden)
    bias = (first_bias, *[True] * depth)  # without biases units die out, and scores with them
    variant = Variant("mixed", tuple(rates[:depth]), bias, weights, decay=decay)
    activations = [ACTIVATIONS[name] for name in names[:depth]]
    check(make_problem(activations, LOSSES[loss], variant, layers=(2, *hidden)))


# Many networks of one shape


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_members_have_the_losses_and_gradients_of_single_networks(
    activation: str, loss: str
) -> None:
    problem = make_problem([ACTIVATIONS[activation]] * 2, LOSSES[loss], VARIANTS[-1])
    factors = np.array([[1.0], [0.5], [-0.8]])
    members = factors * problem.parameters
    means, gradients = run(problem, members)
    assert means.shape == (3,)
    for member in range(3):
        mean, gradient = run(problem, members[member].copy())
        np.testing.assert_allclose(means[member], mean, rtol=1e-13)
        np.testing.assert_allclose(gradients[member], gradient, rtol=1e-11, atol=1e-14)


def run(problem: Problem, parameters: Array) -> tuple[Array, Array]:
    passes = passes_of(problem, parameters)
    work = passes.workspace(problem.batch.rows)
    variant = problem.variant
    mean = passes.loss_and_gradients(problem.loss, problem.batch, work, variant.decay, variant.l1)
    return mean, passes.gradients


# The check itself


def test_the_check_finds_an_activation_whose_slope_is_off_by_a_billionth() -> None:
    def slope(scores: Array) -> Array:
        return np.asarray((1.0 - np.tanh(scores) ** 2) * (1.0 + 1e-9))

    planted = OwnActivation("planted", np.tanh, slope)
    problem = make_problem([planted, ACTIVATIONS["tanh"]], SquaredError())
    assert error_of_complex_step(problem) > 100 * EXACT
    right = make_problem([ACTIVATIONS["tanh"]] * 2, SquaredError())
    assert error_of_complex_step(right) <= EXACT


def test_the_check_finds_an_activation_whose_slope_is_off_by_a_hundred_thousandth() -> None:
    def slope(scores: Array) -> Array:
        return np.asarray((1.0 - np.tanh(scores) ** 2) * (1.0 + 1e-5))

    planted = OwnActivation("planted", np.tanh, slope)
    assert error_of_differences(make_problem([planted] * 2, SquaredError())) > 5 * CLOSE


def test_the_check_finds_a_loss_with_a_wrong_gradient() -> None:
    def half(scores: Array, targets: Array) -> Array:
        return np.asarray(0.5 * (scores - targets) ** 2)

    def slope(scores: Array, targets: Array) -> Array:
        return np.asarray((scores - targets) * np.where(scores > 0.5, 1.0 + 1e-9, 1.0))

    problem = make_problem([ACTIVATIONS["tanh"]] * 2, OwnLoss("planted", half, slope))
    assert error_of_complex_step(problem) > 10 * EXACT


@pytest.mark.parametrize("place", [0, 7, -1])
def test_the_check_finds_a_single_wrong_parameter(place: int) -> None:
    problem = make_problem([ACTIVATIONS["silu"]] * 2, LOSSES["huber"])
    gradient = analytic(problem)[1]
    right = gradient.copy()
    gradient[place] += 1e-11 * np.abs(gradient).max()
    assert worst_error(right, complex_step(problem)) <= EXACT
    assert worst_error(gradient, complex_step(problem)) > EXACT


def test_the_check_finds_decay_that_is_left_out() -> None:
    problem = make_problem([ACTIVATIONS["tanh"]] * 2, SquaredError(), Variant("L2", decay=0.3))
    passes = passes_of(problem, problem.parameters.copy())
    passes.loss_and_gradients(problem.loss, problem.batch, passes.workspace(problem.batch.rows))
    assert worst_error(passes.gradients, complex_step(problem)) > 0.01


# Single precision


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_float32_gives_the_gradients_of_float64_to_its_precision(
    activation: str, loss: str
) -> None:
    problem = make_problem([ACTIVATIONS[activation]] * 2, LOSSES[loss], VARIANTS[-1])
    wanted_mean, wanted = analytic(problem)
    batch = problem.batch
    for name in ("inputs", "targets", "weights", "known"):
        value = getattr(batch, name)
        if value is not None and value.dtype == np.float64:
            setattr(batch, name, value.astype(np.float32))
    mean, gradient = run(problem, problem.parameters.astype(np.float32))
    assert np.asarray(mean).dtype == gradient.dtype == np.float32
    np.testing.assert_allclose(mean, wanted_mean, rtol=1e-4)
    assert worst_error(gradient, wanted) <= 1e-3
