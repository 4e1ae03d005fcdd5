"""Relations that hold between two trainings, whatever the right result is: reordered rows, permuted
units, rescaled inputs, settings that must do nothing. All of one full batch, in float64."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_problems import Array, amounts, three_classes, yes_or_no

from glassnet import SGD, Adam, Network
from glassnet.callbacks import ClipNorm, ClipValue
from glassnet.core.training import Training

X, Y = three_classes()
PLAIN = SGD(learning_rate=0.2, momentum=0.9)
FULL: dict[str, Any] = {"epochs": 5, "batch_size": 1000, "optimizer": PLAIN}


def new(*layers: int, **settings: Any) -> Network:
    return Network(layers or (3, 5, 3), activation="tanh", dtype="float64", seed=2, **settings)


def trained(net: Network, X: Array = X, y: Array = Y, **options: Any) -> Network:
    net.fit(X, y, **{**FULL, **options})
    return net


def close(a: Array, b: Array) -> None:
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)


@given(st.permutations(range(45)))
def test_with_one_full_batch_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    close(trained(new(), X[order], Y[order]).parameters, trained(new()).parameters)


def test_permuted_features_with_permuted_first_weights_train_alike() -> None:
    order = [2, 0, 1]
    moved = new()
    moved.weights[0][:] = moved.weights[0][order]
    moved, plain = trained(moved, X[:, order]), trained(new())
    close(moved.weights[0], plain.weights[0][order])
    close(moved.weights[1], plain.weights[1])
    close(moved.predict(X[:, order]), plain.predict(X))


def test_permuted_hidden_units_train_alike() -> None:
    order = [4, 1, 0, 3, 2]
    moved = new()
    moved.weights[0][:] = moved.weights[0][:, order]
    moved.weights[1][:] = moved.weights[1][order]
    moved, plain = trained(moved), trained(new())
    close(moved.weights[1], plain.weights[1][order])
    close(moved.predict(X), plain.predict(X))


def test_classes_with_other_numbers_permute_the_outputs() -> None:
    order = [1, 2, 0]
    moved = new()
    moved.weights[1][:] = moved.weights[1][:, order]
    moved, plain = trained(moved, y=np.argsort(order)[Y]), trained(new())
    close(moved.predict(X), plain.predict(X)[:, order])


def test_a_feature_that_is_always_zero_changes_nothing() -> None:
    wider = new(4, 5, 3)
    plain = new()
    wider.weights[0][:3] = plain.weights[0]
    wider.weights[1][:] = plain.weights[1]
    last = wider.weights[0][3].copy()
    wider, plain = trained(wider, np.column_stack([X, np.zeros(45)])), trained(plain)
    close(wider.weights[0][:3], plain.weights[0])
    np.testing.assert_array_equal(wider.weights[0][3], last)


def test_inputs_times_a_number_predict_alike_with_first_weights_divided_by_it() -> None:
    moved, plain = new(loss="softmax_cross_entropy"), new(loss="softmax_cross_entropy")
    moved.weights[0][:] /= 8.0
    close(moved.predict(8.0 * X), plain.predict(X))
    np.testing.assert_array_equal(moved.evaluate(8.0 * X, Y)["loss"], plain.evaluate(X, Y)["loss"])


def test_a_constant_added_to_all_scores_does_not_change_a_softmax() -> None:
    moved, plain = new(loss="softmax_cross_entropy"), new(loss="softmax_cross_entropy")
    moved.biases[1][:] += 40.0
    close(moved.predict(X), plain.predict(X))
    close(trained(moved).weights[0], trained(plain).weights[0])


def test_data_twice_train_as_data_once() -> None:
    twice = trained(new(), np.concatenate([X, X]), np.concatenate([Y, Y]))
    close(twice.parameters, trained(new()).parameters)
    assert twice.history.column("loss") == pytest.approx(trained(new()).history.column("loss"))


def test_the_gradient_of_a_batch_is_the_mean_of_the_gradients_of_its_rows() -> None:
    class Keep:
        def __init__(self) -> None:
            self.gradients: list[Array] = []

        def on_gradients(self, training: Training) -> None:
            self.gradients.append(training.gradients.copy())
            training.gradients[...] = 0.0

    still = SGD(learning_rate=0.1, momentum=0.0)
    whole, single = Keep(), Keep()
    trained(new(), epochs=1, optimizer=still, callbacks=[whole])
    trained(new(), epochs=1, optimizer=still, batch_size=1, callbacks=[single])
    assert len(single.gradients) == 45
    close(np.mean(single.gradients, axis=0), whole.gradients[0])


def test_float32_trains_almost_as_float64() -> None:
    single = Network([3, 5, 3], activation="tanh", seed=2)
    np.testing.assert_allclose(trained(single).predict(X), trained(new()).predict(X), atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ({"dropout": 0.0}, {}),
        ({"dropout": [0.0]}, {}),
        ({}, {"weight_decay": 0.0}),
        ({}, {"optimizer": SGD(learning_rate=0.2, momentum=0.9, l1=0.0)}),
        ({}, {"callbacks": [ClipNorm(1e9), ClipValue(1e9)]}),
        ({}, {"class_weight": {0: 1.0}}),
        ({}, {"sample_weight": np.ones(45)}),
        ({}, {"shuffle": False}),
        ({}, {"missing": "mask"}),
        ({"bias": [True, True]}, {}),
        ({"input_scale": 1.0}, {}),
        ({"classes": [0, 1, 2]}, {}),
        ({"loss": "softmax_cross_entropy"}, {}),
    ],
)
def test_a_setting_that_says_nothing_changes_nothing(
    settings: dict[str, Any], options: dict[str, Any]
) -> None:
    close(trained(new(**settings), **options).parameters, trained(new()).parameters)


def test_nesterov_and_heavy_ball_without_momentum_are_gradient_descent() -> None:
    rate = {"learning_rate": 0.1, "momentum": 0.0}
    first = trained(new(), optimizer=SGD(**rate, nesterov=True))
    close(first.parameters, trained(new(), optimizer=SGD(**rate)).parameters)


def test_a_logistic_output_trains_as_the_difference_of_two_softmax_outputs() -> None:
    """P(1) = 1 / (1 + exp(s0 - s1)); the two heads move by opposite steps, so by half the rate."""
    X, y = yes_or_no()
    one, two = new(3, 1), new(3, 2)
    two.weights[0][:, 1] = one.weights[0][:, 0] / 2
    two.weights[0][:, 0] = -one.weights[0][:, 0] / 2
    still = {"momentum": 0.0}
    trained(one, X, y, optimizer=SGD(learning_rate=0.2, **still))
    trained(two, X, y, optimizer=SGD(learning_rate=0.1, **still))
    close(two.predict(X)[:, 1], one.predict(X)[:, 0])


def test_outputs_without_a_hidden_layer_learn_apart() -> None:
    X, y = amounts(outputs=3)
    together, alone = new(3, 3), new(3, 1)
    alone.weights[0][:] = together.weights[0][:, 1:2]
    trained(together, X, y, optimizer=SGD(learning_rate=0.3, momentum=0.0))
    trained(alone, X, y[:, 1], optimizer=SGD(learning_rate=0.1, momentum=0.0))
    close(together.weights[0][:, 1:2], alone.weights[0])


def test_least_squares_is_found_by_a_network_without_hidden_layer() -> None:
    X, y = amounts()
    net = new(3, 1)
    net.fit(X, y, epochs=800, batch_size=40, optimizer=Adam(learning_rate=0.05))
    design = np.column_stack([X, np.ones(40)])
    wanted, *_ = np.linalg.lstsq(design, y, rcond=None)
    np.testing.assert_allclose(net.weights[0], wanted[:3], atol=1e-4)
    np.testing.assert_allclose(net.biases[0], wanted[3], atol=1e-4)
