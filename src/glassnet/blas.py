"""What multiplies the matrices: the BLAS that NumPy loaded, its kernels and its threads.

The last bits of a result depend on them, so they are recorded with each training. OpenBLAS, which
the wheels of NumPy carry, is asked directly; of another library only the name is known. How many
threads a training gets is decided here (`threads_for`).
"""

import functools
import os
import platform
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from .core.checks import whole

MOST_THREADS = 2**16  # far more than any OpenBLAS is built for, which takes as many as it can
SET_BY_USER = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Environment variables: who has set one has decided about threads."""

WORTH_THREADS = 6_000_000
"""Multiplications of the largest product of a step from which a second thread pays: docs/speed.md.
Below, the second core reads ahead, and another program that wants it delays nobody."""

SMALL_PRODUCT = 1_000_000
"""The most multiplications of a product for which OpenBLAS's AVX-512 kernels copy nothing."""

LONG = 1 << 14
"""The fewest parameters of a network for which calling the BLAS for a step costs no more than it
gains."""

SMALL_KERNELS = ("SkylakeX", "Cooperlake", "SapphireRapids")

PREFIXES = ("scipy_openblas_{}64_", "scipy_openblas_{}", "openblas_{}64_", "openblas_{}")


@functools.cache
def _library() -> tuple[Any, str] | None:
    """The OpenBLAS beside NumPy and the pattern of its names, or None."""
    import ctypes  # late: only who asks pays for it

    folder = Path(np.__file__).parent
    for place in (folder.parent / "numpy.libs", folder / ".dylibs"):
        for file in sorted(place.glob("*openblas*")) if place.is_dir() else ():
            try:
                library = ctypes.CDLL(str(file))
            except OSError:
                continue
            for pattern in PREFIXES:
                if hasattr(library, pattern.format("get_num_threads")):
                    return library, pattern
    return None


def _ask(name: str, text: bool) -> Any:
    import ctypes

    found = _library()
    function = getattr(found[0], found[1].format(name), None) if found else None
    if function is None:
        return None
    function.restype = ctypes.c_char_p if text else ctypes.c_int
    answer = function()
    return answer.decode("ascii", "replace") if text else int(answer)


def set_threads(count: int) -> bool:
    """Let OpenBLAS compute in `count` threads (1 or more) from now on, in the whole process.

    False, and nothing is changed, where NumPy's BLAS is not OpenBLAS. Who measures puts back
    `describe()["threads"]`. Raises TypeError or ValueError for what is no such number.
    """
    import ctypes

    whole("count", count)
    found = _library()
    function = getattr(found[0], found[1].format("set_num_threads"), None) if found else None
    if function is None:
        return False
    function.argtypes, function.restype = [ctypes.c_int], None
    function(min(int(count), MOST_THREADS))
    return True


class _OneThread:
    """How many trainings run in one thread at present, and the threads before the first of them."""

    lock, trainings, before = threading.Lock(), 0, 1


@contextmanager
def threads_for(multiplications: int) -> Iterator[int]:
    """While a training whose largest product has so many multiplications runs: its threads.

    They are those of the whole process, so they are put back when the last such training ends.
    Where the user has decided, or the BLAS cannot be asked, they stay as they are (0: not known).
    """
    present = describe()["threads"] or 0
    decided = any(os.environ.get(name) for name in SET_BY_USER)
    if decided or multiplications >= WORTH_THREADS or not present:
        yield present
        return
    with _OneThread.lock:
        if not _OneThread.trainings:  # asked again: another training may have ended meanwhile
            _OneThread.before = describe()["threads"]
        _OneThread.trainings += 1
        set_threads(1)
    try:
        yield 1
    finally:
        with _OneThread.lock:
            _OneThread.trainings -= 1
            if not _OneThread.trainings:
                set_threads(_OneThread.before)


def combiner(vectors: np.ndarray[Any, Any]) -> Callable[..., None] | None:
    """What combines vectors like these (..., numbers) in one pass: see Block.combine in core.

    The BLAS does at once, and in its threads, what takes NumPy three passes; it may round once
    less. None where vectors are short, or where NumPy's BLAS is not OpenBLAS.
    """
    import ctypes

    found, kind = _library(), {"f": "s", "d": "d"}.get(vectors.dtype.char)
    if found is None or kind is None or vectors.shape[-1] < LONG:
        return None
    names = found[1].replace("openblas", "cblas")
    number = ctypes.c_float if kind == "s" else ctypes.c_double
    whole = ctypes.c_int64 if "64" in names else ctypes.c_int
    vector = [ctypes.c_void_p, whole]
    both = getattr(found[0], names.format(kind + "axpby"), None)
    add = getattr(found[0], names.format(kind + "axpy"), None)
    if both is None or add is None:
        return None
    both.argtypes, both.restype = [whole, number, *vector, number, *vector], None
    add.argtypes, add.restype = [whole, number, *vector, *vector], None
    # Of the ways to an array's address the quickest: 0.5 us instead of 1.5.
    return functools.partial(_combine, both, add, (ctypes.c_char * 1).from_buffer)


def _combine(
    both: Any, add: Any, place: Any, values: Any, share: Any, others: Any, factor: Any
) -> None:
    if values.ndim > 1:  # member by member: some kernels round the end of a vector differently
        settings = (np.broadcast_to(np.ravel(each), len(values)) for each in (share, factor))
        for to, of, *numbers in zip(values, others, *settings, strict=True):
            _combine(both, add, place, to, numbers[0], of, numbers[1])
    elif share == 1.0:
        add(values.size, factor, place(others), 1, place(values), 1)
    else:
        both(values.size, factor, place(others), 1, share, place(values), 1)


def largest_product() -> int:
    """See Passes.workspace: what these kernels multiply fastest, or 0 where it makes no odds."""
    return SMALL_PRODUCT if _ask("get_corename", text=True) in SMALL_KERNELS else 0


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def describe() -> dict[str, Any]:
    """{"library", "version", "kernels", "threads"} of the BLAS; None where it is not known."""
    config = _ask("get_config", text=True)
    words = config.split() if config else []
    return {
        "library": words[0] if words else _built_with(),
        "version": words[1] if len(words) > 1 else None,
        "kernels": _ask("get_corename", text=True),
        "threads": _ask("get_num_threads", text=False),
    }


@functools.cache
def _built_with() -> str | None:
    config = getattr(np, "__config__", None)
    build = getattr(config, "CONFIG", {}).get("Build Dependencies", {})
    return str(build.get("blas", {}).get("name", "")) or None


def environment() -> dict[str, Any]:
    """On what a training ran, as it is kept in its history and in model files."""
    return {"numpy": np.__version__, "machine": platform.machine(), "blas": describe()}
