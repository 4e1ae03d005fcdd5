"""Files of fleets, made without the code that they are to test: a good one, and hostile ones.

`good_fleet()` has 3 members of layers [3, 4, 2]; `HOSTILE_FLEETS` maps the name of a case to that
file with one thing changed.
"""

import json
import struct

from hostile_builders import HEADER, SHAPES, pack

MEMBERS = 3
FLEET = {
    **HEADER,
    "kind": "fleet",
    "members": MEMBERS,
    "seeds": [7, None, 2**64],
    "own_order": False,
    "dropout": [[0.25, 0, 0.5]],
}
OF_FLEET = {
    name: (code, [MEMBERS, *shape] if name.startswith("layers.") else shape)
    for name, (code, shape) in SHAPES.items()
}


def count(shape):
    product = 1
    for length in shape:
        product *= length
    return product


def values(name):
    """The values of a tensor, flat: small, all different, exact in float32."""
    code, shape = OF_FLEET[name]
    first = 1.0 if code == "F64" else -0.5
    return [first + index / 8 for index in range(count(shape))]


def fleet_file(header, shapes=OF_FLEET):
    """A file of these shapes; the data are as long as those of the good fleet at least."""
    table, data = {}, b""
    for name, (code, shape) in shapes.items():
        numbers = values(name)[: count(shape)]
        numbers += [0.5] * (count(shape) - len(numbers))
        part = struct.pack(f"<{len(numbers)}{'d' if code == 'F64' else 'f'}", *numbers)
        offsets = [len(data), len(data) + len(part)]
        table[name] = {"dtype": code, "shape": list(shape), "data_offsets": offsets}
        data += part
    text = header if isinstance(header, str) else json.dumps(header, separators=(",", ":"))
    return pack({"__metadata__": {"glassnet": text}, **table}, data)


def good_fleet():
    return fleet_file(FLEET)


def changed_fleet(**changes):
    """The good file with other values in the fleet's JSON; `...` takes a key out."""
    header = {**FLEET, **changes}
    return fleet_file({key: value for key, value in header.items() if value is not ...})


def reshaped(name, *shape):
    """The good file with another shape of one tensor."""
    return fleet_file(FLEET, {**OF_FLEET, name: (OF_FLEET[name][0], list(shape))})


def claimed(name, *shape):
    """The good file, one of whose tensors is said to have another shape than its bytes."""
    data = good_fleet()
    length = int.from_bytes(data[:8], "little")
    table = json.loads(data[8 : 8 + length])
    table[name]["shape"] = list(shape)
    return pack(table, data[8 + length :])


def of_members(number, **changes):
    """The good header for another number of members, over the good tensors."""
    return changed_fleet(members=number, seeds=[1] * number, dropout=[0.25], **changes)


HUGE = 10**12

HEADERS = {
    "kind network with a fleet's keys": changed_fleet(kind="network"),
    "kind network with a fleet's tensors": fleet_file(HEADER),
    "kind fleet with a network's tensors": fleet_file(FLEET, SHAPES),
    "kind fleets": changed_fleet(kind="fleets"),
    "kind fleets, for the rest a network": fleet_file({**HEADER, "kind": "fleets"}, SHAPES),
    "kind a list": changed_fleet(kind=["fleet"]),
    "members missing": changed_fleet(members=...),
    "members zero": of_members(0),
    "members negative": changed_fleet(members=-3),
    "members a float": changed_fleet(members=3.0),
    "members a text": changed_fleet(members="3"),
    "members a truth value": changed_fleet(members=True, seeds=[7], dropout=[0.25]),
    "members null": changed_fleet(members=None),
    "members a list": changed_fleet(members=[3]),
    "members fewer than in the tensors": of_members(2),
    "members more than in the tensors": of_members(4),
    "members one for three": of_members(1),
    "members 10**12": changed_fleet(members=HUGE),
    "members 10**12, dropout shared": changed_fleet(members=HUGE, dropout=[0.25]),
    "members 10**12, tensors too": fleet_file(
        {**FLEET, "members": HUGE, "dropout": [0.25]}, {**OF_FLEET, "layers.0.biases": ("F32", [0])}
    ),
    "members 2**63": changed_fleet(members=2**63),
    "members 2**64": changed_fleet(members=2**64),
    "members of 80 digits": changed_fleet(members=10**79),
    "members one more than a file holds": of_members(2**16 + 1),
    "members as many as a file holds, tensors of 3": of_members(2**16),
    "seeds missing": changed_fleet(seeds=...),
    "seeds a number": changed_fleet(seeds=7),
    "seeds null": changed_fleet(seeds=None),
    "seeds a text": changed_fleet(seeds="789"),
    "seeds empty": changed_fleet(seeds=[]),
    "seeds too few": changed_fleet(seeds=[7, 8]),
    "seeds too many": changed_fleet(seeds=[7, 8, 9, 10]),
    "seeds with a negative one": changed_fleet(seeds=[7, -8, 9]),
    "seeds with a float": changed_fleet(seeds=[7, 8.0, 9]),
    "seeds with a text": changed_fleet(seeds=[7, "8", 9]),
    "seeds with a truth value": changed_fleet(seeds=[7, True, 9]),
    "seeds with a list": changed_fleet(seeds=[7, [8], 9]),
    "seeds with 5,000 digits": fleet_file(
        json.dumps(FLEET).replace("18446744073709551616", "7" * 5000)
    ),
    "seeds of a hundred thousand": changed_fleet(seeds=[1] * 100_000),
    "own order missing": changed_fleet(own_order=...),
    "own order a number": changed_fleet(own_order=0),
    "own order null": changed_fleet(own_order=None),
    "own order a text": changed_fleet(own_order="false"),
    "own order one a member": changed_fleet(own_order=[False, False, True]),
    "dropout of too few members": changed_fleet(dropout=[[0.25, 0.5]]),
    "dropout of too many members": changed_fleet(dropout=[[0.25] * 4]),
    "dropout of no member": changed_fleet(dropout=[[]]),
    "dropout by member, not by layer": changed_fleet(dropout=[0.25, 0.25, 0.25]),
    "dropout in lists of lists": changed_fleet(dropout=[[[0.25], [0.25], [0.25]]]),
    "dropout of a member one": changed_fleet(dropout=[[0.25, 1, 0.5]]),
    "dropout of a member negative": changed_fleet(dropout=[[0.25, -0.25, 0.5]]),
    "dropout of a member a text": changed_fleet(dropout=[[0.25, "0", 0.5]]),
    "dropout of a member a truth value": changed_fleet(dropout=[[0.25, False, 0.5]]),
    "dropout of a member null": changed_fleet(dropout=[[0.25, None, 0.5]]),
    "dropout of a member nan": fleet_file(json.dumps(FLEET).replace("0.25", "NaN")),
    "dropout an object": changed_fleet(dropout=[{"0": 0.25}]),
    "dropout one": changed_fleet(dropout=[1]),
    "loss of two statistics over three outputs": changed_fleet(
        loss={"name": "gaussian"}, layers=[3, 4, 3]
    ),
    "initializer scale, which files do not have": changed_fleet(initializer_scale=[1, 2, 3]),
}

TENSORS = {
    "weights without members": reshaped("layers.0.weights", 3, 4),
    "weights of two members": reshaped("layers.0.weights", 2, 3, 4),
    "weights of four members": reshaped("layers.0.weights", 4, 3, 4),
    "weights with members last": reshaped("layers.0.weights", 3, 4, 3),
    "weights in four axes": reshaped("layers.0.weights", 3, 1, 3, 4),
    "biases without members": reshaped("layers.1.biases", 2),
    "biases turned": reshaped("layers.1.biases", 2, 3),
    "biases with an axis too many": reshaped("layers.1.biases", 3, 1, 2),
    "scaling of members": reshaped("inputs.offset", 3, 3),
    "weights said to be of 10**12 members": claimed("layers.0.weights", HUGE, 3, 4),
    "weights said to be of 2**62 members": claimed("layers.0.weights", 2**62, 3, 4),
    "weights said to be of no member": claimed("layers.0.weights", 0, 3, 4),
    "cut in the last member": good_fleet()[:-4],
    "four bytes too many": good_fleet() + b"\0" * 4,
}

HOSTILE_FLEETS = {**HEADERS, **TENSORS}
