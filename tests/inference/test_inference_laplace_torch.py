"""The Laplace posterior against laplace-torch (Daxberger et al. 2021), where it is installed."""

from typing import Any

import numpy as np
import pytest

from glassnet import Network
from glassnet.inference import laplace

torch: Any = pytest.importorskip("torch", reason="needs PyTorch")
theirs: Any = pytest.importorskip("laplace", reason="needs laplace-torch")

pytestmark = pytest.mark.filterwarnings("ignore")
WITHIN = {"rtol": 1e-6, "atol": 1e-9}
CASES = [
    ("regression", [3, 6, 1], [True, True]),
    ("regression", [2, 5, 4, 2], [True, False, True]),
    ("classification", [4, 7, 3], [True, True]),
]


def order(layers: list[int], bias: list[bool]) -> list[int]:
    """Where each of our parameters (those that exist) stands in PyTorch's vector."""
    start, weights, biases = 0, list[int](), list[int]()
    for inputs, outputs, has in zip(layers[:-1], layers[1:], bias, strict=True):
        weights += (start + np.arange(inputs * outputs).reshape(outputs, inputs).T).ravel().tolist()
        start += inputs * outputs
        biases += list(range(start, start + outputs * has))
        start += outputs * has
    return weights + biases


def in_torch(net: Network) -> Any:
    """The same network as a torch module."""
    modules: list[Any] = []
    for weights, biases, has in zip(net.weights, net.biases, net.bias, strict=True):
        linear = torch.nn.Linear(*weights.shape, bias=has, dtype=torch.float64)
        with torch.no_grad():
            linear.weight[...] = torch.from_numpy(weights.T.copy())
            if has:
                linear.bias[...] = torch.from_numpy(biases.copy())
        modules += [linear, torch.nn.Tanh()]
    return torch.nn.Sequential(*modules[:-1])


@pytest.mark.parametrize(("likelihood", "layers", "bias"), CASES)
@pytest.mark.parametrize("subset", ["all", "last_layer"])
def test_posterior_evidence_and_predictions_equal_those_of_laplace_torch(
    likelihood: str, layers: list[int], bias: list[bool], subset: str
) -> None:
    rng = np.random.default_rng(3)
    X, new = rng.normal(size=(40, layers[0])), rng.normal(size=(9, layers[0]))
    flags = likelihood == "classification"
    y = rng.integers(0, layers[-1], 40) if flags else rng.normal(size=(40, layers[-1]))
    loss = "softmax_cross_entropy" if flags else "squared_error"
    net = Network(layers, activation="tanh", loss=loss, bias=bias, dtype="float64", seed=4)
    net.parameters[...] *= 1.5
    noise = None if flags else 0.3
    ours = laplace(net, X, y, prior_precision=0.7, noise=noise, subset=subset)

    pairs = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(y))
    theirs_is = theirs.Laplace(
        in_torch(net),
        likelihood,
        subset_of_weights=subset,
        hessian_structure="full",
        prior_precision=0.7,
        backend=theirs.curvature.BackPackGGN,
        **({} if flags else {"sigma_noise": 0.3}),
    )
    theirs_is.fit(torch.utils.data.DataLoader(pairs, batch_size=16))
    places = order(*((layers, bias) if subset == "all" else (layers[-2:], bias[-1:])))
    precision = theirs_is.posterior_precision.detach().numpy()[np.ix_(places, places)]
    np.testing.assert_allclose(ours.precision, precision, **WITHIN)
    covariance = theirs_is.posterior_covariance.detach().numpy()[np.ix_(places, places)]
    np.testing.assert_allclose(ours.covariance, covariance, **WITHIN)
    evidence = float(theirs_is.log_marginal_likelihood())
    np.testing.assert_allclose(ours.log_marginal_likelihood, evidence, **WITHIN)
    found = ours.predict(new)
    if flags:
        wanted = theirs_is(torch.from_numpy(new), link_approx="probit").detach().numpy()
        np.testing.assert_allclose(found.mean, wanted, **WITHIN)
        return
    mean, variance = (each.detach().numpy() for each in theirs_is(torch.from_numpy(new)))
    np.testing.assert_allclose(found.mean, mean, **WITHIN)
    np.testing.assert_allclose(ours.score_covariance(new)[1], variance, **WITHIN)
