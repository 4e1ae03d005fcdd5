"""The slopes of all scores in all parameters: `python -m benchmarks.jacobians [--jax-python PATH]`.

[10, 30, 30, 1] with tanh, 10,000 rows, float64 and float32: ours, torch.func.vmap(jacrev), and
JAX's jacrev under vmap and jit, in processes of their own, in turns; medians.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from .tools import Worker, add_jax_option, jax_python, machine, seconds, verdict

LAYERS, ROWS = [10, 30, 30, 1], 10_000


def parameters(dtype: str) -> tuple[list[Any], np.ndarray]:
    """Weights and biases of each layer, and the rows."""
    draw = np.random.default_rng(0)
    found = [
        (draw.normal(0, a**-0.5, (a, b)).astype(dtype), np.zeros(b, dtype))
        for a, b in pairwise(LAYERS)
    ]
    return found, draw.standard_normal((ROWS, LAYERS[0])).astype(dtype)


def glassnet(dtype: str) -> Callable[[], Any]:
    from glassnet import Network
    from glassnet.second_order.jacobian import score_jacobian

    net = Network(LAYERS, activation="tanh", loss="squared_error", dtype=dtype, seed=0)
    _, X = parameters(dtype)
    return lambda: score_jacobian(net, X)


def torch(dtype: str) -> Callable[[], Any]:
    import torch as t

    layers, X = parameters(dtype)
    given = [tuple(map(t.from_numpy, pair)) for pair in layers]
    rows = t.from_numpy(X)

    def score(made: Any, row: Any) -> Any:
        for weights, biases in made[:-1]:
            row = t.tanh(row @ weights + biases)
        return row @ made[-1][0] + made[-1][1]

    slopes = t.func.vmap(t.func.jacrev(score), (None, 0))
    return lambda: slopes(given, rows)


def jax(dtype: str) -> Callable[[], Any]:
    import jax as j

    j.config.update("jax_enable_x64", True)
    layers, X = parameters(dtype)

    def score(made: Any, row: Any) -> Any:
        for weights, biases in made[:-1]:
            row = j.numpy.tanh(row @ weights + biases)
        return row @ made[-1][0] + made[-1][1]

    slopes, rows = j.jit(j.vmap(j.jacrev(score), (None, 0))), j.numpy.asarray(X)
    return lambda: j.block_until_ready(slopes(layers, rows))


CONTENDERS = {"glassnet": glassnet, "PyTorch": torch, "JAX": jax}


def serve(name: str, dtype: str) -> None:
    run = CONTENDERS[name](dtype)
    run(), run()  # warm-up, and compilation
    print("ready", flush=True)
    for _ in sys.stdin:
        print(seconds(run), flush=True)


def main() -> int:
    if sys.argv[1:2] == ["serve"]:
        serve(*sys.argv[2:4])
        return 0
    parser = argparse.ArgumentParser(prog="python -m benchmarks.jacobians", description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    add_jax_option(parser)
    asked = parser.parse_args()
    with_jax, holds = jax_python(asked.jax_python), True
    print(
        machine(), "\n\n| dtype | contender | ms | ours is faster |\n|---|---|---|---|", flush=True
    )
    for dtype in ("float64", "float32"):
        workers = {}
        for name in CONTENDERS:
            python = with_jax if name == "JAX" else sys.executable
            if python is not None:
                workers[name] = Worker("benchmarks.jacobians", "serve", name, dtype, python=python)
        times: dict[str, list[float]] = {name: [] for name in workers}
        for _ in range(asked.repeats):
            for name, worker in workers.items():
                times[name].append(worker.run())
        for worker in workers.values():
            worker.close()
        for name, each in times.items():
            ratio = statistics.median(a / b for a, b in zip(each, times["glassnet"], strict=True))
            holds &= name == "glassnet" or ratio >= 1.0
            said = "" if name == "glassnet" else f"{ratio:.2f} x; {verdict(ratio, 1.0)}"
            print(
                f"| {dtype} | {name} | {statistics.median(each) * 1e3:.1f} | {said} |", flush=True
            )
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
