"""Ctrl-C during training: the batch is finished first, then KeyboardInterrupt goes on up.

Only in the main thread, and only where Ctrl-C would raise KeyboardInterrupt anyway: a handler that
somebody else installed stays. A second Ctrl-C does not wait.
"""

import signal
import threading
from types import FrameType
from typing import Any


class Interrupts:
    """A context in which `pending` tells that Ctrl-C was pressed."""

    def __init__(self) -> None:
        self.pending = False
        self._installed = False

    def __enter__(self) -> "Interrupts":
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._note)
            self._installed = True
        return self

    def __exit__(self, *error: Any) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def asked(self) -> bool:
        """True once Ctrl-C was pressed."""
        return self.pending

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.pending:
            raise KeyboardInterrupt
        self.pending = True
