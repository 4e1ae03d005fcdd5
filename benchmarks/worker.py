"""One contender in a process of its own: says "ready", then runs once for each line it is sent."""

from __future__ import annotations

import sys

from .contenders import CONTENDERS
from .workloads import WORKLOADS, data


def main(workload_name: str, contender: str) -> None:
    workload = WORKLOADS[workload_name]
    run = CONTENDERS[contender](workload, *data(workload))
    run()  # warm-up
    print("ready", flush=True)
    for _ in sys.stdin:
        print(run() / workload.epochs, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
