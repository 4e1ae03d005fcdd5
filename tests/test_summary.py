"""A network in words: summary, repr, and settings as plain data and back."""

import json
from typing import Any

import numpy as np
import pytest
from small_problems import amounts, three_classes

from glassnet import Fleet, Network
from glassnet.activations import ACTIVATIONS, LeakyReLU, OwnActivation
from glassnet.losses import LOSSES, Huber, Pinball, SoftmaxCrossEntropy
from glassnet.summary import describe, in_words

X, Y = three_classes()


def cube(scores: Any) -> Any:
    return scores**3


OWN = OwnActivation("cube", cube, cube)

# repr


def test_repr_says_what_matters_in_one_line() -> None:
    net = Network([784, 32, 16, 10], seed=0)
    assert repr(net) == (
        "<Network [784, 32, 16, 10], activation='leaky_relu', loss=auto, float32, "
        "25,818 parameters>"
    )
    small = Network([3, 4, 5, 3], activation=["relu", "tanh"], dtype="float64", seed=0)
    small.fit(X, Y, epochs=2)
    assert repr(small) == (
        "<Network [3, 4, 5, 3], activation=['relu', 'tanh'], loss=softmax_cross_entropy, float64, "
        "59 parameters, 2 epochs trained>"
    )
    assert "activation" not in repr(Network([3, 3]))


def test_repr_of_a_fleet_says_how_many_there_are_of_what() -> None:
    fleet = Fleet([2, 8, 1], 64, loss="logistic", seed=0)
    start = "<Fleet of 64 x [2, 8, 1], loss=logistic, float32, 33 parameters each"
    assert repr(fleet) == f"{start}>"
    fleet.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], epochs=20)
    assert repr(fleet) == f"{start}, 20 epochs trained>"
    assert repr(Fleet([3, 40, 40, 3], 1, dtype="float64")) == (
        "<Fleet of 1 x [3, 40, 40, 3], loss=auto, float64, 1,923 parameters each>"
    )


# summary


def test_summary_is_a_table_of_the_layers_and_what_was_settled() -> None:
    net = Network([3, 40, 5, 1], dropout=[0.25, 0.0], bias=[True, False, True], seed=0)
    assert net.summary().splitlines() == [
        "layer      units   parameters  activation",
        "input          3            0",
        "1             40          160  leaky_relu(slope_below=0.01), dropout 0.25",
        "2              5          200  leaky_relu(slope_below=0.01), no bias",
        "3              1            6  raw scores, for the loss",
        "total                     366  float32, 1,464 bytes",
        "loss: not settled yet (auto)",
    ]


def test_summary_of_a_fleet_is_that_of_each_member() -> None:
    rates = np.array([0.0, 0.25, 0.5])
    fleet = Fleet([3, 5, 1], 3, dropout=rates, loss="huber", seed=0)
    assert fleet.summary().splitlines() == [
        "a fleet of 3 networks, each:",
        "layer      units   parameters  activation",
        "input          3            0",
        "1              5           20  leaky_relu(slope_below=0.01), dropout 0 to 0.5",
        "2              1            6  raw scores, for the loss",
        "total                      26  float32, 104 bytes",
        "loss: huber(delta=1.0)",
    ]
    assert ", dropout 0.5\n" in fleet[2].summary()
    assert ", dropout 0.25\n" in fleet[1:2].summary()


def test_summary_counts_the_parameters_that_there_are() -> None:
    for bias in (True, False):
        net = Network([3, 4, 2], bias=bias, dtype="float64")
        count = sum(w.size for w in net.weights) + bias * sum(b.size for b in net.biases)
        assert f"{count}  float64, {8 * count:,} bytes" in net.summary()


def test_summary_says_how_data_are_scaled() -> None:
    X, y = amounts()
    net = Network([3, 1], seed=0)
    net.fit(X, y, epochs=3, standardize=True)
    assert net.summary().splitlines()[-4:] == [
        "loss: squared_error(activation='identity')",
        "inputs: numbers, scaled",
        "targets: standardised for training, predictions in the user's unit",
        "epochs trained: 3",
    ]
    images = Network([3, 3], seed=0)
    images.fit(np.full((45, 3), 200, np.uint8), Y, epochs=1)
    assert "inputs: bytes, scaled" in images.summary()
    plain = Network([3, 3], seed=0)
    plain.fit(X=three_classes()[0], y=Y, epochs=1)
    assert "inputs" not in plain.summary()


def test_settings_in_words() -> None:
    assert in_words(None) == "not settled yet (auto)"
    assert in_words(ACTIVATIONS["relu"]) == "relu"
    assert in_words(LeakyReLU(0.2)) == "leaky_relu(slope_below=0.2)"
    assert in_words(Pinball((0.1, 0.9))) == "pinball(quantiles=(0.1, 0.9))"


# Settings as plain data

THINGS: list[Any] = [
    *ACTIVATIONS.values(),
    *LOSSES.values(),
    LeakyReLU(0.3),
    Huber(2.5),
    Pinball((0.1, 0.5, 0.9)),
    SoftmaxCrossEntropy(0.1),
]


@pytest.mark.parametrize("thing", THINGS, ids=in_words)
def test_every_activation_and_loss_is_described_in_plain_json(thing: Any) -> None:
    data = describe(thing)
    assert data["name"] == thing.name
    settings = json.loads(json.dumps(data))
    assert settings.keys() == data.keys()
