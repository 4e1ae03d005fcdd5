"""Read files in the IDX format, the one that MNIST and its relatives come in.

An IDX file is two zero bytes, one byte for the type of number, one for the number of dimensions,
the sizes as big-endian 32-bit integers, then the numbers, big-endian, last index fastest. Every
promise of the header is checked before memory is asked for. To read another type, add it to TYPES.
"""

from __future__ import annotations

import math
import os
import stat
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from glassnet.core.checks import whole

if TYPE_CHECKING:
    from gzip import GzipFile

    from numpy.typing import NDArray

TYPES: Final = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MOST_DIMENSIONS: Final = 8
MOST_INFLATION: Final = 1032  # deflate spends at least 2 bits on 258 bytes
BLOCK: Final = 1 << 20  # bytes read at once: gzip holds them a second time
GZIP_MARK: Final = b"\x1f\x8b"


def read_idx(
    path: str | os.PathLike[str], *, memory_map: bool = False, max_bytes: int = 2**32
) -> NDArray[Any]:
    """The array in an IDX file, plain or compressed by gzip (told apart by content, not by name).

    Args:
        path: the file.
        memory_map: give a read-only view of the file on disk instead of a copy in memory, for
            arrays larger than memory. Plain files only; the numbers stay big-endian.
        max_bytes: the most memory the array may take; 4 GiB unless given. A memory map takes none.

    Returns:
        An array of 1 to 8 dimensions of uint8, int8, int16, int32, float32 or float64, in the
        machine's own byte order, writable (a memory map is neither).

    Raises:
        ValueError: the file is not IDX, is cut short, holds more than it says, or is too large;
            the message names the file, what was found and what was expected.
        OSError: there is no such file, or it cannot be read.
    """
    max_bytes = whole("max_bytes", max_bytes)
    path = _checked_path(path)
    with open(path, "rb") as file:
        packed = file.read(len(GZIP_MARK)) == GZIP_MARK
        file.seek(0)
        if memory_map:
            return _map(path, file, packed)
        return _read_packed(path, file, max_bytes) if packed else _read(path, file, max_bytes)


class Header(NamedTuple):
    """What an IDX file says about itself."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def bytes(self) -> int:
        """The bytes that the numbers take, without the header."""
        return math.prod(self.shape) * self.dtype.itemsize

    def __str__(self) -> str:
        return " x ".join(f"{size:,}" for size in self.shape) + f" of {self.dtype.name}"


def _checked_path(path: str | os.PathLike[str]) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be the name of a file, not {type(path).__name__}.")
    path = Path(path)
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):  # a pipe would block for ever
        raise ValueError(f"{path} is not a file: give the path of one IDX file.")
    return path


def _map(path: Path, file: IO[bytes], packed: bool) -> NDArray[Any]:
    if packed:
        raise ValueError(
            f"{path} is compressed by gzip, which cannot be memory-mapped: "
            "unpack it (gunzip), or read it with memory_map=False."
        )
    header = _header(path, file)
    _check_length(path, file, header)
    if header.bytes == 0:  # there is nothing to map
        empty = np.empty(header.shape, header.dtype)
        empty.flags.writeable = False
        return empty
    return np.memmap(file, header.dtype, "r", offset=file.tell(), shape=header.shape)


def _read(path: Path, file: IO[bytes], max_bytes: int) -> NDArray[Any]:
    header = _header(path, file)
    _check_length(path, file, header)
    _check_memory(path, header, max_bytes, "raise max_bytes, or use memory_map=True")
    return _numbers(path, file, header)


def _read_packed(path: Path, file: IO[bytes], max_bytes: int) -> NDArray[Any]:
    import gzip
    import zlib

    length = os.fstat(file.fileno()).st_size
    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            header = _header(path, unpacked)
            if header.bytes > length * MOST_INFLATION:
                raise ValueError(
                    f"{path} has {length:,} compressed bytes, too few for the {header.bytes:,} "
                    f"that its header promises ({header})."
                )
            _check_memory(path, header, max_bytes, "raise max_bytes")
            numbers = _numbers(path, unpacked, header)
            if unpacked.read(1):
                raise ValueError(
                    f"{path} is too long: it goes on after the {header.bytes:,} bytes that its "
                    f"header promises ({header})."
                )
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is a damaged gzip file ({error}): get it again.") from error
    return numbers


def _header(path: Path, file: IO[bytes] | GzipFile) -> Header:
    """Type and shape; the file is left at the first number."""
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES:
        raise ValueError(
            f"{path} is not an IDX file: it starts with {magic!r}, expected two zero bytes, a "
            f"type ({', '.join(f'{code:02X}' for code in TYPES)}) and a number of dimensions."
        )
    dimensions = magic[3]
    if not 1 <= dimensions <= MOST_DIMENSIONS:
        raise ValueError(
            f"{path} says that it has {dimensions} dimensions, expected 1 to {MOST_DIMENSIONS}."
        )
    sizes = file.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise ValueError(
            f"{path} is cut short inside its header: {len(sizes)} bytes of sizes, expected "
            f"{4 * dimensions} for {dimensions} dimensions."
        )
    shape = tuple(int.from_bytes(sizes[at : at + 4], "big") for at in range(0, len(sizes), 4))
    return Header(np.dtype(TYPES[magic[2]]), shape)


def _check_length(path: Path, file: IO[bytes], header: Header) -> None:
    found = os.fstat(file.fileno()).st_size - file.tell()
    if found < header.bytes:
        raise _cut_short(path, found, header)
    if found > header.bytes:
        raise ValueError(
            f"{path} is too long: {found:,} bytes after the header, expected "
            f"{header.bytes:,} ({header})."
        )


def _check_memory(path: Path, header: Header, max_bytes: int, hint: str) -> None:
    if header.bytes > max_bytes:
        raise ValueError(
            f"{path} needs {header.bytes:,} bytes of memory ({header}), more than "
            f"max_bytes={max_bytes:,}: {hint}."
        )


def _numbers(path: Path, file: IO[bytes] | GzipFile, header: Header) -> NDArray[Any]:
    """The numbers in the machine's byte order, read into memory of the promised size."""
    numbers = np.empty(header.shape, header.dtype)
    room = memoryview(numbers.reshape(-1).view(np.uint8).data)
    filled = 0
    while filled < len(room):
        got = file.readinto(room[filled : filled + BLOCK])  # type: ignore[union-attr]  # it has it
        if not got:
            raise _cut_short(path, filled, header)
        filled += got
    if not header.dtype.isnative:
        numbers = numbers.byteswap(inplace=True).view(header.dtype.newbyteorder("="))
    return numbers


def _cut_short(path: Path, found: int, header: Header) -> ValueError:
    return ValueError(
        f"{path} is cut short: {found:,} bytes after the header, expected "
        f"{header.bytes:,} ({header})."
    )
