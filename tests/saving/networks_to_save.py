"""Networks to be saved: drawn by Hypothesis, with everything a file may hold, or of own making."""

import os
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from glassnet import Network
from glassnet.activations import ACTIVATIONS, ELU, LeakyReLU, OwnActivation
from glassnet.core.activation import Activation
from glassnet.core.scaling import Scaling
from glassnet.initializers import INITIALIZERS
from glassnet.losses import LOSSES, Huber, OwnLoss, Pinball, SoftmaxCrossEntropy, SquaredError

EXAMPLES = int(os.environ.get("ROUND_TRIPS", 80))
"""Networks that are drawn for each format, and as many fleets; `make fuzz` wants 500."""

numbers = st.floats(0.125, 8, width=32)
activations = (
    st.sampled_from(sorted(ACTIVATIONS))
    | numbers.map(LeakyReLU)
    | numbers.map(ELU)
    | st.just(LeakyReLU(-0.1))
)
losses = (
    st.sampled_from(["auto", *sorted(set(LOSSES) - {"gaussian"})])
    | numbers.map(Huber)
    | st.builds(SquaredError, activations)
    | st.builds(SoftmaxCrossEntropy, st.floats(0, 0.5))
    | st.just(Pinball(0.9))
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
labels = (texts | st.text('é"\\\n\0 ,', min_size=1, max_size=3)).filter(
    lambda label: not label.endswith("\0")  # which arrays of texts do not keep
)
recipes = st.dictionaries(texts, st.none() | st.booleans() | numbers | st.lists(texts), max_size=3)


@st.composite
def scalings(draw, columns, source="numbers"):
    shape = draw(st.sampled_from([(), (columns,)]))
    offset = [draw(st.floats(-1e6, 1e6)) for _ in range(columns if shape else 1)]
    scale = [draw(st.floats(1e-6, 1e6)) for _ in offset]
    return Scaling(np.array(offset).reshape(shape), np.array(scale).reshape(shape), source)


@st.composite
def networks(draw):
    layers = draw(st.lists(st.integers(1, 5), min_size=2, max_size=5))
    hidden = len(layers) - 2
    wanted = 2 if layers[-1] == 1 else layers[-1]
    net = Network(
        layers,
        activation=[draw(activations) for _ in range(hidden)],
        loss=draw(losses),
        dropout=[draw(st.floats(0, 0.99)) for _ in range(hidden)],
        initializer=draw(st.sampled_from(["auto", *INITIALIZERS])),
        bias=[draw(st.booleans()) for _ in range(hidden + 1)],
        classes=draw(st.none() | st.lists(labels, min_size=wanted, max_size=wanted, unique=True)),
        input_scale=draw(st.none() | numbers),
        dtype=draw(st.sampled_from(["float32", "float64"])),
        seed=draw(st.none() | st.integers(0, 2**128)),
    )
    net.input_scaling = draw(st.none() | scalings(layers[0], draw(st.sampled_from(SOURCES))))
    net.target_scaling = draw(st.none() | scalings(layers[-1]))
    net.columns = draw(st.none() | recipes)
    net.history.environment = draw(recipes)
    return net


SOURCES = ["bytes", "numbers"]
SETTINGS = ("layers", "activations", "dropout", "bias", "initializer", "loss", "classes")
SETTINGS += ("columns", "input_scale", "dtype", "seed")


def cube(scores):
    return scores**3


def cube_slope(scores):
    return 3 * scores**2


def quartic(scores, targets):
    return (scores - targets) ** 4


def quartic_slope(scores, targets):
    return 4 * (scores - targets) ** 3


CUBE = OwnActivation("cube", cube, cube_slope)
QUARTIC = OwnLoss("quartic", quartic, quartic_slope)


@dataclass(frozen=True)
class Power(Activation):
    """An activation of a user's own, with settings: one plain, one not."""

    exponent: int = 2
    function: object = cube
    name = "power"

    def forward(self, scores, out):
        out[...] = scores**self.exponent


def same(one, other):
    """Equal in all that is saved, to the bit."""
    for name in SETTINGS:
        assert getattr(one, name) == getattr(other, name), name
        assert type(getattr(one, name)) is type(getattr(other, name)), name
    for name in ("input_scaling", "target_scaling"):
        a, b = getattr(one, name), getattr(other, name)
        assert (a is None) == (b is None), name
        if a is not None:
            assert (a.offset.tobytes(), a.scale.tobytes(), a.source, a.offset.shape) == (
                (b.offset.tobytes(), b.scale.tobytes(), b.source, b.offset.shape)
            )
    assert one.parameters.dtype == other.parameters.dtype
    assert one.parameters.tobytes() == other.parameters.tobytes()
    assert one.history.environment == other.history.environment
    return True


def trained(**options):
    """A network with everything a file may hold, in float64 so that sums are the same anywhere."""
    net = Network([3, 4, 2], loss="huber", dtype="float64", seed=5, **options)
    net.input_scaling = Scaling(np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.5, 2.5]))
    net.target_scaling = Scaling(np.array([10.0, 20.0]), np.array([2.0, 4.0]))
    net.columns = {"inputs": [{"name": "größe", "values": ["S", "M"]}]}
    net.history.environment = {"numpy": "2.0.2"}
    return net


ROWS = np.arange(12.0).reshape(4, 3)
