"""Ctrl-C during training: the batch is finished first, then KeyboardInterrupt goes on up.

Only in the main thread, and only where Ctrl-C would raise KeyboardInterrupt anyway: a handler that
somebody else installed stays. A second Ctrl-C does not wait. SIGTERM, which ends a process, is
treated alike where a training has checkpoints to write first.
"""

import os
import signal
import threading
from types import FrameType
from typing import Any


class Interrupts:
    """A context in which `pending` is the signal that came: Ctrl-C, or SIGTERM if asked for."""

    def __init__(self, sigterm: bool = False) -> None:
        self.pending = 0
        self._before: dict[int, Any] = {}
        self._wanted: dict[int, Any] = {signal.SIGINT: signal.default_int_handler}
        if sigterm:
            self._wanted[signal.SIGTERM] = signal.SIG_DFL

    def __enter__(self) -> "Interrupts":
        if threading.current_thread() is threading.main_thread():
            for number, usual in self._wanted.items():
                if signal.getsignal(number) == usual:
                    self._before[number] = usual
                    signal.signal(number, self._note)
        return self

    def __exit__(self, *error: Any) -> None:
        for number, usual in self._before.items():
            signal.signal(number, usual)
        if self.pending and self.pending != signal.SIGINT:
            os.kill(os.getpid(), self.pending)  # also where an error is on its way

    def asked(self) -> str:
        """Which signal came, if any."""
        if self.pending in (0, signal.SIGINT):
            return "Ctrl-C" if self.pending else ""
        return signal.Signals(self.pending).name

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.pending and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.pending = number
