"""What glassnet claims beside speed: accuracy, memory, a light start (`make claims`).

Each claim is a function that prints its figures and gives whether the bar holds. To add one: the
function, and a line in CLAIMS.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

MEGABYTE = 1e6

# Not from getrusage, whose peak a process inherits from the one that started it.
PEAK = """
import pathlib
lines = pathlib.Path("/proc/self/status").read_text().splitlines()
print(next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")))
"""

TRAIN = """
from glassnet import Network
from glassnet.datasets import load_mnist
mnist = load_mnist()
Network([784, 32, 16, 10], seed=0).fit(mnist.X_train, mnist.y_train, epochs=2)
"""


def run_python(code: str) -> tuple[str, float]:
    """What a fresh interpreter prints, and its seconds."""
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout, time.perf_counter() - begun


def mnist_accuracy(layers: list[int], seeds: int, bar: float, **settings: Any) -> bool:
    """Mean test accuracy over seeds, from the bytes of the images; `network` are its arguments."""
    from glassnet import Network
    from glassnet.datasets import load_mnist

    mnist = load_mnist()
    network = settings.pop("network", {})
    found = []
    for seed in range(seeds):
        net = Network(layers, seed=seed, **network)
        net.fit(mnist.X_train, mnist.y_train, **settings)
        found.append(net.test_accuracy(mnist.X_test, mnist.y_test))
    mean, spread = statistics.mean(found), statistics.stdev(found) if seeds > 1 else 0.0
    what = f"{layers} {network or ''} {settings}"
    print(
        f"  {what}: {mean:.4f} +- {spread:.4f} over {seeds} seeds (bar {bar}), lowest {min(found)}"
    )
    return mean >= bar


def original_20() -> bool:
    return mnist_accuracy([784, 32, 16, 10], 5, 0.970, epochs=20)


def original_2() -> bool:
    return mnist_accuracy([784, 32, 16, 10], 5, 0.946, epochs=2)


def wider() -> bool:
    return mnist_accuracy([784, 128, 10], 3, 0.980, epochs=5, batch_size=64)


def wide() -> bool:
    settings: dict[str, Any] = {"learning_rate": 0.002, "batch_size": 128}
    dropout = {"dropout": 0.3}
    return mnist_accuracy([784, 512, 512, 10], 3, 0.986, epochs=20, network=dropout, **settings)


def xor() -> bool:
    """`glassnet xor --runs 100`: every seed must reach 100 % on held-out rows."""
    command = [sys.executable, "-m", "glassnet", "xor", "--runs", "100", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    import json

    found = json.loads(done.stdout)
    solved, runs = found["reached_100_percent"], found["runs"]
    print(f"  {solved} of {runs} seeds reach 100 % on held-out rows")
    return bool(solved == runs == 100)


def memory() -> bool:
    """Peak resident memory of training from bytes, less NumPy's, over the size of the array."""
    if not sys.platform.startswith("linux"):
        print("  not measured: needs /proc of Linux")
        return True
    numpy = float(run_python("import numpy" + PEAK)[0])
    trained = float(run_python(TRAIN + PEAK)[0])
    array = 60000 * 784
    ratio = (trained - numpy) / array
    print(
        f"  NumPy alone {numpy / MEGABYTE:.1f} MB, training {trained / MEGABYTE:.1f} MB, the array "
        f"{array / MEGABYTE:.1f} MB: {ratio:.2f} x the array over NumPy (bar 1.6)"
    )
    return ratio <= 1.6


def start() -> bool:
    """Milliseconds that a first network costs over `import numpy`; fresh interpreters in turn."""
    network = "from glassnet import Network; Network([2, 2, 1])"
    costs = []
    for _ in range(15):
        _, bare = run_python("import numpy")
        _, ours = run_python("import numpy; " + network)
        costs.append((ours - bare) * 1e3)
    middle = statistics.median(costs)
    print(f"  {middle:.1f} ms over `import numpy` (median of {len(costs)}; bar 40 ms)")
    return middle <= 40.0


CLAIMS: dict[str, Callable[[], bool]] = {
    "xor": xor,
    "mnist-20-epochs": original_20,
    "mnist-2-epochs": original_2,
    "mnist-wider": wider,
    "mnist-wide": wide,
    "memory": memory,
    "start": start,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.claims", description=__doc__)
    parser.add_argument("claims", nargs="*", metavar="claim", help=", ".join(CLAIMS))
    chosen = parser.parse_args().claims or list(CLAIMS)
    unknown = [name for name in chosen if name not in CLAIMS]
    if unknown:
        parser.error(f"unknown claim {unknown[0]!r}; there are {', '.join(CLAIMS)}")
    print(f"NumPy {np.__version__}, {os.cpu_count()} processors")
    failed = []
    for name in chosen:
        print(name)
        if not CLAIMS[name]():
            failed.append(name)
    print("all hold" if not failed else f"DO NOT HOLD: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
