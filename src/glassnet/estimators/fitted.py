"""The network inside an estimator: made, drawn, taken up again from `coefs_`, asked for outputs.

Its parameters are views of the network's; where others were set, or came out of a pickle, a network
is made for them when it is needed. What is counted in a fit begins in `_begin`.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from ..core.arrays import Array
from ..core.checks import show
from ..core.loss import Loss
from ..core.network import Network
from ..intake.architecture import check_classes, check_memory
from .parameters import activation_of
from .predicting import scores_of
from .reading import in_place, numbers_of

NOT_PICKLED = ("_network", "_views", "_asked")
"""Made again from `coefs_` and `intercepts_` when they are needed."""


class WithNetwork(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What has the parameters of a network as `coefs_` and `intercepts_`."""

    coefs_: list[Array]
    intercepts_: list[Array]
    loss_curve_: list[float]

    def _loss(self, columns: int) -> tuple[Loss, Loss]:
        """The loss to train with, and the one that the network has afterwards."""
        raise NotImplementedError

    def _names_of_outputs(self) -> list[Any] | None:
        """The labels that the outputs stand for, where they do."""
        return None

    def _begin(self, layers: list[int], dtype: Any) -> None:
        """A network with starting weights, and what is counted from 0."""
        self.n_iter_ = self.t_ = self._no_improvement_count = 0
        self.n_layers_, self._memory = len(layers), None
        network = self._made(layers, dtype, self._random_state)
        if self.initializer is None:
            self._draw(network)
        self._show(network)
        self.loss_, self.stopped_ = np.inf, ""
        self.loss_curve_ = []
        self.best_loss_ = None if self.early_stopping else np.inf
        self.validation_scores_ = self.best_validation_score_ = None

    def _made(self, layers: list[int], dtype: Any, random: Any) -> Network:
        try:
            check_memory(layers, np.dtype(dtype))
        except ValueError as error:
            sizes = show(self.hidden_layer_sizes)
            raise ValueError(f"hidden_layer_sizes={sizes} is too large: {error}") from error
        given, seed, self._asked = self.initializer, None, (self.activation, self.dropout)
        if given is not None or np.any(self.dropout):
            seed = int(random.randint(2**31 - 1))
        network = Network(
            layers,
            activation=activation_of(self.activation),
            dropout=self.dropout,
            initializer="zeros" if given is None else given,
            dtype=np.dtype(dtype).name,
            input_scale=1.0,
            seed=seed,
        )
        if given is None:  # drawn in `_draw`; whoever takes it as a recipe starts alike
            network.initializer = "glorot_uniform"
        return network

    def _draw(self, network: Network) -> None:
        """Uniform numbers (Glorot and Bengio 2010, eq. 16), weights then biases, layer by layer."""
        factor = 2.0 if self.activation == "logistic" else 6.0
        for (inputs, outputs), weights, biases in zip(
            pairwise(network.layers), network.weights, network.biases, strict=True
        ):
            bound = np.sqrt(factor / (inputs + outputs))
            weights[...] = self._random_state.uniform(-bound, bound, (inputs, outputs))
            biases[...] = self._random_state.uniform(-bound, bound, outputs)

    def _show(self, network: Network) -> None:
        self.coefs_, self.intercepts_ = list(network.weights), list(network.biases)
        self._views = *self.coefs_, *self.intercepts_
        self._network = network

    def _network_now(self, layers: Any = None) -> Network:
        """The network with the parameters that `coefs_` and `intercepts_` have: those may have
        been set, or come out of a pickle. To train on, `layers`, it has the settings of now."""
        network: Network | None = self.__dict__.get("_network")
        asked = self.activation, self.dropout
        mine = (*self.coefs_, *self.intercepts_)
        same = network and all(a is b for a, b in zip(mine, self._views, strict=True))
        found = [len(self.coefs_[0]), *(np.shape(each)[1] for each in self.coefs_)]
        if layers is not None and found != layers:
            raise ValueError(
                f"the model that is to go on has layers of {found}; hidden_layer_sizes and the "
                f"data ask for {layers}. Leave them as they were, or fit with warm_start=False."
            )
        if network and same and (layers is None or self._asked == asked):
            return network
        # To predict takes nothing from the random numbers of a training that may be under way.
        random = check_random_state(0) if layers is None else self._random_state
        single = np.asarray(self.coefs_[0]).dtype == np.float32
        made = self._made(found, np.float32 if single else np.float64, random)
        for view, given in zip((*made.weights, *made.biases), mine, strict=True):
            if view.shape != np.shape(given):
                shapes = [np.shape(each) for each in mine]
                raise ValueError(f"coefs_ and intercepts_ do not fit together: {shapes}.")
            view[...] = given
        self._show(made)
        return made

    @property
    def network_(self) -> Network:
        """The network itself, for `save_model`, `export` and `summary`; its parameters are those of
        `coefs_` and `intercepts_`. Raises NotFittedError before `fit`."""
        check_is_fitted(self)
        network = self._network_now()
        network.loss = self._loss(1)[1]
        names = getattr(self, "feature_names_in_", None)
        network.columns = None if names is None else {"names": names.tolist()}
        network.classes = check_classes(self._names_of_outputs(), network.layers[-1])
        return network

    # Predicting

    def _validated(self, X: Any) -> Any:
        X = numbers_of("X", X)
        with in_place(X=X):
            return validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)

    def _is_like(self, X: Any) -> bool:
        """Whether X is surely what `fit` would take, if its numbers are finite: scikit-learn's look
        at a few rows costs more than the network."""
        like = type(X) is np.ndarray and X.ndim == 2 and not hasattr(self, "feature_names_in_")
        return bool(
            like
            and X.dtype == np.asarray(self.coefs_[0]).dtype
            and X.shape[1] == self.n_features_in_
            and len(X)
        )

    def _scores_for(self, X: Any) -> Array:
        """(rows, outputs) of the last layer for X as users have it."""
        check_is_fitted(self)
        network = self._network_now()
        if self._is_like(X):
            scores = scores_of(network, X, suspect=lambda: self._validated(X))
        else:
            scores = scores_of(network, self._validated(X))
        return self._certain(scores)

    def _certain(self, outputs: Array) -> Array:
        if np.isnan(outputs).any():
            raise ValueError(
                f"the network gives nan: X has values too large for its {outputs.dtype}. Scale "
                "them as those it was fitted to."
            )
        return outputs

    def _outputs_for(self, X: Any) -> Array:
        """(rows, outputs) of the network for X as users have it."""
        return self._certain(self._linked(self._scores_for(X)))

    def _predicted(self, X: Any) -> Array:
        """(rows, outputs) of the network for checked X, dense or sparse."""
        return self._linked(scores_of(self._network_now(), X))

    def _linked(self, scores: Array) -> Array:
        with np.errstate(all="ignore"):
            return np.ascontiguousarray(self._loss(1)[1].link(scores))

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {k: v for k, v in state.items() if k not in NOT_PICKLED}
