"""`glassnet doctor`: what this machine brings, how fast it is, and what to set to be faster.

To have it look at one more thing, add it to `examine`; to give one more piece of advice, add it
to `advise`, which sees everything that was found.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from importlib import metadata
from typing import Any

from .command import Command, Report
from .console import short
from .kernels import has_avx512, processor_facts
from .options import add_output_form

VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_CORETYPE",
    "GLASSNET_DATA",
)
EXTRAS = {"matplotlib": "plots"}
OLD_KERNELS = ("haswell", "zen", "sandybridge", "nehalem", "prescott", "core2", "penryn")
SECONDS = 0.5


def add_options(parser: ArgumentParser) -> None:
    """Only the common ones."""
    add_output_form(parser, seed="seed of the speed check's numbers")


def run(options: Namespace) -> Report:
    """Look at everything, measure for a second, advise."""
    found = examine()
    found["speed"] = measure(options.seed)
    found["advice"] = advise(found)
    return Report(found, describe(found))


def examine() -> dict[str, Any]:
    """Versions, processor, BLAS and the environment variables that matter."""
    import numpy as np

    import glassnet
    from glassnet import blas

    return {
        "glassnet": glassnet.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "numpy": np.__version__,
        "extras": {name: installed(name) for name in EXTRAS},
        "blas": blas.describe(),
        "processor": processor(),
        "cores": blas.cores(),
        "avx512": has_avx512(processor_facts()),
        "environment": {name: os.environ.get(name) for name in VARIABLES},
    }


def installed(name: str) -> str | None:
    """The version of a package, or None where it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def processor() -> str:
    """The name of the processor, as far as the system tells."""
    named = processor_facts().get("model name")
    return named or platform.processor() or platform.machine() or "unknown"


def measure(seed: int) -> dict[str, float]:
    """The speed of large products, and of training a small network. Half a second each."""
    import numpy as np

    left, right = np.random.default_rng(seed).random((2, 512, 512), dtype=np.float32)
    products = rate(lambda: np.matmul(left, right))
    return {
        "matmul_gflops": products * 2 * 512**3 / 1e9,
        "steps_per_second": training_steps(seed),
    }


def rate(work: Callable[[], object]) -> float:
    """How often a second `work` can be done; the first time, which warms up, is not counted."""
    work()
    done, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < SECONDS:
        work()
        done += 1
    return done / spent


def training_steps(seed: int) -> float:
    """Steps a second of a [784, 32, 16, 10] network, batches of 200 rows of made-up numbers."""
    import numpy as np

    from glassnet import Network

    draw = np.random.default_rng(seed)
    rows, labels = draw.random((2000, 784), dtype=np.float32), draw.integers(0, 10, 2000)
    network = Network([784, 32, 16, 10], seed=seed, loss="softmax_cross_entropy")
    return 10 * rate(lambda: network.fit(rows, labels, epochs=1, batch_size=200))


def advise(found: dict[str, Any]) -> list[str]:
    """What to set or install, most useful first; empty where nothing is to be gained."""
    blas, advice = found["blas"], []
    kernels = str(blas.get("kernels") or "").lower()
    if found["avx512"] and kernels.startswith(OLD_KERNELS):
        advice.append(
            f"the BLAS uses its {blas['kernels']} kernels, though this processor has AVX-512: set "
            "OPENBLAS_CORETYPE=SkylakeX, in a Python program before NumPy is loaded (the glassnet "
            "command does so by itself on AMD processors); products can become 1.7 x as fast"
        )
    threads = blas.get("threads")
    if threads is not None and threads > found["cores"]:
        advice.append(
            f"the BLAS starts {threads} threads on {found['cores']} cores: set "
            f"OPENBLAS_NUM_THREADS={found['cores']} (or 1: small networks gain nothing from more)"
        )
    if not blas.get("library"):
        advice.append("the BLAS under NumPy is not known: NumPy's own wheels bring OpenBLAS")
    for name, extra in EXTRAS.items():
        if found["extras"][name] is None:
            advice.append(f'no {name}, so no pictures: pip install "glassnet[{extra}]"')
    return advice


def describe(found: dict[str, Any]) -> str:
    """The findings as text."""
    blas, speed = found["blas"], found["speed"]
    extras = [f"{name} {number or '(not installed)'}" for name, number in found["extras"].items()]
    rows = [
        ("glassnet", found["glassnet"]),
        ("Python", f"{found['python']} ({sys.executable})"),
        ("NumPy", found["numpy"]),
        ("extras", ", ".join(extras)),
        ("system", found["platform"]),
        ("processor", f"{found['processor']}, {found['cores']} cores for this process"),
        ("BLAS", f"{blas.get('library') or 'not known'} {blas.get('version') or ''}".strip()),
        ("BLAS kernels", blas.get("kernels") or "not known"),
        ("BLAS threads", blas.get("threads") or "not known"),
        ("matrix product", f"{short(speed['matmul_gflops'])} GFLOP/s (float32, 512 x 512)"),
        ("training", f"{speed['steps_per_second']:,.0f} steps/s ([784, 32, 16, 10], batch 200)"),
    ]
    for name, value in found["environment"].items():
        rows.append((name, "not set" if value is None else value))
    width = max(len(name) for name, _ in rows)
    lines = [f"{name.ljust(width)}  {value}" for name, value in rows]
    if found["advice"]:
        lines += ["", "to do:", *(f"- {entry}" for entry in found["advice"])]
    else:
        lines += ["", "nothing to do: this machine is set up well"]
    return "\n".join(lines)


COMMAND = Command(
    name="doctor",
    summary="check versions, BLAS and speed, and say what to set to be faster",
    description=(
        "Versions, the BLAS under NumPy with its kernels and threads, the processor, a speed\n"
        "check of a second, the environment variables that matter, and what to do to be faster."
    ),
    examples="  glassnet doctor\n  glassnet doctor --json > machine.json",
    add_options=add_options,
    run=run,
)
