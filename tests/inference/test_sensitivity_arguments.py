"""What every sensitivity refuses: what is no network, no output, no row."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sensitive_networks import fitted, linear
from small_problems import inputs

from glassnet import Fleet, Network
from glassnet.inference import (
    input_gradients,
    integrated_gradients,
    partial_dependence,
    second_derivatives,
    shapley_values,
)

CALLS: dict[str, Callable[..., Any]] = {
    "input_gradients": input_gradients,
    "second_derivatives": second_derivatives,
    "integrated_gradients": integrated_gradients,
    "shapley_values": lambda net, X, **more: shapley_values(net, X, inputs(2), **more),
    "partial_dependence": lambda net, X, **more: partial_dependence(net, X, 0, **more),
}
each_call = pytest.mark.parametrize("name", CALLS)


@each_call
def test_a_network_without_a_settled_loss_is_told_who_asked(name: str) -> None:
    with pytest.raises(ValueError, match=rf"{name} needs a loss, and loss='auto' is settled"):
        CALLS[name](Network([3, 1]), inputs(2))


@each_call
@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ([[0.0, np.nan, 0.0]], ValueError, "X contains NaN, first at row 0, column 1"),
        ([[0.0, 0.0]], ValueError, "X has 2 columns, but this network has 3 inputs"),
        ([0.0, 0.0, 0.0], ValueError, "Expected 2D array X"),
        (np.empty((0, 3)), ValueError, "X is empty"),
        ("X", TypeError, "X must be an array of numbers"),
    ],
)
def test_inputs_are_checked_as_for_predict(
    name: str, X: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        CALLS[name](linear(), X)


@each_call
@pytest.mark.parametrize(
    ("output", "error"),
    [
        (3, ValueError),
        (-1, ValueError),
        (True, ValueError),
        ("maybe", ValueError),
        (0.0, TypeError),
    ],
)
def test_an_unknown_output_is_refused_with_those_that_there_are(
    name: str, output: Any, error: type[Exception]
) -> None:
    net = fitted("softmax_cross_entropy")
    net.classes = ["a", "b", "c"]
    message = (
        r"output must be one of the columns 0 \.\. 2 .*, or of the labels \['a', 'b', 'c'\]; got"
    )
    with pytest.raises(error, match=message):
        CALLS[name](net, inputs(2), output=output)


@pytest.mark.parametrize("name", ["second_derivatives", "integrated_gradients", "shapley_values"])
def test_of_several_outputs_one_must_be_named(name: str) -> None:
    with pytest.raises(ValueError, match=r"one of the columns 0 \.\. 2 of predict; got None"):
        CALLS[name](fitted("softmax_cross_entropy"), inputs(2))


def test_the_one_output_of_two_classes_is_column_0() -> None:
    net = linear("logistic", classes=["no", "yes"])
    assert input_gradients(net, inputs(2), 0).shape == (2, 3)
    with pytest.raises(ValueError, match=r"columns 0 \.\. 0 of predict; got 'yes'"):
        input_gradients(net, inputs(2), "yes")


@each_call
def test_what_is_asked_of_is_outputs_or_scores(name: str) -> None:
    with pytest.raises(ValueError, match="of must be one of outputs, scores; got 'output'"):
        CALLS[name](linear(), inputs(2), of="output")


@each_call
def test_what_is_no_network_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match="network must be a Network; got 'net'"):
        CALLS[name]("net", inputs(2))
    with pytest.raises(TypeError, match=r"must be a Network; got <Fleet.*fleet\[0\]"):
        CALLS[name](Fleet([3, 1], members=2, loss="squared_error"), inputs(2))


def test_of_an_estimator_the_network_is_asked_for() -> None:
    pytest.importorskip("sklearn")
    from glassnet.estimators import MLPRegressor

    with pytest.raises(TypeError, match="Of an estimator pass its network_"):
        input_gradients(MLPRegressor(), inputs(2))


@each_call
def test_a_network_that_diverged_is_refused(name: str) -> None:
    net = linear()
    net.parameters[0] = np.inf
    with pytest.raises(ValueError, match="parameters that are not finite: its training diverged"):
        CALLS[name](net, inputs(2))


@each_call
def test_outputs_beyond_float64_give_no_warning(name: str) -> None:
    CALLS[name](linear("poisson", (800.0, 1.0, -900.0)), 10.0 * inputs(3))
