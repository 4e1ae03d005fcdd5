"""`python -m benchmarks [workload ...] [--repeats 7] [--json FILE]`: a table for each workload.

The ratio of each contender to glassnet is the median of the ratios of neighbouring runs.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

from .contenders import CONTENDERS
from .workloads import WORKLOADS, Workload

PACKAGES = {"scikit-learn": "sklearn", "PyTorch": "torch"}
BARS = {  # what the issue asks for: contender, and the least (or most) of its time over ours
    "small-200": {"PyTorch": 2.0, "scikit-learn": 1.4, "products": 2.6},
    "small-32": {"PyTorch": 2.0, "scikit-learn": 1.4},
    "wide-128": {"PyTorch": 1.0, "scikit-learn": 1.0, "products": 1.45},
    "tiny-200": {"PyTorch": 1 / 0.40},
    "one-row": {"PyTorch": 1 / 0.75},
}


class Contender:
    """A worker process, and the seconds that it reported."""

    def __init__(self, workload: str, name: str) -> None:
        command = [sys.executable, "-m", "benchmarks.worker", workload, name]
        pipe = subprocess.PIPE
        self.name, self.seconds = name, list[float]()
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)

    def line(self) -> str:
        assert self.process.stdout is not None
        text = self.process.stdout.readline().strip()
        if not text:
            raise RuntimeError(f"{self.name} ended; its message is above")
        return text

    def run(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        self.seconds.append(float(self.line()))
        time.sleep(0.05)  # its threads spin for a moment before they sleep

    def close(self) -> None:
        self.process.communicate()


def there(name: str) -> bool:
    package = next((p for word, p in PACKAGES.items() if name.startswith(word)), None)
    return package is None or importlib.util.find_spec(package) is not None


def measure(workload: Workload, repeats: int) -> dict[str, list[float]]:
    """Seconds by contender, one for each repeat; all contenders take turns."""
    contenders = []
    for name in CONTENDERS:
        skip = name == "glassnet from bytes" and workload.data != "mnist"
        if there(name) and not skip:
            contenders.append(Contender(workload.name, name))
            contenders[-1].line()  # ready: one after the other, so that warm-ups do not collide
    try:
        for _ in range(repeats):
            for contender in contenders:
                contender.run()
    finally:
        for contender in contenders:
            contender.close()
    return {contender.name: contender.seconds for contender in contenders}


def ratio(times: dict[str, list[float]], name: str) -> float:
    pairs = zip(times[name], times["glassnet"], strict=True)
    return statistics.median(theirs / ours for theirs, ours in pairs)


def show(workload: Workload, times: dict[str, list[float]]) -> None:
    unit, factor = ("ms an epoch", 1e3) if workload.data == "mnist" else ("us an epoch", 1e6)
    if workload.kind == "predict":
        unit, factor = "us a row", 1e6
    print(f"\n{workload.name}: {list(workload.layers)}, batch {workload.batch} ({unit})")
    for name, seconds in times.items():
        low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
        values = f"{low * factor:9.1f} {middle * factor:9.1f} {high * factor:9.1f}"
        print(f"  {name:26} {values}   {ratio(times, name):6.2f} x glassnet's")
    print(f"  glassnet takes {1 / ratio(times, 'products'):.2f} x the matrix products alone")
    for rival, bar in BARS.get(workload.name, {}).items():
        exact = [rival] if rival in times else [n for n in times if n.startswith(rival)]
        mine = [ratio(times, name) for name in exact]
        if mine and rival == "products":
            verdict = "holds" if 1 / min(mine) <= bar else "DOES NOT HOLD"
            print(f"  at most {bar:.2f} x the products: {1 / min(mine):.2f}, {verdict}")
        elif mine:
            verdict = "holds" if min(mine) >= bar else "DOES NOT HOLD"
            print(f"  the fastest {rival} at least {bar:.2f} x ours: {min(mine):.2f}, {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="workload", help=", ".join(WORKLOADS))
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", type=Path, help="also write all seconds to this file")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.workloads if name not in WORKLOADS]
    if unknown:
        parser.error(f"unknown workload {unknown[0]!r}; there are {', '.join(WORKLOADS)}")
    from glassnet.blas import environment

    print(f"Python {platform.python_version()}, {environment()}")
    found = {}
    for name in arguments.workloads or WORKLOADS:
        found[name] = measure(WORKLOADS[name], arguments.repeats)
        show(WORKLOADS[name], found[name])
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
