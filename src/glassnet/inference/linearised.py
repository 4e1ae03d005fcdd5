"""A network made linear in its parameters around the present ones, and what rows say of these.

All in float64, whatever the network computes in, and in the digits of triangles.py. What a loss
means as a likelihood is in likelihoods.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.passes import Batch, views
from ..intake.architecture import physical_memory
from ..intake.bounds import at_bounds, existing, fixed, names
from ..intake.data import read_rows, settled
from ..intake.networks import check_network
from ..second_order.jacobian import rows_for, score_jacobian, twin
from ..sources.rows import Rows
from .likelihoods import check_likelihood, count_of, factor_of, fisher_root
from .triangles import root_of

MATRICES = 9
"""Square matrices of all parameters that there are at once, at most."""

LARGEST = 1e75
"""Numbers beyond are refused, in words: what squares and products make of them is not finite."""


class Linearised:
    """A float64 twin of a network, whose scores change with its parameters as `slopes` say.

    Attributes:
        network: the twin. head: the layers whose parameters are looked at: itself, or the last
            layer as a network of its own.
        places: (parameters,) the numbers in `head.parameters` of those that exist (a layer without
            biases has zeros there that are none) and are not known: fixed, or at a bound.
            names: what each is called. at_bounds: the names of those that are not fixed there.
    """

    def __init__(self, network: Any, caller: str, last_layer: bool = False) -> None:
        self.network = self.head = twin(check_network(network))
        self.loss = check_likelihood(network.settled_loss(caller), caller)
        self.before = self.network.passes.stack[:-1] if last_layer else []
        if last_layer:
            weights, biases = self.network.weights[-1], self.network.biases[-1]
            self.head = twin(
                self.network,
                layers=network.layers[-2:],
                activations=(),
                dropout=(),
                bias=network.bias[-1:],
                _parameters=np.concatenate([weights.ravel(), biases]),
            )
        kinds = np.stack([existing(network), at_bounds(network), fixed(network)])
        if last_layer:
            pair = views(network.layers, kinds)[-1]
            kinds = np.concatenate([each.reshape(3, -1) for each in pair], axis=1)
        exists, known, still = kinds
        self.places = np.flatnonzero(exists & ~known)
        if not len(self.places):
            raise ValueError(
                f"{caller} has no parameter to look at: all are fixed, or at a bound. Release "
                "some, network.constrain('all', 'free'), and fit again."
            )
        _refuse_beyond_memory(len(self.places), caller)
        every = np.array(names(self.head.layers, len(network.layers) - len(self.head.layers)))
        self.names: list[str] = every[self.places].tolist()
        self.at_bounds: list[str] = every[exists & known & ~still].tolist()

    @property
    def parameters(self) -> Array:
        """(parameters,) those at `places`."""
        return self.head.parameters[self.places]

    @property
    def unit(self) -> Array:
        """() or (columns,) what a difference of targets is multiplied with for the network."""
        scaling = self.network.target_scaling
        return np.ones(()) if scaling is None else scaling.scale

    def read(self, X: Any, y: Any, sample_weight: Any = None) -> Rows:
        """The rows, checked; nan in numeric targets means unknown."""
        by = settled(self.network)
        return read_rows(self.network, X, y, sample_weight, missing=True, by=by)

    def inputs(self, X: Any) -> Array:
        """(rows, inputs) checked and scaled."""
        return self.network.scale_inputs(self.network.check_inputs(X))

    def scores_and_slopes(self, inputs: Array) -> tuple[Array, Array]:
        """(rows, outputs), and (rows, outputs, parameters) d scores / d parameters."""
        for layer in self.before:
            inputs = layer.apply(inputs)
        slopes = score_jacobian(self.head, inputs)
        if len(self.places) < slopes.shape[-1]:
            slopes = slopes[..., self.places]
        return self.head.passes.scores(inputs), in_range("slopes of the network", slopes)

    def at_once(self) -> int:
        """Rows to go through together: the triangle of a block costs as much as its rows."""
        return rows_for(self.head, max(1 << 18, len(self.places) ** 2))


@dataclass
class Evidence:
    """What a network makes of rows: one pass forward.

    `scores` (rows, outputs), `targets` as the loss takes them, `weights` (rows,), `known` like the
    targets or None. `count` is what the evidence counts for: of squared errors the known targets
    of a weight above 0, of other likelihoods the sum of weights of the known targets.
    """

    linear: Linearised
    rows: Rows
    scores: Array = field(init=False)
    targets: Array = field(init=False)
    weights: Array = field(init=False)
    known: Array | None = field(init=False)
    count: float = field(init=False)

    def __post_init__(self) -> None:
        network, loss = self.linear.network, self.linear.loss
        parts: list[tuple[Array, Batch]] = []
        for batch in self.rows.in_order(network.rows_at_once):
            parts.append((network.passes.scores(batch.inputs), batch))
        self.scores = in_range("scores of the network", np.concatenate([s for s, _ in parts]))
        self.targets = in_range("targets", np.concatenate([batch.targets for _, batch in parts]))
        weights, known = ([getattr(b, name) for _, b in parts] for name in ("weights", "known"))
        self.weights = np.ones(len(self.scores)) if weights[0] is None else np.concatenate(weights)
        self.known = None if known[0] is None else np.concatenate(known)
        self.count = count_of(loss, self.targets, self.weights, self.known)

    def curvature(self, dispersion: Any = 1.0) -> tuple[Array, Array]:
        """(R, slope): R'R is the Fisher information of the parameters, R (at most parameters,
        parameters); slope that of the negative log-likelihood, (parameters,).

        `dispersion`, one or (columns,), is what squared residuals are divided by.
        """
        slope = np.zeros(len(self.linear.places))

        def blocks() -> Iterator[Array]:
            slope[:] = 0.0
            start = 0
            for batch in self.rows.in_order(self.linear.at_once()):
                part = slice(start, start := start + batch.rows)
                yield self._block(batch, self.weights[part, None], dispersion, slope)

        root = root_of(blocks, self.scores.size, len(slope))
        return in_range("slopes of the likelihood", root), slope

    def _block(self, batch: Batch, weights: Array, dispersion: Any, slope: Array) -> Array:
        """(rows x outputs, parameters): B, of which B'B is these rows' share of the information;
        their share of the slope is added to `slope`."""
        linear, loss = self.linear, self.linear.loss
        spread = np.sqrt(np.broadcast_to(dispersion, self.scores.shape[-1:]))
        scores, slopes = linear.scores_and_slopes(batch.inputs)
        down = np.empty_like(scores)
        loss.compute(scores, batch.targets, down, batch.known)
        down *= weights * factor_of(loss, scores) / spread**2
        slope += down.ravel() @ slopes.reshape(-1, len(slope))
        fisher = fisher_root(loss, scores, batch.known)
        if fisher.ndim == 2:
            slopes *= (fisher / spread * np.sqrt(weights))[:, :, None]
        else:
            slopes = np.matmul(fisher * np.sqrt(weights)[:, :, None], slopes)
        return slopes.reshape(-1, len(slope))


def in_range(what: str, values: Array) -> Array:
    """The values, if squares of them, and products of these, stay within float64."""
    most = float(max(values.max(), -values.min()))  # nan, if one is
    if not most < LARGEST:
        raise ValueError(
            f"{what} are not finite for these rows, or too large to be squared: up to {most:.3g}. "
            "The training diverged, or columns are of extreme scale. Call network.reset() and fit "
            "again, with standardize=True or a lower learning_rate."
        )
    return values


def gather(linear: Linearised, X: Any, y: Any, sample_weight: Any = None) -> Evidence:
    """What the network makes of these rows, which are checked."""
    return Evidence(linear, linear.read(X, y, sample_weight))


def _refuse_beyond_memory(parameters: int, caller: str) -> None:
    needed, there = MATRICES * 8 * parameters**2, physical_memory()
    if needed > there:
        raise ValueError(
            f"{caller} of {parameters:,} parameters needs {needed / 2**30:,.1f} GiB for matrices "
            f"of all of them by all; this machine has {there / 2**30:,.1f} GiB. Use "
            "laplace(..., subset='last_layer'), or conformal intervals, which need none."
        )
