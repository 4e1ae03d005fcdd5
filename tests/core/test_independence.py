"""Whole networks against PyTorch and scikit-learn: the same start, the same steps, the same result.

Through Network.fit, in float64, all rows in one batch at a constant rate: predictions, losses and
every parameter agree within 1e-10. Skipped, saying so, where the other library is not installed.
"""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from glassnet.core.arrays import Array
from glassnet.core.network import Network
from glassnet.core.random import Stream
from glassnet.losses import Huber
from glassnet.optimizers import SGD, Adam, AdamW, Optimizer

ROWS, STEPS, BAR = 30, 5, 1e-10
X = Stream(21).normal((ROWS, 4))
NUMBERS = np.sin(X[:, :1]) + 0.1 * Stream(22).normal((ROWS, 1))
LABELS = np.arange(ROWS) % 3
FLAGS = (X[:, 0] > 0).astype(np.int64)
WEIGHTS = 0.2 + Stream(23).uniform((ROWS,))

HALF_SQUARED = Huber(1e9)  # half the square up to there, as scikit-learn's regressor has it


def start(outputs: int, loss: Any, activation: str = "tanh", **settings: Any) -> Network:
    """A network with biases that are not 0."""
    network = Network(
        [4, 7, 5, outputs], activation=activation, loss=loss, dtype="float64", seed=4, **settings
    )
    network.parameters[...] += 0.1 * Stream(24).normal(network.parameters.shape)
    return network


def fitted(network: Network, y: Array, optimizer: Optimizer, steps: int, **options: Any) -> Network:
    network.fit(
        X, y, epochs=steps, batch_size=ROWS, optimizer=optimizer, schedule="constant", **options
    )
    return network


def assert_same(found: Array, wanted: Array) -> None:
    np.testing.assert_allclose(found, wanted, rtol=0, atol=BAR)


# PyTorch


@pytest.fixture
def torch() -> Iterator[Any]:
    """PyTorch on one thread, as it was left afterwards."""
    module = pytest.importorskip("torch", reason="needs PyTorch, to compare with")
    threads = module.get_num_threads()
    module.set_num_threads(1)
    yield module
    module.set_num_threads(threads)


Make = Callable[[Any, Any], Any]

OPTIMIZERS: dict[str, tuple[Optimizer, Make]] = {
    "sgd": (SGD(0.1, momentum=0.0), lambda o, p: o.SGD(p, lr=0.1)),
    "momentum": (SGD(0.1, momentum=0.9), lambda o, p: o.SGD(p, lr=0.1, momentum=0.9)),
    "nesterov": (
        SGD(0.1, momentum=0.9, nesterov=True),
        lambda o, p: o.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    ),
    "adam": (Adam(0.01), lambda o, p: o.Adam(p, lr=0.01)),
}

LOSSES: dict[str, tuple[int, Array, Make]] = {
    "squared_error": (1, NUMBERS, lambda f, args: f.mse_loss(*args)),
    "logistic": (
        1,
        FLAGS[:, None].astype(float),
        lambda f, args: f.binary_cross_entropy_with_logits(*args),
    ),
    "softmax_cross_entropy": (3, LABELS, lambda f, args: f.cross_entropy(*args)),
}


def same_in_torch(torch: Any, network: Network, activation: str = "Tanh") -> Any:
    """The network as a PyTorch module, with a copy of its parameters."""
    modules: list[Any] = []
    for weights, biases in zip(network.weights, network.biases, strict=True):
        layer = torch.nn.Linear(*weights.shape, dtype=torch.float64)
        layer.weight.data = torch.tensor(weights.T.copy())
        layer.bias.data = torch.tensor(biases.copy())
        modules += [layer, getattr(torch.nn, activation)()]
    return torch.nn.Sequential(*modules[:-1])


def flat(model: Any) -> Array:
    """Its parameters in our order: all weights, then all biases."""
    parameters = [each.detach().numpy() for each in model.parameters()]
    return np.concatenate([*(w.T.ravel() for w in parameters[::2]), *parameters[1::2]])


@pytest.mark.parametrize("steps", [1, STEPS])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_predictions_losses_and_steps_equal_those_of_pytorch(
    optimizer: str, loss: str, steps: int, torch: Any
) -> None:
    outputs, y, loss_of = LOSSES[loss]
    ours, make = OPTIMIZERS[optimizer]
    network = start(outputs, loss)
    model = same_in_torch(torch, network)
    inputs, targets = torch.tensor(X), torch.tensor(y)
    assert_same(network.passes.scores(X), model(inputs).detach().numpy())
    theirs, losses = make(torch.optim, model.parameters()), []
    for _ in range(steps):
        theirs.zero_grad()
        value = loss_of(torch.nn.functional, (model(inputs), targets))
        value.backward()
        theirs.step()
        losses.append(value.item())
    fitted(network, y, ours, steps)
    assert_same(np.array(network.history.column("loss")), np.array(losses))
    assert_same(network.parameters, flat(model))
    assert_same(network.passes.scores(X), model(inputs).detach().numpy())


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("relu", "ReLU"), ("leaky_relu", "LeakyReLU"), ("silu", "SiLU"), ("elu", "ELU")],
)
def test_other_activations_step_as_in_pytorch(ours: str, theirs: str, torch: Any) -> None:
    network = start(3, "softmax_cross_entropy", ours)
    model = same_in_torch(torch, network, theirs)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(STEPS):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(torch.tensor(X)), torch.tensor(LABELS)).backward()
        optimizer.step()
    assert_same(fitted(network, LABELS, SGD(0.1), STEPS).parameters, flat(model))


@pytest.mark.parametrize("kind", ["coupled", "decoupled"])
def test_decay_of_weights_alone_is_as_in_pytorch(kind: str, torch: Any) -> None:
    network = start(1, "squared_error")
    model = same_in_torch(torch, network)
    groups = [
        {"params": [p for p in model.parameters() if p.ndim == 2], "weight_decay": 0.3},
        {"params": [p for p in model.parameters() if p.ndim == 1], "weight_decay": 0.0},
    ]
    ours: Optimizer
    if kind == "coupled":
        ours = SGD(0.1, weight_decay=0.3)
        theirs = torch.optim.SGD(groups, lr=0.1, momentum=0.9)
    else:
        ours = AdamW(0.01, weight_decay=0.3)
        theirs = torch.optim.AdamW(groups, lr=0.01)
    for _ in range(STEPS):
        theirs.zero_grad()
        torch.nn.functional.mse_loss(model(torch.tensor(X)), torch.tensor(NUMBERS)).backward()
        theirs.step()
    assert_same(fitted(network, NUMBERS, ours, STEPS).parameters, flat(model))


def test_sample_weights_step_as_in_pytorch(torch: Any) -> None:
    network = start(3, "softmax_cross_entropy")
    model = same_in_torch(torch, network)
    optimizer, shares = torch.optim.Adam(model.parameters(), lr=0.01), WEIGHTS / WEIGHTS.sum()
    for _ in range(STEPS):
        optimizer.zero_grad()
        losses = torch.nn.functional.cross_entropy(
            model(torch.tensor(X)), torch.tensor(LABELS), reduction="none"
        )
        (losses * torch.tensor(shares)).sum().backward()
        optimizer.step()
    fitted(network, LABELS, Adam(0.01), STEPS, sample_weight=WEIGHTS)
    assert_same(network.parameters, flat(model))


# scikit-learn

SAME_OPTIMIZERS: dict[str, tuple[Optimizer, dict[str, Any]]] = {
    "sgd": (SGD(0.1, momentum=0.0), {"solver": "sgd", "momentum": 0.0}),
    "momentum": (
        SGD(0.1, momentum=0.9),
        {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": False},
    ),
    "nesterov": (
        SGD(0.1, momentum=0.9, nesterov=True),
        {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": True},
    ),
    # scikit-learn adds epsilon before its correction, ours after it: so a tiny one.
    "adam": (Adam(0.1, epsilon=1e-30), {"solver": "adam", "epsilon": 1e-30}),
}

KINDS: dict[str, tuple[str, int, Any, Array]] = {
    "regression": ("MLPRegressor", 1, HALF_SQUARED, NUMBERS[:, 0]),
    "two classes": ("MLPClassifier", 1, "logistic", FLAGS),
    "three classes": ("MLPClassifier", 3, "softmax_cross_entropy", LABELS),
}


def same_in_sklearn(kind: str, network: Network, y: Array, steps: int, **settings: Any) -> Any:
    """scikit-learn's network after `steps` steps from the same parameters."""
    module = pytest.importorskip(
        "sklearn.neural_network", reason="needs scikit-learn, to compare with"
    )
    model = getattr(module, kind)(
        hidden_layer_sizes=network.layers[1:-1],
        learning_rate_init=0.1,
        batch_size=ROWS,
        max_iter=1,
        warm_start=True,
        random_state=0,
        tol=0.0,
        **{"alpha": 0.0, "activation": "tanh", **settings},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it has not converged yet
        model.fit(X, y)  # this only makes the arrays
        model.coefs_ = [weights.copy() for weights in network.weights]
        model.intercepts_ = [biases.copy() for biases in network.biases]
        model.set_params(max_iter=steps)
        model.fit(X, y)
    return model


def parameters_of(model: Any) -> Array:
    return np.concatenate([each.ravel() for each in (*model.coefs_, *model.intercepts_)])


@pytest.mark.parametrize("steps", [1, STEPS])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("optimizer", SAME_OPTIMIZERS)
def test_steps_and_predictions_equal_those_of_scikit_learn(
    optimizer: str, kind: str, steps: int
) -> None:
    name, outputs, loss, y = KINDS[kind]
    ours, settings = SAME_OPTIMIZERS[optimizer]
    network = start(outputs, loss)
    model = same_in_sklearn(name, network, y, steps, **settings)
    fitted(network, y, ours, steps)
    assert_same(network.parameters, parameters_of(model))
    theirs = model.predict(X)[:, None] if kind == "regression" else model.predict_proba(X)
    assert_same(network.predict(X), theirs if kind != "two classes" else theirs[:, 1:])
    if kind != "regression":
        np.testing.assert_array_equal(network.classify(X), model.predict(X))


@pytest.mark.parametrize(
    ("ours", "theirs"), [("relu", "relu"), ("sigmoid", "logistic"), ("identity", "identity")]
)
def test_other_activations_step_as_in_scikit_learn(ours: str, theirs: str) -> None:
    network = start(3, "softmax_cross_entropy", ours)
    settings = SAME_OPTIMIZERS["nesterov"][1]
    model = same_in_sklearn("MLPClassifier", network, LABELS, STEPS, activation=theirs, **settings)
    fitted(network, LABELS, SAME_OPTIMIZERS["nesterov"][0], STEPS)
    assert_same(network.parameters, parameters_of(model))


def test_coupled_decay_is_scikit_learns_alpha_over_the_rows() -> None:
    network = start(3, "softmax_cross_entropy")
    settings = SAME_OPTIMIZERS["momentum"][1]
    model = same_in_sklearn("MLPClassifier", network, LABELS, STEPS, alpha=1.5, **settings)
    fitted(network, LABELS, SGD(0.1, momentum=0.9, weight_decay=1.5 / ROWS), STEPS)
    assert_same(network.parameters, parameters_of(model))
