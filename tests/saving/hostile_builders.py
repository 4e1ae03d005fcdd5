"""Builders of .safetensors files, made without the code that they are to test.

`good()` is a network of layers [3, 4, 2]; the others give that file with one thing changed.
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
