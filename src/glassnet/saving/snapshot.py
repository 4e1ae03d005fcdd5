"""A training in the middle: all that it needs to go on elsewhere as if nothing had happened.

To keep one more number of Training: its name in KEPT. A callback that remembers something between
epochs has `state` and `restore_state`; see Callback.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..core.arrays import Array
from ..core.callback import overridden
from ..core.errors import ModelFileError
from ..core.training import Training

KEPT = ("epoch", "batch", "step", "total", "weight", "loss", "base_rate", "learning_rate", "within")


@dataclass
class Snapshot:
    """`plain` is what exact.py keeps; `arrays` are copies, or views to be written."""

    plain: dict[str, Any]
    arrays: dict[str, Array]
    file: str = ""  # where it comes from


def snapshot(training: Training, stopped: str = "") -> Snapshot:
    """Of a training of one network between two batches; `stopped` is why it has ended, if so.

    The order of rows of an epoch that has begun is drawn again from where its stream stood then.
    """
    stepper, streams = training.stepper, training.network.streams
    plain: dict[str, Any] = {name: getattr(training, name) for name in KEPT}
    plain |= {"count": stepper.count, "size": stepper.size, "stopped": stopped}
    plain |= {"records": list(training.history), "times": list(training.history.seconds)}
    plain |= {"streams": streams.states(), "began": training.plan.began}
    if training.within:
        plain["streams"][0] = training.order_position
    arrays = {"slots": stepper.slots, "kept": stepper.kept, "parameters": training.parameters}
    plain["callbacks"] = {name: each.state() for name, each in _named(training.plan.callbacks)}
    return Snapshot(plain, arrays)


def remembering(callbacks: Sequence[Any]) -> list[Any]:
    """Those that have a state, be there something in it yet or not."""
    return [each for each in callbacks if overridden([each], "state")]


def _named(callbacks: Sequence[Any]) -> list[tuple[str, Any]]:
    found = enumerate(remembering(callbacks))
    return [(f"{index} {type(each).__name__}", each) for index, each in found]


def restore(training: Training, found: Snapshot) -> None:
    """Let a training that has not begun go on from there.

    Raises ModelFileError, before the network is changed: what a callback remembered does not fit.
    """
    plain, arrays, stepper = found.plain, found.arrays, training.stepper
    for name, callback in _named(training.plan.callbacks):
        try:
            callback.restore_state(plain["callbacks"][name])
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            what = f"the state of {type(callback).__name__} does not fit: {error!r}"
            raise ModelFileError(found.file, "callbacks", what) from None
    for name in KEPT:
        setattr(training, name, plain[name])
    stepper.count, stepper.size = plain["count"], plain["size"]
    stepper.slots[...], stepper.kept[...] = arrays["slots"], arrays["kept"]
    training.parameters[...] = arrays["parameters"]
    training.history.extend(plain["records"])
    training.history.seconds += plain["times"]
    training.network.streams.restore(plain["streams"])
    training.stopped = plain["stopped"]
