"""What many columns are solved by keeps the digits of orthogonal steps, and gives way to them."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from glassnet import Network
from glassnet.inference import laplace, summarize, triangles
from glassnet.inference.triangles import MANY, by_products, invert, root_of

Array = NDArray[Any]


def matrix(condition: float, rows: int = 500, columns: int = MANY) -> Array:
    """Singular values from 1 down to 1 / condition, columns of very different lengths."""
    draw = np.random.default_rng(0)
    left, right = (np.linalg.qr(draw.normal(size=(n, columns)))[0] for n in (rows, columns))
    made = left * np.geomspace(1.0, 1.0 / condition, columns) @ right.T
    return np.asarray(made * np.geomspace(1e-6, 1e6, columns))


def blocks(made: Array) -> Callable[[], Iterator[Array]]:
    return lambda: iter(np.array_split(made, 4))


@pytest.mark.parametrize("condition", [1.0, 1e3, 1e5])
def test_two_choleskys_keep_the_digits_of_orthogonal_steps(condition: float) -> None:
    made = matrix(condition)
    found, exact = by_products(blocks(made), MANY), np.linalg.qr(made, mode="r")
    assert found is not None
    one, other = (np.linalg.norm(invert(root, 500).root, axis=1) for root in (found, exact))
    np.testing.assert_allclose(one, other, rtol=1e-14 * max(condition, 1e2))
    np.testing.assert_array_equal(root_of(blocks(made), 500, MANY), found)


def near(made: Array) -> Array:
    made[:, 3] = made[:, 4] * (1.0 + 1e-9 * made[:, 5])
    return made


def same(made: Array) -> Array:
    made[:, 3] = made[:, 4]
    return made


def empty(made: Array) -> Array:
    made[:, 3] = 0.0
    return made


def tiny(made: Array) -> Array:
    made[:, 3] *= 1e-160
    return made


def huge(made: Array) -> Array:
    made[:, 3] *= 1e155
    return made


@pytest.mark.parametrize("change", [near, same, empty, tiny, huge])
def test_columns_that_products_would_spoil_get_orthogonal_steps(change: Any) -> None:
    made = change(matrix(10.0))
    with np.errstate(all="ignore"):
        assert by_products(blocks(made), MANY) is None
        found = root_of(blocks(made), 500, MANY)
    lengths = np.maximum(np.linalg.norm(found / 2.0**500, axis=0) * 2.0**500, 1e-300)
    np.testing.assert_allclose(
        (found / lengths).T @ (found / lengths), (made / lengths).T @ (made / lengths), atol=1e-13
    )


def test_fewer_rows_than_columns_are_no_less_right() -> None:
    made = matrix(10.0)[:150]
    found = root_of(blocks(made), 150, MANY)
    scale = np.linalg.norm(made, axis=0)
    np.testing.assert_allclose((found.T @ found) / scale, (made.T @ made) / scale, atol=1e-9)


@pytest.mark.parametrize("condition", [1.0, 1e4, 1e9, 1e14, 1e18])
def test_the_inverse_of_many_columns_is_that_by_singular_values(
    condition: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = np.linalg.qr(matrix(condition), mode="r")
    quick = invert(root, 500)
    monkeypatch.setattr(triangles, "MANY", 10**9)
    slow = invert(root, 500)
    assert quick.rank == slow.rank
    np.testing.assert_array_equal(quick.undetermined, slow.undetermined)
    assert quick.condition == slow.condition or (
        abs(quick.condition / slow.condition - 1.0) < max(1e-4, 1e-15 * condition)
    )
    if condition < 1e10:
        errors = [np.linalg.norm(each.root, axis=1) for each in (quick, slow)]
        np.testing.assert_allclose(*errors, rtol=1e-14 * max(condition, 1e2))


def test_a_zero_on_the_diagonal_leaves_a_column_open() -> None:
    root = np.linalg.qr(matrix(10.0), mode="r")
    root[:, 7] = 0.0
    assert invert(root, 500).undetermined.tolist() == [7]


@pytest.mark.parametrize("loss", ["squared_error", "softmax_cross_entropy"])
def test_a_network_of_many_parameters_has_the_errors_of_the_slow_way(
    loss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(0)
    X = draw.uniform(-1.0, 1.0, (900, 8))
    y: Array = np.tanh(X @ draw.normal(size=8)) + 0.1 * draw.normal(size=900)
    outputs = 1
    if loss != "squared_error":
        y, outputs = (y > 0).astype(int) + (y > 0.5), 3
    net = Network([8, 20, outputs], activation="tanh", loss=loss, dtype="float64", seed=0)
    net.fit(X, y, epochs=3)

    def errors() -> list[Array]:
        found = [laplace(net, X, y).spread.deviations(np.eye(net.parameters.size))]
        return [*found, summarize(net, X, y).standard_errors][: 2 if outputs == 1 else 1]

    quick = errors()
    monkeypatch.setattr(triangles, "MANY", 10**9)
    for one, other in zip(quick, errors(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9)
