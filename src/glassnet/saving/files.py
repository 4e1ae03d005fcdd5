"""Whole files, read once and written safely.

Written means: a temporary file in the same folder, flushed to the disk, then renamed over the
name, so that at every moment the name stands for a complete file, the old or the new one. Read
means: opened once, seen to be a regular file of a bearable size, and read from that descriptor.
A system call that may fail belongs in here, so that its error names the path and what to do.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from ..core.errors import ModelFileError

MAX_BYTES: Final = 2 * 1024**3
"""The largest file that is read, in bytes, unless the caller says otherwise."""

_READ: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # a FIFO without a writer would hang
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_CREATE: Final = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)
_CHUNK: Final = 4 * 1024**2
_NO_FOLDER_FLUSH: Final = (errno.EINVAL, errno.ENOTSUP)  # what file systems without it answer

_HINTS: Final = {
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EISDIR: "this is a folder; name a file in it",
    errno.EACCES: "you may not read or write here; choose another folder, or change its rights",
    errno.EPERM: "the system does not allow this here; choose another folder",
    errno.EROFS: "this file system is read-only; choose another folder",
    errno.ENOSPC: "the disk is full; make room, or choose another disk",
    errno.EDQUOT: "your share of the disk is used up; make room, or choose another disk",
    errno.EFBIG: "the file is larger than the system allows",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ELOOP: "the symbolic links lead in a circle",
}


def path_text(path: object, what: str = "path") -> str:
    """The path as a text: from a str, bytes or os.PathLike that could name a file.

    Raises:
        TypeError: anything else was given, a number or an open file for instance.
        ModelFileError: the text can name no file: it is empty, or holds a NUL.
    """
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise TypeError(
            f"{what} must be the name of a file or a folder (str or pathlib.Path); got "
            f"{type(path).__name__}."
        )
    text = os.fsdecode(path)
    if "\0" in text:
        raise ModelFileError(text, "path", f"{what} holds a NUL character; no file can be so named")
    if not text:
        raise ModelFileError(text, "path", f"{what} is empty; give the name of a file")
    try:
        os.fsencode(text)
    except UnicodeError:
        reason = f"{what} holds characters that no file name has on this system"
        raise ModelFileError(text, "path", reason) from None
    return text


def read_file(
    path: str,
    check_start: Callable[[bytes, int], object],
    *,
    start: int,
    max_bytes: int = MAX_BYTES,
) -> bytearray:
    """The bytes of a regular file.

    Args:
        path: the file; symbolic links are followed.
        check_start: called with the first `start` bytes and the size of the whole, before memory
            is taken for the rest; it raises if the file is not worth reading.
        start: how many bytes it wants.
        max_bytes: the largest size allowed.

    Raises:
        OSError: the system refused; path and a hint are in the message.
        ModelFileError: this is a pipe or a device, too large, or was cut short while being read.
    """
    with explained(path, "not read"):
        descriptor = os.open(path, _READ)
        try:
            size = _regular_size(descriptor, path)
            if size > max_bytes:
                reason = f"the file has {size} bytes, allowed are {max_bytes} (max_bytes=)"
                raise ModelFileError(path, "file", reason)
            head = os.read(descriptor, min(start, size))
            check_start(head, size)
            return _rest(descriptor, head, size, path)
        finally:
            os.close(descriptor)


def write_file(path: str, parts: Iterable[memoryview], *, mode: int = 0o666) -> None:
    """Make `path` a file of these parts, or leave everything as it was.

    Args:
        path: the file; where it is a symbolic link, the file that the link leads to.
        parts: bytes, written one after another.
        mode: the rights of the new file; the process's umask takes its part away.

    Raises:
        OSError: the system refused; path and a hint are in the message. The old file, if there
            was one, is unchanged, except where the message begins with "saved".
        ModelFileError: `path` is a pipe or a device, which a file must not replace.
    """
    target = check_target(path)
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, _temporary_name(name))
    with explained(path, "not saved"):
        descriptor = os.open(temporary, _CREATE, mode)
        try:
            _fill(descriptor, parts)
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    with explained(path, "saved, but a power failure now could undo it"):
        _flush_folder(folder or os.curdir)


def check_target(path: str) -> str:
    """The file that saving to `path` would write; nothing is touched.

    Raises:
        OSError: it cannot be written: no such folder, no rights in it, or a folder itself.
        ModelFileError: it is a pipe or a device.
    """
    with explained(path, "not saved"):
        target = os.path.realpath(path) if os.path.islink(path) else path
        folder = os.path.dirname(target) or os.curdir
        if not stat.S_ISDIR(os.stat(folder).st_mode):
            raise _system_error(errno.ENOTDIR)
        with suppress(FileNotFoundError):
            _refuse_special(os.stat(target).st_mode, path)
            _need_rights(target, os.W_OK)  # a rename would pass over a file's write protection
        _need_rights(folder, os.W_OK | os.X_OK)
    return target


@contextmanager
def explained(path: str, outcome: str) -> Iterator[None]:
    """An OSError that leaves the block names `path`, the outcome and what to do."""
    try:
        yield
    except OSError as error:
        number = error.errno or errno.EIO
        text = f"{outcome}: {os.strerror(number)}{_hint(number, path)}"
        raise OSError(number, text, path) from error


def _hint(number: int, path: str) -> str:
    folder = os.path.dirname(path)
    if number != errno.ENOENT:
        hint = _HINTS.get(number, "")
    elif os.path.isdir(folder or os.curdir):
        hint = "its folder holds no file of this name"
    else:
        hint = f"the folder {folder!r} does not exist; create it first"
    return f" ({hint})" if hint else ""


def _regular_size(descriptor: int, path: str) -> int:
    status = os.fstat(descriptor)
    _refuse_special(status.st_mode, path)
    return status.st_size


def _refuse_special(mode: int, path: str) -> None:
    if stat.S_ISDIR(mode):
        raise _system_error(errno.EISDIR)
    if not stat.S_ISREG(mode):
        raise ModelFileError(path, "file", "this is a pipe, a socket or a device, not a file")


def _need_rights(path: str, rights: int) -> None:
    if not os.access(path, rights):
        raise _system_error(errno.EACCES)


def _system_error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def _rest(descriptor: int, head: bytes, size: int, path: str) -> bytearray:
    data, done = bytearray(size), len(head)
    data[:done] = head
    while done < size:
        part = os.read(descriptor, min(_CHUNK, size - done))
        if not part:
            raise ModelFileError(path, f"byte {done}", f"the file ends here, not after {size}")
        data[done : done + len(part)] = part
        done += len(part)
    return data


def _temporary_name(name: str) -> str:
    """Hidden, in nobody's way, and short enough however long the name is."""
    return f".{name[:40]}.{os.getpid()}.{os.urandom(6).hex()}.tmp"


def _fill(descriptor: int, parts: Iterable[memoryview]) -> None:
    try:
        for part in parts:
            done = 0
            while done < len(part):
                done += os.write(descriptor, part[done : done + _CHUNK])
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(folder: str) -> None:
    if os.name == "nt":  # pragma: no cover  # Windows has no such call
        return
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FOLDER_FLUSH:
            raise
    finally:
        os.close(descriptor)
