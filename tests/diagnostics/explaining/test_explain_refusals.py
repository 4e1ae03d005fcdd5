"""What `explain` refuses, in words, and that it leaves the network as it was."""

import copy
import re
from typing import Any

import numpy as np
import pytest

from glassnet import Fleet, Network
from glassnet.diagnostics import explain

X = np.array([0.5, -1.2, 2.0])


@pytest.mark.parametrize(
    ("x", "y", "options", "kind", "words"),
    [
        ([1, 2], 1, {}, ValueError, "x has 2 columns, but this network has 3 inputs"),
        (np.ones((9, 3)), np.ones(9), {}, ValueError, "x has 9 rows; explain writes out 8 at most"),
        ([1, np.nan, 2], 1, {}, ValueError, "nan"),
        ([1, "a", 2], 1, {}, ValueError, "text"),
        ([], 1, {}, ValueError, "x is empty"),
        (X, np.nan, {}, ValueError, "nan"),
        (X, None, {}, ValueError, "y is None"),
        (X, [1, 2, 3], {}, ValueError, "y has 3 columns"),
        ([X, X], [1, 2, 3], {}, ValueError, "y has 3 rows, but its X has 2"),
        (X, 1, {"format": "pdf"}, ValueError, "format must be one of text, markdown, html"),
        (X, 1, {"format": 3}, TypeError, "format must be one of the names text, markdown, html"),
        (X, 1, {"digits": 1}, ValueError, "digits must be an integer of at least 2; got 1"),
        (X, 1, {"digits": 18}, ValueError, "digits must be at most 17"),
        (X, 1, {"digits": "4"}, TypeError, "digits must be an integer"),
        (X, 1, {"learning_rate": -1}, ValueError, "learning_rate must be a finite number above 0"),
        (X, 1, {"learning_rate": "1"}, TypeError, "learning_rate must be a finite number"),
        (X * 1e30, 1, {}, ValueError, "x"),
    ],
)
def test_wrong_arguments_are_refused_in_words(
    x: Any, y: Any, options: dict[str, Any], kind: type[Exception], words: str
) -> None:
    network = Network([3, 2, 1], seed=0)
    before = copy.deepcopy(network)
    with pytest.raises(kind, match=f"(?i){re.escape(words)}"):
        network.explain(x, y, **options)
    assert (network.parameters == before.parameters).all()
    assert network.loss is None


def test_what_is_no_network_is_refused() -> None:
    fleet: Any = Fleet([3, 1], members=2, seed=0)
    with pytest.raises(TypeError, match=r"must be a Network; .* Of a fleet pass a member, fleet\["):
        explain(fleet, X, 1)
    estimators = pytest.importorskip("glassnet.estimators", reason="needs scikit-learn")
    with pytest.raises(TypeError, match="Of an estimator pass its network_"):
        explain(estimators.MLPClassifier(), X, 1)
    nothing: Any = None
    with pytest.raises(TypeError, match=r"must be a Network; got None\.$"):
        explain(nothing, X, 1)


def test_a_pass_that_leaves_the_finite_numbers_is_refused() -> None:
    network = Network([3, 2, 1], loss="squared_error", activation="exp", seed=0)
    network.weights[0][:] = 1e4
    with pytest.raises(ValueError, match="leave the finite numbers of float32"):
        network.explain(np.abs(X), 1.0)
    network.parameters[:] = np.nan
    with pytest.raises(ValueError, match="see that the parameters are finite"):
        network.explain(X, 1.0)


def test_a_network_and_its_streams_stay_as_they_are() -> None:
    network = Network([3, 2, 1], dropout=0.5, seed=0)
    network.fit(np.vstack([X, X + 1]), [0.5, 0.7], epochs=1)
    states, gradients = network.streams.states(), network.gradients.copy()
    history = len(network.history)
    network.explain(X, 0.5)
    assert str(network.streams.states()) == str(states)
    assert (network.gradients == gradients).all()
    assert len(network.history) == history
    assert network.dropout == (0.5,)
