"""Hostile and damaged files: a network or ModelFileError, nothing else, and nothing is run."""

import json
import subprocess
import sys

import hostile_builders as build
import pytest
from file_actions import loaded, memory_for, untraced
from hostile_files import CASES, GOOD, HOSTILE

from glassnet import ModelFileError, Network, load
from glassnet.core.errors import MESSAGE_LIMIT
from glassnet.saving import FORMATS, KEY
from glassnet.saving.header import describe
from glassnet.saving.plan import arrays_of


@pytest.fixture(scope="module", params=sorted(FORMATS))
def file_of_4_kb(request):
    """The suffix, and a file of some 4,000 bytes, all kinds of values in its header."""
    sizes = [12, 36 if request.param == ".npz" else 46, 6]
    net = Network(sizes, dropout=0.25, classes=list("äbcdef"), seed=11)
    net.columns = {"inputs": ["a", 1, 1.5, None, True]}
    parts = FORMATS[request.param].encode({KEY: describe(net, "0.1.0")}, arrays_of(net))
    data = b"".join(parts)
    assert 3500 < len(data) < 4500
    assert isinstance(loaded(request.param, data), Network)
    return request.param, data


def test_there_are_many_hostile_files():
    assert all(len(cases) >= 70 for cases in HOSTILE.values())
    assert len(CASES) >= 200


@pytest.mark.parametrize(("suffix", "case"), CASES)
def test_a_hostile_file_gives_a_model_file_error_and_takes_little_memory(tmp_path, suffix, case):
    path, data = tmp_path / f"a{suffix}", HOSTILE[suffix][case]
    path.write_bytes(data)
    with memory_for(data), pytest.raises(ModelFileError) as caught:
        load(path)
    error = caught.value
    assert type(error) is ModelFileError
    assert error.path == str(path)
    assert error.where
    assert error.reason
    assert len(str(error)) <= MESSAGE_LIMIT
    assert str(error).isprintable()
    assert error.__cause__ is None


@pytest.mark.parametrize(
    "text",
    [
        "\N{GRINNING FACE}" + '"},"b":{"x":"' * 1000,
        '","'.join("ab" for _ in range(79_000)),
        '","'.join("é\N{GRINNING FACE}" for _ in range(79_000)),
        '"],"b":["'.join("é\N{GRINNING FACE}" for _ in range(31_000)),
    ],
    ids=["one wide letter", "short texts", "wide texts", "many lists"],
)
def test_the_largest_headers_take_little_memory(tmp_path, text):
    filler = "" if text.count(",") > 10_000 else "a" * 1_900_000
    data = build.pack('{"__metadata__":{"glassnet":["' + filler + text + '"]}}')
    path = tmp_path / "a.safetensors"
    path.write_bytes(data)
    with memory_for(data), pytest.raises(ModelFileError):
        load(path)


def test_every_truncation_is_refused(file_of_4_kb):
    suffix, data = file_of_4_kb
    with untraced():
        for length in range(len(data)):
            assert loaded(suffix, data[:length]) is None, length


FLIPS = """
import sys
from glassnet.core.network import Network
from glassnet.saving import FORMATS, KEY
from glassnet.saving.base import RefusedError
from glassnet.saving.plan import Plan

decode = FORMATS[sys.argv[1]].decode
data = bytearray(sys.stdin.buffer.read())
networks = refused = 0
for place in range(8 * len(data)):
    data[place // 8] ^= 1 << place % 8
    try:
        texts, arrays = decode(data)
        if KEY in texts:
            networks += type(Plan.of(texts[KEY], {}).build(arrays)) is Network
        else:
            refused += 1
    except RefusedError:
        refused += 1
    data[place // 8] ^= 1 << place % 8
print(networks, refused)
"""


def test_every_flipped_bit_gives_a_network_or_is_refused(file_of_4_kb):
    suffix, data = file_of_4_kb
    done = subprocess.run(
        [sys.executable, "-c", FLIPS, suffix], input=data, capture_output=True, timeout=300
    )
    assert done.stderr == b""
    networks, refused = map(int, done.stdout.split())
    assert networks + refused == 8 * len(data)
    assert refused > 4000  # most of the header's
    if suffix == ".npz":  # what the directory alone tells: the system, rights and kind of a member
        assert networks <= 8 * 10 * 5


def test_some_flipped_bits_on_a_disk_give_a_network_or_a_model_file_error(tmp_path, file_of_4_kb):
    suffix, whole = file_of_4_kb
    path = tmp_path / f"a{suffix}"
    for place in range(0, len(whole), 37):
        data = bytearray(whole)
        data[place] ^= 1 << place % 8
        path.write_bytes(data)
        try:
            assert isinstance(load(path), Network)
        except ModelFileError as error:
            assert error.path == str(path)  # noqa: PT017  # either outcome is right


PROGRAM = """
import json, sys, pathlib, warnings
from glassnet import ModelFileError, load

folder = pathlib.Path(sys.argv[1])
paths = [str(path) for path in sorted(folder.iterdir())]
for path in folder.glob("good.*"):
    load(path)  # imports what is needed
seen, watching = [], False

def watch(event, arguments):
    if not watching:
        return
    if event == "open" and arguments[0] in paths and not arguments[2] & 0o3:
        return
    seen.append(f"{event} {arguments!r:.100}")

sys.addaudithook(watch)
loaded, refused = 0, 0
for path in paths:
    watching = True
    try:
        load(path)
        loaded += 1
    except ModelFileError:
        refused += 1
    finally:
        watching = False
print(json.dumps({"loaded": loaded, "refused": refused, "seen": seen}))
"""


@pytest.mark.parametrize("suffix", sorted(HOSTILE))
def test_loading_imports_runs_and_writes_nothing(tmp_path, suffix):
    (tmp_path / f"good{suffix}").write_bytes(GOOD[suffix])
    for number, data in enumerate(HOSTILE[suffix].values()):
        (tmp_path / f"hostile{number}{suffix}").write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    outcome = json.loads(done.stdout)
    assert outcome == {"loaded": 1, "refused": len(HOSTILE[suffix]), "seen": []}
