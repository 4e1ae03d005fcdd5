"""The IDX reader: what it reads back exactly, and every promise of a header that it checks."""

from __future__ import annotations

import gzip
import os
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from glassnet.datasets import idx, read_idx

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def as_idx(array: NDArray[Any]) -> bytes:
    """The array in the IDX format, written from its definition and not from the reader."""
    kind = f"{array.dtype.kind}{array.dtype.itemsize}"
    header = struct.pack(f">HBB{array.ndim}I", 0, CODES[kind], array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def header(code: int, *sizes: int) -> bytes:
    return struct.pack(f">HBB{len(sizes)}I", 0, code, len(sizes), *sizes)


@pytest.fixture
def put(tmp_path: Path) -> Any:
    def write(content: bytes, name: str = "data") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(ValueError, match="data") as caught:
        read_idx(path, **options)
    assert str(path) in str(caught.value)
    return str(caught.value)


arrays = st.sampled_from(sorted(CODES)).flatmap(
    lambda kind: hnp.arrays(
        np.dtype(kind), hnp.array_shapes(min_dims=1, max_dims=8, min_side=0, max_side=3)
    )
)


@settings(max_examples=60, deadline=None)
@given(array=arrays, packed=st.booleans())
def test_every_array_is_read_back_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, array: NDArray[Any], packed: bool
) -> None:
    path = tmp_path_factory.mktemp("idx") / "data"
    path.write_bytes(gzip.compress(as_idx(array), 1) if packed else as_idx(array))
    found = read_idx(path)
    assert found.dtype == array.dtype
    assert found.dtype.isnative
    assert found.flags.writeable
    assert found.flags.c_contiguous
    assert found.shape == array.shape
    assert found.tobytes() == array.tobytes()
    if not packed:
        mapped = read_idx(path, memory_map=True)
        assert mapped.shape == array.shape
        assert mapped.astype(array.dtype).tobytes() == array.tobytes()
        assert not mapped.flags.writeable
        del mapped


def test_a_file_made_by_hand_is_read(put: Any) -> None:
    content = b"\x00\x00\x0b\x02" + b"\x00\x00\x00\x02" + b"\x00\x00\x00\x03"
    content += b"\x00\x01\x00\x02\x00\x03\xff\xff\x01\x00\x80\x00"
    np.testing.assert_array_equal(read_idx(put(content)), [[1, 2, 3], [-1, 256, -32768]])


def test_gzip_is_told_by_content_and_not_by_name(put: Any) -> None:
    array = np.arange(6, dtype=np.uint8).reshape(2, 3)
    np.testing.assert_array_equal(read_idx(put(as_idx(array), "data.gz")), array)
    np.testing.assert_array_equal(read_idx(put(gzip.compress(as_idx(array)), "data.idx")), array)


def test_a_gzip_file_in_two_parts_is_read_as_one(put: Any) -> None:
    content = as_idx(np.arange(9, dtype=np.uint8))
    packed = gzip.compress(content[:7]) + gzip.compress(content[7:])
    np.testing.assert_array_equal(read_idx(put(packed)), np.arange(9))


def test_a_path_may_be_text(put: Any) -> None:
    assert read_idx(str(put(as_idx(np.zeros(2, np.uint8))))).shape == (2,)


def test_a_memory_map_reads_the_file_itself(put: Any) -> None:
    mapped = read_idx(put(as_idx(np.arange(5, dtype=np.uint8))), memory_map=True)
    assert isinstance(mapped, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        mapped[0] = 1
    del mapped


def test_a_memory_map_of_nothing_is_an_empty_array(put: Any) -> None:
    mapped = read_idx(put(header(0x08, 0, 28, 28)), memory_map=True)
    assert mapped.shape == (0, 28, 28)
    assert not mapped.flags.writeable


def test_a_packed_file_cannot_be_mapped(put: Any) -> None:
    path = put(gzip.compress(as_idx(np.zeros(2, np.uint8))))
    assert "gunzip" in refusal(path, memory_map=True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x00\x08",
        b"\x01\x00\x08\x01abcd",
        b"\x00\x01\x08\x01abcd",
        b"PK\x03\x04" + bytes(9),
    ],
    ids=["empty", "three bytes", "first byte", "second byte", "a zip file"],
)
def test_another_file_is_refused(put: Any, content: bytes) -> None:
    assert "not an IDX file" in refusal(put(content))


@pytest.mark.parametrize("code", [0x00, 0x07, 0x0A, 0x0F, 0xFF])
def test_an_unknown_type_is_refused(put: Any, code: int) -> None:
    assert "08, 09, 0B, 0C, 0D, 0E" in refusal(put(header(code, 1) + b"\x00"))


@pytest.mark.parametrize("dimensions", [0, 9, 255])
def test_a_number_of_dimensions_that_no_array_here_has_is_refused(
    put: Any, dimensions: int
) -> None:
    content = bytes([0, 0, 8, dimensions]) + b"\x00\x00\x00\x01" * dimensions + b"\x07"
    message = refusal(put(content))
    assert f"{dimensions} dimensions" in message
    assert "1 to 8" in message


def test_a_header_that_ends_early_is_refused(put: Any) -> None:
    assert "6 bytes of sizes, expected 12" in refusal(put(header(0x08, 1, 1, 1)[:10]))


@pytest.mark.parametrize("packed", [False, True])
def test_every_cut_of_a_file_is_refused(put: Any, packed: bool) -> None:
    content = as_idx(np.arange(12, dtype=np.int16).reshape(3, 4))
    whole = gzip.compress(content) if packed else content
    for length in range(len(whole)):
        refusal(put(whole[:length]))


def test_a_cut_inside_the_numbers_says_how_many_bytes_there_are(put: Any) -> None:
    content = as_idx(np.zeros((3, 4), np.int16))[:-5]
    for whole in (content, gzip.compress(content)):
        message = refusal(put(whole))
        assert "cut short: 19 bytes" in message
        assert "expected 24 (3 x 4 of int16)" in message


def test_bytes_after_the_numbers_are_refused(put: Any) -> None:
    content = as_idx(np.zeros(4, np.uint8)) + b"!"
    assert "too long: 5 bytes" in refusal(put(content))
    assert "too long" in refusal(put(gzip.compress(content)))
    assert "too long" in refusal(put(content), memory_map=True)


def test_bytes_after_a_gzip_file_are_refused(put: Any) -> None:
    packed = gzip.compress(as_idx(np.zeros(4, np.uint8)))
    assert "damaged gzip" in refusal(put(packed + b"more"))


@pytest.mark.parametrize("place", [-1, -6, 20], ids=["length", "checksum", "content"])
def test_a_damaged_gzip_file_is_refused(put: Any, place: int) -> None:
    packed = bytearray(gzip.compress(as_idx(np.arange(200, dtype=np.uint8))))
    packed[place] ^= 0xFF
    refusal(put(bytes(packed)))


def test_a_gzip_bomb_is_not_unpacked(put: Any) -> None:
    bomb = gzip.compress(header(0x08, 10) + bytes(50_000_000), 9)
    assert "goes on after the 10 bytes" in refusal(put(bomb))


def test_promises_that_no_gzip_file_of_that_size_can_keep_are_refused_at_once(put: Any) -> None:
    small = gzip.compress(header(0x08, 2**32 - 1, 2**32 - 1))
    assert "too few" in refusal(put(small), max_bytes=2**80)


def test_sizes_whose_product_leaves_64_bits_are_refused(put: Any) -> None:
    huge = header(0x0E, *[2**32 - 1] * 8) + bytes(64)
    message = refusal(put(huge))
    assert f"{(2**32 - 1) ** 8 * 8:,}" in message


@pytest.mark.parametrize("packed", [False, True])
def test_more_memory_than_allowed_is_refused_before_it_is_asked_for(put: Any, packed: bool) -> None:
    content = as_idx(np.zeros(1000, np.uint8))
    path = put(gzip.compress(content) if packed else content)
    assert read_idx(path, max_bytes=1000).shape == (1000,)
    message = refusal(path, max_bytes=999)
    assert "max_bytes=999" in message
    assert ("memory_map=True" in message) is not packed


@pytest.mark.parametrize("wrong", [0, -1, True, 1.5, "4 GiB", None])
def test_max_bytes_is_a_number_of_bytes(put: Any, wrong: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="max_bytes"):
        read_idx(put(as_idx(np.zeros(1, np.uint8))), max_bytes=wrong)


def test_a_missing_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read_idx(tmp_path / "nowhere")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert "not a file" in refusal(tmp_path / "data")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "data")
    assert "not a file" in refusal(tmp_path / "data")


@pytest.mark.parametrize("wrong", [None, 3, b"data", ["data"]])
def test_what_is_no_path_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="path"):
        read_idx(wrong)


def test_the_reader_never_inflates_more_than_one_byte_too_many(
    put: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    plain = gzip.GzipFile.read

    def counting(self: gzip.GzipFile, size: int | None = -1) -> bytes:
        asked.append(-1 if size is None else size)
        return plain(self, size)

    monkeypatch.setattr(gzip.GzipFile, "read", counting)
    read_idx(put(gzip.compress(as_idx(np.zeros((5, 5), np.uint8)))))
    assert asked == [4, 8, 25, 1]
    assert idx.BLOCK < 2**24


@settings(max_examples=150, deadline=None)
@given(noise=st.binary(max_size=60), packed=st.booleans())
def test_any_bytes_are_read_or_refused_with_a_value_error(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, packed: bool
) -> None:
    path = tmp_path_factory.mktemp("idx") / "data"
    content = b"\x00\x00\x08" + noise
    path.write_bytes(gzip.compress(content) if packed else content)
    try:
        found = read_idx(path, max_bytes=10_000)
    except ValueError:
        return
    assert len(content) == 4 + 4 * found.ndim + found.nbytes
