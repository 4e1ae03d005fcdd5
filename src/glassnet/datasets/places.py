"""Where data sets are kept on a machine.

In this order: the folder that GLASSNET_DATA names (first its sub-folder for the data set), the
`data` folder of a checkout of glassnet, the user's cache. To look in one more place, add it to
`places`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def places(name: str) -> list[Path]:
    """The folders to look in for the data set `name`, first to last; they need not exist."""
    asked = asked_for()
    found = [in_checkout(name), in_cache(name)]
    if asked is not None:
        found = [asked / name, asked, *found]
    return [folder for folder in found if folder is not None]


def download_folder(name: str) -> Path | None:
    """Where to keep what is downloaded: under GLASSNET_DATA, else in the user's cache, if any."""
    asked = asked_for()
    return in_cache(name) if asked is None else asked / name


def asked_for() -> Path | None:
    """The folder that the environment variable GLASSNET_DATA names."""
    folder = os.environ.get("GLASSNET_DATA")
    return Path(os.path.expanduser(folder)) if folder else None


def in_checkout(name: str) -> Path | None:
    """The folder data/`name` of the repository, when glassnet runs from its src folder."""
    source = Path(__file__).resolve().parents[2]
    return source.parent / "data" / name if source.name == "src" else None


def in_cache(name: str) -> Path | None:
    """The folder `name` in glassnet's folder of the user's cache, where the system keeps caches.

    None where there is none: a process without a home folder, as some servers run them.
    """
    root = _cache_root()
    return None if root is None else root / "glassnet" / name


def _cache_root() -> Path | None:
    if sys.platform == "win32":
        return _from_environment("LOCALAPPDATA") or _from_home("AppData", "Local")
    if sys.platform == "darwin":
        return _from_home("Library", "Caches")
    return _from_environment("XDG_CACHE_HOME") or _from_home(".cache")


def _from_environment(variable: str) -> Path | None:
    """The folder that the variable names; the XDG rules say to ignore one that is not absolute."""
    folder = Path(os.environ.get(variable, ""))
    return folder if folder.is_absolute() else None


def _from_home(*parts: str) -> Path | None:
    try:
        return Path.home().joinpath(*parts)
    except RuntimeError:
        return None
