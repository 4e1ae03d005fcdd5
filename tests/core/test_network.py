"""Network before and after training: what it is made of, what it predicts, what it is worth.

Training is in test_fit_*.py, wrong calls in tests/intake/test_bad_*.py.
"""

import copy
import pickle
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_problems import amounts, inputs, state, three_classes, yes_or_no

from glassnet import Adam, Network
from glassnet.core.structure import ROWS_AT_ONCE
from glassnet.losses import Pinball

# What it is made of


def test_network_holds_its_sizes_and_settings() -> None:
    net = Network([3, 5, 4, 2], activation=["relu", "tanh"], dropout=[0.1, 0.0], seed=3)
    assert net.layers == (3, 5, 4, 2)
    assert [a.name for a in net.activations] == ["relu", "tanh"]
    assert net.dropout == (0.1, 0.0)
    assert net.bias == (True, True, True)
    assert net.seed == 3
    assert net.loss is None
    assert net.classes is None
    assert net.columns is None
    assert net.input_scaling is None
    assert net.target_scaling is None
    assert net.dtype == np.float32
    assert list(net.history) == []


def test_one_setting_stands_for_all_hidden_layers() -> None:
    net = Network((3, 5, 4, 2), activation="elu", dropout=0.2, bias=False)
    assert [a.name for a in net.activations] == ["elu", "elu"]
    assert net.dropout == (0.2, 0.2)
    assert net.bias == (False, False, False)


def test_sizes_may_come_as_numpy_integers_a_range_or_a_generator() -> None:
    assert Network(np.array([2, 3])).layers == (2, 3)
    assert Network(range(1, 4)).layers == (1, 2, 3)
    assert Network(size for size in (4, 1)).layers == (4, 1)
    assert all(type(size) is int for size in Network(np.array([2, 3])).layers)


def test_settings_may_come_as_numpy_numbers() -> None:
    net = Network([2, 3, 1], dropout=np.float32(0.5), input_scale=np.float64(2), seed=np.int64(1))
    assert net.dropout == (0.5,)
    assert type(net.seed) is int


def test_no_hidden_layer_is_legal() -> None:
    X, y = three_classes()
    net = Network([3, 3], seed=0)
    net.fit(X, y, epochs=60, learning_rate=0.1)
    assert net.activations == ()
    assert net.parameters.size == 12
    assert net.test_accuracy(X, y) > 0.9


def test_parameters_are_one_vector_and_weights_and_biases_are_views_of_it() -> None:
    net = Network([3, 4, 2], seed=0, loss="squared_error")
    assert net.parameters.shape == net.gradients.shape == (3 * 4 + 4 + 4 * 2 + 2,)
    assert [w.shape for w in net.weights] == [(3, 4), (4, 2)]
    assert [b.shape for b in net.biases] == [(4,), (2,)]
    for view in (*net.weights, *net.biases):
        assert np.shares_memory(view, net.parameters)
    X = inputs(5)
    net.weights[0][:] = 0.0
    net.weights[1][:] = 0.0
    net.biases[1][:] = [7.0, -1.0]
    np.testing.assert_array_equal(net.predict(X), np.tile([7.0, -1.0], (5, 1)))


def test_every_parameter_belongs_to_one_weight_or_one_bias() -> None:
    net = Network([3, 4, 2], seed=0)
    net.parameters[...] = np.arange(net.parameters.size)
    parts = np.concatenate([part.ravel() for part in (*net.weights, *net.biases)])
    assert sorted(parts) == list(range(net.parameters.size))


def test_biases_start_at_zero_and_weights_do_not() -> None:
    net = Network([3, 4, 2], seed=0)
    assert not any(bias.any() for bias in net.biases)
    assert all(weights.all() for weights in net.weights)


def test_a_layer_without_bias_has_zeros_that_stay_zeros() -> None:
    X, y = amounts()
    net = Network([3, 4, 1], bias=[False, True], seed=0)
    net.fit(X, y, epochs=3)
    assert not net.biases[0].any()
    assert net.biases[1].any()


@pytest.mark.parametrize(
    ("activation", "named"),
    [("relu", "he_normal"), ("tanh", "glorot_uniform"), ("selu", "lecun_normal")],
)
def test_auto_initializer_goes_by_the_activation(activation: str, named: str) -> None:
    auto = Network([3, 4, 1], activation=activation, seed=0)
    chosen = Network([3, 4, 1], activation=activation, initializer=named, seed=0)
    np.testing.assert_array_equal(auto.weights[0], chosen.weights[0])


def test_seeds_decide_the_initial_parameters() -> None:
    first, second, third = (Network([3, 4, 2], seed=seed).parameters for seed in (1, 1, 2))
    assert (first == second).all()
    assert (first != third).any()
    assert (Network([3, 4, 2], seed=2**40).parameters != first).any()
    assert (Network([3, 4, 2]).parameters != Network([3, 4, 2]).parameters).any()


@pytest.mark.parametrize("dtype", ["float32", "float64", np.float32, np.dtype("float64")])
def test_dtype_is_kept_in_parameters_gradients_and_predictions(dtype: object) -> None:
    X, y = amounts()
    net = Network([3, 4, 1], dtype=dtype, dropout=0.3, seed=0)
    net.fit(X.astype("f4"), y, epochs=2, batch_size=7, standardize=True, weight_decay=0.1)
    wanted = np.dtype(dtype)  # type: ignore[call-overload]  # NumPy takes any text
    assert {net.dtype, net.parameters.dtype, net.gradients.dtype} == {wanted}
    assert net.predict(X.astype("f8")).dtype == wanted
    assert net.predict(np.ones((3, 3), int)).dtype == wanted


# Starting anew


def test_reset_gives_the_initial_parameters_and_streams_and_forgets_the_history() -> None:
    X, y = yes_or_no()
    net = Network([3, 4, 1], dropout=0.2, seed=4)
    fresh = net.parameters.copy()
    first = net.fit(X, y, epochs=3)
    trained = net.parameters.copy()
    assert net.reset() is net
    assert list(net.history) == []
    np.testing.assert_array_equal(net.parameters, fresh)
    assert net.fit(X, y, epochs=3) == first
    np.testing.assert_array_equal(net.parameters, trained)


def test_reset_keeps_what_data_settled() -> None:
    X, y = amounts()
    net = Network([3, 4, 1], seed=4)
    net.fit(X, y, epochs=1, standardize=True)
    settled = (net.loss, net.input_scaling, net.target_scaling)
    net.reset()
    assert (net.loss, net.input_scaling, net.target_scaling) == settled


def test_reset_without_a_seed_starts_elsewhere() -> None:
    net = Network([3, 4, 1])
    before = net.parameters.copy()
    assert (net.reset().parameters != before).any()


# Predicting


def test_predict_equals_the_formula_written_out() -> None:
    net = Network([3, 4, 5], activation="relu", loss="softmax_cross_entropy", dtype="float64")
    net.biases[0][:] = [0.1, -0.2, 0.3, 0.0]
    X = inputs(6)
    hidden = np.maximum(X @ net.weights[0] + net.biases[0], 0.0)
    powers = np.exp(hidden @ net.weights[1] + net.biases[1])
    wanted = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(net.predict(X), wanted, rtol=1e-12)


def test_one_logistic_output_gives_the_probability_of_class_1() -> None:
    X, y = yes_or_no(200)
    net = Network([3, 1], seed=0)
    net.fit(X, y, epochs=50, learning_rate=0.1)
    outputs = net.predict(X)
    assert outputs.shape == (200, 1)
    assert outputs[y == 1].min() > 0.3 > outputs[y == 0].mean()


def test_a_gaussian_likelihood_predicts_means_then_variances_in_the_users_unit() -> None:
    X = inputs(400)
    y = 500.0 + 20.0 * np.random.default_rng(1).normal(size=400)
    net = Network([3, 2], loss="gaussian", seed=0)
    net.fit(X, y, epochs=60, standardize=True, learning_rate=0.02)
    means, variances = net.predict(X).T
    assert abs(means.mean() - 500.0) < 5.0
    assert 250.0 < variances.mean() < 600.0


def test_several_quantiles_are_sorted_in_every_row() -> None:
    net = Network([3, 4, 6], loss=Pinball((0.1, 0.5, 0.9)), seed=0)
    by_level = net.predict(inputs(50)).reshape(50, 3, 2)
    assert (np.diff(by_level, axis=1) >= 0).all()


@pytest.mark.parametrize(("dtype", "within"), [("float32", 1e-6), ("float64", 1e-12)])
def test_predictions_do_not_depend_on_the_size_of_the_batch(dtype: str, within: float) -> None:
    X = inputs(ROWS_AT_ONCE + 300, 5)
    net = Network([5, 16, 3], loss="softmax_cross_entropy", dtype=dtype, seed=0)
    whole = net.predict(X)
    for size in (1, 7, 600):
        parts = [net.predict(X[i : i + size]) for i in range(0, min(len(X), 40 * size), size)]
        joined = np.concatenate(parts)
        np.testing.assert_allclose(joined, whole[: len(joined)], atol=within, rtol=0)


@given(st.integers(1, 30), st.integers(1, 30))
def test_predict_of_a_concatenation_is_the_concatenation_of_predictions(m: int, n: int) -> None:
    net = Network([3, 4, 1], loss="squared_error", dtype="float64", seed=0)
    A, B = inputs(m, seed=1), inputs(n, seed=2)
    both = net.predict(np.concatenate([A, B]))
    np.testing.assert_allclose(
        both, np.concatenate([net.predict(A), net.predict(B)]), rtol=1e-12, atol=1e-12
    )


def test_predicting_changes_neither_the_inputs_nor_the_network() -> None:
    X, y = amounts()
    net = Network([3, 1], seed=0)
    net.fit(X, y, epochs=1, standardize=True)
    before, given_inputs = state(net), X.copy()
    net.predict(X)
    net.evaluate(X, y)
    assert state(net) == before
    np.testing.assert_array_equal(X, given_inputs)


def test_dropout_plays_no_part_in_predicting() -> None:
    net = Network([3, 40, 1], dropout=0.9, loss="squared_error", seed=0)
    X = inputs(5)
    np.testing.assert_array_equal(net.predict(X), net.predict(X))
    without = Network([3, 40, 1], loss="squared_error", seed=0)
    np.testing.assert_array_equal(net.predict(X), without.predict(X))


@pytest.mark.parametrize("name", ["predict", "classify"])
def test_predicting_before_the_loss_is_settled_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"needs a loss.*settled by the first fit"):
        getattr(Network([3, 1]), name)(inputs(2))


def test_predicting_before_fit_works_where_the_loss_was_named_and_uses_the_input_scale() -> None:
    X = inputs(4)
    scaled = Network([3, 1], loss="squared_error", input_scale=0.5, seed=0)
    plain = Network([3, 1], loss="squared_error", seed=0)
    np.testing.assert_allclose(scaled.predict(X), plain.predict(0.5 * X), rtol=1e-6)


def test_two_threads_predict_the_same_while_a_third_trains_another_network() -> None:
    X, y = three_classes(300)
    net = Network([3, 8, 3], loss="softmax_cross_entropy", seed=0)
    wanted, found = net.predict(X), []
    busy = threading.Thread(target=Network([3, 8, 3], seed=0).fit, args=(X, y))
    readers = [
        threading.Thread(target=lambda: found.extend(net.predict(X) for _ in range(20)))
        for _ in range(2)
    ]
    for thread in (busy, *readers):
        thread.start()
    for thread in (busy, *readers):
        thread.join()
    assert len(found) == 40
    assert all((each == wanted).all() for each in found)


def test_predicting_in_a_thread_during_training_gives_finite_numbers_and_does_not_disturb() -> None:
    X, y = three_classes(300)
    net, alone = Network([3, 8, 3], seed=0), Network([3, 8, 3], seed=0)
    net.fit(X, y, epochs=1)
    alone.fit(X, y, epochs=1)
    seen: list[bool] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(bool(np.isfinite(net.predict(X)).all()))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        net.fit(X, y, epochs=10, batch_size=10)
    finally:
        done.set()
        reader.join()
    alone.fit(X, y, epochs=10, batch_size=10)
    assert seen
    assert all(seen)
    np.testing.assert_array_equal(net.parameters, alone.parameters)


# Copies


def fitted() -> Network:
    X, y = three_classes()
    net = Network([3, 6, 3], dropout=0.2, classes=["a", "b", "c"], seed=0)
    net.fit(X, np.array(["a", "b", "c"])[y], epochs=2, standardize=True)
    return net


@pytest.mark.parametrize("way", ["deepcopy", *range(2, pickle.HIGHEST_PROTOCOL + 1)])
def test_copies_and_pickles_predict_and_train_on_identically(way: str | int) -> None:
    X, y = three_classes()
    text = np.array(["a", "b", "c"])[y]
    net = fitted()
    twin = copy.deepcopy(net) if way == "deepcopy" else pickle.loads(pickle.dumps(net, int(way)))
    assert state(twin) == state(net)
    np.testing.assert_array_equal(twin.predict(X), net.predict(X))
    assert twin.fit(X, text, epochs=2, optimizer=Adam()) == net.fit(
        X, text, epochs=2, optimizer=Adam()
    )
    assert state(twin)["parameters"] == state(net)["parameters"]
    assert not np.shares_memory(twin.parameters, net.parameters)
    assert np.shares_memory(twin.weights[0], twin.parameters)


def test_history_of_a_copy_keeps_its_extra_attributes() -> None:
    net = fitted()
    twin = pickle.loads(pickle.dumps(net))
    assert twin.history.stopped == net.history.stopped == "all epochs done"
    assert twin.history.environment == net.history.environment
    assert len(twin.history.seconds) == 2


def test_a_shallow_copy_predicts_the_same() -> None:
    net = fitted()
    np.testing.assert_array_equal(copy.copy(net).predict(inputs(4)), net.predict(inputs(4)))


def test_a_network_goes_through_joblib(tmp_path: object) -> None:
    joblib = pytest.importorskip("joblib")
    net = fitted()
    joblib.dump(net, f"{tmp_path}/net.joblib")
    twin = joblib.load(f"{tmp_path}/net.joblib")
    np.testing.assert_array_equal(twin.predict(inputs(4)), net.predict(inputs(4)))


def test_own_class_derived_from_network_keeps_its_class() -> None:
    net = pickle.loads(pickle.dumps(OwnNetwork([2, 1], seed=0)))
    assert type(net) is OwnNetwork
    assert repr(net).startswith("<OwnNetwork [2, 1]")


class OwnNetwork(Network):
    """At module level, so that it can be pickled."""
