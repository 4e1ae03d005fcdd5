"""What multiplies the matrices: the BLAS that NumPy loaded, its kernels and its threads.

The last bits of a result depend on them, so they are recorded with each training. OpenBLAS, which
the wheels of NumPy carry, is asked directly; of another library only the name is known.
"""

import functools
import platform
from pathlib import Path
from typing import Any

import numpy as np

from .core.checks import whole

MOST_THREADS = 2**16  # far more than any OpenBLAS is built for, which takes as many as it can
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
