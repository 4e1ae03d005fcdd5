"""A deflated array: it is inflated anew, part by part, each time that it is read.

So a small file does not take the memory of what it becomes before that is known to be right. What
is in a part is checked here, as are the checksum and the size.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import npy
from .base import Array, RefusedError

_CHUNK = 64 * 1024


class Deflated:
    """The array that `packed` becomes: an .npy file of `size` bytes."""

    def __init__(self, name: str, packed: memoryview, size: int, crc: int) -> None:
        self.name, self._packed, self._size, self._crc = name, packed, size, crc
        start = b""
        for part in self._inflated():
            start += part
            if len(start) >= npy.MAX_START:
                break
        self._begin, self._stored, self.shape, self.order = npy.read_head(name, start, size)
        self.dtype = self._stored.newbyteorder("<")
        self.nbytes = size - self._begin

    def parts(self) -> Iterator[Array]:
        """Its values, some at a time, in one row, little-endian, as they lie in the file.

        Raises:
            RefusedError: it is damaged, which may be known with the last part only.
        """
        skip, rest = self._begin, b""
        for part in self._inflated():
            rest += part
            if len(rest) > skip:
                rest, skip = rest[skip:], 0
                whole = len(rest) - len(rest) % self.dtype.itemsize
                values = np.frombuffer(rest[:whole], self._stored)
                npy.check_truth(self.name, values)
                yield values.astype(self.dtype, copy=False)
                rest = rest[whole:]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        row, done = np.empty(self.nbytes // self.dtype.itemsize, self.dtype), 0
        for part in self.parts():
            row[done : done + len(part)] = part
            done += len(part)
        return row.reshape(self.shape, order=self.order).astype(dtype or self.dtype, copy=False)

    def _inflated(self) -> Iterator[bytes]:
        """Never more than the size that was told, whatever the stream holds."""
        machine, waiting, begin = zlib.decompressobj(-zlib.MAX_WBITS), b"", 0
        left, crc = self._size, 0
        try:
            while not machine.eof:
                if not waiting:
                    waiting = bytes(self._packed[begin : begin + _CHUNK])
                    begin += _CHUNK
                part = machine.decompress(waiting, min(_CHUNK, left) + 1)
                if len(part) > left or not (part or waiting):
                    break
                left, crc = left - len(part), zlib.crc32(part, crc)
                waiting = machine.unconsumed_tail
                yield part
        except zlib.error:
            raise RefusedError(self.name, "damaged: it cannot be inflated") from None
        if left or not machine.eof or machine.unused_data or begin < len(self._packed):
            reason = "damaged: what is deflated is not of the size that it says"
            raise RefusedError(self.name, reason)
        if crc != self._crc:
            raise RefusedError(self.name, "damaged: its checksum (CRC) is not as it was")
