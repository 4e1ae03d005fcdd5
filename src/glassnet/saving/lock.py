"""A lock for a folder that one process writes to: a file that names the process.

One whose process is gone is stale, and is taken over. A process is known by its number and, on
Linux, by the time of its start, as numbers are used again; on Windows by the file, which it keeps
open: none that is open can be removed there.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import Final

from .files import explained

NAME: Final = ".lock"
WINDOWS: Final = os.name == "nt"
_LONGEST: Final = 100


class Lock:
    """Held from `take` until `give_back`; not to be taken twice, by one process either."""

    def __init__(self, folder: str) -> None:
        self.path, self.held = os.path.join(folder, NAME), False
        self._open = -1

    def take(self) -> None:
        """Hold the lock.

        Raises OSError: another process that lives holds it, or the system refused.
        """
        with explained(self.path, "not locked"):
            while not self.held:
                try:
                    self._open = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                except FileExistsError:
                    self._take_over()
                    continue
                self.held = True
                try:
                    os.write(self._open, _who(os.getpid()).encode())
                except OSError:
                    self.give_back()
                    raise

    def give_back(self) -> None:
        if self.held:
            self.held = False
            os.close(self._open)
            with suppress(OSError):
                os.unlink(self.path)

    def _take_over(self) -> None:
        """Remove the file of a process that is gone; an OSError where it lives."""
        with suppress(FileNotFoundError):
            if not WINDOWS and self._holder_lives():
                raise OSError(errno.EAGAIN, "locked")
            try:
                os.unlink(self.path)
            except PermissionError as error:
                raise OSError(errno.EAGAIN if WINDOWS else error.errno, "locked") from None

    def _holder_lives(self) -> bool:
        with open(self.path, "rb") as file:
            who = file.read(_LONGEST).decode("ascii", "replace")
        number = who.split(" ")[0]
        return not number.isdecimal() or (_lives(int(number)) and _who(int(number)) == who)


def _who(process: int) -> str:
    """The number of a process and when it began, where the system tells."""
    begun = ""
    with suppress(OSError, IndexError), open(f"/proc/{process}/stat", "rb") as file:
        begun = file.read(1000).rpartition(b")")[2].split()[19].decode("ascii", "replace")
    return f"{process} {begun}"


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
