"""`python -m benchmarks [workload ...] [--repeats 7] [--json FILE] [--jax-python PATH]`.

A table for each workload. The ratio of each contender to glassnet is the median of the ratios of
neighbouring runs. What each must show is in BARS.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import sys
from pathlib import Path

from .contenders import CONTENDERS
from .tools import Worker, add_jax_option, jax_python, machine, verdict
from .workloads import WORKLOADS, Workload

PACKAGES = {"scikit-learn": "sklearn", "PyTorch": "torch"}
BARS = {  # the least time of each contender, its fastest variant, over ours
    "small-200": {"PyTorch": 2.6, "scikit-learn": 1.7, "JAX": 1.0},
    "small-32": {"PyTorch": 2.6, "scikit-learn": 2.0, "JAX": 1.0},
    "middle-128": {"PyTorch": 1.3, "JAX": 1.0},
    "wide-128": {"PyTorch": 1.1, "scikit-learn": 1.0, "JAX": 1.0},
    "tiny-200": {"PyTorch": 1 / 0.30},
    "one-row": {"PyTorch": 1 / 0.65, "scikit-learn": 1 / 0.18},
}
PRODUCT_BARS = {  # the most time of ours over the matrix products alone
    "small-200": {"glassnet": 2.1, "glassnet from bytes": 1.8},
    "middle-128": {"glassnet": 1.55},
    "wide-128": {"glassnet": 1.3},
}


def python_for(name: str, workload: Workload, jax: str | None) -> str | None:
    """The Python that a contender runs with, or None where it is not there or has no part."""
    if name == "glassnet from bytes" and workload.data != "mnist":
        return None
    if name.startswith("JAX"):
        return jax if workload.data == "mnist" and workload.kind == "train" else None
    package = next((p for word, p in PACKAGES.items() if name.startswith(word)), None)
    there = package is None or importlib.util.find_spec(package) is not None
    return sys.executable if there else None


def measure(workload: Workload, repeats: int, jax: str | None) -> dict[str, list[float]]:
    """Seconds by contender, one for each repeat; all contenders take turns."""
    workers: dict[str, Worker] = {}
    times: dict[str, list[float]] = {}
    try:
        for name in CONTENDERS:  # one after the other, so that warm-ups do not collide
            if python := python_for(name, workload, jax):
                words = ("benchmarks.worker", workload.name, name)
                workers[name], times[name] = Worker(*words, python=python), []
        for _ in range(repeats):
            for name, worker in workers.items():
                times[name].append(worker.run())
    finally:
        for worker in workers.values():
            worker.close()
    return times


def ratio(times: dict[str, list[float]], name: str, over: str = "glassnet") -> float:
    pairs = zip(times[name], times[over], strict=True)
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
    show_verdicts(workload, times)


def show_verdicts(workload: Workload, times: dict[str, list[float]]) -> None:
    for ours, bar in PRODUCT_BARS.get(workload.name, {}).items():
        found = ratio(times, ours, over="products")
        print(f"  {ours} takes {found:.2f} x the products: {verdict(found, bar, most=True)}")
    for rival, bar in BARS.get(workload.name, {}).items():
        found = min((ratio(times, name) for name in times if name.startswith(rival)), default=0.0)
        if found:
            print(f"  the fastest {rival} takes {found:.2f} x ours: {verdict(found, bar)}")
        else:
            print(f"  {rival} is not here; bar: at least {bar:.2f} x ours")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="workload", help=", ".join(WORKLOADS))
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", type=Path, help="also write all seconds to this file")
    add_jax_option(parser)
    arguments = parser.parse_args()
    unknown = [name for name in arguments.workloads if name not in WORKLOADS]
    if unknown:
        parser.error(f"unknown workload {unknown[0]!r}; there are {', '.join(WORKLOADS)}")
    print(machine())
    jax, found = jax_python(arguments.jax_python), {}
    for name in arguments.workloads or WORKLOADS:
        found[name] = measure(WORKLOADS[name], arguments.repeats, jax)
        show(WORKLOADS[name], found[name])
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
