"""Builders of pickles, opcode by opcode, made without the code that they are to test.

`good()` is the network of hostile_builders.py, by protocol 4; `with_pair` and the others give it
with one thing changed. `RUN` is what a hostile pickle would have run.
"""

import json
import struct

from hostile_builders import HEADER, SHAPES, numbers

TEXT = json.dumps(HEADER, separators=(",", ":"))
FIRST = "layers.0.weights"
START = b"\x80\x04"
RECONSTRUCT = b"cnumpy.core.multiarray\n_reconstruct\n"
PLAIN = b"cnumpy\nndarray\nK\x00\x85C\x01b\x87"  # the arguments of _reconstruct
RUN = b"V" + b"echo glassnet was here\n"


def text(value):
    raw = value if isinstance(value, bytes) else value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def raw(data):
    return b"B" + struct.pack("<I", len(data)) + data


def whole(number):
    return b"\x8a\x08" + struct.pack("<q", number)


def shape_of(*sizes):
    return b"(" + b"".join(map(whole, sizes)) + b"t"


def dtype(code="f4", order="<", state=None, options=b"\x89\x88"):
    """A dtype with its state; `state` takes the place of the opcodes from MARK to TUPLE."""
    if state is None:
        state = b"(K\x03" + text(order) + b"NNN" + b"J\xff\xff\xff\xff" * 2 + b"K\x00t"
    return b"cnumpy\ndtype\n" + text(code) + options + b"\x87R" + state + (state and b"b")


def state_of(data, shape, kind=None, *, version=b"K\x01", fortran=b"\x89"):
    shape = shape_of(*shape) if isinstance(shape, tuple) else shape
    data = raw(data) if isinstance(data, bytes) else data[0]
    return b"(" + version + shape + (dtype() if kind is None else kind) + fortran + data + b"t"


def array(data, shape, kind=None, **changes):
    """An array as `_reconstruct` and BUILD make it."""
    return RECONSTRUCT + PLAIN + b"R" + state_of(data, shape, kind, **changes) + b"b"


def bytes_of(name):
    values = numbers(name)
    return struct.pack(f"<{len(values)}{'d' if SHAPES[name][0] == 'F64' else 'f'}", *values)


def pairs():
    """The opcodes of each value of the good file, by its key."""
    made = {"glassnet": text(TEXT)}
    for name, (code, shape) in SHAPES.items():
        kind = dtype("f8" if code == "F64" else "f4")
        made[name] = array(bytes_of(name), tuple(shape), kind)
    return made


def pack(values, end=b"u."):
    """A file: `values` are opcodes by key, or opcodes between MARK and SETITEMS."""
    if isinstance(values, dict):
        values = b"".join(text(key) + value for key, value in values.items())
    return START + b"}(" + values + end


def good():
    return pack(pairs())


def with_pair(key, value):
    """The good file with other opcodes for one value, perhaps a new one; None takes it out."""
    made = {**pairs(), key: value}
    return pack({name: opcodes for name, opcodes in made.items() if opcodes is not None})


def with_more(opcodes):
    """The good file with more opcodes for keys and values."""
    return good()[:-2] + opcodes + b"u."


def with_first(value):
    return with_pair(FIRST, value)


def with_header(**changes):
    header = {key: value for key, value in {**HEADER, **changes}.items() if value is not ...}
    return with_pair("glassnet", text(json.dumps(header)))


def original(weights, biases, more=b""):
    """A file of the original project's layout, from opcodes of arrays."""
    lists = {"weights": weights, "biases": biases}
    lists = {key: b"](" + b"".join(value) + b"e" for key, value in lists.items()}
    return pack(b"".join(text(key) + value for key, value in lists.items()) + more)


def float64(*shape, value=0.5):
    count = 1
    for size in shape:
        count *= size
    return array(struct.pack("<d", value) * count, shape, dtype("f8"))
