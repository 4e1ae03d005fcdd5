"""A lock for a folder that one process writes to: a file that the system locks for it.

The system lets go of it when the process ends, however it ends: no lock has to be judged stale.
What stands in the file is for people, and for disks that machines share, where a system may see
its own locks only. To support another system: a `_seize` for it.
"""

from __future__ import annotations

import errno
import os
import platform
import sys
from contextlib import suppress
from typing import Final

from ..core.checks import show
from .files import explained

NAME: Final = ".lock"
_LONGEST: Final = 500
_FLAGS: Final = os.O_RDWR | sum(
    getattr(os, name, 0) for name in ("O_CLOEXEC", "O_BINARY", "O_NOFOLLOW", "O_NONBLOCK")
)
_TAKEN: Final = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_NO_LOCKS_HERE: Final = (errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK)

if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    _REMOVABLE = False  # a file that is open

    def _seize(file: int) -> None:
        os.lseek(file, 1 << 30, os.SEEK_SET)  # nobody can read a locked byte: one far behind
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    _REMOVABLE = True

    def _seize(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Lock:
    """Held from `take` until `give_back`; not to be taken twice, by one process either."""

    def __init__(self, folder: str) -> None:
        self.path, self._file = os.path.join(folder, NAME), -1

    @property
    def held(self) -> bool:
        return self._file >= 0

    def take(self) -> None:
        """Hold the lock.

        Raises OSError: somebody has it, or had it on another machine; or the system refused.
        """
        if self.held:
            return
        try:
            with explained(self.path, "not locked"):
                who = self._try()
        except BaseException:
            self.give_back()
            raise
        if not self.held:
            raise OSError(errno.EAGAIN, f"not locked: another training has it{who}", self.path)
        _HELD.add(self)

    def give_back(self) -> None:
        """Let others have it. The file goes too, but for one that somebody else put there."""
        if not self.held:
            return
        with suppress(OSError):
            if _REMOVABLE and _leads_to(self.path, self._file):
                os.unlink(self.path)
        self.forget()
        with suppress(OSError):
            if not _REMOVABLE:
                os.unlink(self.path)

    def forget(self) -> None:
        """Close the file, no more: so a fork does, which is not the process that has the lock."""
        file, self._file = self._file, -1
        _HELD.discard(self)
        with suppress(OSError):
            os.close(file)

    def _try(self) -> str:
        """Hold the lock, or tell in words who has it."""
        while True:
            file, is_new = _opened(self.path)
            try:
                mine = _seized(file, is_new)
                os.lseek(file, 0, os.SEEK_SET)
                who = os.read(file, _LONGEST).decode("utf-8", "replace")
                if not mine or _elsewhere(who):
                    return _told(who)
                if not _leads_to(self.path, file):
                    continue  # its holder has removed it just now
                self._file = file
                os.truncate(file, 0)
                os.lseek(file, 0, os.SEEK_SET)
                os.write(file, _me().encode())
                return ""
            finally:
                if not self.held:
                    os.close(file)


_HELD: set[Lock] = set()


def _forget_all() -> None:
    for each in list(_HELD):
        each.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


def _opened(path: str) -> tuple[int, bool]:
    """The file, open, and whether it was not there before."""
    while True:
        with suppress(FileExistsError):
            return os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600), True
        with suppress(FileNotFoundError):  # removed between the two
            return os.open(path, _FLAGS), False


def _seized(file: int, is_new: bool) -> bool:
    """Whether the system locked it; on a disk without locks whoever makes the file has it."""
    try:
        _seize(file)
    except OSError as error:
        if error.errno in _NO_LOCKS_HERE:
            return is_new
        if error.errno in _TAKEN:
            return False
        raise
    return True


def _leads_to(path: str, file: int) -> bool:
    with suppress(FileNotFoundError):
        return not _REMOVABLE or os.path.samestat(os.stat(path), os.fstat(file))
    return False


def _me() -> str:
    """The process, the machine's name, and on Linux its start, which its containers share."""
    start = ""
    with suppress(OSError), open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        start = file.read(_LONGEST)
    return f"process {os.getpid()} on {platform.node()}\n{start}"


def _machine(who: str) -> set[str]:
    return set(filter(None, who.partition(" on ")[2].split("\n")))


def _elsewhere(who: str) -> bool:
    """Whether that is a process of another machine: nobody here can know if it has ended."""
    return bool(_machine(who)) and _machine(who).isdisjoint(_machine(_me()))


def _told(who: str) -> str:
    name = who.partition("\n")[0]
    place = ", another machine" if _elsewhere(who) else ""
    return f" ({show(name)}{place}); if it has ended, remove this file" if name else ""
