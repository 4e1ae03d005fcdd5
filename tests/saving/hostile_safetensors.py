"""Hostile .safetensors files: `HOSTILE` maps the name of a case to its bytes.

A case is one change to a good file, see hostile_builders.py: add a line to the table it belongs to.
"""

import json
import struct

from hostile_builders import (
    HEADER,
    container,
    entries,
    extra,
    good,
    pack,
    renamed,
    swap,
    tensor,
    value,
    without,
)
from hostile_headers import TEXT, VALUES

_TEXT = json.dumps(HEADER, separators=(",", ":"))
_FIRST = "layers.0.weights"
_HUGE = {"dtype": "F32", "data_offsets": [0, 0]}

NOT_SAFETENSORS = {
    "empty": b"",
    "one byte": b"\0",
    "eight bytes": struct.pack("<Q", 2),
    "length without header": struct.pack("<Q", 100),
    "zeros": b"\0" * 4096,
    "ones": b"\xff" * 4096,
    "text": b"a,b,c\n1,2,3\n" * 50,
    "html": b"<!DOCTYPE html><html><body>404</body></html>",
    "pickle": b"\x80\x04\x95\x1f\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94.",
    "zip": b"PK\x03\x04" + b"\0" * 60,
    "npy": b"\x93NUMPY\x01\0v\0" + b" " * 118,
    "hdf5": b"\x89HDF\r\n\x1a\n" + b"\0" * 60,
    "git lfs pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
    "header only json": json.dumps(HEADER).encode(),
}

LENGTH = {
    "length 0": pack("{}", length=0),
    "length 1": pack("{}", length=1),
    "length one more than the file": pack("{}        ", b"", length=17),
    "length 2**31": pack("{}", length=2**31),
    "length 2**63": pack("{}", length=2**63),
    "length 2**64 - 1": pack("{}", length=2**64 - 1),
    "length cuts the header": pack(_TEXT, length=40),
    "header over the limit": pack("{" + " " * 3_000_000 + "}"),
    "length big-endian": struct.pack(">Q", len(good()) - 8) + good()[8:],
}

JSON = {
    "header is a list": pack("[]      "),
    "header is a number": pack("12345678"),
    "header is white": pack(" " * 64),
    "header begins with a NUL": pack(b"\0{}     "),
    "header with a byte order mark": pack(b"\xef\xbb\xbf" + json.dumps(entries()).encode()),
    "header in UTF-16": pack(json.dumps(entries()).encode("utf-16")),
    "header in Latin-1": pack('{"é":0}'.encode("latin-1")),
    "header overlong UTF-8": pack(b'{"\xc0\xaf":0}   '),
    "header with a raw surrogate": pack('{"\ud800":0}'),
    "header with an escaped surrogate": pack('{"\\ud800":0}'),
    "header not closed": pack('{"a":{'),
    "header closed twice": pack("{}}     "),
    "two headers": pack("{}{}    "),
    "trailing comma": pack('{"a":0,}'),
    "100,000 brackets": pack('{"a":' + "[" * 100_000 + "]" * 100_000 + "}"),
    "brackets not closed": pack('{"a":' + "[" * 1_000_000),
    "32,001 lists": pack('{"a":[' + "[]," * 32_001 + "0]}"),
    "a million numbers": pack('{"a":[' + "0," * 1_000_000 + "0]}"),
    "NaN": swap(_TEXT, "[3,4]", "[3,NaN]"),
    "Infinity": swap(_TEXT, "[3,4]", "[3,Infinity]"),
    "1e999": swap(_TEXT, "[3,4]", "[3,1e999]"),
    "5,000 digits": swap(_TEXT, "[3,4]", "[3," + "4" * 5000 + "]"),
    "tensor twice": swap(_TEXT, '"layers.0.biases"', '"layers.0.weights"'),
    "key of an entry twice": swap(_TEXT, '"shape":[3,4]', '"shape":[3,4],"shape":[3,4]'),
    "metadata twice": swap(_TEXT, '{"__metadata__"', '{"__metadata__":{},"__metadata__"'),
}

METADATA = {
    "no metadata": pack(entries()),
    "metadata null": pack({"__metadata__": None, **entries()}),
    "metadata a list": pack({"__metadata__": [], **entries()}),
    "metadata a text": pack({"__metadata__": _TEXT, **entries()}),
    "metadata of numbers": pack({"__metadata__": {"glassnet": _TEXT, "n": 1}, **entries()}),
    "metadata nested": pack({"__metadata__": {"glassnet": HEADER}, **entries()}),
    "metadata of another program": pack({"__metadata__": {"format": "pt"}, **entries()}),
}

ENTRIES = {
    "entry a list": container(lambda table: table.update({_FIRST: []})),
    "entry null": container(lambda table: table.update({_FIRST: None})),
    "entry empty": container(lambda table: table.update({_FIRST: {}})),
    "entry without dtype": tensor(_FIRST, dtype=...),
    "entry without shape": tensor(_FIRST, shape=...),
    "entry without offsets": tensor(_FIRST, data_offsets=...),
    "entry with a key too many": tensor(_FIRST, strides=[1]),
    "dtype unknown": tensor(_FIRST, dtype="F31"),
    "dtype lower case": tensor(_FIRST, dtype="f32"),
    "dtype of pickled objects": tensor(_FIRST, dtype="|O"),
    "dtype a number": tensor(_FIRST, dtype=32),
    "dtype a list": tensor(_FIRST, dtype=["F32"]),
    "dtype of another size": tensor(_FIRST, dtype="F64"),
    "dtype of the same size": tensor(_FIRST, dtype="I32"),
    "shape a number": tensor(_FIRST, shape=12),
    "shape a text": tensor(_FIRST, shape="34"),
    "shape of floats": tensor(_FIRST, shape=[3.0, 4.0]),
    "shape of truth values": tensor(_FIRST, shape=[True, 12]),
    "shape of texts": tensor(_FIRST, shape=["3", "4"]),
    "shape negative": tensor(_FIRST, shape=[-3, -4]),
    "shape larger": tensor(_FIRST, shape=[3, 5]),
    "shape smaller": tensor(_FIRST, shape=[3, 3]),
    "shape turned": tensor(_FIRST, shape=[4, 3]),
    "shape flat": tensor(_FIRST, shape=[12]),
    "shape of three axes": tensor(_FIRST, shape=[1, 3, 4]),
    "shape of no axes": tensor(_FIRST, shape=[]),
    "shape of nine axes": tensor(_FIRST, shape=[1] * 7 + [3, 4]),
    "shape of 30,000 axes": tensor(_FIRST, shape=[1] * 30_000 + [3, 4]),
    "shape 2**32 x 2**32": tensor(_FIRST, shape=[2**32, 2**32]),
    "shape 2**64 + 3": tensor(_FIRST, shape=[2**64 + 3, 4]),
    "shape 2**49": tensor(_FIRST, shape=[2**49, 0]),
    "shape 0 x 2**48 x 2**48": container(
        lambda table: table.update({"a": {**_HUGE, "shape": [0, 2**48, 2**48]}})
    ),
    "offsets a number": tensor(_FIRST, data_offsets=48),
    "offsets of one": tensor(_FIRST, data_offsets=[48]),
    "offsets of three": tensor(_FIRST, data_offsets=[48, 96, 96]),
    "offsets of floats": tensor(_FIRST, data_offsets=[48.0, 96.0]),
    "offsets negative": tensor(_FIRST, data_offsets=[-48, 0]),
    "offsets turned": tensor(_FIRST, data_offsets=[96, 48]),
    "offsets overlap": tensor(_FIRST, data_offsets=[40, 88]),
    "offsets leave a hole": tensor(_FIRST, data_offsets=[56, 104]),
    "offsets beyond the end": tensor(_FIRST, data_offsets=[4096, 4144]),
    "offsets 2**63": tensor(_FIRST, data_offsets=[2**63, 2**63 + 48]),
    "two tensors share their bytes": tensor("inputs.scale", data_offsets=[0, 24]),
    "name empty": renamed(_FIRST, ""),
    "name with a NUL": renamed(_FIRST, "layers.0.weights\0"),
    "name a path upwards": renamed(_FIRST, "../../etc/passwd"),
    "name an absolute path": renamed(_FIRST, "/etc/passwd"),
    "name of 201 letters": renamed(_FIRST, "a" * 201),
    "name of a million letters": renamed(_FIRST, "a" * 1_000_000),
    "name in another script": renamed(_FIRST, "слой"),
    "name with a newline": renamed(_FIRST, "layers.0.weights\n"),
    "10,001 tensors": pack(
        {f"t{n}": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]} for n in range(10_001)}, b""
    ),
    "no data": pack({"__metadata__": {"glassnet": _TEXT}, **entries()}, b""),
    "data cut by a byte": good()[:-1],
    "data cut by a tensor": good()[:-8],
    "a byte too many": good() + b"\0",
    "another file behind it": good() + good(),
    "a zip behind it": good() + b"PK\x05\x06" + b"\0" * 18,
    "truth value 2": extra("flags", "BOOL", (8,), b"\x02" * 8),
}

TENSORS = {
    "layer missing": without("layers.1.weights"),
    "biases missing": without("layers.0.biases"),
    "scale missing": without("inputs.scale"),
    "layer too many": extra(),
    "note too many": extra("note", "U8", (8,)),
    "target scaling not announced": extra("targets.scale", "F64", (1,), struct.pack("<d", 1.0)),
    "weights of float16": extra("layers.2.weights", "F16", (4,)),
    "infinite weight": value(_FIRST, 5, float("inf")),
    "weight not a number": value(_FIRST, 11, float("nan")),
    "bias not a number": value("layers.1.biases", 0, float("nan")),
    "offset not a number": value("inputs.offset", 2, float("nan")),
    "scale infinite": value("inputs.scale", 0, float("inf")),
    "scale negative": value("inputs.scale", 1, -1.0),
    "scale not a number": value("inputs.scale", 2, float("nan")),
    "scale zero": value("inputs.scale", 1, 0.0),
}

HOSTILE = {
    **NOT_SAFETENSORS,
    **LENGTH,
    **JSON,
    **METADATA,
    **ENTRIES,
    **TENSORS,
    **TEXT,
    **VALUES,
}
"""Every one must be answered with ModelFileError."""

CONTAINER = {**NOT_SAFETENSORS, **LENGTH, **JSON, **ENTRIES}
"""Those whose fault lies in the container: its reader alone must see it, with the exceptions of
`ALLOWED_BY_THE_CONTAINER`, which are good containers of another network."""

ALLOWED_BY_THE_CONTAINER = {
    "dtype of the same size",
    "shape turned",
    "shape flat",
    "shape of three axes",
}
