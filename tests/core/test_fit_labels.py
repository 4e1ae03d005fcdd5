"""What fit makes of y: labels, one-hot rows, flags, numbers; what loss="auto" settles; and what a
network is then worth. How inputs and targets are scaled: test_fit_scaling.py."""

from typing import Any

import numpy as np
import pytest
from small_problems import Array, amounts, state, three_classes

from glassnet import Network
from glassnet.losses import LOSSES, Pinball

X, Y = three_classes()
ONE_HOT = np.eye(3)[Y]


def fitted(y: Any, outputs: int, X: Array = X, **settings: Any) -> Network:
    net = Network([X.shape[1], 4, outputs], seed=0, **settings)
    net.fit(X, y, epochs=2)
    return net


# loss="auto"


@pytest.mark.filterwarnings("ignore:y holds one class")
@pytest.mark.parametrize(
    ("outputs", "y", "loss"),
    [
        (1, Y > 0, "logistic"),
        (1, (Y > 0).astype(int), "logistic"),
        (1, (Y > 0).astype(float)[:, None], "logistic"),
        (1, np.zeros(45), "logistic"),
        (1, Y, "squared_error"),
        (1, X[:, 0], "squared_error"),
        (1, np.where(Y > 0, 1, -1), "squared_error"),
        (3, Y, "softmax_cross_entropy"),
        (3, Y[:, None], "softmax_cross_entropy"),
        (3, Y.astype(float), "softmax_cross_entropy"),
        (3, np.zeros(45, int), "softmax_cross_entropy"),
        (3, ONE_HOT, "softmax_cross_entropy"),
        (3, ONE_HOT.astype(bool), "softmax_cross_entropy"),
        (3, np.maximum(ONE_HOT, [0, 1, 0]), "logistic"),
        (3, np.zeros((45, 3)), "logistic"),
        (3, X, "squared_error"),
        (3, 0.9 * ONE_HOT + 0.1 / 3, "squared_error"),
    ],
)
def test_auto_loss_goes_by_the_outputs_and_by_y(outputs: int, y: Array, loss: str) -> None:
    net = fitted(y, outputs)
    assert net.loss is not None
    assert net.loss.name == loss


def test_auto_loss_is_settled_once() -> None:
    net = fitted(Y > 0, 1)
    with pytest.raises(ValueError, match=r"y must lie in \[0, 1\] for the loss 'logistic'"):
        net.fit(X, Y)


def test_a_column_of_unknown_flags_settles_logistic_by_what_is_known() -> None:
    y = np.where(Y == 0, np.nan, Y - 1.0)
    net = Network([3, 1], seed=0)
    net.fit(X, y, epochs=1, missing="mask")
    assert net.loss is not None
    assert net.loss.name == "logistic"


# Labels


def test_integer_labels_one_hot_rows_and_floats_train_alike() -> None:
    wanted = state(fitted(Y, 3))
    for y in (Y.tolist(), Y.astype("u1"), Y.astype(float), Y[:, None], ONE_HOT, ONE_HOT > 0):
        assert state(fitted(y, 3)) == wanted


def test_zeros_and_ones_train_alike_in_every_form() -> None:
    flags = (Y > 0).astype(int)
    wanted = state(fitted(flags, 1))
    for y in (flags.tolist(), flags > 0, flags.astype("f4"), flags[:, None], [[f] for f in flags]):
        assert state(fitted(y, 1)) == wanted


def test_integer_labels_are_columns_and_are_never_encoded_again() -> None:
    net = fitted(np.where(Y == 0, 2, 4), 5)
    assert set(net.classify(X)) <= {0, 1, 2, 3, 4}
    assert net.predict(X).shape == (45, 5)
    net.fit(X, Y, epochs=100, learning_rate=0.05)  # classes that the first fit lacked
    assert net.test_accuracy(X, Y) > 0.9


@pytest.mark.parametrize(
    "classes", [["x", "y", "z"], [10, 20, 30], [0.5, 1.5, 2.5], np.array(["x", "y", "z"])]
)
def test_classes_name_the_columns_in_their_order(classes: Any) -> None:
    labels = np.array(classes)[Y]
    net = fitted(labels, 3, classes=classes)
    assert state(fitted(Y, 3))["parameters"] == state(net)["parameters"]
    assert set(net.classify(X)) <= set(labels)
    assert net.test_accuracy(X, labels) == fitted(Y, 3).test_accuracy(X, Y)
    assert net.evaluate(X, labels) == fitted(Y, 3).evaluate(X, Y)
    assert net.test_accuracy(X, ONE_HOT) == net.test_accuracy(X, labels)


def test_one_output_has_two_classes_no_and_yes() -> None:
    words = np.array(["no", "yes"])[(Y > 0).astype(int)]
    net = Network([3, 8, 1], classes=["no", "yes"], seed=0)
    net.fit(X, words.tolist(), epochs=60, learning_rate=0.05)
    assert net.classes == ["no", "yes"]
    outputs = net.predict(X)[:, 0]
    assert (net.classify(X) == np.where(outputs >= 0.5, "yes", "no")).all()
    assert net.test_accuracy(X, words) > 0.9


def test_classes_are_kept_as_plain_python_values() -> None:
    net = Network([3, 2], classes=np.array([1, 2]))
    assert net.classes == [1, 2]
    assert all(type(label) is int for label in net.classes)


def test_classify_gives_the_largest_output() -> None:
    net = fitted(Y, 3)
    np.testing.assert_array_equal(net.classify(X), net.predict(X).argmax(axis=1))


def test_classify_gives_zeros_and_ones_for_several_labels_a_row() -> None:
    flags = np.maximum(ONE_HOT, [0, 1, 0])
    net = fitted(flags, 3)
    found = net.classify(X)
    assert found.shape == (45, 3)
    np.testing.assert_array_equal(found, net.predict(X) >= 0.5)
    assert net.test_accuracy(X, flags) == np.mean((found == flags).all(axis=1))


def test_labels_serve_a_loss_on_numbers_as_their_one_hot_rows() -> None:
    by_label = fitted(Y, 3, loss="squared_error")
    assert state(by_label) == state(fitted(ONE_HOT, 3, loss="squared_error"))
    assert by_label.test_accuracy(X, Y) == by_label.test_accuracy(X, ONE_HOT)


def test_probabilities_are_targets_of_a_softmax_network() -> None:
    shares = 0.8 * ONE_HOT + 0.2 / 3
    net = fitted(shares, 3, loss="softmax_cross_entropy")
    assert state(net)["parameters"] != state(fitted(Y, 3))["parameters"]


@pytest.mark.parametrize("name", ["gaussian", "pinball"])
def test_classify_and_test_accuracy_refuse_outputs_that_are_no_classes(name: str) -> None:
    loss = Pinball((0.1, 0.9)) if name == "pinball" else LOSSES[name]
    net = Network([3, 2], loss=loss, seed=0)
    flags = (Y > 0).astype(int)
    for call in (lambda: net.classify(X), lambda: net.test_accuracy(X, flags)):
        with pytest.raises(ValueError, match="needs a network that tells labels apart"):
            call()


def test_real_valued_targets_are_refused_by_test_accuracy_which_names_evaluate() -> None:
    with pytest.raises(ValueError, match=r"real-valued targets use evaluate\(X, y\)"):
        fitted(X[:, 0], 1).test_accuracy(X, X[:, 0])


# What a network is worth


def test_test_accuracy_is_the_fraction_of_rows_predicted_correctly() -> None:
    net = fitted(Y, 3)
    assert net.test_accuracy(X, Y) == np.mean(net.predict(X).argmax(axis=1) == Y)
    one = fitted(Y > 0, 1)
    assert one.test_accuracy(X, Y > 0) == np.mean((one.predict(X)[:, 0] >= 0.5) == (Y > 0))


def test_evaluate_gives_the_mean_loss_and_the_metric_of_the_loss() -> None:
    net = fitted(Y, 3, dtype="float64")
    found = net.evaluate(X, Y)
    own = net.predict(X)[np.arange(45), Y]
    assert found["loss"] == pytest.approx(-np.log(own).mean(), rel=1e-12)
    assert found["accuracy"] == net.test_accuracy(X, Y)
    assert list(found) == ["loss", "accuracy"]


def test_evaluate_weighs_rows() -> None:
    net = fitted(Y, 3, dtype="float64")
    weights = np.where(Y == 0, 2.0, 0.0)
    picked = net.evaluate(X[Y == 0], Y[Y == 0])
    weighed = net.evaluate(X, Y, sample_weight=weights)
    assert weighed == pytest.approx(picked, rel=1e-12)


def test_evaluate_takes_metrics_by_name_by_function_and_in_a_dictionary() -> None:
    net = fitted(X[:, :2], 2)

    def largest_miss(targets: Array, outputs: Array, weights: Any = None) -> float:
        return float(np.abs(targets - outputs).max())

    named = net.evaluate(X, X[:, :2], metrics=["mean_squared_error", largest_miss])
    assert set(named) == {"loss", "mean_squared_error", "largest_miss"}
    assert named["mean_squared_error"] == pytest.approx(named["loss"], rel=1e-6)
    assert named["largest_miss"] == pytest.approx(np.abs(net.predict(X) - X[:, :2]).max(), rel=1e-6)
    assert net.evaluate(X, X[:, :2], metrics={"miss": largest_miss})["miss"] > 0
    assert set(net.evaluate(X, X[:, :2], metrics="r2")) == {"loss", "r2"}
    assert set(net.evaluate(X, X[:, :2], metrics=[])) == {"loss"}


def test_metrics_see_targets_as_the_user_has_them() -> None:
    X, y = amounts()
    y = 1000.0 + 50.0 * y
    net = Network([3, 4, 1], seed=0)
    net.fit(X, y, epochs=2, standardize=True)
    found = net.evaluate(X, y, metrics=["mean_absolute_error"])
    assert found["mean_absolute_error"] == pytest.approx(
        np.abs(net.predict(X) - y).mean(), rel=1e-4
    )


def test_evaluate_leaves_unknown_targets_out() -> None:
    X, y = amounts(outputs=2)
    net = Network([3, 2], seed=0, dtype="float64")
    net.fit(X, y, epochs=1)
    gaps = y.copy()
    gaps[::2, 1] = np.nan
    squares = (net.predict(X) - gaps) ** 2
    assert net.evaluate(X, gaps, metrics=[])["loss"] == pytest.approx(np.nanmean(squares), rel=1e-9)


@pytest.mark.parametrize(
    ("rows", "y", "words"),
    [
        (4, [1, 1, 1, 1], "y holds one class only"),
        (1, [1], "X has one row to train with"),
    ],
)
def test_data_that_teach_nothing_are_trained_with_a_warning(
    rows: int, y: list[int], words: str
) -> None:
    net = Network([2, 2], seed=0)
    with pytest.warns(UserWarning, match=words) as caught:
        net.fit(np.eye(4, 2)[:rows], y, epochs=1)
    assert caught[0].filename == __file__
