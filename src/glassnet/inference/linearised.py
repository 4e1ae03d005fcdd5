"""A network made linear in its parameters around the present ones, and what rows say of these.

All in float64, whatever the network computes in, and never by J'J, which would cost half of the
digits: an orthogonal triangle R with R'R = J'J is carried from block to block. What a loss means
as a likelihood is in likelihoods.py.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..core.checks import show
from ..core.network import Network
from ..core.passes import Batch, views
from ..intake.architecture import physical_memory
from ..intake.data import read_rows, settled
from ..second_order.jacobian import rows_for, score_jacobian
from ..sources.rows import Rows
from .likelihoods import check_likelihood, count_of, factor_of, fisher_root

MATRICES = 8
"""Square matrices of all parameters that there are at once, at most."""


class Linearised:
    """A float64 twin of a network, whose scores change with its parameters as `slopes` say.

    Attributes:
        network: the twin. head: the layers whose parameters are looked at: itself, or the last
            layer as a network of its own.
        places: (parameters,) the numbers in `head.parameters` of those that exist: a layer without
            biases has zeros there that are none. names: what each is called.
    """

    def __init__(self, network: Any, caller: str, last_layer: bool = False) -> None:
        if not isinstance(network, Network):
            raise TypeError(f"network must be a glassnet Network; got {show(network)}.")
        self.loss = check_likelihood(network.settled_loss(caller), caller)
        self.network = self.head = _alike(network)
        self.before = self.network.passes.stack[:-1] if last_layer else []
        if last_layer:
            weights, biases = self.network.weights[-1], self.network.biases[-1]
            self.head = _alike(
                self.network,
                layers=network.layers[-2:],
                activations=(),
                dropout=(),
                bias=network.bias[-1:],
                _parameters=np.concatenate([weights.ravel(), biases]),
            )
        exists = np.ones(len(self.head.parameters), bool)
        for has, (_, biases) in zip(self.head.bias, views(self.head.layers, exists), strict=True):
            biases[:] = has
        self.places = np.flatnonzero(exists)
        _refuse_beyond_memory(len(self.places), caller)
        names = _names(self.head.layers, len(network.layers) - len(self.head.layers))
        self.names = [names[place] for place in self.places]

    @property
    def parameters(self) -> Array:
        """(parameters,) those that exist."""
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
        return self.head.passes.scores(inputs), slopes

    def at_once(self) -> int:
        """Rows to go through together: the triangle of a block costs as much as its rows."""
        return rows_for(self.head, max(1 << 18, 2 * len(self.places) ** 2))


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
        with np.errstate(all="ignore"):
            for batch in self.rows.in_order(network.rows_at_once):
                parts.append((network.passes.scores(batch.inputs), batch))
        self.scores = np.concatenate([scores for scores, _ in parts])
        if not np.isfinite(self.scores).all():
            raise ValueError(
                "network gives values that are not finite for these rows: its training diverged. "
                "Call network.reset() and fit again, with a lower learning_rate."
            )
        self.targets = np.concatenate([batch.targets for _, batch in parts])
        weights, known = ([getattr(b, name) for _, b in parts] for name in ("weights", "known"))
        self.weights = np.ones(len(self.scores)) if weights[0] is None else np.concatenate(weights)
        self.known = None if known[0] is None else np.concatenate(known)
        self.count = count_of(loss, self.targets, self.weights, self.known)

    def curvature(self, dispersion: Any = 1.0) -> tuple[Array, Array]:
        """(R, slope): R'R is the Fisher information of the parameters, R (at most parameters,
        parameters); slope that of the negative log-likelihood, (parameters,).

        `dispersion`, one or (columns,), is what squared residuals are divided by.
        """
        linear, loss = self.linear, self.linear.loss
        spread = np.sqrt(np.broadcast_to(dispersion, self.scores.shape[-1:]))
        root = np.zeros((0, len(linear.places)))
        slope, start = np.zeros(len(linear.places)), 0
        for batch in self.rows.in_order(linear.at_once()):
            scores, slopes = linear.scores_and_slopes(batch.inputs)
            weights = self.weights[start : start + batch.rows, None]
            start += batch.rows
            down = np.empty_like(scores)
            loss.compute(scores, batch.targets, down, batch.known)
            down *= weights * factor_of(loss, scores) / spread**2
            slope += np.einsum("rk,rkp->p", down, slopes)
            fisher = fisher_root(loss, scores, batch.known)
            if fisher.ndim == 2:
                slopes = slopes * (fisher / spread * np.sqrt(weights))[:, :, None]
            else:
                slopes = np.matmul(fisher * np.sqrt(weights)[:, :, None], slopes)
            block = slopes.reshape(-1, slopes.shape[-1])
            root = triangle(root, block)
        return root, slope


def triangle(*blocks: Array) -> Array:
    """R with R'R the sum of B'B over blocks B of rows, (at most columns, columns)."""
    return np.asarray(np.linalg.qr(np.concatenate(blocks), mode="r"))


def gather(linear: Linearised, X: Any, y: Any, sample_weight: Any = None) -> Evidence:
    """What the network makes of these rows, which are checked."""
    return Evidence(linear, linear.read(X, y, sample_weight))


@dataclass
class Spread:
    """How the parameters spread: covariance = root root'; `root` (parameters, rank)."""

    root: Array
    condition: float
    undetermined: Array

    @property
    def rank(self) -> int:
        return int(self.root.shape[1])

    def deviations(self, slopes: Array) -> Array:
        """(...) the standard deviation of what has these slopes (..., parameters)."""
        return np.asarray(np.sqrt(np.square(slopes @ self.root).sum(axis=-1)))


def invert(root: Array, rows: float) -> Spread:
    """The (pseudo-)inverse of R'R, from the singular values of R with columns of length 1.

    `condition` is the ratio of these; `undetermined` the numbers of the parameters that can move
    along with others, or alone, without any change in what is predicted for these rows.
    """
    lengths = np.sqrt(np.square(root).sum(axis=0))
    lengths[lengths == 0] = 1.0
    _, sizes, turned = np.linalg.svd(root / lengths)
    sizes = np.pad(sizes, (0, len(lengths) - len(sizes)))
    limit = max(rows, len(lengths)) * np.finfo(float).eps * sizes[0]
    rank = int(np.count_nonzero(sizes > limit))
    made = (turned[:rank] / sizes[:rank, None] / lengths).T
    condition = float(sizes[0] / sizes[-1]) if rank == len(lengths) else np.inf
    if rank == len(lengths):
        return Spread(made, condition, np.zeros(0, int))
    free = np.linalg.qr((turned[rank:] / lengths).T)[0]
    made = made - free @ (free.T @ made)
    loose = np.square(turned[rank:]).sum(axis=0) > 1e-8
    return Spread(made, condition, np.flatnonzero(loose))


def _alike(network: Network, **changes: Any) -> Network:
    """A float64 network of the same parameters, or of those among the changes."""
    twin = Network.__new__(Network)
    own = {"_parameters": network.parameters.astype(np.float64), "dtype": np.dtype(np.float64)}
    twin.__dict__.update({**network.__dict__, **own, **changes})
    twin._lay_out()
    return twin


def _names(layers: tuple[int, ...], first: int) -> list[str]:
    """'weights[0][2, 1]', of input 2 to unit 1 in layer 0, 'biases[0][1]' ..., of all."""
    pairs = list(enumerate(pairwise(layers), first))
    weights = [f"weights[{n}][{i}, {k}]" for n, (a, b) in pairs for i in range(a) for k in range(b)]
    return weights + [f"biases[{n}][{k}]" for n, (_, b) in pairs for k in range(b)]


def _refuse_beyond_memory(parameters: int, caller: str) -> None:
    needed, there = MATRICES * 8 * parameters**2, physical_memory()
    if needed > there:
        raise ValueError(
            f"{caller} of {parameters:,} parameters needs {needed / 2**30:,.1f} GiB for matrices "
            f"of all of them by all; this machine has {there / 2**30:,.1f} GiB. Use "
            "laplace(..., subset='last_layer'), or conformal intervals, which need none."
        )
