"""The steps of optimizers against PyTorch's and scikit-learn's, within 1e-10, where those are
installed. A new optimizer goes in PYTORCH, or is worked by formula in test_optimizers.py."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from descent import START, STEEPNESS, descend, parabola

from glassnet.core.arrays import Array
from glassnet.core.optimizer import Optimizer
from glassnet.optimizers import (
    OPTIMIZERS,
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Lion,
    NAdam,
    RMSprop,
    Rprop,
)

# The same as PyTorch


@pytest.fixture
def torch() -> Iterator[Any]:
    """PyTorch with numbers of 64 bits, also where it keeps count of its own."""
    module = pytest.importorskip("torch", reason="needs PyTorch, to compare with")
    before = module.get_default_dtype()
    module.set_default_dtype(module.float64)
    yield module
    module.set_default_dtype(before)


def pytorch_path(torch: Any, make: Callable[[Any, list[Any]], Any], steps: int) -> Array:
    """The path of PyTorch's optimizer down the bowl."""
    place = torch.tensor(START, requires_grad=True)
    optimizer, path = make(torch.optim, [place]), []
    for _ in range(steps):
        place.grad = torch.tensor(STEEPNESS) * place.detach()
        optimizer.step()
        path.append(place.detach().numpy().copy())
    return np.array(path)


PYTORCH: dict[str, tuple[Optimizer, Callable[[Any, list[Any]], Any]]] = {
    "sgd": (SGD(0.05, momentum=0.0), lambda o, p: o.SGD(p, lr=0.05)),
    "momentum": (SGD(0.05, momentum=0.8), lambda o, p: o.SGD(p, lr=0.05, momentum=0.8)),
    "nesterov": (
        SGD(0.05, momentum=0.8, nesterov=True),
        lambda o, p: o.SGD(p, lr=0.05, momentum=0.8, nesterov=True),
    ),
    "rmsprop": (
        RMSprop(0.01, decay=0.95, epsilon=1e-6),
        lambda o, p: o.RMSprop(p, lr=0.01, alpha=0.95, eps=1e-6),
    ),
    "adagrad": (Adagrad(0.3, epsilon=1e-7), lambda o, p: o.Adagrad(p, lr=0.3, eps=1e-7)),
    "adam": (Adam(0.02), lambda o, p: o.Adam(p, lr=0.02)),
    "adamw": (AdamW(0.02, weight_decay=0.3), lambda o, p: o.AdamW(p, lr=0.02, weight_decay=0.3)),
    # A momentum decay of 1e6 leaves PyTorch's mean a constant decay, as ours has.
    "nadam": (NAdam(0.02), lambda o, p: o.NAdam(p, lr=0.02, momentum_decay=1e6)),
    "rprop": (Rprop(0.02), lambda o, p: o.Rprop(p, lr=0.02)),
}


@pytest.mark.parametrize("steps", [1, 2, 30])
@pytest.mark.parametrize("name", PYTORCH)
def test_steps_equal_those_of_pytorch(name: str, steps: int, torch: Any) -> None:
    ours, theirs = PYTORCH[name]
    wanted = pytorch_path(torch, theirs, steps)
    np.testing.assert_allclose(descend(ours, parabola, START, steps), wanted, rtol=0, atol=1e-10)


def test_every_optimizer_is_compared_with_pytorch_or_by_formula() -> None:
    compared = {type(ours) for ours, _ in PYTORCH.values()}
    assert compared | {Lion} == set(OPTIMIZERS.values())


# The same as scikit-learn


def scikit_learn_path(name: str, steps: int, **settings: Any) -> Array:
    optimizers = pytest.importorskip(
        "sklearn.neural_network._stochastic_optimizers",
        reason="needs scikit-learn, to compare with",
    )
    place = START.copy()
    optimizer, path = getattr(optimizers, name)([place], **settings), []
    for _ in range(steps):
        optimizer.update_params([place], [parabola(place)])
        path.append(place.copy())
    return np.array(path)


@pytest.mark.parametrize("steps", [1, 30])
@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.7])
def test_steps_of_sgd_equal_those_of_scikit_learn(
    momentum: float, nesterov: bool, steps: int
) -> None:
    settings = {"momentum": momentum, "nesterov": nesterov}
    wanted = scikit_learn_path("SGDOptimizer", steps, learning_rate_init=0.05, **settings)
    path = descend(SGD(0.05, momentum, nesterov=nesterov), parabola, START, steps)
    np.testing.assert_allclose(path, wanted, rtol=0, atol=1e-10)


@pytest.mark.parametrize("steps", [1, 30])
def test_steps_of_adam_equal_those_of_scikit_learn(steps: int) -> None:
    """With a tiny epsilon: scikit-learn adds it before the correction, ours after it."""
    wanted = scikit_learn_path("AdamOptimizer", steps, learning_rate_init=0.02, epsilon=1e-14)
    path = descend(Adam(0.02, epsilon=1e-14), parabola, START, steps)
    np.testing.assert_allclose(path, wanted, rtol=0, atol=1e-10)
