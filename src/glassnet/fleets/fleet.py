"""Fleet: many networks of one shape, trained together in one computation.

The mathematics is that of one network with a leading axis of members (core/passes.py), the loop
that of core/training.py with a number for each member (training.py).
"""

import copy
from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np

from ..core.arrays import Array, put_within
from ..core.checks import show
from ..core.doors import door
from ..core.loss import Loss
from ..core.network import Network
from ..core.random import Streams, spawn_each
from ..core.structure import Structure
from .history import FleetHistory

COMMON = (
    "layers",
    "activations",
    "bias",
    "bounds",
    "initializer",
    "loss",
    "classes",
    "columns",
    "input_scale",
    "input_scaling",
    "target_scaling",
    "dtype",
)
"""What all members have in common."""


class Fleet(Structure):
    """Many networks: `Fleet([2, 8, 1], members=64)` has 64 members with 2 inputs and 1 output.

    Args:
        layers, activation, loss, initializer, bias, classes, input_scale, dtype: see Network.
        members: how many, at least 1.
        dropout: as in Network, or an array (members,) with a rate for each member.
        initializer_scale: what initial weights are multiplied with, above 0; one, or (members,).
        seed: an integer, from which each member gets one of its own (`seeds`), a list of these
            (members,), or None. The order of rows, which members share, goes by the first.
        own_order: give each member an order of rows of its own, from its seed; slower.

    `fleet[i]` is a Network, a copy of member i; `fleet[2:5]` a Fleet of copies. Trained further,
    `fleet[i]` goes the way of member i, to the last bit; of 64 and more tiny ones, whose first
    layers are one product, to the last digits.

    Raises:
        ValueError, TypeError: an argument is not as above, or needs more memory than there is.
    """

    seeds: tuple[int | None, ...]
    own_order: bool
    history: FleetHistory

    def __init__(
        self,
        layers: Sequence[int],
        members: int,
        *,
        activation: Any = "leaky_relu",
        loss: str | Loss = "auto",
        dropout: Any = 0.0,
        initializer: str = "auto",
        initializer_scale: Any = 1.0,
        bias: bool | Sequence[bool] = True,
        classes: Sequence[Any] | None = None,
        input_scale: float | None = None,
        dtype: Any = "float32",
        seed: Any = None,
        own_order: bool = False,
    ) -> None:
        super().__init__(layers, locals())

    def reset(self) -> Self:
        """Start anew; see Network."""
        super().reset()
        self.history = FleetHistory(len(self))
        return self

    def _spawn(self) -> Streams:
        return spawn_each(self.seed, self.seeds)

    def __len__(self) -> int:
        return self.lead[0]

    def __iter__(self) -> Iterator[Network]:
        return (self.member(number) for number in range(len(self)))

    def __getitem__(self, which: Any) -> Any:
        numbers = self._numbers(which)
        if np.ndim(numbers) == 0:
            return self.member(int(numbers))
        part = copy.deepcopy(self.take(numbers))
        part.history = self.history.take(numbers)
        return part

    def _numbers(self, which: Any) -> Any:
        """The number of one member, or an array of the numbers of some."""
        try:
            numbers = np.arange(len(self))[which]
        except (IndexError, TypeError, ValueError):  # the words of NumPy's are about arrays
            numbers = np.empty(0)
        if np.ndim(numbers) > 1 or not np.size(numbers):
            raise IndexError(
                f"{show(which)} is no member of a fleet of {len(self)}: give a number below that, "
                "a slice or list that holds at least one, or a mask of all."
            )
        return numbers

    @classmethod
    def starts(cls, network: Network, members: int) -> Self:
        """A fleet whose member 0 is the network, with its random streams themselves; the others
        start anew, from seeds that its stream of parameters gives."""
        fleet = cls.__new__(cls)
        fleet.__dict__.update({name: getattr(network, name) for name in COMMON})
        fleet.lead, fleet.own_order, fleet.dropout = (members,), False, network.dropout
        fleet.initializer_scale = network.initializer_scale
        further = network.streams.parameters[0].raw(members - 1).tolist()
        fleet.seed, fleet.seeds = network.seed, (network.seed, *further)
        fleet._parameters = np.zeros((members, len(network.parameters)), network.dtype)
        fleet.reset()
        fleet._scatter_biases()
        put_within(fleet.parameters, fleet.bounds, mirrored=True)
        fleet.parameters[0] = network.parameters
        own, theirs = network.streams, fleet.streams.of_members(range(1, members))
        fleet.streams = fleet.streams._replace(
            order=own.order,
            parameters=own.parameters + theirs.parameters,
            dropout=own.dropout + theirs.dropout,
        )
        fleet._lay_out()
        return fleet

    def _scatter_biases(self) -> None:
        """Biases of hidden layers anywhere within 1 / sqrt(inputs), as PyTorch draws them.

        With biases of 0 the kinks of all units go through the origin at first. Of starts with two
        hidden units 44 % then solve XOR in 2,000 steps instead of 36 %.
        """
        for inputs, biases, has in zip(self.layers, self.biases[:-1], self.bias, strict=False):
            for own, stream in zip(biases, self.streams.parameters, strict=True):
                if has:
                    own[...] = (2.0 * stream.uniform(own.shape) - 1.0) * inputs**-0.5

    def member(self, number: int) -> Network:
        """A Network of its own: a copy of one member."""
        single = Network.__new__(Network)
        single.__dict__.update({name: copy.copy(getattr(self, name)) for name in COMMON})
        single.seed = self.seeds[number]
        single.dropout = tuple(float(_of(rate, number)) for rate in self.dropout)
        single.initializer_scale = float(_of(self.initializer_scale, number))
        single.history = self.history.member(number)
        single._parameters = self.parameters[number].copy()
        streams = self.streams.of_members([number])
        order = streams.own_orders[0] if self.own_order else streams.order
        single.streams = single._spawn()
        single.streams.restore(
            [stream.state for stream in (order, *streams.parameters, *streams.dropout)]
        )
        single._lay_out()
        return single

    def take(self, members: Array) -> "Fleet":
        """Some members, with parameters of their own; the random streams are the same objects."""
        chosen = Fleet.__new__(Fleet)
        chosen.__dict__.update({name: getattr(self, name) for name in COMMON})
        chosen.lead, chosen.own_order = (len(members),), self.own_order
        chosen.seed, chosen.seeds = self.seed, tuple(self.seeds[i] for i in members)
        chosen.dropout = tuple(_of(rate, members) for rate in self.dropout)
        chosen.initializer_scale = _of(self.initializer_scale, members)
        chosen.history = FleetHistory(len(members))
        chosen._parameters = self.parameters[members]
        chosen.streams = self.streams.of_members(members)
        chosen._lay_out()
        return chosen

    def fit(self, X: Any, y: Any = None, **options: Any) -> FleetHistory:
        """Train all members; gives the history of this call, with arrays (members,).

        X, y and the options are those of Network.fit, but `restarts`. These may differ:
        `learning_rate`, `weight_decay` and the settings of an optimizer may be lists (members,),
        `sample_weight` an array (members, rows), in validation_data too: a row of weight 0 is not
        seen. Early stopping and `target_loss` go by each member's own values; a member that
        diverges keeps its last finite parameters: see `history.reasons`. Members are trained in
        groups that fit the cache; hooks get each group's training, of large members a Network's.

        Raises:
            ValueError, TypeError: an argument is not right; nothing was changed.
            DivergenceError: all members diverged.
            KeyboardInterrupt: Ctrl-C, after the batch; those whose turn had not come are untrained.
        """
        history: FleetHistory = door("fit_fleet")(self, X, y, **options)
        return history

    def mean_and_spread(self, X: Any) -> tuple[Array, Array]:
        """Mean and standard deviation over the members of what they predict: (rows, outputs)."""
        outputs = self.predict(X)
        return outputs.mean(axis=0), outputs.std(axis=0)

    def evaluate(
        self, X: Any, y: Any, *, sample_weight: Any = None, metrics: Any = None
    ) -> dict[str, Array]:
        """{"loss": (members,), metric: (members,)}; see Network.evaluate."""
        values: dict[str, Array] = door("evaluate")(self, X, y, sample_weight, metrics)
        return values

    def best(self, X: Any, y: Any, *, sample_weight: Any = None) -> Network:
        """A copy of the member with the lowest loss on these rows."""
        losses = self.evaluate(X, y, sample_weight=sample_weight, metrics=())["loss"]
        return self.member(lowest(losses))

    def save_model(self, path: Any) -> None:
        """Write all that `predict` needs to one file; its suffix names the format: .safetensors."""
        door("save")(self, path)

    def load_model(self, path: Any, *, custom: dict[str, Any] | None = None) -> Self:
        """Take over a saved fleet of the same layers and as many members; on failure nothing
        changes. See Network.load_model; `glassnet.load(path)` makes a new fleet."""
        door("load_into")(self, path, custom=custom)
        return self

    def summary(self) -> str:
        """A table of the layers of each member, and what was settled."""
        return str(door("summary")(self))

    def __repr__(self) -> str:
        return str(door("repr")(self))


def lowest(losses: Array) -> int:
    """The place of the lowest loss; nan is never the lowest."""
    return int(np.argmin(np.where(np.isnan(losses), np.inf, losses)))


def _of(setting: Any, members: Any) -> Any:
    """A setting, a number or an array (members,), of some of them."""
    return setting[members] if isinstance(setting, np.ndarray) else setting
