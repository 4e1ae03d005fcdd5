"""What the tests of pictures share: the Agg canvas, a stand-in network, hand-made trainings.

Pictures are checked by what is on the axes, after they were drawn once to memory.
"""

from __future__ import annotations

import itertools
import sys
from types import SimpleNamespace

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _memory_only():
    """No window opens, and no figure outlives its test."""
    try:
        import matplotlib
    except ImportError:
        yield
        return
    matplotlib.use("agg")
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


class StandIn:
    """A small dense network with the attributes of glassnet's, and nothing of its training."""

    def __init__(self, layers, loss="squared_error", classes=None, dropout=None, seed=0, **more):
        stream = np.random.default_rng(seed)
        pairs = list(itertools.pairwise(layers))
        self.layers = tuple(layers)
        self.weights = [stream.normal(size=pair) for pair in pairs]
        self.biases = [stream.normal(size=pair[1]) for pair in pairs]
        self.activations = tuple(SimpleNamespace(name="leaky_relu") for _ in layers[1:-1])
        self.dropout = dropout or (0.0,) * len(self.activations)
        self.loss = SimpleNamespace(name=loss, **more) if loss else None
        self.classes = classes

    def predict(self, X):
        values = np.asarray(X, dtype=float)
        for weights, biases in zip(self.weights, self.biases, strict=True):
            values = np.tanh(values @ weights + biases)
        if self.loss.name == "softmax_cross_entropy":
            values = np.exp(2 * values)
            return values / values.sum(axis=1, keepdims=True)
        return (values + 1) / 2 if self.loss.name == "logistic" else 3 * values


@pytest.fixture
def stand_in():
    return StandIn


@pytest.fixture
def drawn():
    """Draw the figure of an Axes (or of an array of them) once; gives the Axes back."""

    def draw(picture):
        np.ravel(picture)[0].figure.draw_without_rendering()
        return picture

    return draw


@pytest.fixture
def words():
    """All texts of an Axes: titles, labels, legend and what is written into it."""

    def read(ax):
        legend = ax.get_legend()
        in_legend = [text.get_text() for text in legend.get_texts()] if legend else []
        titles = [ax.get_title(loc="left"), ax.get_xlabel(), ax.get_ylabel()]
        return [*titles, *in_legend, *(text.get_text() for text in ax.texts)]

    return read


@pytest.fixture
def stream():
    return np.random.default_rng(7)


@pytest.fixture
def training():
    """A history of `epochs` epochs with validation, and with accuracy when asked for."""

    def make(epochs, accuracy=True):
        history = []
        for epoch in range(1, epochs + 1):
            record = {"epoch": epoch, "loss": 1 / epoch, "learning_rate": 0.1}
            record["val_loss"] = 0.2 + 1 / epoch
            if accuracy:
                record["val_accuracy"] = 1 - 0.5 / epoch
            history.append(record)
        return history

    return make
