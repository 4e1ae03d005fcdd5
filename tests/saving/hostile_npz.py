"""Hostile .npz files: `HOSTILE` maps the name of a case to its bytes.

A case is one change to a good file, see npz_builders.py: add a line to the table it belongs to.
What a network's JSON may not say is the same in every format: see hostile_headers.py.
"""

import json
import random
import struct
import zlib

import hostile_builders
from hostile_safetensors import NOT_SAFETENSORS
from npz_builders import (
    FIRST,
    TEXT,
    archive,
    array,
    both,
    changed,
    content,
    deflated,
    extra,
    good,
    good_array,
    header,
    member,
    members,
    npy,
    raw_of,
    renamed,
    text,
    text_array,
)

_HUGE = 100_000_000
_END = b"PK\5\6" + b"\0" * 18
_WIDE = 2**32 - 1


def _listed(change):
    """The good file with another list of members in its directory."""
    parts = members()
    archive(parts)  # settles where each lies
    return archive(parts, listed=change(parts))


def _cut(count):
    return good()[:-count]


def _zeros(count):
    """A stream that becomes so many zeros, about 1,000 times its size."""
    machine, data = zlib.compressobj(9, zlib.DEFLATED, -15), b""
    for _ in range(0, count, 1_000_000):
        data += machine.compress(bytes(min(count, 1_000_000)))
    return data + machine.flush()


_BOMB = _zeros(_HUGE)


def _wide_extra(size, packed, mark=1, length=16):
    return struct.pack("<2H2Q", mark, length, size, packed)


def _two_of_one_place():
    """Two names for the same bytes, as in bombs that overlap."""
    return _listed(lambda parts: [*parts, {**parts[3], "name": b"layers.9.weights.npy"}])


def large(last):
    """A network of 20 MB in a file of 1 MB, sound if its last weight is."""
    rng, about = random.Random(1), {"layers": [1000, 5000, 1], "bias": [False, False]}
    about |= {"loss": None, "classes": None, "input_scaling": None}
    rows = b"".join(rng.randbytes(3) + b"\x3f" + bytes(156) for _ in range(125_000))
    weights = npy(rows[:-4] + struct.pack("<f", last), "(1000, 5000)")
    table = json.dumps({**hostile_builders.HEADER, **about})
    return archive(
        [
            member("glassnet.json.npy", text_array(table)),
            member("layers.0.weights.npy", weights, deflated=True),
            member("layers.1.weights.npy", npy(bytes(20_000), "(5000, 1)"), deflated=True),
        ]
    )


NOT_NPZ = {
    **{name: data for name, data in NOT_SAFETENSORS.items() if name != "zip"},
    "safetensors": hostile_builders.good(),
    "one array": good_array(),
    "four bytes": b"PK\3\4",
    "a beginning and zeros": b"PK\3\4" + b"\0" * 4096,
    "a beginning and an end": b"PK\3\4" + _END,
    "an end alone": _END,
    "many ends": b"PK\3\4" + _END * 1000,
    "tar": b"model.npy" + b"\0" * 503,
    "gzip": b"\x1f\x8b\x08" + b"\0" * 100,
    "program with an archive behind": b"MZ" + b"\0" * 100 + good(),
}

END = {
    "end missing": _cut(22),
    "end cut": _cut(1),
    "end cut after its mark": _cut(18),
    "directory missing": good()[: good().index(b"PK\1\2")] + good()[-22:],
    "directory cut": archive(members(), size=100),
    "directory one byte short": good()[:-23] + good()[-22:],
    "directory said to be larger": archive(members(), size=10**6),
    "directory said to lie elsewhere": archive(members(), begin=0),
    "directory at 2**32 - 1": archive(members(), begin=_WIDE, size=_WIDE),
    "no members": archive([]),
    "no members listed": archive(members(), listed=[]),
    "members none, listed all the same": archive(members(), here=0, count=0),
    "members one less": archive(members(), here=6, count=6),
    "members one more": archive(members(), here=8, count=8),
    "members 65,535": archive(members(), here=65535, count=65535),
    "members of two counts": archive(members(), here=6),
    "disk 1": archive(members(), disk=1),
    "directory on disk 1": archive(members(), other=1),
    "disks of zip64": archive(members(), disk=65535, other=65535),
    "comment": archive(members(), comment=5, behind=b"hello"),
    "comment announced": archive(members(), comment=5),
    "comment that is another end": archive(members(), comment=22, behind=_END),
    "comment that is another archive": archive(members(), comment=len(good()), behind=good()),
    "a byte behind": good() + b"\0",
    "a line behind": good() + b"\r\n",
    "another archive behind": good() + good(),
    "two ends": good() + good()[-22:],
    "a byte before": archive(members(), prefix=b"P"),
    "a script before": archive(members(), prefix=b"#!/bin/sh\nid\n"),
    "a member's mark before": archive(members(), prefix=b"PK\3\4"),
    "zip64 end and locator": good()[:-22]
    + b"PK\6\6"
    + struct.pack("<Q2H2I4Q", 44, 45, 45, 0, 0, 7, 7, 0, 0)
    + b"PK\6\7"
    + struct.pack("<IQI", 0, len(good()) - 22, 1)
    + good()[-22:],
    "10,001 members": archive([member(f"t{n}.npy", b"") for n in range(10_001)]),
    "10,000 members": archive([member(f"t{n}.npy", npy(b"", "(0,)")) for n in range(10_000)]),
}

DIRECTORY = {
    "mark of an entry damaged": good().replace(b"PK\1\2", b"PK\1\3", 1),
    "mark of a member damaged": good()[:100] + good()[100:].replace(b"PK\3\4", b"PK\3\3", 1),
    "entry with an extra": changed(
        listed={"extra": 4}, local={"extra": 4}, extra=b"\1\0\0\0", listed_extra=b"\1\0\0\0"
    ),
    "entry with an extra announced": changed(listed={"extra": 4}),
    "entry with a comment": changed(comment=b"hello"),
    "entry on disk 1": changed(disk=1),
    "member listed twice": _listed(lambda parts: [*parts, parts[1]]),
    "member listed twice in a row": _listed(lambda parts: [parts[0], parts[0], *parts[1:]]),
    "two names for one place": _two_of_one_place(),
    "member not listed": _listed(lambda parts: parts[:-1]),
    "first member not listed": _listed(lambda parts: parts[1:]),
    "member in the middle not listed": _listed(lambda parts: [*parts[:3], *parts[4:]]),
    "members listed in another order": _listed(lambda parts: parts[::-1]),
    "bytes between members": changed(before=b"\0" * 8),
    "bytes behind a member": changed(6, behind=b"\0"),
    "bytes before the directory": archive(members(), gap=b"\0" * 16),
    "a member more before the directory": archive(members(), gap=good()[:200]),
    "place at the member before": changed(2, place=0),
    "place one byte off": changed(2, place=560),
    "place in the directory": changed(6, place=len(good()) - 100),
    "place beyond the file": changed(place=10**9),
    "place of zip64": changed(place=_WIDE),
    "member over the next": both(packed=5000, size=5000),
    "member over the end": both(6, packed=10**6, size=10**6),
    "member of 4 GiB": both(6, packed=_WIDE - 1, size=_WIDE - 1),
    "sizes of zip64": both(packed=_WIDE, size=_WIDE),
    "encrypted": both(flags=1),
    "strongly encrypted": both(flags=0x41),
    "sizes behind the data": changed(
        local={"flags": 8, "crc": 0, "packed": 0, "size": 0},
        listed={"flags": 8},
        behind=b"PK\7\x08" + struct.pack("<3I", zlib.crc32(good_array()), 10, 10),
    ),
    "names in UTF-8": both(flags=0x800),
    "flags of a patch": both(flags=0x20),
    "method shrunk": both(method=1),
    "method deflate64": both(method=9),
    "method bzip2": both(method=12),
    "method lzma": both(method=14),
    "method zstandard": both(method=93),
    "method AES": both(method=99, flags=1),
    "method 65,535": both(method=65535),
    "method deflated, stored": both(method=8),
    "two methods": changed(local={"method": 8}),
    "two sizes": changed(local={"size": 5}),
    "two sizes in the file": changed(local={"packed": 5}),
    "two checksums": changed(local={"crc": 5}),
    "two kinds of flags": changed(local={"flags": 1}),
    "two dates": changed(local={"date": 1}),
    "two versions": changed(local={"needed": 99}),
    "two names": changed(**{"local name": b"layers.0.weightz.npy"}),
    "two lengths of the name": changed(local={"length": 200}),
    "name with a NUL before the end": changed(**{"local name": b"layers.0.wei\0hts.npy"}),
    "extra of a member": changed(local={"extra": 4}, extra=b"UT\0\0"),
    "extra of a member over the end": changed(6, local={"extra": 65535}),
    "wide sizes that lie": changed(local={"extra": 20}, extra=_wide_extra(10**12, 10**12)),
    "wide sizes of a wrong length": changed(
        local={"extra": 20}, extra=_wide_extra(len(good_array()), len(good_array()), 1, 99)
    ),
    "wide sizes of another mark": changed(
        local={"extra": 20}, extra=_wide_extra(len(good_array()), len(good_array()), 2)
    ),
    "wide sizes announced": changed(local={"packed": _WIDE, "size": _WIDE}),
    "wide sizes, one of them small": changed(
        local={"extra": 20, "size": _WIDE}, extra=_wide_extra(len(good_array()), len(good_array()))
    ),
}

NAMES = {
    "name without .npy": renamed("layers.0.weights"),
    "name of another kind": renamed("layers.0.weights.pkl"),
    "name .NPY": renamed("layers.0.weights.NPY"),
    "name empty": renamed(""),
    "name of the suffix alone": renamed(".npy"),
    "name a path upwards": renamed("../../etc/passwd.npy"),
    "name an absolute path": renamed("/etc/passwd.npy"),
    "name of another drive": renamed("C:\\x.npy"),
    "name with backslashes": renamed("..\\..\\x.npy"),
    "name a folder": renamed("layers/"),
    "name with a NUL": renamed("layers.0.weights\0.npy"),
    "name with a newline": renamed("layers.0.weights\n.npy"),
    "name with a space": renamed("layers 0.npy"),
    "name in another script": renamed("слой.npy"),
    "name with an escape": renamed("\x1b[31mred.npy"),
    "name of no encoding": renamed(b"\xff\xfe.npy"),
    "name of 201 letters": renamed("a" * 201 + ".npy"),
    "name of 65,535 letters": renamed("a" * 65531 + ".npy"),
    "name twice": archive([*members(), member(f"{FIRST}.npy", good_array())]),
    "name with .npy twice": renamed(f"{FIRST}.npy.npy"),
    "name with and without .npy": extra(FIRST, good_array()),
    "name of the text twice": archive([*members(), member("glassnet.json.npy", text_array())]),
}

DEFLATED = {
    "inflates to more than it says": deflated(size=len(good_array()) - 1),
    "inflates to less than it says": deflated(size=len(good_array()) + 1),
    "inflates to nothing": deflated(size=0, crc=0),
    "deflated and cut": deflated(packed=lambda data: data[:-5]),
    "deflated and empty": deflated(packed=lambda data: b""),
    "deflated with bytes behind": deflated(packed=lambda data: data + b"\0"),
    "deflated with a megabyte behind": deflated(packed=lambda data: data + bytes(10**6)),
    "deflated twice in one": deflated(packed=lambda data: data + data),
    "deflated in the wrong way": deflated(packed=lambda data: b"\xff" * len(data)),
    "deflated as by zlib": deflated(packed=lambda data: zlib.compress(good_array())),
    "deflated, empty blocks without end": deflated(packed=lambda data: b"\0\0\0\xff\xff" * 10**5),
    "deflated, wrong checksum": deflated(crc=1),
    "bomb of zeros": deflated(packed=lambda data: _BOMB, size=_HUGE),
    "bomb that says it is small": deflated(packed=lambda data: _BOMB),
    "bomb that says 4 GB": deflated(packed=lambda data: _BOMB, size=_WIDE - 1),
    "bomb that says a ratio of 100": deflated(
        packed=lambda data: _BOMB, size=100 * (len(_BOMB) - 1)
    ),
    "bomb in the header of an array": deflated(
        data=npy(b"", "()", version=2, text=b" " * 20_000_000)
    ),
    "bomb in pieces": archive(
        [*members(), *(member(f"t{n}.npy", bytes(60_000), deflated=True) for n in range(99))]
    ),
    "bomb in 1,200 pieces": archive(
        [*members(), *(member(f"t{n}.npy", bytes(60_000), deflated=True) for n in range(1200))]
    ),
    "bomb of a text": archive(
        [member("glassnet.json.npy", text_array('["' + "a" * 5_000_000), deflated=True)]
    ),
    "text deflated, too large": deflated(
        "glassnet.json", data=text_array(random.Random(0).randbytes(600_000))
    ),
}

CONTENT = {
    "a bit of the numbers flipped": good().replace(
        raw_of(FIRST), bytes([raw_of(FIRST)[0] ^ 1]) + raw_of(FIRST)[1:]
    ),
    "checksum 0": both(crc=0),
    "stored, of two sizes": both(size=10),
    "array empty": content(b""),
    "array cut in its mark": content(b"\x93NUM"),
    "array cut behind its version": content(b"\x93NUMPY\1\0"),
    "array cut in its header": content(good_array()[:40]),
    "array cut by a byte": content(good_array()[:-1]),
    "array cut by a number": content(good_array()[:-4]),
    "array without numbers": content(npy(b"", "(3, 4)")),
    "array with a byte too many": content(good_array() + b"\0"),
    "array with another behind it": content(good_array() + good_array()),
    "array a pickle": content(b"\x80\x04cposix\nsystem\n."),
    "array an archive": content(good()),
    "array of zeros": content(b"\0" * 200),
    "mark damaged": content(b"\x92" + good_array()[1:]),
    "version 0": array(version=0),
    "version 4": array(version=4),
    "version 1.1": content(good_array()[:7] + b"\1" + good_array()[8:]),
    "header of 0 bytes": array(text=""),
    "header of 65,535 bytes announced": content(b"\x93NUMPY\1\0\xff\xff" + b" " * 118),
    "header of 4 GiB announced": content(b"\x93NUMPY\2\0" + b"\xff" * 4 + b" " * 83),
    "header of 10,001 bytes": array(
        text="{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }".ljust(10_000) + "\n"
    ),
    "header of 300 kB": array(version=2, text=b" " * 300_000),
}

ARRAYS = {
    "header without its end": header("}", ""),
    "header without a newline": array(text="{'descr': '<f4', 'fortran_order': False, 'shape': ()}"),
    "header with a word more": header("(3, 4), }", "(3, 4), 'run': 1, }"),
    "header with code behind": header("}", "} or __import__('os').system('id')"),
    "header an expression": array(text="__import__('os').system('id')\n"),
    "header of 9,000 signs": array(text="-" * 9000 + "1\n"),
    "header of 9,000 brackets": array(text="(" * 9000 + "\n"),
    "header of NULs": array(text="\0" * 118),
    "header in UTF-16": array(
        text="{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }\n".encode("utf-16")
    ),
    "key missing": header("'fortran_order': False, ", ""),
    "key twice": header("'shape'", "'shape': (3, 4), 'shape'"),
    "keys in bytes": header("'descr'", "b'descr'"),
    "dtype of objects": array(descr="|O"),
    "dtype of objects, pickled": content(npy(b"\x80\x04cposix\nsystem\n.", "(1,)", "|O")),
    "dtype of fields": header("'<f4'", "[('a', '<f4')]"),
    "dtype a tuple": header("'<f4'", "('<f4', (3,))"),
    "dtype void": array(descr="|V4"),
    "dtype text": array(descr="<U1"),
    "dtype bytes": array(descr="|S4"),
    "dtype complex": array(descr="<c8"),
    "dtype long double": array(descr="<f16"),
    "dtype time": array(descr="<M8[s]"),
    "dtype time difference": array(descr="<m8"),
    "dtype without an order": array(descr="f4"),
    "dtype of the native order": array(descr="=f4"),
    "dtype by name": array(descr="float32"),
    "dtype of 3 bytes": array(descr="<f3"),
    "dtype of 0 bytes": array(descr="<f0"),
    "dtype of 10**9 bytes": array(descr="<f1000000000"),
    "dtype of several": array(descr="<f4,<f4"),
    "dtype of another size": array(descr="<f8"),
    "dtype of the same size": array(descr="<i4"),
    "dtype with a NUL": array(descr="<f4\0"),
    "order a number": array(order="1"),
    "order None": array(order="None"),
    "order turned": array(order="True", shape="(4, 3)"),
    "shape a number": array(shape="12"),
    "shape a number in brackets": array(shape="(12)"),
    "shape a list": array(shape="[3, 4]"),
    "shape of floats": array(shape="(3.0, 4.0)"),
    "shape of truth values": array(shape="(True, 12)"),
    "shape of texts": array(shape="('3', '4')"),
    "shape negative": array(shape="(-3, -4)"),
    "shape with a sign": array(shape="(+3, 4)"),
    "shape of Python 2": array(shape="(3L, 4L)"),
    "shape in hexadecimal": array(shape="(0x3, 4)"),
    "shape with a leading zero": array(shape="(03, 4)"),
    "shape with an underscore": array(shape="(1_2,)"),
    "shape in wide digits": array(shape="(\uff13, 4)"),
    "shape with two commas": array(shape="(3,, 4)"),
    "shape of a comma": array(shape="(,)"),
    "shape nested": array(shape="((3, 4),)"),
    "shape larger": array(shape="(3, 5)"),
    "shape smaller": array(shape="(3, 3)"),
    "shape turned": array(shape="(4, 3)"),
    "shape flat": array(shape="(12,)"),
    "shape of no axes": array(shape="()"),
    "shape of nine axes": array(shape="(1, 1, 1, 1, 1, 1, 1, 3, 4)"),
    "shape of 3,000 axes": array(shape="(" + "1, " * 3000 + "12)"),
    "shape 10**11": array(shape="(100000000000,)"),
    "shape 2**32 x 2**32": array(shape="(4294967296, 4294967296)"),
    "shape 2**64 + 3": array(shape="(18446744073709551619, 4)"),
    "shape 2**62 x 4 x 3": array(shape="(4611686018427387904, 4, 3)"),
    "shape of 5,000 digits": array(shape="(" + "9" * 5000 + ",)"),
    "shape 0 x 2**48 x 2**48": extra("a.npy", npy(b"", "(0, 281474976710656, 281474976710656)")),
    "shape 2**49 x 0": extra("a.npy", npy(b"", "(562949953421312, 0)")),
    "truth value 2": extra("flags.npy", npy(b"\2" * 8, "(8,)", "|b1")),
}

TEXTS = {
    "text missing": archive(members()[1:]),
    "text under another name": renamed("glassnet.npy", 0),
    "text under a longer name": renamed("glassnet.json.json.npy", 0),
    "text empty": text(""),
    "text not JSON": text("glassnet"),
    "text cut": text(TEXT[:-1]),
    "text twice in one": text(TEXT + TEXT),
    "text not UTF-8": text(TEXT.encode().replace(b"cat", b"\xff\xfe\xfd")),
    "text in UTF-16": text(TEXT.encode("utf-16")),
    "text with a byte order mark": text(b"\xef\xbb\xbf" + TEXT.encode()),
    "text with half a character": text(TEXT.encode().replace(b"cat", b"\xed\xa0\x80")),
    "text with a NUL behind": text(TEXT + "\0"),
    "text a number": content(npy(b"\0", "()", "|u1"), "glassnet.json"),
    "text of two axes": content(npy(TEXT.encode(), f"({len(TEXT)}, 1)", "|u1"), "glassnet.json"),
    "text of signed bytes": content(npy(TEXT.encode(), f"({len(TEXT)},)", "|i1"), "glassnet.json"),
    "text as NumPy's own text": content(
        npy(TEXT.encode("utf-32-le"), "()", f"<U{len(TEXT)}"), "glassnet.json"
    ),
    "text over the limit": text(" " * 2_100_000),
    "text of wide letters over the limit": text('"' + "é" * 530_000 + '"'),
    "text 100,000 deep": text("[" * 100_000),
    "text of a million lists": text('{"layers":[' + "[]," * 300_000 + "[]]}"),
    "a second text": extra("run.json.npy", npy(b"\0" * 8, "(2,)", "<f4")),
}

ARRAYS_OF_A_NETWORK = {
    "layer missing": archive(members()[:5] + members()[6:]),
    "biases missing": archive(members()[:-1]),
    "layer too many": extra("layers.2.weights.npy", npy(b"\0" * 8, "(2,)")),
    "note too many": extra("note.npy", npy(b"hello", "(5,)", "|u1")),
    "weights of float16": array(descr="<f2", shape="(3, 8)"),
    "weights of whole numbers": array(descr="<u4"),
    "weights in the other order, so not finite": content(
        npy(struct.pack("<12f", *[float("nan")] * 12), "(3, 4)", ">f4")[:-48] + b"\x7f\x80\0\0" * 12
    ),
    "weights not numbers": content(npy(struct.pack("<12f", *[float("nan")] * 12), "(3, 4)")),
    "biases infinite": content(
        npy(struct.pack("<4f", 1, 2, float("inf"), 3), "(4,)"), "layers.0.biases"
    ),
    "bomb of a network, not finite at its end": large(float("nan")),
    "scale zero": content(npy(b"\0" * 24, "(3,)", "<f8"), "inputs.scale"),
    "scale not a number": content(npy(b"\xff" * 24, "(3,)", "<f8"), "inputs.scale"),
    "scale of one": content(npy(b"\0\0\0\0\0\0\xf0\x3f", "(1,)", "<f8"), "inputs.scale"),
}

CONTAINER = {**NOT_NPZ, **END, **DIRECTORY, **NAMES, **DEFLATED, **CONTENT, **ARRAYS}
"""Those whose fault lies in the container: its reader alone must see it, with the exceptions of
`ALLOWED_BY_THE_CONTAINER`, which are good containers of another network."""

ALLOWED_BY_THE_CONTAINER = {
    "10,000 members",
    "name with .npy twice",
    "dtype of the same size",
    "order turned",
    "shape turned",
    "shape flat",
}

HOSTILE = {**CONTAINER, **TEXTS, **ARRAYS_OF_A_NETWORK}
"""Every one must be answered with ModelFileError."""

assert len(HOSTILE) == sum(
    map(len, (NOT_NPZ, END, DIRECTORY, NAMES, DEFLATED, CONTENT, ARRAYS, TEXTS))
) + len(ARRAYS_OF_A_NETWORK), "two cases have the same name"
