"""Reading whole files: what is allowed, what is refused, and which names can be files."""

import errno
import os
import stat
import sys
from pathlib import Path

import pytest
from file_actions import POSIX, read, write

from glassnet.core.errors import ModelFileError
from glassnet.saving import files


@pytest.mark.parametrize("size", [0, 1, 16, 17, 100_000])
def test_a_file_is_read_whole(tmp_path, size):
    data = bytes(range(256)) * (size // 256 + 1)
    (tmp_path / "a").write_bytes(data[:size])
    assert read(tmp_path / "a") == data[:size]


def test_the_start_is_shown_before_the_rest_is_read(tmp_path):
    (tmp_path / "a").write_bytes(b"0123456789")
    seen = []
    files.read_file(str(tmp_path / "a"), lambda start, size: seen.append((start, size)), start=4)
    assert seen == [(b"0123", 10)]


def test_reading_does_not_take_memory_for_a_file_whose_start_is_wrong(tmp_path, monkeypatch):
    with open(tmp_path / "a", "wb") as file:
        file.truncate(2**30)

    def refuse(start, size):
        raise ModelFileError("a", "byte 0", "no model")

    monkeypatch.setattr(files, "_rest", None)
    with pytest.raises(ModelFileError, match="no model"):
        files.read_file(str(tmp_path / "a"), refuse, start=4)


def test_a_file_over_the_limit_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"0123456789")
    assert read(tmp_path / "a", max_bytes=10) == b"0123456789"
    with pytest.raises(ModelFileError, match="10 bytes, allowed are 9"):
        read(tmp_path / "a", max_bytes=9)


def test_a_file_that_shrinks_while_it_is_read_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"0123456789")
    with pytest.raises(ModelFileError, match="ends here, not after 10"):
        files.read_file(
            str(tmp_path / "a"), lambda *_: (tmp_path / "a").write_bytes(b"01234"), start=2
        )


@POSIX
def test_a_link_to_a_file_is_followed(tmp_path):
    (tmp_path / "a").write_bytes(b"0123456789")
    (tmp_path / "link").symlink_to("a")
    assert read(tmp_path / "link") == b"0123456789"


@POSIX
@pytest.mark.parametrize("reading", [True, False])
def test_a_pipe_is_refused_and_does_not_hang(tmp_path, reading):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelFileError, match="a pipe"):
        read(tmp_path / "pipe") if reading else write(tmp_path / "pipe")
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)


@POSIX
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_neither_read_nor_replaced(device):
    with pytest.raises(ModelFileError, match="device"):
        read(device)
    with pytest.raises(ModelFileError, match="device"):
        write(device)
    assert stat.S_ISCHR(os.stat(device).st_mode)


@pytest.mark.parametrize("reading", [True, False])
def test_a_folder_is_refused(tmp_path, reading):
    with pytest.raises(OSError, match=r"folder|rights") as caught:
        read(tmp_path) if reading else write(tmp_path)
    assert caught.value.filename == str(tmp_path)


@pytest.mark.parametrize("reading", [True, False])
def test_a_missing_folder_is_named(tmp_path, reading):
    path = tmp_path / "runs" / "a"
    with pytest.raises(FileNotFoundError, match="does not exist; create it first") as caught:
        read(path) if reading else write(path)
    assert caught.value.filename == str(path)


def test_a_missing_file_is_told_from_a_missing_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="no file of this name"):
        read(tmp_path / "a")


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(OSError, match="not saved") as caught:
        write(tmp_path / "a" / "b")
    assert caught.value.errno in (errno.ENOTDIR, errno.ENOENT)


@POSIX
def test_links_in_a_circle_are_refused(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    for action in (read, write):
        with pytest.raises(OSError, match="circle"):
            action(tmp_path / "a")


def test_an_error_of_an_unknown_kind_has_no_hint():
    for error in (OSError(errno.EIO, "whatever"), OSError("no number")):
        with pytest.raises(OSError, match="not read") as caught, files.explained("a", "not read"):
            raise error
        assert caught.value.strerror == f"not read: {os.strerror(errno.EIO)}"


@pytest.mark.parametrize("path", ["a", Path("a"), b"a"])
def test_names_of_files_are_texts_bytes_or_paths(path):
    assert files.path_text(path) == "a"


@pytest.mark.parametrize("path", [None, 3, True, 1.5, ["a"], sys.stdout])
def test_anything_else_is_no_name(path):
    with pytest.raises(TypeError, match="path must be the name of a file"):
        files.path_text(path)


@pytest.mark.parametrize("path", ["a\0b", b"a\0b", Path("a\0b"), ""])
def test_names_that_no_file_can_have_are_refused_in_words(path):
    with pytest.raises(ModelFileError, match=r"NUL|empty"):
        files.path_text(path)


@POSIX
def test_names_that_cannot_be_encoded_are_refused_in_words():
    with pytest.raises(ModelFileError, match="characters"):
        files.path_text("a\ud800")
