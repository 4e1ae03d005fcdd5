"""Networks to be exported: every activation, every loss, every kind of scaling, labels, columns."""

import numpy as np

from glassnet import Network
from glassnet.activations import ACTIVATIONS, ELU, LeakyReLU
from glassnet.core.scaling import Scaling
from glassnet.losses import (
    LOSSES,
    AbsoluteError,
    GaussianLikelihood,
    Huber,
    Pinball,
    SoftmaxCrossEntropy,
    SquaredError,
)

ALL_LOSSES = (
    *LOSSES.values(),
    *(SquaredError(name) for name in ACTIVATIONS),
    AbsoluteError("tanh"),
    Huber(0.5),
    Pinball((0.1, 0.5, 0.9)),
    GaussianLikelihood(0.01),
    SoftmaxCrossEntropy(0.1),
)
ALL_ACTIVATIONS = (*ACTIVATIONS.values(), LeakyReLU(-0.5), LeakyReLU(1.5), ELU(0.3))
OUTPUTS = 6  # a multiple of what every loss needs

HOSTILE = (
    'quote " and \' and """ and `tick`',
    "new\nline\r\n\u2028\u2029",
    "*/ system(0); /*",
    "-->]]></script>",
    "\\",
    "\\u0022 \\x22 ${1+1} %s {x} #{y}",
    "nul \0 inside",
    "größe 数 🙂",
    "'''+__import__('os')+'''",
    "",
)
"""Texts that must stay texts, whatever language they are written in."""


def varied(net, seed=0):
    """The network with biases that are not 0, and weights that reach the bends."""
    generator = np.random.default_rng(seed)
    steep = "exp" in [each.name for each in net.activations]  # exp(exp(x)) overflows soon
    net.parameters = net.parameters * (0.3 if steep else 1.5)
    for biases, has in zip(net.biases, net.bias, strict=True):
        if has:
            biases[...] = generator.normal(0, 0.5, biases.shape)
    return net


def of(activation="tanh", loss="softmax_cross_entropy", dtype="float32", layers=None, **options):
    """A network of which nothing is left to be settled."""
    layers = layers or [5, 8, 7, OUTPUTS]
    return varied(Network(layers, activation=activation, loss=loss, dtype=dtype, seed=1, **options))


def standardised(loss, dtype="float32"):
    """Inputs and targets that are far from 0, as years and kelvins are."""
    net = of(loss=loss, dtype=dtype)
    net.input_scaling = Scaling(np.array([2020.3, 0, -3, 1e5, 7]), np.array([0.3, 1, 2, 0.01, 5]))
    if net.loss.rescalable:
        columns = np.arange(OUTPUTS // net.loss.statistics)
        net.target_scaling = Scaling(1.0 + 10 * columns, 0.5 + columns)
    return net


def of_bytes(dtype="float32"):
    """What a fit to images settles."""
    net = of(dtype=dtype)
    net.input_scaling = Scaling(np.zeros(()), np.array(1 / 255), "bytes")
    return net


RECIPE = {
    "inputs": [
        {"name": "width", "kind": "number"},
        {"name": "colour", "kind": "category", "categories": ["red", "green", 'größer "\n']},
        {"name": "*/ \n", "kind": "number"},
    ],
    "target": {"name": "kind\n", "kind": "class"},
}


def of_a_table(dtype="float32"):
    """What `glassnet train` makes."""
    net = of(dtype=dtype, layers=[5, 8, 3], classes=["a", "b\"'\n", "c"])
    net.columns = RECIPE
    net.input_scaling = Scaling(np.array([3.5, 0, 0, 0, -1.0]), np.array([2.0, 1, 1, 1, 0.1]))
    return net


def rows(net, count=1000, seed=3):
    """(count, inputs) numbers around what the network was scaled to, as float32 holds them."""
    generator = np.random.default_rng(seed)
    scaling = net.input_scaling
    if scaling is not None and scaling.source == "bytes":
        return generator.integers(0, 256, (count, net.layers[0]), dtype=np.uint8)
    X = generator.normal(0, 1, (count, net.layers[0]))
    if scaling is not None:
        X = X / scaling.scale + scaling.offset
    return X.astype(np.float32).astype(net.dtype)


def labels_of(net, X):
    """What `classify` gives, or None where it refuses."""
    try:
        return net.classify(X)
    except ValueError:
        return None


def close(found, expected, relative):
    """Within `relative` of the size that each column of the expected numbers has."""
    assert np.isfinite(expected).all()
    size = np.maximum(1.0, np.abs(expected).max(axis=0))
    np.testing.assert_allclose(found / size, expected / size, rtol=0, atol=relative)
    return True


def every_kind(dtype):
    """(name, network) for all activations and all losses, each with every kind of scaling."""
    for number, activation in enumerate(ALL_ACTIVATIONS):
        yield f"{activation.name} {number}", of(activation, dtype=dtype)
    for loss in ALL_LOSSES:
        yield f"{loss}", of(loss=loss, dtype=dtype)
        yield f"{loss} standardised", standardised(loss, dtype)
    yield "bytes", of_bytes(dtype)
    yield "table", of_a_table(dtype)
    yield "one output", of(loss="logistic", dtype=dtype, layers=[4, 1])
    yield "no, yes", of(loss="logistic", dtype=dtype, layers=[4, 3, 1], classes=["no", "yes"])
    yield "numbers with classes", of(loss="huber", dtype=dtype, layers=[4, 3], classes=[7, -3, 5])
    yield "float classes", of(dtype=dtype, layers=[4, 3], classes=[0.5, 1, 2])
    yield "true, false", of(loss="logistic", dtype=dtype, layers=[4, 1], classes=[True, False])
    yield "no bias", of(dtype=dtype, bias=False)
    yield "scaled", of(dtype=dtype, input_scale=0.5)
    yield "hostile", of(dtype=dtype, layers=[4, 9, len(HOSTILE)], classes=list(HOSTILE))


DTYPES = ("float32", "float64")
