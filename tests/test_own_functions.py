"""OwnActivation and OwnLoss: what is told when they are made, and when they are called."""

from typing import Any

import numpy as np
import pytest

from glassnet import Network, OwnActivation, OwnLoss
from glassnet.core.arrays import Array


def twice(*arrays: Array) -> Array:
    return np.asarray(2.0 * arrays[0])


def summed(*arrays: Array) -> Array:
    return np.asarray(arrays[0].sum(axis=0))


def fit(**settings: Any) -> None:
    X = np.linspace(-1.0, 1.0, 12).reshape(6, 2)
    Network([2, 3, 1], seed=0, **settings).fit(X, X[:, 0], epochs=1)


@pytest.mark.parametrize("name", ["relu", "", 3, None])
def test_the_name_of_an_own_activation_is_its_own(name: Any) -> None:
    with pytest.raises(ValueError, match=r"name must be text, not one of identity, relu.*; got"):
        OwnActivation(name, twice, twice)


@pytest.mark.parametrize("name", ["squared_error", "", 3])
def test_the_name_of_an_own_loss_is_its_own(name: Any) -> None:
    with pytest.raises(ValueError, match=r"name must be text, not one of squared_error.*; got"):
        OwnLoss(name, twice, twice)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_functions_can_be_called(place: int) -> None:
    given: list[Any] = [twice, twice, twice]
    given[place] = "twice"
    names = ("values", "gradient", "output")
    with pytest.raises(TypeError, match=f"{names[place]} of 'own' must be a function; got 'twice'"):
        OwnLoss("own", *given)
    if place < 2:
        names = ("function", "derivative", "")
        with pytest.raises(TypeError, match=f"{names[place]} of 'own' must be a function"):
            OwnActivation("own", *given[:2])


def test_the_initializer_of_an_own_activation_is_known() -> None:
    with pytest.raises(ValueError, match=r"initializer must be one of he_normal.*'he_normal'\?"):
        OwnActivation("own", twice, twice, "he_norml")
    fit(activation=OwnActivation("own", twice, twice, "lecun_uniform"))


def twice_of(scores: Any, targets: Any) -> Any:
    return 2.0 * (scores - targets)


def summed_rows(scores: Any) -> Any:
    return scores.sum(axis=0, keepdims=True)


@pytest.mark.parametrize("part", ["function", "derivative"])
def test_an_own_activation_of_the_wrong_shape_is_named_with_both_shapes(part: str) -> None:
    functions: dict[str, Any] = {"function": twice, "derivative": twice, part: summed}
    words = rf"{part} of 'own' must give one number .* shape \(\d, 3\); it gave shape \(3,\)"
    with pytest.raises(ValueError, match=words):
        fit(activation=OwnActivation("own", **functions))


def test_an_own_output_of_the_wrong_shape_is_named_with_both_shapes() -> None:
    net = Network([3, 1], loss=OwnLoss("own", twice_of, twice_of, summed_rows), seed=0)
    words = r"output of 'own' must give one number .* shape \(5, 1\); it gave shape \(1, 1\)"
    with pytest.raises(ValueError, match=words):
        net.predict(np.ones((5, 3)))


def test_an_own_loss_cannot_write_over_the_targets() -> None:
    def spoil(scores: Any, targets: Any) -> Any:
        targets *= 0.0
        return scores - targets

    y = np.ones((6, 1))
    net = Network([3, 1], loss=OwnLoss("own", twice_of, spoil), dtype="float64", seed=0)
    with pytest.raises(ValueError, match="read-only"):
        net.fit(np.ones((6, 3)), y, epochs=1, batch_size=6)
    assert (y == 1.0).all()


@pytest.mark.parametrize("part", ["values", "gradient"])
def test_an_own_loss_of_the_wrong_shape_is_named_with_both_shapes(part: str) -> None:
    functions: dict[str, Any] = {"values": twice, "gradient": twice, part: summed}
    words = rf"{part} of 'own' must give one number .* shape \(6, 1\); it gave shape \(1,\)"
    with pytest.raises(ValueError, match=words):
        fit(loss=OwnLoss("own", **functions))
