"""Model files: save a network or a fleet, load it again, anywhere and years later.

Loading runs nothing that is in a file: it is data, checked before it is believed. To add a format:
a module with the members of `base.Format`, and a line in `FORMATS`. The layers of this room, from
the disk upwards: files.py (bytes), a format (texts and arrays), header.py and plan.py (networks).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from ..core.checks import show, whole
from ..core.errors import ModelFileError
from ..core.network import Network
from ..core.structure import Structure
from ..fleets.fleet import Fleet
from . import npz, pkl, safetensors
from .base import Array, Format, Packed, RefusedError
from .files import MAX_BYTES, check_target, path_text, read_file, write_file
from .header import KEY, describe, read_plain
from .pieces import check_custom, own_pieces
from .plan import Plan, arrays_of, check_inside

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "ModelFileError",
    "check_path",
    "load",
    "load_into",
    "read_header",
    "save",
]

FORMATS: Final[dict[str, Format]] = {each.SUFFIX: each for each in (safetensors, npz, pkl)}
"""The formats by the ends of file names."""

_SHA256: Final = re.compile("[0-9a-fA-F]{64}")


def save(network: Structure, path: str | os.PathLike[str]) -> None:
    """Write all that `predict` needs to a file, whole or not at all.

    Args:
        network: any network or fleet, trained or not.
        path: where to; its suffix names the format, see `FORMATS`. A file of this name is replaced
            at the last moment. The rights of the file follow the umask.

    Raises:
        OSError: the system refused (no such folder, disk full, ...); an old file is unchanged.
        ModelFileError: the suffix is unknown, or the network cannot be written as a file: a
            parameter is not finite, or a setting is of a kind that files do not have.
    """
    name = path_text(path)
    form = _format(name)
    with _told_as_model_file_error(name):
        text, arrays = describe(network, _version()), arrays_of(network)
        plan = Plan.of(text, own_pieces(_pieces(network)))
        plan.check(arrays)  # so that what is written can be read again
        check_inside(network)
        if plan.header["columns"] != network.columns:
            raise RefusedError(
                "columns", "would not come back equal: JSON has texts as keys, lists"
            )
        parts = form.encode({KEY: text}, arrays)
    write_file(name, parts)


def load(
    path: str | os.PathLike[str],
    *,
    custom: dict[str, Any] | None = None,
    allow_nonfinite: bool = False,
    max_bytes: int = MAX_BYTES,
    sha256: str | None = None,
) -> Network | Fleet:
    """A new network from a file, or a new Fleet where the file is of a fleet.

    Args:
        path: the file; its content must be of the format that its suffix names.
        custom: your own activations and losses, by name, if the network was made with any.
        allow_nonfinite: accept parameters that are nan or infinite.
        max_bytes: the largest file that is read, and how many bytes its arrays may become.
        sha256: the checksum that the file must have, as 64 hexadecimal digits.

    Raises:
        OSError: the system refused: no such file, no rights to read it, ...
        ModelFileError: the file is damaged, not a model, or of a later version.
        TypeError, ValueError: an argument is not as above.
    """
    name, own = path_text(path), check_custom(custom)
    whole("max_bytes", max_bytes)
    if sha256 is not None and not (isinstance(sha256, str) and _SHA256.fullmatch(sha256)):
        raise ValueError(f"sha256 must be a text of 64 hexadecimal digits; got {show(sha256)}.")
    with _told_as_model_file_error(name):
        text, arrays = _read(name, max_bytes, sha256)
        return Plan.of(text, own).build(arrays, allow_nonfinite)


def load_into(
    network: Structure,
    path: str | os.PathLike[str],
    *,
    custom: dict[str, Any] | None = None,
    **options: Any,
) -> None:
    """Make `network` what the file says; its layers, and the members of a fleet, must be as many
    and of the same sizes. On failure nothing changes.

    `custom` and `options` are those of `load`; own activations and losses that the network has
    already need not be named again.
    """
    own = {**own_pieces(_pieces(network)), **check_custom(custom)}
    loaded = load(path, custom=own, **options)
    if reason := _differs(loaded, network):
        raise ModelFileError(path_text(path), "header", reason)
    with _told_as_model_file_error(path_text(path)):
        network.adopt(loaded)


def read_header(path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """What a model file says of itself, as a dict: versions, layers, environment and so on.

    For looking at, not for use: keys and format are checked, values are not.

    Raises: as `load`.
    """
    name = path_text(path)
    with _told_as_model_file_error(name):
        return read_plain(_read(name, max_bytes, None)[0])


def check_path(path: str | os.PathLike[str]) -> str:
    """The path as a text, if `save` could write there as things are; nothing is touched.

    For programs that train for long before they save. Raises as `save`.
    """
    name = path_text(path)
    _format(name)
    check_target(name)
    return name


def _format(name: str) -> Format:
    suffix = os.path.splitext(name)[1].lower()
    if suffix not in FORMATS:
        what = f"the suffix {suffix!r}" if suffix else "a name without a suffix"
        reason = f"{what} names no format; use {', '.join(FORMATS)}"
        raise ModelFileError(name, "path", reason)
    return FORMATS[suffix]


def _read(
    name: str, max_bytes: int, sha256: str | None
) -> tuple[str, Mapping[str, Array | Packed]]:
    form = _format(name)
    data = read_file(name, form.check_start, start=form.START, max_bytes=max_bytes)
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256.lower():
        raise RefusedError("file", "its SHA-256 is not the one that was asked for")
    texts, arrays = form.decode(data)
    if KEY not in texts:
        raise RefusedError("header", "no network of glassnet: it has no text named 'glassnet'")
    total = sum(array.nbytes for array in arrays.values())
    if total > max_bytes:
        raise RefusedError("file", f"{total} bytes of arrays, allowed are {max_bytes} (max_bytes=)")
    return texts[KEY], arrays


def _differs(loaded: Structure, network: Structure) -> str:
    """In which way a network, or a fleet, cannot become the loaded one; nothing where it can."""
    kinds = ["fleet" if isinstance(each, Fleet) else "network" for each in (loaded, network)]
    new = f"glassnet.load(path) makes a new {kinds[0]}"
    if kinds == ["fleet", "network"]:
        return f"this is a fleet of {loaded.lead[0]} networks, not one network; {new}"
    if kinds == ["network", "fleet"]:
        return f"this is one network, not a fleet; {new}"
    if loaded.layers != network.layers:
        sizes = [list(each.layers) for each in (loaded, network)]
        return f"the file has layers {sizes[0]}, this {kinds[0]} {sizes[1]}; {new}"
    if loaded.lead != network.lead:
        return f"the file has {loaded.lead[0]} members, this fleet {network.lead[0]}; {new}"
    return ""


def _pieces(network: Structure) -> list[Any]:
    return [*network.activations, *([] if network.loss is None else [network.loss])]


def _version() -> str:
    import glassnet

    return glassnet.__version__


@contextmanager
def _told_as_model_file_error(name: str) -> Iterator[None]:
    try:
        yield
    except RefusedError as error:
        raise ModelFileError(name, error.where, str(error)) from None
    except MemoryError:
        reason = "it needs more memory than there is"
        raise ModelFileError(name, "file", reason) from None
