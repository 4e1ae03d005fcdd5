"""The two errors that a caller may want to catch by name; a word on layers that are not here.

Everything else that glassnet raises is a plain ValueError, TypeError or OSError. Add a class
here only where callers must tell its cause from all others. Both pickle, so that they cross
from a worker process to its parent.
"""

from typing import Final

MESSAGE_LIMIT: Final = 300
"""The most characters that the message of a ModelFileError has."""

NOT_HERE: Final = (
    *("conv1d", "conv2d", "conv3d", "convolution", "maxpool", "avgpool", "embedding"),
    *("rnn", "lstm", "gru", "recurrent", "attention", "multiheadattention", "transformer"),
    *("batchnorm", "batch_norm", "layernorm", "layer_norm", "skip_connection", "residual"),
)
"""How the names of layers begin that people ask for and that glassnet does not have."""

_PATH_LIMIT: Final = 110
_WHERE_LIMIT: Final = 40


class ModelFileError(ValueError):
    """A model file was refused, or this network cannot be written as one.

    Args:
        path: the file.
        where: the place in it: "file", "byte 8", "header" or the name of a tensor.
        reason: what is wrong, in words. Text out of the file belongs into it as ``repr``, cut.

    The message names all three in at most 300 characters; the attributes `path`, `where` and
    `reason` hold them uncut.
    """

    def __init__(self, path: str, where: str, reason: str) -> None:
        super().__init__(path, where, reason)
        self.path = path
        self.where = where
        self.reason = reason

    def __str__(self) -> str:
        path = _printable(self.path)
        if len(path) > _PATH_LIMIT:
            path = "..." + path[3 - _PATH_LIMIT :]  # the end of a path says more than its start
        where = _cut(_printable(self.where), _WHERE_LIMIT)
        start = f"{path}: {where}: "
        return start + _cut(_printable(self.reason), MESSAGE_LIMIT - len(start))


class DivergenceError(ValueError):
    """Training left the finite numbers; the network keeps its last finite parameters.

    Args:
        message: what happened, and what to try.
        epoch: the epoch, counted from 1.
        batch: the batch of that epoch, counted from 1.
        learning_rate: the learning rate of that step.
    """

    def __init__(self, message: str, epoch: int, batch: int, learning_rate: float) -> None:
        super().__init__(message, epoch, batch, learning_rate)
        self.epoch = epoch
        self.batch = batch
        self.learning_rate = learning_rate

    def __str__(self) -> str:
        return str(self.args[0])


def not_here(name: str) -> str:
    """A sentence where `name` is that of a layer that glassnet does not have, else nothing."""
    if not name.lower().startswith(NOT_HERE):
        return ""
    return (
        " glassnet has dense layers and dropout only: no convolution, recurrence, attention, "
        "normalisation or skip connections. Use PyTorch or JAX for these."
    )


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _printable(text: str) -> str:
    """The text on one line: control characters and lone surrogates become escapes."""
    return "".join(mark if mark.isprintable() else ascii(mark)[1:-1] for mark in text)


def divergence(
    epoch: int, batch: int, rate: float, what: str, before: float | None
) -> DivergenceError:
    """The error of a training that came to nothing; `before` is the loss of the epoch before."""
    last = f"; the mean loss of the epoch before was {before:.6g}" if before else ""
    return DivergenceError(
        f"Training diverged in epoch {epoch}, batch {batch}, at learning rate {rate:.6g}: "
        f"{what}{last}. The network keeps its last finite parameters. Try "
        f"learning_rate={rate / 10:.3g}, standardize=True for data of other sizes than about 1, or "
        "callbacks=[ClipNorm(1.0)]; reset() starts anew.",
        epoch,
        batch,
        rate,
    )
