"""What the benchmarks share: a clock, verdicts, the machine in words, and workers.

A worker is a process of its own that says "ready" and then answers each line with a line. It may
run under another Python, for what is not installed beside glassnet (JAX).
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
JAX_PYTHON = "JAX_PYTHON"
"""The environment variable that names a Python with JAX, as the option --jax-python does."""


def seconds(work: Callable[[], Any]) -> float:
    """What one call of `work` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def verdict(value: float, bar: float, most: bool = False) -> str:
    """The bar and whether it holds; with `most` the value is to be at most that."""
    holds = value <= bar if most else value >= bar
    word = "holds" if holds else "DOES NOT HOLD"
    return f"bar: at {'most' if most else 'least'} {bar:.3g}, {word}"


def machine() -> str:
    """Processor, cores, versions, and the BLAS with its kernels and threads."""
    from glassnet.blas import cores, environment
    from glassnet.cli.doctor import processor

    found = environment()
    blas = {name: "unknown" if value is None else value for name, value in found["blas"].items()}
    return (
        f"{processor()} with {cores()} cores, Python {platform.python_version()}, "
        f"NumPy {found['numpy']}, {blas['library']} {blas['version']} with {blas['kernels']} "
        f"kernels and {blas['threads']} threads"
    )


def add_jax_option(parser: ArgumentParser) -> None:
    """--jax-python, or the environment variable."""
    text = f"a Python that can import jax, NumPy too (or set {JAX_PYTHON}); else this one is tried"
    parser.add_argument("--jax-python", metavar="PATH", help=text)


def jax_python(chosen: str | None) -> str | None:
    """The Python to run JAX with, or None where there is none."""
    python = chosen or os.environ.get(JAX_PYTHON) or sys.executable
    code = "import importlib.util as u, sys; sys.exit(u.find_spec('jax') is None)"
    found = subprocess.run([python, "-c", code], check=False).returncode == 0
    if chosen and not found:
        raise SystemExit(f"--jax-python: {chosen} cannot import jax")
    return python if found else None


def run_module(*words: str, python: str = sys.executable, **variables: str) -> str:
    """What `python -m words...` prints; a RuntimeError where it fails, its message is above."""
    made = subprocess.run(
        _command(python, words),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        cwd=ROOT,
        env=_environment(python, variables),
    )
    if made.returncode:
        raise RuntimeError(f"{' '.join(words)} failed; its message is above")
    return made.stdout


class Worker:
    """`python -m words...` as a process that answers lines; ready when this returns."""

    def __init__(self, *words: str, python: str = sys.executable, **variables: str) -> None:
        pipe = subprocess.PIPE
        self.name = " ".join(words)
        self.process = subprocess.Popen(
            _command(python, words),
            stdin=pipe,
            stdout=pipe,
            text=True,
            cwd=ROOT,
            env=_environment(python, variables),
        )
        self.line()

    def line(self) -> str:
        assert self.process.stdout is not None
        text = self.process.stdout.readline().strip()
        if not text:
            raise RuntimeError(f"{self.name} ended; its message is above")
        return text

    def run(self) -> float:
        """The seconds of one more run."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        found = float(self.line())
        time.sleep(
            0.3
        )  # its threads spin for a moment before they sleep, which the next would feel
        return found

    def close(self) -> None:
        self.process.communicate()


def _command(python: str, words: tuple[str, ...]) -> list[str]:
    return [python, "-m", *words]


def _environment(python: str, variables: dict[str, str]) -> dict[str, str]:
    """Another Python finds glassnet in this checkout."""
    found = {**os.environ, **variables}
    if python != sys.executable:
        found["PYTHONPATH"] = str(ROOT / "src")
    return found
