"""Slopes of outputs in inputs: numeric ones, closed forms, units, and what is left as it was."""

from typing import Any

import numpy as np
import pytest
from sensitive_networks import close, differences, fitted, linear, product, rows_like_training
from small_problems import Array, state

from glassnet import Callback, Network, OwnActivation, OwnLoss
from glassnet.activations import ACTIVATIONS
from glassnet.inference import functions, input_gradients
from glassnet.losses import LOSSES, AbsoluteError, Pinball, SquaredError

X = rows_like_training(12)


def cubic(scores: Array, targets: Array) -> Array:
    return np.asarray((scores - targets) ** 2)


def cubic_slope(scores: Array, targets: Array) -> Array:
    return np.asarray(2.0 * (scores - targets))


def softened(scores: Array) -> Array:
    return np.asarray(np.tanh(scores) + 0.1 * scores[..., ::-1])


OWN = OwnLoss("own", cubic, cubic_slope, softened)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("standardize", [True, False])
def test_slopes_through_the_link_of_each_loss_are_the_numeric_ones(
    loss: str, standardize: bool
) -> None:
    net = fitted(loss, standardize=standardize, learning_rate=1e-3)
    rows = X if standardize else X / [1.0, 300.0, 1.0]
    found = input_gradients(net, rows)
    assert found.shape == (12, net.layers[-1], 3)
    close(found, differences(net.predict, rows), 1e-7)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_slopes_through_each_activation_are_the_numeric_ones(activation: str) -> None:
    net = fitted("squared_error", activation, learning_rate=1e-3)
    close(input_gradients(net, X), differences(net.predict, X), 1e-6)


@pytest.mark.parametrize(
    "loss",
    [SquaredError("leaky_relu"), SquaredError("sigmoid"), AbsoluteError("softplus")],
    ids=lambda loss: loss.activation,
)
def test_slopes_through_an_activation_as_link_are_the_numeric_ones(loss: Any) -> None:
    net = fitted(loss)
    close(input_gradients(net, X), differences(net.predict, X), 1e-7)


def test_slopes_of_sorted_quantiles_are_those_of_the_score_that_took_the_place() -> None:
    net = fitted(Pinball((0.1, 0.5, 0.9)), outputs=3)
    net.biases[-1][:] = 0.0  # so that the scores are in another order in many rows
    assert len(np.unique(np.argsort(net.passes.scores(net.scale_inputs(X)), axis=1), axis=0)) > 1
    close(input_gradients(net, X), differences(net.predict, X), 1e-7)


def test_slopes_of_quantiles_of_several_columns_are_the_numeric_ones() -> None:
    levels = Pinball((0.2, 0.8))
    net = Network([3, 6, 4], activation="tanh", loss=levels, dtype="float64", seed=2)
    rows = np.random.default_rng(0).normal(size=(12, 3))
    scores = input_gradients(net, rows, of="scores")
    assert 0 < (input_gradients(net, rows) == scores).mean() < 1  # some changed places
    close(input_gradients(net, rows), differences(net.predict, rows), 1e-7)


def test_slopes_through_a_users_own_link_are_good_to_some_digits() -> None:
    net = Network([3, 5, 2], activation="tanh", loss=OWN, dtype="float64", seed=0)
    rows = np.random.default_rng(0).normal(size=(6, 3))
    close(input_gradients(net, rows), differences(net.predict, rows), 1e-7)
    plain = Network([3, 1], loss=OwnLoss("own", cubic, cubic_slope), dtype="float64")
    np.testing.assert_array_equal(input_gradients(plain, rows)[3, 0], plain.weights[0][:, 0])


def test_a_linear_network_has_its_weights_as_slopes_in_the_users_units() -> None:
    random = np.random.default_rng(0)
    data = random.normal(size=(50, 3)) * [1, 1e3, 1e-3]
    net = Network([3, 2], loss="squared_error", dtype="float64", seed=0)
    net.fit(data, random.normal(size=(50, 2)) * [1, 1e4], epochs=2, standardize=True)
    spread, target_spread = 1 / net.input_scaling.scale, 1 / net.target_scaling.scale
    wanted = (net.weights[0] / spread[:, None] * target_spread).T
    found = input_gradients(net, data)
    np.testing.assert_allclose(found, np.broadcast_to(wanted, found.shape), rtol=1e-13)


def test_closed_forms_of_links() -> None:
    rows = np.array([[0.1, 0.2, -0.3], [1.0, 2.0, 5.0]])
    score = rows @ [2.0, -1.0, 0.5] + 0.25
    weights = np.array([2.0, -1.0, 0.5])
    for loss, slope in (
        ("poisson", np.exp(score)),
        ("logistic", 1 / (2 + np.exp(score) + np.exp(-score))),
    ):
        found = input_gradients(linear(loss), rows, output=0)
        np.testing.assert_allclose(found, slope[:, None] * weights, rtol=1e-13)


def test_slopes_of_a_product_are_the_other_factor() -> None:
    found = input_gradients(product(), [[2.0, 3.0, 7.0]])
    np.testing.assert_allclose(found, [[[3.0, 2.0, 2.0]]], rtol=1e-14)


def test_slopes_of_probabilities_add_up_to_0() -> None:
    net = fitted("softmax_cross_entropy")
    found = input_gradients(net, X)
    assert (np.abs(found.sum(axis=1)) <= 1e-14 * np.abs(found).max(axis=1)).all()


def test_a_certain_class_has_a_slope_that_is_exact() -> None:
    net = Network([1, 3], loss="softmax_cross_entropy", dtype="float64", seed=0)
    net.weights[0][:] = [[60.0, 0.0, -60.0]]
    found = input_gradients(net, [[1.0]])[0, :, 0]
    np.testing.assert_allclose(found[:2], [60 * np.exp(-60), -60 * np.exp(-60)], rtol=1e-12)


def test_scores_are_before_the_link_and_need_no_settled_loss() -> None:
    net = linear("poisson")
    np.testing.assert_array_equal(input_gradients(net, X, 0, of="scores")[0], [2.0, -1.0, 0.5])
    unsettled = Network([3, 4, 2], seed=0)
    assert input_gradients(unsettled, X, of="scores").shape == (12, 2, 3)
    with pytest.raises(ValueError, match=r"input_gradients needs a loss"):
        input_gradients(unsettled, X)


def test_one_output_is_a_column_of_all_and_may_be_named_by_its_label() -> None:
    net = fitted("softmax_cross_entropy")
    net.classes = ["no", "maybe", "yes"]
    found = input_gradients(net, X)
    np.testing.assert_allclose(input_gradients(net, X, 1), found[:, 1], rtol=1e-13)
    np.testing.assert_allclose(input_gradients(net, X, "yes"), found[:, 2], rtol=1e-13)


def test_one_row_has_the_slopes_that_it_has_among_many() -> None:
    net = fitted("logistic")
    np.testing.assert_allclose(
        input_gradients(net, X[3:4])[0], input_gradients(net, X)[3], rtol=1e-12
    )


def test_blocks_of_rows_do_not_change_slopes(monkeypatch: pytest.MonkeyPatch) -> None:
    net = fitted("softmax_cross_entropy")
    whole = input_gradients(net, X)
    monkeypatch.setattr(functions, "NUMBERS", 40)
    np.testing.assert_allclose(input_gradients(net, X), whole, rtol=1e-12)


def test_a_float32_network_has_the_slopes_of_the_same_one_in_float64() -> None:
    small = fitted("softmax_cross_entropy", dtype="float32")
    large = Network([3, 6, 5, 3], activation="tanh", loss="softmax_cross_entropy", dtype="float64")
    large.parameters[:] = small.parameters
    large.input_scaling = small.input_scaling
    found = input_gradients(small, X)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, input_gradients(large, X))


@pytest.mark.parametrize("fit", [True, False])
def test_slopes_in_bytes_are_those_for_a_step_of_one_of_255(fit: bool) -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, size=(30, 4)).astype(np.uint8)
    net = Network([4, 3, 1], activation="tanh", loss="logistic", dtype="float64", seed=0)
    if fit:
        net.fit(images, random.integers(0, 2, 30), epochs=1)
    plain = Network([4, 3, 1], activation="tanh", loss="logistic", dtype="float64")
    plain.parameters[:] = net.parameters
    wanted = input_gradients(plain, images / 255.0) / 255.0
    np.testing.assert_allclose(input_gradients(net, images), wanted, rtol=1e-12)


def test_an_input_scale_is_part_of_the_chain() -> None:
    net = linear("squared_error", input_scale=0.1)
    np.testing.assert_allclose(input_gradients(net, X)[5, 0], [0.2, -0.1, 0.05], rtol=1e-15)


def test_dropout_plays_no_part() -> None:
    settings: dict[str, Any] = {"activation": "tanh", "loss": "squared_error", "seed": 0}
    nets = [Network([3, 5, 4, 1], dropout=rate, **settings) for rate in (0.0, [0.5, 0.0])]
    nets[1].parameters[:] = nets[0].parameters
    np.testing.assert_array_equal(*(input_gradients(net, X) for net in nets))


def test_asking_changes_nothing_not_even_in_the_middle_of_a_training() -> None:
    class Ask(Callback):
        def on_gradients(self, training: Any) -> None:
            before = training.network.gradients.copy()
            input_gradients(training.network, X[:2])
            np.testing.assert_array_equal(training.network.gradients, before)

    nets = [fitted("squared_error", callbacks=callbacks) for callbacks in ([], [Ask()])]
    assert state(nets[0]) == state(nets[1])


def test_at_a_kink_the_slope_is_the_one_of_training_and_absent_biases_are_not_added() -> None:
    net = Network([1, 1, 1], activation="relu", loss="squared_error", bias=False)
    net.parameters[:] = 1.0
    np.testing.assert_array_equal(input_gradients(net, [[-1.0], [0.0], [1.0]]).ravel(), [0, 0, 1])


def test_an_own_activation_takes_part() -> None:
    own = OwnActivation("thin", np.tanh, lambda scores: 1.0 - np.tanh(scores) ** 2)
    net = Network([3, 5, 1], activation=own, loss="squared_error", dtype="float64", seed=0)
    rows = np.random.default_rng(0).normal(size=(6, 3))
    close(input_gradients(net, rows), differences(net.predict, rows), 1e-8)
