"""Every picture of a network that was really trained: what the rooms say of each other holds."""

import numpy as np
import pytest

from glassnet import Network, plots
from glassnet.diagnostics import Recorder
from glassnet.metrics import confusion_matrix

pytest.importorskip("matplotlib", reason="pictures need matplotlib")


@pytest.fixture
def spots(stream):
    """Three spots on a plane: X (rows, 2), labels (rows,)."""
    labels = np.arange(60) % 3
    return stream.normal(size=(60, 2)) + 3 * labels[:, None], labels


def test_the_pictures_of_a_classifier(spots, drawn, words):
    X, y = spots
    network, recorder = Network([2, 6, 3], activation="relu", seed=0), Recorder(every=2)
    history = network.fit(
        X,
        y,
        epochs=3,
        batch_size=20,
        validation_data=(X, y),
        metrics=["accuracy"],
        callbacks=[recorder],
    )
    loss, accuracy = drawn(plots.history(history))
    assert len(loss.get_lines()) == 2
    assert accuracy.get_ylabel() == "validation accuracy"
    for ax in drawn(plots.layer_statistics(recorder.records)):
        assert "no numbers" not in words(ax)
    assert words(drawn(plots.decision_boundary(network, X, y, resolution=20)))[3:] == list("012")
    assert "6 units\nrelu" in words(drawn(plots.diagram(network)))
    counts = confusion_matrix(y, network.predict(X))
    right = network.test_accuracy(X, y)
    assert f"({100 * right:.1f} %)" in drawn(plots.confusion_matrix(counts)).get_title(loc="left")
    misread = plots.misread(X, y, network.classify(X), network.predict(X), shape=(1, 2), count=60)
    assert len(drawn(misread).get_images()) == round(60 * (1 - right))
    drawn(plots.first_layer(network.weights[0], shape=(1, 2)))


def test_the_pictures_of_a_regression(stream, drawn):
    X = np.linspace(-1, 1, 40)[:, None]
    y = X[:, 0] ** 2
    network = Network([1, 8, 1], seed=0)
    drawn(plots.learning_rate(network.find_learning_rate(X, y, steps=20)))
    network.fit(X, y, epochs=2)
    drawn(plots.fitted_curve(network, X, y))
    drawn(plots.predicted_against_true(y, network.predict(X)))


@pytest.mark.parametrize(("loss", "outputs"), [("gaussian", 2), ("squared_error", 1)])
def test_a_network_of_two_inputs_and_real_targets_is_drawn(stream, loss, outputs, drawn):
    X = stream.normal(size=(30, 2))
    network = Network([2, 4, outputs], loss=loss, seed=0)
    network.fit(X, X[:, 0], epochs=1)
    drawn(plots.decision_boundary(network, X, X[:, 0], resolution=10))


@pytest.mark.parametrize(
    ("call", "error", "instead"),
    [
        (
            lambda net, X, y: plots.confusion_matrix(net, X, y),
            TypeError,
            r"not a network\. Pass glassnet\.metrics\.confusion_matrix\(y, net\.classify\(X\)\)",
        ),
        (
            lambda net, X, y: plots.confusion_matrix(y, net.classify(X)),
            ValueError,
            r"one label or number a row\. Pass glassnet\.metrics\.confusion_matrix\(y, net\.class",
        ),
        (
            lambda net, X, y: plots.confusion_matrix(["a", "b"], ["a", "b"]),
            ValueError,
            r"one label or number a row\. Pass glassnet\.metrics\.confusion_matrix",
        ),
        (
            lambda net, X, y: plots.confusion_matrix(net.predict(X)),
            ValueError,
            r"must be square.*From labels: pass glassnet\.metrics\.confusion_matrix",
        ),
        (
            lambda net, X, y: plots.misread(net, X, y),
            TypeError,
            r"images must be numbers, not a network\. Pass X, y, net\.classify\(X\), net\.predict",
        ),
        (
            lambda net, X, y: plots.first_layer(net),
            TypeError,
            r"weights must be numbers, not a network\. Pass net\.weights\[0\]",
        ),
    ],
)
def test_a_network_or_labels_in_the_wrong_place_are_answered_with_what_to_pass(
    spots, call, error, instead
):
    X, y = spots
    with pytest.raises(error, match=instead):
        call(Network([2, 6, 3], seed=0, loss="softmax_cross_entropy"), X, y)
