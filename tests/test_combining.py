"""Steps in one pass of the BLAS: the formula, its places, and trainings that use it."""

from typing import Any

import numpy as np
import pytest

from glassnet import SGD, Fleet, Network, blas
from glassnet.optimizers import OPTIMIZERS

FULL_BATCH = [name for name, kind in OPTIMIZERS.items() if kind.full_batch]
needs_openblas = pytest.mark.skipif(
    blas.combiner(np.zeros(blas.LONG)) is None, reason="NumPy's BLAS is not OpenBLAS"
)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors of any length count as long."""
    monkeypatch.setattr(blas, "LONG", 1)


def two(count: int, dtype: Any = "f8") -> tuple[Any, Any]:
    random = np.random.default_rng(count)
    return random.normal(size=count).astype(dtype), random.normal(size=count).astype(dtype)


@needs_openblas
@pytest.mark.parametrize(("dtype", "tolerance"), [("f4", 1e-6), ("f8", 1e-15)])
@pytest.mark.parametrize(("share", "factor"), [(0.9, -0.01), (1.0, 0.5), (1.0, 1.0), (0.0, 2.0)])
def test_combining_is_the_weighted_sum(
    dtype: str, tolerance: float, share: float, factor: float
) -> None:
    values, others = two(blas.LONG + 5, dtype)
    combine = blas.combiner(values)
    assert combine is not None
    wanted = share * values.astype("f8") + factor * others.astype("f8")
    before = others.copy()
    combine(values, share, others, factor)
    np.testing.assert_allclose(values, wanted, rtol=tolerance, atol=tolerance)
    np.testing.assert_array_equal(others, before)


@needs_openblas
@pytest.mark.parametrize("share", [0.9, [[1.0], [0.5], [0.25]]])
def test_members_are_combined_as_each_alone_with_settings_of_their_own(
    short: None, share: Any
) -> None:
    values, others = (each.reshape(3, -1) for each in two(3 * 1003, "f4"))
    factor, alone = np.array([[0.1], [0.2], [0.3]]), values.copy()
    combine = blas.combiner(values)
    assert combine is not None
    shares = np.broadcast_to(np.ravel(share), 3)
    for row in range(3):
        combine(alone[row], shares[row], others[row], factor[row, 0])
    combine(values, np.array(share) if isinstance(share, list) else share, others, factor)
    np.testing.assert_array_equal(values, alone)


@needs_openblas
def test_short_vectors_and_complex_ones_are_left_to_numpy() -> None:
    assert blas.combiner(np.zeros(blas.LONG - 1)) is None
    assert blas.combiner(np.zeros(blas.LONG, complex)) is None
    assert blas.combiner(np.zeros((2, blas.LONG - 1))) is None


@needs_openblas
@pytest.mark.parametrize("name", [*OPTIMIZERS, SGD(0.05, nesterov=True), SGD(0.1, momentum=0.0)])
def test_an_optimizer_goes_the_same_way_in_one_pass_but_for_rounding(
    name: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    X, y = random.normal(size=(60, 5)), random.integers(0, 3, 60)
    ways = []
    for least in (1, 1 << 30):
        monkeypatch.setattr(blas, "LONG", least)
        network = Network([5, 7, 3], dtype="float64", seed=1)
        network.fit(X, y, epochs=3, optimizer=name, batch_size=None)
        ways.append(network.parameters.copy())
    np.testing.assert_allclose(ways[0], ways[1], rtol=1e-9, atol=1e-11)


@needs_openblas
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_members_equal_their_solo_runs_bit_for_bit_in_one_pass_too(
    short: None, name: str, dtype: str
) -> None:
    random = np.random.default_rng(0)
    X, y = random.normal(size=(50, 3)), random.integers(0, 2, 50)
    fleet = Fleet([3, 5, 4, 2], 4, dtype=dtype, seed=1)
    rates = [0.01, 0.02, 0.003, 0.1]
    singles = list(fleet)
    options: dict[str, Any] = {"epochs": 3, "optimizer": name}
    if name not in FULL_BATCH:
        options["batch_size"] = 16
    fleet.fit(X, y, learning_rate=rates, **options)
    for place, single in enumerate(singles):
        single.fit(X, y, learning_rate=rates[place], **options)
        np.testing.assert_array_equal(fleet.parameters[place], single.parameters)


def test_without_openblas_steps_are_numpys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "_library", lambda: None)
    assert blas.combiner(np.zeros(blas.LONG)) is None
    network = Network([300, 80, 2], seed=0)
    network.fit(np.ones((4, 300)), np.array([0, 1, 0, 1]), epochs=1, optimizer="sgd")
    assert np.isfinite(network.parameters).all()


def test_an_openblas_without_these_functions_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "_library", lambda: (object(), "openblas_{}"))
    assert blas.combiner(np.zeros(blas.LONG)) is None
