"""How many threads the BLAS shall start: one for small networks, chosen before NumPy is loaded.

Products of small matrices gain nothing from a second thread, and wait long for it where another
program uses its core. To ask another library for one thread, add its variable to ONE_THREAD.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence

SET_BY_USER = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
WIDE = 256  # units; the products of wider layers gain from more threads
HELP = f"Hidden layers below {WIDE} units: one BLAS thread, unless OPENBLAS_NUM_THREADS is set."


def choose_threads(hidden: Sequence[int]) -> None:
    """Ask for one thread where all these hidden layers are narrow and the user has not chosen.

    Without effect once NumPy is loaded: its BLAS has read the environment by then.
    """
    if "numpy" in sys.modules or max(hidden, default=0) >= WIDE:
        return
    if not any(os.environ.get(name) for name in SET_BY_USER):
        os.environ.update(dict.fromkeys(ONE_THREAD, "1"))


def no_layers(options: Namespace) -> tuple[int, ...]:
    """For commands that train nothing: as narrow as can be."""
    return ()
