"""Protocol buffers, written: the few kinds of field that ONNX has, as bytes.

The encoding: https://protobuf.dev/programming-guides/encoding. A message is its fields, one after
another, each a number and a kind, then the value. To write another message: join its fields.
"""

from __future__ import annotations

import struct


def varint(value: int) -> bytes:
    """A whole number in groups of 7 bits, lowest first; a negative one as 64 bits."""
    value &= 2**64 - 1
    groups = bytearray()
    while value > 127:
        groups.append(value & 127 | 128)
        value >>= 7
    return bytes([*groups, value])


def field(number: int, value: int | float | str | bytes) -> bytes:
    """One field: a whole number, a float (32 bits), a text, or bytes, which a message is too."""
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def message(*fields: tuple[int, int | float | str | bytes]) -> bytes:
    """Fields by number, in this order."""
    return b"".join(field(number, value) for number, value in fields)
