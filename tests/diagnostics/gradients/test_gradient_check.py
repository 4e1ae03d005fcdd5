"""check_gradients: what it says, of what it may be asked, and that it changes nothing.

What it catches, and whom it never accuses: test_gradient_check_planted.py.
"""

import dataclasses
import doctest
import json
import sys
from typing import Any

import numpy as np
import pytest
from planted_errors import LOSS, WrongActivation, WrongLoss, planted, slope_of
from small_problems import amounts, inputs, state, three_classes, yes_or_no

from glassnet import Fleet, Network, OwnActivation, OwnLoss, check_gradients
from glassnet.activations import ACTIVATIONS
from glassnet.core.activation import Activation
from glassnet.core.arrays import Array
from glassnet.core.layers import Dense
from glassnet.core.loss import Loss
from glassnet.diagnostics import GradientCheck
from glassnet.losses import LOSSES, Huber, SquaredError

X, Y = amounts(rows=30)


def own(function: Any, derivative: Any) -> OwnActivation:
    return OwnActivation("mine", function, derivative)


def cube(scores: Array) -> Array:
    return np.asarray(scores**3)


def half_of_its_slope(scores: Array) -> Array:
    return np.asarray(1.5 * scores**2)


def wrong_network(**settings: Any) -> Network:
    return Network([3, 4, 1], activation=own(cube, half_of_its_slope), seed=0, **settings)


def says(network: Network, x: Any = X, y: Any = Y, **given: Any) -> str:
    """The only fault, in words."""
    found = check_gradients(network, x, y, **given)
    assert not found.ok
    (fault,) = found.faults
    return str(fault)


# What it says


def test_a_right_network_is_told_what_was_looked_at() -> None:
    network = Network([3, 4, 4, 1], activation=["tanh", "relu"], dropout=0.2, seed=0)
    found = check_gradients(network, X, Y)
    assert found.ok
    assert not found.faults
    assert found.worst_error < 1e-12
    assert found.parameters == network.parameters.size
    assert (found.rows, found.rows_given) == (16, 30)
    assert str(found).splitlines()[0].startswith("The gradients are right: 41 parameters agree")
    assert str(found).endswith(
        "Looked at: 16 of 30 rows; the loss 'squared_error'; the activations 'tanh', 'relu'; the "
        "products of 3 layers; dropout is off, and not looked at."
    )


def test_a_wrong_slope_is_named_with_its_layer_and_a_score() -> None:
    found = check_gradients(wrong_network(), X, Y)
    (fault,) = found.faults
    assert (fault.place, fault.name, fault.where) == ("activation", "mine", {"layer": 1})
    assert fault.factor == pytest.approx(0.5)
    assert fault.engine == pytest.approx(0.5 * fault.numeric)
    start = "the slope of activation 'mine' (hidden layer 1) is 0.5 times what it must be: at score"
    assert str(fault).startswith(start)
    assert f"it gives {fault.engine:.6g}, the function rises by {fault.numeric:.6g}" in str(fault)


def test_wrong_parameters_are_named_as_in_constraints_with_both_values_and_their_ratio() -> None:
    network = wrong_network()
    found = check_gradients(network, X, Y)
    assert found.wrong_count == 16
    assert {each.name.split("[")[0] for each in found.wrong} == {"weights", "biases"}
    for each in found.wrong:
        assert "[0]" in each.name  # the layer above has the right gradient
        assert each.ratio == pytest.approx(0.5)
        assert each.engine == pytest.approx(0.5 * each.numeric)
        network.constrain(each.name, "fixed")
    assert found.worst_error == pytest.approx(0.5)
    first = found.wrong[0]
    line = f"  {first.name}: the engine has {first.engine:.6g}, the loss {first.numeric:.6g}"
    assert f"{line} (ratio 0.5)" in str(found)
    assert str(found).startswith("The gradients are wrong: 16 of 21 parameters, by 0.5 (relative).")


def test_of_many_wrong_parameters_the_worst_are_named() -> None:
    network = Network([30, 9, 1], loss=WrongLoss(LOSSES["huber"], LOSS["factor 2"][0]), seed=0)
    found = check_gradients(network, inputs(40, 30), inputs(40, 1))
    assert found.wrong_count == network.parameters.size
    assert len(found.wrong) == 20
    assert len(str(found).splitlines()) < 10


def test_an_activation_of_several_layers_is_named_once_with_all_of_them() -> None:
    mine = own(cube, half_of_its_slope)
    found = check_gradients(Network([3, 2, 4, 2, 1], activation=[mine, "tanh", mine]), X, Y)
    (fault,) = found.faults
    assert fault.where == {"layers": [1, 3]}
    assert "'mine' (hidden layers 1, 3)" in str(fault)


def test_two_wrong_functions_are_both_named() -> None:
    loss = WrongLoss(LOSSES["squared_error"], LOSS["sign"][0])
    found = check_gradients(wrong_network(loss=loss), X, Y)
    assert [fault.place for fault in found.faults] == ["activation", "loss"]


def test_what_it_gives_is_plain_data() -> None:
    data = dataclasses.asdict(check_gradients(wrong_network(), X, Y))
    assert json.loads(json.dumps(data)) == data


def test_gradient_ascent_is_said_in_words() -> None:
    loss = OwnLoss("mine", lambda s, t: (s - t) ** 2, lambda s, t: 2 * (t - s))
    told = says(Network([3, 4, 1], loss=loss, seed=0))
    assert "the loss 'mine' has the wrong sign, so that each step climbs (gradient ascent)" in told


def test_a_slope_for_outputs_is_told_from_one_for_scores() -> None:
    mine = own(lambda s: 1 / (1 + np.exp(-s)), lambda s: s * (1 - s))
    told = says(Network([3, 4, 1], activation=mine, seed=0))
    assert "is one for the outputs, but it is given the scores" in told


def test_the_slope_of_another_activation_is_recognised() -> None:
    mine = own(np.sin, lambda s: slope_of(ACTIVATIONS["tanh"], s))
    assert "is that of 'tanh'" in says(Network([3, 4, 1], activation=mine, seed=0))


def test_a_function_that_writes_over_its_scores_is_the_hint_where_the_slope_is_wrong() -> None:
    mine = own(lambda s: np.tanh(s, out=s), lambda s: 1 - np.tanh(s) ** 2)
    told = says(Network([3, 4, 1], activation=mine, seed=0))
    assert told.endswith("; its function writes over the scores, which the slope then gets")
    fine = own(lambda s: np.maximum(s, 0.0, out=s), lambda s: (s > 0).astype(float))
    assert check_gradients(Network([3, 4, 1], activation=fine, seed=0), X, Y).ok


def test_a_gap_that_keeps_its_gradient_is_named() -> None:
    class KeepsGaps(Huber):
        name = "mine"

        def compute(self, scores: Array, targets: Array, gradient: Array, known: Any = None) -> Any:
            losses = super().compute(scores, targets, gradient, known)
            if known is not None:
                gradient[...] = np.where(known == 0, 0.1, gradient)
            return losses

    y = np.column_stack([Y, Y])
    y[::3, 0] = np.nan
    network = Network([3, 4, 2], loss=KeepsGaps(), seed=0)
    assert "is wrong where the target is unknown, and right elsewhere" in says(network, y=y)
    assert check_gradients(Network([3, 4, 2], loss=Huber(), seed=0), X, y).ok


KINDS = {
    0: "has the wrong sign: at score",
    4: "is 0 everywhere",
    6: "is wrong for scores below 0, and right elsewhere",
    10: "right to 7 digits only, as if rounded to float32",
    19: "is divided by the number of rows once too often",
    20: "is multiplied by the number of rows once too often",
    23: "right elsewhere (is 1.3 times what it must be)",
    25: "is wrong for the class that is wanted, and right elsewhere",
    33: "the gradient of its biases is never written",
    36: "the gradient of its biases is divided by the number of rows once too often",
    40: "the gradient of its weights is transposed",
    41: "the gradient of its weights is shifted by one place",
    42: "is added to that of the step before, which it must replace",
    43: "is wrong for unit ",
    48: "takes the weights without transposing them",
    49: "leaves out the slope of the activation",
    50: "weights[2], biases[2] is 0.1 times what it must be",
    51: "but not what joins them: the gradient of weights[0] is 0 everywhere",
    52: "the pass forward through all layers gives other scores",
}


@pytest.mark.parametrize("seed", KINDS)
def test_how_it_is_wrong_is_said_in_words(seed: int) -> None:
    case = planted(seed)
    assert KINDS[seed] in says(case.network, case.X, case.y, sample_weight=case.weights)


# Where it looks


def test_an_error_far_from_all_scores_met_is_found() -> None:
    mine = own(np.sin, lambda s: np.cos(s) * np.where(s > 17.0, 1.1, 1.0))
    network = Network([3, 4, 1], activation=mine, seed=0)
    found = check_gradients(network, 0.01 * X, Y)
    assert not found.ok
    assert not found.wrong_count
    assert "Something is wrong, although, for these rows, 21 parameters agree" in str(found)


def test_an_error_at_large_scores_is_found_where_rows_have_them() -> None:
    mine = own(lambda s: s, lambda s: np.where(np.abs(s) > 60.0, 2.0, 1.0))
    network = Network([3, 4, 1], activation=mine, seed=0)
    assert check_gradients(network, X, Y).ok
    assert not check_gradients(network, 1000.0 * X, Y).ok


def test_an_error_for_a_class_that_no_row_has_is_found() -> None:
    x, y = three_classes()
    loss = WrongLoss(LOSSES["softmax_cross_entropy"], LOSS["one class off"][0])
    told = says(Network([3, 5, 7], loss=loss, seed=0), x, y)
    assert "is wrong for rows of class 6, and right elsewhere (is 0.5 times what it must" in told


@pytest.mark.parametrize("outputs", [40, 300])
def test_one_output_of_very_many_is_found(outputs: int) -> None:
    def off(s: Array, t: Array, g: Array) -> Array:
        g[..., 35] *= 1.5
        return g

    base = LOSSES["softmax_cross_entropy"]
    y = np.arange(30) % outputs
    found = check_gradients(Network([3, 4, outputs], loss=WrongLoss(base, off), seed=0), X, y)
    assert [fault.where for fault in found.faults] == [{"outputs": [35]}]
    assert check_gradients(Network([3, 4, outputs], loss=base, seed=0), X, y).ok


def test_many_scores_are_gone_through_in_blocks() -> None:
    wide = Network([3, 900, 1], activation="tanh", seed=0)
    assert check_gradients(wide, X, Y).worst_error < 1e-10
    mine = own(cube, half_of_its_slope)
    assert "0.5 times" in says(Network([3, 900, 1], activation=mine, seed=0))


def test_scores_on_kinks_accuse_nobody() -> None:
    for name in ("relu", "leaky_relu", "selu", "elu"):
        for loss in ("absolute_error", "huber", "pinball"):
            network = Network([3, 4, 4, 1], activation=name, loss=loss, seed=0)
            assert check_gradients(network, 0.0 * X, Y).ok
            network.parameters[...] = 0.0
            assert check_gradients(network, X, 0.0 * Y).ok


def test_a_slope_beyond_both_sides_of_a_kink_is_found() -> None:
    mine = own(lambda s: np.maximum(s, 0.0), lambda s: np.where(s == 0, 3.0, s > 0))
    network = Network([3, 4, 1], activation=mine, seed=0)
    assert check_gradients(network, X, Y).ok  # no score is 0
    assert "at score 0 it gives 3" in says(network, x=0.0 * X)


def test_the_weights_of_a_loss_with_a_link_of_the_users_own_lead_to_the_activation() -> None:
    mine = own(np.tanh, lambda s: 1 - np.tanh(s))
    found = check_gradients(Network([3, 4, 1], loss=SquaredError(mine), seed=0), X, Y)
    (fault,) = found.faults
    assert fault.place == "activation"
    assert "'mine' (which makes the outputs, in the loss 'squared_error')" in str(fault)


def test_a_loss_that_goes_over_all_rows_together_is_checked_as_a_whole() -> None:
    def values(s: Array, t: Array) -> Array:
        return np.asarray((s - t) ** 2 + (s - s.mean(axis=0)) ** 2)

    def slope(s: Array, t: Array) -> Array:
        return np.asarray(2 * (s - t) + 2 * (s - s.mean(axis=0)))

    weights = np.linspace(0.5, 2.0, 30)
    for factor, ok in ((1.0, True), (1.05, False)):
        loss = OwnLoss("mine", values, lambda s, t, by=factor: by * slope(s, t))
        network = Network([3, 4, 1], loss=loss, seed=0)
        assert check_gradients(network, X, Y).ok == ok
        assert check_gradients(network, X, Y, weights).ok == ok


def test_a_mean_over_rows_in_values_and_gradient_is_consistent() -> None:
    loss = OwnLoss("mine", lambda s, t: (s - t) ** 2 / len(s), lambda s, t: 2 * (s - t) / len(s))
    assert check_gradients(Network([3, 4, 1], loss=loss, seed=0), X, Y).ok


# Layers of somebody's own


class Doubled(Dense):
    """Makes twice the scores, and goes back as that asks for."""

    back = 2.0

    def forward(self, inputs: Array, trace: Any) -> Array:
        np.matmul(inputs, 2.0 * self.weights, out=trace.scores)
        trace.scores += 2.0 * self.bias_rows
        if self.activation is not None:
            self.activation.forward(trace.scores, trace.outputs)
        return np.asarray(trace.outputs)

    def backward(self, inputs: Array, trace: Any, ones: Array, below: Any) -> None:
        super().backward(inputs, trace, ones, below)
        self.weight_gradients *= self.back
        self.bias_gradients *= 2.0
        if below is not None:
            below *= 2.0


class DoubledWrongly(Doubled):
    back = 1.0


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_a_layer_of_the_users_own_is_checked_numerically(layer: int) -> None:
    network = Network([3, 4, 4, 1], activation="tanh", seed=0)
    network.passes.dense[layer].__class__ = Doubled
    found = check_gradients(network, X, Y)
    assert found.ok, str(found)
    assert found.parameters == network.parameters.size
    network.passes.dense[layer].__class__ = DoubledWrongly
    found = check_gradients(network, X, Y)
    (fault,) = found.faults
    assert (fault.place, fault.name, fault.where) == ("layer", "weights", {"layer": layer + 1})
    assert f"layer {layer + 1} of 3, a DoubledWrongly: the gradient of its weights" in str(fault)


def test_a_large_layer_of_the_users_own_is_looked_at_in_places() -> None:
    network = Network([3, 20, 20, 1], activation="tanh", seed=0)
    network.passes.dense[1].__class__ = DoubledWrongly
    assert "is wrong at 24 of 24 places looked at" in says(network)


def test_a_backward_pass_changed_for_all_layers_is_found_in_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = Dense.backward

    def forgets_biases(self: Dense, inputs: Array, trace: Any, ones: Array, below: Any) -> None:
        right(self, inputs, trace, ones, below)
        self.bias_gradients[...] = 0.0

    monkeypatch.setattr(Dense, "backward", forgets_biases)
    found = check_gradients(Network([3, 4, 4, 1], bias=[True, False, True], seed=0), X, Y)
    assert [fault.where["layer"] for fault in found.faults] == [1, 3]
    assert all(fault.name == "biases" for fault in found.faults)
    assert found.wrong_count == 5
    assert {each.ratio for each in found.wrong} <= {0.0, None}


def test_a_layer_that_raises_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def turned(self: Dense, inputs: Array, trace: Any, ones: Array, below: Any) -> None:
        self.weight_gradients[...] = trace.delta.T @ inputs

    monkeypatch.setattr(Dense, "backward", turned)
    found = check_gradients(Network([3, 4, 1], seed=0), X, Y)
    assert [fault.place for fault in found.faults] == ["layer"] * 2
    assert "layer 1 of 2: raises ValueError: could not broadcast" in str(found)
    assert not found.parameters
    assert str(found).startswith("Something is wrong, and no gradient of these rows could be")


def test_a_layer_whose_pass_forward_raises_is_named() -> None:
    def forward(inputs: Array, trace: Any) -> Array:
        raise KeyError("nothing")

    network = Network([3, 4, 1], seed=0)
    # Patched on the object, as a user may.
    network.passes.dense[1].forward = forward  # type: ignore[method-assign]
    assert "layer 2 of 2: raises KeyError" in says(network)
    assert network.passes.dense[1].forward is forward


def test_passes_that_raise_are_named() -> None:
    network = Network([3, 4, 1], seed=0)

    def backward(inputs: Array, work: Any) -> None:
        raise RuntimeError("two\nlines " + 200 * "x")

    # Patched on the object, as a user may.
    network.passes.backward = backward  # type: ignore[method-assign]
    told = says(network)
    assert "the passes through all layers raises RuntimeError: two lines xxx" in told
    assert len(told) < 230


def test_more_layers_than_weights_are_refused() -> None:
    network = Network([3, 4, 1], seed=0)
    network.passes.stack.append(network.passes.dense[0])
    with pytest.raises(ValueError, match=r"stack has 3 layers beside dropout.*weights for 2"):
        check_gradients(network, X, Y)


def test_what_is_lent_is_given_back_whatever_happens() -> None:
    def stops(scores: Array) -> Array:
        raise KeyboardInterrupt

    network = Network([3, 4, 1], activation=own(stops, stops), seed=0)
    layer = network.passes.dense[1]
    # Patched on the object, as a user may.
    layer.backward = lambda *given: Dense.backward(layer, *given)  # type: ignore[method-assign]
    before = dict(vars(layer)), dict(vars(network.passes))
    with pytest.raises(KeyboardInterrupt):
        check_gradients(network, X, Y)
    assert [each.keys() for each in before] == [vars(layer).keys(), vars(network.passes).keys()]
    assert all(vars(layer)[name] is kept for name, kept in before[0].items())
    assert network.passes.parameters is network.parameters


# Functions that misbehave


def raises(*given: Array) -> Array:
    raise ZeroDivisionError("no reason")


def summed(scores: Array, *more: Array) -> Array:
    return np.asarray(scores.sum(axis=0))


class Returns(Activation):
    """What many write first."""

    name = "mine"

    def forward(self, scores: Array, out: Array) -> None:
        np.tanh(scores)

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        out[...] = 1.0 - outputs**2


class NoSlope(Returns):
    """A class that was not finished."""

    slope = Activation.slope


class Remembers(Activation):
    """As layers of other libraries do."""

    name = "mine"

    def forward(self, scores: Array, out: Array) -> None:
        self.kept = np.tanh(scores)
        out[...] = self.kept

    def slope(self, scores: Array, outputs: Array, out: Array) -> None:
        out[...] = 1.0 - self.kept**2


def test_an_activation_that_remembers_is_right_until_two_layers_share_it() -> None:
    apart = Network([3, 4, 4, 1], activation=[Remembers(), Remembers()], seed=0)
    assert check_gradients(apart, X, Y).ok
    shared = Remembers()
    told = says(Network([3, 4, 4, 1], activation=[shared, shared], seed=0))
    assert "'mine' (hidden layers 1, 2) keeps from `forward` what its slope needs" in told


random = np.random.default_rng(0)
MISBEHAVE: dict[str, tuple[Any, str]] = {
    "raises": (own(raises, cube), "'mine' (hidden layer 2) raises ZeroDivisionError: no reason"),
    "raises in the slope": (own(cube, raises), "(hidden layer 2) raises ZeroDivisionError"),
    "another shape": (own(summed, cube), "raises ValueError: function of 'mine' must give one num"),
    "slope of another shape": (own(cube, summed), "derivative of 'mine' must give one number for"),
    "not finite": (own(np.log, np.reciprocal), "gives nan at score -"),
    "slope not finite": (own(np.tanh, np.sqrt), "is not finite"),
    "has no slope": (NoSlope(), "(hidden layer 2) raises NotImplementedError"),
    "writes nothing": (Returns(), "gives no numbers: forward writes its outputs into `out`"),
    "mixes units": (
        own(lambda s: np.exp(s) / np.exp(s).sum(axis=-1, keepdims=True), cube),
        "does not go score by score: other scores of the layer change what it gives for one",
    ),
    "mixes rows": (own(lambda s: s - s.mean(axis=0), np.ones_like), "does not go score by score"),
    "random": (
        own(lambda s: s + 1e-3 * random.normal(size=s.shape), np.ones_like),
        "gives other outputs each time",
    ),
}


@pytest.mark.parametrize("kind", MISBEHAVE)
def test_an_activation_that_misbehaves_is_told_so(kind: str) -> None:
    activation, words = MISBEHAVE[kind]
    network = Network([3, 4, 4, 1], activation=["tanh", activation], seed=0)
    assert words in says(network)


LOSSES_THAT_MISBEHAVE: dict[str, tuple[Any, str]] = {
    "raises": (OwnLoss("mine", raises, raises), "the loss 'mine' raises ZeroDivisionError"),
    "another shape": (
        OwnLoss("mine", lambda s, t: (s - t) ** 2, summed),
        "raises ValueError: gradient of 'mine' must give one number for each score",
    ),
    "not finite": (
        OwnLoss("mine", lambda s, t: np.sqrt(s - t), lambda s, t: s - t),
        "the loss 'mine' is nan for scores (",
    ),
    "gradient not finite": (
        OwnLoss("mine", lambda s, t: (s - t) ** 2, lambda s, t: np.full_like(s, np.nan)),
        "the gradient of the loss 'mine' is not finite",
    ),
    "random": (
        OwnLoss("mine", lambda s, t: (s - t) ** 2 * random.normal(), lambda s, t: s - t),
        "is another one each time, so that it has no gradient",
    ),
}


@pytest.mark.parametrize("kind", LOSSES_THAT_MISBEHAVE)
def test_a_loss_that_misbehaves_is_told_so(kind: str) -> None:
    loss, words = LOSSES_THAT_MISBEHAVE[kind]
    assert words in says(Network([3, 4, 1], loss=loss, seed=0))


def test_losses_of_the_wrong_shape_are_told() -> None:
    class OneForEach(Loss):
        name = "mine"

        def compute(self, scores: Array, targets: Array, gradient: Array, known: Any = None) -> Any:
            gradient[...] = scores
            return 0.5 * scores**2

    told = says(Network([3, 4, 1], loss=OneForEach(), seed=0))
    assert "gives losses of shape (16, 1) for 16 rows; it must give one each" in told


def test_numbers_that_overflow_are_no_fault_but_said() -> None:
    network = Network([3, 4, 1], loss="poisson", seed=0)
    network.parameters[...] *= 1e6
    found = check_gradients(network, X, np.abs(Y))
    assert found.ok
    assert "parameters, on whose way numbers are not finite" in str(found)
    network.biases[-1][...] = 1e6
    network.weights[-1][...] = 0.0
    found = check_gradients(network, X, np.abs(Y))
    assert found.ok
    assert str(found).startswith("Nothing is wrong that was found, but no gradient of these rows")
    assert np.isnan(found.worst_error)


# What it may be asked


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_activation_and_loss_of_the_registries_is_right(loss: str, dtype: str) -> None:
    for activation in ACTIVATIONS:
        network = Network([3, 4, 4], activation=activation, loss=loss, dtype=dtype, seed=1)
        y: Any = np.abs(np.tile(Y, 4 // LOSSES[loss].statistics)) % 1.0 + 1e-3
        if LOSSES[loss].targets == "labels":
            y = np.arange(30) % 4
        found = check_gradients(network, X, y)
        assert found.ok, str(found)
        assert found.worst_error < 1e-9


def test_a_loss_that_is_not_settled_is_taken_from_y_and_left_open() -> None:
    for (x, y), outputs, name in (
        (yes_or_no(), 1, "logistic"),
        (three_classes(), 3, "softmax_cross_entropy"),
        (amounts(), 1, "squared_error"),
    ):
        network = Network([3, 4, outputs], seed=0)
        before = state(network)
        found = check_gradients(network, x, y)
        assert found.ok
        assert f"the loss {name!r}" in str(found)
        assert state(network) == before
        assert network.loss is None


def test_a_fitted_network_with_scaling_weights_gaps_and_bounds_is_checked_as_it_is() -> None:
    x, y = amounts(rows=60, outputs=2)
    x, y = 1000.0 + 50.0 * x, 300.0 * y
    y[::7, 1] = np.nan
    network = Network([3, 5, 2], dropout=0.3, seed=0).constrain("weights[0][0, 0]", 0.5)
    network.constrain("biases[1]", (-0.1, None))
    network.fit(x, y, epochs=2, standardize=True, missing="mask")
    before = state(network)
    found = check_gradients(network, x, y, np.linspace(0.0, 2.0, 60))
    assert found.ok
    assert state(network) == before
    goes_on = [network.fit(x, y, epochs=1, missing="mask")[-1]["loss"]]
    again = Network([3, 5, 2], dropout=0.3, seed=0).constrain("weights[0][0, 0]", 0.5)
    again.constrain("biases[1]", (-0.1, None))
    again.fit(x, y, epochs=2, standardize=True, missing="mask")
    assert goes_on == [again.fit(x, y, epochs=1, missing="mask")[-1]["loss"]]


def test_labels_bytes_shares_and_one_row_will_do() -> None:
    x, y = three_classes()
    words = np.array(["ant", "bee", "cat"])[y]
    assert check_gradients(Network([3, 4, 3], classes=["ant", "bee", "cat"]), x, words).ok
    pixels = (50 * np.abs(x)).astype(np.uint8)
    assert check_gradients(Network([3, 4, 3]), pixels, y).ok
    shares = np.tile([0.2, 0.3, 0.5], (len(x), 1))
    assert check_gradients(Network([3, 3], loss="softmax_cross_entropy"), x, shares).ok
    one = check_gradients(Network([3, 4, 3]), x[:1], y[:1])
    assert one.ok
    assert one.rows == 1


def test_rows_of_weight_0_are_passed_over() -> None:
    weights = np.zeros(30)
    weights[4] = 1.0
    found = check_gradients(Network([3, 4, 1], seed=0), X, Y, weights)
    assert found.ok
    assert (found.rows, found.rows_given) == (1, 30)


REFUSALS: dict[str, tuple[Any, Any, Any, str]] = {
    "columns": (X[:, :2], Y, None, "X has 2 columns, but this network has 3 inputs"),
    "no rows": (X[:0], Y[:0], None, "X is empty: its shape is"),
    "nan": (np.where(X > 1.9, np.nan, X), Y, None, "X contains NaN, first at row"),
    "no y": (X, None, None, "y is None"),
    "rows of y": (X, Y[:5], None, "y has 5 rows, but its X has 30"),
    "columns of y": (X, np.tile(Y, 2), None, "y has 2 columns"),
    "no known y": (X, np.nan * Y, None, "y has no known value at all"),
    "weights": (X, Y, np.zeros(30), "sample_weight is zero for every row"),
    "shape of weights": (X, Y, np.ones(3), "sample_weight must have one number for each row"),
    "known, but of weight 0": (
        X,
        np.where(np.arange(30) == 3, Y[:, 0], np.nan),
        1.0 * (np.arange(30) != 3),
        "no row has a known target and a weight above 0",
    ),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_bad_rows_are_refused_in_words(kind: str) -> None:
    x, y, weights, words = REFUSALS[kind]
    network = Network([3, 4, 1], loss="squared_error", seed=0)
    with pytest.raises(ValueError, match=words):
        check_gradients(network, x, y, weights)


def test_only_a_network_is_checked() -> None:
    with pytest.raises(TypeError, match=r"network must be a Network; got 'net'\."):
        # The wrong type is what is tested.
        check_gradients("net", X, Y)  # type: ignore[arg-type]
    fleet = Fleet([3, 4, 1], members=2, seed=0)
    with pytest.raises(TypeError, match=r"must be a Network; got .*fleet\[0\]"):
        # The wrong type is what is tested.
        check_gradients(fleet, X, Y)  # type: ignore[arg-type]
    assert check_gradients(fleet[0], X, Y).ok


def test_the_example_in_its_docstring_is_true() -> None:
    module = sys.modules[check_gradients.__module__]
    tests = doctest.DocTestFinder().find(check_gradients, module=module, globs={})
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    assert sum(len(test.examples) for test in tests) > 8
    for test in tests:
        assert runner.run(test).failed == 0


def test_a_wrong_activation_class_is_found_as_a_function_is() -> None:
    mine = WrongActivation(ACTIVATIONS["gelu"], lambda base, s: 1.001 * slope_of(base, s))
    assert "is 1.001 times what it must be" in says(Network([3, 4, 1], activation=mine, seed=0))
    assert isinstance(check_gradients(wrong_network(), X, Y), GradientCheck)


def test_in_float32_an_error_below_its_rounding_is_none() -> None:
    mine = own(np.tanh, lambda s: (1 - np.tanh(s) ** 2).astype(np.float32))
    for dtype, ok in (("float32", True), ("float64", False)):
        found = check_gradients(Network([3, 4, 1], activation=mine, dtype=dtype, seed=0), X, Y)
        assert found.ok == ok
        assert found.tolerance == (1e-6 if ok else 1e-8)
