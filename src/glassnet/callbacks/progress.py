"""Progress: a line on standard error that shows how training goes.

On a terminal one line is written over and over, at most ten times a second; elsewhere one line is
written for each epoch, at most about ten in all.
"""

from __future__ import annotations

import math
import shutil
import sys
import time
from typing import IO, Any

import numpy as np

from ..core.callback import Callback
from ..core.checks import positive, show
from ..core.training import Training


class Progress(Callback):
    """Epoch, share done, rows a second, loss, validation, time left; `stream` is a text file.

    Of a fleet the means over the members that are trained together."""

    def __init__(self, stream: IO[str] | None = None, interval: float = 0.1) -> None:
        if stream is not None and not hasattr(stream, "isatty"):
            raise TypeError(f"stream must be an open text file or None; got {show(stream)}.")
        self.stream, self.interval = stream, positive("interval", interval, zero=True)
        self._next, self._begun, self._rows, self._width = 0.0, 0.0, 0, 0

    def on_fit_begin(self, training: Training) -> None:
        self._begun, self._next, self._rows, self._width = time.perf_counter(), 0.0, 0, 0

    def on_batch_end(self, training: Training) -> None:
        self._rows += training.batch_rows
        now = time.perf_counter()
        if now >= self._next and self._terminal():
            self._next = now + self.interval
            self._write(self._running(training, now - self._begun))

    def on_epoch_end(self, training: Training) -> None:
        seconds = time.perf_counter() - self._begun
        if self._terminal():
            self._write(self._running(training, seconds))
        elif training.epoch % max(1, training.epochs // 10) == 0 or training.epoch == 1:
            self._line(self._finished(training, seconds))

    def on_fit_end(self, training: Training) -> None:
        if self._width:  # a line is open
            if training.history:
                self._write(self._finished(training, time.perf_counter() - self._begun))
            self._line("")
        if training.stopped:
            self._line(f"stopped: {training.stopped}")

    def _running(self, training: Training, seconds: float) -> str:
        done = share_done(training)
        left = f"{duration(seconds * (1.0 - done) / done)} left  " if done else ""
        width = 20
        bar = "━" * int(done * width) + "─" * (width - int(done * width))
        rate = f"{self._rows / max(seconds, 1e-9):,.0f} rows/s"
        return (
            f"epoch {training.epoch}/{training.epochs} {bar} {rate}  {left}"
            f"loss {mean(training.loss):.4f}{_validation(training)}"
        )

    def _finished(self, training: Training, seconds: float) -> str:
        record = training.history[-1]
        loss = f"loss {mean(record['loss']):.4f}" + _validation(training)
        rate = f"{self._rows / max(seconds, 1e-9):,.0f} rows/s"
        return f"epoch {training.epoch}/{training.epochs}  {loss}  {rate}  {duration(seconds)}"

    def _out(self) -> IO[str] | None:
        """None where there is no standard error: a program without a console."""
        return sys.stderr if self.stream is None else self.stream

    def _terminal(self) -> bool:
        out = self._out()
        return out is not None and out.isatty()

    def _write(self, text: str) -> None:
        """Over the line before, cut to what the terminal shows in one line."""
        text = text[: max(20, min(shutil.get_terminal_size((101, 24)).columns - 1, 100))]
        self._put("\r" + text + " " * max(0, self._width - len(text)))
        self._width = len(text)

    def _line(self, text: str) -> None:
        self._put(text + "\n")
        self._width = 0

    def _put(self, text: str) -> None:
        out = self._out()
        if out is None:
            return
        encoding = getattr(out, "encoding", None) or "utf-8"
        out.write(text.encode(encoding, "replace").decode(encoding))
        out.flush()


def _validation(training: Training) -> str:
    """The validation values of the last epoch, in words."""
    if not training.history:
        return ""
    values = {k: v for k, v in training.history[-1].items() if k.startswith("val_")}
    return "".join(f"  {name} {mean(value):.4f}" for name, value in list(values.items())[:2])


def mean(value: Any) -> float:
    """A value; in a fleet the mean over those members that have one."""
    known = np.extract(~np.isnan(value), value)
    return float(known.mean()) if known.size else math.nan


def duration(seconds: float) -> str:
    """'7.5 s', '2:05 min' or '1:02:03 h'."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} h" if hours else f"{minutes}:{rest:02} min"


def share_done(training: Training) -> float:
    """The share of a whole call of `fit` that is done, in [0, 1]."""
    done = max(training.epoch - 1, 0) + training.batch / (training.batches or math.inf)
    return min(done / training.epochs, 1.0)
