"""A training that ends as if its process had been killed, for tests of going on."""

from typing import Any

from glassnet import Callback


class Kill(Callback):
    """Ends a training after a step; behind the checkpoint, which is written before."""

    last = True

    def __init__(self, step: int) -> None:
        self.step = step

    def on_batch_end(self, training: Any) -> None:
        if training.step == self.step:
            raise SystemExit
