"""Which kernels OpenBLAS shall multiply with: the AVX-512 ones, chosen before NumPy is loaded.

On AMD processors that it does not know OpenBLAS falls back to AVX2, though they have AVX-512. Of
Intel's it finds better ones by itself. Another processor that wants help is a condition more in
`choose_kernels`; what the system tells of a processor is in `processor_facts`.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sys

VARIABLE, FAST = "OPENBLAS_CORETYPE", "SkylakeX"
AVX512 = {"avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"}  # what these kernels need


def processor_facts(path: str = "/proc/cpuinfo") -> dict[str, str]:
    """What Linux says of the first processor; nothing elsewhere."""
    facts: dict[str, str] = {}
    with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as stream:
        for line in stream:
            if not line.strip():
                break  # the next of perhaps hundreds
            key, _, value = line.partition(":")
            facts[key.strip()] = value.strip()
    return facts


def has_avx512(facts: dict[str, str]) -> bool:
    """Whether a processor of which this is known has all that the AVX-512 kernels need."""
    return set(facts.get("flags", "").split()) >= AVX512


def choose_kernels() -> None:
    """Ask for the fast kernels on AMD's x86-64 processors with AVX-512.

    What the user has set stays, be it empty, which leaves the choice to OpenBLAS. Without effect
    once NumPy is loaded, as its BLAS has read the environment by then; so nothing is set.
    """
    if "numpy" in sys.modules or VARIABLE in os.environ or platform.machine() != "x86_64":
        return
    facts = processor_facts()
    if facts.get("vendor_id") == "AuthenticAMD" and has_avx512(facts):
        os.environ[VARIABLE] = FAST
