"""The .safetensors format: bytes <-> texts and arrays, and nothing about networks.

A file is 8 bytes of length (little-endian), that many bytes of JSON, then the numbers: see the
format's description in the `safetensors` project. `decode` checks everything that project's own
reader checks, and the strictness of the JSON besides; nothing is allocated on a file's word.
To let it carry another kind of number, add a line to `DTYPES`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import prod
from typing import Any, Final, NamedTuple

import numpy as np

from .base import MAX_AXES, MAX_AXIS, MAX_ITEMS, Array, RefusedError, is_name, unlike
from .strict_json import parse, shown

SUFFIX: Final = ".safetensors"
START: Final = 64
"""How many bytes `check_start` wants to see."""

MAX_HEADER: Final = 2 * 1024**2
MAX_TENSORS: Final = 10_000

DTYPES: Final = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "|u1",
    "BOOL": "|b1",
}

_NAMES_OF_DTYPES: Final = {np.dtype(code): name for name, code in DTYPES.items()}
_WHITE: Final = " \t\r\n"


class _Entry(NamedTuple):
    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    begin: int
    end: int


def encode(texts: Mapping[str, str], arrays: Mapping[str, Array]) -> list[memoryview]:
    """The parts of a file, in their order; written one after another they are the file.

    Args:
        texts: stored as the format's metadata.
        arrays: of a dtype in `DTYPES`, of any shape of at most 8 axes.

    Large items come first, so that every tensor lies at a multiple of its item's size.
    """
    header: dict[str, Any] = {"__metadata__": dict(texts)}
    parts: list[memoryview] = []
    begin = 0
    for name in sorted(arrays, key=lambda name: -arrays[name].itemsize):
        array = arrays[name]
        code = _NAMES_OF_DTYPES[array.dtype.newbyteorder("<")]
        data = np.ascontiguousarray(array, dtype=DTYPES[code]).reshape(-1)
        end = begin + data.nbytes
        header[name] = {"dtype": code, "shape": list(array.shape), "data_offsets": [begin, end]}
        parts.append(data.view(np.uint8).data)
        begin = end
    text = json.dumps(header, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > MAX_HEADER:
        raise RefusedError("header", f"needs {len(text)} bytes, allowed are {MAX_HEADER}")
    if len(arrays) > MAX_TENSORS:
        raise RefusedError("header", f"{len(arrays)} tensors, allowed are {MAX_TENSORS}")
    return [memoryview(len(text).to_bytes(8, "little") + text), *parts]


def check_start(start: bytes, size: int) -> int:
    """The length of the header, from the first `START` bytes of a file of `size` bytes.

    Raises:
        RefusedError: this is no safetensors file; the reason says what it looks like instead.
    """
    if size < 8 + 2:
        raise RefusedError("byte 0", f"the file has {size} bytes, too few for any model")
    length = int.from_bytes(start[:8], "little")
    content = start[8:].lstrip(_WHITE.encode())
    if length > size - 8 or length < 2 or (content and content[:1] != b"{"):
        raise unlike("a safetensors file", start, size)
    if length > MAX_HEADER:
        raise RefusedError("byte 0", f"the header has {length} bytes, allowed are {MAX_HEADER}")
    return length


def decode(data: bytes | bytearray) -> tuple[dict[str, str], dict[str, Array]]:
    """The texts and the arrays of a whole file.

    The arrays are read-only views of `data`, little-endian and perhaps unaligned: copy what is to
    be kept.

    Raises:
        RefusedError: anything in the file is not as it should be.
    """
    length = check_start(bytes(data[:START]), len(data))
    header = _header(memoryview(data)[8 : 8 + length])
    metadata = _metadata(header.pop("__metadata__", {}))
    if len(header) > MAX_TENSORS:
        raise RefusedError("header", f"{len(header)} tensors, allowed are {MAX_TENSORS}")
    entries = [_entry(name, item) for name, item in header.items()]
    _check_offsets(entries, len(data) - 8 - length)
    payload = memoryview(data)[8 + length :].toreadonly()
    return metadata, {entry.name: _array(entry, payload) for entry in entries}


def _header(raw: memoryview) -> dict[str, Any]:
    try:
        text = str(raw, "utf-8", "strict")
    except UnicodeDecodeError as error:
        raise RefusedError(f"byte {8 + error.start}", "the header is not UTF-8") from None
    if text.lstrip(_WHITE)[:1] != "{":
        raise RefusedError("byte 8", "the header does not begin with '{'")
    try:
        header = parse(text, max_depth=4)
    except ValueError as error:
        raise RefusedError("header", str(error)) from None
    result: dict[str, Any] = header
    return result


def _metadata(value: Any) -> dict[str, str]:
    if type(value) is not dict or any(type(text) is not str for text in value.values()):
        raise RefusedError("__metadata__", "must be an object of texts")
    return value


def _entry(name: str, item: Any) -> _Entry:
    if not is_name(name):
        raise RefusedError("header", f"{shown(name)} is not a name for a tensor")
    if type(item) is not dict or set(item) != {"dtype", "shape", "data_offsets"}:
        raise RefusedError(name, "must have exactly the keys dtype, shape and data_offsets")
    code = item["dtype"]
    if type(code) is not str or code not in DTYPES:
        raise RefusedError(name, f"dtype {shown(code)}, known are {', '.join(DTYPES)}")
    shape = _whole_numbers(name, "shape", item["shape"])
    offsets = _whole_numbers(name, "data_offsets", item["data_offsets"])
    if len(shape) > MAX_AXES:
        raise RefusedError(name, f"{len(shape)} axes, allowed are {MAX_AXES}")
    if len(offsets) != 2:
        raise RefusedError(name, f"data_offsets {shown(list(offsets))} must be two numbers")
    dtype = np.dtype(DTYPES[code])
    needed = prod(shape) * dtype.itemsize
    if offsets[1] - offsets[0] != needed:
        given = offsets[1] - offsets[0]
        raise RefusedError(name, f"shape {shown(list(shape))} needs {needed} bytes, not {given}")
    if prod(filter(None, shape)) >= MAX_ITEMS:
        raise RefusedError(name, f"shape {shown(list(shape))} is too large")
    return _Entry(name, dtype, shape, *offsets)


def _whole_numbers(name: str, what: str, value: Any) -> tuple[int, ...]:
    fits = type(value) is list and all(type(n) is int and 0 <= n <= MAX_AXIS for n in value)
    if not fits:
        raise RefusedError(name, f"{what} {shown(value)} must be a list of whole numbers >= 0")
    return tuple(value)


def _check_offsets(entries: list[_Entry], size: int) -> None:
    """The tensors must cover the data from its first byte to its last, each byte once."""
    end = 0
    for entry in sorted(entries, key=lambda entry: (entry.begin, entry.end)):
        if entry.begin != end:
            raise RefusedError(entry.name, f"data begins at {entry.begin}, expected is {end}")
        end = entry.end
    if end != size:
        raise RefusedError("data", f"{size} bytes of data, the header tells of {end}")


def _array(entry: _Entry, payload: memoryview) -> Array:
    data = payload[entry.begin : entry.end]
    if entry.dtype.kind == "b" and np.frombuffer(data, np.uint8).max(initial=0) > 1:
        raise RefusedError(entry.name, "a truth value that is neither 0 nor 1")
    return np.frombuffer(data, entry.dtype).reshape(entry.shape)
