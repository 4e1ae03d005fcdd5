"""JAX's vmap trains the networks of a Case: prints the seconds with its compilation, and without.

`python -m benchmarks.jax_fleet CASE`, in a process of its own, so that nothing is compiled before.
Adam at a constant rate and a last batch filled up with other rows: both a little in JAX's favour.
"""

from __future__ import annotations

import sys
from typing import Any

import jax  # type: ignore[import-not-found,unused-ignore]  # optional
import numpy as np

from . import jax_networks as networks
from .fleets import CASES, Case
from .tools import seconds


def train(case: Case, epoch: Any, X: np.ndarray, y: np.ndarray) -> None:
    """All epochs in one scan, and the parameters in the hands of the caller."""
    draw = np.random.default_rng(0)
    state = networks.first_state(networks.start(case.layers, 0, (case.members,)), "adam")
    orders = [networks.places(len(X), case.batch, draw) for _ in range(case.epochs)]
    order = np.concatenate(orders)
    state, losses = epoch(state, X, y, order, np.full(len(order), 0.005, np.float32))
    jax.block_until_ready((state, losses))


def main(name: str) -> None:
    case = CASES[name]
    X, y = case.data()
    labels = y.astype(np.int32)
    jax.block_until_ready(jax.numpy.zeros(1) + 1)  # JAX itself has started
    epoch = networks.make_epoch("adam", members=True)
    for _ in range(2):
        print(seconds(lambda: train(case, epoch, X, labels)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
