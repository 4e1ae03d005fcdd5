"""A busy machine: `python -m benchmarks.busy`. An epoch while another process occupies one core.

Workers train in processes of their own; each is timed quiet and busy in turn, and the ratio is the
median over the pairs. The second worker has OPENBLAS_NUM_THREADS=2 set, which is a decision of
the user that the library leaves alone: only for comparison.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .tools import Worker, machine, verdict
from .workloads import WORKLOADS

WORKLOAD = WORKLOADS["small-32"]
BAR = 1.5
CASES: dict[str, dict[str, str]] = {
    "as it comes": {},
    "with OPENBLAS_NUM_THREADS=2": {"OPENBLAS_NUM_THREADS": "2"},
}


@contextmanager
def occupied() -> Iterator[None]:
    """A process that counts, nothing else, and has begun."""
    code = "print(flush=True)\nwhile True:\n    pass"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield
        finally:
            process.kill()


def measure(variables: dict[str, str], repeats: int) -> tuple[list[float], list[float]]:
    """Seconds an epoch, quiet and busy, pair by pair."""
    quiet, busy = list[float](), list[float]()
    worker = Worker("benchmarks.worker", WORKLOAD.name, "glassnet", **variables)
    try:
        for _ in range(repeats):
            quiet.append(worker.run())
            with occupied():
                busy.append(worker.run())
    finally:
        worker.close()
    return quiet, busy


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.busy", description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    repeats = parser.parse_args().repeats
    print(machine())
    print(f"{list(WORKLOAD.layers)}, batch {WORKLOAD.batch}: milliseconds an epoch (medians)")
    ratios = {}
    for name, variables in CASES.items():
        quiet, busy = measure(variables, repeats)
        pairs = [b / q for q, b in zip(quiet, busy, strict=True)]
        ratios[name] = statistics.median(pairs)
        middle = [1e3 * statistics.median(times) for times in (quiet, busy)]
        print(f"  {name}: quiet {middle[0]:.0f}, busy {middle[1]:.0f}; ", end="")
        print(f"{ratios[name]:.2f} x ({min(pairs):.2f} to {max(pairs):.2f})", flush=True)
    print(f"as it comes, {verdict(ratios['as it comes'], BAR, most=True)}")
    return 0 if ratios["as it comes"] <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
