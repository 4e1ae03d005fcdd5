"""Builders of .npz files, made without the code that they are to test.

`good()` is the network of hostile_builders.py; `members()` are its parts, each a dict of its name,
its content and what its two headers say of it, to be changed before `archive` writes them.
"""

import json
import struct
import zlib

from hostile_builders import HEADER, SHAPES, numbers

TEXT = json.dumps(HEADER, separators=(",", ":"))
CODES = {"F64": "<f8", "F32": "<f4"}
FIRST = "layers.0.weights"
FACTS = ("needed", "flags", "method", "time", "date", "crc", "packed", "size", "length", "extra")
"""What both headers of a member say of it, in their order."""


def npy(raw, shape, descr="<f4", *, order="False", version=1, text=None):
    """An array file; `text` takes the place of its header."""
    if text is None:
        text = f"{{'descr': {descr!r}, 'fortran_order': {order}, 'shape': {shape}, }}"
        start = 10 if version == 1 else 12
        text += " " * (-(start + 1 + len(text)) % 64) + "\n"
    text = text.encode() if isinstance(text, str) else text
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text + raw


def raw_of(name):
    values = numbers(name)
    return struct.pack(f"<{len(values)}{'d' if SHAPES[name][0] == 'F64' else 'f'}", *values)


def text_array(text=TEXT):
    raw = text if isinstance(text, bytes) else text.encode()
    return npy(raw, f"({len(raw)},)", "|u1")


def good_array(name=FIRST, **changes):
    code, shape = SHAPES[name]
    return npy(raw_of(name), **{"shape": str(tuple(shape)), "descr": CODES[code], **changes})


def member(name, content, *, deflated=False, **facts):
    """A member as its headers tell of it, both the same as yet."""
    packed = content
    if deflated:
        machine = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = machine.compress(content) + machine.flush()
    name = name.encode("utf-8", "surrogateescape") if isinstance(name, str) else name
    told = {"needed": 20, "flags": 0, "method": 8 * deflated, "time": 0, "date": 33}
    told |= {"crc": zlib.crc32(content), "packed": len(packed), "size": len(content)}
    told |= {"length": len(name), "extra": 0, **facts}
    return {
        "name": name,
        "packed": packed,
        "local": dict(told),
        "listed": dict(told),
        "extra": b"",
        "listed_extra": b"",
        "comment": b"",
        "disk": 0,
        "place": None,
        "before": b"",
        "behind": b"",
    }


def members(**contents):
    """Those of the good file, with other contents for some, under their names with _ for dots."""
    parts = {"glassnet.json": text_array(), **{name: good_array(name) for name in SHAPES}}
    for name in parts:
        parts[name] = contents.pop(name.replace(".", "_"), parts[name])
    assert not contents
    return [member(f"{name}.npy", content) for name, content in parts.items()]


def archive(parts, *, prefix=b"", gap=b"", behind=b"", listed=None, **end):
    """The file: its members, its directory (of `listed`, if given) and its end."""
    data, directory = prefix, b""
    for part in parts:
        data += part["before"]
        if part["place"] is None:
            part["place"] = len(data)
        facts = struct.pack("<5H3I2H", *(part["local"][fact] for fact in FACTS))
        data += b"PK\3\4" + facts + part.get("local name", part["name"]) + part["extra"]
        data += part["packed"] + part["behind"]
    data += gap
    listed = parts if listed is None else listed
    for part in listed:
        facts = struct.pack("<5H3I2H", *(part["listed"][fact] for fact in FACTS))
        sizes = struct.pack("<3H2I", len(part["comment"]), part["disk"], 0, 0, part["place"])
        directory += b"PK\1\2" + struct.pack("<H", 0x314) + facts + sizes
        directory += part["name"] + part["listed_extra"] + part["comment"]
    told = {"disk": 0, "other": 0, "here": len(listed), "count": len(listed)}
    told |= {"size": len(directory), "begin": len(data), "comment": 0, **end}
    return data + directory + b"PK\5\6" + struct.pack("<4H2IH", *told.values()) + behind


def good():
    return archive(members())


def content(data, name=FIRST):
    """The good file with other bytes for one of its arrays."""
    return archive(members(**{name.replace(".", "_"): data}))


def array(name=FIRST, **changes):
    """The good file with one array that is told of in other words."""
    return content(good_array(name, **changes), name)


def header(old, new):
    """The good file with some letters of an array's header replaced."""
    text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }"
    assert old in text
    return array(text=text.replace(old, new) + " " * 10 + "\n")


def text(data):
    """The good file with other bytes in the place of the network's JSON."""
    return content(text_array(data), "glassnet.json")


def changed(number=1, **changes):
    """The good file with another entry in what is held of a member, `local` or `listed` too."""
    parts = members()
    for key, value in changes.items():
        part = parts[number]
        part[key] = {**part[key], **value} if isinstance(value, dict) else value
    return archive(parts)


def both(number=1, **facts):
    """The good file with other facts in both headers of a member."""
    return changed(number, local=facts, listed=facts)


def renamed(name, number=1):
    """The good file with another name for a member."""
    parts = members()
    name = name if isinstance(name, bytes) else name.encode()
    parts[number]["name"] = name
    parts[number]["local"]["length"] = parts[number]["listed"]["length"] = len(name)
    return archive(parts)


def extra(name, data, **options):
    """The good file with a member more."""
    return archive([*members(), member(name, data, **options)])


def deflated(name=FIRST, *, data=None, packed=None, **facts):
    """The good file with one member deflated; `packed` are the bytes said to be so."""
    parts = members()
    number = ["glassnet.json", *SHAPES].index(name)
    data = parts[number]["packed"] if data is None else data
    parts[number] = member(f"{name}.npy", data, deflated=True)
    if packed is not None:
        parts[number]["packed"] = packed(parts[number]["packed"])
        facts["packed"] = len(parts[number]["packed"])
    parts[number]["local"] |= facts
    parts[number]["listed"] |= facts
    return archive(parts)
