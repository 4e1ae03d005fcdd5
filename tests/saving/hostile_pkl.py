"""Hostile .pkl files: `HOSTILE` maps the name of a case to its bytes.

Each is a file that Python's own `pickle.load` would run, hang on, or take for more than it is, or
a good file with one change, see pkl_builders.py: add a line to the table it belongs to.
"""

import struct

from hostile_builders import good as safetensors
from hostile_safetensors import NOT_SAFETENSORS
from pkl_builders import (
    FIRST,
    PLAIN,
    RECONSTRUCT,
    RUN,
    START,
    TEXT,
    array,
    bytes_of,
    dtype,
    float64,
    good,
    original,
    pack,
    pairs,
    raw,
    shape_of,
    state_of,
    text,
    whole,
    with_first,
    with_header,
    with_more,
    with_pair,
)

_RAW = bytes_of(FIRST)
_SCALAR = b"cnumpy.core.multiarray\nscalar\n"
_FROM_BUFFER = b"cnumpy.core.numeric\n_frombuffer\n"
_ENCODE = b"c_codecs\nencode\n"
_SHAPE = shape_of(3, 4)


def _named(module, name, arguments=b"(" + RUN + b"t"):
    return with_first(f"c{module}\n{name}\n".encode() + arguments + b"R")


NOT_A_PICKLE = {
    **{name: data for name, data in NOT_SAFETENSORS.items() if name != "pickle"},
    "one byte of a pickle": b"\x80",
    "safetensors": safetensors(),
    "safetensors of 896 bytes of header": struct.pack("<Q", 896) + b"{}" + b" " * 894,
    "gzip": b"\x1f\x8b\x08" + bytes(60),
    "json": b"{}",
    "only a start": START,
    "only an end": b".",
    "protocol 6": b"\x80\x06" + good()[2:],
    "protocol 255": b"\x80\xff" + good()[2:],
    "protocol named twice": START + good(),
    "protocol in the middle": with_more(START),
}

CALLS = {
    "os.system": _named("os", "system"),
    "posix.system, as the whole file": b"cposix\nsystem\n(" + RUN + b"tR.",
    "posix.system, in a frame": START + b"\x95" + struct.pack("<Q", 31) + b"\x8c\x05posix\x94"
    b"\x8c\x06system\x94\x93\x94\x8c\x04true\x94\x85\x94R\x94.",
    "builtins.eval": _named("builtins", "eval"),
    "builtins.exec": _named("builtins", "exec"),
    "builtins.open": _named("builtins", "open", b"(V/tmp/glassnet\nVw\nt"),
    "builtins.__import__": _named("builtins", "__import__"),
    "builtins.getattr": _named("builtins", "getattr", b"(" + PLAIN + RUN + b"t"),
    "builtins.bytes of a number": _named("__builtin__", "bytes", whole(10**10) + b"\x85"),
    "builtins.bytearray of a number": _named("builtins", "bytearray", whole(10**10) + b"\x85"),
    "subprocess.Popen": _named("subprocess", "Popen"),
    "importlib.import_module": _named("importlib", "import_module"),
    "webbrowser.open": _named("webbrowser", "open"),
    "numpy.load": _named("numpy", "load"),
    "numpy.fromfile": _named("numpy", "fromfile"),
    "numpy.core.multiarray.fromfile": _named("numpy.core.multiarray", "fromfile"),
    "numpy.memmap": _named("numpy", "memmap"),
    "numpy.testing's runstring": _named("numpy.testing._private.utils", "runstring"),
    "ndarray.tofile by a dotted name": with_first(
        text("numpy") + text("ndarray.tofile") + b"\x93" + RUN + b"\x85R"
    ),
    "a name out of numbers": with_first(b"K\x01K\x02\x93"),
    "a name that is not UTF-8": with_first(b"cnumpy\n\xff\xfe\n"),
    "a name of a megabyte": with_first(b"c" + b"a" * 2**20 + b"\nb\n"),
    "a name without an end": START + b"}cnumpy",
    "a name left in the dict": with_first(b"cnumpy\nndarray\n"),
    "REDUCE of a text": with_first(text("_reconstruct") + PLAIN + b"R"),
    "REDUCE of the class of arrays": with_first(b"cnumpy\nndarray\n" + _SHAPE + b"\x85R"),
    "REDUCE with a list": with_first(RECONSTRUCT + b"]R"),
    "REDUCE of nothing": START + b"R.",
    "INST": with_first(b"(" + RUN + b"ios\nsystem\n"),
    "OBJ": with_first(b"(cos\nsystem\n" + RUN + b"o"),
    "NEWOBJ": with_first(b"cnumpy\nndarray\n)\x81"),
    "NEWOBJ_EX": with_first(b"cnumpy\nndarray\n)}\x92"),
    "persistent id in text": with_first(b"Pmodel\n"),
    "persistent id": with_first(text("model") + b"Q"),
    "extension code of 1 byte": with_first(b"\x82\x01"),
    "extension code of 2 bytes": with_first(b"\x83\x01\x00"),
    "extension code of 4 bytes": with_first(b"\x84\x01\x00\x00\x00"),
    "BUILD of a function of NumPy": with_first(_FROM_BUFFER + b"N}X\x0c\0\0\0__defaults__)s\x86b"),
    "BUILD of a class": with_first(b"cnumpy\nndarray\n}" + text("a") + RUN + b"sb"),
    "BUILD of a dict": with_first(b"}}" + text("__class__") + RUN + b"sb"),
    "BUILD of a text": with_first(text("a") + b")b"),
    "BUILD of nothing": START + b")b.",
    "codec of its own": with_first(_ENCODE + text("a") + text("rot13") + b"\x86R"),
    "codec zip": with_first(_ENCODE + text("a") + text("zlib_codec") + b"\x86R"),
}

LENGTHS = {
    "bytes of 4 GiB": with_first(b"B\xff\xff\xff\xff"),
    "bytes of 4 EiB": with_first(b"\x8e" + struct.pack("<Q", 2**62)),
    "bytes of 2**64 - 1": with_first(b"\x8e" + b"\xff" * 8),
    "short bytes over the end": START + b"}C\xffabc",
    "byte array of 4 EiB": with_first(b"\x96" + struct.pack("<Q", 2**62)),
    "text of 4 GiB": with_first(b"X\xff\xff\xff\xff"),
    "text of 4 EiB": with_first(b"\x8d" + struct.pack("<Q", 2**62)),
    "short text over the end": START + b"}\x8c\xffabc",
    "frame of 2**63": START + b"\x95" + struct.pack("<Q", 2**63) + good()[2:],
    "frame of one more": START + b"\x95" + struct.pack("<Q", len(good()) - 1) + good()[2:],
    "integer of 255 bytes": with_first(b"\x8a\xff" + b"\x7f" * 255),
    "integer of 2 GiB": with_first(b"\x8b\xff\xff\xff\x7f"),
    "integer of 9 bytes": with_first(b"\x8a\x09" + b"\x7f" * 9),
    "integer in text of 20 digits": with_first(b"I" + b"1" * 20 + b"\n"),
    "integer in text of 5,000 digits": with_first(b"L" + b"1" * 5000 + b"L\n"),
    "integer in text with two signs": with_first(b"I--1\n"),
    "integer in text without its L": with_first(b"L1\n"),
    "integer in text with an L": with_first(b"I1L\n"),
    "integer in text in other digits": with_first("I\uff11\n".encode()),
    "integer in text empty": with_first(b"I\n"),
    "text in lines without an end": START + b"}V" + b"a" * 5000,
    "old text": with_first(b"S'abc'\n"),
    "old bytes": with_first(b"U\x03abc"),
    "a float": with_first(b"G" + bytes(8)),
    "a float in text": with_first(b"F1.5\n"),
}

MACHINE = {
    "bytes after the end": good() + b"\0",
    "a second pickle after the end": good() + good(),
    "no end": good()[:-1],
    "top a list": START + b"](" + text("glassnet") + b"e.",
    "top an array": START + array(_RAW, (3, 4)) + b".",
    "top None": START + b"N.",
    "top a text": START + text(TEXT) + b".",
    "two objects": START + b"}" + good()[2:],
    "nothing on the stack": START + b".",
    "a mark left": START + b"(" + good()[2:],
    "a mark without an end": START + b"}(.",
    "no mark": START + b"}u.",
    "POP": with_more(b"N0"),
    "POP_MARK": with_more(b"(N1"),
    "DUP": with_more(b"2"),
    "EMPTY_SET": with_first(b"\x8f"),
    "FROZENSET": with_first(b"(K\x01\x91"),
    "NEXT_BUFFER": with_first(b"\x97"),
    "READONLY_BUFFER": with_first(raw(_RAW) + b"\x98"),
    "unknown opcode": with_first(b"\xa0"),
    "memo empty": with_first(b"h\x07"),
    "memo empty, in text": with_first(b"g7\n"),
    "memo put of nothing": START + b"q\0.",
    "memo at a word": with_first(b"Npone\n"),
    "memo at the largest place, empty": with_first(b"j\xff\xff\xff\xff"),
    "400,000 places in the memo": START + b"}" + b"\x94" * 4 * 10**5 + b".",
    "many far places in the memo": START
    + b"}"
    + b"".join(b"r" + struct.pack("<I", 4000 * place) for place in range(3 * 10**5))
    + b".",
    "400,000 lists": START + b"}(" + text("a") + b"(" + b"]" * 4 * 10**5 + b"lu.",
    "400,000 dicts": START + b"}" * 4 * 10**5 + b".",
    "400,000 marks": START + b"(" * 4 * 10**5 + b".",
    "400,000 empty frames": START + (b"\x95" + bytes(8)) * 4 * 10**5 + good()[2:],
    "400,000 tuples, one in another": START + b")" + b"\x85" * 4 * 10**5 + b".",
    "400,000 short texts": START + b"}(" + b"\x8c\x02\xc4\x80" * 4 * 10**5 + b"u.",
    "400,000 Nones in a list": START + b"}(" + text("a") + b"](" + b"N" * 4 * 10**5 + b"eu.",
    "wide text of a megabyte": with_first(text("\N{GRINNING FACE}" + "a" * 4 * 2**20)),
    "wide text of a megabyte in lines": with_first(b"V\\u20ac" + b"a" * 4 * 2**20 + b"\n"),
    "list in itself": with_first(b"]q\0h\0a"),
    "list in itself a thousand times": with_first(b"]q\0(" + b"h\0" * 1000 + b"e"),
    "dict in itself": with_first(b"}q\0" + text("a") + b"h\0s"),
    "top in itself": START + b"}q\0(" + text("a") + b"h\0u.",
    "two lists in each other": with_first(b"]q\0]q\1h\0aa"),
    "65 lists": with_first(b"(" * 65 + b"l" * 65),
    "65 dicts": with_first((b"}" + text("a")) * 65 + b"}" + b"s" * 65),
    "laughs of lists": START
    + b"}("
    + text("a")
    + b"](]q\0"
    + b"".join(b"](h%ch%ceq%c" % (n, n, n + 1) for n in range(50))
    + b"eu.",
    "laughs of tuples": START
    + b"}("
    + text("a")
    + b")q\0"
    + b"".join(b"h%c\x86q%c" % (n, n + 1) for n in range(50))
    + b"u.",
    "APPEND to a dict": START + b"}Na.",
    "APPEND to a tuple": with_first(b")Na"),
    "APPENDS to a text": with_first(text("a") + b"(NNe"),
    "SETITEM to a list": with_first(b"]" + text("a") + b"Ns"),
    "SETITEM to an array": with_first(array(_RAW, (3, 4)) + text("a") + b"Ns"),
}

KEYS = {
    "key twice": with_more(text(FIRST) + pairs()[FIRST]),
    "header twice": with_more(text("glassnet") + text(TEXT)),
    "key twice in two goes": good()[:-1] + b"(" + text(FIRST) + b"Nu.",
    "key a number": with_more(b"K\x01K\x01"),
    "key None": with_more(b"NK\x01"),
    "key bytes": with_more(raw(b"a") + b"K\x01"),
    "key a tuple": with_more(b")K\x01"),
    "key a shared tuple, 2**40 to hash": START
    + b"}("
    + b")q\0"
    + b"".join(b"h%ch%c\x86q%c" % (n, n, n + 1) for n in range(40))
    + b"Nu.",
    "key an array": with_more(array(_RAW, (3, 4)) + b"N"),
    "key a name": with_more(b"cnumpy\ndtype\nN"),
    "key without a value": with_more(text("a")),
    "key without a value, DICT": START + b"(" + text("a") + b"d.",
    "name with a path": with_pair("../../etc/passwd", array(_RAW, (3, 4))),
    "name with a NUL": with_pair("a\0b", array(_RAW, (3, 4))),
    "name empty": with_pair("", array(_RAW, (3, 4))),
    "name of a kilobyte": with_pair("a" * 1024, array(_RAW, (3, 4))),
    "text not UTF-8": with_pair("glassnet", text(b"\xff\xfe")),
    "text with half a letter": with_pair("glassnet", text(b"\xed\xa0\x80")),
    "text in lines with half a letter": with_pair("glassnet", b"V\\ud800\n"),
    "text in lines with half an escape": with_pair("glassnet", b"V\\u12\n"),
    "text in lines with a letter beyond all": with_pair("glassnet", b"V\\U00110000\n"),
}

_ONE = dtype("f4") + raw(_RAW)

ARRAYS = {
    "dtype of objects": with_first(array(_RAW, (3, 4), dtype("O8", "|"))),
    "dtype of records": with_first(array(_RAW, (3, 4), dtype("V4", "|"))),
    "dtype of texts": with_first(array(_RAW, (3, 4), dtype("U1"))),
    "dtype of bytes": with_first(array(_RAW, (3, 4), dtype("S4", "|"))),
    "dtype of dates": with_first(array(_RAW, (3, 2), dtype("M8"))),
    "dtype complex": with_first(array(_RAW, (3, 2), dtype("c8"))),
    "dtype long double": with_first(array(_RAW, (3, 1), dtype("f16"))),
    "dtype unknown": with_first(array(_RAW, (3, 4), dtype("f3"))),
    "dtype with its order": with_first(array(_RAW, (3, 4), dtype("<f4"))),
    "dtype of fields": with_first(array(_RAW, (3, 4), dtype("f4,f4"))),
    "dtype a number": with_first(b"cnumpy\ndtype\nK\x04\x89\x88\x87R"),
    "dtype aligned": with_first(array(_RAW, (3, 4), dtype(options=b"\x88\x88"))),
    "dtype without a state": with_first(array(_RAW, (3, 4), dtype(state=b""))),
    "dtype in the order of the machine": with_first(array(_RAW, (3, 4), dtype(order="="))),
    "dtype without an order": with_first(array(_RAW, (3, 4), dtype(order="|"))),
    "dtype of one byte with an order": with_first(array(_RAW, (3, 16), dtype("u1", "<"))),
    "dtype with a short state": with_first(array(_RAW, (3, 4), dtype(state=b"(K\x03V<\nt"))),
    "dtype with a state of names": with_first(
        array(
            _RAW, (3, 4), dtype(state=b"(K\x03V<\nN(Va\nt}J\xff\xff\xff\xffJ\xff\xff\xff\xffK\0t")
        )
    ),
    "dtype that holds objects": with_first(
        array(_RAW, (3, 4), dtype(state=b"(K\x03V<\nNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x3ft"))
    ),
    "dtype of another version": with_first(
        array(_RAW, (3, 4), dtype(state=b"(K\x04V<\nNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0t"))
    ),
    "dtype with a list as state": with_first(array(_RAW, (3, 4), dtype(state=b"]"))),
    "dtype built twice": with_first(
        array(_RAW, (3, 4), dtype() + dtype()[len(dtype(state=b"")) :])
    ),
    "dtype left in the dict": with_first(dtype()),
    "dtype of another thing": with_first(array(_RAW, (3, 4), text("f4"))),
    "array not built": with_first(RECONSTRUCT + PLAIN + b"R"),
    "array built twice": with_first(array(_RAW, (3, 4)) + state_of(_RAW, (3, 4)) + b"b"),
    "array of 10**11 items at once": with_first(
        RECONSTRUCT + b"cnumpy\nndarray\n" + shape_of(10**11) + b"C\x01b\x87R"
    ),
    "array of another code": with_first(RECONSTRUCT + PLAIN.replace(b"\x01b", b"\x01O") + b"R"),
    "array of a code in text": with_first(RECONSTRUCT + PLAIN[:-4] + text("b") + b"\x87R"),
    "array of a truth value": with_first(RECONSTRUCT + PLAIN.replace(b"K\0", b"\x89") + b"R"),
    "array of another class": with_first(RECONSTRUCT + b"cnumpy\ndtype\nK\0\x85C\x01b\x87R"),
    "array of too few arguments": with_first(RECONSTRUCT + PLAIN[:-4] + b"\x86R"),
    "state of four": with_first(RECONSTRUCT + PLAIN + b"R(" + _SHAPE + dtype() + b"\x89C\0tb"),
    "state a list": with_first(RECONSTRUCT + PLAIN + b"R]b"),
    "state of version 2": with_first(array(_RAW, (3, 4), version=b"K\x02")),
    "state of version true": with_first(array(_RAW, (3, 4), version=b"\x88")),
    "order a number": with_first(array(_RAW, (3, 4), fortran=b"K\0")),
    "shape a list": with_first(array(_RAW, b"(K\x03K\x04l")),
    "shape with a truth value": with_first(array(_RAW, b"\x88K\x0c\x86")),
    "shape with a text": with_first(array(_RAW, b"(K\x03" + text("4") + b"t")),
    "shape negative": with_first(array(_RAW, (-3, -4))),
    "shape of nine axes": with_first(array(_RAW, (3, 4, 1, 1, 1, 1, 1, 1, 1))),
    "shape of 2**49": with_first(array(b"", (0, 2**49))),
    "shape that wraps around": with_first(array(b"", (2**32, 2**32))),
    "shape of none and too many": with_first(array(b"", (0, 2**40, 2**40))),
    "shape of 4 EiB": with_first(array(_RAW, (2**40, 2**20))),
    "a byte too few": with_first(array(_RAW[:-1], (3, 4))),
    "a byte too many": with_first(array(_RAW + b"\0", (3, 4))),
    "content a text": with_first(array([text(_RAW[:0] + b"a" * 48)], (3, 4))),
    "content a list of objects": with_first(array([b"](" + b"N" * 12 + b"e"], (3, 4))),
    "bytes left in the dict": with_first(raw(_RAW)),
    "bytes of wide letters": with_first(
        array([_ENCODE + text("\u0100" * 48) + text("latin1") + b"\x86R"], (3, 4))
    ),
    "bytes of one long text, a hundred times": with_first(
        _ENCODE
        + b"q\0"
        + text("a" * 10**6)
        + b"q\1"
        + text("latin1")
        + b"\x86q\2]("
        + b"h\0h\2R" * 100
        + b"e"
    ),
    "bytes of bytes": with_first(array([_ENCODE + raw(_RAW) + text("latin1") + b"\x86R"], (3, 4))),
    "bytes with an argument": with_first(array([b"c__builtin__\nbytes\nK\x30\x85R"], (3, 4))),
    "buffer in any order": with_first(
        _FROM_BUFFER + b"(" + raw(_RAW) + dtype() + _SHAPE + b"VK\ntR"
    ),
    "buffer in an order in numbers": with_first(
        _FROM_BUFFER + b"(" + raw(_RAW) + dtype() + _SHAPE + b"K\0tR"
    ),
    "buffer a list": with_first(_FROM_BUFFER + b"(]" + dtype() + _SHAPE + b"VC\ntR"),
    "buffer too short": with_first(
        _FROM_BUFFER + b"(" + raw(_RAW[:-4]) + dtype() + _SHAPE + b"VC\ntR"
    ),
    "number too long": with_first(_SCALAR + _ONE + b"\x86R"),
    "number of objects": with_first(_SCALAR + dtype("O8", "|") + raw(bytes(8)) + b"\x86R"),
    "truth value of 2": with_first(array(b"\2" * 12, (3, 4), dtype("b1", "|"))),
}

_INF = struct.pack("<f", float("inf"))
_TWENTY = float64(20, 20)
_LAYERS = list(range(9))

NETWORKS = {
    "nothing in it": pack(b""),
    "no header": with_pair("glassnet", None),
    "header alone": pack({"glassnet": text(TEXT)}),
    "header bytes": with_pair("glassnet", raw(TEXT.encode())),
    "header an array": with_pair("glassnet", array(_RAW, (3, 4))),
    "header a dict": with_pair("glassnet", b"}"),
    "header empty": with_pair("glassnet", text("")),
    "header of 2 MiB, many times": with_pair(
        "glassnet", b"](" + text("a" * 2**21) + b"q\0" + b"h\0" * 100 + b"e"
    ),
    "header of 3 MiB": with_pair("glassnet", text(" " * 3 * 2**20)),
    "header with NaN": with_pair("glassnet", text(TEXT.replace("0.25", "NaN"))),
    "header of 100,000 brackets": with_pair("glassnet", text("[" * 100_000)),
    "another text": with_pair("format", text("pt")),
    "another number": with_pair("epochs", b"K\x05"),
    "a later version": with_header(format_version="2.0"),
    "layers others": with_header(layers=[3, 5, 2]),
    "an unknown activation": with_header(activations=[{"name": "os.system"}]),
    "an unknown link": with_header(loss={"name": "squared_error", "activation": "os.system"}),
    "a link without a name": with_header(loss={"name": "squared_error", "activation": {}}),
    "a link in a link": with_header(
        loss={"name": "squared_error", "activation": {"name": {"name": "tanh"}}}
    ),
    "an unknown link as an object": with_header(
        loss={"name": "squared_error", "activation": {"name": "cube"}}
    ),
    "a link with an unknown setting": with_header(
        loss={"name": "squared_error", "activation": {"name": "tanh", "slope": 1}}
    ),
    "a link with a setting in words": with_header(
        loss={"name": "squared_error", "activation": {"name": "leaky_relu", "slope_below": "0"}}
    ),
    "a link that is a loss": with_header(
        loss={"name": "squared_error", "activation": {"name": "huber"}}
    ),
    "a link that is a list": with_header(loss={"name": "squared_error", "activation": ["tanh"]}),
    "an array missing": with_first(None),
    "an array more": with_pair("layers.2.weights", array(_RAW, (3, 4))),
    "an array in the other order": with_first(array(_RAW, (4, 3))),
    "an array of the other dtype": with_first(array(bytes(96), (3, 4), dtype("f8"))),
    "an array of integers": with_first(array(_RAW, (3, 4), dtype("i4"))),
    "a number of NumPy's": with_first(_SCALAR + dtype() + raw(_RAW[:4]) + b"\x86R"),
    "a list of arrays": with_first(b"](" + array(_RAW, (3, 4)) + b"e"),
    "an array infinite": with_first(array(_INF * 12, (3, 4))),
    "an array under many names": with_header(layers=[8] * 80)[:-2]
    + b"".join(
        text(f"more.{n}") + (array(bytes(2**16), (2**14,)) + b"q\0" if n == 0 else b"h\0")
        for n in range(2000)
    )
    + b"u.",
    "original: no layers": original([], []),
    "original: not lists": pack({"weights": float64(2, 2), "biases": float64(2)}),
    "original: tuples": pack({"weights": float64(2, 2) + b"\x85", "biases": float64(2) + b"\x85"}),
    "original: texts": pack({"weights": text("ab"), "biases": text("ab")}),
    "original: more weights": original([float64(2, 2), float64(2, 2)], [float64(2)]),
    "original: one more key": original([float64(2, 2)], [float64(2)], text("epochs") + b"K\1"),
    "original: weights alone": pack({"weights": b"](" + float64(2, 2) + b"e"}),
    "original: weights of one axis": original([float64(2)], [float64(2)]),
    "original: biases of two axes": original([float64(2, 2)], [float64(2, 1)]),
    "original: weights of none": original([float64(2, 0)], [float64(2)]),
    "original: float32": original([array(bytes(16), (2, 2))], [array(bytes(8), (2,))]),
    "original: not a chain": original([float64(3, 2), float64(1, 2)], [float64(3), float64(1)]),
    "original: biases of another size": original([float64(3, 2)], [float64(2)]),
    "original: not finite": original([float64(2, 2, value=float("nan"))], [float64(2)]),
    "original: numbers": original([b"K\1"], [b"K\1"]),
    "original: one matrix for all layers": original(
        [_TWENTY + b"q\0", *[b"h\0"] * 2000], [float64(20) + b"q\1", *[b"h\1"] * 2000]
    ),
}


def _bytes(content):
    return b"B" + struct.pack("<I", len(content)) + content


_MANY = b"\x80\x04}(X\1\0\0\0a"
_TRUE = (
    b"(" + _bytes(b"\1" * 2**20) + b"cnumpy\ndtype\nX\2\0\0\0b1\x89\x88\x87R"
    b"(K\3X\1\0\0\0|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb" + b"J\0\0\x10\0\x85X\1\0\0\0Ctq\2"
)
AGAIN = {  # one part of the file, looked at again and again
    "one text a thousand times in the state of a dtype": _MANY
    + b"cnumpy\ndtype\nX\2\0\0\0f4\x89\x88\x87R("
    + _bytes(b"a" * 2**20)
    + b"q\0"
    + b"h\0" * 1000
    + b"tbu.",
    "one long key in 500 dicts": _MANY
    + b"](}"
    + _bytes(b"a" * 2**20)
    + b"q\0Ns"
    + b"}h\0Ns" * 500
    + b"eu.",
    "one short key in 40,000 dicts": _MANY
    + b"](}"
    + _bytes(b"a" * 1000)
    + b"q\0Ns"
    + b"}h\0Ns" * 40_000
    + b"eu.",
    "a key of 4 MB": b"\x80\x04}" + _bytes(b"\xff" * 2**22) + b"Ns.",
    "one array of truth values 10,000 times": _MANY
    + b"("
    + _FROM_BUFFER
    + b"q\1"
    + _TRUE
    + b"h\1h\2R" * 10_000
    + b"tu.",
}

TABLES = (NOT_A_PICKLE, CALLS, LENGTHS, MACHINE, KEYS, ARRAYS, AGAIN, NETWORKS)

CONTAINER = {case: data for table in TABLES[:-1] for case, data in table.items()}
"""Those that are no plain arrays and texts: the reader of bytes alone must see it, but for
`ALLOWED_BY_THE_CONTAINER`."""

ALLOWED_BY_THE_CONTAINER: set[str] = set()


HOSTILE = {**CONTAINER, **NETWORKS}
"""Every one must be answered with ModelFileError."""

assert len(HOSTILE) == sum(map(len, TABLES)), "two cases have the same name"
