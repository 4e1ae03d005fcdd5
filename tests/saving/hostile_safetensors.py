"""Builders of .safetensors files, good and hostile, made without the code they are to test.

`good()` is a network of layers [3, 4, 2]; `HOSTILE` maps the name of a case to its bytes. A case
is one change to the good file: add a line to the table it belongs to.
"""

import json
import struct

HEADER = {
    "format_version": "1.0",
    "glassnet_version": "0.1.0",
    "kind": "network",
    "layers": [3, 4, 2],
    "activations": [{"name": "leaky_relu", "slope_below": 0.01}],
    "dropout": [0.25],
    "bias": [True, True],
    "initializer": "auto",
    "loss": {"name": "softmax_cross_entropy", "smoothing": 0.0},
    "classes": ["cat", "dog"],
    "columns": None,
    "input_scale": None,
    "dtype": "float32",
    "seed": 7,
    "input_scaling": {"source": "numbers"},
    "target_scaling": None,
}

SHAPES = {
    "inputs.offset": ("F64", [3]),
    "inputs.scale": ("F64", [3]),
    "layers.0.weights": ("F32", [3, 4]),
    "layers.0.biases": ("F32", [4]),
    "layers.1.weights": ("F32", [4, 2]),
    "layers.1.biases": ("F32", [2]),
}


def numbers(name):
    """The values of a tensor, flat: small, all different, exact in float32."""
    code, shape = SHAPES[name]
    count = shape[0] * (shape[1] if len(shape) > 1 else 1)
    first = 1.0 if code == "F64" else -0.5
    return [first + index / 8 for index in range(count)]


def payload():
    return b"".join(
        struct.pack(
            f"<{len(numbers(name))}{'d' if SHAPES[name][0] == 'F64' else 'f'}", *numbers(name)
        )
        for name in SHAPES
    )


def entries():
    """The container's table of tensors, as a fresh dict."""
    table, begin = {}, 0
    for name, (code, shape) in SHAPES.items():
        end = begin + len(numbers(name)) * (8 if code == "F64" else 4)
        table[name] = {"dtype": code, "shape": list(shape), "data_offsets": [begin, end]}
        begin = end
    return table


def pack(table, data=None, length=None):
    """The file: `table` is the container's header, a dict, a str or bytes."""
    if isinstance(table, dict):
        table = json.dumps(table, separators=(",", ":"))
    if isinstance(table, str):
        table = table.encode("utf-8", "surrogatepass")
        table += b" " * (-len(table) % 8)
    size = len(table) if length is None else length
    return struct.pack("<Q", size) + table + (payload() if data is None else data)


def with_text(text, table=None, data=None):
    """The good file with `text` in the place of the network's JSON."""
    return pack({"__metadata__": {"glassnet": text}, **(table or entries())}, data)


def with_header(header, table=None, data=None):
    return with_text(json.dumps(header, separators=(",", ":")), table, data)


def good():
    return with_header(HEADER)


def changed(**changes):
    """The good file with other values in the network's JSON; `...` takes a key out."""
    header = {**HEADER, **changes}
    return with_header({key: value for key, value in header.items() if value is not ...})


def container(change):
    """The good file after `change(table)` of the container's header."""
    table = {"__metadata__": {"glassnet": json.dumps(HEADER)}, **entries()}
    return pack(change(table) or table)


def tensor(name, **changes):
    """The good file with other values in the entry of one tensor; `...` takes a key out."""

    def change(table):
        entry = {**table[name], **changes}
        table[name] = {key: value for key, value in entry.items() if value is not ...}

    return container(change)


def renamed(old, new):
    def change(table):
        return {(new if name == old else name): entry for name, entry in table.items()}

    return container(change)


def value(name, index, number):
    """The good file with another number in one tensor."""
    table, data = entries(), bytearray(payload())
    code = "<d" if table[name]["dtype"] == "F64" else "<f"
    begin = table[name]["data_offsets"][0] + index * struct.calcsize(code)
    data[begin : begin + struct.calcsize(code)] = struct.pack(code, number)
    return with_header(HEADER, data=bytes(data))


def without(name):
    """The good file with one tensor and its bytes taken out."""
    table, data = {}, b""
    for other, entry in entries().items():
        if other != name:
            begin, end = entry["data_offsets"]
            table[other] = {**entry, "data_offsets": [len(data), len(data) + end - begin]}
            data += payload()[begin:end]
    return with_header(HEADER, table, data)


def extra(name="layers.2.weights", code="F32", shape=(2,), data=b"\0" * 8):
    table = entries()
    end = len(payload())
    table[name] = {"dtype": code, "shape": list(shape), "data_offsets": [end, end + len(data)]}
    return with_header(HEADER, table, payload() + data)


def swap(text, old, new):
    """The good file with one piece of its container's JSON replaced, letter by letter."""
    table = json.dumps({"__metadata__": {"glassnet": text}, **entries()}, separators=(",", ":"))
    assert old in table
    return pack(table.replace(old, new, 1))


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

TEXT = {
    "text empty": with_text(""),
    "text not json": with_text("glassnet"),
    "text a list": with_text("[]"),
    "text null": with_text("null"),
    "text an empty object": with_text("{}"),
    "text with NaN": with_text(_TEXT.replace("0.25", "NaN")),
    "text with 1e999": with_text(_TEXT.replace("0.25", "1e999")),
    "text with a key twice": with_text(_TEXT.replace('"kind"', '"seed":1,"kind"')),
    "text 17 deep": changed(columns={"a": json.loads("[" * 16 + "]" * 16)}),
    "text 100,000 deep": with_text("[" * 100_000),
    "text half a character": with_text(_TEXT.replace("cat", "\\ud800")),
    "text of an integer of 5,000 digits": with_text(
        _TEXT.replace('"seed":7', '"seed":' + "7" * 5000)
    ),
    "text of a million lists": with_text('{"layers":[' + "[]," * 300_000 + "[]]}"),
    "key missing": changed(layers=...),
    "last key missing": changed(target_scaling=...),
    "key unknown": changed(run="import os"),
    "optional keys not a list": changed(optional="run", run=1),
    "optional keys not texts": changed(optional=[1]),
    "a key both needed and optional": changed(optional=["layers"], layers=...),
}

VALUES = {
    "version 2": changed(format_version="2.0"),
    "version 999": changed(format_version="999.0"),
    "version 0": changed(format_version="0.9"),
    "version a number": changed(format_version=1.0),
    "version in words": changed(format_version="one"),
    "version of many digits": changed(format_version="1" * 5000 + ".0"),
    "version with a newline": changed(format_version="1.0\n"),
    "version of the program a number": changed(glassnet_version=1),
    "kind fleet": changed(kind="fleet"),
    "kind a class": changed(kind="os.system"),
    "kind a list": changed(kind=["network"]),
    "layers of one": changed(layers=[3]),
    "layers empty": changed(layers=[]),
    "layers a text": changed(layers="342"),
    "layers a number": changed(layers=342),
    "layers of floats": changed(layers=[3.0, 4.0, 2.0]),
    "layers with a truth value": changed(layers=[3, 4, True]),
    "layers with a text": changed(layers=[3, "4", 2]),
    "layers with a null": changed(layers=[3, None, 2]),
    "layers negative": changed(layers=[3, -4, 2]),
    "layers zero": changed(layers=[3, 0, 2]),
    "layers others": changed(layers=[3, 5, 2]),
    "layers huge": changed(layers=[3, 10**15, 2]),
    "layers beyond 64 bits": changed(layers=[3, 2**70, 2]),
    "layers one more": changed(layers=[3, 4, 2, 2]),
    "activations a text": changed(activations="relu"),
    "activations none": changed(activations=[]),
    "activations two": changed(activations=[{"name": "relu"}, {"name": "relu"}]),
    "activation a text": changed(activations=["relu"]),
    "activation null": changed(activations=[None]),
    "activation without a name": changed(activations=[{"slope_below": 0.1}]),
    "activation unknown": changed(activations=[{"name": "cube"}]),
    "activation a module": changed(activations=[{"name": "os.system", "slope_below": 0.01}]),
    "activation a dunder": changed(activations=[{"name": "__class__"}]),
    "activation a number": changed(activations=[{"name": 3}]),
    "activation a list": changed(activations=[{"name": ["leaky_relu"]}]),
    "activation with an unknown setting": changed(activations=[{"name": "relu", "slope": 0.1}]),
    "activation with a method for a setting": changed(
        activations=[{"name": "leaky_relu", "forward": 0.1}]
    ),
    "slope a text": changed(activations=[{"name": "leaky_relu", "slope_below": "0.01"}]),
    "slope a truth value": changed(activations=[{"name": "leaky_relu", "slope_below": True}]),
    "slope null": changed(activations=[{"name": "leaky_relu", "slope_below": None}]),
    "slope a list": changed(activations=[{"name": "leaky_relu", "slope_below": [0.01]}]),
    "dropout a number": changed(dropout=0.25),
    "dropout two": changed(dropout=[0.25, 0.25]),
    "dropout one": changed(dropout=[1]),
    "dropout negative": changed(dropout=[-0.25]),
    "dropout a text": changed(dropout=["0.25"]),
    "dropout a truth value": changed(dropout=[True]),
    "dropout huge": changed(dropout=[10**70]),
    "bias a truth value": changed(bias=True),
    "bias one": changed(bias=[True]),
    "bias of numbers": changed(bias=[1, 1]),
    "bias without its tensor's say": changed(bias=[True, False]),
    "initializer unknown": changed(initializer="magic"),
    "initializer a list": changed(initializer=["auto"]),
    "initializer null": changed(initializer=None),
    "loss a text": changed(loss="squared_error"),
    "loss unknown": changed(loss={"name": "cube"}),
    "loss auto": changed(loss={"name": "auto"}),
    "loss without a name": changed(loss={}),
    "loss with an unknown setting": changed(loss={"name": "softmax_cross_entropy", "exec": 1}),
    "loss smoothing above 1": changed(loss={"name": "softmax_cross_entropy", "smoothing": 2.0}),
    "loss smoothing a text": changed(loss={"name": "softmax_cross_entropy", "smoothing": "0"}),
    "loss link unknown": changed(loss={"name": "squared_error", "activation": "os.system"}),
    "loss link a number": changed(loss={"name": "squared_error", "activation": 1}),
    "loss pinball without quantiles": changed(loss={"name": "pinball", "quantiles": []}),
    "loss pinball of texts": changed(loss={"name": "pinball", "quantiles": ["a", "b"]}),
    "classes a text": changed(classes="ab"),
    "classes one": changed(classes=["cat"]),
    "classes three": changed(classes=["cat", "dog", "cow"]),
    "classes twice the same": changed(classes=["cat", "cat"]),
    "classes lists": changed(classes=[["cat"], ["dog"]]),
    "classes null inside": changed(classes=["cat", None]),
    "columns a list": changed(columns=[]),
    "columns a text": changed(columns="price"),
    "dtype a module's name": changed(dtype="os"),
    "dtype float16": changed(dtype="float16"),
    "dtype float64 over float32 tensors": changed(dtype="float64"),
    "dtype object": changed(dtype="object"),
    "dtype a code": changed(dtype="<f4"),
    "dtype null": changed(dtype=None),
    "dtype a list": changed(dtype=[["a", "<f4"]]),
    "input scale a text": changed(input_scale="1"),
    "input scale zero": changed(input_scale=0),
    "input scale negative": changed(input_scale=-1.0),
    "input scale a truth value": changed(input_scale=True),
    "seed a text": changed(seed="7"),
    "seed negative": changed(seed=-7),
    "seed a float": changed(seed=7.0),
    "seed a truth value": changed(seed=True),
    "scaling a text": changed(input_scaling="numbers"),
    "scaling without source": changed(input_scaling={}),
    "scaling of an unknown source": changed(input_scaling={"source": "urandom"}),
    "scaling with a key too many": changed(input_scaling={"source": "numbers", "offset": [0]}),
    "scaling missing though tensors are there": changed(input_scaling=None),
    "scaling announced, tensors missing": changed(target_scaling={"source": "numbers"}),
    "environment a text": changed(environment="linux"),
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
