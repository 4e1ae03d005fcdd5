"""The .npz format: a zip archive of .npy files, as `numpy.load` reads it; nothing about networks.

A text is an array of its UTF-8 bytes, under its name and ".json". Members are stored as they are;
deflated ones, as by `numpy.savez_compressed`, are read too. The archive is walked here and not by
`zipfile`, which reads overlapping members, members listed twice, and whatever lies around them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np

from . import npy
from .base import Array, Packed, RefusedError, is_name, unlike
from .deflated import Deflated
from .strict_json import shown

SUFFIX: Final = ".npz"
START: Final = 64
"""How many bytes `check_start` wants to see."""

MAX_MEMBERS: Final = 10_000
MAX_TEXT: Final = 2 * 1024**2
MAX_SIZE: Final = 2**32 - 2
"""Bytes of a member, and of the file: beyond them another kind of directory is needed."""

MAX_RATIO: Final = 100
"""How many times its bytes in the file a deflated member may be, if it is larger than `SMALL`."""

SMALL: Final = 64 * 1024
MAX_DEFLATED_TEXT: Final = 512 * 1024
ROOM: Final = 64 * 1024**2
"""Bytes that all deflated members together may be, beside eight times those of the file: they take
no memory before they are known to be right, but time."""

_TEXT: Final = ".json"
_ARRAY: Final = ".npy"
_STORED: Final = 0
_DEFLATED: Final = 8
_CREATED: Final = 3 << 8 | 20  # version 2.0, the rights below as POSIX has them
_RIGHTS: Final = 0o600 << 16
_FIRST_DAY: Final = 1 << 5 | 1  # 1980-01-01, so that equal networks give equal bytes

# Version needed, flags, method, time, date, CRC, size in the file, size, lengths of name and extra.
_FACTS: Final = struct.Struct("<5H3I2H")
_LOCAL: Final = struct.Struct("<4s26s")
_CENTRAL: Final = struct.Struct("<4sH26s3H2I")  # ..., comment, disk, -, rights, place
_END: Final = struct.Struct("<4s4H2IH")  # disks, counts, size and place of the directory, comment
_WIDE: Final = struct.Struct("<2H2Q")  # the extra of a local header in 64 bits: size, packed
_WIDE_MARK: Final = (2**32 - 1, 2**32 - 1)


class _Member(NamedTuple):
    name: str
    method: int
    crc: int
    packed: int
    """Bytes in the file."""
    size: int
    place: int
    """Where it begins: with what is said of it, later its own bytes."""
    facts: bytes
    """As in the directory; they stand before the member once more."""


def encode(texts: Mapping[str, str], arrays: Mapping[str, Array]) -> list[memoryview]:
    """The parts of a file, in their order; written one after another they are the file.

    Args:
        texts: one of them is the file of its name and ".json" in the archive.
        arrays: of a dtype in `npy.DTYPES`, of any shape of at most 8 axes.
    """
    parts: list[memoryview] = []
    directory, place = bytearray(), 0
    members = {**{name + _TEXT: _bytes(name, text) for name, text in texts.items()}, **arrays}
    for name, array in members.items():
        local, facts = _local(name, array)
        directory += _CENTRAL.pack(b"PK\1\2", _CREATED, facts, 0, 0, 0, _RIGHTS, place)
        directory += (name + _ARRAY).encode()
        parts += local
        place += sum(map(len, local))
        if place > MAX_SIZE - 2**24:
            raise RefusedError(name, "an .npz file holds at most 4 GB; save as .safetensors")
    count = len(members)
    if count > MAX_MEMBERS:
        reason = f"{count} arrays, allowed are {MAX_MEMBERS}; save as .safetensors"
        raise RefusedError("file", reason)
    end = _END.pack(b"PK\5\6", 0, 0, count, count, len(directory), place, 0)
    return [*parts, memoryview(directory + end)]


def check_start(start: bytes, size: int) -> None:
    """Whether a file of `size` bytes that begins with `start` could be one.

    Raises:
        RefusedError: this is no .npz file; the reason says what it looks like instead.
    """
    if not start.startswith(b"PK\3\4"):
        raise unlike("an .npz file", start, size)
    if size > MAX_SIZE:
        raise RefusedError("file", f"{size} bytes; an .npz file has at most {MAX_SIZE}")


def decode(data: bytes | bytearray) -> tuple[dict[str, str], dict[str, Array | Packed]]:
    """The texts and the arrays of a whole file.

    The arrays are little-endian and perhaps unaligned, read-only views of `data` where they can be:
    copy what is to be kept. Deflated ones are inflated whenever they are read, and refused then if
    that shows them to be damaged.

    Raises:
        RefusedError: anything in the file is not as it should be.
    """
    check_start(bytes(data[:START]), len(data))
    whole = memoryview(data).toreadonly()
    members = list(_directory(whole))
    _check_sizes(members, len(data))
    texts: dict[str, str] = {}
    arrays: dict[str, Array | Packed] = {}
    for member in members:
        array = _array(member, whole)
        if member.name.endswith(_TEXT):
            texts[member.name.removesuffix(_TEXT)] = _text(member, np.asarray(array))
        else:
            arrays[member.name] = array
    return texts, arrays


def _bytes(name: str, text: str) -> Array:
    raw = text.encode()
    _check_text(name, raw)
    return np.frombuffer(raw, np.uint8)


def _local(name: str, array: Array) -> tuple[list[memoryview], bytes]:
    """The parts of a member, and what the directory says of it."""
    if not is_name(name):
        raise RefusedError(name, f"{shown(name)} is not a name for an array")
    flat = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).reshape(-1)
    content = [memoryview(npy.head(array)), flat.view(np.uint8).data]
    size, path = sum(map(len, content)), (name + _ARRAY).encode()
    if size > MAX_SIZE:
        raise RefusedError(name, "too large for an .npz file; save as .safetensors")
    crc = zlib.crc32(content[1], zlib.crc32(content[0]))
    facts = _FACTS.pack(20, 0, _STORED, 0, _FIRST_DAY, crc, size, size, len(path), 0)
    return [memoryview(_LOCAL.pack(b"PK\3\4", facts) + path), *content], facts


def _directory(whole: memoryview) -> Iterator[_Member]:
    """The members, which must fill the file from its first byte to where the directory begins."""
    end, size, count = _end(whole)
    rest, whole = whole[end : end + size], whole[:end]
    names: set[str] = set()
    place = 0
    for _ in range(count):
        member = _member(rest)
        if member.place != place:
            raise RefusedError(member.name, f"lies at byte {member.place}, expected is {place}")
        if member.name in names:
            raise RefusedError(member.name, "the name of two members")
        names.add(member.name)
        begin = _begin(member, whole)
        yield member._replace(place=begin)
        place = begin + member.packed
        rest = rest[_CENTRAL.size + len(member.name) + len(_ARRAY) :]
    if place != end or rest:
        raise RefusedError("directory", "members that it does not list, or bytes that are none")


def _end(whole: memoryview) -> tuple[int, int, int]:
    """Where the directory begins, its size, and how many members it has."""
    at = max(len(whole) - _END.size, 0)
    if len(whole) < _END.size or bytes(whole[at : at + 4]) != b"PK\5\6":
        raise RefusedError(f"byte {at}", "no end of an archive here: it is incomplete or damaged")
    _, disk, other, here, count, size, begin, comment = _END.unpack(whole[at:])
    if disk or other or comment or here != count or begin + size != at:
        raise RefusedError(f"byte {at}", "the end of the archive does not fit the file")
    if count > MAX_MEMBERS:
        raise RefusedError("directory", f"{count} members, allowed are {MAX_MEMBERS}")
    return begin, size, count


def _member(rest: memoryview) -> _Member:
    """The first member that is listed here."""
    if len(rest) < _CENTRAL.size:
        raise RefusedError("directory", "it is cut short")
    mark, _, facts, comment, disk, _, _, place = _CENTRAL.unpack(rest[: _CENTRAL.size])
    _, flags, method, _, _, crc, packed, size, length, extra = _FACTS.unpack(facts)
    if mark != b"PK\1\2":
        raise RefusedError("directory", "damaged")
    path = str(rest[_CENTRAL.size : _CENTRAL.size + min(length, 300)], "latin-1")
    name = path.removesuffix(_ARRAY)
    if len(path) != length or name == path or not is_name(name):
        raise RefusedError("directory", f"{shown(path)} is not the name of an array (.npy)")
    if comment or disk or extra or packed > MAX_SIZE or size > MAX_SIZE:
        raise RefusedError(name, "of a kind of zip archive that is not read (zip64, comments)")
    if flags or method not in (_STORED, _DEFLATED):
        reason = f"method {method}, flags {flags}: only stored or deflated, not encrypted"
        raise RefusedError(name, reason)
    return _Member(name, method, crc, packed, size, place, facts)


def _heads(member: _Member) -> Iterator[bytes]:
    """What may stand before the member: the facts of the directory, and nothing else.

    NumPy's own writer gives the sizes there in 64 bits, though they fit into 32.
    """
    path = (member.name + _ARRAY).encode()
    yield _LOCAL.pack(b"PK\3\4", member.facts) + path
    facts = list(_FACTS.unpack(member.facts))
    path += _WIDE.pack(1, 16, member.size, member.packed)
    facts[9] = _WIDE.size
    yield _LOCAL.pack(b"PK\3\4", _FACTS.pack(*facts)) + path
    facts[6:8] = _WIDE_MARK
    yield _LOCAL.pack(b"PK\3\4", _FACTS.pack(*facts)) + path


def _begin(member: _Member, whole: memoryview) -> int:
    """Where the member's own bytes begin."""
    for head in _heads(member):
        begin = member.place + len(head)
        if whole[member.place : begin] == head and member.packed <= len(whole) - begin:
            return begin
    raise RefusedError(member.name, "what stands before it is not as the directory says")


def _check_sizes(members: list[_Member], length: int) -> None:
    """Before anything is inflated: how much that would be."""
    room = ROOM + 8 * length
    for member in members:
        name, packed, size = member.name, member.packed, member.size
        if member.method == _STORED:
            if size != packed:
                raise RefusedError(name, f"stored as it is, but {size} bytes in {packed}")
            continue
        room -= size
        if size > max(SMALL, MAX_RATIO * packed) or room < 0:
            reason = f"{packed} bytes become {size}: too many; save it by numpy.savez, not deflated"
            raise RefusedError(name, reason)
        if name.endswith(_TEXT) and size > MAX_DEFLATED_TEXT:
            raise RefusedError(name, f"a deflated text of more than {MAX_DEFLATED_TEXT} bytes")


def _array(member: _Member, whole: memoryview) -> Array | Deflated:
    content = whole[member.place : member.place + member.packed]
    if member.method == _DEFLATED:
        return Deflated(member.name, content, member.size, member.crc)
    if zlib.crc32(content) != member.crc:
        raise RefusedError(member.name, "damaged: its checksum (CRC) is not as it was")
    return npy.parse(member.name, content)


def _text(member: _Member, array: Array) -> str:
    """The text whose bytes the array holds."""
    if array.dtype != np.uint8 or array.ndim != 1:
        raise RefusedError(member.name, "a text must be one row of bytes (uint8)")
    raw = array.tobytes()
    _check_text(member.name, raw)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise RefusedError(member.name, f"not UTF-8 at byte {error.start}") from None


def _check_text(name: str, raw: bytes) -> None:
    limit = MAX_TEXT if raw.isascii() else MAX_TEXT // 2  # a wide letter makes all of them wide
    if len(raw) > limit:
        raise RefusedError(name, f"a text of {len(raw)} bytes, allowed are {limit}")
