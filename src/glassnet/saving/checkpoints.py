"""Checkpoint files: a training in the middle, in the safetensors format with its own SHA-256.

Its text "checkpoint" is what snapshot.py calls plain, and what the training was asked for;
its text "sha256" is of the whole file with zeros in this place: a single changed bit is refused.
The history, which may be long, lies in arrays, one for each of its names.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

import numpy as np

from ..core.errors import ModelFileError
from . import safetensors
from .base import Array, RefusedError
from .exact import MAX_DEPTH, packed, unpacked
from .files import MAX_BYTES, read_file, write_file
from .snapshot import Snapshot
from .strict_json import parse

STATE: Final = "checkpoint"
SUM: Final = "sha256"
RECORDS: Final = "records."
MANY: Final = 10_000
_NOTHING: Final = "0" * 64


def write(path: str, found: Snapshot, asked: dict[str, Any]) -> None:
    """Make `path` a checkpoint of a training, whole or not at all; `asked` says which it was.

    Raises OSError, ModelFileError: as `glassnet.saving.save`.
    """
    plain = dict(found.plain)
    columns, plain["records"] = _columns(plain["records"])
    columns["times"] = np.array(plain.pop("times"), np.float64)
    arrays = {**found.arrays, **columns}
    try:
        state = json.dumps(packed({"asked": asked, "plain": plain}, arrays), allow_nan=False)
        parse(state, max_depth=MAX_DEPTH)  # what is written can be read again
        first, *rest = safetensors.encode({STATE: state, SUM: _NOTHING}, arrays)
    except RefusedError as error:
        where = error.where.removeprefix(" > plain > ")
        raise ModelFileError(path, where, f"cannot be written: {error}") from None
    except ValueError as error:
        raise ModelFileError(path, "header", f"cannot be written: {error}") from None
    total = hashlib.sha256(first)
    for part in rest:
        total.update(part)
    summed = bytes(first).replace(_entry(_NOTHING), _entry(total.hexdigest()), 1)
    write_file(path, [memoryview(summed), *rest], mode=0o600)


def read(path: str, epochs: int = 0) -> tuple[Snapshot, dict[str, Any]]:
    """The training in the middle, and what it was asked for.

    It has no more epochs than `epochs`, or MANY: a history takes more memory than in the file.

    Raises:
        OSError: the system refused. ModelFileError: it is no checkpoint, or damaged in any way.
    """
    start = safetensors.START
    try:
        data = read_file(path, safetensors.check_start, start=start, max_bytes=MAX_BYTES)
        return decoded(data, epochs)
    except RefusedError as error:
        raise ModelFileError(path, error.where, str(error)) from None


def decoded(data: bytearray, epochs: int = 0) -> tuple[Snapshot, dict[str, Any]]:
    """The same from the bytes of a file.

    Raises RefusedError: it is no checkpoint, or damaged in any way.
    """
    texts, arrays = safetensors.decode(data)
    if STATE not in texts or SUM not in texts:
        raise RefusedError("header", "this is not a checkpoint; glassnet.load reads model files")
    if not _is_sum(data, texts[SUM]):
        raise RefusedError("file", "its SHA-256 is not the one that stands in it: it is damaged")
    try:
        own = {name: np.array(array) for name, array in arrays.items()}
        state = unpacked(parse(texts[STATE], max_depth=MAX_DEPTH), own)
        plain = state["plain"]
        if len(times := _numbers(own.pop("times"))) > max(epochs, MANY):
            raise ValueError(f"{len(times)} epochs, and {epochs} were asked for")
        plain["times"] = times.tolist()
        plain["records"] = _records(own, len(times)) + plain["records"]
        asked = state["asked"]
        return Snapshot(plain, own), asked if isinstance(asked, dict) else {}
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise RefusedError("header", f"not a training: {error!r}") from None


def _columns(records: list[dict[str, Any]]) -> tuple[dict[str, Array], list[dict[str, Any]]]:
    """The first records, as far as they have the same names for numbers of the same types, as
    arrays, and the others."""
    kinds = {name: type(value) for name, value in records[0].items()} if records else {}
    if not set(kinds.values()) <= {int, float}:
        return {}, records
    count = 0
    while count < len(records) and kinds == {n: type(v) for n, v in records[count].items()}:
        count += 1
    columns = {
        f"{RECORDS}{name}": np.array(
            [record[name] for record in records[:count]], np.int64 if kind is int else np.float64
        )
        for name, kind in kinds.items()
    }
    return columns, records[count:]


def _records(arrays: dict[str, Array], epochs: int) -> list[dict[str, Any]]:
    """What `_columns` made arrays of, which are taken out."""
    names = [name for name in arrays if name.startswith(RECORDS)]
    if any(arrays[name].size > epochs for name in names):
        raise ValueError("more records than epochs")
    columns = {name.removeprefix(RECORDS): _numbers(arrays.pop(name)).tolist() for name in names}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _numbers(column: Array) -> Array:
    """One that `write` made; of another kind a small file could hold a long history."""
    if column.ndim != 1 or column.dtype not in (np.float64, np.int64):
        raise ValueError(f"a history of {column.dtype} with {column.ndim} axes")
    return column


def _is_sum(data: bytearray, claimed: str) -> bool:
    """Whether the file has this sum, its own place counted as zeros."""
    if len(claimed) != len(_NOTHING) or not claimed.isascii() or data.count(_entry(claimed)) != 1:
        return False
    return hashlib.sha256(data.replace(_entry(claimed), _entry(_NOTHING))).hexdigest() == claimed


def _entry(total: str) -> bytes:
    return f'"{SUM}":"{total}"'.encode()
