"""Writing whole files: what is left behind by every system call that fails."""

import errno
import os
import stat
import subprocess
import sys
from contextlib import suppress

import pytest
from file_actions import NEW, OLD, POSIX, failing, read, write

from glassnet.core.errors import ModelFileError
from glassnet.saving import files


@pytest.mark.parametrize("old", [None, OLD])
def test_a_file_is_written_whole_and_nothing_else_is_left(tmp_path, old):
    if old is not None:
        (tmp_path / "a").write_bytes(old)
    write(tmp_path / "a")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a", NEW)]


def test_a_name_without_a_folder_is_of_this_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("a")
    assert (tmp_path / "a").read_bytes() == NEW


@pytest.mark.parametrize("name", ["x" * 255, "é" * 127, "- -rf *", "a\nb"])
def test_any_name_that_a_file_can_have_will_do(tmp_path, name):
    try:
        (tmp_path / name).write_bytes(OLD)
    except OSError:  # pragma: no cover  # other systems, other names
        pytest.skip("this system has no such names")
    write(tmp_path / name)
    assert (tmp_path / name).read_bytes() == NEW


@POSIX
@pytest.mark.parametrize(("mask", "rights"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_rights_follow_the_umask(tmp_path, mask, rights):
    before = os.umask(mask)
    try:
        write(tmp_path / "a")
        write(tmp_path / "b", mode=0o600)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == rights
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600


@POSIX
@pytest.mark.parametrize("exists", [True, False])
def test_the_file_behind_a_link_is_written_and_the_link_stays(tmp_path, exists):
    (tmp_path / "runs").mkdir()
    (tmp_path / "link").symlink_to("runs/a")
    if exists:
        (tmp_path / "runs" / "a").write_bytes(OLD)
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "runs" / "a").read_bytes() == NEW
    assert len(list((tmp_path / "runs").iterdir())) == 1


def test_short_writes_are_continued(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(files.os, "write", lambda number, data: real(number, data[:13]))
    write(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == NEW


CALLS = ["open", "write", "fsync", "close", "replace"]
NUMBERS = [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EDQUOT, errno.EMFILE]


@pytest.mark.parametrize("number", NUMBERS, ids=errno.errorcode.get)
@pytest.mark.parametrize("always", [True, False], ids=["from then on", "once"])
@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("call", CALLS)
def test_a_failing_call_leaves_the_old_file_or_the_new_one(
    tmp_path, monkeypatch, call, after, always, number
):
    (tmp_path / "a").write_bytes(OLD)
    failing(monkeypatch, call, number, after, always)
    try:
        write(tmp_path / "a")
        failed = None
    except OSError as error:
        failed = error
    monkeypatch.undo()
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
    content = (tmp_path / "a").read_bytes()
    if failed is None:
        assert content == NEW
    else:
        assert failed.errno == number
        assert failed.filename == str(tmp_path / "a")
        assert content == (NEW if failed.strerror.startswith("saved") else OLD)
        assert "saved" in failed.strerror


@pytest.mark.parametrize("number", NUMBERS, ids=errno.errorcode.get)
@pytest.mark.parametrize("call", ["unlink", "access"])
def test_calls_beside_the_way_do_no_harm(tmp_path, monkeypatch, call, number):
    (tmp_path / "a").write_bytes(OLD)
    failing(monkeypatch, "replace", errno.EIO)
    failing(monkeypatch, call, number)
    with pytest.raises(OSError, match="not saved"):
        write(tmp_path / "a")
    monkeypatch.undo()
    assert (tmp_path / "a").read_bytes() == OLD


def test_ctrl_c_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    (tmp_path / "a").write_bytes(OLD)
    monkeypatch.setattr(files.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "a")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a", OLD)]


@POSIX
@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EIO])
def test_a_folder_that_cannot_be_flushed_is_told_apart_from_a_file_not_saved(
    tmp_path, monkeypatch, number
):
    failing(monkeypatch, "fsync", number, after=1)
    if number == errno.EIO:
        with pytest.raises(OSError, match="saved, but a power failure"):
            write(tmp_path / "a")
    else:
        write(tmp_path / "a")  # file systems that have no such call say so like this
    assert (tmp_path / "a").read_bytes() == NEW


@POSIX
@pytest.mark.parametrize("place", ["folder", "file"])
def test_missing_rights_are_told_before_anything_is_written(tmp_path, monkeypatch, place):
    (tmp_path / "a").write_bytes(OLD)
    protected = tmp_path if place == "folder" else tmp_path / "a"
    real = os.access
    monkeypatch.setattr(
        files.os, "access", lambda path, rights: path != str(protected) and real(path, rights)
    )
    monkeypatch.setattr(files.os, "replace", None)
    with pytest.raises(PermissionError, match=r"not saved.*may not"):
        files.check_target(str(tmp_path / "a"))
    with pytest.raises(PermissionError, match=r"not saved.*may not"):
        write(tmp_path / "a")


@POSIX
def test_a_real_limit_of_the_system_leaves_the_old_file(tmp_path):
    (tmp_path / "a").write_bytes(OLD)
    program = (
        "import resource, sys\n"
        "from glassnet.saving import files\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "try:\n"
        "    files.write_file(sys.argv[1], [memoryview(b'n' * 5000)])\n"
        "except OSError as error:\n"
        "    print(error.errno, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "a")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith(f"{errno.EFBIG} ")
    assert "larger than the system allows" in done.stdout
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a", OLD)]


def test_descriptors_are_closed_whatever_happens(tmp_path, monkeypatch):
    opened, closed = [], []
    real_open, real_close = os.open, os.close

    def note_open(*args):
        opened.append(real_open(*args))
        return opened[-1]

    def note_close(number):
        closed.append(number)
        real_close(number)

    (tmp_path / "a").write_bytes(OLD)
    monkeypatch.setattr(files.os, "open", note_open)
    monkeypatch.setattr(files.os, "close", note_close)
    for action in (write, read, lambda path: read(path, max_bytes=1)):
        with suppress(ModelFileError):
            action(tmp_path / "a")
    monkeypatch.setattr(files.os, "write", None)
    with pytest.raises(TypeError):
        write(tmp_path / "a")
    assert opened == closed
