"""How fit scales inputs and targets: bytes, a given scale, mean and spread. Settled at the first
fit, stored with the network, the same when it predicts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_problems import Array, amounts, state, three_classes, yes_or_no

from glassnet import Network

X, Y = three_classes()


def fitted(y: Array, outputs: int, X: Array = X, input_scale: float | None = None) -> Network:
    net = Network([X.shape[1], 4, outputs], input_scale=input_scale, seed=0)
    net.fit(X, y, epochs=2)
    return net


def test_bytes_above_1_are_scaled_by_255_on_the_way_in() -> None:
    images = np.random.default_rng(0).integers(0, 256, (45, 3), dtype=np.uint8)
    net, floats = fitted(Y, 3, images), fitted(Y, 3, (images / 255.0).astype("f4"))
    assert net.input_scaling is not None
    assert (net.input_scaling.source, float(net.input_scaling.scale)) == ("bytes", 1 / 255)
    np.testing.assert_allclose(net.parameters, floats.parameters, atol=1e-6)
    np.testing.assert_allclose(net.predict(images), floats.predict(images / 255.0), atol=1e-6)


def test_bytes_of_0_and_1_are_left_as_they_are() -> None:
    bits = (X > 0).astype(np.uint8)
    net = fitted(Y, 3, bits)
    assert net.input_scaling is not None
    assert net.input_scaling.plain
    np.testing.assert_array_equal(net.predict(bits), net.predict(bits.astype(float)))


@pytest.mark.parametrize("call", ["predict", "classify", "fit", "evaluate", "test_accuracy"])
def test_floats_are_refused_where_bytes_were_learned_and_the_reverse(call: str) -> None:
    images = np.random.default_rng(0).integers(0, 256, (45, 3), dtype=np.uint8)
    rest = () if call in ("predict", "classify") else (Y,)
    of_bytes, of_floats = fitted(Y, 3, images), fitted(Y, 3, images / 255.0)
    with pytest.raises(ValueError, match=r"fitted to bytes \(uint8, 0 .. 255\)"):
        getattr(of_bytes, call)(images / 255.0, *rest)
    with pytest.raises(ValueError, match=r"holds bytes .* was fitted to numbers"):
        getattr(of_floats, call)(images, *rest)


def test_integers_in_the_range_of_bytes_pass_for_bytes() -> None:
    images = np.random.default_rng(0).integers(0, 256, (45, 3), dtype=np.uint8)
    net = fitted(Y, 3, images)
    np.testing.assert_array_equal(net.predict(images.astype(int)), net.predict(images))
    with pytest.raises(ValueError, match="fitted to bytes"):
        net.predict(images.astype(int) + 256)


def test_input_scale_multiplies_the_inputs_of_any_kind() -> None:
    scaled, by_hand = fitted(Y, 3, 100 * X, input_scale=0.01), fitted(Y, 3, X)
    np.testing.assert_allclose(scaled.parameters, by_hand.parameters, atol=1e-5)
    images = np.full((45, 3), 200, np.uint8)
    net = fitted(Y, 3, images, input_scale=0.5)
    assert net.input_scaling is not None
    assert (net.input_scaling.source, float(net.input_scaling.scale)) == ("bytes", 0.5)


def test_standardize_brings_inputs_to_mean_0_and_spread_1_and_targets_of_a_regression_too() -> None:
    X, y = amounts(columns=4, outputs=2)
    X, y = 50.0 + X * [1, 10, 100, 0], 7.0 + 3.0 * y
    net = Network([4, 2], seed=0)
    net.fit(X, y, epochs=1, standardize=True)
    assert net.input_scaling is not None
    assert net.target_scaling is not None
    used = net.scale_inputs(X)
    np.testing.assert_allclose(used.mean(axis=0), 0.0, atol=1e-6)
    np.testing.assert_allclose(used.std(axis=0), [1, 1, 1, 0], atol=1e-6)
    np.testing.assert_allclose(net.target_scaling.offset, y.mean(axis=0))
    np.testing.assert_allclose(1.0 / net.target_scaling.scale, y.std(axis=0))


def test_standardize_leaves_labels_alone() -> None:
    net = Network([3, 3], seed=0)
    net.fit(X, Y, epochs=1, standardize=True)
    assert net.target_scaling is None
    X01, y01 = yes_or_no()
    net = Network([3, 1], seed=0)
    net.fit(X01, y01, epochs=1, standardize=True)
    assert net.target_scaling is None


def test_standardised_predictions_come_back_in_the_users_unit() -> None:
    X, y = amounts(rows=200)
    net = Network([3, 16, 1], seed=0)
    net.fit(X, 1e6 + 1e4 * y, epochs=60, standardize=True, learning_rate=0.1)
    assert net.evaluate(X, 1e6 + 1e4 * y)["r2"] > 0.9


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_with_standardize_units_of_the_inputs_do_not_matter(offset: float, scale: float) -> None:
    first, second = (Network([3, 4, 3], dtype="float64", seed=0) for _ in range(2))
    first.fit(X, Y, epochs=1, standardize=True)
    second.fit(offset + scale * X, Y, epochs=1, standardize=True)
    np.testing.assert_allclose(first.parameters, second.parameters, atol=1e-6)


def test_a_scaling_that_was_settled_is_kept_by_later_fits() -> None:
    net = Network([3, 3], seed=0)
    net.fit(X, Y, epochs=1, standardize=True)
    settled = net.input_scaling
    net.fit(5.0 * X, Y, epochs=1, standardize=True)
    net.fit(5.0 * X, Y, epochs=1)
    assert net.input_scaling is settled


def test_standardize_after_a_fit_without_it_is_refused() -> None:
    net = fitted(Y, 3)
    before = state(net)
    with pytest.raises(ValueError, match="standardize=True comes too late"):
        net.fit(X, Y, standardize=True)
    assert state(net) == before


def test_a_year_keeps_its_decimals_in_float32() -> None:
    years = 2000.0 + np.linspace(0, 1e-3, 45)[:, None]
    net = fitted(Y, 3, years)
    standardised = Network([1, 3], seed=0)
    standardised.fit(years, Y, epochs=1, standardize=True)
    assert len(np.unique(net.scale_inputs(years))) < 45
    assert len(np.unique(standardised.scale_inputs(years))) == 45
