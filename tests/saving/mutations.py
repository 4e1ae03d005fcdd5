"""Random damage to files: what the fuzzer changes, and how a changed file is made whole again.

Damage to a whole file mostly ends at a checksum or a length. So a file is also taken to pieces,
one of them is damaged, and `join` sets lengths and checksums right. A format without a line in
`PIECES` and `JOIN` is damaged as a whole.
"""

import hashlib
import io
import struct
import zipfile
from functools import cache
from random import Random

from npz_builders import archive, member

NUMBERS = (0, 1, 2, 3, 127, 128, 255, 256, 32767, 32768, 65535, 2**31 - 1, 2**31, 2**32 - 1)
NUMBERS += (2**32, 2**48, 2**53, 2**63 - 1, 2**63, 2**64 - 1)
WORDS = (
    b"null",
    b"true",
    b"NaN",
    b"1e999",
    b"-1",
    b'""',
    b"[]",
    b"{}",
    b"[[[[[[",
    b"0.5",
    b"\\ud800",
)
WORDS += (b"layers", b"kind", b"fleet", b"members", b"F64", b"<f8", b">f4", b"|O", b"True", b"()")
WORDS += (b"PK\3\4", b"PK\1\2", b"PK\5\6", b"\x93NUMPY", b"\0" * 8, b"\xff" * 8, b"\n", b"R", b"b.")
WORDS += (b"numpy", b"os\nsystem\n", b"\x93", b"\x94", b"\x80\4", b"h\0", b"(", b"}", b"u", b"e")


def _flip(rng: Random, data: bytearray) -> None:
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _byte(rng: Random, data: bytearray) -> None:
    data[rng.randrange(len(data))] = rng.randrange(256)


def _number(rng: Random, data: bytearray) -> None:
    size, place = rng.choice((1, 2, 4, 8)), rng.randrange(len(data))
    number = (rng.choice(NUMBERS) + rng.choice((0, 0, 1, -1))) % 256**size
    data[place : place + size] = number.to_bytes(size, rng.choice(("little", "big")))


def _digits(rng: Random, data: bytearray) -> None:
    places = [place for place, byte in enumerate(data[:3000]) if byte in b"0123456789"]
    if places:
        place = rng.choice(places)
        data[place : place + rng.randrange(3)] = str(rng.choice(NUMBERS)).encode()


def _word(rng: Random, data: bytearray) -> None:
    place = rng.randrange(len(data))
    data[place : place + rng.choice((0, 1, 4))] = rng.choice(WORDS)


def _delete(rng: Random, data: bytearray) -> None:
    place = rng.randrange(len(data))
    del data[place : place + rng.choice((1, 2, 4, 8, 100))]


def _insert(rng: Random, data: bytearray) -> None:
    place = rng.randrange(len(data))
    data[place:place] = rng.randbytes(rng.choice((1, 2, 4, 8, 100)))


def _repeat(rng: Random, data: bytearray) -> None:
    place, size = rng.randrange(len(data)), rng.choice((1, 4, 30, 100, 1000))
    data[place:place] = data[place : place + size] * rng.choice((1, 1, 2, 50))


def _move(rng: Random, data: bytearray) -> None:
    start, place, size = rng.randrange(len(data)), rng.randrange(len(data)), rng.randrange(1, 60)
    data[place : place + size] = data[start : start + size]


def _truncate(rng: Random, data: bytearray) -> None:
    del data[rng.randrange(len(data)) :]


def _append(rng: Random, data: bytearray) -> None:
    data += rng.choice((b"\0", rng.randbytes(8), bytes(data[-100:])))


CHANGES = (_flip, _flip, _byte, _byte, _number, _number, _digits, _digits, _word, _word)
CHANGES += (_delete, _insert, _repeat, _move, _truncate, _append)


def damaged(rng: Random, data: bytes) -> bytes:
    """The bytes after one change or some."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        if changed:
            rng.choice(CHANGES)(rng, changed)
    return bytes(changed)


def mutated(rng: Random, kind: str, seed: bytes) -> bytes:
    """The file after some damage, to the whole of it or to one of its pieces."""
    if kind not in PIECES or rng.random() < 0.4:
        return damaged(rng, seed)
    pieces = list(PIECES[kind](seed))
    number = rng.randrange(len(pieces)) if rng.random() < 0.5 else 0
    pieces[number] = damaged(rng, pieces[number])
    return JOIN[kind](rng, pieces)


def _two(data: bytes) -> list[bytes]:
    end = 8 + int.from_bytes(data[:8], "little")
    return [data[8:end], data[end:]]


def _join_two(rng: Random, pieces: list[bytes]) -> bytes:
    return struct.pack("<Q", len(pieces[0])) + pieces[0] + pieces[1]


def _sealed(rng: Random, pieces: list[bytes]) -> bytes:
    """A checkpoint with the checksum that it must have."""
    start, mark, rest = pieces[0].partition(b'"sha256":"')
    if len(rest) < 64:
        return _join_two(rng, pieces)
    whole = [start + mark + b"0" * 64 + rest[64:], pieces[1]]
    total = hashlib.sha256(_join_two(rng, whole)).hexdigest().encode()
    return _join_two(rng, [start + mark + total + rest[64:], pieces[1]])


@cache
def _members(data: bytes) -> list[bytes]:
    """Content and name of each member in turn; the content of the text first."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return [each for name in file.namelist() for each in (file.read(name), name.encode())]


def _join_members(rng: Random, pieces: list[bytes]) -> bytes:
    pairs = zip(pieces[::2], pieces[1::2], strict=True)
    deflated = rng.random() < 0.3
    return archive([member(name, content, deflated=deflated) for content, name in pairs])


PIECES = {".safetensors": _two, ".npz": _members, "checkpoint": _two}
JOIN = {".safetensors": _join_two, ".npz": _join_members, "checkpoint": _sealed}
