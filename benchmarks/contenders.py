"""The contenders: each a function (workload, X, y) -> run, and run() does the work once.

All train with momentum 0.9 at a constant learning rate, in float32, from the same rows, with rows
shuffled each epoch. `run` trains `workload.epochs` epochs, or predicts that many rows one by one.
To add one: a function and a line in CONTENDERS, with the environment that it wants.
"""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet import blas

from .workloads import Workload

Run = Callable[[], float]
RATE, MOMENTUM = 0.05, 0.9


def floats(X: np.ndarray) -> np.ndarray:
    return X.astype(np.float32) / np.float32(255.0) if X.dtype == np.uint8 else X


def timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def glassnet_bytes(workload: Workload, X: np.ndarray, y: np.ndarray) -> Run:
    from glassnet import SGD, Network

    net = Network(workload.layers, seed=0)
    optimizer = SGD(learning_rate=RATE, momentum=MOMENTUM)
    settings: dict[str, Any] = {
        "batch_size": workload.batch,
        "optimizer": optimizer,
        "schedule": "constant",
    }
    if workload.kind == "predict":
        net.fit(X[:1000], y[:1000], epochs=1)
        row = np.ascontiguousarray(X[:1])
        return lambda: timed(lambda: [net.predict(row) for _ in range(workload.epochs)])
    return lambda: timed(lambda: net.fit(X, y, epochs=workload.epochs, **settings))


def glassnet_floats(workload: Workload, X: np.ndarray, y: np.ndarray) -> Run:
    return glassnet_bytes(workload, floats(X), y)


def torch_with(threads: int, fused: bool) -> Callable[[Workload, np.ndarray, np.ndarray], Run]:
    def make(workload: Workload, X: np.ndarray, y: np.ndarray) -> Run:
        import torch

        torch.set_num_threads(threads)
        torch.manual_seed(0)
        layers: list[torch.nn.Module] = []
        for inputs, outputs in pairwise(workload.layers):
            layers += [torch.nn.Linear(inputs, outputs), torch.nn.LeakyReLU(0.01)]
        net = torch.nn.Sequential(*layers[:-1])
        if workload.kind == "predict":
            row = torch.from_numpy(floats(X[:1]))

            def predict() -> None:
                with torch.inference_mode():
                    for _ in range(workload.epochs):
                        torch.softmax(net(row), dim=1).numpy()

            return lambda: timed(predict)
        steps = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM, fused=fused)
        rows, labels = torch.from_numpy(floats(X)), torch.from_numpy(y)

        def train() -> None:
            for _ in range(workload.epochs):
                order = torch.randperm(len(rows))
                total = 0.0
                for start in range(0, len(rows), workload.batch):
                    places = order[start : start + workload.batch]
                    loss = torch.nn.functional.cross_entropy(net(rows[places]), labels[places])
                    steps.zero_grad(set_to_none=True)
                    loss.backward()
                    steps.step()
                    total += loss.item() * len(places)

        return lambda: timed(train)

    return make


def sklearn(workload: Workload, X: np.ndarray, y: np.ndarray) -> Run:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore", ConvergenceWarning)
    rows = floats(X)
    net = MLPClassifier(
        workload.layers[1:-1],
        solver="sgd",
        learning_rate_init=RATE,
        momentum=MOMENTUM,
        nesterovs_momentum=False,
        alpha=0.0,
        batch_size=workload.batch,
        max_iter=workload.epochs,
        n_iter_no_change=10**9,
        random_state=0,
    )
    if workload.kind == "predict":
        net.set_params(max_iter=1).fit(rows[:1000], y[:1000])
        row = rows[:1]
        return lambda: timed(lambda: [net.predict_proba(row) for _ in range(workload.epochs)])
    return lambda: timed(lambda: net.fit(rows, y))


def jax_scan(workload: Workload, X: np.ndarray, y: np.ndarray) -> Run:
    """A whole epoch in one `lax.scan`; compiled in the warm-up, so that is not counted."""
    import jax.numpy as jnp  # type: ignore[import-not-found,unused-ignore]  # optional

    from . import jax_networks as networks

    draw = np.random.default_rng(0)
    rows, labels = jnp.asarray(floats(X)), jnp.asarray(y.astype(np.int32))
    epoch = networks.make_epoch("sgd")
    state = networks.first_state(networks.start(workload.layers, 0), "sgd")
    rates = np.full(-(-len(X) // workload.batch), RATE, np.float32)

    def train() -> None:
        nonlocal state
        for _ in range(workload.epochs):
            order = networks.places(len(X), workload.batch, draw)
            state, loss = epoch(state, rows, labels, order, rates)
            float(loss)

    return lambda: timed(train)


def products(workload: Workload, X: np.ndarray, y: np.ndarray) -> Run:
    """The limit: the products alone, in as many threads as glassnet takes for this workload."""
    run = products_in_all_threads(workload, X, y)
    largest = workload.batch * max(a * b for a, b in pairwise(workload.layers))
    training = workload.kind == "train"

    def timed_in_threads() -> float:
        with blas.threads_for(largest) if training else contextlib.nullcontext():
            return run()

    return timed_in_threads


def products_in_all_threads(workload: Workload, X: np.ndarray, y: np.ndarray) -> Run:
    """The 3L-1 matrix products of a step alone, in a loop over the same steps."""
    random = np.random.default_rng(0)
    sizes = workload.layers
    pairs = list(pairwise(sizes))
    weights = [random.standard_normal(pair).astype(np.float32) * 0.05 for pair in pairs]
    gradients = [np.empty_like(w) for w in weights]
    inputs = [random.standard_normal((workload.batch, n)).astype(np.float32) for n in sizes]
    outputs = [np.empty_like(a) for a in inputs]

    def step() -> None:
        for i, w in enumerate(weights):
            np.dot(inputs[i], w, out=outputs[i + 1])
        for i in range(len(weights) - 1, -1, -1):
            np.dot(inputs[i].T, inputs[i + 1], out=gradients[i])
            if i:
                np.dot(inputs[i + 1], weights[i].T, out=outputs[i])

    def forward() -> None:
        for i, w in enumerate(weights):
            np.dot(inputs[i], w, out=outputs[i + 1])

    work = step if workload.kind == "train" else forward
    steps = workload.epochs
    if workload.kind == "train":
        steps *= -(-len(X) // workload.batch)
    return lambda: timed(lambda: [work() for _ in range(steps)])


CONTENDERS: dict[str, Callable[[Workload, np.ndarray, np.ndarray], Run]] = {
    "glassnet": glassnet_floats,
    "glassnet from bytes": glassnet_bytes,
    "products": products,
    "products in all threads": products_in_all_threads,
    "scikit-learn": sklearn,
    "PyTorch 1 thread": torch_with(1, False),
    "PyTorch 1 thread fused": torch_with(1, True),
    "PyTorch 2 threads": torch_with(2, False),
    "PyTorch 2 threads fused": torch_with(2, True),
    "JAX jit-scan": jax_scan,
}
