"""Training from a memory-mapped file, in a process of its own: seconds an epoch, and memory.

`python -m benchmarks.rows FILE` prints {"seconds": median of the epochs after the first, "memory":
the most anonymous memory in bytes}; a thread looks for it every hundredth second, in /proc of
Linux. Labels lie in the file of the same name that ends in .labels.
"""

from __future__ import annotations

import json
import statistics
import sys
import threading
from pathlib import Path

import numpy as np

from glassnet import Network

COLUMNS = 30
STATUS = Path("/proc/self/status")


def anonymous() -> int:
    """Bytes of this process that no file backs: RssAnon of proc(5)."""
    for line in STATUS.read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) * 1024
    return 0


def watch(found: list[int], done: threading.Event) -> None:
    while not done.wait(0.01):
        found.append(anonymous())


def main(path: str) -> None:
    X = np.load(path, mmap_mode="r")
    y = np.load(Path(path).with_suffix(".labels"), mmap_mode="r")
    network = Network([COLUMNS, 32, 1], seed=0)
    memory, done = [anonymous()], threading.Event()
    watcher = threading.Thread(target=watch, args=(memory, done), daemon=True)
    watcher.start()
    epochs = max(2, 500_000 // len(X))
    history = network.fit(X, y, epochs=epochs, batch_size=100)
    done.set()
    print(json.dumps({"seconds": statistics.median(history.seconds[1:]), "memory": max(memory)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
