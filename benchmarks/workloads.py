"""The workloads: networks, batches and data that stand for what users do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.datasets import load_mnist


@dataclass(frozen=True)
class Workload:
    """`kind` "train": seconds an epoch (`epochs` of them in one call of fit are timed, which share
    what a call costs once, as in a training); "predict": seconds a row."""

    name: str
    layers: tuple[int, ...]
    batch: int
    kind: str = "train"
    epochs: int = 1
    data: str = "mnist"


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("small-200", (784, 32, 16, 10), 200, epochs=10),
        Workload("small-32", (784, 32, 16, 10), 32, epochs=2),
        Workload("middle-128", (784, 128, 10), 128, epochs=2),
        Workload("wide-128", (784, 512, 512, 10), 128),
        Workload("tiny-200", (2, 8, 2), 200, epochs=500, data="spirals"),
        Workload("one-row", (784, 32, 16, 10), 1, kind="predict", epochs=3000),
    )
}


def data(workload: Workload) -> tuple[np.ndarray, np.ndarray]:
    """X (rows, inputs): bytes for images, else float32; y (rows,) labels."""
    if workload.data == "mnist":
        mnist = load_mnist()
        return mnist.X_train, mnist.y_train
    random = np.random.default_rng(0)
    X = random.standard_normal((200, 2)).astype(np.float32)
    return X, (X[:, 0] * X[:, 1] > 0).astype(np.int64)
